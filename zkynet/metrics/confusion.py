"""Which classes are taken for which, and what follows from that: precision, recall and their mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError
from zkynet.metrics.decisions import Classifying, by_label, counts
from zkynet.metrics.metric import Statistics
from zkynet.ops.arguments import number, word
from zkynet.ops.reduction import sum
from zkynet.ops.shaping import reshape

__all__ = ["F1", "ConfusionMatrix", "Precision", "Recall"]

NORMALIZATIONS = (None, "true", "pred", "all")


class ConfusionMatrix(Classifying):
    """How often each class (row) was taken for each (column), an array of shape (C, C).

    Args:
        num_classes: how many classes there are; None to take the number of scores.
        task: "multiclass", or "binary" for two classes: no and yes.
        normalize: "true" for shares of each row, "pred" of each column, "all" of everything; None for counts.
        threshold: in "binary", the probability above which the answer is yes.
        logits: in "binary", whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.

    Example:
        >>> import zkynet as zk
        >>> confusion = zk.metrics.ConfusionMatrix(3)
        >>> confusion(zk.tensor([0, 2, 2, 1]), zk.tensor([0, 1, 2, 1]))
        array([[1, 0, 0],
               [0, 1, 1],
               [0, 0, 1]])
    """

    settings: tuple[str, ...] = (*Classifying.settings, "normalize")

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        task: str = "multiclass",
        normalize: str | None = None,
        threshold: float = 0.5,
        logits: bool = False,
        ignore_index: int | None = None,
    ) -> None:
        super().__init__(task, num_classes, threshold, logits, ignore_index)
        if task == "multilabel":
            raise InvalidValueError(
                "ConfusionMatrix is of classes that exclude each other",
                fix='flatten the answers for task="binary", or use one matrix for each label',
                op="ConfusionMatrix",
            )
        if normalize not in NORMALIZATIONS:
            raise InvalidValueError(
                f'ConfusionMatrix: normalize is "true", "pred", "all" or None, received {normalize!r}',
                fix='"true" gives the shares of each class',
                op="ConfusionMatrix",
            )
        self.normalize = normalize

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        p, t, valid, classes = self._decisions(pred, target, measured)
        n = 2 if self.task == "binary" else self._known(classes)
        with no_grad():
            pairs = counts(t * n + p, valid, n * n)
            return measured | {"total": reshape(pairs, (n, n))}

    def _value(self, state: Statistics) -> Any:
        matrix = state["total"]
        if self.normalize is None:
            return matrix.copy()
        axis = {"true": 1, "pred": 0, "all": None}[self.normalize]
        whole = matrix.sum(axis=axis, keepdims=True)
        return matrix / np.where(whole == 0, 1, whole)


class ByClass(Classifying):
    """A metric of the decisions for each class: how many were right, how many there were, how many there should be.

    Args:
        num_classes: how many classes there are; None to take the number of scores.
        task: "multiclass", "binary" (the class "yes" alone) or "multilabel".
        average: "macro" for the mean over the classes that occur, "weighted" for that weighted by how often, "micro" to
            count all decisions together, "none" for an array of all classes.
        zero_division: the value where there is nothing to divide by.
        threshold: the probability above which the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.
    """

    settings: tuple[str, ...] = (*Classifying.settings, "average", "zero_division")

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        task: str = "multiclass",
        average: str = "macro",
        zero_division: float = 0.0,
        threshold: float = 0.5,
        logits: bool = False,
        ignore_index: int | None = None,
    ) -> None:
        super().__init__(task, num_classes, threshold, logits, ignore_index)
        name = type(self).__name__
        if word(name, "average", average) not in ("macro", "micro", "weighted", "none"):
            raise InvalidValueError(
                f'{name}: average is "macro", "micro", "weighted" or "none", received {average!r}',
                fix='"macro" gives every class the same weight',
                op=name,
            )
        self.average = average
        self.zero_division = float(number(name, "zero_division", zero_division))

    def _measure(self, pred: Any, target: Any) -> Statistics:
        measured: Statistics = {}
        p, t, valid, classes = self._decisions(pred, target, measured)
        n = self._known(classes)
        with no_grad():
            if self.task == "multiclass":
                hit = p == t if valid is None else (p == t) & valid
                return measured | {
                    "right": counts(t, hit, n),
                    "said": counts(p, valid, n),
                    "total": counts(t, valid, n),
                    "seen": t.size if valid is None else sum(valid),
                }
            rows = [by_label(a) if self.task == "multilabel" else reshape(a, (1, a.size)) for a in (p, t)]
            p, t = rows
            if valid is not None:
                seen = by_label(valid) if self.task == "multilabel" else reshape(valid, (1, valid.size))
                p, t = p * seen, t * seen
            return measured | {
                "right": sum(p * t, axis=1),
                "said": sum(p, axis=1),
                "total": sum(t, axis=1),
                "seen": p.size if valid is None else sum(valid),
            }

    def _seen(self, state: Statistics) -> Any:
        return state["seen"]

    def _ratio(self, right: Any, said: Any, total: Any) -> Any:
        """The number of each class."""
        raise NotImplementedError

    def _value(self, state: Statistics) -> Any:
        right, said, total = (np.asarray(state[name], dtype=np.float64) for name in ("right", "said", "total"))
        if self.average == "micro":
            return float(self._ratio(right.sum(), said.sum(), total.sum()))
        each = self._ratio(right, said, total)
        if self.task == "binary":
            return float(each[0])
        if self.average == "none":
            return each
        weights = (said + total > 0).astype(np.float64) if self.average == "macro" else total
        return float((each * weights).sum() / weights.sum()) if weights.sum() else self.zero_division

    def _divided(self, above: Any, below: Any) -> Any:
        return np.where(below == 0, self.zero_division, above / np.where(below == 0, 1, below))


class Precision(ByClass):
    """The share of right ones among the decisions for a class.

    Args:
        num_classes: how many classes there are; None to take the number of scores.
        task: "multiclass", "binary" (the class "yes" alone) or "multilabel".
        average: "macro" for the mean over the classes that occur, "weighted" for that weighted by how often, "micro" to
            count all decisions together, "none" for an array of all classes.
        zero_division: the value of a class that is never decided for.
        threshold: the probability above which the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.Precision(task="binary")(zk.tensor([1, 1, 1, 0]), zk.tensor([1, 1, 0, 1])).__round__(4)
        0.6667
    """

    def _ratio(self, right: Any, said: Any, total: Any) -> Any:
        return self._divided(right, said)


class Recall(ByClass):
    """The share of a class that is found. Its "macro" average is also called balanced accuracy.

    Args:
        num_classes: how many classes there are; None to take the number of scores.
        task: "multiclass", "binary" (the class "yes" alone) or "multilabel".
        average: "macro" for the mean over the classes that occur, "weighted" for that weighted by how often, "micro" to
            count all decisions together, "none" for an array of all classes.
        zero_division: the value of a class that never occurs.
        threshold: the probability above which the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.Recall(2, average="none")(zk.tensor([1, 1, 0, 0]), zk.tensor([1, 1, 0, 1])).round(4)
        array([1.    , 0.6667])
    """

    def _ratio(self, right: Any, said: Any, total: Any) -> Any:
        return self._divided(right, total)


class F1(ByClass):
    """The harmonic mean of precision and recall, ``(1 + b**2) p r / (b**2 p + r)``.

    Args:
        num_classes: how many classes there are; None to take the number of scores.
        beta: the weight b of the recall.
        task: "multiclass", "binary" (the class "yes" alone) or "multilabel".
        average: "macro" for the mean over the classes that occur, "weighted" for that weighted by how often, "micro" to
            count all decisions together, "none" for an array of all classes.
        zero_division: the value of a class that neither occurs nor is decided for.
        threshold: the probability above which the answer is yes.
        logits: whether answers are given as logits rather than as probabilities.
        ignore_index: a label that does not count.

    Example:
        >>> import zkynet as zk
        >>> zk.metrics.F1(task="binary")(zk.tensor([1, 1, 0, 0]), zk.tensor([1, 0, 0, 1]))
        0.5
    """

    settings = (*ByClass.settings, "beta")

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        beta: float = 1.0,
        task: str = "multiclass",
        average: str = "macro",
        zero_division: float = 0.0,
        threshold: float = 0.5,
        logits: bool = False,
        ignore_index: int | None = None,
    ) -> None:
        super().__init__(
            num_classes,
            task=task,
            average=average,
            zero_division=zero_division,
            threshold=threshold,
            logits=logits,
            ignore_index=ignore_index,
        )
        self.beta = float(number("F1", "beta", beta))
        if not self.beta > 0:
            raise InvalidValueError(f"F1: beta is above 0, received {beta}", fix="leave it out", op="F1")

    def _ratio(self, right: Any, said: Any, total: Any) -> Any:
        square = self.beta**2
        return self._divided((1 + square) * right, square * total + said)
