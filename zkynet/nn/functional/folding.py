"""Sliding windows of images as columns, and columns added up to images again."""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet._typing import Array
from zkynet.errors import ShapeError
from zkynet.nn.functional import sliding
from zkynet.nn.functional.convolution_arguments import check_window, per_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["fold", "unfold"]

PerAxis = int | tuple[int, ...]


@op(name="nn.columns", kinds="number")
def columns(xp: Any, x: Array, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Array:
    """Every window of x (N, C, *sizes) as a column: (N, C * elements of the kernel, windows)."""
    n, channels, *sizes = x.shape
    lengths = sliding.counts(sizes, kernel, stride, padding, dilation)
    frame = sliding.framed(xp, x, padding)
    every = (slice(None), slice(None))
    parts = [
        xp.reshape(frame[every + sliding.met(offset, lengths, stride, dilation)], (n, channels, prod(lengths)))
        for offset in sliding.offsets(kernel)
    ]
    return xp.reshape(xp.stack(parts, axis=2), (n, channels * len(parts), prod(lengths)))


@columns.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    return xp.nn.add_columns(g, x_shape[2:], kernel, stride, padding, dilation)


@op(name="nn.add_columns", kinds="number")
def add_columns(xp: Any, x: Array, sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Array:
    """Columns added at the places of an image that they were taken from."""
    n, offsets = x.shape[0], sliding.offsets(kernel)
    channels = x.shape[1] // len(offsets)
    lengths = sliding.counts(sizes, kernel, stride, padding, dilation)
    parts = xp.reshape(x, (n, channels, len(offsets), *lengths))
    every = (slice(None), slice(None))
    out = None
    for k, offset in enumerate(offsets):
        shape = (n, channels, *sliding.frame_sizes(sizes, padding))
        spread = xp.put_into_zeros(parts[:, :, k, ...], shape, every + sliding.met(offset, lengths, stride, dilation))
        out = spread if out is None else out + spread
    return sliding.unframed(xp, out, sizes, padding)


@add_columns.gradient("x")
def _(xp: Any, g: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    return xp.nn.columns(g, kernel, stride, padding, dilation)


def unfold(
    input: Array, kernel_size: PerAxis, dilation: PerAxis = 1, padding: PerAxis = 0, stride: PerAxis = 1
) -> Tensor:
    """Every window that slides over images, as a column.

    The columns times a kernel are a convolution: ``weight.reshape(O, -1) @ unfold(x)``.

    Args:
        input: (N, C, H, W), or (C, H, W) for a single example; the result is (N, C * KH * KW, L), or (C * KH * KW, L),
            with a column for each of L windows.
        kernel_size: the size of a window, a number or (KH, KW).
        dilation: how far apart the elements of a window are, a number or one for each axis.
        padding: a number of zeros for all edges, or one for each axis.
        stride: how far the window moves, a number or one for each axis.

    Gradient: an element collects that of each of its copies.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.unfold(zk.reshape(zk.arange(6.0), (1, 1, 2, 3)), (2, 2))
        Tensor([[[0., 1.],
                 [1., 2.],
                 [3., 4.],
                 [4., 5.]]])
    """
    x = as_tensor("unfold", input)
    if x.ndim not in (3, 4):
        raise ShapeError(
            f"unfold takes an input of 4 axes (batch, channels, height, width), or of 3 without the batch, "
            f"received {x.ndim}",
            facts=[f"input  {x.shape}"],
            fix="reshape it; x[None] adds an axis in front",
            op="unfold",
            shape=x.shape,
        )
    kernel, steps, pairs, apart = _window("unfold", kernel_size, stride, padding, dilation)
    single = x.ndim == 3
    if single:
        x = reshape(x, (1, *x.shape))
    check_window("unfold", x.shape[2:], kernel, pairs, apart)
    out = columns.op.call(x, kernel, steps, pairs, apart)
    return reshape(out, out.shape[1:]) if single else out


def fold(
    input: Array,
    output_size: PerAxis,
    kernel_size: PerAxis,
    dilation: PerAxis = 1,
    padding: PerAxis = 0,
    stride: PerAxis = 1,
) -> Tensor:
    """Columns added up to images, each at the place of its window: the transpose of `unfold`.

    Args:
        input: (N, C * KH * KW, L), or (C * KH * KW, L) for a single example, with a column for each of the L
            windows that fit; the result is (N, C, H, W), or (C, H, W).
        output_size: the size of the images, a number or (H, W).
        kernel_size: the size of a window, a number or (KH, KW).
        dilation: how far apart the elements of a window are, a number or one for each axis.
        padding: how many zeros the images had at their edges when they were unfolded, a number or one for each axis.
        stride: how far the window moves, a number or one for each axis.

    Gradient: that of an element goes to everything that was added to it.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.fold(zk.ones((1, 4, 2)), (2, 3), (2, 2))
        Tensor([[[[1., 2., 1.],
                  [1., 2., 1.]]]])
    """
    x = as_tensor("fold", input)
    if x.ndim not in (2, 3):
        raise ShapeError(
            f"fold takes an input of 3 axes (batch, channels * kernel elements, windows), or of 2 without the batch, "
            f"received {x.ndim}",
            facts=[f"input  {x.shape}"],
            fix="reshape it to what unfold returns",
            op="fold",
            shape=x.shape,
        )
    kernel, steps, pairs, apart = _window("fold", kernel_size, stride, padding, dilation)
    sizes = per_axis("fold", "output_size", output_size, 2, 1)
    check_window("fold", sizes, kernel, pairs, apart, fix="pass the kernel_size and output_size that unfold had")
    single = x.ndim == 2
    if single:
        x = reshape(x, (1, *x.shape))
    counts = sliding.counts(sizes, kernel, steps, pairs, apart)
    if x.shape[1] % prod(kernel):
        raise ShapeError(
            f"fold: {x.shape[1]} rows of columns cannot be split into windows of {prod(kernel)} elements",
            facts=[f"input  {tuple(input.shape)}", f"kernel_size  {kernel}"],
            fix="pass the kernel_size that the columns were made with",
            op="fold",
            shape=x.shape,
        )
    if x.shape[2] != prod(counts):
        raise ShapeError(
            f"fold: {x.shape[2]} columns for {' x '.join(map(str, counts))} = {prod(counts)} windows",
            facts=[
                f"input  {tuple(input.shape)}",
                f"output_size  {sizes}, kernel_size  {kernel}",
                f"stride  {steps}, padding  {tuple([p for p, _ in pairs])}, dilation  {apart}",
            ],
            fix="pass the arguments that unfold had, and the size of its images as output_size",
            op="fold",
            shape=x.shape,
        )
    out = add_columns.op.call(x, sizes, kernel, steps, pairs, apart)
    return reshape(out, out.shape[1:]) if single else out


def _window(name: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """Kernel, stride, padding and dilation of windows over two axes."""
    kernel = per_axis(name, "kernel_size", kernel_size, 2, 1)
    steps = per_axis(name, "stride", stride, 2, 1)
    pairs = tuple([(n, n) for n in per_axis(name, "padding", padding, 2, 0)])
    return kernel, steps, pairs, per_axis(name, "dilation", dilation, 2, 1)
