"""What NumPy does better than the generic bodies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from zkynet_numpy.scatter import add_at, names_places_once

KERNELS: dict[str, Callable[..., Any]] = {}


def _floor_divide(xp: Any, x1: Any, x2: Any) -> Any:
    out = np.floor_divide(x1, x2)
    if out.dtype.kind != "f":
        return out
    infinite = np.isinf(x1) | np.isinf(x2)  # the standard asks for the floor of the quotient, NumPy gives NaN or -1
    return np.where(infinite, np.floor(np.divide(x1, x2)), out) if infinite.any() else out


KERNELS["floor_divide"] = _floor_divide


def _expm1(xp: Any, x: Any) -> Any:
    out = np.expm1(x)
    if out.dtype.kind != "c":
        return out
    out = np.array(out)
    out.real += 0.0  # never a negative zero
    unbounded = ~np.isfinite(out)  # there NumPy multiplies infinity by the sine of zero
    return np.where(unbounded, np.exp(x) - 1, out) if unbounded.any() else out


KERNELS["expm1"] = _expm1


def _isclose(xp: Any, x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    return np.isclose(x1, x2, rtol, atol, equal_nan)


KERNELS["isclose"] = _isclose


def _sign(xp: Any, x: Any) -> Any:
    out = np.sign(x)  # of complex numbers too, without dividing by zero; there NaN next to infinity is still NaN
    return out if out.dtype.kind != "c" else np.where(np.isnan(x), complex(np.nan, np.nan), out)


KERNELS["sign"] = _sign


def _astype(xp: Any, x: Any, dtype: Any, copy: bool = True, device: Any = None) -> Any:
    return x.astype(dtype, copy=copy)


KERNELS["astype"] = _astype


@cache
def _zero(dtype: Any) -> Any:
    return np.zeros((), dtype)  # an array as an operand is quicker than a Python number


def _relu(xp: Any, x: Any) -> Any:
    return np.maximum(x, _zero(x.dtype))


KERNELS["relu"] = _relu


def _sigmoid(xp: Any, x: Any) -> Any:
    if x.dtype.itemsize < 4:
        return _sigmoid(xp, x.astype(np.float32)).astype(x.dtype)
    one = xp.backend.constants(x.dtype)[1]
    out = np.exp(np.negative(x))
    if not out.shape:  # a number: there is no memory to write to
        return one / (out + one)
    np.add(out, one, out)
    return np.divide(one, out, out)


KERNELS["sigmoid"] = _sigmoid


def _put_into_zeros(xp: Any, values: Any, shape: Any, key: Any) -> Any:
    out = np.zeros(shape, values.dtype)
    parts = key if isinstance(key, tuple) else (key,)
    if names_places_once(parts):
        out[key] = values
    else:
        add_at(out, parts, values)
    return out


KERNELS["put_into_zeros"] = _put_into_zeros


# -- bfloat16, of which NumPy knows little: products come out wider, and so does what meets a Python number -----------


def _matmul(xp: Any, x1: Any, x2: Any) -> Any:
    out = np.matmul(x1, x2)
    return out if out.dtype.kind != "f" or x1.dtype.kind == "f" else out.astype(x1.dtype)


def _vecdot(xp: Any, x1: Any, x2: Any, axis: int = -1) -> Any:
    products: Any = np.vecdot
    out = products(x1, x2, axis=axis)
    return out if out.dtype.kind != "f" or x1.dtype.kind == "f" else out.astype(x1.dtype)


def _pow(xp: Any, x1: Any, x2: Any) -> Any:
    for x in (x1, x2):
        if isinstance(x, np.ndarray) and x.dtype.kind == "V":
            return np.pow(np.asarray(x1, x.dtype), np.asarray(x2, x.dtype))
    return np.pow(x1, x2)


def _finfo(xp: Any, dtype: Any) -> Any:
    if dtype.kind != "V":
        return np.finfo(dtype)
    import ml_dtypes

    return ml_dtypes.finfo(dtype)


KERNELS.update(matmul=_matmul, vecdot=_vecdot, pow=_pow, finfo=_finfo)
