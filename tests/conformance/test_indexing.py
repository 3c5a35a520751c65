"""Reading and writing by index: slices, numbers, masks and arrays of positions, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from conformance.samples import available, check, draw, examples, numpy, tensor
from conformance.standard import ALL, INTEGER

Table = pytest.mark.parametrize
SHAPES = ((4,), (2, 3), (3, 1, 2), (0, 3))


def numbered(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray[Any, Any]:
    """An array whose elements all differ."""
    return (np.arange(np.prod(shape, dtype=int)) + 1).reshape(shape).astype(dtype)


def as_tensors(xp: Any, key: Any) -> Any:
    """A key with its arrays made tensors."""
    if isinstance(key, tuple):
        return tuple(as_tensors(xp, k) for k in key)
    return xp.asarray(key) if isinstance(key, np.ndarray) else key


@st.composite
def basic_keys(draw_: Any, shape: tuple[int, ...]) -> Any:
    """Numbers, slices, new axes and an ellipsis."""
    return draw_(hnp.basic_indices(shape, min_dims=0, allow_newaxis=True, allow_ellipsis=True))


@st.composite
def keys(draw_: Any, shape: tuple[int, ...]) -> Any:
    """Any key: basic ones, a mask, an array of positions for each axis, or one of positions beside slices."""
    kind = draw_(st.sampled_from(["basic", "basic", "mask", "positions", "mixed"]))
    if kind == "mask":
        return draw_(hnp.arrays(bool, shape[: draw_(st.integers(1, len(shape)))]))
    if kind == "basic" or 0 in shape:
        return draw_(basic_keys(shape))
    length = draw_(st.sampled_from([(2,), (2, 2)]))
    positions = tuple(draw_(hnp.arrays(np.int64, length, elements=st.integers(-n, n - 1))) for n in shape)
    if kind == "positions":
        return positions[: draw_(st.integers(1, len(shape)))]
    return tuple(p if i == 0 else slice(None, None, 2) for i, p in enumerate(positions))


def check_getitem(xp: Any, x: np.ndarray[Any, Any], key: Any) -> None:
    """``x[key]`` is what NumPy makes of it."""
    check(tensor(xp, x)[as_tensors(xp, key)], x[key])


def check_setitem(xp: Any, x: np.ndarray[Any, Any], key: Any, value: Any) -> None:
    """``x[key] = value`` does what NumPy does, and writes to no array of the user's."""
    given_, original = xp.asarray(x), x.copy()
    given_[as_tensors(xp, key)] = as_tensors(xp, value)
    expected = x.copy()
    expected[key] = value
    check(given_, expected)
    np.testing.assert_array_equal(x, original)


@given(data=st.data())
@examples(60)
def test_getitem(data: st.DataObject) -> None:
    x = numbered(data.draw(st.sampled_from(SHAPES)))
    check_getitem(zk, x, data.draw(keys(x.shape)))


@given(data=st.data())
@examples(60)
def test_setitem(data: st.DataObject) -> None:
    x = numbered(data.draw(st.sampled_from(SHAPES)))
    key = data.draw(keys(x.shape))
    if isinstance(key, tuple) and any(isinstance(k, np.ndarray) for k in key):
        value: Any = 7.0  # several values for one place would leave it open which counts
    else:
        shape = x[key].shape
        value = data.draw(st.sampled_from([0.0, -numbered(shape), -numbered(shape[-1:]), -numbered(())]))
    check_setitem(zk, x, key, value)


def test_every_dtype() -> None:
    for dtype in available(ALL):
        x = draw(dtype, 3, 4)
        for key in (1, (slice(None), 2), (..., slice(None, None, -1)), x[:, 0] == x[0, 0], np.array([2, 0]), None):
            check_getitem(zk, x, key)
        check_setitem(zk, x, (slice(1), ...), x[1:2])
        number = np.dtype(dtype).type(1).item()
        check_setitem(zk, x, 0, number)


def test_positions_of_every_integer_dtype() -> None:
    x = numbered((3, 2))
    for dtype in available(INTEGER):
        check(zk.asarray(x)[zk.asarray(np.array([2, 0, 1], dtype))], x[[2, 0, 1]])


def test_arrays_of_positions_broadcast() -> None:
    x = numbered((3, 4))
    key = (np.array([[0], [2]]), np.array([1, 3, 3]))
    check_getitem(zk, x, key)
    check_getitem(zk, x, (np.array(1), slice(None)))
    check(zk.asarray(x)[zk.asarray(1), zk.asarray([0, -1])], x[1, [0, -1]])


def test_numbers_without_axes() -> None:
    x = zk.asarray(2.5)
    check(x[()], np.float32(2.5))
    check(x[...], np.float32(2.5))
    check(x[None], np.array([2.5], "float32"))
    check(x[zk.asarray(True)], np.array([2.5], "float32"))
    check(x[zk.asarray(False)], np.zeros(0, "float32"))
    x[()] = 1
    check(x, np.float32(1))


def test_value_of_another_dtype_is_cast_or_refused() -> None:
    x = zk.asarray(numbered((3,), "float64"))
    x[0] = zk.asarray(5, dtype=zk.int8)
    x[1] = zk.asarray(6.5, dtype=zk.float32)
    check(x, np.array([5, 6.5, 3]))


def test_a_tensor_made_of_another_is_apart_from_it() -> None:
    x = zk.asarray(numbered((3,)))
    y = x[:2]
    y[0] = 9
    z = zk.reshape(x, (3, 1))
    z[0, 0] = 8
    check(x, numbered((3,)))


@Table("key", [4, -5, (0, 0), [[1]], (..., ...), 1.5, "a"])
def test_keys_that_do_not_fit_are_refused(key: Any) -> None:
    x = zk.asarray(numbered((4,)))
    if key == [[1]]:
        key = zk.asarray([4])
    with pytest.raises((IndexError, TypeError, ValueError)):
        x[key]
    with pytest.raises((IndexError, TypeError, ValueError)):
        x[key] = 0


def test_masks_have_the_shape_of_what_they_mask() -> None:
    x = zk.asarray(numbered((2, 3)))
    for shape in ((3,), (2, 2), (2, 3, 1)):
        with pytest.raises(IndexError):
            x[zk.ones(shape, dtype=zk.bool)]


@Table("dtype", ["float32", "int16", "bool"])
def test_iteration_and_membership(dtype: str) -> None:
    x = draw(dtype, 3, 2)
    rows = list(zk.asarray(x))
    assert len(rows) == 3
    for mine, theirs in zip(rows, x, strict=True):
        check(mine, theirs)


@given(data=st.data())
@examples(25)
def test_take(data: st.DataObject) -> None:
    x = numbered(data.draw(st.sampled_from([(4,), (2, 3), (3, 1, 2)])))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    indices = data.draw(
        hnp.arrays(np.int64, data.draw(st.sampled_from([(2,), (0,), (3,)])), elements=st.integers(-n, n - 1))
    )
    check(zk.take(zk.asarray(x), zk.asarray(indices), axis=axis), np.take(x, indices, axis=axis))
    flat = numbered((4,))
    check(zk.take(zk.asarray(flat), zk.asarray(indices % 4)), flat[indices % 4])


@given(data=st.data())
@examples(25)
def test_take_along_axis(data: st.DataObject) -> None:
    x = numbered(data.draw(st.sampled_from([(4,), (2, 3), (3, 1, 2)])))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = data.draw(st.integers(0, 3))
    n = x.shape[axis]
    indices = data.draw(hnp.arrays(np.int64, tuple(shape), elements=st.integers(-n, n - 1)))
    check(zk.take_along_axis(zk.asarray(x), zk.asarray(indices), axis=axis), np.take_along_axis(x, indices, axis))


def test_take_along_axis_broadcasts() -> None:
    x = numbered((2, 3))
    check(zk.take_along_axis(zk.asarray(x), zk.asarray([[2, 0]])), np.take_along_axis(x, np.array([[2, 0]]), -1))


@Table("function", ["take", "take_along_axis"])
def test_positions_outside_are_refused(function: str) -> None:
    with pytest.raises(IndexError):
        getattr(zk, function)(zk.ones(3), zk.asarray([3]), axis=0)
    with pytest.raises((TypeError, IndexError)):
        getattr(zk, function)(zk.ones(3), zk.asarray([0.5]), axis=0)


@Table("symbol", ["+", "-", "*", "/", "**", "//", "%"])
def test_operators_in_place(symbol: str) -> None:
    """They give the tensor's own dtype and shape, and leave other tensors alone."""
    scope: dict[str, Any] = {}
    exec(f"def f(x, y):\n    x {symbol}= y\n    return x", scope)
    for dtype in ("float32", "float64", *(("int32",) if symbol not in "/" else ())):
        x, y = numbered((2, 3), dtype), numbered((3,), dtype)
        kept = zk.asarray(x.copy())
        out = scope["f"](zk.asarray(x.copy()), zk.asarray(y))
        check(out, scope["f"](x.copy(), y), dtype)
        alias = kept[...]
        alias = scope["f"](alias, 2)
        assert alias.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(numpy(kept), x)


def test_in_place_results_keep_shape_and_dtype() -> None:
    x = zk.ones((3,))
    with pytest.raises((TypeError, ValueError)):
        x += zk.ones((2, 3))
    n = zk.ones((3,), dtype=zk.int32)
    n += 1
    assert n.dtype == zk.int32
    b = zk.asarray([True, False])
    b &= zk.asarray([True, True])
    b |= True
    check(b, np.array([True, True]))
