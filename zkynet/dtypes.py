"""Data types and one promotion table for all backends.

A zkynet dtype *is* a `numpy.dtype`, so `x.dtype == np.float32` and `x.dtype == "float32"` hold on every backend.
`bfloat16` comes from `ml_dtypes` and is looked up on first use.

Promotion: the higher kind (bool < integer < floating < complex) decides. A float tensor with an integer tensor or a
Python number keeps the float's dtype; float64 with complex64 is complex128; float16 with bfloat16 is float32;
uint64 with a signed integer has no common integer type and is an error.
Decompositions of matrices and Fourier transforms, which no library has in 16 bits, make float16 and bfloat16 float32.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from zkynet.errors import DTypeError, described

bool = np.dtype("bool")
int8, int16, int32, int64 = (np.dtype(f"int{b}") for b in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{b}") for b in (8, 16, 32, 64))
float16, float32, float64 = (np.dtype(f"float{b}") for b in (16, 32, 64))
complex64, complex128 = np.dtype("complex64"), np.dtype("complex128")

__all__ = [
    "bool",
    "complex64",
    "complex128",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

default_float = float32
default_int = int64
default_complex = complex64

SIGNED = (int8, int16, int32, int64)
UNSIGNED = (uint8, uint16, uint32, uint64)
STANDARD = (bool, *SIGNED, *UNSIGNED, float32, float64, complex64, complex128)

_KNOWN = frozenset((*STANDARD, float16))

KINDS = ("bool", "integer", "floating", "complex")  # in the order of promotion
_KIND_OF_CODE = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
_bfloat16: Any = None


def __getattr__(name: str) -> Any:
    """`bfloat16`, imported when it is first asked for."""
    if name == "bfloat16":
        return _load_bfloat16()
    raise AttributeError(f"module 'zkynet.dtypes' has no attribute {name!r}")


def _load_bfloat16() -> Any:
    global _bfloat16
    if _bfloat16 is None:
        try:
            import ml_dtypes
        except ImportError as e:
            raise DTypeError(
                "bfloat16 needs the package ml_dtypes, which is not installed", fix="pip install ml_dtypes"
            ) from e
        _bfloat16 = np.dtype(ml_dtypes.bfloat16)
    return _bfloat16


def as_dtype(dtype: Any) -> np.dtype[Any]:
    """The dtype meant by a name, a Python type or a NumPy dtype.

    Example:
        >>> as_dtype("float32"), as_dtype(int)
        (dtype('float32'), dtype('int64'))
    """
    if isinstance(dtype, np.dtype) and dtype in _KNOWN:
        return dtype
    if dtype is float:
        return default_float
    if dtype is int:
        return default_int
    if dtype is complex:
        return default_complex
    if isinstance(dtype, str) and dtype == "bfloat16":
        return _load_bfloat16()
    if type(dtype).__name__ in ("dtype", "DType"):  # another library's
        return as_dtype(str(dtype).rpartition(".")[2])
    try:
        found = np.dtype(dtype).newbyteorder("=") if isinstance(dtype, (str, type, np.dtype)) else None
    except TypeError:
        found = None
    if found is None or not (found in _KNOWN or found.name == "bfloat16"):
        raise DTypeError(
            f"expected a data type, received {described(dtype)}", fix="use one such as zk.float32 or 'int64'"
        )
    return found


def kind_rank(dtype: np.dtype[Any]) -> int:
    """0 for bool, 1 for integers, 2 for floats (float16 and bfloat16 included), 3 for complex."""
    rank = _KIND_OF_CODE.get(dtype.kind)
    if rank is None:
        if dtype.name == "bfloat16":
            return 2
        raise DTypeError(f"zkynet has no data type {dtype}", fix="use booleans, integers, floats or complex numbers")
    return rank


def kind_name(dtype: np.dtype[Any]) -> str:
    """The kind of a dtype in words: bool, integer, floating or complex."""
    return KINDS[kind_rank(dtype)]


def is_differentiable(dtype: np.dtype[Any]) -> Any:
    """True for floating and complex dtypes."""
    return kind_rank(dtype) >= 2


def real_part_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """float32 for complex64, float64 for complex128, the dtype itself otherwise."""
    return {complex64: float32, complex128: float64}.get(dtype, dtype)


def complex_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """complex128 for 64-bit floats, complex64 for narrower ones, the dtype itself if complex."""
    if kind_rank(dtype) == 3:
        return dtype
    return complex128 if dtype == float64 else complex64


_cache: dict[tuple[Any, Any], Any] = {}


def promote(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The common dtype of two arrays, the same on every backend.

    Example:
        >>> promote(float32, int64), promote(int8, uint8), promote(float64, complex64)
        (dtype('float32'), dtype('int16'), dtype('complex128'))
    """
    if a is b:
        return a
    found = _cache.get((a, b))
    if found is None:
        found = _cache[a, b] = _promote(a, b)
    return found


def _promote(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    ra, rb = kind_rank(a), kind_rank(b)
    if ra == rb == 2 and a != b and a.itemsize == b.itemsize == 2:
        return float32  # float16 and bfloat16
    if ra == rb == 2:
        return a if a.itemsize >= b.itemsize else b
    if {ra, rb} == {2, 3}:
        return complex128 if float64 in (a, b) or complex128 in (a, b) else complex64
    if ra != rb:
        return a if ra > rb else b
    if ra == 1:
        common = np.promote_types(a, b)
        if common.kind == "f":
            raise DTypeError(
                f"{a} and {b} have no common integer type",
                facts=["uint64 holds numbers that no signed integer type holds"],
                fix="convert one of them first, for example x.astype(zk.int64)",
                dtypes=(a, b),
            )
        return common
    return np.promote_types(a, b)


def scalar_dtype(number: Any, dtype: np.dtype[Any] | None) -> np.dtype[Any]:
    """The dtype a Python number brings to a tensor of `dtype`: the tensor's own unless the number's kind is higher."""
    own: np.dtype[Any]
    if isinstance(number, (np.bool_, builtins.bool)):
        rank, own = 0, bool
    elif isinstance(number, int):
        rank, own = 1, default_int
    elif isinstance(number, float):
        rank, own = 2, default_float
    else:
        rank, own = 3, default_complex
    if dtype is None:
        return own
    have = kind_rank(dtype)
    if have >= rank:
        return dtype
    return complex_dtype(dtype) if rank == 3 and have == 2 else own


def require_fit(name: str, number: Any, dtype: np.dtype[Any], fix: str = "use a wider dtype") -> None:
    """Refuse a Python integer that an integer dtype cannot hold, on behalf of the function called `name`."""
    if dtype.kind in "iu" and isinstance(number, int):
        info = np.iinfo(dtype)
        if not info.min <= number <= info.max:
            raise DTypeError(
                f"{name}: the number {number} does not fit into {dtype}, which holds {info.min} to {info.max}",
                fix=fix,
                op=name,
            )
