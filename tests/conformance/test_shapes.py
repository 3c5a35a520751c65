"""Broadcasting, joining and rearranging, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from conformance.samples import SHAPES, check, draw, examples, numpy, tensor
from conformance.standard import ALL

Table = pytest.mark.parametrize
shapes = st.sampled_from(SHAPES)


def numbered(*shape: int, dtype: str = "float32") -> np.ndarray[Any, Any]:
    """An array whose elements all differ."""
    return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)


@given(shape=hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=3, max_dims=3))
@examples(25)
def test_broadcast(shape: hnp.BroadcastableShapes) -> None:
    arrays = [numbered(*s) for s in shape.input_shapes]
    assert zk.broadcast_shapes(*shape.input_shapes) == shape.result_shape
    out = zk.broadcast_arrays(*[zk.asarray(a) for a in arrays])
    assert isinstance(out, tuple)
    for mine, array in zip(out, arrays, strict=True):
        check(mine, np.broadcast_to(array, shape.result_shape))
        check(zk.broadcast_to(zk.asarray(array), shape.result_shape), np.broadcast_to(array, shape.result_shape))


def test_broadcast_arrays_keeps_dtypes() -> None:
    out = zk.broadcast_arrays(*[zk.ones(1, dtype=d) for d in ALL])
    assert [str(o.dtype) for o in out] == list(ALL)


def test_shapes_that_do_not_broadcast() -> None:
    for call in (
        lambda: zk.broadcast_shapes((2,), (3,)),
        lambda: zk.broadcast_arrays(zk.ones(2), zk.ones(3)),
        lambda: zk.broadcast_to(zk.ones(2), (3,)),
        lambda: zk.broadcast_to(zk.ones((2, 3)), (3,)),
    ):
        with pytest.raises(ValueError):
            call()
    assert zk.broadcast_shapes() == ()
    assert zk.broadcast_shapes((2, 1), (3,), (1, 1, 1)) == (1, 2, 3)


def check_shaping(xp: Any) -> None:
    """Rearrangements of arrays of several shapes and dtypes."""
    for shape in SHAPES:
        for dtype in ("float32", "bool", "int16", "complex128"):
            x = numbered(*shape, dtype=dtype)
            x_ = tensor(xp, x)
            n = x.ndim
            check(xp.flip(x_), np.flip(x))
            check(xp.permute_dims(x_, tuple(reversed(range(n)))), x.T)
            for axis in range(-n - 1, n + 1):
                check(xp.expand_dims(x_, axis=axis), np.expand_dims(x, axis))
            for axis in range(-n, n):
                check(xp.flip(x_, axis=axis), np.flip(x, axis))
                check(xp.roll(x_, 2, axis=axis), np.roll(x, 2, axis))
                check(xp.repeat(x_, 2, axis=axis), np.repeat(x, 2, axis))
                check(xp.concat([x_, x_], axis=axis), np.concatenate([x, x], axis))
                for mine, theirs in zip(xp.unstack(x_, axis=axis), np.moveaxis(x, axis, 0), strict=True):
                    check(mine, theirs)
                if shape[axis] == 1:
                    check(xp.squeeze(x_, axis), np.squeeze(x, axis))
            check(xp.roll(x_, -1), np.roll(x, -1))
            check(xp.concat([x_, x_], axis=None), np.concatenate([x, x], axis=None))
            check(xp.repeat(x_, 2), np.repeat(x, 2))
            check(xp.stack([x_, x_], axis=-1), np.stack([x, x], axis=-1))
            check(xp.stack([x_, x_, x_]), np.stack([x, x, x]))
            check(xp.tile(x_, (2, 1, 2)), np.tile(x, (2, 1, 2)))
            check(xp.reshape(x_, (x.size,)), x.reshape(x.size))
            if x.size:
                check(xp.reshape(x_, (-1, 1)), x.reshape(-1, 1))


def test_shaping() -> None:
    check_shaping(zk)


@given(data=st.data())
@examples(25)
def test_reshape(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(), (1,), (6,), (2, 3), (3, 1, 2), (0,), (2, 0)]))
    x = numbered(*shape)
    other = data.draw(
        st.sampled_from([(6,), (3, 2), (1, 6, 1), (-1,), (2, -1)] if x.size == 6 else [(x.size,), (1, x.size)])
    )
    check(zk.reshape(zk.asarray(x), other), x.reshape(other))
    copy = zk.reshape(zk.asarray(x), other, copy=True)
    check(copy, x.reshape(other))


def test_reshape_copies_when_told_to() -> None:
    x = zk.asarray(numbered(2, 3))
    y = zk.reshape(x, (3, 2), copy=True)
    y[0, 0] = 9
    check(x, numbered(2, 3))
    check(zk.reshape(x, (6,), copy=False), numbered(6))
    for wrong in ((4,), (-1, 4), (-1, -1)):
        with pytest.raises(ValueError):
            zk.reshape(x, wrong)


@given(data=st.data())
@examples(25)
def test_permuting(data: st.DataObject) -> None:
    x = numbered(*data.draw(st.sampled_from([(2, 3), (2, 1, 3), (0, 2, 1), (2, 1, 3, 1)])))
    axes = data.draw(st.permutations(range(x.ndim)))
    check(zk.permute_dims(zk.asarray(x), tuple(axes)), x.transpose(axes))
    few = data.draw(st.integers(1, x.ndim))
    source = tuple(data.draw(st.permutations(range(x.ndim)))[:few])
    target = tuple(a - x.ndim for a in data.draw(st.permutations(range(x.ndim)))[:few])
    check(zk.moveaxis(zk.asarray(x), source, target), np.moveaxis(x, source, target))
    check(zk.moveaxis(zk.asarray(x), source[0], target[0]), np.moveaxis(x, source[0], target[0]))
    check(zk.matrix_transpose(zk.asarray(x)), np.swapaxes(x, -1, -2))
    check(zk.asarray(x).mT, np.swapaxes(x, -1, -2))


@given(data=st.data())
@examples(25)
def test_rolling_and_flipping_several_axes(data: st.DataObject) -> None:
    x = numbered(2, 3, 2)
    axes = tuple(data.draw(st.lists(st.sampled_from([0, 1, 2]), unique=True)))
    check(zk.flip(zk.asarray(x), axis=axes), np.flip(x, axes))
    shift = tuple(data.draw(st.integers(-4, 4)) for _ in axes)
    if axes:
        check(zk.roll(zk.asarray(x), shift, axis=axes), np.roll(x, shift, axes))
        check(zk.roll(zk.asarray(x), shift[0], axis=axes), np.roll(x, shift[0], axes))


def test_repeat_each_its_own_number_of_times() -> None:
    x = numbered(2, 3)
    check(zk.repeat(zk.asarray(x), zk.asarray([1, 0, 2]), axis=1), np.repeat(x, [1, 0, 2], 1))
    check(zk.repeat(zk.asarray(x), zk.asarray([1, 0, 2, 1, 1, 3])), np.repeat(x, [1, 0, 2, 1, 1, 3]))
    check(zk.repeat(zk.asarray(x), 0, axis=0), np.repeat(x, 0, 0))
    check(zk.repeat(zk.asarray(x), zk.asarray([2]), axis=0), np.repeat(x, 2, 0))


@Table("repetitions", [(), (2,), (2, 2), (1, 2, 2), (0, 2)])
def test_tile(repetitions: tuple[int, ...]) -> None:
    for shape in ((), (3,), (2, 3), (0, 2)):
        check(zk.tile(zk.asarray(numbered(*shape)), repetitions), np.tile(numbered(*shape), repetitions))


@given(data=st.data())
@examples(15)
def test_concat(data: st.DataObject) -> None:
    axis = data.draw(st.sampled_from([0, 1, -1, -2]))
    lengths = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))
    dtypes = data.draw(st.lists(st.sampled_from(["float32", "float64"]), min_size=len(lengths), max_size=len(lengths)))
    arrays = [numbered(*((n, 2) if axis in (0, -2) else (2, n)), dtype=d) for n, d in zip(lengths, dtypes, strict=True)]
    check(zk.concat([zk.asarray(a) for a in arrays], axis=axis), np.concatenate(arrays, axis))
    flat = zk.concat(tuple(zk.asarray(a) for a in arrays), axis=None)
    check(flat, np.concatenate(arrays, None))


def test_squeeze_only_what_is_one_long() -> None:
    x = numbered(1, 2, 1)
    check(zk.squeeze(zk.asarray(x), (0, 2)), x.reshape(2))
    check(zk.squeeze(zk.asarray(x), -1), x.reshape(1, 2))
    check(zk.squeeze(zk.asarray(x), ()), x)
    with pytest.raises(ValueError):
        zk.squeeze(zk.asarray(x), 1)
    with pytest.raises((IndexError, ValueError)):
        zk.expand_dims(zk.asarray(x), axis=5)


def test_unstack_gives_a_tuple() -> None:
    out = zk.unstack(zk.asarray(numbered(2, 3)), axis=1)
    assert isinstance(out, tuple)
    assert [o.shape for o in out] == [(2,)] * 3
    assert zk.unstack(zk.zeros((0, 2))) == ()


def test_shapes_of_joined_arrays_have_to_agree() -> None:
    for call in (
        lambda: zk.concat([zk.ones((2, 3)), zk.ones((2, 2))], axis=0),
        lambda: zk.concat([zk.ones((2, 3)), zk.ones((3,))], axis=0),
        lambda: zk.stack([zk.ones(2), zk.ones(3)]),
        lambda: zk.concat([]),
        lambda: zk.stack([]),
    ):
        with pytest.raises((ValueError, TypeError)):
            call()


@Table("shape", SHAPES)
def test_number_of_elements(shape: tuple[int, ...]) -> None:
    x = zk.asarray(draw("float32", *shape))
    assert (x.ndim, x.shape, x.size) == (len(shape), shape, int(np.prod(shape)))
    assert numpy(x).shape == shape
    if shape:
        assert len(x) == shape[0]
    else:
        with pytest.raises((TypeError, ValueError)):
            len(x)
