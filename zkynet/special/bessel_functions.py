"""Modified Bessel functions of the first kind, of orders 0 and 1, and the same times exp(-abs(x)).

Up to 20 the power series (DLMF 10.25.2), whose terms are all positive; beyond, the asymptotic series (DLMF 10.40.1).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.precision import widened
from zkynet.special.numerics import polynomial

__all__ = ["i0", "i0e", "i1", "i1e"]

SPLIT = 20.0


@cache
def power_series(order: int, terms: int = 34) -> tuple[float, ...]:
    """Of ``I(x) / (x/2)**order`` in powers of x**2 / 4."""
    return tuple(1.0 / (math.factorial(k) * math.factorial(k + order)) for k in range(terms))


@cache
def asymptotic_series(order: int, terms: int = 30) -> tuple[float, ...]:
    """Of ``I(x) exp(-x) sqrt(x)`` in powers of 1/x."""
    out = [1.0 / math.sqrt(2.0 * math.pi)]
    for k in range(1, terms):
        out.append(-out[-1] * (4 * order * order - (2 * k - 1) ** 2) / (8 * k))
    return tuple(out)


def scaled_bessel(xp: Any, order: int, x: Any, divided: bool = False) -> Any:
    """``I(x) exp(-abs(x))`` of order 0 or 1; of any order if it is to be divided by ``x**order``."""
    size = xp.abs(x)
    small, inverse = xp.minimum(size, SPLIT), 1.0 / xp.maximum(size, SPLIT)
    near = polynomial(power_series(order), 0.25 * small * small) * xp.exp(-small)
    far = polynomial(asymptotic_series(order), inverse) * xp.sqrt(inverse)
    if divided:
        near, far = near * 0.5**order, far * inverse**order
    elif order == 1:
        near = near * (0.5 * small)
    out = xp.where(size <= SPLIT, near, far)
    return out if divided or order == 0 else xp.sign(x) * out


def bessel(xp: Any, order: int, x: Any, divided: bool = False) -> Any:
    """``I(x)``; the exponential is applied in two halves, which overflow only where the result does."""
    x = xp.clip(x, -1e4, 1e4)  # an infinity would be multiplied by 0
    half = xp.exp(0.5 * xp.abs(x))
    return scaled_bessel(xp, order, x, divided) * half * half


@op(name="special.bessel_ratio", kinds="real float", elementwise=True)
def bessel_ratio(xp: Any, x: Array, order: int, scaled: bool) -> Array:
    """``I(x) / x**order``, which is smooth at 0, and whose derivative is `x` times that of the next order.

    Args:
        x: a tensor of real numbers.
        order: the order of the Bessel function, from 0 on.
        scaled: whether to multiply with ``exp(-abs(x))``.
    """
    f = scaled_bessel if scaled else bessel
    return widened(lambda xp, x: f(xp, order, x, True), xp, x)


@bessel_ratio.gradient("x")
def _(xp: Any, g: Any, x: Any, order: Any, scaled: Any, ans: Any) -> Any:
    slope = x * xp.special.bessel_ratio(x, order + 1, scaled)
    return g * (slope - xp.sign(x) * ans if scaled else slope)


@op(name="special.i0", kinds="real float", elementwise=True)
def i0(xp: Any, x: Array) -> Array:
    """The modified Bessel function of the first kind of order 0.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.i0(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([1.        , 1.26606588], dtype=float64)
    """
    return widened(lambda xp, x: bessel(xp, 0, x), xp, x)


@i0.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.special.i1(x)


@op(name="special.i0e", kinds="real float", elementwise=True)
def i0e(xp: Any, x: Array) -> Array:
    """``exp(-abs(x)) * i0(x)``, which does not overflow.

    Args:
        x: a tensor of real numbers.

    Gradient: 0 at 0, where there is a kink.

    Example:
        >>> import zkynet as zk
        >>> zk.special.i0e(zk.tensor([0.0, 100.0], dtype="float64"))
        Tensor([1.        , 0.03994438], dtype=float64)
    """
    return widened(lambda xp, x: scaled_bessel(xp, 0, x), xp, x)


@i0e.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    return g * (xp.special.i1e(x) - xp.sign(x) * ans)


@op(name="special.i1", kinds="real float", elementwise=True)
def i1(xp: Any, x: Array) -> Array:
    """The modified Bessel function of the first kind of order 1, the derivative of `i0`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.i1(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([0.       , 0.5651591], dtype=float64)
    """
    return widened(lambda xp, x: bessel(xp, 1, x), xp, x)


@i1.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (xp.special.bessel_ratio(x, 1, False) + x * (x * xp.special.bessel_ratio(x, 2, False)))


@op(name="special.i1e", kinds="real float", elementwise=True)
def i1e(xp: Any, x: Array) -> Array:
    """``exp(-abs(x)) * i1(x)``, which does not overflow.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.i1e(zk.tensor([0.0, 100.0], dtype="float64"))
        Tensor([0.        , 0.03974415], dtype=float64)
    """
    return widened(lambda xp, x: scaled_bessel(xp, 1, x), xp, x)


@i1e.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    return g * (xp.special.i0e(x) - xp.sign(x) * ans - xp.special.bessel_ratio(x, 1, True))
