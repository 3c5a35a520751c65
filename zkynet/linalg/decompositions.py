"""Cholesky and QR: matrices as products with triangular ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from zkynet._typing import Array
from zkynet.errors import GradientError, InvalidValueError
from zkynet.linalg.matrices import (
    adjoint,
    conj,
    hermitian_part,
    require_matrix,
    require_square,
    with_half_diagonal,
)
from zkynet.ops.define import multiple, op
from zkynet.ops.explain import NO_ANSWER
from zkynet.tensor import Tensor

NO_ANSWER["linalg.cholesky"] = (
    "the matrix is not positive definite",
    "check that it is symmetric with positive eigenvalues (linalg.eigvalsh); or add a little to the diagonal",
)


@op(name="linalg.cholesky", kinds="wide float")
def cholesky(xp: Any, x: Array, upper: bool = False) -> Array:
    """The triangular matrix L with ``x = L @ L^H``, or U with ``x = U^H @ U``.

    Args:
        x: symmetric (Hermitian) positive definite matrices (..., n, n); others are a `LinAlgError`. Only one triangle
            may be read, so that a matrix that is not symmetric goes unnoticed.
        upper: return U instead of L.

    The gradient is symmetric (Hermitian): that along changes which leave `x` so.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.cholesky(zk.tensor([[4.0, 2.0], [2.0, 2.0]]))
        Tensor([[2., 0.],
                [1., 1.]])
    """
    require_square("linalg.cholesky", x)
    return xp.linalg.cholesky(x, upper=upper)


@cholesky.gradient("x")
def _(xp: Any, g: Any, ans: Any, upper: Any) -> Any:
    if upper:
        g, ans = adjoint(xp, g), adjoint(xp, ans)
    # From dL = L F(inv(L) dx inv(L)^H), where F takes the lower triangle with half of the diagonal.
    t, triangular = xp.matrix_transpose, xp.linalg.solve_triangular
    inner = triangular(t(ans), with_half_diagonal(xp, xp.tril(xp.matmul(t(ans), g))), upper=True)
    return hermitian_part(xp, triangular(conj(xp, ans), inner, upper=False, left=False))


class QRResult(NamedTuple):
    """An orthonormal and a triangular factor."""

    Q: Tensor
    R: Tensor


@multiple(QRResult)
@op(name="linalg.qr", kinds="wide float")
def qr(xp: Any, x: Array, mode: str = "reduced") -> tuple[Array, Array]:
    """Matrices Q with orthonormal columns and R, upper triangular, with ``x = Q @ R``.

    Args:
        x: matrices (..., m, n).
        mode: ``"reduced"`` for Q of shape (..., m, k) and R of shape (..., k, n) with k the smaller of m and n;
            ``"complete"`` for Q (..., m, m) and R (..., m, n).

    The gradient needs the first k columns of `x` to be linearly independent, and if m > n the reduced mode.

    Example:
        >>> import zkynet as zk
        >>> q, r = zk.linalg.qr(zk.tensor([[3.0], [4.0]]))
        >>> zk.abs(r)
        Tensor([[5.]])
    """
    require_matrix("linalg.qr", x)
    if mode not in ("reduced", "complete"):
        raise InvalidValueError(f"linalg.qr: mode is 'reduced' or 'complete', received {mode!r}", op="linalg.qr")
    q, r = xp.linalg.qr(x, mode=mode)
    return q, r


@qr.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    (q, r), (gq, gr) = ans, (conj(xp, part) for part in g)
    m, n = q.shape[-2], r.shape[-1]
    if m > n and q.shape[-1] == m:
        raise GradientError(
            'linalg.qr with mode="complete" has no gradient if there are more rows than columns',
            facts=[f"x  ({m}, {n})", f"the last {m - n} columns of Q are any that complete a basis"],
            fix='use mode="reduced"',
            op="linalg.qr",
        )
    if m < n:  # x = Q [R1 R2]: Q and R1 come from the first m columns, and R2 = Q^H x2
        gr, gr2, r2 = gr[..., :m], gr[..., m:], r[..., m:]
        gq = gq + xp.matmul(xp.matmul(q, r2), adjoint(xp, gr2))
        r = r[..., :m]
    # With C = Q^H dx inv(R): dQ = dx inv(R) + Q (W - C) and dR = (C - W) R, where W is antihermitian, its lower
    # triangle that of C.
    w = xp.triu(xp.matmul(adjoint(xp, q), gq) - xp.matmul(gr, adjoint(xp, r)))
    w = with_half_diagonal(xp, w + adjoint(xp, w))
    gx = xp.linalg.solve_triangular(adjoint(xp, r), gq - xp.matmul(q, w), upper=False, left=False)
    if m < n:
        gx = xp.concat([gx, xp.matmul(q, gr2)], axis=-1)
    return conj(xp, gx)


__all__ = ["QRResult", "cholesky", "qr"]
