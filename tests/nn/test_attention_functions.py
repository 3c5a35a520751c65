"""Attention as functions, against a plain reference; masks, blocks, derivatives, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F
from zkynet.nn.functional import attention

RNG = np.random.default_rng(0)
Q, K, V = (RNG.standard_normal(shape) for shape in ((2, 4, 3, 6), (2, 4, 5, 6), (2, 4, 5, 7)))
SEEN = RNG.random((3, 5)) < 0.6
SEEN[:, 2] = True
ADDED = RNG.standard_normal((4, 3, 5))


def reference(q: Any, k: Any, v: Any, bias: Any = 0.0, scale: float | None = None) -> tuple[Any, Any]:
    """Row by row, with the largest score subtracted; zeros where all keys are hidden."""
    scores = np.einsum("...ie,...je->...ij", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale) + bias
    weights = np.zeros_like(scores)
    for at in np.ndindex(scores.shape[:-1]):
        row = scores[at]
        if row.max() > -np.inf:
            e = np.exp(row - row.max())
            weights[at] = e / e.sum()
    return np.einsum("...ij,...jv->...iv", weights, v), weights


def hidden(seen: Any) -> Any:
    return np.where(seen, 0.0, -np.inf)


def tensors(*arrays: Any) -> list[Any]:
    return [zk.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]


CASES: dict[str, tuple[dict[str, Any], Any, float | None]] = {
    "plain": ({}, 0.0, None),
    "scale": ({"scale": 0.3}, 0.0, 0.3),
    "booleans": ({"attn_mask": SEEN}, hidden(SEEN), None),
    "floats": ({"attn_mask": ADDED}, ADDED, None),
    "for each example": ({"attn_mask": SEEN[None, None, :1] & True}, hidden(SEEN[:1]), None),
    "causal": ({"is_causal": True}, hidden(np.tri(3, 5, dtype=bool)), None),
}


@pytest.mark.parametrize("case", CASES)
def test_values_and_weights(case: str) -> None:
    given, bias, scale = CASES[case]
    out, weights = F.scaled_dot_product_attention(*tensors(Q, K, V), **given, return_weights=True)
    expected, shares = reference(Q, K, V, bias, scale)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weights.numpy(), shares, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("far", [1e3, 1e5])
def test_scores_of_any_size_do_not_overflow(far: float) -> None:
    q, k = Q * far, K * far
    out, weights = F.scaled_dot_product_attention(*tensors(q, k, V), is_causal=True, return_weights=True)
    expected, shares = reference(q, k, V, hidden(np.tri(3, 5, dtype=bool)))
    np.testing.assert_allclose(weights.numpy(), shares, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-7, atol=1e-10)


def test_a_mask_of_large_negative_numbers_that_hides_a_whole_row_leaves_it_as_it_is() -> None:
    bias = np.zeros((3, 5))
    bias[1] = -1e9
    out = F.scaled_dot_product_attention(*tensors(Q, K, V), zk.tensor(bias))
    np.testing.assert_allclose(out.numpy(), reference(Q, K, V, bias)[0], rtol=1e-6)


@pytest.mark.parametrize("large", [None, 1])
def test_a_query_that_sees_nothing_gives_zeros_and_no_gradient(large: int | None, monkeypatch: Any) -> None:
    if large:
        monkeypatch.setattr(attention, "LARGE", large)
    seen = SEEN.copy()
    seen[1] = False
    q, k, v = tensors(Q, K, V)
    out = F.scaled_dot_product_attention(q, k, v, zk.tensor(seen))
    zk.sum(out * out).backward()
    assert np.all(out.numpy()[..., 1, :] == 0)
    for x in (q, k, v):
        assert np.all(np.isfinite(x.grad.numpy()))
    assert np.all(q.grad.numpy()[..., 1, :] == 0)
    assert np.any(q.grad.numpy()[..., 0, :] != 0)


SLOW = [pytest.param(case, marks=pytest.mark.slow) for case in ("plain", "booleans")]


@pytest.mark.parametrize("case", [*SLOW, "floats", "causal"])
def test_derivatives(case: str) -> None:
    given = {k: zk.tensor(v) if k == "attn_mask" else v for k, v in CASES[case][0].items()}
    q, k, v = (zk.tensor(x[:1, :, :, :2]) for x in (Q, K, V))
    mask = given.pop("attn_mask", None)
    if mask is None or mask.dtype.kind == "b":
        assert zk.gradcheck(lambda *x: F.scaled_dot_product_attention(*x, mask, **given), (q, k, v), order=2)
    else:
        assert zk.gradcheck(F.scaled_dot_product_attention, (q, k, v, mask), order=2)


@pytest.mark.slow
def test_derivatives_of_the_parts() -> None:
    w, d = zk.tensor(RNG.random((3, 4))), zk.tensor(RNG.standard_normal((3, 4)))
    assert zk.gradcheck(attention.attention_weights, (zk.tensor(Q[0, 0]), zk.tensor(K[0, 0])), order=2)
    from zkynet.nn.functional.attention_weights import masked_softmax, softmax_pullback

    assert zk.gradcheck(masked_softmax, d, order=2)
    assert zk.gradcheck(softmax_pullback, (d, w), order=2)


@pytest.mark.parametrize("case", [pytest.param("floats", marks=pytest.mark.slow), "causal"])
def test_blocks_of_queries_give_the_same(case: str, monkeypatch: Any) -> None:
    given = {k: zk.tensor(v) if k == "attn_mask" else v for k, v in CASES[case][0].items()}
    found = []
    for large in (attention.LARGE, 1):
        monkeypatch.setattr(attention, "LARGE", large)
        monkeypatch.setattr(attention, "BLOCK", 90)  # two rows of the three
        x = tensors(Q, K, V)
        out = F.scaled_dot_product_attention(*x, **given)
        zk.sum(out * out * out).backward()
        found.append([out.numpy(), *(t.grad.numpy() for t in x)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("mask", [None, SEEN, ADDED[:1], np.concatenate([ADDED, ADDED[::-1]])])
def test_grouped_heads_are_repeated_heads(mask: Any) -> None:
    q = np.concatenate([Q, Q[::-1]], axis=1)  # 8 heads of queries for 4 of keys
    m = None if mask is None else zk.tensor(mask)
    out, weights = F.scaled_dot_product_attention(*tensors(q, K, V), m, enable_gqa=True, return_weights=True)
    bias = 0.0 if mask is None else hidden(mask) if mask.dtype == bool else mask
    expected, shares = reference(q, np.repeat(K, 2, axis=1), np.repeat(V, 2, axis=1), bias)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weights.numpy(), shares, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_the_kernels_of_a_backend_are_the_bodies(dtype: str, backend: Any) -> None:
    raw, tolerance = backend.xp, 1e-5 if dtype == "float32" else 1e-12
    q, k, bias = (zk.asarray(x, dtype=dtype)._raw for x in (Q, K, ADDED))
    calls = [("attention_weights", (q, k, b, causal, 0.3)) for b, causal in ((None, 1), (bias, None), (bias * 1e4, 0))]
    calls += [("masked_softmax", (bias,)), ("softmax_pullback", (bias, bias * bias))]
    for name, given in calls:
        got, body = getattr(raw.nn, name)(*given), BODIES[f"nn.{name}"](raw, *given)
        np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(body), rtol=tolerance, atol=tolerance)


def test_empty_batches_and_lengths() -> None:
    for q, k in ((0, 5), (3, 0), (0, 0)):
        x = [zk.zeros((2, q, 4), requires_grad=True), zk.zeros((2, k, 4), requires_grad=True), zk.ones((2, k, 3))]
        out = F.scaled_dot_product_attention(*x)
        out.sum().backward()
        assert out.shape == (2, q, 3)
        assert not np.any(out.numpy())
        assert [t.grad.shape for t in x[:2]] == [(2, q, 4), (2, k, 4)]
    assert F.scaled_dot_product_attention(*(zk.zeros((0, 3, 4)) for _ in range(3)), is_causal=True).shape == (0, 3, 4)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_are_summed_in_more(dtype: str, backend_name: str) -> None:
    if backend_name == "strict":
        pytest.skip("array-api-strict has no 16-bit floats")
    x = [zk.asarray(a).astype(dtype) for a in (Q, K, V)]
    out = F.scaled_dot_product_attention(*x, zk.tensor(SEEN))
    expected = reference(*(a.astype("float64").numpy() for a in x), hidden(SEEN))[0]
    assert out.dtype == x[0].dtype
    np.testing.assert_allclose(out.astype("float64").numpy(), expected, rtol=0.02, atol=0.02)


def test_the_mask_may_be_numpys_float64_without_making_the_result_so() -> None:
    x = [zk.asarray(a, dtype="float32") for a in (Q, K, V)]
    assert F.scaled_dot_product_attention(*x, ADDED).dtype == "float32"


def test_causal_masks() -> None:
    np.testing.assert_array_equal(F.causal_mask(3).numpy(), np.tri(3, dtype=bool))
    np.testing.assert_array_equal(F.causal_mask(2, 5).numpy(), np.tri(5, dtype=bool)[3:])
    np.testing.assert_array_equal(F.causal_mask(3, 5, 0).numpy(), np.tri(3, 5, dtype=bool))
    np.testing.assert_array_equal(F.causal_mask(2, dtype="float64").numpy(), [[0, -np.inf], [0, 0]])
    with pytest.raises(InvalidValueError, match="-1 queries"):
        F.causal_mask(-1)


def test_length_masks() -> None:
    np.testing.assert_array_equal(F.length_mask(zk.tensor([0, 2]), 3).numpy(), [[0, 0, 0], [1, 1, 0]])
    with pytest.raises(DTypeError, match="float32"):
        F.length_mask(zk.tensor([1.0]), 3)


# -- other scores ------------------------------------------------------------------------------------------------

W, U, S, B = (RNG.standard_normal(shape) for shape in ((3, 6), (3, 4), (3,), (3,)))
KEYS = RNG.standard_normal((2, 4, 5, 4))


def test_additive_attention(backend_name: str) -> None:
    out, weights = F.additive_attention(*tensors(Q, KEYS, V, W, U, S, B), attn_mask=zk.tensor(SEEN))
    inner = np.tanh((Q @ W.T)[..., :, None, :] + (KEYS @ U.T + B)[..., None, :, :])
    bias = np.einsum("...h,h->...", inner, S) + hidden(SEEN)
    expected, shares = reference(Q * 0, K, V, bias)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weights.numpy(), shares, rtol=1e-12, atol=1e-14)
    small = (zk.tensor(Q[0, 0]), zk.tensor(KEYS[0, 0, :3]), zk.tensor(V[0, 0, :3, :2]), *map(zk.tensor, (W, U, S, B)))
    if backend_name == "numpy":
        assert zk.gradcheck(lambda *x: F.additive_attention(*x)[0], small)


def test_multiplicative_attention() -> None:
    general = RNG.standard_normal((6, 4))
    out, weights = F.multiplicative_attention(*tensors(Q, KEYS, V, general), scale=0.5)
    expected, shares = reference(Q @ general, KEYS, V, scale=0.5)
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(weights.numpy(), shares, rtol=1e-12)
    out, _ = F.multiplicative_attention(*tensors(Q, K, V), attn_mask=zk.tensor(SEEN))
    np.testing.assert_allclose(out.numpy(), reference(Q, K, V, hidden(SEEN), 1.0)[0], rtol=1e-12)


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"query": np.ones((2, 4, 3, 5))}, ShapeError, "queries have 5 features, keys 6"),
        ({"value": np.ones((2, 4, 4, 7))}, ShapeError, "there are 5 keys, but 4 values"),
        ({"query": np.ones((2, 3, 3, 6))}, ShapeError, "axis -3 has 3 and 4"),
        ({"query": np.ones(6)}, ShapeError, "query has 1 axes"),
        ({"query": np.ones((2, 4, 3, 6), int)}, DTypeError, "query is int64"),
        ({"attn_mask": np.ones((3, 4), bool)}, ShapeError, "3 queries and 5 keys"),
        ({"attn_mask": np.ones((7, 2, 4, 3, 5))}, ShapeError, "attn_mask"),
        ({"attn_mask": np.ones((3, 5), int)}, DTypeError, "attn_mask holds booleans or floats, received int64"),
        ({"attn_mask": SEEN, "is_causal": True}, ArgumentError, "exclude each other"),
        ({"dropout_p": 1.5}, InvalidValueError, "1.5"),
        ({"query": np.ones((2, 6, 3, 6)), "enable_gqa": True}, ShapeError, "6 heads of queries cannot share 4"),
        ({"value": np.ones((2, 2, 5, 7)), "enable_gqa": True}, ShapeError, "4 heads of keys, but 2 of values"),
        ({"is_causal": "yes"}, ArgumentError, "is_causal"),
        ({"scale": "big"}, ArgumentError, "scale"),
    ],
)
def test_bad_arguments(change: dict[str, Any], error: Any, words: str) -> None:
    given: dict[str, Any] = {"query": Q, "key": K, "value": V} | change
    given = {k: zk.tensor(v) if isinstance(v, np.ndarray) else v for k, v in given.items()}
    with pytest.raises(error) as caught:
        F.scaled_dot_product_attention(**given)
    assert words in str(caught.value)


def test_bad_weights_of_other_scores() -> None:
    with pytest.raises(ShapeError, match=r"query_weight is of shape \(3, 6\), received \(3, 5\)"):
        F.additive_attention(*tensors(Q, KEYS, V, W[:, :5], U, S))
    with pytest.raises(ShapeError, match=r"weight is of shape \(6, 4\), received \(6, 6\)"):
        F.multiplicative_attention(*tensors(Q, KEYS, V, np.ones((6, 6))))
