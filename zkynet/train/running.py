"""Means over an epoch: the loss, other values and the metrics, added up without waiting for the device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.metrics.metric import WAITING, Metric
from zkynet.ops.arguments import number
from zkynet.tensor import Tensor


class Running:
    """The means of an epoch so far.

    Values of batches stay where they are; they are fetched many at a time, when they have long been ready, and added
    in float64, in the order in which they came: when that is done makes no difference to the last bit.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics = {name: fresh(metric) for name, metric in metrics.items()}
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.batches = 0
        self.sums: dict[str, list[float]] = {}  # by name: the weighted sum, and the sum of weights
        self._waiting: list[tuple[str, Any, Any, float]] = []
        for metric in self.metrics.values():
            metric.reset()

    def add(self, loss: Tensor, predictions: Any, targets: Any, values: Mapping[str, Any], weight: float) -> None:
        """Take in a batch."""
        for metric in self.metrics.values():
            metric.update(predictions, targets)
        self._waiting.append(("loss", loss.backend, loss._raw, weight))
        for name, value in values.items():
            self._waiting.append((name, *_apart(name, value), weight))
        if len(self._waiting) > WAITING:
            self._fetch(WAITING // 2)
        self.batches += 1

    def _fetch(self, rest: int) -> None:
        waiting = self._waiting
        for name, backend, raw, weight in waiting[: len(waiting) - rest]:
            value = raw if backend is None else backend.scalar(raw)
            pair = self.sums.setdefault(name, [0.0, 0.0])
            pair[0] += float(value) * weight
            pair[1] += weight
        del waiting[: len(waiting) - rest]

    def compute(self) -> dict[str, float]:
        """The means so far: of the loss, of other values, and the metrics."""
        self._fetch(0)
        means = {name: total / weight if weight else float("nan") for name, (total, weight) in self.sums.items()}
        return means | {name: _plain(name, metric.compute()) for name, metric in self.metrics.items()}

    def state_dict(self) -> dict[str, Any]:
        """All sums."""
        self._fetch(0)
        for metric in self.metrics.values():
            metric._settle(0)
        return {
            "batches": self.batches,
            "sums": {name: list(pair) for name, pair in self.sums.items()},
            "metrics": {name: dict(metric._state) for name, metric in self.metrics.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over sums."""
        self.reset()
        self.batches = state["batches"]
        self.sums = {name: list(pair) for name, pair in state["sums"].items()}
        for name, metric in self.metrics.items():
            metric._state = dict(state["metrics"].get(name, {}))


class StepLogs(Mapping[str, float]):
    """Loss and learning rate of a step; the loss is fetched from its device when it is looked at."""

    __slots__ = ("_loss", "_lr")

    def __init__(self, loss: Tensor, lr: Any) -> None:
        self._loss, self._lr = (loss.backend, loss._raw), lr

    def __getitem__(self, name: str) -> float:
        if name == "loss":
            backend, raw = self._loss
            return float(backend.scalar(raw))
        if name == "lr":
            return float(self._lr)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("loss", "lr"))

    def __len__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return repr(dict(self))


def fresh(metric: Metric) -> Metric:
    """Another metric of the same kind and settings, which has seen nothing."""
    own = deepcopy(metric)
    own.reset()
    return own


def _apart(name: str, value: Any) -> tuple[Any, Any]:
    if isinstance(value, Tensor):
        if value.size != 1:
            raise ArgumentError(
                f"the objective's value {name!r} is not a single number: its shape is {value.shape}",
                fix="return its mean",
            )
        return value.backend, value._raw
    return None, number("objective", name, value)


def _plain(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidValueError(
            f"the metric {name!r} is not a single number: {described(value)}",
            fix="take one that is, or compute it yourself from trainer.predict(...)",
        ) from None
