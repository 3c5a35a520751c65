"""What the trainer's loop costs beside the same loop written by hand: 100 steps with Adam, batches of 32.

The models are an MLP 64-128-10, as for the small digits, where a step is short and the loop therefore a large part of
it, and one of 784-100-10, as for MNIST. Both ways are checked to reach the same parameters, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

STEPS = 100
SIZES = {"64-128-10": (64, 128), "784-100-10": (784, 100)}


def model_of(inputs: int, hidden: int) -> Any:
    import zkynet as zk

    zk.random.seed(0)
    return zk.nn.Sequential(zk.nn.Linear(inputs, hidden), zk.nn.ReLU(), zk.nn.Linear(hidden, 10))


def by_hand(batches: list[Any], sizes: tuple[int, int], metric: bool) -> tuple[Callable[[], None], Any]:
    import zkynet as zk

    model = model_of(*sizes)
    optimizer = zk.optim.Adam(model.parameters())
    accuracy = zk.metrics.Accuracy()

    def epoch() -> None:
        for x, y in batches:
            out = model(x)
            loss = zk.nn.functional.cross_entropy(out, y)
            loss.backward()
            if metric:
                accuracy.update(out, y)
            optimizer.step()
            optimizer.zero_grad()
        finish(model)

    return epoch, model


def by_trainer(batches: list[Any], sizes: tuple[int, int], **how: Any) -> tuple[Callable[[], None], Any]:
    import zkynet as zk

    model = model_of(*sizes)
    trainer = zk.train.Trainer(model, "cross_entropy", "adam", progress=False, **how)

    def epoch() -> None:
        trainer.fit(batches)
        finish(model)

    return epoch, model


def finish(model: Any) -> None:
    for p in model.parameters():
        p.backend.synchronize(p.data)


def measure() -> list[Line]:
    """The table: the loop alone, with the look for NaN, and with a metric."""
    import zkynet as zk

    lines = []
    for backend, rounds in (("numpy", 100), ("jax", 20)):
        with zk.use_backend(backend):
            label = {"numpy": "NumPy", "jax": "JAX"}[backend]
            for name, sizes in SIZES.items():
                rng = np.random.default_rng(0)
                x = [zk.tensor(rng.standard_normal((32, sizes[0]), dtype="float32")) for _ in range(STEPS)]
                batches = [(each, zk.tensor(rng.integers(0, 10, 32))) for each in x]
                plain = {
                    "by hand": by_hand(batches, sizes, False),
                    "loop alone": by_trainer(batches, sizes, stop_at_nan=False),
                    "Trainer": by_trainer(batches, sizes),
                }
                measured = {
                    "by hand": by_hand(batches, sizes, True),
                    "Trainer": by_trainer(batches, sizes, metrics=["accuracy"]),
                }
                for what, ways in (("", plain), (", with accuracy", measured)):
                    work = f"{STEPS} steps of an MLP {name}{what} ({label})"
                    lines += compare(work, {who: epoch for who, (epoch, _) in ways.items()}, "by hand", rounds)
                    weights = [[p.numpy().tobytes() for p in model.parameters()] for _, model in ways.values()]
                    assert all(each == weights[0] for each in weights[1:]), work
    return lines
