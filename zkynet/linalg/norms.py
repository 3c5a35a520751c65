"""Norms of vectors and matrices, and the condition number.

Gradients at kinks: 0 where a norm is 0, and 0 for an entry that is 0; entries that tie for the largest or smallest
share the gradient equally.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, Axis
from zkynet.errors import InvalidValueError, LinAlgError, ShapeError
from zkynet.graph import Recording
from zkynet.linalg.matrices import conj, eye_like, mask_like, require_matrix, require_square
from zkynet.ops.arguments import number
from zkynet.ops.axes import normalize_axes
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.define import op
from zkynet.ops.kinds import is_complex
from zkynet.ops.precision import widened
from zkynet.tensor import Tensor


@op(name="linalg.vector_norm", kinds="float")
def _vector_norm(xp: Any, x: Array, axis: Any, keepdims: Any, ord: Any) -> Array:
    return widened(lambda xp, x: _length(xp, x, axis, keepdims, ord), xp, x)  # squares of halves would overflow


def _length(xp: Any, x: Any, axis: Any, keepdims: Any, ord: Any) -> Any:
    axes = normalize_axes("linalg.vector_norm", axis, len(x.shape))
    where = {"axis": axes, "keepdims": keepdims}
    if ord == 2 and not is_complex(x):
        return xp.sqrt(xp.sum(xp.square(x), **where))
    size = xp.abs(x)
    if ord == 2:
        return xp.sqrt(xp.sum(xp.square(size), **where))
    if ord == 0:
        return xp.sum(mask_like(xp, size != 0, size), **where)
    if ord == 1 or (ord == math.inf and 0 in x.shape):
        return xp.sum(size, **where)
    if math.isinf(ord):
        return xp.max(size, **where) if ord > 0 else xp.min(size, **where)
    return xp.pow(xp.sum(xp.pow(size, ord), **where), 1.0 / ord)


@_vector_norm.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: Any, keepdims: Any, ord: Any, ans: Any) -> Any:
    if ord == 0:
        return None
    axes = normalize_axes("linalg.vector_norm", axis, len(x.shape))
    if not keepdims:
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        g, ans = xp.reshape(g, kept), xp.reshape(ans, kept)
    zero = mask_like(xp, ans == 0, ans)
    if ord == 2:
        return conj(xp, x) * (g / (ans + zero))
    direction = conj(xp, xp.sign(x))
    if ord == 1:
        return direction * g
    size = xp.abs(x)
    if math.isinf(ord):
        reached = mask_like(xp, size == ans, size)
        return direction * (reached * (g / xp.sum(reached, axis=axes, keepdims=True)))
    ratio = (size + mask_like(xp, size == 0, size)) / (ans + zero)
    return direction * (ratio ** (ord - 1) * (g * (1.0 - zero)))


def vector_norm(x: Any, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """The length of vectors: ``sum(abs(x) ** ord) ** (1 / ord)``.

    Args:
        x: a tensor of any shape.
        axis: the axis or axes that hold a vector; all of them by default.
        keepdims: keep these axes, with length 1.
        ord: 2 for the Euclidean length, 1, any other number, ``inf`` for the largest entry, ``-inf`` for the smallest,
            0 for the number of entries that are not zero.

    Gradient: 0 where the norm is 0; shared equally by entries that tie for the largest or the smallest.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.vector_norm(zk.tensor([3.0, 4.0])).item()
        5.0
    """
    name = "linalg.vector_norm"
    x = as_tensor(name, x)
    if isinstance(ord, str) or ord is None:
        raise InvalidValueError(
            f"{name}: ord is a number, received {ord!r}", fix="use linalg.matrix_norm for 'fro' and 'nuc'", op=name
        )
    ord = number(name, "ord", ord)
    if ord == -math.inf:
        axes = normalize_axes(name, axis, x.ndim)
        if 0 in [x.shape[a] for a in axes]:
            raise ShapeError(
                f"{name}: of no entries there is no smallest, as ord=-inf asks for",
                facts=[f"x  {x.shape}", f"axis  {axis}"],
                fix="check for an empty tensor first; the norms of positive order are 0",
                op=name,
                shapes=(x.shape,),
            )
    return _vector_norm(x, axis, keepdims, ord)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """A norm of each matrix.

    Args:
        x: matrices (..., m, n).
        keepdims: keep the two last axes, with length 1.
        ord: ``"fro"`` (or None) for the root of the sum of squares; ``"nuc"`` for the sum, 2 for the largest and -2 for
            the smallest of the singular values; 1 and -1 for the largest and smallest sum of sizes in a column;
            ``inf`` and ``-inf`` for those in a row.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.matrix_norm(zk.tensor([[1.0, -2.0], [3.0, 4.0]]), ord=1).item()
        6.0
    """
    zk = Recording.namespace
    x = _as_float("linalg.matrix_norm", x)
    require_matrix("linalg.matrix_norm", x)
    if not (ord is None or isinstance(ord, (str, int, float))):
        ord = number("linalg.matrix_norm", "ord", ord)
    if ord is None or ord == "fro":
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):  # vector norms of the singular values
        order = {"nuc": 1, 2: math.inf, -2: -math.inf}[ord]
        out = vector_norm(zk.linalg.svdvals(x), axis=-1, ord=order)
        return out[..., None, None] if keepdims else out
    if ord in (1, -1, math.inf, -math.inf):
        along, across = (-2, -1) if abs(ord) == 1 else (-1, -2 if keepdims else -1)
        sums = vector_norm(x, axis=along, keepdims=keepdims, ord=1)
        return vector_norm(sums, axis=across, keepdims=keepdims, ord=math.copysign(math.inf, ord))
    raise InvalidValueError(
        f"linalg.matrix_norm: there is no matrix norm {ord!r}",
        fix="use 'fro', 'nuc', 1, -1, 2, -2, inf or -inf",
        op="linalg.matrix_norm",
    )


def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The norm of vectors or of matrices, as NumPy and PyTorch have it.

    Args:
        x: a tensor; without `axis` and with an `ord`, a vector or a matrix.
        ord: which norm, see `vector_norm` and `matrix_norm`; by default the root of the sum of squares.
        axis: one axis for vectors, two for matrices.
        keepdims: keep these axes, with length 1.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.norm(zk.tensor([[3.0, 0.0], [0.0, 4.0]])).item()
        5.0
    """
    x = _as_float("linalg.norm", x)
    if ord is None or (axis is None and x.ndim == 1):
        return vector_norm(x, axis=axis, keepdims=keepdims, ord=2 if ord is None else ord)
    axes = normalize_axes("linalg.norm", axis, x.ndim)
    if len(axes) == 1:
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise ShapeError(
            f"linalg.norm: ord={ord!r} needs one axis of vectors or two of matrices, not {len(axes)}",
            facts=[f"x  {x.shape}"],
            fix="name the axes with axis=, or use linalg.vector_norm, which takes any number",
            op="linalg.norm",
            shapes=(x.shape,),
        )
    zk = Recording.namespace
    out = matrix_norm(zk.moveaxis(x, axes, (-2, -1)), ord=ord)
    return zk.reshape(out, tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else out


def cond(x: Any, p: Any = None) -> Tensor:
    """The condition number of each matrix: by how much solving with it may enlarge a relative error.

    Args:
        x: matrices (..., m, n); square if `p` is not 2 or -2.
        p: the norm in ``norm(x) * norm(inv(x))``, see `matrix_norm`; by default 2, which is the ratio of the largest to
            the smallest singular value. Infinite for a singular matrix.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.cond(zk.tensor([[4.0, 0.0], [0.0, 2.0]])).item()
        2.0
    """
    zk = Recording.namespace
    x = _as_float("linalg.cond", x)
    require_matrix("linalg.cond", x)
    if 0 in x.shape[-2:]:
        raise ShapeError(
            "linalg.cond: a matrix without entries has no condition number",
            facts=[f"x  {x.shape}"],
            fix="check for an empty matrix first",
            op="linalg.cond",
            shapes=(x.shape,),
        )
    if not (p is None or isinstance(p, (str, int, float))):
        p = number("linalg.cond", "p", p)
    if p in (None, 2, -2):
        s = zk.linalg.svdvals(x)
        return s[..., 0] / s[..., -1] if p != -2 else s[..., -1] / s[..., 0]
    require_square("linalg.cond", x)
    try:
        return matrix_norm(x, ord=p) * matrix_norm(zk.linalg.inv(x), ord=p)
    except LinAlgError:  # of which matrix of a stack it does not say
        singular = zk.linalg.slogdet(x.detach()).sign == 0
        x = zk.where(singular[..., None, None], eye_like(zk, x), x)
        return zk.where(singular, math.inf, matrix_norm(x, ord=p) * matrix_norm(zk.linalg.inv(x), ord=p))


def _as_float(name: str, x: Any) -> Tensor:
    """A tensor of floats or complex numbers; integers become the default float."""
    x = as_tensor(name, x)
    return x if dt.kind_rank(x.dtype) >= 2 else cast(x, dt.default_float)


__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]
