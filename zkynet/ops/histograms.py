"""How often integers occur, and how many numbers fall between edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import number, whole
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import op
from zkynet.ops.kinds import place_of
from zkynet.ops.reduction import max, min, sum
from zkynet.ops.searching import to_common
from zkynet.ops.statistics import floating
from zkynet.tensor import Tensor


class Histogram(NamedTuple):
    """What `histogram` returns."""

    counts: Tensor
    edges: Tensor


@op(name="bincount", promote=False)
def _bincount(xp: Any, x: Array, weights: Array | None, length: int) -> Array:
    if weights is None:
        edges = xp.arange(length + 1, dtype=x.dtype, device=place_of(xp, x))
        return xp.diff(xp.searchsorted(xp.sort(x, stable=False), edges))
    zeros = xp.zeros((length,), dtype=weights.dtype, device=place_of(xp, weights))
    return xp.scatter_add(zeros, x, weights, axis=0)


@_bincount.gradient("weights")
def _(xp: Any, g: Any, x: Any) -> Any:
    return xp.take(g, x, axis=0)


def bincount(x: Array, weights: Array | None = None, minlength: int = 0) -> Tensor:
    """How often each of the numbers 0, 1, 2, … occurs, as int64; or the sum of the weights at each of them.

    Args:
        x: integers from 0 on, shape (n,).
        weights: one for each element of `x`.
        minlength: how many numbers to count at least; by default up to the largest in `x`.

    Gradient: with respect to the weights only.

    Example:
        >>> import zkynet as zk
        >>> zk.bincount(zk.tensor([0, 2, 2]))
        Tensor([1, 0, 2])
    """
    x = as_tensor("bincount", x)
    if x.dtype.kind not in "iu":
        raise DTypeError(
            f"bincount counts integers, received {x.dtype}", fix="convert them: x.astype(zk.int64)", op="bincount"
        )
    if weights is not None:
        weights = floating("bincount", weights)
    if x.ndim != 1 or (weights is not None and weights.shape != x.shape):
        raise ShapeError(
            "bincount takes a list with one axis, and as many weights",
            facts=[f"x  {x.shape}"] + ([] if weights is None else [f"weights  {weights.shape}"]),
            fix="reshape it first: x.reshape(-1)",
            op="bincount",
        )
    x = cast(x, dt.int64)
    length = whole("bincount", "minlength", minlength)
    if x.size:
        lowest, highest = min(x).item(), max(x).item()
        if lowest < 0:
            raise InvalidValueError(
                f"bincount counts numbers from 0 on, received {lowest}", fix="add an offset first", op="bincount"
            )
        length = length if length > highest else highest + 1
    return _bincount(x, weights, length)


@op(name="histogram", kinds="real", differentiable=False)
def _histogram(xp: Any, x: Array, edges: Array) -> Array:
    ordered = xp.sort(x, stable=False)
    below = [xp.searchsorted(ordered, edges[:-1], side="left"), xp.searchsorted(ordered, edges[-1:], side="right")]
    return xp.diff(xp.concat(below))


def histogram(
    x: Array,
    bins: int | Sequence[float] | Array = 10,
    range: tuple[float, float] | None = None,
    density: bool = False,
) -> Histogram:
    """How many elements fall between neighbouring edges: each bin with its left edge, the last with both.

    Args:
        x: a tensor of real numbers; what lies outside of the edges (NaN, too) is not counted.
        bins: how many bins of equal width, or their ascending edges.
        range: the first and the last edge, if `bins` is a number; by default the smallest and the largest element.
        density: divide by the number of elements counted and the widths, so that the area is 1. Else counts are int64.

    Returns:
        A named tuple: ``counts``, shape (bins,), and ``edges``, shape (bins + 1,). No gradient flows through either.

    Example:
        >>> import zkynet as zk
        >>> zk.histogram(zk.tensor([1.0, 2.0, 2.5, 5.0]), bins=2)
        Histogram(counts=Tensor([3, 1]), edges=Tensor([1., 3., 5.]))
    """
    x = floating("histogram", x).detach().reshape(-1)
    if not isinstance(bins, (list, tuple)) and not hasattr(bins, "shape"):
        bins = whole("histogram", "bins", bins)
        if bins < 1:
            raise InvalidValueError(f"histogram: {bins} bins", fix="ask for at least one", op="histogram", bins=bins)
        if range is None:
            range = (min(x).item(), max(x).item()) if x.size else (0.0, 1.0)
        ends = range if isinstance(range, (tuple, list)) else (range,)
        if len(ends) != 2:
            raise ArgumentError(
                f"histogram: range is a pair of numbers, received {described(range)}",
                fix="pass range=(low, high)",
                op="histogram",
            )
        low, high = (number("histogram", "range", end) for end in ends)
        if not (np.isfinite(low) and np.isfinite(high) and low <= high):
            raise InvalidValueError(
                f"histogram: the range is from {low} to {high}", fix="pass range=(low, high)", op="histogram"
            )
        if low == high:
            low, high = low - 0.5, high + 0.5
        host = np.linspace(low, high, bins + 1).astype(x.dtype)
        edges = asarray(host, device=x.device, backend=x.backend)
    else:
        listed = isinstance(bins, (list, tuple))  # Python's numbers take the dtype of x
        edges = asarray(bins, dtype=x.dtype if listed else None, device=x.device, backend=x.backend).detach()
        ascending = edges.ndim == 1 and edges.size > 1 and bool(np.all(np.diff(edges.numpy()) >= 0))
        if not ascending:
            raise InvalidValueError(
                "histogram: the edges must be a list of at least two ascending numbers",
                facts=[f"received  {edges.shape}"],
                fix="sort them, or pass the number of bins",
                op="histogram",
            )
    x, edges = to_common("histogram", x, edges)
    counts = _histogram(x, edges)
    if density:
        counts = cast(counts, x.dtype)
        counts = counts / sum(counts) / (edges[1:] - edges[:-1])
    counts._cut = edges._cut = "histogram"  # what to say when asked for a gradient
    return Histogram(counts, edges)


__all__ = ["bincount", "histogram"]
