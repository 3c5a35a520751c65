"""Inverses and systems of linear equations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ArgumentError, ShapeError
from zkynet.graph import Recording
from zkynet.linalg.matrices import adjoint, conj, eye_like, require_matrix, require_square
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.explain import NO_ANSWER, broadcast_check, check
from zkynet.tensor import Tensor

_SINGULAR = "linalg.pinv and linalg.lstsq have an answer for every matrix; or add a little to the diagonal"
NO_ANSWER["linalg.inv"] = ("the matrix is singular, it has no inverse", _SINGULAR)
NO_ANSWER["linalg.solve"] = ("the matrix x1 is singular, the equations have no unique solution", _SINGULAR)
NO_ANSWER["linalg.solve_triangular"] = ("the matrix x1 has a zero on its diagonal, it is singular", _SINGULAR)


@op(name="linalg.inv", kinds="wide float")
def inv(xp: Any, x: Array) -> Array:
    """The inverse of each matrix: ``x @ inv(x) = 1``.

    Args:
        x: square matrices (..., n, n); a singular one is a `LinAlgError`.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.inv(zk.tensor([[2.0, 0.0], [0.0, 4.0]]))
        Tensor([[0.5 , 0.  ],
                [0.  , 0.25]])
    """
    require_square("linalg.inv", x)
    return xp.linalg.inv(x)


@inv.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    t = xp.matrix_transpose(ans)
    return -xp.matmul(xp.matmul(t, g), t)  # from d inv(x) = -inv(x) dx inv(x)


@op(name="linalg.solve", kinds="wide float")
def solve(xp: Any, x1: Array, x2: Array) -> Array:
    """The solution X of the linear equations ``x1 @ X = x2``.

    Args:
        x1: square matrices (..., n, n); a singular one is a `LinAlgError`.
        x2: one right-hand side (n,), or matrices (..., n, k) whose leading axes broadcast with those of `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.solve(zk.tensor([[2.0, 0.0], [0.0, 4.0]]), zk.tensor([2.0, 2.0]))
        Tensor([1. , 0.5])
    """
    _check_system("linalg.solve", x1, x2)
    return _solve(xp, x1, x2)


@solve.gradient("x1", "x2")
def _(xp: Any, g: Any, x1: Any, ans: Any, needs: Any) -> Any:
    vector = len(ans.shape) < len(x1.shape)
    if vector:
        g, ans = g[..., None], ans[..., None]
    gb = xp.linalg.solve(xp.matrix_transpose(x1), g)
    ga = -xp.matmul(gb, xp.matrix_transpose(ans)) if needs[0] else None
    return ga, gb[..., 0] if vector else gb


@op(name="linalg.solve_triangular", kinds="wide float")
def solve_triangular(
    xp: Any, x1: Array, x2: Array, upper: bool, left: bool = True, unitriangular: bool = False
) -> Array:
    """The solution X of ``x1 @ X = x2`` (or of ``X @ x1 = x2``) where one triangle of `x1` is zero.

    Args:
        x1: square matrices (..., n, n) of which only one triangle is read.
        x2: one right-hand side (n,), or matrices (..., n, k), with ``left=False`` (..., k, n).
        upper: whether the upper triangle is the one that counts.
        left: whether `x1` stands on the left of X.
        unitriangular: take the diagonal of `x1` for ones, whatever it holds.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.solve_triangular(zk.tensor([[2.0, 9.0], [2.0, 1.0]]), zk.tensor([2.0, 3.0]), upper=False)
        Tensor([1., 1.])
    """
    _check_system("linalg.solve_triangular", x1, x2, left)
    a = _triangle(xp, x1, upper, unitriangular)
    if unitriangular:
        a = a + eye_like(xp, a)
    if left:
        return _solve(xp, a, x2)
    a = xp.matrix_transpose(a)
    if len(x2.shape) == 1:
        return _solve(xp, a, x2)
    return xp.matrix_transpose(_solve(xp, a, xp.matrix_transpose(x2)))


@solve_triangular.gradient("x1", "x2")
def _(xp: Any, g: Any, x1: Any, upper: Any, left: Any, unitriangular: Any, ans: Any, needs: Any) -> Any:
    vector = len(ans.shape) < len(x1.shape)
    if vector:
        g, ans = (g[..., None], ans[..., None]) if left else (g[..., None, :], ans[..., None, :])
    t = xp.matrix_transpose
    gb = xp.linalg.solve_triangular(t(x1), g, upper=not upper, left=left, unitriangular=unitriangular)
    ga = None
    if needs[0]:
        full = xp.matmul(gb, t(ans)) if left else xp.matmul(t(ans), gb)
        ga = -_triangle(xp, full, upper, unitriangular)
    if vector:
        gb = gb[..., 0] if left else gb[..., 0, :]
    return ga, gb


@op(name="linalg.pinv", kinds="wide float")
def pinv(xp: Any, x: Array, rtol: Any = None) -> Array:
    """The pseudo-inverse of Moore and Penrose: ``pinv(x) @ b`` solves ``x @ y = b`` as well as is possible.

    Args:
        x: matrices (..., m, n); the result has shape (..., n, m).
        rtol: singular values up to this fraction of the largest count as zero; a number, or one for each matrix.
            By default the larger of m and n times the distance from 1 to the next number of the dtype.

    The gradient is that of Golub and Pereyra (1973), which holds where the rank does not change.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.pinv(zk.tensor([[2.0], [0.0]]))
        Tensor([[0.5, 0. ]])
    """
    require_matrix("linalg.pinv", x)
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    large = s > cutoff(xp, s, x, rtol)
    inverse = xp.astype(large, s.dtype) / xp.where(large, s, xp.ones_like(s))
    return xp.matmul(adjoint(xp, vh) * inverse[..., None, :], adjoint(xp, u))


@pinv.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    # With P = pinv(x): dP = -P dx P + P P^H dx^H (1 - x P) + (1 - P x) dx^H P^H P
    g, mm = conj(xp, g), xp.matmul
    ph, gh = adjoint(xp, ans), adjoint(xp, g)
    one = mm(mm(ph, g), ph)
    two = mm(mm(gh, ans), ph)
    three = mm(mm(ph, ans), gh)
    return conj(xp, two - mm(x, mm(ans, two)) + three - mm(mm(three, ans), x) - one)


class LstsqResult(NamedTuple):
    """What `lstsq` returns."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def lstsq(a: Any, b: Any, rcond: Any = None) -> LstsqResult:
    """The smallest of those x that make ``|a @ x - b|`` as small as possible.

    Args:
        a: matrices (..., m, n) of any rank.
        b: one right-hand side (m,), or matrices (..., m, k).
        rcond: singular values of `a` up to this fraction of the largest count as zero, as in `pinv`.

    Returns:
        The solution (n,) or (..., n, k), the sum of squares of each column of ``b - a @ x``, the rank of `a`, and its
        singular values. All but the rank have gradients.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.lstsq(zk.tensor([[1.0], [1.0]]), zk.tensor([1.0, 3.0])).residuals
        Tensor(2.)
    """
    zk = Recording.namespace
    a, b = as_tensor("linalg.lstsq", a), as_tensor("linalg.lstsq", b)
    require_matrix("linalg.lstsq", a, "a")
    if b.ndim == 0 or a.shape[-2] != b.shape[-2 if b.ndim > 1 else -1]:
        raise _rows_differ("linalg.lstsq", "a", a, "b", b, axis=-2 if b.ndim > 1 else -1)
    columns = b[:, None] if b.ndim == 1 else b
    solution = zk.matmul(zk.linalg.pinv(a, rcond), columns)
    rest = zk.abs(columns - zk.matmul(a, solution))
    residuals = zk.sum(rest * rest, axis=-2)
    if b.ndim == 1:
        solution, residuals = solution[..., 0], residuals[..., 0]
    return LstsqResult(solution, residuals, zk.linalg.matrix_rank(a, rcond), zk.linalg.svdvals(a))


@op(name="linalg.matrix_rank", kinds="wide float", differentiable=False)
def matrix_rank(xp: Any, x: Array, rtol: Any = None) -> Array:
    """The number of singular values that are not zero, as int64.

    Args:
        x: matrices (..., m, n).
        rtol: singular values up to this fraction of the largest count as zero, as in `pinv`.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.matrix_rank(zk.tensor([[1.0, 2.0], [2.0, 4.0]])).item()
        1
    """
    require_matrix("linalg.matrix_rank", x)
    s = xp.linalg.svdvals(x)
    return xp.sum(xp.astype(s > cutoff(xp, s, x, rtol), dt.int64), axis=-1)


def cutoff(xp: Any, s: Any, x: Any, rtol: Any) -> Any:
    """Up to where the singular values `s` of the matrices `x` count as zero: shape (..., 1)."""
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(xp.finfo(s.dtype).eps)
    if isinstance(rtol, Tensor):
        rtol = rtol._raw
    if isinstance(rtol, (int, float, np.number)) and not isinstance(rtol, bool):
        rtol = float(rtol)
    elif type(rtol) is type(s):
        rtol = xp.astype(rtol, s.dtype)[..., None]
    else:
        raise ArgumentError(
            f"rtol is a number or a tensor, received {type(rtol).__name__}", fix="convert it first with zk.asarray(...)"
        )
    return s[..., : min(1, s.shape[-1])] * rtol  # the largest comes first


def _triangle(xp: Any, x: Any, upper: bool, strict: bool) -> Any:
    """The upper or lower triangle of each matrix, with or without the diagonal."""
    return xp.triu(x, k=int(strict)) if upper else xp.tril(x, k=-int(strict))


def _solve(xp: Any, a: Any, b: Any) -> Any:
    """What the standard says `solve` does with one vector, and with matrices of any leading axes."""
    if len(b.shape) == 1:
        return _solve(xp, a, b[:, None])[..., 0]
    lead = len(a.shape) - len(b.shape)
    if lead > 0:  # some libraries would take (k, n) for k vectors, did not the number of axes say otherwise
        b = xp.reshape(b, (1,) * lead + tuple(b.shape))
    return xp.linalg.solve(a, b)


@check("linalg.solve")
def _(x1: Any, x2: Any) -> None:
    _check_system("linalg.solve", x1, x2)


@check("linalg.solve_triangular")
def _(x1: Any, x2: Any, upper: Any, left: Any, unitriangular: Any) -> None:
    _check_system("linalg.solve_triangular", x1, x2, left)


def _check_system(name: str, a: Any, b: Any, left: bool = True) -> None:
    """Refuse shapes that are no system of linear equations."""
    require_square(name, a, "x1")
    axis = -1 if len(b.shape) == 1 or not left else -2
    if len(b.shape) == 0 or a.shape[-1] != b.shape[axis]:
        raise _rows_differ(name, "x1", a, "x2", b, "rows" if left else "columns", axis)
    if len(a.shape) > 2 and len(b.shape) > 2 and a.shape[:-2] != b.shape[:-2]:
        broadcast_check(name, ["leading axes of x1", "leading axes of x2"], [a.shape[:-2], b.shape[:-2]])


def _rows_differ(name: str, first: str, a: Any, second: str, b: Any, what: str = "rows", axis: int = -2) -> ShapeError:
    n, k = a.shape[-2], b.shape[axis] if len(b.shape) else 0
    return ShapeError(
        f"{name} needs as many {what} in {second} as there are in {first}",
        facts=[f"{first}  {tuple(a.shape)}", f"{second}  {tuple(b.shape)}", f"{n} {what} and {k} do not go together"],
        fix=f"pass one right-hand side of shape ({n},), or several as the columns of a matrix",
        op=name,
        shapes=(tuple(a.shape), tuple(b.shape)),
    )


__all__ = ["LstsqResult", "inv", "lstsq", "matrix_rank", "pinv", "solve", "solve_triangular"]
