"""Simple recurrent layers (Elman 1990), one layer in one direction as one op."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.backend.namespace import BODIES
from zkynet.errors import InvalidValueError
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

__all__ = ["rnn_layer", "rnn_relu_cell", "rnn_tanh_cell"]

NONLINEARITIES = ("tanh", "relu")


@multiple()
@op(name="nn.rnn_sequence", kinds="wide real float")
def rnn_sequence(
    xp: Any,
    x: Array,
    h0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    live: Array | None,
    nonlinearity: str,
    reverse: bool,
) -> tuple[Array, Array]:
    """All steps of a layer: states (T, N, H) and the last one (N, H).

    Args:
        x: inputs (T, N, I).
        h0: initial state (N, H).
        w_ih: weights (H, I).
        w_hh: weights (H, H).
        b_ih: (H,).
        b_hh: (H,).
        live: 1 where a sequence has an element, 0 in the padding (T, N, 1), where the state stays as it is.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        reverse: whether to walk from the last step to the first.
    """
    return rnn_forward(xp, tt.scan, x, h0, w_ih, w_hh, b_ih, b_hh, live, nonlinearity, reverse)


def rnn_forward(
    xp: Any,
    scan: Any,
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
    """The body of `rnn_sequence`, by any way to walk."""
    w_hh = xp.matrix_transpose(w_hh)
    bend = xp.tanh if nonlinearity == "tanh" else xp.relu

    def step(carry: Any, here: Any) -> Any:
        (h,) = carry
        z, alive = here
        h_next = bend(z + xp.matmul(h, w_hh))
        if alive is not None:
            h_next = xp.where(alive != 0, h_next, h)
        return (h_next,), (h_next,)

    (h,), (hs,) = scan(xp, step, (h0,), (tt.project(xp, x, w_ih, tt.plus(b_ih, b_hh)), live), reverse)
    return hs, h


@rnn_sequence.gradient("x", "h0", "w_ih", "w_hh", "b_ih", "b_hh")
def _(
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
    reached: tuple[bool, ...],
) -> Any:
    back = tt.backward_of(xp, "rnn_backward")
    return back(tt.only(g, reached), x, h0, w_ih, w_hh, live, nonlinearity, reverse, ans, needs)


def _rnn_backward(xp: Any, *args: Any) -> tuple[Any, ...]:
    return rnn_backward(xp, tt.scan, *args)


def rnn_backward(
    xp: Any,
    scan: Any,
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
    """The gradients of all inputs of `rnn_sequence` from the cotangents of both its results (None for zero)."""
    hs, _ = ans
    g_hs, g_h = g
    smooth = nonlinearity == "tanh"

    def step(carry: Any, here: Any) -> Any:
        (dh,) = carry
        h, g_h, alive = here
        dh = tt.plus(dh, g_h)
        dz = dh * (1.0 - h * h) if smooth else xp.where(h > 0, dh, 0.0)
        if alive is None:
            return (xp.matmul(dz, w_hh),), (dz,)
        alive = alive != 0
        dz = xp.where(alive, dz, 0.0)
        return (xp.where(alive, xp.matmul(dz, w_hh), dh),), (dz,)

    carry = (xp.zeros_like(h0) if g_h is None else g_h,)
    (dh,), (dz,) = scan(xp, step, carry, (hs, g_hs, live), not reverse)
    bias = xp.sum(tt.flat(xp, dz), axis=0) if needs[4] or needs[5] else None
    return (
        tt.project_back(xp, dz, w_ih) if needs[0] else None,
        dh,
        tt.weight_gradient(xp, dz, x) if needs[2] else None,
        tt.weight_gradient(xp, dz, tt.before(xp, hs, h0, reverse)) if needs[3] else None,
        bias,
        bias,
    )


BODIES["nn.rnn_backward"] = _rnn_backward  # no op: on tensors its steps are what is recorded


def check_nonlinearity(name: str, nonlinearity: Any) -> str:
    """The word for one of the two nonlinearities."""
    if nonlinearity not in NONLINEARITIES:
        raise InvalidValueError(
            f"{name}: nonlinearity is 'tanh' or 'relu', received {nonlinearity!r}", fix="use one of these", op=name
        )
    return str(nonlinearity)


def rnn_layer(
    input: Array,
    hx: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    nonlinearity: str = "tanh",
    lengths: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """One simple recurrent layer over whole sequences, in one direction, with gradients of its own.

    At each time ``h = tanh(w_ih x + b_ih + w_hh h + b_hh)``.

    Args:
        input: sequences (T, N, I), time first.
        hx: the initial state (N, H); None for zeros.
        w_ih: weights (H, I).
        w_hh: weights (H, H).
        b_ih: bias (H,).
        b_hh: bias (H,).
        nonlinearity: ``"tanh"`` or ``"relu"``.
        lengths: how many steps each sequence has, N whole numbers from 1 to T; the rest is padding, whose output is
            zero. None for T each.
        reverse: whether to walk from the last step to the first.

    Returns:
        The states (T, N, H) and the last one (N, H).

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> x, w = zk.ones((3, 1, 1)), zk.ones((1, 1))
        >>> F.rnn_layer(x, None, w, w, nonlinearity="relu")[0].ravel()
        Tensor([1., 2., 3.])
        >>> F.rnn_layer(x, None, w, w, nonlinearity="relu", reverse=True)[0].ravel()
        Tensor([3., 2., 1.])
    """
    name = "rnn_layer"
    weights = (w_ih, w_hh, b_ih, b_hh)
    nonlinearity = check_nonlinearity(name, nonlinearity)
    x, (h,), reverse = check_layer(name, input, hx, weights, 1, reverse)
    dtype = result_dtype(x, h, *weights)
    live = liveness(name, lengths, x)
    out, h = rnn_sequence(zero_outside(x, live), h, *weights, live, nonlinearity, reverse)
    return restored(zero_outside(out, live), dtype), restored(h, dtype)


def _cell(name: str, input: Any, hx: Any, weights: tuple[Any, Any, Any, Any], nonlinearity: str) -> Tensor:
    x, (h,), shape = check_cell(name, input, hx, weights, 1)
    _, out = rnn_sequence(x, h, *weights, None, nonlinearity, False)
    return shaped(restored(out, result_dtype(x, h, *weights)), shape)


def rnn_tanh_cell(
    input: Array,
    hx: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
) -> Tensor:
    """One step of a simple recurrent layer, ``h' = tanh(w_ih x + b_ih + w_hh h + b_hh)``.

    Args:
        input: (N, I), or (I,) for one example.
        hx: the state h (N, H), or (H,) for one example; None for zeros.
        w_ih: weights (H, I).
        w_hh: weights (H, H).
        b_ih: bias (H,).
        b_hh: bias (H,).

    Returns:
        h', of the shape of h.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.rnn_tanh_cell(zk.ones((2, 3)), None, zk.zeros((4, 3)), zk.zeros((4, 4)))[0]
        Tensor([0., 0., 0., 0.])
    """
    return _cell("rnn_tanh_cell", input, hx, (w_ih, w_hh, b_ih, b_hh), "tanh")


def rnn_relu_cell(
    input: Array,
    hx: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
) -> Tensor:
    """One step of a simple recurrent layer with ``h' = relu(w_ih x + b_ih + w_hh h + b_hh)``.

    Args:
        input: (N, I), or (I,) for one example.
        hx: the state h (N, H), or (H,) for one example; None for zeros.
        w_ih: weights (H, I).
        w_hh: weights (H, H).
        b_ih: bias (H,).
        b_hh: bias (H,).

    Returns:
        h', of the shape of h.

    Example:
        >>> import zkynet as zk
        >>> import zkynet.nn.functional as F
        >>> F.rnn_relu_cell(zk.ones((2, 3)), None, zk.ones((4, 3)), zk.zeros((4, 4)))[0]
        Tensor([3., 3., 3., 3.])
    """
    return _cell("rnn_relu_cell", input, hx, (w_ih, w_hh, b_ih, b_hh), "relu")
