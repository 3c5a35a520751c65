"""The regularised incomplete gamma functions, with gradients with respect to both arguments.

With ``t = x exp(s)`` the integral of ``t**(a-1) exp(-t)`` is ``x**a exp(-x)`` times that of ``exp(h(s))``, where
``h(s) = a s - x (exp(s) - 1)``: over s < 0 for the lower function, over s > 0 for the upper one. On the side that leads
away from the peak at t = a, h falls at once and smoothly, and a Gauss-Legendre rule, stretched to where exp(h) is
negligible, gives all digits for any `a` and `x`. The other function is 1 less this one. Only for small `a` and `x` at
once is the integrand not smooth, and there the power series (DLMF 8.7.1 and 8.7.3) are short.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.errors import GradientError
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.ops.precision import widened_all
from zkynet.special.gamma_functions import HALF_LOG_2_PI, gammaln_of, log_gamma_1p, stirling_rest
from zkynet.special.numerics import log1pmx

__all__ = ["gammainc", "gammaincc"]

NODES = 40
DEPTH = 40.0
"""The integrand is followed down to about exp(-40)."""

TERMS = 20
"""Of the power series, for a < 1 and x < 1."""


@cache
def gauss_legendre() -> tuple[tuple[float, float], ...]:
    """Pairs of a place in [0, 1] and its weight.

    NumPy's places are exact to 1e-16 on [-1, 1], which is not much near the end where the integrand begins. So each is
    improved by a step of Newton's in decimal arithmetic.
    """
    rule = []
    with localcontext(prec=40):
        for start in np.polynomial.legendre.leggauss(NODES)[0]:
            z = Decimal(float(start))
            z -= _legendre(z)[0] / _legendre(z)[1]
            rule.append((float((1 + z) / 2), float(1 / ((1 - z * z) * _legendre(z)[1] ** 2))))
    return tuple(rule)


def _legendre(z: Decimal) -> tuple[Decimal, Decimal]:
    """The Legendre polynomial of degree `NODES` at `z`, and its derivative."""
    before, now = Decimal(1), z
    for n in range(1, NODES):
        before, now = now, ((2 * n + 1) * z * now - n * before) / (n + 1)
    return now, NODES * (z * now - before) / (z * z - 1)


def log_front(xp: Any, a: Any, x: Any) -> Any:
    """``log(x**a exp(-x) / gamma(a))`` for positive `a` and `x`."""
    below = xp.minimum(a, 3.0)
    small = below * xp.log(x) - x - gammaln_of(xp, below)
    big = xp.maximum(a, 3.0)
    excess = (x - big) / big
    fall = xp.where(excess > -0.5, log1pmx(xp, xp.maximum(excess, -0.5)), xp.log(x) - xp.log(big) - excess)
    large = big * fall + 0.5 * xp.log(big) - HALF_LOG_2_PI - stirling_rest(xp, big)
    return xp.where(a < 3.0, small, large)


def width(xp: Any, a: Any, x: Any, upper: Any) -> Any:
    """How far from s = 0 the integrand has fallen to about exp(-DEPTH), from bounds on h."""
    c = xp.abs(x - a)
    # below: exp(-u) - 1 + u >= u**2 / (2 + u)
    lead = 2.0 * c - DEPTH
    below = 4.0 * DEPTH / (lead + xp.sqrt(lead * lead + 8.0 * DEPTH * a))
    # above: exp(u) - 1 - u >= u**2 / 2, and equal to DEPTH / x at the fixed point of the iteration
    above = 2.0 * DEPTH / (c + xp.sqrt(c * c + 2.0 * DEPTH * x))
    u = xp.sqrt(2.0 * DEPTH / x)
    for _ in range(3):
        u = xp.log1p(DEPTH / x + u)
    return xp.where(upper, xp.minimum(above, u), below)


def integrals(xp: Any, a: Any, x: Any, upper: Any, moment: bool = False) -> tuple[Any, Any]:
    """The integrals of ``exp(h(s))`` and (if asked for) of ``s exp(h(s))`` over one side."""
    reach = width(xp, a, x, upper)
    signed = xp.where(upper, reach, -reach)
    total, first = xp.zeros_like(x), xp.zeros_like(x)
    for place, weight in gauss_legendre():
        s = signed * place
        part = weight * xp.exp(a * s - x * xp.expm1(s))
        total = total + part
        if moment:
            first = first + s * part
    return total * reach, first * reach


def lower_and_upper(xp: Any, a: Any, x: Any) -> tuple[Any, Any]:
    """Both incomplete gamma functions, each with its relative accuracy, for positive finite `a` and `x`."""
    upper = x >= a
    one = xp.exp(log_front(xp, a, x)) * integrals(xp, a, x, upper)[0]
    huge = a > 1e17  # the difference of `x` and `a` has few digits or none; the distribution is normal
    one = xp.where(huge, xp.special.ndtr((a - x) / xp.sqrt(a) * xp.where(upper, xp.ones_like(a), -1.0)), one)
    lower, rest = xp.where(upper, 1.0 - one, one), xp.where(upper, one, 1.0 - one)
    few = (a < 1.0) & (x < 1.0)
    b, y = xp.minimum(a, 1.0), xp.minimum(x, 1.0)
    term = xp.ones_like(x)
    rising, alternating, power = term, xp.zeros_like(x), term
    for n in range(1, TERMS):
        term = term * (y / (b + float(n)))
        rising = rising + term
        power = power * (y * (-1.0 / n))
        alternating = alternating + power / (b + float(n))
    log_scale = b * xp.log(y) - log_gamma_1p(xp, b)
    scale = xp.exp(log_scale)
    lower = xp.where(few, scale * xp.exp(-y) * rising, lower)
    return lower, xp.where(few, -xp.expm1(log_scale) - scale * (b * alternating), rest)


def at_edges(xp: Any, a: Any, x: Any, inside: Any, first: float, last: float) -> Any:
    """`inside` for positive finite arguments; `first` at x = 0, `last` where x is infinite or a = 0, else NaN."""
    out = xp.where((x > 0) & (a > 0) & (xp.minimum(a, x) < math.inf), inside, math.nan)
    out = xp.where((x == 0) & (a > 0) | (a == math.inf) & (x >= 0) & (x < math.inf), first, out)
    return xp.where((x > 0) & (a == 0) | (x == math.inf) & (a >= 0) & (a < math.inf), last, out)


def within(xp: Any, a: Any, x: Any) -> tuple[Any, Any]:
    """Arguments, broadcast, with 1 in place of those that lie on the edges of the domain or outside."""
    a, x = xp.broadcast_arrays(a, x)
    inside = (a > 0) & (a < math.inf) & (x > 0) & (x < math.inf)
    return xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)


@op(name="special.gammainc", kinds="real float", elementwise=True)
def gammainc(xp: Any, a: Array, x: Array) -> Array:
    """The lower incomplete gamma function, the integral of ``t**(a-1) exp(-t) / gamma(a)`` from 0 to `x`.

    Args:
        a: a tensor of positive numbers.
        x: a tensor of numbers from 0 on that broadcasts with `a`.

    Example:
        >>> import zkynet as zk
        >>> zk.special.gammainc(2.0, zk.tensor([0.0, 1.0, 10.0], dtype="float64"))
        Tensor([0.        , 0.26424112, 0.9995006 ], dtype=float64)
    """
    return widened_all(_lower, xp, a, x)


def _lower(xp: Any, a: Any, x: Any) -> Any:
    return at_edges(xp, a, x, lower_and_upper(xp, *within(xp, a, x))[0], 0.0, 1.0)


@op(name="special.gammaincc", kinds="real float", elementwise=True)
def gammaincc(xp: Any, a: Array, x: Array) -> Array:
    """The upper incomplete gamma function ``1 - gammainc(a, x)``, with all its digits where that is tiny.

    Args:
        a: a tensor of positive numbers.
        x: a tensor of numbers from 0 on that broadcasts with `a`.

    Example:
        >>> import zkynet as zk
        >>> zk.special.gammaincc(2.0, zk.tensor([0.0, 1.0, 50.0], dtype="float64"))
        Tensor([1.00000000e+00, 7.35758882e-01, 9.83662422e-21], dtype=float64)
    """
    return widened_all(_upper, xp, a, x)


def _upper(xp: Any, a: Any, x: Any) -> Any:
    return at_edges(xp, a, x, lower_and_upper(xp, *within(xp, a, x))[1], 1.0, 0.0)


@gammainc.gradient("x")
def _(xp: Any, g: Any, a: Any, x: Any) -> Any:
    return g * xp.special.gamma_density(a, x)


@gammaincc.gradient("x")
def _(xp: Any, g: Any, a: Any, x: Any) -> Any:
    return -g * xp.special.gamma_density(a, x)


@gammainc.gradient("a")
def _(xp: Any, g: Any, a: Any, x: Any) -> Any:
    return g * xp.special.gammainc_slope(a, x)


@gammaincc.gradient("a")
def _(xp: Any, g: Any, a: Any, x: Any) -> Any:
    return -g * xp.special.gammainc_slope(a, x)


@op(name="special.gamma_density", kinds="real float", elementwise=True)
def gamma_density(xp: Any, a: Array, x: Array) -> Array:
    """The derivative of `gammainc` with respect to `x`, ``x**(a-1) exp(-x) / gamma(a)``.

    Args:
        a: a tensor of positive numbers.
        x: a tensor of numbers from 0 on that broadcasts with `a`.
    """
    return widened_all(_density, xp, a, x)


def _density(xp: Any, a: Any, x: Any) -> Any:
    b, y = within(xp, a, x)
    at_zero = xp.where(a < 1.0, math.inf, xp.astype(a == 1.0, a.dtype))
    return at_edges(xp, a, x, xp.where(x == 0, at_zero, xp.exp(log_front(xp, b, y)) / y), math.nan, 0.0)


@gamma_density.gradient("a")
def _(xp: Any, g: Any, a: Any, x: Any, ans: Any) -> Any:
    return g * (ans * log_excess(xp, a, x))


@gamma_density.gradient("x")
def _(xp: Any, g: Any, a: Any, x: Any, ans: Any) -> Any:
    return g * (ans * ((a - 1.0) / x - 1.0))


def log_excess(xp: Any, a: Any, x: Any) -> Any:
    """``log(x) - digamma(a)``; either may be a Python number."""
    return xp.log(as_array(xp, x, a)) - xp.special.digamma(as_array(xp, a, x))


@op(name="special.gammainc_slope", kinds="real float", elementwise=True)
def gammainc_slope(xp: Any, a: Array, x: Array) -> Array:
    """The derivative of `gammainc` with respect to `a`.

    Args:
        a: a tensor of positive numbers.
        x: a tensor of numbers from 0 on that broadcasts with `a`.
    """
    return widened_all(_slope, xp, a, x)


def _slope(xp: Any, a: Any, x: Any) -> Any:
    b, y = within(xp, a, x)
    upper = y >= b
    total, moment = integrals(xp, b, y, upper, moment=True)
    one = xp.exp(log_front(xp, b, y)) * (log_excess(xp, b, y) * total + moment)
    one = xp.where(upper, -one, one)
    few = (b < 1.0) & (y < 1.0)
    c, z = xp.minimum(b, 1.0), xp.minimum(y, 1.0)
    term = xp.ones_like(z)
    rising, harmonic, weighted = term, xp.zeros_like(z), xp.zeros_like(z)
    for n in range(1, TERMS):
        term = term * (z / (c + float(n)))
        harmonic = harmonic + 1.0 / (c + float(n))
        rising, weighted = rising + term, weighted + term * harmonic
    scale = xp.exp(c * xp.log(z) - z - log_gamma_1p(xp, c))
    series = scale * (log_excess(xp, c + 1.0, z) * rising - weighted)
    return at_edges(xp, a, x, xp.where(few, series, one), 0.0, 0.0)


@gammainc_slope.gradient("x")
def _(xp: Any, g: Any, a: Any, x: Any) -> Any:
    return g * (xp.special.gamma_density(a, x) * log_excess(xp, a, x))


@gammainc_slope.gradient("a")
def _(xp: Any, g: Any) -> Any:
    raise GradientError(
        "the incomplete gamma functions have no second derivative with respect to a here",
        facts=["there is the first one, and that with respect to a and x"],
        fix="detach a, or differentiate only once with respect to it",
        op="special.gammainc",
        input="a",
    )
