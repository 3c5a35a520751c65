"""The layers of the transformer (Vaswani et al., Attention is all you need, 2017)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import InvalidValueError, described
from zkynet.nn.attention import MultiheadAttention
from zkynet.nn.caches import KeyValueCache
from zkynet.nn.dropout import Dropout
from zkynet.nn.linear import Linear
from zkynet.nn.module import Module
from zkynet.nn.normalization import LayerNorm
from zkynet.nn.positions import RotaryEncoding
from zkynet.nn.sizes import check_size
from zkynet.ops.activations import gelu
from zkynet.ops.arguments import flag
from zkynet.ops.piecewise import relu
from zkynet.tensor import Tensor

__all__ = ["TransformerDecoderLayer", "TransformerEncoderLayer"]

Activation = str | Callable[[Tensor], Tensor]


def _activation(name: str, activation: Activation) -> Callable[[Tensor], Tensor]:
    known: dict[Any, Callable[[Tensor], Tensor]] = {"relu": relu, "gelu": gelu}
    if isinstance(activation, str) and activation in known:
        return known[activation]
    if callable(activation):
        return activation
    raise InvalidValueError(
        f"{name}: activation is 'relu', 'gelu' or a function, received {described(activation)}",
        fix="pass the function itself: activation=zk.silu",
    )


class _Layer(Module):
    """What encoder and decoder layers share: self-attention, the feed-forward part, and how parts are put together."""

    def _make(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: Activation,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        device: DeviceLike,
        dtype: DTypeLike,
        num_kv_heads: int | None,
        rotary: RotaryEncoding | None,
        cross: bool,
    ) -> None:
        name = type(self).__name__
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        attention: dict[str, Any] = {"dropout": dropout, "bias": bias, "batch_first": batch_first} | made
        attention["num_kv_heads"] = num_kv_heads
        self.self_attn = MultiheadAttention(d_model, nhead, **attention, rotary=rotary)
        if cross:
            self.multihead_attn = MultiheadAttention(d_model, nhead, **attention)
        hidden = check_size(name, "dim_feedforward", dim_feedforward)
        self.linear1 = Linear(d_model, hidden, bias=bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(hidden, d_model, bias=bias, **made)
        self.norm_first = flag(name, "norm_first", norm_first)
        for i in range(1, 4 if cross else 3):
            setattr(self, f"norm{i}", LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **made))
        for i in range(1, 4 if cross else 3):
            setattr(self, f"dropout{i}", Dropout(dropout))
        self.activation = _activation(name, activation)

    def _residual(self, x: Tensor, part: Callable[[Tensor], Tensor], norm: Module, dropout: Module) -> Tensor:
        """`part` around which `x` flows unchanged; the norm before it or after the sum."""
        if self.norm_first:
            return x + dropout(part(norm(x)))
        return norm(x + dropout(part(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Self-attention and a feed-forward part, around each of which the input flows unchanged.

    ``x = norm1(x + attention(x)); y = norm2(x + linear2(activation(linear1(x))))``, or with `norm_first`
    ``x = x + attention(norm1(x)); y = x + linear2(activation(linear1(norm2(x))))``. With ``is_causal=True`` this is
    also the layer of a language model such as GPT.

    Args:
        d_model: the features of input and output, a multiple of `nhead`.
        nhead: how many heads.
        dim_feedforward: the features between the two linear layers.
        dropout: the share of elements that are set to zero in training, of weights and after each part.
        activation: "relu", "gelu" or a function.
        layer_norm_eps: what the layer norms add to the variance.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        norm_first: whether layer norms stand before the parts, not after them.
        bias: whether linear layers and norms have a bias.
        device: where the parameters live.
        dtype: their data type.
        num_kv_heads: how many heads of keys and values there are, if they are shared by groups of heads.
        rotary: a `RotaryEncoding` of queries and keys.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.TransformerEncoderLayer(8, 2, dim_feedforward=32, batch_first=True)
        >>> layer(zk.ones((3, 5, 8))).shape
        (3, 5, 8)
    """

    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
        *,
        num_kv_heads: int | None = None,
        rotary: RotaryEncoding | None = None,
    ) -> None:
        self._make(
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias,
            device, dtype, num_kv_heads, rotary, cross=False,
        )  # fmt: skip

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """One step of encoding.

        Args:
            src: (L, B, d_model), with `batch_first` (B, L, d_model), or (L, d_model).
            src_mask: what is hidden from whom, as the `attn_mask` of `MultiheadAttention` (True hides).
            src_key_padding_mask: which keys are padding, (B, L), True for those.
            is_causal: whether each token sees only itself and those before it, besides what the masks hide.
            cache: of the tokens before these, for generation.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TransformerEncoderLayer(8, 2).forward(zk.ones((5, 3, 8)), is_causal=True).shape
            (5, 3, 8)
        """

        def look(x: Tensor) -> Tensor:
            return self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal, cache=cache
            )[0]  # fmt: skip

        x = self._residual(src, look, self.norm1, self.dropout1)
        return self._residual(x, self._feed_forward, self.norm2, self.dropout2)


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the memory of an encoder, and a feed-forward part, each with a way around it.

    ``x = norm1(x + attention(x)); x = norm2(x + attention(x, memory)); y = norm3(x + feed_forward(x))``, or with
    `norm_first` the norms before the parts.

    Args:
        d_model: the features of input and output, a multiple of `nhead`.
        nhead: how many heads.
        dim_feedforward: the features between the two linear layers.
        dropout: the share of elements that are set to zero in training, of weights and after each part.
        activation: "relu", "gelu" or a function.
        layer_norm_eps: what the layer norms add to the variance.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        norm_first: whether layer norms stand before the parts, not after them.
        bias: whether linear layers and norms have a bias.
        device: where the parameters live.
        dtype: their data type.
        num_kv_heads: how many heads of keys and values there are, if they are shared by groups of heads.
        rotary: a `RotaryEncoding` of queries and keys of the self-attention.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.TransformerDecoderLayer(8, 2, dim_feedforward=32, batch_first=True)
        >>> layer(zk.ones((3, 5, 8)), zk.ones((3, 7, 8)), tgt_is_causal=True).shape
        (3, 5, 8)
    """

    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
        *,
        num_kv_heads: int | None = None,
        rotary: RotaryEncoding | None = None,
    ) -> None:
        self._make(
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias,
            device, dtype, num_kv_heads, rotary, cross=True,
        )  # fmt: skip

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """One step of decoding.

        Args:
            tgt: (L, B, d_model), with `batch_first` (B, L, d_model), or (L, d_model).
            memory: what the encoder made, of the same batch and features.
            tgt_mask: what is hidden from whom within `tgt`, as the `attn_mask` of `MultiheadAttention` (True hides).
            memory_mask: the same for `memory`.
            tgt_key_padding_mask: which tokens of `tgt` are padding, (B, L), True for those.
            memory_key_padding_mask: which of `memory` are.
            tgt_is_causal: whether each token sees only itself and those before it, besides what the masks hide.
            memory_is_causal: the same for `memory`.
            cache: of the tokens before these, and of the memory, for generation.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TransformerDecoderLayer(8, 2).forward(zk.ones((5, 3, 8)), zk.ones((7, 3, 8))).shape
            (5, 3, 8)
        """

        def look(x: Tensor) -> Tensor:
            return self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal, cache=cache
            )[0]  # fmt: skip

        def recall(x: Tensor) -> Tensor:
            return self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal, cache=cache
            )[0]  # fmt: skip

        with nullcontext() if cache is None else cache._all_or_nothing():
            x = self._residual(tgt, look, self.norm1, self.dropout1)
            x = self._residual(x, recall, self.norm2, self.dropout2)
        return self._residual(x, self._feed_forward, self.norm3, self.dropout3)
