"""Where things are: positions of extremes, of what is not zero, and of values in a sorted list."""

from __future__ import annotations

from functools import partial
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.ops.arguments import word
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import multiple, op
from zkynet.ops.explain import check
from zkynet.ops.keys import check_positions, raw_positions
from zkynet.ops.kinds import is_number
from zkynet.ops.reduction import needs_elements
from zkynet.ops.sorting import orderable
from zkynet.tensor import Tensor


@op(kinds="real", differentiable=False)
def argmax(xp: Any, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """The position of the largest element along an axis, as int64: the first of equal ones, or the first NaN.

    Args:
        x: a tensor of real numbers with at least one element along the axis.
        axis: the axis; None for the position in the flattened tensor.
        keepdims: keep the axis with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.argmax(zk.tensor([[1.0, 5.0], [7.0, 2.0]]), axis=1)
        Tensor([1, 0])
    """
    return _position(xp, "argmax", x, axis, keepdims)


@op(kinds="real", differentiable=False)
def argmin(xp: Any, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """The position of the smallest element along an axis, as int64: the first of equal ones, or the first NaN.

    Args:
        x: a tensor of real numbers with at least one element along the axis.
        axis: the axis; None for the position in the flattened tensor.
        keepdims: keep the axis with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.argmin(zk.tensor([[1.0, 5.0], [7.0, 2.0]]), axis=1)
        Tensor([0, 1])
    """
    return _position(xp, "argmin", x, axis, keepdims)


def _position(xp: Any, name: str, x: Any, axis: int | None, keepdims: bool) -> Any:
    if axis is not None:
        axis = normalize_axis(name, axis, len(x.shape))
    if 0 in x.shape:
        needs_elements(name, x, axis)
    return getattr(xp, name)(orderable(xp, x), axis=axis, keepdims=keepdims)


for _name in ("argmax", "argmin"):
    check(_name)(partial(needs_elements, _name))


@multiple()
@op(differentiable=False)
def nonzero(xp: Any, x: Array) -> tuple[Array, ...]:
    """The positions of all elements that are not zero: one tensor of indices for each axis.

    Args:
        x: a tensor with at least one axis.

    Example:
        >>> import zkynet as zk
        >>> zk.nonzero(zk.tensor([[0.0, 3.0], [4.0, 0.0]]))
        (Tensor([0, 1]), Tensor([1, 0]))
    """
    if not x.shape:
        raise ShapeError("nonzero needs at least one axis", fix="reshape the tensor to (1,) first", op="nonzero")
    return tuple(xp.nonzero(x))


def argwhere(x: Array) -> Tensor:
    """The positions of all elements that are not zero, one in each row: shape (how many, axes of `x`).

    Args:
        x: a tensor with at least one axis.

    Example:
        >>> import zkynet as zk
        >>> zk.argwhere(zk.tensor([[0.0, 3.0], [4.0, 0.0]]))
        Tensor([[0, 1],
                [1, 0]])
    """
    return Recording.namespace.stack(nonzero(x), axis=-1)


@op(name="searchsorted", kinds="real", promote=False, differentiable=False)
def _searchsorted(xp: Any, x1: Array, x2: Array, side: str, sorter: Array | None) -> Array:
    found = xp.searchsorted(orderable(xp, x1), orderable(xp, x2), side=side, sorter=sorter)
    return xp.astype(found, dt.int64, copy=False)  # JAX counts in int32 where that suffices


def searchsorted(x1: Array, x2: Array, side: str = "left", sorter: Array | None = None) -> Tensor:
    """The positions in a sorted list at which values could be inserted without disturbing its order, as int64.

    Args:
        x1: the sorted list, shape (n,).
        x2: the values, a tensor of any shape or a number.
        side: among equal elements, ``"left"`` for the position before, ``"right"`` for the one behind.
        sorter: positions that would put `x1` in order, if it is not, shape (n,).

    Returns:
        Positions from 0 to n, of the shape of `x2`.

    Example:
        >>> import zkynet as zk
        >>> zk.searchsorted(zk.tensor([1.0, 2.0, 3.0]), zk.tensor([2.0, 9.0]))
        Tensor([1, 3])
    """
    x1, x2 = to_common("searchsorted", x1, x2)
    side = word("searchsorted", "side", side)
    if side not in ("left", "right"):
        raise InvalidValueError(
            f"searchsorted: side is {side!r}", fix='pass side="left" or side="right"', op="searchsorted", side=side
        )
    wrong = x1.ndim != 1
    if sorter is not None:
        sorter = as_tensor("searchsorted", sorter)
        wrong = wrong or sorter.shape != x1.shape
    if wrong:
        raise ShapeError(
            "searchsorted looks values up in a list with one axis",
            facts=[f"x1  {x1.shape}"] + ([] if sorter is None else [f"sorter  {sorter.shape}"]),
            fix="pass x1 (and sorter) with shape (n,)",
            op="searchsorted",
        )
    if sorter is not None and x1.backend.wraps_out_of_range:
        check_positions("searchsorted", x1.backend, raw_positions("searchsorted", x1, sorter), 0, x1.shape)
    return _searchsorted(x1, x2, side, sorter)


@check("searchsorted")
def _check_sorter(x1: Any, x2: Any, side: str, sorter: Any) -> None:
    from zkynet.backend.registry import backend_of

    if sorter is not None:
        check_positions("searchsorted", backend_of(sorter), sorter, 0, x1.shape)


def to_common(name: str, x1: Array, x2: Array) -> tuple[Tensor, Tensor]:
    """Both as tensors of one dtype; a Python number takes that of the other."""
    if is_number(x1) and is_number(x2):
        x1 = asarray(x1)
    if is_number(x1) or is_number(x2):
        x, number = (x2, x1) if is_number(x1) else (x1, x2)
        x = as_tensor(name, x)
        other = asarray(number, dtype=dt.scalar_dtype(number, x.dtype), device=x.device, backend=x.backend)
        x1, x2 = (other, x) if is_number(x1) else (x, other)
    x1, x2 = as_tensor(name, x1), as_tensor(name, x2)
    common = dt.promote(x1.dtype, x2.dtype)
    return cast(x1, common), cast(x2, common)


__all__ = ["argmax", "argmin", "argwhere", "nonzero", "searchsorted"]
