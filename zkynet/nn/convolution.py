"""Convolution and transposed convolution layers over one, two and three axes."""

from __future__ import annotations

from zkynet.nn.convolving import Conv, ConvTranspose

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class Conv1d(Conv):
    """A convolution of sequences, `functional.conv1d`, with a weight and a bias that are learned.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``, from
    (N, in_channels, L) to (N, out_channels, ...), or from (in_channels, L) for a single example. `weight` is
    (out_channels, in_channels / groups, kernel_size). Weight and bias are drawn evenly from [-1/sqrt(n), 1/sqrt(n)],
    where n is the number of weights of one output channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel.
        stride: how far the kernel moves from one place to the next.
        padding: how much is filled in at the edges; "valid" for nothing, "same" for a
            result as large as the input.
        dilation: how far apart the elements of the kernel are.
        groups: into how many groups the channels are split.
        bias: False for none.
        padding_mode: what is filled in: "zeros", or the input "reflect"-ed at its edge, its edge "replicate"-d, or its
            other end ("circular").
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Conv1d(2, 4, 3, padding=1)(zk.ones((5, 2, 8))).shape
        (5, 4, 8)
    """

    ndim = 1


class Conv2d(Conv):
    """A convolution of images, `functional.conv2d`, with a weight and a bias that are learned.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``, from
    (N, in_channels, H, W) to (N, out_channels, ...), or from (in_channels, H, W) for a single example. `weight` is
    (out_channels, in_channels / groups, *kernel_size). Weight and bias are drawn evenly from [-1/sqrt(n), 1/sqrt(n)],
    where n is the number of weights of one output channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel, a number or one for each axis.
        stride: how far the kernel moves from one place to the next, a number or one for each axis.
        padding: how much is filled in at the edges, a number or one for each axis; "valid" for nothing, "same" for a
            result as large as the input.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        groups: into how many groups the channels are split.
        bias: False for none.
        padding_mode: what is filled in: "zeros", or the input "reflect"-ed at its edge, its edge "replicate"-d, or its
            other end ("circular").
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Conv2d(3, 16, 5)(zk.ones((8, 3, 28, 28))).shape
        (8, 16, 24, 24)
        >>> zk.nn.Conv2d(None, 16, (3, 5), padding="same", padding_mode="reflect")(zk.ones((3, 28, 28))).shape
        (16, 28, 28)
    """

    ndim = 2


class Conv3d(Conv):
    """A convolution of volumes, `functional.conv3d`, with a weight and a bias that are learned.

    ``y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]``, from
    (N, in_channels, D, H, W) to (N, out_channels, ...), or from (in_channels, D, H, W) for a single example. `weight`
    is (out_channels, in_channels / groups, *kernel_size). Weight and bias are drawn evenly from [-1/sqrt(n),
    1/sqrt(n)], where n is the number of weights of one output channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel, a number or one for each axis.
        stride: how far the kernel moves from one place to the next, a number or one for each axis.
        padding: how much is filled in at the edges, a number or one for each axis; "valid" for nothing, "same" for a
            result as large as the input.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        groups: into how many groups the channels are split.
        bias: False for none.
        padding_mode: what is filled in: "zeros", or the input "reflect"-ed at its edge, its edge "replicate"-d, or its
            other end ("circular").
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Conv3d(2, 4, 3, stride=2, padding=1)(zk.ones((5, 2, 8, 8, 8))).shape
        (5, 4, 4, 4, 4)
    """

    ndim = 3


class ConvTranspose1d(ConvTranspose):
    """A transposed convolution of sequences, `functional.conv_transpose1d`, with a weight and a bias that are learned.

    It is the gradient of a convolution by its input: (N, in_channels, L), or (in_channels, L), becomes
    (N, out_channels, ...), each length ``(length - 1) * stride - 2 * padding + dilation * (kernel_size - 1) +
    output_padding + 1``. `weight` is (in_channels, out_channels / groups, kernel_size). Weight and bias are drawn
    evenly from [-1/sqrt(n), 1/sqrt(n)], where n is the number of weights of one input channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel.
        stride: how far apart the kernels of neighbouring elements are placed.
        padding: how much of the result is cut off at its edges.
        output_padding: how much longer the result is at its end.
        groups: into how many groups the channels are split.
        bias: False for none.
        dilation: how far apart the elements of the kernel are.
        padding_mode: "zeros", for PyTorch's list of arguments.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConvTranspose1d(4, 2, 4, stride=2, padding=1)(zk.ones((5, 4, 8))).shape
        (5, 2, 16)
    """

    ndim = 1


class ConvTranspose2d(ConvTranspose):
    """A transposed convolution of images, `functional.conv_transpose2d`, with a weight and a bias that are learned.

    It is the gradient of a convolution by its input: (N, in_channels, H, W), or (in_channels, H, W), becomes
    (N, out_channels, ...), each length ``(length - 1) * stride - 2 * padding + dilation * (kernel_size - 1) +
    output_padding + 1``. `weight` is (in_channels, out_channels / groups, *kernel_size). Weight and bias are drawn
    evenly from [-1/sqrt(n), 1/sqrt(n)], where n is the number of weights of one input channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel, a number or one for each axis.
        stride: how far apart the kernels of neighbouring elements are placed, a number or one for each axis.
        padding: how much of the result is cut off at its edges, a number or one for each axis.
        output_padding: how much longer the result is at its end, a number or one for each axis.
        groups: into how many groups the channels are split.
        bias: False for none.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        padding_mode: "zeros", for PyTorch's list of arguments.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1)(zk.ones((8, 16, 14, 14))).shape
        (8, 3, 28, 28)
    """

    ndim = 2


class ConvTranspose3d(ConvTranspose):
    """A transposed convolution of volumes, `functional.conv_transpose3d`, with a weight and a bias that are learned.

    It is the gradient of a convolution by its input: (N, in_channels, D, H, W), or (in_channels, D, H, W), becomes
    (N, out_channels, ...), each length ``(length - 1) * stride - 2 * padding + dilation * (kernel_size - 1) +
    output_padding + 1``. `weight` is (in_channels, out_channels / groups, *kernel_size). Weight and bias are drawn
    evenly from [-1/sqrt(n), 1/sqrt(n)], where n is the number of weights of one input channel.

    Args:
        in_channels: the channels of the input; None to take those of the first one.
        out_channels: the channels of the output.
        kernel_size: the size of the kernel, a number or one for each axis.
        stride: how far apart the kernels of neighbouring elements are placed, a number or one for each axis.
        padding: how much of the result is cut off at its edges, a number or one for each axis.
        output_padding: how much longer the result is at its end, a number or one for each axis.
        groups: into how many groups the channels are split.
        bias: False for none.
        dilation: how far apart the elements of the kernel are, a number or one for each axis.
        padding_mode: "zeros", for PyTorch's list of arguments.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConvTranspose3d(4, 2, 2, stride=2)(zk.ones((5, 4, 3, 3, 3))).shape
        (5, 2, 6, 6, 6)
    """

    ndim = 3
