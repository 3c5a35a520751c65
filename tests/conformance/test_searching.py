"""Sorting, searching and sets, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from conformance.samples import arrays, available, check, draw, elements, examples, numpy, tensor
from conformance.standard import ALL, INTEGER, NUMERIC, REAL

Table = pytest.mark.parametrize
SHAPES = ((5,), (0,), (2, 4), (2, 0), (2, 1, 3))


def stable_order(x: np.ndarray[Any, Any], axis: int, descending: bool) -> np.ndarray[Any, Any]:
    """Positions in order; of equals the first comes first, in descending order too."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    n = x.shape[axis]
    return np.flip(n - 1 - np.argsort(np.flip(x, axis), axis=axis, kind="stable"), axis)


def check_sorting(xp: Any, x: np.ndarray[Any, Any], axis: int, descending: bool) -> None:
    """``sort`` and ``argsort`` along one axis."""
    order = stable_order(x, axis, descending)
    expected = np.take_along_axis(x, order, axis)
    for stable in (True, False):
        check(xp.sort(tensor(xp, x), axis=axis, descending=descending, stable=stable), expected)
        found = xp.argsort(tensor(xp, x), axis=axis, descending=descending, stable=stable)
        if stable:
            check(found, order, "int64")
        else:
            assert found.dtype == zk.int64
            np.testing.assert_array_equal(np.take_along_axis(x, numpy(found), axis), expected)


@given(data=st.data())
@examples(30)
def test_sorting(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(REAL)))
    shape = data.draw(st.sampled_from(SHAPES))
    few = st.one_of(elements(dtype), st.sampled_from([0, 1, 2]))
    x = data.draw(hnp.arrays(dtype, shape, elements=few)) + np.dtype(dtype).type(0)  # no negative zeros
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    check_sorting(zk, x, axis, data.draw(st.booleans()))


@given(data=st.data())
@examples(25)
def test_searchsorted(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(REAL)))
    small = st.integers(0, 6)
    x = data.draw(hnp.arrays(dtype, data.draw(st.sampled_from([4, 1, 0])), elements=small))
    v = data.draw(hnp.arrays(dtype, data.draw(st.sampled_from([(), (3,), (2, 2), (0,)])), elements=small))
    side = data.draw(st.sampled_from(["left", "right"]))
    in_order = np.sort(x)
    check(zk.searchsorted(zk.asarray(in_order), zk.asarray(v), side=side), np.searchsorted(in_order, v, side), "int64")
    order = np.argsort(x, kind="stable")
    out = zk.searchsorted(zk.asarray(x), zk.asarray(v), side=side, sorter=zk.asarray(order))
    check(out, np.searchsorted(x, v, side, sorter=order), "int64")


def test_searchsorted_takes_a_number() -> None:
    check(zk.searchsorted(zk.asarray([1.0, 2.0, 3.0]), 2.0), np.asarray(1))


@given(data=st.data())
@examples(20)
def test_nonzero_and_where(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(ALL)))
    shape = data.draw(st.sampled_from([(4,), (2, 3), (0, 2), (2, 1, 3)]))
    x, y = (data.draw(arrays(dtype, shape)) for _ in "xy")
    found = zk.nonzero(zk.asarray(x))
    assert isinstance(found, tuple)
    for mine, theirs in zip(found, np.nonzero(x), strict=True):
        check(mine, theirs, "int64")
    condition = data.draw(hnp.arrays(bool, shape))
    check(zk.where(zk.asarray(condition), zk.asarray(x), zk.asarray(y)), np.where(condition, x, y))
    row = condition[..., :1]
    check(zk.where(zk.asarray(row), zk.asarray(x), zk.asarray(y[:1])), np.where(row, x, y[:1]))


def test_nonzero_needs_an_axis() -> None:
    with pytest.raises(ValueError):
        zk.nonzero(zk.asarray(3))


def few_values(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array with the same number several times."""
    return (x % 3).astype(x.dtype) if x.dtype.kind in "iu" else x if x.dtype.kind == "b" else np.round(x)


@Table("dtype", ["int8", "int64", "uint8", "float32", "float64", "bool", "complex64"])
def test_sets(dtype: str) -> None:
    for shape in ((6,), (2, 3), (0,), ()):
        x = draw(dtype, *shape)
        x = few_values(x)
        t = zk.asarray(x)
        everything, counts = zk.unique_all(t), zk.unique_counts(t)
        inverse, values = zk.unique_inverse(t), zk.unique_values(t)
        expected = np.unique(x, return_counts=True)
        for found in (everything.values, counts.values, inverse.values, values):
            assert found.dtype == t.dtype
            order = np.argsort(numpy(found), kind="stable")
            np.testing.assert_array_equal(numpy(found)[order], expected[0])
        for result in (everything, counts):
            order = np.argsort(numpy(result.values), kind="stable")
            np.testing.assert_array_equal(numpy(result.counts)[order], expected[1])
            assert result.counts.dtype == zk.int64
        for result in (everything, inverse):
            assert result.inverse_indices.shape == shape
            assert result.inverse_indices.dtype == zk.int64
            np.testing.assert_array_equal(numpy(result.values)[numpy(result.inverse_indices)], x)
        flat = x.reshape(-1)
        np.testing.assert_array_equal(flat[numpy(everything.indices)], numpy(everything.values))
        for value, at in zip(numpy(everything.values), numpy(everything.indices), strict=True):
            assert at == np.nonzero(flat == value)[0][0]


def test_fields_of_the_sets() -> None:
    x = zk.asarray([1, 2, 1])
    assert zk.unique_all(x)._fields == ("values", "indices", "inverse_indices", "counts")
    assert zk.unique_counts(x)._fields == ("values", "counts")
    assert zk.unique_inverse(x)._fields == ("values", "inverse_indices")


def test_every_nan_is_a_value_of_its_own() -> None:
    x = zk.asarray(np.array([np.nan, 1.0, np.nan, 0.0, -0.0]))
    for values in (zk.unique_values(x), zk.unique_all(x).values, zk.unique_inverse(x).values):
        assert values.shape == (4,)
    counts = zk.unique_counts(x)
    assert sorted(numpy(counts.counts).tolist()) == [1, 1, 1, 2]


@Table("dtype", ["int8", "int64", "uint8", "float32", "bool", "complex64"])
def test_isin(dtype: str) -> None:
    x, y = draw(dtype, 2, 3), draw(dtype, 4, seed=1)
    x, y = few_values(x), few_values(y)
    for among in (y, y[:0], y.reshape(2, 2)):
        for invert in (False, True):
            check(zk.isin(zk.asarray(x), zk.asarray(among), invert=invert), np.isin(x, among, invert=invert))


def test_isin_with_numbers() -> None:
    x = zk.asarray([1, 2, 3])
    check(zk.isin(x, 2), np.array([False, True, False]))
    check(zk.isin(2, x), np.asarray(True))
    nan = zk.asarray([float("nan")])
    assert not zk.isin(nan, nan).item()


def test_count_nonzero_of_every_dtype() -> None:
    for dtype in available((*INTEGER, *NUMERIC, "bool")):
        x = draw(dtype, 3, 4)
        check(zk.count_nonzero(zk.asarray(x), axis=1), np.count_nonzero(x, axis=1).astype("int64"))
