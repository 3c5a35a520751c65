"""What recurrent layers ask of their arguments, and how the lengths of sequences become a mask."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.graph import Recording
from zkynet.ops.arguments import flag
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor


def as_sequence(name: str, x: Any, argument: str = "input") -> Tensor:
    """A tensor of floats of what the user passed as input or state."""
    if not isinstance(x, Tensor):
        x = asarray(x)
    if dt.kind_rank(x.dtype) != 2:
        raise DTypeError(
            f"{name} takes floats, received {argument} of dtype {x.dtype}",
            facts=[f"{argument}  {x.shape} {x.dtype}"],
            fix="convert it first: x.astype(zk.float32); class indices go through nn.Embedding",
            op=name,
            dtype=x.dtype,
        )
    return x


def require_shape(name: str, argument: str, array: Any, shape: tuple[int, ...], facts: list[str], fix: str) -> None:
    """Refuse an array that is not of the expected shape."""
    if tuple(array.shape) != shape:
        raise ShapeError(
            f"{name}: {argument} has the shape {tuple(array.shape)}, expected {shape}",
            facts=facts,
            fix=fix,
            op=name,
            expected=shape,
            received=tuple(array.shape),
        )


def result_dtype(x: Any, *others: Any) -> Any:
    """The dtype of a layer's results: that of input, states and weights together."""
    dtype = x.dtype
    for other in others:
        if other is not None and other.dtype != dtype:
            dtype = dt.promote(dtype, other.dtype)
    return dtype


def restored(x: Tensor, dtype: Any) -> Tensor:
    """A result of an op that computes in float32, in the dtype it is to have."""
    return x if x.dtype == dtype or dtype.itemsize != 2 else Recording.namespace.astype(x, dtype)


# -- weights and states -------------------------------------------------------------------------------------------


def _weights(name: str, weights: tuple[Any, ...], gates: int, features: int, w_hr: Any) -> tuple[int, int]:
    """The sizes H and P of a layer, once its weights are found to fit each other and the input."""
    w_ih, w_hh, b_ih, b_hh = weights
    for argument, w in (("w_ih", w_ih), ("w_hh", w_hh), ("w_hr", w_hr)):
        if w is not None and len(w.shape) != 2:
            raise ShapeError(
                f"{name}: {argument} is a matrix, received the shape {tuple(w.shape)}",
                fix=f"pass {argument} with two axes",
                op=name,
            )
    rows = w_hh.shape[0]
    p = w_hh.shape[1]
    if rows % gates:
        raise ShapeError(
            f"{name}: w_hh has {rows} rows, which is no multiple of {gates}, the number of gates",
            facts=[f"w_hh  {tuple(w_hh.shape)}"],
            fix=f"pass w_hh of shape ({gates} H, H)",
            op=name,
        )
    h = rows // gates
    facts = [f"w_hh  {tuple(w_hh.shape)}, so H = {h}", f"the input has {features} features"]
    fix = "pass weights that fit each other and the input"
    require_shape(name, "w_ih", w_ih, (rows, features), facts, fix)
    for argument, b in (("b_ih", b_ih), ("b_hh", b_hh)):
        if b is not None:
            require_shape(name, argument, b, (rows,), facts, fix)
    if w_hr is None:
        require_shape(name, "w_hh", w_hh, (rows, h), facts, fix)
    else:
        require_shape(name, "w_hr", w_hr, (p, h), facts, fix)
    return h, p


def initial_states(
    name: str, hx: Any, states: tuple[str, ...], shapes: tuple[tuple[int, ...], ...], like: Tensor, facts: list[str]
) -> tuple[Tensor, ...]:
    """The initial states, zeros if there are none.

    Args:
        name: the layer, for errors.
        hx: what the user passed: a state, a pair of states if there are two, or None.
        states: what the states are called.
        shapes: what shape each is to have.
        like: whose backend, device and dtype zeros are to have.
        facts: where the numbers in the shapes come from.
    """
    if hx is None:
        zeros = Recording.namespace.zeros_like
        return tuple([_zeros(like, shape) if shape != like.shape else zeros(like) for shape in shapes])
    if len(states) > 1:
        if not isinstance(hx, (tuple, list)) or len(hx) != len(states):
            raise ArgumentError(
                f"{name}: the initial state is a pair ({', '.join(states)}), received {_what(hx)}",
                fix=f"pass ({', '.join(states)}), or None for zeros",
                op=name,
            )
    elif isinstance(hx, (tuple, list)):
        raise ArgumentError(
            f"{name}: the initial state is one tensor, {states[0]}, received {_what(hx)}",
            fix="pass one tensor; a pair of states belongs to the LSTM",
            op=name,
        )
    else:
        hx = (hx,)
    out = []
    for argument, state, shape in zip(states, hx, shapes, strict=True):
        state = as_sequence(name, state, argument)
        require_shape(name, argument, state, shape, facts, f"pass {argument} of shape {shape}, or None for zeros")
        out.append(state)
    return tuple(out)


def _what(hx: Any) -> str:
    if isinstance(hx, (tuple, list)):
        return f"a {type(hx).__name__} of {len(hx)}"
    return described(hx)


def _zeros(like: Tensor, shape: tuple[int, ...]) -> Tensor:
    raw = like.backend.full(shape, 0, like._raw.dtype, like.backend.device_of(like._raw))
    return Recording.wrap(raw, like.backend, None)


def check_layer(
    name: str,
    input: Any,
    hx: Any,
    weights: tuple[Any, ...],
    gates: int,
    reverse: Any,
    w_hr: Any = None,
    states: tuple[str, ...] = ("h",),
) -> tuple[Tensor, tuple[Tensor, ...], bool]:
    """Input, initial states and direction of one layer in one direction, once found to fit its weights."""
    x = as_sequence(name, input)
    if len(x.shape) != 3:
        raise ShapeError(
            f"{name} takes sequences of shape (T, N, I), received {len(x.shape)} axes: {x.shape}",
            fix="put steps first and the batch second; for a single sequence x[:, None]",
            op=name,
        )
    require_steps(name, x, 0)
    h, p = _weights(name, weights, gates, x.shape[2], w_hr)
    n = x.shape[1]
    facts = [f"input  {x.shape}: a batch of {n}", f"w_hh   {tuple(weights[1].shape)}"]
    shapes = ((n, p), (n, h))[: len(states)]
    return x, initial_states(name, hx, states, shapes, x, facts), flag(name, "reverse", reverse)


def require_steps(name: str, x: Any, axis: int) -> None:
    """Refuse sequences without steps, which have no last state."""
    if x.shape[axis] == 0:
        raise ShapeError(
            f"{name}: the sequences have no steps", facts=[f"input  {x.shape}"], fix="pass at least one step", op=name
        )


def check_cell(
    name: str, input: Any, hx: Any, weights: tuple[Any, ...], gates: int, states: tuple[str, ...] = ("h",)
) -> tuple[Tensor, tuple[Tensor, ...], tuple[int, ...]]:
    """The input of a cell as a sequence of one step, its states, and the shape that the new states are to have."""
    x = as_sequence(name, input)
    if len(x.shape) not in (1, 2):
        raise ShapeError(
            f"{name} takes one step, of shape (N, I) or (I,), received {len(x.shape)} axes: {x.shape}",
            fix="pass one step of a sequence; whole sequences are for the layers RNN, LSTM and GRU",
            op=name,
        )
    h, _ = _weights(name, weights, gates, x.shape[-1], None)
    shape = (*x.shape[:-1], h)
    facts = [f"input  {x.shape}", f"w_hh   {tuple(weights[1].shape)}, so H = {h}"]
    found = initial_states(name, hx, states, (shape,) * len(states), x, facts)
    reshape = Recording.namespace.reshape
    batch = x.shape[0] if len(x.shape) == 2 else 1
    if len(shape) == 1:
        found = tuple([reshape(s, (1, h)) for s in found])
    return reshape(x, (1, batch, x.shape[-1])), found, shape


def shaped(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A new state of a cell in the shape it is to have."""
    return x if x.shape == shape else Recording.namespace.reshape(x, shape)


# -- lengths ------------------------------------------------------------------------------------------------------


def check_lengths(name: str, lengths: Any, batch: int, steps: int | None = None) -> Any:
    """Lengths of sequences: a list of Python numbers, or a tensor if the host cannot look at them.

    Args:
        name: the function, for errors.
        lengths: what the user passed: a list, an array, a tensor.
        batch: how many there are to be.
        steps: how many steps the padded sequences have, None if that does not matter.
    """
    if isinstance(lengths, Tensor):
        found: Any = lengths
        shape, dtype = lengths.shape, lengths.dtype
        if dtype.kind in "iu" and lengths.backend.can_look(lengths._raw):
            found = lengths.numpy().tolist()
    elif hasattr(lengths, "shape") and hasattr(lengths, "dtype"):
        return check_lengths(name, asarray(lengths), batch, steps)
    else:
        if not isinstance(lengths, (list, tuple)):
            raise ArgumentError(
                f"{name}: lengths is a list of whole numbers, one for each sequence, received {described(lengths)}",
                fix="pass for example lengths=[5, 3, 2]",
                op=name,
            )
        return _checked(name, [_whole(name, n) for n in lengths], batch, steps)
    if dtype.kind not in "iu":
        raise DTypeError(
            f"{name}: lengths are whole numbers, received {dtype}",
            fix="convert them first: lengths.astype(zk.int64)",
            op=name,
            dtype=dtype,
        )
    if len(shape) != 1:
        raise ShapeError(
            f"{name}: lengths has one axis, received the shape {shape}", fix="pass one number a sequence", op=name
        )
    if isinstance(found, Tensor):  # on a device, or inside of a compiled function: nothing but their number is known
        _count(name, shape[0], batch)
        return found
    return _checked(name, found, batch, steps)


def _whole(name: str, n: Any) -> int:
    if not isinstance(n, bool):
        if isinstance(n, Tensor) and n.shape == () and n.dtype.kind in "iu":
            return int(n.item())
        try:
            return index(n)
        except TypeError:
            pass
    raise ArgumentError(
        f"{name}: lengths are whole numbers, received {described(n)}",
        fix="pass integers, for example lengths=[5, 3, 2]",
        op=name,
    )


def _count(name: str, count: int, batch: int) -> None:
    if count != batch:
        raise ShapeError(
            f"{name}: {count} lengths for a batch of {batch}",
            fix="pass one length for each sequence",
            op=name,
        )


def _checked(name: str, lengths: list[int], batch: int, steps: int | None) -> list[int]:
    _count(name, len(lengths), batch)
    for i, n in enumerate(lengths):
        if n < 1:
            raise InvalidValueError(
                f"{name}: a sequence has at least one step, but lengths[{i}] is {n}",
                facts=[f"lengths  {_few(lengths)}"],
                fix="leave empty sequences out of the batch",
                op=name,
                index=i,
                received=n,
            )
        if steps is not None and n > steps:
            raise InvalidValueError(
                f"{name}: lengths[{i}] is {n}, but the padded sequences have {steps} steps",
                facts=[f"lengths  {_few(lengths)}"],
                fix="pass lengths of at most that, or pad further; see batch_first if the axes were mixed up",
                op=name,
                index=i,
                received=n,
            )
    return lengths


def _few(lengths: list[int]) -> str:
    return str(lengths) if len(lengths) <= 12 else f"{str(lengths[:12])[:-1]}, ...]"


def liveness(name: str, lengths: Any, x: Tensor) -> Tensor | None:
    """1 where a sequence of `x` (T, N, I) has an element and 0 in its padding, (T, N, 1); None if there is none."""
    if lengths is None:
        return None
    steps, batch = x.shape[:2]
    known = check_lengths(name, lengths, batch, steps)
    time = np.arange(steps).reshape(steps, 1, 1)
    if not isinstance(known, Tensor):
        if min(known, default=steps) == steps:
            return None
        mask = (time < np.array(known).reshape(1, batch, 1)).astype(x.dtype)
        return asarray(mask, device=x.device, backend=x.backend)
    xp = Recording.namespace
    times = asarray(time, device=x.device, backend=x.backend)
    return xp.astype(times < xp.reshape(known, (1, batch, 1)), x.dtype)


def zero_outside(x: Tensor, live: Tensor | None) -> Tensor:
    """`x` (T, N, K) with zeros in the padding, whatever stands there, NaN too."""
    return x if live is None else Recording.namespace.where(live != 0, x, 0.0)
