"""How far numbers are from what they should be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.modes import no_grad
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.metrics.decisions import no_nan
from zkynet.metrics.metric import Metric, Statistics, precise, taken
from zkynet.nn.functional.loss_arguments import same_shapes
from zkynet.ops.arguments import word
from zkynet.ops.reduction import sum
from zkynet.ops.statistics import mean
from zkynet.tensor import Tensor

__all__ = ["MeanAbsoluteError", "MeanSquaredError", "R2Score", "RootMeanSquaredError"]


def _numbers(metric: Metric, pred: Any, target: Any, measured: Statistics) -> tuple[Tensor, Tensor]:
    """Predictions and targets of one shape, in float64 where there is that."""
    name = type(metric).__name__
    p = taken(pred)
    t = taken(target, p)
    same_shapes(name, pred=p, target=t)
    if 3 in (dt.kind_rank(p.dtype), dt.kind_rank(t.dtype)):
        raise DTypeError(f"{name} takes real numbers", fix="compare zk.real and zk.imag of them", op=name)
    no_nan(metric, measured, p)
    return precise(p), precise(t)


class MeanAbsoluteError(Metric):
    """The mean of the absolute errors, ``|x - t|``, over all elements.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.MeanAbsoluteError()(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        1.0
    """

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        with no_grad():
            p, t = _numbers(self, pred, target, measured)
            return measured | {"sum": sum(abs(p - t)), "total": p.size}

    def _value(self, state: Statistics) -> float:
        return float(state["sum"] / state["total"])


class MeanSquaredError(Metric):
    """The mean of the squared errors, ``(x - t)**2``, over all elements.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.MeanSquaredError()(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        2.0
    """

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        with no_grad():
            p, t = _numbers(self, pred, target, measured)
            d = p - t
            return measured | {"sum": sum(d * d), "total": p.size}

    def _value(self, state: Statistics) -> float:
        return float(state["sum"] / state["total"])


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean of the squared errors over all elements; not the mean of the roots of batches.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.RootMeanSquaredError()(zk.tensor([1.0, 2.0]), zk.tensor([4.0, 6.0])).__round__(4)
        3.5355
    """

    def _value(self, state: Statistics) -> float:
        return math.sqrt(super()._value(state))


class R2Score(Metric):
    """The share of the variance that is explained, ``1 - sum((t - x)**2) / sum((t - mean(t))**2)``.

    The mean and the sum of squares of batches are put together as Chan, Golub and LeVeque (1979) do, which loses no
    digits when the mean is large. If all targets are the same, it is 1 for perfect predictions, else 0, as in
    scikit-learn.

    Args:
        multioutput: of targets (N, D): "uniform_average" for the mean over the D outputs, "variance_weighted" for that
            weighted by their variances, "raw_values" for an array.

    Example:
        >>> import zkynet as zk
        >>> r2 = zk.metrics.R2Score()
        >>> r2.update(zk.tensor([2.5, 0.0]), zk.tensor([3.0, -0.5]))
        >>> r2.update(zk.tensor([2.0, 8.0]), zk.tensor([2.0, 7.0]))
        >>> round(r2.compute(), 4)
        0.9486
    """

    settings = ("multioutput",)

    def __init__(self, multioutput: str = "uniform_average") -> None:
        super().__init__()
        ways = ("uniform_average", "variance_weighted", "raw_values")
        if word("R2Score", "multioutput", multioutput) not in ways:
            raise InvalidValueError(
                f"R2Score: multioutput is one of {', '.join(ways)}, received {multioutput!r}",
                fix="leave it out for the mean over all outputs",
                op="R2Score",
            )
        self.multioutput = multioutput

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        with no_grad():
            p, t = _numbers(self, pred, target, measured)
            if not 1 <= p.ndim <= 2:
                raise ShapeError(
                    f"R2Score takes predictions of shape (N,) or (N, D), received {p.shape}",
                    fix="reshape both: one axis for the examples, one for the outputs",
                    op="R2Score",
                )
            if not p.size:
                return measured | {"total": 0, "mean": 0.0, "squares": 0.0, "residual": 0.0}
            middle, d = mean(t, axis=0), p - t
            away = t - middle
            return measured | {
                "total": p.shape[0],
                "mean": middle,
                "squares": sum(away * away, axis=0),
                "residual": sum(d * d, axis=0),
            }

    def _added(self, a: Statistics, b: Statistics) -> Statistics:
        n = a["total"] + b["total"]
        if not a["total"] or not b["total"]:
            return a if a["total"] else b
        away = b["mean"] - a["mean"]
        return {
            "total": n,
            "mean": a["mean"] + away * (b["total"] / n),
            "squares": a["squares"] + b["squares"] + away * away * (a["total"] * b["total"] / n),
            "residual": a["residual"] + b["residual"],
        }

    def _value(self, state: Statistics) -> Any:
        if state["total"] < 2:
            raise InvalidValueError(
                "R2Score: one example has no variance", fix="update with more before compute()", op="R2Score"
            )
        squares, residual = (np.atleast_1d(state[name]) for name in ("squares", "residual"))
        same = squares == 0
        each = np.where(same, residual == 0, 1 - residual / np.where(same, 1, squares))
        if self.multioutput == "raw_values":
            return each
        if self.multioutput == "variance_weighted" and squares.any():
            return float((each * squares).sum() / squares.sum())
        return float(each.mean())
