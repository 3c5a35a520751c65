"""Activation functions by their arguments, against PyTorch; dropout by what it keeps of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

pytestmark = pytest.mark.slow

CALLS: dict[str, list[tuple[Any, ...]]] = {
    "relu": [()],
    "relu6": [()],
    "leaky_relu": [(), (0.2,), (0.0,), (-0.5,), (1.5,)],
    "elu": [(), (0.3,)],
    "selu": [()],
    "celu": [(), (2.0,)],
    "gelu": [()],
    "silu": [()],
    "mish": [()],
    "sigmoid": [()],
    "logsigmoid": [()],
    "tanh": [()],
    "tanhshrink": [()],
    "softsign": [()],
    "softplus": [(), (0.5,), (3.0, 40.0)],
    "softshrink": [(), (0.0,), (1.5,)],
    "hardshrink": [(), (0.0,), (1.5,)],
    "hardsigmoid": [()],
    "hardswish": [()],
    "hardtanh": [(), (-0.2, 3.0)],
    "threshold": [(0.5, -7.0)],
    "rrelu": [(), (0.1, 0.9)],
    "glu": [(), (0,), (-2,)],
    "softmax": [(0,), (-1,)],
    "log_softmax": [(1,)],
    "softmin": [(1,)],
}
IN_FLOAT32 = {"celu", "hardsigmoid", "softplus"}
"""Of these PyTorch keeps a constant in float32, or leaves the formula far from 0."""


def points() -> np.ndarray[Any, Any]:
    """Small and large numbers, and every kink."""
    rng = np.random.default_rng(0)
    kinks = [-3.0, -1.5, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 1.5, 3.0, 6.0, 50.0, -50.0, 700.0, -700.0]
    return np.concatenate([rng.standard_normal(32) * 3, kinks]).reshape(8, 6)


@pytest.mark.parametrize(("name", "args"), [(name, args) for name, calls in CALLS.items() for args in calls])
def test_values_and_gradients_kinks_included(name: str, args: Any) -> None:
    x = points()
    g = np.random.default_rng(1).standard_normal(x.shape)
    t, z = torch.tensor(x, requires_grad=True), zk.tensor(x, requires_grad=True)
    theirs, ours = getattr(torch.nn.functional, name)(t, *args), getattr(zk.nn.functional, name)(z, *args)
    g = g.reshape(-1)[: theirs.numel()].reshape(theirs.shape)
    rtol = 1e-7 if name in IN_FLOAT32 else 1e-12
    np.testing.assert_allclose(
        ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=1e-9 if rtol > 1e-9 else 1e-13
    )
    theirs.backward(torch.tensor(g))
    ours.backward(zk.tensor(g))
    np.testing.assert_allclose(z.grad.numpy(), t.grad.numpy(), rtol=rtol * 10, atol=1e-8 if rtol > 1e-9 else 1e-12)


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4)])
def test_prelu(shape: Any) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(shape), rng.standard_normal(shape[1] if len(shape) > 1 else 1)
    results = []
    for lib in (torch, zk):
        a, b = lib.tensor(x, requires_grad=True), lib.tensor(w, requires_grad=True)
        y = lib.nn.functional.prelu(a, b)
        (y * y).sum().backward()
        results.append((y.detach().numpy(), a.grad.numpy(), b.grad.numpy()))
    for theirs, ours in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_what_alpha_dropout_makes_of_kept_and_dropped_elements(p: float) -> None:
    x = np.full(400, 0.7)
    torch.manual_seed(0)
    theirs = np.unique(torch.nn.functional.alpha_dropout(torch.tensor(x), p, training=True).numpy().round(12))
    ours = np.unique(zk.nn.functional.alpha_dropout(zk.tensor(x), p, training=True).numpy().round(12))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_factor_of_dropout(p: float) -> None:
    x = np.linspace(1, 2, 500)
    for function in ("dropout", "dropout1d"):
        shape = (500,) if function == "dropout" else (1, 500, 1)
        torch.manual_seed(0)
        theirs = getattr(torch.nn.functional, function)(torch.tensor(x.reshape(shape)), p).numpy().reshape(-1)
        ours = getattr(zk.nn.functional, function)(zk.tensor(x.reshape(shape)), p).numpy().reshape(-1)
        both = (theirs != 0) & (ours != 0)
        np.testing.assert_allclose(ours[both], theirs[both], rtol=1e-12)
