"""Recurrent layers on JAX: the steps of the generic bodies, walked by `lax.scan`, compiled as one.

What is compiled has one step in it, so the time that takes does not grow with the length of the sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax

from zkynet.nn.functional import gru, lstm, recurrent


def _scan(xp: Any, step: Any, carry: Any, along: Any, reverse: bool) -> Any:
    return jax.lax.scan(step, carry, along, reverse=reverse)


def _compiled(body: Callable[..., Any], *static: int) -> Callable[..., Any]:
    """`body(xp, scan, ...)` as a kernel; `static` are the places of its plain arguments behind these two."""

    @partial(jax.jit, static_argnums=(0, *[i + 1 for i in static]))
    def run(xp: Any, *args: Any) -> Any:
        return body(xp, _scan, *args)

    return run


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.lstm_sequence": _compiled(lstm.lstm_forward, 9),
    "nn.lstm_backward": _compiled(lstm.lstm_backward, 8, 10),
    "nn.gru_sequence": _compiled(gru.gru_forward, 7),
    "nn.gru_backward": _compiled(gru.gru_backward, 6, 8),
    "nn.rnn_sequence": _compiled(recurrent.rnn_forward, 7, 8),
    "nn.rnn_backward": _compiled(recurrent.rnn_backward, 6, 7, 9),
}
