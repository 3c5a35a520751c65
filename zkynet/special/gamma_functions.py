"""The gamma function, its logarithm and the derivative of that.

For x >= 3 Stirling's formula with a rational function for its remainder; below, a rational function around 2 and the
recurrence, which keep their relative accuracy at the zeros of log gamma, 1 and 2. Negative arguments by reflection.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array, ArrayLike
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.kinds import dtype_name
from zkynet.ops.precision import widened
from zkynet.special.numerics import LOG_PI, ratio, sin_pi
from zkynet.tensor import Tensor

__all__ = ["digamma", "gamma", "gammaln", "multigammaln"]

MOST_DIMENSIONS = 10_000
HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
ROOT_2_PI = math.sqrt(2.0 * math.pi)

AROUND_TWO = (
    (
        0.42278433509846713,
        0.9365343262214986,
        0.7361163552153759,
        0.2632470970406654,
        0.043812310681020636,
        0.0029856918335426108,
        5.411417503884309e-05,
    ),
    (
        1.0,
        1.4524362466134606,
        0.7926165204475546,
        0.20080808799109098,
        0.023501598385989145,
        0.0010784004990992868,
        1.145075564942377e-05,
    ),
)
"""``log(gamma(2 + d)) / d`` for -0.5 <= d <= 1; error 3.2e-17."""

STIRLING = (
    (
        0.08333333333333333,
        1.221540412228779,
        5.158870471618088,
        7.201154374713226,
        2.815576980812647,
        0.14996360849237736,
    ),
    (
        1.0,
        14.691818280078678,
        62.386649125897854,
        88.36062824533347,
        36.23296006726611,
        2.4860236833843645,
    ),
)
"""``x`` times the remainder of Stirling's formula as a function of 1/x**2, for x >= 3; error 1.4e-18."""

DIGAMMA_SMALL = (
    (
        1.2503801375034054,
        1.87000205167609,
        0.9743372920011817,
        0.21768057382646233,
        0.020179330633117193,
        0.0005912129453964621,
        1.1203109694510524e-06,
    ),
    (
        1.0,
        2.1790936456477876,
        1.6669537753036732,
        0.5736309763111357,
        0.09182464187334509,
        0.006176511526793044,
        0.00012271900462869646,
    ),
)
"""``digamma(1 + d) / (d - ROOT)`` for 0 <= d <= 1; error 1.7e-20."""

DIGAMMA_LARGE = (
    (
        0.08333333333333333,
        1.3859424590483764,
        6.7675021022110595,
        11.196163484302302,
        5.343737049098594,
        0.3447877184036282,
    ),
    (
        1.0,
        16.731309508580463,
        82.83553712979784,
        141.89078649533354,
        75.11503074948374,
        7.766081957899429,
    ),
)
"""``(log(x) - 1/(2x) - digamma(x)) * x**2`` as a function of 1/x**2, for x >= 3; error 1.7e-17."""

ROOT = (0.4616321325302124, 1.2438149938918909e-08)
"""The zero of digamma, less 1, as a float32 number and the rest."""


def stirling_rest(xp: Any, x: Any) -> Any:
    """``log(gamma(x)) - (x - 1/2) log(x) + x - log(2 pi) / 2`` for x >= 3."""
    inverse = 1.0 / x
    return inverse * ratio(*STIRLING, inverse * inverse)


def small_parts(xp: Any, x: Any) -> tuple[Any, Any]:
    """For 0 < x <= 3 the logarithm of a gamma function within [1.5, 3], and what to divide that by."""
    x = xp.minimum(x, 3.0)
    steps = xp.minimum(xp.round(x), 2.0)  # how many times 1 is taken off to come near 0
    d = x - steps
    divisor = xp.where(steps == 2.0, 1.0, xp.where(steps == 1.0, x, x * (x + 1.0)))
    return d * ratio(*AROUND_TWO, d), xp.where(x == 0, 1.0, divisor)


def log_gamma_1p(xp: Any, x: Any) -> Any:
    """``log(gamma(1 + x))`` for -0.5 <= x <= 1, with all digits at small `x`."""
    return x * ratio(*AROUND_TWO, x) - xp.log1p(x)


def gammaln_of(xp: Any, x: Any) -> Any:
    """`gammaln` on arrays of float32 or float64."""
    size = xp.abs(x)
    log_base, divisor = small_parts(xp, size)
    large = xp.maximum(size, 3.0)
    beyond = (large - 0.5) * (xp.log(large) - 1.0) + ((HALF_LOG_2_PI - 0.5) + stirling_rest(xp, large))
    positive = xp.where(size < 3.0, log_base - xp.log(divisor), beyond)
    sine = xp.abs(sin_pi(xp, xp.minimum(size, 1e17)))
    pole = sine == 0
    sine, safe = xp.where(pole, 1.0, sine), xp.where(pole, 1.0, size)
    reflected = LOG_PI - xp.log(safe) - xp.log(sine) - xp.where(pole, 0.0, positive)
    return xp.where((x <= 0) & pole, math.inf, xp.where(x < 0, reflected, positive))


@op(name="special.gammaln", kinds="real float", elementwise=True)
def gammaln(xp: Any, x: Array) -> Array:
    """The logarithm of the absolute value of the gamma function, also called `loggamma` and `lgamma`.

    Args:
        x: a tensor of real numbers; the result is infinite at 0, -1, -2, ...

    Example:
        >>> import zkynet as zk
        >>> zk.special.gammaln(zk.tensor([2.0, 100.0], dtype="float64"))
        Tensor([  0.        , 359.13420537], dtype=float64)
    """
    return widened(gammaln_of, xp, x)


@gammaln.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.special.digamma(x)


OVERFLOW = {"float32": 35.04009, "float64": 171.6243769563}
"""Beyond these the gamma function is too large for the type."""


@op(name="special.gamma", kinds="real float", elementwise=True)
def gamma(xp: Any, x: Array) -> Array:
    """The gamma function, ``(x - 1)!`` for whole numbers.

    Args:
        x: a tensor of real numbers; the result is NaN at -1, -2, ..., and infinite at 0 and beyond 171 (35 in float32).

    Example:
        >>> import zkynet as zk
        >>> zk.special.gamma(zk.tensor([5.0, 0.5], dtype="float64"))
        Tensor([24.        ,  1.77245385], dtype=float64)
    """
    return widened(_gamma, xp, x)


def _gamma(xp: Any, x: Any) -> Any:
    size = xp.abs(x)
    log_base, divisor = small_parts(xp, size)
    limit = OVERFLOW[dtype_name(x)]
    large = xp.clip(size, 3.0, limit)
    half = xp.pow(large, 0.5 * large - 0.25)  # all of x ** (x - 1/2) would overflow before gamma does
    beyond = half * xp.exp(-large) * half * (ROOT_2_PI * xp.exp(stirling_rest(xp, large)))
    positive = xp.where(size < 3.0, xp.divide(xp.exp(log_base), divisor), xp.where(size > limit, math.inf, beyond))
    whole = (size == xp.floor(size)) & (positive < 0.1 / xp.finfo(x.dtype).eps)
    positive = xp.where(whole, xp.round(positive), positive)
    sine = sin_pi(xp, xp.minimum(size, 1e17))
    pole = sine == 0
    reflected = -math.pi / xp.where(pole, 1.0, sine) / positive / xp.where(pole, 1.0, size)
    reflected = xp.where(pole, math.nan, reflected)
    out = xp.where(x < 0, reflected, positive)
    return xp.where(x == 0, xp.copysign(xp.full_like(x, math.inf), x), out)


@gamma.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    return g * (ans * xp.special.digamma(x))


@op(name="special.digamma", kinds="real float", elementwise=True)
def digamma(xp: Any, x: Array) -> Array:
    """The derivative of `gammaln`, also called `psi`.

    Args:
        x: a tensor of real numbers; the result is NaN at -1, -2, ..., and minus infinity at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.special.digamma(zk.tensor([1.0, 10.0], dtype="float64"))
        Tensor([-0.57721566,  2.25175259], dtype=float64)
    """
    return widened(_digamma, xp, x)


def _digamma(xp: Any, x: Any) -> Any:
    size = xp.abs(x)
    steps = xp.clip(xp.floor(size), 0.0, 2.0)
    d = xp.minimum(size, 3.0) - steps
    safe = xp.where(size == 0, 1.0, size)
    shift = xp.where(steps == 0, -xp.reciprocal(safe), xp.where(steps == 2.0, 1.0 / (1.0 + d), 0.0))
    small = (d - ROOT[0] - ROOT[1]) * ratio(*DIGAMMA_SMALL, d) + shift
    inverse = 1.0 / xp.maximum(size, 3.0)
    w = inverse * inverse
    large = xp.log(xp.maximum(size, 3.0)) - 0.5 * inverse - w * ratio(*DIGAMMA_LARGE, w)
    positive = xp.where(size < 3.0, small, large)
    bounded = xp.minimum(size, 1e17)
    r = (bounded - xp.round(bounded)) * math.pi
    cotangent = xp.cos(r) / xp.where(r == 0, 1.0, xp.sin(r))
    reflected = xp.where(r == 0, math.nan, positive + xp.reciprocal(safe) + math.pi * cotangent)
    out = xp.where(x < 0, reflected, positive)
    return xp.where(x == 0, -xp.copysign(xp.full_like(x, math.inf), x), out)


@digamma.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.special.polygamma(1, x)


def multigammaln(a: ArrayLike, d: int) -> Tensor:
    """The logarithm of the gamma function of `d` dimensions, ``log(pi) d (d-1) / 4 + sum_j gammaln(a - j / 2)``, j < d.

    Args:
        a: a tensor of numbers above ``(d - 1) / 2``.
        d: the number of dimensions, a whole number from 1 on.

    Example:
        >>> import zkynet as zk
        >>> zk.special.multigammaln(zk.tensor([2.0, 10.0], dtype="float64"), 3)
        Tensor([ 1.59631259, 36.81285863], dtype=float64)
    """
    d = whole("special.multigammaln", "d", d)
    if not 1 <= d <= MOST_DIMENSIONS:
        raise InvalidValueError(
            f"special.multigammaln: d is a number of dimensions from 1 to {MOST_DIMENSIONS}, received {d}",
            fix="pass the number of dimensions",
            op="special.multigammaln",
        )
    a = as_tensor("special.multigammaln", a)
    out = gammaln(a)
    for j in range(1, d):
        out = out + gammaln(a - 0.5 * j)
    return out + 0.25 * d * (d - 1) * LOG_PI
