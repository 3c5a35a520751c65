"""Mean, variance, order statistics, correlation and histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, Axis
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.ops.arguments import number
from zkynet.ops.axes import (
    axes_to_last,
    count_along,
    keepdims_shape,
    normalize_axes,
    valid_axis,
)
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.define import op
from zkynet.ops.explain import check
from zkynet.ops.kinds import is_complex
from zkynet.ops.reduction import max, min, needs_elements, sum
from zkynet.ops.sorting import sort
from zkynet.tensor import Tensor


@op(kinds="float")
def mean(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """The arithmetic mean over axes; NaN of no elements.

    Args:
        x: a tensor; integers are averaged as float32.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.mean(zk.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([2., 3.])
    """
    axis = valid_axis("mean", axis, len(x.shape))
    if 0 in x.shape and count_along(x.shape, axis) == 0:
        return xp.sum(x, axis=axis, keepdims=keepdims) * math.nan
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.gradient("x")
def _(xp: Any, g: Any, axis: Any, x_shape: Any) -> Any:
    return xp.reshape(g, keepdims_shape(x_shape, axis)) / count_along(x_shape, axis)


@op(kinds="float")
def var(xp: Any, x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The variance over axes: the mean squared distance from the mean, ``sum(|x - mean|²) / (n - correction)``.

    Args:
        x: a tensor; integers are taken as float32. The variance of complex numbers is real.
        axis: an axis or a tuple of them; None for all.
        correction: what to subtract from the number `n` of elements: 0 for the variance of a whole population, 1 for
            an estimate from a sample. NaN where ``n <= correction``.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([1.0, 2.0, 3.0, 4.0])
        >>> zk.var(x).item(), zk.var(x, correction=2).item()
        (1.25, 2.5)
    """
    return _variance(xp, x, valid_axis("var", axis, len(x.shape)), correction, keepdims)


@var.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: Any, correction: Any) -> Any:
    scale = 2 * _over(count_along(x.shape, axis) - correction)
    return xp.reshape(g * scale, keepdims_shape(x.shape, axis)) * _conjugate_distance(xp, x, axis)


@op(kinds="float")
def std(xp: Any, x: Array, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The standard deviation over axes: the square root of `var`.

    Args:
        x: a tensor; integers are taken as float32. The deviation of complex numbers is real.
        axis: an axis or a tuple of them; None for all.
        correction: as for `var`.
        keepdims: keep the axes with length one.

    Gradient: 0 where all elements are equal (there it has a kink, and 0 is one of the slopes).

    Example:
        >>> import zkynet as zk
        >>> zk.std(zk.tensor([[1.0, 3.0], [5.0, 5.0]]), axis=1)
        Tensor([1., 0.])
    """
    return xp.sqrt(_variance(xp, x, valid_axis("std", axis, len(x.shape)), correction, keepdims))


@std.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any, axis: Any, correction: Any) -> Any:
    nonzero = xp.where(ans == 0, xp.ones_like(ans), ans)
    scale = g / nonzero * _over(count_along(x.shape, axis) - correction)
    return xp.reshape(scale, keepdims_shape(x.shape, axis)) * _conjugate_distance(xp, x, axis)


def _over(count: float) -> float:
    return 1 / count if count > 0 else math.nan


def _variance(xp: Any, x: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    count = count_along(x.shape, axis)
    if count == 0:
        empty = xp.sum(x, axis=axis, keepdims=keepdims) * math.nan
        return xp.real(empty) if is_complex(x) else empty
    if is_complex(x):
        out = xp.var(xp.real(x), axis=axis, keepdims=keepdims) + xp.var(xp.imag(x), axis=axis, keepdims=keepdims)
    else:
        out = xp.var(x, axis=axis, keepdims=keepdims)
    return out * (count * _over(count - correction)) if correction else out


def _conjugate_distance(xp: Any, x: Any, axis: Any) -> Any:
    """``conj(x - mean)``."""
    if 0 in x.shape:
        return x  # empty as well
    distance = x - xp.mean(x, axis=valid_axis("var", axis, len(x.shape)), keepdims=True)
    return xp.conj(distance) if is_complex(x) else distance


def _check_axes(name: str, x: Array, axis: Axis, *_: object) -> None:
    normalize_axes(name, axis, len(x.shape))


for _name in ("mean", "var", "std"):
    check(_name)(partial(_check_axes, _name))


# -- made of other ops: their gradients follow --------------------------------------------------------------------


def floating(name: str, x: Array) -> Tensor:
    """`x` as a tensor of floating (or complex) numbers."""
    x = as_tensor(name, x)
    return x if dt.kind_rank(x.dtype) >= 2 else cast(x, dt.default_float)


def ptp(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The range of the values over axes, ``max - min``.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: shared equally among the elements that tie, as that of `max` and `min`.

    Example:
        >>> import zkynet as zk
        >>> zk.ptp(zk.tensor([1.0, 5.0, 3.0])).item()
        4.0
    """
    x = as_tensor("ptp", x)
    needs_elements("ptp", x, axis)
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def median(x: Array, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The value in the middle over axes, or the mean of the two in the middle; NaN if there is one among them.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: goes to the one or two elements in the middle; among equal ones, to those first in a stable sort.

    Example:
        >>> import zkynet as zk
        >>> zk.median(zk.tensor([4.0, 1.0, 3.0, 9.0])).item()
        3.5
    """
    return _quantile("median", x, 0.5, axis, keepdims)


def quantile(x: Array, q: float | Sequence[float], axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The value below which the fraction `q` of the elements lies, linearly between the two nearest elements.

    With the elements sorted and ``h = q (n - 1)``:  ``(1 - w) x[floor(h)] + w x[ceil(h)]``,  ``w = h - floor(h)``.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        q: a number from 0 to 1, or several: the result then has them along a first axis of its own.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: goes to the one or two elements that the result is made of. There is none with respect to `q`.

    Example:
        >>> import zkynet as zk
        >>> zk.quantile(zk.tensor([1.0, 2.0, 3.0, 5.0]), [0.0, 0.5, 0.9])
        Tensor([1. , 2.5, 4.4])
    """
    return _quantile("quantile", x, q, axis, keepdims)


def percentile(x: Array, q: float | Sequence[float], axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The value below which `q` percent of the elements lie, see `quantile`.

    Args:
        x: a tensor of real numbers; integers are taken as float32.
        q: a number from 0 to 100, or several: the result then has them along a first axis of its own.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.percentile(zk.tensor([1.0, 2.0, 3.0]), 75).item()
        2.5
    """
    given: Any = q.tolist() if hasattr(q, "tolist") else q
    several = isinstance(given, (list, tuple))
    part: Any = [number("percentile", "q", p) / 100 for p in (given if several else [given])]
    part = part if several else part[0]
    return _quantile("percentile", x, part, axis, keepdims)


def _quantile(name: str, x: Array, q: Any, axis: Axis, keepdims: bool) -> Tensor:
    xp = Recording.namespace
    x = floating(name, x)
    needs_elements(name, x, axis)
    given = q.tolist() if hasattr(q, "tolist") else q
    listed = isinstance(given, (list, tuple))
    levels = [number(name, "q", level) for level in (given if listed else [given])]
    for level in levels:
        if not 0 <= level <= 1:
            most, fix = (
                (100, "pass a number in between") if name == "percentile" else (1, "for percentages, use zk.percentile")
            )
            raise InvalidValueError(
                f"{name}: q must be from 0 to {most}, received {level * most}", fix=fix, op=name, q=level * most
            )
    axes = normalize_axes(name, axis, x.ndim)
    ordered = sort(axes_to_last(xp, x, axes), axis=-1, stable=False)
    last = ordered[..., -1]  # NaN if there is any
    shape = keepdims_shape(x.shape, axes) if keepdims else last.shape

    def at(level: float) -> Tensor:
        place = level * (ordered.shape[-1] - 1)
        low, w = math.floor(place), place - math.floor(place)
        value = ordered[..., low]
        if w:
            value = value * (1 - w) + ordered[..., low + 1] * w
        return xp.reshape(xp.where(xp.isnan(last), last, value), shape)

    if listed and not levels:
        return xp.zeros_like(last)[None][:0]
    return xp.stack([at(level) for level in levels]) if listed else at(levels[0])


def average(x: Array, axis: Axis = None, weights: Array | None = None, keepdims: bool = False) -> Tensor:
    """The weighted mean over axes, ``sum(w x) / sum(w)``.

    Args:
        x: a tensor.
        axis: an axis or a tuple of them; None for all.
        weights: of the shape of `x`, or of the lengths of `axis`; None for the plain mean.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.average(zk.tensor([1.0, 2.0, 4.0]), weights=[1.0, 1.0, 2.0]).item()
        2.75
    """
    xp = Recording.namespace
    x = floating("average", x)
    if weights is None:
        return mean(x, axis, keepdims)
    w = as_tensor("average", weights)
    axes = normalize_axes("average", axis, x.ndim)
    if w.shape != x.shape:
        if w.shape != tuple(x.shape[a] for a in axes):
            raise ShapeError(
                "average: the weights do not fit",
                facts=[f"x  {x.shape}", f"axis  {axis}", f"weights  {w.shape}"],
                fix="pass weights of the shape of x, or of the lengths of its axes",
                op="average",
            )
        w = xp.permute_dims(w, tuple(axes.index(a) for a in sorted(axes)))
        w = xp.reshape(w, tuple(n if a in axes else 1 for a, n in enumerate(x.shape)))
        return sum(x * w, axis, keepdims) / sum(w)
    return sum(x * w, axis, keepdims) / sum(w, axis, keepdims)


def cov(x: Array, correction: float = 1) -> Tensor:
    """The covariance matrix of variables: ``sum((x_i - mean_i) conj(x_j - mean_j)) / (n - correction)``.

    Args:
        x: shape (variables, observations), or (observations,) of a single variable, whose variance is returned.
        correction: 1 for an estimate from a sample, 0 for a whole population.

    Example:
        >>> import zkynet as zk
        >>> zk.cov(zk.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        Tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    xp = Recording.namespace
    x = floating("cov", x)
    correction = number("cov", "correction", correction)
    if x.ndim not in (1, 2):
        raise ShapeError(
            "cov needs variables along the first axis and observations along the second",
            facts=[f"received  {x.shape}"],
            fix="reshape it to (variables, observations)",
            op="cov",
        )
    distance = xp.reshape(x, (-1, x.shape[-1])) if x.ndim == 1 else x
    distance = distance - mean(distance, 1, True)
    turned = xp.matrix_transpose(distance)
    out = xp.matmul(distance, xp.conj(turned) if is_complex(x) else turned) * _over(x.shape[-1] - correction)
    return xp.reshape(out, ()) if x.ndim == 1 else out


def corrcoef(x: Array) -> Tensor:
    """The correlation matrix of variables: `cov` with every variable scaled to variance 1.

    Args:
        x: shape (variables, observations).

    Example:
        >>> import zkynet as zk
        >>> zk.corrcoef(zk.tensor([[0.0, 1.0, 2.0], [4.0, 2.0, 0.0]]))
        Tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    xp = Recording.namespace
    c = cov(x)
    if c.ndim == 0:
        return c / c
    variance = xp.linalg.diagonal(c)
    deviation = xp.sqrt(xp.real(variance) if is_complex(c) else variance)
    return c / deviation[:, None] / deviation[None, :]


__all__ = [
    "average", "corrcoef", "cov", "mean", "median", "percentile", "ptp", "quantile", "std", "var",
]  # fmt: skip
