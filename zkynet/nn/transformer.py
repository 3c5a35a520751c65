"""Stacks of transformer layers, and the whole transformer (Vaswani et al., Attention is all you need, 2017)."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ArgumentError, described
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.caches import KeyValueCache
from zkynet.nn.containers import ModuleList
from zkynet.nn.module import Module
from zkynet.nn.normalization import LayerNorm
from zkynet.nn.sizes import check_size
from zkynet.nn.transformer_layers import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from zkynet.tensor import Tensor

__all__ = ["Transformer", "TransformerDecoder", "TransformerEncoder"]


def _copies(name: str, layer: Any, n: Any) -> ModuleList:
    if not isinstance(layer, Module):
        raise ArgumentError(f"{name} consists of copies of a layer, received {described(layer)}", fix="pass a module")
    return ModuleList([copy.deepcopy(layer) for _ in range(check_size(name, "num_layers", n))])


class TransformerEncoder(Module):
    """Several encoder layers, one after the other, and a norm at the end if one is given.

    The layers are copies of one, and begin with its weights, as in PyTorch; ``model.layers.apply(...)`` or the
    `reset_parameters` here give each weights of its own.

    Args:
        encoder_layer: the layer that is copied.
        num_layers: how many copies.
        norm: a norm of the output, or None.
        enable_nested_tensor: taken for PyTorch's sake; nothing depends on it.
        mask_check: taken for PyTorch's sake; nothing depends on it.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.TransformerEncoder(zk.nn.TransformerEncoderLayer(8, 2, 16), 3, zk.nn.LayerNorm(8))
        >>> model(zk.ones((5, 3, 8)), is_causal=True).shape
        (5, 3, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        self.layers = _copies("TransformerEncoder", encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def reset_parameters(self) -> None:
        """Give all layers new initial values, each its own.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TransformerEncoder(zk.nn.TransformerEncoderLayer(8, 2, 16), 3).reset_parameters()
        """
        _reset(self)

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The input passed through all layers.

        Args:
            src: (L, B, d_model), with `batch_first` (B, L, d_model), or (L, d_model).
            mask: what is hidden from whom, as the `attn_mask` of `MultiheadAttention` (True hides).
            src_key_padding_mask: which keys are padding, (B, L), True for those.
            is_causal: whether each token sees only itself and those before it, besides what the masks hide.
            cache: of the tokens before these, for generation: one for all layers.

        Example:
            >>> import zkynet as zk
            >>> model = zk.nn.TransformerEncoder(zk.nn.TransformerEncoderLayer(8, 2, 16), 2)
            >>> model.forward(zk.ones((5, 3, 8))).shape
            (5, 3, 8)
        """
        more: dict[str, Any] = {} if cache is None else {"cache": cache}
        x = src
        with nullcontext() if cache is None else cache._all_or_nothing():
            for layer in self.layers:
                x = layer(
                    x, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal), **more
                )
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(Module):
    """Several decoder layers, one after the other, and a norm at the end if one is given.

    The layers are copies of one, and begin with its weights, as in PyTorch; `reset_parameters` gives each its own.

    Args:
        decoder_layer: the layer that is copied.
        num_layers: how many copies.
        norm: a norm of the output, or None.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.TransformerDecoder(zk.nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), 2).eval()
        >>> memory, x, cache = zk.ones((3, 7, 8)), zk.ones((3, 4, 8)), zk.nn.KeyValueCache()
        >>> for t in range(4):  # token by token, as in generation
        ...     y = model(x[:, t : t + 1], memory, tgt_is_causal=True, cache=cache)
        >>> zk.max(zk.abs(y - model(x, memory, tgt_is_causal=True)[:, -1:])).item() < 1e-5
        True
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = _copies("TransformerDecoder", decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def reset_parameters(self) -> None:
        """Give all layers new initial values, each its own.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TransformerDecoder(zk.nn.TransformerDecoderLayer(8, 2, 16), 3).reset_parameters()
        """
        _reset(self)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The input passed through all layers.

        Args:
            tgt: (L, B, d_model), with `batch_first` (B, L, d_model), or (L, d_model).
            memory: what the encoder made, of the same batch and features.
            tgt_mask: what is hidden from whom within `tgt`, as the `attn_mask` of `MultiheadAttention` (True hides).
            memory_mask: the same for `memory`.
            tgt_key_padding_mask: which tokens of `tgt` are padding, (B, L), True for those.
            memory_key_padding_mask: which of `memory` are.
            tgt_is_causal: whether each token sees only itself and those before it, besides what the masks hide.
            memory_is_causal: the same for `memory`.
            cache: of the tokens before these, and of the memory, for generation: one for all layers.

        Example:
            >>> import zkynet as zk
            >>> model = zk.nn.TransformerDecoder(zk.nn.TransformerDecoderLayer(8, 2, 16), 2)
            >>> model.forward(zk.ones((5, 3, 8)), zk.ones((7, 3, 8))).shape
            (5, 3, 8)
        """
        more: dict[str, Any] = {} if cache is None else {"cache": cache}
        x = tgt
        with nullcontext() if cache is None else cache._all_or_nothing():
            for layer in self.layers:
                x = layer(
                    x,
                    memory,
                    tgt_mask=tgt_mask,
                    memory_mask=memory_mask,
                    tgt_key_padding_mask=tgt_key_padding_mask,
                    memory_key_padding_mask=memory_key_padding_mask,
                    tgt_is_causal=bool(tgt_is_causal),
                    memory_is_causal=memory_is_causal,
                    **more,
                )
        return x if self.norm is None else self.norm(x)


def _reset(stack: Any) -> None:
    for module in stack.modules():
        if module is not stack and hasattr(module, "reset_parameters"):
            module.reset_parameters()


class Transformer(Module):
    """An encoder and a decoder: a sequence in, another one, of which the decoder sees what came before, out.

    Matrices are drawn by Xavier's uniform scheme. Embeddings, positions and the last projection are left to the user.

    Args:
        d_model: the features of input and output, a multiple of `nhead`.
        nhead: how many heads.
        num_encoder_layers: how many layers the encoder has.
        num_decoder_layers: how many the decoder has.
        dim_feedforward: the features within the feed-forward parts.
        dropout: the share of elements that are set to zero in training.
        activation: "relu", "gelu" or a function.
        custom_encoder: another encoder, called as `TransformerEncoder` is.
        custom_decoder: another decoder, called as `TransformerDecoder` is.
        layer_norm_eps: what the layer norms add to the variance.
        batch_first: whether tensors are (batch, length, features), not (length, batch, features).
        norm_first: whether layer norms stand before the parts, not after them.
        bias: whether linear layers and norms have a bias.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
        >>> model(zk.ones((3, 7, 8)), zk.ones((3, 5, 8)), tgt_is_causal=True).shape
        (3, 5, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        options = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, device, dtype)
        made: dict[str, Any] = {"eps": layer_norm_eps, "bias": bias, "device": device, "dtype": dtype}
        self.encoder: Module = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(d_model, nhead, *options), num_encoder_layers, LayerNorm(d_model, **made)
        )
        self.decoder: Module = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(d_model, nhead, *options), num_decoder_layers, LayerNorm(d_model, **made)
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all matrices anew, by Xavier's uniform scheme.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Transformer(8, 2, 1, 1, 16).reset_parameters()
        """
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Encode one sequence and decode another with it.

        To generate, encode once, ``memory = model.encoder(src)``, and decode token by token with a cache:
        ``model.decoder(token, memory, tgt_is_causal=True, cache=cache)``.

        Args:
            src: (S, B, d_model), with `batch_first` (B, S, d_model), or (S, d_model).
            tgt: (T, B, d_model), with `batch_first` (B, T, d_model), or (T, d_model).
            src_mask: what is hidden from whom within `src`, as the `attn_mask` of `MultiheadAttention` (True hides).
            tgt_mask: the same within `tgt`; `generate_square_subsequent_mask` makes the usual one.
            memory_mask: the same of the encoder's result.
            src_key_padding_mask: which tokens of `src` are padding, (B, S), True for those.
            tgt_key_padding_mask: which tokens of `tgt` are, (B, T).
            memory_key_padding_mask: which of the encoder's result are, (B, S).
            src_is_causal: whether each token of `src` sees only itself and those before it.
            tgt_is_causal: the same for `tgt`.
            memory_is_causal: whether token i of `tgt` sees those of `src` up to i only.

        Returns:
            A tensor like `tgt`.

        Example:
            >>> import zkynet as zk
            >>> model = zk.nn.Transformer(8, 2, 1, 1, 16)
            >>> mask = model.generate_square_subsequent_mask(5)
            >>> model.forward(zk.ones((7, 3, 8)), zk.ones((5, 3, 8)), tgt_mask=mask).shape
            (5, 3, 8)
        """
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )  # fmt: skip
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: DeviceLike = None, dtype: DTypeLike = None) -> Tensor:
        """The mask that hides from each token those after it: minus infinity there, 0 elsewhere.

        Args:
            sz: how many tokens.
            device: where the mask is to live.
            dtype: its data type, float32 by default.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Transformer.generate_square_subsequent_mask(2)
            Tensor([[  0., -inf],
                    [  0.,   0.]])
        """
        return F.causal_mask(sz, dtype="float32" if dtype is None else dtype, device=device)
