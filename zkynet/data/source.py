"""How a batch comes about: the samples fetched, each under its own stream of random numbers, and joined."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zkynet.data.collating import default_collate
from zkynet.data.dataset import Batch, fetches_many
from zkynet.data.streams import Key, fetching

END = object()


@dataclass
class Source:
    """What makes batches: all of a loader that a worker process needs."""

    dataset: Any
    collate_fn: Callable[[list[Any]], Any] | None
    batch_transform: Callable[[Any], Any] | None
    alone: bool
    """Whether samples are handed out one by one, as they are."""

    @property
    def resumable(self) -> bool:
        """Whether the dataset says itself where it is, and can go there."""
        return hasattr(self.dataset, "state_dict") and hasattr(self.dataset, "load_state_dict")

    def batch(self, indices: Sequence[int], key: Key, start: int) -> Any:
        """The samples of some numbers, as a batch.

        Args:
            indices: the numbers.
            key: of the epoch's random numbers.
            start: the position in the epoch of the first one.
        """
        positions = range(start, start + len(indices))
        content: Any = []
        about, doing = indices, "fetched"
        try:
            with fetching(key, positions) as streams:
                if self.collate_fn is None and not self.alone and fetches_many(self.dataset):
                    content = self.dataset.__getitems__(indices)
                else:
                    for index, position in zip(indices, positions, strict=True):
                        about = [index]
                        streams.only(position)
                        content.append(self.dataset[index])
            if self.alone:
                return content[0]
            about, doing = indices, "made a batch"
            return self.joined(content, key, positions)
        except Exception as e:
            e.add_note(f"while {_names(about)} of the dataset {'was' if len(about) == 1 else 'were'} {doing}")
            raise

    def joined(self, samples: Any, key: Key, positions: range) -> Any:
        """Samples as a batch.

        Args:
            samples: a list of them, or a `Batch`.
            key: of the epoch's random numbers.
            positions: of the samples in the epoch.
        """
        with fetching(key, positions, lane=1):
            if isinstance(samples, Batch):
                content = samples.content
            else:
                content = (self.collate_fn or default_collate)(samples)
            return content if self.batch_transform is None else self.batch_transform(content)


class Share:
    """The samples of a stream in batches: all of them, or those that one of several workers gives.

    Args:
        source: what makes the batches.
        size: how many samples go into one.
        key: of the epoch's random numbers.
        number: which of the workers this is, from 0 on.
        of: how many there are.
        done: how many of its batches it has given already.
        state: after these; None begins at the beginning.
    """

    def __init__(
        self, source: Source, size: int, key: Key, number: int = 0, of: int = 1, done: int = 0, state: Any = None
    ) -> None:
        self.source, self.size, self.key = source, size, key
        self.number, self.of, self.done = number, of, done
        self.state = state
        self.samples: Iterator[Any] = iter(())

    @property
    def start(self) -> int:
        """The position in the epoch of the next batch's first sample, as if the workers took turns."""
        return (self.done * self.of + self.number) * self.size

    def begin(self) -> None:
        """Open the stream, where it was left or at its beginning."""
        ended, state = (False, None) if self.state is None else self.state
        if state is not None:
            self.source.dataset.load_state_dict(state)
        self.samples = iter(() if ended else self.source.dataset)

    def next(self) -> tuple[int, Any, Any] | None:
        """How many samples, these as a batch, and the state after them where the dataset has one; None at the end.

        The state is whether the stream has ended, and if it has not, what the dataset says.
        """
        start = self.start
        samples: list[Any] = []
        ended = False
        with fetching(self.key, ()) as streams:
            while len(samples) < self.size:
                streams.only(start + len(samples))
                sample = next(self.samples, END)
                if sample is END:
                    ended = True
                    break
                samples.append(sample)
        if not samples:
            return None
        self.done += 1
        n = len(samples)
        content = samples[0] if self.source.alone else self.source.joined(samples, self.key, range(start, start + n))
        if not self.source.resumable:
            return n, content, None
        return n, content, (ended, None if ended else copy.deepcopy(self.source.dataset.state_dict()))


def _names(indices: Sequence[int]) -> str:
    if len(indices) == 1:
        return f"sample {indices[0]}"
    return f"samples {', '.join(map(str, indices[:16]))}{', …' if len(indices) > 16 else ''}"
