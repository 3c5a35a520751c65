"""Rows for zkynet/ops/rounding.py."""

import numpy as np
from table import Row, normal


def between_halves(rng):
    """Numbers at least 0.1 away from every half and every integer, where the steps are."""
    return 0.5 * rng.integers(-6, 6, (3, 4)) + rng.uniform(0.1, 0.4, (3, 4))


ROWS = [
    Row("floor", (between_halves,), np.floor),
    Row("ceil", (between_halves,), np.ceil),
    Row("trunc", (between_halves,), np.trunc),
    Row("round", (between_halves,), np.round),
    Row("round:decimals", (normal(3, 4),), np.round, kwargs={"decimals": 2}, order=0),
    Row("round:tens", (lambda rng: 100 * normal(3, 4)(rng),), np.round, kwargs={"decimals": -1}, order=0),
    Row("signbit", (normal(3, 4),), np.signbit, order=0),
    Row("nextafter", (normal(3, 4), normal(3, 4)), np.nextafter),
]
