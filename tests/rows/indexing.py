"""Rows for zkynet/ops/indexing.py, selecting.py and along_axis.py."""

import numpy as np
from table import Row, booleans, complex_normal, integers, normal

from zkynet.ops.define import OPS
from zkynet.ops.keys import native_key

FRONT = "counts axes from the front"
WHOLE = "takes the tensor as one long row"
ALIGNED = "broadcasting is aligned at the last axis"
LENGTHS = "a mask of other values has a result of another length"


def read(name, key, *shape, sampler=normal, batch=FRONT):
    """A row for ``x[key]``."""
    return Row(f"getitem:{name}", (sampler(*shape),), lambda x: x[key], lambda zk, x: x[key], batch=batch)


def written(x, key, value):
    out = x.copy()
    out[key] = value
    return out


def assigned(zk, x, key, value):
    out = x.clone()
    out[key] = value
    return out


def put(name, key, shape, value_shape, sampler=normal, batch=FRONT):
    """A row for ``x[key] = value``."""
    return Row(
        f"index_set:{name}",
        (sampler(*shape), sampler(*value_shape)),
        lambda x, value: written(x, key, value),
        lambda zk, x, value: assigned(zk, x, key, value),
        batch=batch,
    )


def added(x, key, values):
    out = x.copy()
    np.add.at(out, key, values)
    return out


def added_along(x, indices, values, axis):
    places = list(np.indices(indices.shape))
    places[axis] = indices
    return added(x, tuple(places), values)


def written_along(x, indices, values, axis):
    out = x.copy()
    np.put_along_axis(out, indices, values, axis)
    return out


MASK = np.array([[True, False, True, True], [False, False, True, False], [True, False, False, False]])
SOME = np.array([True, False, True])

ROWS = [
    read("number", 1, 3, 4),
    read("negative number", -1, 3, 4),
    read("numbers", (1, -2), 3, 4),
    read("last axis", (..., 1), 3, 4, batch=True),
    read("slice", slice(1, 3), 4, 2),
    read("steps", (..., slice(None, None, 2)), 3, 5, batch=True),
    read("backwards", (..., slice(None, None, -1)), 3, 4, batch=True),
    read("backwards in steps", (slice(-1, 0, -2), slice(3, None, -3)), 5, 6),
    read("nothing", slice(2, 2), 3, 4),
    read("new axes", (None, slice(None), None, 1), 3, 4),
    read("everything", ..., 3, 4, batch=True),
    read("no index", (), 3, 4, batch=True),
    read("array", np.array([2, 0, 2]), 3, 4),
    read("list", [2, 0, -1, 2], 3, 4),
    read("array of two axes", np.array([[2, 0], [1, 1]]), 3, 4),
    read("arrays", (np.array([2, 0, 2]), np.array([1, 1, 1])), 3, 4),
    read("broadcast arrays", (np.array([[2], [0]]), np.array([1, 3, 1])), 3, 4),
    read("array and slice", (np.array([2, 0, 2]), slice(None, None, -2)), 3, 4),
    read("slice and list", (slice(1, None), [2, 0, 2]), 3, 4),
    read("arrays apart", ([0, 1, 1], slice(None), np.array([2, 0, 2])), 2, 3, 4),
    read("arrays together", (slice(None), [0, 1, 1], np.array([2, 0, 2])), 2, 3, 4),
    read("number and list apart", (0, slice(None), [1, 2, 1]), 2, 3, 4),
    read("number beside list", (slice(None), 1, [1, 2, 1]), 2, 3, 4),
    read("list and new axis", ([0, 2, 0], None), 3, 4),
    read("list behind dots", (..., [3, 0, 3]), 2, 3, 4, batch=True),
    read("mask", MASK, 3, 4),
    read("mask of rows", SOME, 3, 4),
    read("mask and number", (SOME, 2), 3, 4),
    read("mask and list", (SOME, [3, 3]), 3, 4),
    read("slice and mask", (slice(None), MASK), 2, 3, 4),
    read("true", True, 3, 4),
    read("complex", (slice(None), [1, 1, 0]), 3, 4, sampler=complex_normal),
    Row("getitem:tensor", (normal(3, 4), integers(-3, 3, 5)), lambda x, i: x[i], lambda zk, x, i: x[i], batch=FRONT),
    Row("getitem:0-d", (normal(3, 4), integers(0, 3)), lambda x, i: x[i], lambda zk, x, i: x[i], batch=FRONT),
    Row(
        "getitem:tensors",
        (normal(3, 4), integers(0, 3, 5), integers(-4, 4, 2, 1)),
        lambda x, i, j: x[i, j],
        lambda zk, x, i, j: x[i, j],
        batch=FRONT,
    ),
    Row("getitem:tensor mask", (normal(3, 4),), lambda x: x[x > 0], lambda zk, x: x[x > 0], batch=LENGTHS),
    Row(
        "put_into_zeros",
        (normal(3),),
        lambda x: written(np.zeros((3, 3)), np.diag_indices(3), x),
        lambda zk, x: zk.diag(x),
        batch="a matrix means something else",
    ),
    Row(
        "index_add",
        (normal(3, 4), normal(3, 2)),
        lambda x, v: added(x, ([[0], [2], [0]], [1, -1]), v),
        lambda zk, x, v: OPS["index_add"].call(x, v, native_key("index_add", x, ([[0], [2], [0]], [1, -1]))),
        batch=FRONT,
    ),
    put("number", 1, (3, 4), (4,)),
    put("slices", (slice(None), slice(None, None, -2)), (3, 4), (3, 2)),
    put("broadcast", (..., [0, 2]), (2, 3, 4), (3, 1)),
    put("new axis", (slice(1), None), (3, 4), (1, 1, 4)),
    put("leading axes", slice(1), (3, 4), (1, 1, 4)),
    put("list", [2, 0], (3, 4), (2, 4)),
    put("one row twice", [2, 0, 2], (3, 4), (3, 4)),
    put("lists", ([2, 0], [1, -1]), (3, 4), (2,)),
    put("mask", MASK, (3, 4), (5,)),
    put("one value for a mask", MASK, (3, 4), ()),
    put("everything", ..., (3, 4), (4,)),
    put("complex", (0, slice(1, 3)), (3, 4), (2,), sampler=complex_normal),
    Row("where", (booleans(3, 4), normal(3, 4), normal(3, 4)), np.where),
    Row("where:broadcast", (booleans(3, 1), normal(4), normal(2, 1, 1)), np.where, batch=ALIGNED),
    Row(
        "where:number",
        (booleans(3, 4), normal(3, 4)),
        lambda c, x: np.where(c, x, 0.5),
        lambda zk, c, x: zk.where(c, x, 0.5),
    ),
    Row(
        "where:number first",
        (booleans(3, 4), normal(3, 4)),
        lambda c, x: np.where(c, 2, x),
        lambda zk, c, x: zk.where(c, 2, x),
    ),
    Row("where:real or complex", (booleans(3, 4), normal(3, 4), complex_normal(3, 4)), np.where),
    Row("where:integers as condition", (integers(0, 2, 3, 4), normal(3, 4), normal(3, 4)), np.where),
    Row(
        "masked_fill",
        (normal(3, 4), booleans(3, 4)),
        lambda x, m: np.where(m, -1, x),
        lambda zk, x, m: zk.masked_fill(x, m, -1),
    ),
    Row(
        "masked_fill:tensor",
        (normal(3, 4), booleans(3, 4), normal()),
        lambda x, m, v: np.where(m, v, x),
        batch=ALIGNED,
    ),
    Row("masked_select", (normal(3, 4), booleans(3, 4)), lambda x, m: x[m], batch=LENGTHS),
    Row(
        "masked_select:broadcast",
        (normal(3, 1), booleans(4)),
        lambda x, m: np.broadcast_to(x, (3, 4))[np.broadcast_to(m, (3, 4))],
        batch=LENGTHS,
    ),
    Row("take", (normal(3, 4), integers(-12, 12, 5)), np.take, batch=WHOLE),
    Row("take:axis", (normal(3, 4), integers(-4, 4, 5)), np.take, kwargs={"axis": -1}, batch="one list for all"),
    Row("take:two axes", (normal(3, 4), integers(0, 3, 2, 2)), np.take, kwargs={"axis": 0}, batch=FRONT),
    Row("take_along_axis", (normal(3, 4), integers(-4, 4, 3, 5)), np.take_along_axis, kwargs={"axis": -1}),
    Row(
        "take_along_axis:middle",
        (normal(2, 3, 4), integers(0, 3, 2, 5, 4)),
        np.take_along_axis,
        kwargs={"axis": -2},
    ),
    Row(
        "take_along_axis:broadcast",
        (normal(3, 4, 1), integers(0, 4, 1, 5, 2)),
        lambda x, i: np.take_along_axis(np.broadcast_to(x, (3, 4, 2)), np.broadcast_to(i, (3, 5, 2)), -2),
        lambda zk, x, i: zk.take_along_axis(x, i, axis=-2),
    ),
    Row("gather", (normal(3, 4), integers(0, 4, 3, 2)), np.take_along_axis, kwargs={"axis": -1}),
    Row(
        "scatter_add",
        (normal(3, 4), integers(0, 4, 3, 5), normal(3, 5)),
        lambda x, i, v: added_along(x, i, v, -1),
        lambda zk, x, i, v: zk.scatter_add(x, i, v),
    ),
    Row(
        "scatter_add:axis",
        (normal(3, 4), integers(-3, 3, 5, 4), normal(5, 4)),
        lambda x, i, v: added_along(x, i, v, -2),
        lambda zk, x, i, v: zk.scatter_add(x, i, v, axis=-2),
    ),
    Row(
        "scatter_add:broadcast",
        (normal(3, 4), integers(0, 4, 1, 5), normal(5)),
        lambda x, i, v: added_along(x, np.broadcast_to(i, (3, 5)), np.broadcast_to(v, (3, 5)), -1),
        lambda zk, x, i, v: zk.scatter_add(x, i, v),
        batch=ALIGNED,
    ),
    Row("one_hot", (integers(0, 5, 3, 2),), lambda i: np.eye(5)[i], lambda zk, i: zk.one_hot(i, 5), order=0),
    Row(
        "scatter",
        (normal(3, 5), integers(0, 1, 3, 2), normal(3, 2)),
        lambda x, i, v: written_along(x, np.add(i, [1, 3]), v, -1),
        lambda zk, x, i, v: zk.scatter(x, i + zk.asarray([1, 3]), v),
    ),
    Row(
        "scatter:repeated",
        (normal(3, 4), integers(-3, 3, 5, 4), normal(5, 4)),
        lambda x, i, v: written_along(x, i, v, -2),
        lambda zk, x, i, v: zk.scatter(x, i, v, axis=-2),
    ),
    Row(
        "where:positions",
        (booleans(3, 4),),
        np.where,
        lambda zk, x: zk.where(x),
        order=0,
        batch="the shape depends on the values",
    ),
]
