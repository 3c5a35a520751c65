"""`backward` and what surrounds it: accumulation, hooks, modes, threads, and every way to use it wrongly."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, BackendError, DTypeError, GradientError, LeafReboundWarning, ShapeError


def leaf(value: Any, dtype: str = "float64") -> Any:
    return zk.tensor(value, dtype=dtype, requires_grad=True)


def values(t: Any) -> Any:
    assert t is not None
    return t.numpy()


def check(t: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(values(t), expected, rtol=rtol, atol=1e-14)


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


# -- errors -------------------------------------------------------------------------------------------------------


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


def test_tensors_of_two_backends(backend_name: str) -> None:
    other = "numpy" if backend_name != "numpy" else "strict"
    x = leaf([1.0, 2.0])
    with zk.use_backend(other):
        y = zk.tensor([1.0, 2.0], dtype="float64")
    with pytest.raises(BackendError) as e:
        x * y
    assert {backend_name, other} <= set(e.value.backends)
    assert '.to("' in str(e.value)


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
