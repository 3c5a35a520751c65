"""Metrics of numbers and of texts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.metrics import (
    BLEU,
    Mean,
    MeanAbsoluteError,
    MeanSquaredError,
    Perplexity,
    R2Score,
    RootMeanSquaredError,
)

RNG = np.random.default_rng(0)


def in_batches(metric: Any, pred: Any, target: Any, sizes: tuple[int, ...] = (3, 1, 9)) -> Any:
    start = 0
    for size in (*sizes, len(pred)):
        metric.update(zk.tensor(pred[start : start + size]), zk.tensor(target[start : start + size]))
        start += size
    return metric.compute()


def test_errors_of_numbers() -> None:
    p, t = RNG.standard_normal((20, 3)), RNG.standard_normal((20, 3))
    assert in_batches(MeanAbsoluteError(), p, t) == pytest.approx(np.abs(p - t).mean(), rel=1e-12)
    assert in_batches(MeanSquaredError(), p, t) == pytest.approx(((p - t) ** 2).mean(), rel=1e-12)
    assert in_batches(RootMeanSquaredError(), p, t) == pytest.approx(math.sqrt(((p - t) ** 2).mean()), rel=1e-12)
    assert MeanAbsoluteError()(zk.tensor([1, 2]), zk.tensor([3, 2])) == 1


def test_small_numbers_are_not_lost_beside_large_ones() -> None:
    error = MeanAbsoluteError()
    error.update(zk.tensor([1e8]), zk.tensor([0.0]))
    for _ in range(1000):
        error.update(zk.tensor([1.0]), zk.tensor([0.0]))
    assert error.compute() == pytest.approx((1e8 + 1000) / 1001, rel=1e-15)


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_r2(offset: float) -> None:
    t = RNG.standard_normal((30, 2)) * [1.0, 5.0] + offset
    p = t + 0.5 * RNG.standard_normal((30, 2))
    exact = t.astype(np.longdouble)
    squares = ((exact - exact.mean(axis=0)) ** 2).sum(axis=0)
    each = (1 - ((exact - p) ** 2).sum(axis=0) / squares).astype(float)
    np.testing.assert_allclose(in_batches(R2Score("raw_values"), p, t), each, rtol=1e-7)
    assert in_batches(R2Score(), p, t) == pytest.approx(each.mean(), rel=1e-7)
    weighted = float((each * squares).sum() / squares.sum())
    assert in_batches(R2Score("variance_weighted"), p, t) == pytest.approx(weighted, rel=1e-7)
    assert in_batches(R2Score(), p[:, 0], t[:, 0]) == pytest.approx(each[0], rel=1e-7)
    one, two = R2Score(), R2Score()
    one.update(zk.tensor(p[:7]), zk.tensor(t[:7]))
    two.update(zk.tensor(p[7:]), zk.tensor(t[7:]))
    assert one.merge(two).compute() == pytest.approx(each.mean(), rel=1e-7)


def test_r2_of_targets_that_are_all_the_same() -> None:
    t = zk.ones(4)
    assert R2Score()(t, t) == 1
    assert R2Score()(zk.tensor([1.0, 1.0, 1.0, 2.0]), t) == 0
    with pytest.raises(InvalidValueError, match="one example has no variance"):
        R2Score()(zk.ones(1), zk.ones(1))


def test_mistakes_with_numbers() -> None:
    for metric in (MeanAbsoluteError(), MeanSquaredError(), RootMeanSquaredError(), R2Score()):
        with pytest.raises(InvalidValueError, match="has seen no data yet"):
            metric.compute()
        with pytest.raises(ShapeError, match="pred and target have different shapes"):
            metric.update(zk.zeros((4, 1)), zk.zeros(4))
        with pytest.raises(InvalidValueError, match=r"a prediction is NaN\n  nan is found at position 1"):
            metric.update(zk.tensor([0.0, float("nan")]), zk.zeros(2))
    with pytest.raises(ShapeError, match="predictions of shape"):
        R2Score().update(zk.zeros((2, 2, 2)), zk.zeros((2, 2, 2)))
    with pytest.raises(InvalidValueError, match="multioutput is one of"):
        R2Score("mean")


def test_mean() -> None:
    mean = Mean()
    mean.update(zk.tensor(1.0), 3)
    mean.update([4.0, 6.0])
    mean.update(2.0, 0)
    assert mean.compute() == pytest.approx((3 + 10) / 5)
    assert mean(zk.tensor(7.0)) == 7
    with pytest.raises(InvalidValueError, match="weight is 0 or above"):
        mean.update(1.0, -1)


def test_perplexity() -> None:
    x, y = RNG.standard_normal((12, 5, 2)), RNG.integers(0, 5, (12, 2))
    y[0] = -1
    log_p = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
    own = np.take_along_axis(log_p, np.maximum(y, 0)[:, None], axis=1)[:, 0]
    expected = math.exp(-own[y >= 0].mean())
    assert in_batches(Perplexity(ignore_index=-1), x, y) == pytest.approx(expected, rel=1e-12)
    assert Perplexity()(zk.tensor([[0.0, 1e4]]), zk.tensor([0])) == math.inf
    with pytest.raises(InvalidValueError, match="has seen no data yet"):
        Perplexity(ignore_index=0)(zk.zeros((2, 3)), zk.tensor([0, 0]))


# -- texts --------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return text.split()


GUIDE = words("It is a guide to action which ensures that the military always obeys the commands of the party")
GUIDES = [
    words("It is a guide to action that ensures that the military will forever heed Party commands"),
    words(
        "It is the guiding principle which guarantees the military forces always being under the command of the Party"
    ),
    words("It is the practical guide for the army always to heed the directions of the party"),
]
BOOK = words("he read the book because he was interested in world history")
BOOKS = [words("he was interested in world history because he read the book")]


def test_the_examples_of_the_paper() -> None:
    """Papineni et al. (2002), section 2.1: modified precisions of single words and of pairs."""
    the = ["the"] * 7
    cats = [words("the cat is on the mat"), words("there is a cat on the mat")]
    assert BLEU(1)([the], [cats]) == pytest.approx(2 / 7)
    lower = [[w.lower() for w in text] for text in (GUIDE, *GUIDES)]
    assert BLEU(1)([lower[0]], [lower[1:]]) == pytest.approx(17 / 18)
    second = words("it is to insure the troops forever hearing the activity guidebook that party direct")
    assert BLEU(1)([second], [lower[1:]]) == pytest.approx(math.exp(1 - 16 / 14) * 8 / 14)


def test_the_scores_that_nltk_gives() -> None:
    """Those in the documentation of nltk.translate.bleu_score."""
    assert BLEU()([GUIDE], [GUIDES]) == pytest.approx(0.5045666840058485, rel=1e-12)
    bleu = BLEU()
    bleu.update([GUIDE], [GUIDES])
    bleu.update([BOOK], [BOOKS])
    assert bleu.compute() == pytest.approx(0.5920778868801042, rel=1e-12)
    assert BLEU().merge(bleu).compute() == bleu.compute()


def test_brevity_takes_the_nearest_reference_the_shorter_of_two() -> None:
    text = ["a", "b", "c", "d"]
    assert BLEU(1)([text], [[["a", "b", "c", "d", "x", "y"], ["a", "b"]]]) == pytest.approx(1)
    assert BLEU(1)([text], [[["a", "b", "c", "d", "x"]]]) == pytest.approx(math.exp(1 - 5 / 4))


def test_smoothing() -> None:
    text, reference = ["a", "b", "x", "c", "d"], ["a", "b", "y", "c", "d"]  # 4 of 5, 2 of 4, 0 of 3, 0 of 2
    assert BLEU()([text], [[reference]]) == 0

    def mean(*precisions: float) -> float:
        return math.prod(precisions) ** (1 / 4)

    for smoothing, k, expected in (
        ("floor", None, mean(4 / 5, 2 / 4, 0.1 / 3, 0.1 / 2)),
        ("floor", 0.5, mean(4 / 5, 2 / 4, 0.5 / 3, 0.5 / 2)),
        ("add-k", None, mean(4 / 5, 3 / 5, 1 / 4, 1 / 3)),
        ("exp", None, mean(4 / 5, 2 / 4, 1 / 2 / 3, 1 / 4 / 2)),
    ):
        assert BLEU(smoothing=smoothing, k=k)([text], [[reference]]) == pytest.approx(expected)
    assert BLEU(smoothing="exp")([["z"]], [[reference]]) == 0


def test_mistakes_with_texts() -> None:
    bleu = BLEU()
    with pytest.raises(ArgumentError, match=r"text 0 is a list of words, received str[\s\S]*text.split\(\)"):
        bleu.update(["a b"], [[["a", "b"]]])
    with pytest.raises(ArgumentError, match="a reference of text 0 is a list of words, received str"):
        bleu.update([["a", "b"]], [["a", "b"]])
    with pytest.raises(ArgumentError, match="text 0 has no list of references"):
        bleu.update([["a", "b"]], [[]])
    with pytest.raises(ShapeError, match="there are 1 texts, and references of 2"):
        bleu.update([["a"]], [[["a"]], [["b"]]])
    with pytest.raises(InvalidValueError, match="BLEU has seen no data yet"):
        bleu.compute()
    for wrong in (lambda: BLEU(0), lambda: BLEU(smoothing="laplace")):
        with pytest.raises(InvalidValueError):
            wrong()
    assert BLEU()([[]], [[["a"]]]) == 0
