"""Values between known ones."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import ShapeError
from zkynet.graph import Recording
from zkynet.ops.searching import searchsorted
from zkynet.ops.statistics import floating
from zkynet.tensor import Tensor

__all__ = ["interp"]


def interp(x: Array, xp: Array, fp: Array, left: Any = None, right: Any = None) -> Tensor:
    """The straight lines between known points, looked up at `x`.

    Args:
        x: where to look, a tensor of any shape.
        xp: the places of the known points in ascending order, shape (n,).
        fp: their values, shape (n,).
        left: the value to the left of the first point, by default ``fp[0]``.
        right: the value to the right of the last point, by default ``fp[-1]``.

    Gradient: to all three; with respect to `x` the slope of the line (at a known point that of the line to its right),
    0 outside of the points.

    Example:
        >>> import zkynet as zk
        >>> zk.interp(zk.tensor([0.5, 9.0]), zk.tensor([0.0, 1.0, 2.0]), zk.tensor([0.0, 10.0, 40.0]))
        Tensor([ 5., 40.])
    """
    zk = Recording.namespace
    at, places, values = (floating("interp", t) for t in (x, xp, fp))
    if places.ndim != 1 or places.shape != values.shape or not places.size:
        raise ShapeError(
            "interp needs as many places as values, each in a list of one axis",
            facts=[f"xp  {places.shape}", f"fp  {values.shape}"],
            fix="pass xp and fp with shape (n,)",
            op="interp",
            shapes=(places.shape, values.shape),
        )
    n = places.size
    i = zk.clip(searchsorted(places.detach(), at.detach(), side="right"), min(1, n - 1), n - 1)
    before = zk.clip(i - 1, 0, None)
    x0, x1, y0, y1 = (zk.take(t, k) for t, k in ((places, before), (places, i), (values, before), (values, i)))
    width = x1 - x0
    flat = width == 0  # places named twice
    inside = y0 + (at - x0) * ((y1 - y0) / zk.where(flat, 1.0, width))
    out = zk.where(at < places[0], values[0] if left is None else left, inside)
    return zk.where(at > places[-1], values[-1] if right is None else right, out)
