"""Scaled dot-product attention, and the masks for it."""

from __future__ import annotations

import math
from typing import Any, Literal, overload

from zkynet import dtypes as dt
from zkynet._typing import Array, DeviceLike, DTypeLike
from zkynet.autodiff import checkpoint
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn.functional.attention_weights import attention_weights, mask_to_bias
from zkynet.nn.functional.dropping import dropout
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.counted import arange
from zkynet.ops.creation import asarray
from zkynet.ops.joining import concat
from zkynet.ops.matmul import matmul
from zkynet.ops.shaping import expand_dims, reshape
from zkynet.tensor import Tensor

__all__ = ["causal_mask", "scaled_dot_product_attention"]

LARGE = 2**25
"""From so many scores on they are not held all at once, if nobody asks for the weights."""

BLOCK = 2**22
"""About how many scores are held then."""

SDPA = "scaled_dot_product_attention"


@overload
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    return_weights: Literal[False] = False,
) -> Tensor: ...
@overload
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    return_weights: Literal[True],
) -> tuple[Tensor, Tensor]: ...
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    return_weights: bool = False,
) -> Any:
    """Each query's average of the values, weighted by how well the keys match the query.

    ``softmax(scale * query keyᵀ + mask) value``, over the last two axes; the axes before them broadcast.

    A query that may look at no key gives zeros. Where there would be very many scores, and the weights are not asked
    for, queries are worked through in blocks, and in the backward pass once more, so that memory stays small.

    Args:
        query: a tensor of shape (..., L, E).
        key: a tensor of shape (..., S, E).
        value: a tensor of shape (..., S, V).
        attn_mask: booleans, True where the query **takes part** in looking at the key (in `MultiheadAttention` True is
            the opposite), or floats that are added to the scores, of a shape that broadcasts to (..., L, S). Minus
            infinity hides a key, here and there.
        dropout_p: the share of weights that are set to zero, whether or not a model is in training.
        is_causal: whether query i sees the keys up to i only; not together with `attn_mask`.
        scale: what scores are multiplied by, ``1 / sqrt(E)`` by default.
        enable_gqa: whether several heads of queries share a head of keys and values: axis -3 of `query` is then a
            multiple of that of `key` and `value`.
        return_weights: whether to return also the weights, of shape (..., L, S), as they are before dropout.

    Returns:
        A tensor of shape (..., L, V), or a pair of it and the weights.

    Example:
        >>> import zkynet as zk
        >>> q, k, v = zk.zeros(1, 2), zk.ones(3, 2), zk.tensor([[1.0], [2.0], [9.0]])
        >>> zk.nn.functional.scaled_dot_product_attention(q, k, v)
        Tensor([[4.]])
        >>> mask = zk.tensor([True, True, False])
        >>> zk.nn.functional.scaled_dot_product_attention(q, k, v, mask)
        Tensor([[1.5]])
    """
    q, k, v = as_tensor(SDPA, query), as_tensor(SDPA, key), as_tensor(SDPA, value)
    p = share_to_drop(SDPA, "dropout_p", dropout_p)
    causal = 0 if flag(SDPA, "is_causal", is_causal) else None
    if causal is not None and attn_mask is not None:
        raise ArgumentError(
            f"{SDPA}: is_causal and attn_mask exclude each other",
            facts=[f"attn_mask  {tuple(as_tensor(SDPA, attn_mask).shape)}"],
            fix="put both into one mask: mask & zk.nn.functional.causal_mask(L, S, offset=0)",
            op=SDPA,
        )
    batch = check_shapes(SDPA, q, k, v, flag(SDPA, "enable_gqa", enable_gqa))
    bias = None
    if attn_mask is not None:
        bias = additive(SDPA, "attn_mask", attn_mask, q, hides=False)
        check_mask(SDPA, "attn_mask", bias.shape, (*batch, q.shape[-2], k.shape[-2]))
    factor = 1.0 / math.sqrt(max(q.shape[-1], 1)) if scale is None else float(number(SDPA, "scale", scale))
    out, weights = attend(q, k, v, bias, causal, factor, p, flag(SDPA, "return_weights", return_weights))
    return (out, weights) if return_weights else out


def share_to_drop(name: str, argument: str, p: Any) -> float:
    """A probability of dropout."""
    share = float(number(name, argument, p))
    if not 0 <= share <= 1:
        raise InvalidValueError(
            f"{name}: {argument} is a probability, received {share}", fix="pass a number from 0 to 1", op=name
        )
    return share


def attend(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, causal: int | None, scale: float, p: float, weights: bool
) -> tuple[Tensor, Tensor | None]:
    """Attention on arguments that fit: `bias` is added, `causal` is by how much queries are further on than keys."""
    if q.ndim > 2 and k.ndim > 2 and 1 != k.shape[-3] != q.shape[-3] != 1:  # heads of queries in groups
        return _grouped(q, k, v, bias, causal, scale, p, weights)
    if not weights and p == 0.0 and _count_scores(q, k) >= LARGE:
        return _in_blocks(q, k, v, bias, causal, scale), None
    share = attention_weights(q, k, bias, causal, scale)
    return matmul(dropout(share, p) if p else share, v), share


def _grouped(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, causal: int | None, scale: float, p: float, weights: bool
) -> tuple[Tensor, Tensor | None]:
    """The same, with an axis more for the queries that share keys."""
    heads, shared = q.shape[-3], k.shape[-3]

    def split(x: Tensor) -> Tensor:
        return reshape(x, (*x.shape[:-3], shared, heads // shared, *x.shape[-2:]))

    def join(x: Tensor) -> Tensor:
        return reshape(x, (*x.shape[:-4], heads, *x.shape[-2:]))

    if bias is not None and bias.ndim > 2:
        bias = expand_dims(bias, axis=-3) if bias.shape[-3] == 1 else split(bias)
    k, v = expand_dims(k, axis=-3), expand_dims(v, axis=-3)
    out, share = attend(split(q), k, v, bias, causal, scale, p, weights)
    return join(out), None if share is None else join(share)


def _count_scores(q: Tensor, k: Tensor) -> int:
    several = q if q.ndim >= k.ndim else k
    return math.prod(several.shape[:-2]) * q.shape[-2] * k.shape[-2]


def _in_blocks(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, causal: int | None, scale: float) -> Tensor:
    """The queries in blocks of rows; of each block the scores are forgotten, and made anew for its gradient."""
    length, n = q.shape[-2], k.shape[-2]
    step = max(1, BLOCK * length // _count_scores(q, k))
    parts = []

    @checkpoint
    def part(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, causal: int | None) -> Tensor:
        return matmul(attention_weights(q, k, bias, causal, scale), v)

    for start in range(0, length, step):
        rows = slice(start, min(start + step, length))
        shift = None if causal is None else causal + start
        seen = n if causal is None else max(0, min(n, causal + rows.stop))  # keys that no row sees are not even scored
        some = bias
        if bias is not None:
            many = bias.ndim > 1 and bias.shape[-2] > 1
            some = bias[..., rows, :] if many else bias
            some = some[..., :seen] if bias.shape[-1] > 1 else some
        parts.append(part(q[..., rows, :], k[..., :seen, :], v[..., :seen, :], some, shift))
    return concat(parts, axis=-2)


# -- masks -------------------------------------------------------------------------------------------------------


def causal_mask(
    length: int,
    keys: int | None = None,
    offset: int | None = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
) -> Tensor:
    """The mask under which each query sees the keys up to its own place, of shape (`length`, `keys`).

    Query i sees the keys j with ``j <= i + offset``. By default the last query sees all keys, as in generation, where
    the queries are the newest tokens and the keys all tokens so far.

    Args:
        length: how many queries.
        keys: how many keys, as many by default.
        offset: the place of the first query among the keys, ``keys - length`` by default.
        dtype: None for booleans, True where the query takes part: what `scaled_dot_product_attention` takes. A float
            dtype for zeros and minus infinities: what every kind of attention takes.
        device: where the mask is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.causal_mask(2, 3)
        Tensor([[ True,  True, False],
                [ True,  True,  True]])
        >>> zk.nn.functional.causal_mask(2, dtype="float32")
        Tensor([[  0., -inf],
                [  0.,   0.]])
    """
    length = whole("causal_mask", "length", length)
    keys = length if keys is None else whole("causal_mask", "keys", keys)
    if length < 0 or keys < 0:
        raise InvalidValueError(
            f"causal_mask: lengths are not negative, received {length} queries and {keys} keys",
            fix="pass how many queries and how many keys there are",
            op="causal_mask",
        )
    offset = keys - length if offset is None else whole("causal_mask", "offset", offset)
    seen = expand_dims(arange(length, device=device) + offset, axis=-1) >= arange(keys, device=device)
    return seen if dtype is None else mask_to_bias(seen, dt.as_dtype(dtype))


def additive(name: str, argument: str, mask: Any, like: Tensor, hides: bool) -> Tensor:
    """A mask as numbers to add to scores, in the dtype of `like`; of booleans, True hides or takes part."""
    given = mask if isinstance(mask, Tensor) else asarray(mask, device=like.device, backend=like.backend)
    if given.dtype.kind == "b":
        return mask_to_bias(~given if hides else given, like.dtype)
    if dt.kind_rank(given.dtype) != 2:
        raise DTypeError(
            f"{name}: {argument} holds booleans or floats, received {given.dtype}",
            facts=[f"{argument}  {tuple(given.shape)} {given.dtype}"],
            fix=f"compare it to get booleans: {argument} != 0; True is to "
            + ("hide a key" if hides else "let a query take part"),
            op=name,
        )
    return cast(given, like.dtype)


def check_mask(name: str, argument: str, shape: Any, wanted: tuple[int, ...]) -> None:
    """Raise unless a mask of this shape broadcasts to the scores."""
    fits = len(shape) <= len(wanted) and all(
        n in (1, m) for n, m in zip(reversed(shape), reversed(wanted), strict=False)
    )
    if not fits:
        raise ShapeError(
            f"{name}: {argument} does not fit the scores of {wanted[-2]} queries and {wanted[-1]} keys",
            facts=[f"{argument}  {tuple(shape)}", f"scores  {wanted}, or what broadcasts to that"],
            fix=f"pass {argument} of shape ({wanted[-2]}, {wanted[-1]}), or with axes of length 1",
            op=name,
            shapes=(tuple(shape), wanted),
        )


def check_shapes(name: str, q: Tensor, k: Tensor, v: Tensor, grouped: bool) -> tuple[int, ...]:
    """The axes before the last two of the scores; an error if queries, keys and values do not fit each other."""
    facts = [f"query  {tuple(q.shape)}", f"key    {tuple(k.shape)}", f"value  {tuple(v.shape)}"]
    shapes = (q.shape, k.shape, v.shape)

    def wrong(what: str, fix: str) -> ShapeError:
        return ShapeError(f"{name}: {what}", facts=facts, fix=fix, op=name, shapes=shapes)

    for argument, x in (("query", q), ("key", k), ("value", v)):
        if x.ndim < 2:
            raise wrong(f"{argument} has {x.ndim} axes; it needs at least 2", "pass it as (..., length, features)")
        if dt.kind_rank(x.dtype) != 2:
            raise DTypeError(
                f"{name} takes real floats, but {argument} is {x.dtype}",
                facts=facts,
                fix=f"convert it first: {argument}.astype(zk.float32)",
                op=name,
                dtype=x.dtype,
            )
    if q.shape[-1] != k.shape[-1]:
        raise wrong(
            f"queries have {q.shape[-1]} features, keys {k.shape[-1]}", "bring both to the same number of features"
        )
    if k.shape[-2] != v.shape[-2]:
        raise wrong(f"there are {k.shape[-2]} keys, but {v.shape[-2]} values", "pass one value for each key")
    leading = [list(x.shape[:-2]) for x in (q, k, v)]
    if grouped:
        if min(len(s) for s in leading) < 1:
            raise wrong(
                "enable_gqa needs an axis of heads, the third from the end", "pass (..., heads, length, features)"
            )
        heads, *others = (s[-1] for s in leading)
        if others[0] != others[1]:
            raise wrong(f"{others[0]} heads of keys, but {others[1]} of values", "pass as many of one as of the other")
        if others[0] == 0 or heads % others[0]:
            raise wrong(
                f"{heads} heads of queries cannot share {others[0]} heads of keys evenly",
                "make the number of query heads a multiple of that of key heads",
            )
        for s in leading[1:]:
            s[-1] = heads
    out: list[int] = []
    for at in range(-max(len(s) for s in leading), 0):
        lengths = {s[at] for s in leading if len(s) >= -at} - {1}
        if len(lengths) > 1:
            raise wrong(
                f"axis {at - 2} has {' and '.join(map(str, sorted(lengths)))}; it must be the same, or 1",
                "pass the same batch and heads; for grouped heads pass enable_gqa=True",
            )
        out.append(lengths.pop() if lengths else 1)
    return tuple(out)
