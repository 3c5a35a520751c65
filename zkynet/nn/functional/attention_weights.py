"""The ops of attention: scores to weights in one go, and the two steps that other kinds of scores share with it.

The weights are kept for the gradient, the scores are not. A query that may look at nothing has weights of zero, not
NaN, and gradients of zero.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.logspace import bound_of
from zkynet.ops.precision import widened, widened_all

__all__: list[str] = []


@op(name="nn.attention_weights", kinds="real float")
def attention_weights(
    xp: Any, query: Array, key: Array, bias: Array | None = None, causal: Any = None, scale: Any = 1.0
) -> Array:
    """``softmax(scale * query keyᵀ + bias)``; with a number for `causal`, query i sees the keys up to i + causal."""
    scores = functools.partial(_scores, causal=causal, scale=scale)
    if bias is None:
        return widened_all(lambda xp, q, k: _softmax(xp, scores(xp, q, k)), xp, query, key)
    return widened_all(lambda xp, q, k, b: _softmax(xp, scores(xp, q, k) + b), xp, query, key, bias)


def _scores(xp: Any, query: Any, key: Any, causal: int | None, scale: float) -> Any:
    scores = xp.matmul(query * scale, xp.matrix_transpose(key))
    if causal is None:
        return scores
    device = xp.backend.native_device(xp.backend.device_of(query))
    rows = xp.arange(query.shape[-2], device=device) + causal
    return xp.where(xp.expand_dims(rows, axis=-1) >= xp.arange(key.shape[-2], device=device), scores, -math.inf)


def _softmax(xp: Any, scores: Any) -> Any:
    if 0 in scores.shape:
        return scores
    e = xp.exp(scores - xp.maximum(xp.max(scores, axis=-1, keepdims=True), -bound_of(xp, scores)))
    # the largest adds 1 to the sum, which is less only where there is none
    return xp.divide(e, xp.maximum(xp.sum(e, axis=-1, keepdims=True), 0.5))


@attention_weights.gradient("query", "key", "bias")
def _(xp: Any, g: Any, query: Any, key: Any, ans: Any, scale: float, needs: tuple[bool, ...]) -> Any:
    d = xp.nn.softmax_pullback(g, ans)
    return (
        xp.matmul(d, key) * scale if needs[0] else None,
        xp.matmul(xp.matrix_transpose(d), query) * scale if needs[1] else None,
        d,
    )


@op(name="nn.masked_softmax", kinds="real float")
def masked_softmax(xp: Any, scores: Array) -> Array:
    """The softmax along the last axis; zeros where all scores are minus infinity."""
    return widened(_softmax, xp, scores)


@masked_softmax.gradient("scores")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return xp.nn.softmax_pullback(g, ans)


@op(name="nn.softmax_pullback", kinds="real float")
def softmax_pullback(xp: Any, d: Array, weights: Array) -> Array:
    """``weights * (d - sum(d * weights))``: a cotangent `d` carried back through a softmax that gave `weights`."""
    return widened_all(_pullback, xp, d, weights)


def _pullback(xp: Any, d: Any, weights: Any) -> Any:
    return weights * (d - xp.sum(d * weights, axis=-1, keepdims=True))


@softmax_pullback.gradient("d")
def _(xp: Any, g: Any, weights: Any) -> Any:
    return xp.nn.softmax_pullback(g, weights)  # the Jacobian of a softmax is symmetric


@softmax_pullback.gradient("weights")
def _(xp: Any, g: Any, d: Any, weights: Any) -> Any:
    mean_d = xp.sum(d * weights, axis=-1, keepdims=True)
    mean_g = xp.sum(g * weights, axis=-1, keepdims=True)
    return g * (d - mean_d) - d * mean_g


@op(name="nn.mask_to_bias", kinds="bool", differentiable=False)
def mask_to_bias(xp: Any, seen: Array, dtype: Any) -> Array:
    """Booleans as numbers to add to scores: 0 where `seen`, minus infinity elsewhere."""
    device = xp.backend.native_device(xp.backend.device_of(seen))
    zero, never = (xp.full((), x, dtype=xp.backend.native_dtype(dtype), device=device) for x in (0.0, -math.inf))
    return xp.where(seen, zero, never)
