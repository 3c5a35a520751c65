"""Reductions that leave NaN out, as if those elements were not there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, Axis
from zkynet.errors import InvalidValueError
from zkynet.graph import Recording
from zkynet.ops.arguments import number
from zkynet.ops.axes import axes_to_last, keepdims_shape, normalize_axes
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.reduction import count_nonzero, max, min, needs_elements, prod, sum
from zkynet.ops.sorting import sort
from zkynet.ops.statistics import floating
from zkynet.tensor import Tensor

__all__ = ["nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar"]


def _replaced(name: str, x: Array, number: float) -> Tensor:
    """`x` with a number in place of NaN."""
    x = as_tensor(name, x)
    if dt.kind_rank(x.dtype) < 2:
        return x
    xp = Recording.namespace
    return xp.where(xp.isnan(x), number, x)


def nansum(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes of the elements that are not NaN.

    Args:
        x: a tensor.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: 0 at the NaNs.

    Example:
        >>> import zkynet as zk
        >>> zk.nansum(zk.tensor([1.0, float("nan"), 3.0])).item()
        4.0
    """
    return sum(_replaced("nansum", x, 0.0), axis, keepdims)


def nanmean(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes of the elements that are not NaN; NaN if there are none.

    Args:
        x: a tensor; integers are averaged as float32.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: 0 at the NaNs.

    Example:
        >>> import zkynet as zk
        >>> zk.nanmean(zk.tensor([1.0, float("nan"), 3.0])).item()
        2.0
    """
    xp = Recording.namespace
    x = floating("nanmean", x)
    return nansum(x, axis, keepdims) / count_nonzero(xp.logical_not(xp.isnan(x)), axis, keepdims)


def nanprod(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over axes of the elements that are not NaN.

    Args:
        x: a tensor.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: 0 at the NaNs.

    Example:
        >>> import zkynet as zk
        >>> zk.nanprod(zk.tensor([2.0, float("nan"), 3.0])).item()
        6.0
    """
    return prod(_replaced("nanprod", x, 1.0), axis, keepdims)


def nanmax(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element over axes that is not NaN; NaN if there are none.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.nanmax(zk.tensor([2.0, float("nan"), 3.0])).item()
        3.0
    """
    return _extreme("nanmax", max, -math.inf, x, axis, keepdims)


def nanmin(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element over axes that is not NaN; NaN if there are none.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.nanmin(zk.tensor([2.0, float("nan"), 3.0])).item()
        2.0
    """
    return _extreme("nanmin", min, math.inf, x, axis, keepdims)


def _extreme(name: str, extreme: Any, least: float, x: Array, axis: Axis, keepdims: bool) -> Tensor:
    xp = Recording.namespace
    x = as_tensor(name, x)
    needs_elements(name, x, axis)
    out = extreme(_replaced(name, x, least), axis, keepdims)
    if dt.kind_rank(x.dtype) < 2:
        return out
    return xp.where(xp.all(xp.isnan(x), axis=axis, keepdims=keepdims), math.nan, out)


def nanvar(x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The variance over axes of the elements that are not NaN, see `var`; NaN where there are not enough.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        axis: an axis or a tuple of them; None for all.
        correction: what to subtract from the number of elements.
        keepdims: keep the axes with length one.

    Gradient: 0 at the NaNs.

    Example:
        >>> import zkynet as zk
        >>> zk.nanvar(zk.tensor([1.0, float("nan"), 3.0])).item()
        1.0
    """
    xp = Recording.namespace
    x, correction = floating("nanvar", x), number("nanvar", "correction", correction)
    distance = _replaced("nanvar", x - nanmean(x, axis, True), 0.0)
    freedom = cast(count_nonzero(xp.logical_not(xp.isnan(x)), axis, keepdims), x.dtype) - correction
    return sum(xp.square(distance), axis, keepdims) / xp.where(freedom > 0, freedom, math.nan)


def nanstd(x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The standard deviation over axes of the elements that are not NaN: the square root of `nanvar`.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        axis: an axis or a tuple of them; None for all.
        correction: what to subtract from the number of elements.
        keepdims: keep the axes with length one.

    Gradient: 0 at the NaNs, and where all elements are equal.

    Example:
        >>> import zkynet as zk
        >>> zk.nanstd(zk.tensor([1.0, float("nan"), 3.0])).item()
        1.0
    """
    xp = Recording.namespace
    variance = nanvar(x, axis, number("nanstd", "correction", correction), keepdims)
    flat = variance == 0
    return xp.where(flat, 0.0, xp.sqrt(xp.where(flat, 1.0, variance)))


def nanmedian(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The value in the middle over axes of the elements that are not NaN, see `median`; NaN if there are none.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.nanmedian(zk.tensor([4.0, 1.0, float("nan")])).item()
        2.5
    """
    return _quantile("nanmedian", x, 0.5, axis, keepdims)


def nanquantile(x: Array, q: float | Sequence[float], axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The value below which the fraction `q` of the elements that are not NaN lies, see `quantile`.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        q: a number from 0 to 1, or several: the result then has them along a first axis of its own.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.nanquantile(zk.tensor([4.0, 1.0, float("nan")]), 1.0).item()
        4.0
    """
    given: Any = q.tolist() if hasattr(q, "tolist") else q
    if isinstance(given, (list, tuple)):
        return Recording.namespace.stack([_quantile("nanquantile", x, level, axis, keepdims) for level in given])
    return _quantile("nanquantile", x, given, axis, keepdims)


def _quantile(name: str, x: Array, level: float, axis: Axis, keepdims: bool) -> Tensor:
    xp = Recording.namespace
    x, level = floating(name, x), number(name, "q", level)
    needs_elements(name, x, axis)
    if not 0 <= level <= 1:
        raise InvalidValueError(
            f"{name}: q must be from 0 to 1, received {level}", fix="divide percentages by 100", op=name, q=level
        )
    axes = normalize_axes(name, axis, x.ndim)
    ordered = sort(axes_to_last(xp, x, axes), axis=-1)  # NaN comes last
    last = xp.clip(count_nonzero(xp.logical_not(xp.isnan(ordered)), -1, True) - 1, 0, None)
    place = cast(last, dt.float64) * level
    low = xp.floor(place)
    weight = cast(place - low, x.dtype)
    at = cast(low, dt.int64)
    below, above = (xp.take_along_axis(ordered, i, axis=-1) for i in (at, xp.minimum(at + 1, last)))
    out = below * (1 - weight) + above * weight
    return xp.reshape(out, keepdims_shape(x.shape, axes) if keepdims else out.shape[:-1])
