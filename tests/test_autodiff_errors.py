"""Every way to use `backward` wrongly, each with its own error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from leaves import check, leaf
from other_backends import needs_strict

import zkynet as zk
from zkynet.errors import ArgumentError, BackendError, DTypeError, GradientError, LeafReboundWarning, ShapeError


def test_a_second_backward_says_that_the_graph_is_freed() -> None:
    x = leaf(3.0)
    y = zk.tanh(x * x)
    y.backward()
    with pytest.raises(GradientError, match="already freed") as e:
        y.backward()
    assert "retain_graph=True" in str(e.value)
    assert e.value.op == "tanh"


def test_backward_of_many_numbers_needs_a_cotangent() -> None:
    with pytest.raises(GradientError, match=r"single number, this tensor has shape \(2,\)"):
        (leaf([1.0, 2.0]) * 2.0).backward()


def test_backward_of_a_complex_number_needs_a_cotangent() -> None:
    z = zk.tensor(1.0 + 2.0j, requires_grad=True)
    with pytest.raises(GradientError, match="complex64"):
        (z * z).backward()
    (z * z).backward(1.0 + 0j)
    check(z.grad, 2.0 + 4.0j, 1e-6)


def test_a_cotangent_of_another_shape() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError) as e:
        (x * 2.0).backward([1.0])
    assert e.value.expected == (2,)
    assert e.value.received == (1,)


def test_a_complex_cotangent_for_a_real_tensor() -> None:
    with pytest.raises(DTypeError, match="complex"):
        (leaf(1.0) * 2.0).backward(zk.tensor(1j))


def test_backward_without_a_graph() -> None:
    with pytest.raises(GradientError, match="requires_grad=True"):
        zk.ones(()).backward()
    with zk.no_grad():
        y = leaf(1.0) * 2.0
    with pytest.raises(GradientError, match="no_grad"):
        y.backward()


def test_non_differentiable_functions_say_so() -> None:
    x = leaf([1.0, 3.0, 2.0])
    with pytest.raises(GradientError, match="argmax has no gradient"):
        zk.argmax(x).backward()
    with pytest.raises(GradientError, match="greater has no gradient"):
        (x > 1.0).backward(zk.ones(3))


def test_integer_tensors_have_no_gradient() -> None:
    with pytest.raises(DTypeError, match="int64"):
        zk.tensor([1, 2], requires_grad=True)
    with pytest.raises(GradientError, match="int64"):
        leaf([1.0, 2.0]).astype(zk.int64).backward(zk.ones(2))


@pytest.mark.parametrize("change", ["data", "in place", "augmented", "item"])
def test_a_parameter_changed_between_forward_and_backward(change: str, backend: Any) -> None:
    p = leaf([1.0, 2.0])
    y = zk.sum(p * p)
    if change == "data":
        p.data = p.data * 0.5
    elif change == "in place":
        p.data -= 0.5 * p.data
    elif change == "augmented":
        with zk.no_grad():
            p -= 0.5
    else:
        with zk.no_grad():
            p[0] = 5.0
    with pytest.raises(GradientError, match="changed in place") as e:
        y.backward()
    assert "multiply" in str(e.value)
    assert p.grad is None


def test_a_change_is_harmless_where_no_rule_needs_the_value() -> None:
    p = leaf([1.0, 2.0])
    y = zk.sum(p + 1.0)
    p.data = p.data * 2
    y.backward()
    check(p.grad, [1.0, 1.0])


def test_a_change_after_backward_is_what_training_does() -> None:
    p = leaf([1.0, 2.0])
    for _ in range(3):
        zk.sum(p * p).backward()
        p.data -= 0.25 * p.grad.data
        p.grad = None
    check(p, np.array([1.0, 2.0]) * 0.5**3)


def test_a_leaf_changed_in_place_while_recording_stands_for_the_result() -> None:
    p = leaf([1.0, 2.0])
    q = p
    before = zk.sum(p * p)
    with pytest.warns(LeafReboundWarning, match=r"no_grad\(\)"):
        q += 1.0
    assert not q.is_leaf
    with pytest.raises(GradientError, match="changed in place"):
        before.backward()


def test_in_place_operators_on_results_are_recorded() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1.0
    before = y * 1.0
    y += x
    y *= x  # (x + x) x
    zk.sum(y + before).backward()
    check(x.grad, 4 * np.array([1.0, 2.0]) + 1)


@needs_strict
def test_tensors_of_two_backends(backend_name: str) -> None:
    other = "numpy" if backend_name != "numpy" else "strict"
    x = leaf([1.0, 2.0])
    with zk.use_backend(other):
        y = zk.tensor([1.0, 2.0], dtype="float64")
    with pytest.raises(BackendError) as e:
        x * y
    assert {backend_name, other} <= set(e.value.backends)
    assert '.to("' in str(e.value)


@needs_strict
def test_gradients_flow_between_backends(backend_name: str) -> None:
    other = "numpy" if backend_name != "numpy" else "strict"
    x = leaf([1.0, 2.0])
    y = zk.sum(zk.tanh(x.to(other) * 2.0))
    assert y.backend.name == other
    y.backward()
    assert x.grad.backend.name == backend_name
    check(x.grad, 2 * (1 - np.tanh([2.0, 4.0]) ** 2))


def test_grad_is_guarded() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError):
        x.grad = zk.ones(3, dtype="float64")
    with pytest.raises(ArgumentError):
        x.grad = 3.0
    with pytest.raises(GradientError):
        zk.ones(2).grad = zk.ones(2)


def test_cotangents_and_gradients_of_another_backend(backend_name: str) -> None:
    other = "numpy" if backend_name != "numpy" else "strict"
    x = leaf([1.0, 2.0])
    with zk.use_backend(other):
        foreign = zk.tensor([1.0, 2.0], dtype="float64")

    def assign() -> None:
        x.grad = foreign

    def by_hook() -> None:
        y = x * 2.0
        y.register_hook(lambda g: foreign)
        zk.sum(y).backward()

    for wrong in (
        lambda: (x * x).backward(foreign),
        lambda: zk.gradients(x * x, x, foreign),
        lambda: zk.vjp(zk.square, x)[1](foreign),
        lambda: zk.jvp(zk.square, x, foreign),
        lambda: zk.grad(lambda x: zk.sum(zk.custom_gradient(zk.square, backward=lambda g: foreign)(x)))(x),
        assign,
        by_hook,
    ):
        with pytest.raises(BackendError, match=f"{other}.*{backend_name}|{backend_name}.*{other}"):
            wrong()
    assert x.grad is None


def test_a_graph_freed_in_part_is_no_missing_gradient() -> None:
    """Else the part that is gone would be left out without a word."""
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    zk.sum(y).backward()
    for target in (zk.sum(y), zk.sum(y) + zk.sum(x * 3.0)):
        with pytest.raises(GradientError, match="the graph behind multiply was already freed"):
            zk.gradients(target, x)
    assert zk.gradients(zk.sum(y * y), y).tolist() == [2.0, 8.0]  # what is needed is still there
