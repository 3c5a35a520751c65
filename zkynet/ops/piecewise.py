"""Activation functions of straight pieces. At a kink the gradient is PyTorch's, said for each of them."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.ops.precision import widened

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "relu",
    "relu6",
    "softshrink",
    "threshold",
]


@op(kinds="real number", elementwise=True)
def relu(xp: Any, x: Array) -> Array:
    """The rectified linear unit, ``max(x, 0)``.

    Args:
        x: a tensor of real numbers.

    Gradient: 0 at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.relu(zk.tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """
    return xp.maximum(x, 0)


@relu.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * xp.astype(ans > 0, g.dtype)


@op(kinds="real float", elementwise=True)
def leaky_relu(xp: Any, x: Array, negative_slope: float = 0.01) -> Array:
    """`x` where it is positive, ``negative_slope * x`` elsewhere.

    Args:
        x: a tensor of real numbers.
        negative_slope: the slope on the left.

    Gradient: `negative_slope` at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.leaky_relu(zk.tensor([-1.0, 2.0]))
        Tensor([-0.01,  2.  ])
    """
    return widened(lambda xp, x: _leaky_relu(xp, x, negative_slope), xp, x)


def _leaky_relu(xp: Any, x: Any, slope: float) -> Any:
    if slope == 0:
        return xp.maximum(x, 0.0)  # an infinity times 0 is NaN
    return (xp.maximum if slope <= 1 else xp.minimum)(x, x * slope)


@leaky_relu.gradient("x")
def _(xp: Any, g: Any, x: Any, negative_slope: float) -> Any:
    return g * widened(lambda xp, x: xp.astype(x > 0, x.dtype) * (1.0 - negative_slope) + negative_slope, xp, x)


@op(kinds="real float", elementwise=True)
def hardtanh(xp: Any, x: Array, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """`x` cut at `min_val` and `max_val`.

    Args:
        x: a tensor of real numbers.
        min_val: the least result.
        max_val: the largest result.

    Gradient: 0 at both ends.

    Example:
        >>> import zkynet as zk
        >>> zk.hardtanh(zk.tensor([-2.0, 0.5]))
        Tensor([-1. ,  0.5])
    """
    if min_val > max_val:
        raise InvalidValueError(
            f"hardtanh: min_val={min_val} is above max_val={max_val}", fix="exchange them", op="hardtanh"
        )
    return widened(lambda xp, x: xp.clip(x, min_val, max_val), xp, x)


@hardtanh.gradient("x")
def _(xp: Any, g: Any, ans: Any, min_val: float, max_val: float) -> Any:
    return g * between(xp, ans, min_val, max_val)


def between(xp: Any, x: Any, low: float, high: float) -> Any:
    """1 where x lies strictly between two numbers, 0 elsewhere."""
    return xp.astype((x > low) & (x < high), x.dtype)


@op(kinds="real float", elementwise=True)
def relu6(xp: Any, x: Array) -> Array:
    """``min(max(x, 0), 6)``.

    Args:
        x: a tensor of real numbers.

    Gradient: 0 at 0 and 6.

    Example:
        >>> import zkynet as zk
        >>> zk.relu6(zk.tensor([-1.0, 2.0, 7.0]))
        Tensor([0., 2., 6.])
    """
    return widened(lambda xp, x: xp.clip(x, 0.0, 6.0), xp, x)


@relu6.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * between(xp, ans, 0.0, 6.0)


@op(kinds="real float", elementwise=True)
def hardsigmoid(xp: Any, x: Array) -> Array:
    """A `sigmoid` of straight lines, ``min(max(x / 6 + 1/2, 0), 1)``.

    Args:
        x: a tensor of real numbers.

    Gradient: 0 at -3 and 3.

    Example:
        >>> import zkynet as zk
        >>> zk.hardsigmoid(zk.tensor([-4.0, 0.0, 1.5]))
        Tensor([0.  , 0.5 , 0.75])
    """
    return widened(_hardsigmoid, xp, x)


def _hardsigmoid(xp: Any, x: Any) -> Any:
    return xp.clip(x * (1.0 / 6.0) + 0.5, 0.0, 1.0)


@hardsigmoid.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(lambda xp, x: between(xp, x, -3.0, 3.0) * (1.0 / 6.0), xp, x)


@op(kinds="real float", elementwise=True)
def hardswish(xp: Any, x: Array) -> Array:
    """``x * hardsigmoid(x)``.

    Args:
        x: a tensor of real numbers.

    Gradient: 0 at -3, 1 at 3.

    Example:
        >>> import zkynet as zk
        >>> zk.hardswish(zk.tensor([-4.0, 1.0, 4.0]))
        Tensor([-0.       ,  0.6666667,  4.       ])
    """
    return widened(lambda xp, x: xp.maximum(x, -3.0) * _hardsigmoid(xp, x), xp, x)


@hardswish.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(_hardswish_slope, xp, x)


def _hardswish_slope(xp: Any, x: Any) -> Any:
    inside = between(xp, x, -3.0, 3.0)
    return xp.astype(x >= 3.0, x.dtype) + inside * (xp.clip(x, -3.0, 3.0) * (1.0 / 3.0) + 0.5)


@op(kinds="real float", elementwise=True)
def softshrink(xp: Any, x: Array, lambd: float = 0.5) -> Array:
    """`x` moved towards 0 by `lambd`, and 0 if it is nearer than that.

    Args:
        x: a tensor of real numbers.
        lambd: by how much, from 0 on.

    Gradient: 0 at both kinks.

    Example:
        >>> import zkynet as zk
        >>> zk.softshrink(zk.tensor([-2.0, 0.25, 1.0]))
        Tensor([-1.5,  0. ,  0.5])
    """
    if lambd < 0:
        raise InvalidValueError(f"softshrink: lambd={lambd} is negative", fix="pass lambd from 0 on", op="softshrink")
    return widened(lambda xp, x: x - xp.clip(x, -lambd, lambd), xp, x)


@softshrink.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * xp.astype(ans != 0, g.dtype)


@op(kinds="real float", elementwise=True)
def hardshrink(xp: Any, x: Array, lambd: float = 0.5) -> Array:
    """`x`, and 0 where it is no larger in size than `lambd`.

    Args:
        x: a tensor of real numbers.
        lambd: the largest size to be suppressed.

    Gradient: 0 at both jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.hardshrink(zk.tensor([-2.0, 0.25, 1.0]))
        Tensor([-2.,  0.,  1.])
    """
    return x * xp.astype(xp.abs(x) > lambd, x.dtype)


@hardshrink.gradient("x")
def _(xp: Any, g: Any, x: Any, lambd: float) -> Any:
    return g * xp.astype(xp.abs(x) > lambd, g.dtype)


@op(kinds="real float", elementwise=True)
def threshold(xp: Any, x: Array, threshold: float, value: float) -> Array:
    """`x` where it is above `threshold`, `value` elsewhere.

    Args:
        x: a tensor of real numbers.
        threshold: the number to compare with.
        value: what replaces the others.

    Gradient: 0 at the threshold.

    Example:
        >>> import zkynet as zk
        >>> zk.threshold(zk.tensor([0.5, 2.0]), 1.0, -5.0)
        Tensor([-5.,  2.])
    """
    return xp.where(x > threshold, x, as_array(xp, value, x))


@threshold.gradient("x")
def _(xp: Any, g: Any, x: Any, threshold: float) -> Any:
    return g * xp.astype(x > threshold, g.dtype)
