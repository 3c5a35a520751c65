"""Gated recurrent units on NumPy: few calls a step, on memory that is there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet_numpy.nn import sequences as sq


def _halved(w: Any) -> Any:
    """(3, H, ...), where the two gates are halved: sigmoid(x) is (1 + tanh(x / 2)) / 2."""
    w = np.array(sq.by_gate(w, 3))
    w[:2] *= 0.5
    return w


def gru_sequence(
    xp: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, live: Any, reverse: bool
) -> tuple[Any, ...]:
    """What `nn.gru_sequence` does."""
    steps, batch, _ = x.shape
    n = w_hh.shape[1]
    b_hh = None if b_hh is None else np.array(b_hh)
    b_own = None if b_hh is None else b_hh[2 * n :].copy()
    if b_hh is not None:
        b_hh[2 * n :] = 0
    bias = sq.plus(b_ih, b_hh)
    gates = sq.project(x, _halved(w_ih), None if bias is None else _halved(bias))
    gates = np.swapaxes(gates, 0, 1)  # (T, 3, N, H), each gate contiguous
    w_hh = sq.contiguous_transposes(_halved(w_hh))
    hs, owns = np.empty((steps, batch, n), x.dtype), np.empty((steps, batch, n), x.dtype)
    z, r = np.empty((2, batch, n), x.dtype), np.empty((batch, n), x.dtype)
    half = np.array(0.5, x.dtype)
    h = np.ascontiguousarray(h0)
    padding = sq.Padding(live)
    for t in range(steps - 1, -1, -1) if reverse else range(steps):
        gate, own, h_next = gates[t], owns[t], hs[t]
        both, (reset, update, new) = gate[:2], gate
        np.matmul(h, w_hh[:2], out=z)
        np.dot(h, w_hh[2], out=own)
        np.add(both, z, out=both)
        np.tanh(both, out=both)
        np.multiply(both, half, out=both)
        np.add(both, half, out=both)
        if b_own is not None:
            np.add(own, b_own, out=own)
        np.multiply(reset, own, out=r)
        np.add(new, r, out=new)
        np.tanh(new, out=new)
        np.subtract(h, new, out=r)
        np.multiply(r, update, out=r)
        np.add(new, r, out=h_next)
        if padding.at[t]:
            np.copyto(h_next, h, where=padding.dead[t])
        h = h_next
    return hs, h.copy(), gates, owns


def gru_backward(
    xp: Any,
    g: Any,
    x: Any,
    h0: Any,
    w_ih: Any,
    w_hh: Any,
    live: Any,
    reverse: bool,
    ans: Any,
    needs: tuple[bool, ...],
) -> tuple[Any, ...]:
    """The gradients of `nn.gru_sequence`."""
    hs, _, gates, owns = ans
    g_hs, g_h, g_gates, g_owns = g
    steps, batch, n = hs.shape
    dtype = x.dtype
    w_hh = sq.by_gate(np.ascontiguousarray(w_hh), 3)
    ds = sq.scratch((4, steps, batch, n), dtype)  # by reset, update, new state, and by what is reset
    dh = np.zeros((batch, n), dtype) if g_h is None else np.array(g_h, order="C")
    u, v, slopes, parts = (np.empty(shape, dtype) for shape in ((batch, n), (batch, n), (2, batch, n), (3, batch, n)))
    one = np.array(1.0, dtype)
    padding = sq.Padding(live)
    first = steps - 1 if reverse else 0
    for t in range(steps) if reverse else range(steps - 1, -1, -1):
        h_before = h0 if t == first else hs[t + 1] if reverse else hs[t - 1]
        gate, d = gates[t], ds[:, t]
        both, d_both, (reset, update, new) = gate[:2], d[:2], gate
        d_reset, d_update, d_new, d_own = d
        if g_hs is not None:
            np.add(dh, g_hs[t], out=dh)
        if padding.at[t]:
            passing = padding.set_aside(t, dh)
        np.subtract(h_before, new, out=u)
        np.multiply(dh, u, out=d_update)
        np.multiply(dh, update, out=v)  # what goes to the state before directly
        np.subtract(dh, v, out=d_new)
        if g_gates is not None:
            np.add(d[1:3], g_gates[t][1:], out=d[1:3])
        np.multiply(new, new, out=u)
        np.subtract(one, u, out=u)
        np.multiply(d_new, u, out=d_new)
        np.multiply(d_new, owns[t], out=d_reset)
        if g_gates is not None:
            np.add(d_reset, g_gates[t][0], out=d_reset)
        np.multiply(both, both, out=slopes)
        np.subtract(both, slopes, out=slopes)
        np.multiply(d_both, slopes, out=d_both)
        np.multiply(d_new, reset, out=d_own)
        if g_owns is not None:
            np.add(d_own, g_owns[t], out=d_own)
        if padding.at[t]:
            np.copyto(d, 0, where=padding.dead[t])
        np.matmul(d_both, w_hh[:2], out=parts[:2])
        np.dot(d_own, w_hh[2], out=parts[2])
        np.add.reduce(parts, axis=0, out=dh)
        np.add(dh, v, out=dh)
        if padding.at[t]:
            padding.bring_back(t, passing, dh)
    bias: Any = sq.bias_gradient(ds) if needs[4] or needs[5] else None

    def rows(parts: Any, last: Any) -> Any:
        return np.concatenate([*parts[:2], last])

    w_of_states = None
    if needs[3]:
        both, own = (sq.state_weight_gradient(part, hs, h0, reverse) for part in (ds[:2], ds[3:]))
        w_of_states = rows(both, own[0])
    return (
        sq.project_back(ds[:3], sq.by_gate(w_ih, 3), x) if needs[0] else None,
        dh,
        sq.weight_gradient(ds[:3], x).reshape(w_ih.shape) if needs[2] else None,
        w_of_states,
        rows(bias, bias[2]) if needs[4] else None,
        rows(bias, bias[3]) if needs[5] else None,
    )


KERNELS: dict[str, Callable[..., Any]] = {"nn.gru_sequence": gru_sequence, "nn.gru_backward": gru_backward}
