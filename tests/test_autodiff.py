"""`backward` and what surrounds it: accumulation, hooks, and gradients of tensors that are already computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from leaves import check, leaf, values

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError, ShapeError

# -- backward -----------------------------------------------------------------------------------------------------


def test_backward_of_a_number() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    zk.sum(x * y + x).backward()
    check(x.grad, [4.0, 5.0])
    check(y.grad, [1.0, 2.0])
    assert x.grad.dtype == x.dtype
    assert not x.grad.requires_grad


def test_backward_with_a_cotangent() -> None:
    x = leaf([1.0, 2.0])
    (x * x).backward([10.0, 100.0])
    check(x.grad, [20.0, 400.0])
    x.grad = None
    (x * x).backward(zk.tensor([1.0, 1.0], dtype="float32"))  # brought to the result's dtype
    check(x.grad, [2.0, 4.0])
    assert x.grad.dtype == zk.float64


def test_backward_of_one_element_in_any_shape() -> None:
    x = leaf([[2.0]])
    (x * x).backward()
    check(x.grad, [[4.0]])


def test_gradients_accumulate_until_they_are_forgotten() -> None:
    x = leaf(3.0)
    (x * x).backward()
    (x * x).backward()
    check(x.grad, 12.0)
    x.zero_grad()
    assert x.grad is None
    (x * x).backward()
    check(x.grad, 6.0)


def test_a_gradient_has_memory_of_its_own(backend: Any) -> None:
    x, y = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    g = zk.tensor([1.0, 1.0], dtype="float64")
    (x + y).backward(g)
    if backend.immutable:
        pytest.skip("arrays of this backend cannot be written to")
    raw = x.grad.data
    raw[0] = 100.0
    check(y.grad, [1.0, 1.0])
    check(g, [1.0, 1.0])


def test_a_tensor_used_many_times_collects_every_use() -> None:
    x = leaf(2.0)
    y = x * x
    (y * y + y * x + x).backward()  # x⁴ + x³ + x
    check(x.grad, 4 * 8 + 3 * 4 + 1)


def test_gradients_of_broadcast_inputs_are_summed() -> None:
    x, y, z = leaf(np.ones((2, 3))), leaf(np.ones(3)), leaf(2.0)
    zk.sum(x * y * z).backward()
    check(x.grad, np.full((2, 3), 2.0))
    check(y.grad, np.full(3, 4.0))
    check(z.grad, 6.0)


def test_second_derivatives_by_create_graph() -> None:
    x = leaf(0.5)
    zk.tanh(x).backward(create_graph=True)
    first, x.grad = x.grad, None
    first.backward()
    t = np.tanh(0.5)
    check(x.grad, -2 * t * (1 - t * t))


def test_create_graph_records_inside_no_grad_too() -> None:
    x = leaf(3.0)
    y = x**3
    with zk.no_grad():
        slope = zk.gradients(y, x, create_graph=True)
        y.backward(create_graph=True)
        assert not zk.is_grad_enabled()
    check(zk.gradients(slope, x, retain_graph=True), 18.0)
    check(zk.gradients(x.grad, x), 18.0)


def test_retain_graph() -> None:
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    check(x.grad, 12.0)


def test_backward_from_several_roots_of_one_graph() -> None:
    x = leaf(2.0)
    shared = x * x
    a, b = shared * 3.0, shared * 4.0
    a.backward(retain_graph=True)
    b.backward()
    check(x.grad, 4 * 3 + 4 * 4)


def test_detach_and_stop_gradient() -> None:
    x = leaf(3.0)
    assert not x.detach().requires_grad
    (x * (x * x).detach()).backward()
    check(x.grad, 9.0)
    x.grad = None
    (x * zk.stop_gradient(x * x)).backward()
    check(x.grad, 9.0)


def test_interior_gradients_can_be_kept() -> None:
    x = leaf(3.0)
    y = (x * x).retain_grad()
    (y * 2.0).backward()
    check(y.grad, 2.0)


def test_kept_interior_gradients_accumulate_as_those_of_leaves_do() -> None:
    x = leaf(3.0)
    y = (x * x).retain_grad()
    z = 2 * y
    z.backward(retain_graph=True)
    z.backward()
    check(y.grad, 4.0)


def test_complex_gradients_follow_jaxs_convention() -> None:
    z = zk.tensor(1.0 + 2.0j, dtype="complex128", requires_grad=True)
    zk.real(z * zk.conj(z)).backward()  # |z|²: dL/dx - i dL/dy = 2x - 2iy
    check(z.grad, 2.0 - 4.0j)


# -- hooks --------------------------------------------------------------------------------------------------------


def test_a_hook_sees_and_may_replace_the_gradient() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2.0
    seen: list[Any] = []
    y.register_hook(lambda g: seen.append(values(g)))
    remove = y.register_hook(lambda g: g * 10.0)
    zk.sum(y).backward(retain_graph=True)
    np.testing.assert_array_equal(seen[0], [1.0, 1.0])
    check(x.grad, [20.0, 20.0])
    remove()
    remove()  # a second time does nothing
    x.grad = None
    zk.sum(y).backward()
    check(x.grad, [2.0, 2.0])


def test_a_hook_sees_the_finished_sum() -> None:
    x = leaf(3.0)
    seen: list[float] = []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * x + x).backward()
    assert seen == [7.0]


def test_a_hook_returning_another_shape_is_an_error() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: zk.sum(g))
    with pytest.raises(ShapeError, match="hook returned another shape"):
        zk.sum(x).backward()
    assert x.grad is None


def test_hooks_run_in_their_order_on_what_the_one_before_returned() -> None:
    x = leaf([1.0, 2.0])
    seen: list[Any] = []
    handles = [
        x.register_hook(lambda g: seen.append(values(g)[0])),
        x.register_hook(lambda g: g + 1.0),
        x.register_hook(lambda g: g * 10.0),
        x.register_hook(lambda g: seen.append(values(g)[0])),
    ]
    zk.sum(x).backward()
    assert seen == [1.0, 20.0]
    handles[1].remove()
    x.grad = None
    zk.sum(x).backward()
    assert seen == [1.0, 20.0, 1.0, 10.0]


@pytest.mark.parametrize("wrong", [3.0, np.ones(2), "gradient"])
def test_a_hook_returning_no_tensor_is_an_error(wrong: Any) -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: wrong)
    with pytest.raises(ArgumentError, match=f"must return a tensor or None, it returned {type(wrong).__name__}"):
        zk.sum(x * 2.0).backward()
    assert x.grad is None
    with pytest.raises(ArgumentError, match="a function of the gradient, received float"):
        x.register_hook(3.0)


def test_a_hook_is_part_of_a_recorded_backward_pass() -> None:
    x = leaf(2.0)
    y = x * x
    y.register_hook(lambda g: g * y.detach())
    y.backward(create_graph=True)
    check(x.grad, 2 * 2.0 * 4.0)
    assert x.grad.requires_grad


def test_hooks_need_a_graph() -> None:
    with pytest.raises(GradientError, match="requires_grad_"):
        zk.ones(2).register_hook(lambda g: None)


# -- half-done things change nothing ------------------------------------------------------------------------------


def test_an_exception_in_a_hook_leaves_every_grad_untouched() -> None:
    x, y = leaf(1.0), leaf(2.0)
    (x * y).backward()
    before = values(x.grad), values(y.grad)

    def fail(g: Any) -> None:
        raise RuntimeError("no")

    x.register_hook(fail)
    with pytest.raises(RuntimeError, match="no"):
        (x * y).backward()
    assert (values(x.grad), values(y.grad)) == before


def test_an_exception_in_a_rule_leaves_every_grad_untouched() -> None:
    @zk.custom_gradient
    def broken(t: Any) -> Any:
        def pull(g: Any) -> Any:
            raise ValueError("broken rule")

        return t * 1.0, pull

    x, y = leaf(1.0), leaf(2.0)
    with pytest.raises(ValueError, match="broken rule"):
        (broken(x) + y).backward()
    assert x.grad is None
    assert y.grad is None


# -- gradients of tensors that are already computed ---------------------------------------------------------------


def test_gradients_by_leaves_and_by_interior_tensors() -> None:
    x, w = leaf(2.0), leaf(3.0)
    y = x * w
    z = y * y
    got = zk.gradients(z, {"x": x, "y": [y]}, retain_graph=True)
    check(got["x"], 2 * 6 * 3)
    check(got["y"][0], 12.0)
    assert x.grad is None
    assert w.grad is None
    check(zk.gradients(z, w), 2 * 6 * 2)


def test_gradients_with_cotangents_and_several_outputs() -> None:
    x = leaf([1.0, 2.0])
    g = zk.gradients((x * x, zk.sum(x)), x, cotangents=([1.0, 10.0], None))
    check(g, [2 + 1, 40 + 1])


def test_gradients_can_be_differentiated_again() -> None:
    x = leaf(0.5)
    first = zk.gradients(zk.tanh(x), x, create_graph=True)
    second = zk.gradients(first, x)
    t = np.tanh(0.5)
    check(second, -2 * t * (1 - t * t))


def test_gradients_name_what_they_cannot_find() -> None:
    x, w = leaf(2.0), leaf(3.0)
    with pytest.raises(GradientError, match=r"do not depend on inputs\[1\]"):
        zk.gradients(x * x, [x, w])
    got = zk.gradients(x * x, [x, w], allow_unused=True)
    check(got[0], 4.0)
    assert got[1] is None
    with pytest.raises(GradientError, match=r"inputs\['w'\] carries no graph"):
        zk.gradients(x * x, {"w": zk.ones(2)})
    with pytest.raises(ArgumentError, match=r"inputs\[1\] is a float"):
        zk.gradients(x * x, [x, 2.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda **how: zk.zeros(2, **how),
        lambda **how: zk.ones((2,), **how),
        lambda **how: zk.empty(2, **how),
        lambda **how: zk.full(2, 3.0, **how),
        lambda **how: zk.zeros_like(zk.ones(2), **how),
        lambda **how: zk.ones_like(zk.ones(2), **how),
        lambda **how: zk.empty_like(zk.ones(2), **how),
        lambda **how: zk.full_like(zk.ones(2), 3.0, **how),
        lambda **how: zk.arange(2.0, **how),
        lambda **how: zk.linspace(0, 1, 2, **how),
        lambda **how: zk.eye(2, **how)[0],
    ],
)
def test_new_tensors_can_be_made_leaves_at_once(make: Any) -> None:
    assert not make().requires_grad
    x = make(requires_grad=True)
    assert x.requires_grad
    if x.is_leaf:
        zk.sum(x * 2.0).backward()
        assert x.grad.tolist() == [2.0, 2.0]
    with pytest.raises(TypeError, match="requires_grad is True or False"):
        make(requires_grad="yes")


def test_integers_cannot_be_made_leaves() -> None:
    with pytest.raises(TypeError, match="only floating and complex tensors have gradients"):
        zk.arange(3, requires_grad=True)
