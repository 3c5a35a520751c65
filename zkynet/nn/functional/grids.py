"""Reading an image at any places, with gradients to the image and to the places: spatial transformers.

Jaderberg et al., Spatial transformer networks (2015).
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.nn.functional.resampling import SHARPNESS
from zkynet.ops.along_axis import take_along_axis
from zkynet.ops.arguments import flag, whole_numbers, word
from zkynet.ops.casting import as_tensor, cast, stop_gradient
from zkynet.ops.creation import asarray
from zkynet.ops.extrema import clip
from zkynet.ops.matmul import matmul
from zkynet.ops.reordering import permute_dims
from zkynet.ops.rounding import floor, round
from zkynet.ops.selecting import where
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["affine_grid", "grid_sample"]

Taps = list[tuple[Tensor, Tensor]]
"""Along one axis: places to read at, as integers within the image, and what is read is multiplied by."""


def affine_grid(theta: Array, size: Any, align_corners: bool | None = None) -> Tensor:
    """The places that an affine map sends the pixels of an image to, for `grid_sample`.

    ``grid[n, h, w] = theta[n] @ (x_w, y_h, 1)``, where x and y run from -1 to 1 over the image.

    Args:
        theta: (N, 2, 3), or (N, 3, 4) for volumes.
        size: the shape of the image to come, (N, C, H, W) or (N, C, D, H, W).
        align_corners: whether -1 and 1 are the middles of the outer pixels, rather than their outer edges; by default
            False.

    Returns:
        (N, H, W, 2) or (N, D, H, W, 3), the last axis in the order x, y (, z).

    Example:
        >>> import zkynet as zk
        >>> theta = zk.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> zk.nn.functional.affine_grid(theta, (1, 1, 1, 2))
        Tensor([[[[-0.5,  0. ],
                  [ 0.5,  0. ]]]])
    """
    theta = as_tensor("affine_grid", theta)
    shape = whole_numbers("affine_grid", "size", size)
    n = len(shape) - 2
    if n not in (2, 3) or min(shape[1:]) < 1 or theta.shape != (shape[0], n, n + 1):
        raise ShapeError(
            "affine_grid: theta and size do not go together",
            facts=[f"theta  {theta.shape}", f"size   {shape}"],
            fix="pass theta (N, 2, 3) with size (N, C, H, W), or (N, 3, 4) with (N, C, D, H, W)",
            op="affine_grid",
        )
    if dt.kind_rank(theta.dtype) != 2:
        raise DTypeError(
            f"affine_grid: theta is of floats, received {theta.dtype}", fix="convert it first", op="affine_grid"
        )
    aligned = align_corners is not None and flag("affine_grid", "align_corners", align_corners)
    axes = [_even(m, aligned) for m in shape[2:]]
    places = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(shape[2:])], axis=-1)
    base = asarray(places.reshape(1, -1, n + 1), dtype=theta.dtype, device=theta.device, backend=theta.backend)
    return reshape(matmul(base, permute_dims(theta, (0, 2, 1))), (shape[0], *shape[2:], n))


def _even(m: int, aligned: bool) -> Any:
    """The middles of `m` pixels over the interval from -1 to 1."""
    if m == 1:
        return np.zeros(1)
    return np.linspace(-1, 1, m) * (1.0 if aligned else (m - 1) / m)


def grid_sample(
    input: Array, grid: Array, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Tensor:
    """An image read at given places: ``out[n, :, i, j] = input[n, :, y, x]`` with ``(x, y) = grid[n, i, j]``.

    Args:
        input: (N, C, H, W), or (N, C, D, H, W).
        grid: (N, H', W', 2), or (N, D', H', W', 3): places from -1 to 1 over the image, in the order x, y (, z).
        mode: "bilinear" (of volumes too), "nearest", or "bicubic" for images alone.
        padding_mode: what is read outside of the image: "zeros", "border" for the nearest pixel in it, "reflection" for
            its mirror image.
        align_corners: whether -1 and 1 are the middles of the outer pixels, rather than their outer edges; by default
            False.

    Returns:
        (N, C, H', W'), or (N, C, D', H', W').

    Gradient: to the input and to the places; zero to a place where the border is read, and in the mode "nearest".

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[[0.0, 4.0]]]])
        >>> zk.nn.functional.grid_sample(x, zk.tensor([[[[0.0, 0.0], [0.5, 0.0]]]]))
        Tensor([[[[2., 4.]]]])
    """
    x, grid = as_tensor("grid_sample", input), as_tensor("grid_sample", grid)
    n = x.ndim - 2
    _check(x, grid, n, mode, padding_mode)
    aligned = align_corners is not None and flag("grid_sample", "align_corners", align_corners)
    lead, shape, out = x.shape[:2], x.shape[2:], grid.shape[1:-1]
    taps = []
    for k, m in enumerate(shape):  # the last axis of the grid runs the other way: x first
        place = reshape(grid[..., n - 1 - k], (lead[0], 1, prod(out)))
        place = (place + 1) * ((m - 1) / 2) if aligned else (place + 1) * (m / 2) - 0.5
        taps.append(_taps(place, m, mode, padding_mode, aligned))
    flat = reshape(x, (*lead, prod(shape)))
    total: Any = None
    for corner in product(*taps):
        at: Any = 0
        weight: Any = 1
        for (index, w), m in zip(corner, shape, strict=True):
            at, weight = at * m + index, weight * w
        part = take_along_axis(flat, at, axis=-1) * weight
        total = part if total is None else total + part
    return reshape(total, (*lead, *out))


def _check(x: Tensor, grid: Tensor, n: int, mode: Any, padding_mode: Any) -> None:
    if n not in (2, 3) or grid.ndim != x.ndim or grid.shape[0] != x.shape[0] or grid.shape[-1] != n:
        raise ShapeError(
            "grid_sample: the input and the grid do not go together",
            facts=[f"input  {x.shape}", f"grid   {grid.shape}"],
            fix="pass (N, C, H, W) with a grid (N, H', W', 2), or (N, C, D, H, W) with a grid (N, D', H', W', 3)",
            op="grid_sample",
        )
    if not all(x.shape[2:]):
        raise ShapeError("grid_sample: the input has no pixels", facts=[f"input  {x.shape}"], op="grid_sample")
    if dt.kind_rank(x.dtype) != 2 or x.dtype != grid.dtype:
        raise DTypeError(
            f"grid_sample: input and grid are floats of one dtype, received {x.dtype} and {grid.dtype}",
            fix="convert them first: grid.astype(x.dtype)",
            op="grid_sample",
        )
    modes = ("bilinear", "nearest", "bicubic") if n == 2 else ("bilinear", "nearest")
    if word("grid_sample", "mode", mode) not in modes:
        raise InvalidValueError(
            f"grid_sample: the mode {mode!r} is not one for an input of {x.ndim} axes",
            fix=f"use one of {', '.join(modes)}",
            op="grid_sample",
        )
    if word("grid_sample", "padding_mode", padding_mode) not in ("zeros", "border", "reflection"):
        raise InvalidValueError(
            f"grid_sample has no padding_mode {padding_mode!r}",
            fix="use one of zeros, border, reflection",
            op="grid_sample",
        )


def _taps(place: Tensor, m: int, mode: str, padding_mode: str, aligned: bool) -> Taps:
    """The pixels of an axis of length `m` that make up what stands at each place."""
    if mode == "bicubic":
        first = stop_gradient(floor(place))
        t = place - first
        weights = (_far(t + 1), _near(t), _near(1 - t), _far(2 - t))
        return [
            _read(_moved(first + k, m, padding_mode, aligned), w, m)
            for k, w in zip((-1, 0, 1, 2), weights, strict=True)
        ]
    place = _moved(place, m, padding_mode, aligned)
    if mode == "nearest":
        return [_read(stop_gradient(round(place)), None, m)]
    first = stop_gradient(floor(place))
    t = place - first
    return [_read(first, 1 - t, m), _read(first + 1, t, m)]


def _read(place: Tensor, weight: Tensor | None, m: int) -> tuple[Tensor, Tensor]:
    """Places as indices, and their weights; 0 outside of the image."""
    inside = (place >= 0) & (place <= m - 1)  # False for NaN
    index = cast(where(inside, place, 0.0), dt.int64)
    return index, cast(inside, place.dtype) if weight is None else where(inside, weight, 0.0)


def _near(t: Tensor) -> Tensor:
    """The cubic kernel of Keys up to 1."""
    return ((SHARPNESS + 2) * t - (SHARPNESS + 3)) * t * t + 1


def _far(t: Tensor) -> Tensor:
    """The cubic kernel of Keys from 1 to 2."""
    return (((t - 5) * t + 8) * t - 4) * SHARPNESS


def _moved(place: Tensor, m: int, padding_mode: str, aligned: bool) -> Tensor:
    """Places outside of the image brought into it."""
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        place = _reflected(place, 0.0, m - 1.0) if aligned else _reflected(place, -0.5, m - 0.5)
    within = (place > 0) & (place < m - 1)  # on the border there is no gradient, as in PyTorch
    return where(within, place, clip(stop_gradient(place), 0.0, m - 1.0))


def _reflected(place: Tensor, low: float, high: float) -> Tensor:
    """Places mirrored at `low` and `high` until they lie between."""
    span = high - low
    if span == 0:
        return place * 0.0
    away = abs(place - low)
    turns = stop_gradient(floor(away / span))
    rest = away - turns * span
    return where(stop_gradient(turns % 2) == 0, rest + low, span - rest + low)
