"""Weights that are computed from others: weight norm, spectral norm, and parametrizations of one's own."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, ZkynetError


class Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return (x + x.T) / 2


class Exp(nn.Module):
    def forward(self, x: Any) -> Any:
        return zk.exp(x)

    def right_inverse(self, value: Any) -> Any:
        return zk.log(value)


class Wrong(nn.Module):
    def __init__(self, result: Any) -> None:
        self.result = result

    def forward(self, x: Any) -> Any:
        return self.result


def test_weight_norm_keeps_the_weight_and_splits_its_length_off() -> None:
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().numpy().copy()
    assert nn.weight_norm(layer) is layer
    np.testing.assert_allclose(layer.weight.detach().numpy(), before, rtol=1e-6)
    assert [name for name, _ in layer.named_parameters()] == [
        "bias",
        "parametrizations.weight.original0",
        "parametrizations.weight.original1",
    ]
    lengths = layer.parametrizations.weight.original0
    np.testing.assert_allclose(lengths.detach().numpy()[:, 0], np.linalg.norm(before, axis=1), rtol=1e-6)
    layer(zk.ones((4, 3))).sum().backward()
    assert lengths.grad.shape == (2, 1)
    nn.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]
    assert layer.weight.requires_grad
    np.testing.assert_allclose(layer.weight.detach().numpy(), before, rtol=1e-6)


def test_spectral_norm_brings_the_largest_singular_value_to_1() -> None:
    zk.random.seed(0)
    layer = nn.spectral_norm(nn.Linear(6, 5), n_power_iterations=20)
    layer(zk.ones((1, 6)))
    layer.eval()
    assert abs(np.linalg.svd(layer.weight.detach().numpy())[1][0] - 1) < 1e-3
    u = layer.parametrizations.weight[0]._u.tolist()
    layer(zk.ones((1, 6)))
    assert layer.parametrizations.weight[0]._u.tolist() == u
    vector = nn.spectral_norm(nn.LayerNorm(4))
    assert abs(zk.norm(vector.weight.detach()).item() - 1) < 1e-6
    assert list(vector.state_dict()) == ["bias", "parametrizations.weight.original"]


def test_the_value_is_computed_once_a_call() -> None:
    calls = []

    class Counting(nn.Module):
        def forward(self, x: Any) -> Any:
            calls.append(1)
            return x

    class Twice(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Parameter([1.0])

        def forward(self, x: Any) -> Any:
            return self.w * x + self.w

    module = nn.register_parametrization(Twice(), "w", Counting())
    calls.clear()
    module(zk.ones(1))
    assert len(calls) == 1
    _ = (module.w, module.w)
    assert len(calls) == 3


def test_several_parametrizations_one_after_the_other() -> None:
    layer = nn.Linear(2, 2, bias=False)
    layer.load_state_dict({"weight": [[1.0, 2.0], [4.0, 3.0]]})
    original = layer.weight
    nn.register_parametrization(layer, "weight", Symmetric())
    assert layer.weight.tolist() == [[1.0, 3.0], [3.0, 3.0]]
    assert layer.parametrizations.weight.original is original
    nn.register_parametrization(layer, "weight", Exp())
    np.testing.assert_allclose(layer.weight.detach().numpy(), [[1, 3], [3, 3]], rtol=1e-6)  # exp undoes its log
    np.testing.assert_allclose(original.detach().numpy(), np.log([[1, 3], [3, 3]]), rtol=1e-6)
    assert len(layer.parametrizations.weight) == 2
    layer.weight = zk.tensor([[1.0, 2.0], [2.0, 1.0]])
    np.testing.assert_allclose(layer.weight.detach().numpy(), [[1, 2], [2, 1]], rtol=1e-6)
    nn.remove_parametrizations(layer, "weight")
    assert layer.weight is original
    np.testing.assert_allclose(original.detach().numpy(), [[1, 2], [2, 1]], rtol=1e-6)


def test_two_tensors_of_one_module_and_a_buffer() -> None:
    layer = nn.weight_norm(nn.Linear(3, 2))
    nn.register_parametrization(layer, "bias", Exp(), unsafe=True)
    assert nn.is_parametrized(layer, "weight")
    assert nn.is_parametrized(layer, "bias")
    nn.remove_parametrizations(layer, "weight")
    assert nn.is_parametrized(layer, "bias")
    assert not nn.is_parametrized(layer, "weight")
    holder = nn.Module()
    holder.register_buffer("scale", zk.ones(2))
    nn.register_parametrization(holder, "scale", Exp())
    assert list(holder.state_dict()) == ["parametrizations.scale.original"]
    nn.remove_parametrizations(holder, "scale")
    assert list(holder.state_dict()) == ["scale"]
    assert not list(holder.parameters())


def test_the_original_may_be_left_instead_of_the_value() -> None:
    layer = nn.Linear(2, 2, bias=False)
    before = layer.weight.tolist()
    nn.register_parametrization(layer, "weight", Symmetric())
    nn.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert layer.weight.tolist() == before


def test_copies_and_states(backend: Any) -> None:
    if backend.name == "jax":
        pytest.skip("the state of a module is the same on every backend")
    layer = nn.weight_norm(nn.Linear(3, 2))
    other = copy.deepcopy(layer)
    assert other.weight.tolist() == layer.weight.tolist()
    assert type(other) is type(layer)
    other.load_state_dict({name: value * 2 for name, value in layer.state_dict().items()})
    np.testing.assert_allclose(other.weight.detach().numpy(), 2 * layer.weight.detach().numpy(), rtol=1e-6)
    model = nn.Sequential(nn.spectral_norm(nn.Linear(3, 2))).double()
    assert model(zk.ones((1, 3), dtype="float64")).dtype == "float64"
    assert "ParametrizedLinear(in_features=3" in repr(model)
    assert "0.parametrizations.weight.0._u" in model.state_dict()


def test_gradients_flow_to_the_originals_twice(backend: Any) -> None:
    if backend.name == "jax":
        pytest.skip("made of ops that have their own tests there")
    layer = nn.weight_norm(nn.Linear(3, 2)).double()
    x = zk.asarray(np.random.default_rng(0).standard_normal((4, 3)))
    g, v = (layer.get_parameter(f"parametrizations.weight.original{i}") for i in (0, 1))

    def loss(g: Any, v: Any) -> Any:
        names = ("parametrizations.weight.original0", "parametrizations.weight.original1")
        return zk.tanh(nn.functional_call(layer, dict(zip(names, (g, v), strict=True)), x))

    assert zk.gradcheck(loss, (g.detach(), v.detach()), order=2)


MISTAKES = {
    "no such name": (lambda m: nn.weight_norm(m, "wait"), InvalidValueError, "no parameter or buffer 'wait'"),
    "no such name for sigma": (
        lambda m: nn.spectral_norm(m, "wait"),
        InvalidValueError,
        "no parameter or buffer 'wait'",
    ),
    "not a module": (lambda m: nn.register_parametrization(m, "weight", zk.tanh), ArgumentError, "are modules"),
    "shape": (lambda m: nn.register_parametrization(m, "weight", Wrong(zk.ones(3))), ShapeError, "changes its shape"),
    "dtype": (
        lambda m: nn.register_parametrization(m, "weight", Wrong(zk.ones((2, 3), dtype="float64"))),
        DTypeError,
        "changes its dtype",
    ),
    "no tensor": (lambda m: nn.register_parametrization(m, "weight", Wrong(3)), ArgumentError, "returned int"),
    "not square": (lambda m: nn.register_parametrization(m, "weight", Symmetric()), ZkynetError, "do not broadcast"),
    "iterations": (lambda m: nn.spectral_norm(m, n_power_iterations=0), InvalidValueError, "at least 1"),
    "axis": (lambda m: nn.weight_norm(m, dim=2), ShapeError, "there is no axis 2"),
    "nothing to remove": (
        lambda m: nn.remove_parametrizations(m, "weight"),
        InvalidValueError,
        "no parametrized tensor",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained_and_change_nothing(name: str) -> None:
    layer = nn.Linear(3, 2)
    before = layer.state_dict()
    call, kind, text = MISTAKES[name]
    with pytest.raises(kind) as caught:
        call(layer)
    assert text in str(caught.value)
    assert type(layer) is nn.Linear
    after = layer.state_dict()
    assert list(after) == list(before)
    assert all(zk.array_equal(after[key], value) for key, value in before.items())


def test_a_weight_without_a_shape_is_refused() -> None:
    for how in (nn.weight_norm, nn.spectral_norm):
        with pytest.raises(InvalidValueError, match="no shape yet"):
            how(nn.Linear(None, 2))


def test_an_original_of_several_tensors_cannot_be_left() -> None:
    layer = nn.weight_norm(nn.Linear(3, 2))
    with pytest.raises(InvalidValueError, match="computed from 2 tensors"):
        nn.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert nn.is_parametrized(layer, "weight")
