"""Dropout: random elements, channels or examples are set to zero while training.

Masks are drawn by `zkynet.random`, so the same seed drops the same places on every backend and device. A mask is kept
as booleans for the way back. What is dropped is multiplied by zero, as in PyTorch: a NaN or an infinity there is not
hidden but gives NaN.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet import random
from zkynet._typing import Array
from zkynet.backend.registry import get_backend, use_backend
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.standardizing import narrow, wide
from zkynet.ops.activations import SELU_ALPHA, SELU_SCALE
from zkynet.ops.arguments import flag, number
from zkynet.ops.define import op
from zkynet.tensor import Tensor

__all__ = [
    "alpha_dropout",
    "drop_path",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
]


@op(name="nn.masked", kinds="real float")
def masked(xp: Any, x: Array, mask: Any, scale: float) -> Array:
    """``x * mask * scale``; the mask holds booleans, is no tensor, and broadcasts to `x`."""
    wide_x = wide(xp, x)
    return narrow(xp, wide_x * (xp.astype(mask, wide_x.dtype) * scale), x)


@masked.gradient("x")
def _(xp: Any, g: Any, mask: Any, scale: float) -> Any:
    return xp.nn.masked(g, mask, scale)


@op(name="nn.masked_alpha", kinds="real float")
def masked_alpha(xp: Any, x: Array, mask: Any, dropped: float, scale: float, shift: float) -> Array:
    """``scale * (x * mask + dropped * (1 - mask)) + shift``."""
    wide_x = wide(xp, x)
    kept = xp.astype(mask, wide_x.dtype)
    return narrow(xp, wide_x * (kept * scale) + (kept * (-dropped * scale) + (dropped * scale + shift)), x)


@masked_alpha.gradient("x")
def _(xp: Any, g: Any, mask: Any, scale: float) -> Any:
    return xp.nn.masked(g, mask, scale)


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each element to zero with probability `p` and multiply the others by ``1 / (1 - p)``.

    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014).

    Args:
        input: floats of any shape.
        p: the probability to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> y = zk.nn.functional.dropout(zk.ones(1000), p=0.2)
        >>> sorted({round(value, 4) for value in y.tolist()})
        [0.0, 1.25]
    """
    return _dropped("dropout", input, p, training, 0, generator)


def dropout1d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each channel of each example to zero with probability `p` and multiply the others by ``1 / (1 - p)``.

    Args:
        input: floats of shape ``(N, C, L)`` or ``(C, L)``.
        p: the probability of a channel to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.dropout1d(zk.ones((8, 3, 4))).shape
        (8, 3, 4)
    """
    return _dropped("dropout1d", input, p, training, _channel_axes("dropout1d", input, (2, 3), 3), generator)


def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each channel of each example to zero with probability `p` and multiply the others by ``1 / (1 - p)``.

    Args:
        input: floats of shape ``(N, C, H, W)``, or ``(N, C, L)``; a single image needs ``x[None]``.
        p: the probability of a channel to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.dropout2d(zk.ones((8, 3, 4, 4))).shape
        (8, 3, 4, 4)
    """
    return _dropped("dropout2d", input, p, training, _channel_axes("dropout2d", input, (3, 4), 3), generator)


def dropout3d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each channel of each example to zero with probability `p` and multiply the others by ``1 / (1 - p)``.

    Args:
        input: floats of shape ``(N, C, D, H, W)`` or ``(C, D, H, W)``.
        p: the probability of a channel to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.dropout3d(zk.ones((8, 3, 4, 4, 4))).shape
        (8, 3, 4, 4, 4)
    """
    return _dropped("dropout3d", input, p, training, _channel_axes("dropout3d", input, (4, 5), 5), generator)


def drop_path(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each example to zero with probability `p` and multiply the others by ``1 / (1 - p)``: stochastic depth.

    It is put on the branch of a residual block: ``x + drop_path(f(x), p)``; Huang and others, Deep networks with
    stochastic depth (2016).

    Args:
        input: floats of shape ``(N, *)``.
        p: the probability of an example to be dropped.
        training: False to return the input as it is.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> y = zk.nn.functional.drop_path(zk.ones((8, 3)))
        >>> {tuple(row) for row in y.tolist()} <= {(0.0, 0.0, 0.0), (2.0, 2.0, 2.0)}
        True
    """
    floats("drop_path", input=input)
    if not input.ndim:
        raise ShapeError("drop_path: input has no axis of examples", fix="pass a tensor (N, *)", op="drop_path")
    return _dropped("drop_path", input, p, training, 1, generator)


def alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """Set each element to the limit of `selu` with probability `p`, and keep mean and variance of what comes from it.

    ``y = a * (x where it is kept, -1.7581 elsewhere) + b``, where `a` and `b` restore mean 0 and variance 1; Klambauer
    and others, Self-normalizing neural networks (2017).

    Args:
        input: floats of any shape.
        p: the probability to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> y = zk.nn.functional.alpha_dropout(zk.zeros(1000), p=0.5, training=True)
        >>> sorted({round(value, 3) for value in y.tolist()})
        [-0.779, 0.779]
    """
    return _dropped_alpha("alpha_dropout", input, p, training, 0, generator)


def feature_alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """`alpha_dropout` of whole channels.

    Args:
        input: floats of shape ``(N, C, *)``.
        p: the probability of a channel to be dropped.
        training: False to return the input as it is.
        inplace: taken and not used: values are never written over.
        generator: where the mask comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.feature_alpha_dropout(zk.ones((8, 3, 4)), training=True).shape
        (8, 3, 4)
    """
    name = "feature_alpha_dropout"
    floats(name, input=input)
    if input.ndim < 2:
        raise ShapeError(
            f"{name}: input has at least 2 axes, received {input.ndim}",
            facts=[f"input     {input.shape}", "expected  (N, C, *)"],
            fix="add the axis of the batch with x[None]",
            op=name,
            shape=input.shape,
        )
    return _dropped_alpha(name, input, p, training, 2, generator)


def probability(name: str, p: Any) -> float:
    """A plain number from 0 to 1."""
    p = number(name, "p", p)
    if not 0 <= p <= 1:
        raise InvalidValueError(
            f"{name}: p is the probability to be dropped, from 0 to 1, received {p}",
            fix="pass a number from 0 to 1",
            op=name,
        )
    return float(p)


def _channel_axes(name: str, x: Any, ranks: tuple[int, ...], batched: int) -> int:
    """How many leading axes count the channels that are dropped as a whole; `batched` is the least rank of a batch."""
    floats(name, input=x)
    if x.ndim not in ranks:
        raise ShapeError(
            f"{name}: input has {ranks[0]} or {ranks[1]} axes, received {x.ndim}",
            facts=[f"input  {x.shape}"],
            fix="reshape the input; x[None] adds an axis in front",
            op=name,
            shape=x.shape,
        )
    return 2 if x.ndim >= batched else 1


def _mask(x: Tensor, p: float, leading: int, generator: Any) -> Any:
    """True where something is kept, with a draw for each element or for each place of the leading axes."""
    shape = (*x.shape[:leading], *(1,) * (x.ndim - leading)) if leading else x.shape
    if x.backend is get_backend():
        return random.bernoulli(1.0 - p, shape, device=x.device, generator=generator).data
    with use_backend(x.backend.name):
        return random.bernoulli(1.0 - p, shape, device=x.device, generator=generator).data


def _dropped(name: str, input: Any, p: Any, training: Any, leading: int, generator: Any) -> Tensor:
    floats(name, input=input)
    p = probability(name, p)
    if not flag(name, "training", training) or p == 0.0:
        return input
    return masked(input, _mask(input, p, leading, generator), 1.0 if p == 1.0 else 1.0 / (1.0 - p))


def _dropped_alpha(name: str, input: Any, p: Any, training: Any, leading: int, generator: Any) -> Tensor:
    floats(name, input=input)
    p = probability(name, p)
    if not flag(name, "training", training) or p == 0.0:
        return input
    mask = _mask(input, p, leading, generator)
    if p == 1.0:
        return masked(input, mask, 1.0)
    limit = -SELU_ALPHA * SELU_SCALE
    scale = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * limit * limit))
    return masked_alpha(input, mask, limit, scale, -scale * p * limit)
