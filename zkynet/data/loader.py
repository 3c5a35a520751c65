"""Batches of a dataset, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from zkynet.data.collating import as_tensors, default_collate
from zkynet.data.dataset import Batch, IterableDataset, fetch
from zkynet.data.samplers import BatchSampler, RandomSampler, SequentialSampler
from zkynet.data.streams import Key, fetching
from zkynet.errors import ArgumentError, InvalidValueError, StateDictError, described
from zkynet.ops.arguments import flag, whole
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
        collate_fn: makes a batch of a list of samples; by default `default_collate`.
        drop_last: whether an incomplete batch at the end is left out.
        generator: where random numbers come from; by default a child of the default generator, spawned at first use.
        device: where the tensors are to live; by default the backend's default.
        batch_transform: applied to each batch, as collated, in the host's memory: mixup, say.

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
        *,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        generator: Generator | None = None,
        device: Any = None,
        batch_transform: Callable[[Any], Any] | None = None,
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
        self.collate_fn = collate_fn
        self.batch_transform = batch_transform
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
        key: Key = (low, high)
        for content in self._streamed(key, start) if self.iterable else self._picked(key, start):
            self._delivered += 1
            yield as_tensors(content, self.device)
        self._epoch += 1
        self._delivered = 0
        self._beginning = None

    def _picked(self, key: Key, start: int) -> Iterator[Any]:
        """The batches of a dataset with numbers, from one on."""
        position = 0
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        for k, indices in enumerate(order):
            chosen = [indices] if self.batch_sampler is None else list(indices)
            if k >= start:
                yield self._collated(chosen, key, range(position, position + len(chosen)))
            position += len(chosen)

    def _collated(self, indices: Sequence[int], key: Key, positions: range) -> Any:
        if self.batch_sampler is None:
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
                    content.append(self.dataset[index])
        with fetching(key, positions, lane=1):
            return self._joined(content)

    def _joined(self, samples: Any) -> Any:
        if isinstance(samples, Batch):
            content = samples.content
        else:
            content = (self.collate_fn or default_collate)(samples)
        return content if self.batch_transform is None else self.batch_transform(content)

    def _streamed(self, key: Key, start: int) -> Iterator[Any]:
        """The batches of a stream, from one on."""
        size = 1 if self.batch_size is None else self.batch_size
        samples = iter(self.dataset)
        position = 0
        while True:
            with fetching(key, range(position, position + size)):
                batch = list(islice(samples, size))
            if not batch or (self.drop_last and self.batch_size is not None and len(batch) < size):
                return
            if position // size >= start:
                with fetching(key, range(position, position + len(batch)), lane=1):
                    content = batch[0] if self.batch_size is None else self._joined(batch)
                yield content
            position += len(batch)
