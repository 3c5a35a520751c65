"""Losses of distances between numbers: squares, absolute values, and what lies between them."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array, ArrayLike
from zkynet.errors import InvalidValueError
from zkynet.nn.functional.loss_arguments import beside, needs_examples, prediction, reduced, reduction_of, same_shapes
from zkynet.ops.arguments import number
from zkynet.ops.define import op
from zkynet.ops.precision import widened, widened_all
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["huber_loss", "l1_loss", "mse_loss", "quadratic_cost", "smooth_l1_loss"]


def _pair(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    return x, t


@op(name="nn.squared_distance", kinds="real float")
def _squared(xp: Any, x: Array, t: Array, scale: float) -> Array:
    """The sum of ``scale * (x - t)**2`` over all elements."""
    return widened_all(lambda xp, x, t: _sum_of_squares(xp, x - t) * scale, xp, x, t)


def _sum_of_squares(xp: Any, d: Any) -> Any:
    flat = xp.reshape(d, (-1,))
    return xp.vecdot(flat, flat)


@_squared.gradient("x", "t")
def _(xp: Any, g: Any, x: Any, t: Any, scale: Any, needs: Any) -> Any:
    slope = (x - t) * (g * (2.0 * scale))
    return slope, -slope if needs[1] else None


def mse_loss(input: Array, target: ArrayLike, *, reduction: str = "mean") -> Tensor:
    """The squared distance, ``(x - t)**2``.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.mse_loss(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        Tensor(2.)
    """
    x, t = _pair("mse_loss", input, target)
    if reduction_of("mse_loss", reduction) == "none":
        d = x - t
        return d * d
    if reduction == "sum":
        return _squared(x, t, 1.0)
    needs_examples("mse_loss", x._raw.shape)
    return _squared(x, t, 1.0 / x.size)


def quadratic_cost(input: Array, target: ArrayLike, *, reduction: str = "mean") -> Tensor:
    """Half the squared distance of each example, ``|x - t|**2 / 2``, averaged over the batch.

    It is the cost of Nielsen, Neural Networks and Deep Learning (2015), whose gradient by the last activations is their
    difference to the targets.

    Args:
        input: predictions, the first axis for the examples.
        target: numbers of the same shape.
        reduction: "mean" over the examples, "sum", or "none", which gives (N,).

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.quadratic_cost(zk.tensor([[1.0, 2.0], [0.0, 0.0]]), zk.tensor([[1.0, 4.0], [2.0, 0.0]]))
        Tensor(2.)
    """
    x, t = _pair("quadratic_cost", input, target)
    examples = x.shape[0] if x.ndim else 1
    if reduction_of("quadratic_cost", reduction) == "none":
        d = reshape(x - t, (examples, -1)) if x.size else reshape(x - t, (examples, 0))
        return 0.5 * (d * d).sum(axis=1)
    if reduction == "sum":
        return _squared(x, t, 0.5)
    needs_examples("quadratic_cost", x.shape[:1])
    return _squared(x, t, 0.5 / examples)


def l1_loss(input: Array, target: ArrayLike, *, reduction: str = "mean") -> Tensor:
    """The absolute distance, ``|x - t|``, with the gradient 0 where both are equal.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.l1_loss(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        Tensor(1.)
    """
    x, t = _pair("l1_loss", input, target)
    return reduced("l1_loss", abs(x - t), reduction_of("l1_loss", reduction))


@op(name="nn.huber", kinds="real float", elementwise=True)
def _huber(xp: Any, d: Array, delta: float) -> Array:
    """``d**2 / 2`` up to a distance of `delta`, and the tangent there beyond."""
    return widened(lambda xp, d: _bent(xp, d, delta), xp, d)


def _bent(xp: Any, d: Any, delta: float) -> Any:
    near = xp.clip(d, -delta, delta)
    return near * (d - near * 0.5)


@_huber.gradient("d")
def _(xp: Any, g: Any, d: Any, delta: Any) -> Any:
    return g * xp.clip(d, -delta, delta)


def huber_loss(input: Array, target: ArrayLike, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Half the squared distance up to `delta`, and from there on linear: ``delta * (|x - t| - delta / 2)``.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape.
        reduction: "mean", "sum" or "none".
        delta: where it becomes linear, above 0.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.huber_loss(zk.tensor([1.0, 2.0]), zk.tensor([1.5, 4.0]), reduction="none")
        Tensor([0.125, 1.5  ])
    """
    x, t = _pair("huber_loss", input, target)
    delta = float(number("huber_loss", "delta", delta))
    if not delta > 0:
        raise InvalidValueError(
            f"huber_loss: delta is above 0, received {delta}", fix="1.0 is the usual value", op="huber_loss"
        )
    return reduced("huber_loss", _huber(x - t, delta), reduction_of("huber_loss", reduction))


def smooth_l1_loss(input: Array, target: ArrayLike, *, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """The absolute distance with a round tip: ``(x - t)**2 / (2 beta)`` up to `beta`, then ``|x - t| - beta / 2``.

    It is `huber_loss` divided by `beta`.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape.
        reduction: "mean", "sum" or "none".
        beta: where it becomes linear; 0 gives `l1_loss`.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.smooth_l1_loss(zk.tensor([1.0, 2.0]), zk.tensor([1.5, 4.0]), reduction="none", beta=2.0)
        Tensor([0.0625, 1.    ])
    """
    x, t = _pair("smooth_l1_loss", input, target)
    reduction = reduction_of("smooth_l1_loss", reduction)
    beta = float(number("smooth_l1_loss", "beta", beta))
    if not beta >= 0:
        raise InvalidValueError(
            f"smooth_l1_loss: beta is 0 or above, received {beta}", fix="1.0 is the usual value", op="smooth_l1_loss"
        )
    losses = abs(x - t) if beta == 0 else _huber(x - t, beta) / beta
    return reduced("smooth_l1_loss", losses, reduction)
