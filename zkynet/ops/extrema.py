"""The larger, the smaller, and keeping within bounds, element by element."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.arguments import number
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array, is_complex
from zkynet.tensor import Tensor

__all__ = ["clamp", "clip", "maximum", "minimum", "nan_to_num"]


@op(kinds="real number", elementwise=True)
def maximum(xp: Any, x1: Array, x2: Array) -> Array:
    """The larger of `x1` and `x2`, element by element; NaN if one is.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: to the larger one; half to each where they are equal, as in PyTorch and JAX.

    Example:
        >>> import zkynet as zk
        >>> zk.maximum(zk.tensor([1.0, -2.0]), 0)
        Tensor([1., 0.])
    """
    return xp.maximum(x1, x2)


@maximum.gradient("x1")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _above(xp, x1, x2, g.dtype)


@maximum.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _above(xp, x2, x1, g.dtype)


@op(kinds="real number", elementwise=True)
def minimum(xp: Any, x1: Array, x2: Array) -> Array:
    """The smaller of `x1` and `x2`, element by element; NaN if one is.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: to the smaller one; half to each where they are equal, as in PyTorch and JAX.

    Example:
        >>> import zkynet as zk
        >>> zk.minimum(zk.tensor([1.0, -2.0]), 0)
        Tensor([ 0., -2.])
    """
    return xp.minimum(x1, x2)


@minimum.gradient("x1")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _above(xp, x2, x1, g.dtype)


@minimum.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _above(xp, x1, x2, g.dtype)


def _above(xp: Any, a: Any, b: Any, dtype: Any) -> Any:
    """1 where `a` is above `b`, a half where they are equal, 0 where it is below."""
    return (xp.astype(a > b, dtype) + xp.astype(a >= b, dtype)) * 0.5


@op(kinds="real number", elementwise=True)
def clip(xp: Any, x: Array, min: Array | None = None, max: Array | None = None) -> Array:
    """`x` kept between `min` and `max`: ``minimum(maximum(x, min), max)``.

    Args:
        x: a tensor of real numbers.
        min: the lower bound: a number, a tensor that broadcasts with `x`, or None for no bound.
        max: the upper bound, likewise.

    Gradient: to `x` where it lies within the bounds or on one, as in PyTorch; to a bound where it takes the place of
    `x`.

    Example:
        >>> import zkynet as zk
        >>> zk.clip(zk.tensor([-1.0, 0.5, 2.0]), 0, 1)
        Tensor([0. , 0.5, 1. ])
    """
    if min is None and max is None:
        return xp.positive(x)
    if min is not None:
        x = xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


@clip.gradient("x")
def _(xp: Any, g: Any, x: Any, min: Any, max: Any) -> Any:
    if min is None:
        return g if max is None else g * xp.astype(x <= max, g.dtype)
    inside = x >= min if max is None else (x >= min) & (x <= max)
    return g * xp.astype(inside, g.dtype)


@clip.gradient("min")
def _(xp: Any, g: Any, x: Any, min: Any, max: Any) -> Any:
    chosen = x < min if max is None else (x < min) & (min <= max)
    return g * xp.astype(chosen, g.dtype)


@clip.gradient("max")
def _(xp: Any, g: Any, x: Any, min: Any, max: Any) -> Any:
    chosen = x > max if min is None else (x > max) | (min > max)
    return g * xp.astype(chosen, g.dtype)


clamp = clip


def nan_to_num(x: Array, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """`x` with numbers in place of NaN and the infinities; in complex numbers for each part.

    Args:
        x: a tensor of numbers.
        nan: what takes the place of NaN.
        posinf: what takes the place of inf, by default the largest number of the dtype.
        neginf: what takes the place of -inf, by default the smallest number of the dtype.

    Gradient: zero where something was replaced.

    Example:
        >>> import zkynet as zk
        >>> zk.nan_to_num(zk.tensor([1.0, float("nan")]))
        Tensor([1., 0.])
    """
    from zkynet.ops.complexes import imag, real

    x = as_tensor("nan_to_num", x)
    nan = number("nan_to_num", "nan", nan)
    posinf = None if posinf is None else number("nan_to_num", "posinf", posinf)
    neginf = None if neginf is None else number("nan_to_num", "neginf", neginf)
    if is_complex(x):
        return nan_to_num(real(x), nan, posinf, neginf) + 1j * nan_to_num(imag(x), nan, posinf, neginf)
    return x if x.dtype.kind in "biu" else _nan_to_num(x, nan, posinf, neginf)


@op(name="nan_to_num", kinds="real float", elementwise=True)
def _nan_to_num(xp: Any, x: Array, nan: Any, posinf: Any, neginf: Any) -> Array:
    limits = xp.finfo(x.dtype)
    for stand_in, at in (
        (float(limits.max) if posinf is None else posinf, x == float("inf")),
        (float(limits.min) if neginf is None else neginf, x == float("-inf")),
        (nan, xp.isnan(x)),
    ):
        x = xp.where(at, as_array(xp, stand_in, x), x)
    return x


@_nan_to_num.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.astype(xp.isfinite(x), g.dtype)
