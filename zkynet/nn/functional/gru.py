"""Gated recurrent units (Cho and others 2014, in the form of cuDNN), one layer in one direction as one op."""

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

__all__ = ["gru_cell", "gru_layer"]


@multiple()
@op(name="nn.gru_sequence", kinds="wide real float")
def gru_sequence(
    xp: Any,
    x: Array,
    h0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    live: Array | None,
    reverse: bool,
) -> tuple[Array, Array, Array, Array]:
    """All steps of a layer; besides outputs and final state what the way back needs.

    Args:
        x: inputs (T, N, I).
        h0: initial state (N, H).
        w_ih: weights (3H, I) of reset gate, update gate, new state.
        w_hh: weights (3H, H).
        b_ih: (3H,).
        b_hh: (3H,).
        live: 1 where a sequence has an element, 0 in the padding (T, N, 1), where the state stays as it is.
        reverse: whether to walk from the last step to the first.

    Returns:
        states (T, N, H), the last one (N, H), reset and update gate and new state (T, 3, N, H), and what the state adds
        to the new state before it is reset (T, N, H).
    """
    return gru_forward(xp, tt.scan, x, h0, w_ih, w_hh, b_ih, b_hh, live, reverse)


def gru_forward(
    xp: Any, scan: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, live: Any, reverse: bool
) -> tuple[Any, ...]:
    """The body of `gru_sequence`, by any way to walk."""
    n = w_hh.shape[1]
    w_hh = xp.matrix_transpose(w_hh)

    def step(carry: Any, here: Any) -> Any:
        (h,) = carry
        z, alive = here
        own = tt.plus(xp.matmul(h, w_hh), b_hh)
        gates = xp.sigmoid(z[:, : 2 * n] + own[:, : 2 * n])
        reset, update = gates[:, :n], gates[:, n:]
        own = own[:, 2 * n :]
        new = xp.tanh(z[:, 2 * n :] + reset * own)
        h_next = new + update * (h - new)
        if alive is not None:
            h_next = xp.where(alive != 0, h_next, h)
        return (h_next,), (h_next, xp.stack([reset, update, new], axis=0), own)

    (h,), (hs, gates, owns) = scan(xp, step, (h0,), (tt.project(xp, x, w_ih, b_ih), live), reverse)
    return hs, h, gates, owns


@gru_sequence.gradient("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
def _(
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
    reached: tuple[bool, ...],
) -> Any:
    back = tt.backward_of(xp, "gru_backward")
    return back(tt.only(g, reached), x, h0, w_ih, w_hh, live, reverse, ans, needs)


def _gru_backward(xp: Any, *args: Any) -> tuple[Any, ...]:
    return gru_backward(xp, tt.scan, *args)


def gru_backward(
    xp: Any,
    scan: Any,
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
    """The gradients of all inputs of `gru_sequence` from the cotangents of all its results (None for zero)."""
    hs, _, gates, owns = ans
    g_hs, g_h, g_gates, g_owns = g

    def step(carry: Any, here: Any) -> Any:
        (dh,) = carry
        gate, own, h, g_h, g_gate, g_own, alive = here
        reset, update, new = (gate[k, ...] for k in range(3))
        dh = tt.plus(dh, g_h)
        dead = dh  # what passes by a step in the padding
        if alive is not None:
            alive = alive != 0
            dh = xp.where(alive, dh, 0.0)
        d_update, d_new = dh * (h - new), dh * (1.0 - update)
        if g_gate is not None:
            d_update, d_new = d_update + g_gate[1, ...], d_new + g_gate[2, ...]
        d_new = d_new * (1.0 - new * new)
        d_reset = tt.plus(d_new * own, None if g_gate is None else g_gate[0, ...])
        d_reset, d_update = d_reset * (reset - reset * reset), d_update * (update - update * update)
        dz = xp.concat([d_reset, d_update, d_new], axis=1)
        d_own = xp.concat([d_reset, d_update, tt.plus(d_new * reset, g_own)], axis=1)
        if alive is not None:
            dz, d_own = xp.where(alive, dz, 0.0), xp.where(alive, d_own, 0.0)
        dh = dh * update + xp.matmul(d_own, w_hh)
        if alive is not None:
            dh = xp.where(alive, dh, dead)
        return (dh,), (dz, d_own)

    earlier = tt.before(xp, hs, h0, reverse)
    carry = (xp.zeros_like(h0) if g_h is None else g_h,)
    (dh,), (dz, d_owns) = scan(xp, step, carry, (gates, owns, earlier, g_hs, g_gates, g_owns, live), not reverse)
    return (
        tt.project_back(xp, dz, w_ih) if needs[0] else None,
        dh,
        tt.weight_gradient(xp, dz, x) if needs[2] else None,
        tt.weight_gradient(xp, d_owns, earlier) if needs[3] else None,
        xp.sum(tt.flat(xp, dz), axis=0) if needs[4] else None,
        xp.sum(tt.flat(xp, d_owns), axis=0) if needs[5] else None,
    )


BODIES["nn.gru_backward"] = _gru_backward  # no op: on tensors its steps are what is recorded


def gru_layer(
    input: Array,
    hx: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """One layer of gated recurrent units over whole sequences, in one direction, with gradients of its own.

    At each time, of the parts r, z, n of the weights, ``r, z = sigmoid(w_ih x + b_ih + w_hh h + b_hh)``,
    ``n = tanh(w_ih x + b_ih + r * (w_hh h + b_hh))``, and ``h = (1 - z) * n + z * h``.

    Args:
        input: sequences (T, N, I), time first.
        hx: the initial state (N, H); None for zeros.
        w_ih: weights (3H, I) of r, z, n.
        w_hh: weights (3H, H) of r, z, n.
        b_ih: bias (3H,).
        b_hh: bias (3H,).
        lengths: how many steps each sequence has, N whole numbers from 1 to T; the rest is padding, whose output is
            zero. None for T each.
        reverse: whether to walk from the last step to the first.

    Returns:
        The states (T, N, H) and the last one (N, H).

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> out, h = F.gru_layer(zk.ones((5, 2, 3)), None, zk.ones((12, 3)), zk.ones((12, 4)), lengths=[5, 2])
        >>> out.shape, h.shape, bool(zk.all(out[2:, 1] == 0))
        ((5, 2, 4), (2, 4), True)
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    x, (h,), reverse = check_layer("gru_layer", input, hx, weights, 3, reverse)
    dtype = result_dtype(x, h, *weights)
    live = liveness("gru_layer", lengths, x)
    out, h, *_ = gru_sequence(zero_outside(x, live), h, *weights, live, reverse)
    return restored(zero_outside(out, live), dtype), restored(h, dtype)


def gru_cell(
    input: Array,
    hx: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
) -> Tensor:
    """One step of gated recurrent units.

    Of the parts r, z, n of the weights, ``r, z = sigmoid(w_ih x + b_ih + w_hh h + b_hh)``,
    ``n = tanh(w_ih x + b_ih + r * (w_hh h + b_hh))``, and ``h' = (1 - z) * n + z * h``.

    Args:
        input: (N, I), or (I,) for one example.
        hx: the state h (N, H), or (H,) for one example; None for zeros.
        w_ih: weights (3H, I) of r, z, n.
        w_hh: weights (3H, H) of r, z, n.
        b_ih: bias (3H,).
        b_hh: bias (3H,).

    Returns:
        h', of the shape of h.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.gru_cell(zk.ones((2, 3)), zk.ones((2, 4)), zk.zeros((12, 3)), zk.zeros((12, 4)))[0]
        Tensor([0.5, 0.5, 0.5, 0.5])
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    x, (h,), shape = check_cell("gru_cell", input, hx, weights, 3)
    _, out, *_ = gru_sequence(x, h, *weights, None, False)
    return shaped(restored(out, result_dtype(x, h, *weights)), shape)
