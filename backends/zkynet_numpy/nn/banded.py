"""Convolutions in groups of few channels, depthwise ones above all, as products with banded matrices.

A group of one channel leaves nothing to multiply matrices with. But to convolve along the width is to multiply by a
matrix that has the kernel on its diagonals and zeros elsewhere. Most of what is multiplied are zeros, and it is still
faster than adding up shifted images. The width is cut into tiles so that the zeros stay few. The memory is ordered
(groups, width, channels, other axes, N): one product for each row of the kernel, of matrices as wide as a column of the
image times the batch.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from zkynet.nn.functional import sliding

TILE = 16
"""How many rows a banded matrix has, about: a smaller one has fewer zeros, but is multiplied less efficiently."""

STRIPE = 1 << 16
"""How many numbers of a portion of the groups are worked on at once: they are to stay in the cache."""


class _Plan:
    """How the width is cut into tiles, and the banded matrices of a kernel."""

    def __init__(self, n: int, kernel: Any, lengths: Any, stride: Any, dilation: Any, dims: Any) -> None:
        self.groups, self.results, self.channels = dims
        self.n, self.kernel, self.lengths, self.stride, self.dilation = n, kernel, lengths, stride, dilation
        self.width = min(lengths[-1], max(1, TILE // self.results))  # places of the result in a tile
        self.tiles = -(-lengths[-1] // self.width)
        self.seen = (self.width - 1) * stride[-1] + (kernel[-1] - 1) * dilation[-1] + 1  # places of the frame it meets
        self.step = self.width * stride[-1]
        self.frame_width = (self.tiles - 1) * self.step + self.seen
        self.offsets = list(product(*[range(k) for k in kernel[:-1]]))
        self.columns = prod(lengths[:-1]) * n

    def band(self, matrices: Any) -> Any:
        """The places of the kernel in banded matrices (offsets, groups, width, O/g, seen, C/g): a view.

        It is (width of the kernel, offsets, groups, width, O/g, C/g).
        """
        on, by_group, row, result, column, channel = matrices.strides
        shape = (self.kernel[-1], *matrices.shape[:2], self.width, self.results, self.channels)
        down = row + self.stride[-1] * column
        return as_strided(matrices, shape, (self.dilation[-1] * column, on, by_group, down, result, channel))

    def matrices(self, weight: Any) -> Any:
        """A kernel as banded matrices (offsets, groups, 1, width * O/g, seen * C/g)."""
        shape = (len(self.offsets), self.groups, self.width, self.results, self.seen, self.channels)
        out = np.zeros(shape, weight.dtype)
        w = weight.reshape(self.groups, self.results, self.channels, len(self.offsets), self.kernel[-1])
        self.band(out)[...] = w.transpose(4, 3, 0, 1, 2)[:, :, :, None]
        return out.reshape(*shape[:2], 1, self.width * self.results, self.seen * self.channels)

    def framed(self, x: Any, padding: Any) -> Any:
        """`x` as (groups, width, C/g, other axes, N), in its frame, which goes on with zeros to the last tile's end."""
        sizes = x.shape[2:]
        *outer, width = sliding.frame_sizes(sizes, padding)
        frame = np.zeros((self.groups, max(width, self.frame_width), self.channels, *outer, self.n), x.dtype)
        inside, place = sliding.overlap(sizes, padding)
        frame[(slice(None), place[-1], slice(None), *place[:-1])] = _by_width(x, self.groups)[
            (slice(None), inside[-1], slice(None), *inside[:-1])
        ]
        return frame

    def tiled(self, frame: Any, offset: Any) -> Any:
        """What the tiles meet at an offset of the other axes: (groups, tiles, seen * C/g, columns)."""
        met = frame[(slice(None), slice(None), slice(None), *self.met(offset))]
        met = met.reshape(self.groups, frame.shape[1] * self.channels, self.columns)  # a copy where rows are left out
        shape = (self.groups, self.tiles, self.seen * self.channels, self.columns)
        far, row, item = met.strides
        return as_strided(met, shape, (far, self.step * self.channels * row, row, item), writeable=False)

    def met(self, offset: Any) -> Any:
        return sliding.met(offset, self.lengths[:-1], self.stride[:-1], self.dilation[:-1])

    def given(self, y: Any) -> Any:
        """`y` as (groups, tiles, width * O/g, columns), with zeros to the last tile's end."""
        *outer, width = self.lengths
        out = np.empty((self.groups, self.tiles * self.width, self.results, *outer, self.n), y.dtype)
        out[:, :width] = _by_width(y, self.groups)
        out[:, width:] = 0
        return out.reshape(self.groups, self.tiles, self.width * self.results, self.columns)


def conv(x: Any, weight: Any, bias: Any, lengths: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What the kernel finds in every window."""
    n, results, channels = x.shape[0], weight.shape[0] // groups, weight.shape[1]
    x, outer = _batch_inside(x), lengths[:-1]
    y = None
    for some in _stripes(groups, max(prod(x.shape[2:]) * channels, prod(lengths) * results) * n):
        dims = (some.stop - some.start, results, channels)
        plan = _Plan(n, weight.shape[2:], lengths, stride, dilation, dims)
        if y is None:
            y = np.empty((groups, plan.tiles * plan.width, results, *outer, n), x.dtype)
        frame = plan.framed(x[:, some.start * channels : some.stop * channels], padding)
        out = y[some].reshape(dims[0], plan.tiles, plan.width * results, plan.columns)
        part = None
        matrices = plan.matrices(weight[some.start * results : some.stop * results])
        for k, (matrix, offset) in enumerate(zip(matrices, plan.offsets, strict=True)):
            if k == 0:
                np.matmul(matrix, plan.tiled(frame, offset), out=out)
            else:
                part = np.matmul(matrix, plan.tiled(frame, offset), out=part)
                out += part
    assert y is not None
    y = y[:, : lengths[-1]]
    if bias is not None:
        y += bias.reshape(groups, 1, results, *(1,) * (len(outer) + 1))
    return _batch_first(y)


def conv_input(
    y: Any, weight: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """Every value spread over its window."""
    n, results, channels = y.shape[0], weight.shape[0] // groups, weight.shape[1]
    *outer, width = sliding.frame_sizes(sizes, padding)
    lengths, y, frame = y.shape[2:], _batch_inside(y), None
    for some in _stripes(groups, max(prod(outer) * width * channels, prod(lengths) * results) * n):
        dims = (some.stop - some.start, results, channels)
        plan = _Plan(n, weight.shape[2:], lengths, stride, dilation, dims)
        if frame is None:
            frame = np.zeros((groups, max(width, plan.frame_width), channels, *outer, n), y.dtype)
        given = plan.given(y[:, some.start * results : some.stop * results])
        here, part = frame[some], None
        matrices = plan.matrices(weight[some.start * results : some.stop * results])
        for matrix, offset in zip(matrices, plan.offsets, strict=True):
            part = np.matmul(matrix.swapaxes(-1, -2), given, out=part)
            spread = part.reshape(dims[0], plan.tiles, plan.seen, channels, *lengths[:-1], n)
            for tile in range(plan.tiles):
                first = tile * plan.step
                met = here[(slice(None), slice(first, first + plan.seen), slice(None), *plan.met(offset))]
                met += spread[:, tile]
    from zkynet_numpy.nn.convolution import unframed

    assert frame is not None
    x = unframed(_batch_first(frame[:, :width]), sizes, padding)
    if bias is not None:
        x += bias.reshape(-1, *(1,) * len(sizes))
    return x


def conv_weight(x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """What each offset of the kernel meets, weighted by `y`."""
    n, results, channels, lengths = y.shape[0], y.shape[1] // groups, x.shape[1] // groups, y.shape[2:]
    x, y = _batch_inside(x), _batch_inside(y)
    out = np.empty((groups, results, channels, prod(kernel[:-1]), kernel[-1]), x.dtype)
    for some in _stripes(groups, max(prod(x.shape[2:]) * channels, prod(lengths) * results) * n):
        plan = _Plan(n, kernel, lengths, stride, dilation, (some.stop - some.start, results, channels))
        frame = plan.framed(x[:, some.start * channels : some.stop * channels], padding)
        given = plan.given(y[:, some.start * results : some.stop * results])
        shape = (len(plan.offsets), plan.groups, plan.width, results, plan.seen, channels)
        products = np.empty(shape, x.dtype)
        for k, offset in enumerate(plan.offsets):
            found = np.matmul(given, plan.tiled(frame, offset).swapaxes(-1, -2))
            products[k] = np.add.reduce(found, 1).reshape(shape[1:])
        band = np.add.reduce(plan.band(products), 3)  # (width of the kernel, offsets, groups, O/g, C/g)
        out[some] = band.transpose(2, 3, 4, 1, 0)
    return out.reshape(groups * results, channels, *kernel)


def _stripes(groups: int, size: int) -> list[slice]:
    """The groups, each of so many numbers, in portions that stay in the cache."""
    step = max(1, STRIPE // max(size, 1))
    return [slice(a, min(a + step, groups)) for a in range(0, groups, step)]


def _batch_inside(x: Any) -> Any:
    """`x` with the batch as the last axis in memory; it is cut into groups after that."""
    if not x.flags.c_contiguous or len(x) == 1:
        return x
    # two copies, of which each goes along the memory, are faster than one
    return np.moveaxis(np.ascontiguousarray(x.reshape(len(x), -1).T).reshape(*x.shape[1:], len(x)), -1, 0)


def _by_width(x: Any, groups: int) -> Any:
    """(N, C, ..., width) as (groups, width, C / groups, ..., N)."""
    split = x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    return split.transpose(1, split.ndim - 1, 2, *range(3, split.ndim - 1), 0)


def _batch_first(y: Any) -> Any:
    """(groups, width, channels, ..., N) as (N, groups * channels, ..., width); a view if there is one channel."""
    ordered = y.transpose(y.ndim - 1, 0, 2, *range(3, y.ndim - 1), 1)
    if ordered.shape[2] == 1:
        return ordered[:, :, 0]
    groups, channels = ordered.shape[1:3]
    out = np.empty((groups, channels, *y.shape[1:2], *y.shape[3:]), y.dtype)  # (groups, C/g, width, ..., N)
    out[...] = np.moveaxis(y, 2, 1)
    out = out.reshape(groups * channels, *out.shape[2:])
    return out.transpose(out.ndim - 1, 0, *range(2, out.ndim - 1), 1)
