"""Epochs of a loader beside PyTorch's: pictures as arrays, samples one by one, samples that worker processes make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

WORKERS = 2


class OneByOne:
    """A dataset that has its samples by number alone."""

    def __init__(self, n: int) -> None:
        self.x = np.random.default_rng(0).standard_normal((n, 784), dtype=np.float32)
        self.y = np.arange(n) % 10

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> Any:
        return self.x[i], self.y[i]


class Large:
    """Pictures of 224 x 224 in three colours, which take nearly no time to make: what is timed is how they get here."""

    def __len__(self) -> int:
        return 256

    def __getitem__(self, i: int) -> Any:
        return np.full((3, 224, 224), i, np.float32), i


def epoch(batches: Iterable[Any]) -> Callable[[], int]:
    return lambda: sum(1 for _ in batches)


def measure() -> list[Line]:
    """The table: zkynet over NumPy beside PyTorch."""
    import torch
    from torch.utils import data as torch_data

    import zkynet as zk

    torch.set_num_threads(1)
    zk.set_backend("numpy")
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60_000, 784), dtype=np.float32), rng.integers(0, 10, 60_000)
    ours, theirs = zk.data.TensorDataset(x, y), torch_data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))

    in_lists = torch_data.BatchSampler(torch_data.RandomSampler(theirs), 128, drop_last=False)

    def by_hand() -> int:
        order = rng.permutation(len(x))
        return sum(len(x[order[i : i + 128]]) + len(y[order[i : i + 128]]) for i in range(0, len(x), 128))

    lines = compare(
        "shuffled arrays, 60,000 x 784, batches of 128",
        {
            "PyTorch": epoch(torch_data.DataLoader(theirs, 128, shuffle=True)),
            "PyTorch by lists": epoch(torch_data.DataLoader(theirs, None, sampler=in_lists)),
            "zkynet": epoch(zk.data.DataLoader(ours, 128, shuffle=True)),
            "zkynet, prefetch": epoch(zk.data.DataLoader(ours, 128, shuffle=True, prefetch_factor=2)),
            "NumPy by hand": by_hand,
        },
        "PyTorch",
        rounds=10,
    )
    singles = OneByOne(10_000)
    lines += compare(
        "samples one by one, 10,000 x 784, batches of 128",
        {
            "PyTorch": epoch(torch_data.DataLoader(singles, 128, shuffle=True)),
            "zkynet": epoch(zk.data.DataLoader(singles, 128, shuffle=True)),
        },
        "PyTorch",
        rounds=10,
    )
    options: dict[str, Any] = {"batch_size": 16, "num_workers": WORKERS, "persistent_workers": True}
    lines += compare(
        "150 MB from 2 workers that have started, batches of 16",
        {
            "PyTorch": epoch(torch_data.DataLoader(Large(), multiprocessing_context="forkserver", **options)),
            "zkynet": epoch(zk.data.DataLoader(Large(), **options)),
        },
        "PyTorch",
        rounds=10,
    )
    lines += compare(
        "start of 2 workers, one batch, end",
        {
            "PyTorch": lambda: next(
                iter(torch_data.DataLoader(singles, 128, num_workers=WORKERS, multiprocessing_context="forkserver"))
            ),
            "zkynet": lambda: next(iter(zk.data.DataLoader(singles, 128, num_workers=WORKERS))),
        },
        "PyTorch",
        rounds=5,
    )
    return lines
