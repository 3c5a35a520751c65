"""Pooling to a size that is asked for, whatever that of the input: window `i` of `m` goes from floor(i n / m) to
ceil((i + 1) n / m), so that the windows cover the input and overlap by one element at most."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.functional.average_pooling import avg_pool
from zkynet.nn.functional.max_pooling import max_pool, max_pool_places
from zkynet.nn.functional.taps import Taps, weighted_taps
from zkynet.nn.functional.windows import Window, spatial_tensor
from zkynet.ops.arguments import flag, whole
from zkynet.ops.casting import cast
from zkynet.ops.creation import asarray
from zkynet.ops.selecting import take
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]


def bounds(n: int, m: int) -> list[tuple[int, int]]:
    """Where each of `m` windows over an axis of length `n` starts and stops."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


@lru_cache(256)
def mean_taps(n: int, m: int) -> Taps:
    """The means of the windows of an axis."""
    return Taps(
        n, [(np.arange(start, stop), np.full(stop - start, 1 / (stop - start))) for start, stop in bounds(n, m)]
    )


@lru_cache(256)
def spread_places(n: int, m: int) -> tuple[np.ndarray[Any, Any], int]:
    """The windows of an axis one after the other, as long as the longest: shorter ones repeat their last element."""
    parts = bounds(n, m)
    longest = max(stop - start for start, stop in parts)
    return np.array([min(start + k, stop - 1) for start, stop in parts for k in range(longest)], np.int64), longest


def _sizes(name: str, x: Tensor, output_size: Any, n: int) -> tuple[int, ...]:
    """The lengths of the axes of the result."""
    given = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,)
    given = given * n if len(given) == 1 else given
    if len(given) != n:
        raise InvalidValueError(
            f"{name}: output_size has {len(given)} numbers for {n} axes",
            fix="pass one number, or one for each axis; None keeps the length of an axis",
            op=name,
        )
    shape = x.shape[-n:]
    if not all(shape):
        raise ShapeError(
            f"{name}: an axis to pool over is empty", facts=[f"input  {x.shape}"], fix="pass larger inputs", op=name
        )
    out = tuple(
        [length if m is None else whole(name, "output_size", m) for m, length in zip(given, shape, strict=True)]
    )
    if min(out) < 1:
        raise InvalidValueError(
            f"{name}: output_size is at least 1, received {output_size}", fix="pass a larger output_size", op=name
        )
    return out


def _tiles(shape: tuple[int, ...], out: tuple[int, ...]) -> Window:
    """Windows side by side that cover axes whose lengths are multiples of the numbers of windows."""
    size = tuple([n // m for n, m in zip(shape, out, strict=True)])
    one, none = (1,) * len(out), (0,) * len(out)
    return Window(size, size, none, one, shape, out)


def _adaptive_avg_pool(name: str, n: int, x: Any, output_size: Any) -> Tensor:
    x = spatial_tensor(name, x, n)
    if dt.kind_rank(x.dtype) < 2:
        x = cast(x, dt.default_float)
    out, shape = _sizes(name, x, output_size, n), x.shape[-n:]
    if all(length % m == 0 for length, m in zip(shape, out, strict=True)):
        window = _tiles(shape, out)
        return avg_pool(x, window, prod(window.size))
    for axis in range(-n, 0):
        if shape[axis] != out[axis]:
            x = weighted_taps(x, mean_taps(shape[axis], out[axis]), axis)
    return x


def _adaptive_max_pool(name: str, n: int, x: Any, output_size: Any, return_indices: Any) -> Any:
    x = spatial_tensor(name, x, n)
    out, shape = _sizes(name, x, output_size, n), x.shape[-n:]
    with_places = flag(name, "return_indices", return_indices)
    if all(length % m == 0 for length, m in zip(shape, out, strict=True)):
        window = _tiles(shape, out)
        return (max_pool(x, window), max_pool_places(x, window)) if with_places else max_pool(x, window)
    tables = [spread_places(length, m)[0] for length, m in zip(shape, out, strict=True)]
    for axis, places in zip(range(-n, 0), tables, strict=True):
        if len(places) != shape[axis]:
            x = take(x, asarray(places, device=x.device, backend=x.backend), axis=axis)
    window = _tiles(x.shape[-n:], out)
    values = max_pool(x, window)
    return (values, _original_places(x, window, shape, tables)) if with_places else values


def _original_places(x: Tensor, window: Window, shape: tuple[int, ...], tables: list[Any]) -> Tensor:
    """Where the maxima of spread windows stand in the input that was spread."""
    place = max_pool_places(x, window)
    total = None
    for axis, places in zip(window.axes, tables, strict=True):
        along = place // prod(window.shape[len(shape) + axis + 1 :]) % window.shape[axis]
        flat = take(asarray(places, device=x.device, backend=x.backend), reshape(along, (-1,)))
        at = reshape(flat, place.shape)
        total = at if total is None else total * shape[axis] + at
    assert total is not None
    return total


def adaptive_avg_pool1d(input: Array, output_size: Any) -> Tensor:
    """Means of a given number of windows of a sequence; window i of m covers floor(i L / m) to ceil((i + 1) L / m).

    Args:
        input: (N, C, L) or (C, L).
        output_size: how many windows; None keeps L.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_avg_pool1d(zk.tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[1.5, 4. ]])
    """
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Array, output_size: Any) -> Tensor:
    """Means of a given number of windows of an image, which together cover it.

    Along each axis, window i of m covers floor(i n / m) to ceil((i + 1) n / m). With 1 it is the mean of the image.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: the height and width of the result, or one number for both; None keeps that of the input.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_avg_pool2d(zk.ones((1, 8, 7, 7)), (2, None)).shape
        (1, 8, 2, 7)
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Array, output_size: Any) -> Tensor:
    """Means of a given number of windows of a volume, as `adaptive_avg_pool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        output_size: the depth, height and width of the result, or one number for all; None keeps that of the input.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_avg_pool3d(zk.ones((1, 8, 5, 7, 7)), 1).shape
        (1, 8, 1, 1, 1)
    """
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Array, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of a given number of windows of a sequence; window i of m covers floor(i L / m) to ceil((i + 1) L / m).

    Args:
        input: (N, C, L) or (C, L).
        output_size: how many windows; None keeps L.
        return_indices: whether the places of the maxima are returned as well.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_max_pool1d(zk.tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[2., 6.]])
    """
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Array, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of a given number of windows of an image, which together cover it.

    Along each axis, window i of m covers floor(i n / m) to ceil((i + 1) n / m). With 1 it is the maximum of the image.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: the height and width of the result, or one number for both; None keeps that of the input.
        return_indices: whether the places of the maxima are returned as well, counted through height and width.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_max_pool2d(zk.ones((1, 8, 7, 7)), (2, None)).shape
        (1, 8, 2, 7)
    """
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Array, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of a given number of windows of a volume, as `adaptive_max_pool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        output_size: the depth, height and width of the result, or one number for all; None keeps that of the input.
        return_indices: whether the places of the maxima are returned as well.

    Gradient: to the first of the largest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.adaptive_max_pool3d(zk.ones((1, 8, 5, 7, 7)), 1).shape
        (1, 8, 1, 1, 1)
    """
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)
