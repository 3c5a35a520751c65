"""Layers that tell a model where each token stands."""

from __future__ import annotations

from typing import Any

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.capturing import at_once
from zkynet.errors import IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.functional.attention import share_to_drop
from zkynet.nn.functional.positions import tables_for
from zkynet.nn.module import Module
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sizes import check_size
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.creation import asarray
from zkynet.ops.shaping import expand_dims
from zkynet.tensor import Tensor

__all__ = ["ALiBi", "LearnedEncoding", "RotaryEncoding", "SinusoidalEncoding"]


class _Added(Module):
    """A layer that adds a row of a table to each token."""

    features: int
    dropout: float
    batch_first: bool

    def _rows(self, length: int, offset: int, like: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """The input with the encoding of positions added.

        Args:
            input: embeddings, (L, B, features), with `batch_first` (B, L, features), or (L, features).
            offset: the position of the first token, the number of those before it: the `length` of a cache.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.SinusoidalEncoding(4).forward(zk.zeros((2, 4)), offset=3).shape
            (2, 4)
        """
        kind = type(self).__name__
        offset = whole(kind, "offset", offset)
        if input.ndim not in (2, 3) or input.shape[-1] != self.features:
            form = "(batch, length" if self.batch_first else "(length, batch"
            raise ShapeError(
                f"{kind}: embeddings are {form}, {self.features}) or (length, {self.features})",
                facts=[f"input  {tuple(input.shape)}"],
                fix=f"make the layer with the number of features the embeddings have: {kind}({input.shape[-1:]})"
                if input.ndim in (2, 3)
                else "reshape the input",
            )
        first = input.ndim == 2 or self.batch_first
        rows = self._rows(input.shape[-2 if first else 0], offset, input)
        out = input + (rows if first else expand_dims(rows, axis=1))
        return F.dropout(out, self.dropout) if self.training and self.dropout else out


class SinusoidalEncoding(_Added):
    """Adds sines and cosines of the position to embeddings; nothing is learned, and any length will do.

    ``y[p, 2i] = x[p, 2i] + sin(p / base**(2i / features))``, and the cosine to ``x[p, 2i + 1]`` (Vaswani et al.,
    Attention is all you need, 2017). Then dropout, in training.

    Args:
        features: the width of the embeddings.
        dropout: the share of elements that are set to zero in training.
        base: the wavelengths grow from 2π towards `base` times 2π.
        batch_first: whether inputs are (batch, length, features), not (length, batch, features).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.SinusoidalEncoding(2)(zk.zeros((2, 2), dtype="float64"))
        Tensor([[0.        , 1.        ],
                [0.84147098, 0.54030231]], dtype=float64)
    """

    def __init__(self, features: int, dropout: float = 0.0, base: float = 10000.0, batch_first: bool = False) -> None:
        self.features = check_size("SinusoidalEncoding", "features", features)
        self.dropout = share_to_drop("SinusoidalEncoding", "dropout", dropout)
        self.base = float(number("SinusoidalEncoding", "base", base))
        self.batch_first = flag("SinusoidalEncoding", "batch_first", batch_first)
        self._known: tuple[Any, Tensor] | None = None

    def _rows(self, length: int, offset: int, like: Tensor) -> Tensor:
        key = (length, offset, like.dtype, like.device, like.backend)
        if self._known is None or self._known[0] != key:
            with at_once():
                rows = F.sinusoidal_positions(length, self.features, offset=offset, base=self.base, dtype="float64")
                self._known = key, asarray(rows.numpy(), dtype=like.dtype, device=like.device, backend=like.backend)
        return self._known[1]

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.SinusoidalEncoding(8).extra_repr()
            '8'
        """
        return f"{self.features}" + (f", dropout={self.dropout}" if self.dropout else "")


class LearnedEncoding(_Added):
    """Adds a learned row to each position's embedding: ``y[p] = x[p] + weight[p]``, then dropout, in training.

    Rows are drawn normally with mean 0.

    Args:
        max_length: how many positions there are.
        features: the width of the embeddings.
        dropout: the share of elements that are set to zero in training.
        std: the standard deviation of the initial values; 0.02 as in GPT-2.
        batch_first: whether inputs are (batch, length, features), not (length, batch, features).
        device: where the parameter lives.
        dtype: its data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LearnedEncoding(10, 4)(zk.zeros((3, 4))).shape
        (3, 4)
    """

    def __init__(
        self,
        max_length: int,
        features: int,
        dropout: float = 0.0,
        std: float = 0.02,
        batch_first: bool = False,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.max_length = check_size("LearnedEncoding", "max_length", max_length)
        self.features = check_size("LearnedEncoding", "features", features)
        self.dropout = share_to_drop("LearnedEncoding", "dropout", dropout)
        self.std = float(number("LearnedEncoding", "std", std))
        self.batch_first = flag("LearnedEncoding", "batch_first", batch_first)
        self.weight = new_parameter((self.max_length, self.features), dtype, device)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give the rows new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LearnedEncoding(10, 4).reset_parameters()
        """
        init.normal_(self.weight, 0.0, self.std)

    def _rows(self, length: int, offset: int, like: Tensor) -> Tensor:
        if offset < 0 or offset + length > self.max_length:
            raise IndexOutOfRangeError(
                f"LearnedEncoding: positions {offset} to {offset + length - 1} were asked for, there are "
                f"{self.max_length}, from 0 on",
                fix=f"make the layer with max_length={offset + length}, or cut the sequence",
            )
        return self.weight[offset : offset + length]

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LearnedEncoding(10, 4).extra_repr()
            '10, 4'
        """
        return f"{self.max_length}, {self.features}" + (f", dropout={self.dropout}" if self.dropout else "")


class RotaryEncoding(Module):
    """Turns pairs of features of queries and keys by angles that grow with the position.

    The dot product of a query and a key then depends on how far apart they are (Su et al., RoFormer, 2021). A
    `MultiheadAttention` takes one as `rotary`, and turns its own queries and keys.

    Args:
        features: how many features are turned, an even number, at most those of a head; the others are kept.
        base: the slowest pair takes towards `base` times as long for a turn as the fastest.
        interleaved: whether pairs are neighbours (0 and 1, 2 and 3, …: RoFormer, GPT-J) or halves apart (0 and
            features / 2, …: GPT-NeoX, and Llama as most libraries hold it).

    Example:
        >>> import zkynet as zk
        >>> rotary = zk.nn.RotaryEncoding(4)
        >>> rotary(zk.ones((1, 2, 5, 4))).shape  # (batch, heads, length, features of a head)
        (1, 2, 5, 4)
        >>> attention = zk.nn.MultiheadAttention(8, 2, rotary=rotary)
    """

    def __init__(self, features: int, base: float = 10000.0, interleaved: bool = False) -> None:
        self.features = check_size("RotaryEncoding", "features", features)
        if self.features % 2:
            raise InvalidValueError(
                f"RotaryEncoding: features are turned in pairs, received {features} of them",
                fix=f"pass {features - 1} or {features + 1}",
            )
        self.base = float(number("RotaryEncoding", "base", base))
        self.interleaved = flag("RotaryEncoding", "interleaved", interleaved)

    def forward(self, input: Tensor, offset: int = 0, positions: Tensor | None = None) -> Tensor:
        """The input, turned.

        Args:
            input: queries or keys, (..., L, features of a head).
            offset: the position of the first token, the number of those before it.
            positions: integers that broadcast to (..., L) instead, where they do not simply count up.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RotaryEncoding(4).forward(zk.ones((5, 4)), offset=3).shape
            (5, 4)
        """
        if input.ndim < 2:
            raise ShapeError(
                f"RotaryEncoding: queries and keys are (..., length, features), received {tuple(input.shape)}",
                fix="pass at least two axes",
            )
        dtype = "float32" if input.dtype.itemsize == 2 else input.dtype
        if positions is not None:
            tables = F.rotary_tables(positions, self.features, offset=offset, base=self.base, dtype=dtype)
        else:
            tables = tables_for(input, input.shape[-2], self.features, offset, self.base, dtype)
        return F.rotate_pairs(input, *tables, self.interleaved)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RotaryEncoding(4, interleaved=True).extra_repr()
            '4, base=10000.0, interleaved=True'
        """
        return f"{self.features}, base={self.base}, interleaved={self.interleaved}"


class ALiBi(Module):
    """The mask that makes attention dislike distance, each head by a slope of its own; nothing is learned.

    ``mask[h, i, j] = -slope_h |i - j|`` (Press, Smith and Lewis, Train short, test long, 2022), with minus infinity for
    keys after the query unless `causal` is False.

    Args:
        num_heads: how many heads.
        causal: whether keys after the query are hidden.

    Example:
        >>> import zkynet as zk
        >>> alibi, attention = zk.nn.ALiBi(2), zk.nn.MultiheadAttention(8, 2, batch_first=True)
        >>> x = zk.ones((3, 5, 8))
        >>> y, weights = attention(x, attn_mask=alibi(5))
    """

    def __init__(self, num_heads: int, causal: bool = True) -> None:
        self.num_heads = check_size("ALiBi", "num_heads", num_heads)
        self.causal = flag("ALiBi", "causal", causal)

    def forward(self, length: int, keys: int | None = None, offset: int | None = None) -> Tensor:
        """The mask, for the `attn_mask` of any kind of attention.

        Args:
            length: how many queries.
            keys: how many keys, as many by default.
            offset: the place of the first query among the keys, ``keys - length`` by default.

        Returns:
            Floats of shape (1, `num_heads`, `length`, `keys`).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ALiBi(2).forward(1, 5).shape
            (1, 2, 1, 5)
        """
        return expand_dims(F.alibi_bias(self.num_heads, length, keys, offset, causal=self.causal), axis=0)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ALiBi(2).extra_repr()
            '2, causal=True'
        """
        return f"{self.num_heads}, causal={self.causal}"
