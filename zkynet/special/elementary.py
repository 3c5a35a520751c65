"""Elementary functions written so that nothing cancels: sinc, exprel, logit."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.precision import widened, widened_all
from zkynet.special.numerics import cos_pi, polynomial, sin_pi

__all__ = ["exprel", "logit", "sinc"]


@op(name="special.sinc", kinds="real float", elementwise=True)
def sinc(xp: Any, x: Array) -> Array:
    """``sin(pi x) / (pi x)``, and 1 at 0.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.sinc(zk.tensor([0.0, 0.5, 1.0], dtype="float64"))
        Tensor([1.        , 0.63661977, 0.        ], dtype=float64)
    """
    return widened(_sinc, xp, x)


def _sinc(xp: Any, x: Any) -> Any:
    zero = x == 0
    out = sin_pi(xp, xp.clip(x, -1e17, 1e17)) / (math.pi * xp.where(zero, 1.0, x))
    return xp.where(zero, 1.0, out + 0.0)  # 0, not -0, at whole numbers


SINC_SLOPE = tuple((-1.0) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 12))
"""Of ``(cos(t) - sin(t) / t) / t`` in odd powers of t."""


@sinc.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    return g * widened_all(_sinc_slope, xp, x, ans)


def _sinc_slope(xp: Any, x: Any, ans: Any) -> Any:
    t = xp.clip(x, -0.5, 0.5) * math.pi
    near = t * polynomial(SINC_SLOPE, t * t) * math.pi
    small = xp.abs(x) < 0.5
    far = (cos_pi(xp, xp.clip(x, -1e17, 1e17)) - ans) / xp.where(small, 1.0, x)
    return xp.where(small, near, far)


@op(name="special.exprel", kinds="real float", elementwise=True)
def exprel(xp: Any, x: Array) -> Array:
    """``(exp(x) - 1) / x``, and 1 at 0.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.exprel(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([1.        , 1.71828183], dtype=float64)
    """
    return widened(_exprel, xp, x)


def _exprel(xp: Any, x: Any) -> Any:
    zero = x == 0
    return xp.where(zero, 1.0, xp.expm1(x) / xp.where(zero, 1.0, xp.minimum(x, 1e30)))


EXPREL_SLOPE = tuple(1.0 / (math.factorial(k) * (k + 2)) for k in range(20))


@exprel.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(_exprel_slope, xp, x)


def _exprel_slope(xp: Any, x: Any) -> Any:
    small = xp.abs(x) < 1.0
    inverse = 1.0 / xp.where(small, 1.0, xp.minimum(x, 1e4))  # not 0, by which an infinity would be multiplied
    far = (xp.exp(x) * (1.0 - inverse) + inverse) * inverse
    return xp.where(small, polynomial(EXPREL_SLOPE, xp.clip(x, -1.0, 1.0)), far)


@op(name="special.logit", kinds="real float", elementwise=True)
def logit(xp: Any, x: Array) -> Array:
    """``log(x / (1 - x))``, the inverse of the logistic function: exact near 0, 1/2 and 1.

    Args:
        x: a tensor of numbers from 0 to 1; the result is infinite at both ends, NaN outside.

    Example:
        >>> import zkynet as zk
        >>> zk.logit(zk.tensor([0.0, 0.5, 0.75], dtype="float64"))
        Tensor([      -inf, 0.        , 1.09861229], dtype=float64)
    """
    return widened(_logit, xp, x)


def _logit(xp: Any, x: Any) -> Any:
    s = x - 0.5
    near = xp.abs(s) <= 0.2
    centre = 2.0 * xp.atanh(2.0 * xp.clip(s, -0.2, 0.2))
    return xp.where(near, centre, xp.log(x) - xp.log1p(-x))


@logit.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (1.0 / x + 1.0 / (1.0 - x))
