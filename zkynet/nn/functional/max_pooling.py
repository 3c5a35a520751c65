"""The largest element of each window, and where it stood.

Four ops: the maxima (`nn.max_pool`); which element of its window each of them was (`nn.max_pool_winners`); the
gradient, which goes to that element (`nn.max_pool_back`); and the gradient of that again, which reads what stands there
(`nn.max_pool_read`). The last two are each other's gradient, so derivatives of every order exist.

Of equal elements the first one wins, of NaN the last one, as in PyTorch; padding never does.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.nn.functional.windows import Window, padded, sliding, table
from zkynet.ops.arguments import flag
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.kinds import is_integer

__all__ = ["max_pool1d", "max_pool2d", "max_pool3d"]


@op(name="nn.max_pool", kinds="real number")
def max_pool(xp: Any, x: Array, window: Any) -> Array:
    """The largest element of each window; NaN where there is one."""
    x = padded(xp, x, window, lowest(xp, x))
    for axis in window.axes:  # the maximum over a window is that over its rows, and then over the columns of those
        x = largest_along(xp, x, window, axis)
    return x


@max_pool.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any, window: Any) -> Any:
    return xp.nn.max_pool_back(g, x, ans, window)


def lowest(xp: Any, x: Any) -> Any:
    """What is not above any number of the dtype of `x`: padding."""
    return int(xp.iinfo(x.dtype).min) if is_integer(x) else float("-inf")


def largest_along(xp: Any, x: Any, window: Window, axis: int) -> Any:
    """The maxima of windows of one axis."""
    rest = (slice(None),) * (-1 - axis)
    first, *others = window.offsets_along(axis)
    out = x[(..., first, *rest)]
    for part in others:
        out = xp.maximum(out, x[(..., part, *rest)])
    return out


@op(name="nn.max_pool_winners", kinds="real number", differentiable=False)
def max_pool_winners(xp: Any, x: Array, window: Any) -> Array:
    """Which element of its window the largest is, counted from 0, the last axis fastest."""
    values = padded(xp, x, window, lowest(xp, x))
    which = xp.broadcast_to(table(xp, _first_inside(window), x), (*x.shape[: -len(window.size)], *window.out))
    best: Any = None
    for number, key in enumerate(window.offsets):
        value = values[key]
        if best is None:
            best = xp.full_like(value, lowest(xp, x))
        better = value > best
        if not is_integer(x):
            better = better | xp.isnan(value)
        best = xp.where(better, value, best)
        which = xp.where(better, xp.full_like(which, number), which)
    return which


def _first_inside(window: Window) -> Any:
    """Of each window the number of its first element that is no padding: it wins where nothing is above -inf."""
    total: Any = 0
    for axis in window.axes:
        skipped = -(np.minimum(window.starts(axis), 0) // window.dilation[axis])
        skipped = np.minimum(skipped, window.size[axis] - 1)
        total = total * window.size[axis] + skipped.reshape(-1, *(1,) * (-1 - axis))
    return np.broadcast_to(np.asarray(total, np.int64), window.out)


@op(name="nn.max_pool_back", kinds="real float")
def max_pool_back(xp: Any, g: Array, x: Array, ans: Array, window: Any) -> Array:
    """The gradient of `nn.max_pool`: to the element of `x` that is the maximum `ans` of its window.

    `ans` is what a kernel may compare with to find it; here the winners are found anew.
    """
    which = xp.nn.max_pool_winners(x, window)
    shape = (*x.shape[: -len(window.size)], *window.padded)
    total: Any = None
    for number, key in enumerate(window.offsets):
        part = xp.put_into_zeros(xp.where(which == number, g, xp.zeros_like(g)), shape, key)
        total = part if total is None else total + part
    return total[window.inside]


@max_pool_back.gradient("g")
def _(xp: Any, gg: Any, x: Any, ans: Any, window: Any) -> Any:
    return xp.nn.max_pool_read(gg, x, ans, window)


@op(name="nn.max_pool_read", kinds="real float")
def max_pool_read(xp: Any, values: Array, x: Array, ans: Array, window: Any) -> Array:
    """From each window of `values` the one at the place where `x` has its maximum `ans`."""
    which = xp.nn.max_pool_winners(x, window)
    values = padded(xp, values, window, 0)
    total: Any = None
    for number, key in enumerate(window.offsets):
        value = values[key]
        part = xp.where(which == number, value, xp.zeros_like(value))
        total = part if total is None else total + part
    return total


@max_pool_read.gradient("values")
def _(xp: Any, g: Any, x: Any, ans: Any, window: Any) -> Any:
    return xp.nn.max_pool_back(g, x, ans, window)


@op(name="nn.max_pool_places", kinds="real number", differentiable=False)
def max_pool_places(xp: Any, x: Array, window: Any) -> Array:
    """Where the largest element of each window stands, counted through all pooled axes of `x` as in one long row."""
    which = xp.nn.max_pool_winners(x, window)
    total: Any = None
    for axis in window.axes:
        within = which // prod(window.size[len(window.size) + axis + 1 :]) % window.size[axis]
        start = table(xp, window.starts(axis).astype(np.int64).reshape(-1, *(1,) * (-1 - axis)), x)
        place = within * window.dilation[axis] + start
        total = place if total is None else total * window.shape[axis] + place
    return total


def max_pool1d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of a sequence: ``out[n, c, i] = max over k of input[n, c, i * stride + k]``.

    NaN where there is one in the window.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many places are added at both ends, which never are the maximum; at most half of the kernel.
        dilation: how far the elements of a window are apart.
        ceil_mode: whether a last window that does not fit is used too.
        return_indices: whether the places of the maxima are returned as well, for `max_unpool1d`.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.max_pool1d(zk.tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[5., 3.]])
    """
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of an image.

    ``out[i, j] = max over k, l of input[i * stride + k, j * stride + l]``; NaN where there is one in the window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much is added at each edge, which never is the maximum; at most half of the kernel.
        dilation: how far the elements of a window are apart.
        ceil_mode: whether last windows that do not fit are used too.
        return_indices: whether the places of the maxima are returned as well, counted through height and width, for
            `max_unpool2d`.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[1.0, 2.0], [4.0, 3.0]]])
        >>> zk.nn.functional.max_pool2d(x, 2, return_indices=True)
        (Tensor([[[4.]]]), Tensor([[[2]]]))
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of a volume, as `max_pool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much is added at each face, which never is the maximum; at most half of the kernel.
        dilation: how far the elements of a window are apart.
        ceil_mode: whether last windows that do not fit are used too.
        return_indices: whether the places of the maxima are returned as well, counted through depth, height and
            width, for `max_unpool3d`.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.max_pool3d(zk.ones((1, 4, 4, 4)), 2).shape
        (1, 2, 2, 2)
    """
    return _max_pool("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _max_pool(
    name: str,
    n: int,
    x: Any,
    size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    return_indices: Any,
) -> Any:
    x = as_tensor(name, x)
    window = sliding(name, x, n, size, stride, padding, dilation, ceil_mode)
    if not flag(name, "return_indices", return_indices):
        return max_pool(x, window)
    return max_pool(x, window), max_pool_places(x, window)
