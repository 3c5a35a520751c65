"""The mean of each window: a linear map (`nn.avg_pool`) and its transpose (`nn.avg_pool_back`), each other's gradient.

The sum over a window is that over its rows, of sums over its columns, so axes are done one after the other. What is
divided by depends on shapes alone: `Divisor`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.nn.functional.windows import Window, along, padded, sliding, table
from zkynet.ops.arguments import flag, whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.precision import widened
from zkynet.tensor import Tensor

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d"]

Divisor = int | tuple[tuple[int, ...], ...]
"""What the sums are divided by: one number, or for each axis a number for each window, to be multiplied."""


@op(name="nn.avg_pool", kinds="real float")
def avg_pool(xp: Any, x: Array, window: Any, divisor: Any) -> Array:
    """The sum over each window of `x`, with zeros around it, over the divisor."""
    return widened(lambda xp, x: _divided(xp, _sums(xp, x, window), divisor), xp, x)


def _sums(xp: Any, x: Any, window: Window) -> Any:
    x = padded(xp, x, window, 0)
    for axis in window.axes:
        total = None
        for part in window.offsets_along(axis):
            value = x[along(axis, part)]
            total = value if total is None else total + value
        x = total
    return x


def _divided(xp: Any, x: Any, divisor: Divisor) -> Any:
    return x / (divisor if isinstance(divisor, int) else divisors(xp, divisor, x))


def divisors(xp: Any, divisor: tuple[tuple[int, ...], ...], like: Any) -> Any:
    """A divisor that is not the same for all windows, as an array of the dtype of `like`."""
    total: Any = 1
    for counts in divisor:
        total = np.multiply.outer(total, np.array(counts, np.float64))
    return xp.astype(table(xp, total, like), like.dtype)


@avg_pool.gradient("x")
def _(xp: Any, g: Any, window: Any, divisor: Any) -> Any:
    return xp.nn.avg_pool_back(g, window, divisor)


@op(name="nn.avg_pool_back", kinds="real float")
def avg_pool_back(xp: Any, g: Array, window: Any, divisor: Any) -> Array:
    """To each element the cotangents of the windows it lies in, each over its divisor."""
    return widened(lambda xp, g: _spread(xp, _divided(xp, g, divisor), window), xp, g)


def _spread(xp: Any, g: Any, window: Window) -> Any:
    for axis in reversed(window.axes):
        shape = list(g.shape)
        shape[axis] = window.padded[axis]
        total = None
        for part in window.offsets_along(axis):
            value = xp.put_into_zeros(g, tuple(shape), along(axis, part))
            total = value if total is None else total + value
        g = total
    return g[window.inside]


@avg_pool_back.gradient("g")
def _(xp: Any, gg: Any, window: Any, divisor: Any) -> Any:
    return xp.nn.avg_pool(gg, window, divisor)


def window_counts(window: Window, with_padding: bool) -> Divisor:
    """How many elements lie in each window, of the input alone or of its padding too (but none behind that)."""
    axes = []
    for axis in window.axes:
        start = window.starts(axis)
        around = window.padding[axis] if with_padding else 0
        stop = np.minimum(start + window.size[axis], window.shape[axis] + around)
        axes.append(tuple((stop - np.maximum(start, -around)).tolist()))
    return prod(counts[0] for counts in axes) if all(len(set(counts)) == 1 for counts in axes) else tuple(axes)


def avg_pool1d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window of a sequence: ``out[n, c, i] = mean over k of input[n, c, i * stride + k]``.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at both ends; at most half of the kernel.
        ceil_mode: whether a last window that does not fit is used too; what lies behind the padding does not count.
        count_include_pad: whether the zeros of the padding count as elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.avg_pool1d(zk.tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[3. , 2.5]])
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window of an image: ``out[i, j] = mean over k, l of input[i * stride + k, j * stride + l]``.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at each edge; at most half of the kernel.
        ceil_mode: whether last windows that do not fit are used too; what lies behind the padding does not count.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sums are divided by instead of the number of elements.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[1.0, 2.0], [4.0, 3.0]]])
        >>> zk.nn.functional.avg_pool2d(x, 2), zk.nn.functional.avg_pool2d(x, 2, divisor_override=1)
        (Tensor([[[2.5]]]), Tensor([[[10.]]]))
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window of a volume, as `avg_pool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at each face; at most half of the kernel.
        ceil_mode: whether last windows that do not fit are used too; what lies behind the padding does not count.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sums are divided by instead of the number of elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.avg_pool3d(zk.ones((1, 4, 4, 4)), 2).shape
        (1, 2, 2, 2)
    """
    return _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def _avg_pool(
    name: str,
    n: int,
    x: Any,
    size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: Any,
    count_include_pad: Any,
    override: Any,
) -> Tensor:
    x = as_tensor(name, x)
    window = sliding(name, x, n, size, stride, padding, 1, ceil_mode)
    with_padding = flag(name, "count_include_pad", count_include_pad)
    if override is None:
        return avg_pool(x, window, window_counts(window, with_padding))
    divisor = whole(name, "divisor_override", override)
    if divisor == 0:
        raise InvalidValueError(
            f"{name}: divisor_override is not 0", fix="leave it out for the number of elements", op=name
        )
    return avg_pool(x, window, divisor)
