"""The error function and its relatives.

`erf` has to be fast, for the exact GELU is made of it: one formula for all arguments, without branches. In float32 it
is ``tanh(x * P(x**2))``: atanh(erf(x)) is so nearly x + c x**3 that seven coefficients do, and the result cannot leave
[-1, 1]. In float64 it is one rational function of x**2. `erfc` and `erfcx` come from one rational function of
1/(1.5 + x), as in Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969).
"""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import dtype_name
from zkynet.ops.precision import widened
from zkynet.special.numerics import gaussian, polynomial, ratio

__all__ = ["erf", "erfc", "erfcx"]

TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
ERF = (
    (
        1.1283791670955126,
        0.21966907305141253,
        0.06603378581804012,
        0.006862361667309755,
        0.0008532524612091974,
        5.664108909205237e-05,
        3.884582522143306e-06,
        1.6844996116851826e-07,
        6.732271082140762e-09,
        1.7113780664607027e-10,
        3.3441508738657134e-12,
        2.2518511288758547e-14,
        1.5994358393529873e-17,
    ),
    (
        1.0,
        0.5280099805607419,
        0.13452424583513614,
        0.02193155071344633,
        0.0025563042009075563,
        0.0002251865274987996,
        1.5426676839542862e-05,
        8.307837828223402e-07,
        3.497405842592504e-08,
        1.1194959339474688e-09,
        2.543296564894638e-11,
        3.342675770871543e-13,
        8.981625231369872e-16,
    ),
)
"""``erf(x) / x`` as a function of x**2, for x <= 5.9, from where on erf is 1 in float64; error 2.6e-17."""

ERF_SINGLE = (
    1.1283792743537584,
    0.10276905462260069,
    -0.00019182660341628032,
    -0.0006197895054376961,
    8.76395720003056e-05,
    -5.668904982888353e-06,
    1.4188003713371828e-07,
)
"""``atanh(erf(x)) / x`` as a function of x**2, for x <= 3.95; error 9.5e-8 in erf."""

ERFCX = (
    (
        0.37612638903183754,
        1.175477397561498,
        5.079661759657444,
        11.10444595263643,
        23.658545070465934,
        35.82494541384488,
        46.857798458354296,
        47.25216265436584,
        37.71468645943048,
        21.440856009924502,
        7.056872166627881,
        -0.01938968947731083,
    ),
    (
        1.0,
        2.1252191599404124,
        10.602202133083964,
        16.93469328459618,
        37.19644726720804,
        42.220191766504435,
        51.04660746706685,
        37.80567937757538,
        25.080072872380484,
        10.19219688249111,
        2.9587014147326225,
        0.3601764168442367,
    ),
)
"""``erfcx(x) / s`` as a function of s = 1.5 / (1.5 + x), for x >= 0; error 3.1e-18."""


def erf_of(xp: Any, x: Any) -> Any:
    """`erf` on arrays of float32 or float64."""
    if dtype_name(x) == "float32":
        x = xp.clip(x, -5.0, 5.0)
        return xp.tanh(x * polynomial(ERF_SINGLE, x * x))
    x = xp.clip(x, -5.9, 5.9)
    return xp.clip(x * ratio(*ERF, x * x), -1.0, 1.0)


def erfcx_of(xp: Any, x: Any) -> Any:
    """`erfcx` for x >= 0."""
    s = 1.5 / (x + 1.5)
    return s * ratio(*ERFCX, s)


@op(name="special.erf", kinds="real float", elementwise=True)
def erf(xp: Any, x: Array) -> Array:
    """The error function, the integral of ``2/sqrt(pi) exp(-t**2)`` from 0 to `x`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.erf(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([0.        , 0.84270079], dtype=float64)
    """
    return widened(erf_of, xp, x)


@erf.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (xp.exp(-x * x) * TWO_OVER_ROOT_PI)


@op(name="special.erfc", kinds="real float", elementwise=True)
def erfc(xp: Any, x: Array) -> Array:
    """The complement ``1 - erf(x)``, with all its digits where that is tiny.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.erfc(zk.tensor([0.0, 5.0], dtype="float64"))
        Tensor([1.00000000e+00, 1.53745979e-12], dtype=float64)
    """
    return widened(_erfc, xp, x)


def _erfc(xp: Any, x: Any) -> Any:
    size, sign = xp.minimum(xp.abs(x), 28.0), xp.sign(x)
    return sign * (gaussian(xp, size) * erfcx_of(xp, size)) + (1.0 - sign)  # erfc(-x) = 2 - erfc(x)


@erfc.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (xp.exp(-x * x) * -TWO_OVER_ROOT_PI)


@op(name="special.erfcx", kinds="real float", elementwise=True)
def erfcx(xp: Any, x: Array) -> Array:
    """The scaled complement ``exp(x**2) * erfc(x)``, which falls only as 1/x.

    Args:
        x: a tensor of real numbers. Below -26 (-9 in float32) the result is infinite.

    Example:
        >>> import zkynet as zk
        >>> zk.special.erfcx(zk.tensor([0.0, 1000.0], dtype="float64"))
        Tensor([1.00000000e+00, 5.64189301e-04], dtype=float64)
    """
    return widened(_erfcx, xp, x)


def _erfcx(xp: Any, x: Any) -> Any:
    size = xp.abs(x)
    positive = erfcx_of(xp, size)
    negative = xp.reciprocal(0.5 * gaussian(xp, xp.minimum(size, 28.0))) - positive
    return xp.where(x < 0, negative, positive)


SLOPE = tuple(TWO_OVER_ROOT_PI * math.prod(0.5 - k for k in range(1, n + 1)) for n in range(1, 12))
"""Of the series of ``2 x erfcx(x) - 2/sqrt(pi)`` in 1/x**2, from the first power on (DLMF 7.12.1)."""


@erfcx.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    # the difference of two numbers that become equal; where too little is left of it, its series is used instead
    w = 1.0 / xp.square(xp.maximum(x, 12.0))
    return g * xp.where(x > 12.0, w * polynomial(SLOPE, w), 2.0 * x * ans - TWO_OVER_ROOT_PI)
