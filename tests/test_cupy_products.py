"""Matrix products and views of the CuPy backend, without a GPU: what is asked of cuBLAS, and on host memory."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zkynet_cupy import BACKEND, cublas, gemm, standard
from zkynet_cupy.gemm import NeedsCopy, Plan, plan

import zkynet as zk

pytestmark = pytest.mark.once

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
