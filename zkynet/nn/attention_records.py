"""Attention weights out of every layer of a model, without asking each layer for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag
from zkynet.tensor import Tensor

__all__ = ["record_attention"]


class _Record:
    """Where the weights of some layers go: a dict for the user, and the name of each layer in it."""

    def __init__(self, names: dict[int, str], every_call: bool) -> None:
        self.names = names
        self.every_call = every_call
        self.weights: dict[str, Any] = {}

    def note(self, layer: Module, weights: Tensor) -> None:
        name = self.names.get(id(layer))
        if name is None:
            return
        if self.every_call:
            self.weights.setdefault(name, []).append(weights)
        else:
            self.weights[name] = weights


_ACTIVE: ContextVar[tuple[_Record, ...]] = ContextVar("zkynet_attention_records", default=())


class AttentionLayer(Module):
    """A layer whose weights `record_attention` finds."""

    def _is_recorded(self) -> bool:
        """Whether somebody wants this layer's weights."""
        return any(id(self) in record.names for record in _ACTIVE.get())

    def _note(self, weights: Tensor) -> None:
        """Hand the weights to whoever wants them."""
        for record in _ACTIVE.get():
            record.note(self, weights)


@contextmanager
def record_attention(model: Module, every_call: bool = False) -> Iterator[dict[str, Any]]:
    """The attention weights of all layers of a model that are called inside the block, by the layers' names.

    That is every `MultiheadAttention` (weights of each head, of shape (batch, heads, queries, keys)),
    `AdditiveAttention` and `MultiplicativeAttention` (without the axis of heads). The weights are as they are before
    dropout; they hang in the graph, so a loss may be made of them.

    Args:
        model: the model, or a part of it.
        every_call: whether to keep the weights of every call of a layer, in a list, as in a loop that generates token
            by token; otherwise those of the last one.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Sequential(zk.nn.TransformerEncoderLayer(8, 2), zk.nn.TransformerEncoderLayer(8, 2))
        >>> with zk.nn.record_attention(model) as weights:
        ...     y = model(zk.ones((5, 3, 8)))
        >>> {name: w.shape for name, w in weights.items()}
        {'0.self_attn': (3, 2, 5, 5), '1.self_attn': (3, 2, 5, 5)}
    """
    if not isinstance(model, Module):
        raise ArgumentError(f"record_attention expected a model, received {described(model)}", fix="pass an nn.Module")
    names = {id(layer): name for name, layer in model.named_modules() if isinstance(layer, AttentionLayer)}
    if not names:
        raise InvalidValueError(
            f"record_attention: {type(model).__name__} has no attention layer below it",
            fix="pass a model with MultiheadAttention, AdditiveAttention or MultiplicativeAttention in it",
        )
    record = _Record(names, flag("record_attention", "every_call", every_call))
    token = _ACTIVE.set((*_ACTIVE.get(), record))
    try:
        yield record.weights
    finally:
        _ACTIVE.reset(token)
