"""The hand-written CUDA: bodies of elementwise kernels, and the source of the row kernels. Text only.

A body is the text that CuPy puts into a loop over all elements; its parameters are bound to the elements by name. It is
C++ that any compiler takes, so the tests run the same text on the host. Half-precision types have few operators of
their own, so every body computes in ``W``: float for them, else the type itself. ``-inf`` and NaN are meant to pass as
they do on other backends.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDE = """
template <typename T> struct zk_wide { typedef float type; };
template <> struct zk_wide<double> { typedef double type; };
"""
"""In what type a kernel computes: ``zk_wide<T>::type``."""

FLOATS = {"float16": "float16", "bfloat16": "bfloat16", "float32": "float", "float64": "double"}
"""The floating dtypes, and what CuPy calls them in CUDA."""


@dataclass(frozen=True)
class Elementwise:
    """One elementwise kernel.

    Attributes:
        name: its own name, and that of the op where it stands for one.
        inputs: CuPy's list of parameters, such as ``"T x, T y"``; a Python number takes the type of its parameter.
        body: assigns ``z``, of type ``T``.
    """

    name: str
    inputs: str
    body: str


def _floats(name: str, inputs: str, body: str) -> Elementwise:
    return Elementwise(name, inputs, f"typedef zk_wide<T>::type W;\n{body}")


ELEMENTWISE = (
    _floats(
        "sigmoid",
        "T x",
        """const W v = W(x), e = exp(-fabs(v));
z = T((v >= W(0) ? W(1) : e) / (W(1) + e));""",
    ),
    _floats(
        "log_sigmoid",
        "T x",
        """const W v = W(x);
z = T((v < W(0) ? v : W(0)) - log1p(exp(-fabs(v))));""",
    ),
    _floats(
        "softplus",
        "T x",
        """const W v = W(x);
z = T((v > W(0) ? v : W(0)) + log1p(exp(-fabs(v))));""",
    ),
    _floats(
        "silu",
        "T x",
        """const W v = W(x) < W(-1e3) ? W(-1e3) : W(x);  // -inf times 0 would be NaN
z = T(v / (W(1) + exp(-v)));""",
    ),
    _floats(
        "gelu",
        "T x",
        """const W v = W(x) < W(-40) ? W(-40) : W(x);
z = T(W(0.5) * v * erfc(v * W(-0.70710678118654752440)));""",
    ),
    _floats(
        "gelu_tanh",
        "T x",
        """const W v = W(x) < W(-40) ? W(-40) : W(x);
z = T(W(0.5) * v * (W(1) + tanh(W(0.79788456080286535588) * (v + W(0.044715) * v * v * v))));""",
    ),
    _floats(
        "gelu_slope",
        "T x",
        """W v = W(x) < W(-40) ? W(-40) : W(x);
v = v > W(40) ? W(40) : v;
z = T(W(0.5) * erfc(v * W(-0.70710678118654752440)) + W(0.39894228040143267794) * v * exp(W(-0.5) * v * v));""",
    ),
    _floats(
        "gelu_slope_tanh",
        "T x",
        """W v = W(x) < W(-40) ? W(-40) : W(x);
v = v > W(40) ? W(40) : v;
const W c = W(0.79788456080286535588), q = v * v, t = tanh(c * v * (W(1) + W(0.044715) * q));
z = T(W(0.5) * (W(1) + t + v * (W(1) - t * t) * c * (W(1) + W(0.134145) * q)));""",
    ),
    _floats(
        "mish",
        "T x",
        """const W v = W(x) < W(-1e3) ? W(-1e3) : W(x), e = exp(v > W(20) ? W(20) : v), n = e * (e + W(2));
z = T(v * (n / (n + W(2))));""",
    ),
    _floats(
        "remainder",
        "T x, T y",
        """const W a = W(x), b = W(y);
W r = fmod(a, b);
if (r == W(0)) r = copysign(W(0), b);
else if ((r < W(0)) != (b < W(0))) r += b;
z = T(r);""",
    ),
    _floats(
        "floor_divide",
        "T x, T y",
        """const W a = W(x), b = W(y);
W q = a / b;
if (b != W(0) && a - a == W(0) && b - b == W(0)) {  // both finite
  const W r = fmod(a, b);
  W d = (a - r) / b;
  if (r != W(0) && (r < W(0)) != (b < W(0))) d -= W(1);
  if (d != W(0)) {
    q = floor(d);
    if (d - q > W(0.5)) q += W(1);
  } else {
    q = copysign(W(0), q);
  }
}
z = T(q);""",
    ),
)
"""Those on floating dtypes; each is compiled for all of `FLOATS`."""

_RAISE = "z = x < low || low != low ? low : x;"  # a bound that is NaN makes the result NaN
_LOWER = "if (z > high || high != high) z = high;"
CLIP = Elementwise("clip", "T x, T low, T high", f"{_RAISE}\n{_LOWER}")
CLIP_LOW = Elementwise("clip_low", "T x, T low", _RAISE)
CLIP_HIGH = Elementwise("clip_high", "T x, T high", f"z = x;\n{_LOWER}")
WHERE = Elementwise("where", "bool chosen, T x, T y", "z = chosen ? x : y;")
ANY_TYPE = (CLIP, CLIP_LOW, CLIP_HIGH, WHERE)
"""Those on any dtype that has an order (`WHERE`: on any at all)."""

COMPLEX_TYPES = {"complex64": "thrust::complex<float>", "complex128": "thrust::complex<double>"}


def _complex(name: str, body: str) -> Elementwise:
    first = "typedef T::value_type W;\nconst W a = x.real(), b = x.imag();\n"
    return Elementwise(name, "T x", first + body)


COMPLEX = (
    _complex("complex_log", "z = log(x);\nif (isinf(a) || isinf(b)) z = T(W(1) / W(0), z.imag());"),
    _complex(
        "complex_log1p",
        """if (fabs(a) < W(0.5) && fabs(b) < W(0.5)) {
  z = T(W(0.5) * log1p(a * (a + W(2)) + b * b), atan2(b, W(1) + a));
} else {
  z = log(T(a + W(1), b));
  if (isinf(a) || isinf(b)) z = T(W(1) / W(0), z.imag());
}""",
    ),
    _complex(
        "complex_expm1",
        """if (fabs(a) < W(1) && b - b == W(0)) {
  const W s = sin(W(0.5) * b);
  z = T(expm1(a) * cos(b) - W(2) * s * s + W(0), exp(a) * sin(b));  // + 0 makes +0 of -0
} else {
  z = exp(x) - T(1);
}""",
    ),
    _complex(
        "complex_tanh",
        """z = tanh(x);
if (a == W(0) && b - b != W(0)) z = T(a, b - b);
if (isinf(a)) z = T(copysign(W(1), a), b - b == W(0) ? copysign(W(0), b) : W(0));""",
    ),
    _complex(
        "complex_tan",  # -i tanh(i x)
        """z = tanh(T(-b, a));
if (b == W(0) && a - a != W(0)) z = T(-b, a - a);
if (isinf(b)) z = T(copysign(W(1), -b), a - a == W(0) ? copysign(W(0), a) : W(0));
z = T(z.imag(), -z.real());""",
    ),
    _complex("complex_acosh", "z = a == W(0) && b != b ? T(b, W(1.57079632679489661923)) : acosh(x);"),
)
"""Complex functions where CuPy's lose digits (arguments near 0) or an infinity beside a NaN."""

ROW_TYPES = {"float16": "__half", "bfloat16": "__nv_bfloat16", "float32": "float", "float64": "double"}
ROW_KERNELS = ("zk_softmax", "zk_log_softmax", "zk_logsumexp")
WARP = 32

_ROWS = """
#include <cuda_fp16.h>
#include <cuda_bf16.h>
typedef {ctype} T;
typedef {wide} W;
struct Larger {{ __device__ W operator()(W a, W b) const {{ return (b > a || b != b) ? b : a; }} }};  // keeps a NaN
struct Sum {{ __device__ W operator()(W a, W b) const {{ return a + b; }} }};

// One row is shared by blockDim.x threads: one warp, or, if blockDim.y is 1, several.
template <typename F> __device__ W together(W v, F combine, W* shared) {{
  for (int d = 16; d > 0; d >>= 1) v = combine(v, __shfl_xor_sync(0xffffffffu, v, d));
  if (blockDim.x > 32) {{
    if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
    __syncthreads();
    v = shared[0];
    for (int k = 1; k < (int)(blockDim.x >> 5); ++k) v = combine(v, shared[k]);
    __syncthreads();
  }}
  return v;
}}

__device__ W largest(const T* row, long long n, W* shared) {{
  W m = -W(__int_as_float(0x7f800000));  // -inf
  for (long long k = threadIdx.x; k < n; k += blockDim.x) m = Larger()(m, W(row[k]));
  return together(m, Larger(), shared);
}}

__device__ W sum_of_exp(const T* row, long long n, W m, W* shared) {{
  W s = 0;
  for (long long k = threadIdx.x; k < n; k += blockDim.x) s += exp(W(row[k]) - m);
  return together(s, Sum(), shared);
}}

#define FOR_ROWS for (long long r = blockIdx.x * (long long)blockDim.y + threadIdx.y; r < rows; \\
                      r += gridDim.x * (long long)blockDim.y)

extern "C" __global__ void zk_softmax(const T* x, T* y, long long rows, long long n) {{
  __shared__ W shared[32];
  FOR_ROWS {{
    const T* in = x + r * n;
    const W m = largest(in, n, shared), s = sum_of_exp(in, n, m, shared);
    for (long long k = threadIdx.x; k < n; k += blockDim.x) y[r * n + k] = T(exp(W(in[k]) - m) / s);
  }}
}}

extern "C" __global__ void zk_log_softmax(const T* x, T* y, long long rows, long long n) {{
  __shared__ W shared[32];
  FOR_ROWS {{
    const T* in = x + r * n;
    const W m = largest(in, n, shared), s = log(sum_of_exp(in, n, m, shared));
    for (long long k = threadIdx.x; k < n; k += blockDim.x) y[r * n + k] = T(W(in[k]) - m - s);
  }}
}}

extern "C" __global__ void zk_logsumexp(const T* x, T* y, long long rows, long long n) {{
  __shared__ W shared[32];
  FOR_ROWS {{
    const T* in = x + r * n;
    W m = largest(in, n, shared);
    const W s = sum_of_exp(in, n, m - m == W(0) ? m : W(0), shared);  // an infinite m would make inf - inf
    if (threadIdx.x == 0) y[r] = T(m - m == W(0) ? m + log(s) : m);
  }}
}}
"""


def row_source(dtype: str) -> str:
    """The CUDA source of the kernels `ROW_KERNELS` for one floating dtype."""
    return _ROWS.format(ctype=ROW_TYPES[dtype], wide="double" if dtype == "float64" else "float")
