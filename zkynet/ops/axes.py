"""Axes as users name them, brought to numbers from 0 on; refused in the same words on every backend."""

from __future__ import annotations

from math import prod
from operator import index
from typing import Any

from zkynet.errors import ArgumentError, AxisError, described


def normalize_axis(name: str, axis: Any, ndim: int) -> int:
    """The number of one axis, counted from 0.

    Args:
        name: the op that asks, for the error.
        axis: an integer; a negative one counts from the end.
        ndim: how many axes there are.

    Example:
        >>> normalize_axis("sum", -1, 3)
        2
    """
    try:
        if axis is True or axis is False:  # most likely meant for keepdims
            raise TypeError
        at = index(axis)
    except TypeError:
        raise ArgumentError(
            f"{name}: axis must be an integer, received {described(axis)}",
            fix="pass the number of an axis, such as axis=-1 for the last",
            op=name,
        ) from None
    if 0 <= at < ndim:
        return at
    if -ndim <= at < 0:
        return at + ndim
    raise AxisError(
        f"{name}: there is no axis {at} in a tensor of {ndim} {'axis' if ndim == 1 else 'axes'}",
        facts=[f"axis must be from {-ndim} to {ndim - 1}" if ndim else "a tensor without axes has none to name"],
        fix="name an axis the tensor has" if ndim else "leave axis out, or add an axis with x[None]",
        op=name,
        axis=at,
        ndim=ndim,
    )


def normalize_axes(name: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """The numbers of several axes, counted from 0, in the order they were named.

    Args:
        name: the op that asks, for the error.
        axis: an integer, a tuple (or list) of integers, or None for all axes.
        ndim: how many axes there are.

    Example:
        >>> normalize_axes("sum", (-1, 0), 3), normalize_axes("sum", None, 2)
        ((2, 0), (0, 1))
    """
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, (tuple, list)):
        return (normalize_axis(name, axis, ndim),)
    axes = tuple([normalize_axis(name, a, ndim) for a in axis])
    if len(set(axes)) < len(axes):
        raise AxisError(
            f"{name}: an axis is named twice",
            facts=[f"axis  {tuple(axis)}", f"in a tensor of {ndim} axes that is  {axes}"],
            fix="name each axis once",
            op=name,
            axis=tuple(axis),
            ndim=ndim,
        )
    return axes


def valid_axis(name: str, axis: Any, ndim: int) -> Any:
    """`axis` in a form that every backend takes, None included, after a check that it exists."""
    if axis is None or (type(axis) is int and -ndim <= axis < ndim):
        return axis
    return normalize_axes(name, axis, ndim)


def keepdims_shape(shape: Any, axis: Any) -> tuple[int, ...]:
    """`shape` with length 1 along the axes that were reduced; `axis` is valid.

    Example:
        >>> keepdims_shape((2, 3, 4), (0, -1)), keepdims_shape((2, 3), None)
        ((1, 3, 1), (1, 1))
    """
    if axis is None:
        return (1,) * len(shape)
    out = list(shape)
    for a in axis if isinstance(axis, (tuple, list)) else (axis,):
        out[a] = 1
    return tuple(out)


def count_along(shape: Any, axis: Any) -> int:
    """How many elements each result of a reduction is made of; `axis` is valid.

    Example:
        >>> count_along((2, 3, 4), (0, -1)), count_along((2, 3), None)
        (8, 6)
    """
    if axis is None:
        return prod(shape)
    if isinstance(axis, (tuple, list)):
        return prod([shape[a] for a in axis])
    return int(shape[axis])


def along(axis: int, start: int | None, stop: int | None) -> tuple[Any, ...]:
    """The index that takes ``start:stop`` along one axis, counted from 0, and everything along the others."""
    return (*(slice(None),) * axis, slice(start, stop), ...)


def axes_to_last(xp: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with `axes` (counted from 0) made one axis, the last."""
    rest = [a for a in range(len(x.shape)) if a not in axes]
    moved = xp.permute_dims(x, (*rest, *axes))
    return xp.reshape(moved, (*(x.shape[a] for a in rest), count_along(x.shape, axes)))


def axes_from_last(xp: Any, y: Any, axes: tuple[int, ...], shape: Any) -> Any:
    """The inverse of `axes_to_last`; `shape` is that of its `x`."""
    order = [*(a for a in range(len(shape)) if a not in axes), *axes]
    moved = xp.reshape(y, tuple([shape[a] for a in order]))
    return xp.permute_dims(moved, tuple([order.index(a) for a in range(len(shape))]))
