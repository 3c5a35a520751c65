"""The ops behind convolutions over any number of axes: one form in three arguments, solved for each of them.

A convolution is linear in its input and in its kernel, so ``sum(conv(x, w) * y)`` is linear in `x`, `w` and `y`, and
its three gradients are all there is: `conv` (by `y`), `conv_input` (by `x`: the transposed convolution) and
`conv_weight` (by `w`). Each one's gradients are the other two, so derivatives exist to any order.

Shapes: x (N, C, *sizes), w (O, C / groups, *kernel), y (N, O, *windows); `stride` and `dilation` are a number for each
axis, `padding` is a pair (before, after), which is negative where an axis is cut.
"""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet._typing import Array
from zkynet.nn.functional import sliding
from zkynet.ops.define import op
from zkynet.ops.precision import widened_all

__all__: list[str] = []


@op(name="nn.conv", kinds="float")
def conv(
    xp: Any, x: Array, weight: Array, bias: Array | None, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Array:
    """What the kernel finds in every window, for every channel of the result."""

    def compute(xp: Any, x: Any, weight: Any, *bias: Any) -> Any:
        n, kernel = x.shape[0], weight.shape[2:]
        lengths = sliding.counts(x.shape[2:], kernel, stride, padding, dilation)
        parts = _windows(xp, x, kernel, lengths, stride, padding, dilation, groups)
        weights = _by_offset(xp, weight, groups)
        out = None
        for w, part in zip(weights, parts, strict=True):
            y = xp.matmul(w, part)  # (O/g, C/g) @ (C/g, windows), for each example and group
            out = y if out is None else out + y
        return _with_bias(xp, xp.reshape(out, (n, weight.shape[0], *lengths)), *bias)

    return widened_all(compute, xp, x, weight, *(() if bias is None else (bias,)))


@conv.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv_input(g, weight, None, x_shape[2:], stride, padding, dilation, groups)


@conv.gradient("weight")
def _(xp: Any, g: Any, weight_shape: Any, x: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv_weight(x, g, weight_shape[2:], stride, padding, dilation, groups)


@conv.gradient("bias")
def _(xp: Any, g: Any) -> Any:
    return xp.nn.channel_sum(g)


@op(name="nn.conv_input", kinds="float")
def conv_input(
    xp: Any,
    y: Array,
    weight: Array,
    bias: Array | None,
    sizes: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Array:
    """The gradient of `conv` by an input of those sizes: every value of `y` spread over its window."""

    def compute(xp: Any, y: Any, weight: Any, *bias: Any) -> Any:
        n, kernel, lengths = y.shape[0], weight.shape[2:], tuple(y.shape[2:])
        channels = groups * weight.shape[1]
        frame = (n, channels, *sliding.frame_sizes(sizes, padding))
        every = (slice(None), slice(None))
        stacked = xp.reshape(y, (n, groups, y.shape[1] // groups, prod(lengths)))
        out = None
        for offset, w in zip(sliding.offsets(kernel), _by_offset(xp, weight, groups), strict=True):
            part = xp.reshape(xp.matmul(xp.matrix_transpose(w), stacked), (n, channels, *lengths))
            spread = xp.put_into_zeros(part, frame, every + sliding.met(offset, lengths, stride, dilation))
            out = spread if out is None else out + spread
        return _with_bias(xp, sliding.unframed(xp, out, sizes, padding), *bias)

    return widened_all(compute, xp, y, weight, *(() if bias is None else (bias,)))


@conv_input.gradient("y")
def _(xp: Any, g: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv(g, weight, None, stride, padding, dilation, groups)


@conv_input.gradient("weight")
def _(xp: Any, g: Any, weight_shape: Any, y: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv_weight(g, y, weight_shape[2:], stride, padding, dilation, groups)


@conv_input.gradient("bias")
def _(xp: Any, g: Any) -> Any:
    return xp.nn.channel_sum(g)


@op(name="nn.conv_weight", kinds="float")
def conv_weight(
    xp: Any, x: Array, y: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Array:
    """The gradient of `conv` by a kernel of that size: what each of its offsets meets, weighted by `y`."""

    def compute(xp: Any, x: Any, y: Any) -> Any:
        n, lengths = y.shape[0], tuple(y.shape[2:])
        stacked = xp.reshape(y, (n, groups, y.shape[1] // groups, prod(lengths)))
        parts = _windows(xp, x, kernel, lengths, stride, padding, dilation, groups)
        sums = [xp.sum(xp.matmul(stacked, xp.matrix_transpose(part)), axis=0) for part in parts]
        return xp.reshape(xp.stack(sums, axis=-1), (y.shape[1], x.shape[1] // groups, *kernel))

    return widened_all(compute, xp, x, y)


@conv_weight.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, y: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv_input(y, g, None, x_shape[2:], stride, padding, dilation, groups)


@conv_weight.gradient("y")
def _(xp: Any, g: Any, x: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return xp.nn.conv(x, g, None, stride, padding, dilation, groups)


@op(name="nn.channel_sum", kinds="float")
def channel_sum(xp: Any, x: Array) -> Array:
    """The sum over all axes but the second: what a bias that is added to every place collects."""
    return widened_all(lambda xp, x: xp.sum(x, axis=(0, *range(2, len(x.shape)))), xp, x)


@channel_sum.gradient("x")
def _(xp: Any, g: Any, x_shape: Any) -> Any:
    return xp.broadcast_to(xp.reshape(g, (-1, *(1,) * (len(x_shape) - 2))), x_shape)


def _windows(
    xp: Any, x: Any, kernel: Any, lengths: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> list[Any]:
    """For each offset of the kernel what it meets: (N, groups, C / groups, windows)."""
    frame = sliding.framed(xp, x, padding)
    shape = (x.shape[0], groups, x.shape[1] // groups, prod(lengths))
    every = (slice(None), slice(None))
    return [
        xp.reshape(frame[every + sliding.met(offset, lengths, stride, dilation)], shape)
        for offset in sliding.offsets(kernel)
    ]


def _by_offset(xp: Any, weight: Any, groups: int) -> list[Any]:
    """The matrices (groups, O / groups, C / groups) of a kernel, one for each offset."""
    w = xp.reshape(weight, (groups, weight.shape[0] // groups, weight.shape[1], prod(weight.shape[2:])))
    return [w[:, :, :, k] for k in range(w.shape[3])]


def _with_bias(xp: Any, y: Any, bias: Any = None) -> Any:
    return y if bias is None else y + xp.reshape(bias, (-1, *(1,) * (len(y.shape) - 2)))
