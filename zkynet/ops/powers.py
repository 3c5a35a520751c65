"""Powers and roots, element by element."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.ops.define import op
from zkynet.ops.explain import broadcast_check, check
from zkynet.ops.kinds import as_array, is_complex, is_integer, is_number
from zkynet.ops.precision import widened

__all__ = ["cbrt", "hypot", "pow", "power", "reciprocal", "rsqrt", "sqrt", "square"]


@op(kinds="number")  # not elementwise=True: a Python number as exponent is to stay one
def power(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 ** x2``, element by element; also called `pow`.

    Small whole exponents and 0.5 that are Python numbers are multiplied out or taken as the root: fast and exact.

    Args:
        x1: a tensor or number: the bases.
        x2: a tensor or number that broadcasts with `x1`: the exponents.

    Gradient: that of ``x1 ** 0`` is 0 for `x1` = 0 too. For `x2` it is ``x1 ** x2 * log(x1)``, and 0, the limit, where
    `x1` = 0 and `x2` is not negative.

    Example:
        >>> import zkynet as zk
        >>> zk.power(zk.tensor([1.0, -2.0]), 3)
        Tensor([ 1., -8.])
    """
    if is_number(x2):
        return raised(xp, x1, x2)
    whole = is_integer(x2) and (isinstance(x1, int) or is_integer(x1))
    if whole and xp.backend.can_look(x2) and xp.backend.scalar(xp.any(x2 < 0)):
        raise negative_exponent(None)  # some libraries give nonsense instead of refusing
    return xp.pow(x1, x2)


def raised(xp: Any, x: Any, n: Any) -> Any:
    """`x` to the power of a Python number."""
    if n == 2:
        return xp.square(x)
    if n == 1:
        return xp.positive(x)
    if n == 3:
        return xp.square(x) * x
    if n == 0.5:
        return xp.sqrt(x)
    if n == 4:
        return xp.square(xp.square(x))
    if n == 0:
        return xp.ones_like(x)
    if not isinstance(n, complex) and n < 0 and is_integer(x):
        raise negative_exponent(n)
    if n == -1:
        return xp.reciprocal(x)
    return xp.pow(x, n)


def negative_exponent(n: Any) -> InvalidValueError:
    """The error for an integer to the power of a negative integer."""
    return InvalidValueError(
        f"power: integers have no integer power of a negative exponent{'' if n is None else f', received {n}'}",
        fix="make the base a float first: x.astype(zk.float32)",
        op="power",
    )


@check("power")
def _(x1: Any, x2: Any) -> None:
    arrays = [(n, x) for n, x in (("x1", x1), ("x2", x2)) if hasattr(x, "shape")]
    broadcast_check("power", [n for n, _ in arrays], [x.shape for _, x in arrays])
    if all(is_integer(x) for _, x in arrays):
        raise negative_exponent(None)


@power.gradient("x1")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    if is_number(x2):
        if x2 == 2:
            return g * (x1 + x1)
        if x2 == 1:
            return g
        if x2 == 0.5:
            return 0.5 * g / xp.sqrt(x1)
        if x2 == 0:
            return xp.zeros_like(g)
        return g * (raised(xp, x1, x2 - 1) * x2)
    flat = (x1 == 0) & (x2 == 0)  # 0 ** -1 is infinite, its factor 0
    return g * (x2 * xp.pow(x1, xp.where(flat, 1, x2 - 1)))


@power.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any, ans: Any) -> Any:
    if is_number(x1) and not isinstance(x1, complex) and x1 > 0:
        return g * (ans * math.log(x1))
    x1 = as_array(xp, x1, ans)
    flat = x1 == 0
    if not is_complex(ans):
        flat = flat & (x2 >= 0)
    return g * (ans * xp.log(xp.where(flat, 1, x1)))


pow = power


@op(kinds="number", elementwise=True)
def square(xp: Any, x: Array) -> Array:
    """``x * x``, element by element.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.square(zk.tensor([1.0, -3.0]))
        Tensor([1., 9.])
    """
    return xp.square(x)


@square.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (x + x)


@op(kinds="float", elementwise=True)
def sqrt(xp: Any, x: Array) -> Array:
    """The square root, element by element; NaN for negative numbers, the principal root for complex ones.

    Args:
        x: a tensor of floats.

    Gradient: infinite at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.sqrt(zk.tensor([4.0, 0.25]))
        Tensor([2. , 0.5])
    """
    return xp.sqrt(x)


@sqrt.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g / (ans + ans)


@op(kinds="float", elementwise=True)
def rsqrt(xp: Any, x: Array) -> Array:
    """One over the square root, element by element.

    Args:
        x: a tensor of floats.

    Example:
        >>> import zkynet as zk
        >>> zk.rsqrt(zk.tensor([4.0, 0.25]))
        Tensor([0.5, 2. ])
    """
    return xp.reciprocal(xp.sqrt(x))


@rsqrt.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (ans * ans * ans) * -0.5


@op(kinds="real float", elementwise=True)
def cbrt(xp: Any, x: Array) -> Array:
    """The cube root, element by element; negative for negative numbers.

    Args:
        x: a tensor of real floats.

    Gradient: infinite at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.cbrt(zk.tensor([8.0, -27.0]))
        Tensor([ 2., -3.])
    """
    return widened(_cbrt, xp, x)


def _cbrt(xp: Any, x: Any) -> Any:
    size = xp.abs(x)
    root = xp.pow(size, 1 / 3)
    # 1/3 is not exact, and neither is the root: one step of Newton's method, where it can be taken
    ordinary = (size > 0) & xp.isfinite(size)
    s, r = xp.where(ordinary, size, 1.0), xp.where(ordinary, root, 1.0)
    root = root - (r - s / (r * r)) / 3
    return xp.copysign(root, x)


@cbrt.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g / (ans * ans * 3)


@op(kinds="float", elementwise=True)
def reciprocal(xp: Any, x: Array) -> Array:
    """``1 / x``, element by element; integers are made float32 first.

    Args:
        x: a tensor of floats.

    Example:
        >>> import zkynet as zk
        >>> zk.reciprocal(zk.tensor([4.0, 0.5]))
        Tensor([0.25, 2.  ])
    """
    return xp.reciprocal(x)


@reciprocal.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return -g * (ans * ans)


@op(kinds="real float", elementwise=True)
def hypot(xp: Any, x1: Array, x2: Array) -> Array:
    """The length of the hypotenuse, ``sqrt(x1**2 + x2**2)``, without overflow on the way.

    Args:
        x1: a tensor or number: one side.
        x2: a tensor or number that broadcasts with `x1`: the other side.

    Gradient: 0 where both are 0, which is one of the slopes there.

    Example:
        >>> import zkynet as zk
        >>> zk.hypot(zk.tensor([3.0, 1e30]), zk.tensor([4.0, 0.0]))
        Tensor([5.e+00, 1.e+30])
    """
    return xp.hypot(x1, x2)


@hypot.gradient("x1")
def _(xp: Any, g: Any, x1: Any, ans: Any) -> Any:
    return g * _share(xp, x1, ans)


@hypot.gradient("x2")
def _(xp: Any, g: Any, x2: Any, ans: Any) -> Any:
    return g * _share(xp, x2, ans)


def _share(xp: Any, side: Any, length: Any) -> Any:
    """``side / length``, also for a point at the origin and an infinite side."""
    share = side / xp.where(length == 0, 1.0, length)
    return xp.where(abs(side) == math.inf, xp.sign(side), share)
