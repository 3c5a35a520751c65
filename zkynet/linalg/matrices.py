"""Small things that the rules of linear algebra share: shape checks, adjoints, masks in the dtype of a matrix.

Complex gradients follow JAX's convention, the cotangent g of x makes dL = Re sum(g * dx). So a rule of a function that
is holomorphic in the matrix (inv, solve, det) transposes and never conjugates; the textbook formulas of the others,
which pair by dL = Re sum(conj(g) * dx), are used between two conjugations.
"""

from __future__ import annotations

from typing import Any

from zkynet.errors import ShapeError
from zkynet.ops.explain import check
from zkynet.ops.kinds import is_complex


def require_matrix(name: str, x: Any, argument: str = "x") -> None:
    """Refuse an array that has no two last axes to be a matrix."""
    if len(x.shape) < 2:
        raise ShapeError(
            f"{name} needs a matrix, or a stack of matrices",
            facts=[f"{argument}  {tuple(x.shape)}", "its last two axes are the rows and the columns"],
            fix=f"add axes of length 1, such as {argument}[:, None] for a column",
            op=name,
            shapes=(tuple(x.shape),),
        )


def require_square(name: str, x: Any, argument: str = "x") -> None:
    """Refuse an array whose last two axes are no square matrix."""
    require_matrix(name, x, argument)
    rows, columns = x.shape[-2:]
    if rows != columns:
        raise ShapeError(
            f"{name} needs a square matrix",
            facts=[f"{argument}  {tuple(x.shape)}", f"it has {rows} rows and {columns} columns"],
            fix="pinv, lstsq and svd take matrices that are not square",
            op=name,
            shapes=(tuple(x.shape),),
        )


for _name in ("inv", "cholesky", "det", "cofactors", "slogdet", "eig", "eigh", "eigvals", "eigvalsh", "expm"):
    # the bodies check before a backend does; this is for kernels, which stand in for the bodies
    check(f"linalg.{_name}")(lambda x, *_, name=f"linalg.{_name}": require_square(name, x))


def conj(xp: Any, x: Any) -> Any:
    """The complex conjugate; a real array as it is."""
    return xp.conj(x) if is_complex(x) else x


def adjoint(xp: Any, x: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return conj(xp, xp.matrix_transpose(x))


def hermitian_part(xp: Any, x: Any) -> Any:
    """Half of each matrix plus its adjoint."""
    return (x + adjoint(xp, x)) * 0.5


def eye_like(xp: Any, x: Any) -> Any:
    """Ones on the diagonals and zeros elsewhere, with the shape, dtype and device of `x`."""
    return xp.tril(xp.triu(xp.ones_like(x)))


def with_half_diagonal(xp: Any, x: Any) -> Any:
    """The same matrices with half the diagonal."""
    return x - x * (0.5 * eye_like(xp, x))


def mask_like(xp: Any, condition: Any, x: Any) -> Any:
    """One where `condition` holds and zero elsewhere, in the dtype of `x`."""
    return xp.astype(condition, x.dtype)


def used_columns(xp: Any, g: Any) -> Any:
    """Which columns of a matrix have a cotangent that is not zero everywhere: shape (..., 1, columns)."""
    return xp.any(g != 0, axis=-2, keepdims=True)


def reciprocal_gaps(xp: Any, gap: Any, used: Any) -> Any:
    """1 / gap, but 0 on the diagonal and where a gap of zero lies between two columns that nobody used.

    A gap of zero between vectors that the loss does depend on stays a division by zero: there the loss has no
    gradient, and infinity or NaN says so.

    Args:
        xp: the namespace.
        gap: differences of eigenvalues, antisymmetric, shape (..., k, k).
        used: the columns whose cotangent is not zero, shape (..., 1, k).
    """
    nobody = xp.logical_not(xp.logical_or(used, xp.matrix_transpose(used)))
    ones = eye_like(xp, gap)
    harmless = mask_like(xp, xp.logical_or(ones != 0, xp.logical_and(gap == 0, nobody)), gap)
    return 1.0 / (gap + harmless) - harmless
