"""Attention weights and what goes back through them, each as one program: a compilation instead of ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

KERNELS: dict[str, Callable[..., Any]] = {}


def _wide(x: Any) -> Any:
    return x.astype(jnp.float32) if x.dtype.itemsize == 2 else x


def _softmax(scores: Any) -> Any:
    if 0 in scores.shape:
        return scores
    largest = jnp.maximum(jnp.max(scores, axis=-1, keepdims=True), jnp.finfo(scores.dtype).min)
    e = jnp.exp(scores - largest)
    return e / jnp.maximum(jnp.sum(e, axis=-1, keepdims=True), 0.5)


def _weights(query: Any, key: Any, bias: Any, causal: Any, scale: Any) -> Any:
    scores = jnp.matmul(_wide(query) * scale, jnp.matrix_transpose(_wide(key)))
    if causal is not None:
        rows = jnp.arange(query.shape[-2])[:, None] + causal
        scores = jnp.where(rows >= jnp.arange(key.shape[-2]), scores, -jnp.inf)
    if bias is not None:
        scores = scores + _wide(bias)
    return _softmax(scores).astype(query.dtype)


def _masked_softmax(scores: Any) -> Any:
    return _softmax(_wide(scores)).astype(scores.dtype)


def _pullback(d: Any, weights: Any) -> Any:
    w, g = _wide(weights), _wide(d)
    return (w * (g - jnp.sum(g * w, axis=-1, keepdims=True))).astype(d.dtype)


_jit: Any = jax.jit
_weights, _masked_softmax, _pullback = (_jit(f) for f in (_weights, _masked_softmax, _pullback))


def _attention_weights(xp: Any, query: Any, key: Any, bias: Any, causal: Any = None, scale: Any = 1.0) -> Any:
    return _weights(query, key, bias, causal, scale)


KERNELS["nn.attention_weights"] = _attention_weights
KERNELS["nn.masked_softmax"] = lambda xp, scores: _masked_softmax(scores)
KERNELS["nn.softmax_pullback"] = lambda xp, d, weights: _pullback(d, weights)
