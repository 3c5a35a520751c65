"""How many decisions are right."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.metrics.decisions import Classifying, by_label, no_nan
from zkynet.metrics.metric import Metric, Statistics, refuse, taken
from zkynet.ops.along_axis import take_along_axis
from zkynet.ops.arguments import flag, whole
from zkynet.ops.casting import cast
from zkynet.ops.reduction import all, sum
from zkynet.ops.selecting import where
from zkynet.tensor import Tensor

__all__ = ["Accuracy", "TopKAccuracy"]


class Accuracy(Classifying):
    """The share of right decisions.

    Args:
        task: "multiclass" for one class of several: scores (N, C, ...) or decisions, and labels (N, ...); "binary" for
            yes or no: probabilities (or logits, or decisions) and answers of one shape; "multilabel" for several such
            answers for each example: both (N, labels).
        threshold: the probability above which the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.
        exact_match: in "multilabel", count examples all of whose answers are right, not single answers.

    Example:
        >>> import zkynet as zk
        >>> accuracy = zk.metrics.Accuracy()
        >>> accuracy.update(zk.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0], [4.0, 1.0]]), zk.tensor([0, 0, 0, 0]))
        >>> accuracy.compute()
        0.75
        >>> zk.metrics.Accuracy("binary", logits=True)(zk.tensor([-3.0, 2.0]), zk.tensor([0, 0]))
        0.5
    """

    settings: tuple[str, ...] = (*Classifying.settings, "exact_match")

    def __init__(
        self,
        task: str = "multiclass",
        *,
        threshold: float = 0.5,
        logits: bool = False,
        ignore_index: int | None = None,
        exact_match: bool = False,
    ) -> None:
        super().__init__(task, None, threshold, logits, ignore_index)
        self.exact_match = flag("Accuracy", "exact_match", exact_match)
        if exact_match and task != "multilabel":
            raise InvalidValueError(
                "Accuracy: exact_match is for several answers for each example", fix='task="multilabel"', op="Accuracy"
            )

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        p, t, valid, _ = self._decisions(pred, target, measured)
        with no_grad():
            right = p == t
            if self.exact_match:  # what does not count is right
                right = all(by_label(right if valid is None else right | ~valid), axis=0)
                valid = None
            elif valid is not None:
                right = right & valid
            return measured | {"right": sum(right), "total": right.size if valid is None else sum(valid)}

    def _value(self, state: Statistics) -> float:
        return float(state["right"] / state["total"])


class TopKAccuracy(Metric):
    """The share of examples whose class is among the `k` with the highest scores.

    Of equal scores those of lower classes count as the higher ones, as `argmax` has it.

    Args:
        k: how many guesses there are.
        ignore_index: a label that does not count.

    Example:
        >>> import zkynet as zk
        >>> top2 = zk.metrics.TopKAccuracy(2)
        >>> top2(zk.tensor([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), zk.tensor([1, 2]))
        0.5
    """

    settings = ("k", "ignore_index")

    def __init__(self, k: int = 5, *, ignore_index: int | None = None) -> None:
        super().__init__()
        self.k = whole("TopKAccuracy", "k", k)
        if self.k < 1:
            raise InvalidValueError(f"TopKAccuracy: k is 1 or more, received {k}", fix="5 is usual", op="TopKAccuracy")
        self.ignore_index = None if ignore_index is None else whole("TopKAccuracy", "ignore_index", ignore_index)

    def _measure(self, pred: Any, target: Any) -> Statistics:
        p = taken(pred)
        t = taken(target, p)
        if (
            p.ndim < 2
            or dt.kind_rank(p.dtype) != 2
            or dt.kind_rank(t.dtype) != 1
            or t.shape != (p.shape[0], *p.shape[2:])
        ):
            raise ShapeError(
                "TopKAccuracy takes floating scores of shape (N, C, ...), and integers of shape (N, ...)",
                facts=[f"pred    {p.shape} {p.dtype}", f"target  {t.shape} {t.dtype}"],
                fix="the classes are axis 1 of pred",
                op="TopKAccuracy",
            )
        if self.k > p.shape[1]:
            raise InvalidValueError(
                f"TopKAccuracy: there are {p.shape[1]} classes, and {self.k} guesses", fix="lower k", op="TopKAccuracy"
            )
        measured: Statistics = {}
        with no_grad():
            return self._hits(p, cast(t, dt.int64), measured)

    def _hits(self, p: Tensor, t: Tensor, measured: Statistics) -> Statistics:
        classes = p.shape[1]
        valid = None if self.ignore_index is None else t != self.ignore_index
        no_nan(self, measured, p)
        wrong = (t < 0) | (t >= classes)
        wrong = wrong if valid is None else wrong & valid
        refuse(self, measured, wrong, f"a label is not one of {classes} classes", t, "correct it, or pass ignore_index")
        safe = where((t < 0) | (t >= classes), 0, t)[:, None]
        own = take_along_axis(p, safe, axis=1)
        place = taken(np.arange(classes).reshape(1, -1, *(1,) * (p.ndim - 2)), p)
        before = (p > own) | ((p == own) & (place < safe))
        hit = sum(before, axis=1) < self.k
        hit = hit if valid is None else hit & valid
        return measured | {"right": sum(hit), "total": hit.size if valid is None else sum(valid)}

    def _value(self, state: Statistics) -> float:
        return float(state["right"] / state["total"])
