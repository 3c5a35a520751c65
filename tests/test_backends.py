"""Backends: which ones there are, which one is current, and how others come in."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from other_backends import needs_strict, run_python

import zkynet as zk
from zkynet.backend import registry
from zkynet.errors import (
    ArgumentError,
    BackendError,
    BackendUnavailableError,
    UnknownBackendError,
)

# -- which backend is current -------------------------------------------------------------------------------------


@needs_strict
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


@needs_strict
def test_set_backend_holds_for_the_process_and_other_threads() -> None:
    out = run_python(
        "import threading, zkynet as zk\n"
        "zk.set_backend('strict')\n"
        "seen = [zk.get_backend().name]\n"
        "t = threading.Thread(target=lambda: seen.append(zk.zeros(2).backend.name)); t.start(); t.join()\n"
        "print(*seen)"
    )
    assert out == "strict strict"


@needs_strict
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
    with pytest.raises(LookupError, match=r"known backends: .*numpy"):
        zk.use_backend("?!")
    for slip, meant in (("NumPy", "numpy"), ("JAX", "jax"), ("CuPy", "cupy"), ("pytorch", "torch"), ("nunpy", "numpy")):
        with pytest.raises(UnknownBackendError, match=f"did you mean '{meant}'"):
            zk.ones(1).to(slip) if slip == meant else zk.set_backend(slip)
    for wrong in (None, 3, ["numpy"], zk.ones(2)):
        with pytest.raises(TypeError, match="a backend is named by a string"):
            zk.set_backend(wrong)  # type: ignore[arg-type]


def test_use_backend_decorates_functions_also_in_several_threads() -> None:
    both = threading.Barrier(2, timeout=10)

    @zk.use_backend("strict")
    def make() -> str:
        both.wait()
        name = zk.ones(1).backend.name
        both.wait()
        return name

    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(make()))
    thread.start()
    seen.append(make())
    thread.join()
    assert seen == ["strict", "strict"]
    block = zk.use_backend("strict")
    for _ in range(2):  # one block, used twice, and inside itself
        with block, zk.use_backend("numpy"), block:
            assert zk.get_backend().name == "strict"


@needs_strict
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


@needs_strict
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


@needs_strict
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
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    assert run_python(code, PYTHONPATH=path, ZKYNET_BACKEND="guest") == "guest True"


def test_a_backend_is_called_by_its_name() -> None:
    with zk.use_backend("strict") as backend:
        assert backend == zk.get_backend() == "strict"
        assert backend != "numpy"
        assert f"{zk.get_backend()}" == "strict"
    assert backend in {backend}


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_whether_arrays_are_finite(dtype: str, bad: float) -> None:
    backend = zk.get_backend()
    if not backend.supports(np.dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    fine = [zk.zeros((3, 2), dtype=dtype), zk.full((4,), 6e4 if dtype == "float16" else 3e38, dtype=dtype)]
    fine.append(zk.ones((2, 3), dtype=dtype).T)
    assert backend.scalar(backend.are_finite([x.data for x in fine])) == 1  # the sum of squares overflows
    worse = zk.ones((2, 3), dtype=dtype)
    worse[1, 2] = bad
    assert backend.scalar(backend.are_finite([*[x.data for x in fine], worse.data])) == 0
    assert backend.scalar(backend.are_finite([])) == 1
