"""Sums, products, extremes and truth values over axes.

The gradient of a sum is the same for all its terms, so its rule hands back an array with axes of length one and leaves
it to the engine to spread it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, Axis, DTypeLike
from zkynet.errors import ShapeError
from zkynet.ops.axes import (
    axes_from_last,
    axes_to_last,
    keepdims_shape,
    normalize_axes,
    valid_axis,
)
from zkynet.ops.casting import as_tensor, astype, cast
from zkynet.ops.define import FLOATING, op
from zkynet.ops.explain import check
from zkynet.ops.kinds import is_bool
from zkynet.tensor import Tensor


def accumulator(name: str, x: Array, dtype: DTypeLike) -> tuple[Tensor, Any]:
    """`x` in the dtype in which to add or multiply up, and the dtype to ask the backend for if that is another.

    Small integers are not converted beforehand: backends widen them as they go.
    """
    if dtype is None and isinstance(x, Tensor) and x._raw.dtype in FLOATING:
        return x, None
    x = as_tensor(name, x)
    have = x.dtype
    if dtype is not None:
        wanted = dt.as_dtype(dtype)
    elif dt.kind_rank(have) >= 2:
        return x, None
    else:
        wanted = dt.uint64 if have.kind == "u" else dt.int64
    if dt.kind_rank(have) <= 1 == dt.kind_rank(wanted):
        return (cast(x, dt.uint8) if have == dt.bool else x), wanted
    return astype(x, wanted, copy=False), (wanted if dt.kind_rank(wanted) <= 1 else None)


@op(name="sum", kinds="number")
def _sum(xp: Any, x: Array, axis: Axis, keepdims: bool, dtype: Any) -> Array:
    axis = valid_axis("sum", axis, len(x.shape))
    if dtype is None:
        return xp.sum(x, axis=axis, keepdims=keepdims)
    return xp.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)


@_sum.gradient("x")
def _(xp: Any, g: Any, axis: Any, keepdims: Any, x_shape: Any) -> Any:
    return g if keepdims or axis is None else xp.reshape(g, keepdims_shape(x_shape, axis))


def sum(x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike = None) -> Tensor:
    """The sum of the elements over axes.

    Args:
        x: a tensor of any shape.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the summed axes with length one.
        dtype: what to convert to before adding. By default bools and integers are summed as int64 or uint64, all else
            in its own dtype.

    Example:
        >>> import zkynet as zk
        >>> zk.sum(zk.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([4., 6.])
    """
    x, dtype = accumulator("sum", x, dtype)
    return _sum(x, axis, keepdims, dtype)


@op(name="prod", kinds="number")
def _prod(xp: Any, x: Array, axis: Axis, keepdims: bool, dtype: Any) -> Array:
    axis = valid_axis("prod", axis, len(x.shape))
    return xp.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


@_prod.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: Any) -> Any:
    # ans / x would be 0/0 at a zero: multiply what stands before each factor by what stands behind it instead
    axes = normalize_axes("prod", axis, len(x.shape))
    y = axes_to_last(xp, x, axes)
    before = xp.cumulative_prod(y, axis=-1, include_initial=True)[..., :-1]
    behind = xp.flip(xp.cumulative_prod(xp.flip(y, axis=-1), axis=-1, include_initial=True)[..., :-1], axis=-1)
    return xp.reshape(g, keepdims_shape(x.shape, axes)) * axes_from_last(xp, before * behind, axes, x.shape)


def prod(x: Array, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike = None) -> Tensor:
    """The product of the elements over axes.

    Args:
        x: a tensor of any shape.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.
        dtype: what to convert to before multiplying, by default as for `sum`.

    Gradient: the product of all other elements, right where some of them are zero.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([2.0, 0.0, 3.0], requires_grad=True)
        >>> zk.prod(x).backward(); x.grad
        Tensor([0., 6., 0.])
    """
    x, dtype = accumulator("prod", x, dtype)
    return _prod(x, axis, keepdims, dtype)


def needs_elements(name: str, x: Any, axis: Any = None, *_: Any) -> None:
    """Raise if `axis` does not exist, or if there is nothing along it to choose from."""
    shape = tuple(x.shape)
    for a in normalize_axes(name, axis, len(shape)):
        if shape[a] == 0:
            raise ShapeError(
                f"{name} of no elements: axis {a} has length 0",
                facts=[f"x  {shape}", f"axis  {axis}"],
                fix="check for an empty tensor first, or concatenate a value to fall back on",
                op=name,
                shape=shape,
                axis=a,
            )


@op(name="max", kinds="real")
def _max(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest element over axes; NaN if there is one among them.

    Args:
        x: a tensor of real numbers with at least one element along the axes.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: split evenly among equal largest elements.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([1.0, 3.0, 3.0], requires_grad=True)
        >>> zk.max(x).backward(); x.grad
        Tensor([0. , 0.5, 0.5])
    """
    axis = valid_axis("max", axis, len(x.shape))
    if 0 in x.shape:
        needs_elements("max", x, axis)
    return (xp.any if is_bool(x) else xp.max)(x, axis=axis, keepdims=keepdims)


@op(name="min", kinds="real")
def _min(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest element over axes; NaN if there is one among them.

    Args:
        x: a tensor of real numbers with at least one element along the axes.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: split evenly among equal smallest elements.

    Example:
        >>> import zkynet as zk
        >>> zk.min(zk.tensor([[1.0, 3.0], [4.0, 2.0]]), axis=1)
        Tensor([1., 2.])
    """
    axis = valid_axis("min", axis, len(x.shape))
    if 0 in x.shape:
        needs_elements("min", x, axis)
    return (xp.all if is_bool(x) else xp.min)(x, axis=axis, keepdims=keepdims)


def _to_the_extreme(xp: Any, g: Any, x: Any, ans: Any, axis: Any) -> Any:
    """The rule of `max` and `min`: `g` in equal parts to the elements that are the result."""
    axis = valid_axis("max", axis, len(x.shape))
    kept = keepdims_shape(x.shape, axis)
    chosen = xp.astype(x == xp.reshape(ans, kept), g.dtype)
    ties = xp.sum(chosen, axis=axis, keepdims=True)
    return chosen * (xp.reshape(g, kept) / ties)


_max.gradient("x")(_to_the_extreme)
_min.gradient("x")(_to_the_extreme)


@op(name="all", differentiable=False)
def _all(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements over axes are true (or not zero); true of none.

    Args:
        x: a tensor of any shape.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.all(zk.tensor([[True, True], [True, False]]), axis=1)
        Tensor([ True, False])
    """
    return xp.all(x, axis=valid_axis("all", axis, len(x.shape)), keepdims=keepdims)


@op(name="any", differentiable=False)
def _any(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element over axes is true (or not zero); false of none.

    Args:
        x: a tensor of any shape.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.any(zk.tensor([[True, False], [False, False]]), axis=1)
        Tensor([ True, False])
    """
    return xp.any(x, axis=valid_axis("any", axis, len(x.shape)), keepdims=keepdims)


@op(differentiable=False)
def count_nonzero(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many elements over axes are not zero, as int64.

    Args:
        x: a tensor of any shape.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.count_nonzero(zk.tensor([[1.0, 0.0], [2.0, 3.0]]), axis=1)
        Tensor([1, 2])
    """
    axis = valid_axis("count_nonzero", axis, len(x.shape))
    nonzero = x if is_bool(x) else x != 0
    return xp.sum(xp.astype(nonzero, dt.uint8), axis=axis, dtype=dt.int64, keepdims=keepdims)


# Under these names they would hide Python's own in this file.
max, min, all, any = _max, _min, _all, _any


def _check_axes(name: str, x: Array, axis: Axis, *_: object) -> None:
    normalize_axes(name, axis, len(x.shape))


for _name in ("sum", "prod", "all", "any", "count_nonzero"):
    check(_name)(partial(_check_axes, _name))
for _name in ("max", "min"):
    check(_name)(partial(needs_elements, _name))

__all__ = ["all", "any", "count_nonzero", "max", "min", "prod", "sum"]
