"""Losses: mistakes and edges, second derivatives, kernels. The table of layers compares them with PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import (
    ArgumentError,
    DTypeError,
    GradientError,
    IndexOutOfRangeError,
    InvalidValueError,
    ProbabilitiesWarning,
    ShapeError,
)
from zkynet.nn import functional as F
from zkynet.nn.functional.class_labels import NOTICE

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _nothing_noticed_yet() -> Iterator[None]:
    NOTICE.reset()
    yield
    NOTICE.reset()


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape)


# -- shapes and dtypes --------------------------------------------------------------------------------------------

PAIRS = {
    "mse_loss": F.mse_loss,
    "l1_loss": F.l1_loss,
    "huber_loss": F.huber_loss,
    "smooth_l1_loss": F.smooth_l1_loss,
    "quadratic_cost": F.quadratic_cost,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "soft_margin_loss": F.soft_margin_loss,
    "hinge_loss": F.hinge_loss,
    "hinge_embedding_loss": F.hinge_embedding_loss,
    "kl_div": F.kl_div,
    "poisson_nll_loss": F.poisson_nll_loss,
    "multilabel_soft_margin_loss": F.multilabel_soft_margin_loss,
    "gaussian_nll_loss": lambda x, t, **k: F.gaussian_nll_loss(x, t, zk.ones(()), **k),
    "margin_ranking_loss": lambda x, t, **k: F.margin_ranking_loss(x, x, t, **k),
}


@pytest.mark.parametrize("name", PAIRS)
def test_operands_never_broadcast_against_each_other(name: str) -> None:
    for a, b in (((4, 1), (4,)), ((4,), (4, 1)), ((4, 3), (3,)), ((4,), ()), ((4,), (5,))):
        with pytest.raises(ShapeError, match="have different shapes") as caught:
            PAIRS[name](zk.zeros(a), zk.ones(b))
        assert str(a) in str(caught.value)
        assert str(b) in str(caught.value)


@pytest.mark.parametrize("name", PAIRS)
def test_predictions_are_floats_and_an_empty_batch_has_no_mean(name: str) -> None:
    loss = PAIRS[name]
    with pytest.raises(DTypeError, match="has to be real floating-point numbers"):
        loss(zk.ones(4, dtype="int64"), zk.ones(4))
    with pytest.raises(DTypeError, match="has to be real floating-point numbers"):
        loss(zk.ones(4, dtype="complex64"), zk.ones(4))
    with pytest.raises(ShapeError, match="the batch is empty"):
        loss(zk.zeros((0, 3)), zk.zeros((0, 3)))
    with pytest.raises(InvalidValueError, match=r"reduction is 'none', 'mean'.* or '(sum|batchmean)'"):
        loss(zk.zeros(3), zk.ones(3), reduction="average")
    x = zk.zeros((0, 3), requires_grad=True)
    total = loss(x, zk.zeros((0, 3)), reduction="sum")
    total.backward()
    assert total.item() == 0
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


def test_the_error_says_what_would_happen_and_the_way_out() -> None:
    assert error_of(lambda: F.mse_loss(zk.zeros((8, 1)), zk.zeros(8)), ShapeError) == message("""
        mse_loss: input and target have different shapes
          input   (8, 1)
          target  (8,)
          they would broadcast against each other, to 64 losses
          Fix: give both the same shape: target.reshape((8, 1))
    """)
    assert "zk.broadcast_to(target, (8, 2))" in error_of(lambda: F.l1_loss(zk.zeros((8, 2)), zk.zeros(2)), ShapeError)
    assert "to " not in error_of(lambda: F.l1_loss(zk.zeros((8, 2)), zk.zeros(3)), ShapeError).splitlines()[2]


def test_integers_and_truth_values_are_targets_too() -> None:
    x = zk.tensor([0.5, -1.0])
    for target in (zk.tensor([1, 0]), zk.tensor([True, False]), [1, 0], np.array([1, 0], "uint8")):
        assert F.mse_loss(x, target).item() == pytest.approx((0.25 + 1) / 2)
        expected = (np.log1p(np.exp(-0.5)) + np.log1p(np.exp(-1.0))) / 2
        assert F.binary_cross_entropy_with_logits(x, target).item() == pytest.approx(expected, rel=1e-6)


# -- labels and weights -------------------------------------------------------------------------------------------


def test_a_label_out_of_range_is_shown_with_its_place() -> None:
    x = zk.zeros((2, 4, 3))
    for loss in (F.cross_entropy, F.nll_loss):
        text = error_of(lambda loss=loss: loss(x, zk.tensor([[0, 1, 2], [3, 4, 0]])), IndexOutOfRangeError)
        assert text == message(f"""
            {loss.__name__}: the label 4 is not one of 4 classes
              found at position (1, 1)
              labels go from 0 to 3; -100 is ignored
              Fix: labels count from 0: subtract 1 if they count from 1; else give the model an output for each class
        """)
        text = error_of(lambda loss=loss: loss(x, zk.tensor([[0, 1, 2], [3, -1, 0]])), IndexOutOfRangeError)
        assert "pass ignore_index=-1" in text
        loss(x, zk.tensor([[0, 1, 2], [3, -1, 0]]), ignore_index=-1)
    with pytest.raises(IndexOutOfRangeError, match="the label 3 is not one of 3"):
        F.multi_margin_loss(zk.zeros((2, 3)), zk.tensor([0, 3]))
    with pytest.raises(IndexOutOfRangeError, match="the label 5 is not one of 3"):
        F.multilabel_margin_loss(zk.zeros((1, 3)), zk.tensor([[0, 5, -1]]))
    with pytest.raises(IndexOutOfRangeError, match="the label 5 is not one of 3"):
        F.one_hot(zk.tensor([0, 5]), 3)


def test_labels_of_the_wrong_kind_or_shape() -> None:
    x = zk.zeros((4, 3))
    with pytest.raises(DTypeError, match=r"the labels are float32; the index of a class is an integer") as caught:
        F.cross_entropy(x, zk.zeros(4))
    assert "target.astype(zk.int64); probabilities have the shape of input, (4, 3)" in caught.value.fix
    with pytest.raises(DTypeError, match="the labels are bool"):
        F.cross_entropy(x, zk.zeros(4, dtype="bool"))
    with pytest.raises(ShapeError, match=r"drop the axis of length 1: target.reshape\(\(4,\)\)"):
        F.cross_entropy(x, zk.zeros((4, 1), dtype="int64"))
    with pytest.raises(ShapeError, match=r"target.argmax\(axis=1\)"):
        F.cross_entropy(x, zk.zeros((4, 3), dtype="int64"))
    with pytest.raises(ShapeError, match=r"zk.moveaxis\(input, -1, 1\)"):
        F.cross_entropy(zk.zeros((4, 5, 3)), zk.zeros((4, 5), dtype="int64"))
    with pytest.raises(ShapeError, match="takes labels of shape"):
        F.nll_loss(x, zk.zeros(5, dtype="int64"))
    with pytest.raises(ShapeError, match="the classes along axis 1"):
        F.cross_entropy(zk.zeros(()), zk.zeros((), dtype="int64"))
    with pytest.raises(ArgumentError, match="ignore_index is a label"):
        F.cross_entropy(x, zk.ones((4, 3)) / 3, ignore_index=0)
    with pytest.raises(InvalidValueError, match="share from 0 to 1"):
        F.cross_entropy(x, zk.zeros(4, dtype="int64"), label_smoothing=1.5)
    for dtype in ("uint8", "int8", "int16", "uint32"):
        y = zk.tensor([0, 1, 2, 0], dtype=dtype)
        assert F.cross_entropy(x, y).item() == pytest.approx(np.log(3), rel=1e-6)


def test_weights_that_are_no_weights() -> None:
    x, y = zk.zeros((4, 3)), zk.zeros(4, dtype="int64")
    for wrong in ([1.0, float("nan"), 1.0], [1.0, -2.0, 1.0]):
        for call in (
            lambda wrong=wrong: F.cross_entropy(x, y, wrong),
            lambda wrong=wrong: F.nll_loss(x, y, wrong),
            lambda wrong=wrong: F.cross_entropy(x, zk.ones((4, 3)) / 3, wrong),
            lambda wrong=wrong: F.binary_cross_entropy_with_logits(x, zk.ones((4, 3)), pos_weight=wrong),
            lambda wrong=wrong: zk.nn.CrossEntropyLoss(wrong),
            lambda wrong=wrong: zk.nn.BCEWithLogitsLoss(pos_weight=zk.tensor(wrong)),
        ):
            with pytest.raises(InvalidValueError, match=r"weight has the value (nan|-2.0)[\s\S]*found at position 1"):
                call()
    with pytest.raises(ShapeError, match="there are 3 classes, and weights of shape"):
        F.cross_entropy(x, y, [1.0, 2.0])
    with pytest.raises(ShapeError, match="weight does not spread over the shape of input"):
        F.binary_cross_entropy_with_logits(zk.zeros(3), zk.zeros(3), zk.ones((3, 1)))
    with pytest.raises(GradientError, match="get no gradient"):
        F.cross_entropy(x, y, zk.ones(3, requires_grad=True))


def test_what_is_no_probability_and_no_sign() -> None:
    with pytest.raises(InvalidValueError, match=r"input has the value 1.5[\s\S]*found at position \(0, 1\)"):
        F.binary_cross_entropy(zk.tensor([[0.5, 1.5]]), zk.zeros((1, 2)))
    for loss in (F.binary_cross_entropy, F.binary_cross_entropy_with_logits, F.multilabel_soft_margin_loss):
        with pytest.raises(InvalidValueError, match=r"target has the value -1.0, which is no probability"):
            loss(zk.tensor([0.5, 0.5]), zk.tensor([1, -1]))
    for loss in (F.hinge_loss, F.hinge_embedding_loss):
        with pytest.raises(InvalidValueError, match=r"target has the value 0.0; it is 1 or -1"):
            loss(zk.tensor([0.5, 0.5]), zk.tensor([1, 0]))
    with pytest.raises(InvalidValueError, match=r"the variance -1.0 is negative"):
        F.gaussian_nll_loss(zk.zeros(2), zk.zeros(2), zk.tensor([1.0, -1.0]))
    with pytest.raises(ShapeError, match="var fits neither"):
        F.gaussian_nll_loss(zk.zeros((4, 2)), zk.zeros((4, 2)), zk.ones(2))
    with pytest.raises(InvalidValueError, match="margin is above 0"):
        F.triplet_margin_loss(zk.zeros((1, 2)), zk.zeros((1, 2)), zk.zeros((1, 2)), margin=0)


def test_if_all_labels_are_ignored_there_is_nothing_to_pay_and_to_learn() -> None:
    x = zk.tensor(normal(3, 4), requires_grad=True)
    for loss in (F.cross_entropy, F.nll_loss):
        out = loss(x, zk.tensor([-100] * 3))
        out.backward()
        assert out.item() == 0
        assert not x.grad.numpy().any()  # type: ignore[union-attr]


def test_what_is_ignored_may_be_anything() -> None:
    a = normal(3, 4)
    a[1] = np.nan
    x = zk.tensor(a)
    expected = F.cross_entropy(x[::2], zk.tensor([1, 2])).item()
    assert F.cross_entropy(x, zk.tensor([1, -100, 2])).item() == pytest.approx(expected, rel=1e-12)


def test_an_empty_batch_of_labels() -> None:
    x, y = zk.zeros((0, 4), requires_grad=True), zk.zeros(0, dtype="int64")
    for loss in (F.cross_entropy, F.nll_loss, F.multi_margin_loss):
        with pytest.raises(ShapeError, match=r'the batch is empty[\s\S]*reduction="sum", which gives 0'):
            loss(x, y)
        assert loss(x, y, reduction="none").shape == (0,)
        out = loss(x, y, reduction="sum")
        out.backward()
        assert out.item() == 0


def test_logits_of_any_size() -> None:
    x = zk.tensor(
        [[1e4, -1e4, 0.0], [-1e30, 0.0, 1e30], [0.0, -float("inf"), 0.0]], dtype="float64", requires_grad=True
    )
    out = F.cross_entropy(x, zk.tensor([1, 0, 0]), reduction="none")
    np.testing.assert_allclose(out.numpy(), [2e4, 2e30, np.log(2)], rtol=1e-12)
    out.sum().backward()
    expected = [[1, -1, 0], [-1, 0, 1], [-0.5, 0, 0.5]]
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12)  # type: ignore[union-attr]
    x = zk.tensor([1e4, -1e4, -1e4, 1e4], dtype="float64", requires_grad=True)
    out = F.binary_cross_entropy_with_logits(x, zk.tensor([1, 0, 1, 0]), reduction="none")
    np.testing.assert_allclose(out.numpy(), [0, 0, 1e4, 1e4])
    q = zk.tensor([[0.5, 0.0, 0.5]])
    with_masked = F.cross_entropy(zk.tensor([[0.0, -float("inf"), 0.0]]), q)
    assert with_masked.item() == pytest.approx(np.log(2), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype: str, backend: Any) -> None:
    if not backend.supports(np.dtype(getattr(zk, dtype))):
        pytest.skip(f"{backend} has no {dtype}")
    a, y = 4 * normal(64, 10), RNG.integers(0, 10, 64)
    x = zk.tensor(a).astype(dtype).requires_grad_()
    exact = zk.tensor(x.detach().astype("float64").numpy(), requires_grad=True)
    half, full = F.cross_entropy(x, zk.tensor(y)), F.cross_entropy(exact, zk.tensor(y))
    half.backward()
    full.backward()
    assert half.dtype == x.dtype
    assert half.item() == pytest.approx(full.item(), rel=2.0**-8)
    grad, expected = x.grad.astype("float64").numpy(), exact.grad.numpy()  # type: ignore[union-attr]
    np.testing.assert_allclose(grad, expected, rtol=2.0**-7, atol=1e-7)
    assert F.mse_loss(x, x.detach()).dtype == x.dtype


# -- probabilities where logits are expected ----------------------------------------------------------------------


def test_a_softmax_too_many_is_noticed_once() -> None:
    x, y = zk.softmax(zk.tensor(normal(8, 5))), zk.tensor(RNG.integers(0, 5, 8))
    loss = zk.nn.CrossEntropyLoss()
    with pytest.warns(ProbabilitiesWarning, match="cross_entropy takes logits.*Leave out the softmax") as seen:
        loss(x, y)
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss(x, y)
        F.cross_entropy(x, y)
    with pytest.warns(ProbabilitiesWarning, match="nll_loss takes logarithms of probabilities"):
        F.nll_loss(x, y)
    with pytest.warns(ProbabilitiesWarning, match="kl_div takes logarithms of probabilities"):
        F.kl_div(x, x)


def test_with_extra_axes_and_few_rows_at_a_time() -> None:
    p = zk.softmax(zk.tensor(normal(6, 5, 2, 2)), axis=1)
    with pytest.warns(ProbabilitiesWarning):
        F.cross_entropy(p, zk.zeros((6, 2, 2), dtype="int64"))
    NOTICE.reset()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for i in range(6):
            F.cross_entropy(p[i : i + 1, :, 0, 0], zk.tensor([0]))
            assert len(seen) == (i >= 3)


def test_logits_are_not_mistaken_for_probabilities() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for a in (
            np.zeros((8, 5)),
            RNG.uniform(0, 1, (8, 5)),
            normal(8, 5),
            np.eye(5)[[0, 1, 2, 3, 4, 0, 1, 2]] * 2,
            np.ones((8, 1)),
            np.vstack([np.full((7, 5), 0.2), [[3.0, 0, 0, 0, 0]]]),
        ):
            F.cross_entropy(zk.tensor(a), zk.zeros(8, dtype="int64"))
        F.cross_entropy(zk.tensor([[0.3, 0.7]]), zk.tensor([0]))


def test_a_place_is_looked_at_a_few_times_only() -> None:
    y, logits, p = zk.zeros(8, dtype="int64"), zk.zeros((8, 5)), zk.full((8, 5), 0.2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in [logits] * 8 + [p]:
            F.cross_entropy(x, y)


# -- what is defined here and not in PyTorch ----------------------------------------------------------------------


def test_quadratic_cost_is_that_of_the_book() -> None:
    a, y = normal(5, 3), normal(5, 3)
    expected = 0.5 * np.linalg.norm(a - y, axis=1) ** 2
    x, t = zk.tensor(a, requires_grad=True), zk.tensor(y)
    np.testing.assert_allclose(F.quadratic_cost(x, t, reduction="none").numpy(), expected, rtol=1e-12)
    assert F.quadratic_cost(x, t, reduction="sum").item() == pytest.approx(expected.sum(), rel=1e-12)
    cost = F.quadratic_cost(x, t)
    cost.backward()
    assert cost.item() == pytest.approx(expected.mean(), rel=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), (a - y) / 5, rtol=1e-12)  # type: ignore[union-attr]


def test_gaussian_kl_is_the_integral() -> None:
    m, s = 0.7, -0.4
    grid = np.linspace(-12, 12, 200001)
    q = np.exp(-((grid - m) ** 2) / (2 * np.exp(s))) / np.sqrt(2 * np.pi * np.exp(s))
    log_p = -(grid**2) / 2 - np.log(2 * np.pi) / 2
    log_q = -((grid - m) ** 2) / (2 * np.exp(s)) - np.log(2 * np.pi * np.exp(s)) / 2
    expected = np.trapezoid(q * (log_q - log_p), grid)
    mean, log_variance = zk.tensor([[m, 0.0]], dtype="float64"), zk.tensor([[s, 0.0]], dtype="float64")
    assert F.gaussian_kl(mean, log_variance).item() == pytest.approx(expected, rel=1e-9)


def test_vae_loss_is_reconstruction_plus_divergence() -> None:
    x, t, m, s = normal(4, 2, 3), RNG.uniform(0, 1, (4, 2, 3)), normal(4, 5), normal(4, 5)
    divergence = 0.5 * (m**2 + np.exp(s) - 1 - s).sum(axis=1)
    bernoulli = -(t * np.log(1 / (1 + np.exp(-x))) + (1 - t) * np.log(1 / (1 + np.exp(x)))).sum(axis=(1, 2))
    square = 0.5 * ((x - t) ** 2).sum(axis=(1, 2))
    tensors = [zk.tensor(a) for a in (x, t, m, s)]
    got = F.vae_loss(*tensors, beta=3.0, reduction="none")
    np.testing.assert_allclose(got.numpy(), bernoulli + 3 * divergence, rtol=1e-11)
    got = F.vae_loss(*tensors, likelihood="normal")
    assert got.item() == pytest.approx((square + divergence).mean(), rel=1e-11)
    with pytest.raises(InvalidValueError, match="likelihood is 'bernoulli' or 'normal'"):
        F.vae_loss(*tensors, likelihood="poisson")
    with pytest.raises(ShapeError, match="there are codes for"):
        F.vae_loss(tensors[0], tensors[1], tensors[2][:3], tensors[3][:3])


def test_perplexity_of_a_guess_and_of_certainty() -> None:
    y = zk.tensor([1, 0, -100])
    assert F.perplexity(zk.zeros((3, 7)), y).item() == pytest.approx(7, rel=1e-6)
    sure = zk.tensor([[0.0, 90.0], [90.0, 0.0], [0.0, 0.0]])
    assert F.perplexity(sure, y).item() == pytest.approx(1, rel=1e-6)


def test_hinge_loss() -> None:
    x, t = normal(6), RNG.choice([-1.0, 1.0], 6)
    expected = np.maximum(0, 0.7 - x * t)
    np.testing.assert_allclose(
        F.hinge_loss(zk.tensor(x), zk.tensor(t), margin=0.7, reduction="none").numpy(), expected, rtol=1e-12
    )


def test_penalties() -> None:
    w, b = normal(3, 2), normal(2)
    x, y = zk.tensor(w, requires_grad=True), zk.tensor(b, requires_grad=True)
    for penalty, value, slope in (
        (F.l1_penalty, np.abs, np.sign),
        (F.l2_penalty, np.square, lambda a: 2 * a),
    ):
        x.grad = y.grad = None
        out = penalty([x, y, x], 0.3)
        assert out.item() == pytest.approx(0.3 * (value(w).sum() + value(b).sum()), rel=1e-12)
        out.backward()
        np.testing.assert_allclose(x.grad.numpy(), 0.3 * slope(w), rtol=1e-12)  # type: ignore[union-attr]
        np.testing.assert_allclose(y.grad.numpy(), 0.3 * slope(b), rtol=1e-12)  # type: ignore[union-attr]
        only = penalty([x, y], 0.3, biases=False)
        assert only.item() == pytest.approx(0.3 * value(w).sum(), rel=1e-12)
    model = zk.nn.Linear(2, 3)
    weights = [p.numpy().astype("float64") for p in (model.weight.detach(), model.bias.detach())]
    expected = sum((a**2).sum() for a in weights)
    assert F.l2_penalty(model, 1.0).item() == pytest.approx(expected, rel=1e-6)
    for wrong in ([], zk.nn.Identity(), [y]):
        with pytest.raises(ArgumentError, match="no parameters to count"):
            F.l1_penalty(wrong, 1.0, biases=False)
    with pytest.raises(ArgumentError, match="takes a module, a tensor, or tensors"):
        F.l1_penalty(["a"], 1.0)
    with pytest.raises(InvalidValueError, match="weight is 0 or above"):
        F.l2_penalty(model, -1.0)


# -- derivatives and kernels --------------------------------------------------------------------------------------


def test_second_derivatives_of_compositions(backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("the ops they are made of are checked on every backend")
    x, y, p = zk.tensor(normal(3, 4)), zk.tensor(normal(3, 4)), zk.tensor(RNG.uniform(0.2, 1, (3, 4)))
    labels, signs = zk.tensor([0, 3, 1]), zk.tensor([1, -1, 1])
    lists = zk.tensor([[1, 3, -1, 0], [-1, 1, 2, 3], [2, -1, 0, 0]])
    for f, inputs in (
        (F.kl_div, (x, p)),
        (partial(F.kl_div, log_target=True, reduction="batchmean"), (x, y)),
        (partial(F.poisson_nll_loss, full=True), (x, 3 * p)),
        (F.gaussian_nll_loss, (x, y, p)),
        (F.gaussian_kl, (x, y)),
        (lambda x, y: F.margin_ranking_loss(x, y, zk.ones((3, 4)), margin=9.0), (x, y)),
        (lambda x, y: F.cosine_embedding_loss(x, y, signs, margin=-1.0), (x, y)),
        (lambda x: F.soft_margin_loss(x, zk.ones((3, 4))), (x,)),
        (F.multilabel_soft_margin_loss, (x, p)),
        (lambda x: F.multi_margin_loss(x, labels, p=2), (x,)),
        (lambda x: F.multilabel_margin_loss(x, lists), (x,)),
        (partial(F.triplet_margin_loss, margin=9.0), (x, y, p)),
        (partial(F.pairwise_distance, p=3.0), (x, y)),
        (partial(F.cosine_similarity, dim=0), (x, y)),
        (partial(F.smooth_l1_loss, beta=0.4), (x, y)),
        (lambda x: F.nll_loss(x, labels, p[0], ignore_index=3), (x,)),
        (lambda x: F.perplexity(x, labels), (x,)),
        (lambda x, p, w, v: F.binary_cross_entropy_with_logits(x, p, w, pos_weight=v), (x, p, p, 2 * p[0])),
        (lambda x, y: F.l2_penalty([x, y], 0.3) * F.l1_penalty([x, y], 0.3), (x, y)),
    ):
        zk.gradcheck(f, inputs, order=2)


OPTIONS = [
    ((5, 4), None, None, 0.0, "mean"),
    ((5, 4), None, 1, 0.0, "sum"),
    ((5, 4), "weights", None, 0.0, "none"),
    ((5, 4), "weights", 1, 0.0, "mean"),
    ((5, 4), "weights", 1, 0.1, "mean"),
    ((5, 4, 3), None, 1, 0.0, "mean"),
    ((0, 4), None, None, 0.0, "sum"),
]


@pytest.mark.parametrize(("shape", "weights", "ignored", "smoothing", "reduction"), OPTIONS)
def test_kernels_of_cross_entropy_equal_the_body(
    backend: Any, shape: Any, weights: Any, ignored: Any, smoothing: float, reduction: str
) -> None:
    if backend.name == "jax" and not smoothing:
        pytest.skip("the kernel there is the body, compiled anew for each of these")
    labels = RNG.integers(0, 4, (shape[0], *shape[2:]))
    x, y = zk.tensor(normal(*shape)), zk.tensor(labels)
    w = None if weights is None else zk.tensor([0.0, 1.0, 2.0, 0.5], dtype="float64").data
    plain = (y.data, w, ignored, smoothing, reduction)
    xp = backend.xp
    with backend.quiet():
        got = xp.nn.label_cross_entropy(x.data, *plain)
    expected = BODIES["nn.label_cross_entropy"](xp, x.data, *plain)
    np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(expected), rtol=1e-12)
    g = zk.tensor(normal(*np.shape(backend.to_numpy(got)))).data
    got = xp.nn.label_cross_entropy_slope(g, x.data, *plain)
    expected = BODIES["nn.label_cross_entropy_slope"](xp, g, x.data, *plain)
    np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(expected), rtol=1e-11, atol=1e-14)


def test_kernels_keep_float32(backend: Any) -> None:
    x, y = zk.tensor(normal(5, 4).astype("float32"), requires_grad=True), zk.tensor(RNG.integers(0, 4, 5))
    for w in (None, [1.0, 2.0, 3.0, 4.0]):
        for reduction in ("mean", "sum"):
            out = F.cross_entropy(x, y, w, ignore_index=1, reduction=reduction)
            out.backward()
            assert out.dtype == "float32"
            assert x.grad.dtype == "float32"  # type: ignore[union-attr]


def test_cross_entropy_is_its_composition() -> None:
    a, b = (zk.tensor(normal(6, 5), requires_grad=True) for _ in range(2))
    b.data = a.data
    y = zk.tensor(RNG.integers(0, 5, 6))
    one = F.cross_entropy(a, y)
    other = -zk.take_along_axis(zk.log_softmax(b, axis=1), y[:, None], axis=1).mean()
    one.backward()
    other.backward()
    assert one.item() == pytest.approx(other.item(), rel=1e-12)
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-11, atol=1e-15)  # type: ignore[union-attr]


def test_modules_say_their_settings_and_refuse_wrong_ones_with_their_path() -> None:
    assert repr(zk.nn.CrossEntropyLoss(ignore_index=3)) == (
        "CrossEntropyLoss(ignore_index=3, label_smoothing=0.0, reduction='mean')"
    )
    with pytest.raises(InvalidValueError, match="MSELoss: reduction is"):
        zk.nn.MSELoss("avg")
    loss = zk.nn.BCEWithLogitsLoss(pos_weight=[2, 3])
    assert list(loss.state_dict()) == ["pos_weight"]
    assert loss.pos_weight is not None
    assert loss.pos_weight.dtype == "float32"
    with pytest.raises(ShapeError, match="input and target have different shapes"):
        loss(zk.zeros((4, 2)), zk.zeros(4))
