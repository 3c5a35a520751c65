"""Long short-term memory (Hochreiter and Schmidhuber 1997), one layer in one direction as one op."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.backend.namespace import BODIES
from zkynet.nn.functional import through_time as tt
from zkynet.nn.functional.sequence_checks import (
    check_cell,
    check_layer,
    liveness,
    restored,
    result_dtype,
    shaped,
    zero_outside,
)
from zkynet.ops.define import multiple, op
from zkynet.tensor import Tensor

__all__ = ["lstm_cell", "lstm_layer"]


@multiple()
@op(name="nn.lstm_sequence", kinds="wide real float")
def lstm_sequence(
    xp: Any,
    x: Array,
    h0: Array,
    c0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    w_hr: Array | None,
    live: Array | None,
    reverse: bool,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """All steps of a layer; besides outputs and final states what the way back needs: cells, their tanh, gates.

    Args:
        x: inputs (T, N, I).
        h0: initial output (N, P), where P = H without `w_hr`.
        c0: initial cell (N, H).
        w_ih: weights (4H, I) of the gates input, forget, cell, output.
        w_hh: weights (4H, P).
        b_ih: (4H,).
        b_hh: (4H,).
        w_hr: projection (P, H) of the outputs.
        live: 1 where a sequence has an element, 0 in the padding (T, N, 1), where the state stays as it is.
        reverse: whether to walk from the last step to the first.

    Returns:
        outputs (T, N, P), last output (N, P), last cell (N, H), cells (T, N, H), their tanh, and the gates
        (T, 4, N, H) in the order input, forget, output, cell.
    """
    return lstm_forward(xp, tt.scan, x, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, live, reverse)


def lstm_forward(
    xp: Any,
    scan: Any,
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
    """The body of `lstm_sequence`, by any way to walk."""
    n = w_hh.shape[0] // 4
    w_hh, w_hr = xp.matrix_transpose(w_hh), None if w_hr is None else xp.matrix_transpose(w_hr)

    def step(carry: Any, here: Any) -> Any:
        h, c = carry
        z, alive = here
        z = z + xp.matmul(h, w_hh)
        gates = xp.sigmoid(xp.concat([z[:, : 2 * n], z[:, 3 * n :]], axis=1))
        new = xp.tanh(z[:, 2 * n : 3 * n])
        c_next = gates[:, n : 2 * n] * c + gates[:, :n] * new
        t = xp.tanh(c_next)
        h_next = gates[:, 2 * n :] * t
        h_next = h_next if w_hr is None else xp.matmul(h_next, w_hr)
        if alive is not None:
            alive = alive != 0
            h_next, c_next = xp.where(alive, h_next, h), xp.where(alive, c_next, c)
        parts = [gates[:, :n], gates[:, n : 2 * n], gates[:, 2 * n :], new]
        return (h_next, c_next), (h_next, c_next, t, xp.stack(parts, axis=0))

    along = (tt.project(xp, x, w_ih, tt.plus(b_ih, b_hh)), live)
    (h, c), (hs, cs, ts, gates) = scan(xp, step, (h0, c0), along, reverse)
    return hs, h, c, cs, ts, gates


@lstm_sequence.gradient("x", "h0", "c0", "w_ih", "w_hh", "b_ih", "b_hh", "w_hr")
def _(
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
    reached: tuple[bool, ...],
) -> Any:
    back = tt.backward_of(xp, "lstm_backward")
    return back(tt.only(g, reached), x, h0, c0, w_ih, w_hh, w_hr, live, reverse, ans, needs)


def _lstm_backward(xp: Any, *args: Any) -> tuple[Any, ...]:
    return lstm_backward(xp, tt.scan, *args)


def lstm_backward(
    xp: Any,
    scan: Any,
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
    """The gradients of all inputs of `lstm_sequence` from the cotangents of all its results (None for zero)."""
    hs, _, _, cs, ts, gates = ans
    g_hs, g_h, g_c, g_cs, g_ts, g_gates = g

    def step(carry: Any, here: Any) -> Any:
        dh, dc = carry
        gate, t, c, g_h, g_c, g_t, g_gate, alive = here
        i, f, o, new = (gate[k, ...] for k in range(4))
        dh, dc = tt.plus(dh, g_h), tt.plus(dc, g_c)
        dead_h, dead_c = dh, dc  # what passes by a step in the padding
        if alive is not None:
            alive = alive != 0
            dh, dc = xp.where(alive, dh, 0.0), xp.where(alive, dc, 0.0)
        dr = dh if w_hr is None else xp.matmul(dh, w_hr)
        dc = dc + tt.plus(dr * o, g_t) * (1.0 - t * t)
        d = xp.stack([dc * new, dc * c, dr * t, dc * i], axis=0)
        d = tt.plus(d, g_gate)
        d_new = d[3, ...] * (1.0 - new * new)
        d = d[:3, ...] * (gate[:3, ...] - gate[:3, ...] * gate[:3, ...])
        dz = xp.concat([d[0, ...], d[1, ...], d_new, d[2, ...]], axis=1)
        dc = dc * f
        if alive is not None:
            dz = xp.where(alive, dz, 0.0)
        dh_before = xp.matmul(dz, w_hh)
        if alive is not None:
            dh_before, dc = xp.where(alive, dh_before, dead_h), xp.where(alive, dc, dead_c)
        return (dh_before, dc), (dz, dh)

    zero = None if g_h is not None and g_c is not None else xp.zeros_like(c0)
    carry = (xp.zeros_like(h0) if g_h is None else g_h, zero if g_c is None else g_c)
    along = (gates, ts, tt.before(xp, cs, c0, reverse), g_hs, g_cs, g_ts, g_gates, live)
    (dh, dc), (dz, dhs) = scan(xp, step, carry, along, not reverse)
    bias = xp.sum(tt.flat(xp, dz), axis=0) if needs[5] or needs[6] else None
    return (
        tt.project_back(xp, dz, w_ih) if needs[0] else None,
        dh,
        dc,
        tt.weight_gradient(xp, dz, x) if needs[3] else None,
        tt.weight_gradient(xp, dz, tt.before(xp, hs, h0, reverse)) if needs[4] else None,
        bias,
        bias,
        tt.weight_gradient(xp, dhs, gates[:, 2, ...] * ts) if needs[7] else None,
    )


BODIES["nn.lstm_backward"] = _lstm_backward  # no op: on tensors its steps are what is recorded


def lstm_layer(
    input: Array,
    hx: tuple[Array, Array] | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    w_hr: Array | None = None,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """One layer of long short-term memory over whole sequences, in one direction, with gradients of its own.

    At each time ``i, f, o = sigmoid(...)`` and ``g = tanh(...)`` of ``w_ih x + b_ih + w_hh h + b_hh``, then
    ``c = f * c + i * g`` and ``h = o * tanh(c)``, projected by `w_hr` if there is one.

    Args:
        input: sequences (T, N, I), time first.
        hx: the initial output (N, P) and cell (N, H); None for zeros. P is H without `w_hr`.
        w_ih: weights (4H, I) of the gates i, f, g, o.
        w_hh: weights (4H, P) of the gates.
        b_ih: bias (4H,).
        b_hh: bias (4H,).
        w_hr: projection (P, H) of the output.
        lengths: how many steps each sequence has, N whole numbers from 1 to T; the rest is padding, whose output is
            zero. None for T each.
        reverse: whether to walk from the last step to the first.

    Returns:
        The outputs (T, N, P), and a pair of the last output (N, P) and cell (N, H).

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> out, (h, c) = F.lstm_layer(zk.ones((5, 2, 3)), None, zk.ones((16, 3)), zk.ones((16, 4)), lengths=[5, 2])
        >>> out.shape, h.shape, bool(zk.all(out[2:, 1] == 0))
        ((5, 2, 4), (2, 4), True)
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    x, (h, c), reverse = check_layer("lstm_layer", input, hx, weights, 4, reverse, w_hr, states=("h", "c"))
    dtype = result_dtype(x, h, c, *weights, w_hr)
    live = liveness("lstm_layer", lengths, x)
    out, h, c, *_ = lstm_sequence(zero_outside(x, live), h, c, *weights, w_hr, live, reverse)
    return restored(zero_outside(out, live), dtype), (restored(h, dtype), restored(c, dtype))


def lstm_cell(
    input: Array,
    hx: tuple[Array, Array] | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of long short-term memory.

    With ``i, f, o = sigmoid(...)`` and ``g = tanh(...)`` of ``w_ih x + b_ih + w_hh h + b_hh`` it is
    ``c' = f * c + i * g`` and ``h' = o * tanh(c')``.

    Args:
        input: (N, I), or (I,) for one example.
        hx: the pair h and c, each (N, H), or (H,) for one example; None for zeros.
        w_ih: weights (4H, I) of the gates i, f, g, o.
        w_hh: weights (4H, H) of the gates.
        b_ih: bias (4H,).
        b_hh: bias (4H,).

    Returns:
        The pair h' and c', of the shapes of h and c.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> h, c = F.lstm_cell(zk.ones((2, 3)), None, zk.zeros((16, 3)), zk.zeros((16, 4)))
        >>> h.shape, c[0]
        ((2, 4), Tensor([0., 0., 0., 0.]))
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    x, (h, c), shape = check_cell("lstm_cell", input, hx, weights, 4, states=("h", "c"))
    dtype = result_dtype(x, h, c, *weights)
    _, h, c, *_ = lstm_sequence(x, h, c, *weights, None, None, False)
    return shaped(restored(h, dtype), shape), shaped(restored(c, dtype), shape)
