"""Tensors made larger at their edges."""

from __future__ import annotations

from operator import index
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.direct import direct
from zkynet.ops.filled import as_shape
from zkynet.ops.joining import concat, repeat
from zkynet.ops.selecting import take
from zkynet.tensor import Tensor

__all__ = ["pad"]

MODES = {
    "constant": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "edge": "edge",
    "symmetric": "symmetric",
    "circular": "wrap",
    "wrap": "wrap",
}
"""The ways to pad: NumPy's names, and PyTorch's where they differ."""


@op(name="pad")
def _pad(xp: Any, x: Array, widths: Any, value: Any) -> Array:
    shape = tuple([before + n + after for n, (before, after) in zip(x.shape, widths, strict=True)])
    inside = _inside(x.shape, widths)
    if not value:
        return xp.put_into_zeros(x, shape, inside)
    backend = xp.backend
    frame = backend.full(shape, value, backend.dtype_of(x), backend.device_of(x))
    return backend.index_set(frame, inside, x)


@_pad.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, widths: Any) -> Any:
    return g[_inside(x_shape, widths)]


_padded = direct(_pad.op)


def _inside(shape: Any, widths: Any) -> tuple[slice, ...]:
    return tuple([slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True)])


def pad(
    x: Array, widths: Any, mode: str = "constant", value: complex = 0, *, constant_values: complex | None = None
) -> Tensor:
    """A tensor made larger at its edges.

    Args:
        x: a tensor of any shape.
        widths: how many elements before and after: a number for all edges, a pair for all axes, or a pair for each
            axis.
        mode: ``"constant"``; ``"reflect"`` (mirrored, the edge not repeated); ``"symmetric"`` (mirrored, the edge too);
            ``"edge"`` or ``"replicate"`` (the edge repeated); ``"wrap"`` or ``"circular"`` (from the other end).
        value: what to fill with in the constant mode.
        constant_values: the same by NumPy's name.

    Gradient: an element collects that of each of its copies.

    Example:
        >>> import zkynet as zk
        >>> zk.pad(zk.tensor([1, 2, 3]), (1, 2)), zk.pad(zk.tensor([1, 2, 3]), (1, 2), mode="reflect")
        (Tensor([0, 1, 2, 3, 0, 0]), Tensor([2, 1, 2, 3, 2, 1]))
    """
    x = as_tensor("pad", x)
    pairs = _pairs(widths, x.ndim)
    if not isinstance(mode, str) or mode not in MODES:
        raise InvalidValueError(
            f"pad has no mode {repr(mode) if isinstance(mode, str) else described(mode)}",
            fix=f"use one of {', '.join(MODES)}",
            op="pad",
        )
    way = MODES[mode]
    value = value if constant_values is None else constant_values
    if way == "constant":
        _check_value(x, value)
        as_shape("pad", [before + n + after for n, (before, after) in zip(x.shape, pairs, strict=True)])
        return _padded(x, pairs, value)
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            x = _pad_axis(x, axis, before, after, way)
    return x


def _check_value(x: Tensor, value: Any) -> None:
    """Refuse a number that the dtype of `x` cannot hold."""
    kinds = {bool: "biufc", int: "iufc", float: "fc", complex: "c"}
    if not isinstance(value, (bool, int, float, complex)):
        raise ArgumentError(
            f"pad: the value is a number, received {described(value)}", fix="pass a Python number", op="pad"
        )
    dt.require_fit("pad", value, x.dtype)
    kind = next(k for k in kinds if isinstance(value, k))
    if x.dtype.kind not in kinds[kind] + "V":  # V: what NumPy calls bfloat16
        raise DTypeError(
            f"pad: {value!r} does not fit into {x.dtype}",
            fix="convert the tensor first: x.astype(...)",
            op="pad",
            dtype=x.dtype,
        )


def _pairs(widths: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """Widths as a pair of numbers for each axis."""
    try:
        if not isinstance(widths, (tuple, list)):
            pairs = ((index(widths), index(widths)),) * ndim
        elif not any(isinstance(w, (tuple, list)) for w in widths):
            before, after = widths
            pairs = ((index(before), index(after)),) * ndim
        else:
            pairs = tuple([(index(before), index(after)) for before, after in widths])
            pairs = pairs * ndim if len(pairs) == 1 else pairs
    except (TypeError, ValueError):
        raise ArgumentError(
            f"pad: widths are a number, a pair, or a pair for each axis, received {described(widths)}",
            fix="pass ((before, after), ...), one pair for each axis",
            op="pad",
        ) from None
    if len(pairs) != ndim:
        raise ShapeError(
            f"pad: {len(pairs)} pairs of widths for a tensor of {ndim} axes", fix="pass a pair for each axis", op="pad"
        )
    if any(n < 0 for pair in pairs for n in pair):
        raise InvalidValueError("pad: a width is negative", fix="cut with slices: x[1:-1]", op="pad")
    return pairs


def _pad_axis(x: Tensor, axis: int, before: int, after: int, way: str) -> Tensor:
    """One axis padded with elements of the tensor itself."""
    n = x.shape[axis]
    if n == 0:
        raise ShapeError(
            f"pad: axis {axis} is empty, there is nothing to fill its edges with",
            facts=[f"x  {x.shape}"],
            fix="pad with a number: mode='constant'",
            op="pad",
            axis=axis,
        )
    if max(before, after) > (n - 1 if way == "reflect" else n) and way != "edge":
        return take(x, [_source(i, n, way) for i in range(-before, n + after)], axis=axis)

    def part(start: int | None, stop: int | None, step: int = 1) -> Tensor:
        return x[(slice(None),) * axis + (slice(start, stop, step),)]

    skip = int(way == "reflect")  # the edge is not repeated
    pieces = [x]
    if before:
        if way == "edge":
            pieces.insert(0, repeat(part(0, 1), before, axis=axis))
        else:
            pieces.insert(0, part(n - before, n) if way == "wrap" else part(before - 1 + skip, 0 if skip else None, -1))
    if after:
        if way == "edge":
            pieces.append(repeat(part(n - 1, n), after, axis=axis))
        else:
            start = n - 1 - skip
            stop = start - after if after <= start else None
            pieces.append(part(0, after) if way == "wrap" else part(start, stop, -1))
    return concat(pieces, axis=axis)


def _source(i: int, n: int, way: str) -> int:
    """Which element stands at place `i` of an axis of length `n` that goes on beyond its ends."""
    if way == "wrap":
        return i % n
    skip = int(way == "reflect")
    period = max(2 * (n - skip), 1)
    i %= period
    return i if i < n else period - 1 + skip - i
