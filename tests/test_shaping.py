"""Shapes, order of axes, joining, padding and patterns: edges, errors and what is shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.errors import ArgumentError, AxisError, DTypeError, InvalidValueError, ShapeError

# -- shapes -------------------------------------------------------------------------------------------------------


def test_reshape_takes_shapes_of_every_kind() -> None:
    x = zk.arange(6)
    for shape in ((2, 3), [2, 3], (2, -1), (np.int64(2), zk.tensor(3))):
        assert zk.reshape(x, shape).shape == (2, 3)
    assert x.reshape(2, 3).shape == x.reshape((2, 3)).shape == x.view(-1, 3).shape == (2, 3)
    assert zk.reshape(x, -1).shape == zk.reshape(x, 6).shape == (6,)
    assert zk.reshape(zk.tensor(1.0), ()).shape == ()
    assert zk.reshape(zk.zeros(0, 3), (3, -1)).shape == (3, 0)
    assert zk.reshape(zk.zeros(0), (0, 5)).shape == (0, 5)


def test_reshape_says_what_does_not_fit() -> None:
    x = zk.zeros(2, 3)
    assert error_of(lambda: zk.reshape(x, (4, 2)), ShapeError) == message("""
        reshape: 6 elements of shape (2, 3) do not fill the shape (4, 2)
          (4, 2) holds 8
          Fix: the lengths must multiply to 6; one of them may be -1
    """)
    for shape in ((4, -1), (-1, -1), (-2, 3), (0, -1), (7,)):
        with pytest.raises(ShapeError, match="reshape: 6 elements"):
            zk.reshape(x, shape)
    with pytest.raises(ShapeError):
        zk.reshape(zk.zeros(0), (0, -1))
    with pytest.raises(ArgumentError, match="each length of the shape is a whole number"):
        zk.reshape(x, (2.0, 3))


def test_reshape_copies_when_asked_to() -> None:
    x = zk.asarray(np.arange(6.0))
    assert zk.reshape(x, (2, 3), copy=True).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_reshape_without_a_copy_is_refused_where_it_needs_one(backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("whether a copy is needed is the library's affair")
    x = zk.zeros(2, 3)
    assert zk.reshape(x, (6,), copy=False).shape == (6,)
    with pytest.raises(InvalidValueError, match="copy=False was asked for"):
        zk.reshape(x.T, (6,), copy=False)


def test_flatten_and_unflatten() -> None:
    x = zk.zeros(2, 3, 4)
    assert zk.flatten(x).shape == (24,)
    assert zk.flatten(x, 1).shape == x.flatten(1).shape == (2, 12)
    assert zk.flatten(x, 0, 1).shape == (6, 4)
    assert zk.flatten(zk.tensor(1.0)).shape == (1,)
    assert zk.unflatten(x, -1, (2, -1)).shape == (2, 3, 2, 2)
    with pytest.raises(InvalidValueError, match=r"flatten: the first axis \(2\) comes after the last \(1\)"):
        zk.flatten(x, 2, 1)
    with pytest.raises(ShapeError, match=r"unflatten: 4 elements of shape \(4,\) do not fill the shape \(3, 2\)"):
        zk.unflatten(x, 2, (3, 2))


def test_axes_of_length_one_come_and_go() -> None:
    x = zk.zeros(2, 3)
    assert zk.expand_dims(x).shape == zk.unsqueeze(x, 0).shape == (1, 2, 3)
    assert zk.expand_dims(x, axis=(0, -1)).shape == (1, 2, 3, 1)
    assert zk.squeeze(zk.zeros(1, 2, 1)).shape == (2,)
    assert zk.squeeze(zk.zeros(1, 2, 1), axis=(0,)).shape == (2, 1)
    assert error_of(lambda: zk.squeeze(x, axis=0), ShapeError) == message("""
        squeeze: axis 0 has length 2, only an axis of length 1 can go
          x  (2, 3)
          Fix: name an axis of length 1, or index the axis: x[..., 0]
    """)
    for call in (lambda: zk.expand_dims(x, axis=3), lambda: zk.squeeze(x, 2), lambda: zk.expand_dims(x, axis=(0, 0))):
        with pytest.raises(AxisError):
            call()


def test_broadcasting() -> None:
    x = zk.zeros(2, 1)
    assert zk.broadcast_to(x, (3, 2, 4)).shape == x.expand(3, -1, 4).shape == (3, 2, 4)
    assert zk.broadcast_to(zk.tensor(1.0), (2,)).tolist() == [1, 1]
    assert error_of(lambda: zk.broadcast_to(x, (3, 1)), ShapeError) == message("""
        broadcast_to: the shape (2, 1) does not broadcast to (3, 1)
          aligned at the last axis, each length must be the same, or 1
          Fix: insert axes of length 1 with x[..., None], or repeat with zk.tile
    """)
    with pytest.raises(ShapeError):
        zk.broadcast_to(x, (2,))
    assert zk.broadcast_shapes((2, 1), (3,), ()) == (2, 3)
    assert zk.broadcast_shapes() == ()
    with pytest.raises(ShapeError, match="broadcast_shapes: the shapes do not broadcast"):
        zk.broadcast_shapes((2,), (3,))
    a, b = zk.broadcast_arrays(x, zk.ones(3))
    assert a.shape == b.shape == (2, 3)
    assert isinstance(zk.broadcast_arrays(x), tuple)
    with pytest.raises(ShapeError, match="broadcast_arrays: the shapes do not broadcast"):
        zk.broadcast_arrays(zk.ones(2), zk.ones(3))


# -- order --------------------------------------------------------------------------------------------------------


def test_transpose_as_in_numpy_and_pytorch() -> None:
    x = zk.zeros(2, 3, 4)
    assert zk.transpose(x).shape == x.transpose().shape == (4, 3, 2)
    assert x.transpose(0, 2).shape == x.transpose(-1, 0).shape == x.swapaxes(0, 2).shape == (4, 3, 2)
    assert x.transpose(2, 0, 1).shape == x.transpose((2, 0, 1)).shape == x.permute(2, 0, 1).shape == (4, 2, 3)
    m = zk.tensor([[1, 2, 3], [4, 5, 6]])
    for t in (m.T, m.mT, m.transpose(), m.transpose(0, 1), m.transpose(1, 0), zk.matrix_transpose(m)):
        assert t.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert zk.moveaxis(x, (0, 1), (-1, 0)).shape == (3, 4, 2)


def test_errors_of_order() -> None:
    x = zk.zeros(2, 3, 4)
    assert error_of(lambda: x.T, ShapeError) == message("""
        .T is for matrices, this tensor has 3 axes
          Fix: use .mT for the last two axes, or zk.permute_dims for any order
    """)
    with pytest.raises(ShapeError, match="matrix_transpose needs a tensor of at least two axes"):
        zk.matrix_transpose(zk.zeros(3))
    with pytest.raises(ShapeError, match="permute_dims: 2 axes were named for a tensor of 3"):
        zk.permute_dims(x, (0, 1))
    with pytest.raises(AxisError, match="named twice"):
        zk.permute_dims(x, (0, 1, 1))
    with pytest.raises(AxisError):
        zk.swapaxes(x, 0, 3)
    with pytest.raises(InvalidValueError, match="moveaxis: 2 axes were to go to 1 places"):
        zk.moveaxis(x, (0, 1), 2)
    with pytest.raises(AxisError):
        zk.flip(x, axis=3)


def test_roll() -> None:
    x = zk.asarray(np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(zk.roll(x, 1, axis=(0, 1)).numpy(), np.roll(x.numpy(), 1, axis=(0, 1)))
    np.testing.assert_array_equal(zk.roll(x, -7).numpy(), np.roll(x.numpy(), -7))
    with pytest.raises(InvalidValueError, match="roll: 2 shifts for 1 axes"):
        zk.roll(x, (1, 2), axis=0)
    with pytest.raises(ArgumentError, match="several shifts need an axis each"):
        zk.roll(x, (1, 2))


# -- joining ------------------------------------------------------------------------------------------------------


def test_joining_promotes_dtypes() -> None:
    single, whole = zk.ones(2), zk.ones(2, dtype="int32")
    assert zk.concat([single, whole]).dtype == zk.float32
    assert zk.stack([single, zk.ones(2, dtype="float64")]).dtype == zk.float64
    assert zk.stack([whole, zk.ones(2, dtype="int64")]).dtype == zk.int64
    assert zk.concat([single, np.ones(1, np.float32), [2.0]]).tolist() == [1, 1, 1, 2]
    assert zk.stack([single[0], 5.0]).tolist() == [1, 5]
    assert zk.stack(zk.ones(2, 3), axis=-1).shape == (3, 2)


def test_joining_says_what_does_not_fit() -> None:
    wide, tall = zk.zeros(2, 3), zk.zeros(3, 2)
    assert error_of(lambda: zk.concat([wide, wide, tall], axis=1), ShapeError) == message("""
        concat: the shapes differ in more than the axis they are joined along
          arrays[0]  (2, 3)
          arrays[2]  (3, 2)
          joined along axis 1
          Fix: make all other lengths the same, or use zk.stack for a new axis
    """)
    assert error_of(lambda: zk.stack([zk.zeros(2), zk.zeros(3)]), ShapeError) == message("""
        stack: the shapes differ
          arrays[0]  (2,)
          arrays[1]  (3,)
          Fix: stack tensors of one shape, or join them with zk.concat
    """)
    with pytest.raises(ShapeError):
        zk.concat([zk.zeros(0), zk.zeros(2, 3)])
    for call in (zk.concat, zk.stack, zk.hstack, zk.vstack):
        with pytest.raises(InvalidValueError, match="received an empty list"):
            call([])
    with pytest.raises(AxisError):
        zk.concat([zk.zeros(2), zk.zeros(2)], axis=1)
    with pytest.raises(AxisError):
        zk.concat([zk.tensor(1.0), zk.tensor(2.0)])
    assert zk.stack([zk.zeros(2)], axis=1).shape == (2, 1)
    with pytest.raises(AxisError):
        zk.stack([zk.zeros(2)], axis=2)


def test_pieces() -> None:
    x = zk.asarray(np.arange(12).reshape(2, 6))
    assert [p.tolist() for p in zk.split(x[0], 3)] == [[0, 1], [2, 3], [4, 5]]
    assert [p.shape for p in zk.split(x, [1, 2, 3], axis=1)] == [(2, 1), (2, 2), (2, 3)]
    assert [p.shape for p in zk.chunk(x, 4, axis=1)] == [(2, 2), (2, 2), (2, 2)]
    assert [p.shape for p in zk.chunk(zk.zeros(0, 2), 3)] == [(0, 2)]
    assert isinstance(zk.unstack(x), tuple)
    assert zk.unstack(zk.zeros(0, 2)) == ()
    with pytest.raises(InvalidValueError, match="axis 1 of length 6 cannot be cut into 4 equal pieces"):
        zk.split(x, 4, axis=1)
    with pytest.raises(InvalidValueError, match=r"sizes \[1, 2\] add up to 3, axis 1 has length 6"):
        zk.split(x, [1, 2], axis=1)
    with pytest.raises(InvalidValueError):
        zk.split(x, [7, -1], axis=1)


def test_pieces_nobody_uses_get_no_gradient() -> None:
    x = zk.tensor(np.arange(6.0), requires_grad=True)
    a, _, c = zk.split(x, 3)
    zk.sum(a * c).backward()
    assert x.grad.tolist() == [4, 5, 0, 0, 0, 1]


def test_repetition() -> None:
    x = zk.asarray(np.arange(6).reshape(2, 3))
    for repeats in (0, 2, [2], np.array([1, 0, 2])):
        np.testing.assert_array_equal(zk.repeat(x, repeats, axis=1).numpy(), np.repeat(x.numpy(), repeats, axis=1))
    for times in (0, 2, (2, 2), (3, 1, 2), ()):
        np.testing.assert_array_equal(zk.tile(x, times).numpy(), np.tile(x.numpy(), times))
    with pytest.raises(ShapeError, match="repeat: 2 numbers of repeats for 3 elements along axis 1"):
        zk.repeat(x, [1, 2], axis=1)
    with pytest.raises(InvalidValueError, match="negative number of times"):
        zk.repeat(x, -1)
    with pytest.raises(ArgumentError, match="repeats is a whole number, received float"):
        zk.repeat(x, 1.5)
    empty = zk.tensor(np.ones((2, 3)), requires_grad=True)
    zk.sum(zk.repeat(empty, 0, axis=1)).backward()
    assert empty.grad.tolist() == [[0] * 3] * 2


# -- padding and patterns -----------------------------------------------------------------------------------------


def test_pad_as_in_numpy() -> None:
    a = np.arange(6, dtype=np.int32).reshape(2, 3)
    x = zk.asarray(a)
    for widths in (0, 1, (2, 1), ((0, 2), (1, 0)), [(1, 2)]):
        for mode in ("constant", "edge", "wrap", "reflect"):
            got = zk.pad(x, widths, mode=mode)
            np.testing.assert_array_equal(got.numpy(), np.pad(a, widths, mode=mode), err_msg=f"{widths} {mode}")
            assert got.dtype == zk.int32
    assert zk.pad(zk.zeros(2, dtype="bool"), 1, value=True).tolist() == [True, False, False, True]
    assert zk.pad(zk.zeros(1), 1, value=float("-inf")).tolist() == [-np.inf, 0, -np.inf]
    assert zk.pad(zk.zeros(0, 2), ((1, 0), (0, 0)), value=3).tolist() == [[3, 3]]


def test_errors_of_pad() -> None:
    x = zk.zeros(2, 3)
    with pytest.raises(InvalidValueError, match="pad has no mode 'mirror'"):
        zk.pad(x, 1, mode="mirror")
    with pytest.raises(InvalidValueError, match="a width is negative"):
        zk.pad(x, ((0, 0), (-1, 0)))
    with pytest.raises(ShapeError, match="3 pairs of widths for a tensor of 2 axes"):
        zk.pad(x, ((0, 0), (1, 0), (0, 0)))
    for widths in ((1, 2, 3), 1.5, "1", ((1,), (2,))):
        with pytest.raises(ArgumentError, match="widths are a number, a pair, or a pair for each axis"):
            zk.pad(x, widths)
    with pytest.raises(ShapeError, match="axis 0 is empty"):
        zk.pad(zk.zeros(0), 1, mode="edge")
    for tensor, value in ((zk.zeros(2, dtype="int32"), 0.5), (zk.zeros(2), 1j), (zk.zeros(2, dtype="bool"), 2)):
        with pytest.raises(DTypeError, match="does not fit into"):
            zk.pad(tensor, 1, value=value)


def test_patterns() -> None:
    a = np.arange(24).reshape(2, 3, 4)
    x = zk.asarray(a)
    for k in (-3, -1, 0, 2, 5):
        np.testing.assert_array_equal(zk.tril(x, k=k).numpy(), np.tril(a, k))
        np.testing.assert_array_equal(zk.triu(x, k=k).numpy(), np.triu(a, k))
        np.testing.assert_array_equal(zk.diagonal(x, k, 1, 2).numpy(), np.diagonal(a, k, 1, 2))
        np.testing.assert_array_equal(zk.diag(x[0, 0], k).numpy(), np.diag(a[0, 0], k))
    assert zk.diag(zk.zeros(2, dtype="bool")).dtype == zk.bool
    with pytest.raises(ShapeError, match="tril needs a matrix"):
        zk.tril(zk.zeros(3))
    with pytest.raises(ShapeError, match="diag is for vectors and matrices"):
        zk.diag(x)
    with pytest.raises(InvalidValueError, match="both axes are axis 1"):
        zk.diagonal(x, 0, 1, -2)


def test_meshgrid() -> None:
    a, b, c = np.arange(2), np.arange(3.0), np.arange(4)
    for indexing in ("xy", "ij"):
        for parts in ((), (a,), (a, b), (a, b, c)):
            got = zk.meshgrid(*map(zk.asarray, parts), indexing=indexing)
            expected = np.meshgrid(*parts, indexing=indexing)
            assert isinstance(got, tuple)
            for g, e in zip(got, expected, strict=True):
                np.testing.assert_array_equal(g.numpy(), e)
    with pytest.raises(InvalidValueError, match="indexing is"):
        zk.meshgrid(zk.asarray(a), indexing="yx")
    with pytest.raises(ShapeError, match="meshgrid takes vectors"):
        zk.meshgrid(zk.zeros(2, 2))


def test_sliding_window() -> None:
    a = np.arange(20).reshape(2, 10)
    x = zk.asarray(a)
    for size, step in ((1, 1), (3, 1), (3, 2), (9, 1), (10, 3), (4, 5)):
        expected = np.lib.stride_tricks.sliding_window_view(a, size, 1)[:, ::step]
        np.testing.assert_array_equal(zk.sliding_window(x, size, step=step).numpy(), expected)
    for size, step in ((11, 1), (0, 1), (2, 0)):
        with pytest.raises(InvalidValueError, match="no window of"):
            zk.sliding_window(x, size, step=step)


# -- sharing ------------------------------------------------------------------------------------------------------


def test_views_do_not_let_writes_through() -> None:
    """What shares memory inside a library must not be seen to."""
    a = np.arange(6.0)
    x = zk.asarray(a)
    y, z = x.reshape(2, 3), x[::2]
    y[0] = -1.0
    z += 10
    x[5] = 7.0
    np.testing.assert_array_equal(a, np.arange(6.0))
    assert x.tolist() == [0, 1, 2, 3, 4, 7]
    assert y.tolist() == [[-1, -1, -1], [3, 4, 5]]
    assert z.tolist() == [10, 12, 14]


def test_axes_in_errors_read_the_same_everywhere() -> None:
    expected = message("""
        there is no axis 2 in a tensor of 2 axes
          axis must be from -2 to 1
          Fix: name an axis the tensor has
    """)
    x = zk.zeros(2, 3)
    calls = {
        "split": lambda: zk.split(x, 1, axis=2),
        "unstack": lambda: zk.unstack(x, axis=2),
        "concat": lambda: zk.concat([x], axis=2),
        "repeat": lambda: zk.repeat(x, 2, axis=2),
        "take": lambda: zk.take(x, [0], axis=2),
        "flip": lambda: zk.flip(x, axis=2),
        "roll": lambda: zk.roll(x, 1, axis=2),
        "moveaxis": lambda: zk.moveaxis(x, 2, 0),
        "take_along_axis": lambda: zk.take_along_axis(x, zk.zeros(1, 1, dtype="int64"), axis=2),
    }
    for name, call in calls.items():
        assert error_of(call, AxisError) == f"{name}: {expected}"
