"""Attention layers: what PyTorch has no counterpart for, caches, records, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F

RNG = np.random.default_rng(0)
B, H, L, E = 2, 4, 5, 16


def tensor(*shape: int) -> Any:
    return zk.tensor(RNG.standard_normal(shape))


def attention(**kwargs: Any) -> Any:
    zk.random.seed(1)
    return nn.MultiheadAttention(E, H, **{"batch_first": True, "dtype": "float64"} | kwargs)


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12)


# -- multi-head attention ------------------------------------------------------------------------------------------


def test_causal_without_a_mask_is_the_causal_mask() -> None:
    x = tensor(B, L, E)
    for layer in (attention(), attention(add_bias_kv=True, add_zero_attn=True)):
        out, weights = layer(x, is_causal=True)
        expected, shares = layer(x, x, x, attn_mask=~F.causal_mask(L))
        close(out, expected)
        close(weights, shares)
        close(layer(x, is_causal=True, attn_mask=F.causal_mask(L, dtype="float64"))[0], expected)


def test_true_hides_here_and_takes_part_in_the_function() -> None:
    x, layer = tensor(B, L, E), attention()
    hidden = zk.tensor(np.eye(L, k=1, dtype=bool))
    weights = layer(x, attn_mask=hidden, average_attn_weights=False)[1]
    assert not np.any(weights.numpy()[..., hidden.numpy()])
    q, k, v = tensor(B, L, E), tensor(B, L, E), tensor(B, L, E)
    shares = F.scaled_dot_product_attention(q, k, v, hidden, return_weights=True)[1].numpy()
    assert not np.any(shares[..., ~hidden.numpy()])


def test_a_mask_of_four_axes() -> None:
    x, layer = tensor(B, L, E), attention()
    bias = tensor(H, L, L)
    close(layer(x, attn_mask=bias[None])[0], layer(x, attn_mask=zk.concat([bias] * B))[0])


def test_what_sees_nothing_gives_the_bias_of_the_last_projection() -> None:
    layer, x = attention(), tensor(B, L, E)
    for call in ({"need_weights": True}, {"need_weights": False}):
        out, _ = layer(x, key_padding_mask=zk.tensor(np.array([[True] * L, [False] * L])), **call)
        close(out[0], zk.zeros((L, E), dtype="float64") + layer.out_proj.bias)


def test_shared_heads_are_repeated_heads() -> None:
    grouped, full = attention(num_kv_heads=2), attention()
    assert grouped.in_proj_weight.shape == (E + 2 * (E // 2), E)
    state = grouped.state_dict()
    for name in ("in_proj_weight", "in_proj_bias"):
        a = state[name].numpy()
        parts = [a[:E]]
        for part in (a[E : E + E // 2], a[E + E // 2 :]):
            heads = part.reshape(2, E // H, *a.shape[1:])
            parts.append(np.repeat(heads, 2, axis=0).reshape(E, *a.shape[1:]))
        state[name] = zk.tensor(np.concatenate(parts))
    full.load_state_dict(state)
    x, m = tensor(B, L, E), tensor(B, 3, E)
    for args, call in (((x,), {"is_causal": True}), ((x, m, m), {}), ((x, m, m + 1), {})):
        (out, weights), (expected, shares) = (each(*args, **call) for each in (grouped, full))
        close(out, expected)
        close(weights, shares)


def test_a_gradient_reaches_every_parameter() -> None:
    for kind in ({}, {"kdim": 3, "vdim": 7, "add_bias_kv": True}, {"num_kv_heads": 1}):
        layer = attention(**kind)
        k, v = tensor(B, 3, layer.kdim), tensor(B, 3, layer.vdim)
        zk.sum(layer(tensor(B, L, E), k, v)[0] ** 2).backward()
        for name, p in layer.named_parameters():
            assert p.grad is not None, name
            assert p.shape == p.grad.shape


def test_dropout_drops_weights_in_training_alone() -> None:
    layer, x = attention(dropout=0.5), tensor(B, L, E)
    kept, weights = layer.eval()(x)
    close(kept, attention()(x)[0])
    zk.random.seed(3)
    dropped, same = layer.train()(x)
    assert np.abs(dropped.numpy() - kept.numpy()).max() > 1e-3
    close(same, weights)


# -- caches ------------------------------------------------------------------------------------------------------------


KINDS = [
    {"num_kv_heads": 2, "rotary": 4},
    {},
    {"num_kv_heads": 2},
    {"batch_first": False},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"rotary": 4},
]


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        pytest.param(kind, steps, id=f"{kind} {steps}", marks=[pytest.mark.slow] if kind is not KINDS[0] else [])
        for kind in KINDS
        for steps in ((3, 2), (1, 1, 1, 1, 1))
        if kind is not KINDS[0] or steps[0] == 3
    ],
)
def test_token_by_token_is_the_full_pass(kind: dict[str, Any], steps: tuple[int, ...]) -> None:
    kind = {k: nn.RotaryEncoding(v) if k == "rotary" else v for k, v in kind.items()}
    layer = attention(**kind)
    at = 1 if layer.batch_first else 0
    x = tensor(B, L, E) if at else tensor(L, B, E)
    hidden = zk.tensor(np.array([[False] * L, [True, *[False] * (L - 1)]]))
    full, weights = layer(x, is_causal=True, key_padding_mask=hidden)
    cache, start, outs = nn.KeyValueCache(), 0, []
    for n in steps:
        part = x[:, start : start + n] if at else x[start : start + n]
        start += n
        out, last = layer(part, is_causal=True, key_padding_mask=hidden[:, :start], cache=cache)
        outs.append(out)
    close(zk.concat(outs, axis=at), full)
    close(last, weights[:, -steps[-1] :])
    assert cache.length == L
    assert repr(cache) == "KeyValueCache(5 tokens in 1 layer)"


@pytest.mark.slow
def test_gradients_flow_through_a_cache() -> None:
    layer, x = attention(), tensor(B, 3, E)
    grads = []
    for steps in ((3,), (1, 1, 1)):
        layer.zero_grad()
        cache, start, total = nn.KeyValueCache(), 0, zk.tensor(0.0, dtype="float64")
        for n in steps:
            out = layer(x[:, start : start + n], is_causal=True, cache=cache)[0]
            total, start = total + zk.sum(out * out), start + n
        total.backward()
        grads.append([p.grad for p in layer.parameters()])
    for a, b in zip(*grads, strict=True):
        close(a, b)


def test_another_sequence_is_projected_once() -> None:
    layer, memory, cache = attention(), tensor(B, 3, E), nn.KeyValueCache()
    x = tensor(B, L, E)
    expected = layer(x, memory, memory)[0]
    close(layer(x, memory, memory, cache=cache)[0], expected)
    keys = cache.fixed(layer, memory, memory)
    close(layer(x, memory, memory, cache=cache)[0], expected)
    again = cache.fixed(layer, memory, memory)
    assert keys is not None
    assert again is not None
    assert again[0] is keys[0]
    other = tensor(B, 3, E)
    close(layer(x, other, other, cache=cache)[0], layer(x, other, other)[0])


def test_beams_and_steps_back() -> None:
    layer, x = attention(), tensor(B, L, E)
    cache = nn.KeyValueCache()
    layer(x, is_causal=True, cache=cache)
    cache.truncate(3)
    close(layer(x[:, 3:], is_causal=True, cache=cache)[0], layer(x, is_causal=True)[0][:, 3:])
    cache.truncate(4)
    cache.select(zk.tensor([1, 1, 0]))
    picked = zk.take(x, zk.tensor([1, 1, 0]), axis=0)
    close(layer(picked[:, 4:], is_causal=True, cache=cache)[0], layer(picked, is_causal=True)[0][:, 4:])
    cache.reset()
    assert cache.length == 0
    with pytest.raises(InvalidValueError, match="2 tokens cannot be kept of 0"):
        cache.truncate(2)


def test_a_cache_refuses_another_batch_and_stays_as_it_was() -> None:
    layer, cache = attention(), nn.KeyValueCache()
    layer(tensor(2, 1, E), cache=cache)
    with pytest.raises(ShapeError, match="holds a batch of 2, but the new tokens are a batch of 3"):
        layer(tensor(3, 1, E), cache=cache)
    with pytest.raises(ShapeError):
        layer(tensor(2, 1, E), cache=cache, attn_mask=zk.tensor(np.ones((7, 7), bool)))
    assert cache.length == 1
    x = tensor(2, 1, E)
    with pytest.raises(ArgumentError, match="with a cache"):
        layer(x, x, tensor(2, 1, E), cache=cache)


# -- records -----------------------------------------------------------------------------------------------------------


def test_weights_of_every_layer() -> None:
    first, second = attention(), attention(dropout=0.3)

    class Model(nn.Module):
        def __init__(self) -> None:
            self.layers = [first, second]
            self.align = nn.AdditiveAttention(E, dtype="float64")

        def forward(self, x: Any) -> Any:
            x = self.layers[0](x, need_weights=False)[0]
            x = self.layers[1](x, x, x, None, False)[0]
            return self.align(x, x)[0]

    model, x = Model(), tensor(B, L, E)
    with nn.record_attention(model) as weights, nn.record_attention(second, every_call=True) as inner:
        model(x)
        model(x)
    assert {name: w.shape for name, w in weights.items()} == {
        "layers.0": (B, H, L, L),
        "layers.1": (B, H, L, L),
        "align": (B, L, L),
    }
    for w in weights.values():
        np.testing.assert_allclose(w.detach().numpy().sum(-1), 1.0, rtol=1e-12)
    close(weights["layers.0"], first(x, average_attn_weights=False)[1])
    assert [len(calls) for calls in inner.values()] == [2]
    zk.sum(weights["layers.1"] ** 2).backward()
    assert np.any(first.in_proj_weight.grad.numpy())
    model(x)
    assert len(inner[""]) == 2
    with pytest.raises(InvalidValueError, match="no attention layer"), nn.record_attention(nn.Identity()):
        pass


# -- other layers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["AdditiveAttention", pytest.param("MultiplicativeAttention", marks=pytest.mark.slow)])
def test_lengths_hide_padding(kind: str) -> None:
    layer = getattr(nn, kind)(3, 4, dtype="float64")
    query, key = tensor(B, 3), tensor(B, L, 4)
    out, weights = layer(query, key, lengths=zk.tensor([L, 2]))
    alone, shares = layer(query, key[:, :2])
    close(out[1], alone[1])
    close(weights[1, :2], shares[1])
    assert not np.any(weights.numpy()[1, 2:])
    close(layer(query, key, mask=F.length_mask(zk.tensor([L, 2]), L))[0], out)
    close(layer(query[:, None], key, lengths=zk.tensor([L, 2]))[0][:, 0], out)


def test_the_layers_are_the_functions() -> None:
    layer = nn.AdditiveAttention(3, 4, 6, dtype="float64")
    q, k, v = tensor(B, 2, 3), tensor(B, L, 4), tensor(B, L, 5)
    parameters = (layer.query_weight, layer.key_weight, layer.score_weight, layer.bias)
    close(layer(q, k, v)[0], F.additive_attention(q, k, v, *parameters)[0])
    dot = nn.MultiplicativeAttention(4, score="dot", scale=0.5)
    assert list(dot.parameters()) == []
    close(dot(k, k, v)[0], F.scaled_dot_product_attention(k, k, v, scale=0.5))


def test_encodings_of_positions() -> None:
    x = tensor(L, B, E)
    layer = nn.SinusoidalEncoding(E)
    table = F.sinusoidal_positions(L, E, offset=2, dtype="float64")
    close(layer(x, offset=2), x + table[:, None])
    close(nn.SinusoidalEncoding(E, batch_first=True)(x), x + F.sinusoidal_positions(B, E, dtype="float64"))
    close(layer(x[:, 0], offset=2), x[:, 0] + table)
    learned = nn.LearnedEncoding(L + 1, E, dtype="float64")
    close(learned(x, offset=1), x + learned.weight[1:, None])
    with pytest.raises(IndexOutOfRangeError, match="positions 2 to 6 were asked for, there are 6"):
        learned(x, offset=2)
    with pytest.raises(ShapeError, match="5, 2, 16"):
        nn.SinusoidalEncoding(E + 1)(x)


def test_alibi_hides_later_keys_and_dislikes_far_ones() -> None:
    mask = nn.ALiBi(H)(1, L)
    assert mask.shape == (1, H, 1, L)
    close(mask[0], F.alibi_bias(H, L, causal=True)[:, -1:])
    x, layer, cache = tensor(B, L, E), attention(), nn.KeyValueCache()
    full = layer(x, attn_mask=nn.ALiBi(H)(L))[0]
    parts = [layer(x[:, t : t + 1], attn_mask=nn.ALiBi(H)(1, t + 1), cache=cache)[0] for t in range(L)]
    close(zk.concat(parts, axis=1), full)


def test_attention_with_rotations_depends_on_distances_alone() -> None:
    layer, x = attention(rotary=nn.RotaryEncoding(E // H, interleaved=True)), tensor(B, L, E)
    start = zk.zeros((B, 3, E), dtype="float64")
    hidden = zk.tensor(np.array([[True] * 3 + [False] * L] * B))
    later = layer(zk.concat([start, x], axis=1), key_padding_mask=hidden, is_causal=True)[0]
    close(later[:, 3:], layer(x, is_causal=True)[0])


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.MultiheadAttention(10, 4), InvalidValueError, "10 features cannot be shared evenly by 4 heads"),
        (lambda: nn.MultiheadAttention(16, 4, num_kv_heads=3), InvalidValueError, "cannot share 3 heads"),
        (lambda: nn.MultiheadAttention(16, 4, dropout=2), InvalidValueError, "received 2.0"),
        (lambda: nn.MultiheadAttention(0, 1), InvalidValueError, "embed_dim"),
        (lambda: attention()(tensor(B, L, 15)), ShapeError, "query has 15 features, the layer takes 16"),
        (lambda: attention()(tensor(B, L, E), tensor(B, 3, E), tensor(B, 4, E)), ShapeError, "3 keys, but 4 values"),
        (lambda: attention()(tensor(2, L, E), tensor(3, L, E)), ShapeError, "batches differ: 2 of queries, 3 of keys"),
        (lambda: attention()(tensor(E)), ShapeError, "1, 1 and 1 axes"),
        (lambda: attention()(np.ones((B, L, E))), ArgumentError, "query is a tensor"),
        (lambda: attention()(tensor(B, L, E), attn_mask=tensor(L, L + 1)), ShapeError, "5 queries and 5 keys"),
        (lambda: attention()(tensor(B, L, E), attn_mask=tensor(B, L, L)), ShapeError, "(8, 5, 5)"),
        (lambda: attention()(tensor(B, L, E), attn_mask=zk.ones((L, L), dtype="int32")), DTypeError, "True is to hide"),
        (lambda: attention()(tensor(B, L, E), key_padding_mask=tensor(L, B)), ShapeError, "batch of 2 with 5 keys"),
        (lambda: attention()(zk.ones((B, L, E))), DTypeError, "float32"),
        (lambda: nn.AdditiveAttention(3)(tensor(B, 4), tensor(B, L, 3)), ShapeError, "query has 4 features"),
        (lambda: nn.AdditiveAttention(3)(tensor(1, 3), tensor(B, L, 3)), ShapeError, "of one batch"),
        (lambda: nn.MultiplicativeAttention(3, 4, "dot"), InvalidValueError, "queries of 3 features"),
        (lambda: nn.MultiplicativeAttention(3, score="sum"), InvalidValueError, "'general' or 'dot'"),
        (lambda: nn.RotaryEncoding(5), InvalidValueError, "in pairs, received 5"),
    ],
)
def test_bad_arguments(call: Any, error: Any, words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_empty_batches() -> None:
    for kind in ({}, {"add_zero_attn": True, "add_bias_kv": True}, {"num_kv_heads": 2}):
        layer = attention(**kind)
        out, weights = layer(zk.zeros((0, L, E), dtype="float64"), is_causal=True)
        assert out.shape == (0, L, E)
        assert weights.shape[0] == 0
        zk.sum(out).backward()
        assert not np.any(layer.in_proj_weight.grad.numpy())


def test_a_layer_can_be_copied() -> None:
    layer, x = attention(), tensor(B, L, E)
    close(copy.deepcopy(layer)(x)[0], layer(x)[0])
