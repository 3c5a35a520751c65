"""`debug_nans` stops at the first op that makes a NaN or an infinity out of finite numbers."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import NonFiniteError


def caught(f: Any) -> NonFiniteError:
    with zk.debug_nans(), pytest.raises(NonFiniteError) as e:
        f()
    return e.value


def test_the_forward_op_is_named_with_place_and_values() -> None:
    x = zk.tensor([[1.0, 2.0], [3.0, 0.0]])
    e = caught(lambda: zk.log(x))  # the line that is to be shown
    assert e.op == "log"
    assert e.index == (1, 1)
    text = str(e)
    assert text.startswith("log made an infinity out of finite numbers")
    assert "test_debug_nans.py:" in text
    assert "# the line that is to be shown" in text
    assert "(2, 2) float32, there 0.0" in text
    assert "1 of 4 not finite, first -inf at [1, 1]" in text


def test_the_first_op_is_found_not_a_later_one() -> None:
    def f() -> Any:
        y = zk.tensor([2.0, -1.0])
        y = zk.sqrt(y)
        return zk.sum(y * 2.0)

    e = caught(f)
    assert e.op == "sqrt"
    assert "a NaN" in str(e)


def test_values_are_shown_where_inputs_broadcast() -> None:
    e = caught(lambda: zk.tensor([[1.0, 2.0], [3.0, 4.0]]) / zk.tensor([1.0, 0.0]))
    assert e.op == "divide"
    assert e.index == (0, 1)
    assert "(2, 2) float32, there 2.0" in str(e)
    assert "(2,) float32, there 0.0" in str(e)


def test_a_number_among_the_inputs() -> None:
    e = caught(lambda: 1.0 / zk.tensor([0.0]))
    assert "the number 1.0" in str(e) or "there 1.0" in str(e)


def test_an_overflow_is_our_error_and_no_warning_of_the_library(backend: Any) -> None:
    big = zk.tensor([1.0, 3e38], dtype="float32", requires_grad=True)
    for overflow in (
        lambda: big * 10.0,
        lambda: big + big,
        lambda: 0.0 - big - big,
        lambda: big @ big,
        lambda: zk.sum(zk.stack([big, big])),
        lambda: zk.astype(big, "float16" if backend.supports(zk.float16) else "float32") * 10.0,
        lambda: big**2,
    ):
        e = caught(overflow)
        assert "infinity" in str(e)
        assert "object" not in str(e)  # plain arguments such as a dtype are no values


def test_inputs_of_other_shapes_show_their_range(backend: Any) -> None:
    big = zk.full((2, 2), 1e30)
    with backend.quiet():
        e = caught(lambda: zk.matmul(big, zk.full((2, 3), 1e30)))
    assert e.op == "matmul"
    assert "from" in str(e)


def test_what_was_put_in_on_purpose_passes() -> None:
    mask = zk.tensor([True, False])
    with zk.debug_nans():
        x = zk.where(mask, zk.tensor([1.0, 2.0]), -np.inf)
        assert np.isfinite(zk.exp(x).numpy()).all()
        assert np.isnan((zk.full(2, np.nan) + 1.0).numpy()).all()


def test_integers_and_booleans_pass() -> None:
    with zk.debug_nans():
        assert zk.sum(zk.arange(3) * 2).item() == 6
        assert zk.any(zk.tensor([True])).item()


def test_the_backward_step_is_named_with_the_place_of_the_forward_op() -> None:
    x = zk.tensor([1.0, 0.0], requires_grad=True)

    def f() -> None:
        y = zk.sqrt(x * 2.0)  # here it was called
        zk.sum(y).backward()

    e = caught(f)
    assert e.op == "sqrt"
    assert e.index == (1,)
    assert "the gradient of sqrt by x became an infinity" in str(e)
    assert "# here it was called" in str(e)
    assert "cotangent" in str(e)
    assert x.grad is None


def test_a_recorded_backward_pass_too() -> None:
    x = zk.tensor([1.0, 0.0], dtype="float64", requires_grad=True)

    def f() -> None:
        y = zk.sqrt(x)  # here it was called
        zk.sum(y).backward(create_graph=True)

    e = caught(f)
    assert "# here it was called" in str(e)
    assert "in its backward pass" in str(e)


def test_pure_functions_are_watched() -> None:
    e = caught(lambda: zk.grad(zk.sqrt)(0.0))
    assert "the gradient of sqrt" in str(e)
    e = caught(lambda: zk.vjp(zk.log, zk.tensor([0.0])))
    assert e.op == "log"


def test_ops_with_lists_and_with_several_results() -> None:
    with zk.debug_nans():
        assert zk.concat([zk.ones(2), zk.zeros(1)]).shape == (3,)
        assert zk.split(zk.ones(4), 2)[0].shape == (2,)
    e = caught(lambda: zk.log(zk.concat([zk.ones(2), zk.zeros(1)])))
    assert e.index == (2,)


def test_a_custom_gradient_is_watched() -> None:
    f = zk.custom_gradient(lambda x: x * 1.0, backward=lambda g, x: g / x)
    e = caught(lambda: zk.grad(f)(0.0))
    assert e.op == "divide"
    assert "lambda g, x: g / x" in str(e)


def test_a_graph_recorded_before_the_watch() -> None:
    x = zk.tensor(0.0, requires_grad=True)
    y = zk.sqrt(x)
    e = caught(y.backward)
    assert "recorded before debug_nans was on" in str(e)


def test_it_is_off_outside_and_can_be_switched() -> None:
    with zk.debug_nans(), zk.debug_nans():
        pass
    assert not np.isfinite(zk.log(zk.tensor(0.0)).numpy())
    zk.debug_nans(True)
    try:
        with pytest.raises(NonFiniteError):
            zk.log(zk.tensor(0.0))
        with zk.debug_nans(False):
            assert not np.isfinite(zk.log(zk.tensor(0.0)).numpy())
        with pytest.raises(NonFiniteError):
            zk.log(zk.tensor(0.0))
    finally:
        zk.debug_nans(False)
    assert not np.isfinite(zk.log(zk.tensor(0.0)).numpy())
    with zk.debug_nans(True), pytest.raises(NonFiniteError):
        zk.log(zk.tensor(0.0))
    assert not np.isfinite(zk.log(zk.tensor(0.0)).numpy())


def test_it_holds_for_one_thread_only() -> None:
    seen: list[Any] = []

    def work() -> None:
        with zk.use_backend("numpy"):
            seen.append(zk.log(zk.tensor(0.0)).item())

    with zk.debug_nans():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [-np.inf]


def test_results_are_the_same_under_watch() -> None:
    x = zk.tensor([0.1, 0.2], dtype="float64", requires_grad=True)

    def loss() -> Any:
        return zk.sum(zk.tanh(x * 2.0) * zk.exp(x))

    loss().backward()
    expected, x.grad = x.grad.numpy(), None
    with zk.debug_nans():
        loss().backward()
    np.testing.assert_array_equal(x.grad.numpy(), expected)


def test_the_error_is_a_floating_point_error() -> None:
    assert isinstance(caught(lambda: zk.log(zk.tensor(0.0))), FloatingPointError)


def test_a_sum_of_gradients_that_overflows() -> None:
    x = zk.tensor([1.0], requires_grad=True)
    a, b = x * 2e38, x * 2e38
    e = caught(lambda: zk.gradients([a, b], x, [zk.ones(1), zk.ones(1)]))
    assert "a tensor that collects gradients became an infinity when finite contributions" in str(e)
    assert "sum       (1,) float32, 1 of 1 not finite, first inf at [0]" in str(e)

    y = zk.split(zk.tensor([1.0, -1.0], requires_grad=True) * 1.0, 2)[0]
    twice = zk.sum(y * 2e38) - zk.sum(y * -2e38)
    e = caught(lambda: zk.backward(twice * 1.0))
    assert "the result of split became an infinity" in str(e)
