"""Convolutions by PyTorch's own; what it does not take is left to the generic bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from zkynet.backend.namespace import BODIES
from zkynet.nn.functional import sliding


def _conv(xp: Any, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    if not _taken(x, weight):
        return BODIES["nn.conv"](xp, x, weight, bias, stride, padding, dilation, groups)
    x, even = _even(x, padding)
    return torch.ops.aten.convolution(x, weight, bias, stride, even, dilation, False, [0] * len(stride), groups)


def _conv_input(
    xp: Any, y: Any, weight: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    if not _taken(y, weight):
        return BODIES["nn.conv_input"](xp, y, weight, bias, sizes, stride, padding, dilation, groups)
    uneven = any(before != after or before < 0 for before, after in padding)
    even = [0] * len(stride) if uneven else [before for before, _ in padding]
    framed = sliding.frame_sizes(sizes, padding) if uneven else sizes
    like = y.new_empty(1).expand(y.shape[0], weight.shape[1] * groups, *framed)
    x = _backward(y, like, weight, stride, even, dilation, groups, (True, False, False))[0]
    if uneven:
        x = torch.nn.functional.pad(x, _widths(padding, -1))
    return x if bias is None else x + bias.reshape(-1, *(1,) * len(stride))


def _conv_weight(xp: Any, x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    if not _taken(x, y):
        return BODIES["nn.conv_weight"](xp, x, y, kernel, stride, padding, dilation, groups)
    x, even = _even(x, padding)
    like = x.new_empty(1).expand(y.shape[1], x.shape[1] // groups, *kernel)
    return _backward(y, x, like, stride, even, dilation, groups, (False, True, False))[1]


def _backward(y: Any, x: Any, weight: Any, stride: Any, even: Any, dilation: Any, groups: int, wanted: Any) -> Any:
    zeros = [0] * len(stride)
    return torch.ops.aten.convolution_backward(
        y, x, weight, None, stride, even, dilation, False, zeros, groups, list(wanted)
    )


def _taken(a: Any, b: Any) -> bool:
    """Whether PyTorch's gradients take such arrays: complex numbers and empty arrays are refused here and there."""
    return not a.is_complex() and bool(a.numel() and b.numel())


def _even(x: Any, padding: Any) -> tuple[Any, list[int]]:
    """What is padded alike at both ends of each axis; else zeros are put there first."""
    if all(before == after and before >= 0 for before, after in padding):
        return x, [before for before, _ in padding]
    return torch.nn.functional.pad(x, _widths(padding, 1)), [0] * len(padding)


def _widths(padding: Any, sign: int) -> list[int]:
    """Padding in PyTorch's order: the last axis first."""
    return [sign * n for pair in reversed(padding) for n in pair]


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.conv": _conv,
    "nn.conv_input": _conv_input,
    "nn.conv_weight": _conv_weight,
}
