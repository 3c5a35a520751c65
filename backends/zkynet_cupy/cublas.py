"""The matrix product: cuBLAS called as `gemm` plans it, so that half precision is neither widened nor refused.

CuPy's own product of stacks of matrices casts float16 to float32, fails on bfloat16 and copies transposed operands.
For plain float32 and float64 matrices CuPy is used as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet.errors import BackendError
from zkynet_cupy.dtypes import BFLOAT16, NAME
from zkynet_cupy.gemm import INT32, NeedsCopy, Plan, broadcast, plan, result_shape

DATA_TYPES = {"float32": 0, "float64": 1, "float16": 2, "complex64": 4, "complex128": 5, "bfloat16": 14}  # cudaDataType
COMPUTE_32F, COMPUTE_32F_PEDANTIC, COMPUTE_64F, COMPUTE_32F_FAST_TF32 = 68, 69, 70, 77  # cublasComputeType_t
CUPY_PEDANTIC, CUPY_TF32 = 2, 7  # what CuPy calls its settings, see CUPY_TF32 in its manual
DEFAULT_ALGORITHM = -1
AMPERE = 80  # bfloat16 products need this compute capability

_factors: dict[str, np.ndarray[Any, Any]] = {
    name: np.array([1, 0], kind)  # what the product and what the old content are multiplied by
    for name, kind in {
        "float16": "float32",  # the factors have the type of the sums, which are float32
        "bfloat16": "float32",
        "float32": "float32",
        "float64": "float64",
        "complex64": "complex64",
        "complex128": "complex128",
    }.items()
}
_pointers = {name: (f.ctypes.data, f.ctypes.data + f.itemsize) for name, f in _factors.items()}


def make_matmul(cupy: Any) -> Callable[..., Any]:
    """The kernel ``matmul(xp, x, y)``."""

    def matmul(xp: Any, x: Any, y: Any) -> Any:
        dtype = x.dtype
        ndim = x.ndim if x.ndim > y.ndim else y.ndim
        if (ndim < 3 and dtype.itemsize > 2) or y.dtype != dtype or dtype not in NAME:
            return cupy.matmul(x, y)
        if x.ndim == 0 or y.ndim == 0:
            raise ValueError("matmul takes no scalars")
        if dtype in BFLOAT16 and int(cupy.cuda.Device().compute_capability) < AMPERE:
            return matmul(xp, x.astype("float32"), y.astype("float32")).astype(dtype)
        vector_x, vector_y = x.ndim == 1, y.ndim == 1
        x = x[None, :] if vector_x else x
        y = y[:, None] if vector_y else y
        z = product(cupy, x, y)
        if vector_x:
            z = z[..., 0, :]
        return z[..., 0] if vector_y else z

    return matmul


def product(cupy: Any, x: Any, y: Any) -> Any:
    """``x @ y`` for stacks of matrices of one floating dtype."""
    shape = result_shape(x.shape, y.shape)
    if x.size == 0 or y.size == 0:
        return cupy.zeros(shape, x.dtype)
    if max(*shape[-2:], x.shape[-1]) > INT32:
        return cupy.matmul(x, y)
    for _ in range(3):
        try:
            made = plan(x.shape, in_elements(x), y.shape, in_elements(y))
        except NeedsCopy as e:
            if e.spread:
                batch = broadcast(x.shape[:-2], y.shape[:-2])
                x, y = (
                    cupy.broadcast_to(a, batch + a.shape[-2:]) if w else a for a, w in zip((x, y), e.which, strict=True)
                )
            x, y = (a.copy(order="C") if w else a for a, w in zip((x, y), e.which, strict=True))
        else:
            out = cupy.empty(shape, x.dtype)
            run(cupy, made, y, x, out)
            return out
    raise AssertionError("a contiguous operand was refused")


def in_elements(x: Any) -> tuple[int, ...]:
    """The strides of an array in elements."""
    size = x.itemsize
    return tuple(s // size for s in x.strides)


def run(cupy: Any, made: Plan, first: Any, second: Any, out: Any) -> None:
    """Queue the calls of a plan on the current stream; the operands in cuBLAS's order."""
    cublas = library(cupy)
    name = NAME[out.dtype]
    kind, size = DATA_TYPES[name], out.itemsize
    one, zero = _pointers[name]
    handle = cupy.cuda.device.get_cublas_handle()
    compute = compute_type(cupy, out.dtype, name)
    a, b, c = first.data.ptr, second.data.ptr, out.data.ptr
    flags = int(made.transpose[0]), int(made.transpose[1])
    (lda, ldb, ldc), (step_a, step_b, step_c) = made.leading, made.strides
    for at_a, at_b, at_c in made.offsets:
        # fmt: off
        cublas.gemmStridedBatchedEx(
            handle, *flags, made.m, made.n, made.k, one,
            a + at_a * size, kind, lda, step_a,
            b + at_b * size, kind, ldb, step_b, zero,
            c + at_c * size, kind, ldc, step_c,
            made.batch, compute, DEFAULT_ALGORITHM,
        )
        # fmt: on


def compute_type(cupy: Any, dtype: np.dtype[Any], name: str) -> int:
    """In what precision sums are made: float32 for half precision; TF32 only where CuPy was told so."""
    if name in ("float64", "complex128"):
        return COMPUTE_64F
    if dtype.itemsize == 2:
        return COMPUTE_32F
    try:
        chosen = cupy._core._routines_linalg.get_compute_type(dtype)
    except AttributeError:  # not part of CuPy's public face
        return COMPUTE_32F
    if chosen == CUPY_PEDANTIC:
        return COMPUTE_32F_PEDANTIC
    return COMPUTE_32F_FAST_TF32 if chosen == CUPY_TF32 else COMPUTE_32F


def library(cupy: Any) -> Any:
    """CuPy's binding of cuBLAS."""
    try:
        return cupy.cuda.cublas
    except ImportError as e:
        raise BackendError(
            "matrix products on the GPU need the library cuBLAS, which was not found",
            facts=[str(e).splitlines()[0]],
            fix="install CuPy with its CUDA libraries: pip install 'cupy-cuda13x[ctk]' or 'cupy-cuda12x[ctk]'",
        ) from e
