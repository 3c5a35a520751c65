"""Dropout and its kin: what is dropped, how often, and that the same seed drops the same places everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F

LAYERS = {
    "Dropout": (400, 5),
    "Dropout1d": (40, 50, 3),
    "Dropout2d": (40, 50, 2, 2),
    "Dropout3d": (40, 50, 1, 2, 2),
    "DropPath": (2000, 3),
}
AXES_OF_A_MASK = {"Dropout": 2, "Dropout1d": 2, "Dropout2d": 2, "Dropout3d": 2, "DropPath": 1}


@pytest.mark.parametrize("kind", LAYERS)
def test_what_is_dropped_and_how_often(kind: str) -> None:
    p, shape = 0.3, LAYERS[kind]
    zk.random.seed(1)
    layer = getattr(zk.nn, kind)(p)
    x = zk.ones(shape).requires_grad_()
    y = layer(x)
    values = y.detach().numpy()
    np.testing.assert_allclose(np.unique(values), [0, 1 / 0.7], rtol=1e-6)
    whole = values.reshape(*shape[: AXES_OF_A_MASK[kind]], -1)
    assert (whole == whole[..., :1]).all()
    dropped = (whole[..., 0] == 0).mean()
    assert abs(dropped - p) < 5 * np.sqrt(p * (1 - p) / whole[..., 0].size)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), values)
    assert layer.eval()(x) is x


def test_another_call_drops_other_places_and_the_seed_repeats_them() -> None:
    x = zk.ones(200)
    zk.random.seed(0)
    first, second = F.dropout(x), F.dropout(x)
    assert first.tolist() != second.tolist()
    zk.random.seed(0)
    assert F.dropout(x).tolist() == first.tolist()
    a, b = (F.dropout(x, generator=zk.random.Generator(5)) for _ in range(2))
    assert a.tolist() == b.tolist()


def test_the_same_seed_drops_the_same_places_on_every_backend(backend: Any) -> None:
    def run() -> Any:
        zk.random.seed(7)
        x = zk.tensor(np.linspace(-1, 1, 48, dtype="float32").reshape(2, 3, 8))
        return [
            f(x, 0.4, True) for f in (F.dropout, F.dropout1d, F.alpha_dropout, F.feature_alpha_dropout, F.drop_path)
        ]

    here = run()
    with zk.use_backend("numpy"):
        there = run()
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)


def test_the_mask_is_drawn_where_the_input_lives(backend: Any) -> None:
    x = zk.ones(10)
    with zk.use_backend("numpy"):
        assert F.dropout(x).backend is backend
    if backend.name == "strict":
        y = F.dropout(x.to_device("device1"))
        assert y.device == "device1"


@pytest.mark.parametrize("function", [F.dropout, F.drop_path, F.alpha_dropout])
def test_second_derivatives(function: Any, backend: Any) -> None:
    def f(x: Any) -> Any:
        return function(x * x * x, 0.5, True, generator=zk.random.Generator(2))

    x = zk.tensor(np.random.default_rng(0).standard_normal((4, 3)))
    assert zk.gradcheck(f, x, order=1 if backend.name == "jax" else 2)


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    zk.random.seed(0)
    x = zk.random.normal(0.0, 1.0, (200, 300))
    for function, error in ((F.alpha_dropout, 0.03), (F.feature_alpha_dropout, 0.03)):
        y = function(x, 0.25, training=True).numpy()
        assert abs(y.mean()) < error
        assert abs(y.var() - 1) < error
    layer = zk.nn.AlphaDropout(0.25)
    assert layer.eval()(x) is x


def test_probabilities_of_0_and_1_are_exact() -> None:
    x = zk.tensor([1.0, -2.0, 3.0])
    for function in (F.dropout, F.alpha_dropout, F.drop_path):
        assert function(x, 0.0, True) is x
        assert zk.abs(function(x, 1.0, True)).tolist() == [0.0, 0.0, 0.0]


def test_what_is_not_finite_is_not_hidden() -> None:
    y = F.dropout(zk.tensor([float("nan"), float("inf"), 1.0]), 1.0)
    assert np.isnan(y.numpy()).tolist() == [True, True, False]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_the_dtype_stays(dtype: str, backend: Any) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    x = zk.ones((50, 4)).astype(dtype).requires_grad_()
    for function in (F.dropout, F.alpha_dropout):
        y = function(x, 0.5, True)
        assert y.dtype == dtype
        y.sum().backward()
        assert x.grad.dtype == dtype
    assert set(np.unique(F.dropout(x, 0.5).detach().numpy().astype("float64"))) == {0.0, 2.0}


def test_an_empty_batch_stays_empty() -> None:
    for kind, shape in LAYERS.items():
        x = zk.zeros((0, *shape[1:])).requires_grad_()
        y = getattr(zk.nn, kind)(0.5)(x)
        assert y.shape == x.shape
        y.sum().backward()
        assert x.grad.shape == x.shape


MISTAKES = {
    "p above 1": (lambda: zk.nn.Dropout(1.5), InvalidValueError, "from 0 to 1, received 1.5"),
    "negative p": (lambda: F.dropout(zk.ones(2), -0.1), InvalidValueError, "received -0.1"),
    "no number": (lambda: zk.nn.Dropout(float("nan")), InvalidValueError, "received nan"),
    "a word": (lambda: zk.nn.Dropout("half"), ArgumentError, "plain number"),
    "integers": (lambda: F.dropout(zk.ones(2, dtype="int64")), DTypeError, "computes with floats"),
    "rank": (lambda: zk.nn.Dropout2d()(zk.ones((2, 3))), ShapeError, "3 or 4 axes, received 2"),
    "channels": (lambda: F.feature_alpha_dropout(zk.ones(3), training=True), ShapeError, "at least 2 axes"),
    "examples": (lambda: zk.nn.DropPath()(zk.tensor(1.0)), ShapeError, "no axis of examples"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name: str) -> None:
    call, kind, text = MISTAKES[name]
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)
