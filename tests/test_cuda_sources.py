"""The hand-written CUDA without a GPU: compiled by NVRTC for several GPUs, and run on the host by a C++ compiler."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zkynet_cupy import sources
from zkynet_cupy.sources import ANY_TYPE, COMPLEX, COMPLEX_TYPES, ELEMENTWISE, FLOATS, WHERE, WIDE, Elementwise

pytestmark = pytest.mark.once

ARCHITECTURES = ("sm_80", "sm_90", "sm_120")
HEADERS = ("complex", "carray", "atomics", "float16", "bfloat16")
ALL = {k.name: k for k in (*ELEMENTWISE, *ANY_TYPE, *COMPLEX)}
DTYPES = {**FLOATS, **COMPLEX_TYPES}


def kernels_of(dtype: str) -> tuple[Elementwise, ...]:
    """The kernels that are used on a dtype."""
    return (*COMPLEX, WHERE) if dtype in COMPLEX_TYPES else (*ELEMENTWISE, *ANY_TYPE)


def parameters(kernel: Elementwise) -> list[tuple[str, str]]:
    """The types and names of what a kernel reads."""
    pairs = [p.split() for p in kernel.inputs.split(",")]
    return [(p[0], p[1]) for p in pairs]


# -- compiled for GPUs --------------------------------------------------------------------------------------------


def cuda_source(dtype: str) -> str:
    """All elementwise kernels for one dtype, each in the frame that CuPy puts around it."""
    parts = [*(f"#include <cupy/{h}.cuh>" for h in HEADERS), WIDE, f"typedef {DTYPES[dtype]} T;"]
    for k in kernels_of(dtype):
        inputs = parameters(k)
        arrays = [*(f"const CArray<{t}, 1, true, true> _raw_{n}" for t, n in inputs), "CArray<T, 1, true, true> _raw_z"]
        reads = "\n".join(f"const {t} &{n} = _raw_{n}[_ind.get()];" for t, n in inputs)
        parts.append(
            f'extern "C" __global__ void zk_{k.name}({", ".join(arrays)}, CIndexer<1, true> _ind) {{\n'
            f"CUPY_FOR(i, _ind.size()) {{\n_ind.set(i);\n{reads}\nT &z = _raw_z[_ind.get()];\n{k.body};\n}}\n}}"
        )
    return "\n".join(parts)


@pytest.fixture(scope="module")
def compile_cuda() -> Callable[[str, str], bytes]:
    """Compiles CUDA source for an architecture; skips, with the reason, where NVRTC or CuPy's headers are missing."""
    cupy = pytest.importorskip("cupy", reason="CuPy, whose headers the kernels include, is not installed")
    from cuda.pathfinder import find_nvidia_header_directory

    nvrtc = cupy.cuda.nvrtc
    try:
        nvrtc.getVersion()
    except RuntimeError as e:
        pytest.skip(f"NVRTC was not found: {str(e).splitlines()[0]}")
    cuda = find_nvidia_header_directory("cudart")
    if cuda is None:
        pytest.skip("the CUDA headers (nvidia-cuda-runtime) were not found")
    own = Path(cupy.__file__).parent / "_core" / "include"
    include = [own, *(own / "cupy" / "_cccl" / part for part in ("cub", "thrust", "libcudacxx")), Path(cuda)]

    def compiled(source: str, architecture: str) -> bytes:
        options = [f"-arch={architecture}", "--std=c++17", "-ftz=true", "--device-as-default-execution-space"]
        program = nvrtc.createProgram(source, "kernels.cu", (), ())
        try:
            nvrtc.compileProgram(program, (*options, *(f"-I{path}" for path in include)))
            return nvrtc.getCUBIN(program)  # type: ignore[no-any-return]
        except nvrtc.NVRTCError:
            raise AssertionError(nvrtc.getProgramLog(program)) from None
        finally:
            nvrtc.destroyProgram(program)

    return compiled


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_kernels_compile(compile_cuda: Any, dtype: str, architecture: str) -> None:
    code = compile_cuda(cuda_source(dtype), architecture)
    assert all(f"zk_{k.name}".encode() in code for k in kernels_of(dtype))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", sources.ROW_TYPES)
def test_row_kernels_compile(compile_cuda: Any, dtype: str, architecture: str) -> None:
    code = compile_cuda(sources.row_source(dtype), architecture)
    assert all(name.encode() in code for name in sources.ROW_KERNELS)


def test_a_faulty_body_would_be_found(compile_cuda: Any) -> None:
    broken = cuda_source("float16").replace(ALL["where"].body, "z = chosen ? x : 1.5f * y")
    with pytest.raises(AssertionError, match=r"ambiguous|operand types|zk_where"):
        compile_cuda(broken, "sm_90")


# -- run on the host ----------------------------------------------------------------------------------------------

TYPES = {"float32": "float", "float64": "double"}
HOST_TYPES = {**TYPES, "complex64": "complex<float>", "complex128": "complex<double>"}


def host_source() -> str:
    """The same bodies in loops over C arrays."""
    parts = ["#include <cmath>\n#include <complex>\nusing namespace std;", WIDE]
    for k in ALL.values():
        inputs = parameters(k)
        arguments = ", ".join(f"const {t}* _{n}" for t, n in inputs)
        reads = "\n".join(f"const {t} &{n} = _{n}[i];" for t, n in inputs)
        body = k.body.replace("typedef", "typedef typename")
        parts.append(
            f"template <typename T> void run_{k.name}({arguments}, T* _z, long n) {{\n"
            f"for (long i = 0; i < n; ++i) {{\n{reads}\nT &z = _z[i];\n{body};\n}}\n}}"
        )
        for dtype, ctype in HOST_TYPES.items():
            if k not in kernels_of(dtype):
                continue
            typed = arguments.replace("T*", f"{ctype}*")
            call = f"run_{k.name}<{ctype}>({', '.join(f'_{n}' for _, n in inputs)}, z, n)"
            parts.append(f'extern "C" void {k.name}_{dtype}({typed}, {ctype}* z, long n) {{ {call}; }}')
    return "\n".join(parts)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The kernels as a C library; skips, with the reason, where there is no C++ compiler."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("there is no C++ compiler to run the kernels with")
    folder = tmp_path_factory.mktemp("host")
    (folder / "kernels.cpp").write_text(host_source())
    command = [compiler, "-O1", "-std=c++17", "-shared", "-fPIC", str(folder / "kernels.cpp")]
    done = subprocess.run([*command, "-o", str(folder / "kernels.so")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "kernels.so"))


def run(host: Any, name: str, dtype: str, *arrays: Any) -> np.ndarray[Any, Any]:
    """A kernel's result on NumPy arrays of one length."""
    typed = [
        np.ascontiguousarray(a, np.bool_ if t == "bool" else dtype)
        for a, (t, _) in zip(arrays, parameters(ALL[name]), strict=True)
    ]
    out = np.empty(len(typed[0]), dtype)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*typed, out)]
    getattr(host, f"{name}_{dtype}")(*pointers, ctypes.c_long(len(out)))
    return out


EDGES = np.array([0.0, -0.0, 1e-20, 1.0, -1.0, 20.0, -20.0, 100.0, -100.0, 1e4, -1e4, np.inf, -np.inf, np.nan])
X = np.concatenate([np.linspace(-12, 12, 201), EDGES])


def sigmoid(x: Any) -> Any:
    return np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))


def softplus(x: Any) -> Any:
    return np.logaddexp(0, x)


def at_minus_infinity(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`f` with its limit 0 at minus infinity, where the formula gives infinity times zero."""
    return lambda x: np.where(x < -1e3, 0, f(np.maximum(x, -1e3)))


def normal_cdf(x: Any) -> Any:
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(x)


def gelu_tanh(x: Any) -> Any:
    return x * sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))


def slope(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The derivative by central differences, where it has not become a constant."""

    def derivative(x: Any) -> Any:
        h = 1e-5
        v = np.clip(x, -35.0, 35.0)
        return (f(v + h) - f(v - h)) / (2 * h)

    return derivative


UNARY: dict[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: -softplus(-x),
    "softplus": softplus,
    "silu": at_minus_infinity(lambda x: x * sigmoid(x)),
    "mish": at_minus_infinity(lambda x: x * np.tanh(softplus(x))),
    "gelu": at_minus_infinity(lambda x: x * normal_cdf(x)),
    "gelu_tanh": at_minus_infinity(gelu_tanh),
    "gelu_slope": slope(lambda x: x * normal_cdf(x)),
    "gelu_slope_tanh": slope(gelu_tanh),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", UNARY)
def test_activations_on_the_host(host: Any, name: str, dtype: str) -> None:
    x = X.astype(dtype).astype(float)
    got = run(host, name, dtype, x)
    with np.errstate(all="ignore"):
        expected = UNARY[name](x)
    tolerance = {"float32": 2e-6, "float64": 1e-9 if "slope" in name else 1e-13}[dtype]
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", ["remainder", "floor_divide"])
def test_division_with_a_floor_on_the_host(host: Any, name: str, dtype: str) -> None:
    rng = np.random.default_rng(0)
    values = np.array([0.0, -0.0, 1.0, -1.0, 0.1, -0.3, 7.5, -2.0, np.inf, -np.inf, np.nan], dtype)
    x, y = (a.ravel() for a in np.meshgrid(values, values))
    x = np.concatenate([x, rng.uniform(-50, 50, 2000).astype(dtype)])
    y = np.concatenate([y, rng.uniform(-3, 3, 2000).astype(dtype)])
    finite = np.isfinite(x) & np.isfinite(y)
    got = run(host, name, dtype, x, y)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x, y)
        if name == "floor_divide":  # where the array API standard says more than NumPy does
            expected = np.where(finite | np.isnan(x) | np.isnan(y), expected, x / y)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(expected[expected == 0]))


@pytest.mark.parametrize("dtype", TYPES)
def test_clip_and_where_on_the_host(host: Any, dtype: str) -> None:
    x, low, high = X, np.full(X.size, -2.0), np.full(X.size, 3.0)
    low[5], high[7] = np.nan, np.nan
    low[20], high[20] = 4.0, 1.0  # the upper bound wins, as in NumPy
    as_typed = [a.astype(dtype) for a in (x, low, high)]
    np.testing.assert_array_equal(run(host, "clip", dtype, *as_typed), np.clip(*as_typed))
    np.testing.assert_array_equal(run(host, "clip_low", dtype, *as_typed[:2]), np.maximum(*as_typed[:2]))
    np.testing.assert_array_equal(
        run(host, "clip_high", dtype, as_typed[0], as_typed[2]), np.minimum(as_typed[0], as_typed[2])
    )
    chosen = x > 0
    np.testing.assert_array_equal(run(host, "where", dtype, chosen, *as_typed[:2]), np.where(chosen, *as_typed[:2]))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", ["log", "log1p", "expm1", "tanh", "tan", "acosh"])
def test_complex_functions_on_the_host(host: Any, name: str, dtype: str) -> None:
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-6, 1, (2, 500))
    x = (sizes[0] + 1j * sizes[1] * rng.choice([-1, 1], 500)).astype(dtype)
    got = run(host, f"complex_{name}", dtype, x)
    wide = x.astype(complex)
    if name == "log1p":  # NumPy's is inexact near 0
        parts = wide.real, wide.imag
        expected = 0.5 * np.log1p(parts[0] * (parts[0] + 2) + parts[1] ** 2) + 1j * np.arctan2(parts[1], 1 + parts[0])
    else:
        expected = getattr(np, {"acosh": "arccosh"}.get(name, name))(wide)
    tolerance = {"complex64": 5e-6, "complex128": 1e-12}[dtype]
    assert (np.abs(got - expected) <= tolerance * np.abs(expected)).all()


def test_infinities_beside_nan_on_the_host(host: Any) -> None:
    inf, nan = np.inf, np.nan
    for name, x, expected in (
        ("log", complex(nan, inf), complex(inf, nan)),
        ("log", complex(-inf, nan), complex(inf, nan)),
        ("log1p", complex(inf, nan), complex(inf, nan)),
        ("expm1", complex(-inf, 0.0), complex(-1, 0)),
        ("tanh", complex(0.0, inf), complex(0, nan)),
        ("tanh", complex(0.0, nan), complex(0, nan)),
        ("tanh", complex(inf, 2.0), complex(1, 0)),
        ("tanh", complex(-inf, nan), complex(-1, 0)),
        ("tan", complex(2.0, inf), complex(0, 1)),
        ("tan", complex(inf, 0.0), complex(nan, 0)),
        ("acosh", complex(0.0, nan), complex(nan, np.pi / 2)),
    ):
        got = run(host, f"complex_{name}", "complex128", np.array([x]))
        np.testing.assert_array_equal(got, [expected], err_msg=f"{name} of {x}")


def test_every_elementwise_kernel_is_run_on_the_host() -> None:
    complex_ones = {f"complex_{name}" for name in ("log", "log1p", "expm1", "tanh", "tan", "acosh")}
    others = {"remainder", "floor_divide", "clip", "clip_low", "clip_high", "where"}
    assert {*UNARY, *complex_ones, *others} == set(ALL)
