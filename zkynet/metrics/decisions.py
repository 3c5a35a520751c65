"""From scores to decisions: which class, yes or no. All metrics of classification take their arguments in this way."""

from __future__ import annotations

import math
from typing import Any

from zkynet import dtypes as dt
from zkynet.autodiff.modes import no_grad
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.metrics.metric import Metric, Statistics, refuse, taken
from zkynet.ops.arguments import flag, number, whole, word
from zkynet.ops.casting import cast
from zkynet.ops.define import OPS
from zkynet.ops.reordering import moveaxis
from zkynet.ops.searching import argmax
from zkynet.ops.selecting import where
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

TASKS = ("multiclass", "binary", "multilabel")


class Classifying(Metric):
    """A metric of decisions, with what they are made of.

    Args:
        task: "multiclass" for one class of several, "binary" for yes or no, "multilabel" for several answers at once.
        num_classes: how many classes (or labels) there are; None to take the number of scores.
        threshold: the probability from which on the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.
    """

    settings: tuple[str, ...] = ("task", "num_classes", "threshold", "logits", "ignore_index")

    def __init__(
        self,
        task: str = "multiclass",
        num_classes: int | None = None,
        threshold: float = 0.5,
        logits: bool = False,
        ignore_index: int | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if word(name, "task", task) not in TASKS:
            raise InvalidValueError(
                f"{name}: task is {', '.join(map(repr, TASKS[:-1]))} or {TASKS[-1]!r}, received {task!r}",
                fix="multiclass is one class of several, binary is yes or no, multilabel is several of these",
                op=name,
            )
        self.task = task
        self.num_classes = None if num_classes is None else whole(name, "num_classes", num_classes)
        if self.num_classes is not None and self.num_classes < 1:
            raise InvalidValueError(f"{name}: num_classes is 1 or more", fix="leave it out", op=name)
        self.threshold = float(number(name, "threshold", threshold))
        if not 0 < self.threshold < 1:
            raise InvalidValueError(
                f"{name}: threshold is a probability between 0 and 1, received {threshold}",
                fix="for logits pass logits=True: the threshold 0.5 is the logit 0",
                op=name,
            )
        self.logits = flag(name, "logits", logits)
        self.ignore_index = None if ignore_index is None else whole(name, "ignore_index", ignore_index)

    def _decisions(
        self, pred: Any, target: Any, measured: Statistics
    ) -> tuple[Tensor, Tensor, Tensor | None, int | None]:
        """Decisions and labels as integers of one shape, where labels count (None: everywhere), how many classes."""
        p = taken(pred)
        t = taken(target, p)
        if dt.kind_rank(t.dtype) > 1:
            raise DTypeError(
                f"{type(self).__name__}: the labels are {t.dtype}; they are integers",
                facts=_shapes(p, t),
                fix="target.astype(zk.int64)",
                op=type(self).__name__,
                dtype=t.dtype,
            )
        with no_grad():
            return self._classes(p, t, measured) if self.task == "multiclass" else self._answers(p, t, measured)

    def _classes(self, p: Tensor, t: Tensor, measured: Statistics) -> Any:
        name, classes = type(self).__name__, self.num_classes
        scores = dt.kind_rank(p.dtype) == 2
        if scores:
            if p.ndim < 2 or t.shape != (p.shape[0], *p.shape[2:]):
                raise ShapeError(
                    f"{name}: scores of shape (N, C, ...) take labels of shape (N, ...)",
                    facts=_shapes(p, t),
                    fix='the classes are axis 1 of pred; for yes or no there is task="binary"',
                    op=name,
                )
            if classes is not None and p.shape[1] != classes:
                raise ShapeError(
                    f"{name}: num_classes is {classes}, and there are scores of {p.shape[1]}",
                    facts=_shapes(p, t),
                    fix="leave num_classes out, or correct it",
                    op=name,
                )
            classes = p.shape[1]
            no_nan(self, measured, p)
            p = argmax(p, axis=1) if p.size else cast(t, dt.int64)
        elif p.shape != t.shape:
            raise ShapeError(
                f"{name}: decisions and labels have different shapes",
                facts=_shapes(p, t),
                fix="pass one for each",
                op=name,
            )
        p, t = cast(p, dt.int64), cast(t, dt.int64)
        valid = None if self.ignore_index is None else t != self.ignore_index
        if classes is not None:
            self._within(measured, t, "a label", classes)
            if not scores:
                self._within(measured, p, "a decision", classes)
        return p, t, valid, classes

    def _within(self, measured: Statistics, labels: Tensor, what: str, classes: int) -> None:
        wrong = (labels < 0) | (labels >= classes)
        if self.ignore_index is not None:
            wrong = wrong & (labels != self.ignore_index)
        fix = "correct it, or pass ignore_index if it does not count"
        refuse(self, measured, wrong, f"{what} is not one of {classes} classes", labels, fix)

    def _answers(self, p: Tensor, t: Tensor, measured: Statistics) -> Any:
        name = type(self).__name__
        if p.shape != t.shape or (self.task == "multilabel" and p.ndim < 2):
            raise ShapeError(
                f"{name}: answers and labels have the same shape"
                + (", (N, labels, ...)" if self.task == "multilabel" else ""),
                facts=_shapes(p, t),
                fix="drop the axis of length 1: pred.reshape(target.shape)"
                if p.size == t.size
                else "pass one for each",
                op=name,
            )
        labels = 1 if self.task == "binary" else p.shape[1]
        if self.task == "multilabel" and self.num_classes not in (None, labels):
            raise ShapeError(
                f"{name}: num_classes is {self.num_classes}, and there are {labels} labels",
                facts=_shapes(p, t),
                fix="leave num_classes out, or correct it",
                op=name,
            )
        t = cast(t, dt.int64)
        self._within(measured, t, "an answer", 2)
        if dt.kind_rank(p.dtype) == 2:
            no_nan(self, measured, p)
            if not self.logits:
                refuse(
                    self, measured, (p < 0) | (p > 1), "a probability is not from 0 to 1", p, "logits=True for logits"
                )
            q = self.threshold
            p = p > (math.log(q / (1 - q)) if self.logits else q)
        else:
            self._within(measured, cast(p, dt.int64), "an answer", 2)
        valid = None if self.ignore_index is None else t != self.ignore_index
        return cast(p, dt.int64), t, valid, labels

    def _known(self, classes: int | None) -> int:
        """How many classes there are, which a count of each has to know."""
        if classes is None:
            raise ArgumentError(
                f"{type(self).__name__}: how many classes there are cannot be seen from decisions",
                fix=f"pass it: {type(self).__name__}(num_classes=...)",
                op=type(self).__name__,
            )
        return classes


def no_nan(metric: Metric, measured: Statistics, p: Tensor) -> None:
    """Refuse predictions that are NaN.

    Args:
        metric: who asks.
        measured: the statistics of the batch.
        p: the predictions.
    """
    if dt.kind_rank(p.dtype) == 2:
        refuse(metric, measured, p != p, "a prediction is NaN", p, "find where it comes from with zk.debug_nans()")


def counts(numbers: Tensor, valid: Tensor | None, length: int) -> Tensor:
    """How often each of the numbers 0 to length - 1 occurs where they count.

    Args:
        numbers: integers.
        valid: where they count; None for everywhere.
        length: how many numbers there are.
    """
    numbers = numbers if valid is None else where(valid, numbers, length)
    flat = reshape(numbers, (numbers.size,))
    return OPS["bincount"].run([flat, None, length + 1])[:length]


def by_label(x: Tensor) -> Tensor:
    """Answers with an axis for the labels: (N, labels, ...) as (labels, all else)."""
    moved = moveaxis(x, 1, 0)
    return reshape(moved, (moved.shape[0], x.size // max(moved.shape[0], 1)))


def _shapes(p: Tensor, t: Tensor) -> list[str]:
    return [f"pred    {p.shape} {p.dtype}", f"target  {t.shape} {t.dtype}"]
