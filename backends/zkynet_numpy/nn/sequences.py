"""What the recurrent layers on NumPy share.

Gates are kept apart, (gates, T, N, H), so that each is contiguous at each time: NumPy takes three times as long over
blocks cut out of longer rows.
"""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import numpy as np


class _Scratch(threading.local):
    memory: Any = np.empty(0, np.uint8)


_SCRATCH = _Scratch()
SCRATCH_LIMIT = 32 << 20
"""Up to so many bytes are kept from call to call."""


def scratch(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of any values, for use within one kernel: the next one writes over it.

    The system takes large blocks back at once when they are freed, and then hands them out page by page.
    """
    size = prod(shape) * dtype.itemsize
    if size > SCRATCH_LIMIT:
        return np.empty(shape, dtype)
    if size > _SCRATCH.memory.nbytes:
        _SCRATCH.memory = np.empty(size, np.uint8)
    return _SCRATCH.memory[:size].view(dtype).reshape(shape)


def flat(x: Any) -> Any:
    """Steps and batch as one axis: (..., T, N, K) becomes (..., T N, K)."""
    return x.reshape(*x.shape[:-3], x.shape[-3] * x.shape[-2], x.shape[-1])


def by_gate(w: Any, gates: int) -> Any:
    """Weights (gates H, K) as (gates, H, K), or biases as (gates, H)."""
    return w.reshape(gates, w.shape[0] // gates, *w.shape[1:])


def contiguous_transposes(w: Any) -> Any:
    """Matrices on the last two axes, transposed; a product with these in every step is faster than with a view."""
    return np.ascontiguousarray(np.swapaxes(w, -1, -2))


def plus(a: Any, b: Any) -> Any:
    """The sum of what is not None."""
    return b if a is None else a if b is None else a + b


def project(x: Any, w: Any, b: Any) -> Any:
    """What the input contributes to each gate at each time, (gates, T, N, H), by `w` (gates, H, I).

    A bias goes with a column of ones through the same product, which spares a pass over the result.
    """
    rows = flat(x)
    if b is not None:
        rows = np.concatenate([rows, np.ones((rows.shape[0], 1), rows.dtype)], axis=1)
        w = np.concatenate([w, b[..., np.newaxis]], axis=2)
    out = np.matmul(rows, contiguous_transposes(w))
    return out.reshape(w.shape[0], *x.shape[:2], w.shape[1])


def project_back(d: Any, w: Any, x: Any) -> Any:
    """The gradient of `project` by `x`."""
    return np.add.reduce(np.matmul(flat(d), w), axis=0).reshape(x.shape)


def bias_gradient(d: Any) -> Any:
    """The sum over steps and batch, as a product, which is many times faster than a sum down a tall array."""
    d = flat(d)
    return np.matmul(np.ones(d.shape[-2], d.dtype), d)


def weight_gradient(d: Any, x: Any) -> Any:
    """The gradient of `project` by its weights, (gates, H, I)."""
    return np.matmul(np.swapaxes(flat(d), -1, -2), flat(x))


def state_weight_gradient(d: Any, states: Any, first: Any, reverse: bool) -> Any:
    """The same for what states contributed one step later, without copying these."""
    edge = -1 if reverse else 0
    inner = (d[:, :-1], states[1:]) if reverse else (d[:, 1:], states[:-1])
    out = weight_gradient(*inner)
    out += np.matmul(np.swapaxes(d[:, edge], -1, -2), first)
    return out


class Padding:
    """Where sequences have ended: `dead` (T, N, 1), and `at`, for each time whether there is any."""

    def __init__(self, live: Any) -> None:
        self.dead: Any = None
        self.at: Any = _Never()
        if live is not None:
            self.dead = live == 0
            self.at = self.dead.any(axis=(1, 2)).tolist()

    def set_aside(self, t: int, *states: Any) -> Any:
        """Gradients as they are before time `t`, which those of the dead pass by; in `states` these become zero."""
        passing = [state.copy() for state in states]
        for state in states:
            np.copyto(state, 0, where=self.dead[t])
        return passing

    def bring_back(self, t: int, passing: Any, *states: Any) -> None:
        """Put the gradients of the dead back into `states`."""
        for state, part in zip(states, passing, strict=True):
            np.copyto(state, part, where=self.dead[t])


class _Never:
    def __getitem__(self, t: int) -> bool:
        return False
