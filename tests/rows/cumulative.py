"""Rows for zkynet/ops/cumulative.py."""

import numpy as np
from table import Row, away_from_zero, booleans, complex_normal, distinct, integers, normal

from rows.reduction import with_zeros

LAST = {"axis": -1}
INITIAL = {"axis": -1, "include_initial": True}
FRONT = "counts axes from the front"


def logcumsumexp(x):
    return np.log(np.cumsum(np.exp(x), axis=-1))


ROWS = [
    Row("cumulative_sum", (normal(3, 4),), np.cumulative_sum, kwargs=LAST),
    Row("cumulative_sum:first axis", (normal(3, 4),), np.cumulative_sum, kwargs={"axis": 0}, batch=FRONT),
    Row("cumulative_sum:one axis", (normal(5),), np.cumulative_sum, batch="a batch has to name the axis"),
    Row("cumulative_sum:initial", (normal(3, 4),), np.cumulative_sum, kwargs=INITIAL),
    Row("cumulative_sum:complex", (complex_normal(3, 4),), np.cumulative_sum, kwargs=LAST),
    Row("cumulative_sum:integers", (integers(-9, 9, 3, 4),), np.cumulative_sum, kwargs=LAST, order=0),
    Row("cumulative_prod", (away_from_zero(3, 5),), np.cumulative_prod, kwargs=LAST),
    Row("cumulative_prod:first axis", (away_from_zero(3, 4),), np.cumulative_prod, kwargs={"axis": 0}, batch=FRONT),
    Row("cumulative_prod:long", (away_from_zero(2, 9),), np.cumulative_prod, kwargs=LAST),
    Row("cumulative_prod:one element", (normal(3, 1),), np.cumulative_prod, kwargs=LAST),
    Row("cumulative_prod:initial", (away_from_zero(3, 4),), np.cumulative_prod, kwargs=INITIAL),
    Row("cumulative_prod:zeros", (with_zeros((0, 1), (1, 0), (1, 2), (2, 3)),), np.cumulative_prod, kwargs=LAST),
    Row("cumulative_prod:zeros initial", (with_zeros((0, 1), (1, 0), (1, 2)),), np.cumulative_prod, kwargs=INITIAL),
    Row("cumulative_prod:complex", (complex_normal(3, 4),), np.cumulative_prod, kwargs=LAST),
    Row("logcumsumexp", (normal(3, 5),), logcumsumexp),
    Row(
        "logcumsumexp:first axis",
        (normal(4, 2),),
        lambda x: logcumsumexp(x.T).T,
        lambda zk, x: zk.logcumsumexp(x, axis=0),
        batch=FRONT,
    ),
    Row("diff", (normal(3, 5),), np.diff),
    Row("diff:first axis", (normal(3, 4),), np.diff, kwargs={"axis": 0}, batch=FRONT),
    Row("diff:twice", (normal(3, 5),), np.diff, kwargs={"n": 2}),
    Row("diff:three times", (normal(3, 4),), np.diff, kwargs={"n": 3}),
    Row("diff:complex", (complex_normal(3, 4),), np.diff),
    Row(
        "diff:ends",
        (normal(3, 4), normal(3, 2), normal(3, 1)),
        lambda x, a, b: np.diff(x, prepend=a, append=b),
        lambda zk, x, a, b: zk.diff(x, prepend=a, append=b),
    ),
    Row("trapezoid", (normal(3, 5),), np.trapezoid, kwargs={"dx": 0.3}),
    Row("trapezoid:places", (normal(3, 5), normal(3, 5)), np.trapezoid),
    Row(
        "trapezoid:first axis",
        (normal(4, 3), normal(4)),
        lambda y, x: np.trapezoid(y, x, axis=0),
        lambda zk, y, x: zk.trapezoid(y, x, axis=0),
        batch=FRONT,
    ),
    Row("diff:numbers", (normal(3, 4),), np.diff, kwargs={"prepend": 1.0, "append": 2.0}),
    Row("cummax", (distinct(3, 7),), lambda x, axis: np.maximum.accumulate(x, axis), kwargs={"axis": -1}),
    Row("cummax:first axis", (distinct(6, 2),), np.maximum.accumulate, lambda zk, x: zk.cummax(x, 0), batch=FRONT),
    Row("cummax:one element", (normal(3, 1),), lambda x: x, lambda zk, x: zk.cummax(x, -1)),
    Row(
        "cummax:ties",
        (integers(0, 3, 3, 9),),
        lambda x, axis: np.maximum.accumulate(x, axis),
        kwargs={"axis": -1},
        order=0,
    ),
    Row("cummin", (distinct(3, 8),), lambda x, axis: np.minimum.accumulate(x, axis), kwargs={"axis": -1}),
    Row(
        "cummin:booleans",
        (booleans(3, 4),),
        lambda x, axis: np.minimum.accumulate(x, axis),
        kwargs={"axis": -1},
        order=0,
    ),
]
