"""Exponentials and logarithms, element by element."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp"]

LN2, LN10 = math.log(2.0), math.log(10.0)


@op(kinds="float", elementwise=True)
def exp(xp: Any, x: Array) -> Array:
    """The exponential ``e ** x``, element by element.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.exp(zk.tensor([0.0, 1.0]))
        Tensor([1.      , 2.718282])
    """
    return xp.exp(x)


@exp.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * ans


@op(kinds="float", elementwise=True)
def exp2(xp: Any, x: Array) -> Array:
    """``2 ** x``, element by element.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.exp2(zk.tensor([3.0, -1.0]))
        Tensor([8. , 0.5])
    """
    return xp.pow(2.0, x)


@exp2.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (ans * LN2)


@op(kinds="float", elementwise=True)
def expm1(xp: Any, x: Array) -> Array:
    """``e ** x - 1``, exact for small `x` too.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.expm1(zk.tensor([0.0, 1e-8]))
        Tensor([0.e+00, 1.e-08])
    """
    return xp.expm1(x)


@expm1.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.exp(x)  # not ans + 1, which has lost all digits for negative x


@op(kinds="float", elementwise=True)
def log(xp: Any, x: Array) -> Array:
    """The natural logarithm, element by element; -inf at 0, NaN for negative numbers.

    Args:
        x: a tensor of floats, real or complex.

    Gradient: infinite at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.log(zk.tensor([1.0, 10.0]))
        Tensor([0.       , 2.3025851])
    """
    return xp.log(x)


@log.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / x


@op(kinds="float", elementwise=True)
def log1p(xp: Any, x: Array) -> Array:
    """``log(1 + x)``, exact for small `x` too.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.log1p(zk.tensor([0.0, 1e-8]))
        Tensor([0.e+00, 1.e-08])
    """
    return xp.log1p(x)


@log1p.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / (1 + x)


@op(kinds="float", elementwise=True)
def log2(xp: Any, x: Array) -> Array:
    """The logarithm to base 2, element by element.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.log2(zk.tensor([8.0, 0.5]))
        Tensor([ 3., -1.])
    """
    return xp.log2(x)


@log2.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / (x * LN2)


@op(kinds="float", elementwise=True)
def log10(xp: Any, x: Array) -> Array:
    """The logarithm to base 10, element by element.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.log10(zk.tensor([10.0, 1.0]))
        Tensor([1., 0.])
    """
    return xp.log10(x)


@log10.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / (x * LN10)


@op(kinds="real float", elementwise=True)
def logaddexp(xp: Any, x1: Array, x2: Array) -> Array:
    """``log(exp(x1) + exp(x2))`` without overflow: the sum of two numbers given by their logarithms.

    Args:
        x1: a tensor or number.
        x2: a tensor or number that broadcasts with `x1`.

    Gradient: the share of each in the sum; a half each where both are -inf (or inf).

    Example:
        >>> import zkynet as zk
        >>> zk.logaddexp(zk.tensor([0.0, 1000.0]), zk.tensor([0.0, -1000.0]))
        Tensor([6.931472e-01, 1.000000e+03])
    """
    return xp.logaddexp(x1, x2)


@logaddexp.gradient("x1")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _share(xp, x1, x2)


@logaddexp.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _share(xp, x2, x1)


def _share(xp: Any, a: Any, b: Any) -> Any:
    """``exp(a) / (exp(a) + exp(b))``, from the difference alone: ``exp(a - ans)`` would feel the rounding of `ans`."""
    same = (a == b) & (abs(a) == math.inf)
    return xp.sigmoid(xp.where(same, 0.0, a - b))
