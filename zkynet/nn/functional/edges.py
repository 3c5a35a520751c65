"""Padding as layers want it: pairs of widths from the last axis on, by PyTorch's names."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.arguments import whole_numbers, word
from zkynet.ops.casting import as_tensor
from zkynet.ops.padding import pad as pad_axes
from zkynet.tensor import Tensor

__all__ = ["pad"]

MODES = ("constant", "reflect", "replicate", "circular")


def pad(input: Array, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """A tensor made larger at the edges of its last axes, or smaller where a width is negative.

    `zk.pad` takes a pair for each axis instead, from the first one on.

    Args:
        input: a tensor of any shape.
        pad: how many elements before and after the last axis, then before and after the one in front of it, and so on:
            ``(left, right, top, bottom)`` for an image.
        mode: "constant"; "reflect", mirrored without the edge itself; "replicate", the edge repeated; or "circular",
            from the other end.
        value: what to fill with in the constant mode, by default 0.

    Gradient: an element collects that of each of its copies.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.pad(zk.tensor([[1, 2, 3]]), (1, 0, 0, 1))
        Tensor([[0, 1, 2, 3],
                [0, 0, 0, 0]])
        >>> zk.nn.functional.pad(zk.tensor([[1, 2, 3]]), (2, -1), mode="circular")
        Tensor([[1, 2, 1, 2]])
    """
    x = as_tensor("pad", input)
    widths = whole_numbers("pad", "pad", pad)
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise ShapeError(
            f"pad: {len(widths)} widths for a tensor of {x.ndim} {'axis' if x.ndim == 1 else 'axes'}",
            facts=["they come in pairs, before and after, from the last axis on"],
            fix="pass two for each axis that is to be padded: (left, right, top, bottom)",
            op="pad",
        )
    if word("pad", "mode", mode) not in MODES:
        raise InvalidValueError(f"pad has no mode {mode!r}", fix=f"use one of {', '.join(MODES)}", op="pad")
    if mode != "constant" and value is not None and value != 0:
        raise ArgumentError(
            f"pad: there is no value to fill with in the mode {mode!r}", fix="leave value out", op="pad"
        )
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2) + list(zip(widths[::2], widths[1::2], strict=True))[::-1]
    for axis, (before, after) in enumerate(pairs):
        _check_widths(x, axis, before, after, mode)
    if any(n < 0 for n in widths):
        x = x[tuple([slice(-min(a, 0), n + min(b, 0)) for n, (a, b) in zip(x.shape, pairs, strict=True)])]
        pairs = [(max(before, 0), max(after, 0)) for before, after in pairs]
    return pad_axes(x, tuple(pairs), mode=mode, value=0 if value is None else value) if any(map(any, pairs)) else x


def _check_widths(x: Tensor, axis: int, before: int, after: int, mode: str) -> None:
    """Refuse to cut off more than there is, or to take more from an axis than it has."""
    n = x.shape[axis]
    if n + before + after < 0 or min(before, after) < -n:
        raise ShapeError(
            f"pad: more is cut off axis {axis} than it has",
            facts=[f"input  {x.shape}", f"widths of that axis  {(before, after)}"],
            fix="pass widths that leave something of it",
            op="pad",
            axis=axis,
        )
    room = {"reflect": n - 1, "circular": n}.get(mode)
    if room is not None and max(before, after, 0) > max(room, 0):
        raise ShapeError(
            f"pad: axis {axis} has {n} elements, too few to pad it by {max(before, after)} in the mode {mode!r}",
            facts=[f"input  {x.shape}", f"at most {room} can be taken from it"],
            fix='pass smaller widths, or mode="replicate"',
            op="pad",
            axis=axis,
        )
