"""The CuPy backend, as far as it can be tested without a GPU; `test_cupy_gpu.py` has the rest."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from zkynet_cupy import BACKEND, probe, scatter, standard

import zkynet as zk
from zkynet.errors import BackendUnavailableError, DTypeError

pytestmark = pytest.mark.once

# -- the probe ----------------------------------------------------------------------------------------------------


class FakeCudaError(RuntimeError):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def fake_cupy(driver: int = 13000, count: Any = 1, nvrtc: Any = (13, 0)) -> Any:
    """A CuPy whose runtime answers what it is told; exceptions are raised."""

    def answer(value: Any) -> Any:
        def call() -> Any:
            if isinstance(value, Exception):
                raise value
            return value

        return call

    runtime = SimpleNamespace(
        driverGetVersion=answer(driver), getDeviceCount=answer(count), CUDARuntimeError=FakeCudaError
    )
    return SimpleNamespace(cuda=SimpleNamespace(runtime=runtime, nvrtc=SimpleNamespace(getVersion=answer(nvrtc))))


CASES = {
    "usable": (fake_cupy(), None, None),
    "no driver": (fake_cupy(driver=0), "no CUDA driver", "nvidia-smi"),
    "no device": (fake_cupy(count=0), "no CUDA device", "nvidia-smi"),
    "no device, as an error": (
        fake_cupy(count=FakeCudaError(100, "cudaErrorNoDevice: no CUDA-capable device is detected")),
        "no CUDA device",
        "nvidia-smi",
    ),
    "old driver": (
        fake_cupy(driver=12040, count=FakeCudaError(35, "cudaErrorInsufficientDriver")),
        "driver (for CUDA 12.4) is too old",
        "zkynet[cupy12]",
    ),
    "another error": (fake_cupy(count=FakeCudaError(3, "cudaErrorInitializationError")), "InitializationError", "GPU"),
    "no NVRTC": (fake_cupy(nvrtc=RuntimeError("libnvrtc.so.13 not found")), "NVRTC is missing", "zkynet[cupy13]"),
    "no NVRTC on CUDA 12": (fake_cupy(driver=12020, nvrtc=ImportError("x")), "NVRTC is missing", "zkynet[cupy12]"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_probe_says_what_is_wrong_and_what_to_do(case: str) -> None:
    cupy, why, fix = CASES[case]
    found = probe.ask(cupy)
    if why is None:
        assert found is None
        return
    assert found is not None
    assert why in found[0]
    assert fix in found[1]
    assert "\n" not in found[0] + found[1]


def test_cupy_that_is_not_installed_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(probe, "driver_version", lambda: 12080)
    monkeypatch.setitem(sys.modules, "cupy", None)  # an import would fail
    assert probe.probe() == ("CuPy is not installed", "pip install 'zkynet[cupy12]'")
    monkeypatch.setattr(probe, "driver_version", lambda: None)
    assert probe.probe() == ("CuPy is not installed", probe.EITHER)


def test_a_broken_installation_does_not_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cupy").mkdir()
    (tmp_path / "cupy" / "__init__.py").write_text("raise OSError('libcuda went away\\nsecond line')")
    for name in [n for n in sys.modules if n.partition(".")[0] == "cupy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = probe.probe()
    assert found is not None
    assert found[0] == "CuPy is installed, but its import failed: OSError: libcuda went away"


def test_a_driver_that_answers_nonsense_does_not_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")

    def ask(module: Any) -> Any:
        raise AttributeError("no runtime")

    monkeypatch.setattr(probe, "ask", ask)
    found = probe.probe()
    assert cupy is not None
    assert found is not None
    assert "AttributeError: no runtime" in found[0]


def test_the_registry_shows_the_reason_and_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "probe", lambda: ("the GPU is on holiday", "wait until Monday"))
    if BACKEND.xp is not None:
        pytest.skip("CuPy is in use in this process")
    row = next(b for b in zk.backends() if b.name == "cupy")
    assert not row.available
    assert row.why_not == "the GPU is on holiday"
    assert row.install == "wait until Monday"
    with pytest.raises(BackendUnavailableError, match=r"(?s)on holiday.*Fix: wait until Monday"):
        zk.set_backend("cupy")


def test_dtypes() -> None:
    for name in ("bool", "int8", "uint64", "float16", "bfloat16", "float64", "complex128"):
        assert BACKEND.supports(zk.dtypes.as_dtype(name))
    assert not BACKEND.supports(np.dtype("longdouble"))
    with pytest.raises(DTypeError, match="cupy has no data type"):
        BACKEND.native_dtype(np.dtype("U3"))
    bfloat16 = zk.dtypes.as_dtype("bfloat16")
    assert BACKEND.constants(np.dtype("float32"))[2.0] == 2.0
    assert BACKEND.constants(bfloat16)[2.0].dtype == bfloat16  # a float would make the result float32


# -- index arrays, with NumPy in CuPy's place ---------------------------------------------------------------------


KEYS: list[Any] = [
    np.array([1, 1, -1, 0]),
    (np.array([1, 1, -1]), np.array([0, 0, 3])),
    (slice(None), np.array([2, 2, 0])),
    (np.array([[0], [1]]), slice(1, 3), np.array([4, 4, -1])),
    (slice(None), 1, np.array([0, 0, 4])),
    (Ellipsis, np.array([3, 3])),
    (None, np.array([2, 2]), Ellipsis),
    (np.array([True, False, True]), np.array([1, 1])),
    np.arange(60).reshape(3, 4, 5) % 7 == 0,
    (slice(0, 2), None, slice(None, None, 2)),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "complex128", "int8", "int64"])
def test_index_add_collects_every_value(key: Any, dtype: str) -> None:
    kind = zk.dtypes.as_dtype(dtype)
    raw = np.arange(60).reshape(3, 4, 5).astype(kind)
    values = (np.arange(raw[key].size) % 5 + (1j if kind.kind == "c" else 0)).astype(kind).reshape(raw[key].shape)
    expected = raw.astype(complex)
    np.add.at(expected, key, values.astype(complex))
    got = scatter.index_add(np, raw, key, values)
    assert got.dtype == kind
    np.testing.assert_array_equal(got.astype(complex), expected)
    assert raw.astype(complex).sum() == 1770  # not written to


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_index_set_keeps_the_last_value(key: Any) -> None:
    raw = np.zeros((3, 4, 5), int)
    values = np.arange(1, raw[key].size + 1).reshape(raw[key].shape)
    expected = raw.copy()
    expected[key] = values
    np.testing.assert_array_equal(scatter.index_set(np, raw, key, values), expected)
    if scatter.names_places_once(np, key):
        return
    parts, at = scatter.expanded(np, key, 3)
    arrays = np.broadcast_arrays(*[np.asarray(parts[i]) for i in at])
    winner = scatter.last_of_equal(np, arrays, [raw.shape[scatter.axis_of(parts, i)] for i in at])
    chosen = scatter.values_of(np, raw, parts, at, arrays[0].shape, values, winner)
    places = np.arange(60).reshape(3, 4, 5)[key]
    for place in np.unique(places):  # whatever order the GPU writes in
        assert (chosen[places == place] == values[places == place].max()).all()


def test_a_sum_of_many_halves_is_rounded_once() -> None:
    halves = np.full(4096, 1.0, "float16")
    got = scatter.index_add(np, np.zeros(1, "float16"), np.zeros(4096, int), halves)
    assert got[0] == 4096  # float16 by itself would stop at 2048


# -- small parts --------------------------------------------------------------------------------------------------


def test_negative_zero() -> None:
    for value in (-0.0, np.float32(-0.0), complex(-0.0, 0.0), complex(0.0, -0.0)):
        assert standard.is_negative_zero(value)
    for value in (0, 0.0, False, 1.0, -1, 0j, float("nan")):
        assert not standard.is_negative_zero(value)


def test_bfloat16_goes_through_float32() -> None:
    kind = zk.dtypes.as_dtype("bfloat16")
    x = np.array([3.0, 1.0, 2.0], kind)
    seen: list[Any] = []

    def sort(a: Any, axis: int = -1) -> Any:
        seen.append(a.dtype)
        return np.sort(a, axis=axis)

    assert standard.through_float32(sort)(x, axis=0).dtype == kind
    assert standard.through_float32(sort)(x.astype("float16")).dtype == np.float16
    assert seen == [np.float32, np.float16]
    assert standard.through_float32(np.argsort)(x).dtype == np.int64
    values, counts = standard.through_float32(lambda a: tuple(np.unique(a, return_counts=True)))(x)
    assert (values.dtype, counts.dtype) == (kind, np.int64)


def test_peak_memory_counts_what_lives_at_once() -> None:
    from zkynet_cupy.memory import peak_hook

    hook = peak_hook(SimpleNamespace(cuda=SimpleNamespace(MemoryHook=object)))
    assert hook.start(0, 100) == 100
    for event, size in (("malloc", 512), ("malloc", 512), ("free", 512), ("malloc", 256)):
        getattr(hook, f"{event}_postprocess")(device_id=0, mem_size=size, mem_ptr=1, size=size, pmem_id=1)
    hook.malloc_postprocess(device_id=0, mem_size=4096, mem_ptr=0, size=4096, pmem_id=0)  # failed
    assert hook.start(0, 868) == 1124
    assert hook.start(1, 5) == 5
