"""Connectionist temporal classification: against all paths written out, edges, mistakes, kernels."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import DTypeError, IndexOutOfRangeError, InvalidValueError, ProbabilitiesWarning, ShapeError
from zkynet.nn import functional as F
from zkynet.nn.functional.class_labels import NOTICE

RNG = np.random.default_rng(0)


def log_probabilities(*shape: int) -> Any:
    return np.log(RNG.dirichlet(np.ones(shape[-1]), shape[:-1]))


def said(path: tuple[int, ...], blank: int) -> list[int]:
    """What a path says: repetitions are one letter, blanks none."""
    return [k for k, _ in itertools.groupby(path) if k != blank]


def by_all_paths(log_probs: Any, text: list[int], blank: int) -> float:
    """Minus the logarithm of the probability of a text: the sum over all paths that say it."""
    total = 0.0
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        if said(path, blank) == text:
            total += math.exp(sum(log_probs[t, k] for t, k in enumerate(path)))
    return -math.log(total) if total else math.inf


def not_on_jax(backend: Any) -> None:
    if backend.name == "jax":
        pytest.skip("it compiles each shape anew; the other tests run the same code there")


@pytest.mark.parametrize("blank", [0, 2])
def test_the_loss_is_the_sum_over_all_paths(blank: int) -> None:
    a = log_probabilities(5, 4, 3)
    one, two = (k for k in range(3) if k != blank)
    texts = [[one, two], [one, one], [], [two, two]]
    times = [5, 4, 3, 2]
    expected = np.array(
        [by_all_paths(a[:n, i], text, blank) for i, (n, text) in enumerate(zip(times, texts, strict=True))]
    )
    assert math.isinf(expected[3])
    padded = [(*text, 99, 99)[:2] for text in texts]
    lengths = [len(text) for text in texts]
    for targets in (padded, [k for text in texts for k in text]):
        got = F.ctc_loss(zk.tensor(a), zk.tensor(targets), times, lengths, blank, "none")
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-11)
    got = F.ctc_loss(zk.tensor(a), zk.tensor(padded), zk.tensor(times), zk.tensor(lengths), blank, zero_infinity=True)
    assert got.item() == pytest.approx(np.mean(expected[:3] / [2, 2, 1]) * 3 / 4, rel=1e-11)
    alone = F.ctc_loss(zk.tensor(a[:, 0]), zk.tensor(texts[0]), 5, 2, blank, "none")
    assert alone.shape == ()
    assert alone.item() == pytest.approx(expected[0], rel=1e-11)


def test_a_text_too_long_for_its_time_teaches_nothing() -> None:
    for zero, value in ((False, math.inf), (True, 0.0)):
        x = zk.tensor(log_probabilities(3, 2, 4), requires_grad=True)
        loss = F.ctc_loss(x, zk.tensor([[1, 1, 2], [1, 2, 3]]), [3, 3], [3, 3], reduction="none", zero_infinity=zero)
        assert loss.tolist()[0] == value
        loss.sum().backward()
        grad = x.grad.numpy()  # type: ignore[union-attr]
        assert not grad[:, 0].any()
        assert np.isfinite(grad).all()
        np.testing.assert_allclose(grad[:, 1].sum(axis=1), -1)  # one way only: the letters themselves


def test_letters_that_cannot_be(backend: Any) -> None:
    not_on_jax(backend)
    a = np.array([[[0.0, -np.inf]], [[-np.inf, 0.0]], [[0.0, -np.inf]]])
    x = zk.tensor(a, requires_grad=True)
    loss = F.ctc_loss(x, zk.tensor([[1]]), [3], [1], reduction="sum")
    loss.backward()
    assert loss.item() == 0
    np.testing.assert_array_equal(x.grad.numpy(), -np.exp(a))  # type: ignore[union-attr]


def test_first_and_second_derivatives(backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("one backend is enough for what is done step by step")
    x = zk.tensor(log_probabilities(4, 2, 3))

    def loss(x: Any) -> Any:
        return F.ctc_loss(x, zk.tensor([[1, 2], [2, 0]]), [4, 3], [2, 1], reduction="none")

    zk.gradcheck(loss, x, order=2)


def test_the_gradient_behind_a_softmax_is_probability_less_share(backend: Any) -> None:
    not_on_jax(backend)
    a = RNG.standard_normal((4, 1, 3))
    x = zk.tensor(a, requires_grad=True)
    F.ctc_loss(zk.log_softmax(x, axis=-1), zk.tensor([[1]]), [4], [1], reduction="sum").backward()
    log_p = a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
    shares, total = np.zeros((4, 3)), 0.0
    for path in itertools.product(range(3), repeat=4):
        if said(path, 0) == [1]:
            p = math.exp(sum(log_p[t, 0, k] for t, k in enumerate(path)))
            total += p
            for t, k in enumerate(path):
                shares[t, k] += p
    np.testing.assert_allclose(x.grad.numpy()[:, 0], np.exp(log_p[:, 0]) - shares / total, atol=1e-12)  # type: ignore[union-attr]


def test_long_sequences_stay_finite(backend: Any) -> None:
    not_on_jax(backend)
    x = zk.tensor(np.full((400, 1, 5), -50.0, "float32"), requires_grad=True)
    loss = F.ctc_loss(x, zk.tensor([[1, 2, 3]]), [400], [3], reduction="sum")
    loss.backward()
    paths = math.log(math.comb(400 + 3, 6))  # which of 403 places the bounds of the runs are at, see the next test
    assert loss.item() == pytest.approx(400 * 50 - paths, rel=1e-5)
    np.testing.assert_allclose(x.grad.numpy().sum(axis=-1), -1, rtol=1e-2)  # type: ignore[union-attr]


def test_how_many_paths_say_a_text_of_different_letters() -> None:
    for times in (3, 4, 5, 6):
        number = sum(said(path, 0) == [1, 2, 3] for path in itertools.product(range(4), repeat=times))
        assert number == math.comb(times + 3, 6)


@pytest.mark.parametrize(("times", "letters"), [(6, 3), (1, 1), (3, 0)])
def test_kernels_equal_the_bodies(backend: Any, times: int, letters: int) -> None:
    if letters != 3:
        not_on_jax(backend)
    n, width = 4, 2 * letters + 1
    emissions = zk.tensor(log_probabilities(times, n, width)).data

    def mask(chosen: Any) -> Any:
        return zk.tensor(np.where(chosen, 0.0, -np.inf)).data

    starts = mask(np.broadcast_to(np.arange(width) < 2, (n, width)))
    skips = mask(RNG.random((n, width)) < 0.3)
    ends = mask(np.arange(width) >= width - 2 + np.zeros((n, 1)))
    lengths = zk.tensor(np.minimum([6, 5, 3, 1], times)).data
    xp = backend.xp
    for name in ("ctc_paths", "ctc_posteriors"):
        with backend.quiet():
            got = getattr(xp.nn, name)(emissions, starts, skips, ends, lengths)
            expected = BODIES[f"nn.{name}"](xp, emissions, starts, skips, ends, lengths)
        np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(expected), rtol=1e-10, atol=1e-14)


def test_mistakes(backend: Any) -> None:
    not_on_jax(backend)
    x, y = zk.tensor(log_probabilities(5, 2, 4)), zk.tensor([[1, 2], [3, 1]])
    with pytest.raises(InvalidValueError, match=r"input_lengths\[1\] is 6, which is not from 1 to 5"):
        F.ctc_loss(x, y, [5, 6], [2, 2])
    with pytest.raises(InvalidValueError, match=r"input_lengths\[0\] is 0, which is not from 1 to 5"):
        F.ctc_loss(x, y, [0, 5], [2, 2])
    with pytest.raises(InvalidValueError, match=r"target_lengths\[0\] is 3, which is not from 0 to 2"):
        F.ctc_loss(x, y, [5, 5], [3, 2])
    with pytest.raises(IndexOutOfRangeError, match=r"the label 4 is not one of 4 letters[\s\S]*position 1 of text 0"):
        F.ctc_loss(x, zk.tensor([[1, 4], [3, 1]]), [5, 5], [2, 2])
    with pytest.raises(IndexOutOfRangeError, match="the label 0 is the blank"):
        F.ctc_loss(x, zk.tensor([[1, 0], [3, 1]]), [5, 5], [2, 2])
    F.ctc_loss(x, zk.tensor([[1, 0], [3, 1]]), [5, 5], [1, 2])
    with pytest.raises(ShapeError, match="the lengths of the texts add up to 3, and there are 4 letters"):
        F.ctc_loss(x, zk.tensor([1, 2, 3, 1]), [5, 5], [1, 2])
    with pytest.raises(ShapeError, match="there are 2 examples, and input_lengths of shape"):
        F.ctc_loss(x, y, [5], [2, 2])
    with pytest.raises(DTypeError, match="the letters are float32"):
        F.ctc_loss(x, zk.ones((2, 2)), [5, 5], [2, 2])
    with pytest.raises(DTypeError, match="input_lengths are whole numbers"):
        F.ctc_loss(x, y, [5.0, 5.0], [2, 2])
    with pytest.raises(InvalidValueError, match="blank is one of 4 letters, received 4"):
        F.ctc_loss(x, y, [5, 5], [2, 2], blank=4)
    with pytest.raises(ShapeError, match="log_probs has the shape"):
        F.ctc_loss(zk.zeros(4), y, [5, 5], [2, 2])
    with pytest.raises(ShapeError, match="targets are texts of 2 examples"):
        F.ctc_loss(x, zk.ones((3, 2), dtype="int64"), [5, 5], [2, 2])
    with pytest.raises(ShapeError, match="the batch is empty"):
        F.ctc_loss(x[:, :0], zk.ones((0, 2), dtype="int64"), zk.ones(0, dtype="int64"), zk.ones(0, dtype="int64"))


def test_probabilities_in_place_of_their_logarithms_are_noticed(backend: Any) -> None:
    not_on_jax(backend)
    NOTICE.reset()
    x = zk.exp(zk.tensor(log_probabilities(5, 6, 4)))
    with pytest.warns(ProbabilitiesWarning, match="ctc_loss takes logarithms of probabilities"):
        F.ctc_loss(x, zk.ones((6, 1), dtype="int64"), [5] * 6, [1] * 6)
    NOTICE.reset()
