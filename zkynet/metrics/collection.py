"""Several metrics of the same predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from zkynet.errors import ArgumentError, described
from zkynet.metrics.metric import Metric

__all__ = ["MetricCollection"]


class MetricCollection(Mapping[str, Metric]):
    """Metrics by name that take in the same batches.

    Args:
        metrics: metrics by name.
        **more: further ones.

    Example:
        >>> import zkynet as zk
        >>> m = zk.metrics.MetricCollection(accuracy=zk.metrics.Accuracy(), recall=zk.metrics.Recall(2))
        >>> m.update(zk.tensor([1, 1, 0, 0]), zk.tensor([1, 1, 0, 1]))
        >>> {name: round(value, 4) for name, value in m.compute().items()}
        {'accuracy': 0.75, 'recall': 0.8333}
        >>> m["accuracy"].compute()
        0.75
    """

    def __init__(self, metrics: Mapping[str, Metric] | None = None, **more: Metric) -> None:
        self._metrics = {**(metrics or {}), **more}
        for name, metric in self._metrics.items():
            if not isinstance(metric, Metric):
                raise ArgumentError(
                    f"MetricCollection: {name!r} is a metric, received {described(metric)}",
                    fix="pass objects: accuracy=zk.metrics.Accuracy()",
                    op="MetricCollection",
                )

    def update(self, *args: Any) -> None:
        """Take in a batch; if one of the metrics refuses it, none does.

        Args:
            *args: what the `update` of each takes.

        Example:
            >>> import zkynet as zk
            >>> m = zk.metrics.MetricCollection(mae=zk.metrics.MeanAbsoluteError())
            >>> m.update(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        """
        measured = {name: metric._measure(*args) for name, metric in self._metrics.items()}
        for name, metric in self._metrics.items():
            metric._keep(measured[name])

    def compute(self) -> dict[str, Any]:
        """The number of each over all batches so far.

        Example:
            >>> import zkynet as zk
            >>> m = zk.metrics.MetricCollection(mae=zk.metrics.MeanAbsoluteError())
            >>> m.update(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
            >>> m.compute()
            {'mae': 1.0}
        """
        return {name: metric.compute() for name, metric in self._metrics.items()}

    def reset(self) -> None:
        """Forget all batches.

        Example:
            >>> import zkynet as zk
            >>> zk.metrics.MetricCollection(mae=zk.metrics.MeanAbsoluteError()).reset()
        """
        for metric in self._metrics.values():
            metric.reset()

    def merge(self, other: Self) -> Self:
        """Take in the batches of another collection of the same metrics; returns this one.

        Args:
            other: a collection that another worker has updated; it stays as it is.

        Example:
            >>> import zkynet as zk
            >>> one, two = (zk.metrics.MetricCollection(loss=zk.metrics.Mean()) for _ in range(2))
            >>> one["loss"].update(1.0)
            >>> two["loss"].update(3.0)
            >>> one.merge(two).compute()
            {'loss': 2.0}
        """
        if list(self) != list(other):
            raise ArgumentError(
                "a collection is merged with another one of the same metrics",
                facts=[f"this one   {list(self)}", f"the other  {list(other)}"],
                fix="make both with the same arguments",
            )
        for name, metric in self._metrics.items():
            metric.merge(other[name])
        return self

    def __call__(self, *args: Any) -> dict[str, Any]:
        """Take in a batch, and return the numbers of this batch alone."""
        measured = {name: metric._measure(*args) for name, metric in self._metrics.items()}
        values = {name: metric._value_of(measured[name]) for name, metric in self._metrics.items()}
        for name, metric in self._metrics.items():
            metric._keep(measured[name])
        return values

    def __getitem__(self, name: str) -> Metric:
        return self._metrics[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)

    def __repr__(self) -> str:
        lines = [f"  {name}: {metric!r}" for name, metric in self._metrics.items()]
        return "\n".join(["MetricCollection(", *lines, ")"])
