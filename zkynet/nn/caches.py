"""Keys and values that attention layers remember while a sequence is generated token by token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.module import Module
from zkynet.ops.arguments import whole
from zkynet.ops.joining import concat
from zkynet.ops.selecting import take
from zkynet.tensor import Tensor

__all__ = ["KeyValueCache"]


class KeyValueCache:
    """The keys and values of the tokens so far, of all attention layers of a model: one object for the whole model.

    Hand it to every call of the layers (`MultiheadAttention`, `TransformerEncoder`, `TransformerDecoder` take
    ``cache=``); each then needs the new tokens only, and gives what it would have given for them in a pass over all.
    Attention to another sequence, the memory of a decoder, computes its keys and values once.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.MultiheadAttention(8, 2, batch_first=True)
        >>> x, cache = zk.ones((1, 3, 8)), zk.nn.KeyValueCache()
        >>> for t in range(3):
        ...     y, weights = layer(x[:, t : t + 1], cache=cache, is_causal=True)
        >>> cache.length, weights.shape
        (3, (1, 1, 3))
    """

    def __init__(self) -> None:
        self._grown: dict[Module, tuple[Tensor, Tensor]] = {}
        self._fixed: dict[Module, tuple[Tensor, Tensor, Tensor, Tensor]] = {}

    @property
    def length(self) -> int:
        """How many tokens are remembered: where the next one stands.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.KeyValueCache().length
            0
        """
        return min((keys.shape[-2] for keys, _ in self._grown.values()), default=0)

    def length_of(self, layer: Module) -> int:
        """How many tokens one layer remembers.

        Args:
            layer: the layer.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.KeyValueCache().length_of(zk.nn.Identity())
            0
        """
        return self._grown[layer][0].shape[-2] if layer in self._grown else 0

    def append(self, layer: Module, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Remember the keys and values of further tokens; returns those of all tokens so far.

        Args:
            layer: whose they are.
            keys: a tensor of shape (batch, heads, new tokens, features).
            values: the same of the values.

        Example:
            >>> import zkynet as zk
            >>> cache, layer = zk.nn.KeyValueCache(), zk.nn.Identity()
            >>> for t in range(2):
            ...     keys, values = cache.append(layer, zk.ones((1, 2, 1, 4)), zk.ones((1, 2, 1, 4)))
            >>> keys.shape
            (1, 2, 2, 4)
        """
        if layer in self._grown:
            old_keys, old_values = self._grown[layer]
            for what, new, old in (("keys", keys, old_keys), ("values", values, old_values)):
                if new.ndim != old.ndim or any(
                    n != m for i, (n, m) in enumerate(zip(new.shape, old.shape, strict=True)) if i != new.ndim - 2
                ):
                    raise ShapeError(
                        f"KeyValueCache: it holds a batch of {old.shape[0]}, but the new tokens are a batch of "
                        f"{new.shape[0]}",
                        facts=[f"{what} held  {tuple(old.shape)}", f"{what} new   {tuple(new.shape)}"],
                        fix="begin a new cache for another batch, or pick examples of it with select()",
                        shapes=(tuple(old.shape), tuple(new.shape)),
                    )
            keys, values = concat([old_keys, keys], axis=-2), concat([old_values, values], axis=-2)
        self._grown[layer] = keys, values
        return keys, values

    def fixed(self, layer: Module, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor] | None:
        """What `fix` was given for the same sequences, None if they are other ones.

        Args:
            layer: whose they are.
            key: the sequence that keys are computed from.
            value: that of the values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.KeyValueCache().fixed(zk.nn.Identity(), zk.ones(2), zk.ones(2)) is None
            True
        """
        held = self._fixed.get(layer)
        return held[2:] if held is not None and held[0] is key and held[1] is value else None

    def fix(self, layer: Module, key: Tensor, value: Tensor, keys: Tensor, values: Tensor) -> None:
        """Remember the keys and values of a sequence that does not grow.

        Args:
            layer: whose they are.
            key: the sequence that keys are computed from.
            value: that of the values.
            keys: the keys, a tensor of shape (batch, heads, tokens, features).
            values: the values.

        Example:
            >>> import zkynet as zk
            >>> cache, layer, memory = zk.nn.KeyValueCache(), zk.nn.Identity(), zk.ones((1, 2, 3, 4))
            >>> cache.fix(layer, memory, memory, memory * 2, memory * 3)
            >>> cache.fixed(layer, memory, memory)[0][0, 0, 0, 0].item()
            2.0
        """
        self._fixed[layer] = key, value, keys, values

    def truncate(self, length: int) -> None:
        """Forget all tokens but the first ones.

        Args:
            length: how many to keep, at most as many as there are.

        Example:
            >>> import zkynet as zk
            >>> cache = zk.nn.KeyValueCache()
            >>> _ = cache.append(zk.nn.Identity(), zk.ones((1, 2, 5, 4)), zk.ones((1, 2, 5, 4)))
            >>> cache.truncate(3); cache.length
            3
        """
        n = whole("KeyValueCache.truncate", "length", length)
        if not 0 <= n <= self.length:
            raise InvalidValueError(
                f"KeyValueCache.truncate: {n} tokens cannot be kept of {self.length}",
                fix=f"pass a length from 0 to {self.length}",
            )
        self._grown = {layer: (k[..., :n, :], v[..., :n, :]) for layer, (k, v) in self._grown.items()}

    def select(self, examples: Any) -> None:
        """Go on with other examples of the batch, in any order and number: the beams that survive.

        Args:
            examples: their numbers, integers of shape (new batch,).

        Example:
            >>> import zkynet as zk
            >>> cache, layer = zk.nn.KeyValueCache(), zk.nn.Identity()
            >>> _ = cache.append(layer, zk.ones((2, 2, 1, 4)), zk.ones((2, 2, 1, 4)))
            >>> cache.select(zk.tensor([1, 1, 0]))
            >>> cache.append(layer, zk.ones((3, 2, 1, 4)), zk.ones((3, 2, 1, 4)))[0].shape
            (3, 2, 2, 4)
        """
        self._grown = {
            layer: (take(k, examples, axis=0), take(v, examples, axis=0)) for layer, (k, v) in self._grown.items()
        }
        self._fixed = {}  # the memory is another tensor then

    def reset(self) -> None:
        """Forget everything.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.KeyValueCache().reset()
        """
        self._grown, self._fixed = {}, {}

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Forget what was added inside the block if it ends with an error."""
        before = dict(self._grown), dict(self._fixed)
        try:
            yield
        except BaseException:
            self._grown, self._fixed = before
            raise

    def __repr__(self) -> str:
        layers = len(self._grown)
        return f"KeyValueCache({self.length} tokens in {layers} layer{'' if layers == 1 else 's'})"
