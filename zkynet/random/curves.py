"""Distributions by their quantile functions, in whole numbers only: every library and compiler gives the same bits.

A logarithm or an error function differs in its last bits from library to library, and a compiler may fuse a product
and a sum into one rounding. Additions, products and shifts of integers cannot differ. So a quantile function ``f(p)``
is a table of polynomials in fixed point. The random integer m, whose smallest values reach far into the tail, is taken
apart like a floating-point number: its octave (the place of its highest bit), the next 8 bits, and the rest ``t`` in
[0, 1). The first two choose a polynomial, which is evaluated at ``t``.

The tables are computed when they are first needed, with nothing but ``+ - * /`` and square roots in float64, which
IEEE 754 fixes to the last bit; so they are the same everywhere as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.random import quantiles
from zkynet.random.philox import constant

PIECES = 256
"""Polynomials for each octave: as many as the 8 bits below the highest one tell apart."""

REST = 44
"""How many bits `t` has."""

CHEBYSHEV: dict[int, tuple[float, ...]] = {
    2: (0.0669872981077807, 0.5, 0.9330127018922193),
    4: (0.0244717418524232, 0.2061073738537635, 0.5, 0.7938926261462365, 0.9755282581475768),
}
"""Where polynomials meet the function, by their degree."""


@dataclass(frozen=True)
class Curve:
    """One quantile function as a table of polynomials.

    Attributes:
        function: ``f(p)`` in float64 on the host.
        bits: m lies in [1, 2**bits), 32 for float32 results and 53 for float64.
        scale: ``p = m / 2**scale``.
        point: how many bits of a result are behind the point.
    """

    function: Callable[[Any], Any]
    bits: int
    scale: int
    point: int

    @property
    def wide(self) -> bool:
        """Whether results are float64."""
        return self.bits == 53

    @property
    def points(self) -> tuple[int, ...]:
        """How many bits each coefficient has behind the point."""
        return (self.point, 48, 55, 55, 63) if self.wide else (self.point, self.point + 8, self.point + 16)

    @cached_property
    def table(self) -> tuple[np.ndarray[Any, Any], ...]:
        """The coefficients, an int64 array for each power of `t`; row ``256 * octave + piece``."""
        nodes = CHEBYSHEV[len(self.points) - 1]
        octave = np.ldexp(1.0, np.arange(self.bits) - self.scale)[:, None]
        left = np.arange(PIECES)
        values = [self.function((octave * (1.0 + (left + t) / PIECES)).ravel()) for t in nodes]
        middle = values[len(nodes) // 2]
        columns = []
        for power, weights in enumerate(_to_powers(nodes)):
            c = 0.0 if power else middle
            for weight, value in zip(weights, values, strict=True):
                c = c + weight * (value - middle)
            half = 0.5 if 0 < power < len(nodes) - 1 else 0.0  # what cutting off a product loses on average
            columns.append(np.floor(np.ldexp(c, self.points[power]) + (half + 0.5)).astype(np.int64))
        return tuple(columns)


def _to_powers(nodes: tuple[float, ...]) -> list[list[float]]:
    """Of each power of t, what the values at the nodes contribute to its coefficient, in exact fractions."""
    n = len(nodes)
    exact = [Fraction(t) for t in nodes]
    by_node = []
    for i in range(n):
        poly = [Fraction(1)]
        for j in range(n):
            if j != i:  # times (t - t_j) / (t_i - t_j)
                span = exact[i] - exact[j]
                shifted, scaled = [Fraction(0), *poly], [*(c * exact[j] for c in poly), Fraction(0)]
                poly = [(a - b) / span for a, b in zip(shifted, scaled, strict=True)]
        by_node.append(poly)
    return [[float(by_node[i][power]) for i in range(n)] for power in range(n)]


def evaluate(xp: Any, curve: Curve, m: Any, device: str | None, bits: int | None = None) -> Any:
    """The results for integers ``m >= 1`` in a uint64 array, as a float array; in operations of the standard.

    Args:
        xp: a backend's raw namespace.
        curve: the function.
        m: the integers, with at most 53 bits from the highest to the lowest that is set.
        device: where they live.
        bits: they are below 2**bits, and ``p = m / 2**(bits - curve.bits + curve.scale)``; by default ``curve.bits``.
    """
    bits = curve.bits if bits is None else bits
    octave = xp.full_like(m, bits - 1)
    for s in (32, 16, 8, 4, 2, 1):
        if s < bits:
            small = m < (1 << (bits - s))
            m = xp.where(small, m << s, m)
            octave = xp.where(small, octave - s, octave)
    below = bits - 9
    i64 = xp.backend.native_dtype(dt.int64)
    row = xp.astype((octave * PIECES) + ((m >> below) & (PIECES - 1)), i64)
    if bits > curve.bits:
        row = xp.maximum(row - (bits - curve.bits) * PIECES, 0)
    t = m & ((1 << below) - 1)
    t = xp.astype(t << (REST - below) if below <= REST else t >> (below - REST), i64)
    c = [xp.take(constant(xp, column, device, np.int64), row) for column in curve.table]
    return to_float(xp, curve, polynomial(curve, c, t))


def polynomial(curve: Curve, c: Any, t: Any) -> Any:
    """The polynomials with coefficients `c` at `t`, all int64; every product stays below 2**63."""
    top = t >> 12
    if not curve.wide:
        s = c[1] + ((top * c[2]) >> 40)
        return c[0] + ((top * s) >> 40)
    high, low = t >> 22, t & ((1 << 22) - 1)
    s = c[3] + ((top * c[4]) >> 40)
    s = c[2] + ((top * s) >> 32)
    s = c[1] + ((high * s + ((low * s) >> 22)) >> 29)
    return c[0] + ((high * s + ((low * s) >> 22)) >> (70 - curve.point))


def to_float(xp: Any, curve: Curve, s: Any) -> Any:
    """The middle of the interval of which `s` is the lower end, so that no result is 0."""
    dtype = xp.backend.native_dtype(dt.float64 if curve.wide else dt.float32)
    return xp.astype(s * 2 + 1, dtype) * 2.0 ** -(curve.point + 1)


NORMAL = {dt.float32: Curve(quantiles.normal_tail, 32, 33, 27), dt.float64: Curve(quantiles.normal_tail, 53, 54, 56)}
"""The upper half of the normal distribution: f(p) = x where a standard normal number exceeds x with probability p."""

EXPONENTIAL = {
    dt.float32: Curve(quantiles.exponential, 32, 32, 25),
    dt.float64: Curve(quantiles.exponential, 53, 53, 56),
}
GUMBEL_BELOW = {
    dt.float32: Curve(quantiles.gumbel_below, 32, 33, 25),
    dt.float64: Curve(quantiles.gumbel_below, 53, 54, 56),
}
GUMBEL_ABOVE = {
    dt.float32: Curve(quantiles.gumbel_above, 32, 33, 25),
    dt.float64: Curve(quantiles.gumbel_above, 53, 54, 56),
}
