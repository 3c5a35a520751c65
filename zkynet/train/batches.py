"""What `fit` takes as data, made into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.ops.creation import asarray
from zkynet.random.functions import permutation
from zkynet.tensor import Tensor


def as_batches(name: str, data: Any, batch_size: int, shuffle: bool) -> Any:
    """Something that gives all batches anew each time it is gone through.

    Args:
        name: who asks, for errors.
        data: a loader, a dataset, a tuple of arrays, or a list of batches.
        batch_size: how many examples a batch holds, where `data` is not in batches yet.
        shuffle: whether examples that are not in batches yet come in a new order each time.
    """
    if isinstance(data, (Tensor, np.ndarray)):
        data = (data,)
    if isinstance(data, (tuple, list)) and data and all(_is_array(part) for part in data):
        return ArrayBatches(name, [_host(part) for part in data], batch_size, shuffle)
    if isinstance(data, tuple) and all(isinstance(part, (list, Tensor, np.ndarray)) for part in data) and data:
        return ArrayBatches(name, [_host(part) for part in data], batch_size, shuffle)
    if isinstance(data, Iterator):
        raise ArgumentError(
            f"{name}: {described(data)} can be gone through once only",
            fix="pass a DataLoader, a dataset, arrays (x, y), or a list of batches",
        )
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, Iterable):
        raise ArgumentError(
            f"{name} takes data as arrays (x, y), as a dataset, as a DataLoader or as a list of batches",
            facts=[f"received  {described(data)}"],
            fix="pass one of them",
        )
    return data


class ArrayBatches:
    """Batches of arrays whose first axis is the examples; the last one may be smaller."""

    def __init__(self, name: str, arrays: list[Any], batch_size: int, shuffle: bool) -> None:
        lengths = [len(a) if a.ndim else None for a in arrays]
        if len(set(lengths)) != 1 or lengths[0] is None:
            raise ShapeError(
                f"{name}: the arrays hold different numbers of examples",
                facts=[f"shapes  {[a.shape for a in arrays]}"],
                fix="the first axis of each is the examples: one target for each input",
            )
        if lengths[0] == 0:
            raise InvalidValueError(f"{name}: the arrays hold no example", fix="pass at least one")
        self.arrays, self.size, self.shuffle = arrays, batch_size, shuffle
        self.epoch = self.delivered = 0
        self._order: Any = None

    def __len__(self) -> int:
        return -(-len(self.arrays[0]) // self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        n = len(self.arrays[0])
        if self._order is None:
            self._order = permutation(n).numpy() if self.shuffle else np.arange(n)
        while self.delivered < len(self):
            chosen = self._order[self.delivered * self.size : (self.delivered + 1) * self.size]
            self.delivered += 1
            yield tuple(asarray(a[chosen]) for a in self.arrays)
        self.epoch, self.delivered, self._order = self.epoch + 1, 0, None

    def state_dict(self) -> dict[str, Any]:
        """Where in which epoch it is."""
        order = None if self._order is None else self._order.tolist()
        return {"epoch": self.epoch, "delivered": self.delivered, "order": order}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.epoch, self.delivered = state["epoch"], state["delivered"]
        self._order = None if state["order"] is None else np.asarray(state["order"])


def examples_in(batch: Any) -> int:
    """How many examples a batch holds: the length of its first array."""
    while not isinstance(batch, (Tensor, np.ndarray)):
        if isinstance(batch, Mapping) and batch:
            batch = next(iter(batch.values()))
        elif isinstance(batch, (tuple, list)) and batch:
            batch = batch[0]
        else:
            return 1
    return batch.shape[0] if batch.shape else 1


def inputs_of(batch: Any, with_targets: bool) -> tuple[Any, ...]:
    """The inputs of a batch, which are all but its last part where it has targets."""
    if not isinstance(batch, (tuple, list)):
        return (batch,)
    return tuple(batch[:-1]) if with_targets and len(batch) > 1 else tuple(batch)


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray))


def _host(value: Any) -> np.ndarray[Any, Any]:
    array = value.detach().numpy() if isinstance(value, Tensor) else np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 and not isinstance(value, Tensor) else array
