"""Products with a logarithm that are 0 where their first factor is, and the entropies made of them."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.ops.precision import widened, widened_all
from zkynet.special.numerics import log1pmx

__all__ = ["entr", "kl_div", "rel_entr", "xlog1py", "xlogy"]


@op(name="special.xlogy", kinds="real float", elementwise=True)
def xlogy(xp: Any, x: Array, y: Array) -> Array:
    """``x * log(y)``, and 0 where `x` is 0.

    Args:
        x: a tensor of real numbers.
        y: a tensor of numbers from 0 on that broadcasts with `x`.

    Gradient: 0 with respect to both where `x` and `y` are 0.

    Example:
        >>> import zkynet as zk
        >>> zk.special.xlogy(zk.tensor([0.0, 2.0], dtype="float64"), zk.tensor([0.0, 2.0], dtype="float64"))
        Tensor([0.        , 1.38629436], dtype=float64)
    """
    return widened_all(lambda xp, x, y: x * xp.log(xp.where((x == 0) & (y == y), 1.0, y)), xp, x, y)


@xlogy.gradient("x")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * xp.log(xp.where((x == 0) & (y == 0), 1.0, as_array(xp, y, x)))


@xlogy.gradient("y")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * (x / xp.where((x == 0) & (y == 0), 1.0, y))


@op(name="special.xlog1py", kinds="real float", elementwise=True)
def xlog1py(xp: Any, x: Array, y: Array) -> Array:
    """``x * log1p(y)``, and 0 where `x` is 0.

    Args:
        x: a tensor of real numbers.
        y: a tensor of numbers from -1 on that broadcasts with `x`.

    Gradient: 0 with respect to both where `x` is 0 and `y` is -1.

    Example:
        >>> import zkynet as zk
        >>> zk.special.xlog1py(zk.tensor([0.0, 2.0], dtype="float64"), zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([0.        , 1.38629436], dtype=float64)
    """
    return widened_all(lambda xp, x, y: x * xp.log1p(xp.where((x == 0) & (y == y), 0.0, y)), xp, x, y)


@xlog1py.gradient("x")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * xp.log1p(xp.where((x == 0) & (y == -1), 0.0, as_array(xp, y, x)))


@xlog1py.gradient("y")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * (x / (xp.where((x == 0) & (y == -1), 0.0, y) + 1.0))


@op(name="special.entr", kinds="real float", elementwise=True)
def entr(xp: Any, x: Array) -> Array:
    """The summand of an entropy, ``-x * log(x)``: 0 at 0, minus infinity below.

    Args:
        x: a tensor of numbers from 0 on.

    Gradient: infinite at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.special.entr(zk.tensor([0.0, 0.5], dtype="float64"))
        Tensor([0.        , 0.34657359], dtype=float64)
    """
    return widened(_entr, xp, x)


def _entr(xp: Any, x: Any) -> Any:
    safe = xp.where(x <= 0, 1.0, x)
    return xp.where(x < 0, -math.inf, 0.0 - safe * xp.log(safe))


@entr.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (-1.0 - xp.log(x))


def log_ratio(xp: Any, x: Any, y: Any) -> Any:
    """``log(x / y)`` of positive numbers: exact where they are nearly equal, and where the ratio overflows."""
    excess = (x - y) / y
    near = (excess > -0.5) & (excess < 1.0)
    return xp.where(near, xp.log1p(xp.where(near, excess, 0.0)), xp.log(x) - xp.log(y))


@op(name="special.rel_entr", kinds="real float", elementwise=True)
def rel_entr(xp: Any, x: Array, y: Array) -> Array:
    """The summand of a relative entropy, ``x * log(x / y)``: 0 where `x` is 0, infinite where `y` alone is.

    Args:
        x: a tensor of numbers from 0 on.
        y: a tensor of numbers from 0 on that broadcasts with `x`.

    Gradient: with respect to `x` minus infinity where that alone is 0; 0 with respect to both where both are.

    Example:
        >>> import zkynet as zk
        >>> zk.special.rel_entr(zk.tensor([0.0, 1.0], dtype="float64"), 0.5)
        Tensor([0.        , 0.69314718], dtype=float64)
    """
    return widened_all(_rel_entr, xp, x, y)


def _rel_entr(xp: Any, x: Any, y: Any) -> Any:
    regular = (x > 0) & (y > 0)
    out = xp.where(regular, x, 1.0) * log_ratio(xp, xp.where(regular, x, 1.0), xp.where(regular, y, 1.0))
    return at_zero(xp, x, y, regular, out, xp.zeros_like(out))


def at_zero(xp: Any, x: Any, y: Any, regular: Any, inside: Any, zero: Any) -> Any:
    """`inside` for positive arguments, `zero` where only `x` is 0, NaN for NaN, infinite elsewhere."""
    outside = xp.where(
        (x == 0) & (y >= 0), zero, xp.where(xp.isnan(x) | xp.isnan(y), math.nan, xp.full_like(zero, math.inf))
    )
    return xp.where(regular, inside, outside)


@rel_entr.gradient("x")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * (_slope(xp, x, y) + 1.0)


def _slope(xp: Any, x: Any, y: Any) -> Any:
    """``log(x / y)``, and -1 where both are 0."""
    nothing = (x == 0) & (y == 0)
    return xp.where(nothing, -1.0, xp.log(xp.where(nothing, 1.0, x / xp.where(nothing, 1.0, as_array(xp, y, x)))))


@rel_entr.gradient("y")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return -g * (x / xp.where((x == 0) & (y == 0), 1.0, y))


@op(name="special.kl_div", kinds="real float", elementwise=True)
def kl_div(xp: Any, x: Array, y: Array) -> Array:
    """The summand of a Kullback-Leibler divergence, ``x * log(x / y) - x + y``, which is never negative.

    Args:
        x: a tensor of numbers from 0 on.
        y: a tensor of numbers from 0 on that broadcasts with `x`.

    Gradient: with respect to `x` minus infinity where that alone is 0; -1 and 1 where both are.

    Example:
        >>> import zkynet as zk
        >>> zk.special.kl_div(zk.tensor([0.0, 1.0], dtype="float64"), 0.5)
        Tensor([0.5       , 0.19314718], dtype=float64)
    """
    return widened_all(_kl_div, xp, x, y)


def _kl_div(xp: Any, x: Any, y: Any) -> Any:
    regular = (x > 0) & (y > 0)
    a, b = xp.where(regular, x, 1.0), xp.where(regular, y, 1.0)
    excess = (b - a) / a
    near = (excess > -0.5) & (excess < 1.0)
    close = -a * log1pmx(xp, xp.where(near, excess, 0.0))
    far = a * (xp.log(a) - xp.log(b)) + (b - a)
    return at_zero(xp, x, y, regular, xp.where(near, close, far), y + xp.zeros_like(close))


@kl_div.gradient("x")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * _slope(xp, x, y)


@kl_div.gradient("y")
def _(xp: Any, g: Any, x: Any, y: Any) -> Any:
    return g * (1.0 - x / xp.where((x == 0) & (y == 0), 1.0, y))
