"""Triangles, diagonals and grids."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet._typing import Array, DTypeLike
from zkynet.errors import InvalidValueError, ShapeError, described
from zkynet.ops.arguments import whole
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, op
from zkynet.ops.direct import direct
from zkynet.ops.indexing import getitem
from zkynet.ops.joining import stack
from zkynet.ops.reduction import sum as sum_over
from zkynet.ops.reordering import moveaxis
from zkynet.ops.shaping import broadcast_to, reshape
from zkynet.tensor import Tensor

__all__ = ["diag", "diag_embed", "diagonal", "meshgrid", "sliding_window", "trace", "tril", "triu"]

_spread = direct(OPS["put_into_zeros"])


@op(name="tril")
def _tril(xp: Any, x: Array, k: Any) -> Array:
    return xp.tril(x, k=k)


@_tril.gradient("x")
def _(xp: Any, g: Any, k: Any) -> Any:
    return xp.tril(g, k=k)


@op(name="triu")
def _triu(xp: Any, x: Array, k: Any) -> Array:
    return xp.triu(x, k=k)


@_triu.gradient("x")
def _(xp: Any, g: Any, k: Any) -> Any:
    return xp.triu(g, k=k)


def tril(x: Array, /, k: int = 0) -> Tensor:
    """The lower triangle of matrices, zeros above it.

    Args:
        x: a tensor of shape (..., m, n).
        k: which diagonal is the last to stay: 0 the main one, positive above it.

    Example:
        >>> import zkynet as zk
        >>> zk.tril(zk.ones(2, 2))
        Tensor([[1., 0.],
                [1., 1.]])
    """
    return OPS["tril"].run_prepared(*_matrices("tril", x, k))


def triu(x: Array, /, k: int = 0) -> Tensor:
    """The upper triangle of matrices, zeros below it.

    Args:
        x: a tensor of shape (..., m, n).
        k: which diagonal is the first to stay: 0 the main one, positive above it.

    Example:
        >>> import zkynet as zk
        >>> zk.triu(zk.ones(2, 2))
        Tensor([[1., 1.],
                [0., 1.]])
    """
    return OPS["triu"].run_prepared(*_matrices("triu", x, k))


def _matrices(name: str, x: Any, k: Any) -> tuple[Any, list[Any]]:
    """The backend and the arguments of an op on a triangle."""
    x = as_tensor(name, x)
    if x.ndim < 2:
        raise ShapeError(
            f"{name} needs a matrix, or a stack of them", facts=[f"x  {x.shape}"], fix="add axes with x[None]", op=name
        )
    return x.backend, [x, whole(name, "k", k)]


def diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonal of two axes, as the last axis of the result.

    Args:
        x: a tensor of at least two axes.
        offset: which diagonal: 0 the main one, positive above it.
        axis1: the axis that counts rows.
        axis2: the axis that counts columns.

    Example:
        >>> import zkynet as zk
        >>> zk.diagonal(zk.tensor([[1, 2], [3, 4]]))
        Tensor([1, 4])
    """
    x = as_tensor("diagonal", x)
    if x.ndim < 2:
        raise ShapeError(
            "diagonal needs a tensor of at least two axes",
            facts=[f"x  {x.shape}"],
            fix="zk.diag puts a vector on a diagonal",
            op="diagonal",
        )
    offset = whole("diagonal", "offset", offset)
    a, b = normalize_axis("diagonal", axis1, x.ndim), normalize_axis("diagonal", axis2, x.ndim)
    if a == b:
        raise InvalidValueError(f"diagonal: both axes are axis {a}", fix="name two axes", op="diagonal")
    x = moveaxis(x, (a, b), (-2, -1))
    rows, columns = _places(offset, *x.shape[-2:])
    return getitem(x, (Ellipsis, rows, columns))


def trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike = None) -> Tensor:
    """The sum of the diagonal of two axes; of the last two in `zkynet.linalg.trace`.

    Args:
        x: a tensor of at least two axes.
        offset: which diagonal: 0 the main one, positive above it.
        axis1: the axis that counts rows.
        axis2: the axis that counts columns.
        dtype: the dtype to sum in, as in `sum`.

    Example:
        >>> import zkynet as zk
        >>> zk.trace(zk.tensor([[1.0, 2.0], [3.0, 4.0]])).item()
        5.0
    """
    return sum_over(diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)


def _places(offset: int, m: int, n: int) -> tuple[Any, Any]:
    """Rows and columns of a diagonal of an m by n matrix."""
    first_row, first_column = max(-offset, 0), max(offset, 0)
    count = np.arange(max(min(m - first_row, n - first_column), 0))
    return count + first_row, count + first_column


def diag_embed(x: Array, offset: int = 0) -> Tensor:
    """Square matrices with the last axis on a diagonal, zeros elsewhere.

    Args:
        x: a tensor of shape (..., n).
        offset: which diagonal: 0 the main one, positive above it.

    Returns:
        A tensor of shape (..., n + abs(offset), n + abs(offset)).

    Example:
        >>> import zkynet as zk
        >>> zk.diag_embed(zk.tensor([1, 2]))
        Tensor([[1, 0],
                [0, 2]])
    """
    x = as_tensor("diag_embed", x)
    if x.ndim < 1:
        raise ShapeError("diag_embed needs a tensor of at least one axis", fix="add one with x[None]", op="diag_embed")
    offset = whole("diag_embed", "offset", offset)
    size = x.shape[-1] + abs(offset)
    rows, columns = _places(offset, size, size)
    shape = (*x.shape[:-1], size, size)
    return _spread(
        x, shape, (Ellipsis, *[asarray(p, device=x.device, backend=x.backend)._raw for p in (rows, columns)])
    )


def diag(x: Array, offset: int = 0) -> Tensor:
    """A vector on the diagonal of a matrix, or the diagonal of a matrix as a vector.

    Args:
        x: a tensor of one or two axes.
        offset: which diagonal: 0 the main one, positive above it.

    Example:
        >>> import zkynet as zk
        >>> zk.diag(zk.diag(zk.tensor([1, 2])))
        Tensor([1, 2])
    """
    x = as_tensor("diag", x)
    if x.ndim == 1:
        return diag_embed(x, offset)
    if x.ndim == 2:
        return diagonal(x, offset)
    raise ShapeError(
        f"diag is for vectors and matrices, this tensor has {x.ndim} axes",
        fix="use zk.diagonal or zk.diag_embed for stacks of them",
        op="diag",
    )


def meshgrid(*arrays: Array, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Coordinates of a grid from the coordinates along each axis.

    Args:
        *arrays: vectors, one for each axis.
        indexing: ``"xy"`` (the first counts columns) or ``"ij"`` (the first counts rows).

    Example:
        >>> import zkynet as zk
        >>> [t.shape for t in zk.meshgrid(zk.arange(2), zk.arange(3))]
        [(3, 2), (3, 2)]
    """
    if not isinstance(indexing, str) or indexing not in ("xy", "ij"):
        raise InvalidValueError(
            f'meshgrid: indexing is "xy" or "ij", received {described(indexing)}',
            fix="pass one of these",
            op="meshgrid",
        )
    vectors = [as_tensor("meshgrid", a) for a in arrays]
    if not vectors:
        return ()
    if any(v.ndim > 1 for v in vectors):
        raise ShapeError(
            "meshgrid takes vectors",
            facts=[f"shapes  {[v.shape for v in vectors]}"],
            fix="reshape them: x.reshape(-1)",
            op="meshgrid",
        )
    order = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[0], order[1] = 1, 0
    lengths = [v.size for v in vectors]
    shape = tuple(lengths[order.index(k)] for k in range(len(vectors)))
    return tuple(
        broadcast_to(reshape(v, tuple(v.size if k == at else 1 for k in range(len(shape)))), shape)
        for v, at in zip(vectors, order, strict=True)
    )


def sliding_window(x: Array, size: int, axis: int = -1, step: int = 1) -> Tensor:
    """Every window of neighbouring elements along an axis, as a new last axis.

    Args:
        x: a tensor of any shape.
        size: how many elements a window has.
        axis: along which axis the window slides.
        step: by how many elements it moves.

    Returns:
        A tensor whose axis has one entry a window, and a last axis of length `size`.

    Example:
        >>> import zkynet as zk
        >>> zk.sliding_window(zk.arange(4), 2)
        Tensor([[0, 1],
                [1, 2],
                [2, 3]])
    """
    x = as_tensor("sliding_window", x)
    at = normalize_axis("sliding_window", axis, x.ndim)
    size, step = whole("sliding_window", "size", size), whole("sliding_window", "step", step)
    if not 1 <= size <= x.shape[at] or step < 1:
        raise InvalidValueError(
            f"sliding_window: no window of {size} in steps of {step} fits into axis {at} of length {x.shape[at]}",
            fix="pass a size from 1 to that length, and a step from 1 on",
            op="sliding_window",
        )
    count = (x.shape[at] - size) // step + 1
    before = (slice(None),) * at
    if size <= count:  # a few slices of many elements: one for each place in a window
        places = [x[(*before, slice(i, i + (count - 1) * step + 1, step))] for i in range(size)]
        return stack(places, axis=x.ndim)
    windows = stack([x[(*before, slice(i * step, i * step + size))] for i in range(count)], axis=at)
    return moveaxis(windows, at + 1, -1)
