"""Pooling on NumPy: windows as strided views, worked on axis by axis and in place.

A maximum over a window is one over its rows of maxima over its columns, and so is the way back: first the row that
holds the first maximum is found, then the column in it. At every step a cotangent goes to the first element that equals
the maximum, and what is left goes on to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES


def _max_pool(xp: Any, x: Any, window: Any) -> Any:
    x = _framed(x, window, _lowest(x.dtype))
    for axis in window.axes:
        x = _largest(x, window, axis)
    return x if x.base is None else x.copy()


def _lowest(dtype: Any) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _framed(x: Any, window: Any, value: Any) -> Any:
    """`x` in a frame as wide as the windows reach."""
    lead = x.shape[: -len(window.size)]
    if window.padded == window.shape:
        return x
    out = np.full((*lead, *window.padded), value, x.dtype) if value else np.zeros((*lead, *window.padded), x.dtype)
    out[window.inside] = x
    return out


def _key(axis: int, part: slice) -> tuple[Any, ...]:
    return (..., part, *(slice(None),) * (-1 - axis))


def _largest(x: Any, window: Any, axis: int) -> Any:
    """The maxima of windows of one axis."""
    first, *others = window.offsets_along(axis)
    if not others:
        return x[_key(axis, first)]
    out = np.maximum(x[_key(axis, first)], x[_key(axis, others[0])])
    for part in others[1:]:
        np.maximum(out, x[_key(axis, part)], out=out)
    return out


def _max_pool_back(xp: Any, g: Any, x: Any, ans: Any, window: Any) -> Any:
    # next to infinities and NaN the arithmetic below would spread NaN; the general way does not
    if g.dtype.itemsize < 4 or not np.isfinite(np.add.reduce(ans, None) + np.add.reduce(g, None)):
        return BODIES["nn.max_pool_back"](xp, g, x, ans, window)
    stages = [_framed(x, window, _lowest(x.dtype))]
    for axis in reversed(window.axes[1:]):
        stages.append(_largest(stages[-1], window, axis))
    largest = ans
    for axis in window.axes:
        x = stages.pop()
        g = _to_first(g, x, largest, window, axis)
        largest = x
    return g if window.padded == window.shape else g[window.inside]


def _to_first(g: Any, x: Any, largest: Any, window: Any, axis: int) -> Any:
    """Cotangents of maxima along an axis, each at the first element that equals its maximum."""
    size, stride, n = window.size[axis], window.stride[axis], x.shape[axis]
    apart = stride if window.dilation[axis] == 1 else 0  # so many offsets from the first on meet no element twice
    covered = size >= apart > 0 and (window.out[axis] - 1) * stride + min(size, apart) == n
    out = np.empty_like(x, g.dtype) if covered else np.zeros_like(x, g.dtype)  # in the order of `x` in memory
    spare = None
    for k, part in enumerate(window.offsets_along(axis)):
        key = _key(axis, part)
        target = out[key]
        if k == size - 1:
            if k < apart:
                target[...] = g
            else:
                target += g
        else:
            equal = x[key] == largest
            if k < apart:
                here = np.multiply(g, equal, target)
            else:
                here = spare = np.multiply(g, equal, spare)
                target += here
            g = np.subtract(g, here, g if k else None)
    return out


def _avg_pool(xp: Any, x: Any, window: Any, divisor: Any) -> Any:
    if x.dtype.itemsize < 4:
        return _avg_pool(xp, x.astype(np.float32), window, divisor).astype(x.dtype)
    if window.size == window.shape == window.padded and isinstance(divisor, int):  # one window of everything
        lead = x.shape[: -len(window.size)]
        total = np.add.reduce(x.reshape(*lead, prod(window.shape)), -1)
        return np.divide(total, _divisor(divisor, x.dtype)).reshape(*lead, *window.out)
    x = _framed(x, window, 0)
    for axis in window.axes:
        first, *others = window.offsets_along(axis)
        out = x[_key(axis, first)]
        if others:
            out = out + x[_key(axis, others[0])]
        for part in others[1:]:
            out += x[_key(axis, part)]
        x = out
    return np.divide(x, _divisor(divisor, x.dtype), x if x.base is None and any(k > 1 for k in window.size) else None)


def _divisor(divisor: Any, dtype: Any) -> Any:
    if isinstance(divisor, int):
        return np.array(divisor, dtype)
    total: Any = 1
    for counts in divisor:
        total = np.multiply.outer(total, np.array(counts, dtype))
    return total


def _avg_pool_back(xp: Any, g: Any, window: Any, divisor: Any) -> Any:
    if g.dtype.itemsize < 4:
        return _avg_pool_back(xp, g.astype(np.float32), window, divisor).astype(g.dtype)
    g = g / _divisor(divisor, g.dtype)
    if window.size == window.shape == window.padded:
        out = np.empty((*g.shape[: -len(window.size)], *window.shape), g.dtype)
        out[...] = g
        return out
    for axis in reversed(window.axes):
        shape = list(g.shape)
        shape[axis] = window.padded[axis]
        out = np.zeros(shape, g.dtype)
        apart = window.stride[axis] >= window.size[axis] and window.dilation[axis] == 1
        for part in window.offsets_along(axis):
            if apart:
                out[_key(axis, part)] = g
            else:
                out[_key(axis, part)] += g
        g = out
    return g if window.padded == window.shape else g[window.inside]


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.max_pool": _max_pool,
    "nn.max_pool_back": _max_pool_back,
    "nn.avg_pool": _avg_pool,
    "nn.avg_pool_back": _avg_pool_back,
}
