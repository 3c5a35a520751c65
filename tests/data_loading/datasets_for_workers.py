"""Datasets that worker processes can load by name."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import zkynet as zk


class Drawing(zk.data.Dataset):
    """Samples that draw from their own stream and from NumPy's global generator."""

    def __init__(self, n: int = 23) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> Any:
        return i, zk.data.sample_stream().uniform(), np.full(3, i, "float32")


class Failing(Drawing):
    def __getitem__(self, i: int) -> Any:
        if i == 7:
            raise ValueError("sample seven is broken")
        return super().__getitem__(i)


class Dying(Drawing):
    def __getitem__(self, i: int) -> Any:
        if i == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(i)


class Sleeping(Drawing):
    def __getitem__(self, i: int) -> Any:
        if i == 7:
            time.sleep(60)
        return super().__getitem__(i)


class Large(Drawing):
    """Samples that fill a pipe many times over: of three forms in memory."""

    def __getitem__(self, i: int) -> Any:
        return np.full(300_000, i, "float32"), np.full((400, 500), i, "int16", order="F"), np.full(100_000, True)[::2]


class Numbers(Drawing):
    """Many samples, had at once for nothing."""

    def __getitems__(self, numbers: list[int]) -> Any:
        return zk.data.Batch(np.array([len(numbers), sum(numbers)]))


class Globals(Drawing):
    """Samples that draw from the generators of a whole process."""

    def __getitem__(self, i: int) -> Any:
        return random.random(), np.random.random(), zk.random.uniform().item()


class Unsendable(Drawing):
    def __getitem__(self, i: int) -> Any:
        return lambda: i


class Counting(zk.data.IterableDataset):
    """0 to 10, shared out among the workers, and saying where it is."""

    def __init__(self) -> None:
        self.next: int | None = None

    def __iter__(self) -> Iterator[Any]:
        worker = zk.data.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        begin, self.next = first if self.next is None else self.next, None
        for k in range(begin, 11, step):
            self.next = k + step
            yield k, zk.data.sample_stream().uniform(), os.getpid()
        self.next = None

    def state_dict(self) -> dict[str, Any]:
        return {"next": self.next}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.next = state["next"]


def fail_to_begin(worker: int) -> None:
    raise RuntimeError(f"no database for worker {worker}")


class Lines(zk.data.IterableDataset):
    """0 to 10, shared out among the workers."""

    def __iter__(self) -> Iterator[int]:
        worker = zk.data.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        return iter(range(first, 11, step))
