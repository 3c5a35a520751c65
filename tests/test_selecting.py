"""Selection by masks and positions: `where`, `gather`, `scatter_add`, `one_hot`, and reading by a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.errors import (
    DTypeError,
    IndexOutOfRangeError,
    IndexShapeError,
    InvalidValueError,
    ShapeError,
)


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
