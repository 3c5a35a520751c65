"""Branches and loops: eagerly on every backend, compiled, and their gradients, beside Python's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError, InvalidValueError, ShapeError

ways = pytest.mark.parametrize("way", [lambda f: f, zk.jit], ids=["eager", "compiled"])
Way = Callable[[Callable[..., Any]], Callable[..., Any]]


def array(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal(shape)


def assert_alike(ours: Any, theirs: Any) -> None:
    ours, theirs = (np.asarray(zk.asarray(t).detach().numpy()) for t in (ours, theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@ways
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_one_branch_runs_and_has_the_gradient(way: Way, sign: float) -> None:
    w = zk.tensor(array(3, seed=1), requires_grad=True)

    def f(x: zk.Tensor) -> Any:
        out = zk.cond(zk.sum(x) > 0, lambda d: {"y": d["x"] * w}, lambda d: {"y": zk.sin(d["x"])}, {"x": x})
        return zk.sum(out["y"] ** 2)

    x = np.abs(array(3)) * sign
    assert_alike(way(f)(zk.tensor(x)), np.sum((x * w.numpy() if sign > 0 else np.sin(x)) ** 2))
    slope = way(lambda x: zk.gradients(f(x), [x, w], allow_unused=True))
    by_x, by_w = slope(zk.tensor(x, requires_grad=True))
    if sign > 0:
        assert_alike(by_x, 2 * x * w.numpy() ** 2)
        assert_alike(by_w, 2 * x**2 * w.numpy())
    else:
        assert_alike(by_x, 2 * np.sin(x) * np.cos(x))
        assert by_w is None or not by_w.numpy().any()
    assert_alike(way(zk.hessian(f))(zk.tensor(x)), np.diag(2 * w.numpy() ** 2 if sign > 0 else 2 * np.cos(2 * x)))


@ways
@pytest.mark.parametrize("reverse", [False, True])
def test_a_scan_is_the_loop_that_it_stands_for(way: Way, reverse: bool) -> None:
    w = zk.tensor(array(4, 4, seed=1) / 3, requires_grad=True)

    def cell(h: zk.Tensor, x: dict[str, zk.Tensor]) -> Any:
        h = zk.tanh(h @ w + x["x"])
        return h, {"h": h * 2, "nothing": None}

    def by_scan(h: zk.Tensor, xs: zk.Tensor) -> Any:
        last, out = zk.scan(cell, h, {"x": xs}, reverse=reverse)
        assert out["nothing"] is None
        return last, out["h"]

    def by_hand(h: zk.Tensor, xs: zk.Tensor) -> Any:
        out = []
        for t in range(xs.shape[0])[:: -1 if reverse else 1]:
            h, y = cell(h, {"x": xs[t]})
            out.append(y["h"])
        return h, zk.stack(out[:: -1 if reverse else 1], axis=0)

    h, xs = array(4, seed=2), array(6, 4, seed=3)
    for ours, theirs in zip(
        way(by_scan)(zk.tensor(h), zk.tensor(xs)), by_hand(zk.tensor(h), zk.tensor(xs)), strict=True
    ):
        assert_alike(ours, theirs)

    def loss(of: Any) -> Any:
        def total(h: zk.Tensor, xs: zk.Tensor) -> zk.Tensor:
            last, out = of(h, xs)
            return zk.sum(zk.sin(last)) + zk.sum(out**3)

        return total

    def slopes(of: Any) -> Any:
        def pull(h: zk.Tensor, xs: zk.Tensor) -> Any:
            return zk.gradients(loss(of)(h, xs), [h, xs, w])

        return pull

    def given() -> Any:
        return zk.tensor(h, requires_grad=True), zk.tensor(xs, requires_grad=True)

    for ours, theirs in zip(way(slopes(by_scan))(*given()), slopes(by_hand)(*given()), strict=True):
        assert_alike(ours, theirs)

    def twice(of: Any) -> Any:
        def penalty(h: zk.Tensor, xs: zk.Tensor) -> Any:
            firsts = zk.gradients(loss(of)(h, xs), [h, xs, w], create_graph=True)
            return zk.gradients(sum(zk.sum(g * g) for g in firsts), [h, xs, w])

        return penalty

    for ours, theirs in zip(way(twice(by_scan))(*given()), twice(by_hand)(*given()), strict=True):
        assert_alike(ours, theirs)


@ways
def test_a_scan_carries_integers_and_needs_no_rows(way: Way) -> None:
    def f(x: zk.Tensor) -> Any:
        (count, value), ys = zk.scan(lambda c, _: ((c[0] + 1, c[1] * x), c[0]), (0, x), length=4)
        return count, value, ys

    count, value, ys = way(f)(zk.tensor(2.0))
    assert (count.item(), value.item(), ys.tolist()) == (4, 32.0, [0, 1, 2, 3])
    assert way(zk.grad(lambda x: f(x)[1]))(zk.tensor(2.0)).item() == 5 * 2.0**4


@ways
def test_a_scan_of_no_rows(way: Way) -> None:
    last, ys = way(lambda h, xs: zk.scan(lambda h, x: (h + x, h * 2), h, xs))(zk.ones(2), zk.zeros((0, 2)))
    assert last.tolist() == [1.0, 1.0]
    assert ys.shape == (0, 2)


@ways
def test_a_loop_ends_when_its_condition_does(way: Way) -> None:
    def f(x: zk.Tensor) -> Any:
        return zk.while_loop(lambda v: v["x"] < 50, lambda v: {"x": v["x"] * 3, "n": v["n"] + 1}, {"x": x, "n": 0})

    for start, end, steps in ((1.0, 81.0, 4), (100.0, 100.0, 0)):
        out = way(f)(zk.tensor(start))
        assert (out["x"].item(), out["n"].item()) == (end, steps)


@ways
def test_a_loop_of_so_many_steps_at_most_has_a_gradient(way: Way) -> None:
    w = zk.tensor(3.0, requires_grad=True, dtype="float64")

    def f(x: zk.Tensor) -> zk.Tensor:
        return zk.while_loop(lambda v: v < 50, lambda v: v * w, x, max_steps=8)

    assert way(f)(zk.tensor(1.0, dtype="float64")).item() == 81
    by_x, by_w = way(lambda x: zk.gradients(f(x), [x, w]))(zk.tensor(1.0, dtype="float64", requires_grad=True))
    assert (by_x.item(), by_w.item()) == (81.0, 4 * 27.0)
    assert way(lambda x: zk.while_loop(lambda v: v < 50, lambda v: v * 3, x, max_steps=2))(zk.tensor(1.0)).item() == 9


@pytest.mark.only("jax")
def test_a_compiled_loop_without_a_bound_says_what_its_gradient_needs() -> None:
    f = zk.jit(zk.grad(lambda x: zk.while_loop(lambda v: v < 50, lambda v: v * 3, x)))
    with pytest.raises(GradientError, match="max_steps"):
        f(zk.tensor(1.0))


@pytest.mark.only("jax")
def test_a_long_scan_is_compiled_once_and_not_step_by_step() -> None:
    calls = []

    def cell(h: zk.Tensor, x: zk.Tensor) -> Any:
        calls.append(1)
        return zk.tanh(h * 0.5 + x), h

    run = zk.jit(lambda h, xs: zk.scan(cell, h, xs))
    assert run(zk.zeros(3), zk.ones((512, 3)))[1].shape == (512, 3)
    assert len(calls) < 10


def test_what_does_not_fit_is_refused() -> None:
    h, xs = zk.zeros(2), zk.ones((3, 2))
    with pytest.raises(ArgumentError, match="another kind"):
        zk.scan(lambda h, x: (zk.sum(h), None), h, xs)
    with pytest.raises(ArgumentError, match="returns a pair"):
        zk.scan(lambda h, x: h, h, xs)
    with pytest.raises(ShapeError, match="same length"):
        zk.scan(lambda h, x: (h, None), h, (xs, zk.ones(4)))
    with pytest.raises(ArgumentError, match="not said"):
        zk.scan(lambda h, x: (h, None), h)
    with pytest.raises(ArgumentError, match="another kind"):
        zk.while_loop(lambda v: zk.sum(v) < 5, lambda v: zk.concat([v, v]), zk.ones(1))
    with pytest.raises(InvalidValueError, match="max_steps is 0 or more"):
        zk.while_loop(lambda v: v < 5, lambda v: v, zk.ones(()), max_steps=-1)
    with pytest.raises(ArgumentError, match=r"zk\.scan\(f, init, xs\)"):
        zk.scan(3, h, xs)
    with pytest.raises(ArgumentError, match="tensors and numbers"):
        zk.scan(lambda h, x: (h, None), "text", xs)


@pytest.mark.only("jax")
def test_what_does_not_fit_when_compiled_is_refused() -> None:
    with pytest.raises(ArgumentError, match="the same shapes"):
        zk.jit(lambda x: zk.cond(zk.sum(x) > 0, lambda x: x, lambda x: zk.sum(x), x))(zk.ones(2))
    with pytest.raises(ShapeError, match="one element"):
        zk.jit(lambda x: zk.cond(x > 0, lambda x: x, lambda x: -x, x))(zk.ones(2))
    with pytest.raises(ShapeError, match="while_loop: the condition is a tensor of one element"):
        zk.jit(lambda x: zk.while_loop(lambda v: v < 5, lambda v: v * 2, x))(zk.ones(2))
    with pytest.raises(ArgumentError, match="draws random numbers"):
        zk.jit(lambda x: zk.scan(lambda h, _: (h + zk.random.uniform(), None), x, length=3))(zk.zeros(()))


@ways
def test_keys_may_come_in_another_order(way: Way) -> None:
    def swapped(d: dict[str, zk.Tensor]) -> dict[str, zk.Tensor]:
        return {"b": d["b"] * 3, "a": d["a"] + 1}

    start = {"a": zk.tensor(1.0), "b": zk.tensor(2.0)}
    looped = way(lambda d: zk.while_loop(lambda v: v["a"] < 3, swapped, d))(start)
    scanned, _ = way(lambda d: zk.scan(lambda h, _: (swapped(h), None), d, length=2))(start)
    chosen = way(lambda d: zk.cond(d["a"] > 5, lambda d: d, swapped, d))(start)
    assert [{k: t.item() for k, t in out.items()} for out in (looped, scanned)] == [{"a": 3.0, "b": 18.0}] * 2
    assert {k: t.item() for k, t in chosen.items()} == {"a": 2.0, "b": 6.0}


@pytest.mark.only("jax")
def test_branches_of_another_structure_are_refused() -> None:
    with pytest.raises(ArgumentError, match="structure"):
        zk.jit(lambda x: zk.cond(x > 0, lambda x: {"a": x}, lambda x: {"b": x}, x))(zk.tensor(1.0))
