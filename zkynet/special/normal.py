"""The normal distribution and the inverses of the error functions.

All quantiles come from one place, Wichura's algorithm AS 241, Applied Statistics 37 (1988): rational functions of
(p - 1/2)**2 in the middle and of sqrt(-log p) in the tails. The caller says how far p is from 1/2 and from the nearer
end, so that no digit is lost at either.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.precision import widened
from zkynet.special.error_functions import erfcx_of
from zkynet.special.numerics import gaussian, ratio

__all__ = ["erfcinv", "erfinv", "log_ndtr", "ndtr", "ndtri"]

ROOT_2 = math.sqrt(2.0)
ROOT_HALF = math.sqrt(0.5)
HALF_ROOT_PI = 0.5 * math.sqrt(math.pi)
ROOT_2_PI = math.sqrt(2.0 * math.pi)
ROOT_2_OVER_PI = math.sqrt(2.0 / math.pi)

MIDDLE = (
    (
        3.3871328727963666080,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
"""AS 241 for ``|p - 1/2| <= 0.425``."""

TAIL = (
    (
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
"""AS 241 for ``sqrt(-log p) <= 5``."""

FAR_TAIL = (
    (
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)
"""AS 241 for smaller `p`."""


def quantile(xp: Any, q: Any, tail: Any) -> Any:
    """The normal quantile of `p`, given ``q = p - 1/2`` and ``tail = min(p, 1 - p)``; NaN for a negative tail."""
    near = xp.clip(q, -0.425, 0.425)
    middle = near * ratio(*MIDDLE, 0.180625 - near * near)
    r = xp.sqrt(-xp.log(xp.where(tail > 0, tail, 1.0)))
    outer = ratio(*TAIL, xp.clip(r, 1.6, 5.0) - 1.6)
    far = ratio(*FAR_TAIL, xp.maximum(r, 5.0) - 5.0)
    outer = xp.sign(q) * xp.where(r <= 5.0, outer, far)
    out = xp.where(xp.abs(q) <= 0.425, middle, outer)
    ends = xp.copysign(xp.full_like(q, math.inf), q)
    return xp.where(tail > 0, out, xp.where(tail == 0, ends, math.nan))


@op(name="special.erfinv", kinds="real float", elementwise=True)
def erfinv(xp: Any, x: Array) -> Array:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    Args:
        x: a tensor of numbers from -1 to 1.

    Example:
        >>> import zkynet as zk
        >>> zk.special.erfinv(zk.tensor([0.0, 0.5], dtype="float64"))
        Tensor([0.        , 0.47693628], dtype=float64)
    """
    return widened(_erfinv, xp, x)


def _erfinv(xp: Any, x: Any) -> Any:
    return ROOT_HALF * quantile(xp, 0.5 * x, 0.5 - 0.5 * xp.abs(x))


@erfinv.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (xp.exp(ans * ans) * HALF_ROOT_PI)


@op(name="special.erfcinv", kinds="real float", elementwise=True)
def erfcinv(xp: Any, x: Array) -> Array:
    """The inverse of `erfc`: infinite at 0 and 2, NaN beyond.

    Args:
        x: a tensor of numbers from 0 to 2.

    Example:
        >>> import zkynet as zk
        >>> zk.special.erfcinv(zk.tensor([1e-30, 1.0], dtype="float64"))
        Tensor([8.14861622, 0.        ], dtype=float64)
    """
    return widened(_erfcinv, xp, x)


def _erfcinv(xp: Any, x: Any) -> Any:
    return ROOT_HALF * quantile(xp, 0.5 - 0.5 * x, 0.5 * xp.minimum(x, 2.0 - x))


@erfcinv.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (xp.exp(ans * ans) * -HALF_ROOT_PI)


@op(name="special.ndtri", kinds="real float", elementwise=True)
def ndtri(xp: Any, p: Array) -> Array:
    """The quantile of the standard normal distribution, the inverse of `ndtr`.

    Args:
        p: a tensor of probabilities; the result is infinite at 0 and 1, NaN outside.

    Example:
        >>> import zkynet as zk
        >>> zk.special.ndtri(zk.tensor([0.5, 0.975], dtype="float64"))
        Tensor([0.        , 1.95996398], dtype=float64)
    """
    return widened(_ndtri, xp, p)


def _ndtri(xp: Any, p: Any) -> Any:
    return quantile(xp, p - 0.5, xp.minimum(p, 1.0 - p))


@ndtri.gradient("p")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (xp.exp(0.5 * ans * ans) * ROOT_2_PI)


@op(name="special.ndtr", kinds="real float", elementwise=True)
def ndtr(xp: Any, x: Array) -> Array:
    """The probability that a standard normal variable is at most `x`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.ndtr(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([0.5       , 0.84134475], dtype=float64)
    """
    return widened(_ndtr, xp, x)


def _ndtr(xp: Any, x: Any) -> Any:
    size, sign = xp.minimum(xp.abs(x), 40.0), xp.sign(x)
    beyond = gaussian(xp, size, 0.5) * erfcx_of(xp, size * ROOT_HALF) * 0.5  # not erfc: x / sqrt(2) is rounded
    return (0.5 * sign + 0.5) - sign * beyond


@ndtr.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (xp.exp(-0.5 * x * x) * (1.0 / ROOT_2_PI))


@op(name="special.log_ndtr", kinds="real float", elementwise=True)
def log_ndtr(xp: Any, x: Array) -> Array:
    """The logarithm of `ndtr`, finite and exact far into the tail too.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.log_ndtr(zk.tensor([0.0, -1e4], dtype="float64"))
        Tensor([-6.93147181e-01, -5.00000101e+07], dtype=float64)
    """
    return widened(_log_ndtr, xp, x)


def _log_ndtr(xp: Any, x: Any) -> Any:
    below = xp.minimum(x, 0.0)
    left = xp.log(0.5 * xp.special.erfcx(below * -ROOT_HALF)) - 0.5 * below * below
    right = xp.log1p(-xp.special.ndtr(-xp.maximum(x, 0.0)))
    return xp.where(x < 0, left, right)


@log_ndtr.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(_log_ndtr_slope, xp, x)


def _log_ndtr_slope(xp: Any, x: Any) -> Any:
    # the density divided by ndtr; to the left of 0 both are tiny, and exp(-x**2 / 2) cancels out
    left = ROOT_2_OVER_PI / xp.special.erfcx(xp.minimum(x, 0.0) * -ROOT_HALF)
    above = xp.maximum(x, 0.0)
    right = xp.exp(-0.5 * above * above) / (ROOT_2_PI * xp.special.ndtr(above))
    return xp.where(x < 0, left, right)
