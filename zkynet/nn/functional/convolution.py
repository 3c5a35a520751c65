"""Convolutions and transposed convolutions over one, two and three axes."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.nn.functional.convolution_arguments import (
    as_pairs,
    check_channels,
    check_output_padding,
    check_ranks,
    check_window,
    operands,
    per_axis,
)
from zkynet.nn.functional.convolution_ops import conv, conv_input
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

PerAxis = int | tuple[int, ...]
Padding = int | tuple[int, ...] | str


def _convolved(
    name: str,
    ndim: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Tensor:
    x, weight, bias = operands(name, x, weight, bias)
    check_ranks(name, x, weight, ndim, transposed=False)
    single = x.ndim == ndim + 1
    if single:
        x = reshape(x, (1, *x.shape))
    groups = check_channels(name, x, weight, bias, groups, transposed=False)
    kernel = weight.shape[2:]
    stride = per_axis(name, "stride", stride, ndim, 1)
    dilation = per_axis(name, "dilation", dilation, ndim, 1)
    pairs = as_pairs(name, padding, kernel, stride, dilation)
    check_window(name, x.shape[2:], kernel, pairs, dilation)
    out = conv.op.run_prepared(x.backend, [x, weight, bias, stride, pairs, dilation, groups])
    return reshape(out, out.shape[1:]) if single else out


def _transposed(
    name: str,
    ndim: int,
    y: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Tensor:
    y, weight, bias = operands(name, y, weight, bias)
    check_ranks(name, y, weight, ndim, transposed=True)
    single = y.ndim == ndim + 1
    if single:
        y = reshape(y, (1, *y.shape))
    groups = check_channels(name, y, weight, bias, groups, transposed=True)
    kernel = weight.shape[2:]
    stride = per_axis(name, "stride", stride, ndim, 1)
    dilation = per_axis(name, "dilation", dilation, ndim, 1)
    cut = per_axis(name, "padding", padding, ndim, 0)
    extra = per_axis(name, "output_padding", output_padding, ndim, 0)
    sizes = tuple(
        [
            (n - 1) * s - 2 * p + d * (k - 1) + e + 1
            for n, k, s, p, d, e in zip(y.shape[2:], kernel, stride, cut, dilation, extra, strict=True)
        ]
    )
    check_output_padding(name, extra, sizes, stride, dilation)
    # seen from the result, whose convolution this is the gradient of: its last `extra` elements meet no window
    pairs = tuple([(p, p - e) for p, e in zip(cut, extra, strict=True)])
    out = conv_input.op.run_prepared(y.backend, [y, weight, bias, sizes, stride, pairs, dilation, groups])
    return reshape(out, out.shape[1:]) if single else out


def conv1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of sequences with kernels that slide along them.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``,
    where `p` and `k` are places along the length.

    Args:
        input: (N, C, L), or (C, L) for a single example.
        weight: (O, C / groups, K).
        bias: (O,), or None.
        stride: how far the kernel moves from one place to the next.
        padding: a number of zeros for both ends; "valid" for none, or "same" for a result as large as the input (with a
            stride of 1; where the number of zeros is odd, the end gets one more).
        dilation: how far apart the elements of the kernel are.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> x, kernel = zk.tensor([[[1.0, 2.0, 4.0, 8.0]]]), zk.tensor([[[1.0, -1.0]]])
        >>> F.conv1d(x, kernel)
        Tensor([[[-1., -2., -4.]]])
    """
    return _convolved("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of images with kernels that slide over them.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``,
    where `p` and `k` are places along height and width.

    Args:
        input: (N, C, H, W), or (C, H, W) for a single example.
        weight: (O, C / groups, KH, KW).
        bias: (O,), or None.
        stride: how far the kernel moves from one place to the next, a number or one for each axis.
        padding: a number of zeros for all edges, or one for each axis; "valid" for none, or "same"
            for a result as large as the input (with a stride of 1; where the number of zeros is odd, the end gets one
            more).
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> x, kernel = zk.reshape(zk.arange(9.0), (1, 1, 3, 3)), zk.ones((1, 1, 2, 2))
        >>> F.conv2d(x, kernel)
        Tensor([[[[ 8., 12.],
                  [20., 24.]]]])
        >>> F.conv2d(x, kernel, padding="same").shape
        (1, 1, 3, 3)
    """
    return _convolved("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of volumes with kernels that slide through them.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``,
    where `p` and `k` are places along depth, height and width.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) for a single example.
        weight: (O, C / groups, KD, KH, KW).
        bias: (O,), or None.
        stride: how far the kernel moves from one place to the next, a number or one for each axis.
        padding: a number of zeros for all faces, or one for each axis; "valid" for none, or "same"
            for a result as large as the input (with a stride of 1; where the number of zeros is odd, the end gets one
            more).
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.conv3d(zk.ones((2, 3, 8, 8, 8)), zk.ones((4, 3, 3, 3, 3)), stride=2, padding=1).shape
        (2, 4, 4, 4, 4)
    """
    return _convolved("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """The transposed convolution of sequences: every element is spread by a kernel, and what overlaps is added up.

    It is the gradient of `conv1d` by its input: ``y[n, o, p * stride + k * dilation - padding]`` collects
    ``weight[c, o, k] * x[n, c, p]`` for all `c`, `p` and `k`. A length becomes
    ``(length - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1``.

    Args:
        input: (N, C, L), or (C, L) for a single example.
        weight: (C, O / groups, K).
        bias: (O,), or None.
        stride: how far apart the kernels of neighbouring elements are placed.
        padding: how much of the result is cut off at both ends.
        output_padding: how much longer the result is at its end, less than the stride or the dilation.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.
        dilation: how far apart the elements of the kernel are.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.conv_transpose1d(zk.tensor([[[1.0, 2.0]]]), zk.tensor([[[1.0, 10.0, 100.0]]]))
        Tensor([[[  1.,  12., 120., 200.]]])
    """
    return _transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """The transposed convolution of images: every element is spread by a kernel, and what overlaps is added up.

    It is the gradient of `conv2d` by its input: ``y[n, o, p * stride + k * dilation - padding]`` collects
    ``weight[c, o, k] * x[n, c, p]`` for all `c`, `p` and `k`. A length becomes
    ``(length - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1``.

    Args:
        input: (N, C, H, W), or (C, H, W) for a single example.
        weight: (C, O / groups, KH, KW).
        bias: (O,), or None.
        stride: how far apart the kernels of neighbouring elements are placed, a number or one for each axis.
        padding: how much of the result is cut off at each edge, a number or one for each axis.
        output_padding: how much longer the result is at its end, less than the stride or the dilation, a number or
            one for each axis.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.conv_transpose2d(zk.tensor([[[[1.0, 2.0]]]]), zk.ones((1, 1, 2, 2)), stride=2)
        Tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.]]]])
    """
    return _transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Array,
    weight: Array,
    bias: Array | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """The transposed convolution of volumes: every element is spread by a kernel, and what overlaps is added up.

    It is the gradient of `conv3d` by its input: ``y[n, o, p * stride + k * dilation - padding]`` collects
    ``weight[c, o, k] * x[n, c, p]`` for all `c`, `p` and `k`. A length becomes
    ``(length - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1``.

    Args:
        input: (N, C, D, H, W), or (C, D, H, W) for a single example.
        weight: (C, O / groups, KD, KH, KW).
        bias: (O,), or None.
        stride: how far apart the kernels of neighbouring elements are placed, a number or one for each axis.
        padding: how much of the result is cut off at each edge, a number or one for each axis.
        output_padding: how much longer the result is at its end, less than the stride or the dilation, a number or
            one for each axis.
        groups: into how many groups the channels are split; each group of outputs sees its group of inputs only.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.

    Gradient: to input, weight and bias, of any order.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.conv_transpose3d(zk.ones((2, 4, 4, 4, 4)), zk.ones((4, 3, 2, 2, 2)), stride=2).shape
        (2, 3, 8, 8, 8)
    """
    return _transposed("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)
