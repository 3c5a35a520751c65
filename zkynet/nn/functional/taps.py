"""Resampling along an axis: every element of the result is a weighted sum of a few elements of the input.

Which ones, and their weights, follows from shapes alone: `Taps`, a sparse matrix. So the map is linear, its gradient is
the transposed matrix, and one op (`nn.weighted_taps`) serves interpolation, adaptive averages and their derivatives.
No element is multiplied by a zero that stands for "not in the sum": infinities stay where they belong.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.nn.functional.windows import table
from zkynet.ops.define import op
from zkynet.ops.kinds import dtype_name
from zkynet.ops.precision import widened

__all__: list[str] = []


Row = tuple[Any, Any]
"""The places of the elements that are summed, each at most once, and their weights."""


class Taps:
    """A sparse matrix: element `i` of the result is the sum over t of ``weights[t, i] * x[places[t, i]]``.

    Args:
        n: the length of the input.
        rows: for each element of the result the places in the input, and the weights, as arrays.
    """

    def __init__(self, n: int, rows: Sequence[Row]) -> None:
        self.n = n
        self.rows = rows
        longest = max([len(place) for place, _ in rows], default=0) or 1
        self.places = np.zeros((longest, len(rows)), np.int64)
        weights = np.zeros((longest, len(rows)))
        for i, (place, weight) in enumerate(rows):
            k = len(place)
            if k:
                self.places[:k, i], self.places[k:, i] = place, place[-1]
                weights[: k - 1, i] = weight[:-1]
                weights[k - 1 :, i] = weight[-1] / (longest - k + 1)  # divided, rather than taps of weight 0 added
        self.weights = None if np.all(weights == 1) else weights

    @cached_property
    def transposed(self) -> Taps:
        """The same matrix read the other way: of each element of the input the places it goes to."""
        to: list[tuple[list[int], list[float]]] = [([], []) for _ in range(self.n)]
        for i, (place, weight) in enumerate(self.rows):
            for p, w in zip(place, weight, strict=True):
                to[p][0].append(i)
                to[p][1].append(w)
        out = Taps(len(self.rows), [(np.array(p, np.int64), np.array(w)) for p, w in to])
        out.transposed = self
        return out


@op(name="nn.weighted_taps")
def weighted_taps(xp: Any, x: Array, taps: Any, axis: Any) -> Array:
    """`x` resampled along an axis, which is counted from the end."""
    if taps.weights is None and len(taps.places) == 1:
        return xp.take(x, table(xp, taps.places[0], x), axis=axis)
    return (
        widened(lambda xp, x: _sum(xp, x, taps, axis), xp, x) if taps.weights is not None else _sum(xp, x, taps, axis)
    )


def _sum(xp: Any, x: Any, taps: Taps, axis: int) -> Any:
    shape = (-1, *(1,) * (-1 - axis))
    total = None
    for t, places in enumerate(taps.places):
        value = xp.take(x, table(xp, places, x), axis=axis)
        if taps.weights is not None:
            value = value * table(xp, taps.weights[t].astype(dtype_name(x)).reshape(shape), x)
        total = value if total is None else total + value
    return total


@weighted_taps.gradient("x")
def _(xp: Any, g: Any, taps: Any, axis: Any) -> Any:
    return xp.nn.weighted_taps(g, taps.transposed, axis)
