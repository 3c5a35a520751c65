"""Metrics of decisions: against formulas written out in NumPy, over batches, devices and workers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.metrics import F1, Accuracy, ConfusionMatrix, Mean, MetricCollection, Precision, Recall, TopKAccuracy
from zkynet.metrics.metric import WAITING

RNG = np.random.default_rng(0)


def in_batches(metric: Any, pred: Any, target: Any, size: int = 7) -> Any:
    for i in range(0, len(pred), size):
        metric.update(zk.tensor(pred[i : i + size]), zk.tensor(target[i : i + size]))
    return metric.compute()


def confusion(pred: Any, target: Any, classes: int) -> Any:
    out = np.zeros((classes, classes), int)
    for p, t in zip(np.ravel(pred), np.ravel(target), strict=True):
        out[t, p] += 1
    return out


def test_accuracy_of_classes() -> None:
    scores, labels = RNG.standard_normal((30, 4)), RNG.integers(0, 4, 30)
    expected = np.mean(scores.argmax(axis=1) == labels)
    assert in_batches(Accuracy(), scores, labels) == pytest.approx(expected)
    assert in_batches(Accuracy(), scores.argmax(axis=1), labels) == pytest.approx(expected)
    counts = labels != 2
    expected = np.mean((scores.argmax(axis=1) == labels)[counts])
    assert in_batches(Accuracy(ignore_index=2), scores, labels) == pytest.approx(expected)
    pixels, labels = RNG.standard_normal((4, 3, 2, 2)), RNG.integers(0, 3, (4, 2, 2))
    assert in_batches(Accuracy(), pixels, labels) == pytest.approx(np.mean(pixels.argmax(axis=1) == labels))


def test_accuracy_of_answers() -> None:
    p, t = RNG.random(30), RNG.integers(0, 2, 30)
    logits = np.log(p / (1 - p))
    for threshold in (0.5, 0.3):
        expected = np.mean((p > threshold) == t)
        assert in_batches(Accuracy("binary", threshold=threshold), p, t) == pytest.approx(expected)
        assert in_batches(Accuracy("binary", threshold=threshold, logits=True), logits, t) == pytest.approx(expected)
    assert in_batches(Accuracy("binary"), p > 0.5, t.astype(bool)) == pytest.approx(np.mean((p > 0.5) == t))
    p, t = RNG.random((30, 3)), RNG.integers(0, 2, (30, 3))
    right = (p > 0.5) == t
    assert in_batches(Accuracy("multilabel"), p, t) == pytest.approx(right.mean())
    assert in_batches(Accuracy("multilabel", exact_match=True), p, t) == pytest.approx(right.all(axis=1).mean())


def test_top_k() -> None:
    scores, labels = RNG.standard_normal((30, 6)).round(1), RNG.integers(0, 6, 30)
    for k in (1, 2, 6):
        guesses = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        expected = np.mean((guesses == labels[:, None]).any(axis=1))
        assert in_batches(TopKAccuracy(k), scores, labels) == pytest.approx(expected)
    assert TopKAccuracy(1)(zk.zeros((3, 4)), zk.tensor([0, 1, 0])) == pytest.approx(2 / 3)
    assert TopKAccuracy(2, ignore_index=-1)(zk.zeros((3, 4)), zk.tensor([0, -1, 3])) == 0.5
    with pytest.raises(InvalidValueError, match="there are 3 classes, and 5 guesses"):
        TopKAccuracy()(zk.zeros((2, 3)), zk.tensor([0, 1]))


def test_confusion_matrix() -> None:
    p, t = RNG.integers(0, 4, 50), RNG.integers(0, 4, 50)
    expected = confusion(p, t, 4)
    np.testing.assert_array_equal(in_batches(ConfusionMatrix(4), p, t), expected)
    for normalize, axis in (("true", 1), ("pred", 0), ("all", None)):
        share = expected / expected.sum(axis=axis, keepdims=True)
        np.testing.assert_allclose(in_batches(ConfusionMatrix(4, normalize=normalize), p, t), share)
    got = in_batches(ConfusionMatrix(4, ignore_index=-1), p, np.where(t == 2, -1, t))
    np.testing.assert_array_equal(got, confusion(p[t != 2], t[t != 2], 4))
    q = RNG.random(20)
    got = in_batches(ConfusionMatrix(task="binary"), q, t[:20] % 2)
    np.testing.assert_array_equal(got, confusion((q > 0.5).astype(int), t[:20] % 2, 2))


def by_hand(right: Any, said: Any, total: Any, kind: str) -> Any:
    """Precision, recall and F1 of each class, 0 where there is nothing to divide by."""
    above, below = {"p": (right, said), "r": (right, total), "f": (2 * right, said + total)}[kind]
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=np.asarray(below) != 0)


@pytest.mark.parametrize(("metric", "kind"), [(Precision, "p"), (Recall, "r"), (F1, "f")])
def test_precision_recall_and_f1(metric: Any, kind: str) -> None:
    p, t = RNG.integers(1, 5, 60), RNG.integers(0, 4, 60)  # class 5 never occurs, 0 is never said, 4 never true
    matrix = confusion(p, t, 6)
    right, said, total = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    each = by_hand(right, said, total, kind)
    np.testing.assert_allclose(in_batches(metric(6, average="none"), p, t), each)
    assert in_batches(metric(6), p, t) == pytest.approx(each[said + total > 0].mean())
    assert in_batches(metric(6, average="weighted"), p, t) == pytest.approx(np.average(each, weights=total))
    assert in_batches(metric(6, average="micro"), p, t) == pytest.approx(np.mean(p == t))
    assert in_batches(metric(6, average="none", zero_division=1.0), p, t)[5] == 1.0
    scores = RNG.standard_normal((20, 3))
    expected = confusion(scores.argmax(axis=1), t[:20] % 3, 3)
    each = by_hand(expected.diagonal(), expected.sum(axis=0), expected.sum(axis=1), kind)
    np.testing.assert_allclose(in_batches(metric(average="none"), scores, t[:20] % 3), each)
    q, a = RNG.random((40, 3)), RNG.integers(0, 2, (40, 3))
    y = q > 0.5
    each = by_hand((y & (a == 1)).sum(axis=0), y.sum(axis=0), a.sum(axis=0), kind)
    np.testing.assert_allclose(in_batches(metric(task="multilabel", average="none"), q, a), each)
    assert in_batches(metric(task="binary"), q[:, 0], a[:, 0]) == pytest.approx(each[0])
    ignored = np.where(RNG.random((40, 3)) < 0.3, -1, a)
    y, yes = y & (ignored >= 0), ignored == 1
    each = by_hand((y & yes).sum(axis=0), y.sum(axis=0), yes.sum(axis=0), kind)
    np.testing.assert_allclose(in_batches(metric(task="multilabel", average="none", ignore_index=-1), q, ignored), each)


def test_f_beta_weighs_the_recall() -> None:
    p, t = zk.tensor([1, 1, 1, 0, 0]), zk.tensor([1, 1, 0, 1, 0])  # precision and recall 2/3
    assert F1(task="binary", beta=2.0)(p, t) == pytest.approx(2 / 3)
    p = zk.tensor([1, 1, 1, 1, 1])  # precision 3/5, recall 1
    assert F1(task="binary", beta=2.0)(p, t) == pytest.approx(5 * 0.6 / (4 * 0.6 + 1))


# -- batches, workers, devices ------------------------------------------------------------------------------------


def test_batches_workers_and_copies_add_up() -> None:
    p, t = RNG.integers(0, 4, 300), RNG.integers(0, 4, 300)
    one, two = Accuracy(), Accuracy()
    for i in range(200):  # more than may wait
        one.update(zk.tensor(p[i : i + 1]), zk.tensor(t[i : i + 1]))
    assert len(one._waiting) <= WAITING
    two.update(zk.tensor(p[200:]), zk.tensor(t[200:]))
    sent = pickle.loads(pickle.dumps(two))
    other = copy.copy(one)
    assert one.merge(sent).compute() == pytest.approx(np.mean(p == t))
    assert two.compute() == pytest.approx(np.mean((p == t)[200:]))
    assert other.compute() == pytest.approx(np.mean((p == t)[:200]))
    one.reset()
    assert one.merge(two).compute() == two.compute()
    with pytest.raises(ArgumentError, match="merged with another one of its kind and settings"):
        one.merge(Accuracy("binary"))
    with pytest.raises(ArgumentError, match="merged with another one"):
        one.merge(Mean())  # type: ignore[arg-type]


def test_a_call_gives_the_number_of_the_batch_and_keeps_it() -> None:
    accuracy = Accuracy()
    assert accuracy(zk.tensor([0, 1]), zk.tensor([0, 1])) == 1
    assert accuracy(zk.tensor([0, 1]), zk.tensor([1, 0])) == 0
    assert accuracy.compute() == 0.5
    accuracy.update(zk.zeros(0, dtype="int64"), zk.zeros(0, dtype="int64"))
    assert accuracy.compute() == 0.5


def test_nothing_is_recorded() -> None:
    x = zk.tensor(RNG.standard_normal((4, 3)), requires_grad=True)
    accuracy = Accuracy()
    accuracy.update(x * 2, zk.tensor([0, 1, 2, 0]))
    assert not any(v.requires_grad for v in accuracy._waiting[0].values() if isinstance(v, zk.Tensor))


def test_what_lives_elsewhere_is_counted_there_and_fetched_later() -> None:
    with zk.use_backend("strict"):
        scores, labels = RNG.standard_normal((20, 4)), RNG.integers(0, 4, 20)
        for metric in (
            Accuracy(),
            TopKAccuracy(2),
            ConfusionMatrix(4),
            F1(4, average="none"),
            Recall(4, ignore_index=1),
        ):
            here = copy.deepcopy(metric)
            metric.update(zk.tensor(scores, device="device1"), zk.tensor(labels, device="device1"))
            here.update(zk.tensor(scores), zk.tensor(labels))
            np.testing.assert_array_equal(metric.compute(), here.compute())
            metric.update(zk.tensor(scores), zk.tensor(labels))
            np.testing.assert_allclose(
                metric.merge(here).compute(), np.multiply(here.compute(), 3 if metric_counts(metric) else 1)
            )
        accuracy = Accuracy()
        accuracy.update(zk.tensor(scores, device="device1"), zk.tensor(labels + 1, device="device1"))
        for _ in range(2):
            with pytest.raises(InvalidValueError, match=r"a label is not one of 4 classes, \d+ times"):
                accuracy.compute()
        accuracy.reset()
        accuracy.update(zk.tensor(scores, device="device1"), zk.tensor(labels, device="device1"))
        assert accuracy.compute() == np.mean(scores.argmax(axis=1) == labels)


def metric_counts(metric: Any) -> bool:
    return isinstance(metric, ConfusionMatrix)


def test_a_collection() -> None:
    metrics = MetricCollection({"accuracy": Accuracy()}, f1=F1(3))
    p, t = zk.tensor([0, 1, 2, 1]), zk.tensor([0, 1, 1, 1])
    first = metrics(p, t)
    metrics.update(p, t)
    assert metrics.compute() == first == {"accuracy": 0.75, "f1": metrics["f1"].compute()}
    with pytest.raises(InvalidValueError, match="F1: a label is not one of 3 classes"):
        metrics.update(p, t + 2)
    assert metrics.compute() == first
    assert list(metrics) == ["accuracy", "f1"]
    metrics.reset()
    with pytest.raises(InvalidValueError, match="Accuracy has seen no data yet"):
        metrics.compute()
    with pytest.raises(ArgumentError, match="'a' is a metric, received"):
        MetricCollection(a=3)  # type: ignore[arg-type]


# -- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric", [Accuracy(), TopKAccuracy(), ConfusionMatrix(3), Precision(3), Recall(3), F1(3), Mean()]
)
def test_no_data_yet(metric: Any) -> None:
    with pytest.raises(InvalidValueError, match=f"{type(metric).__name__} has seen no data yet"):
        metric.compute()


def test_mistakes_leave_the_metric_as_it_was() -> None:
    scores, labels = zk.zeros((4, 3)), zk.tensor([0, 1, 2, 0])
    accuracy = Accuracy()
    accuracy.update(scores, labels)
    bad = zk.tensor([[0.0, 1.0, 2.0], [0.0, float("nan"), 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    for pred, target, kind, text in (
        (
            scores,
            zk.tensor([0, 1, 3, 0]),
            InvalidValueError,
            r"a label is not one of 3 classes\n  3 is found at position 2",
        ),
        (bad, labels, InvalidValueError, r"a prediction is NaN\n  nan is found at position \(1, 1\)"),
        (scores, zk.zeros(4), DTypeError, "the labels are float32"),
        (scores, labels[:3], ShapeError, r"scores of shape \(N, C, ...\) take labels of shape \(N, ...\)"),
        (labels, labels[:3], ShapeError, "decisions and labels have different shapes"),
        (zk.zeros(4), labels, ShapeError, 'task="binary"'),
    ):
        with pytest.raises(kind, match=text):
            accuracy.update(pred, target)
    assert accuracy.compute() == 0.5
    with pytest.raises(InvalidValueError, match=r"a probability is not from 0 to 1[\s\S]*logits=True"):
        Accuracy("binary").update(zk.tensor([0.5, 2.0]), zk.tensor([0, 1]))
    with pytest.raises(InvalidValueError, match="an answer is not one of 2 classes"):
        Accuracy("binary").update(zk.tensor([0.5, 0.5]), zk.tensor([0, 2]))
    with pytest.raises(ShapeError, match="answers and labels have the same shape"):
        Accuracy("binary").update(zk.zeros((4, 1)), zk.tensor([0, 1, 0, 1]))
    with pytest.raises(ArgumentError, match=r"pass it: F1\(num_classes=...\)"):
        F1().update(labels, labels)
    with pytest.raises(ShapeError, match="num_classes is 4, and there are scores of 3"):
        F1(4).update(scores, labels)
    for wrong in (
        lambda: Accuracy("regression"),
        lambda: Accuracy(threshold=2.0),
        lambda: Accuracy(exact_match=True),
        lambda: TopKAccuracy(0),
        lambda: ConfusionMatrix(normalize="rows"),
        lambda: ConfusionMatrix(task="multilabel"),
        lambda: F1(3, average="mean"),
        lambda: F1(3, beta=0.0),
    ):
        with pytest.raises(InvalidValueError):
            wrong()
