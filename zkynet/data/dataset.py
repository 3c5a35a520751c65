"""Datasets: samples by number, or one after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, IndexOutOfRangeError, ShapeError, described
from zkynet.ops.arguments import whole
from zkynet.tensor import Tensor

__all__ = ["Batch", "ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset"]


class Dataset:
    """Samples by number: write ``__len__`` and ``__getitem__``.

    A sample is host data: a NumPy array, a number, a text, or a tuple or dict of such. Where many samples are had at
    once for less, write ``__getitems__(numbers)`` too; it gives the samples as a list, or, as a `Batch`, what a
    loader's collate function would make of them.

    Example:
        >>> import zkynet as zk
        >>> class Squares(zk.data.Dataset):
        ...     def __len__(self):
        ...         return 4
        ...     def __getitem__(self, i):
        ...         return i, i * i
        >>> for x, y in zk.data.DataLoader(Squares(), batch_size=2):
        ...     print(x.tolist(), y.tolist())
        [0, 1] [0, 1]
        [2, 3] [4, 9]
    """

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a method __getitem__(self, i) that gives sample i")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} needs a method __len__(self): how many samples there are")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset:
    """Samples one after another, as from a stream or a file too large for memory: write ``__iter__``.

    Example:
        >>> import zkynet as zk
        >>> class Countdown(zk.data.IterableDataset):
        ...     def __iter__(self):
        ...         yield from range(5, 0, -1)
        >>> [batch.tolist() for batch in zk.data.DataLoader(Countdown(), batch_size=2)]
        [[5, 4], [3, 2], [1]]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} needs a method __iter__(self) that gives samples")

    def __add__(self, other: IterableDataset) -> ChainDataset:
        return ChainDataset([self, other])


class Batch:
    """Samples that are a batch already: what ``__getitems__`` may return instead of a list of samples.

    Args:
        content: the batch, as a collate function would have made it.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> class Squares(zk.data.Dataset):
        ...     def __len__(self):
        ...         return 4
        ...     def __getitem__(self, i):
        ...         return i * i
        ...     def __getitems__(self, numbers):
        ...         return zk.data.Batch(np.square(numbers))
        >>> [batch.tolist() for batch in zk.data.DataLoader(Squares(), batch_size=3)]
        [[0, 1, 4], [9]]
    """

    def __init__(self, content: Any) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"Batch({self.content!r})"


class TensorDataset(Dataset):
    """Arrays with one entry for each sample along their first axis; sample i is the tuple of entries i.

    The arrays are kept in the host's memory, and not copied; lists of Python's numbers become float32 or int64.

    Args:
        *arrays: NumPy arrays, lists or tensors, all of the same length.
        transform: applied to the first array of a sample, or of a whole batch at once, each time it is fetched.

    Example:
        >>> import zkynet as zk
        >>> data = zk.data.TensorDataset([[0.0, 1.0], [2.0, 3.0]], [0, 1])
        >>> len(data), data[1]
        (2, (array([2., 3.], dtype=float32), np.int64(1)))
    """

    def __init__(self, *arrays: Any, transform: Callable[[Any], Any] | None = None) -> None:
        if not arrays:
            raise ArgumentError("TensorDataset got no arrays", fix="pass the inputs, and the targets")
        self.arrays = tuple(host_array(f"TensorDataset: array {k}", a) for k, a in enumerate(arrays))
        for k, array in enumerate(self.arrays):
            if array.ndim == 0:
                raise ShapeError(f"TensorDataset: array {k} has no axis of samples", fix="pass an array of samples")
        lengths = [len(a) for a in self.arrays]
        if len(set(lengths)) > 1:
            raise ShapeError(
                "TensorDataset: the arrays have different numbers of samples",
                facts=[f"array {k}: shape {a.shape}" for k, a in enumerate(self.arrays)],
                fix="each array has one entry for each sample along its first axis",
            )
        if transform is not None and not callable(transform):
            raise ArgumentError(f"transform is a function, received {described(transform)}", fix="pass a function")
        self.transform = transform

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        if not isinstance(index, slice):
            index = place("TensorDataset", index, len(self))
        return self._transformed(tuple(array[index] for array in self.arrays))

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        rows = np.asarray(indices, dtype=np.intp)
        return Batch(self._transformed(tuple(np.take(array, rows, axis=0) for array in self.arrays)))

    def _transformed(self, sample: tuple[Any, ...]) -> tuple[Any, ...]:
        return sample if self.transform is None else (self.transform(sample[0]), *sample[1:])

    def __repr__(self) -> str:
        shapes = ", ".join(f"{a.dtype} {a.shape}" for a in self.arrays)
        return f"TensorDataset({shapes})"


class Subset(Dataset):
    """Some samples of a dataset.

    Args:
        dataset: the dataset.
        indices: the numbers of the samples, in the order that the subset is to have.

    Example:
        >>> import zkynet as zk
        >>> zk.data.Subset(zk.data.TensorDataset([10, 11, 12]), [2, 0])[0]
        (np.int64(12),)
    """

    def __init__(self, dataset: Any, indices: Iterable[int]) -> None:
        has_numbers("Subset", dataset)
        self.dataset = dataset
        self.indices = [place("Subset", i, len(dataset)) for i in indices]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[self.indices[place("Subset", index, len(self))]]

    def __getitems__(self, indices: Sequence[int]) -> Any:
        chosen = [self.indices[i] for i in indices]
        return self.dataset.__getitems__(chosen) if fetches_many(self.dataset) else [self.dataset[i] for i in chosen]


class ConcatDataset(Dataset):
    """Datasets one after another, as one.

    Args:
        datasets: the datasets.

    Example:
        >>> import zkynet as zk
        >>> both = zk.data.ConcatDataset([zk.data.TensorDataset([1, 2]), zk.data.TensorDataset([3])])
        >>> len(both), both[2]
        (3, (np.int64(3),))
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ArgumentError("ConcatDataset got no datasets", fix="pass a list of datasets")
        for dataset in self.datasets:
            has_numbers("ConcatDataset", dataset)
        self.ends = list(accumulate(len(d) for d in self.datasets))

    def __len__(self) -> int:
        return self.ends[-1]

    def __getitem__(self, index: int) -> Any:
        index = place("ConcatDataset", index, len(self))
        which = bisect_right(self.ends, index)
        return self.datasets[which][index - (self.ends[which - 1] if which else 0)]


class ChainDataset(IterableDataset):
    """Streams of samples one after another, as one.

    Args:
        datasets: the streams.

    Example:
        >>> import zkynet as zk
        >>> list(zk.data.ChainDataset([[1, 2], [3]]))
        [1, 2, 3]
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        for dataset in self.datasets:
            if not hasattr(dataset, "__iter__") and not hasattr(dataset, "__getitem__"):
                raise ArgumentError(
                    f"ChainDataset takes streams of samples, received {described(dataset)}",
                    fix="pass a list of IterableDatasets",
                )

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            yield from dataset


def fetches_many(dataset: Any) -> bool:
    """Whether a dataset gives many samples at once; a subset does if what it is a subset of does."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return hasattr(dataset, "__getitems__")


def has_numbers(name: str, dataset: Any) -> None:
    """Refuse what does not have samples by number."""
    if isinstance(dataset, IterableDataset) or not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        stream = hasattr(dataset, "__iter__") and not isinstance(dataset, type)
        raise ArgumentError(
            f"{name} takes a dataset with samples by number, received {described(dataset)}",
            fix="a stream of samples is a subclass of zk.data.IterableDataset, for DataLoader and ChainDataset alone"
            if stream
            else "pass a Dataset, e.g. zk.data.TensorDataset(x, y)",
        )


def host_array(what: str, value: Any) -> np.ndarray[Any, Any]:
    """An array in the host's memory."""
    if isinstance(value, Tensor):
        return value.numpy()
    try:
        array = np.asarray(value)
    except ValueError:  # rows that differ in length
        array = np.empty(0, dtype=object)
    if array.dtype == object:
        raise ArgumentError(
            f"{what} is no array of numbers: its entries differ in length or kind",
            fix="make all entries alike, or write a Dataset of your own and collate with zk.data.pad_collate",
        )
    if isinstance(value, (list, tuple)) and array.dtype == np.float64 and not _holds_arrays(value):
        return array.astype(np.float32)  # Python's numbers become zkynet's default float
    return array


def _holds_arrays(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return hasattr(value, "dtype")


def place(name: str, index: Any, length: int) -> int:
    """A number of a sample, counted from the front."""
    number = whole(name, "the number of a sample", index)
    if not -length <= number < length:
        raise IndexOutOfRangeError(
            f"{name} has {length} samples, there is no sample {number}", fix="numbers begin at 0", index=number
        )
    return number % length
