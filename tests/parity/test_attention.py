"""Attention against PyTorch in float64: outputs, weights, and gradients of every input and parameter."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

import zkynet as zk  # noqa: E402
from zkynet.nn import functional as F  # noqa: E402

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)
B, H, L, S, E = 3, 2, 4, 5, 8


def theirs(a: Any) -> Any:
    return None if a is None else torch.tensor(a, requires_grad=a.dtype.kind == "f")


def ours(a: Any) -> Any:
    return None if a is None else zk.tensor(a, requires_grad=a.dtype.kind == "f")


def same(a: Any, b: Any, what: str) -> None:
    assert tuple(a.shape) == tuple(b.shape), what
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-11, err_msg=what)


def backward(out: Any, cotangent: Any) -> None:
    ((out * cotangent).sum()).backward()


MASKS: dict[str, Any] = {
    "none": None,
    "booleans": np.tri(L, S, 1, dtype=bool),
    "batch": RNG.random((B, 1, 1, S)) < 0.7,
    "floats": RNG.standard_normal((L, S)),
    "heads": RNG.standard_normal((H, L, S)),
}
MASKS["batch"][..., 0] = True


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("scale", [None, 0.7])
def test_scaled_dot_product_attention(mask: str, causal: bool, grouped: bool, scale: float | None) -> None:
    if causal and mask != "none":
        pytest.skip("they exclude each other")
    heads = 1 if grouped else H
    arrays = [RNG.standard_normal(s) for s in ((B, H, L, E), (B, heads, S, E), (B, heads, S, 6))]
    x, y = [theirs(a) for a in arrays], [ours(a) for a in arrays]
    m, n = theirs(MASKS[mask]), ours(MASKS[mask])
    call = {"is_causal": causal, "scale": scale, "enable_gqa": grouped}
    a = torch.nn.functional.scaled_dot_product_attention(*x, m, 0.0, **call)
    b = F.scaled_dot_product_attention(*y, n, 0.0, **call)
    same(a, b, "output")
    cotangent = RNG.standard_normal(tuple(a.shape))
    backward(a, torch.tensor(cotangent))
    backward(b, zk.tensor(cotangent))
    for p, q in zip(x, y, strict=True):
        same(p.grad, q.grad, "gradient")
    if mask in ("floats", "heads"):
        same(m.grad, n.grad, "gradient of the mask")


def test_fully_masked_queries_are_those_of_the_newest_pytorch() -> None:
    arrays = [RNG.standard_normal((1, 1, 3, 4)) for _ in range(3)]
    seen = np.array([[True, True, False], [False, False, False], [True, False, True]])
    x, y = [theirs(a) for a in arrays], [ours(a) for a in arrays]
    a = torch.nn.functional.scaled_dot_product_attention(*x, theirs(seen))
    b = F.scaled_dot_product_attention(*y, ours(seen))
    same(a, b, "output")
    a.sum().backward()
    b.sum().backward()
    for p, q in zip(x, y, strict=True):
        same(p.grad, q.grad, "gradient")


def two_layers(kwargs: dict[str, Any], training: bool) -> tuple[Any, Any]:
    a = torch.nn.MultiheadAttention(E, H, **kwargs).double().train(training)
    b = zk.nn.MultiheadAttention(E, H, **kwargs).to(dtype="float64").train(training)
    state = {name: RNG.standard_normal(tuple(t.shape)) * 0.4 for name, t in a.state_dict().items()}
    a.load_state_dict({name: torch.tensor(v) for name, v in state.items()})
    b.load_state_dict({name: zk.tensor(v) for name, v in state.items()})
    assert sorted(b.state_dict()) == sorted(a.state_dict())
    return a, b


def compare(a: Any, b: Any, arrays: list[Any], call: dict[str, Any], same_input: bool) -> None:
    x, y = [theirs(v) for v in arrays], [ours(v) for v in arrays]
    given_a = {k: theirs(v).detach() if isinstance(v, np.ndarray) else v for k, v in call.items()}
    given_b = {k: zk.tensor(v) if isinstance(v, np.ndarray) else v for k, v in call.items()}
    out_a, weights_a = a(*(x * 3 if same_input else x), **given_a)
    out_b, weights_b = b(*(y * 3 if same_input else y), **given_b)
    same(out_a, out_b, "output")
    assert (weights_a is None) == (weights_b is None)
    cotangent = RNG.standard_normal(tuple(out_a.shape))
    loss_a, loss_b = (out_a * torch.tensor(cotangent)).sum(), (out_b * zk.tensor(cotangent)).sum()
    if weights_a is not None:
        same(weights_a, weights_b, "weights")
        loss_a, loss_b = loss_a + (weights_a**2).sum(), loss_b + (weights_b * weights_b).sum()
    loss_a.backward()
    loss_b.backward()
    for p, q in zip(x, y, strict=True):
        same(p.grad, q.grad, "gradient of an input")
    found = dict(b.named_parameters())
    for name, p in a.named_parameters():
        same(p.grad, found[name].grad, name)


KINDS = [
    {},
    {"bias": False},
    {"add_bias_kv": True},
    {"add_zero_attn": True, "add_bias_kv": True},
    {"kdim": 6, "vdim": 7},
    {"kdim": 6, "bias": False, "add_zero_attn": True},
]


def padding(rng: Any) -> Any:
    out = rng.random((B, S)) < 0.3
    out[:, 0] = False
    return out


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("masked", ["none", "booleans", "floats", "heads", "padding", "both"])
def test_cross_attention(kind: dict[str, Any], batch_first: bool, masked: str) -> None:
    a, b = two_layers({**kind, "batch_first": batch_first}, training=True)
    shapes = [(L, B, E), (S, B, kind.get("kdim", E)), (S, B, kind.get("vdim", E))]
    arrays = [RNG.standard_normal((s[1], s[0], s[2]) if batch_first else s) for s in shapes]
    call: dict[str, Any] = {
        "none": {},
        "booleans": {"attn_mask": np.triu(np.ones((L, S), bool), 2)},
        "floats": {"attn_mask": RNG.standard_normal((L, S))},
        "heads": {"attn_mask": RNG.standard_normal((B * H, L, S)), "average_attn_weights": False},
        "padding": {"key_padding_mask": padding(RNG), "need_weights": False},
        "both": {"key_padding_mask": padding(RNG), "attn_mask": np.triu(np.ones((L, S), bool), 2)},
    }[masked]
    compare(a, b, arrays, call, same_input=False)


@pytest.mark.parametrize("kind", KINDS[:4], ids=str)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_self_attention(kind: dict[str, Any], batch_first: bool, need_weights: bool, causal: bool) -> None:
    a, b = two_layers({**kind, "batch_first": batch_first}, training=False)
    call: dict[str, Any] = {"need_weights": need_weights}
    if causal:
        hint = need_weights or not kind.get("add_bias_kv")  # for PyTorch then hides the added key as well
        call |= {"attn_mask": np.triu(np.ones((L, L), bool), 1), "is_causal": hint}
    compare(a, b, [RNG.standard_normal((B, L, E) if batch_first else (L, B, E))], call, same_input=True)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("average", [False, True])
def test_without_a_batch(batch_first: bool, average: bool) -> None:
    a, b = two_layers({"batch_first": batch_first}, training=True)
    arrays = [RNG.standard_normal(s) for s in ((L, E), (S, E), (S, E))]
    hidden = np.array([False, True, False, False, True])
    call = {
        "key_padding_mask": hidden,
        "attn_mask": RNG.standard_normal((H, L, S)),
        "average_attn_weights": average,
    }
    with np.errstate(all="ignore"):
        compare(a, b, arrays, call | {"key_padding_mask": np.where(hidden, -np.inf, 0.0)}, same_input=False)


def test_keys_and_values_of_one_tensor() -> None:
    a, b = two_layers({}, training=True)
    q, m = RNG.standard_normal((L, B, E)), RNG.standard_normal((S, B, E))
    x, y = [theirs(v) for v in (q, m)], [ours(v) for v in (q, m)]
    out_a, out_b = a(x[0], x[1], x[1])[0], b(y[0], y[1], y[1])[0]
    same(out_a, out_b, "output")
    (out_a**2).sum().backward()
    (out_b * out_b).sum().backward()
    for p, q_ in itertools.chain(zip(x, y, strict=True), zip(a.parameters(), b.parameters(), strict=True)):
        same(p.grad, q_.grad, "gradient")


def test_the_initial_values_have_pytorchs_spread() -> None:
    torch.manual_seed(0)
    zk.random.seed(0)
    for kwargs in ({"add_bias_kv": True}, {"kdim": 32, "vdim": 48}):
        a = torch.nn.MultiheadAttention(64, 4, **kwargs)
        b = dict(zk.nn.MultiheadAttention(64, 4, **kwargs).named_parameters())
        for name, p in a.named_parameters():
            want, have = p.detach().numpy(), b[name].detach().numpy()
            if want.std() == 0:
                assert not have.any(), name
            else:
                assert have.std() == pytest.approx(want.std(), rel=0.25 if want.size < 1000 else 0.05), name
                assert abs(have).max() <= abs(want).max() * 1.5 + 0.1
