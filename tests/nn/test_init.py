"""Initial values: their distributions by the published formulas, and the same numbers on every backend."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, UnsizedError

nn = zk.nn
init = nn.init

SHAPE = (60, 20, 3, 3)  # of a convolution: fan in 20 * 9, fan out 60 * 9
FAN_IN, FAN_OUT = 180, 540


def filled(f: Callable[..., Any], *args: Any, shape: Any = SHAPE, **kwargs: Any) -> np.ndarray[Any, Any]:
    w = zk.zeros(shape, requires_grad=True)
    zk.random.seed(0)
    assert f(w, *args, **kwargs) is w
    assert w.requires_grad
    assert w.dtype == "float32"
    return w.numpy()


@pytest.mark.parametrize(
    ("fill", "bound"),
    [
        (lambda w: init.uniform_(w, -0.5, 0.5), 0.5),
        (lambda w: init.xavier_uniform_(w), math.sqrt(6 / (FAN_IN + FAN_OUT))),
        (lambda w: init.xavier_uniform_(w, 2.0), 2 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
        (lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), math.sqrt(2) * math.sqrt(3 / FAN_IN)),
        (lambda w: init.kaiming_uniform_(w, mode="fan_out", nonlinearity="linear"), math.sqrt(3 / FAN_OUT)),
        (lambda w: init.kaiming_uniform_(w, a=math.sqrt(5)), math.sqrt(2 / 6) * math.sqrt(3 / FAN_IN)),
    ],
)
def test_even_distributions(fill: Any, bound: float) -> None:
    values = filled(fill).ravel()
    assert stats.kstest(values, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.001
    assert stats.kstest(values, stats.uniform(-bound * 1.1, 2.2 * bound).cdf).pvalue < 1e-6  # the test has power


@pytest.mark.parametrize(
    ("fill", "mean", "std"),
    [
        (lambda w: init.normal_(w, 1.0, 0.5), 1.0, 0.5),
        (lambda w: init.xavier_normal_(w), 0.0, math.sqrt(2 / (FAN_IN + FAN_OUT))),
        (lambda w: init.kaiming_normal_(w, nonlinearity="relu"), 0.0, math.sqrt(2 / FAN_IN)),
        (lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="tanh"), 0.0, 5 / 3 / math.sqrt(FAN_OUT)),
    ],
)
def test_normal_distributions(fill: Any, mean: float, std: float) -> None:
    values = filled(fill).ravel()
    assert stats.kstest(values, stats.norm(mean, std).cdf).pvalue > 0.001
    assert stats.kstest(values, stats.norm(mean, std * 1.1).cdf).pvalue < 1e-6


def test_truncated_normal() -> None:
    values = filled(init.trunc_normal_, 0.5, 2.0, -1.0, 3.0).ravel()
    assert values.min() >= -1
    assert values.max() <= 3
    assert stats.kstest(values, stats.truncnorm(-0.75, 1.25, 0.5, 2.0).cdf).pvalue > 0.001


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (4, 3, 3, 3)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    flat = filled(init.orthogonal_, 2.0, shape=shape).reshape(shape[0], -1).astype("float64")
    if flat.shape[0] > flat.shape[1]:
        flat = flat.T
    np.testing.assert_allclose(flat @ flat.T, 4 * np.eye(flat.shape[0]), atol=1e-5)


def test_orthogonal_is_even_over_signs() -> None:
    zk.random.seed(0)
    corners = [init.orthogonal_(zk.zeros((2, 2)))[0, 0].item() > 0 for _ in range(200)]
    assert 60 < sum(corners) < 140


def test_sparse() -> None:
    values = filled(init.sparse_, 0.25, 2.0, shape=(40, 300))
    assert ((values == 0).sum(axis=0) == 10).all()
    assert stats.kstest(values[values != 0], stats.norm(0, 2).cdf).pvalue > 0.001
    assert len({tuple(np.flatnonzero(c == 0)) for c in values.T}) > 290  # other places in every column


def test_fixed_values() -> None:
    assert np.all(filled(init.ones_) == 1)
    assert np.all(filled(init.zeros_) == 0)
    assert np.all(filled(init.constant_, 3.5) == 3.5)
    assert np.array_equal(filled(init.eye_, shape=(3, 2)), np.eye(3, 2))
    x = zk.reshape(zk.arange(12.0), (2, 6))
    w = filled(init.dirac_, 2, shape=(4, 3, 5))
    assert w.sum() == 4
    for i, j in ((0, 0), (1, 1), (2, 0), (3, 1)):
        assert w[i, j, 2] == 1
    assert x.shape == (2, 6)


def test_the_dtype_and_the_place_are_kept(backend: Any) -> None:
    w = zk.zeros((3, 4), dtype="float64")
    init.kaiming_uniform_(w)
    assert w.dtype == "float64"
    if backend.supports(zk.float16):
        half = init.normal_(zk.zeros((300,), dtype="float16"))
        assert half.dtype == "float16"
        assert 0.8 < half.float().std().item() < 1.2
    device = backend.devices()[-1]
    assert init.normal_(zk.zeros((3,), device=device)).device == device


def test_a_generator_of_ones_own() -> None:
    a = init.normal_(zk.zeros(5), generator=zk.random.Generator(7))
    zk.random.seed(1)
    b = init.normal_(zk.zeros(5), generator=zk.random.Generator(7))
    assert np.array_equal(a.numpy(), b.numpy())


def test_the_same_seed_gives_the_same_weights_on_every_backend(backend: Any) -> None:
    def weights() -> list[Any]:
        zk.random.seed(3)
        model = nn.Sequential(nn.Linear(5, 7), nn.Bilinear(2, 3, 4), nn.Embedding(6, 3))
        init.sparse_(model[0].weight, 0.5)
        return [p.numpy() for p in model.parameters()]

    ours = weights()
    with zk.use_backend("numpy"):
        theirs = weights()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_the_default_of_linear_is_that_of_pytorch() -> None:
    zk.random.seed(0)
    layer = nn.Linear(100, 300)
    for values in (layer.weight, layer.bias):
        assert stats.kstest(values.numpy().ravel(), stats.uniform(-0.1, 0.2).cdf).pvalue > 0.001  # type: ignore[union-attr]


def test_lsuv_gives_every_layer_unit_variance() -> None:
    zk.random.seed(0)

    class Deep(nn.Module):
        def __init__(self) -> None:
            self.layers = [nn.Linear(30, 30) for _ in range(6)]
            self.unused = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(zk.tanh(x))
            return x

    model = Deep()
    x = zk.random.normal(0.0, 3.0, (200, 30))
    before = model.unused.weight.tolist()
    assert init.lsuv_(model, x, tolerance=0.02) is model
    for layer in model.layers:
        x = layer(zk.tanh(x))
        assert abs(x.std().item() - 1) < 0.02
    assert model.unused.weight.tolist() == before
    assert model.training


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: init.normal_(np.zeros(3)), ArgumentError, "fills a tensor"),
        (lambda: init.normal_(zk.zeros(3, dtype="int64")), ArgumentError, "floating tensor"),
        (lambda: init.normal_(nn.Linear(None, 3).weight), UnsizedError, "no shape yet"),
        (lambda: init.kaiming_normal_(zk.zeros(3)), ShapeError, "at least 2 axes"),
        (lambda: init.kaiming_normal_(zk.zeros((3, 3)), mode="fan"), InvalidValueError, "'fan_in' or 'fan_out'"),
        (
            lambda: init.kaiming_normal_(zk.zeros((3, 3)), nonlinearity="gelu"),
            InvalidValueError,
            "no activation 'gelu'",
        ),
        (lambda: init.eye_(zk.zeros((3, 3, 3))), ShapeError, "fills a matrix"),
        (lambda: init.dirac_(zk.zeros((3, 3, 3)), 2), InvalidValueError, "2 groups"),
        (lambda: init.sparse_(zk.zeros((3, 3)), 1.5), InvalidValueError, "share of zeros"),
        (lambda: init.uniform_(zk.zeros(3), "a"), ArgumentError, "a is a plain number"),
        (lambda: init.lsuv_(zk.zeros(3), zk.ones(3)), ArgumentError, "expected a module"),
    ],
)
def test_mistakes(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
