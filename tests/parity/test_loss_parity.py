"""Every loss against PyTorch's in float64: values, and gradients by every input that PyTorch differentiates by."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

import zkynet as zk  # noqa: E402
from zkynet.nn import functional as F  # noqa: E402

pytestmark = pytest.mark.slow
T = torch.nn.functional
RNG = np.random.default_rng(0)
REDUCTIONS = ("none", "mean", "sum")


def compare(
    name: str,
    arrays: list[Any],
    fixed: int = 0,
    theirs: Any = None,
    ours: Any = None,
    rtol: float = 1e-10,
    **kwargs: Any,
) -> None:
    """Run both on the same arrays; the last `fixed` of them get no gradient."""
    differentiated = len(arrays) - fixed
    mine = [zk.tensor(a, requires_grad=i < differentiated) for i, a in enumerate(arrays)]
    other = [torch.tensor(a, requires_grad=i < differentiated) for i, a in enumerate(arrays)]
    got = (ours or getattr(F, name))(*mine, **kwargs)
    expected = (theirs or getattr(T, name))(*other, **kwargs)
    assert got.shape == tuple(expected.shape)
    np.testing.assert_allclose(got.numpy(), expected.detach().numpy(), rtol=1e-11, atol=1e-13)
    g = np.random.default_rng(1).standard_normal(expected.shape)
    got.backward(zk.tensor(g))
    expected.backward(torch.tensor(g))
    for i in range(differentiated):
        theirs_grad = np.zeros_like(arrays[i]) if other[i].grad is None else other[i].grad.numpy()
        grad = np.zeros_like(arrays[i]) if mine[i].grad is None else mine[i].grad.numpy()
        np.testing.assert_allclose(grad, theirs_grad, rtol=rtol, atol=1e-12, err_msg=f"gradient by input {i}")


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape)


def signs(*shape: int) -> Any:
    return RNG.choice([-1.0, 1.0], shape)


def probabilities(*shape: int) -> Any:
    return RNG.uniform(0.01, 0.99, shape)


def distributions(*shape: int) -> Any:
    """Positive numbers with sum 1 along axis 1."""
    x = RNG.exponential(size=shape)
    return x / x.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("extra", [(), (3,), (2, 3)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_cross_entropy(extra: Any, reduction: str, weighted: bool, smoothing: float) -> None:
    shape = (5, 4, *extra)
    options: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
    weights = [RNG.uniform(0.5, 2, 4)] if weighted else []
    for ignore in (-100, 2, 7):
        labels = RNG.integers(0, 4, (5, *extra))
        labels[0] = ignore
        compare("cross_entropy", [normal(*shape), labels, *weights], 1 + weighted, ignore_index=ignore, **options)
    if not (weighted and reduction == "mean" and smoothing == 1.0):
        compare("cross_entropy", [normal(*shape), distributions(*shape), *weights], int(weighted), **options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_one_example_without_a_batch(reduction: str) -> None:
    for name in ("cross_entropy", "nll_loss", "multi_margin_loss"):
        compare(name, [normal(4), np.array(2)], 1, reduction=reduction)
        compare(
            name,
            [normal(4), np.array(2), np.array([1.0, 2, 3, 4])][: 2 + (name != "multi_margin_loss")],
            1 + (name != "multi_margin_loss"),
            reduction=reduction,
        )
    compare("cross_entropy", [normal(4), distributions(1, 4)[0]], reduction=reduction, label_smoothing=0.2)
    compare("multilabel_margin_loss", [normal(4), np.array([2, 0, -1, 1])], 1, reduction=reduction)


@pytest.mark.parametrize("extra", [(), (3,), (2, 3)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [-100, 2])
def test_nll_loss(extra: Any, reduction: str, weighted: bool, ignore: int) -> None:
    labels = RNG.integers(0, 4, (5, *extra))
    labels[0] = ignore
    weights = [RNG.uniform(0.5, 2, 4)] if weighted else []
    arrays = [normal(5, 4, *extra), labels, *weights]
    compare("nll_loss", arrays, 1 + weighted, ignore_index=ignore, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_losses(reduction: str) -> None:
    for shape in ((6,), (4, 3), (2, 3, 4), ()):
        x, t, p = 3 * normal(*shape), probabilities(*shape), probabilities(*shape)
        compare("binary_cross_entropy_with_logits", [x, t], reduction=reduction)
        compare("binary_cross_entropy", [p, t], reduction=reduction)
        compare("soft_margin_loss", [x, signs(*shape)], 1, reduction=reduction)
    x, t = 3 * normal(4, 3), probabilities(4, 3)
    for weight in (probabilities(4, 3), probabilities(3), probabilities(4, 1)):
        for name in ("binary_cross_entropy_with_logits", "binary_cross_entropy"):
            compare(name, [probabilities(4, 3), t, weight], 1, reduction=reduction)

    def positive(f: Any) -> Callable[..., Any]:
        return lambda x, t, p: f(x, t, pos_weight=p, reduction=reduction)

    for weight in (3 * probabilities(3), 3 * probabilities(4, 3), 3 * probabilities(4, 1)):
        name = "binary_cross_entropy_with_logits"
        compare(name, [x, t, weight], 1, positive(getattr(T, name)), positive(getattr(F, name)))
    for weights in ([], [probabilities(3)]):
        compare("multilabel_soft_margin_loss", [x, t.round(), *weights], 1 + len(weights), reduction=reduction)


def test_binary_cross_entropy_at_its_edges() -> None:
    x = np.array([0.0, 0.0, 1.0, 1.0, 1e-30, 0.5])
    t = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.5])
    compare("binary_cross_entropy", [x, t], 1, rtol=1e-8, reduction="none")  # PyTorch's 1e-12 is in float32
    compare("binary_cross_entropy_with_logits", [np.array([-1e4, -1e4, 1e4, 1e4, 0.0, -800.0]), t], 1, reduction="none")


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_regression_losses(reduction: str) -> None:
    for shape in ((6,), (4, 3), ()):
        x, t = 2 * normal(*shape), 2 * normal(*shape)
        for name, options in (
            ("mse_loss", {}),
            ("l1_loss", {}),
            ("huber_loss", {}),
            ("huber_loss", {"delta": 0.3}),
            ("smooth_l1_loss", {}),
            ("smooth_l1_loss", {"beta": 0.0}),
            ("smooth_l1_loss", {"beta": 2.5}),
        ):
            compare(name, [x, t], reduction=reduction, **options)
    x, t = np.array([1.0, 2.0, 0.5, 1.5]), np.array([1.0, 1.0, 1.0, 1.0])  # where formulas meet
    for name in ("l1_loss", "huber_loss", "smooth_l1_loss"):
        compare(name, [x, t], reduction=reduction)


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_kl_div(reduction: str, log_target: bool) -> None:
    x, t = np.log(distributions(4, 3)), distributions(4, 3)
    compare("kl_div", [x, np.log(t) if log_target else t], reduction=reduction, log_target=log_target)


def test_kl_div_of_what_never_happens() -> None:
    t = np.array([[0.0, 1.0], [0.5, 0.5]])
    compare("kl_div", [np.log(distributions(2, 2)), t], 1, reduction="sum")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
def test_likelihoods(reduction: str, full: bool) -> None:
    counts = RNG.integers(0, 6, (4, 3)).astype("float64")
    for log_input in (True, False):
        x = normal(4, 3) if log_input else probabilities(4, 3)
        compare("poisson_nll_loss", [x, counts], 1, log_input=log_input, full=full, reduction=reduction)
    for var in (probabilities(4, 3), probabilities(4, 1), probabilities(4), np.full((4, 3), 1e-9)):
        compare("gaussian_nll_loss", [normal(4, 3), normal(4, 3), var], full=full, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_losses_with_a_margin(reduction: str) -> None:
    x, y = normal(6), normal(6)
    for margin in (0.5, 1.0):
        compare("hinge_embedding_loss", [abs(x) * 2, signs(6)], 1, margin=margin, reduction=reduction)
        compare("margin_ranking_loss", [x, y, signs(6)], 1, margin=margin, reduction=reduction)
        compare(
            "cosine_embedding_loss", [normal(6, 3), normal(6, 3), signs(6)], 1, margin=margin - 0.5, reduction=reduction
        )
    compare("margin_ranking_loss", [x, x.copy(), signs(6)], 1, reduction=reduction)  # at the kink
    compare("cosine_embedding_loss", [normal(3), normal(3), np.array(-1.0)], 1, reduction=reduction)
    compare(
        "cosine_embedding_loss", [np.zeros((1, 3)), normal(1, 3), np.array([1.0])], 1, rtol=1e-8, reduction=reduction
    )
    labels = RNG.integers(0, 4, 5)
    for p, margin, weighted in itertools.product((1, 2), (1.0, 0.3), (False, True)):
        arrays = [normal(5, 4), labels, *([probabilities(4)] if weighted else [])]

        def run(f: Any, p: int = p, margin: float = margin) -> Callable[..., Any]:
            return lambda x, t, w=None: f(x, t, p=p, margin=margin, weight=w, reduction=reduction)

        name = "multi_margin_loss"
        compare(name, arrays, 1 + weighted, run(getattr(T, name)), run(getattr(F, name)))
    lists = np.array([[1, 3, -1, 0], [-1, 1, 2, 3], [0, 1, 2, 3], [2, -1, -1, -1], [3, 3, -1, 0]])
    compare("multilabel_margin_loss", [normal(5, 4), lists], 1, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_triplets(reduction: str, swap: bool, p: float) -> None:
    vectors = [normal(5, 3), normal(5, 3), normal(5, 3)]
    compare("triplet_margin_loss", vectors, swap=swap, p=p, margin=0.7, reduction=reduction)
    compare("triplet_margin_loss", [v[0] for v in vectors], swap=swap, p=p, reduction=reduction)
    for distance in (None, lambda a, b: (abs(a - b)).sum(-1)):
        compare(
            "triplet_margin_with_distance_loss", vectors, distance_function=distance, swap=swap, reduction=reduction
        )


def test_distances() -> None:
    x, y = normal(4, 3, 2), normal(4, 3, 2)
    for dim in (0, 1, 2, -1):
        compare("cosine_similarity", [x, y], dim=dim)
    compare("cosine_similarity", [x, normal(3, 2)], dim=-1)
    compare("cosine_similarity", [np.zeros((2, 3)), normal(2, 3)])
    for p in (0.5, 1.0, 2.0, 3.0, float("inf")):
        compare("pairwise_distance", [x, y], p=p)
        compare("pairwise_distance", [normal(4, 3), normal(3)], p=p, keepdim=True)
    compare("pairwise_distance", [x, x.copy()], eps=0.0)


def test_one_hot() -> None:
    labels = RNG.integers(0, 4, (3, 2))
    assert F.one_hot(zk.tensor(labels)).tolist() == T.one_hot(torch.tensor(labels)).tolist()
    assert F.one_hot(zk.tensor(labels), 6).tolist() == T.one_hot(torch.tensor(labels), 6).tolist()
    assert F.one_hot(zk.tensor(labels)).dtype == "int64"
