"""In which order samples are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import flag, whole
from zkynet.random import Generator, default_generator

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]


class Sampler:
    """An order of samples: write ``__iter__``, which gives their numbers anew each epoch, and ``__len__``.

    A sampler that draws should draw from ``self.generator``: where that is None, a loader puts its own there, and so
    can give the same order again when it is restored in the middle of an epoch.

    Example:
        >>> import zkynet as zk
        >>> class Backwards(zk.data.Sampler):
        ...     def __init__(self, data):
        ...         self.data = data
        ...     def __len__(self):
        ...         return len(self.data)
        ...     def __iter__(self):
        ...         return iter(range(len(self) - 1, -1, -1))
        >>> data = zk.data.TensorDataset([1, 2, 3])
        >>> [x.tolist() for (x,) in zk.data.DataLoader(data, sampler=Backwards(data))]
        [[3], [2], [1]]
    """

    generator: Generator | None = None

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} needs a method __iter__(self) that gives numbers of samples")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} needs a method __len__(self): how many numbers it gives")


class SequentialSampler(Sampler):
    """All samples in their order.

    Args:
        data_source: the dataset.

    Example:
        >>> import zkynet as zk
        >>> list(zk.data.SequentialSampler("abc"))
        [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """All samples in random order, another one each epoch; with replacement, samples drawn one by one.

    Args:
        data_source: the dataset.
        replacement: whether a sample may come more than once.
        num_samples: how many are drawn; by default as many as there are.
        generator: where the numbers come from; by default the loader's, or the default generator.

    Example:
        >>> import zkynet as zk
        >>> sorted(zk.data.RandomSampler(range(4), generator=zk.random.Generator(0)))
        [0, 1, 2, 3]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = flag("RandomSampler", "replacement", replacement)
        self.num_samples = num_samples if num_samples is None else count("RandomSampler", "num_samples", num_samples)
        self.generator = checked_generator(generator)

    def __iter__(self) -> Iterator[int]:
        n, wanted = len(self.data_source), len(self)
        generator = self.generator or default_generator()
        if self.replacement:
            return iter(generator.integers(0, n, (wanted,)).tolist() if n else [])
        order: list[int] = []
        while n and len(order) < wanted:  # more samples than there are: another round
            order += generator.permutation(n).tolist()
        return iter(order[:wanted])

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples


class SubsetRandomSampler(Sampler):
    """Some samples in random order.

    Args:
        indices: their numbers.
        generator: where the random numbers come from; by default the loader's, or the default generator.

    Example:
        >>> import zkynet as zk
        >>> sorted(zk.data.SubsetRandomSampler([7, 3, 5]))
        [3, 5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = [whole("SubsetRandomSampler", "a number of a sample", i) for i in indices]
        self.generator = checked_generator(generator)

    def __iter__(self) -> Iterator[int]:
        order = (self.generator or default_generator()).permutation(len(self.indices)).tolist()
        return iter([self.indices[k] for k in order])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Samples drawn with given chances: for classes of different sizes, say.

    Args:
        weights: of each sample, from 0 on; they need not add up to 1.
        num_samples: how many are drawn.
        replacement: whether a sample may come more than once.
        generator: where the random numbers come from; by default the loader's, or the default generator.

    Example:
        >>> import zkynet as zk
        >>> list(zk.data.WeightedRandomSampler([0.0, 1.0, 0.0], 3))
        [1, 1, 1]
    """

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        try:
            w = np.asarray(weights.detach().numpy() if hasattr(weights, "detach") else weights, dtype="float64")
        except (TypeError, ValueError):
            w = np.empty(0)
        self.weights = w
        if w.ndim != 1 or not len(w) or not np.isfinite(w).all() or (w < 0).any() or w.sum() == 0:
            raise InvalidValueError(
                "WeightedRandomSampler: weights are finite numbers from 0 on, one for each sample, not all 0",
                facts=[f"shape {w.shape}", f"values {w[:5]}" if w.size else "no values"],
                fix="pass a list of such numbers",
            )
        self.num_samples = count("WeightedRandomSampler", "num_samples", num_samples)
        self.replacement = flag("WeightedRandomSampler", "replacement", replacement)
        possible = int((w > 0).sum())
        if not self.replacement and self.num_samples > possible:
            raise InvalidValueError(
                f"{self.num_samples} samples cannot be drawn of {possible} that have a weight above 0",
                fix="pass replacement=True, or draw fewer",
            )
        self.generator = checked_generator(generator)

    def __iter__(self) -> Iterator[int]:
        p = self.weights / self.weights.sum()
        generator = self.generator or default_generator()
        return iter(generator.choice(len(p), (self.num_samples,), self.replacement, p).tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """The numbers that another sampler gives, as lists of a batch each.

    Args:
        sampler: gives the numbers.
        batch_size: how many go into a batch.
        drop_last: whether an incomplete batch at the end is left out.

    Example:
        >>> import zkynet as zk
        >>> list(zk.data.BatchSampler(zk.data.SequentialSampler(range(5)), 2))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False) -> None:
        self.sampler = sampler
        self.batch_size = count("BatchSampler", "batch_size", batch_size)
        self.drop_last = flag("BatchSampler", "drop_last", drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def count(name: str, argument: str, value: Any) -> int:
    """A whole number from 1 on."""
    number = whole(name, argument, value)
    if number < 1:
        raise InvalidValueError(f"{name}: {argument} is 1 or more, received {number}", fix=f"pass {argument}=1 or more")
    return number


def checked_generator(generator: Any) -> Generator | None:
    """A generator, or none."""
    if generator is not None and not isinstance(generator, Generator):
        raise ArgumentError(
            f"generator is a zkynet.random.Generator, received {described(generator)}",
            fix="pass generator=zk.random.Generator(seed), or leave it out",
        )
    return generator
