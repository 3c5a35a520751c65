"""Memory: released as backward goes, flat over many steps without the garbage collector, no cycles."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import subprocess
import sys
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zkynet as zk

RNG = np.random.default_rng(0)


def leaf(value: Any) -> Any:
    return zk.tensor(value, dtype="float64", requires_grad=True)


def test_nodes_are_released_as_backward_goes() -> None:
    x = leaf(np.ones(4))
    y = zk.tanh(x)
    z = y
    later = []
    for _ in range(5):
        z = zk.tanh(z * 1.5)
        later.append(weakref.ref(z.node))
    z = zk.sum(z)
    seen: list[int] = []
    y.register_hook(lambda g: seen.append(sum(r() is not None for r in later)))
    assert all(r() is not None for r in later)
    z.backward()
    assert seen == [0]  # when the gradient has come to y, all that was computed after it is gone


def test_values_are_released_as_backward_goes(backend_name: str) -> None:
    if backend_name != "numpy":
        pytest.skip("only NumPy's memory is seen by tracemalloc")
    size, depth = 100_000, 30
    x = leaf(np.full(size, 0.1))
    now: list[int] = []
    tracemalloc.start()
    y = x
    for k in range(depth):
        y = zk.tanh(y)
        if k in (5, 25):
            y.register_hook(lambda g: now.append(tracemalloc.get_traced_memory()[0]))
    total = zk.sum(y)
    del y
    total.backward()
    tracemalloc.stop()
    array = size * 8
    assert len(now) == 2
    assert now[0] - now[1] > 18 * array  # between ops 25 and 5 twenty results were let go


def test_a_retained_graph_is_kept() -> None:
    x = leaf(np.ones(4))
    y = zk.tanh(x)
    z = zk.sum(zk.tanh(y))
    kept = weakref.ref(y.node)
    del y
    z.backward(retain_graph=True)
    assert kept() is not None
    z.backward()
    assert kept() is None


def test_what_no_rule_needs_is_not_kept() -> None:
    x = leaf(np.ones(4))
    a = x * 2.0
    value = weakref.ref(a._raw) if _can_be_watched(a._raw) else None
    if value is None:
        pytest.skip("this backend's arrays take no weak references")
    y = zk.sum(a + 1.0)  # add and sum need no values
    del a
    assert value() is None
    y.backward()


def _can_be_watched(raw: Any) -> bool:
    try:
        weakref.ref(raw)
    except TypeError:
        return False
    return True


# -- a training step of each kind ---------------------------------------------------------------------------------

X = RNG.standard_normal((8, 3))
Y = RNG.standard_normal((8, 1))


def parameters() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {"w": leaf(rng.standard_normal((3, 4))), "b": leaf(np.zeros(4)), "v": leaf(rng.standard_normal((4, 1)))}


def loss(p: Any) -> Any:
    h = zk.tanh(zk.matmul(zk.asarray(X), p["w"]) + p["b"])
    d = zk.matmul(h, p["v"]) - zk.asarray(Y)
    return zk.mean(d * d)


def by_backward(p: dict[str, Any]) -> None:
    loss(p).backward()
    for t in p.values():
        t.data -= 0.1 * t.grad.data
        t.grad = None


def by_grad(p: dict[str, Any]) -> None:
    with zk.no_grad():
        g = zk.grad(loss)(p)
        for name, t in p.items():
            t -= 0.1 * g[name]


def by_recorded_grad(p: dict[str, Any]) -> None:
    g = zk.grad(loss)(p)  # the parameters carry a graph, so this is recorded
    for name, t in p.items():
        t.data = t.data - 0.1 * g[name].data


def by_create_graph(p: dict[str, Any]) -> None:
    loss(p).backward(create_graph=True)
    zk.sum(p["w"].grad * p["w"].grad).backward()
    for t in p.values():
        t.grad = None


def with_hooks_and_views(p: dict[str, Any]) -> None:
    h = (p["w"] * 2.0)[:, 0]
    h.register_hook(lambda g: g * 2.0 + 0.0 * h.detach())  # holds the tensor it is on
    first, second = zk.split(p["w"] * 1.0, 2, axis=1)
    first.register_hook(lambda g: g + 0.0 * first.detach())
    zk.sum(first * second).backward()
    remove = p["b"].register_hook(lambda g: None)
    (zk.sum(h) + loss(p)).backward()
    remove()
    for t in p.values():
        t.grad = None


def forward_only(p: dict[str, Any]) -> None:
    loss(p)


def second_order(p: dict[str, Any]) -> None:
    with zk.no_grad():
        zk.hvp(loss, p, {k: t.detach() for k, t in p.items()})
        zk.jvp(loss, p, {k: t.detach() for k, t in p.items()})


def failing(p: dict[str, Any]) -> None:
    y = loss(p)
    y.backward()
    with contextlib.suppress(zk.errors.GradientError):
        y.backward()
    for t in p.values():
        t.grad = None


STEPS = [by_backward, by_grad, by_recorded_grad, by_create_graph, with_hooks_and_views, forward_only, second_order]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.__name__)
def test_memory_is_flat_over_a_thousand_steps_without_the_collector(
    step: Callable[[Any], None], backend_name: str
) -> None:
    p = parameters()
    count = 100 if backend_name != "numpy" else 300 if step is second_order else 1000
    gc.collect()
    gc.disable()
    try:
        fill_free_lists()
        for _ in range(50):
            step(p)
        before = sys.getallocatedblocks()
        for _ in range(count):
            step(p)
        grown = sys.getallocatedblocks() - before
    finally:
        gc.enable()
    assert grown < 100 + count / 10, f"{grown} objects more after {count} steps"


def fill_free_lists() -> None:
    """Python keeps up to 2,000 freed tuples of each length for itself until it collects; let it have them now."""
    for length in range(1, 20):
        several = [tuple(range(k, k + length)) for k in range(2001)]
        del several


@pytest.mark.parametrize("step", [*STEPS, failing], ids=lambda s: s.__name__)
def test_a_step_leaves_nothing_to_the_collector(step: Callable[[Any], None]) -> None:
    p = parameters()
    for _ in range(3):
        step(p)
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            step(p)
        assert gc.collect() < 10
    finally:
        gc.enable()


def test_the_loss_goes_down_all_the_same() -> None:
    p = parameters()
    first = loss(p).item()
    for _ in range(200):
        by_backward(p)
    assert loss(p).item() < 0.5 * first


PAGE_FAULTS = """
import resource
import zkynet as zk
x = zk.ones((1000, 1000))
for _ in range(3):
    y = zk.exp(x) * 2 + 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    y = zk.exp(x) * 2 + 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.once
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is one of glibc")
def test_numpy_arrays_are_made_in_memory_that_was_freed_before() -> None:
    def faults(keep: str) -> int:
        env = {**os.environ, "ZKYNET_KEEP_MEMORY": keep, "ZKYNET_BACKEND": "numpy"}
        done = subprocess.run([sys.executable, "-c", PAGE_FAULTS], env=env, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("1") < faults("0") / 10
