"""Tensors made larger at their edges."""

from __future__ import annotations

from operator import index
from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.define import OPS, op
from zkynet.ops.filled import full_like
from zkynet.ops.indexing import getitem
from zkynet.tensor import Tensor

__all__ = ["pad"]

MODES = {
    "constant": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "edge": "edge",
    "circular": "wrap",
    "wrap": "wrap",
}


@op(name="pad_zeros")
def _pad_zeros(xp: Any, x: Array, widths: Any) -> Array:
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, widths, strict=True))
    return xp.put_into_zeros(x, shape, _inside(x.shape, widths))


@_pad_zeros.gradient("x")
def _(xp: Any, g: Any, widths: Any) -> Any:
    shape = tuple(n - before - after for n, (before, after) in zip(g.shape, widths, strict=True))
    return g[_inside(shape, widths)]


def _inside(shape: Any, widths: Any) -> tuple[slice, ...]:
    return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True))


def pad(x: Array, widths: Any, mode: str = "constant", value: float = 0) -> Tensor:
    """A tensor made larger at its edges.

    Args:
        x: a tensor of any shape.
        widths: how many elements before and after: a number for all edges, a pair for all axes, or one pair an axis.
        mode: ``"constant"``; ``"reflect"`` (mirrored, the edge not repeated); ``"edge"`` or ``"replicate"`` (the edge
            repeated); ``"wrap"`` or ``"circular"`` (from the other end).
        value: what to fill with in the constant mode.

    Example:
        >>> import zkynet as zk
        >>> zk.pad(zk.tensor([1, 2, 3]), (1, 2)), zk.pad(zk.tensor([1, 2, 3]), (1, 2), mode="reflect")
        (Tensor([0, 1, 2, 3, 0, 0]), Tensor([2, 1, 2, 3, 2, 1]))
    """
    x = as_tensor("pad", x)
    pairs = _pairs(widths, x.ndim)
    if mode not in MODES:
        raise InvalidValueError(f"pad has no mode {mode!r}", fix=f"use one of {', '.join(MODES)}", op="pad")
    if MODES[mode] != "constant":
        for axis, (before, after) in enumerate(pairs):
            if before or after:
                x = _pad_axis(x, axis, before, after, MODES[mode])
        return x
    out: Tensor = OPS["pad_zeros"].run_prepared(x.backend, [x, pairs])
    if not value:
        return out
    hole = full_like(x, 0) if x.size else x.detach()
    frame = full_like(out, value)
    frame = OPS["index_set"].run_prepared(x.backend, [frame, cast(hole, out.dtype), _inside(x.shape, pairs)])
    return out + frame


def _pairs(widths: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """Widths as a pair of numbers for each axis."""
    try:
        if not isinstance(widths, (tuple, list)):
            pairs = ((index(widths), index(widths)),) * ndim
        elif all(not isinstance(w, (tuple, list)) for w in widths):
            if len(widths) != 2:
                raise TypeError
            pairs = ((index(widths[0]), index(widths[1])),) * ndim
        else:
            pairs = tuple((index(a), index(b)) for a, b in widths)
            pairs = pairs * ndim if len(pairs) == 1 else pairs
    except (TypeError, ValueError):
        raise ArgumentError(
            f"pad: widths are a number, a pair, or a pair for each axis, received {widths!r:.80}", op="pad"
        ) from None
    if len(pairs) != ndim:
        raise ShapeError(
            f"pad: {len(pairs)} pairs of widths for a tensor of {ndim} axes", fix="pass a pair for each axis"
        )
    if any(n < 0 for pair in pairs for n in pair):
        raise InvalidValueError("pad: a width is negative", fix="cut with slices: x[1:-1]", op="pad")
    return pairs


def _pad_axis(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """One axis padded with elements of the tensor itself."""
    n = x.shape[axis]
    if n == 0:
        raise ShapeError(f"pad: axis {axis} is empty, there is nothing to fill its edges with", op="pad", axis=axis)
    places = [_source(i, n, mode) for i in range(-before, n + after)]
    return getitem(x, (slice(None),) * axis + (places,))


def _source(i: int, n: int, mode: str) -> int:
    """Which element stands at place `i` of an axis of length `n` that goes on beyond its ends."""
    if mode == "edge":
        return min(max(i, 0), n - 1)
    if mode == "wrap":
        return i % n
    period = max(2 * (n - 1), 1)
    i %= period
    return i if i < n else period - i
