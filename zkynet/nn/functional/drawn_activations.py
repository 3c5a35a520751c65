"""Activations with slopes that are learned, and with noise: `prelu`, `rrelu`, `gumbel_softmax`."""

from __future__ import annotations

import math
from typing import Any

from zkynet import random
from zkynet._typing import Array
from zkynet.backend.registry import use_backend
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.standardizing import narrow, summed_to, wide
from zkynet.ops import logspace, piecewise
from zkynet.ops.arguments import flag, number
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import cast
from zkynet.ops.counted import arange
from zkynet.ops.define import op
from zkynet.ops.exponential import log
from zkynet.ops.searching import argmax
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["gumbel_softmax", "prelu", "rrelu"]


@op(name="nn.prelu", kinds="real float")
def _prelu(xp: Any, x: Array, slope: Array) -> Array:
    """`x` where it is positive, ``slope * x`` elsewhere; `slope` broadcasts to `x`."""
    x_ = wide(xp, x)
    return narrow(xp, xp.maximum(x_, 0.0) + xp.minimum(x_, 0.0) * wide(xp, slope), x)


@_prelu.gradient("x")
def _(xp: Any, g: Any, x: Any, slope: Any) -> Any:
    positive = xp.astype(x > 0, slope.dtype)
    return g * (positive + slope * (1.0 - positive))


@_prelu.gradient("slope")
def _(xp: Any, g: Any, x: Any, slope: Any) -> Any:
    return narrow(xp, summed_to(xp, wide(xp, g) * xp.minimum(wide(xp, x), 0.0), slope.shape), slope)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` where it is positive, ``weight * x`` elsewhere, with slopes that are learned.

    Args:
        input: floats of shape ``(N, C, *)``, or any with a single slope.
        weight: one slope, or one for each channel.

    Gradient: `weight` at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.prelu(zk.tensor([-1.0, 2.0]), zk.tensor([0.25]))
        Tensor([-0.25,  2.  ])
    """
    floats("prelu", input=input, weight=weight)
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or weight.size not in (1, channels):
        raise ShapeError(
            f"prelu: weight has the shape {weight.shape}, expected one slope or {channels}, one for each channel",
            facts=[f"input   {input.shape}", f"weight  {weight.shape}"],
            fix="make PReLU with num_parameters=1 or the number of channels",
            op="prelu",
        )
    if weight.size > 1 and input.ndim > 2:
        weight = reshape(weight, (channels, *(1,) * (input.ndim - 2)))
    return _prelu(input, weight)


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """``x`` where it is positive, elsewhere `x` times a slope drawn evenly from [lower, upper] for each element.

    Args:
        input: floats of any shape.
        lower: the least slope.
        upper: the largest slope.
        training: whether slopes are drawn, else the one in the middle is used.
        inplace: taken and not used.
        generator: where the slopes come from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.rrelu(zk.tensor([-1.0, 2.0]), 0.25, 0.75)
        Tensor([-0.5,  2. ])
    """
    floats("rrelu", input=input)
    lower, upper = slopes("rrelu", lower, upper)
    if not flag("rrelu", "training", training):
        return piecewise.leaky_relu(input, (lower + upper) / 2)
    with use_backend(input.backend.name):
        drawn = random.uniform(lower, upper, input.shape, dtype=input.dtype, device=input.device, generator=generator)
    return _prelu(input, drawn)


def slopes(name: str, lower: Any, upper: Any) -> tuple[float, float]:
    """The bounds of a random slope."""
    lower, upper = float(number(name, "lower", lower)), float(number(name, "upper", upper))
    if not -math.inf < lower <= upper < math.inf:
        raise InvalidValueError(
            f"{name}: slopes are drawn from lower={lower} to upper={upper}",
            fix="pass finite numbers, the smaller one as lower",
            op=name,
        )
    return lower, upper


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1.0,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: random.Generator | None = None,
) -> Tensor:
    """A draw from categories that gradients flow through: the `softmax` of logits plus Gumbel noise.

    ``y = softmax((logits + noise) / tau)``; Jang, Gu and Poole (2017), Maddison, Mnih and Teh (2017).

    Args:
        logits: logarithms of probabilities, not necessarily normalised.
        tau: the temperature: the lower, the nearer to a draw of one category.
        hard: whether to return 1 for the largest entry and 0 for the others, with the gradient of the soft result.
        eps: taken and not used.
        dim: the axis of the categories.
        generator: where the noise comes from; by default that of `random.seed`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.gumbel_softmax(zk.zeros((2, 3)), hard=True).sum(axis=-1)
        Tensor([1., 1.])
    """
    name = "gumbel_softmax"
    floats(name, logits=logits)
    tau = number(name, "tau", tau)
    if not tau > 0:
        raise InvalidValueError(f"{name}: tau is {tau}", fix="pass a positive temperature", op=name)
    axis = normalize_axis(name, dim, logits.ndim)
    with use_backend(logits.backend.name):
        waiting = random.exponential(1.0, logits.shape, dtype=logits.dtype, device=logits.device, generator=generator)
    soft = logspace.softmax((logits - log(waiting)) / tau, axis)
    if not flag(name, "hard", hard):
        return soft
    n = logits.shape[axis]
    with use_backend(logits.backend.name):
        places = reshape(arange(n, device=logits.device), (n, *(1,) * (logits.ndim - 1 - axis)))
    one = cast(places == argmax(soft.detach(), axis=axis, keepdims=True), soft.dtype)
    return one + (soft - soft.detach())
