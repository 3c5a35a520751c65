"""Products of matrices and vectors."""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import whole
from zkynet.ops.axes import normalize_axes, normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import OPS, op
from zkynet.ops.explain import broadcast_check, check
from zkynet.ops.kinds import is_complex
from zkynet.ops.reordering import permute_dims
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["dot", "inner", "kron", "matmul", "outer", "tensordot", "vdot", "vecdot"]


@op(kinds="number")
def matmul(xp: Any, x1: Array, x2: Array) -> Array:
    """The matrix product, over the last two axes; leading axes broadcast.

    ``out[..., i, j] = sum_k x1[..., i, k] * x2[..., k, j]``; a vector stands for a row on the left and a column on the
    right, and its axis is gone in the result.

    Args:
        x1: a tensor of shape (..., m, k) or (k,).
        x2: a tensor of shape (..., k, n) or (k,).

    Example:
        >>> import zkynet as zk
        >>> zk.matmul(zk.tensor([[1.0, 2.0]]), zk.tensor([[3.0], [4.0]]))
        Tensor([[11.]])
    """
    return xp.matmul(x1, x2)


@matmul.gradient("x1")
def _(xp: Any, g: Any, x2: Any, x1_shape: Any) -> Any:
    if x2.ndim == 1:
        return g * x2 if len(x1_shape) == 1 else xp.expand_dims(g, axis=-1) * x2
    if len(x1_shape) == 1:
        return xp.matmul(x2, xp.expand_dims(g, axis=-1))[..., 0]
    if x2.ndim == 2 and g.ndim > 2 and 0 not in g.shape:  # one matrix for a whole stack: one product, not many
        n = g.shape[-1]
        return xp.reshape(xp.matmul(xp.reshape(g, (-1, n)), xp.matrix_transpose(x2)), x1_shape)
    return xp.matmul(g, xp.matrix_transpose(x2))


@matmul.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2_shape: Any) -> Any:
    if len(x2_shape) == 1:
        if x1.ndim == 1:
            return g * x1
        if 0 in x1.shape:
            return xp.matmul(xp.matrix_transpose(x1), xp.expand_dims(g, axis=-1))[..., 0]
        return xp.matmul(xp.reshape(g, (-1,)), xp.reshape(x1, (-1, x2_shape[0])))
    if x1.ndim == 1:
        return xp.expand_dims(x1, axis=-1) * xp.expand_dims(g, axis=-2)
    if len(x2_shape) == 2 and x1.ndim > 2 and 0 not in (*x1.shape, *g.shape):  # one product, not many and a sum
        k, n = x2_shape
        return xp.matmul(xp.matrix_transpose(xp.reshape(x1, (-1, k))), xp.reshape(g, (-1, n)))
    return xp.matmul(xp.matrix_transpose(x1), g)


@check("matmul")
def _check_matmul(x1: Any, x2: Any) -> None:
    a, b = (tuple(getattr(x, "shape", ())) for x in (x1, x2))
    if not a or not b:
        raise ShapeError(
            "matmul needs at least one axis on both sides",
            facts=[f"x1  {a}", f"x2  {b}"],
            fix="multiply numbers with *",
            op="matmul",
        )
    k, n = a[-1], b[-2] if len(b) > 1 else b[0]
    if k != n:
        where = "x2.shape[-2]" if len(b) > 1 else "x2.shape[0]"
        raise ShapeError(
            f"matmul: the inner lengths differ, {k} and {n}",
            facts=[f"x1  {a}", f"x2  {b}", f"matmul needs  x1.shape[-1] == {where}  but {k} != {n}"],
            fix="transpose one of them (x.mT), or make the lengths agree",
            op="matmul",
            shapes=(a, b),
        )
    try:
        broadcast_check("matmul", ["x1", "x2"], [a[:-2], b[:-2]])
    except ShapeError as e:
        raise ShapeError(
            "matmul: the axes before the last two do not broadcast",
            facts=[f"x1  {a}", f"x2  {b}", f"of {a[:-2]} and {b[:-2]}, {e.facts[-1]}"],
            fix="make these axes the same, or 1",
            op="matmul",
            shapes=(a, b),
        ) from None


def dot(a: Array, b: Array) -> Tensor:
    """The dot product as in NumPy: of vectors, of matrices, over the last axis of `a` and the last but one of `b`.

    Args:
        a: a tensor or number.
        b: a tensor or number.

    Example:
        >>> import zkynet as zk
        >>> zk.dot(zk.tensor([1.0, 2.0]), zk.tensor([3.0, 4.0])).item()
        11.0
    """
    x, y = as_tensor("dot", a), as_tensor("dot", b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if x.ndim <= 2 and y.ndim <= 2:
        return matmul(x, y)
    return tensordot(x, y, axes=((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def inner(a: Array, b: Array) -> Tensor:
    """The sum of products over the last axis of both.

    Args:
        a: a tensor of shape (..., k).
        b: a tensor of shape (..., k).

    Example:
        >>> import zkynet as zk
        >>> zk.inner(zk.tensor([1.0, 2.0]), zk.tensor([3.0, 4.0])).item()
        11.0
    """
    x, y = as_tensor("inner", a), as_tensor("inner", b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return tensordot(x, y, axes=((x.ndim - 1,), (y.ndim - 1,)))


def outer(a: Array, b: Array) -> Tensor:
    """Every element of one tensor times every element of another.

    Args:
        a: a tensor of m elements.
        b: a tensor of n elements.

    Returns:
        A tensor of shape (m, n).

    Example:
        >>> import zkynet as zk
        >>> zk.outer(zk.tensor([1, 2]), zk.tensor([3, 4]))
        Tensor([[3, 4],
                [6, 8]])
    """
    x, y = as_tensor("outer", a), as_tensor("outer", b)
    return reshape(x, (-1, 1)) * reshape(y, (1, -1))


def tensordot(x1: Array, x2: Array, /, axes: Any = 2) -> Tensor:
    """The sum of products over pairs of axes, one of each tensor.

    Args:
        x1: a tensor of any shape.
        x2: a tensor of any shape.
        axes: how many axes, the last of `x1` with the first of `x2`; or two lists of axes.

    Example:
        >>> import zkynet as zk
        >>> zk.tensordot(zk.ones(2, 3), zk.ones(3, 4), axes=1).shape
        (2, 4)
    """
    a, b = as_tensor("tensordot", x1), as_tensor("tensordot", x2)
    if isinstance(axes, (tuple, list)):
        if len(axes) != 2:
            raise InvalidValueError(
                "tensordot: axes is a number, or two lists of axes",
                fix="pass axes=([...], [...]), of x1 and of x2",
                op="tensordot",
            )
        left, right = normalize_axes("tensordot", axes[0], a.ndim), normalize_axes("tensordot", axes[1], b.ndim)
    else:
        n = whole("tensordot", "axes", axes)
        if not 0 <= n <= min(a.ndim, b.ndim):
            raise InvalidValueError(
                f"tensordot: {n} axes cannot be summed over",
                facts=[f"x1  {a.shape}", f"x2  {b.shape}"],
                fix="name no more axes than the tensors have",
                op="tensordot",
            )
        left, right = tuple(range(a.ndim - n, a.ndim)), tuple(range(n))
    lengths_a, lengths_b = [a.shape[i] for i in left], [b.shape[i] for i in right]
    if lengths_a != lengths_b:
        raise ShapeError(
            "tensordot: the axes to sum over differ in length",
            facts=[f"x1  {a.shape}, axes {left} have {lengths_a}", f"x2  {b.shape}, axes {right} have {lengths_b}"],
            fix="name axes of equal lengths, or transpose one of the tensors",
            op="tensordot",
            shapes=(a.shape, b.shape),
        )
    free_a = [i for i in range(a.ndim) if i not in left]
    free_b = [i for i in range(b.ndim) if i not in right]
    shape_a, shape_b = tuple(a.shape[i] for i in free_a), tuple(b.shape[i] for i in free_b)
    inside = prod(lengths_a)
    flat_a = reshape(permute_dims(a, (*free_a, *left)), (prod(shape_a), inside))
    flat_b = reshape(permute_dims(b, (*right, *free_b)), (inside, prod(shape_b)))
    return reshape(matmul(flat_a, flat_b), shape_a + shape_b)


@op(kinds="number", name="vecdot")
def _vecdot(xp: Any, x1: Array, x2: Array, axis: Any) -> Array:
    return xp.vecdot(x1, x2, axis=axis)


@_vecdot.gradient("x1")
def _(xp: Any, g: Any, x2: Any, axis: Any) -> Any:
    g = xp.expand_dims(g, axis=axis) * x2
    return xp.conj(g) if is_complex(x2) else g  # x1 enters by its conjugate


@_vecdot.gradient("x2")
def _(xp: Any, g: Any, x1: Any, axis: Any) -> Any:
    return xp.expand_dims(g, axis=axis) * (xp.conj(x1) if is_complex(x1) else x1)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Tensor:
    """The dot product of vectors along an axis, ``sum conj(x1) * x2``; the other axes broadcast.

    Args:
        x1: a tensor of shape (..., k).
        x2: a tensor of shape (..., k).
        axis: which axis, counted from the end.

    Example:
        >>> import zkynet as zk
        >>> zk.vecdot(zk.tensor([[1.0, 2.0], [3.0, 4.0]]), zk.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    a, b = as_tensor("vecdot", x1), as_tensor("vecdot", x2)
    at = normalize_axis("vecdot", axis, min(a.ndim, b.ndim)) - min(a.ndim, b.ndim)
    if a.shape[at] != b.shape[at]:
        raise ShapeError(
            f"vecdot: the vectors differ in length, {a.shape[at]} and {b.shape[at]}",
            facts=[f"x1  {a.shape}", f"x2  {b.shape}", f"vectors lie along axis {at}"],
            fix="make the lengths along that axis agree",
            op="vecdot",
            shapes=(a.shape, b.shape),
            axis=at,
        )
    return OPS["vecdot"].run([a, b, at])


def vdot(a: Array, b: Array) -> Tensor:
    """The sum of ``conj(a) * b`` over all elements, in whatever shape they come.

    Args:
        a: a tensor of n elements.
        b: a tensor of n elements.

    Example:
        >>> import zkynet as zk
        >>> zk.vdot(zk.tensor([[1.0], [2.0]]), zk.tensor([3.0, 4.0])).item()
        11.0
    """
    x, y = as_tensor("vdot", a), as_tensor("vdot", b)
    return vecdot(reshape(x, (-1,)), reshape(y, (-1,)))


def kron(a: Array, b: Array) -> Tensor:
    """The Kronecker product: every element of `a` times the whole of `b`, put together in blocks.

    Args:
        a: a tensor of any shape.
        b: a tensor of any shape.

    Example:
        >>> import zkynet as zk
        >>> zk.kron(zk.tensor([1, 10]), zk.tensor([1, 2]))
        Tensor([ 1,  2, 10, 20])
    """
    x, y = as_tensor("kron", a), as_tensor("kron", b)
    ndim = max(x.ndim, y.ndim)
    sx, sy = (1,) * (ndim - x.ndim) + x.shape, (1,) * (ndim - y.ndim) + y.shape
    wide = reshape(x, tuple(n for s in sx for n in (s, 1))) * reshape(y, tuple(n for s in sy for n in (1, s)))
    return reshape(wide, tuple(m * n for m, n in zip(sx, sy, strict=True)))
