"""Single elements read, written and added along an axis, at a position for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ShapeError
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, astype
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, op
from zkynet.ops.direct import direct
from zkynet.ops.explain import broadcast_check, check
from zkynet.ops.keys import check_positions, raw_positions
from zkynet.ops.selecting import check_again
from zkynet.ops.shaping import broadcast_to
from zkynet.tensor import Tensor

__all__ = ["gather", "scatter", "scatter_add", "take_along_axis"]


@op(name="take_along_axis")
def _take_along_axis(xp: Any, x: Array, indices: Any, axis: Any) -> Array:
    return xp.backend.getitem(x, _along(xp, indices, axis, x.shape))


@_take_along_axis.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, indices: Any, axis: Any) -> Any:
    return xp.add_along_axis(g, x_shape, indices, axis)


@op(name="add_along_axis")
def _add_along_axis(xp: Any, values: Array, shape: Any, indices: Any, axis: Any) -> Array:
    """Zeros of a shape with `values` added at positions along an axis: the way back of `take_along_axis`."""
    return xp.put_into_zeros(values, shape, _along(xp, indices, axis, shape))


@_add_along_axis.gradient("values")
def _(xp: Any, g: Any, indices: Any, axis: Any) -> Any:
    return _taken(xp, g, indices, axis)


@op(name="scatter_add")
def _scatter_add(xp: Any, x: Array, indices: Any, values: Array, axis: Any = -1) -> Array:
    return xp.backend.index_add(x, _along(xp, indices, axis, x.shape), values)


@_scatter_add.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


@_scatter_add.gradient("values")
def _(xp: Any, g: Any, indices: Any, axis: Any) -> Any:
    return _taken(xp, g, indices, axis)


def _taken(xp: Any, g: Any, indices: Any, axis: Any) -> Any:
    """The elements at raw positions along an axis."""
    if isinstance(g, Tensor):
        return _direct_take_along(g, indices, axis)
    return xp.backend.getitem(g, _along(xp, indices, axis, g.shape))


def _along(xp: Any, indices: Any, axis: int, shape: Any) -> tuple[Any, ...]:
    """Positions along one axis as a key for all of them: along every other axis it counts up."""
    backend = xp.backend
    ndim = len(indices.shape)
    axis %= ndim
    if ndim == 1:
        return (indices,)
    count = backend.native_dtype(dt.int64)
    device = backend.native_device(backend.device_of(indices))
    key = []
    for i in range(ndim):
        if i == axis:
            key.append(indices)
        else:
            numbers = xp.arange(shape[i], dtype=count, device=device)
            key.append(numbers if i == ndim - 1 else xp.reshape(numbers, (-1, *(1,) * (ndim - 1 - i))))
    return tuple(key)


def take_along_axis(x: Array, indices: Array, /, axis: int = -1) -> Tensor:
    """For each position one element along an axis: ``out[i, j] = x[i, indices[i, j]]`` for the last of two axes.

    Args:
        x: a tensor of any shape.
        indices: integers with as many axes as `x`; all axes but the one broadcast. Negative ones count from the end.
        axis: along which axis they are positions.

    Gradient: to the elements that were taken, as often as each was.

    Example:
        >>> import zkynet as zk
        >>> zk.take_along_axis(zk.tensor([[1, 2], [3, 4]]), zk.tensor([[1], [0]]))
        Tensor([[2],
                [3]])
    """
    x = as_tensor("take_along_axis", x)
    at, places, shape = _positions("take_along_axis", x, indices, axis)
    if shape != x.shape:
        x = broadcast_to(x, shape)
    return _direct_take_along(x, places, at)


_direct_take_along = direct(_take_along_axis.op)


def gather(x: Array, indices: Array, axis: int = -1) -> Tensor:
    """As `take_along_axis`, by PyTorch's name.

    Args:
        x: a tensor of any shape.
        indices: integers with as many axes as `x`.
        axis: along which axis they are positions.

    Example:
        >>> import zkynet as zk
        >>> zk.gather(zk.tensor([5.0, 6.0, 7.0]), zk.tensor([2, 0]))
        Tensor([7., 5.])
    """
    return take_along_axis(x, indices, axis=axis)


def scatter(x: Array, indices: Array, values: Array, axis: int = -1) -> Tensor:
    """A copy of `x` with values written at positions along an axis; of several for one place, the last one stays.

    ``out[i, indices[i, j]] = values[i, j]`` for the last of two axes.

    Args:
        x: a tensor of any shape.
        indices: integers with as many axes as `x`; all axes but the one broadcast to those of `x`. Negative ones count
            from the end.
        values: numbers that broadcast to the shape of `indices`; they are cast to the dtype of `x`.
        axis: along which axis the indices are positions.

    Gradient: to the values that stayed, and to the elements of `x` that did.

    Example:
        >>> import zkynet as zk
        >>> zk.scatter(zk.zeros(3), zk.tensor([2, 0]), zk.tensor([1.0, 2.0]))
        Tensor([2., 0., 1.])
    """
    x, at, places, values = _written("scatter", x, indices, values, axis)
    if not x.backend.wraps_out_of_range:  # where it is, `_written` has looked
        check_again("scatter", places, at, x.shape)
    key = _along(x.backend.xp, places, at, x.shape)
    return OPS["index_set"].run_prepared(x.backend, [x, astype(values, x.dtype, copy=False), key])


def scatter_add(x: Array, indices: Array, values: Array, axis: int = -1) -> Tensor:
    """A copy of `x` with values added at positions along an axis; places named several times collect every value.

    ``out[i, indices[i, j]] += values[i, j]`` for the last of two axes.

    Args:
        x: a tensor of any shape.
        indices: integers with as many axes as `x`; all axes but the one broadcast to those of `x`. Negative ones count
            from the end.
        values: numbers that broadcast to the shape of `indices`.
        axis: along which axis the indices are positions.

    Gradient: to `x` as it is, to `values` from the places they were added at.

    Example:
        >>> import zkynet as zk
        >>> zk.scatter_add(zk.zeros(3), zk.tensor([0, 2, 0]), zk.tensor([1.0, 2.0, 3.0]))
        Tensor([4., 0., 2.])
    """
    x, at, places, values = _written("scatter_add", x, indices, values, axis)
    return OPS["scatter_add"].run([x, places, values, at])


def _written(name: str, x: Array, indices: Any, values: Any, axis: int) -> tuple[Tensor, int, Any, Tensor]:
    """The tensor, the axis, the raw positions, and the values for each of them."""
    x = as_tensor(name, x)
    at, places, shape = _positions(name, x, indices, axis)
    if shape != x.shape:
        raise ShapeError(
            f"{name}: there are positions for more elements than the tensor has",
            facts=[f"x        {x.shape}", f"indices  {tuple(np.shape(indices))}", f"axis     {at}"],
            fix="broadcast the tensor first with zk.broadcast_to",
            op=name,
        )
    given = values if isinstance(values, Tensor) else asarray(values, device=x.device, backend=x.backend)
    to = (*shape[:at], places.shape[at], *shape[at + 1 :])
    if given.shape != to:
        if broadcast_check(name, ["indices", "values"], [to, given.shape]) != to:
            raise ShapeError(
                f"{name}: there are more values than positions",
                facts=[f"indices  {to}", f"values   {given.shape}"],
                fix="pass one position for each value",
                op=name,
                shapes=(to, given.shape),
            )
        given = broadcast_to(given, to)
    return x, at, places, given


@check("take_along_axis")
def _check_take_along(x: Any, indices: Any, axis: Any) -> None:
    check_again("take_along_axis", indices, axis, x.shape)


@check("scatter_add")
def _check_scatter(x: Any, indices: Any, values: Any, axis: Any) -> None:
    check_again("scatter_add", indices, axis, x.shape)


def _positions(name: str, x: Tensor, indices: Any, axis: int) -> tuple[int, Any, tuple[int, ...]]:
    """The axis, the raw positions, and the shape that `x` has when all its axes but that one broadcast with them."""
    places = raw_positions(name, x, indices)
    mine, theirs = x.shape, tuple(places.shape)
    if len(theirs) != len(mine):
        raise ShapeError(
            f"{name}: the positions have {len(theirs)} axes, the tensor {len(mine)}",
            facts=[f"x        {mine}", f"indices  {theirs}"],
            fix="give both the same number of axes: indices[..., None]",
            op=name,
            shapes=(mine, theirs),
        )
    at = normalize_axis(name, axis, len(mine))
    shape = mine
    if mine[:at] != theirs[:at] or mine[at + 1 :] != theirs[at + 1 :]:
        rest = broadcast_check(
            name,
            ["x, 1 for the axis", "indices, 1 for the axis"],
            [(*s[:at], 1, *s[at + 1 :]) for s in (mine, theirs)],
        )
        shape = (*rest[:at], mine[at], *rest[at + 1 :])
    if x.backend.wraps_out_of_range:
        check_positions(name, x.backend, places, at, mine)
    return at, places, shape
