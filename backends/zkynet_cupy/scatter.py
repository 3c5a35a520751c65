"""Writing to and adding at places given by index arrays, where several of them may name one place.

CuPy leaves the order of ``x[index] = values`` open, and adds atomically in float32, float64 and some integers only.
Here the last value wins, as in NumPy; sums of half-precision numbers are made in float32 and rounded once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet_cupy.standard import from_host, is_negative_zero

ATOMIC = ("int32", "int64", "uint32", "uint64", "float32", "float64")
"""The dtypes that CuPy adds at repeated places without a detour."""


def index_add(cupy: Any, raw: Any, key: Any, values: Any) -> Any:
    """A copy of `raw` with `values` added at `key`."""
    return added(cupy, raw.copy(), key, values)


def put_into_zeros(cupy: Any, values: Any, shape: tuple[int, ...], key: Any) -> Any:
    """Zeros of a shape with `values` added at `key`."""
    return added(cupy, cupy.zeros(shape, values.dtype), key, values)


def added(cupy: Any, out: Any, key: Any, values: Any) -> Any:
    """`out` with `values` added at `key`, in its own memory where that can be done."""
    key = as_key(cupy, key)
    if names_places_once(cupy, key):
        out[key] += values
        return out
    dtype = out.dtype
    values = cupy.asarray(values, dtype)
    if dtype.kind == "c":
        cupy.add.at(out.real, key, values.real)
        cupy.add.at(out.imag, key, values.imag)
        return out
    if dtype.name in ATOMIC:
        cupy.add.at(out, key, values)
        return out
    wide = np.dtype(
        "float32" if dtype.name in ("float16", "bfloat16") else "int32"
    )  # integers wrap around the same way
    sums = out.astype(wide)
    cupy.add.at(sums, key, values.astype(wide))
    return sums.astype(dtype)


def index_set(cupy: Any, raw: Any, key: Any, values: Any) -> Any:
    """A copy of `raw` with ``copy[key] = values``; of several values for one place the last one wins."""
    key = as_key(cupy, key)
    out = raw.copy()
    if not isinstance(values, cupy.ndarray) and is_negative_zero(values):
        values = from_host(cupy, np.asarray(values, raw.dtype))
    if not isinstance(values, cupy.ndarray) or values.size == 1 or names_places_once(cupy, key):
        out[key] = values
        return out
    parts, at = expanded(cupy, key, raw.ndim)
    arrays = cupy.broadcast_arrays(*[cupy.asarray(parts[i]) for i in at])
    winner = last_of_equal(cupy, arrays, [raw.shape[axis_of(parts, i)] for i in at])
    out[key] = values_of(cupy, raw, parts, at, arrays[0].shape, values, winner)
    return out


def as_key(cupy: Any, key: Any) -> Any:
    """A key with NumPy arrays and lists moved to the GPU, masks that stand beside index arrays made indices."""

    def moved(part: Any) -> Any:
        return cupy.asarray(part) if isinstance(part, (np.ndarray, list)) else part

    return tuple(map(moved, key)) if isinstance(key, tuple) else moved(key)


def is_index_array(cupy: Any, part: Any) -> bool:
    """Whether a part of a key is an array of integers (a mask names every place once)."""
    return isinstance(part, cupy.ndarray) and part.dtype.kind in "iu" and part.ndim > 0


def names_places_once(cupy: Any, key: Any) -> bool:
    """Whether no place can be named twice: numbers, slices and masks, but no integer arrays."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(is_index_array(cupy, p) for p in parts)


def expanded(cupy: Any, key: Any, ndim: int) -> tuple[list[Any], list[int]]:
    """The parts of a key, one or more for each axis, without an ellipsis; and which of them are integers or arrays."""
    parts: list[Any] = []
    for p in key if isinstance(key, tuple) else (key,):
        if isinstance(p, cupy.ndarray) and p.dtype.kind == "b":
            parts += cupy.nonzero(p)
        else:
            parts.append(p)
    used = sum(p is not None and p is not Ellipsis for p in parts)
    where = next((i for i, p in enumerate(parts) if p is Ellipsis), len(parts))
    parts[where : where + 1] = [slice(None)] * (ndim - used)
    at = [i for i, p in enumerate(parts) if p is not None and not isinstance(p, slice)]
    return parts, at


def axis_of(parts: list[Any], i: int) -> int:
    """Which axis the part `i` of a key indexes."""
    return sum(p is not None for p in parts[:i])


def last_of_equal(cupy: Any, arrays: list[Any], lengths: list[int]) -> Any:
    """For every position of the index arrays, the last position that names the same place."""
    place = arrays[0].ravel().astype(np.int64) % lengths[0]
    for index, n in zip(arrays[1:], lengths[1:], strict=True):
        place = place * n + index.ravel().astype(np.int64) % n
    order = cupy.argsort(place, kind="stable")
    return order[cupy.searchsorted(place[order], place, side="right") - 1]


def values_of(
    cupy: Any, raw: Any, parts: list[Any], at: list[int], shape: tuple[int, ...], values: Any, winner: Any
) -> Any:
    """The values in the shape of the result of the key, those of earlier repetitions replaced by the winner's."""
    together = at[-1] - at[0] + 1 == len(at)
    first = sum(isinstance(p, slice) or p is None for p in parts[: at[0]]) if together else 0
    rest = [
        1 if p is None else len(range(*p.indices(raw.shape[axis_of(parts, i)])))
        for i, p in enumerate(parts)
        if i not in at
    ]
    full = cupy.broadcast_to(values, (*rest[:first], *shape, *rest[first:]))
    flat = full.reshape(*rest[:first], math.prod(shape), *rest[first:])
    return cupy.take(flat, winner, axis=first).reshape(full.shape)
