"""Datasets that worker processes can load by name."""

from __future__ import annotations

import os
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
    """Samples that fill a pipe many times over."""

    def __getitem__(self, i: int) -> Any:
        return np.full(300_000, i, "float32")


class Lines(zk.data.IterableDataset):
    """0 to 10, shared out among the workers."""

    def __iter__(self) -> Iterator[int]:
        worker = zk.data.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        return iter(range(first, 11, step))
