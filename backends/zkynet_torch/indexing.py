"""NumPy's indexing on PyTorch tensors: slices that run backwards, any integer dtype, sums at places named twice."""

from __future__ import annotations

from typing import Any

import torch

Key = tuple[Any, ...]


def getitem(raw: Any, key: Any) -> Any:
    """``raw[key]``, also with slices of a negative step."""
    raw, key = _forward(raw, _native(key))
    return raw[key]


def index_set(raw: Any, key: Any, values: Any) -> Any:
    """A copy of `raw` with ``copy[key] = values``."""
    key = _native(key)
    out = raw.clone()
    if not _runs_backwards(key):
        out[key] = values
        return out
    at = _places(raw, key)
    out.view(-1)[at.reshape(-1)] = _spread(values, at, raw)
    return out


def index_add(raw: Any, key: Any, values: Any) -> Any:
    """A copy of `raw` with `values` added at `key`; places named several times collect every value."""
    key = _native(key)
    out = raw.clone(memory_format=torch.contiguous_format)
    if not any(isinstance(part, torch.Tensor) and part.dtype != torch.bool for part in key) and not _runs_backwards(
        key
    ):
        out[key] += values  # no place is named twice
    elif all(isinstance(part, torch.Tensor) and part.dtype != torch.bool for part in key):
        out.index_put_(key, torch.as_tensor(values, dtype=raw.dtype, device=raw.device), accumulate=True)
    else:
        at = _places(raw, key)
        out.view(-1).index_add_(0, at.reshape(-1), _spread(values, at, raw))
    return out


def _native(key: Any) -> Key:
    """The parts of a key, with indices as PyTorch wants them: int64, or bool for a mask (uint8 would be one too)."""
    parts = key if isinstance(key, tuple) else (key,)
    tensors = [part for part in parts if isinstance(part, torch.Tensor)]
    if not tensors:
        return parts
    # NumPy counts a number beside index arrays as one of them, PyTorch does not; it matters where the result's axes go
    beside = next((part.device for part in tensors if part.ndim), None)
    out = []
    for part in parts:
        if isinstance(part, torch.Tensor) and part.dtype != torch.bool:
            part = part.to(torch.int64)
            if not part.ndim and beside is not None:
                part = part.reshape(1)
        elif isinstance(part, int) and not isinstance(part, bool) and beside is not None:
            part = torch.full((1,), part, device=beside)
        out.append(part)
    return tuple(out)


def _runs_backwards(key: Key) -> bool:
    return any(isinstance(part, slice) and part.step is not None and part.step < 0 for part in key)


def _forward(raw: Any, key: Key) -> tuple[Any, Key]:
    """The same choice with no slice running backwards: such an axis is cut and turned round beforehand."""
    if not _runs_backwards(key):
        return raw, key
    used = sum(_axes(part) for part in key)
    parts = []
    axis = 0
    for part in key:
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            chosen = range(*part.indices(raw.shape[axis]))[::-1]
            raw = (
                raw.narrow(axis, 0, 0) if not chosen else raw[_at(axis, slice(chosen[0], chosen[-1] + 1, chosen.step))]
            )
            raw, part = raw.flip(axis), slice(None)
        axis += raw.ndim - used if part is Ellipsis else _axes(part)
        parts.append(part)
    return raw, tuple(parts)


def _axes(part: Any) -> int:
    """How many axes a part of a key takes up."""
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    return part.ndim if isinstance(part, torch.Tensor) and part.dtype == torch.bool else 1


def _at(axis: int, part: slice) -> Key:
    return (*(slice(None) for _ in range(axis)), part)


def _places(raw: Any, key: Key) -> Any:
    """The number of every element that `key` chooses, counted along the flattened array."""
    numbers = torch.arange(raw.numel(), device=raw.device).reshape(raw.shape)
    return getitem(numbers, key)


def _spread(values: Any, at: Any, raw: Any) -> Any:
    values = torch.as_tensor(values, dtype=raw.dtype, device=raw.device)
    while values.ndim > at.ndim and values.shape[0] == 1:
        values = values[0]  # NumPy takes values with more axes than there are places, if those have length 1
    return values.broadcast_to(at.shape).reshape(-1)
