"""Attention in place: one array for scores, exponentials and weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES

KERNELS: dict[str, Callable[..., Any]] = {}


FAR = 60.0
"""Scores between minus this and this have exponentials, and sums of them, that neither overflow nor vanish."""


@lru_cache(maxsize=8)
def _hidden(length: int, keys: int, causal: int, dtype: Any) -> Any:
    """0 where a query sees a key, minus infinity elsewhere."""
    seen = np.arange(length)[:, None] + causal >= np.arange(keys)
    out = np.where(seen, np.zeros((), dtype), np.array(-np.inf, dtype))
    out.flags.writeable = False
    return out


def _near(scores: Any) -> bool:
    """Whether the softmax can do without the largest score of each row, which is slow to find; over all it is not."""
    return bool(scores.min() > -FAR and scores.max() < FAR)


def _hides_only(bias: Any) -> bool:
    """Whether a bias holds nothing but 0 and minus infinity."""
    return bool(((bias == 0) | (bias == -np.inf)).all())


def _softmax(scores: Any, near: bool) -> Any:
    """The softmax along the last axis, written over `scores`; zeros where all are minus infinity."""
    if not near:
        largest = np.maximum.reduce(scores, -1, keepdims=True)
        np.maximum(largest, -np.finfo(scores.dtype).max, out=largest)
        np.subtract(scores, largest, out=scores)
    np.exp(scores, out=scores)
    total = np.matmul(scores, np.ones((scores.shape[-1], 1), scores.dtype))
    total[total == 0] = 1
    return np.divide(scores, total, out=scores)


def _attention_weights(xp: Any, query: Any, key: Any, bias: Any, causal: Any = None, scale: Any = 1.0) -> Any:
    if query.dtype.itemsize < 4:
        return BODIES["nn.attention_weights"](xp, query, key, bias, causal, scale)
    scores = np.matmul(query * query.dtype.type(scale), np.swapaxes(key, -1, -2))
    if scores.size == 0:
        return scores
    near = _near(scores) and (bias is None or _hides_only(bias))
    if causal is not None:
        scores += _hidden(scores.shape[-2], scores.shape[-1], causal, scores.dtype)
    if bias is not None:
        scores += bias
    return _softmax(scores, near)


KERNELS["nn.attention_weights"] = _attention_weights


def _masked_softmax(xp: Any, scores: Any) -> Any:
    if scores.dtype.itemsize < 4:
        return BODIES["nn.masked_softmax"](xp, scores)
    return _softmax(scores.copy(), near=False) if scores.size else scores


KERNELS["nn.masked_softmax"] = _masked_softmax


def _softmax_pullback(xp: Any, d: Any, weights: Any) -> Any:
    if d.dtype.itemsize < 4 or d.shape != weights.shape:
        return BODIES["nn.softmax_pullback"](xp, d, weights)
    total: Any = np.vecdot(d, weights)  # type: ignore[attr-defined,unused-ignore]
    out = np.subtract(d, total[..., None])
    return np.multiply(out, weights, out=out)


KERNELS["nn.softmax_pullback"] = _softmax_pullback
