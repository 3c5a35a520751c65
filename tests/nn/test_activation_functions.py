"""Activations of `nn`: what the table of layers cannot say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F

SAME = {
    "relu": (),
    "relu6": (),
    "leaky_relu": (0.2,),
    "elu": (0.7,),
    "selu": (),
    "celu": (1.3,),
    "silu": (),
    "mish": (),
    "hardsigmoid": (),
    "hardswish": (),
    "hardtanh": (-0.5, 0.5),
    "threshold": (0.1, 2.0),
}


@pytest.mark.parametrize("name", SAME)
def test_inplace_is_taken_and_writes_nothing(name: str) -> None:
    x = zk.tensor([-2.0, -0.3, 0.2, 3.0])
    y = getattr(F, name)(x, *SAME[name], inplace=True)
    assert y is not x
    assert x.tolist() == zk.tensor([-2.0, -0.3, 0.2, 3.0]).tolist()
    assert y.tolist() == getattr(zk, name)(x, *SAME[name]).tolist()


def test_layers_take_inplace_where_pytorch_has_it() -> None:
    kinds = [
        "ReLU",
        "ReLU6",
        "LeakyReLU",
        "ELU",
        "SELU",
        "CELU",
        "SiLU",
        "Mish",
        "Hardsigmoid",
        "Hardswish",
        "Hardtanh",
    ]
    for kind in [*kinds, "RReLU", "Dropout", "Dropout2d", "AlphaDropout"]:
        assert getattr(zk.nn, kind)(inplace=True)(zk.ones((2, 3, 4))).shape == (2, 3, 4)
    assert zk.nn.Swish is zk.nn.SiLU


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_the_axis_of_a_softmax_has_to_be_said(name: str) -> None:
    with pytest.raises(ArgumentError, match="dim is missing"):
        getattr(F, name)(zk.ones((2, 3)))
    with pytest.raises(ArgumentError, match="dim is missing"):
        zk.nn.Softmax()
    assert getattr(F, name)(zk.ones((2, 3)), 1, dtype="float64").dtype == "float64"


GATES = {"swiglu": zk.silu, "geglu": zk.gelu, "reglu": zk.relu, "glu": zk.sigmoid}


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("dim", [0, -1])
def test_gated_units_are_half_times_activated_half(name: str, dim: int, backend: Any) -> None:
    x = zk.tensor(np.random.default_rng(0).standard_normal((4, 6)))
    value, gated = zk.split(x, 2, axis=dim)
    np.testing.assert_allclose(getattr(F, name)(x, dim).numpy(), (value * GATES[name](gated)).numpy(), rtol=1e-12)
    if backend.name != "jax" or dim:
        assert zk.gradcheck(lambda x: getattr(F, name)(x, dim), x, order=1 if backend.name == "jax" else 2)
    with pytest.raises(ShapeError, match="odd length"):
        getattr(F, name)(zk.ones((3, 5)), dim)


def test_gated_units_at_infinity_are_the_limits() -> None:
    x = zk.tensor([1.0, 1.0, -float("inf"), float("inf")]).requires_grad_()
    for function in (F.swiglu, F.geglu, F.reglu):
        y = function(x)
        assert y.tolist() == [0.0, float("inf")]
        (g,) = zk.gradients(y.sum(), [x])
        assert g[2:].tolist() == [0.0, 1.0]


def test_prelu_slopes(backend: Any) -> None:
    x = zk.tensor(np.random.default_rng(0).standard_normal((2, 3, 4)) + 0.2)
    w = zk.tensor([0.1, -0.3, 2.0], dtype="float64")
    assert zk.gradcheck(F.prelu, (x, w), order=1 if backend.name == "jax" else 2)
    expected = np.where(x.numpy() > 0, x.numpy(), x.numpy() * w.numpy()[:, None])
    np.testing.assert_allclose(F.prelu(x, w).numpy(), expected, rtol=1e-12)
    for bad, shape in ((zk.ones(2), (2, 3)), (zk.ones(3), (3,)), (zk.ones((1, 3)), (2, 3))):
        with pytest.raises(ShapeError, match="weight has the shape"):
            F.prelu(zk.ones(shape), bad)
    with pytest.raises(DTypeError):
        F.prelu(zk.ones(3, dtype="int64"), zk.ones(1))


def test_rrelu_draws_slopes_while_training() -> None:
    x = zk.full((4000,), -2.0)
    x.requires_grad_()
    layer = zk.nn.RReLU(0.2, 0.6)
    zk.random.seed(3)
    y = layer(x)
    slope = -y.detach().numpy() / 2
    assert slope.min() >= 0.2
    assert slope.max() <= 0.6
    assert abs(slope.mean() - 0.4) < 5 * 0.4 / np.sqrt(12 * 4000)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), slope, rtol=1e-6)
    zk.random.seed(3)
    assert layer(x).tolist() == y.tolist()
    assert layer.eval()(x).tolist() == zk.full((4000,), -0.8).tolist()
    with pytest.raises(InvalidValueError, match="lower"):
        zk.nn.RReLU(0.5, 0.2)


def test_gumbel_softmax_draws_categories_with_their_probabilities(backend: Any) -> None:
    p = np.array([0.5, 0.3, 0.2])
    logits = zk.tensor(np.log(np.tile(p, (4000, 1)))).requires_grad_()
    zk.random.seed(0)
    hard = F.gumbel_softmax(logits, hard=True)
    assert set(np.unique(hard.detach().numpy())) == {0.0, 1.0}
    assert (hard.sum(axis=-1) == 1).all()
    assert np.all(abs(hard.detach().numpy().mean(0) - p) < 5 * np.sqrt(p * (1 - p) / 4000))
    if backend.name == "jax":
        return  # the rest would compile twenty more programs of which none is JAX's own
    zk.random.seed(0)
    soft = F.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.detach().numpy().sum(-1), 1, rtol=1e-9)
    w = zk.tensor([1.0, 2.0, 3.0], dtype="float64")
    zk.random.seed(0)
    (soft_gradient,) = zk.gradients((F.gumbel_softmax(logits) * w).sum(), [logits])
    (hard_gradient,) = zk.gradients((hard * w).sum(), [logits])
    np.testing.assert_allclose(hard_gradient.numpy(), soft_gradient.numpy(), rtol=1e-9, atol=1e-12)
    assert F.gumbel_softmax(logits[:5], hard=True, dim=0).sum(axis=0).tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(InvalidValueError, match="tau"):
        F.gumbel_softmax(logits, tau=0.0)


def test_settings_are_checked_when_a_layer_is_made() -> None:
    with pytest.raises(InvalidValueError, match='"none" or "tanh"'):
        zk.nn.GELU("erf")
    with pytest.raises(InvalidValueError, match="GEGLU"):
        zk.nn.GEGLU(approximate="erf")
    with pytest.raises(ArgumentError, match="negative_slope"):
        zk.nn.LeakyReLU("steep")
    with pytest.raises(ShapeError, match="Softmax2d"):
        zk.nn.Softmax2d()(zk.ones((2, 3)))


def test_large_arrays_are_activated_as_small_ones_are(backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("the backend that works in blocks")
    from zkynet_numpy.blocks import KERNELS, SIZE

    from zkynet.backend.namespace import BODIES

    for dtype in ("float32", "float64", "float16"):
        x = (np.random.default_rng(0).standard_normal(SIZE + 100) * 3).astype(dtype)
        x[:5] = [np.inf, -np.inf, np.nan, 0.0, 6e4]
        with backend.quiet():
            for name, kernel in KERNELS.items():
                for more in ((),) if not name.startswith("gelu") else (("none",), ("tanh",)):
                    more = (1.0,) if name in ("elu", "celu") else more
                    expected = BODIES[name](backend.xp, x, *more)
                    got = kernel(backend.xp, x.reshape(2, -1), *more)
                    assert got.dtype == expected.dtype
                    tolerance = {"float32": 3e-7, "float64": 1e-14, "float16": 1e-3}[dtype]
                    np.testing.assert_allclose(got.reshape(-1), expected, rtol=tolerance, atol=tolerance)
