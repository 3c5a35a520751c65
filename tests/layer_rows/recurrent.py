"""Recurrent layers and their cells."""

from __future__ import annotations

from typing import Any

from layers import LayerRow
from table import normal

TIME_FIRST = "time is the first axis"


COMPILES = {"jax": "compiles for long; other rows stand for this one"}


def torch_with_states(kind: str, *args: Any, **kwargs: Any) -> Any:
    """Makes PyTorch's layer of two states so that these are inputs of their own."""

    def make(nn: Any) -> Any:
        class WithStates(getattr(nn, kind)):  # type: ignore[misc]
            def forward(self, x: Any, h: Any, c: Any) -> Any:
                return super().forward(x, (h, c))

        return WithStates(*args, **kwargs)

    return make


def with_states(kind: str, *args: Any, **kwargs: Any) -> LayerRow:
    """A row of a layer of two states, which are inputs of their own."""
    name = kind if not kwargs else f"{kind}:{' '.join(kwargs)}"
    return LayerRow(
        f"{name} with states",
        inputs_of(kind, kwargs),
        order=2 if kwargs else 1,
        skip={} if kind == "LSTMCell" or kwargs else COMPILES,
        torch=torch_with_states(kind, *args, **kwargs),
        made=torch_with_states(kind, *args, **kwargs),
        empty="the batch is not the first axis of the states",
    )


def inputs_of(kind: str, kwargs: dict[str, Any]) -> Any:
    if kind == "LSTMCell":
        return normal(2, 2), normal(2, 3), normal(2, 3)
    return normal(2, 2, 2), normal(1, 2, kwargs.get("proj_size", 3)), normal(1, 2, 3)


BATCH_FIRST = {"batch_first": True}
BOTH = {"bidirectional": True, "batch_first": True}
ROWS = [
    LayerRow("RNN", (normal(3, 2, 2), normal(1, 2, 2)), (2, 2), empty=TIME_FIRST),
    LayerRow("RNN:relu", (normal(2, 3, 2),), (2, 3), {"nonlinearity": "relu", **BATCH_FIRST}, order=0, skip=COMPILES),
    LayerRow("RNN:both", (normal(2, 3, 2),), (2, 2, 2), BOTH, order=1),
    LayerRow("GRU", (normal(2, 2, 2), normal(1, 2, 2)), (2, 2), empty=TIME_FIRST),
    LayerRow("GRU:both", (normal(2, 2, 2),), (2, 2, 2), BOTH, order=1, skip=COMPILES),
    LayerRow("GRU:single", (normal(3, 2),), (2, 2), {"bias": False}, empty="a single sequence", order=0, skip=COMPILES),
    LayerRow("LSTM", (normal(2, 2, 2),), (2, 2), BATCH_FIRST, skip=COMPILES),
    LayerRow("LSTM:both", (normal(2, 3, 2),), (2, 2, 2), BOTH, order=0, skip=COMPILES),
    LayerRow(
        "LSTM:single", (normal(3, 2),), (2, 2), {"bias": False}, empty="a single sequence", order=0, skip=COMPILES
    ),
    with_states("LSTM", 2, 3),
    with_states("LSTM", 2, 3, proj_size=2),
    LayerRow("RNNCell", (normal(2, 2), normal(2, 3)), (2, 3), skip=COMPILES),
    LayerRow("RNNCell:relu", (normal(2, 2),), (2, 3), {"nonlinearity": "relu"}, order=0, skip=COMPILES),
    LayerRow("GRUCell", (normal(2, 2), normal(2, 2)), (2, 2), order=1, skip=COMPILES),
    LayerRow("LSTMCell", (normal(2, 2),), (2, 2), {"bias": False}, order=1, skip=COMPILES),
    with_states("LSTMCell", 2, 3),
]
