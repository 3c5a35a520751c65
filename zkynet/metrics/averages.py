"""Means of numbers over batches: losses, and what follows from them."""

from __future__ import annotations

import math
from typing import Any

from zkynet import dtypes as dt
from zkynet.autodiff.modes import no_grad
from zkynet.errors import DTypeError, InvalidValueError
from zkynet.metrics.decisions import no_nan
from zkynet.metrics.metric import Metric, Statistics, precise, taken
from zkynet.nn.functional.classification_losses import cross_entropy
from zkynet.ops.arguments import number, whole
from zkynet.ops.reduction import sum

__all__ = ["Mean", "Perplexity"]


class Mean(Metric):
    """The running mean of numbers, such as the losses of batches weighted by their sizes; NaN once one of them is.

    Example:
        >>> import zkynet as zk
        >>> mean = zk.metrics.Mean()
        >>> mean.update(zk.tensor(1.0), 30)
        >>> mean.update(zk.tensor(5.0), 10)
        >>> mean.compute()
        2.0
    """

    def update(self, value: Any, weight: float = 1) -> None:
        """Take in a number, or several.

        Args:
            value: a number or a tensor, each of whose elements counts.
            weight: how much it counts: the size of the batch that it is the mean of.

        Example:
            >>> import zkynet as zk
            >>> mean = zk.metrics.Mean()
            >>> mean.update([1.0, 3.0])
            >>> mean.compute()
            2.0
        """
        self._keep(self._measure(value, weight))

    def _measure(self, value: Any, weight: Any = 1) -> Statistics:
        weight = float(number("Mean", "weight", weight))
        if not 0 <= weight < math.inf:
            raise InvalidValueError(f"Mean: weight is 0 or above, received {weight}", fix="the batch size", op="Mean")
        with no_grad():
            x = taken(value)
            if dt.kind_rank(x.dtype) == 3:
                raise DTypeError("Mean takes real numbers", fix="pass zk.real of it", op="Mean")
            return {"sum": sum(precise(x)) * weight, "total": x.size * weight}

    def _value(self, state: Statistics) -> float:
        return float(state["sum"] / state["total"])


class Perplexity(Metric):
    """The exponential of the mean cross-entropy of all labels: among how many classes the model seems to choose.

    Args:
        ignore_index: a label that does not count, such as that of the padding.

    Example:
        >>> import zkynet as zk
        >>> perplexity = zk.metrics.Perplexity(ignore_index=-1)
        >>> perplexity.update(zk.zeros((2, 8)), zk.tensor([3, 5]))
        >>> round(perplexity.compute(), 4)
        8.0
    """

    settings = ("ignore_index",)

    def __init__(self, *, ignore_index: int = -100) -> None:
        super().__init__()
        self.ignore_index = whole("Perplexity", "ignore_index", ignore_index)

    def update(self, pred: Any, target: Any) -> None:
        """Take in a batch.

        Args:
            pred: logits (N, C, ...): the classes are axis 1, as for `cross_entropy`.
            target: labels (N, ...).

        Example:
            >>> import zkynet as zk
            >>> perplexity = zk.metrics.Perplexity()
            >>> perplexity.update(zk.zeros((2, 8, 3)), zk.zeros((2, 3), dtype="int64"))
        """
        self._keep(self._measure(pred, target))

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        with no_grad():
            p = taken(pred)
            t = taken(target, p)
            losses = cross_entropy(p, t, ignore_index=self.ignore_index, reduction="none")
            no_nan(self, measured, p)
            return measured | {"sum": sum(precise(losses)), "total": sum(t != self.ignore_index)}

    def _value(self, state: Statistics) -> float:
        mean = state["sum"] / state["total"]
        return math.exp(mean) if mean < 709 else math.inf
