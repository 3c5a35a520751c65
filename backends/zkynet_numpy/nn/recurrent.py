"""Simple recurrent layers on NumPy, and the table of all kernels for recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet_numpy.nn import gru, lstm
from zkynet_numpy.nn import sequences as sq


def rnn_sequence(
    xp: Any,
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    live: Any,
    nonlinearity: str,
    reverse: bool,
) -> tuple[Any, ...]:
    """What `nn.rnn_sequence` does."""
    steps, batch, _ = x.shape
    n = w_hh.shape[0]
    bias = sq.plus(b_ih, b_hh)
    hs = sq.project(x, w_ih[np.newaxis], None if bias is None else bias[np.newaxis])[0]
    w_hh = sq.contiguous_transposes(w_hh)
    z, zero = np.empty((batch, n), x.dtype), np.zeros((), x.dtype)
    smooth = nonlinearity == "tanh"
    h = np.ascontiguousarray(h0)
    padding = sq.Padding(live)
    for t in range(steps - 1, -1, -1) if reverse else range(steps):
        h_next = hs[t]
        np.dot(h, w_hh, out=z)
        np.add(h_next, z, out=h_next)
        if smooth:
            np.tanh(h_next, out=h_next)
        else:
            np.maximum(h_next, zero, out=h_next)
        if padding.at[t]:
            np.copyto(h_next, h, where=padding.dead[t])
        h = h_next
    return hs, h.copy()


def rnn_backward(
    xp: Any,
    g: Any,
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    live: Any,
    nonlinearity: str,
    reverse: bool,
    ans: Any,
    needs: tuple[bool, ...],
) -> tuple[Any, ...]:
    """The gradients of `nn.rnn_sequence`."""
    hs, _ = ans
    g_hs, g_h = g
    steps, batch, n = hs.shape
    dtype = x.dtype
    w_hh = np.ascontiguousarray(w_hh)
    dz = sq.scratch((steps, batch, n), dtype)
    dh = np.zeros((batch, n), dtype) if g_h is None else np.array(g_h, order="C")
    one = np.array(1.0, dtype)
    smooth = nonlinearity == "tanh"
    padding = sq.Padding(live)
    for t in range(steps) if reverse else range(steps - 1, -1, -1):
        h, d = hs[t], dz[t]
        if g_hs is not None:
            np.add(dh, g_hs[t], out=dh)
        if padding.at[t]:
            passing = padding.set_aside(t, dh)
        if smooth:
            np.multiply(h, h, out=d)
            np.subtract(one, d, out=d)
            np.multiply(d, dh, out=d)
        else:
            np.multiply(dh, h > 0, out=d)
        np.dot(d, w_hh, out=dh)
        if padding.at[t]:
            padding.bring_back(t, passing, dh)
    bias = sq.bias_gradient(dz) if needs[4] or needs[5] else None
    return (
        sq.project_back(dz[np.newaxis], w_ih[np.newaxis], x) if needs[0] else None,
        dh,
        sq.weight_gradient(dz, x) if needs[2] else None,
        sq.state_weight_gradient(dz[np.newaxis], hs, h0, reverse)[0] if needs[3] else None,
        bias,
        bias,
    )


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.rnn_sequence": rnn_sequence,
    "nn.rnn_backward": rnn_backward,
    **lstm.KERNELS,
    **gru.KERNELS,
}
