"""Indexing, assignment and selection: NumPy's meaning, gradients, and errors in the same words on every backend."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import (
    ArgumentError,
    BackendError,
    DTypeError,
    IndexOutOfRangeError,
    IndexShapeError,
    InvalidValueError,
    ShapeError,
)


def message(expected: str) -> str:
    return textwrap.dedent(expected).strip()


def error_of(call: Any, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def random_key(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """A key for NumPy, and the same for a tensor."""
    ours: list[Any] = []
    theirs: list[Any] = []
    common = tuple(rng.integers(1, 4, rng.integers(0, 3)))
    axis = 0
    dots = False
    while axis < len(shape) and rng.random() < 0.85:
        n = shape[axis]
        kinds = ["int", "slice", "none", "dots", "array", "mask", "list"]
        kind = rng.choice(kinds, p=[0.2, 0.3, 0.1, 0.1, 0.15, 0.05, 0.1])
        if kind == "int" and n:
            part = int(rng.integers(-n, n))
            ours.append(part if rng.random() < 0.7 else np.int64(part))
            theirs.append(part)
        elif kind == "none":
            ours.append(None)
            theirs.append(None)
            continue
        elif kind == "dots" and not dots:
            dots = True
            ours.append(...)
            theirs.append(...)
            axis = min(axis + int(rng.integers(0, 2)), len(shape) - 1)
            if len(shape) - axis > 1:
                break
            continue
        elif kind in ("array", "list") and n:
            array = rng.integers(-n, n, tuple(m if rng.random() < 0.7 else 1 for m in common))
            theirs.append(array)
            ours.append(array.tolist() if kind == "list" else zk.asarray(array) if rng.random() < 0.5 else array)
        elif kind == "mask" and not any(isinstance(p, np.ndarray) for p in theirs):
            mask = rng.random(n) < 0.5
            theirs.append(mask)
            ours.append(mask)
            common = (int(mask.sum()),)
        else:
            bounds = [None if rng.random() < 0.3 else int(rng.integers(-n - 1, n + 2)) for _ in range(2)]
            step = rng.choice([None, 1, 2, -1, -2])
            part = slice(*bounds, step)
            theirs.append(part)
            ours.append(part)
        axis += 1
    if len(ours) == 1 and rng.random() < 0.5:
        return theirs[0], ours[0]
    return tuple(theirs), tuple(ours)


def differs(backend: Any, key: Any, ndim: int) -> bool:
    """Whether NumPy means something of its own: ``...`` that stands for no axis keeps index arrays apart in NumPy."""
    parts = key if isinstance(key, tuple) else (key,)
    axes = sum(p is not None and p is not ... for p in parts)
    arrays = any(isinstance(p, np.ndarray) for p in parts)
    return backend.name == "torch" and arrays and axes == ndim and any(p is ... for p in parts)


def cases(backend: Any, several: int) -> range:
    return range(several if backend.name != "jax" else several // 15)  # JAX compiles for each of them


def test_reading_is_as_in_numpy(backend: Any) -> None:
    for seed in cases(backend, 300):
        rng = np.random.default_rng(seed)
        a = rng.standard_normal(tuple(rng.integers(0 if rng.random() < 0.1 else 1, 5, rng.integers(1, 4))))
        theirs, ours = random_key(rng, a.shape)
        if differs(backend, theirs, a.ndim):
            continue
        try:
            expected = a[theirs]
        except IndexError:  # index arrays that do not broadcast
            with pytest.raises((IndexError, ValueError)):
                zk.asarray(a)[ours]
            continue
        x = zk.tensor(a, requires_grad=True)
        got = x[ours]
        np.testing.assert_array_equal(got.numpy(), expected, err_msg=f"{a.shape}[{theirs}]")
        weights = rng.standard_normal(np.shape(expected))
        got.backward(zk.asarray(weights))
        gradient = np.zeros_like(a)
        np.add.at(gradient, theirs, weights)
        np.testing.assert_allclose(x.grad.numpy(), gradient, err_msg=f"{a.shape}[{theirs}]")


def test_writing_is_as_in_numpy(backend: Any) -> None:
    for seed in cases(backend, 300):
        rng = np.random.default_rng(1000 + seed)
        a = rng.standard_normal(tuple(rng.integers(1, 5, rng.integers(1, 4))))
        theirs, ours = random_key(rng, a.shape)
        if differs(backend, theirs, a.ndim):
            continue
        try:
            there = a[theirs].shape
        except IndexError:
            continue
        value = rng.standard_normal(tuple(n if rng.random() < 0.7 else 1 for n in there))
        if rng.random() < 0.3:
            value = value[(0,) * rng.integers(0, value.ndim + 1)] if value.size else value
        before = a.copy()
        expected = a.copy()
        expected[theirs] = value
        leaf, v = zk.asarray(a), zk.tensor(value, requires_grad=True)
        leaf = leaf.detach().requires_grad_()
        x = leaf * 1
        x[ours] = v
        np.testing.assert_array_equal(x.numpy(), expected, err_msg=f"{a.shape}[{theirs}]")
        np.testing.assert_array_equal(a, before)
        x.backward(zk.asarray(np.ones(a.shape)))
        stays = np.ones(a.shape)
        stays[theirs] = 0
        np.testing.assert_array_equal(leaf.grad.numpy(), stays)
        assert v.grad.shape == v.shape
        np.testing.assert_allclose(v.grad.numpy().sum(), (1 - stays).sum())  # each place has one value


@pytest.mark.parametrize("key", [0, slice(1, 3), (slice(None), 1), [2, 0], np.array([True, False, True])])
def test_writing_leaves_everything_else_as_it_was(key: Any) -> None:
    a = np.arange(12.0).reshape(3, 4)
    x = zk.asarray(a)
    other, part = x, x[key]
    same = x.detach()
    kept = part.numpy().copy()
    x[key] = -1
    np.testing.assert_array_equal(a, np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(same.numpy(), a)
    np.testing.assert_array_equal(part.numpy(), kept)
    assert other is x


def test_a_place_written_twice_keeps_the_last_value_and_its_gradient() -> None:
    x = zk.zeros(3, dtype="float64")
    v = zk.tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    x[[0, 1, 0]] = v
    np.testing.assert_array_equal(x.numpy(), [3, 2, 0])
    zk.sum(x * x).backward()
    np.testing.assert_array_equal(v.grad.numpy(), [0, 4, 6])


def test_what_was_read_before_a_write_keeps_its_gradient() -> None:
    leaf = zk.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x = leaf * 2
    y = x * x
    x[0] = 10.0
    (zk.sum(y) + zk.sum(x)).backward()
    np.testing.assert_array_equal(leaf.grad.numpy(), [8, 18, 26])


def test_written_values_take_the_dtype_of_the_tensor() -> None:
    x = zk.zeros(3, dtype="int32")
    x[0] = 2.7
    x[1:] = zk.tensor([1.5, -1.5])
    assert x.dtype == zk.int32
    assert x.tolist() == [2, 1, -1]
    y = zk.zeros(2)
    y[0] = np.float64(0.5)
    y[1] = zk.tensor(2)
    assert y.dtype == zk.float32
    assert y.tolist() == [0.5, 2.0]


def test_numbers_that_do_not_fit_are_refused() -> None:
    x = zk.zeros(3)
    for value in (1j, zk.tensor(1j), np.array([1j])):
        with pytest.raises(DTypeError, match="complex"):
            x[0] = value
    small = zk.zeros(3, dtype="uint8")
    with pytest.raises(DTypeError, match="does not fit into uint8"):
        small[0] = 300
    assert x.tolist() == [0, 0, 0]


def test_a_value_of_another_shape_is_refused() -> None:
    x = zk.zeros(3, 4)

    def write() -> None:
        x[:, 1:] = zk.ones(2)

    assert error_of(write, ShapeError) == message("""
        setitem: a value of shape (2,) does not broadcast to the places written to
          x[key]  (3, 3)
          value   (2,)
          Fix: assign a number, or a value of the shape of x[key]
    """)
    with pytest.raises(ShapeError, match=r"\(2, 3, 4\) does not broadcast"):
        x[...] = zk.ones(2, 3, 4)
    with pytest.raises(ShapeError, match=r"\(2,\) does not broadcast"):
        x[[0, 1, 2], [0, 1, 2]] = zk.ones(2)
    assert float(zk.sum(x)) == 0


# -- kinds of indices ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint16, np.int64, np.uint64])
def test_integers_of_every_width_are_indices(kind: Any, backend: Any) -> None:
    x = zk.tensor([10.0, 11.0, 12.0])
    assert float(x[kind(2)]) == 12
    if not backend.supports(np.dtype(kind)):
        pytest.skip(f"{backend.name} has no {np.dtype(kind)}")
    assert x[zk.asarray(np.array([2, 0], kind))].tolist() == [12, 10]
    assert zk.take(x, np.array([2, 0], kind)).tolist() == [12, 10]
    x[np.array([2, 0], kind)] = 0.0
    assert x.tolist() == [0, 11, 0]


def test_tensors_of_one_integer_are_numbers() -> None:
    x = zk.tensor(np.arange(12).reshape(3, 4))
    one = zk.tensor(1)
    assert x[one].tolist() == [4, 5, 6, 7]
    assert x[one, one].item() == 5
    assert x[:one].tolist() == [[0, 1, 2, 3]]
    assert x[np.int64(1) : np.int32(3)].shape == (2, 4)


def test_an_empty_list_is_a_list_of_positions() -> None:
    x = zk.zeros(3, 4)
    assert x[[]].shape == (0, 4)
    assert x[:, []].shape == (3, 0)
    assert zk.take(x, [], axis=1).shape == (3, 0)


def test_what_is_no_index_is_refused() -> None:
    x = zk.zeros(3, 4)
    assert error_of(lambda: x[1.0], DTypeError) == message("""
        getitem: an index is an integer, a slice, None, Ellipsis, a mask or an array of integers; received 1.0
          Fix: convert it first: index.astype(zk.int64)
    """)
    for key in ("a", np.float32(1), [0.5], zk.tensor([1.0]), np.array([1j]), (0, 2.5)):
        with pytest.raises(DTypeError, match="getitem: an index is an integer"):
            x[key]
    with pytest.raises(DTypeError, match="bounds of a slice"):
        x[1.5:]
    with pytest.raises(InvalidValueError, match="step of a slice is not 0"):
        x[::0]
    with pytest.raises(ArgumentError):
        x[[object()]]
    with pytest.raises(DTypeError, match="setitem: an index is"):
        x[1.0] = 2
    with pytest.raises(DTypeError, match="take: positions are integers; received float32"):
        zk.take(x, zk.tensor([1.0]))


def test_an_index_array_that_changes_later_does_not_change_the_gradient() -> None:
    at = np.array([0, 0, 2])
    x = zk.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x[at]
    at[:] = 1
    zk.sum(y).backward()
    assert x.grad.tolist() == [2, 0, 1]


def test_indices_of_another_backend_are_refused(backend: Any) -> None:
    other = "strict" if backend.name == "numpy" else "numpy"
    at = zk.tensor([0, 1]).to(other)
    x = zk.zeros(3)
    with pytest.raises(BackendError, match="getitem received tensors of two backends"):
        x[at]
    with pytest.raises(BackendError, match="take received tensors of two backends"):
        zk.take(x, at)
    with pytest.raises(BackendError, match="setitem received tensors of two backends"):
        x[0] = zk.tensor(1.0).to(other)
    with pytest.raises(BackendError, match="where received tensors of two backends"):
        zk.where(x > 0, x, zk.zeros(3).to(other))


# -- out of range -------------------------------------------------------------------------------------------------


def test_a_number_out_of_range_is_refused() -> None:
    x = zk.zeros(3, 4)
    assert error_of(lambda: x[:, 4], IndexOutOfRangeError) == message("""
        getitem: index 4 is out of range for axis 1 of length 4
          shape  (3, 4)
          axis 1 takes -4 to 3
          Fix: use positions inside the axis
    """)
    for key, axis in ((3, 0), (-4, 0), ((..., -5), 1), ((None, 0, 9), 1), (np.int64(3), 0), (([0, 1], 4), 1)):
        with pytest.raises(IndexOutOfRangeError, match=f"for axis {axis} of"):
            x[key]
    with pytest.raises(IndexOutOfRangeError, match="setitem: index 3 is"):
        x[3] = 1
    assert isinstance(IndexOutOfRangeError("x"), IndexError)


def test_an_array_out_of_range_is_refused_at_its_place() -> None:
    x = zk.zeros(2, 3, 4)
    at = zk.tensor([[0, 1], [2, 3]])
    assert error_of(lambda: x[:, at], IndexOutOfRangeError) == message("""
        getitem: index 3 is out of range for axis 1 of length 3
          shape  (2, 3, 4)
          found at position (1, 1) of the array of indices
          axis 1 takes -3 to 2
          Fix: use positions inside the axis
    """)
    with pytest.raises(IndexOutOfRangeError) as caught:
        x[0, [0, -4, 0]]
    assert (caught.value.index, caught.value.axis, caught.value.length, caught.value.position) == (-4, 1, 3, (1,))
    with pytest.raises(IndexOutOfRangeError, match="setitem: index 2 is out of range for axis 0"):
        x[[2]] = 0
    with pytest.raises(IndexOutOfRangeError, match="setitem: index -3 is out of range for axis 0"):
        x[[-3], :, [1]] = 0
    with pytest.raises(IndexOutOfRangeError, match="getitem: index 0 is out of range for axis 0 of length 0"):
        zk.zeros(0)[[0]]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("take", lambda x, at: zk.take(x, at[0], axis=1)),
        ("take_along_axis", lambda x, at: zk.take_along_axis(x, at, axis=1)),
        ("take_along_axis", lambda x, at: zk.gather(x, at, 1)),
        ("scatter_add", lambda x, at: zk.scatter_add(x, at, 1.0, axis=1)),
    ],
)
def test_positions_out_of_range_are_refused(name: str, call: Any) -> None:
    x = zk.zeros(2, 3)
    for wrong in (3, -4):
        with pytest.raises(IndexOutOfRangeError) as caught:
            call(x, zk.tensor([[0, wrong], [1, 0]]))
        text = str(caught.value)
        assert text.startswith(f"{name}: index {wrong} is out of range for axis 1 of length 3\n  shape  (2, 3)\n")
        where = "1" if name == "take" else "(0, 1)"
        assert f"found at position {where} of the array of indices" in text


def test_many_positions_are_looked_at_too() -> None:
    at = np.zeros(100_000, np.int64)
    x = zk.zeros(3)
    assert x[at].shape == (100_000,)
    at[77_777] = 3
    with pytest.raises(IndexOutOfRangeError, match="found at position 77777 of"):
        x[at]


def test_too_many_indices_are_refused() -> None:
    x = zk.zeros(3, 4)
    assert error_of(lambda: x[0, 0, 0], IndexShapeError) == message("""
        getitem: 3 axes are indexed in a tensor of 2
          shape  (3, 4)
          Fix: leave indices out, or add axes first with x[..., None]
    """)
    for key in ((0, 0, [0]), (..., 0, slice(None), 0), (np.ones((3, 4), bool), 0)):
        with pytest.raises(IndexShapeError, match="3 axes are indexed"):
            x[key]
    with pytest.raises(IndexShapeError, match="one Ellipsis"):
        x[..., 0, ...]
    with pytest.raises(IndexShapeError, match="1 axis is indexed in a tensor of 0"):
        zk.tensor(1.0)[0]
    assert issubclass(IndexShapeError, IndexError)
    assert issubclass(IndexShapeError, ShapeError)


def test_a_mask_of_another_shape_is_refused() -> None:
    x = zk.zeros(3, 4)
    assert error_of(lambda: x[:, np.ones(3, bool)], IndexShapeError) == message("""
        getitem: a mask has another shape than what it selects from
          mask  (3,)
          axes 1 to 1 of the tensor  (4,)
          Fix: use a mask of the tensor's shape, or of the shape of its first axes
    """)
    with pytest.raises(IndexShapeError, match="setitem: a mask has another shape"):
        x[zk.ones(4, 3) > 0] = 0


def test_index_arrays_that_do_not_broadcast_are_refused() -> None:
    x = zk.zeros(3, 4)
    with pytest.raises(ShapeError, match="getitem: the shapes do not broadcast") as caught:
        x[[0, 1], [0, 1, 2]]
    assert "index 0  (2,)\n  index 1  (3,)" in str(caught.value)
    with pytest.raises(ShapeError, match="getitem: the shapes do not broadcast"):
        x[np.array([True, True, True]), [0, 1]]


# -- where and the like -------------------------------------------------------------------------------------------


def test_where_lets_no_nan_through() -> None:
    x = zk.tensor([0.0, 1.0], requires_grad=True)
    safe = zk.where(x > 0, x, 1.0)
    zk.sum(zk.where(x > 0, zk.log(safe), 0.0)).backward()
    assert x.grad.tolist() == [0, 1]
    y = zk.tensor([1.0, 2.0], requires_grad=True)
    zk.where(y > 0, y, y).backward(zk.tensor([float("nan"), 1.0]))
    np.testing.assert_array_equal(y.grad.numpy(), [np.nan, 1])
    z = zk.tensor([1.0, 2.0], requires_grad=True)
    zk.where(zk.tensor([True, False]), z, 0.0).backward(zk.tensor([1.0, float("inf")]))
    assert z.grad.tolist() == [1, 0]


def test_where_settles_dtypes() -> None:
    c = zk.tensor([True, False])
    single, double = zk.ones(2), zk.ones(2, dtype="float64")
    assert zk.where(c, single, double).dtype == zk.float64
    assert zk.where(c, single, 1).dtype == zk.float32
    assert zk.where(c, zk.ones(2, dtype="int32"), 0.5).dtype == zk.float32
    assert zk.where(c, zk.ones(2, dtype="int32"), 3).dtype == zk.int32
    assert zk.where(c, 1, 2).dtype == zk.int64
    assert zk.where(c, 1, 2.5).tolist() == [1.0, 2.5]
    assert zk.where(c, True, False).dtype == zk.bool
    assert zk.where([True, False], single, 0).tolist() == [1, 0]
    assert zk.where(c, np.ones(2, np.float32), [3.0, 4.0]).tolist() == [1, 4]


def test_where_of_other_shapes_is_refused() -> None:
    with pytest.raises(ShapeError, match="where: the shapes do not broadcast") as caught:
        zk.where(zk.ones(3) > 0, zk.ones(2), 0.0)
    assert "condition  (3,)\n  x1         (2,)" in str(caught.value)


def test_masked_fill_keeps_shape_and_dtype() -> None:
    x = zk.ones(2, 3)
    assert zk.masked_fill(x, zk.tensor([True, False, True]), zk.tensor(2.0, dtype="float64")).dtype == zk.float32
    assert zk.masked_fill(x, zk.tensor([[True], [False]]), float("-inf")).tolist() == [[-np.inf] * 3, [1] * 3]
    with pytest.raises(ShapeError, match="masked_fill: the mask or the value has more elements"):
        zk.masked_fill(zk.ones(3), x > 0, 0.0)
    with pytest.raises(ShapeError, match="do not broadcast"):
        zk.masked_fill(x, zk.ones(4) > 0, 0.0)


def test_masked_select_is_one_row() -> None:
    x = zk.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = zk.masked_select(x, x > 1.5)
    assert y.tolist() == [2, 3, 4]
    zk.sum(y * y).backward()
    assert x.grad.tolist() == [[0, 4], [6, 8]]


def test_positions_need_as_many_axes_as_the_tensor() -> None:
    x = zk.zeros(2, 3)
    assert error_of(lambda: zk.take_along_axis(x, zk.tensor([0])), ShapeError) == message("""
        take_along_axis: the positions have 1 axes, the tensor 2
          x        (2, 3)
          indices  (1,)
          Fix: give both the same number of axes: indices[..., None]
    """)
    with pytest.raises(ShapeError, match="take_along_axis: the shapes do not broadcast"):
        zk.gather(x, zk.zeros(3, 1, dtype="int64"))
    with pytest.raises(ShapeError, match="scatter_add: there are positions for more elements"):
        zk.scatter_add(zk.zeros(1, 3), zk.zeros(2, 1, dtype="int64"), 1.0)
    with pytest.raises(ShapeError, match="scatter_add: there are more values than positions"):
        zk.scatter_add(x, zk.zeros(2, 1, dtype="int64"), zk.ones(5))
    with pytest.raises(ShapeError, match="scatter_add: the shapes do not broadcast"):
        zk.scatter_add(x, zk.zeros(2, 3, dtype="int64"), zk.ones(5))
    with pytest.raises(DTypeError, match="positions are integers"):
        zk.gather(x, x)


def test_scatter_add_collects_repeated_positions() -> None:
    out = zk.scatter_add(zk.zeros(3, dtype="int32"), [0, 2, 0, -1], zk.tensor([1, 2, 3, 4], dtype="int32"))
    assert out.dtype == zk.int32
    assert out.tolist() == [4, 0, 6]


def test_many_repeated_rows_collect_every_gradient() -> None:
    """An embedding: more elements than one way of adding is used for."""
    rng = np.random.default_rng(0)
    at, weights = rng.integers(-50, 50, (40, 7)), rng.standard_normal((40, 7, 16))
    table = zk.tensor(rng.standard_normal((50, 16)), requires_grad=True)
    (table[zk.asarray(at)] * zk.asarray(weights)).sum().backward()
    expected = np.zeros((50, 16))
    np.add.at(expected, at, weights)
    np.testing.assert_allclose(table.grad.numpy(), expected)


def test_one_hot() -> None:
    assert zk.one_hot(zk.tensor([2, 0])).shape == (2, 3)
    assert zk.one_hot(zk.tensor(1), 2, dtype="int32").tolist() == [0, 1]
    assert zk.one_hot(zk.zeros(0, dtype="int64"), 4).shape == (0, 4)
    assert zk.one_hot(zk.tensor([1], dtype="uint8"), 300).shape == (1, 300)
    assert error_of(lambda: zk.one_hot(zk.tensor([[0, 3]]), 3), IndexOutOfRangeError) == message("""
        one_hot: the label 3 is not one of 3 classes
          found at position (0, 1)
          labels go from 0 to 2
          Fix: pass a larger number of classes, or correct the label
    """)
    with pytest.raises(IndexOutOfRangeError, match="label -1 is not one of"):
        zk.one_hot(zk.tensor([-1]), 3)
    with pytest.raises(DTypeError, match="one_hot"):
        zk.one_hot(zk.tensor([0.5]), 3)


def test_iteration_costs_one_node() -> None:
    x = zk.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    rows = list(x)
    assert len({id(r.node.parents[0]) for r in rows}) == 1
    (rows[0] * rows[2]).sum().backward()
    assert x.grad.tolist() == [[4, 5], [0, 0], [0, 1]]


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 2, 2)])
def test_one_number_at_a_mask(shape: tuple[int, ...]) -> None:
    """Needs no look at the mask: written as a choice between the old and the new."""
    a = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    mask = np.array([True, False, True])
    x = zk.tensor(a, requires_grad=True)
    value = zk.tensor(-2.0, dtype="float64", requires_grad=True)
    y = x * 1
    y[zk.asarray(mask)] = value
    a[mask] = -2.0
    np.testing.assert_array_equal(y.numpy(), a)
    (y * y).sum().backward()
    assert value.grad.item() == -4.0 * np.prod(shape) * 2 / 3
    np.testing.assert_array_equal(x.grad.numpy(), np.where(mask.reshape(3, *[1] * (a.ndim - 1)), 0, 2 * a))
    with pytest.raises(IndexShapeError, match="a mask has another shape"):
        y[zk.asarray([True])] = 0.0


@pytest.mark.slow
def test_a_mask_inside_of_a_compiled_function() -> None:
    """Writing one number works; how many elements are read is not known there."""
    jax = pytest.importorskip("jax", reason="JAX, whose compiler this is about, is not installed")

    def write(raw: Any) -> Any:
        x = zk.asarray(raw) * 1.0
        x[x > 0] = 0.0
        return x.data

    def read(raw: Any) -> Any:
        x = zk.asarray(raw)
        return x[x > 0].data

    with zk.use_backend("jax"):
        raw = jax.numpy.asarray([1.0, -2.0, 3.0])
        assert jax.jit(write)(raw).tolist() == [0.0, -2.0, 0.0]
        assert error_of(lambda: jax.jit(read)(raw), InvalidValueError) == message("""
            getitem: how many elements a mask selects is not known here
              inside a compiled function shapes must not depend on values
              Fix: use zk.where(mask, x, 0), or do this outside of the function
        """)


def test_scatter_says_which_position_is_out_of_range(backend: Any) -> None:
    with pytest.raises(IndexError, match="scatter: index 5 is out of range"):
        zk.scatter(zk.zeros(3), zk.tensor([0, 5]), 1.0)
    with pytest.raises(TypeError, match="complex"):
        zk.scatter(zk.zeros(3), zk.tensor([0]), 1j)
    x = zk.zeros(3)
    assert zk.scatter(x, zk.tensor([0]), 2).tolist() == [2.0, 0.0, 0.0]
    assert x.tolist() == [0.0, 0.0, 0.0]
