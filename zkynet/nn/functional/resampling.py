"""Which elements of an axis each element of the resized one is made of, and their weights, by way of interpolation.

Everything here follows from lengths alone and is computed once for each, on the host. `scale` is how many elements of
the input there are to one of the result.
"""

from __future__ import annotations

from functools import lru_cache
from math import floor
from typing import Any

import numpy as np

from zkynet.nn.functional.taps import Row, Taps

__all__: list[str] = []

SHARPNESS, SHARPNESS_ANTIALIASED = -0.75, -0.5
"""The parameter of the cubic kernel of Keys, Cubic convolution interpolation for digital image processing (1981)."""


@lru_cache(512)
def resampling(
    mode: str, n: int, m: int, factor: float | None, align_corners: bool, antialias: bool, double: bool
) -> Taps:
    """The taps that make `m` elements of `n` by ``nearest``, ``nearest-exact``, ``linear`` or ``cubic`` interpolation.

    Args:
        mode: the way.
        n: the length of the input.
        m: the length of the result.
        factor: how much larger the result is; None for ``m / n``.
        align_corners: whether the first and last elements stay where they are, rather than the outer edges.
        antialias: whether the kernel is widened where the result is smaller, so that every element counts.
        double: whether the elements are of float64, in which PyTorch then computes what is nearest.
    """
    if mode.startswith("nearest"):
        return Taps(
            n, [_row([i], [1.0]) for i in _nearest(n, m, factor, 0.5 if mode == "nearest-exact" else 0.0, double)]
        )
    if n == m and (antialias or mode == "linear"):
        return Taps(n, [_row([i], [1.0]) for i in range(n)])
    if align_corners:
        scale = (n - 1) / (m - 1) if m > 1 else 0.0
    else:
        scale = n / m if factor is None else 1 / factor
    if antialias:
        return Taps(n, [_antialiased(mode, n, i, scale) for i in range(m)])
    rows = []
    for i in range(m):
        place = scale * i if align_corners else scale * (i + 0.5) - 0.5
        rows.append(_linear(n, place) if mode == "linear" else _cubic(n, place))
    return Taps(n, rows)


def _row(places: Any, weights: Any) -> Row:
    """A row of taps without zeros, and with places named twice put together."""
    at, inverse = np.unique(np.asarray(places), return_inverse=True)
    total = np.bincount(inverse, weights, len(at))
    used = total != 0
    return (at[used], total[used]) if used.any() else (at[:1], total[:1])


def _nearest(n: int, m: int, factor: float | None, middle: float, double: bool) -> Any:
    """What is nearest to each element, rounded as PyTorch does, for it decides between two that are equally near."""
    if factor is None and n == m:
        return range(n)
    number: Any = np.float64 if double else np.float32
    places = (np.arange(m, dtype=number) + number(middle)) * number(n / m if factor is None else 1 / factor)
    return np.minimum(np.floor(places.astype(np.float32)).astype(np.int64), n - 1)


def _linear(n: int, place: float) -> Row:
    place = max(place, 0.0)
    first = min(int(place), n - 1)
    part = min(place - first, 1.0)
    return _row([first, min(first + 1, n - 1)], [1 - part, part])


def _cubic(n: int, place: float) -> Row:
    first = floor(place)
    t = place - first
    weights = [_keys(t + 1, SHARPNESS), _keys(t, SHARPNESS), _keys(1 - t, SHARPNESS), _keys(2 - t, SHARPNESS)]
    return _row([min(max(first + k, 0), n - 1) for k in (-1, 0, 1, 2)], weights)


def _keys(x: float, a: float) -> float:
    """The cubic kernel, which is zero from 2 on."""
    x = abs(x)
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2 else 0.0


def _antialiased(mode: str, n: int, i: int, scale: float) -> Row:
    """The kernel stretched to as many elements of the input as one of the result covers, its weights summing to 1."""
    stretch = max(scale, 1.0)
    reach = (1.0 if mode == "linear" else 2.0) * stretch
    centre = scale * (i + 0.5)
    start, stop = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), n)
    places = np.arange(start, stop)
    away = (places - centre + 0.5) / stretch
    if mode == "linear":
        weights = np.maximum(1 - np.abs(away), 0)
    else:
        weights = np.array([_keys(x, SHARPNESS_ANTIALIASED) for x in away])
    return _row(places, weights / weights.sum())
