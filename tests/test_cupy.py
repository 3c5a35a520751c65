"""The CuPy backend, as far as it can be tested without a GPU; `test_cupy_gpu.py` has the rest."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zkynet_cupy import BACKEND, cublas, gemm, probe, scatter, standard
from zkynet_cupy.gemm import NeedsCopy, Plan, plan

import zkynet as zk
from zkynet.errors import BackendUnavailableError, DTypeError

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
    assert BACKEND.constant(2.0, np.dtype("float32")) == 2.0
    assert BACKEND.constant(2.0, bfloat16).dtype == bfloat16  # a float would make the result float32


# -- matrix products: how they are put to cuBLAS ------------------------------------------------------------------


def column_major(flat: Any, start: int, rows: int, columns: int, leading: int, transpose: bool) -> Any:
    """What cuBLAS reads: a matrix with `leading` elements from column to column, transposed if the flag says so."""
    r, c = (columns, rows) if transpose else (rows, columns)
    assert leading >= max(1, r), "cuBLAS refuses a leading dimension below the number of rows"
    at = start + np.arange(r)[:, None] + leading * np.arange(c)[None, :]
    matrix = flat[at]
    return matrix.T if transpose else matrix


def run_plan(made: Plan, first: Any, second: Any, size: int) -> Any:
    """The calls of a plan, computed as the manual of cublasGemmStridedBatchedEx says."""
    out = np.full(size, np.nan)
    assert made.leading[2] >= made.m
    for a0, b0, c0 in made.offsets:
        for i in range(made.batch):
            a, b, c = (start + i * step for start, step in zip((a0, b0, c0), made.strides, strict=True))
            x = column_major(first, a, made.m, made.k, made.leading[0], made.transpose[0])
            y = column_major(second, b, made.k, made.n, made.leading[1], made.transpose[1])
            at = c + np.arange(made.m)[:, None] + made.leading[2] * np.arange(made.n)[None, :]
            assert np.isnan(out[at]).all(), "a place was written twice"
            out[at] = x @ y
    return out


def memory_of(x: Any) -> tuple[Any, Any]:
    """The memory behind a view as a flat array, and the strides of the view in elements."""
    base = x
    while base.base is not None:
        base = base.base
    flat = base.ravel(order="K")
    start = (x.ctypes.data - base.ctypes.data) // x.itemsize
    return flat[start:] if start else flat, tuple(s // x.itemsize for s in x.strides)


def check_product(x: Any, y: Any) -> Plan:
    """Plan ``x @ y`` without copies, run the plan, and compare."""
    (flat_x, steps_x), (flat_y, steps_y) = memory_of(x), memory_of(y)
    made = plan(x.shape, steps_x, y.shape, steps_y)
    expected = np.matmul(x, y)
    np.testing.assert_allclose(run_plan(made, flat_y, flat_x, expected.size).reshape(expected.shape), expected)
    return made


def normal(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).standard_normal(shape)


def test_transposed_operands_need_no_copy() -> None:
    a, b = normal(5, 3, 4), normal(5, 4, 2)
    assert check_product(a, b).transpose == (False, False)
    assert check_product(a, np.swapaxes(normal(5, 2, 4), 1, 2)).transpose == (True, False)
    assert check_product(np.swapaxes(normal(5, 4, 3), 1, 2), b).transpose == (False, True)
    made = check_product(np.swapaxes(normal(5, 4, 3), 1, 2), np.swapaxes(normal(5, 2, 4), 1, 2))
    assert made.transpose == (True, True)
    assert (made.batch, len(made.offsets)) == (5, 1)


def test_a_matrix_for_a_whole_batch_is_one_plain_product() -> None:
    made = check_product(normal(2, 3, 5, 4), normal(4, 6))
    assert (made.n, made.batch, len(made.offsets)) == (2 * 3 * 5, 1, 1)
    made = check_product(normal(7, 1, 4), normal(4, 6))
    assert (made.n, made.batch) == (7, 1)


def test_broadcast_batches_have_a_stride_of_zero() -> None:
    made = check_product(normal(3, 4), normal(6, 4, 2))
    assert made.strides[1] == 0
    assert (made.batch, len(made.offsets)) == (6, 1)
    made = check_product(normal(2, 1, 3, 4), normal(5, 4, 6))
    assert made.batch * len(made.offsets) == 10


def test_heads_of_attention_are_read_where_they_are() -> None:
    q = np.swapaxes(normal(2, 7, 3, 4), 1, 2)  # (batch, heads, time, ...) in the memory of (batch, time, heads, ...)
    k = np.swapaxes(normal(2, 7, 3, 4), 1, 2)
    made = check_product(q, np.swapaxes(k, -1, -2))
    assert made.transpose == (True, False)
    assert made.batch * len(made.offsets) == 6


def test_what_cublas_cannot_read_is_copied() -> None:
    with pytest.raises(NeedsCopy) as caught:
        check_product(normal(2, 3, 8)[..., ::2], normal(2, 4, 2))
    assert caught.value.which == (True, False)
    with pytest.raises(NeedsCopy):  # overlapping rows
        check_product(np.lib.stride_tricks.sliding_window_view(normal(9), 4)[None], normal(3, 4, 2))
    with pytest.raises(NeedsCopy) as caught:  # 40 * 35 small products: better one call on a copy
        check_product(normal(40, 1, 2, 2), normal(1, 35, 2, 2))
    assert caught.value.spread


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="3 != 4"):
        gemm.result_shape((2, 3), (4, 5))
    with pytest.raises(ValueError, match="do not broadcast"):
        gemm.result_shape((2, 1, 3), (4, 5, 3, 2))


@st.composite
def operands(draw: Any) -> tuple[Any, Any]:
    """Two stacks of matrices whose batches broadcast, lying in memory in any of several ways."""
    length = st.integers(1, 4)
    m, k, n = draw(length), draw(length), draw(length)
    batch = draw(st.lists(st.integers(1, 3), max_size=3))

    def one(rows: int, columns: int) -> Any:
        own = [draw(st.sampled_from([b, 1])) for b in batch][draw(st.integers(0, len(batch))) :]
        shape = (*own, rows, columns)
        order = draw(st.permutations(range(len(shape))))  # of the axes in memory
        big = [shape[i] + draw(st.integers(0, 1)) for i in order]
        array = np.random.default_rng(0).standard_normal(big)[tuple(slice(0, shape[i]) for i in order)]
        return np.transpose(array, np.argsort(order))

    return one(m, k), one(k, n)


@settings(max_examples=200, deadline=None)
@given(operands())
def test_any_layout_is_multiplied_right_or_copied(pair: Any) -> None:
    x, y = pair
    try:
        check_product(x, y)
    except NeedsCopy as e:
        x, y = (np.array(a, order="C") if w else a for a, w in zip((x, y), e.which, strict=True))
        check_product(x, y)


# -- matrix products: the call itself, on CuPy arrays over host memory --------------------------------------------


class HostCupy:
    """CuPy arrays whose memory is the host's: views and shapes work, kernels do not; cuBLAS is played by NumPy."""

    def __init__(self) -> None:
        self.cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
        self.ndarray = self.cupy.ndarray
        self.calls = 0
        self.cuda = SimpleNamespace(
            cublas=self,
            device=SimpleNamespace(get_cublas_handle=lambda: 4096),
            Device=lambda: SimpleNamespace(compute_capability="90"),
        )

    def array(self, host: Any) -> Any:
        memory = self.cupy.cuda.UnownedMemory(host.ctypes.data, host.nbytes, host, device_id=0)
        return self.cupy.ndarray(host.shape, host.dtype, self.cupy.cuda.MemoryPointer(memory, 0))

    def empty(self, shape: Any, dtype: Any) -> Any:
        return self.array(np.full(shape, 7, dtype))

    def zeros(self, shape: Any, dtype: Any) -> Any:
        return np.zeros(shape, dtype)

    def numpy(self, array: Any) -> Any:
        return np.array(array.data.mem._owner).reshape(array.shape)

    # fmt: off
    def gemmStridedBatchedEx(
        self, handle: int, transa: int, transb: int, m: int, n: int, k: int, alpha: int,
        a: int, a_type: int, lda: int, step_a: int, b: int, b_type: int, ldb: int, step_b: int, beta: int,
        c: int, c_type: int, ldc: int, step_c: int, batch: int, compute: int, algorithm: int,
    ) -> None:
        # fmt: on
        assert a_type == b_type == c_type
        dtype = {2: np.dtype("float16"), 0: np.dtype("float32"), 14: zk.dtypes.as_dtype("bfloat16")}[c_type]
        assert compute == 68  # sums in float32
        assert ctypes.c_float.from_address(alpha).value == 1
        assert ctypes.c_float.from_address(beta).value == 0
        self.calls += 1

        def view(address: int, size: int) -> Any:
            return np.frombuffer((ctypes.c_char * (size * dtype.itemsize)).from_address(address), dtype)

        x = view(a, (batch - 1) * step_a + lda * (m if transa else k))
        y = view(b, (batch - 1) * step_b + ldb * (k if transb else n))
        z = view(c, (batch - 1) * step_c + ldc * n)
        for i in range(batch):
            p = column_major(x.astype("float32"), i * step_a, m, k, lda, bool(transa))
            q = column_major(y.astype("float32"), i * step_b, k, n, ldb, bool(transb))
            z[i * step_c + np.arange(m)[:, None] + ldc * np.arange(n)[None, :]] = p @ q


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_low_precision_goes_to_cublas_as_it_is(dtype: str) -> None:
    host = HostCupy()
    matmul = cublas.make_matmul(host)
    kind = zk.dtypes.as_dtype(dtype)
    x, y = normal(3, 2, 5).astype(kind), normal(3, 4, 5).astype(kind)
    got = matmul(None, host.array(x), host.array(y).swapaxes(-1, -2))
    assert got.dtype == kind
    assert host.calls == 1
    expected = np.matmul(x.astype("float32"), np.swapaxes(y, -1, -2).astype("float32")).astype(kind)
    np.testing.assert_array_equal(host.numpy(got), expected)


def test_vectors_and_matrices() -> None:
    host = HostCupy()
    matmul = cublas.make_matmul(host)
    x, y, v = (normal(*s).astype("float16") for s in ((3, 2, 5), (5,), (2,)))
    for a, b in ((x, y), (v, x), (y, y), (x[0], y), (v, x[0])):
        got = matmul(None, host.array(a), host.array(b))
        expected = np.matmul(a.astype("float32"), b.astype("float32"))
        assert got.shape == expected.shape
        np.testing.assert_allclose(host.numpy(got), expected, rtol=2e-3, atol=2e-3)


def test_empty_products_ask_nobody() -> None:
    host = HostCupy()
    matmul = cublas.make_matmul(host)
    a, b = np.zeros((2, 3, 0), "float16"), np.zeros((2, 0, 4), "float16")
    np.testing.assert_array_equal(matmul(None, host.array(a), host.array(b)), np.zeros((2, 3, 4)))
    assert host.calls == 0


# -- shapes and views of real CuPy arrays -------------------------------------------------------------------------


def test_backend_methods_on_cupy_arrays_over_host_memory() -> None:
    host = HostCupy()
    raw = host.array(normal(2, 3))
    backend = type(BACKEND)()
    assert not backend.is_array(raw)  # nothing is known before CuPy is loaded
    backend._cupy, backend._names = host.cupy, ("cuda:0", "cuda:1")
    assert backend.is_array(raw)
    assert backend.device_of(raw) == "cuda:0"
    assert backend.devices() == ("cuda:0", "cuda:1")
    assert backend.own(raw) is raw
    assert backend.adopt(raw).base is raw  # so that own() copies it
    assert backend.dtype_of(raw) == np.float64
    with pytest.raises(zk.errors.DeviceError, match=r"(?s)no device 'cpu'.*cuda:0, cuda:1.*numpy"):
        backend.native_device("cpu")


def test_bounds_of_clip_fit_the_dtype() -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    import array_api_compat.cupy as compat

    seen: list[Any] = []

    class Watched:
        """Stands for an array, and notes which kernel it was given to."""

        dtype = np.dtype("uint8")

        def __cupy_override_elementwise_kernel__(self, kernel: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append((kernel.name, *args[1:]))
            return self

    functions = standard.elementwise(cupy, compat)
    functions["clip"](Watched(), -5, 300)
    functions["clip"](Watched(), None, 7)
    functions["clip"](Watched(), 3)
    assert seen == [("zk_clip", 0, 255), ("zk_clip_high", 7), ("zk_clip_low", 3)]


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
