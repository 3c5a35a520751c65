"""What a tensor is and does besides ops: its data, its memory, conversions, and what it refuses."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError, ShapeError


@pytest.mark.parametrize("make", [zk.asarray, zk.tensor, zk.Tensor])
def test_the_users_array_is_never_written_to(make: object) -> None:
    mine = np.ones(3, np.float32)
    w = make(mine).requires_grad_()  # type: ignore[operator]
    for _ in range(2):
        (w * w).sum().backward()
        with zk.no_grad():
            w -= 0.1 * w.grad
        w.data = w.data - 0.5
        w.grad = None
    view = make(mine)  # type: ignore[operator]
    view[0] = 7.0
    view += 1
    np.testing.assert_array_equal(mine, np.ones(3))


def test_augmented_assignment_on_data_spares_the_users_array(backend: object) -> None:
    mine = np.ones(3, np.float32)
    w = zk.asarray(mine).requires_grad_()
    w.data -= 0.5  # in place where the backend's arrays can be written to
    np.testing.assert_array_equal(mine, np.ones(3))
    assert w.tolist() == [0.5, 0.5, 0.5]


def test_gradients_have_memory_of_their_own() -> None:
    x, y = (zk.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    g = zk.tensor([1.0, 1.0])
    (x + y).backward(g)
    x.grad.data = x.grad.data * 0
    assert y.grad.tolist() == [1.0, 1.0]
    assert g.tolist() == [1.0, 1.0]
    z = zk.tensor([1.0, 2.0], requires_grad=True)
    z.sum().backward()
    z.grad.data *= 2  # not a read-only view of the cotangent
    assert z.grad.tolist() == [2.0, 2.0]


def test_data_is_the_backends_own_array_and_takes_no_other(backend: object) -> None:
    x = zk.ones(2)
    assert zk.get_backend().is_array(x.data)
    with pytest.raises(ArgumentError, match="received list"):
        x.data = [1.0, 2.0]
    w = zk.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ShapeError, match="another shape"):
        w.data = zk.ones(3)
    with pytest.raises(GradientError, match="result of exp"):
        zk.exp(w).data = w.data


def test_numbers_from_tensors() -> None:
    one = zk.tensor(2.5)
    assert (float(one), int(one), bool(one), complex(one), one.item()) == (2.5, 2, True, 2.5 + 0j, 2.5)
    assert [10, 20, 30][zk.tensor(1)] == 20
    assert list(range(5))[zk.tensor(1) : zk.tensor(3)] == [1, 2]
    assert f"{one:.1f}" == "2.5"
    for convert in (float, int, bool, complex):
        with pytest.raises(ShapeError):
            convert(zk.ones(2))
    with pytest.raises(TypeError):
        [1, 2][one]
    with pytest.raises(ShapeError, match="one element"):
        zk.ones(2).item()


def test_length_and_iteration() -> None:
    x = zk.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert len(x) == 2
    rows = list(x)
    rows[1].sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0], [1.0, 1.0]]
    with pytest.raises(ShapeError, match="no length"):
        len(zk.tensor(1.0))
    with pytest.raises(ShapeError, match="iterated"):
        iter(zk.tensor(1.0))


def test_sizes() -> None:
    x = zk.zeros(2, 3)
    assert (x.ndim, x.size, x.nbytes, x.shape) == (2, 6, 24, (2, 3))


def test_copies() -> None:
    w = zk.tensor([1.0, 2.0], requires_grad=True)
    twin = copy.deepcopy(w)
    assert twin.requires_grad
    assert twin.grad is None
    twin.data = twin.data * 2
    assert w.tolist() == [1.0, 2.0]
    w.clone().sum().backward()
    assert w.grad.tolist() == [1.0, 1.0]
    with pytest.raises(GradientError, match="copied deeply"):
        copy.deepcopy(w * 2)


def test_nothing_is_pickled() -> None:
    with pytest.raises(ArgumentError, match="safetensors"):
        pickle.dumps(zk.ones(2))


def test_grad_takes_a_tensor_of_the_right_shape_or_none() -> None:
    w = zk.tensor([1.0, 2.0], requires_grad=True)
    w.grad = zk.ones(2)
    w.sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]
    w.zero_grad()
    assert w.grad is None
    with pytest.raises(ShapeError, match="shape of its tensor"):
        w.grad = zk.ones(3)
    with pytest.raises(ArgumentError, match="received list"):
        w.grad = [1.0, 2.0]
    with pytest.raises(GradientError, match="only a leaf"):
        (w * 2).grad = zk.ones(2)
    assert (w * 2).grad is None


def test_the_gradient_of_a_result_is_kept_on_request() -> None:
    w = zk.tensor([1.0, 2.0], requires_grad=True)
    y = (w * 3).retain_grad()
    (y * y).sum().backward()
    assert y.grad.tolist() == [6.0, 12.0]


def test_requires_grad_is_for_floats() -> None:
    with pytest.raises(TypeError, match="int64"):
        zk.arange(3).requires_grad_()
    x = zk.ones(2).requires_grad_()
    x.requires_grad = False
    assert not x.requires_grad
    with pytest.raises(GradientError, match="detach"):
        (x.requires_grad_() * 2).requires_grad_(False)


def test_what_has_no_axes_is_refused_as_python_refuses_numbers() -> None:
    for act in (len, iter, list):
        with pytest.raises(TypeError):
            act(zk.tensor(1.0))
    assert not np.iterable(zk.tensor(1.0))
    with pytest.raises(TypeError, match=r"take \.item"):
        f"{zk.ones(2):.2f}"
