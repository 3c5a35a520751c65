"""What `fit` takes as data, made into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from zkynet.data import DataLoader, IterableDataset, TensorDataset
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.tensor import Tensor


def as_batches(name: str, data: Any, batch_size: int, shuffle: bool, like: Tensor) -> Any:
    """Something that gives all batches anew each time it is gone through.

    Args:
        name: who asks, for errors.
        data: a loader, a dataset, a tuple of arrays, or a list of batches.
        batch_size: how many examples a batch holds, where `data` is not in batches yet.
        shuffle: whether examples that are not in batches yet come in a new order each time.
        like: a parameter of the model, on whose device batches go, and in whose dtype NumPy's float64 is.
    """
    if is_array(data):
        data = (data,)
    of_arrays = (is_array, lambda part: is_array(part) or isinstance(part, list))[isinstance(data, tuple)]
    if isinstance(data, (tuple, list)) and data and all(map(of_arrays, data)):
        return _loader(_dataset(name, data, like), batch_size, shuffle, like)
    if isinstance(data, Iterator):
        raise ArgumentError(
            f"{name}: {described(data)} can be gone through once only",
            fix="pass a DataLoader, a dataset, arrays (x, y), or a list of batches",
        )
    if isinstance(data, (str, bytes, Mapping, tuple)) or not (
        isinstance(data, Iterable) or (hasattr(data, "__getitem__") and hasattr(data, "__len__"))
    ):
        raise ArgumentError(
            f"{name} takes data as arrays (x, y), as a dataset, as a DataLoader or as a list of batches",
            facts=[f"received  {described(data)}"],
            fix="pass one of them",
        )
    in_batches = isinstance(data, (DataLoader, list)) or not (
        isinstance(data, IterableDataset) or (hasattr(data, "__getitem__") and hasattr(data, "__len__"))
    )
    if hasattr(data, "__len__") and len(data) == 0:
        raise InvalidValueError(f"{name}: the data is empty", fix="pass at least one example")
    return data if in_batches else _loader(data, batch_size, shuffle, like)


def _loader(dataset: Any, batch_size: int, shuffle: bool, like: Tensor) -> DataLoader:
    shuffle = shuffle and not isinstance(dataset, IterableDataset)
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, device=like.device)


def _dataset(name: str, arrays: Iterable[Any], like: Tensor) -> TensorDataset:
    parts = []
    for array in arrays:
        part = array.detach().numpy() if isinstance(array, Tensor) else np.asarray(array)
        if part.dtype == np.float64 and not isinstance(array, Tensor) and like.dtype != "float64":
            part = part.astype(np.float32)  # what NumPy makes of Python numbers, and no choice of the user's
        parts.append(part)
    shapes = [part.shape for part in parts]
    if not all(shapes) or len({shape[0] for shape in shapes}) > 1:
        raise ShapeError(
            f"{name}: the arrays hold different numbers of examples",
            facts=[f"shapes  {', '.join(map(str, shapes))}"],
            fix="the first axis of each is the examples: one target for each input",
        )
    if shapes[0][0] == 0:
        raise InvalidValueError(f"{name}: the arrays hold no example", fix="pass at least one")
    return TensorDataset(*parts)


def examples_in(batch: Any) -> int:
    """How many examples a batch holds: the length of its first array."""
    if batch.__class__ is tuple and batch and batch[0].__class__ is Tensor:  # the ordinary case, once in every step
        batch = batch[0]
    while not isinstance(batch, (Tensor, np.ndarray)):
        if isinstance(batch, Mapping) and batch:
            batch = next(iter(batch.values()))
        elif isinstance(batch, (tuple, list)) and batch:
            batch = batch[0]
        else:
            return 1
    shape = batch.shape
    return shape[0] if shape else 1


def inputs_of(batch: Any) -> tuple[Any, ...]:
    """The inputs of a batch: all but its last part, the targets, if there is more than one."""
    if not isinstance(batch, (tuple, list)):
        return (batch,)
    return tuple(batch[:-1]) if len(batch) > 1 else tuple(batch)


def is_array(value: Any) -> bool:
    """Whether it is a tensor or a NumPy array."""
    return isinstance(value, (Tensor, np.ndarray))
