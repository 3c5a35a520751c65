"""Batches of sequences that are alike in length, so that little of them is padding."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from zkynet.data.samplers import Sampler, checked_generator, count
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import flag
from zkynet.random import Generator, default_generator

__all__ = ["BucketBatchSampler"]


class BucketBatchSampler(Sampler):
    """Batches of sequences that are alike in length, in random order: for `pad_collate`, where padding costs time.

    Samples are sorted by length, those of equal length in another order each epoch, and cut into batches; these come
    in random order. With `max_tokens`, batches of long sequences hold fewer of them, as in Vaswani et al. (2017).

    Args:
        lengths: of each sample, shape ``(samples,)``; or several for each, such as source and target, shape
            ``(samples, n)``.
        batch_size: how many samples go into a batch at most.
        max_tokens: how many entries, padding included, the longest sequences of a batch may have together; a sequence
            that is longer comes alone.
        shuffle: whether the order is random; otherwise shorter sequences come first.
        drop_last: whether batches with fewer than `batch_size` samples are left out.
        generator: where the random numbers come from; by default the loader's, or the default generator.

    Example:
        >>> import zkynet as zk
        >>> list(zk.data.BucketBatchSampler([5, 2, 9, 2, 5], batch_size=2, shuffle=False))
        [[1, 3], [0, 4], [2]]
        >>> list(zk.data.BucketBatchSampler([5, 2, 9, 2, 5], max_tokens=10, shuffle=False))
        [[1, 3], [0, 4], [2]]
    """

    def __init__(
        self,
        lengths: Any,
        batch_size: int | None = None,
        max_tokens: int | None = None,
        shuffle: bool = True,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        name = "BucketBatchSampler"
        if batch_size is None and max_tokens is None:
            raise ArgumentError(f"{name}: nothing says how large a batch is", fix="pass batch_size, max_tokens or both")
        self.lengths = _lengths(name, lengths)
        self.batch_size = None if batch_size is None else count(name, "batch_size", batch_size)
        self.max_tokens = None if max_tokens is None else count(name, "max_tokens", max_tokens)
        self.shuffle = flag(name, "shuffle", shuffle)
        self.drop_last = flag(name, "drop_last", drop_last)
        if self.drop_last and self.batch_size is None:
            raise ArgumentError(f"{name}: drop_last needs a batch_size", fix="pass one, or leave out drop_last")
        self.generator = checked_generator(generator)
        self._cuts = self._where_batches_end()

    def _where_batches_end(self) -> list[tuple[int, int]]:
        """Begin and end of each batch among the sorted samples: fixed, as only equally long samples change places."""
        longest = self.lengths[self._sorted(np.arange(len(self.lengths)))].max(axis=1).tolist()
        ends, begin, most = [0], 0, 0
        for place, length in enumerate(longest):
            most = max(most, length)
            size = place - begin + 1
            full = self.batch_size is not None and size > self.batch_size
            if size > 1 and (full or (self.max_tokens is not None and size * most > self.max_tokens)):
                ends.append(place)
                begin, most = place, length
        cuts = list(pairwise([*ends, len(longest)]))
        return [(a, b) for a, b in cuts if b - a == self.batch_size] if self.drop_last else cuts

    def _sorted(self, order: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Samples by length; those of equal length stay in the order they are in."""
        return order[np.lexsort(self.lengths[order].T[::-1])]

    def __iter__(self) -> Iterator[list[int]]:
        batches = range(len(self._cuts))
        order = np.arange(len(self.lengths))
        if self.shuffle:
            generator = self.generator or default_generator()
            order = generator.permutation(len(order)).numpy()
            batches = generator.permutation(len(batches)).tolist()
        chosen = self._sorted(order).tolist()
        return iter([chosen[slice(*self._cuts[k])] for k in batches])

    def __len__(self) -> int:
        return len(self._cuts)

    def __repr__(self) -> str:
        return f"BucketBatchSampler({len(self.lengths)} samples, {len(self)} batches)"


def _lengths(name: str, lengths: Any) -> np.ndarray[Any, Any]:
    """Lengths as whole numbers, shape ``(samples, one or more)``."""
    try:
        array = np.asarray(lengths.detach().numpy() if hasattr(lengths, "detach") else lengths)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "iu" or array.ndim not in (1, 2) or not array.size or (array < 0).any():
        raise InvalidValueError(
            f"{name}: lengths are whole numbers from 0 on, one or several for each sample",
            facts=[f"received  {described(lengths)}"],
            fix="pass e.g. [len(text) for text in texts]",
        )
    return array.reshape(len(array), -1)
