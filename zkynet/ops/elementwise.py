"""Arithmetic, signs and absolute values, element by element.

Complex gradients follow JAX's convention: for a real-valued loss L the gradient is dL/dx - i dL/dy, so that the rules
of holomorphic functions need no conjugates.

Where a derivative is infinite (a division by zero, the logarithm or the root of zero), so is the gradient, and a
cotangent of zero times that is NaN, as in NumPy. To leave such places out, mask the *input* of the function, not only
its result: ``where(x > 0, sqrt(where(x > 0, x, 1)), 0)``.
"""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array, is_complex

__all__ = [
    "abs",
    "add",
    "copysign",
    "divide",
    "floor_divide",
    "fmod",
    "lerp",
    "multiply",
    "negative",
    "positive",
    "remainder",
    "sign",
    "subtract",
]


@op(kinds="number", elementwise=True)
def add(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 + x2``, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.add(zk.tensor([1.0, 2.0]), 1)
        Tensor([2., 3.])
    """
    return xp.add(x1, x2)


@add.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return g


@add.gradient("x2")
def _(xp: Any, g: Any) -> Any:
    return g


@op(kinds="number", elementwise=True)
def subtract(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 - x2``, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.subtract(zk.tensor([1.0, 2.0]), 1)
        Tensor([0., 1.])
    """
    return xp.subtract(x1, x2)


@subtract.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return g


@subtract.gradient("x2")
def _(xp: Any, g: Any) -> Any:
    return -g


@op(kinds="number", elementwise=True)
def multiply(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 * x2``, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.multiply(zk.tensor([1.0, 2.0]), 3)
        Tensor([3., 6.])
    """
    return xp.multiply(x1, x2)


@multiply.gradient("x1")
def _(xp: Any, g: Any, x2: Any) -> Any:
    return g * x2


@multiply.gradient("x2")
def _(xp: Any, g: Any, x1: Any) -> Any:
    return g * x1


@op(kinds="float", elementwise=True)
def divide(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 / x2``, element by element; integers are made float32 first.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.divide(zk.tensor([1, 2]), 4)
        Tensor([0.25, 0.5 ])
    """
    return xp.divide(x1, x2)


@divide.gradient("x1")
def _(xp: Any, g: Any, x2: Any) -> Any:
    return g / x2


@divide.gradient("x2")
def _(xp: Any, g: Any, x2: Any, ans: Any) -> Any:
    return (g * ans) / -x2


@op(kinds="real number", elementwise=True)
def floor_divide(xp: Any, x1: Array, x2: Array) -> Array:
    """The largest integer not above ``x1 / x2``, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: zero, also where the result jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.floor_divide(zk.tensor([7.0, -7.0]), 2)
        Tensor([ 3., -4.])
    """
    return xp.floor_divide(x1, x2)


@floor_divide.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return xp.zeros_like(g)


@floor_divide.gradient("x2")
def _(xp: Any, g: Any) -> Any:
    return xp.zeros_like(g)


@op(kinds="real number", elementwise=True)
def remainder(xp: Any, x1: Array, x2: Array) -> Array:
    """What ``x1 // x2`` leaves over, ``x1 - x2 * floor(x1 / x2)``; it has the sign of `x2`, as Python's ``%``.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: where the result jumps, that of the side it belongs to.

    Example:
        >>> import zkynet as zk
        >>> zk.remainder(zk.tensor([7.0, -7.0]), 4)
        Tensor([3., 1.])
    """
    return xp.remainder(x1, x2)


@remainder.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return g


@remainder.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return -g * xp.floor_divide(x1, x2)


@op(kinds="real number", elementwise=True)
def fmod(xp: Any, x1: Array, x2: Array) -> Array:
    """What division with the quotient cut off leaves over; it has the sign of `x1`, as `fmod` in C.

    ``fmod(x1, x2) = x1 - x2 * trunc(x1 / x2)``

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: where the result jumps, that of the side it belongs to.

    Example:
        >>> import zkynet as zk
        >>> zk.fmod(zk.tensor([7.0, -7.0]), 4)
        Tensor([ 3., -3.])
    """
    # the remainder of the sizes is exact, unlike the formula; either may still be a Python number
    rest = xp.remainder(x1.__abs__(), x2.__abs__())
    return xp.where(as_array(xp, x1, rest) < 0, -rest, rest)


@fmod.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return g


@fmod.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any, ans: Any) -> Any:
    return -g * xp.round((x1 - ans) / x2)


@op(kinds="number", elementwise=True)
def negative(xp: Any, x: Array) -> Array:
    """``-x``, element by element.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.negative(zk.tensor([1.0, -2.0]))
        Tensor([-1.,  2.])
    """
    return xp.negative(x)


@negative.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return -g


@op(kinds="number", elementwise=True)
def positive(xp: Any, x: Array) -> Array:
    """``+x``: the numbers as they are.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.positive(zk.tensor([1.0, -2.0]))
        Tensor([ 1., -2.])
    """
    return xp.positive(x)


@positive.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


@op(kinds="number", elementwise=True)
def abs(xp: Any, x: Array) -> Array:
    """The absolute value, element by element; for complex numbers the distance from zero, a real number.

    Args:
        x: a tensor of numbers.

    Gradient: 0 at 0, for complex numbers too; elsewhere the sign of `x`, its conjugate if complex.

    Example:
        >>> import zkynet as zk
        >>> zk.abs(zk.tensor([1.5, -2.0]))
        Tensor([1.5, 2. ])
        >>> zk.abs(zk.tensor([3 + 4j]))
        Tensor([5.])
    """
    return xp.abs(x)


@abs.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    direction = xp.sign(x)
    return g * (xp.conj(direction) if is_complex(x) else direction)


@op(kinds="number", elementwise=True)
def sign(xp: Any, x: Array) -> Array:
    """-1 for negative numbers, 0 for zero, 1 for positive ones; ``x / abs(x)`` for complex numbers.

    Args:
        x: a tensor of numbers.

    Gradient: zero for real numbers, also at 0, where the sign jumps. For complex numbers that of ``x / abs(x)``, and
    zero at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.sign(zk.tensor([1.5, 0.0, -2.0]))
        Tensor([ 1.,  0., -1.])
    """
    return xp.sign(x)


@sign.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    if not is_complex(x):
        return xp.zeros_like(g)
    # only a turn of x changes its direction s: ds = i s dθ with dθ = Re(-i conj(s) dx) / |x|
    s, size = xp.sign(x), xp.abs(x)
    turn = xp.imag(g * s) / xp.where(size == 0, 1.0, size)
    return turn * (1j * xp.conj(s))


@op(kinds="real float", elementwise=True)
def copysign(xp: Any, x1: Array, x2: Array) -> Array:
    """The size of `x1` with the sign of `x2`; the sign of a zero counts.

    Args:
        x1: a tensor or number: the sizes.
        x2: a tensor or number that broadcasts with `x1`: the signs.

    Gradient: to `x1`, 0 where it is 0; none to `x2`, whose size does not matter.

    Example:
        >>> import zkynet as zk
        >>> zk.copysign(zk.tensor([1.0, 2.0]), zk.tensor([-3.0, 0.0]))
        Tensor([-1.,  2.])
    """
    return xp.copysign(x1, x2)


@copysign.gradient("x1")
def _(xp: Any, g: Any, x1: Any, ans: Any) -> Any:
    return g * (xp.sign(x1) * xp.sign(ans))


@copysign.gradient("x2")
def _(xp: Any, g: Any) -> Any:
    return xp.zeros_like(g)


@op(kinds="float", elementwise=True)
def lerp(xp: Any, start: Array, end: Array, weight: Array) -> Array:
    """The point between `start` and `end` that `weight` says: ``start + weight * (end - start)``.

    Args:
        start: a tensor or number: the result for a weight of 0.
        end: a tensor or number that broadcasts with `start`: the result for a weight of 1.
        weight: a tensor or number that broadcasts with both; may lie outside 0 to 1.

    Example:
        >>> import zkynet as zk
        >>> zk.lerp(zk.tensor([0.0, 10.0]), zk.tensor([4.0, 20.0]), 0.25)
        Tensor([ 1. , 12.5])
    """
    return start + weight * (end - start)


@lerp.gradient("start")
def _(xp: Any, g: Any, weight: Any) -> Any:
    return g - g * weight


@lerp.gradient("end")
def _(xp: Any, g: Any, weight: Any) -> Any:
    return g * weight


@lerp.gradient("weight")
def _(xp: Any, g: Any, start: Any, end: Any) -> Any:
    return g * (end - start)
