"""The attention of recurrent encoders and decoders: additive (Bahdanau) and multiplicative (Luong) scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import DTypeError, ShapeError
from zkynet.nn.functional.attention import additive, attend, check_mask, check_shapes
from zkynet.nn.functional.attention_weights import masked_softmax
from zkynet.ops.arguments import number, whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.ops.matmul import matmul
from zkynet.ops.shaping import expand_dims
from zkynet.ops.trigonometry import tanh
from zkynet.tensor import Tensor

__all__ = ["additive_attention", "length_mask", "multiplicative_attention"]


def length_mask(lengths: Array, length: int) -> Tensor:
    """Of sequences padded to one length, which elements are real: True up to the length of each.

    Args:
        lengths: how long each sequence is, integers of shape (B,).
        length: what they are padded to.

    Returns:
        Booleans of shape (B, `length`), for `scaled_dot_product_attention` with axes put in,
        ``mask[:, None, None, :]``; the `key_padding_mask` of `MultiheadAttention` is the opposite, ``~mask``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.length_mask(zk.tensor([1, 3]), 3)
        Tensor([[ True, False, False],
                [ True,  True,  True]])
    """
    n = as_tensor("length_mask", lengths)
    if dt.kind_rank(n.dtype) != 1:
        raise DTypeError(
            f"length_mask: lengths are whole numbers, received {n.dtype}",
            facts=[f"lengths  {tuple(n.shape)} {n.dtype}"],
            fix="convert them: lengths.astype(zk.int64)",
            op="length_mask",
        )
    numbers = np.arange(whole("length_mask", "length", length))
    return asarray(numbers, dtype=n.dtype, device=n.device, backend=n.backend) < expand_dims(n, axis=-1)


def additive_attention(
    query: Array,
    key: Array,
    value: Array,
    query_weight: Array,
    key_weight: Array,
    score_weight: Array,
    bias: Array | None = None,
    attn_mask: Array | None = None,
) -> tuple[Tensor, Tensor]:
    """Attention whose scores come from a small network with one hidden layer.

    ``score(q, k) = v · tanh(W q + U k + b)`` (Bahdanau, Cho and Bengio, 2015); a softmax over the keys makes weights of
    the scores. A query that may look at no key gives zeros.

    Args:
        query: a tensor of shape (..., L, Q).
        key: a tensor of shape (..., S, K).
        value: a tensor of shape (..., S, V).
        query_weight: W, of shape (H, Q).
        key_weight: U, of shape (H, K).
        score_weight: v, of shape (H,).
        bias: b, of shape (H,), or None.
        attn_mask: booleans, True where the query takes part in looking at the key, or floats that are added to the
            scores, of a shape that broadcasts to (..., L, S).

    Returns:
        The weighted averages of values, of shape (..., L, V), and the weights, of shape (..., L, S).

    Example:
        >>> import zkynet as zk
        >>> one = zk.ones(1, 1)
        >>> out, weights = zk.nn.functional.additive_attention(
        ...     zk.zeros(1, 1), zk.zeros(2, 1), zk.tensor([[1.0], [3.0]]), one, one, zk.ones(1)
        ... )
        >>> out, weights
        (Tensor([[2.]]), Tensor([[0.5, 0.5]]))
    """
    name = "additive_attention"
    q, k, v = as_tensor(name, query), as_tensor(name, key), as_tensor(name, value)
    w, u, s = as_tensor(name, query_weight), as_tensor(name, key_weight), as_tensor(name, score_weight)
    hidden = s.shape[0] if s.ndim else 0
    wanted = {
        "query_weight": (w, (hidden, q.shape[-1])),
        "key_weight": (u, (hidden, k.shape[-1])),
        "score_weight": (s, (hidden,)),
    }
    if bias is not None:
        wanted["bias"] = (as_tensor(name, bias), (hidden,))
    for argument, (t, shape) in wanted.items():
        if tuple(t.shape) != shape:
            raise ShapeError(
                f"{name}: {argument} is of shape {shape}, received {tuple(t.shape)}",
                facts=[f"query  {tuple(q.shape)}", f"key    {tuple(k.shape)}", f"hidden units  {hidden}"],
                fix="bring the weights to (hidden, query features), (hidden, key features) and (hidden,)",
                op=name,
            )
    left, right = matmul(q, w.mT), matmul(k, u.mT)
    batch = check_shapes(name, left, right, v, grouped=False)
    if bias is not None:
        right = right + bias
    scores = matmul(tanh(expand_dims(left, axis=-2) + expand_dims(right, axis=-3)), s)
    if attn_mask is not None:
        add = additive(name, "attn_mask", attn_mask, scores, hides=False)
        check_mask(name, "attn_mask", add.shape, (*batch, q.shape[-2], k.shape[-2]))
        scores = scores + add
    weights = masked_softmax(scores)
    return matmul(weights, v), weights


def multiplicative_attention(
    query: Array,
    key: Array,
    value: Array,
    weight: Array | None = None,
    attn_mask: Array | None = None,
    scale: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Attention whose scores are products of queries and keys.

    ``score(q, k) = scale * q · W k``, or without W ``scale * q · k`` (Luong, Pham and Manning, 2015: "general" and
    "dot"); a softmax over the keys makes weights of the scores. A query that may look at no key gives zeros.

    Args:
        query: a tensor of shape (..., L, Q).
        key: a tensor of shape (..., S, K), where K is Q if there is no `weight`.
        value: a tensor of shape (..., S, V).
        weight: W, of shape (Q, K), or None.
        attn_mask: booleans, True where the query takes part in looking at the key, or floats that are added to the
            scores, of a shape that broadcasts to (..., L, S).
        scale: what scores are multiplied by.

    Returns:
        The weighted averages of values, of shape (..., L, V), and the weights, of shape (..., L, S).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.multiplicative_attention(zk.zeros(1, 4), zk.ones(2, 4), zk.tensor([[1.0], [3.0]]))
        (Tensor([[2.]]), Tensor([[0.5, 0.5]]))
    """
    name = "multiplicative_attention"
    q, k, v = as_tensor(name, query), as_tensor(name, key), as_tensor(name, value)
    if weight is not None:
        w = as_tensor(name, weight)
        if tuple(w.shape) != (q.shape[-1], k.shape[-1]):
            raise ShapeError(
                f"{name}: weight is of shape ({q.shape[-1]}, {k.shape[-1]}), received {tuple(w.shape)}",
                facts=[f"query  {tuple(q.shape)}", f"key    {tuple(k.shape)}"],
                fix="pass a weight of shape (query features, key features)",
                op=name,
            )
        q = matmul(q, w)
    batch = check_shapes(name, q, k, v, grouped=False)
    bias: Any = None
    if attn_mask is not None:
        bias = additive(name, "attn_mask", attn_mask, q, hides=False)
        check_mask(name, "attn_mask", bias.shape, (*batch, q.shape[-2], k.shape[-2]))
    out, weights = attend(q, k, v, bias, None, float(number(name, "scale", scale)), 0.0, weights=True)
    assert weights is not None
    return out, weights
