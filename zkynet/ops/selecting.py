"""Elements chosen by a condition, or by positions along an axis."""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, DTypeLike
from zkynet.errors import DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.ops.arguments import whole
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import FLOATING, OPS, op
from zkynet.ops.direct import direct
from zkynet.ops.explain import broadcast_check, check
from zkynet.ops.indexing import getitem
from zkynet.ops.keys import check_positions, raw_positions
from zkynet.ops.shaping import broadcast_to, reshape
from zkynet.tensor import Tensor, wrap

__all__ = [
    "masked_fill",
    "masked_select",
    "one_hot",
    "take",
    "where",
]


# -- by a condition -----------------------------------------------------------------------------------------------


@op(name="where")
def _where(xp: Any, x1: Array, x2: Array, condition: Any) -> Array:
    return xp.where(condition, x1, x2)


@_where.gradient("x1")
def _(xp: Any, g: Any, condition: Any) -> Any:
    return xp.where(_like(g, condition), g, xp.zeros_like(g))


@_where.gradient("x2")
def _(xp: Any, g: Any, condition: Any) -> Any:
    return xp.where(_like(g, condition), xp.zeros_like(g), g)


def _like(g: Any, condition: Any) -> Any:
    """The raw condition, as a tensor where the rule runs on tensors."""
    return wrap(condition, g.backend, None) if isinstance(g, Tensor) else condition


@check("where")
def _check_where(x1: Any, x2: Any, condition: Any) -> None:
    shapes = [tuple(condition.shape), *(tuple(getattr(v, "shape", ())) for v in (x1, x2))]
    broadcast_check("where", ["condition", "x1", "x2"], shapes)


@overload
def where(condition: Array, /) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Array, x1: Array, x2: Array, /) -> Tensor: ...
def where(condition: Array, x1: Any = None, x2: Any = None, /) -> Any:
    """Elements of `x1` where the condition is true, of `x2` elsewhere; the three broadcast.

    With the condition alone the positions where it is true, as `nonzero`.

    Args:
        condition: booleans; other numbers count as true unless they are zero.
        x1: a tensor or number.
        x2: a tensor or number.

    Gradient: to the chosen side alone; nothing that the other side's gradient would be, NaN say, leaks through.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([-1.0, 2.0])
        >>> zk.where(x > 0, x, 0.0)
        Tensor([0., 2.])
    """
    if x1 is None and x2 is None:
        return Recording.namespace.nonzero(as_tensor("where", condition))
    if isinstance(condition, Tensor):
        chosen = condition
    else:
        like = next((v for v in (x1, x2) if isinstance(v, Tensor)), None)
        if like is None:
            chosen = as_tensor("where", condition)
        else:
            chosen = asarray(condition, device=like.device, backend=like.backend)
    if chosen.dtype != dt.bool:
        chosen = chosen != 0
    if _settled(chosen, x1, x2):
        if not isinstance(x2, Tensor):
            x2 = chosen.backend.constants(x1._raw.dtype)[x2]
        elif not isinstance(x1, Tensor):
            x1 = chosen.backend.constants(x2._raw.dtype)[x1]
        return OPS["where"].run_prepared(chosen.backend, [x1, x2, chosen._raw])
    x1, x2 = _branches(chosen, x1, x2)
    return OPS["where"].run([x1, x2, chosen._raw])


def _settled(chosen: Tensor, x1: Any, x2: Any) -> bool:
    """Whether nothing has to be done about backends and dtypes: both sides are alike, or one is a plain number."""
    if isinstance(x1, Tensor):
        if isinstance(x2, Tensor):
            return x1.backend is x2.backend is chosen.backend and x1._raw.dtype == x2._raw.dtype
        x, number = x1, x2
    else:
        x, number = x2, x1
        if not isinstance(x, Tensor):
            return False
    return x.backend is chosen.backend and type(number) in (int, float) and x._raw.dtype in FLOATING


def _branches(chosen: Tensor, x1: Any, x2: Any) -> tuple[Any, Any]:
    """The two sides, of which one at least is a tensor of the condition's backend."""
    from zkynet.ops.prepare import NUMBERS, common_backend

    common_backend("where", [chosen, x1, x2])
    if isinstance(x1, Tensor) or isinstance(x2, Tensor):
        return x1, x2
    if not isinstance(x2, NUMBERS):
        return x1, asarray(x2, device=chosen.device, backend=chosen.backend)
    made = asarray(x1, device=chosen.device, backend=chosen.backend)
    return cast(made, dt.scalar_dtype(x2, made.dtype)), x2


def masked_fill(x: Array, mask: Array, value: Any) -> Tensor:
    """A copy of `x` with `value` where the mask is true.

    Args:
        x: a tensor of any shape.
        mask: booleans that broadcast to the shape of `x`.
        value: a number, or a tensor that broadcasts to the shape of `x`; it is cast to the dtype of `x`.

    Gradient: to `x` where the mask is false, to `value` where it is true.

    Example:
        >>> import zkynet as zk
        >>> zk.masked_fill(zk.tensor([1.0, 2.0]), zk.tensor([True, False]), 0.0)
        Tensor([0., 2.])
    """
    x = as_tensor("masked_fill", x)
    if isinstance(value, Tensor) and dt.kind_rank(value.dtype) == 3 and dt.kind_rank(x.dtype) < 3:
        raise DTypeError(
            f"masked_fill: complex values do not fit into {x.dtype}", fix="convert x first: x.astype(zk.complex64)"
        )
    if isinstance(value, Tensor):
        value = cast(value, x.dtype)
    else:
        value = asarray(value, dtype=x.dtype, device=x.device, backend=x.backend)
    out = where(mask, value, x)
    if out.shape != x.shape:
        raise ShapeError(
            "masked_fill: the mask or the value has more elements than the tensor",
            facts=[f"x      {x.shape}", f"mask   {tuple(np.shape(mask))}", f"value  {value.shape}"],
            fix="broadcast the tensor first with zk.broadcast_to",
            op="masked_fill",
        )
    return out


def masked_select(x: Array, mask: Array) -> Tensor:
    """The elements where the mask is true, along one axis.

    Args:
        x: a tensor of any shape.
        mask: booleans that broadcast with `x`.

    Example:
        >>> import zkynet as zk
        >>> zk.masked_select(zk.tensor([1.0, 2.0]), zk.tensor([False, True]))
        Tensor([2.])
    """
    x = as_tensor("masked_select", x)
    m = wrap(raw_positions("masked_select", x, mask, masks=True), x.backend, None)
    if m.dtype != dt.bool:
        m = m != 0
    shape = broadcast_check("masked_select", ["x", "mask"], [x.shape, m.shape])
    return getitem(broadcast_to(x, shape), broadcast_to(m, shape))


# -- by positions of slices ---------------------------------------------------------------------------------------


@op(name="take")
def _take(xp: Any, x: Array, indices: Any, axis: Any) -> Array:
    return xp.backend.getitem(x, (slice(None),) * axis + (indices,))


@_take.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, indices: Any, axis: Any) -> Any:
    return xp.put_into_zeros(g, x_shape, (slice(None),) * axis + (indices,))


@check("take")
def _check_take(x: Any, indices: Any, axis: Any) -> None:
    check_again("take", indices, axis, x.shape)


def check_again(name: str, indices: Any, axis: int, shape: Any) -> None:
    """Find the position that a backend refused."""
    from zkynet.backend.registry import backend_of

    check_positions(name, backend_of(indices), indices, axis, shape)


_direct_take = direct(_take.op)


def take(x: Array, indices: Array, /, axis: int | None = None) -> Tensor:
    """Slices of `x` at positions along an axis.

    Args:
        x: a tensor of any shape.
        indices: integers of any shape, which takes the place of the axis in the result; negative ones count from the
            end.
        axis: which axis; by default the tensor is taken as one long row.

    Gradient: to the slices that were taken, as often as each was.

    Example:
        >>> import zkynet as zk
        >>> zk.take(zk.tensor([5.0, 6.0, 7.0]), zk.tensor([2, 0]))
        Tensor([7., 5.])
    """
    x = as_tensor("take", x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis("take", axis, x.ndim)
    places = raw_positions("take", x, indices)
    if x.backend.wraps_out_of_range:
        check_positions("take", x.backend, places, at, x.shape)
    return _direct_take(x, places, at)


def one_hot(x: Array, classes: int | None = None, *, dtype: DTypeLike = None) -> Tensor:
    """A one at the place that each integer names, zeros elsewhere, along a new last axis.

    Args:
        x: integers from 0 on, of any shape.
        classes: the length of the new axis, by default one more than the largest integer.
        dtype: by default float32.

    Example:
        >>> import zkynet as zk
        >>> zk.one_hot(zk.tensor([0, 2]), 3)
        Tensor([[1., 0., 0.],
                [0., 0., 1.]])
    """
    x = as_tensor("one_hot", x)
    raw_positions("one_hot", x, x)
    host = x.backend.to_numpy(x._raw) if x.backend.can_look(x._raw) else None
    if classes is None:
        if host is None:
            raise InvalidValueError("one_hot needs the number of classes here", fix="pass classes=...", op="one_hot")
        classes = int(host.max()) + 1 if host.size else 0
    n = whole("one_hot", "classes", classes)
    if n < 0:
        raise InvalidValueError(f"one_hot: there cannot be {n} classes", fix="pass classes from 0 on", op="one_hot")
    if host is not None and host.size and (host.min() < 0 or host.max() >= n):
        place = tuple([int(i) for i in np.argwhere((host < 0) | (host >= n))[0]])
        label = int(host[place])
        raise IndexOutOfRangeError(
            f"one_hot: the label {label} is not one of {n} classes",
            facts=[
                *([f"found at position {place[0] if len(place) == 1 else place}"] if place else []),
                f"labels go from 0 to {n - 1}",
            ],
            fix="pass a larger number of classes, or correct the label",
            op="one_hot",
            index=label,
            length=n,
            position=place,
        )
    numbers = asarray(np.arange(n), device=x.device, backend=x.backend)
    return cast(cast(x, dt.int64)[..., None] == numbers, dt.default_float if dtype is None else dt.as_dtype(dtype))
