"""Rows for zkynet/ops/powers.py."""

import numpy as np
from table import Row, away_from_zero, complex_normal, normal, positive


def power_of(exponent, sampler):
    """A row for a Python number as exponent."""
    return Row(f"power:{exponent}", (sampler,), lambda x: x**exponent, call=lambda zk, x: x**exponent)


def away_from_cut(*shape):
    """Complex numbers in the right half-plane: roots and logarithms jump at the negative real axis."""
    return lambda rng: rng.uniform(0.4, 2.0, shape) + 1j * rng.standard_normal(shape)


ROWS = [
    Row("power", (positive(3, 4), normal(3, 4)), np.power),
    Row("power:complex", (away_from_cut(3, 4), complex_normal(3, 4)), np.power),
    power_of(0, normal(3, 4)),
    power_of(1, normal(3, 4)),
    power_of(2, normal(3, 4)),
    power_of(3, normal(3, 4)),
    power_of(4, normal(3, 4)),
    power_of(5, normal(3, 4)),
    power_of(-1, away_from_zero(3, 4)),
    power_of(-2, away_from_zero(3, 4)),
    power_of(0.5, positive(3, 4)),
    power_of(1.7, positive(3, 4)),
    power_of(2 + 1j, away_from_cut(3, 4)),
    Row("power:of a number", (normal(3, 4),), lambda x: 2.0**x, call=lambda zk, x: 2**x),
    Row(
        "power:of a complex number", (complex_normal(3, 4),), lambda x: (1 + 2j) ** x, call=lambda zk, x: (1 + 2j) ** x
    ),
    Row("square", (normal(3, 4),), np.square),
    Row("square:complex", (complex_normal(3, 4),), np.square),
    Row("sqrt", (positive(3, 4),), np.sqrt),
    Row("sqrt:complex", (away_from_cut(3, 4),), np.sqrt),
    Row("rsqrt", (positive(3, 4),), lambda x: 1 / np.sqrt(x)),
    Row("rsqrt:complex", (away_from_cut(3, 4),), lambda x: 1 / np.sqrt(x)),
    Row("cbrt", (away_from_zero(3, 4),), np.cbrt),
    Row("reciprocal", (away_from_zero(3, 4),), np.reciprocal),
    Row("reciprocal:complex", (away_from_cut(3, 4),), np.reciprocal),
    Row("hypot", (away_from_zero(3, 4), normal(3, 4)), np.hypot),
    Row("hypot:number", (normal(3, 4),), lambda x: np.hypot(x, 2.0), call=lambda zk, x: zk.hypot(x, 2.0)),
]
