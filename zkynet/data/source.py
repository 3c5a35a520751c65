"""How a batch comes about: the samples fetched, each under its own stream of random numbers, and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from zkynet.data.collating import default_collate
from zkynet.data.dataset import Batch, fetch
from zkynet.data.streams import Key, fetching


@dataclass
class Source:
    """What makes batches: all of a loader that a worker process needs."""

    dataset: Any
    collate_fn: Callable[[list[Any]], Any] | None
    batch_transform: Callable[[Any], Any] | None
    alone: bool
    """Whether samples are handed out one by one, as they are."""

    def batch(self, indices: Sequence[int], key: Key, start: int) -> Any:
        """The samples of some numbers, as a batch.

        Args:
            indices: the numbers.
            key: of the epoch's random numbers.
            start: the position in the epoch of the first one.
        """
        positions = range(start, start + len(indices))
        if self.alone:
            with fetching(key, positions):
                return self.dataset[indices[0]]
        content: Any = None
        if self.collate_fn is None and hasattr(self.dataset, "__getitems__"):
            with fetching(key, positions):
                content = fetch(self.dataset, indices)
        if content is None:
            content = []
            for index, position in zip(indices, positions, strict=True):
                with fetching(key, [position]):
                    content.append(self._sample(index))
        return self._joined(content, key, positions)

    def _sample(self, index: int) -> Any:
        try:
            return self.dataset[index]
        except Exception as e:
            e.add_note(f"while sample {index} of the dataset was fetched")
            raise

    def stream(self, samples: Iterator[Any], size: int, key: Key, start: int) -> Any:
        """The next samples of an iterator as a batch, smaller at the end; None if there are none.

        Args:
            samples: the iterator.
            size: how many.
            key: of the epoch's random numbers.
            start: the position in the epoch of the first one.
        """
        with fetching(key, range(start, start + size)):
            batch = list(islice(samples, size))
        if not batch:
            return None
        content = batch[0] if self.alone else self._joined(batch, key, range(start, start + len(batch)))
        return len(batch), content

    def _joined(self, samples: Any, key: Key, positions: range) -> Any:
        with fetching(key, positions, lane=1):
            if isinstance(samples, Batch):
                content = samples.content
            else:
                content = (self.collate_fn or default_collate)(samples)
            return content if self.batch_transform is None else self.batch_transform(content)
