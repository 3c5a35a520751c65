"""Rows for zkynet/ops/sets.py."""

import numpy as np
from table import Row, booleans, distinct, integers, normal

VALUES = "the shape depends on the values"


def complex_integers(*shape):
    """Complex numbers with many repetitions."""
    return lambda rng: rng.integers(0, 3, shape) + 1j * rng.integers(0, 3, shape)


ROWS = [
    Row("unique_values:floats", (distinct(3, 4),), np.unique, batch=VALUES),
    Row("unique", (distinct(3, 4),), np.unique, lambda zk, x: zk.unique_values(x), batch=VALUES),
    Row(
        "unique:all of it",
        (integers(0, 5, 3, 4),),
        lambda x: np.unique(x, True, True, True),
        lambda zk, x: zk.unique(x, return_index=True, return_inverse=True, return_counts=True),
        order=0,
        batch=VALUES,
    ),
    Row("unique_values", (integers(0, 5, 3, 4),), np.unique, order=0, batch=VALUES),
    Row("unique_values:complex", (complex_integers(3, 4),), np.unique, order=0, batch=VALUES),
    Row("unique_values:booleans", (booleans(3, 4),), np.unique, order=0, batch=VALUES),
    Row("unique_all", (integers(0, 5, 3, 4),), np.unique_all, order=0, batch=VALUES),
    Row("unique_all:floats", (distinct(3, 4),), np.unique_all, batch=VALUES),
    Row("unique_all:complex", (complex_integers(3, 4),), np.unique_all, order=0, batch=VALUES),
    Row("unique_counts", (integers(0, 5, 3, 4),), np.unique_counts, order=0, batch=VALUES),
    Row("unique_counts:floats", (distinct(3, 4),), np.unique_counts, batch=VALUES),
    Row("unique_inverse:floats", (distinct(3, 4),), np.unique_inverse, batch=VALUES),
    Row("unique_inverse", (integers(0, 5, 3, 4),), np.unique_inverse, order=0, batch=VALUES),
    Row("isin", (integers(0, 9, 3, 4), integers(0, 9, 5)), np.isin, order=0, batch="asks in one set"),
    Row(
        "isin:not",
        (integers(0, 9, 3, 4), integers(0, 9, 2, 2)),
        np.isin,
        kwargs={"invert": True},
        order=0,
        batch="asks in one set",
    ),
    Row("isin:floats", (normal(3, 4), normal(3)), np.isin, order=0, batch="asks in one set"),
    Row("isin:complex", (complex_integers(3, 4), complex_integers(3)), np.isin, order=0, batch="asks in one set"),
    Row("isin:booleans", (booleans(3, 4), booleans(1)), np.isin, order=0, batch="asks in one set"),
]
