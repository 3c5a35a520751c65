"""Additive and multiplicative attention, as recurrent encoders and decoders have it."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.attention_records import AttentionLayer
from zkynet.nn.parameter import Parameter, new_parameter
from zkynet.nn.sizes import check_size
from zkynet.ops.arguments import flag, number, word
from zkynet.ops.shaping import expand_dims, squeeze
from zkynet.tensor import Tensor

__all__ = ["AdditiveAttention", "MultiplicativeAttention"]


class _Aligned(AttentionLayer):
    """What both have in common: shapes, masks, and a single query for each example."""

    query_features: int
    key_features: int

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Any) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor | None = None,
        lengths: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Look up each query among the keys.

        Args:
            query: (B, L, query_features), or one for each example, (B, query_features): a state of a decoder.
            key: (B, S, key_features): the states of an encoder.
            value: (B, S, V); the keys by default.
            lengths: how many keys of each example are real, integers of shape (B,); the others are hidden.
            mask: booleans, True where a key **takes part**, or floats that are added to the scores, of a shape that
                broadcasts to (B, L, S); of (B, S) where there is one query for each example.

        Returns:
            The weighted averages of values, (B, L, V), and the weights, (B, L, S); without L where there is one query
            for each example.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.AdditiveAttention(4, 6, 8)
            >>> context, weights = layer.forward(zk.ones((2, 4)), zk.ones((2, 5, 6)), lengths=zk.tensor([5, 2]))
            >>> context.shape, weights.shape
            ((2, 6), (2, 5))
        """
        kind = type(self).__name__
        value = key if value is None else value
        for what, x in (("query", query), ("key", key), ("value", value)):
            if not isinstance(x, Tensor):
                raise ArgumentError(f"{kind}: {what} is a tensor, received {described(x)}", fix="pass a tensor")
        facts = [f"query  {tuple(query.shape)}", f"key    {tuple(key.shape)}", f"value  {tuple(value.shape)}"]
        b = key.shape[0] if key.ndim == 3 else 0
        if key.ndim != 3 or query.ndim not in (2, 3) or query.shape[0] != b or value.shape[:1] != (b,):
            raise ShapeError(
                f"{kind}: queries are (batch, length, features) or (batch, features), keys and values (batch, length, "
                "features), of one batch",
                facts=facts,
                fix="put the axis of the batch first",
            )
        for what, x, n in (("query", query, self.query_features), ("key", key, self.key_features)):
            if x.shape[-1] != n:
                raise ShapeError(
                    f"{kind}: the {what} has {x.shape[-1]} features, the layer takes {n}",
                    facts=facts,
                    fix=f"make the layer with {what}_features={x.shape[-1]}",
                )
        single = query.ndim == 2
        if lengths is not None:
            if tuple(lengths.shape) != (b,):
                raise ShapeError(
                    f"{kind}: there is one length for each of {b} examples, received shape {tuple(lengths.shape)}",
                    facts=facts,
                    fix=f"pass lengths of shape ({b},)",
                )
            if mask is not None:
                raise ArgumentError(
                    f"{kind}: lengths and mask exclude each other",
                    fix="put both into the mask: mask & zk.nn.functional.length_mask(lengths, keys)[:, None]",
                )
            mask = expand_dims(F.length_mask(lengths, key.shape[1]), axis=1)
        elif mask is not None and single and mask.ndim == 2:
            mask = expand_dims(mask, axis=1)
        out, weights = self._attend(expand_dims(query, axis=1) if single else query, key, value, mask)
        if single:
            out, weights = squeeze(out, axis=1), squeeze(weights, axis=1)
        self._note(weights)
        return out, weights


def _uniform(weight: Parameter, fan: int) -> None:
    bound = 1 / math.sqrt(fan)
    init.uniform_(weight, -bound, bound)


class AdditiveAttention(_Aligned):
    """Attention whose scores come from a small network: ``score(q, k) = v · tanh(W q + U k + b)``.

    Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015. W, U, v and b
    are drawn evenly from ±1 over the square root of how many numbers they sum.

    Args:
        query_features: the length of queries.
        key_features: that of keys, as long as queries by default.
        hidden_features: the units of the hidden layer, as many as a query has features by default.
        bias: whether there is a b.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.AdditiveAttention(4)
        >>> context, weights = layer(zk.ones((2, 3, 4)), zk.ones((2, 5, 4)))
        >>> context.shape, weights.shape
        ((2, 3, 4), (2, 3, 5))
    """

    def __init__(
        self,
        query_features: int,
        key_features: int | None = None,
        hidden_features: int | None = None,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        name = "AdditiveAttention"
        self.query_features = n = check_size(name, "query_features", query_features)
        self.key_features = n if key_features is None else check_size(name, "key_features", key_features)
        self.hidden_features = n if hidden_features is None else check_size(name, "hidden_features", hidden_features)
        self.query_weight = new_parameter((self.hidden_features, self.query_features), dtype, device)
        self.key_weight = new_parameter((self.hidden_features, self.key_features), dtype, device)
        self.score_weight = new_parameter((self.hidden_features,), dtype, device)
        self.bias = new_parameter((self.hidden_features,), dtype, device) if flag(name, "bias", bias) else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give the parameters new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.AdditiveAttention(4).reset_parameters()
        """
        _uniform(self.query_weight, self.query_features)
        _uniform(self.key_weight, self.key_features)
        _uniform(self.score_weight, self.hidden_features)
        if self.bias is not None:
            _uniform(self.bias, self.query_features)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Any) -> tuple[Tensor, Tensor]:
        weights = (self.query_weight, self.key_weight, self.score_weight, self.bias)
        return F.additive_attention(query, key, value, *weights, attn_mask=mask)

    def extra_repr(self) -> str:
        """The sizes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.AdditiveAttention(4, 6, 8).extra_repr()
            '4, 6, 8'
        """
        return f"{self.query_features}, {self.key_features}, {self.hidden_features}"


class MultiplicativeAttention(_Aligned):
    """Attention whose scores are products: ``score(q, k) = scale * q · W k``, or without W ``scale * q · k``.

    Luong, Pham and Manning, Effective approaches to attention-based neural machine translation, 2015. W is drawn evenly
    from ±1 over the square root of `key_features`.

    Args:
        query_features: the length of queries.
        key_features: that of keys, as long as queries by default.
        score: "general" with W, "dot" without.
        scale: what scores are multiplied by.
        device: where the parameter lives.
        dtype: its data type.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.MultiplicativeAttention(4, 6)
        >>> context, weights = layer(zk.ones((2, 3, 4)), zk.ones((2, 5, 6)))
        >>> context.shape, weights.shape
        ((2, 3, 6), (2, 3, 5))
    """

    def __init__(
        self,
        query_features: int,
        key_features: int | None = None,
        score: str = "general",
        scale: float = 1.0,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        name = "MultiplicativeAttention"
        self.query_features = n = check_size(name, "query_features", query_features)
        self.key_features = n if key_features is None else check_size(name, "key_features", key_features)
        self.score, self.scale = word(name, "score", score), float(number(name, "scale", scale))
        if score not in ("general", "dot"):
            raise InvalidValueError(
                f"{name}: score is 'general' or 'dot', received {score!r}",
                fix="pass one of them; 'general' has weights",
            )
        if score == "dot" and self.key_features != n:
            raise InvalidValueError(
                f"{name}: queries of {n} features have no dot product with keys of {self.key_features}",
                fix="pass score='general'",
            )
        self.weight = new_parameter((n, self.key_features), dtype, device) if score == "general" else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give W new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MultiplicativeAttention(4).reset_parameters()
        """
        if self.weight is not None:
            _uniform(self.weight, self.key_features)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Any) -> tuple[Tensor, Tensor]:
        return F.multiplicative_attention(query, key, value, self.weight, mask, self.scale)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MultiplicativeAttention(4, 6).extra_repr()
            "4, 6, score='general'"
        """
        return f"{self.query_features}, {self.key_features}, score={self.score!r}"
