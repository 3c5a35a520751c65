"""Transformer layers and stacks against PyTorch in float64, with PyTorch's weights loaded by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

import zkynet as zk  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:enable_nested_tensor")]
RNG = np.random.default_rng(2)
B, L, S, E, H, HIDDEN = 3, 4, 5, 8, 2, 12


def with_the_same_weights(a: Any, b: Any, training: bool = True) -> tuple[Any, Any]:
    a, b = a.double().train(training), b.to(dtype="float64").train(training)
    state = {}
    for name, t in a.state_dict().items():
        state[name] = RNG.standard_normal(tuple(t.shape)) * 0.4 + (1 if "norm" in name and "weight" in name else 0)
    a.load_state_dict({name: torch.tensor(v) for name, v in state.items()})
    assert b.load_state_dict({name: zk.tensor(v) for name, v in state.items()}) == ([], [])
    return a, b


def compare(a: Any, b: Any, arrays: list[Any], call: dict[str, Any]) -> None:
    x, y = [torch.tensor(v, requires_grad=True) for v in arrays], [zk.tensor(v, requires_grad=True) for v in arrays]
    out_a = a(*x, **{k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in call.items()})
    out_b = b(*y, **{k: zk.tensor(v) if isinstance(v, np.ndarray) else v for k, v in call.items()})
    np.testing.assert_allclose(out_b.detach().numpy(), out_a.detach().numpy(), rtol=1e-9, atol=1e-11)
    cotangent = RNG.standard_normal(tuple(out_a.shape))
    (out_a * torch.tensor(cotangent)).sum().backward()
    (out_b * zk.tensor(cotangent)).sum().backward()
    found = dict(b.named_parameters())
    pairs = [(f"input {i}", p, q) for i, (p, q) in enumerate(zip(x, y, strict=True))]
    for name, p, q in pairs + [(name, p, found[name]) for name, p in a.named_parameters()]:
        size = max(float(p.grad.abs().max()), 1e-3)
        np.testing.assert_allclose(q.grad.numpy(), p.grad.numpy(), rtol=1e-9, atol=1e-10 * size, err_msg=name)


def padded(n: int) -> Any:
    out = RNG.random((B, n)) < 0.3
    out[:, 0] = False
    return out


def causal(n: int) -> Any:
    return np.triu(np.ones((n, n), bool), 1)


def batch(n: int, batch_first: bool) -> Any:
    return RNG.standard_normal((B, n, E) if batch_first else (n, B, E))


OPTIONS = [
    {},
    {"norm_first": True},
    {"activation": "gelu", "bias": False},
    {"norm_first": True, "activation": "gelu", "batch_first": True, "layer_norm_eps": 1e-3},
    {"bias": False, "norm_first": True},
]
LAYER = {"dim_feedforward": HIDDEN, "dropout": 0.0}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("masks", [(), ("mask",), ("padding",), ("mask", "padding"), ("hint",)], ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_encoder_layer(options: dict[str, Any], masks: tuple[str, ...], training: bool) -> None:
    a, b = with_the_same_weights(
        torch.nn.TransformerEncoderLayer(E, H, **LAYER, **options),
        zk.nn.TransformerEncoderLayer(E, H, **LAYER, **options),
        training,
    )
    call: dict[str, Any] = {}
    if "mask" in masks or "hint" in masks:
        call["src_mask"] = causal(L)
    if "padding" in masks:
        call["src_key_padding_mask"] = padded(L)
    if "hint" in masks:
        call["is_causal"] = True
    compare(a, b, [batch(L, options.get("batch_first", False))], call)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_decoder_layer(options: dict[str, Any], masked: bool) -> None:
    a, b = with_the_same_weights(
        torch.nn.TransformerDecoderLayer(E, H, **LAYER, **options),
        zk.nn.TransformerDecoderLayer(E, H, **LAYER, **options),
    )
    call: dict[str, Any] = {}
    if masked:
        call = {
            "tgt_mask": causal(L),
            "memory_mask": RNG.standard_normal((L, S)),
            "tgt_key_padding_mask": padded(L),
            "memory_key_padding_mask": np.where(padded(S), -np.inf, 0.0),
        }
    first = options.get("batch_first", False)
    compare(a, b, [batch(L, first), batch(S, first)], call)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_stacks(norm: bool, batch_first: bool) -> None:
    def encoder(nn: Any) -> Any:
        layer = nn.TransformerEncoderLayer(E, H, HIDDEN, 0.0, batch_first=batch_first)
        return nn.TransformerEncoder(layer, 2, nn.LayerNorm(E) if norm else None)

    def decoder(nn: Any) -> Any:
        layer = nn.TransformerDecoderLayer(E, H, HIDDEN, 0.0, batch_first=batch_first)
        return nn.TransformerDecoder(layer, 2, nn.LayerNorm(E) if norm else None)

    a, b = with_the_same_weights(encoder(torch.nn), encoder(zk.nn))
    compare(a, b, [batch(L, batch_first)], {"mask": causal(L), "is_causal": True})
    compare(*with_the_same_weights(encoder(torch.nn), encoder(zk.nn)), [batch(L, batch_first)], {})
    a, b = with_the_same_weights(decoder(torch.nn), decoder(zk.nn))
    compare(a, b, [batch(L, batch_first), batch(S, batch_first)], {"tgt_mask": causal(L), "tgt_is_causal": True})


@pytest.mark.parametrize("options", [{}, {"norm_first": True, "batch_first": True}, {"bias": False}], ids=str)
def test_transformer(options: dict[str, Any]) -> None:
    made = (E, H, 2, 2, HIDDEN, 0.0)
    a, b = with_the_same_weights(torch.nn.Transformer(*made, **options), zk.nn.Transformer(*made, **options))
    mask = np.where(causal(L), -np.inf, 0.0)
    np.testing.assert_array_equal(mask, b.generate_square_subsequent_mask(L).numpy())
    np.testing.assert_array_equal(mask, a.generate_square_subsequent_mask(L).numpy())
    hidden = padded(S)
    call = {
        "tgt_mask": mask,
        "src_key_padding_mask": np.where(hidden, -np.inf, 0.0),
        "memory_key_padding_mask": np.where(hidden, -np.inf, 0.0),
    }
    first = options.get("batch_first", False)
    compare(a, b, [batch(S, first), batch(L, first)], call)


@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
def test_the_state_goes_there_and_back(name: str) -> None:
    a, b = getattr(torch.nn, name)(E, H, HIDDEN), getattr(zk.nn, name)(E, H, HIDDEN)
    b.load_state_dict(a.state_dict())
    assert list(a.state_dict()) == list(b.state_dict())
    a.load_state_dict({k: torch.tensor(v.numpy()) for k, v in b.state_dict().items()})
