"""Recording switched off and on, and graphs of any size in any thread."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
from leaves import check, leaf

import zkynet as zk

# -- switching the recording off and on ---------------------------------------------------------------------------


def test_no_grad_and_enable_grad_nest() -> None:
    x = leaf(1.0)
    assert zk.is_grad_enabled()
    with zk.no_grad():
        assert not (x * 2.0).requires_grad
        with zk.enable_grad():
            assert (x * 2.0).requires_grad
        assert not zk.is_grad_enabled()
    assert zk.is_grad_enabled()


def test_modes_are_left_when_an_exception_passes() -> None:
    with pytest.raises(ZeroDivisionError), zk.no_grad():
        raise ZeroDivisionError
    assert zk.is_grad_enabled()


def test_one_mode_object_may_be_used_many_times() -> None:
    mode = zk.no_grad()
    with mode, mode:
        assert not zk.is_grad_enabled()
    with mode:
        assert not zk.is_grad_enabled()
    assert zk.is_grad_enabled()


def test_modes_as_decorators() -> None:
    @zk.no_grad()
    def f(x: Any, *, scale: float = 2.0) -> Any:
        """Documented."""
        return x * scale

    @zk.no_grad
    def g(x: Any) -> Any:
        return x * 2.0

    @zk.no_grad()
    def numbers() -> Iterator[bool]:
        yield zk.is_grad_enabled()
        yield zk.is_grad_enabled()

    @zk.no_grad()
    def echo() -> Iterator[Any]:
        got = yield 0
        try:
            yield got
        except ValueError:
            yield "caught"

    x = leaf(1.0)
    assert f.__doc__ == "Documented."
    assert not f(x, scale=3.0).requires_grad
    assert not g(x).requires_grad
    assert (x * 1.0).requires_grad
    steps = []
    for inside in numbers():
        steps.append((inside, zk.is_grad_enabled()))
    assert steps == [(False, True), (False, True)]
    talk = echo()
    next(talk)
    assert talk.send("hello") == "hello"
    assert talk.throw(ValueError()) == "caught"
    talk.close()


def test_modes_hold_for_one_thread_only() -> None:
    seen: list[bool] = []
    with zk.no_grad():
        thread = threading.Thread(target=lambda: seen.append(zk.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_modes_hold_for_one_asyncio_task_only() -> None:
    seen: dict[str, bool] = {}

    async def without(inside: asyncio.Event, done: asyncio.Event) -> None:
        with zk.no_grad():
            inside.set()
            await done.wait()
            seen["without"] = zk.is_grad_enabled()

    async def beside(inside: asyncio.Event, done: asyncio.Event) -> None:
        await inside.wait()
        seen["beside"] = zk.is_grad_enabled()
        done.set()

    @zk.no_grad()
    async def decorated() -> bool:
        await asyncio.sleep(0)
        return zk.is_grad_enabled()

    async def main() -> None:
        inside, done = asyncio.Event(), asyncio.Event()
        await asyncio.gather(without(inside, done), beside(inside, done))
        seen["decorated"] = await decorated()
        seen["after"] = zk.is_grad_enabled()

    asyncio.run(main())
    assert seen == {"without": False, "beside": True, "decorated": False, "after": True}


def test_async_generators_can_be_decorated() -> None:
    @zk.no_grad()
    async def numbers() -> AsyncIterator[bool]:
        yield zk.is_grad_enabled()
        yield zk.is_grad_enabled()

    async def main() -> list[tuple[bool, bool]]:
        return [(inside, zk.is_grad_enabled()) async for inside in numbers()]

    assert asyncio.run(main()) == [(False, True), (False, True)]


# -- size and threads ---------------------------------------------------------------------------------------------


def test_a_graph_of_200_000_ops_runs_backward() -> None:
    x = zk.tensor(1.0, dtype="float64", requires_grad=True)
    n = 200_000 if x.backend.name == "numpy" else 20_000
    y = x
    for _ in range(n // 2):
        y = y * 1.0 + 1.0
    y.backward()
    check(x.grad, 1.0)


def test_a_large_graph_can_be_dropped_unused() -> None:
    code = """
import zkynet as zk
x = zk.tensor(1.0, requires_grad=True)
y = x
for _ in range(100_000):
    y = zk.tanh(y * 1.5)  # two ops
del y
y = x
step = zk.checkpoint(zk.custom_gradient(lambda t: (t * 1.5, lambda g: g * 1.5)))
for _ in range(20_000):
    y = step(y)
del x, y
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_wide_graph_runs_backward() -> None:
    x = leaf(1.0)
    parts = [x * float(i) for i in range(3000)]
    total = parts[0]
    for p in parts[1:]:
        total = total + p
    total.backward()
    check(x.grad, 3000 * 2999 / 2)


def test_independent_graphs_in_eight_threads(backend_name: str) -> None:
    def expected(k: int) -> float:
        x = float(k + 1)
        for _ in range(60):
            x = np.tanh(x * 1.1)
        return x

    got: dict[int, Any] = {}
    failed: list[BaseException] = []

    def work(k: int) -> None:
        try:
            with zk.use_backend(backend_name):
                x = leaf(float(k + 1))
                y = x
                for _ in range(60):
                    y = zk.tanh(y * 1.1)
                y.backward()
                got[k] = (y.item(), x.grad.item(), zk.grad(zk.grad(zk.tanh))(float(k)).item())
        except BaseException as e:
            failed.append(e)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failed
    for k in range(8):
        h = 1e-6
        slope = (np.tanh(float(k) + h) - 2 * np.tanh(float(k)) + np.tanh(float(k) - h)) / h**2
        assert got[k][0] == pytest.approx(expected(k))
        assert got[k][2] == pytest.approx(slope, abs=1e-3)


def test_gradients_have_the_dtype_of_their_tensor(backend: Any) -> None:
    pytest.importorskip("ml_dtypes", reason="bfloat16 comes from ml_dtypes, which is not installed")
    for dtype in ("float16", "bfloat16"):
        if not backend.supports(zk.dtypes.as_dtype(dtype)):
            continue
        x = zk.tensor([0.5, 1.5], dtype=dtype, requires_grad=True)
        (zk.square(x) * 3.0 + zk.log10(x) + zk.sigmoid(x)).sum().backward()
        assert x.grad.dtype == x.dtype
