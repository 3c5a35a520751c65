"""Transformers: generation with caches, records of a whole model, training, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError

RNG = np.random.default_rng(0)
B, L, S, E, H = 2, 4, 3, 8, 2


def tensor(*shape: int) -> Any:
    return zk.tensor(RNG.standard_normal(shape))


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12)


def encoder(**kwargs: Any) -> Any:
    zk.random.seed(0)
    layer = nn.TransformerEncoderLayer(E, H, 12, 0.0, **{"batch_first": True, "dtype": "float64"} | kwargs)
    stack = nn.TransformerEncoder(layer, 2)
    stack.reset_parameters()
    return stack


def decoder(**kwargs: Any) -> Any:
    zk.random.seed(0)
    layer = nn.TransformerDecoderLayer(E, H, 12, 0.0, **{"batch_first": True, "dtype": "float64"} | kwargs)
    stack = nn.TransformerDecoder(layer, 2, nn.LayerNorm(E, dtype="float64"))
    stack.reset_parameters()
    return stack


def test_generation_with_an_encoder_alone_as_in_gpt() -> None:
    model, x = encoder(norm_first=True, num_kv_heads=1, rotary=nn.RotaryEncoding(4)), tensor(B, L, E)
    full, cache = model(x, is_causal=True), nn.KeyValueCache()
    parts = [model(x[:, a:b], is_causal=True, cache=cache) for a, b in ((0, 2), (2, 3), (3, 4))]
    close(zk.concat(parts, axis=1), full)
    assert repr(cache) == "KeyValueCache(4 tokens in 2 layers)"


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"norm_first": True}, {"batch_first": False}], ids=str)
def test_generation_with_a_decoder(options: dict[str, Any]) -> None:
    model = decoder(**options)
    first = options.get("batch_first", True)
    x, memory = (tensor(B, L, E), tensor(B, S, E)) if first else (tensor(L, B, E), tensor(S, B, E))
    hidden = zk.tensor(np.array([[False, False, True], [False] * 3]))
    full = model(x, memory, tgt_is_causal=True, memory_key_padding_mask=hidden)
    cache, parts = nn.KeyValueCache(), []
    for t in range(L):
        part = x[:, t : t + 1] if first else x[t : t + 1]
        parts.append(model(part, memory, tgt_is_causal=True, memory_key_padding_mask=hidden, cache=cache))
    close(zk.concat(parts, axis=1 if first else 0), full)


def test_causal_is_the_usual_mask() -> None:
    x, memory, model, stack = tensor(B, L, E), tensor(B, S, E), encoder(), decoder()
    mask = nn.Transformer.generate_square_subsequent_mask(L)
    close(model(x, is_causal=True), model(x, mask=mask))
    close(stack(x, memory, tgt_is_causal=True), stack(x, memory, tgt_mask=mask))


def test_a_failed_step_leaves_the_cache_as_it_was() -> None:
    model, x, memory, cache = decoder(), tensor(B, L, E), tensor(B, S, E), nn.KeyValueCache()
    model(x[:, :1], memory, tgt_is_causal=True, cache=cache)
    with pytest.raises(ShapeError):
        model(x[:, 1:2], tensor(B, S, E + 1), tgt_is_causal=True, cache=cache)
    assert cache.length == 1
    assert {cache.length_of(layer.self_attn) for layer in model.layers} == {1}


def test_weights_of_the_whole_model() -> None:
    zk.random.seed(0)
    model = nn.Transformer(E, H, 2, 1, 12, batch_first=True)
    with nn.record_attention(model) as weights:
        model(zk.ones((B, S, E)), zk.ones((B, L, E)), tgt_is_causal=True)
    assert {name: w.shape for name, w in weights.items()} == {
        "encoder.layers.0.self_attn": (B, H, S, S),
        "encoder.layers.1.self_attn": (B, H, S, S),
        "decoder.layers.0.self_attn": (B, H, L, L),
        "decoder.layers.0.multihead_attn": (B, H, L, S),
    }
    causal = weights["decoder.layers.0.self_attn"].detach().numpy()
    assert not np.any(causal[..., ~np.tri(L, dtype=bool)])


def test_layers_are_copies_until_they_are_reset() -> None:
    stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, H, 12), 2)
    a, b = (layer.linear1.weight for layer in stack.layers)
    assert a is not b
    close(a, b)
    stack.reset_parameters()
    assert np.abs(a.detach().numpy() - b.detach().numpy()).max() > 0.01


def test_dropout_is_for_training() -> None:
    zk.random.seed(0)
    layer, x = nn.TransformerEncoderLayer(E, H, 12, dropout=0.5, batch_first=True), zk.ones((B, L, E))
    kept = layer.eval()(x).detach().numpy()
    np.testing.assert_array_equal(kept, layer(x).detach().numpy())
    assert np.abs(layer.train()(x).detach().numpy() - kept).max() > 1e-3


def test_any_function_may_be_the_activation() -> None:
    model = nn.TransformerEncoderLayer(E, H, 12, 0.0, zk.silu)
    x = zk.ones((L, B, E))
    inner = model.norm1(x + model.self_attn(x)[0])
    close(model(x), model.norm2(inner + model.linear2(zk.silu(model.linear1(inner)))))


def test_a_model_learns_to_copy() -> None:
    zk.random.seed(0)
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, H, 16, 0.0, batch_first=True, norm_first=True), 1)
    x = zk.tensor(RNG.standard_normal((8, L, E)).astype("float32"))
    losses = []
    for _ in range(15):
        model.zero_grad()
        loss = zk.mean((model(x) - zk.roll(x, 1, axis=1)) ** 2)
        loss.backward()
        losses.append(loss.item())
        for p in model.parameters():
            p.data = p.detach() - 0.3 * p.grad
    assert losses[-1] < 0.85 * losses[0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.TransformerEncoderLayer(10, 4), InvalidValueError, "10 features cannot be shared evenly by 4"),
        (lambda: nn.TransformerEncoderLayer(E, H, activation="selu"), InvalidValueError, "received str: 'selu'"),
        (lambda: nn.TransformerEncoderLayer(E, H, 0), InvalidValueError, "dim_feedforward"),
        (lambda: nn.TransformerEncoder(lambda x: x, 2), ArgumentError, "copies of a layer"),
        (lambda: nn.TransformerEncoder(nn.Identity(), 0), InvalidValueError, "num_layers"),
        (lambda: encoder()(tensor(B, L, E + 1)), ShapeError, "TransformerEncoder.layers.0.self_attn"),
        (lambda: encoder()(tensor(B, L, E), mask=tensor(L, L + 1)), ShapeError, "4 queries and 4 keys"),
        (
            lambda: decoder()(tensor(B, L, E), tensor(B + 1, S, E)),
            ShapeError,
            "batches differ: 2 of queries, 3 of keys",
        ),
    ],
)
def test_bad_arguments(call: Any, error: Any, words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
