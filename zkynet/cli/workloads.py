"""What ``zkynet bench`` times: training steps as recipes make them, and a product of matrices as a yardstick."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

import zkynet as zk

Step = Callable[[], Any]


class Timing(NamedTuple):
    """How long a workload took: the first time, and then, in seconds."""

    first: float
    middle: float
    quick: float
    slow: float
    repeats: int


def timed(step: Step, seconds: float) -> Timing:
    """Time a step again and again; each one is waited for.

    Args:
        step: what is timed; gives a number on the host, which an asynchronous device has to be finished for.
        seconds: how long to go on after the warm-up.
    """
    began = time.perf_counter()
    step()
    first = time.perf_counter() - began
    for _ in range(3):
        step()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 5 or time.perf_counter() < end:
        began = time.perf_counter()
        step()
        taken.append(time.perf_counter() - began)
    taken.sort()
    return Timing(first, median(taken), taken[len(taken) // 10], taken[-1 - len(taken) // 10], len(taken))


def training(model: zk.nn.Module, x: zk.Tensor, classes: int) -> Step:
    """A training step with cross-entropy and Adam."""
    optimizer = zk.optim.Adam(model.parameters(), lr=1e-3)
    labels = zk.random.integers(0, classes, shape=(x.shape[0],))

    def step() -> Any:
        optimizer.zero_grad()
        loss = zk.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def workloads() -> Iterator[tuple[str, Step, float]]:
    """Name, step, and how many floating-point operations it is a yardstick for (0 for none), on the current backend."""
    nn, normal = zk.nn, zk.random.normal
    tiny = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    yield "tiny network 2-16-2, batch 8", training(tiny, normal(shape=(8, 2)), 2), 0
    mlp = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    yield "MLP 784-256-256-10, batch 64", training(mlp, normal(shape=(64, 784)), 10), 0
    lenet = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )
    yield "LeNet-5 on 28x28, batch 32", training(lenet, normal(shape=(32, 1, 28, 28)), 10), 0
    yield "LSTM 64 over 32 steps, batch 16", training(LastOfLSTM(), normal(shape=(16, 32, 32)), 10), 0
    n = 1024
    a, b = normal(shape=(n, n)), normal(shape=(n, n))
    yield f"product of {n}x{n} matrices", lambda: (a @ b)[0, 0].item(), 2 * n**3


class LastOfLSTM(zk.nn.Module):
    """Classes from the last output of an LSTM."""

    def __init__(self) -> None:
        self.lstm = zk.nn.LSTM(32, 64, batch_first=True)
        self.out = zk.nn.Linear(64, 10)

    def forward(self, x: zk.Tensor) -> zk.Tensor:
        """Logits (N, 10) from inputs (N, T, 32)."""
        return self.out(self.lstm(x)[0][:, -1])
