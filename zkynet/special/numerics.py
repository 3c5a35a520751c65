"""What the bodies of special functions share: polynomials, working precision, and functions that keep their digits.

All of it is plain Array API and works on any backend's arrays. A body computes every branch for every element and
then chooses with ``where``; so each branch gets arguments that are clamped into its own range, and neither overflows
nor divides by zero elsewhere.

Coefficients without a source were computed for this project: rational functions fitted to values of 60 digits (mpmath)
on Chebyshev nodes by linear least squares, reweighted (Sanathanan and Koerner; Lawson) until the relative errors level
out. The largest relative error of the fit stands beside them. Lowest power first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

LOG_PI = math.log(math.pi)


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """``sum(c[k] * x**k)`` by Horner's rule; at least two coefficients, of the lowest power first.

    Example:
        >>> polynomial((1.0, 0.0, 2.0), 3.0)
        19.0
    """
    out = coefficients[-1] * x + coefficients[-2]
    for c in coefficients[-3::-1]:
        out = out * x + c
    return out


def ratio(above: Sequence[float], below: Sequence[float], x: Any) -> Any:
    """One polynomial divided by another."""
    return polynomial(above, x) / polynomial(below, x)


def gaussian(xp: Any, x: Any, scale: float = 1.0) -> Any:
    """``exp(-scale * x**2)`` for 0 <= x <= 40 and a scale of 1 or 1/2, as exact for large `x` as for small.

    Rounding x**2 would cost x**2 units of the last place. So it is split in two: the square of `x` cut to 10 bits is
    exact, and what is left is small (Cody 1969).
    """
    head = xp.trunc(x * 16.0) * 0.0625
    return xp.exp(head * head * -scale) * xp.exp((head - x) * (head + x) * scale)


def sin_pi(xp: Any, x: Any) -> Any:
    """``sin(pi * x)``, exactly 0 at whole numbers, however large."""
    rest, sign = _half_turns(xp, x)
    return sign * xp.sin(rest)


def cos_pi(xp: Any, x: Any) -> Any:
    """``cos(pi * x)``, exactly 1 or -1 at whole numbers, however large."""
    rest, sign = _half_turns(xp, x)
    return sign * xp.cos(rest)


def _half_turns(xp: Any, x: Any) -> tuple[Any, Any]:
    """The angle ``pi * x`` less whole half turns, and -1 if these are an odd number, else 1."""
    whole = xp.round(x)
    odd = whole - 2.0 * xp.floor(0.5 * whole)
    return (x - whole) * math.pi, 1.0 - 2.0 * odd


LOG1PMX = (
    (
        -0.5,
        -1.891279977991442,
        -2.8902719440039104,
        -2.283366500600851,
        -0.9891868202262826,
        -0.22896546821986938,
        -0.025201483468671994,
        -0.0009539564393242753,
        -2.1790432603881858e-07,
    ),
    (
        1.0,
        4.449226622649551,
        8.246694969774188,
        8.239916336393055,
        4.794661028887333,
        1.6357301869087748,
        0.3118350615365893,
        0.029272622559744006,
        0.0009748137575414943,
    ),
)
"""``(log1p(x) - x) / x**2`` for -0.5 <= x <= 1; error 1.4e-18."""


def log1pmx(xp: Any, x: Any) -> Any:
    """``log(1 + x) - x`` without cancellation at small `x`; for x > -1."""
    near = xp.clip(x, -0.5, 1.0)
    far = xp.log1p(x) - x
    return xp.where((x >= -0.5) & (x <= 1.0), near * near * ratio(*LOG1PMX, near), far)
