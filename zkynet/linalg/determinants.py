"""Determinants and cofactors."""

from __future__ import annotations

from typing import Any, NamedTuple

from zkynet._typing import Array
from zkynet.errors import GradientError
from zkynet.graph import Recording
from zkynet.linalg.matrices import adjoint, conj, eye_like, require_square
from zkynet.ops.define import multiple, op
from zkynet.ops.kinds import is_complex
from zkynet.tensor import Tensor


@op(name="linalg.det", kinds="wide float")
def det(xp: Any, x: Array) -> Array:
    """The determinant of each matrix.

    Args:
        x: square matrices (..., n, n).

    The gradient is ``g * cofactors(x)``, which is right at singular matrices, too.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.det(zk.tensor([[2.0, 0.0], [0.0, 3.0]])).item()
        6.0
    """
    require_square("linalg.det", x)
    return xp.linalg.det(x)


@det.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g[..., None, None] * xp.linalg.cofactors(x)


@op(name="linalg.cofactors", kinds="wide float")
def cofactors(xp: Any, x: Array) -> Array:
    """The matrix of cofactors: ``det(x)`` with the sign of row i + column j, without that row and that column.

    Where x has an inverse this is ``det(x) * inv(x).T``; it exists for all square matrices, and is the gradient of det.

    Args:
        x: square matrices (..., n, n).

    The first derivatives hold for all matrices; for n of 4 and more, the second need singular values that differ.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.cofactors(zk.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[ 4., -3.],
                [-2.,  1.]])
    """
    require_square("linalg.cofactors", x)
    n = x.shape[-1]
    if n == 1:
        return xp.ones_like(x)
    if n == 2:
        a, b, c, d = x[..., 0, 0], x[..., 0, 1], x[..., 1, 0], x[..., 1, 1]
        return xp.stack([xp.stack([d, -c], axis=-1), xp.stack([-b, a], axis=-1)], axis=-2)
    if n == 3:
        a, b, c = (x[..., i, :] for i in range(3))
        cross = xp.linalg.cross
        return xp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-2)
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    others = _others(xp, s)[0]
    # cofactors(u s vh) = cofactors(u) cofactors(s) cofactors(vh), and those of a unitary matrix are det(u) conj(u)
    inner = conj(xp, u) * xp.prod(others, axis=-1)[..., None, :]
    return _phase(xp, u, vh) * xp.matmul(inner, conj(xp, vh))


@cofactors.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    n = x.shape[-1]
    if n == 1:
        return None
    if n == 2:
        return xp.linalg.cofactors(g)  # they are linear in x
    if n == 3:
        a, b, c = (x[..., i, :] for i in range(3))
        p, q, r = (g[..., i, :] for i in range(3))
        cross = xp.linalg.cross
        rows = [cross(q, c) + cross(b, r), cross(c, p) + cross(r, a), cross(p, b) + cross(a, q)]
        return xp.stack(rows, axis=-2)
    # Seen between its singular vectors, x is diagonal, and so are its cofactors. With p_ij the product of all singular
    # values but the i-th and the j-th, cofactor ii grows by p_ij with entry jj, and cofactor ij falls by p_ij with ji.
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    p, eye = _others_of_two(xp, s)
    h = xp.matmul(xp.matmul(adjoint(xp, u), g), adjoint(xp, vh))
    on_diagonal = xp.sum(p * xp.sum(h * eye, axis=-1)[..., None, :], axis=-1)
    inner = on_diagonal[..., None] * eye - xp.matrix_transpose(p * h)
    return _phase(xp, u, vh) * xp.matmul(xp.matmul(conj(xp, u), inner), conj(xp, vh))


def _phase(xp: Any, u: Any, vh: Any) -> Any:
    """The determinant of ``u @ vh``, a number of size 1, with two axes of length 1 behind it."""
    return (xp.linalg.det(u) * xp.linalg.det(vh))[..., None, None]


def _others(xp: Any, s: Any) -> tuple[Any, Any]:
    """Matrices with s in each row but a one in place ii; and the unit matrices of that shape."""
    rows = xp.ones_like(s)[..., :, None] * s[..., None, :]
    eye = eye_like(xp, rows)
    return rows * (1.0 - eye) + eye, eye


def _others_of_two(xp: Any, s: Any) -> tuple[Any, Any]:
    """In place ij the product of all of s but the i-th and the j-th, zero in ii; and the unit matrices."""
    others, eye = _others(xp, s)
    before = xp.cumulative_prod(others, axis=-1, include_initial=True)[..., :-1]
    turned = xp.cumulative_prod(xp.flip(others, axis=-1), axis=-1, include_initial=True)[..., :-1]
    return before * xp.flip(turned, axis=-1) * (1.0 - eye), eye


class SlogdetResult(NamedTuple):
    """The determinant as ``sign * exp(logabsdet)``."""

    sign: Tensor
    logabsdet: Tensor


@multiple(SlogdetResult)
@op(name="linalg.slogdet", kinds="wide float")
def slogdet(xp: Any, x: Array) -> tuple[Array, Array]:
    """The sign of each determinant and the logarithm of its size, which neither overflow nor underflow.

    Args:
        x: square matrices (..., n, n).

    Returns:
        The sign (..., ), for complex matrices a number of size 1, and ``log(abs(det(x)))``; 0 and -inf for a singular
        matrix, where there is no gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.slogdet(zk.tensor([[-1.0, 0.0], [0.0, 1.0]])).sign.item()
        -1.0
    """
    require_square("linalg.slogdet", x)
    sign, size = xp.linalg.slogdet(x)
    return sign, size


@slogdet.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any) -> Any:
    g_sign, g_size = g
    if is_complex(x):
        turn = g_sign * ans[0]  # d sign = sign * i Im(trace(inv(x) dx))
        g_size = g_size + (turn - xp.real(turn))
    try:
        inverse = xp.linalg.inv(x)
    except (ValueError, RuntimeError) as e:
        raise GradientError(
            "linalg.slogdet has no gradient at a singular matrix: its logarithm is -inf there",
            facts=[f"x  {tuple(x.shape)}"],
            fix="use linalg.det, which has one; or add a little to the diagonal",
            op="linalg.slogdet",
        ) from e
    return g_size[..., None, None] * xp.matrix_transpose(inverse)


def logdet(x: Any) -> Tensor:
    """The logarithm of each determinant: NaN where a real one is negative, -inf where it is zero.

    Args:
        x: square matrices (..., n, n).

    Example:
        >>> import zkynet as zk
        >>> zk.linalg.logdet(zk.eye(2)).item()
        0.0
    """
    sign, size = slogdet(x)
    return size + Recording.namespace.log(sign)


__all__ = ["SlogdetResult", "cofactors", "det", "logdet", "slogdet"]
