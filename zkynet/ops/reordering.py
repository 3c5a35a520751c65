"""The axes, or the elements along them, in another order."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.arguments import whole, whole_numbers
from zkynet.ops.axes import normalize_axes, normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.direct import direct
from zkynet.tensor import Tensor

__all__ = ["flip", "matrix_transpose", "moveaxis", "permute", "permute_dims", "roll", "rot90", "swapaxes", "transpose"]


@op(name="permute_dims")
def _permute_dims(xp: Any, x: Array, axes: Any) -> Array:
    return xp.permute_dims(x, axes)


@_permute_dims.gradient("x")
def _(xp: Any, g: Any, axes: Any) -> Any:
    return xp.permute_dims(g, tuple(sorted(range(len(axes)), key=axes.__getitem__)))


_permuted = direct(_permute_dims.op)


def permute_dims(x: Array, /, axes: Any) -> Tensor:
    """The axes in another order.

    Args:
        x: a tensor of any shape.
        axes: for each axis of the result, which axis of `x` it is.

    Example:
        >>> import zkynet as zk
        >>> zk.permute_dims(zk.zeros(2, 3, 4), (2, 0, 1)).shape
        (4, 2, 3)
    """
    x = as_tensor("permute_dims", x)
    listed = hasattr(axes, "__len__") and getattr(axes, "ndim", None) != 0
    order = normalize_axes("permute_dims", tuple(axes) if listed else axes, x.ndim)
    if len(order) != x.ndim:
        raise ShapeError(
            f"permute_dims: {len(order)} axes were named for a tensor of {x.ndim}",
            facts=[f"x  {x.shape}", f"axes  {order}"],
            fix="name every axis once",
            op="permute_dims",
        )
    return _permuted(x, order)


permute = permute_dims


@op
def matrix_transpose(xp: Any, x: Array) -> Array:
    """The last two axes exchanged.

    Args:
        x: a tensor of shape (..., m, n).

    Example:
        >>> import zkynet as zk
        >>> zk.matrix_transpose(zk.zeros(5, 2, 3)).shape
        (5, 3, 2)
    """
    if len(x.shape) < 2:
        raise ShapeError(
            "matrix_transpose needs a tensor of at least two axes",
            facts=[f"x  {tuple(x.shape)}"],
            fix="add axes with x[None]",
            op="matrix_transpose",
        )
    return xp.matrix_transpose(x)


@matrix_transpose.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return xp.matrix_transpose(g)


def swapaxes(x: Array, a: int, b: int) -> Tensor:
    """Two axes exchanged.

    Args:
        x: a tensor of any shape.
        a: one axis.
        b: the other.

    Example:
        >>> import zkynet as zk
        >>> zk.swapaxes(zk.zeros(2, 3, 4), 0, 2).shape
        (4, 3, 2)
    """
    x = as_tensor("swapaxes", x)
    i, j = normalize_axis("swapaxes", a, x.ndim), normalize_axis("swapaxes", b, x.ndim)
    order = list(range(x.ndim))
    order[i], order[j] = j, i
    return permute_dims(x, order)


def transpose(x: Array, *axes: Any) -> Tensor:
    """Axes in another order: two exchanged (as in PyTorch), all of them named, or all reversed (as in NumPy).

    Args:
        x: a tensor of any shape.
        *axes: nothing, two axes to exchange, or every axis in the new order (also as one tuple).

    Example:
        >>> import zkynet as zk
        >>> x = zk.zeros(2, 3, 4)
        >>> zk.transpose(x).shape, zk.transpose(x, 0, 1).shape, zk.transpose(x, (2, 0, 1)).shape
        ((4, 3, 2), (3, 2, 4), (4, 2, 3))
    """
    x = as_tensor("transpose", x)
    if not axes or (len(axes) == 1 and axes[0] is None):
        return permute_dims(x, tuple(reversed(range(x.ndim))))
    if len(axes) == 1:
        return permute_dims(x, axes[0])
    if len(axes) == 2:
        return swapaxes(x, *axes)
    return permute_dims(x, axes)


def moveaxis(x: Array, source: Any, destination: Any, /) -> Tensor:
    """Axes moved to other places, the others in their order.

    Args:
        x: a tensor of any shape.
        source: an axis, or a tuple of axes.
        destination: where each goes.

    Example:
        >>> import zkynet as zk
        >>> zk.moveaxis(zk.zeros(2, 3, 4), 0, -1).shape
        (3, 4, 2)
    """
    x = as_tensor("moveaxis", x)
    a, b = normalize_axes("moveaxis", source, x.ndim), normalize_axes("moveaxis", destination, x.ndim)
    if len(a) != len(b):
        raise InvalidValueError(f"moveaxis: {len(a)} axes were to go to {len(b)} places", fix="name a place for each")
    order = [n for n in range(x.ndim) if n not in a]
    for to, what in sorted(zip(b, a, strict=True)):
        order.insert(to, what)
    return permute_dims(x, order)


@op(name="flip")
def _flip(xp: Any, x: Array, axis: Any) -> Array:
    return xp.flip(x, axis=axis)


@_flip.gradient("x")
def _(xp: Any, g: Any, axis: Any) -> Any:
    return xp.flip(g, axis=axis)


_flipped = direct(_flip.op)


def flip(x: Array, /, axis: Any = None) -> Tensor:
    """The elements in reverse order along axes.

    Args:
        x: a tensor of any shape.
        axis: which axes, by default all.

    Example:
        >>> import zkynet as zk
        >>> zk.flip(zk.arange(3))
        Tensor([2, 1, 0])
    """
    x = as_tensor("flip", x)
    return _flipped(x, normalize_axes("flip", axis, x.ndim))


def rot90(x: Array, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    """Turned by 90 degrees in the plane of two axes, from the first towards the second.

    Args:
        x: a tensor of at least two axes.
        k: how often; negative for the other way round.
        axes: the two axes.

    Example:
        >>> import zkynet as zk
        >>> zk.rot90(zk.tensor([[1, 2], [3, 4]]))
        Tensor([[2, 4],
                [1, 3]])
    """
    x = as_tensor("rot90", x)
    plane = normalize_axes("rot90", axes, x.ndim)
    if len(plane) != 2:
        raise InvalidValueError(
            f"rot90 turns in the plane of two axes, received {len(plane)}", fix="name two different axes", op="rot90"
        )
    a, b = plane
    turns = whole("rot90", "k", k) % 4
    if turns == 2:
        return flip(x, plane)
    if turns == 1:
        return swapaxes(flip(x, b), a, b)
    return flip(swapaxes(x, a, b), b) if turns else x


@op(name="roll")
def _roll(xp: Any, x: Array, shift: Any, axis: Any) -> Array:
    return xp.roll(x, shift, axis=axis)


@_roll.gradient("x")
def _(xp: Any, g: Any, shift: Any, axis: Any) -> Any:
    return xp.roll(g, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis=axis)


_rolled = direct(_roll.op)


def roll(x: Array, /, shift: Any, axis: Any = None) -> Tensor:
    """The elements moved along axes; what leaves at one end comes in at the other.

    Args:
        x: a tensor of any shape.
        shift: by how many places; a tuple for several axes.
        axis: which axes; by default the tensor is taken as one long row.

    Example:
        >>> import zkynet as zk
        >>> zk.roll(zk.arange(4), 1)
        Tensor([3, 0, 1, 2])
    """
    x = as_tensor("roll", x)
    if axis is None:
        if isinstance(shift, (tuple, list)):
            raise ArgumentError("roll: several shifts need an axis each", fix="pass axis=(...)", op="roll")
        return _rolled(x, whole("roll", "shift", shift), None)
    axes = (axis,) if not isinstance(axis, (tuple, list)) else tuple(axis)
    at = tuple(normalize_axis("roll", a, x.ndim) for a in axes)
    shifts = whole_numbers("roll", "shift", shift)
    shifts = shifts if isinstance(shift, (tuple, list)) else shifts * len(at)
    if len(shifts) != len(at):
        raise InvalidValueError(f"roll: {len(shifts)} shifts for {len(at)} axes", fix="pass one shift for each axis")
    return _rolled(x, shifts, at) if at else x
