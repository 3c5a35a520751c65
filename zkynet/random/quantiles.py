"""Quantile functions in float64 on the host, by ``+ - * /`` and square roots alone: the same bits on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

LN2 = (0.6931471803691238, 1.9082149292705877e-10)
"""The logarithm of 2 in two parts, the first with so few digits that its multiples are exact."""


def exponential(p: Any) -> Any:
    """The number that an exponential variable exceeds with probability `p`: -log(p)."""
    mantissa, exponent = np.frexp(p)
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    exponent = np.where(low, exponent - 1, exponent)
    return -(exponent * LN2[0] + (exponent * LN2[1] + _two_atanh((mantissa - 1.0) / (mantissa + 1.0))))


def _two_atanh(s: Any) -> Any:
    """``log((1 + s) / (1 - s))`` for abs(s) <= 1/3, by its series."""
    square = s * s
    total = square * 0.0
    for k in range(43, 1, -2):
        total = (total + 1.0 / k) * square
    return 2.0 * s + 2.0 * s * total


def gumbel_below(p: Any) -> Any:
    """The quantile of the standard Gumbel distribution at `p` < 1/2: -log(-log(p))."""
    return exponential(exponential(p))


def gumbel_above(p: Any) -> Any:
    """The number that a standard Gumbel variable exceeds with probability `p` < 1/2: -log(-log(1 - p))."""
    return exponential(_two_atanh(p / (2.0 - p)))


def normal_tail(p: Any) -> Any:
    """The number that a standard normal variable exceeds with probability `p` <= 1/2.

    Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37 (1988).
    """
    q = 0.5 - p
    central = q * _ratio(CENTRAL, 0.180625 - q * q)
    r = np.sqrt(exponential(p))
    tail = np.where(r <= 5.0, _ratio(TAIL, r - 1.6), _ratio(FAR_TAIL, r - 5.0))
    return np.where(q <= 0.425, central, tail)


def _ratio(coefficients: Any, x: Any) -> Any:
    above, below = (x * 0.0 + c[-1] for c in coefficients)
    for a, b in zip(coefficients[0][-2::-1], coefficients[1][-2::-1], strict=True):
        above, below = above * x + a, below * x + b
    return above / below


CENTRAL = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
TAIL = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
     1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
FAR_TAIL = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip
