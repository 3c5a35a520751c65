"""Convolutions as one matrix product each: the windows of all images are copied to the columns of a matrix.

Channels come first, (C, N, ...), so that there is one large product instead of one for each image.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from zkynet.nn.functional import sliding


def conv(
    cupy: Any, xp: Any, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """What the kernel finds in every window."""
    n, kernel = x.shape[0], weight.shape[2:]
    lengths = sliding.counts(x.shape[2:], kernel, stride, padding, dilation)
    columns = _columns(cupy, sliding.framed(xp, x, padding), kernel, lengths, stride, dilation, groups)
    w = weight.reshape(groups, weight.shape[0] // groups, -1)
    y = _product(xp, w, columns).reshape(weight.shape[0], n, *lengths)
    if bias is not None:
        y += bias.reshape(-1, *(1,) * (len(lengths) + 1))
    return cupy.ascontiguousarray(y.swapaxes(0, 1))


def conv_input(
    cupy: Any,
    xp: Any,
    y: Any,
    weight: Any,
    bias: Any,
    sizes: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Any:
    """Every value spread over its window."""
    n, kernel, lengths, channels = y.shape[0], weight.shape[2:], y.shape[2:], weight.shape[1] * groups
    w = weight.reshape(groups, weight.shape[0] // groups, -1).swapaxes(1, 2)
    columns = _product(xp, w, _channels_first(cupy, y, groups)).reshape(channels, prod(kernel), n, *lengths)
    frame = cupy.zeros((n, channels, *sliding.frame_sizes(sizes, padding)), y.dtype)
    for k, offset in enumerate(sliding.offsets(kernel)):
        met = frame[(slice(None), slice(None), *sliding.met(offset, lengths, stride, dilation))]
        met += columns[:, k].swapaxes(0, 1)
    x = sliding.unframed(xp, frame, sizes, padding)
    return x if bias is None else x + bias.reshape(-1, *(1,) * len(sizes))


def conv_weight(
    cupy: Any, xp: Any, x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """What each offset of the kernel meets, weighted by `y`."""
    columns = _columns(cupy, sliding.framed(xp, x, padding), kernel, y.shape[2:], stride, dilation, groups)
    out = _product(xp, _channels_first(cupy, y, groups), columns.swapaxes(1, 2))
    return out.reshape(y.shape[1], x.shape[1] // groups, *kernel)


def _columns(cupy: Any, frame: Any, kernel: Any, lengths: Any, stride: Any, dilation: Any, groups: int) -> Any:
    """The windows of all images as columns: (groups, C / groups * kernel, N * windows)."""
    n, channels = frame.shape[:2]
    far = frame.strides[2:]
    apart = [d * b for d, b in zip(dilation, far, strict=True)]
    on = [s * b for s, b in zip(stride, far, strict=True)]
    strides = (frame.strides[1], *apart, frame.strides[0], *on)
    windows = cupy.lib.stride_tricks.as_strided(frame, (channels, *kernel, n, *lengths), strides)
    return windows.reshape(groups, channels // groups * prod(kernel), n * prod(lengths))


def _channels_first(cupy: Any, y: Any, groups: int) -> Any:
    """(N, O, ...) as (groups, O / groups, N * places)."""
    n, channels, *lengths = y.shape
    return cupy.ascontiguousarray(y.swapaxes(0, 1)).reshape(groups, channels // groups, n * prod(lengths))


def _product(xp: Any, a: Any, b: Any) -> Any:
    """The product of stacks of matrices; of single ones without the stack, which is quicker to launch."""
    return xp.matmul(a[0], b[0])[None] if a.shape[0] == 1 else xp.matmul(a, b)


def _on_cupy(kernel: Callable[..., Any]) -> Callable[..., Any]:
    def run(xp: Any, *args: Any) -> Any:
        import cupy

        return kernel(cupy, xp, *args)

    return run


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.conv": _on_cupy(conv),
    "nn.conv_input": _on_cupy(conv_input),
    "nn.conv_weight": _on_cupy(conv_weight),
}
