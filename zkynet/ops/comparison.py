"""Comparisons, element by element: truth values, through which no gradient flows."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.arguments import flag, number
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.tensor import Tensor

__all__ = [
    "allclose",
    "array_equal",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "not_equal",
]


@op(kinds="any", differentiable=False)
def equal(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` and `x2` are equal, element by element; NaN equals nothing.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.equal(zk.tensor([1, 2, 3]), 2)
        Tensor([False,  True, False])
    """
    return xp.equal(x1, x2)


@op(kinds="any", differentiable=False)
def not_equal(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` and `x2` differ, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.not_equal(zk.tensor([1, 2, 3]), 2)
        Tensor([ True, False,  True])
    """
    return xp.not_equal(x1, x2)


@op(kinds="real number", differentiable=False)
def less(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` is below `x2`, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.less(zk.tensor([1, 2, 3]), 2)
        Tensor([ True, False, False])
    """
    return xp.less(x1, x2)


@op(kinds="real number", differentiable=False)
def less_equal(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` is below or equal to `x2`, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.less_equal(zk.tensor([1, 2, 3]), 2)
        Tensor([ True,  True, False])
    """
    return xp.less_equal(x1, x2)


@op(kinds="real number", differentiable=False)
def greater(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` is above `x2`, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.greater(zk.tensor([1, 2, 3]), 2)
        Tensor([False, False,  True])
    """
    return xp.greater(x1, x2)


@op(kinds="real number", differentiable=False)
def greater_equal(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether `x1` is above or equal to `x2`, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.greater_equal(zk.tensor([1, 2, 3]), 2)
        Tensor([False,  True,  True])
    """
    return xp.greater_equal(x1, x2)


@op(kinds="number", differentiable=False)
def isfinite(xp: Any, x: Array) -> Array:
    """Whether `x` is neither infinite nor NaN, element by element; of complex numbers both parts.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.isfinite(zk.tensor([1.0, float("inf")]))
        Tensor([ True, False])
    """
    return xp.isfinite(x)


@op(kinds="number", differentiable=False)
def isinf(xp: Any, x: Array) -> Array:
    """Whether `x` is infinite, element by element; of complex numbers either part.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.isinf(zk.tensor([1.0, float("-inf")]))
        Tensor([False,  True])
    """
    return xp.isinf(x)


@op(kinds="number", differentiable=False)
def isnan(xp: Any, x: Array) -> Array:
    """Whether `x` is NaN, element by element; of complex numbers either part.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.isnan(zk.tensor([1.0, float("nan")]))
        Tensor([False,  True])
    """
    return xp.isnan(x)


@op(name="isclose", kinds="float", differentiable=False)
def _isclose(xp: Any, x1: Array, x2: Array, rtol: Any, atol: Any, equal_nan: Any) -> Array:
    x1, x2 = as_array(xp, x1, x2), as_array(xp, x2, x1)
    finite = xp.isfinite(x1) & xp.isfinite(x2)
    a, b = xp.where(finite, x1, 0.0), xp.where(finite, x2, 0.0)
    close = (finite & (abs(a - b) <= atol + rtol * abs(b))) | (x1 == x2)
    return close | ((x1 != x1) & (x2 != x2)) if equal_nan else close


def isclose(x1: Array, x2: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether `x1` is `x2` up to rounding: ``abs(x1 - x2) <= atol + rtol * abs(x2)``, element by element.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`: the one that is right.
        rtol: the difference allowed, relative to the size of `x2`.
        atol: the difference allowed on top, which matters near zero.
        equal_nan: whether NaN is close to NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.isclose(zk.tensor([1.0, 1.1]), 1.000001)
        Tensor([ True, False])
    """
    rtol, atol = number("isclose", "rtol", rtol), number("isclose", "atol", atol)
    return _isclose(x1, x2, rtol, atol, flag("isclose", "equal_nan", equal_nan))


def allclose(x1: Array, x2: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements of `x1` and `x2` are close, as one Python bool; see `isclose`.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`: the one that is right.
        rtol: the difference allowed, relative to the size of `x2`.
        atol: the difference allowed on top, which matters near zero.
        equal_nan: whether NaN is close to NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.allclose(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 2.000001]))
        True
    """
    close = isclose(x1, x2, rtol, atol, equal_nan)
    return bool(close.backend.scalar(close.backend.xp.all(close._raw)))


def array_equal(x1: Array, x2: Array) -> bool:
    """Whether `x1` and `x2` have the same shape and the same elements, as one Python bool.

    Args:
        x1: a tensor or number.
        x2: a tensor or number.

    Example:
        >>> import zkynet as zk
        >>> zk.array_equal(zk.tensor([1, 2]), [1, 2]), zk.array_equal(zk.tensor([1, 1]), 1)
        (True, False)
    """
    a, b = as_tensor("array_equal", x1), as_tensor("array_equal", x2)
    if a.shape != b.shape:
        return False
    same = equal(a, b)
    return bool(same.backend.scalar(same.backend.xp.all(same._raw)))
