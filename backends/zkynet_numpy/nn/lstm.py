"""Long short-term memory on NumPy: few calls a step, on memory that is there already.

The gates are in the order input, forget, output, cell, so that one tanh serves the four: sigmoid(x) is
(1 + tanh(x / 2)) / 2, and the halves are in the weights. So the weights are reordered and scaled first, which costs
next to nothing beside the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet_numpy.nn import sequences as sq


def _by_gate(w: Any) -> Any:
    """Rows of the gates i, f, g, o as (4, H, ...) in the order i, f, o, g, in new memory."""
    return sq.by_gate(w, 4)[[0, 1, 3, 2]]


def _halved(w: Any) -> Any:
    w = _by_gate(w)
    w[:3] *= 0.5
    return w


def _as_rows(w: Any) -> Any:
    """The way back from `_by_gate`."""
    return w[[0, 1, 3, 2]].reshape(w.shape[0] * w.shape[1], *w.shape[2:])


def lstm_sequence(
    xp: Any,
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    w_hr: Any,
    live: Any,
    reverse: bool,
) -> tuple[Any, ...]:
    """What `nn.lstm_sequence` does."""
    steps, batch, _ = x.shape
    p, n = w_hh.shape[1], w_hh.shape[0] // 4
    bias = sq.plus(b_ih, b_hh)
    gates = sq.project(x, _halved(w_ih), None if bias is None else _halved(bias))
    gates = np.swapaxes(gates, 0, 1)  # (T, 4, N, H), each gate contiguous
    w_hh = sq.contiguous_transposes(_halved(w_hh))
    w_hr = None if w_hr is None else sq.contiguous_transposes(w_hr)
    hs, cs, ts = (np.empty((steps, batch, k), x.dtype) for k in (p, n, n))
    z, r = np.empty((4, batch, n), x.dtype), np.empty((batch, n), x.dtype)
    h, c = np.ascontiguousarray(h0), c0
    half = np.array(0.5, x.dtype)
    padding = sq.Padding(live)
    for t in range(steps - 1, -1, -1) if reverse else range(steps):
        gate, h_next, c_next, tanh_c = gates[t], hs[t], cs[t], ts[t]
        i, f, o, new = gate
        np.matmul(h, w_hh, out=z)
        np.add(gate, z, out=gate)
        np.tanh(gate, out=gate)
        sigmoids = gate[:3]
        np.multiply(sigmoids, half, out=sigmoids)
        np.add(sigmoids, half, out=sigmoids)
        np.multiply(f, c, out=c_next)
        np.multiply(i, new, out=r)
        np.add(c_next, r, out=c_next)
        np.tanh(c_next, out=tanh_c)
        if w_hr is None:
            np.multiply(o, tanh_c, out=h_next)
        else:
            np.multiply(o, tanh_c, out=r)
            np.dot(r, w_hr, out=h_next)
        if padding.at[t]:
            np.copyto(h_next, h, where=padding.dead[t])
            np.copyto(c_next, c, where=padding.dead[t])
        h, c = h_next, c_next
    return hs, h.copy(), c.copy(), cs, ts, gates


def lstm_backward(
    xp: Any,
    g: Any,
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    w_hr: Any,
    live: Any,
    reverse: bool,
    ans: Any,
    needs: tuple[bool, ...],
) -> tuple[Any, ...]:
    """The gradients of `nn.lstm_sequence`."""
    hs, _, _, cs, ts, gates = ans
    g_hs, g_h, g_c, g_cs, g_ts, g_gates = g
    steps, batch, n = cs.shape
    p = w_hh.shape[1]
    dtype = x.dtype
    w_hh = _by_gate(w_hh)
    dz = sq.scratch((4, steps, batch, n), dtype)
    dhs = np.empty((steps, batch, p), dtype) if needs[7] else None
    dh, dc = (
        np.zeros((batch, k), dtype) if part is None else np.array(part, order="C") for k, part in ((p, g_h), (n, g_c))
    )
    dr = dh if w_hr is None else np.empty((batch, n), dtype)
    u, v, slopes = (np.empty(shape, dtype) for shape in ((batch, n), (batch, n), (3, batch, n)))
    parts = np.empty((4, batch, p), dtype)
    one = np.array(1.0, dtype)
    padding = sq.Padding(live)
    first = steps - 1 if reverse else 0
    for t in range(steps) if reverse else range(steps - 1, -1, -1):
        c_before = c0 if t == first else cs[t + 1] if reverse else cs[t - 1]
        gate, d, tanh_c = gates[t], dz[:, t], ts[t]
        i, f, o, new = gate
        d_i, d_f, d_o, d_new = d
        if g_hs is not None:
            np.add(dh, g_hs[t], out=dh)
        if g_cs is not None:
            np.add(dc, g_cs[t], out=dc)
        if padding.at[t]:
            passing = padding.set_aside(t, dh, dc)
        if dhs is not None:
            dhs[t] = dh
        if w_hr is not None:
            np.dot(dh, w_hr, out=dr)
        np.multiply(dr, o, out=u)
        if g_ts is not None:
            np.add(u, g_ts[t], out=u)
        np.multiply(tanh_c, tanh_c, out=v)
        np.subtract(one, v, out=v)
        np.multiply(u, v, out=u)
        np.add(dc, u, out=dc)
        np.multiply(dc, new, out=d_i)
        np.multiply(dc, c_before, out=d_f)
        np.multiply(dr, tanh_c, out=d_o)
        np.multiply(dc, i, out=d_new)
        if g_gates is not None:
            np.add(d, g_gates[t], out=d)
        sigmoids, d_sigmoids = gate[:3], d[:3]
        np.multiply(sigmoids, sigmoids, out=slopes)
        np.subtract(sigmoids, slopes, out=slopes)
        np.multiply(d_sigmoids, slopes, out=d_sigmoids)
        np.multiply(new, new, out=v)
        np.subtract(one, v, out=v)
        np.multiply(d_new, v, out=d_new)
        np.multiply(dc, f, out=dc)
        if padding.at[t]:
            np.copyto(d, 0, where=padding.dead[t])
        np.matmul(d, w_hh, out=parts)
        np.add.reduce(parts, axis=0, out=dh)
        if padding.at[t]:
            padding.bring_back(t, passing, dh, dc)
    bias = _as_rows(sq.bias_gradient(dz)) if needs[5] or needs[6] else None
    return (
        sq.project_back(dz, _by_gate(w_ih), x) if needs[0] else None,
        dh,
        dc,
        _as_rows(sq.weight_gradient(dz, x)) if needs[3] else None,
        _as_rows(sq.state_weight_gradient(dz, hs, h0, reverse)) if needs[4] else None,
        bias,
        bias,
        sq.weight_gradient(dhs, gates[:, 2] * ts) if dhs is not None else None,
    )


KERNELS: dict[str, Callable[..., Any]] = {"nn.lstm_sequence": lstm_sequence, "nn.lstm_backward": lstm_backward}
