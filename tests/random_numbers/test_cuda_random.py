"""The CUDA of random numbers, compiled for GPUs and run on the host."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from test_cuda_sources import ARCHITECTURES, compile_cuda  # noqa: F401
from zkynet_cupy.random_source import KERNELS, SOURCE

import zkynet as zk
from zkynet import dtypes as dt
from zkynet.random import curves, philox
from zkynet.random.philox import FULL, Place

HOST = """
#define __global__
#define __device__ static
struct Dim { int x; };
static const Dim blockIdx = {0}, blockDim = {1}, threadIdx = {0}, gridDim = {1};
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
static inline int __clzll(long long x) { return __builtin_clzll((unsigned long long)x); }
"""
CURVES = [*curves.NORMAL.items(), *curves.EXPONENTIAL.items(), *curves.GUMBEL_BELOW.items()]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_kernels_compile(compile_cuda: Any, architecture: str) -> None:  # noqa: F811
    code = compile_cuda(SOURCE, architecture)
    assert all(name.encode() in code for name in KERNELS)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Any:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("there is no C++ compiler to run the kernels with")
    folder = tmp_path_factory.mktemp("host")
    (folder / "random.cpp").write_text(HOST + SOURCE)
    command = [compiler, "-O1", "-std=c++17", "-shared", "-fPIC", str(folder / "random.cpp")]
    done = subprocess.run([*command, "-o", str(folder / "random.so")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "random.so"))


def pointer(array: Any) -> Any:
    return ctypes.c_void_p(None if array is None else array.ctypes.data)


@pytest.mark.parametrize("lift", [False, True])
@pytest.mark.parametrize("place", [Place(5, 0), Place(3 | 7 << 64, 2**40, 2), Place(FULL << 64, 2**63)], ids=str)
def test_words_on_the_host(host: Any, place: Place, lift: bool) -> None:
    numpy = zk.backend.registry.usable_backend("numpy")
    for n in (1, 4, 1003):
        out = np.zeros(n, np.uint64)
        numbers, lifted = [place.key & FULL, place.key >> 64, place.block, place.lane], None
        if lift:
            number = place.block - min(place.block, 9) | place.key << 64
            lifted = np.array([number >> (32 * i) & 0xFFFFFFFF for i in range(6)], np.uint32)
            numbers[:3] = 1, 2, min(place.block, 9)
        host.zk_random_words(*map(ctypes.c_uint64, numbers), pointer(lifted), pointer(out), ctypes.c_int64(n))
        np.testing.assert_array_equal(out, philox.words64(numpy.xp, place, n, None))


@pytest.mark.parametrize("above", [0, 10])
@pytest.mark.parametrize(
    ("dtype", "curve"), CURVES, ids=lambda v: getattr(getattr(v, "function", None), "__name__", str(v))
)
def test_curves_on_the_host(host: Any, dtype: Any, curve: curves.Curve, above: int) -> None:
    numpy = zk.backend.registry.usable_backend("numpy")
    rng = np.random.default_rng(0)
    octaves = rng.integers(0, curve.bits + above, 5000)
    m = np.ldexp(1 + rng.random(5000), octaves).astype(np.uint64)
    m = np.concatenate([m, np.array([1, 2, 3, 2**curve.bits - 1], np.uint64)])
    out = np.zeros(m.size, dtype)
    table = np.concatenate(curve.table)
    host["zk_quantile_float" if dtype == dt.float32 else "zk_quantile_double"](
        pointer(m),
        pointer(table),
        ctypes.c_int64(table.size // len(curve.table)),
        ctypes.c_int(above),
        ctypes.c_int(curve.point),
        ctypes.c_double(2.0 ** -(curve.point + 1)),
        pointer(out),
        ctypes.c_int64(m.size),
    )
    np.testing.assert_array_equal(out, curves.evaluate(numpy.xp, curve, m, None, curve.bits + above))
