"""Products and powers of matrices, the cross product, the trace, the exponential."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, DTypeLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.linalg.matrices import eye_like, require_matrix, require_square
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.define import op
from zkynet.ops.explain import broadcast_check, check
from zkynet.tensor import Tensor


@op(name="linalg.cross", kinds="number")
def cross(xp: Any, x1: Array, x2: Array, axis: int = -1) -> Array:
    """The cross product of vectors of three components.

    Args:
        x1: a tensor with three entries along `axis`.
        x2: likewise; the other axes broadcast.
        axis: where the vectors lie, counted from the end if the tensors differ in the number of axes.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.cross(zk.tensor([1.0, 0.0, 0.0]), zk.tensor([0.0, 1.0, 0.0]))
        Tensor([0., 0., 1.])
    """
    axis = _cross_axis(x1, x2, axis)
    return xp.linalg.cross(x1, x2, axis=axis)


@cross.gradient("x1")
def _(xp: Any, g: Any, x2: Any, axis: Any) -> Any:
    return xp.linalg.cross(x2, g, axis=axis if axis < 0 else axis - len(g.shape))


@cross.gradient("x2")
def _(xp: Any, g: Any, x1: Any, axis: Any) -> Any:
    return xp.linalg.cross(g, x1, axis=axis if axis < 0 else axis - len(g.shape))


def _cross_axis(x1: Any, x2: Any, axis: Any) -> int:
    """The axis of the vectors, counted from the end; errors for vectors that are not of length three."""
    name, m, n = "linalg.cross", len(x1.shape), len(x2.shape)
    from_end = normalize_axis(name, axis, min(m, n)) - min(m, n)
    if axis >= 0 and m != n:
        raise InvalidValueError(
            f"{name}: the tensors have {m} and {n} axes, so axis has to be negative, received {axis}",
            fix="count the axis from the end, -1 for the last",
            op=name,
        )
    if x1.shape[from_end] != 3 or x2.shape[from_end] != 3:
        raise ShapeError(
            f"{name} needs vectors of three components",
            facts=[f"x1  {tuple(x1.shape)}", f"x2  {tuple(x2.shape)}", f"the length of axis {axis} has to be 3"],
            fix="name the axis of the vectors with axis=",
            op=name,
            shapes=(tuple(x1.shape), tuple(x2.shape)),
            axis=axis,
        )
    return from_end


@check("linalg.cross")
def _(x1: Any, x2: Any, axis: Any = -1) -> None:
    _cross_axis(x1, x2, axis)
    broadcast_check("linalg.cross", ["x1", "x2"], [x1.shape, x2.shape])


def diagonal(x: Any, /, offset: int = 0) -> Tensor:
    """The diagonal of each matrix, as the last axis of the result.

    Args:
        x: matrices (..., m, n).
        offset: which diagonal: 0 the main one, positive above it, negative below.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.diagonal(zk.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 4.])
    """
    x = as_tensor("linalg.diagonal", x)
    require_matrix("linalg.diagonal", x)
    return Recording.namespace.diagonal(x, offset, -2, -1)


def trace(x: Any, /, offset: int = 0, dtype: DTypeLike = None) -> Tensor:
    """The sum of the diagonal of each matrix.

    Args:
        x: matrices (..., m, n).
        offset: which diagonal: 0 the main one, positive above it, negative below.
        dtype: the dtype to sum in, as in `sum`.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.trace(zk.tensor([[1.0, 2.0], [3.0, 4.0]])).item()
        5.0
    """
    zk = Recording.namespace
    x = as_tensor("linalg.trace", x)
    require_matrix("linalg.trace", x)
    return zk.sum(zk.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)


def matrix_power(x: Any, n: int, /) -> Tensor:
    """Each square matrix times itself: ``x @ x @ … @ x`` with n factors.

    Args:
        x: square matrices (..., k, k).
        n: how many factors; 0 gives the unit matrix, a negative number powers of the inverse.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.matrix_power(zk.tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
        Tensor([[1., 5.],
                [0., 1.]])
    """
    zk = Recording.namespace
    x = as_tensor("linalg.matrix_power", x)
    require_square("linalg.matrix_power", x)
    if not hasattr(n, "__index__"):
        raise ArgumentError(
            f"linalg.matrix_power takes whole powers, received {n!r}", fix="for others, use eigh: (v * w**n) @ v.T"
        )
    n = n.__index__()
    if dt.kind_rank(x.dtype) < 2:
        x = cast(x, dt.default_float)
    if n < 0:
        x, n = zk.linalg.inv(x), -n
    out = None
    while n:  # by the binary digits of n
        if n & 1:
            out = x if out is None else zk.matmul(out, x)
        n >>= 1
        if n:
            x = zk.matmul(x, x)
    return eye_like(zk, x) if out is None else out


def multi_dot(arrays: Sequence[Any]) -> Tensor:
    """The product of several matrices, multiplied in the order that takes the fewest operations.

    Args:
        arrays: two or more matrices that fit together; the first may be a row (n,) and the last a column (n,).

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.multi_dot([zk.ones((2, 9)), zk.ones((9, 9)), zk.ones((9, 1))]).shape
        (2, 1)
    """
    zk, name = Recording.namespace, "linalg.multi_dot"
    factors = [as_tensor(name, a) for a in arrays]
    if len(factors) < 2:
        raise InvalidValueError(f"{name} needs at least two matrices, received {len(factors)}", op=name)
    row, column = factors[0].ndim == 1, factors[-1].ndim == 1
    if row:
        factors[0] = factors[0][None, :]
    if column:
        factors[-1] = factors[-1][:, None]
    shapes = [f.shape for f in factors]
    if any(len(s) != 2 for s in shapes) or any(a[1] != b[0] for a, b in pairwise(shapes)):
        raise ShapeError(
            f"{name}: these matrices do not fit together",
            facts=[f"arrays[{i}]  {s}" for i, s in enumerate(shapes)],
            fix="the columns of each have to be as many as the rows of the next",
            op=name,
            shapes=tuple(shapes),
        )
    split = _best_splits([s[0] for s in shapes] + [shapes[-1][1]])

    def product(first: int, last: int) -> Tensor:
        if first == last:
            return factors[first]
        middle = split[first, last]
        return zk.matmul(product(first, middle), product(middle + 1, last))

    out = product(0, len(factors) - 1)
    if row:
        out = out[0]
    return out[..., 0] if column else out


def _best_splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Behind which matrix to split the product of the matrices i to j, of ``sizes[i]`` by ``sizes[i + 1]``."""
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    split = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], split[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )
    return split


_PADE = [math.comb(13, k) * math.factorial(26 - k) / math.factorial(26) for k in range(14)]
"""Coefficients of the numerator of the Padé approximant of order 13 of the exponential."""

_REACH = 5.371920351148152
"""Up to this 1-norm that approximant is exact to double precision (Higham 2005, table 2.3)."""

_SQUARINGS = 16


@op(name="linalg.expm", kinds="wide float")
def expm(xp: Any, x: Array) -> Array:
    """The exponential of each matrix: ``1 + x + x @ x / 2 + x @ x @ x / 6 + …``.

    Args:
        x: square matrices (..., n, n).

    By scaling and squaring of a Padé approximant (Higham 2005). A matrix of a 1-norm beyond 350,000 gives NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.expm(zk.tensor([[0.0, 1.0], [0.0, 0.0]]))
        Tensor([[1., 1.],
                [0., 1.]])
    """
    require_square("linalg.expm", x)
    mm, eye, b = xp.matmul, eye_like(xp, x), _PADE
    size = xp.max(xp.sum(xp.abs(x), axis=-2, keepdims=True), axis=-1, keepdims=True)
    times = xp.ceil(xp.log2(xp.clip(size / _REACH, min=1.0)))  # how often to halve each matrix
    x = x / 2.0**times
    x2 = mm(x, x)
    x4 = mm(x2, x2)
    x6 = mm(x2, x4)
    odd = mm(x6, b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * eye
    odd = mm(x, odd)
    even = mm(x6, b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * eye
    out = xp.linalg.solve(even - odd, even + odd)
    for k in range(_SQUARINGS):  # of a fixed number, so that nothing has to be known on the host
        out = xp.where(times > k, mm(out, out), out)
    return xp.where(times > _SQUARINGS, out * math.nan, out)


@expm.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    # exp of [[x, d], [0, x]] has the derivative of exp along d in its upper right corner (Mathias 1996)
    n, t = x.shape[-1], xp.matrix_transpose(x)
    above = xp.concat([t, g], axis=-1)
    below = xp.concat([xp.zeros_like(t), t], axis=-1)
    return xp.linalg.expm(xp.concat([above, below], axis=-2))[..., :n, n:]


__all__ = ["cross", "diagonal", "expm", "matrix_power", "multi_dot", "trace"]
