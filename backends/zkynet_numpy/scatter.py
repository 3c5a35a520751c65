"""Adding at places that may be named several times, in about half the time of `numpy.add.at` on several axes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

FEW, MANY = 1 << 9, 1 << 22
"""Between how many elements the places are written out one by one, which pays then; it takes 8 bytes for each."""


def add_at(out: Any, key: Any, values: Any) -> None:
    """Add `values` at `key` in place to the C-contiguous array `out`, which nobody else looks at."""
    parts = key if isinstance(key, tuple) else (key,)
    if names_places_once(parts):
        out[key] += values
    elif any(type(p) is not np.ndarray or p.dtype.kind not in "iu" for p in parts):
        np.add.at(out, key, values)
    else:
        _add_at_arrays(out, parts, values)


def _add_at_arrays(out: Any, parts: tuple[Any, ...], values: Any) -> None:
    """The same for arrays of positions along the first axes: they are made one array of positions in memory."""
    rest = out.shape[len(parts) :]
    each = prod(rest)
    shape = np.broadcast_shapes(*[p.shape for p in parts])
    if not FEW < prod(shape) * each < MANY or (len(parts) == 1 and each == 1):
        np.add.at(out, parts, values)
        return
    place: Any = 0
    for p, n in zip(parts, out.shape, strict=False):
        if p.size and (p.min() < -n or p.max() >= n):
            raise IndexError("an index is out of range")
        p = p.astype(np.intp, copy=False)
        place = place * n + np.where(p < 0, p + n, p)
    if each > 1:
        place = place[..., None] * each + np.arange(each)
    place = np.broadcast_to(place, (*shape, *([each] if each > 1 else [])))
    values = np.broadcast_to(np.squeeze(values, _leading_ones(values, shape + rest)), shape + rest)
    np.add.at(out.reshape(-1), place.ravel(), values.ravel())


def _leading_ones(values: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of length 1 that `values` has in front of those of `shape`."""
    return tuple(range(max(np.ndim(values) - len(shape), 0)))


def names_places_once(parts: tuple[Any, ...]) -> bool:
    """Whether no element can be named twice: slices, numbers, and masks, but no arrays of positions."""
    return not any(isinstance(p, (np.ndarray, list)) and np.asarray(p).dtype != np.bool_ for p in parts)
