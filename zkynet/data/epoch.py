"""One pass over a dataset: what is fetched, by whom, and how far it is."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from zkynet.data.collating import as_tensors
from zkynet.data.source import Share, Source
from zkynet.data.streams import Key

if TYPE_CHECKING:
    from zkynet.data.workers import Workers

Task = tuple[Any, ...]

Mark = tuple[int, int, Any] | None
"""Of a batch of a stream that says where it is: whose it is, how many batches that worker has given, and its state."""


class Picked:
    """The batches of a dataset with numbers.

    Args:
        source: what makes batches.
        order: the numbers of each batch.
        key: of the epoch's random numbers.
        start: the first batch that is wanted.
    """

    def __init__(self, source: Source, order: Iterable[list[int]], key: Key, start: int) -> None:
        self.source, self.order, self.key, self.start = source, order, key, start

    def batches(self, workers: Workers | None) -> Iterator[tuple[Any, Mark]]:
        """The batches from `start` on.

        Args:
            workers: who fetches them; None: this process.
        """
        if workers is None:
            return ((self.source.batch(*task[1:]), None) for task in self._tasks())
        return ((content, None) for content in workers.batches(self._tasks()))

    def _tasks(self) -> Iterator[Task]:
        position = 0
        for k, indices in enumerate(self.order):
            if k >= self.start:
                yield "batch", indices, self.key, position
            position += len(indices)


class Streamed:
    """The batches of a stream.

    Args:
        source: what makes batches.
        size: how many samples go into one.
        key: of the epoch's random numbers.
        start: the first batch that is wanted; those before it are made and thrown away.
        drop_last: whether batches with fewer samples are left out.
        marks: instead of `start`, where a stream is that says so itself: by worker, its batches and its state.
    """

    def __init__(
        self, source: Source, size: int, key: Key, start: int, drop_last: bool, marks: dict[int, tuple[int, Any]]
    ) -> None:
        self.source, self.size, self.key, self.drop_last, self.marks = source, size, key, drop_last, marks
        self.start = 0 if marks else start

    def batches(self, workers: Workers | None) -> Iterator[tuple[Any, Mark]]:
        """The batches from `start` on.

        Args:
            workers: who fetches them; None: this process.
        """
        if workers is None:
            made = self._alone()
        else:
            done, states = zip(*[self.marks.get(w.id, (0, None)) for w in workers.workers], strict=True)
            made = workers.stream(self.size, self.key, done, states)
        return islice(self._wanted(made), self.start, None)

    def _alone(self) -> Iterator[tuple[int, Any]]:
        done, state = self.marks.get(0, (0, None))
        share = Share(self.source, self.size, self.key, done=done, state=state)
        share.begin()
        while (made := share.next()) is not None:
            yield 0, made

    def _wanted(self, made: Iterator[tuple[int, Any]]) -> Iterator[tuple[Any, Mark]]:
        counts = {who: done for who, (done, _) in self.marks.items()}
        for who, (n, content, state) in made:
            counts[who] = counts.get(who, 0) + 1
            if n == self.size or not self.drop_last:
                yield content, (who, counts[who], state) if self.source.resumable else None


def tensors(epoch: Picked | Streamed, workers: Workers | None, device: Any) -> Generator[tuple[Any, Mark]]:
    """The batches of an epoch as tensors.

    Args:
        epoch: what is fetched.
        workers: who fetches it; None: this process.
        device: where the tensors are to live.
    """
    for content, mark in epoch.batches(workers):
        yield as_tensors(content, device), mark
