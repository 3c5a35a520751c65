"""What all metrics share: statistics of batches, added up on the host.

A metric is a sum of small statistics: how many were right, how many there were. `update` computes those of a batch
where the batch lives and leaves them there, so that a GPU need not be waited for; they are fetched later, many at a
time, when they have long been ready, and added in float64 and int64. So batches may come from several devices and
backends, and metrics of several workers are merged.

What predictions must not be (NaN, labels out of range) is looked at at once on the CPU, and an error shows the place;
on other devices it is counted, and the error comes with the statistics.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.modes import no_grad
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.casting import cast
from zkynet.ops.creation import asarray
from zkynet.ops.reduction import sum
from zkynet.tensor import Tensor

Statistics = dict[str, Any]
"""Of a batch: tensors, arrays or numbers by name. Those whose name begins with "!" count mistakes, in words."""

WAITING = 64
"""So many batches may wait to be fetched; of more, the older half is."""


class Metric:
    """A number about predictions and targets, over as many batches as one likes.

    Example:
        >>> import zkynet as zk
        >>> accuracy = zk.metrics.Accuracy()
        >>> accuracy.update(zk.tensor([[2.0, 1.0], [0.0, 1.0]]), zk.tensor([0, 0]))
        >>> accuracy.update(zk.tensor([[3.0, 1.0], [4.0, 1.0]]), zk.tensor([0, 0]))
        >>> accuracy.compute()
        0.75
    """

    settings: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._state: Statistics = {}
        self._waiting: list[Statistics] = []

    def update(self, pred: Any, target: Any) -> None:
        """Take in a batch.

        Args:
            pred: the predictions.
            target: what they should have been.

        Example:
            >>> import zkynet as zk
            >>> error = zk.metrics.MeanAbsoluteError()
            >>> error.update(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
            >>> error.compute()
            1.0
        """
        self._keep(self._measure(pred, target))

    def compute(self) -> Any:
        """The number over all batches so far.

        Example:
            >>> import zkynet as zk
            >>> mean = zk.metrics.Mean()
            >>> mean.update(3.0)
            >>> mean.compute()
            3.0
        """
        self._settle(0)
        return self._checked_value(self._state)

    def reset(self) -> None:
        """Forget all batches.

        Example:
            >>> import zkynet as zk
            >>> mean = zk.metrics.Mean()
            >>> mean.update(3.0)
            >>> mean.reset()
            >>> mean.update(5.0)
            >>> mean.compute()
            5.0
        """
        self._state, self._waiting = {}, []

    def merge(self, other: Self) -> Self:
        """Take in the batches of another metric of the same kind and settings; returns this one.

        Args:
            other: a metric that another worker or device has updated; it stays as it is.

        Example:
            >>> import zkynet as zk
            >>> here, there = zk.metrics.Mean(), zk.metrics.Mean()
            >>> here.update(1.0)
            >>> there.update(3.0)
            >>> here.merge(there).compute()
            2.0
        """
        if type(other) is not type(self) or self._settings() != other._settings():
            raise ArgumentError(
                f"a metric is merged with another one of its kind and settings: {self!r}",
                facts=[f"received  {other!r}" if isinstance(other, Metric) else f"received  {described(other)}"],
                fix="make both with the same arguments",
            )
        other._settle(0)
        self._settle(0)
        if other._state:
            self._state = self._added(self._state, other._state) if self._state else dict(other._state)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch, and return the number of this batch alone."""
        measured = self._measure(*args, **kwargs)
        value = self._value_of(measured)
        self._keep(measured)
        return value

    # -- what a metric says of itself ---------------------------------------------------------------------------

    def _measure(self, *args: Any) -> Statistics:
        """The statistics of a batch, where it lives. Must not change the metric."""
        raise NotImplementedError

    def _value(self, state: Statistics) -> Any:
        """The number that statistics make."""
        raise NotImplementedError

    def _added(self, a: Statistics, b: Statistics) -> Statistics:
        """The statistics of two sets of batches together."""
        return {name: a[name] + b[name] for name in a}

    def _seen(self, state: Statistics) -> Any:
        """How much there is in some statistics; without any there is no number."""
        return state["total"]

    # -- batches that wait --------------------------------------------------------------------------------------

    def _keep(self, measured: Statistics) -> None:
        self._waiting.append(measured)
        if len(self._waiting) > WAITING:
            self._settle(WAITING // 2)

    def _settle(self, rest: int) -> None:
        """Fetch what waits, the oldest first, but for the last `rest`."""
        while len(self._waiting) > rest:
            fetched = _on_host(self, self._waiting[0])
            self._state = self._added(self._state, fetched) if self._state else fetched
            del self._waiting[0]

    def _checked_value(self, state: Statistics) -> Any:
        if not state or not np.any(self._seen(state)):
            raise InvalidValueError(
                f"{type(self).__name__} has seen no data yet",
                fix="call update(...) with a batch that is not empty before compute()",
                op=type(self).__name__,
            )
        return self._value(state)

    def _value_of(self, measured: Statistics) -> Any:
        """The number of one batch."""
        return self._checked_value(_on_host(self, measured))

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.settings}

    def __getstate__(self) -> dict[str, Any]:
        self._settle(0)
        return {**self.__dict__, "_waiting": []}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in self._settings().items())})"


def _on_host(metric: Metric, measured: Statistics) -> Statistics:
    """Statistics as Python numbers and NumPy arrays of 64 bits; an error if mistakes were counted."""
    out: Statistics = {}
    for name, value in measured.items():
        if isinstance(value, Tensor):
            value = value.backend.to_numpy(value._raw)
        if isinstance(value, np.ndarray):
            value = value.astype(np.float64 if value.dtype.kind not in "iub" else np.int64)
            value = value if value.shape else value.item()
        if name.startswith("!"):
            if value:
                raise InvalidValueError(
                    f"{type(metric).__name__}: {name[1:]}, {value} times",
                    facts=["found when a batch was fetched from its device"],
                    fix="update on the CPU once, where the place is shown; then reset() the metric",
                    op=type(metric).__name__,
                )
        else:
            out[name] = value
    return out


# -- what metrics do with their arguments -------------------------------------------------------------------------


def taken(value: Any, like: Tensor | None = None) -> Tensor:
    """A tensor outside of any graph, of whatever a metric was given.

    Args:
        value: a tensor, an array, numbers.
        like: what it is to be compared with, beside which data of no backend goes.
    """
    if isinstance(value, Tensor):
        return value.detach()
    if like is None:
        return asarray(value).detach()
    return asarray(value, device=like.device, backend=like.backend).detach()


def counted(mask: Tensor) -> Tensor:
    """How often a mask is true."""
    with no_grad():
        return sum(mask)


def precise(x: Tensor) -> Tensor:
    """Numbers in float64, or in float32 where there is nothing wider."""
    wide = dt.float64 if x.backend.supports(dt.float64) else dt.float32
    return cast(x, wide)


def refuse(metric: Metric, measured: Statistics, mask: Tensor, what: str, values: Tensor, fix: str) -> None:
    """Refuse what a mask marks: at once on the CPU, with the place; elsewhere it is counted.

    Args:
        metric: who asks.
        measured: the statistics, for what is counted.
        mask: true where something is wrong.
        what: what is wrong then, as in "a prediction is NaN".
        values: what to show of the place.
        fix: what to do about it.
    """
    backend = mask.backend
    if str(mask.device).partition(":")[0] != "cpu" or not backend.can_look(mask._raw):
        measured["!" + what] = counted(mask)
        return
    host = backend.to_numpy(mask._raw)
    if host.any():
        place = tuple([int(i) for i in np.argwhere(host)[0]])
        value = backend.to_numpy(values._raw)[place].item()
        raise InvalidValueError(
            f"{type(metric).__name__}: {what}",
            facts=[f"{value} is found at position {place[0] if len(place) == 1 else place}"],
            fix=fix,
            op=type(metric).__name__,
            position=place,
        )
