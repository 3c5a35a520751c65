"""Elements chosen by a condition, or by positions along an axis."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, DTypeLike
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, op
from zkynet.ops.explain import broadcast_check
from zkynet.ops.indexing import check_positions, getitem
from zkynet.ops.shaping import broadcast_to, reshape
from zkynet.tensor import Tensor

__all__ = [
    "gather",
    "masked_fill",
    "masked_select",
    "one_hot",
    "scatter_add",
    "take",
    "take_along_axis",
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
    """The raw condition as a tensor when the rule runs on tensors."""
    return asarray(condition) if isinstance(g, Tensor) and not isinstance(condition, Tensor) else condition


def where(condition: Array, x1: Array, x2: Array, /) -> Tensor:
    """Elements of `x1` where the condition is true, of `x2` elsewhere; the three broadcast.

    The gradient goes to the chosen side alone; what the other side's gradient would have been (NaN, say) plays no part.

    Args:
        condition: booleans; other numbers count as true unless zero.
        x1: a tensor or number.
        x2: a tensor or number.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([-1.0, 2.0])
        >>> zk.where(x > 0, x, 0.0)
        Tensor([0., 2.])
    """
    others = [v for v in (x1, x2) if isinstance(v, Tensor)]
    if isinstance(condition, Tensor) or not others:
        chosen = as_tensor("where", condition)
    else:
        chosen = asarray(condition, device=others[0].device, backend=others[0].backend)
    if chosen.dtype != dt.bool:
        chosen = chosen != 0
    if not others:
        made = asarray(x1, device=chosen.device, backend=chosen.backend)
        x1 = cast(made, dt.scalar_dtype(x2, made.dtype)) if isinstance(x2, (bool, int, float, complex)) else made
    first = others[0] if others else x1
    if chosen.backend is not first.backend:
        from zkynet.errors import BackendError

        raise BackendError(
            f"where received tensors of two backends, {chosen.backend.name} and {first.backend.name}",
            fix=f'move one of them: x.to("{first.backend.name}")',
            op="where",
        )
    names = ["condition", "x1", "x2"]
    shapes = [chosen.shape, *(v.shape if isinstance(v, Tensor) else np.shape(v) for v in (x1, x2))]
    if len(set(shapes)) > 1:
        broadcast_check("where", names, shapes)
    return OPS["where"].run([x1, x2, chosen._raw])


def masked_fill(x: Array, mask: Array, value: Any) -> Tensor:
    """A copy of `x` with `value` where the mask is true; no gradient flows there.

    Args:
        x: a tensor of any shape.
        mask: booleans that broadcast with `x`.
        value: a number, or a tensor of one element.

    Example:
        >>> import zkynet as zk
        >>> zk.masked_fill(zk.tensor([1.0, 2.0]), zk.tensor([True, False]), 0.0)
        Tensor([0., 2.])
    """
    x = as_tensor("masked_fill", x)
    if isinstance(value, (int, float)) and dt.kind_rank(dt.scalar_dtype(value, x.dtype)) > dt.kind_rank(x.dtype):
        raise DTypeError(f"masked_fill: {value!r} does not fit into {x.dtype}", fix="convert the tensor first")
    return where(mask, value, x)


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
    x, m = as_tensor("masked_select", x), as_tensor("masked_select", mask)
    shape = broadcast_check("masked_select", ["x", "mask"], [x.shape, m.shape])
    return getitem(broadcast_to(x, shape), broadcast_to(m, shape))


# -- by positions -------------------------------------------------------------------------------------------------


@op(name="take_along_axis")
def _take_along_axis(xp: Any, x: Array, indices: Any, axis: Any) -> Array:
    return xp.backend.getitem(x, _along(xp, indices, axis, x.shape))


@_take_along_axis.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, indices: Any, axis: Any) -> Any:
    if isinstance(g, Tensor):
        return OPS["add_along_axis"].call(g, x_shape, indices, axis)
    return _add_along_axis_body(xp, g, x_shape, indices, axis)


def _add_along_axis_body(xp: Any, values: Any, shape: Any, indices: Any, axis: Any) -> Any:
    backend = xp.backend
    zeros = backend.full(shape, 0, backend.dtype_of(values), backend.device_of(values))
    return backend.index_add(zeros, _along(xp, indices, axis, shape), values)


@op(name="add_along_axis")
def _add_along_axis(xp: Any, values: Array, shape: Any, indices: Any, axis: Any) -> Array:
    """Zeros of a shape with `values` added at positions along an axis."""
    return _add_along_axis_body(xp, values, shape, indices, axis)


@_add_along_axis.gradient("values")
def _(xp: Any, g: Any, shape: Any, indices: Any, axis: Any) -> Any:
    if isinstance(g, Tensor):
        return OPS["take_along_axis"].call(g, indices, axis)
    return xp.backend.getitem(g, _along(xp, indices, axis, g.shape))


def _along(xp: Any, indices: Any, axis: int, shape: Any) -> tuple[Any, ...]:
    """Positions along one axis as a key for all axes: the other axes count up (or stand still where they have length 1)."""
    indices = indices._raw if isinstance(indices, Tensor) else indices
    backend = xp.backend
    ndim = len(indices.shape)
    axis %= ndim
    key = []
    for i in range(ndim):
        if i == axis:
            key.append(indices)
        else:
            n = shape[i]
            device = backend.native_device(backend.device_of(indices))
            count = xp.arange(n, dtype=backend.native_dtype(dt.int64), device=device)
            key.append(xp.reshape(count, tuple(n if k == i else 1 for k in range(ndim))))
    return tuple(key)


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Tensor:
    """For each position one element along an axis: ``out[i, j] = x[i, indices[i, j]]`` for the last of two axes.

    Args:
        x: a tensor of any shape.
        indices: integers; its other axes broadcast with those of `x`. Negative ones count from the end.
        axis: along which axis they are positions.

    Example:
        >>> import zkynet as zk
        >>> zk.take_along_axis(zk.tensor([[1, 2], [3, 4]]), zk.tensor([[1], [0]]))
        Tensor([[2],
                [3]])
    """
    x = as_tensor("take_along_axis", x)
    at, places = _positions("take_along_axis", x, indices, axis)
    return OPS["take_along_axis"].run_prepared(x.backend, [x, places, at])


def gather(x: Array, indices: Array, axis: int = -1) -> Tensor:
    """As `take_along_axis`, by PyTorch's name.

    Args:
        x: a tensor of any shape.
        indices: integers, with as many axes as `x`.
        axis: along which axis they are positions.

    Example:
        >>> import zkynet as zk
        >>> zk.gather(zk.tensor([5.0, 6.0, 7.0]), zk.tensor([2, 0]))
        Tensor([7., 5.])
    """
    return take_along_axis(x, indices, axis=axis)


def _positions(name: str, x: Tensor, indices: Any, axis: int) -> tuple[int, Any]:
    """The axis and the raw positions, checked against the shape (and the values, where the backend would not)."""
    places = asarray(indices, device=x.device, backend=x.backend)
    if dt.kind_rank(places.dtype) != 1:
        raise DTypeError(
            f"{name}: positions are integers, received {places.dtype}", fix="convert them to zk.int64", op=name
        )
    if places.ndim != x.ndim:
        raise ShapeError(
            f"{name}: the positions have {places.ndim} axes, the tensor {x.ndim}",
            facts=[f"x  {x.shape}", f"indices  {places.shape}"],
            fix="give both the same number of axes: indices[..., None]",
            op=name,
        )
    at = normalize_axis(name, axis, x.ndim)
    others = [tuple(1 if i == at else n for i, n in enumerate(t.shape)) for t in (x, places)]
    if others[0] != others[1]:
        shape = list(broadcast_check(name, ["x (without the axis)", "indices (without the axis)"], others))
        shape[at] = places.shape[at]
        if any(n != m for i, (n, m) in enumerate(zip(x.shape, shape, strict=True)) if i != at):
            raise ShapeError(
                f"{name}: the positions are for more elements than the tensor has",
                facts=[f"x  {x.shape}", f"indices  {places.shape}", f"axis  {at}"],
                fix="broadcast the tensor first with zk.broadcast_to",
                op=name,
            )
        places = broadcast_to(places, tuple(shape))
    if x.backend.wraps_out_of_range:
        check_positions(name, x.backend, places._raw, at, x.shape)
    return at, places._raw


@op(name="scatter_add")
def _scatter_add(xp: Any, x: Array, indices: Any, values: Array, axis: Any = -1) -> Array:
    return xp.backend.index_add(x, _along(xp, indices, axis, x.shape), values)


@_scatter_add.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


@_scatter_add.gradient("values")
def _(xp: Any, g: Any, indices: Any, axis: Any) -> Any:
    if isinstance(g, Tensor):
        return OPS["take_along_axis"].call(g, indices, axis)
    return xp.backend.getitem(g, _along(xp, indices, axis, g.shape))


def scatter_add(x: Array, indices: Array, values: Array, axis: int = -1) -> Tensor:
    """A copy of `x` with values added at positions along an axis; places named several times collect every value.

    ``out[i, indices[i, j]] += values[i, j]`` for the last of two axes.

    Args:
        x: a tensor of any shape.
        indices: integers, with as many axes as `x`.
        values: numbers of the shape of `indices`, or broadcasting to it.
        axis: along which axis the indices are positions.

    Example:
        >>> import zkynet as zk
        >>> zk.scatter_add(zk.zeros(3), zk.tensor([0, 2, 0]), zk.tensor([1.0, 2.0, 3.0]))
        Tensor([4., 0., 2.])
    """
    x = as_tensor("scatter_add", x)
    at, places = _positions("scatter_add", x, indices, axis)
    added = asarray(values, device=x.device, backend=x.backend)
    shape = tuple(places.shape)
    if added.shape != shape:
        added = broadcast_to(added, shape)
    return OPS["scatter_add"].run([x, places, added, at])


def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Tensor:
    """Slices of `x` at positions along an axis.

    Args:
        x: a tensor of any shape.
        indices: integers of any shape, which takes the place of the axis in the result.
        axis: which axis; by default the tensor is taken as one long row.

    Example:
        >>> import zkynet as zk
        >>> zk.take(zk.tensor([5.0, 6.0, 7.0]), zk.tensor([2, 0]), axis=0)
        Tensor([7., 5.])
    """
    x = as_tensor("take", x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis("take", axis, x.ndim)
    if not isinstance(indices, Tensor):
        indices = np.asarray(indices) if not x.backend.is_array(indices) else indices
        if isinstance(indices, np.ndarray) and indices.size == 0:
            indices = indices.astype(np.int64)
    places = asarray(indices, device=x.device, backend=x.backend)
    if dt.kind_rank(places.dtype) != 1:
        raise DTypeError(
            f"take: positions are integers, received {places.dtype}", fix="convert them to zk.int64", op="take"
        )
    return getitem(x, (slice(None),) * at + (places,))


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
    if dt.kind_rank(x.dtype) != 1:
        raise DTypeError(f"one_hot: labels are integers, received {x.dtype}", fix="convert them: x.astype(zk.int64)")
    host = x.backend.to_numpy(x._raw) if x.backend.can_look(x._raw) else None
    if classes is None:
        if host is None:
            raise InvalidValueError("one_hot needs the number of classes here", fix="pass classes=...")
        classes = int(host.max()) + 1 if host.size else 0
    n = index(classes)
    if host is not None and host.size:
        wrong = (host < 0) | (host >= n)
        if wrong.any():
            from zkynet.errors import IndexOutOfRangeError

            where_ = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise IndexOutOfRangeError(
                f"one_hot: the label {int(host[where_])} is not one of {n} classes",
                facts=[
                    f"found at position {where_[0] if len(where_) == 1 else where_}",
                    f"labels go from 0 to {n - 1}",
                ],
                fix="pass a larger number of classes, or correct the label",
                index=int(host[where_]),
                length=n,
            )
    places = asarray(np.arange(n), dtype=x.dtype, device=x.device, backend=x.backend)
    return cast(x[..., None] == places, dt.default_float if dtype is None else dt.as_dtype(dtype))
