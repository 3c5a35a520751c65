"""How close texts are to those that people wrote."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.metrics.metric import Metric, Statistics
from zkynet.ops.arguments import number, whole

__all__ = ["BLEU"]

SMOOTHING = (None, "floor", "add-k", "exp")


class BLEU(Metric):
    """The BLEU score of a corpus (Papineni et al., 2002), from 0 to 1: the precision of its runs of 1 to 4 words.

    ``BP * exp(mean(log(p[n])))``, where p[n] is the share of runs of n words that occur in a reference, each as often
    as there at most, and ``BP = exp(1 - r / c)`` if the length c of the texts is below that of the nearest references,
    r. The counts of all texts are added before they are divided: the score of a corpus is not the mean of those of its
    texts.

    Args:
        max_order: how long the longest runs are.
        smoothing: what to do where no run of a length occurs, which makes the score 0: "floor" counts `k` of them
            instead, "add-k" adds `k` to the counts of all runs but single words, "exp" counts a half of one, at the
            next such length a quarter, and so on; None for nothing. The three are those of Chen and Cherry (2014) as
            sacrebleu has them.
        k: for "floor" 0.1, for "add-k" 1 by default.

    Example:
        >>> import zkynet as zk
        >>> bleu = zk.metrics.BLEU()
        >>> references = ["there is a cat on the mat".split(), "a cat is on the mat".split()]
        >>> bleu.update(["the cat is on the mat".split()], [references])
        >>> round(bleu.compute(), 4)
        0.7598
    """

    settings = ("max_order", "smoothing", "k")

    def __init__(self, max_order: int = 4, *, smoothing: str | None = None, k: float | None = None) -> None:
        super().__init__()
        self.max_order = whole("BLEU", "max_order", max_order)
        if self.max_order < 1:
            raise InvalidValueError(f"BLEU: max_order is 1 or more, received {max_order}", fix="4 is usual", op="BLEU")
        if smoothing not in SMOOTHING:
            raise InvalidValueError(
                f'BLEU: smoothing is "floor", "add-k", "exp" or None, received {smoothing!r}',
                fix='"exp" is usual for single sentences',
                op="BLEU",
            )
        self.smoothing = smoothing
        self.k = (0.1 if smoothing == "floor" else 1.0) if k is None else float(number("BLEU", "k", k))

    def update(self, pred: Sequence[Sequence[Any]], target: Sequence[Sequence[Sequence[Any]]]) -> None:
        """Take in texts.

        Args:
            pred: texts, each a list of words.
            target: for each text a list of references, each a list of words.

        Example:
            >>> import zkynet as zk
            >>> bleu = zk.metrics.BLEU(max_order=1)
            >>> bleu.update([["the"] * 7], [["the cat is on the mat".split()]])
            >>> round(bleu.compute(), 4)  # the example of the paper: 2 of 7
            0.2857
        """
        self._keep(self._measure(pred, target))

    def _measure(self, pred: Any, target: Any) -> Statistics:
        if len(pred) != len(target):
            raise ShapeError(
                f"BLEU: there are {len(pred)} texts, and references of {len(target)}",
                fix="pass a list of references for each text, also where there is one",
                op="BLEU",
            )
        right, total = np.zeros(self.max_order, np.int64), np.zeros(self.max_order, np.int64)
        length = wanted = 0
        for i, (text, references) in enumerate(zip(pred, target, strict=True)):
            _need_words(f"text {i}", text)
            if not references or isinstance(references, str):
                raise ArgumentError(
                    f"BLEU: text {i} has no list of references, received {described(references)}",
                    fix="pass a list of references for each text, also where there is one",
                    op="BLEU",
                )
            for reference in references:
                _need_words(f"a reference of text {i}", reference)
            length += len(text)
            wanted += min((abs(len(r) - len(text)), len(r)) for r in references)[1]
            for n in range(1, self.max_order + 1):
                runs = _runs(text, n)
                best: Counter[Any] = Counter()
                for reference in references:
                    best |= _runs(reference, n)
                right[n - 1] += (runs & best).total()
                total[n - 1] += runs.total()
        return {"right": right, "total": total, "length": length, "wanted": wanted, "texts": len(pred)}

    def _seen(self, state: Statistics) -> Any:
        return state["texts"]

    def _value(self, state: Statistics) -> float:
        halving = 1.0
        logs = []
        for n, (right, total) in enumerate(zip(state["right"], state["total"], strict=True)):
            if self.smoothing == "add-k" and n:
                right, total = right + self.k, total + self.k
            if total and not right:
                if self.smoothing == "floor":
                    right = self.k
                elif self.smoothing == "exp":
                    halving /= 2
                    right = halving
            if not right or not total:
                return 0.0
            logs.append(math.log(right / total))
        short = min(0.0, 1 - state["wanted"] / state["length"])
        return math.exp(short + math.fsum(logs) / self.max_order)


def _need_words(what: str, text: Any) -> None:
    """Refuse a string, which is a list of letters."""
    if isinstance(text, str) or not hasattr(text, "__len__"):
        raise ArgumentError(
            f"BLEU: {what} is a list of words, received {described(text)}",
            fix="split it into words first: text.split()",
            op="BLEU",
        )
    if text and isinstance(text, (list, tuple)) and isinstance(text[0], (list, tuple)):
        raise ArgumentError(
            f"BLEU: {what} is a list of words, received a list of lists",
            fix="a text is a list of words; its references are a list of such",
            op="BLEU",
        )


def _runs(words: Sequence[Any], n: int) -> Counter[Any]:
    """How often each run of n words occurs."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
