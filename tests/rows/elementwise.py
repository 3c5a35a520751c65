"""Rows for zkynet/ops/elementwise.py."""

import numpy as np
from table import Row, away_from_zero, complex_normal, normal, uniform

ALIGNED = "broadcasting is aligned at the last axis"


def quotients_between_integers(rng):
    """Numbers whose quotient by 1.5 is at least 0.2 away from an integer, where remainders jump."""
    return 1.5 * (rng.integers(-4, 4, (3, 4)) + rng.uniform(0.2, 0.8, (3, 4)))


def lerp(start, end, weight):
    return (1 - weight) * start + weight * end


ROWS = [
    Row("add", (normal(3, 4), normal(4)), np.add, batch=ALIGNED),
    Row("add:complex", (complex_normal(3, 4), complex_normal(3, 4)), np.add),
    Row("subtract", (normal(3, 4), normal(3, 1)), np.subtract),
    Row("subtract:complex", (complex_normal(3, 4), complex_normal(3, 4)), np.subtract),
    Row("multiply", (normal(3, 4), normal(3, 4)), np.multiply),
    Row("multiply:broadcast", (normal(4), normal(3, 1)), np.multiply, batch=ALIGNED),
    Row("multiply:complex", (complex_normal(3, 4), complex_normal(3, 4)), np.multiply),
    Row("multiply:real by complex", (normal(3, 4), complex_normal(3, 4)), np.multiply),
    Row("divide", (normal(3, 4), away_from_zero(3, 4)), np.divide),
    Row("divide:complex", (complex_normal(3, 4), complex_normal(3, 4)), np.divide),
    Row("divide:number", (away_from_zero(3, 4),), lambda x: 3.0 / x, call=lambda zk, x: 3.0 / x),
    Row("floor_divide", (quotients_between_integers, uniform(1.45, 1.55, 3, 4)), np.floor_divide),
    Row("remainder", (quotients_between_integers, uniform(1.49, 1.51, 3, 4)), np.remainder),
    Row("fmod", (quotients_between_integers, uniform(1.49, 1.51, 3, 4)), np.fmod),
    Row("negative", (normal(3, 4),), np.negative),
    Row("positive", (normal(3, 4),), np.positive),
    Row("abs", (away_from_zero(3, 4),), np.abs),
    Row("abs:complex", (complex_normal(3, 4),), np.abs),
    Row("sign", (away_from_zero(3, 4),), np.sign),
    Row("sign:complex", (complex_normal(3, 4),), np.sign),
    Row("copysign", (away_from_zero(3, 4), away_from_zero(3, 4)), np.copysign),
    Row("lerp", (normal(3, 4), normal(3, 4), uniform(0, 1, 3, 4)), lerp),
    Row(
        "lerp:number",
        (normal(3, 4), normal(3, 4)),
        lambda a, b: lerp(a, b, 0.3),
        call=lambda zk, a, b: zk.lerp(a, b, 0.3),
    ),
]
