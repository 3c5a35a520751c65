"""Rows for zkynet/ops/indexing.py and selecting.py."""

import numpy as np
from table import Row, booleans, integers, normal

FRONT = "the key starts at the first axis"


def put(x, key, value):
    out = x.copy()
    out[key] = value
    return out


def assigned(zk, x, key, value):
    out = x.clone()
    out[key] = value
    return out


def added_along(x, i, v, axis):
    out = x.copy()
    for at in np.ndindex(i.shape):
        to = list(at)
        to[axis] = i[at]
        out[tuple(to)] += v[at]
    return out


I = np.array([[2, 0], [2, -1]])  # noqa: E741  positions, one of them twice
M = np.array([True, False, True])

ROWS = [
    Row("getitem", (normal(3, 4),), lambda x: x[1], lambda zk, x: x[1], batch=FRONT),
    Row("getitem:slices", (normal(3, 4),), lambda x: x[..., ::-2, 1:], lambda zk, x: x[..., ::-2, 1:]),
    Row("getitem:axes", (normal(3, 4),), lambda x: x[..., None, -1], lambda zk, x: x[..., None, -1]),
    Row("getitem:positions", (normal(3, 4),), lambda x: x[I], lambda zk, x: x[zk.asarray(I)], batch=FRONT),
    Row(
        "getitem:two arrays",
        (normal(3, 4),),
        lambda x: x[[0, 0, 2], [1, 1, 3]],
        lambda zk, x: x[[0, 0, 2], [1, 1, 3]],
        batch=FRONT,
    ),
    Row(
        "getitem:mixed",
        (normal(3, 4, 2),),
        lambda x: x[:, [3, 3, 0], 1],
        lambda zk, x: x[:, [3, 3, 0], 1],
        batch=FRONT,
        skip={"strict": "the standard has no key of arrays beside slices"},
    ),
    Row(
        "getitem:apart",
        (normal(3, 4, 2),),
        lambda x: x[[2, 2], :, [0, 1]],
        lambda zk, x: x[[2, 2], :, [0, 1]],
        batch=FRONT,
        skip={"strict": "the standard has no key of arrays beside slices"},
    ),
    Row("getitem:mask", (normal(3, 4),), lambda x: x[M], lambda zk, x: x[zk.asarray(M)], batch=FRONT),
    Row(
        "getitem:full mask",
        (normal(2, 3),),
        lambda x: x[np.stack([M, ~M])],
        lambda zk, x: x[zk.asarray(np.stack([M, ~M]))],
        batch=FRONT,
    ),
    Row(
        "index_set",
        (normal(3, 4), normal(4)),
        lambda x, v: put(x, 1, v),
        lambda zk, x, v: assigned(zk, x, 1, v),
        batch=FRONT,
    ),
    Row(
        "index_set:slice",
        (normal(3, 4), normal(2)),
        lambda x, v: put(x, (slice(None), slice(1, 3)), v),
        lambda zk, x, v: assigned(zk, x, (slice(None), slice(1, 3)), v),
        batch=FRONT,
    ),
    Row(
        "index_set:mask",
        (normal(3, 4), normal()),
        lambda x, v: put(x, M, v),
        lambda zk, x, v: assigned(zk, x, zk.asarray(M), v),
        batch=FRONT,
    ),
    Row(
        "index_set:positions",
        (normal(3, 4), normal(2, 4)),
        lambda x, v: put(x, [2, 0], v),
        lambda zk, x, v: assigned(zk, x, [2, 0], v),
        batch=FRONT,
    ),
    Row(
        "put_into_zeros",
        (normal(3),),
        lambda x: put(np.zeros((3, 3)), np.diag_indices(3), x),
        lambda zk, x: zk.diag(x),
        batch="a matrix means something else",
    ),
    Row("where", (booleans(3, 4), normal(3, 4), normal(4)), np.where, batch="broadcasting is aligned at the last axis"),
    Row(
        "where:number",
        (booleans(3, 4), normal(3, 4)),
        lambda c, x: np.where(c, 0.0, x),
        lambda zk, c, x: zk.where(c, 0, x),
    ),
    Row(
        "masked_fill",
        (normal(3, 4), booleans(3, 4)),
        lambda x, m: np.where(m, -1.0, x),
        lambda zk, x, m: zk.masked_fill(x, m, -1),
    ),
    Row("masked_select", (normal(3, 4), booleans(3, 4)), lambda x, m: x[m], batch="the result has a length of its own"),
    Row(
        "take",
        (normal(3, 4),),
        lambda x: np.take(x, I, -1),
        lambda zk, x: zk.take(x, zk.asarray(I), axis=-1),
        skip={"strict": "the standard has no key of arrays beside slices"},
    ),
    Row(
        "take:flat",
        (normal(3, 4),),
        lambda x: np.take(x, [11, 0, 0]),
        lambda zk, x: zk.take(x, [11, 0, 0]),
        batch="all axes are one",
    ),
    Row("take_along_axis", (normal(3, 4), integers(-4, 4, 3, 6)), lambda x, i: np.take_along_axis(x, i, -1)),
    Row(
        "gather",
        (normal(3, 4), integers(0, 3, 2, 4)),
        lambda x, i: np.take_along_axis(x, i, -2),
        lambda zk, x, i: zk.gather(x, i, -2),
    ),
    Row(
        "scatter_add",
        (normal(3, 4), integers(-4, 4, 3, 6), normal(3, 6)),
        lambda x, i, v: added_along(x, i, v, -1),
        lambda zk, x, i, v: zk.scatter_add(x, i, v),
    ),
    Row(
        "scatter_add:rows",
        (normal(3, 4), integers(0, 3, 5, 4), normal(5, 4)),
        lambda x, i, v: added_along(x, i, v, -2),
        lambda zk, x, i, v: zk.scatter_add(x, i, v, axis=-2),
    ),
    Row("one_hot", (integers(0, 5, 3, 2),), lambda i: np.eye(5)[i], lambda zk, i: zk.one_hot(i, 5), order=0),
]
