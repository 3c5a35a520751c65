"""Sorting, and the largest few. Among equal elements the one that comes first counts as first."""

from __future__ import annotations

from typing import Any, NamedTuple

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.ops.axes import along, normalize_axis
from zkynet.ops.define import multiple, op
from zkynet.ops.kinds import dtype_name, is_bool
from zkynet.tensor import Tensor


class TopK(NamedTuple):
    """What `topk` returns."""

    values: Tensor
    indices: Tensor


def orderable(xp: Any, x: Any) -> Any:
    """`x` in a dtype that backends can order: booleans as 0 and 1, bfloat16 as float32 (for the sake of NaN)."""
    if is_bool(x):
        return xp.astype(x, dt.uint8)
    return xp.astype(x, dt.float32) if dtype_name(x) == "bfloat16" else x


@op(kinds="real")
def sort(xp: Any, x: Array, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The elements along an axis in order, NaN behind all numbers (before them if `descending`).

    Args:
        x: a tensor of real numbers with at least one axis.
        axis: the axis.
        descending: the largest first.
        stable: equal elements keep their order, which shows in the gradient alone.

    Gradient: goes with each element to where it came from.

    Example:
        >>> import zkynet as zk
        >>> zk.sort(zk.tensor([3.0, 1.0, 2.0]))
        Tensor([1., 2., 3.])
    """
    axis = normalize_axis("sort", axis, len(x.shape))
    ordered = orderable(xp, x)
    out = xp.sort(ordered, axis=axis, descending=descending, stable=stable)
    return out if ordered is x else xp.astype(out, x.dtype)


@sort.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: Any, descending: Any) -> Any:
    axis = normalize_axis("sort", axis, len(x.shape))
    order = xp.argsort(x, axis=axis, descending=descending, stable=True)
    return xp.scatter_add(xp.zeros_like(g), order, g, axis=axis)


@op(kinds="real", differentiable=False)
def argsort(xp: Any, x: Array, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The positions that put the elements along an axis in order, as int64.

    Args:
        x: a tensor of real numbers with at least one axis.
        axis: the axis.
        descending: the largest first.
        stable: equal elements keep their order.

    Example:
        >>> import zkynet as zk
        >>> zk.argsort(zk.tensor([3.0, 1.0, 2.0]))
        Tensor([1, 2, 0])
    """
    axis = normalize_axis("argsort", axis, len(x.shape))
    return xp.argsort(orderable(xp, x), axis=axis, descending=descending, stable=stable)


@multiple(TopK)
@op(kinds="real")
def topk(xp: Any, x: Array, k: int, axis: int = -1, largest: bool = True) -> tuple[Array, Array]:
    """The `k` largest (or smallest) elements along an axis, the most extreme first, and their positions.

    NaN counts as larger than any number.

    Args:
        x: a tensor of real numbers with at least one axis.
        k: how many.
        axis: the axis.
        largest: False for the smallest.

    Returns:
        A named tuple ``(values, indices)``.

    Gradient: goes with each value to where it came from; among equal elements to the first.

    Example:
        >>> import zkynet as zk
        >>> zk.topk(zk.tensor([1.0, 4.0, 2.0, 3.0]), 2)
        TopK(values=Tensor([4., 3.]), indices=Tensor([1, 3]))
    """
    axis = normalize_axis("topk", axis, len(x.shape))
    n = x.shape[axis]
    if not 0 <= k <= n:
        raise InvalidValueError(
            f"topk: k is {k}, but axis {axis} has {n} elements",
            facts=[f"x  {tuple(x.shape)}", f"k must be from 0 to {n}"],
            fix=f"pass min(k, {n}), or choose another axis",
            op="topk",
            k=k,
            length=n,
        )
    order = xp.argsort(orderable(xp, x), axis=axis, descending=largest, stable=True)[along(axis, None, k)]
    return xp.take_along_axis(x, order, axis=axis), order


@topk.gradient("x")
def _(xp: Any, g: Any, ans: Any, axis: Any, x_shape: Any) -> Any:
    return spread(xp, g[0], ans[1], normalize_axis("topk", axis, len(x_shape)), x_shape)


def spread(xp: Any, g: Any, indices: Any, axis: int, shape: Any) -> Any:
    """Zeros of `shape` with `g` added at positions along `axis`: the gradient of what was gathered from there."""
    if g.shape[axis] == 0:
        return xp.broadcast_to(xp.sum(g, axis=axis, keepdims=True), shape)  # a sum of nothing: zeros
    zeros = xp.zeros_like(xp.broadcast_to(g[along(axis, None, 1)], shape))
    return xp.scatter_add(zeros, indices, g, axis=axis)


__all__ = ["argsort", "sort", "topk"]
