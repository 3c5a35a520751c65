"""Multi-head attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.attention_records import AttentionLayer
from zkynet.nn.caches import KeyValueCache
from zkynet.nn.functional.attention import additive, attend, check_mask, share_to_drop
from zkynet.nn.linear import Linear
from zkynet.nn.parameter import Parameter, new_parameter
from zkynet.nn.positions import RotaryEncoding
from zkynet.nn.sizes import check_size
from zkynet.ops.arguments import flag
from zkynet.ops.creation import asarray
from zkynet.ops.joining import concat, split, unstack
from zkynet.ops.reordering import permute_dims
from zkynet.ops.shaping import broadcast_to, expand_dims, reshape, squeeze
from zkynet.ops.statistics import mean
from zkynet.tensor import Tensor

__all__ = ["MultiheadAttention"]

MHA = "MultiheadAttention"


class MultiheadAttention(AttentionLayer):
    """Scaled dot-product attention in several heads, each on its own projection of queries, keys and values.

    ``concat(head_1, …, head_h) W_out + b_out`` with ``head_i = attention(q W_i^Q, k W_i^K, v W_i^V)`` (Vaswani et al.,
    Attention is all you need, 2017).

    **Masks of booleans mean the opposite here of what they mean in `scaled_dot_product_attention`, as in PyTorch**:
    True hides the key. Masks of floats, such as `Transformer.generate_square_subsequent_mask` gives, are added to the
    scores here and there. A query whose keys are all hidden gives zeros (before the last projection), not NaN.

    Args:
        embed_dim: the features of queries and of the result, a multiple of `num_heads`.
        num_heads: how many heads.
        dropout: the share of weights that are set to zero in training.
        bias: whether the projections have a bias.
        add_bias_kv: whether a learned key and value are added to every sequence.
        add_zero_attn: whether a key and value of zeros are added to every sequence.
        kdim: the features of keys, `embed_dim` by default.
        vdim: the features of values, `embed_dim` by default.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        device: where the parameters live.
        dtype: their data type.
        num_kv_heads: how many heads of keys and values there are; each is shared by a group of heads of queries
            (grouped-query attention, Ainslie et al., 2023). As many as `num_heads` by default.
        rotary: a `RotaryEncoding` to turn queries and keys by, where they are of one sequence.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.MultiheadAttention(8, 2, batch_first=True)
        >>> y, weights = layer(zk.ones((3, 5, 8)), zk.ones((3, 7, 8)), zk.ones((3, 7, 8)))
        >>> y.shape, weights.shape
        ((3, 5, 8), (3, 5, 7))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
        *,
        num_kv_heads: int | None = None,
        rotary: RotaryEncoding | None = None,
    ) -> None:
        self.embed_dim = e = check_size(MHA, "embed_dim", embed_dim)
        self.num_heads = check_size(MHA, "num_heads", num_heads)
        self.num_kv_heads = check_size(MHA, "num_kv_heads", num_heads if num_kv_heads is None else num_kv_heads)
        self.kdim = e if kdim is None else check_size(MHA, "kdim", kdim)
        self.vdim = e if vdim is None else check_size(MHA, "vdim", vdim)
        if e % self.num_heads:
            raise InvalidValueError(
                f"{MHA}: {e} features cannot be shared evenly by {self.num_heads} heads",
                facts=[f"embed_dim  {e}", f"num_heads  {self.num_heads}"],
                fix=f"make embed_dim a multiple of num_heads, {e // self.num_heads * self.num_heads or self.num_heads} "
                f"or {(e // self.num_heads + 1) * self.num_heads} for example",
            )
        if self.num_heads % self.num_kv_heads:
            raise InvalidValueError(
                f"{MHA}: {self.num_heads} heads of queries cannot share {self.num_kv_heads} heads of keys evenly",
                fix="make num_heads a multiple of num_kv_heads",
            )
        self.head_dim = e // self.num_heads
        self.dropout = share_to_drop(MHA, "dropout", dropout)
        self.batch_first = flag(MHA, "batch_first", batch_first)
        self.add_zero_attn = flag(MHA, "add_zero_attn", add_zero_attn)
        shared = self.num_kv_heads * self.head_dim  # the width of keys and of values
        self._widths = (e, shared, shared)
        if self.kdim == self.vdim == e:
            self.in_proj_weight = new_parameter((e + 2 * shared, e), dtype, device)
            self.q_proj_weight = self.k_proj_weight = self.v_proj_weight = None
        else:
            self.in_proj_weight = None
            self.q_proj_weight = new_parameter((e, e), dtype, device)
            self.k_proj_weight = new_parameter((shared, self.kdim), dtype, device)
            self.v_proj_weight = new_parameter((shared, self.vdim), dtype, device)
        bias = flag(MHA, "bias", bias)
        self.in_proj_bias = new_parameter((e + 2 * shared,), dtype, device) if bias else None
        self.out_proj = Linear(e, e, bias=bias, device=device, dtype=dtype)
        add_bias_kv = flag(MHA, "add_bias_kv", add_bias_kv)
        self.bias_k = new_parameter((1, 1, shared), dtype, device) if add_bias_kv else None
        self.bias_v = new_parameter((1, 1, shared), dtype, device) if add_bias_kv else None
        self.rotary = rotary
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give the parameters new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MultiheadAttention(8, 2).reset_parameters()
        """
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        self.out_proj.reset_parameters()
        if self.in_proj_bias is not None and self.out_proj.bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Look up each query among the keys.

        Args:
            query: (L, B, embed_dim), with `batch_first` (B, L, embed_dim), or (L, embed_dim) without a batch.
            key: (S, B, kdim), (B, S, kdim) or (S, kdim); the queries by default.
            value: (S, B, vdim), (B, S, vdim) or (S, vdim); the keys by default.
            key_padding_mask: booleans of shape (B, S), (S,) without a batch, **True where a key is to be hidden**; or
                floats that are added to the scores.
            need_weights: whether to return the weights as well.
            attn_mask: booleans of shape (L, S) or (B * num_heads, L, S), or of four axes that broadcast to
                (B, num_heads, L, S), **True where a key is to be hidden** from a query; or floats that are added to the
                scores.
            average_attn_weights: whether weights are averaged over the heads.
            is_causal: whether keys after the query's own place are hidden, in addition to what the masks hide. (In
                PyTorch it is a hint, which changes nothing unless the mask is causal.)
            cache: the keys and values of the tokens before these; new ones are added to it. S counts them all then.
                Attention to another sequence than the queries' computes keys and values once.

        Returns:
            A tensor like `query`, and the weights as they are before dropout: (B, L, S), or (B, num_heads, L, S) if
            they are not averaged, without B if there is no batch; None if they are not asked for.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.MultiheadAttention(8, 2)
            >>> layer.forward(zk.ones((5, 3, 8)), need_weights=False, is_causal=True)[0].shape
            (5, 3, 8)
        """
        key = query if key is None else key
        value = key if value is None else value
        batched = self._check(query, key, value)
        own = key is query and value is query
        if cache is not None and not own and (key is query or value is query):
            raise ArgumentError(
                f"{MHA}: with a cache, keys and values both come from the queries' sequence, or both from another one",
                fix="pass one tensor as query, key and value, or leave the cache out",
            )
        if not batched:
            axis = 0 if self.batch_first else 1
            query, key, value = self._with_batch(query, key, value, axis)
        grown = cache is not None and own
        before = cache.length_of(self) if cache is not None and grown else 0
        length, batch = query.shape[1 if self.batch_first else 0], query.shape[0 if self.batch_first else 1]
        n = before + key.shape[1 if self.batch_first else 0]
        bias = self._bias(query, batch, length, n, attn_mask, key_padding_mask, batched)
        causal = before if flag(MHA, "is_causal", is_causal) else None
        q, k, v = self._project(query, key, value, own, cache)
        if self.rotary is not None and own:
            q, k = self.rotary(q, offset=before), self.rotary(k, offset=before)
        if cache is not None and grown:
            k, v = cache.append(self, k, v)
        k, v, bias, causal = self._with_extras(k, v, bias, causal, length, n)
        wanted = flag(MHA, "need_weights", need_weights)
        recorded = self._is_recorded()
        p = self.dropout if self.training else 0.0
        out, weights = attend(q, k, v, bias, causal, 1.0 / math.sqrt(self.head_dim), p, wanted or recorded)
        if recorded and weights is not None:
            self._note(weights)
        order = (0, 2, 1, 3) if self.batch_first else (2, 0, 1, 3)
        joined = permute_dims(out, order)
        y = self.out_proj(reshape(joined, (*joined.shape[:2], self.embed_dim)))
        if not batched:
            y = squeeze(y, axis=0 if self.batch_first else 1)
        if not wanted or weights is None:
            return y, None
        if flag(MHA, "average_attn_weights", average_attn_weights):
            weights = mean(weights, axis=1)
        return y, weights if batched else squeeze(weights, axis=0)

    def _with_batch(self, query: Tensor, key: Tensor, value: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
        """The three with an axis for a batch of one; where they are one, they stay one."""
        q = expand_dims(query, axis=axis)
        k = q if key is query else expand_dims(key, axis=axis)
        return q, k, k if value is key else expand_dims(value, axis=axis)

    def _project(
        self, query: Tensor, key: Tensor, value: Tensor, own: bool, cache: KeyValueCache | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of each head, (B, heads, length, features)."""
        d, e = self.head_dim, self.embed_dim
        if own and self.in_proj_weight is not None:
            joined = F.linear(query, self.in_proj_weight, self.in_proj_bias)
            if self.num_kv_heads == self.num_heads:
                parts = unstack(reshape(joined, (*joined.shape[:2], 3, self.num_heads, d)), axis=2)
                q, k, v = (permute_dims(x, self._to_heads) for x in parts)
                return q, k, v
            q, k, v = (self._heads(x) for x in split(joined, self._widths, axis=-1))
            return q, k, v
        remembered = None if cache is None or own else cache.fixed(self, key, value)
        biases: Any = (None,) * 3 if self.in_proj_bias is None else split(self.in_proj_bias, self._widths)
        if self.in_proj_weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        elif key is value and remembered is None:  # keys and values in one product
            wq, wkv = split(self.in_proj_weight, (e, 2 * self._widths[1]))
            bkv = None if self.in_proj_bias is None else concat(biases[1:])
            k, v = (self._heads(x) for x in split(F.linear(key, wkv, bkv), self._widths[1:], axis=-1))
            if cache is not None:
                cache.fix(self, key, value, k, v)
            return self._heads(F.linear(query, wq, biases[0])), k, v
        else:
            weights = split(self.in_proj_weight, self._widths)
        q = self._heads(F.linear(query, weights[0], biases[0]))
        if remembered is not None:
            return q, *remembered
        k, v = (self._heads(F.linear(x, weights[i], biases[i])) for i, x in ((1, key), (2, value)))
        if cache is not None and not own:
            cache.fix(self, key, value, k, v)
        return q, k, v

    @property
    def _to_heads(self) -> tuple[int, int, int, int]:
        return (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, L, heads * features) or (L, B, heads * features) as (B, heads, L, features)."""
        return permute_dims(reshape(x, (*x.shape[:2], x.shape[2] // self.head_dim, self.head_dim)), self._to_heads)

    def _with_extras(
        self, k: Tensor, v: Tensor, bias: Tensor | None, causal: int | None, length: int, n: int
    ) -> tuple[Tensor, Tensor, Tensor | None, int | None]:
        """The keys and values that are added to every sequence; every query sees them."""
        added = int(self.bias_k is not None) + int(self.add_zero_attn)
        if not added:
            return k, v, bias, causal
        shape = (k.shape[0], self.num_kv_heads, 1, self.head_dim)
        zero = asarray(0.0, dtype=k.dtype, device=k.device, backend=k.backend)
        ks, vs = [k], [v]
        if self.bias_k is not None and self.bias_v is not None:
            for row, into in ((self.bias_k, ks), (self.bias_v, vs)):
                into.append(broadcast_to(reshape(row, (1, *shape[1:])), shape))
        if self.add_zero_attn:
            ks.append(broadcast_to(zero, shape))
            vs.append(broadcast_to(zero, shape))
        if causal is not None:
            later = additive(MHA, "is_causal", np.tri(length, n, causal, dtype=bool), k, hides=False)
            bias = later if bias is None else bias + later
        if bias is not None:
            bias = broadcast_to(bias, (*bias.shape[:-1], n))
            bias = concat([bias, broadcast_to(zero, (*bias.shape[:-1], added))], axis=-1)
        return concat(ks, axis=2), concat(vs, axis=2), bias, None

    # -- checks -------------------------------------------------------------------------------------------------

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> bool:
        """Whether there is a batch; an error if queries, keys and values do not fit the layer or each other."""
        given = {"query": (query, self.embed_dim), "key": (key, self.kdim), "value": (value, self.vdim)}
        for what, (x, _) in given.items():
            if not isinstance(x, Tensor):
                raise ArgumentError(
                    f"{MHA}: {what} is a tensor, received {described(x)}", fix="convert it first with zk.asarray(...)"
                )
        form = "(batch, length, features)" if self.batch_first else "(length, batch, features)"
        facts = [f"{what:<5}  {tuple(x.shape)}" for what, (x, _) in given.items()]
        facts.append(f"batch_first={self.batch_first}: {form}")

        def wrong(what: str, fix: str) -> ShapeError:
            return ShapeError(f"{MHA}: {what}", facts=facts, fix=fix, op=MHA)

        if query.ndim not in (2, 3) or key.ndim != query.ndim or value.ndim != query.ndim:
            raise wrong(
                f"queries, keys and values have {query.ndim}, {key.ndim} and {value.ndim} axes; all have 3, or 2 "
                "without a batch",
                f"pass them as {form}",
            )
        for what, (x, features) in given.items():
            if x.shape[-1] != features:
                raise wrong(
                    f"the {what} has {x.shape[-1]} features, the layer takes {features}",
                    f"make the layer with {'embed_dim' if what == 'query' else what[0] + 'dim'}={x.shape[-1]}",
                )
        at = 1 if self.batch_first and query.ndim == 3 else 0
        if key.shape[at] != value.shape[at]:
            raise wrong(f"there are {key.shape[at]} keys, but {value.shape[at]} values", "pass one value for each key")
        if query.ndim == 3:
            batches = [x.shape[1 - at] for x in (query, key, value)]
            if len(set(batches)) > 1:
                raise wrong(
                    f"the batches differ: {batches[0]} of queries, {batches[1]} of keys, {batches[2]} of values",
                    f"pass all as {form}, or make the layer with batch_first={not self.batch_first}",
                )
        return query.ndim == 3

    def _bias(
        self, query: Tensor, batch: int, length: int, n: int, attn_mask: Any, key_padding_mask: Any, batched: bool
    ) -> Tensor | None:
        """Both masks as numbers to add to the scores (B, heads, L, S)."""
        bias = None
        if attn_mask is not None:
            bias = additive(MHA, "attn_mask", attn_mask, query, hides=True)
            shape, whole = tuple(bias.shape), (batch, self.num_heads, length, n)
            fits = shape in ((length, n), (batch * self.num_heads, length, n))
            if fits and len(shape) == 3:
                bias = reshape(bias, whole)
            elif not fits and len(shape) == 4:
                check_mask(MHA, "attn_mask", shape, whole)
            elif not fits:
                raise ShapeError(
                    f"{MHA}: attn_mask does not fit {length} queries and {n} keys",
                    facts=[
                        f"attn_mask  {shape}",
                        f"taken are  ({length}, {n}), ({batch * self.num_heads}, {length}, {n}) with "
                        f"{batch} x {self.num_heads} for batch and heads, or 4 axes that broadcast to {whole}",
                    ],
                    fix=f"pass attn_mask of shape ({length}, {n})",
                    op=MHA,
                )
        if key_padding_mask is not None:
            padding = additive(MHA, "key_padding_mask", key_padding_mask, query, hides=True)
            wanted = (batch, n) if batched else (n,)
            if tuple(padding.shape) != wanted:
                raise ShapeError(
                    f"{MHA}: key_padding_mask does not fit a batch of {batch} with {n} keys",
                    facts=[f"key_padding_mask  {tuple(padding.shape)}", f"expected          {wanted}"],
                    fix="pass one entry for each key"
                    + (", those in the cache too" if n > length and batched else "")
                    + ", (batch, keys) whatever batch_first is",
                    op=MHA,
                )
            padding = reshape(padding, (batch, 1, 1, n))
            bias = padding if bias is None else bias + padding
        return bias

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MultiheadAttention(8, 2, batch_first=True).extra_repr()
            'embed_dim=8, num_heads=2, batch_first=True'
        """
        text = f"embed_dim={self.embed_dim}, num_heads={self.num_heads}"
        for name, value, default in (
            ("num_kv_heads", self.num_kv_heads, self.num_heads),
            ("kdim", self.kdim, self.embed_dim),
            ("vdim", self.vdim, self.embed_dim),
            ("dropout", self.dropout, 0.0),
            ("batch_first", self.batch_first, False),
        ):
            text += "" if value == default else f", {name}={value}"
        return text
