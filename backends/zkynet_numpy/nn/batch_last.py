"""Convolutions with the batch as the last axis in memory: (groups, ..., width, channels, N).

There the part of a window that lies in one row of the image is a contiguous matrix (width of the kernel * channels, N),
for every place of the kernel, and all of them are a stack as `matmul` takes it: they are multiplied where they lie. One
product is made for each row of the kernel and added up, in stripes of the image that stay in the cache.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from zkynet.nn.functional import sliding

STRIPE = 1 << 17
"""How many elements a stripe of the image has at most, if it can be cut so finely."""

FEW = 24
"""Fewer rows in a matrix are not worth a product of their own: all rows of the kernel are copied next to each other."""


def conv(x: Any, weight: Any, bias: Any, lengths: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What the kernel finds in every window."""
    if len(lengths) == 1:
        x, weight, stride, padding, dilation = _two_axes(x, weight, stride, padding, dilation)
        return conv(x, weight, bias, (1, *lengths), stride, padding, dilation, groups)[:, :, 0]
    n, results, channels = x.shape[0], weight.shape[0] // groups, weight.shape[1]
    kernel = weight.shape[2:]
    frame = batch_last(x, groups, padding)
    y = np.empty((*lengths, groups, results, n), x.dtype)
    out = np.moveaxis(y, -3, 0)
    windows = _windows(frame, kernel, lengths, stride, dilation)  # (groups, *lengths, *kernel, C/g, N)
    w = weight.reshape(groups, results, channels, *kernel)
    w = np.moveaxis(w, 2, -1)  # (groups, O/g, *kernel, C/g)
    ones = (1,) * len(lengths)
    few = kernel[-1] * channels < FEW
    if few:
        parts = [(w.reshape(groups, *ones, results, -1), windows)]
    elif dilation[-1] == 1:
        parts = [
            (
                np.ascontiguousarray(w[(slice(None), slice(None), *o)]).reshape(groups, *ones, results, -1),
                _merged(windows, o),
            )
            for o in product(*[range(k) for k in kernel[:-1]])
        ]
    else:
        parts = [
            (
                np.ascontiguousarray(w[(slice(None), slice(None), *o)]).reshape(groups, *ones, results, -1),
                windows[(slice(None),) * (1 + len(lengths)) + o],
            )
            for o in sliding.offsets(kernel)
        ]
    row = prod(lengths[1:]) * groups * n
    step = max(1, STRIPE // (row * (prod(kernel) * channels if few else results)))
    other = np.empty((groups, min(step, lengths[0]), *lengths[1:], results, n), x.dtype) if len(parts) > 1 else None
    b = None if bias is None else bias.reshape(groups, *ones, results, 1)
    for a in range(0, lengths[0], step):
        stripe = out[:, a : a + step]
        for k, (matrix, window) in enumerate(parts):
            met = window[:, a : a + step]
            if few:
                met = met.reshape(*met.shape[: 1 + len(lengths)], -1, n)
            if k == 0:
                np.matmul(matrix, met, out=stripe)
            else:
                part = other[:, : stripe.shape[1]]  # type: ignore[index]
                np.matmul(matrix, met, out=part)
                stripe += part
        if b is not None:
            stripe += b
    return _batch_first(y)


def conv_input(
    y: Any, weight: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """Every value spread over its window."""
    if len(sizes) == 1:
        y, weight, stride, padding, dilation = _two_axes(y, weight, stride, padding, dilation)
        return conv_input(y, weight, bias, (1, *sizes), stride, padding, dilation, groups)[:, :, 0]
    n, results, channels = y.shape[0], weight.shape[0] // groups, weight.shape[1]
    kernel, lengths = weight.shape[2:], y.shape[2:]
    given = _by_group(y, groups)  # (groups, *lengths, O/g, N)
    x = np.zeros((*sliding.frame_sizes(sizes, padding), groups, channels, n), y.dtype)
    out = np.moveaxis(x, -3, 0)
    w = np.moveaxis(weight.reshape(groups, results, channels, -1), (0, 3, 2, 1), (1, 0, 2, 3))
    w = np.ascontiguousarray(w).reshape(-1, groups, *(1,) * len(lengths), channels, results)  # a matrix an offset
    offsets = sliding.offsets(kernel)
    step = max(1, STRIPE // (prod(lengths[1:]) * groups * n * max(channels, results)))
    part = np.empty((groups, min(step, lengths[0]), *lengths[1:], channels, n), y.dtype)
    for a in range(0, lengths[0], step):
        stripe = given[:, a : a + step]
        rows = stripe.shape[1]
        for k, offset in enumerate(offsets):
            np.matmul(w[k], stripe, out=part[:, :rows])
            place = sliding.met(offset, (rows, *lengths[1:]), stride, dilation)
            first = slice(place[0].start + a * stride[0], place[0].stop + a * stride[0], stride[0])
            met = out[(slice(None), first, *place[1:])]
            met += part[:, :rows]
    from zkynet_numpy.nn.convolution import unframed

    found = unframed(_batch_first(x), sizes, padding)
    if bias is not None:
        found += bias.reshape(-1, *(1,) * len(sizes))
    return found


def conv_weight(x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What each offset of the kernel meets, weighted by `y`."""
    if len(kernel) == 1:
        x, y, stride, padding, dilation = _two_axes(x, y, stride, padding, dilation)
        return conv_weight(x, y, (1, *kernel), stride, padding, dilation, groups)[:, :, 0]
    n, results, channels = y.shape[0], y.shape[1] // groups, x.shape[1] // groups
    lengths = y.shape[2:]
    frame = batch_last(x, groups, padding)
    given = _by_group(y, groups)  # (groups, *lengths, O/g, N)
    many = kernel[-1] * channels >= FEW
    out = np.zeros((groups, prod(kernel), channels, results), x.dtype)
    step = max(
        1, STRIPE // (prod(lengths[1:]) * groups * n * max(results, channels if many else prod(kernel) * channels))
    )
    lead = len(lengths)  # of outer axes with the groups in front
    spare: dict[str, Any] = {}
    for a in range(0, lengths[0], step):
        stripe = given[:, a : a + step]
        rows = stripe.shape[1]
        here = (rows, *lengths[1:])
        first = slice(a * stride[0], a * stride[0] + (rows - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1)
        _add_products(out, frame[:, first], stripe, here, kernel, stride, dilation, many, lead, spare)
    out = out.reshape(groups, *kernel, channels, results)
    return np.ascontiguousarray(np.moveaxis(out, (-1, -2), (1, 2))).reshape(groups * results, channels, *kernel)


def _add_products(
    out: Any,
    frame: Any,
    y: Any,
    lengths: Any,
    kernel: Any,
    stride: Any,
    dilation: Any,
    many: bool,
    lead: int,
    spare: dict[str, Any],
) -> None:
    """Add a stripe's part of the gradient by the kernel to `out` (groups, offsets, C/g, O/g)."""
    groups, channels, n = frame.shape[0], frame.shape[-2], frame.shape[-1]
    outer = (groups, *lengths[:-1])
    over = tuple(range(1, lead))
    if not many:  # every offset of the kernel is a row of one matrix
        windows = _windows(frame, kernel, lengths, stride, dilation)
        wide = np.moveaxis(windows, lead, -2)  # (groups, *outer, *kernel, C/g, width, N)
        rows = _copied(wide, spare, "x").reshape(*outer, prod(kernel) * channels, lengths[-1] * n)
        given = _copied(np.moveaxis(y, lead, -2), spare, "y").reshape(*outer, y.shape[-2], lengths[-1] * n)
        out += np.add.reduce(np.matmul(rows, given.swapaxes(-1, -2)), over).reshape(out.shape)
        return
    given = _copied(y.swapaxes(-1, -2), spare, "y").reshape(*outer, lengths[-1] * n, y.shape[-2])
    products = np.empty((*outer, channels, y.shape[-2]), out.dtype)
    # channels in front of (width, N), or behind: in either case it is width * N that is summed over
    behind = channels < 32
    x = frame.swapaxes(-1, -2) if behind else np.moveaxis(frame, lead, -2)
    width = x.ndim - 3 if behind else x.ndim - 2
    if stride[-1] == 1:
        x = _copied(x, spare, "x")
    shape = (lengths[-1] * n, channels) if behind else (channels, lengths[-1] * n)
    for j in range(kernel[-1]):
        place = sliding.met((j,), lengths[-1:], stride[-1:], dilation[-1:])
        at_j = x[(slice(None),) * width + place]
        if stride[-1] != 1:
            at_j = _copied(at_j, spare, "x")
        at_j = _joined(at_j, width)
        for k, o in enumerate(product(*[range(m) for m in kernel[:-1]])):
            met = at_j[(slice(None), *sliding.met(o, lengths[:-1], stride[:-1], dilation[:-1]))]
            assert met.shape[lead:] == shape
            np.matmul(met.swapaxes(-1, -2) if behind else met, given, out=products)
            out[:, k * kernel[-1] + j] += np.add.reduce(products, over)


def _copied(x: Any, spare: dict[str, Any], name: str) -> Any:
    """A contiguous copy, in memory that the stripes share: fresh memory costs as much as the copy."""
    memory = spare.get(name)
    if memory is None or memory.size < x.size:
        memory = spare[name] = np.empty(x.size, x.dtype)
    out = memory[: x.size].reshape(x.shape)
    out[...] = x
    return out


def _joined(x: Any, axis: int) -> Any:
    """A view in which an axis and the next one, which lies within it without a gap, are one."""
    shape = (*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :])
    return as_strided(x, shape, (*x.strides[:axis], *x.strides[axis + 1 :]))


def batch_last(x: Any, groups: int, padding: Any) -> Any:
    """`x` in its frame as (groups, *sizes, C / groups, N), contiguous; `x` itself if it lies like that."""
    n, channels, sizes = x.shape[0], x.shape[1], x.shape[2:]
    padded = any(m for pair in padding for m in pair)
    last = range(2, x.ndim)
    if not padded and groups == 1:
        view = x.transpose(*last, 1, 0)
        if view.flags.c_contiguous:
            return view[None]
    if x.flags.c_contiguous and n > 1:  # two copies, of which each goes along the memory, are faster than one
        x = np.ascontiguousarray(x.reshape(n, -1).T).reshape(*x.shape[1:], n)
        x = np.moveaxis(x, -1, 0)
    frame_sizes = sliding.frame_sizes(sizes, padding)
    shape = (groups, *frame_sizes, channels // groups, n)
    inside, place = sliding.overlap(sizes, padding)
    frame = np.zeros(shape, x.dtype) if padded else np.empty(shape, x.dtype)
    split = x.reshape(n, groups, channels // groups, *sizes) if groups > 1 else x[:, None]
    ordered = split.transpose(1, *range(3, split.ndim), 2, 0)
    frame[(slice(None), *place)] = ordered[(slice(None), *inside)]
    return frame


def _by_group(y: Any, groups: int) -> Any:
    """`y` as (groups, *lengths, O / groups, N), of which the last two axes are contiguous."""
    whole = batch_last(y, 1, ((0, 0),) * (y.ndim - 2))[0]
    return np.moveaxis(whole.reshape(*whole.shape[:-2], groups, whole.shape[-2] // groups, whole.shape[-1]), -3, 0)


def _batch_first(y: Any) -> Any:
    """(*lengths, groups, O / groups, N) as (N, O, *lengths), in the same memory."""
    *lengths, groups, results, n = y.shape
    y = y.reshape(*lengths, groups * results, n)
    return y.transpose(y.ndim - 1, y.ndim - 2, *range(y.ndim - 2))


def _windows(frame: Any, kernel: Any, lengths: Any, stride: Any, dilation: Any) -> Any:
    """A view (groups, *lengths, *kernel, C/g, N) of a frame (groups, *sizes, C/g, N)."""
    far = frame.strides[1:-2]
    on = [s * b for s, b in zip(stride, far, strict=True)]
    apart = [d * b for d, b in zip(dilation, far, strict=True)]
    shape = (frame.shape[0], *lengths, *kernel, *frame.shape[-2:])
    return as_strided(frame, shape, (frame.strides[0], *on, *apart, *frame.strides[-2:]), writeable=False)


def _merged(windows: Any, o: Any) -> Any:
    """The matrices (width of the kernel * C/g, N) at offset `o` of the other axes, stacked as (groups, *lengths)."""
    ndim = len(o) + 1
    at = windows[(slice(None),) * (1 + ndim) + o]  # (groups, *lengths, width of the kernel, C/g, N)
    return _joined(at, 1 + ndim)


def _two_axes(x: Any, other: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """The same over two axes instead of one: one of length 1 is put in front."""
    return x[:, :, None], other[:, :, None], (1, *stride), ((0, 0), *padding), (1, *dilation)
