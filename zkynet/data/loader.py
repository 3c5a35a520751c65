"""Batches of a dataset, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from zkynet.data.ahead import ahead
from zkynet.data.dataset import IterableDataset, has_numbers
from zkynet.data.epoch import Picked, Streamed, tensors
from zkynet.data.loader_arguments import (
    at_least,
    checked_position,
    function_or_none,
    no_batches,
    one_order,
    seconds,
    start_method,
)
from zkynet.data.samplers import BatchSampler, RandomSampler, Sampler, SequentialSampler, checked_generator
from zkynet.data.source import Source
from zkynet.ops.arguments import flag
from zkynet.random import Generator, default_generator

if TYPE_CHECKING:
    from zkynet.data.workers import Workers

__all__ = ["DataLoader"]


class DataLoader:
    """Batches of a dataset as tensors on the current backend; each ``for`` over it is an epoch.

    The order of a shuffled epoch, and the numbers that random transforms draw, come from the loader's own generator:
    they are the same on every backend. `state_dict` says how far it is, and a loader that loads it goes on there.

    Args:
        dataset: a `Dataset` or `IterableDataset`, or anything with ``__len__`` and ``__getitem__``.
        batch_size: how many samples go into a batch; None: each sample comes alone, as it is.
        shuffle: whether the samples come in another random order each epoch.
        sampler: gives the numbers of samples, instead of `shuffle`.
        batch_sampler: gives lists of numbers, a batch each, instead of all of these.
        num_workers: how many processes fetch; 0: this one does. A script that starts processes has its code under
            ``if __name__ == "__main__":``.
        collate_fn: makes a batch of a list of samples; by default `default_collate`.
        drop_last: whether an incomplete batch at the end is left out.
        generator: where random numbers come from; by default a child of the default generator, spawned at first use.
        device: where the tensors are to live; by default the backend's default.
        batch_transform: applied to each batch, as collated, in the host's memory: mixup, say.
        prefetch_factor: how many batches are made ready, on the device, before they are asked for, and how many each
            worker has to do at a time; by default 2 with workers, and without them none.
        timeout: how many seconds to wait for a worker's batch; 0 for ever.
        worker_init_fn: called in each worker with its number before it fetches.
        multiprocessing_context: how processes are started: "forkserver" by default, "spawn" on Windows, or "fork".
        persistent_workers: whether workers stay for the next epoch, with their copies of the dataset as it was; if an
            epoch is left early, the next one starts new ones.
        pin_memory: taken as PyTorch has it, and without effect: `prefetch_factor` is what brings batches to a device.

    Example:
        >>> import zkynet as zk
        >>> data = zk.data.TensorDataset([[0.0], [1.0], [2.0]], [0, 1, 0])
        >>> for x, y in zk.data.DataLoader(data, batch_size=2):
        ...     print(x.shape, y)
        (2, 1) Tensor([0, 1])
        (1, 1) Tensor([0])
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        *,
        drop_last: bool = False,
        generator: Generator | None = None,
        device: Any = None,
        batch_transform: Callable[[Any], Any] | None = None,
        prefetch_factor: int | None = None,
        timeout: float = 0.0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        persistent_workers: bool = False,
        pin_memory: bool = False,
    ) -> None:
        self.iterable = isinstance(dataset, IterableDataset)
        if not self.iterable:
            has_numbers("DataLoader", dataset)
        self.dataset = dataset
        self.shuffle = flag("DataLoader", "shuffle", shuffle)
        self.drop_last = flag("DataLoader", "drop_last", drop_last)
        self.batch_size = None if batch_size is None else at_least("batch_size", batch_size, 1)
        one_order(self.iterable, self.batch_size, self.shuffle, sampler, batch_sampler, self.drop_last)
        self.generator = checked_generator(generator)
        self.num_workers = at_least("num_workers", num_workers, 0)
        if prefetch_factor is None and self.num_workers:
            prefetch_factor = 2
        self.prefetch_factor = None if prefetch_factor is None else at_least("prefetch_factor", prefetch_factor, 1)
        self.timeout = seconds("timeout", timeout)
        self.worker_init_fn = function_or_none("worker_init_fn", worker_init_fn)
        self.multiprocessing_context = start_method(multiprocessing_context)
        self.persistent_workers = flag("DataLoader", "persistent_workers", persistent_workers)
        flag("DataLoader", "pin_memory", pin_memory)
        self.device = device
        collate_fn = function_or_none("collate_fn", collate_fn)
        batch_transform = function_or_none("batch_transform", batch_transform)
        self.source = Source(dataset, collate_fn, batch_transform, self.batch_size is None)
        if sampler is None and not self.iterable:
            sampler = RandomSampler(dataset) if self.shuffle else SequentialSampler(dataset)
        self.sampler: Any = sampler if batch_sampler is None else getattr(batch_sampler, "sampler", None)
        if batch_sampler is None and self.batch_size is not None and not self.iterable:
            batch_sampler = BatchSampler(sampler, self.batch_size, self.drop_last)
        self.batch_sampler: Any = batch_sampler
        self._workers: Workers | None = None
        self._epoch = 0
        self._delivered = 0
        self._marks: dict[int, tuple[int, Any]] = {}
        self._beginning: dict[str, Any] | None = None
        self._resuming = False
        self._newest: object = None

    # -- how far it is ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        if not self.iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def _generators(self) -> dict[str, Generator]:
        """All that an epoch draws from: the loader's own, and those of samplers that have one."""
        if self.generator is None:
            self.generator = default_generator().spawn(1)[0]
        found = {"generator": self.generator}
        for name, sampler in (("sampler", self.sampler), ("batch_sampler", self.batch_sampler)):
            if isinstance(sampler, Sampler) and sampler.generator is None:
                sampler.generator = self.generator
            other = getattr(sampler, "generator", None)
            if isinstance(other, Generator) and not any(other is known for known in found.values()):
                found[name] = other
        return found

    def _states(self) -> dict[str, Any]:
        return {name: generator.state_dict() for name, generator in self._generators().items()}

    def _number_of_batches(self) -> int | None:
        try:
            return len(self)
        except (TypeError, NotImplementedError):
            return None

    def state_dict(self) -> dict[str, Any]:
        """Which epoch it is in, how many of its batches it has handed out, and the random state the epoch began with.

        Example:
            >>> import zkynet as zk
            >>> loader = zk.data.DataLoader(zk.data.TensorDataset([1, 2, 3]), shuffle=True)
            >>> batches = iter(loader)
            >>> _ = next(batches)
            >>> state = loader.state_dict()
            >>> state["epoch"], state["delivered"]
            (0, 1)
        """
        state: dict[str, Any] = {
            "epoch": self._epoch,
            "delivered": self._delivered,
            "batches": self._number_of_batches(),
            "beginning": self._states() if self._beginning is None else self._beginning,
        }
        if self._marks:  # of a stream that says itself where it is
            state["num_workers"] = self.num_workers
            state["streams"] = [[who, done, mark] for who, (done, mark) in sorted(self._marks.items())]
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where `state_dict` was called: the next ``for`` gives the rest of that epoch.

        Args:
            state: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> data = zk.data.TensorDataset([1, 2, 3])
            >>> one, two = (zk.data.DataLoader(data, shuffle=True) for _ in range(2))
            >>> batches = iter(one)
            >>> _ = next(batches)
            >>> two.load_state_dict(one.state_dict())
            >>> [x.item() for (x,) in two] == [x.item() for (x,) in batches]
            True
        """
        generators = self._generators()
        batches = self._number_of_batches()
        position = checked_position(state, list(generators), batches, self.num_workers)
        for name, generator in generators.items():
            generator.load_state_dict(state["beginning"][name])
        self._epoch, self._delivered, self._marks = position
        self._beginning = {name: dict(state["beginning"][name]) for name in generators}
        self._resuming = True

    # -- an epoch -----------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        return self._batches()  # which begins when the first batch is asked for

    def _begin(self) -> object:
        """Go to the next epoch, or to the one that a loaded state is in; what is returned stands for this loop."""
        generators = self._generators()
        if self._resuming:
            for name, generator in generators.items():
                generator.load_state_dict((self._beginning or {})[name])
        elif self._delivered:  # the last epoch was left before its end
            self._epoch += 1
            self._delivered, self._marks = 0, {}
        if not self._resuming:
            self._beginning = self._states()
        self._resuming = False
        self._newest = object()
        return self._newest

    def _begun(self) -> Picked | Streamed:
        """An epoch, with all its random numbers drawn, so that it is the same whoever fetches it, and whenever."""
        low, high = self._generators()["generator"].bits(2, dtype="uint64").tolist()
        if self.iterable:
            size = 1 if self.batch_size is None else self.batch_size
            return Streamed(self.source, size, (low, high), self._delivered, self.drop_last, dict(self._marks))
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        lists = ([n] for n in order) if self.batch_sampler is None else (list(numbers) for numbers in order)
        if self._number_of_batches() is None:  # an order that may never end
            return Picked(self.source, lists, (low, high), self._delivered)
        known = list(lists)
        if not known:
            raise no_batches(len(self.dataset), self.batch_size, self.drop_last)
        return Picked(self.source, known, (low, high), self._delivered)

    def _batches(self) -> Iterator[Any]:
        """The batches of an epoch; what is handed out is counted, unless another loop has begun in the meantime."""
        this, epoch = self._begin(), self._begun()
        workers = self._take_workers() if self.num_workers else None
        finished = False
        try:
            made = tensors(epoch, workers, self.device)
            if self.prefetch_factor is not None:
                made = ahead(made, self.prefetch_factor, None if workers is None else workers.interrupt)
            with closing(made):  # left early or not, no thread stays behind
                for batch, mark in made:
                    if self._newest is this:
                        self._delivered += 1
                        if mark is not None:
                            self._marks[mark[0]] = mark[1:]
                    yield batch
            finished = True
        finally:
            if workers is not None:
                if finished and self.persistent_workers and self._workers is None:
                    self._workers = workers
                else:
                    workers.close()
        if self._newest is this:
            self._epoch += 1
            self._delivered, self._marks, self._beginning = 0, {}, None

    def _take_workers(self) -> Workers:
        """Those that have stayed from the last epoch, or new ones; an epoch has them to itself."""
        workers, self._workers = self._workers, None
        if workers is not None:
            return workers
        from zkynet.data.workers import Workers

        each = 2 if self.prefetch_factor is None else self.prefetch_factor
        return Workers(
            self.source, self.num_workers, each, self.timeout, self.worker_init_fn, self.multiprocessing_context
        )
