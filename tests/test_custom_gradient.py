"""`custom_gradient` and `Function`: gradients of one's own."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, GradientError, ShapeError

V = np.array([0.3, -1.2, 0.7])


def leaf(value: Any) -> Any:
    return zk.tensor(value, dtype="float64", requires_grad=True)


def double(value: Any) -> Any:
    return zk.tensor(value, dtype="float64")


def check(t: Any, expected: Any) -> None:
    np.testing.assert_allclose(t.numpy(), expected, rtol=1e-12, atol=1e-14)


@zk.custom_gradient
def log1pexp(x: Any) -> Any:
    """log(1 + eˣ)"""
    e = zk.exp(x)
    return zk.log(1.0 + e), lambda g: g * (1.0 - 1.0 / (1.0 + e))


# -- the function returns its value and its pull ------------------------------------------------------------------


def test_first_and_second_derivatives() -> None:
    s = 1 / (1 + np.exp(-0.5))
    assert log1pexp.__doc__ == "log(1 + eˣ)"
    check(log1pexp(double(0.5)), np.log1p(np.exp(0.5)))
    check(zk.grad(log1pexp)(double(0.5)), s)
    check(zk.grad(zk.grad(log1pexp))(double(0.5)), s * (1 - s))
    check(zk.grad(zk.grad(zk.grad(log1pexp)))(double(0.5)), s * (1 - s) * (1 - 2 * s))
    assert zk.gradcheck(log1pexp, V, order=2)


def test_backward_collects_what_the_pull_returns() -> None:
    f = zk.custom_gradient(lambda x: (x * x, lambda g: g * 100.0))
    x = leaf(V)
    y = f(x)
    assert "grad_fn" in repr(y)
    zk.sum(y).backward()
    check(x.grad, np.full(3, 100.0))


def test_the_gradient_is_the_users_not_that_of_the_parts() -> None:
    clipped = zk.custom_gradient(lambda x: (x, lambda g: zk.clip(g, -1.0, 1.0)))
    check(zk.grad(lambda x: zk.sum(clipped(x) * 10.0))(double(V)), np.ones(3))


def test_trees_in_and_out() -> None:
    @zk.custom_gradient
    def f(p: Any, n: int, b: Any) -> Any:
        w, (v,) = p["w"], p["v"]

        def pull(g: Any) -> Any:
            assert g["n"] is None
            return {"w": g["out"][0] * v, "v": (g["out"][0] * w,)}, None, g["out"][1] * n

        return {"out": (w * v, b * float(n)), "n": n}, pull

    w, v, b = leaf(2.0), leaf(3.0), leaf(5.0)
    out = f({"w": w, "v": (v,)}, 4, b)
    (out["out"][0] * out["out"][1]).backward()
    check(w.grad, 3.0 * 20.0)
    check(v.grad, 2.0 * 20.0)
    check(b.grad, 4 * 6.0)
    h = zk.hessian(lambda t: zk.sum(f({"w": t[0], "v": (t[1],)}, 4, t[2])["out"][0]))(double(V))
    check(h, [[0, 1, 0], [1, 0, 0], [0, 0, 0]])


def test_results_that_nobody_used_have_a_cotangent_of_zero() -> None:
    seen = []

    @zk.custom_gradient
    def f(x: Any) -> Any:
        def pull(g: Any) -> Any:
            seen.append([None if u is None else u.numpy().tolist() for u in g])
            return g[0] + g[1]

        return (x * 1.0, x * 2.0, zk.argmax(x)), pull

    x = leaf(V)
    zk.sum(f(x)[1]).backward()
    assert seen == [[[0.0] * 3, [1.0] * 3, None]]
    check(x.grad, np.ones(3))
    assert not f(x)[2].requires_grad


def test_none_and_numbers_as_gradients() -> None:
    f = zk.custom_gradient(lambda x, y: (x * y, lambda g: (None, 7)))
    x, y = leaf(V), leaf(V)
    zk.sum(f(x, y)).backward()
    assert x.grad is None
    check(y.grad, np.full(3, 7.0))


def test_without_a_graph_it_is_a_plain_function() -> None:
    assert not log1pexp(double(1.0)).requires_grad
    with zk.no_grad():
        assert not log1pexp(leaf(1.0)).requires_grad


def test_inputs_changed_in_place() -> None:
    x = leaf(V)
    y = zk.sum(log1pexp(x))
    x.data = x.data * 2
    with pytest.raises(GradientError, match="the input x of log1pexp was changed in place"):
        y.backward()


def test_it_is_freed_with_the_graph() -> None:
    x = leaf(1.0)
    y = log1pexp(x)
    y.backward()
    with pytest.raises(GradientError, match="already freed"):
        y.backward()


# -- the rule names what it needs ---------------------------------------------------------------------------------


def test_a_rule_that_names_inputs_and_the_result() -> None:
    f = zk.custom_gradient(zk.tanh, backward=lambda g, ans: g * (1 - ans * ans))
    assert zk.gradcheck(f, V, order=2)

    @zk.custom_gradient(backward=lambda g, a, k: (g * a * float(k), None, None))
    def h(a: Any, unused: Any, k: int = 2) -> Any:
        return a * a * (k / 2)

    check(zk.grad(lambda a: zk.sum(h(a, 3.0)))(double(V)), 2 * V)
    check(zk.grad(lambda a: zk.sum(h(a, 3.0, 4)))(double(V)), 4 * V)


def test_a_rule_that_names_the_result_of_several() -> None:
    def forward(x: Any) -> Any:
        return {"s": zk.sin(x), "c": zk.cos(x)}

    f = zk.custom_gradient(forward, backward=lambda g, ans: g["s"] * ans["c"] - g["c"] * ans["s"])
    assert zk.gradcheck(f, V, order=2)


def test_only_what_is_named_is_kept() -> None:
    f = zk.custom_gradient(lambda x: x * 1.0, backward=lambda g: g)
    x = leaf(V)
    y = zk.sum(f(x))
    x.data = x.data * 2  # harmless: the rule does not need x
    y.backward()
    check(x.grad, np.ones(3))


def test_a_straight_through_estimator() -> None:
    f = zk.custom_gradient(zk.round, backward=lambda g: g)
    check(f(double([0.4, 1.6])), [0.0, 2.0])
    check(zk.grad(lambda x: zk.sum(f(x) * 3.0))(double(V)), np.full(3, 3.0))


def test_a_rule_that_asks_for_something_unknown() -> None:
    with pytest.raises(ArgumentError, match="asks for 'y'") as e:
        zk.custom_gradient(lambda x: x, backward=lambda g, y: g)
    assert "x, ans" in str(e.value)


# -- as a class ---------------------------------------------------------------------------------------------------


def test_a_class_with_forward_and_backward() -> None:
    class Scaled(zk.Function):
        def forward(x: Any, factor: Any) -> Any:
            return x * factor

        @staticmethod
        def backward(g: Any, factor: Any) -> Any:
            return g * factor, None

    x = leaf(V)
    zk.sum(Scaled.apply(x, 3.0)).backward()
    check(x.grad, np.full(3, 3.0))
    check(Scaled.forward(x, 2.0), 2 * V)


def test_a_class_that_lacks_a_part() -> None:
    with pytest.raises(ArgumentError, match="the class Half has no backward"):

        class Half(zk.Function):
            def forward(x: Any) -> Any:
                return x

    with pytest.raises(ArgumentError, match="no self, cls or ctx"):

        class Torchlike(zk.Function):
            def forward(ctx: Any, x: Any) -> Any:
                return x

            def backward(ctx: Any, g: Any) -> Any:
                return g


# -- errors -------------------------------------------------------------------------------------------------------


def test_the_wrong_number_of_gradients() -> None:
    f = zk.custom_gradient(lambda x, y: (x * y, lambda g: g))
    with pytest.raises(GradientError, match="a gradient for each argument") as e:
        zk.sum(f(leaf(V), leaf(V))).backward()
    assert "2: x, y" in str(e.value)
    f = zk.custom_gradient(lambda x: (x * 1.0, lambda g: (g, g)))
    with pytest.raises((GradientError, ArgumentError)):
        zk.sum(f(leaf(V))).backward()


def test_a_gradient_of_another_shape_or_dtype() -> None:
    f = zk.custom_gradient(lambda x, y: (x * y, lambda g: (g, zk.sum(g))))
    with pytest.raises(ShapeError, match=r"the gradient that .* returned for y has another shape than y"):
        zk.sum(f(leaf(V), leaf(V))).backward()
    f = zk.custom_gradient(lambda x: (x * 1.0, lambda g: g * 1j))
    with pytest.raises(DTypeError, match="complex"):
        zk.sum(f(leaf(V))).backward()


def test_a_gradient_of_another_structure() -> None:
    f = zk.custom_gradient(lambda p: (p["w"] * 1.0, lambda g: {"v": g}))
    with pytest.raises(ArgumentError, match="returned for p must have the structure of p"):
        zk.sum(f({"w": leaf(V)})).backward()


def test_a_missing_pull() -> None:
    f = zk.custom_gradient(lambda x: x * 2.0)
    with pytest.raises(ArgumentError, match="must return its value and its gradient function, not a Tensor"):
        f(leaf(V))


def test_tensors_that_are_no_arguments() -> None:
    w = leaf(2.0)
    f = zk.custom_gradient(lambda x: (x * w, lambda g: g * 2.0))
    with pytest.raises(GradientError, match="carries a graph and is no positional argument"):
        f(leaf(V))
    detached = zk.custom_gradient(lambda x: (x * w.detach(), lambda g: g * 2.0))
    stopped = zk.custom_gradient(lambda x: (x * zk.stop_gradient(w), lambda g: g * 2.0))
    for g in (detached, stopped):
        check(zk.grad(lambda x, g=g: zk.sum(g(x)))(double(V)), np.full(3, 2.0))


def test_no_reference_cycles() -> None:
    f = zk.custom_gradient(zk.tanh, backward=lambda g, x, ans: g * (1 - ans * ans))
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            zk.sum(log1pexp(f(leaf(V)))).backward()
            zk.grad(zk.grad(lambda x: zk.sum(f(log1pexp(x)))))(0.5)
        assert gc.collect() == 0
    finally:
        gc.enable()
