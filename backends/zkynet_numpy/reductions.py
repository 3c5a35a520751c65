"""Reductions by NumPy's ufuncs, which spares `numpy.sum` and its kin's way through Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _axes(x: Any, axis: Any) -> Any:
    if axis is not None:
        if type(axis) is list:
            return tuple(axis)
        if not x.shape and axis != ():
            raise np.exceptions.AxisError(axis, 0)  # the ufuncs would take 0 and -1
    return axis


def _reduction(ufunc: np.ufunc) -> Callable[..., Any]:
    reduce: Callable[..., Any] = ufunc.reduce

    def kernel(xp: Any, x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
        return reduce(x, _axes(x, axis), dtype, None, keepdims)

    return kernel


def _running(ufunc: np.ufunc, with_initial: Callable[..., Any]) -> Callable[..., Any]:
    accumulate: Callable[..., Any] = ufunc.accumulate

    def kernel(xp: Any, x: Any, axis: Any = None, dtype: Any = None, include_initial: bool = False) -> Any:
        if include_initial or axis is None:
            return with_initial(x, axis=axis, dtype=dtype, include_initial=include_initial)
        return accumulate(x, axis, dtype)

    return kernel


_add: Callable[..., Any] = np.add.reduce
_half_mean: Callable[..., Any] = np.mean


def _mean(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axis = _axes(x, axis)
    if x.dtype.itemsize < 4:  # half precision is added up in single precision
        return _half_mean(x, axis=axis, keepdims=keepdims) if x.size else _add(x, axis, None, None, keepdims) * np.nan
    total = _add(x, axis, None, None, keepdims)
    return total / total.dtype.type(x.size / total.size if total.size else 1)


def _var(xp: Any, x: Any, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    axis = _axes(x, axis)
    half = x.dtype.itemsize < 4
    if half:
        dtype, x = x.dtype, x.astype(np.float32)
    distance = x - _mean(xp, x, axis, True)
    squares = distance.real**2 + distance.imag**2 if x.dtype.kind == "c" else distance * distance
    total = _add(squares, axis, None, None, keepdims)
    freedom = (x.size / total.size if total.size else 1) - correction
    out = total / total.dtype.type(freedom if freedom > 0 else np.nan)
    return out.astype(dtype) if half else out


def _std(xp: Any, x: Any, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return np.sqrt(_var(xp, x, axis, correction, keepdims))


def _diff(xp: Any, x: Any, axis: int = -1, n: int = 1) -> Any:
    return np.diff(x, n=n, axis=axis)


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": _reduction(np.add),
    "prod": _reduction(np.multiply),
    "max": _reduction(np.maximum),
    "min": _reduction(np.minimum),
    "all": _reduction(np.logical_and),
    "any": _reduction(np.logical_or),
    "mean": _mean,
    "var": _var,
    "std": _std,
    "cumulative_sum": _running(np.add, np.cumulative_sum),
    "cumulative_prod": _running(np.multiply, np.cumulative_prod),
    "diff": _diff,
}
