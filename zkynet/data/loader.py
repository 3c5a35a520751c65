"""Batches of a dataset, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Generator as Generated
from itertools import islice
from typing import Any

from zkynet.data.ahead import ahead
from zkynet.data.collating import as_tensors
from zkynet.data.dataset import IterableDataset
from zkynet.data.samplers import BatchSampler, RandomSampler, SequentialSampler
from zkynet.data.source import Source
from zkynet.data.streams import Key
from zkynet.data.workers import Workers
from zkynet.errors import ArgumentError, InvalidValueError, StateDictError, described
from zkynet.ops.arguments import flag, number, whole
from zkynet.random import Generator, default_generator

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
        persistent_workers: whether workers stay for the next epoch.

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
    ) -> None:
        self.dataset = dataset
        self.iterable = isinstance(dataset, IterableDataset)
        if not self.iterable and not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
            raise ArgumentError(
                f"a DataLoader takes batches from a dataset, received {described(dataset)}",
                fix="pass a Dataset, e.g. zk.data.TensorDataset(x, y)",
            )
        self.shuffle = flag("DataLoader", "shuffle", shuffle)
        self.drop_last = flag("DataLoader", "drop_last", drop_last)
        self.batch_size = None if batch_size is None else whole("DataLoader", "batch_size", batch_size)
        if self.batch_size is not None and self.batch_size < 1:
            raise InvalidValueError(f"batch_size is 1 or more, received {batch_size}", fix="pass e.g. batch_size=32")
        if self.iterable and (self.shuffle or sampler is not None or batch_sampler is not None):
            raise ArgumentError(
                "an IterableDataset gives its samples in an order of its own",
                fix="leave out shuffle, sampler and batch_sampler; shuffle in the dataset",
            )
        if self.shuffle and sampler is not None:
            raise ArgumentError("shuffle and sampler both say the order", fix="pass one of the two")
        if batch_sampler is not None and (
            self.batch_size != 1 or self.shuffle or sampler is not None or self.drop_last
        ):
            raise ArgumentError(
                "batch_sampler says all that batch_size, shuffle, sampler and drop_last say", fix="pass it alone"
            )
        if generator is not None and not isinstance(generator, Generator):
            raise ArgumentError(
                f"generator is a zkynet.random.Generator, received {described(generator)}",
                fix="pass generator=zk.random.Generator(seed), or leave it out",
            )
        self.num_workers = whole("DataLoader", "num_workers", num_workers)
        if prefetch_factor is None and self.num_workers:
            prefetch_factor = 2
        self.prefetch_factor = (
            None if prefetch_factor is None else whole("DataLoader", "prefetch_factor", prefetch_factor)
        )
        self.timeout = number("DataLoader", "timeout", timeout)
        for argument, value, least in (
            ("num_workers", self.num_workers, 0),
            ("prefetch_factor", 1 if self.prefetch_factor is None else self.prefetch_factor, 1),
            ("timeout", self.timeout, 0),
        ):
            if value < least:
                raise InvalidValueError(f"{argument} is {least} or more, received {value}", fix=f"raise {argument}")
        for argument, function in (
            ("collate_fn", collate_fn),
            ("batch_transform", batch_transform),
            ("worker_init_fn", worker_init_fn),
        ):
            if function is not None and not callable(function):
                raise ArgumentError(f"{argument} is a function, received {described(function)}", fix="pass a function")
        self.source = Source(dataset, collate_fn, batch_transform, self.batch_size is None)
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.persistent_workers = flag("DataLoader", "persistent_workers", persistent_workers)
        self._workers: Workers | None = None
        self.generator = generator
        self.device = device
        if sampler is None:
            sampler = None if self.iterable else RandomSampler(dataset) if self.shuffle else SequentialSampler(dataset)
        self.sampler: Any = getattr(batch_sampler, "sampler", None) if batch_sampler is not None else sampler
        if batch_sampler is None and self.batch_size is not None and not self.iterable:
            batch_sampler = BatchSampler(sampler, self.batch_size, self.drop_last)
        self.batch_sampler: Any = batch_sampler
        self._epoch = 0
        self._delivered = 0
        self._resuming = False
        self._beginning: dict[str, Any] | None = None

    # -- how far it is ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        if not self.iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def _generator(self) -> Generator:
        if self.generator is None:
            self.generator = default_generator().spawn(1)[0]
        if getattr(self.sampler, "generator", self) is None:
            self.sampler.generator = self.generator
        return self.generator

    def _states(self) -> dict[str, Any]:
        """Of all generators that an epoch draws from."""
        own = self._generator()
        states = {"generator": own.state_dict()}
        for name, sampler in (("sampler", self.sampler), ("batch_sampler", self.batch_sampler)):
            other = getattr(sampler, "generator", None)
            if isinstance(other, Generator) and other is not own:
                states[name] = other.state_dict()
        return states

    def _set_states(self, states: Mapping[str, Any]) -> None:
        self._generator().load_state_dict(states["generator"])
        for name, sampler in (("sampler", self.sampler), ("batch_sampler", self.batch_sampler)):
            if name in states and isinstance(getattr(sampler, "generator", None), Generator):
                sampler.generator.load_state_dict(states[name])

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
        beginning = self._states() if self._beginning is None else self._beginning
        return {"epoch": self._epoch, "delivered": self._delivered, "beginning": beginning}

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
        try:
            epoch, delivered = int(state["epoch"]), int(state["delivered"])
            Generator().load_state_dict(state["beginning"]["generator"])
        except (KeyError, TypeError, ValueError):
            raise StateDictError("this is no state of a DataLoader", fix="pass what loader.state_dict() gave") from None
        self._set_states(state["beginning"])
        self._epoch, self._delivered = epoch, delivered
        self._beginning = dict(state["beginning"])
        self._resuming = True

    # -- an epoch -----------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        if self._resuming:
            self._set_states(self._beginning or {})
        elif self._delivered:  # the last epoch was left before its end
            self._epoch += 1
            self._delivered = 0
        if not self._resuming:
            self._beginning = self._states()
        self._resuming = False
        return self._batches(self._delivered)

    def _batches(self, start: int) -> Iterator[Any]:
        low, high = self._generator().bits(2, dtype="uint64").tolist()
        made: Generated[Any] = self._tensors((low, high), start)
        if self.prefetch_factor is not None:
            made = ahead(made, self.prefetch_factor)
        try:
            for batch in made:
                self._delivered += 1
                yield batch
        finally:
            made.close()  # left early or not, no process and no thread stays behind
        self._epoch += 1
        self._delivered = 0
        self._beginning = None

    def _tensors(self, key: Key, start: int) -> Generated[Any]:
        """The batches of an epoch from one on, on the device."""
        workers = self._start_workers() if self.num_workers else None
        finished = False
        try:
            contents = self._streamed(workers, key, start) if self.iterable else self._picked(workers, key, start)
            for content in contents:
                yield as_tensors(content, self.device)
            finished = True
        finally:
            if workers is not None and not (finished and self.persistent_workers):
                workers.close()
                self._workers = None

    def _start_workers(self) -> Workers:
        if self._workers is None:
            each = 2 if self.prefetch_factor is None else self.prefetch_factor
            self._workers = Workers(
                self.source, self.num_workers, each, self.timeout, self.worker_init_fn, self.multiprocessing_context
            )
        return self._workers

    def _picked(self, workers: Workers | None, key: Key, start: int) -> Iterator[Any]:
        """The batches of a dataset with numbers, from one on."""
        tasks = self._tasks(key, start)
        if workers is not None:
            return workers.batches(tasks)
        return (self.source.batch(*task[1:]) for task in tasks)

    def _tasks(self, key: Key, start: int) -> Iterator[tuple[Any, ...]]:
        position = 0
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        for k, indices in enumerate(order):
            chosen = [indices] if self.batch_sampler is None else list(indices)
            if k >= start:
                yield "batch", chosen, key, position
            position += len(chosen)

    def _streamed(self, workers: Workers | None, key: Key, start: int) -> Iterator[Any]:
        """The batches of a stream; those before the first one asked for are made, and thrown away."""
        size = 1 if self.batch_size is None else self.batch_size
        made = self._one_stream(size, key) if workers is None else workers.stream(size, key)
        whole_ones = (content for n, content in made if n == size or not self.drop_last)
        return islice(whole_ones, start, None)

    def _one_stream(self, size: int, key: Key) -> Iterator[Any]:
        samples = iter(self.dataset)
        position = 0
        while (made := self.source.stream(samples, size, key, position)) is not None:
            yield made
            position += made[0]
