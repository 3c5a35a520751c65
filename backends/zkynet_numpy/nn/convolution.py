"""Convolutions as matrix products, in three ways; which one is best depends on the batch and on the groups.

- `batch_last`: the batch is the last axis in memory, so that a window is a matrix as it lies there: no copies. It takes
  a batch of some size, and results stay in that order for the next layer: to the user they are (N, C, ...) as ever.
- `banded`: groups of few channels (depthwise convolutions above all), a stripe of the image at a time.
- `columns` (this file): everything else. The windows of an image are copied to the columns of a matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from zkynet.nn.functional import sliding
from zkynet_numpy.nn import banded, batch_last

COLUMNS = 1 << 18
"""How many elements of columns are made at once: they are to stay in the cache."""


def _in_float32(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel whose products of 16-bit numbers are made and added in float32 and rounded once."""

    def widened(xp: Any, a: Any, b: Any, *rest: Any) -> Any:
        if a.dtype.itemsize > 2:
            return kernel(a, b, *rest)
        wide = [r.astype(np.float32) if isinstance(r, np.ndarray) else r for r in (a, b, *rest)]
        return kernel(*wide).astype(a.dtype)

    return widened


def _way(batch: int, groups: int, channels: int, results: int) -> Any:
    """The module that is best at so many examples and groups with so many channels each, on either side."""
    if groups > 1 and min(channels, results) < 16:
        return banded
    return batch_last if batch >= 16 else None


def conv(x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What the kernel finds in every window."""
    n, results, channels, kernel = x.shape[0], weight.shape[0] // groups, weight.shape[1], weight.shape[2:]
    lengths = sliding.counts(x.shape[2:], kernel, stride, padding, dilation)
    if not (n and results and channels and min(lengths)):
        y = np.zeros((n, weight.shape[0], *lengths), x.dtype)
        return y if bias is None else _with_bias(y, bias)
    way = _way(n, groups, channels, results)
    if way is not None:
        return way.conv(x, weight, bias, lengths, stride, padding, dilation, groups)
    windows = _windows(x, kernel, lengths, stride, padding, dilation)
    w = weight.reshape(groups, results, channels * prod(kernel))
    y = np.empty((n, groups, results, prod(lengths)), x.dtype)
    step = _step(windows)
    for a in range(0, n, step):
        np.matmul(w, _as_columns(windows[a : a + step], groups), out=y[a : a + step])
    y = y.reshape(n, groups * results, *lengths)
    return y if bias is None else _with_bias(y, bias)


def conv_input(
    y: Any, weight: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """Every value spread over its window."""
    n, results, channels, kernel = y.shape[0], weight.shape[0] // groups, weight.shape[1], weight.shape[2:]
    lengths = y.shape[2:]
    if not (n and results and channels and min(lengths)):
        x = np.zeros((n, groups * channels, *sizes), y.dtype)
        return x if bias is None else _with_bias(x, bias)
    way = _way(n, groups, channels, results)
    if way is not None:
        return way.conv_input(y, weight, bias, sizes, stride, padding, dilation, groups)
    w = weight.reshape(groups, results, channels * prod(kernel)).swapaxes(1, 2)
    y = y.reshape(n, groups, results, prod(lengths))
    frame = np.zeros((n, groups * channels, *sliding.frame_sizes(sizes, padding)), y.dtype)
    offsets = [
        (slice(None), slice(None), *sliding.met(offset, lengths, stride, dilation))
        for offset in sliding.offsets(kernel)
    ]
    step = max(1, COLUMNS // (groups * channels * len(offsets) * prod(lengths)))
    for a in range(0, n, step):
        parts = np.matmul(w, y[a : a + step]).reshape(-1, groups * channels, len(offsets), *lengths)
        part_of_frame = frame[a : a + step]
        for k, place in enumerate(offsets):
            met = part_of_frame[place]
            met += parts[:, :, k]
    x = unframed(frame, sizes, padding)
    return x if bias is None else _with_bias(x, bias)


def conv_weight(x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What each offset of the kernel meets, weighted by `y`."""
    n, results, channels, lengths = y.shape[0], y.shape[1] // groups, x.shape[1] // groups, y.shape[2:]
    if not (n and results and channels and min(lengths)):
        return np.zeros((y.shape[1], channels, *kernel), x.dtype)
    way = _way(n, groups, channels, results)
    if way is not None:
        return way.conv_weight(x, y, kernel, stride, padding, dilation, groups)
    windows = _windows(x, kernel, lengths, stride, padding, dilation)
    y = y.reshape(n, groups, results, prod(lengths))
    out = np.zeros((groups, results, channels * prod(kernel)), x.dtype)
    step = _step(windows)
    for a in range(0, n, step):
        products = np.matmul(y[a : a + step], _as_columns(windows[a : a + step], groups).swapaxes(2, 3))
        out += np.add.reduce(products, 0)
    return out.reshape(y.shape[1] * results, channels, *kernel)


def _windows(x: Any, kernel: Any, lengths: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """A view (N, C, *kernel, *windows) of `x` in its frame."""
    frame = framed(x, padding)
    far = frame.strides[2:]
    apart = [d * b for d, b in zip(dilation, far, strict=True)]
    on = [s * b for s, b in zip(stride, far, strict=True)]
    return as_strided(frame, (*x.shape[:2], *kernel, *lengths), (*frame.strides[:2], *apart, *on), writeable=False)


def _as_columns(windows: Any, groups: int) -> Any:
    """Windows as matrices (N, groups, C / groups * kernel, windows); a copy if they overlap."""
    n, channels, ndim = windows.shape[0], windows.shape[1], (windows.ndim - 2) // 2
    rows = channels // groups * prod(windows.shape[2 : 2 + ndim])
    return windows.reshape(n, groups, rows, prod(windows.shape[2 + ndim :]))


def _step(windows: Any) -> int:
    return max(1, COLUMNS // prod(windows.shape[1:]))


def framed(x: Any, padding: Any) -> Any:
    """`x` with its last axes padded or cut."""
    if not any(n for pair in padding for n in pair):
        return x
    inside, place = sliding.overlap(x.shape[2:], padding)
    frame = np.zeros((*x.shape[:2], *sliding.frame_sizes(x.shape[2:], padding)), x.dtype)
    frame[(slice(None), slice(None), *place)] = x[(slice(None), slice(None), *inside)]
    return frame


def unframed(frame: Any, sizes: Any, padding: Any) -> Any:
    """The elements of a frame (N, C, ...) that belong to an array of those sizes: a view, if it has them all."""
    if not any(n for pair in padding for n in pair):
        return frame
    inside, place = sliding.overlap(sizes, padding)
    part = frame[(slice(None), slice(None), *place)]
    if part.shape[2:] == tuple(sizes):
        return part
    out = np.zeros((*frame.shape[:2], *sizes), frame.dtype)
    out[(slice(None), slice(None), *inside)] = part
    return out


def _with_bias(y: Any, bias: Any) -> Any:
    y += bias.reshape(-1, *(1,) * (y.ndim - 2))
    return y


def channel_sum(xp: Any, x: Any) -> Any:
    """The sum over all axes but the second, as a product with ones, which is faster than to add column by column."""
    if x.dtype.itemsize <= 2:
        return channel_sum(xp, x.astype(np.float32)).astype(x.dtype)
    axes = sorted((i for i in range(x.ndim) if i != 1), key=lambda i: -abs(x.strides[i]))
    inner = [i for i in axes if x.size and abs(x.strides[i]) < abs(x.strides[1])]
    outer = [i for i in axes if i not in inner]
    if not inner:
        rows = x.transpose(*outer, 1).reshape(-1, x.shape[1])
        return np.dot(np.ones(rows.shape[0], x.dtype), rows)
    n = prod(x.shape[i] for i in inner)
    ordered = x.transpose(*outer, 1, *inner).reshape(-1, n)
    sums = np.dot(ordered, np.ones(n, x.dtype)).reshape(-1, x.shape[1])
    return np.dot(np.ones(sums.shape[0], x.dtype), sums)


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.conv": _in_float32(conv),
    "nn.conv_input": _in_float32(conv_input),
    "nn.conv_weight": _in_float32(conv_weight),
    "nn.channel_sum": channel_sum,
}
