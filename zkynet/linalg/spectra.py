"""Eigenvalues and singular values, with and without their vectors.

Eigenvectors and singular vectors are fixed only up to a sign (a phase, if complex), and a library may choose any; a
gradient means something only if the loss does not depend on that choice. Where two values are equal, their vectors may
be any basis of a space: the gradient is infinite or NaN if the loss depends on these vectors, and right if it depends
on the values or on other vectors alone. At a singular value of exactly 0, which cannot fall, the gradient is 0.

The rules are those of Giles (2008), Collected Matrix Derivative Results, and Townsend (2016), Differentiating the
Singular Value Decomposition, carried over to complex matrices.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from zkynet._typing import Array
from zkynet.errors import GradientError
from zkynet.linalg.matrices import (
    adjoint,
    conj,
    eye_like,
    hermitian_part,
    mask_like,
    reciprocal_gaps,
    require_matrix,
    require_square,
    used_columns,
)
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import multiple, op
from zkynet.ops.explain import NO_ANSWER
from zkynet.ops.kinds import as_complex, is_complex
from zkynet.tensor import Tensor

for _name in ("eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals", "pinv", "matrix_rank", "cofactors"):
    NO_ANSWER[f"linalg.{_name}"] = ("the iteration did not converge", "look for NaN or infinities in x")


class EighResult(NamedTuple):
    """Eigenvalues, smallest first, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


@multiple(EighResult)
@op(name="linalg.eigh", kinds="wide float")
def eigh(xp: Any, x: Array) -> tuple[Array, Array]:
    """Eigenvalues w and orthonormal eigenvectors v of symmetric (Hermitian) matrices: ``x @ v = v * w``.

    Args:
        x: matrices (..., n, n) equal to their adjoints. Only one triangle may be read, so that others go unnoticed.

    Returns:
        The eigenvalues (..., n), real, smallest first, and the matrices (..., n, n) whose columns are eigenvectors.

    The gradient is symmetric (Hermitian): that along changes which leave `x` so.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.eigh(zk.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
        Tensor([1., 2.])
    """
    require_square("linalg.eigh", x)
    w, v = xp.linalg.eigh(x)
    return w, v


@eigh.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    (w, v), (gw, gv) = ans, g
    # From dw = diag(C) and dv = v (F * C) with C = v^H dx v and F_ij = 1 / (w_j - w_i).
    t = xp.matrix_transpose(v)
    factor = reciprocal_gaps(xp, w[..., None, :] - w[..., :, None], used_columns(xp, gv))
    inner = xp.matmul(t, gv) * factor
    inner = inner + gw[..., None] * eye_like(xp, factor)
    return hermitian_part(xp, xp.matmul(xp.matmul(conj(xp, v), inner), t))


@op(name="linalg.eigvalsh", kinds="wide float")
def eigvalsh(xp: Any, x: Array) -> Array:
    """The eigenvalues of symmetric (Hermitian) matrices, smallest first.

    Args:
        x: matrices (..., n, n) equal to their adjoints. Only one triangle may be read, so that others go unnoticed.

    The gradient is symmetric (Hermitian), and finite where eigenvalues are equal.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.eigvalsh(zk.tensor([[2.0, 0.0], [0.0, 1.0]]))
        Tensor([1., 2.])
    """
    require_square("linalg.eigvalsh", x)
    return xp.linalg.eigvalsh(x)


@eigvalsh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    v = xp.linalg.eigh(x)[1]
    return xp.matmul(conj(xp, v) * g[..., None, :], xp.matrix_transpose(v))


class EigResult(NamedTuple):
    """Eigenvalues in no particular order, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


@multiple(EigResult)
@op(name="linalg.eig", kinds="wide float")
def eig(xp: Any, x: Array) -> tuple[Array, Array]:
    """Eigenvalues w and eigenvectors v of any square matrices: ``x @ v = v * w``.

    Args:
        x: matrices (..., n, n).

    Returns:
        The eigenvalues (..., n) in no particular order, and the matrices (..., n, n) whose columns are eigenvectors of
        length 1; both complex, whatever `x` is.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.eig(zk.tensor([[0.0, -1.0], [1.0, 0.0]])).eigenvalues.imag
        Tensor([ 1., -1.])
    """
    require_square("linalg.eig", x)
    w, v = xp.linalg.eig(x)
    return w if is_complex(w) else as_complex(xp, w), v if is_complex(v) else as_complex(xp, v)


@eig.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    (w, v), (gw, gv) = ans, g
    # From dw = diag(C) and dv = v (F * C) with C = inv(v) dx v and F_ij = 1 / (w_j - w_i), less what would change the
    # length of each column of v.
    t = xp.matrix_transpose(v)
    inner = xp.matmul(t, gv)
    factor = reciprocal_gaps(xp, w[..., None, :] - w[..., :, None], used_columns(xp, gv))
    eye = eye_like(xp, factor)
    along = xp.real(xp.sum(inner * eye, axis=-2, keepdims=True))
    inner = (inner - xp.matmul(t, xp.conj(v)) * along) * factor + gw[..., None] * eye
    gx = xp.linalg.solve(t, xp.matmul(inner, t))
    return gx if is_complex(x) else xp.real(gx)


@op(name="linalg.eigvals", kinds="wide float")
def _eigvals(xp: Any, x: Array) -> Array:
    require_square("linalg.eigvals", x)
    w = xp.linalg.eigvals(x)
    return w if is_complex(w) else as_complex(xp, w)


def eigvals(x: Any, /) -> Tensor:
    """The eigenvalues of any square matrices, in no particular order; complex, whatever `x` is.

    Args:
        x: matrices (..., n, n).

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.eigvals(zk.tensor([[0.0, -1.0], [1.0, 0.0]])).imag
        Tensor([ 1., -1.])
    """
    x = as_tensor("linalg.eigvals", x)
    return eig(x)[0] if x.requires_grad else _eigvals(x)  # the gradient takes the vectors


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values, right singular vectors as rows."""

    U: Tensor
    S: Tensor
    Vh: Tensor


@multiple(SVDResult)
@op(name="linalg.svd", kinds="wide float")
def svd(xp: Any, x: Array, full_matrices: bool = True) -> tuple[Array, Array, Array]:
    """The singular value decomposition ``x = U @ diag(S) @ Vh``, with orthonormal columns in U and rows in Vh.

    Args:
        x: matrices (..., m, n); k is the smaller of m and n.
        full_matrices: whether U has all of m columns and Vh all of n rows, or k each. Unless m = n there is a gradient
            only with ``full_matrices=False``: the vectors beyond k are any that complete a basis.

    Returns:
        U (..., m, m or k), the singular values S (..., k), largest first, and Vh (..., n or k, n).

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.svd(zk.tensor([[0.0, 2.0], [1.0, 0.0]])).S
        Tensor([2., 1.])
    """
    require_matrix("linalg.svd", x)
    u, s, vh = xp.linalg.svd(x, full_matrices=full_matrices)
    return u, s, vh


@svd.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    (u, s, vh), (gu, gs, gvh) = ans, g
    m, n = u.shape[-2], vh.shape[-1]
    if m != n and (u.shape[-1] == m and vh.shape[-2] == n):
        raise GradientError(
            "linalg.svd with full_matrices=True has no gradient unless the matrix is square",
            facts=[f"x  ({m}, {n})", "the vectors beyond the singular values are any that complete a basis"],
            fix="use full_matrices=False, or linalg.svdvals for the values alone",
            op="linalg.svd",
        )
    # With C = U^H dx V, F_ij = 1 / (s_j^2 - s_i^2) and S = diag(s):
    #   ds = real(diag(C)),  dU = U (F * (C S + S C^H) + i imag(diag(C)) / s),  dV = V (F * (S C + C^H S)),
    # and what lies outside of the columns: (1 - U U^H) dx V / s in dU, (1 - V V^H) dx^H U / s in dV.
    gu, v, gv = conj(xp, gu), adjoint(xp, vh), xp.matrix_transpose(gvh)  # gv = adjoint of the conjugate of gvh
    uh, mm = adjoint(xp, u), xp.matmul
    used = xp.logical_or(used_columns(xp, gu), used_columns(xp, gv))
    row, column = s[..., None, :], s[..., :, None]
    factor = reciprocal_gaps(xp, (row - column) * (row + column), used)
    empty = mask_like(xp, xp.logical_and(row == 0, xp.logical_not(used)), row)
    inverse = 1.0 / (row + empty) - empty
    in_u, in_v = mm(uh, gu), mm(vh, gv)
    inner = factor * (in_u - adjoint(xp, in_u)) * row + column * factor * (in_v - adjoint(xp, in_v))
    inner = inner + eye_like(xp, factor) * (gs * xp.sign(s))[..., None, :]
    if is_complex(u):
        phase = eye_like(xp, in_u) * in_u
        inner = inner + (phase - xp.real(phase)) * inverse
    gx = mm(mm(u, inner), vh)
    if m > n:
        gx = gx + mm((gu - mm(u, in_u)) * inverse, vh)
    if m < n:
        gx = gx + mm(u, adjoint(xp, (gv - mm(v, in_v)) * inverse))
    return conj(xp, gx)


@op(name="linalg.svdvals", kinds="wide float")
def svdvals(xp: Any, x: Array) -> Array:
    """The singular values of each matrix, largest first.

    Args:
        x: matrices (..., m, n); the result has shape (..., k) with k the smaller of m and n.

    The gradient is finite where singular values are equal, and 0 at one that is exactly 0.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.svdvals(zk.tensor([[0.0, 2.0], [1.0, 0.0]]))
        Tensor([2., 1.])
    """
    require_matrix("linalg.svdvals", x)
    return xp.linalg.svdvals(x)


@svdvals.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    u, _, vh = xp.linalg.svd(x, full_matrices=False)
    return conj(xp, xp.matmul(u * (g * xp.sign(ans))[..., None, :], vh))


__all__ = [
    "EigResult", "EighResult", "SVDResult",
    "eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals",
]  # fmt: skip
