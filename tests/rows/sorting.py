"""Rows for zkynet/ops/sorting.py and zkynet/ops/searching.py."""

import numpy as np
from table import Row, booleans, distinct, integers, normal, uniform

FRONT = "counts axes from the front"
DOWN = {"descending": True}


def sorted_down(x, axis=-1, **_):
    return np.flip(np.sort(x, axis=axis), axis=axis)


def order_down(x, axis=-1, **_):
    return np.argsort(-x, axis=axis, kind="stable")


def topk(x, k, axis=-1, largest=True):
    order = np.argsort(-x if largest else x, axis=axis, kind="stable").take(np.arange(k), axis=axis)
    return np.take_along_axis(x, order, axis=axis), order


def searchsorted(side):
    return lambda x: np.searchsorted(np.linspace(-1, 1, 5), x, side=side)


def search_in_list(side):
    return lambda zk, x: zk.searchsorted(zk.asarray(np.linspace(-1, 1, 5).astype(x.dtype)), x, side=side)


ROWS = [
    Row("sort", (distinct(3, 5),), np.sort),
    Row("sort:first axis", (distinct(4, 3),), np.sort, kwargs={"axis": 0}, batch=FRONT),
    Row("sort:down", (distinct(3, 5),), sorted_down, kwargs=DOWN),
    Row("sort:unstable", (distinct(3, 5),), lambda x, stable: np.sort(x), kwargs={"stable": False}),
    Row("sort:integers", (integers(0, 9, 3, 5),), np.sort, order=0),
    Row("sort:booleans", (booleans(3, 5),), np.sort, order=0),
    Row("argsort", (distinct(3, 5),), np.argsort, order=0),
    Row("argsort:first axis", (distinct(3, 5),), np.argsort, kwargs={"axis": 0}, order=0, batch=FRONT),
    Row("argsort:down", (distinct(3, 5),), order_down, kwargs=DOWN, order=0),
    Row("argsort:ties", (integers(0, 3, 3, 9),), lambda x: np.argsort(x, kind="stable"), order=0),
    Row("argsort:ties down", (integers(0, 3, 3, 9),), order_down, kwargs=DOWN, order=0),
    Row("topk", (distinct(3, 5),), topk, kwargs={"k": 2}),
    Row("topk:smallest", (distinct(4, 3),), topk, kwargs={"k": 3, "axis": -2, "largest": False}),
    Row("topk:all", (distinct(3, 5),), topk, kwargs={"k": 5}),
    Row("topk:ties", (integers(0, 3, 3, 9),), topk, kwargs={"k": 4}, order=0),
    Row("argmax", (distinct(3, 4),), np.argmax, kwargs={"axis": -1}, order=0),
    Row("argmax:all", (distinct(3, 4),), np.argmax, order=0, batch="flattens all axes"),
    Row("argmax:keepdims", (distinct(3, 4),), np.argmax, kwargs={"axis": -1, "keepdims": True}, order=0),
    Row("argmax:booleans", (booleans(3, 4),), np.argmax, kwargs={"axis": -1}, order=0),
    Row("argmin", (distinct(3, 4),), np.argmin, kwargs={"axis": -1}, order=0),
    Row("argmin:ties", (integers(0, 2, 3, 8),), np.argmin, kwargs={"axis": -1}, order=0),
    Row("nonzero", (integers(0, 2, 3, 4),), np.nonzero, order=0, batch="the shape depends on the values"),
    Row("searchsorted", (uniform(-1.2, 1.2, 3, 4),), searchsorted("left"), search_in_list("left"), order=0),
    Row("searchsorted:right", (uniform(-1.2, 1.2, 3, 4),), searchsorted("right"), search_in_list("right"), order=0),
    Row(
        "searchsorted:sorter",
        (distinct(6), normal(3, 2)),
        lambda x, y: np.searchsorted(x, y, sorter=np.argsort(x)),
        lambda zk, x, y: zk.searchsorted(x, y, sorter=zk.argsort(x)),
        order=0,
        batch="the list has one axis",
    ),
    Row("argwhere", (integers(0, 2, 3, 4),), np.argwhere, order=0, batch="the shape depends on the values"),
]
