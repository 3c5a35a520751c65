"""Names, signatures, dtypes and promotion of the Array API standard, version 2025.12, as tables."""

from __future__ import annotations

import inspect
import itertools

VERSION = "2025.12"

# -- signatures -------------------------------------------------------------------------------------------------------

_X = "(x, /)"
_PAIR = "(x1, x2, /)"
_NEW = "*, dtype=None, device=None"
_REDUCED = "(x, /, *, axis=None, keepdims=False)"
_SUMMED = "(x, /, *, axis=None, dtype=None, keepdims=False)"
_SPREAD = "(x, /, *, axis=None, correction=0.0, keepdims=False)"
_RUNNING = "(x, /, *, axis=None, dtype=None, include_initial=False)"
_SORTED = "(x, /, *, axis=-1, descending=False, stable=True)"
_FFT = "(x, /, *, n=None, axis=-1, norm='backward')"
_FFTN = "(x, /, *, s=None, axes=None, norm='backward')"
_FREQUENCIES = "(n, /, *, d=1.0, dtype=None, device=None)"

MAIN = {
    # element by element
    "abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor imag isfinite isinf": _X,
    "isnan log log1p log2 log10 logical_not negative positive real reciprocal round sign signbit sin sinh": _X,
    "square sqrt tan tanh trunc": _X,
    "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign divide equal": _PAIR,
    "floor_divide greater greater_equal hypot less less_equal logaddexp logical_and logical_or logical_xor": _PAIR,
    "maximum minimum multiply nextafter not_equal pow remainder subtract": _PAIR,
    "clip": "(x, /, min=None, max=None)",
    # creation
    "arange": f"(start, /, stop=None, step=1, {_NEW})",
    "asarray": f"(obj, /, {_NEW}, copy=None)",
    "empty ones zeros": f"(shape, {_NEW})",
    "empty_like ones_like zeros_like": f"(x, /, {_NEW})",
    "eye": f"(n_rows, n_cols=None, /, *, k=0, {_NEW[3:]})",
    "from_dlpack": "(x, /, *, device=None, copy=None)",
    "full": f"(shape, fill_value, {_NEW})",
    "full_like": f"(x, /, fill_value, {_NEW})",
    "linspace": f"(start, stop, /, num, {_NEW}, endpoint=True)",
    "meshgrid": "(*arrays, indexing='xy')",
    "tril triu": "(x, /, *, k=0)",
    # data types
    "astype": "(x, dtype, /, *, copy=True, device=None)",
    "can_cast": "(from_, to, /)",
    "finfo iinfo": "(type, /)",
    "isdtype": "(dtype, kind)",
    "result_type": "(*arrays_and_dtypes)",
    # indexing, searching, sets, sorting
    "take": "(x, indices, /, *, axis=None)",
    "take_along_axis": "(x, indices, /, *, axis=-1)",
    "argmax argmin count_nonzero": _REDUCED,
    "nonzero": _X,
    "searchsorted": "(x1, x2, /, *, side='left', sorter=None)",
    "where": "(condition, x1, x2, /)",
    "isin": "(x1, x2, /, *, invert=False)",
    "unique_all unique_counts unique_inverse unique_values": _X,
    "argsort sort": _SORTED,
    # shapes
    "broadcast_arrays": "(*arrays)",
    "broadcast_shapes": "(*shapes)",
    "broadcast_to": "(x, /, shape)",
    "concat stack": "(arrays, /, *, axis=0)",
    "expand_dims squeeze": "(x, /, axis)",
    "flip": "(x, /, *, axis=None)",
    "moveaxis": "(x, source, destination, /)",
    "permute_dims": "(x, /, axes)",
    "repeat": "(x, repeats, /, *, axis=None)",
    "reshape": "(x, /, shape, *, copy=None)",
    "roll": "(x, /, shift, *, axis=None)",
    "tile": "(x, repetitions, /)",
    "unstack": "(x, /, *, axis=0)",
    # statistics
    "all any max mean min": _REDUCED,
    "prod sum": _SUMMED,
    "std var": _SPREAD,
    "cumulative_prod cumulative_sum": _RUNNING,
    "diff": "(x, /, *, axis=-1, n=1, prepend=None, append=None)",
    # products of matrices and vectors
    "matmul": _PAIR,
    "matrix_transpose": _X,
    "tensordot": "(x1, x2, /, *, axes=2)",
    "vecdot": "(x1, x2, /, *, axis=-1)",
    # what the namespace says of itself
    "__array_namespace_info__": "()",
}

LINALG = {
    "cholesky": "(x, /, *, upper=False)",
    "cross": "(x1, x2, /, *, axis=-1)",
    "det eig eigh eigvals eigvalsh inv matrix_transpose slogdet svdvals": _X,
    "diagonal": "(x, /, *, offset=0)",
    "matmul outer solve": _PAIR,
    "matrix_norm": "(x, /, *, keepdims=False, ord='fro')",
    "matrix_power": "(x, n, /)",
    "matrix_rank pinv": "(x, /, *, rtol=None)",
    "qr": "(x, /, *, mode='reduced')",
    "svd": "(x, /, *, full_matrices=True)",
    "tensordot": "(x1, x2, /, *, axes=2)",
    "trace": "(x, /, *, offset=0, dtype=None)",
    "vecdot": "(x1, x2, /, *, axis=-1)",
    "vector_norm": "(x, /, *, axis=None, keepdims=False, ord=2)",
}

FFT = {
    "fft ifft rfft irfft hfft ihfft": _FFT,
    "fftn ifftn rfftn irfftn": _FFTN,
    "fftfreq rfftfreq": _FREQUENCIES,
    "fftshift ifftshift": "(x, /, *, axes=None)",
}

INFO = {
    "capabilities default_device devices": "()",
    "default_dtypes": "(*, device=None)",
    "dtypes": "(*, device=None, kind=None)",
}

METHODS = {
    "__abs__ __bool__ __complex__ __dlpack_device__ __float__ __index__ __int__ __invert__ __neg__ __pos__": "()",
    "__add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __pow__ __matmul__": "(other, /)",
    "__radd__ __rsub__ __rmul__ __rtruediv__ __rfloordiv__ __rmod__ __rpow__ __rmatmul__": "(other, /)",
    "__iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__ __imatmul__": "(other, /)",
    "__and__ __or__ __xor__ __lshift__ __rshift__ __rand__ __ror__ __rxor__ __rlshift__ __rrshift__": "(other, /)",
    "__iand__ __ior__ __ixor__ __ilshift__ __irshift__": "(other, /)",
    "__eq__ __ne__ __lt__ __le__ __gt__ __ge__": "(other, /)",
    "__getitem__": "(key, /)",
    "__setitem__": "(key, value, /)",
    "__array_namespace__": "(*, api_version=None)",
    "__dlpack__": "(*, stream=None, max_version=None, dl_device=None, copy=None)",
    "to_device": "(device, /, *, stream=None)",
}

ATTRIBUTES = ("dtype", "device", "mT", "ndim", "shape", "size", "T")
CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")


def signatures(table: dict[str, str]) -> dict[str, inspect.Signature]:
    """The signature of every name in a table."""
    found = {}
    for names, parameters in table.items():
        scope: dict[str, object] = {}
        exec(f"def f{parameters}: ...", scope)
        for name in names.split():
            assert name not in found, f"{name} is in the table twice"
            found[name] = inspect.signature(scope["f"])  # type: ignore[arg-type]
    return found


# -- dtypes -----------------------------------------------------------------------------------------------------------

BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGER = SIGNED + UNSIGNED
REAL_FLOAT = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
FLOAT = REAL_FLOAT + COMPLEX
REAL = INTEGER + REAL_FLOAT
NUMERIC = REAL + COMPLEX
ALL = BOOL + NUMERIC

KINDS = {
    "bool": BOOL,
    "signed integer": SIGNED,
    "unsigned integer": UNSIGNED,
    "integral": INTEGER,
    "real floating": REAL_FLOAT,
    "complex floating": COMPLEX,
    "numeric": NUMERIC,
}
"""The standard's names of groups of dtypes."""

# rows and columns in the same order; a dot where the standard promises nothing
_INTEGER_TABLE = """
        int8  int16 int32 int64 uint8  uint16 uint32 uint64
 int8   int8  int16 int32 int64 int16  int32  int64  .
 int16  int16 int16 int32 int64 int16  int32  int64  .
 int32  int32 int32 int32 int64 int32  int32  int64  .
 int64  int64 int64 int64 int64 int64  int64  int64  .
 uint8  int16 int16 int32 int64 uint8  uint16 uint32 uint64
 uint16 int32 int32 int32 int64 uint16 uint16 uint32 uint64
 uint32 int64 int64 int64 int64 uint32 uint32 uint32 uint64
 uint64 .     .     .     .     uint64 uint64 uint64 uint64
"""
_FLOAT_TABLE = """
            float32    float64    complex64  complex128
 float32    float32    float64    complex64  complex128
 float64    float64    float64    complex128 complex128
 complex64  complex64  complex128 complex64  complex128
 complex128 complex128 complex128 complex128 complex128
"""

PROMOTION = {("bool", "bool"): "bool"}
"""The common dtype of two dtypes of one kind (real and complex floats count as one)."""

for _table in (_INTEGER_TABLE, _FLOAT_TABLE):
    _columns, *_rows = [line.split() for line in _table.strip().splitlines()]
    for _row, _cells in ((r[0], r[1:]) for r in _rows):
        PROMOTION.update({(_row, c): p for c, p in zip(_columns, _cells, strict=True) if p != "."})


def pairs(dtypes: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """The pairs of dtypes that have a common one by the standard, with that."""
    found = [(a, b, PROMOTION[a, b]) for a, b in itertools.product(dtypes, dtypes) if (a, b) in PROMOTION]
    return [(a, b, p) for a, b, p in found if p in dtypes]


def real_part(dtype: str) -> str:
    """The dtype of the real part of numbers of a dtype."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def complex_of(dtype: str) -> str:
    """The complex dtype as precise as a floating one."""
    return {"float32": "complex64", "float64": "complex128"}.get(dtype, dtype)


def summed(dtype: str) -> str:
    """The dtype of a sum: integers narrower than the default one become it, of their own signedness."""
    if dtype in SIGNED:
        return "int64"
    return "uint64" if dtype in UNSIGNED else dtype
