"""What the op table does not ask of sorting, searching and sets: ties, NaN, signed zeros, edges, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import AxisError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError

nan = math.nan


def gradient(y, x):
    y.backward()
    return x.grad.tolist()


@pytest.mark.parametrize("name", ["sort", "argsort"])
def test_sorting_needs_an_axis(name):
    with pytest.raises(AxisError, match=f"{name}: there is no axis -1 in a tensor of 0 axes"):
        getattr(zk, name)(zk.ones(()))
    with pytest.raises(AxisError, match=f"{name}: there is no axis 1 in a tensor of 1 axis"):
        getattr(zk, name)(zk.ones(3), axis=1)
    with pytest.raises(DTypeError, match=f"{name} does not take complex64"):
        getattr(zk, name)(zk.tensor([1j]))


def test_nan_is_sorted_behind_all_numbers():
    x = zk.tensor([nan, 1.0, math.inf, -math.inf])
    np.testing.assert_array_equal(zk.sort(x).numpy(), [-math.inf, 1, math.inf, nan])
    assert zk.argsort(x).tolist() == [3, 1, 2, 0]
    np.testing.assert_array_equal(zk.sort(x, descending=True).numpy(), [nan, math.inf, 1, -math.inf])
    assert zk.argsort(x, descending=True).tolist() == [0, 2, 1, 3]
    assert zk.topk(x, 2).indices.tolist() == [0, 2]
    assert zk.topk(x, 3, largest=False).indices.tolist() == [3, 1, 2]


def test_gradients_go_back_to_where_the_elements_came_from():
    x = zk.tensor([3.0, 1.0, 2.0], requires_grad=True)
    assert gradient(zk.sum(zk.sort(x) * zk.tensor([10.0, 20.0, 30.0])), x) == [30, 10, 20]
    x = zk.tensor([1.0, 1.0, 0.0], requires_grad=True)
    assert gradient(zk.sum(zk.sort(x) * zk.tensor([10.0, 20.0, 30.0])), x) == [20, 30, 10]
    x = zk.tensor([1.0, 1.0, 0.0], requires_grad=True)
    assert gradient(zk.sum(zk.sort(x, descending=True) * zk.tensor([10.0, 20.0, 30.0])), x) == [10, 20, 30]


def test_topk_is_a_named_tuple_of_values_with_and_indices_without_a_gradient():
    x = zk.tensor([[1.0, 3.0, 3.0], [5.0, 4.0, 6.0]], requires_grad=True)
    top = zk.topk(x, 1)
    assert top.values.tolist() == [[3], [6]]
    assert top.indices.tolist() == [[1], [2]]
    assert top.indices.dtype == "int64"
    assert not top.indices.requires_grad
    assert gradient(zk.sum(top.values), x) == [[0, 1, 0], [0, 0, 1]]
    assert zk.topk(x, 0).values.shape == (2, 0)
    assert zk.topk(x, 2, axis=0, largest=False).values.tolist() == [[1, 3, 3], [5, 4, 6]]
    assert zk.topk(zk.tensor([False, True]), 1).values.tolist() == [True]


@pytest.mark.parametrize("k", [-1, 4])
def test_topk_of_more_than_there_are_is_refused(k):
    with pytest.raises(InvalidValueError) as caught:
        zk.topk(zk.ones((2, 3)), k)
    assert str(caught.value).startswith(f"topk: k is {k}, but axis 1 has 3 elements\n  x  (2, 3)\n")
    assert (caught.value.k, caught.value.length) == (k, 3)


def test_positions_are_int64_and_the_first_of_equal_ones():
    x = zk.tensor([[2, 7, 7], [7, 2, 2]])
    assert zk.argmax(x, axis=1).tolist() == [1, 0]
    assert zk.argmin(x, axis=1).tolist() == [0, 1]
    assert zk.argmax(x).item() == 1
    assert zk.argmax(x, axis=0).dtype == zk.argsort(x).dtype == zk.nonzero(x)[0].dtype == "int64"
    assert zk.argmax(x, keepdims=True).shape == (1, 1)


def test_nonzero_needs_an_axis():
    with pytest.raises(ShapeError, match="nonzero needs at least one axis"):
        zk.nonzero(zk.ones(()))
    assert [p.tolist() for p in zk.nonzero(zk.tensor([[1.0, 0.0], [0.0, nan]]))] == [[0, 1], [0, 1]]
    assert len(zk.nonzero(zk.zeros((2, 0, 3)))) == 3


def test_searchsorted():
    x = zk.tensor([1.0, 2.0, 2.0, 3.0])
    assert zk.searchsorted(x, 2).item() == 1
    assert zk.searchsorted(x, 2.0, side="right").item() == 3
    assert zk.searchsorted(x, zk.tensor([[0, 9], [3, 2]])).tolist() == [[0, 4], [3, 1]]
    assert zk.searchsorted(zk.zeros(0), x).tolist() == [0, 0, 0, 0]
    assert zk.searchsorted(zk.tensor([3.0, 1.0]), 2.0, sorter=zk.tensor([1, 0])).item() == 1
    with pytest.raises(IndexOutOfRangeError, match="searchsorted: index 9 is out of range"):
        zk.searchsorted(zk.tensor([3.0, 1.0]), 2.0, sorter=zk.tensor([1, 9]))
    with pytest.raises(InvalidValueError, match="side is 'middle'"):
        zk.searchsorted(x, 2.0, side="middle")
    with pytest.raises(ShapeError, match="one axis"):
        zk.searchsorted(zk.ones((2, 2)), 2.0)
    with pytest.raises(ShapeError, match="sorter"):
        zk.searchsorted(x, 2.0, sorter=zk.tensor([1, 0]))


def test_sets_have_the_fields_of_the_standard():
    x = zk.tensor([[3, 1, 3], [2, 1, 3]])
    every = zk.unique_all(x)
    assert every._fields == ("values", "indices", "inverse_indices", "counts")
    assert [t.tolist() for t in every] == [[1, 2, 3], [1, 3, 0], [[2, 0, 2], [1, 0, 2]], [2, 1, 3]]
    assert zk.unique_counts(x)._fields == ("values", "counts")
    assert zk.unique_inverse(x)._fields == ("values", "inverse_indices")
    np.testing.assert_array_equal(every.values.numpy()[every.inverse_indices.numpy()], x.numpy())


def test_every_nan_is_a_value_of_its_own_and_signed_zeros_are_one():
    x = zk.tensor([nan, 0.0, nan, -0.0, 1.0])
    every = zk.unique_all(x)
    np.testing.assert_array_equal(every.values.numpy(), [0, 1, nan, nan])
    assert every.counts.tolist() == [2, 1, 1, 1]
    assert every.indices.tolist() == [1, 4, 0, 2]
    assert every.inverse_indices.tolist() == [2, 0, 3, 0, 1]
    z = zk.tensor([complex(nan, 1), 1j, complex(nan, 1), 1j, 2.0])
    assert zk.unique_counts(z).counts.tolist() == [2, 1, 1, 1]


def test_sets_of_one_and_of_none():
    assert [t.tolist() for t in zk.unique_all(zk.tensor(5.0))] == [[5], [0], 0, [1]]
    assert [t.shape for t in zk.unique_all(zk.zeros((0, 2)))] == [(0,), (0,), (0, 2), (0,)]


def test_the_gradient_of_a_set_goes_to_first_occurrences():
    x = zk.tensor([[2.0, 1.0], [2.0, 3.0]], requires_grad=True)
    y = zk.unique_values(x)
    assert gradient(zk.sum(y * zk.tensor([1.0, 10.0, 100.0])), x) == [[10, 1], [0, 100]]


def test_membership():
    x = zk.tensor([[1, 2], [3, 4]])
    assert zk.isin(x, zk.tensor([4, 1])).tolist() == [[True, False], [False, True]]
    assert zk.isin(x, 3).tolist() == [[False, False], [True, False]]
    assert zk.isin(3, x).tolist() is True
    assert zk.isin(x, zk.zeros(0, dtype="int64")).tolist() == [[False, False], [False, False]]
    assert zk.isin(x, zk.zeros(0, dtype="int64"), invert=True).tolist() == [[True, True], [True, True]]
    assert zk.isin(zk.tensor([nan, 1.0]), zk.tensor([nan, 1.0])).tolist() == [False, True]
    assert zk.isin(zk.tensor([1.0, 2.0]), zk.tensor([2])).tolist() == [False, True]


def test_running_extremes_keep_nan_and_send_the_gradient_to_the_last_of_equal_elements() -> None:
    x = zk.tensor([1.0, 3.0, 3.0, float("nan"), 5.0])
    np.testing.assert_array_equal(zk.cummax(x).numpy(), np.maximum.accumulate(x.numpy()))
    np.testing.assert_array_equal(zk.cummin(x).numpy(), np.minimum.accumulate(x.numpy()))
    y = zk.tensor([1.0, 3.0, 3.0, 2.0], requires_grad=True)
    zk.cummax(y).sum().backward()
    assert y.grad.tolist() == [1.0, 1.0, 2.0, 0.0]
    with pytest.raises(ValueError, match="which axis"):
        zk.cummax(zk.ones(2, 2))
