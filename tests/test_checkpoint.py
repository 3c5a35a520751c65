"""`checkpoint`: the same values and gradients, with less kept in between."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import GradientError

V = np.random.default_rng(0).standard_normal(4)


def leaf(value: Any) -> Any:
    return zk.tensor(value, dtype="float64", requires_grad=True)


def check(t: Any, expected: Any) -> None:
    np.testing.assert_allclose(t.numpy(), expected, rtol=1e-12, atol=1e-14)


def block(x: Any) -> Any:
    return zk.tanh(zk.exp(x * 0.5) * x)


def gradients(f: Any) -> Any:
    x = leaf(V)
    y = zk.sum(f(x))
    y.backward()
    return y.numpy(), x.grad.numpy()


def same(f: Any, g: Any) -> None:
    for a, b in zip(gradients(f), gradients(g), strict=True):
        np.testing.assert_array_equal(a, b)


def test_values_and_gradients_are_the_same() -> None:
    same(block, zk.checkpoint(block))
    same(lambda x: block(block(x))[:2], lambda x: zk.checkpoint(block)(zk.checkpoint(block)(x))[:2])


def test_it_runs_twice_and_no_more() -> None:
    calls = []

    @zk.checkpoint
    def f(x: Any) -> Any:
        """Documented."""
        calls.append(1)
        return block(x)

    assert f.__doc__ == "Documented."
    y = zk.sum(f(leaf(V)))
    assert len(calls) == 1
    y.backward()
    assert len(calls) == 2


def test_it_does_not_run_again_where_nothing_is_needed() -> None:
    calls = []

    @zk.checkpoint
    def f(x: Any) -> Any:
        calls.append(1)
        return x + 1.0

    zk.sum(f(leaf(V))).backward()
    f(zk.ones(2))
    with zk.no_grad():
        f(leaf(V))
    assert len(calls) == 3


def test_tensors_that_it_refers_to_get_gradients() -> None:
    w, v = leaf(V), leaf(2.0)
    u = v * v  # not a leaf
    f = zk.checkpoint(lambda x: zk.tanh(x * w) * u)
    x = leaf(V + 1)
    zk.sum(f(x)).backward()
    expected = [leaf(V + 1), leaf(V), leaf(2.0)]
    zk.sum(zk.tanh(expected[0] * expected[1]) * (expected[2] * expected[2])).backward()
    for a, b in zip([x, w, v], expected, strict=True):
        check(a.grad, b.grad.numpy())


def test_second_derivatives() -> None:
    f = lambda x: zk.sum(block(block(x)))  # noqa: E731
    g = lambda x: zk.sum(zk.checkpoint(lambda t: zk.checkpoint(block)(block(t)))(x))  # noqa: E731
    x = zk.tensor(V, dtype="float64")
    check(zk.grad(g)(x), zk.grad(f)(x).numpy())
    check(zk.hessian(g)(x), zk.hessian(f)(x).numpy())
    check(zk.hvp(g, x, V), zk.hvp(f, x, V).numpy())
    check(zk.jvp(g, x, V)[1], zk.jvp(f, x, V)[1].numpy())
    assert zk.gradcheck(zk.checkpoint(block), V, order=2)


def test_nested_checkpoints() -> None:
    inner = zk.checkpoint(block)
    outer = zk.checkpoint(lambda x: inner(inner(x)) + inner(x))
    same(outer, lambda x: block(block(x)) + block(x))


def test_trees_and_keyword_arguments() -> None:
    @zk.checkpoint
    def f(p: Any, *, scale: Any) -> Any:
        return {"y": zk.tanh(p["w"][0]) * scale, "n": 3}

    w, s = leaf(V), leaf(2.0)
    out = f({"w": [w]}, scale=s)
    assert out["n"] == 3
    zk.sum(out["y"]).backward()
    check(w.grad, 2 * (1 - np.tanh(V) ** 2))
    check(s.grad, np.sum(np.tanh(V)))


def test_a_second_backward() -> None:
    x = leaf(V)
    y = zk.sum(zk.checkpoint(block)(x))
    y.backward(retain_graph=True)
    first, x.grad = x.grad.numpy(), None
    y.backward()
    check(x.grad, first)
    with pytest.raises(GradientError, match="already freed"):
        y.backward()


def test_a_handle_bound_to_something_else() -> None:
    x = leaf(V) * 1.0
    y = zk.sum(zk.checkpoint(block)(x))
    before = x.detach().numpy().copy()
    x += 100.0
    g = zk.gradients(y, zk_leaf := leaf(before), allow_unused=True)
    assert g is None
    zk.sum(block(zk_leaf)).backward()
    z = leaf(V)
    t = z * 1.0
    y = zk.sum(zk.checkpoint(block)(t))
    t += 100.0
    y.backward()
    check(z.grad, zk_leaf.grad.numpy())


def test_a_tensor_changed_in_place_in_between() -> None:
    w = leaf(2.0)
    y = zk.checkpoint(lambda x: zk.tanh(x + w))(leaf(1.0))
    w.data = w.data * 2
    with pytest.raises(GradientError, match="changed in place after the forward pass"):
        y.backward()


def test_a_primal_changed_in_place_in_between() -> None:
    p = leaf(V)
    _, pull = zk.vjp(zk.checkpoint(block), p)
    p.data -= 1.0
    with pytest.raises(GradientError, match="changed in place after the forward pass"):
        pull(V)


def test_a_function_that_does_the_same_in_another_size_the_second_time() -> None:
    lengths = [2, 3]

    @zk.checkpoint
    def shrinking(x: Any) -> Any:
        return zk.sum(zk.square(x[: lengths.pop()]))

    with pytest.raises(GradientError, match="shrinking did something else when it was computed again"):
        zk.grad(shrinking)(zk.tensor([1.0, 2.0, 3.0]))


def test_a_function_that_does_something_else_the_second_time() -> None:
    calls = []

    @zk.checkpoint
    def fickle(x: Any) -> Any:
        calls.append(1)
        return zk.tanh(x) if len(calls) == 1 else zk.sin(zk.exp(x))

    with pytest.raises(GradientError, match="fickle did something else when it was computed again") as e:
        fickle(leaf(1.0)).backward()
    assert "1: tanh" in str(e.value)
    assert "2: exp, sin" in str(e.value)


def test_the_backend_of_the_call_holds_for_the_recomputation(backend_name: str) -> None:
    @zk.checkpoint
    def f(x: Any) -> Any:
        return zk.tanh(x * zk.full((4,), 2.0, dtype="float64"))

    x = leaf(V)
    y = zk.sum(f(x))
    with zk.use_backend("strict" if backend_name != "strict" else "numpy"):
        y.backward()
    check(x.grad, 2 * (1 - np.tanh(2 * V) ** 2))


def test_less_is_kept(backend_name: str) -> None:
    if backend_name != "numpy":
        pytest.skip("only NumPy's memory is seen by tracemalloc")
    size, depth = 50_000, 40
    x = zk.tensor(np.full(size, 0.1), requires_grad=True)

    def layer(t: Any) -> Any:
        for _ in range(5):
            t = zk.tanh(t * 1.01)
        return t

    def kept(step: Any) -> tuple[float, float]:
        gc.collect()
        tracemalloc.start()
        y = x
        for _ in range(depth // 5):
            y = step(y)
        y = zk.sum(y)
        after_forward = tracemalloc.get_traced_memory()[0]
        y.backward()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        x.grad = None
        array = size * 8
        return after_forward / array, peak / array

    plain, plain_peak = kept(layer)
    saving, saving_peak = kept(zk.checkpoint(layer))
    assert plain > depth  # an array or more for each op
    assert saving < depth / 5 + 2  # one for each block
    assert saving_peak < plain_peak / 2


def test_no_reference_cycles() -> None:
    f = zk.checkpoint(lambda x: zk.checkpoint(block)(block(x)))
    zk.sum(f(leaf(V))).backward()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            zk.sum(f(leaf(V))).backward()
            f(leaf(V))
            zk.grad(lambda x: zk.sum(f(x)))(V)
        assert gc.collect() == 0
    finally:
        gc.enable()
