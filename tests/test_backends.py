"""The door to array libraries: which there are, which is current, and what passes from one to another."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import dtypes as dt
from zkynet.backend import registry
from zkynet.errors import (
    ArgumentError,
    BackendError,
    BackendUnavailableError,
    DTypeError,
    GradientError,
    UnknownBackendError,
)

TORCH = pytest.param("torch", marks=pytest.mark.slow)  # slow to import
OTHERS = ["numpy", "strict", "jax", TORCH]
ALL_DTYPES = [*dt.STANDARD, dt.float16, dt.as_dtype("bfloat16")]


@pytest.fixture
def other(request: pytest.FixtureRequest) -> str:
    """A backend by name; skips, with the reason, where it cannot be used."""
    name = request.param
    why = registry.find_backend(name).why_unavailable()
    if why is not None:
        pytest.skip(f"backend {name} cannot be used here: {why}")
    if name == "torch":
        import torch

        torch.set_num_threads(1)
    return name  # type: ignore[no-any-return]


every_backend = pytest.mark.parametrize("other", OTHERS, indirect=True)


def run_python(code: str, **environment: str) -> str:
    """What a new interpreter prints."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith("ZKYNET_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**keep, **environment}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# -- which backend is current -------------------------------------------------------------------------------------


def test_use_backend_is_undone_after_the_block_and_after_an_error() -> None:
    before = zk.get_backend()
    with zk.use_backend("strict") as backend:
        assert zk.get_backend() is backend is zk.ones(2).backend
        with zk.use_backend("numpy"):
            assert zk.get_backend().name == "numpy"
        assert zk.get_backend().name == "strict"
    with pytest.raises(ZeroDivisionError), zk.use_backend("strict"):
        1 / 0  # noqa: B018
    assert zk.get_backend() is before


def test_set_backend_holds_for_the_process_and_other_threads() -> None:
    out = run_python(
        "import threading, zkynet as zk\n"
        "zk.set_backend('strict')\n"
        "seen = [zk.get_backend().name]\n"
        "t = threading.Thread(target=lambda: seen.append(zk.zeros(2).backend.name)); t.start(); t.join()\n"
        "print(*seen)"
    )
    assert out == "strict strict"


def test_the_shell_chooses_a_backend() -> None:
    code = "import zkynet as zk; print(zk.get_backend().name, zk.ones(1).backend.name)"
    assert run_python(code, ZKYNET_BACKEND="strict") == "strict strict"
    assert run_python(code) == "numpy numpy"
    code = "import zkynet as zk\ntry: zk.ones(1)\nexcept zk.errors.UnknownBackendError as e: print(e)"
    assert "did you mean 'strict'?" in run_python(code, ZKYNET_BACKEND="stirct")


def test_an_unknown_backend_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownBackendError, match="did you mean 'jax'") as caught:
        zk.set_backend("jaxx")
    assert caught.value.name == "jaxx"
    assert "numpy" in caught.value.known
    with pytest.raises(LookupError, match=r"known backends: .*numpy"), zk.use_backend("?!"):
        pass


def test_a_thread_does_not_see_the_block_of_another() -> None:
    inside, done = threading.Event(), threading.Event()
    seen: list[str] = []

    def other_thread() -> None:
        with zk.use_backend("numpy"):
            inside.set()
            done.wait(10)
            seen.append(zk.get_backend().name)

    thread = threading.Thread(target=other_thread)
    thread.start()
    inside.wait(10)
    with zk.use_backend("strict"):
        done.set()
        thread.join()
        assert zk.get_backend().name == "strict"
    assert seen == ["numpy"]


def test_asyncio_tasks_do_not_see_the_blocks_of_each_other() -> None:
    async def work(name: str) -> list[str]:
        seen = []
        with zk.use_backend(name):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(zk.ones(1).backend.name)
        return seen

    async def both() -> list[list[str]]:
        return await asyncio.gather(work("numpy"), work("strict"))

    assert asyncio.run(both()) == [["numpy"] * 3, ["strict"] * 3]


# -- which backends there are -------------------------------------------------------------------------------------


def test_backends_are_found_without_importing_their_libraries() -> None:
    out = run_python(
        "import sys, zkynet as zk\n"
        "from zkynet.backend.registry import find_backend\n"
        "for name in ('jax', 'torch', 'strict'): find_backend(name).why_unavailable(), find_backend(name).version\n"
        "print(sorted({'jax', 'torch', 'array_api_strict', 'cupy'} & set(sys.modules)))"
    )
    assert out == "[]"


class Missing(zk.Backend):
    name = "missing"
    distribution = "no-such-distribution"
    install_hint = "pip install something"

    def why_unavailable(self) -> str:
        return "it is not installed"


@pytest.fixture
def few_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of its own, with no backend that is slow to load."""
    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    points = {n: p for n, p in registry._found().items() if n in ("numpy", "strict")}
    monkeypatch.setattr(registry, "_entry_points", points)
    for name in set(registry._loaded) - set(points):
        del registry._loaded[name]


@pytest.mark.usefixtures("few_backends")
def test_backends_lists_what_can_be_used_and_what_cannot_with_the_reason() -> None:
    zk.register_backend(Missing())
    rows = {row.name: row for row in zk.backends()}
    assert sorted(rows) == zk.backend_names() == ["missing", "numpy", "strict"]
    assert rows["numpy"].available
    assert rows["numpy"].version == np.__version__
    assert rows["numpy"].devices == ("cpu",)
    assert rows["numpy"].why_not is None
    assert rows["strict"].devices == ("cpu", "device1", "device2")
    assert rows["missing"] == ("missing", None, False, (), "it is not installed", "pip install something")


@pytest.mark.usefixtures("few_backends")
def test_a_broken_backend_hides_no_other() -> None:
    class Broken(Missing):
        name = "broken"

        def why_unavailable(self) -> str:
            raise OSError("libfoo.so not found")

    zk.register_backend(Broken())
    rows = {row.name: row for row in zk.backends()}
    assert rows["numpy"].available
    assert rows["broken"].why_not == "OSError: libfoo.so not found"


@pytest.mark.usefixtures("few_backends")
def test_an_unavailable_backend_says_why_and_what_to_do() -> None:
    zk.register_backend(Missing())
    with pytest.raises(BackendUnavailableError) as caught:
        zk.set_backend("missing")
    assert str(caught.value) == ("backend 'missing' cannot be used: it is not installed\n  Fix: pip install something")
    assert isinstance(caught.value, ImportError)
    with pytest.raises(BackendUnavailableError):
        zk.ones(2).to("missing")


def test_cupy_without_a_gpu_says_so() -> None:
    backend = registry.find_backend("cupy")
    why = backend.why_unavailable()
    if why is None:
        pytest.skip("there is a GPU here")
    with pytest.raises(BackendUnavailableError, match="backend 'cupy' cannot be used: ") as caught:
        zk.set_backend("cupy")
    assert why in str(caught.value)
    assert "Fix: " in str(caught.value)


def echo_backend() -> zk.Backend:
    """What somebody else might write: a whole backend, over the arrays of another library (here NumPy's again)."""
    import array_api_compat.numpy as library

    class EchoArray(np.ndarray[Any, Any]):
        pass

    class Echo(zk.Backend):
        name = "echo"
        distribution = "numpy"

        def load(self) -> Any:
            return library

        def is_array(self, value: Any) -> bool:
            return isinstance(value, EchoArray)

        def from_numpy(self, array: Any, device: str | None = None) -> Any:
            return array.view(EchoArray)

        def to_numpy(self, raw: Any) -> Any:
            return np.asarray(raw)

    return Echo()


@pytest.mark.usefixtures("few_backends")
def test_a_third_party_backend_can_be_registered_and_computes_gradients() -> None:
    zk.register_backend(echo_backend())
    with zk.use_backend("echo"):
        x = zk.tensor([1.0, 2.0], requires_grad=True)
        y = zk.sum(zk.exp(x) * x)
        y.backward()
    assert y.backend.name == x.grad.backend.name == "echo"
    np.testing.assert_allclose(x.grad.numpy(), np.exp([1, 2]) * [2, 3], rtol=1e-6)
    with zk.use_backend("numpy"), pytest.raises(BackendError, match="two backends, numpy and echo"):
        zk.ones(2) + x


@pytest.mark.usefixtures("few_backends")
def test_a_registered_backend_without_a_distribution_is_listed_as_usable() -> None:
    made = echo_backend()
    made.distribution = ""
    zk.register_backend(made)
    [row] = [row for row in zk.backends() if row.name == "echo"]
    assert (row.available, row.version, row.why_not) == (True, None, None)


def test_without_an_installation_the_error_says_what_is_missing() -> None:
    code = """
import importlib.metadata
importlib.metadata.entry_points = lambda **_: []
import zkynet as zk
try:
    zk.ones(2)
except LookupError as e:
    print(e)
"""
    assert run_python(code).splitlines()[1:] == [
        "  known backends: none",
        "  Fix: install zkynet, for instance with pip install -e . in its folder: backends are found by its metadata",
    ]


def test_only_a_named_backend_object_can_be_registered() -> None:
    for wrong in ("numpy", object(), zk.Backend()):
        with pytest.raises(ArgumentError, match="expected a Backend with a name"):
            zk.register_backend(wrong)  # type: ignore[arg-type]


def test_a_backend_comes_in_from_another_wheel(tmp_path: Path) -> None:
    (tmp_path / "zkynet_guest.py").write_text(
        "from zkynet_numpy.backend import NumpyBackend\n"
        "class Guest(NumpyBackend):\n"
        "    name = 'guest'\n"
        "BACKEND = Guest()\n"
    )
    info = tmp_path / "zkynet_guest-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zkynet-guest\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[zkynet.backends]\nguest = zkynet_guest:BACKEND\n")
    code = "import zkynet as zk; print(zk.ones(2).backend.name, 'guest' in zk.backend_names())"
    assert run_python(code, PYTHONPATH=str(tmp_path), ZKYNET_BACKEND="guest") == "guest True"


# -- from one backend to another ----------------------------------------------------------------------------------


def test_tensors_of_two_backends_do_not_mix() -> None:
    with zk.use_backend("numpy"):
        x = zk.ones(2)
    with zk.use_backend("strict"):
        y = zk.ones(2)
    with pytest.raises(BackendError) as caught:
        x * y
    assert str(caught.value) == (
        'multiply received tensors of two backends, numpy and strict\n  Fix: move one of them: x.to("numpy")'
    )
    assert caught.value.backends == ("numpy", "strict")


@every_backend
def test_gradients_flow_across_backends(other: str, backend_name: str) -> None:
    x = zk.tensor([1.0, 2.0, 3.0], dtype="float64", requires_grad=True)
    y = x.to(other)
    assert y.backend.name == other
    z = zk.exp(y * 2)
    assert z.backend.name == other
    back = z.to(backend_name)
    assert back.backend.name == backend_name
    zk.sum(back * x).backward()
    assert x.grad.backend.name == backend_name
    values = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(x.grad.numpy(), np.exp(2 * values) * (1 + 2 * values), rtol=1e-12)


@every_backend
def test_second_derivatives_flow_across_backends(other: str) -> None:
    x = zk.tensor([0.5, 2.0], dtype="float64", requires_grad=True)
    y = x.to(other)
    zk.sum(y * y * y).backward(create_graph=True)
    first = x.grad
    x.grad = None
    zk.sum(first).backward()
    np.testing.assert_allclose(x.grad.numpy(), [3.0, 12.0], rtol=1e-12)


@every_backend
@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_every_dtype_survives_the_way_to_a_backend_and_back(other: str, dtype: Any) -> None:
    backend = registry.usable_backend(other)
    values = np.array([[0, 1], [2, 3]]).astype(dtype)
    if not backend.supports(dtype):
        with zk.use_backend(other), pytest.raises(DTypeError, match=f"{other} has no data type {dtype}"):
            zk.asarray(values)
        return
    with zk.use_backend(other):
        x = zk.asarray(values)
    assert x.dtype == dtype
    assert x.numpy().dtype == dtype
    np.testing.assert_array_equal(x.numpy(), values)
    assert x.tolist() == values.tolist()
    assert x[1, 1].item() == values[1, 1].item()
    assert x.to("numpy").dtype == dtype


@every_backend
def test_numpy_arrays_of_any_layout_come_in(other: str) -> None:
    base = np.arange(24.0, dtype="float32").reshape(4, 6)
    readonly = base.copy()
    readonly.flags.writeable = False
    for array in (
        base,
        base.T,
        base[::-1, ::2],
        base[:, 1:2],
        base[:0],
        np.broadcast_to(base[0], (3, 6)),
        readonly,
        base.astype(">f4"),
        np.float32(3),
        np.asarray(2.5, dtype="float32"),
        np.asfortranarray(base),
    ):
        with zk.use_backend(other):
            x = zk.asarray(array)
            again = x + 1
        assert x.dtype == np.float32
        assert x.shape == np.shape(array)
        np.testing.assert_array_equal(x.numpy(), array)
        np.testing.assert_array_equal(again.numpy(), array + 1)


@every_backend
def test_tensor_copies_and_a_leaf_never_shares_the_users_memory(other: str) -> None:
    array = np.ones(1000, dtype="float32")
    with zk.use_backend(other):
        copied, leaf = zk.tensor(array), zk.asarray(array).requires_grad_()
    array[:] = 7
    assert copied.numpy()[0] == leaf.numpy()[0] == 1


def test_jax_never_shares_the_memory_of_a_numpy_array() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    memory = np.zeros(8192 + 64, dtype=np.uint8)
    start = -memory.ctypes.data % 64
    aligned = memory[start : start + 8192].view(np.float64)  # which JAX would take over as it is
    with zk.use_backend("jax"):
        x, y, z = zk.asarray(aligned), zk.from_dlpack(aligned), zk.from_dlpack(aligned, copy=False)
    aligned[:] = 1
    assert x.numpy().sum() == y.numpy().sum() == 0
    assert z.numpy().sum() == 1024  # as was asked for


@pytest.mark.parametrize("other", ["jax", TORCH], indirect=True)  # NumPy and strict share memory by design
def test_numpy_gives_an_array_that_can_be_written_to_without_harm(other: str) -> None:
    with zk.use_backend(other):
        x = zk.ones(3) * 2
    array = x.numpy()
    array[0] = 5
    if other != "torch":
        assert x.tolist() == [2.0, 2.0, 2.0]


@every_backend
def test_dlpack_goes_both_ways(other: str) -> None:
    array = np.arange(6.0, dtype="float32").reshape(2, 3)
    with zk.use_backend(other):
        x = zk.from_dlpack(array)
        assert x.backend.name == other
        np.testing.assert_array_equal(x.numpy(), array)
        again = np.from_dlpack(x)
        np.testing.assert_array_equal(again, array)
        assert x.__dlpack_device__()[0] == 1


@every_backend
def test_dlpack_takes_an_array_that_must_not_be_written_to(other: str) -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    with zk.use_backend(other):
        assert zk.from_dlpack(array).tolist() == [0.0, 1.0, 2.0]


@every_backend
def test_a_leaf_made_by_dlpack_has_memory_of_its_own(other: str) -> None:
    array = np.zeros(4096, dtype="float32")
    with zk.use_backend(other):
        x = zk.from_dlpack(array).requires_grad_()
    array[:] = 1
    assert x.numpy().sum() == 0


@pytest.mark.parametrize("other", ["strict", "jax", TORCH], indirect=True)  # NumPy: the test above
def test_dlpack_joins_zkynet_with_the_library_itself(other: str) -> None:
    backend = registry.usable_backend(other)
    library = backend.xp
    x = zk.arange(4, dtype="float32")
    raw = library.from_dlpack(x)
    assert backend.is_array(raw)
    np.testing.assert_array_equal(backend.to_numpy(raw), [0, 1, 2, 3])
    back = zk.from_dlpack(raw)
    assert back.backend is zk.get_backend()
    np.testing.assert_array_equal(back.numpy(), [0, 1, 2, 3])


@every_backend
def test_a_librarys_own_array_becomes_a_tensor_of_its_backend(other: str) -> None:
    backend = registry.usable_backend(other)
    raw = backend.from_numpy(np.array([1.0, 2.0]))
    with zk.use_backend("numpy"):  # NumPy's own arrays are host data, which goes to the current backend
        x = zk.asarray(raw)
        assert x.backend is backend
        assert zk.exp(raw).backend is backend
    assert backend.is_array(x.data)
    assert not backend.is_array(x)


@every_backend
def test_a_tensor_with_a_graph_is_refused_where_its_gradient_would_be_lost(other: str) -> None:
    with zk.use_backend(other):
        x = zk.ones(3).requires_grad_()
        y = x * 2
        for t in (x, y):
            with pytest.raises(GradientError, match="handed to NumPy"):
                np.asarray(t)
            with pytest.raises(GradientError, match="handed to DLPack"):
                np.from_dlpack(t)
            with pytest.raises(GradientError, match="handed to DLPack"):
                zk.from_dlpack(t)
            assert t.numpy().shape == np.asarray(t.detach()).shape == (3,)


@pytest.mark.slow
def test_a_torch_tensor_with_a_graph_of_its_own_is_refused() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.ones(3, requires_grad=True)
    for use in (zk.asarray, zk.exp, lambda x: zk.ones(3).to("torch") + x):
        with pytest.raises(GradientError, match=r"x\.detach\(\)"):
            use(x)
    assert zk.asarray(x.detach()).backend.name == "torch"


@pytest.mark.slow
def test_what_torch_has_no_function_for_is_a_dtype_error() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    with zk.use_backend("torch"):
        x = zk.ones(3, dtype="uint16")
        with pytest.raises(DTypeError, match="add failed\n  x1  \\(3,\\) uint16"):
            x + x


# -- dtypes -------------------------------------------------------------------------------------------------------


@every_backend
def test_promotion_is_the_same_on_every_backend(other: str) -> None:
    backend = registry.usable_backend(other)
    with zk.use_backend(other):
        arrays = {d: zk.ones((2,), dtype=d) for d in ALL_DTYPES if backend.supports(d)}
        assert {d: x.dtype for d, x in arrays.items()} == {d: d for d in arrays}
        for a, x in arrays.items():
            for b, y in arrays.items():
                try:
                    expected = dt.promote(a, b)
                except DTypeError:
                    with pytest.raises(DTypeError, match="no common integer type"):
                        zk.concat([x, y])
                    continue
                if not backend.supports(expected):
                    continue
                assert zk.concat([x, y]).dtype == expected, (a, b)
                assert zk.where(x == x, x, y).dtype == expected, (a, b)


@every_backend
def test_a_number_never_widens_a_float(other: str) -> None:
    backend = registry.usable_backend(other)
    with zk.use_backend(other):
        for name in ("float16", "bfloat16", "float32", "float64", "complex64", "complex128"):
            dtype = dt.as_dtype(name)
            if not backend.supports(dtype) or (other, name) == ("numpy", "bfloat16"):
                continue  # beside bfloat16, Python numbers are not weak in NumPy itself
            x = zk.ones(2, dtype=dtype).requires_grad_()
            for y in (x + 1, 1 + x, x * 2.5, 2.5 / x, x**2, x**0.5, 2.0**x, x - True, zk.where(x == 1, x, 0.0)):
                assert y.dtype == dtype, name
            z = zk.sum(2.5 * x / 3 + x**2)
            z.backward(zk.ones_like(z))
            assert z.dtype == x.grad.dtype == dtype
        for name in ("int32", "int64", "uint8"):
            x = zk.ones(2, dtype=name)
            assert (x + 1).dtype == (2 * x).dtype == name
            assert (x * 1.5).dtype == (x / 2).dtype == zk.exp(x).dtype == np.float32
            assert (x * 1j).dtype == np.complex64


def test_float64_stays_float64_on_jax_and_float32_is_the_default() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    with zk.use_backend("jax"):
        x = zk.asarray(np.array([1 / 3]))
        assert x.dtype == np.float64
        assert (x * 3 - 1).dtype == np.float64
        assert x.item() == 1 / 3
        assert zk.ones(2).dtype == zk.tensor([1.5]).dtype == zk.arange(1.0, 2.0).dtype == np.float32
        assert zk.asarray(2**40).item() == 2**40


def test_without_64_bits_jax_refuses_what_it_would_narrow() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    out = run_python(
        "import zkynet as zk, numpy as np\n"
        "print(zk.ones(2).dtype, (zk.ones(2) * 2.5).dtype)\n"
        "for make in (lambda: zk.ones(2, dtype='float64'), lambda: zk.asarray(np.arange(3)),\n"
        "             lambda: zk.ones(2).astype('complex128'), lambda: zk.ones(2).double()):\n"
        "    try: print(make())\n"
        "    except zk.errors.DTypeError as e: print(e.headline)\n",
        ZKYNET_BACKEND="jax",
        ZKYNET_JAX_X64="0",
    )
    lines = out.splitlines()
    assert lines[0] == "float32 float32"
    assert [line.partition(",")[0] for line in lines[1:]] == [
        "JAX would silently make float32 of float64",
        "JAX would silently make int32 of int64",
        "JAX would silently make complex64 of complex128",
        "JAX would silently make float32 of float64",
    ]
