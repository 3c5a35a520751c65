"""The standard namespace on CuPy: array-api-compat's, with what is wrong there on CuPy put right.

What is put right, and why (CuPy 14.2, array-api-compat 1.16):
- ``device=`` of the creation functions is looked at by nobody; here it is where the array is made.
- ``full`` fills with memset wherever the value equals 0, which loses the sign of -0.
- ``clip`` and ``sign`` select by boolean masks, which waits for the GPU; here each is one kernel.
- ``remainder`` and ``floor_divide`` round the quotient first, which is wrong for inexact quotients and infinities.
- ``vecdot`` goes through a stack of tiny matrix products; ``linalg.solve`` does not broadcast stacks.
- ``log1p`` and ``expm1`` of small complex numbers have few digits; some others lose an infinity beside a NaN.
- ``linalg`` returns NaN for matrices without an answer; here it raises, as NumPy does.
- ``from_dlpack`` takes neither host memory nor ``copy=``.
- Some functions have no bfloat16 version and would answer in float32, or not at all; ``var`` overflows in float16.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from functools import wraps
from typing import Any

import numpy as np

from zkynet_cupy import sources
from zkynet_cupy.dtypes import BFLOAT16, HALVES
from zkynet_cupy.elementwise import REAL, make

Function = Callable[..., Any]

CREATION = ("arange", "empty", "eye", "linspace", "ones", "zeros")
LIKE = ("empty_like", "ones_like", "zeros_like", "full_like")
NO_BFLOAT16 = (
    "argsort",
    "cumulative_prod",
    "cumulative_sum",
    "nonzero",
    "round",
    "searchsorted",
    "sort",
    "tril",
    "triu",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
)
"""Functions without a bfloat16 version: computed in float32, which holds every bfloat16, and cast back."""

IN_FLOAT32 = ("std", "var")
"""Functions that overflow inside in float16."""

RAISING = ("solve", "inv", "cholesky", "eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals", "pinv", "lstsq", "qr")


class Namespace:
    """The functions given by name, and for all others those of another namespace."""

    def __init__(self, functions: dict[str, Any], rest: Any) -> None:
        self.__dict__.update(functions)
        self._rest = rest

    def __getattr__(self, name: str) -> Any:
        if name == "_rest":
            raise AttributeError(name)
        return getattr(self._rest, name)


def make_standard(cupy: Any, compat: Any, matmul: Function) -> Namespace:
    """The namespace; `matmul` is called as ``matmul(None, x, y)``."""
    functions: dict[str, Any] = {name: placed(getattr(compat, name)) for name in CREATION}
    functions |= {name: placed_like(cupy, getattr(compat, name)) for name in LIKE}
    functions |= {name: through_float32(getattr(compat, name)) for name in NO_BFLOAT16}
    functions |= {name: through_float32(getattr(compat, name), HALVES) for name in IN_FLOAT32}
    functions |= creation(cupy, compat) | elementwise(cupy, compat)
    product = products(cupy, compat, matmul)
    functions |= product | {"linalg": Namespace(linalg(cupy, compat) | product, compat.linalg)}
    return Namespace(functions, compat)


def placed(function: Function) -> Function:
    """A creation function with a ``device=`` that works."""

    @wraps(function)
    def call(*args: Any, device: Any = None, **kwargs: Any) -> Any:
        if device is None:
            return function(*args, **kwargs)
        with device:
            return function(*args, **kwargs)

    return call


def placed_like(cupy: Any, function: Function) -> Function:
    """The same of a function that makes an array like another one, by default on the device of that."""

    @wraps(function)
    def call(x: Any, /, *args: Any, device: Any = None, **kwargs: Any) -> Any:
        with device or cupy.cuda.Device(x.data.device_id):
            return function(x, *args, **kwargs)

    return call


def through_float32(function: Function, dtypes: Set[Any] = BFLOAT16) -> Function:
    """A function that takes these 16-bit dtypes although the library's does not, or not well."""

    def widen(value: Any) -> Any:
        return value.astype(np.float32) if getattr(value, "dtype", None) in dtypes else value

    def narrow(value: Any, dtype: Any) -> Any:
        if isinstance(value, tuple):
            parts = [narrow(v, dtype) for v in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        return value.astype(dtype) if value.dtype == np.float32 else value

    @wraps(function)
    def call(x: Any, /, *args: Any, **kwargs: Any) -> Any:
        if x.dtype not in dtypes:
            return function(x, *args, **kwargs)
        return narrow(function(widen(x), *map(widen, args), **kwargs), x.dtype)

    return call


def is_bfloat16(value: Any) -> bool:
    """Whether `value` is an array of bfloat16."""
    return getattr(value, "dtype", None) in BFLOAT16


def creation(cupy: Any, compat: Any) -> dict[str, Function]:
    """Functions that make arrays of values."""

    def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
        with device or cupy.cuda.Device():
            if not is_negative_zero(fill_value):
                return cupy.full(shape, fill_value, dtype=dtype)
            value = np.asarray(fill_value)
            value = value if dtype is None else value.astype(dtype)
            return cupy.broadcast_to(from_host(cupy, value), shape).copy()

    def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
        where = device or cupy.cuda.Device(x.data.device_id)
        return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype, device=where)

    def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
        on_host = not isinstance(x, cupy.ndarray) and x.__dlpack_device__()[0] in (1, 3)  # CPU memory, pinned or not
        if on_host and copy is False:
            raise BufferError("host memory cannot be shared with the GPU")
        with device or cupy.cuda.Device():
            if on_host:
                return from_host(cupy, np.from_dlpack(x))
            out = cupy.from_dlpack(x)
            if out.data.device_id != cupy.cuda.Device().id and device is not None:
                if copy is False:
                    raise BufferError("memory cannot be shared with another device")
                return cupy.asarray(out)
            return out.copy() if copy else out

    return {"full": full, "full_like": full_like, "from_dlpack": from_dlpack}


def from_host(cupy: Any, array: np.ndarray[Any, Any]) -> Any:
    """A NumPy array on the current device. CuPy itself makes +0 of an array without axes that holds -0."""
    if array.ndim == 0 and array.dtype.kind not in "biu" and is_negative_zero(array.item()):
        return cupy.asarray(array.reshape(1)).reshape(())
    return cupy.asarray(array)


def is_negative_zero(value: Any) -> bool:
    """Whether a number is zero with a minus sign, or a complex one with such a part."""
    if value != 0:
        return False
    number = complex(value)
    return math.copysign(1, number.real) < 0 or math.copysign(1, number.imag) < 0


def elementwise(cupy: Any, compat: Any) -> dict[str, Function]:
    """Functions that work element by element, and `isdtype`."""
    clip_both, clip_low, clip_high, choose = (make(cupy, k) for k in sources.ANY_TYPE)
    in_complex = {k.name.removeprefix("complex_"): make(cupy, k) for k in sources.COMPLEX}
    exact = {k.name: make(cupy, k) for k in sources.ELEMENTWISE if k.name in ("remainder", "floor_divide")}

    def bound(value: Any, dtype: np.dtype[Any]) -> Any:
        """A bound of `clip` in the dtype of what is clipped; integers beyond its range at its ends."""
        if isinstance(value, cupy.ndarray):
            return value.astype(dtype, copy=False)
        if dtype.kind in "iu":
            ends = np.iinfo(dtype)
            return min(max(value, ends.min), ends.max)
        return value

    def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
        low = None if min is None else bound(min, x.dtype)
        high = None if max is None else bound(max, x.dtype)
        if low is None:
            return x.copy() if high is None else clip_high(x, high)
        return clip_low(x, low) if high is None else clip_both(x, low, high)

    def where(condition: Any, x1: Any, x2: Any, /) -> Any:
        if is_bfloat16(x1) or is_bfloat16(x2):
            dtypes = {v.dtype for v in (x1, x2) if isinstance(v, cupy.ndarray)}
            if len(dtypes) == 1:
                return choose(condition, x1, x2)
        return cupy.where(condition, x1, x2)

    def floating(name: str) -> Function:
        kernel, usual = exact[name], getattr(cupy, name)

        def call(x1: Any, x2: Any, /) -> Any:
            arrays = [v for v in (x1, x2) if isinstance(v, cupy.ndarray)]
            dtype = arrays[0].dtype
            if dtype in REAL and arrays[-1].dtype == dtype:
                return kernel(x1, x2)
            return usual(x1, x2)

        return call

    def of_complex(name: str) -> Function:
        kernel, usual = in_complex[name], getattr(compat, name)

        def call(x: Any, /) -> Any:
            return kernel(x) if x.dtype.kind == "c" else usual(x)

        return call

    def isdtype(dtype: Any, kind: Any) -> bool:
        if dtype in BFLOAT16:
            kinds = kind if isinstance(kind, tuple) else (kind,)
            return any(k in ("real floating", "numeric") if isinstance(k, str) else k == dtype for k in kinds)
        return bool(compat.isdtype(dtype, kind))

    return {
        "clip": clip,
        "where": where,
        "sign": cupy.sign,
        "isdtype": isdtype,
        **{name: floating(name) for name in exact},
        **{name: of_complex(name) for name in in_complex},
    }


def products(cupy: Any, compat: Any, matmul: Function) -> dict[str, Function]:
    """Products of matrices and vectors, which the main namespace and `linalg` share."""

    def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
        if x1.shape[axis] != x2.shape[axis]:
            raise ValueError(f"the vectors have lengths {x1.shape[axis]} and {x2.shape[axis]}")
        return cupy.sum((cupy.conj(x1) if x1.dtype.kind == "c" else x1) * x2, axis=axis, dtype=x1.dtype)

    def both(x1: Any, x2: Any, /) -> Any:
        return matmul(None, x1, x2)

    return {"matmul": both, "vecdot": vecdot}


def linalg(cupy: Any, compat: Any) -> dict[str, Function]:
    """Functions of matrices, which raise `numpy.linalg.LinAlgError` where there is no answer."""
    from cupyx import errstate

    def raising(function: Function) -> Function:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with errstate(linalg="raise"):
                return function(*args, **kwargs)

        return call

    def solve(x1: Any, x2: Any, /) -> Any:
        if x2.ndim > 1 and x1.shape[:-2] != x2.shape[:-2]:
            batch = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
            x1 = cupy.broadcast_to(x1, batch + x1.shape[-2:])
            x2 = cupy.broadcast_to(x2, batch + x2.shape[-2:])
        return compat.linalg.solve(x1, x2)

    found = {name: getattr(compat.linalg, name, None) for name in RAISING} | {"solve": solve}
    return {name: raising(function) for name, function in found.items() if function is not None}
