"""Linear algebra beyond the op table: kinks, equal values, singular matrices, errors, named results, dtypes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import AxisError, GradientError, InvalidValueError, LinAlgError, ShapeError
from zkynet.graph import walk_back
from zkynet.ops.define import OPS

SQUARE = ["det", "inv", "slogdet", "cholesky", "eig", "eigh", "eigvals", "eigvalsh", "cofactors", "expm", "logdet"]


def leaf(values: Any, dtype: str = "float64") -> Any:
    return zk.asarray(np.asarray(values, dtype), copy=True).requires_grad_()


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def complex_normal(*shape: int, seed: int = 0) -> Any:
    return normal(*shape, seed=seed) + 1j * normal(*shape, seed=seed + 1)


def gradient(f: Any, x: Any) -> Any:
    x = leaf(x, np.asarray(x).dtype)
    with zk.get_backend().quiet():
        f(x).backward()
    return x.grad.numpy()


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("shape", [(2, 3), (4, 3, 2), (3,), ()])
def test_what_needs_a_square_matrix_says_so(name: str, shape: Any) -> None:
    with pytest.raises(ShapeError) as e:
        getattr(zk.linalg, name)(zk.ones(shape))
    op = name if name != "logdet" else "slogdet"
    assert str(e.value).startswith(f"linalg.{op} needs a " + ("square matrix" if len(shape) > 1 else "matrix"))
    assert str(shape) in str(e.value)


@pytest.mark.parametrize("name", ["svd", "svdvals", "qr", "pinv", "matrix_rank", "matrix_norm", "trace", "cond"])
def test_what_needs_a_matrix_says_so(name: str) -> None:
    with pytest.raises(ShapeError, match=f"linalg.{name} needs a matrix"):
        getattr(zk.linalg, name)(zk.ones(3))


def test_shapes_of_a_system_of_equations() -> None:
    with pytest.raises(ShapeError) as e:
        zk.linalg.solve(zk.eye(3), zk.ones((2, 3)))
    assert str(e.value) == (
        "linalg.solve needs as many rows in x2 as there are in x1\n"
        "  x1  (3, 3)\n  x2  (2, 3)\n  3 rows and 2 do not go together\n"
        "  Fix: pass one right-hand side of shape (3,), or several as the columns of a matrix"
    )
    for x2 in (zk.ones(2), zk.tensor(1.0)):
        with pytest.raises(ShapeError, match="needs as many rows"):
            zk.linalg.solve(zk.eye(3), x2)
    with pytest.raises(ShapeError, match="do not broadcast"):
        zk.linalg.solve(zk.ones((2, 3, 3)), zk.ones((5, 3, 1)))
    with pytest.raises(ShapeError, match="needs as many columns in x2"):
        zk.linalg.solve_triangular(zk.eye(3), zk.ones((3, 2)), upper=True, left=False)
    with pytest.raises(ShapeError, match=r"linalg.lstsq needs as many rows in b as there are in a"):
        zk.linalg.lstsq(zk.ones((4, 2)), zk.ones(3))


SINGULAR = {
    "inv": lambda a: zk.linalg.inv(a),
    "solve": lambda a: zk.linalg.solve(a, zk.ones(2)),
    "solve_triangular": lambda a: zk.linalg.solve_triangular(a, zk.ones((2, 1)), upper=True),
    "cholesky": lambda a: zk.linalg.cholesky(a),
}


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_a_matrix_without_an_answer_is_an_error_in_the_same_words_everywhere(name: str, batch: Any) -> None:
    a = np.broadcast_to(np.array([[-1.0, 1.0], [0.0, 0.0]]), (*batch, 2, 2)).astype("float32")
    with pytest.raises(LinAlgError) as e:
        SINGULAR[name](zk.asarray(a))
    text = str(e.value)
    assert text.startswith(f"linalg.{name}: the matrix")
    assert f"{a.shape} float32" in text
    assert "Fix:" in text
    assert "said" not in text
    assert isinstance(e.value, ValueError)


def test_powers_of_a_singular_matrix() -> None:
    with pytest.raises(LinAlgError, match="no inverse"):
        zk.linalg.matrix_power(zk.zeros((2, 2)), -1)
    with pytest.raises(TypeError, match="whole powers"):
        zk.linalg.matrix_power(zk.eye(2), 0.5)


def test_names_of_modes_and_norms() -> None:
    x = zk.ones((2, 2))
    with pytest.raises(InvalidValueError, match="mode is 'reduced' or 'complete'"):
        zk.linalg.qr(x, mode="full")
    with pytest.raises(InvalidValueError, match="no matrix norm 3"):
        zk.linalg.matrix_norm(x, ord=3)
    with pytest.raises(InvalidValueError, match="ord is a number"):
        zk.linalg.vector_norm(x, ord="fro")
    with pytest.raises(ShapeError, match="one axis of vectors or two of matrices"):
        zk.linalg.norm(zk.ones((2, 2, 2)), ord=1)
    with pytest.raises(AxisError, match="no axis 2"):
        zk.linalg.vector_norm(x, axis=2)
    with pytest.raises(ShapeError, match="do not fit together"):
        zk.linalg.multi_dot([x, zk.ones((3, 2))])
    with pytest.raises(InvalidValueError, match="at least two"):
        zk.linalg.multi_dot([x])
    with pytest.raises(TypeError, match="rtol"):
        zk.linalg.pinv(x, rtol="small")


def test_the_cross_product_checks_its_vectors() -> None:
    with pytest.raises(ShapeError, match="three components"):
        zk.linalg.cross(zk.ones((3, 2)), zk.ones((3, 2)))
    with pytest.raises(AxisError):
        zk.linalg.cross(zk.ones((3, 2)), zk.ones((3, 2)), axis=2)
    with pytest.raises(InvalidValueError, match="has to be negative"):
        zk.linalg.cross(zk.ones((2, 3)), zk.ones(3), axis=0)
    with pytest.raises(ShapeError, match="do not broadcast"):
        zk.linalg.cross(zk.ones((2, 3)), zk.ones((4, 3)))


def test_gradients_that_do_not_exist_say_what_to_do() -> None:
    u, s, vh = zk.linalg.svd(leaf(normal(4, 2)))
    assert (u.shape, s.shape, vh.shape) == ((4, 4), (2,), (2, 2))
    with pytest.raises(GradientError, match="full_matrices=False"):
        zk.sum(s).backward()
    q, r = zk.linalg.qr(leaf(normal(4, 2)), mode="complete")
    assert (q.shape, r.shape) == ((4, 4), (4, 2))
    with pytest.raises(GradientError, match="reduced"):
        zk.sum(r).backward()
    with pytest.raises(GradientError, match="matrix_rank has no gradient"):
        zk.linalg.matrix_rank(leaf(normal(3, 3))).backward()


# -- values -----------------------------------------------------------------------------------------------------------


def test_results_have_the_names_of_the_standard() -> None:
    x = zk.asarray(normal(3, 3))
    assert zk.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert zk.linalg.eig(x)._fields == ("eigenvalues", "eigenvectors")
    assert zk.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert zk.linalg.qr(x)._fields == ("Q", "R")
    assert zk.linalg.slogdet(x)._fields == ("sign", "logabsdet")


@pytest.mark.parametrize(
    ("dtype", "real", "as_complex"),
    [
        ("float32", "float32", "complex64"),
        ("float64", "float64", "complex128"),
        ("complex64", "float32", "complex64"),
        ("complex128", "float64", "complex128"),
        ("int32", "float32", "complex64"),
    ],
)
def test_dtypes_of_results(dtype: str, real: str, as_complex: str) -> None:
    own = as_complex if dtype.startswith("complex") else real
    x = zk.asarray(np.array([[2, 1], [1, 3]], dtype))
    la = zk.linalg
    assert [r.dtype.name for r in la.eigh(x)] == [real, own]
    assert [r.dtype.name for r in la.eig(x)] == [as_complex, as_complex]
    assert [r.dtype.name for r in la.svd(x)] == [own, real, own]
    assert [r.dtype.name for r in la.slogdet(x)] == [own, real]
    assert la.eigvals(x).dtype == as_complex
    for name in ("eigvalsh", "svdvals", "matrix_norm", "vector_norm", "norm", "cond"):
        assert getattr(la, name)(x).dtype == real
    for name in ("inv", "det", "cholesky", "pinv", "expm", "cofactors", "logdet"):
        assert getattr(la, name)(x).dtype == own
    assert la.solve(x, zk.asarray(np.ones(2, "int8"))).dtype == own
    assert la.matrix_rank(x).dtype == "int64"
    assert la.matrix_power(x, 2).dtype == own
    assert la.trace(x).dtype == ("int64" if dtype == "int32" else dtype)


@pytest.mark.parametrize("shape", [(4, 2), (3, 3), (2, 4), (3, 4, 2), (2, 0, 3, 2)])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_decompositions_multiply_to_the_matrix(shape: Any, dtype: str) -> None:
    a = normal(*shape) if dtype == "float64" else complex_normal(*shape)
    x = zk.asarray(a)
    m, n = shape[-2:]
    k = min(m, n)
    for full in (False, True):
        u, s, vh = zk.linalg.svd(x, full_matrices=full)
        assert u.shape == (*shape[:-2], m, m if full else k)
        assert vh.shape == (*shape[:-2], n if full else k, n)
        np.testing.assert_allclose(
            (u.numpy()[..., :k] * s.numpy()[..., None, :]) @ vh.numpy()[..., :k, :], a, atol=1e-12
        )
    for mode in ("reduced", "complete"):
        q, r = zk.linalg.qr(x, mode=mode)
        np.testing.assert_allclose(q.numpy() @ r.numpy(), a, atol=1e-12)
        np.testing.assert_allclose(np.tril(r.numpy(), -1), 0)
    if m == n:
        w, v = zk.linalg.eig(x)
        np.testing.assert_allclose(a @ v.numpy(), v.numpy() * w.numpy()[..., None, :], atol=1e-12)


def test_rtol_may_differ_from_matrix_to_matrix() -> None:
    x = zk.asarray(np.stack([np.diag([1.0, 0.1, 0.01])] * 3))
    rtol = zk.asarray(np.array([0.5, 0.05, 0.005]))
    assert zk.linalg.matrix_rank(x, rtol=rtol).tolist() == [1, 2, 3]
    assert zk.linalg.matrix_rank(x, rtol=0.05).tolist() == [2, 2, 2]
    inverse = zk.linalg.pinv(x, rtol=rtol).numpy()
    np.testing.assert_allclose(np.diagonal(inverse, 0, 1, 2), [[1, 0, 0], [1, 10, 0], [1, 10, 100]], atol=1e-12)


def test_what_has_no_rows() -> None:
    la, x = zk.linalg, zk.ones((2, 0, 0))
    assert la.det(x).tolist() == [1, 1]
    assert la.inv(x).shape == (2, 0, 0)
    assert la.matrix_rank(zk.ones((2, 0, 3))).tolist() == [0, 0]
    assert la.pinv(zk.ones((2, 0, 3))).shape == (2, 3, 0)
    assert la.svdvals(zk.ones((0, 3))).shape == (0,)


def test_solve_takes_one_vector_or_matrices_never_a_batch_of_vectors() -> None:
    a = normal(3, 3, 3) + 3 * np.eye(3)
    b = normal(3, 3, seed=5)
    np.testing.assert_allclose(zk.linalg.solve(zk.asarray(a), zk.asarray(b)).numpy(), np.linalg.inv(a) @ b)
    np.testing.assert_allclose(zk.linalg.solve(zk.asarray(a), zk.asarray(b[0])).numpy(), np.linalg.inv(a) @ b[0])
    one = zk.linalg.solve(zk.asarray(a[:1, :1, :1]), zk.asarray(b[:1, :1]))
    assert one.shape == (1, 1, 1)


def test_only_the_gradients_asked_for_are_computed() -> None:
    a, b = normal(3, 3) + 3 * np.eye(3), normal(3, 2)
    both = leaf(a), leaf(b)
    zk.sum(zk.linalg.solve(*both)).backward()
    left, right = leaf(a), leaf(b)
    zk.sum(zk.linalg.solve(left, zk.asarray(b))).backward()
    zk.sum(zk.linalg.solve(zk.asarray(a), right)).backward()
    np.testing.assert_allclose(left.grad.numpy(), both[0].grad.numpy())
    np.testing.assert_allclose(right.grad.numpy(), both[1].grad.numpy())


def test_multi_dot_multiplies_in_the_best_order() -> None:
    from zkynet.linalg.products import _best_splits

    # the example of Cormen et al., Introduction to Algorithms: ((1 (2 3)) ((4 5) 6))
    split = _best_splits([30, 35, 15, 5, 10, 20, 25])
    assert (split[0, 5], split[0, 2], split[3, 5]) == (2, 0, 4)


def test_the_exponential_of_large_and_of_too_large_matrices() -> None:
    a = np.array([[-1000.0, 1.0], [0.0, -1.0]])
    got = zk.linalg.expm(zk.asarray(np.stack([a, a * 0, a * 1e6]))).numpy()
    np.testing.assert_allclose(got[0], [[0, np.exp(-1) / 999], [0, np.exp(-1)]], rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(got[1], np.eye(2))
    assert np.isnan(got[2]).all()


def test_numbers_that_are_not_finite_come_out_as_such_without_a_warning() -> None:
    nan, huge = zk.full((3, 3), math.nan), zk.full((2, 2), 3e38) * zk.eye(2)
    assert math.isnan(zk.linalg.det(nan).item())
    assert math.isnan(zk.linalg.slogdet(nan).logabsdet.item())
    assert zk.linalg.det(huge).item() == math.inf
    assert np.isnan(zk.linalg.inv(nan).numpy()).all()  # not a singular matrix
    assert zk.linalg.vector_norm(huge).item() == math.inf
    assert zk.linalg.vector_norm(zk.tensor([0.0, 1.0]), ord=-1).item() == 0
    assert zk.linalg.cond(zk.asarray(np.diag([1.0, 0.0]))).item() == math.inf


def test_norms_of_nothing() -> None:
    for order in (1, 2, 3, 0, math.inf):
        assert zk.linalg.vector_norm(zk.ones((2, 0)), axis=-1, ord=order).tolist() == [0, 0]


def test_logdet_of_a_negative_determinant() -> None:
    with zk.get_backend().quiet():
        assert math.isnan(zk.linalg.logdet(-zk.eye(1)).item())
        assert zk.linalg.logdet(zk.zeros((2, 2))).item() == -math.inf


# -- gradients at kinks, at equal values, at singular matrices --------------------------------------------------------


@pytest.mark.parametrize("order", [2, 1, 3, 1.5, math.inf, -math.inf])
def test_a_norm_of_zero_has_gradient_zero(order: float) -> None:
    np.testing.assert_array_equal(gradient(lambda x: zk.linalg.vector_norm(x, ord=order), np.zeros(3)), 0)


@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf])
def test_a_matrix_norm_of_zero_has_gradient_zero(order: Any) -> None:
    np.testing.assert_array_equal(gradient(lambda x: zk.linalg.matrix_norm(x, ord=order), np.zeros((2, 3))), 0)


def test_a_zero_among_the_entries_of_a_norm() -> None:
    x = np.array([0.0, 3.0, -4.0])
    for order in (1, 1.5, 2, 3, 0.5):
        g = gradient(lambda x, order=order: zk.linalg.vector_norm(x, ord=order), x)
        assert g[0] == 0
        np.testing.assert_allclose(g[1:], gradient(lambda x, order=order: zk.linalg.vector_norm(x, ord=order), x[1:]))
    for order in (-1, -2, -math.inf):  # the norm is 0 however the others move
        np.testing.assert_array_equal(gradient(lambda x, order=order: zk.linalg.vector_norm(x, ord=order), x), 0)
    assert zk.linalg.vector_norm(leaf(x), ord=0).item() == 2


def test_entries_that_tie_share_the_gradient_of_a_norm() -> None:
    g = gradient(lambda x: zk.linalg.vector_norm(x, ord=math.inf), np.array([2.0, -2.0, 1.0]))
    np.testing.assert_allclose(g, [0.5, -0.5, 0])


def test_second_derivatives_of_a_norm_with_zeros_are_finite() -> None:
    x = leaf([[0.0, 0.0], [0.0, 2.0]])
    for order in (2, 3, 1.5):
        zk.sum(zk.linalg.vector_norm(x, axis=-1, ord=order)).backward(create_graph=True)
        first, x.grad = x.grad, None
        zk.sum(first * first).backward()
        assert np.isfinite(x.grad.numpy()).all()
        x.grad = None


def cofactors(x: Any) -> Any:
    n = len(x)
    minors = [[np.delete(np.delete(x, i, 0), j, 1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)])


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
def test_the_determinant_of_a_singular_matrix_has_its_right_gradient(n: int) -> None:
    x = normal(n, n)
    x[-1] = 0 if n == 1 else x[0] * 2
    np.testing.assert_allclose(gradient(zk.linalg.det, x), cofactors(x) if n > 1 else [[1.0]], atol=1e-12)
    np.testing.assert_array_equal(gradient(zk.linalg.det, np.zeros((n, n))), 0 if n > 1 else 1)


def test_the_determinant_of_a_batch_with_singular_matrices() -> None:
    x = normal(3, 4, 4)
    x[1, 2] = x[1, 0]
    x[2] = 0
    expected = np.stack([cofactors(a) for a in x])
    np.testing.assert_allclose(gradient(lambda x: zk.sum(zk.linalg.det(x)), x), expected, atol=1e-12)


def test_slogdet_of_a_singular_matrix_refuses_a_gradient() -> None:
    with zk.get_backend().quiet():
        sign, size = zk.linalg.slogdet(leaf(np.ones((2, 2))))
    assert (sign.item(), size.item()) == (0, -math.inf)
    with pytest.raises(GradientError, match="singular"):
        size.backward()


REPEATED = np.diag([1.0, 1.0, 2.0, 0.0, 0.0])
"""A matrix with equal eigenvalues, and of a rank two less."""


@pytest.mark.parametrize(
    "values",
    [
        lambda x: zk.linalg.eigvalsh(x),
        lambda x: zk.linalg.eigh(x)[0],
        lambda x: zk.linalg.svdvals(x),
        lambda x: zk.linalg.svd(x)[1],
        lambda x: zk.linalg.svd(x, full_matrices=False).S,
    ],
)
def test_equal_values_have_a_finite_gradient(values: Any) -> None:
    g = gradient(lambda x: zk.sum(values(x)), np.eye(3))
    np.testing.assert_allclose(g, np.eye(3), atol=1e-12)
    assert np.isfinite(gradient(lambda x: zk.sum(values(x) ** 2), REPEATED)).all()


def test_values_next_to_vectors_that_nobody_used_have_a_finite_second_derivative() -> None:
    x = leaf(np.diag([1.0, 2.0, 4.0]))
    for values in (lambda x: zk.linalg.eigh(x)[0], lambda x: zk.linalg.svd(x)[1]):
        zk.sum(values(x) ** 3).backward(create_graph=True)
        first, x.grad = x.grad, None
        zk.sum(first * first).backward()
        np.testing.assert_allclose(x.grad.numpy(), np.diag([36.0, 36.0 * 8, 36.0 * 64]), atol=1e-9)
        x.grad = None


def test_a_vector_apart_from_equal_values_has_a_gradient() -> None:
    """The vector of the largest value, while two others are equal: nobody uses the vectors of these."""
    rng = np.random.default_rng(1)
    q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    a = (q * [1.0, 1.0, 3.0]) @ q.T
    d = rng.standard_normal((3, 3))
    d = d + d.T
    weights = rng.standard_normal(3)

    def top(x: Any) -> Any:
        v = zk.linalg.eigh(x).eigenvectors[:, 2]
        return zk.sum(v * v * zk.asarray(weights))

    def top_numpy(x: Any) -> Any:
        return np.sum(np.linalg.eigh(x)[1][:, 2] ** 2 * weights)

    expected = (top_numpy(a + 1e-5 * d) - top_numpy(a - 1e-5 * d)) / 2e-5
    np.testing.assert_allclose(np.sum(gradient(top, a) * d), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["eigh", "svd"])
def test_vectors_of_equal_values_have_no_finite_gradient(name: str) -> None:
    def loss(x: Any) -> Any:
        v = getattr(zk.linalg, name)(x)[1 if name == "eigh" else 0]
        return zk.sum(v * zk.asarray(normal(3, 3)))

    assert not np.isfinite(gradient(loss, np.diag([2.0, 2.0, 1.0]))).all()


def test_gradients_of_symmetric_problems_are_symmetric() -> None:
    a = complex_normal(3, 3)
    a = a @ a.conj().T + np.eye(3)
    for f in (zk.linalg.cholesky, zk.linalg.eigvalsh, lambda x: zk.abs(zk.linalg.eigh(x)[1]) ** 2):
        g = gradient(lambda x, f=f: zk.sum(zk.real(f(x) * zk.asarray(np.arange(3.0)))), a)
        np.testing.assert_allclose(g, g.conj().T, atol=1e-12)


def test_least_squares_solves_the_normal_equations() -> None:
    a, b = normal(5, 3), normal(5, seed=3)
    found = zk.linalg.lstsq(zk.asarray(a), zk.asarray(b))
    expected = np.linalg.lstsq(a, b, rcond=None)
    np.testing.assert_allclose(found.solution.numpy(), expected[0])
    np.testing.assert_allclose(found.residuals.numpy(), expected[1][0])
    assert found.rank.item() == 3
    np.testing.assert_allclose(found.singular_values.numpy(), expected[3])


# -- complex gradients as JAX has them --------------------------------------------------------------------------------


def cotangents(results: Any, rng: np.random.Generator) -> Any:
    """Arbitrary ones, which depend on signs and phases of vectors, too."""
    return tuple(
        (rng.standard_normal(r.shape) + 1j * rng.standard_normal(r.shape)).astype(r.dtype)
        if r.dtype.kind == "c"
        else rng.standard_normal(r.shape).astype(r.dtype)
        for r in results
    )


def hermitian(a: Any) -> Any:
    return a @ np.swapaxes(a.conj(), -1, -2) + np.eye(a.shape[-1])


AGAINST_JAX = {
    "inv": ((3, 3), {}, None),
    "det": ((3, 3), {}, None),
    "slogdet": ((4, 4), {}, None),
    "pinv": ((4, 2), {}, None),
    "cholesky": ((3, 3), {}, hermitian),
    "eigh": ((3, 3), {}, hermitian),
    "eigvalsh": ((3, 3), {}, hermitian),
    "eigvals": ((3, 3), {}, None),
    "svd": ((4, 3), {"full_matrices": False}, None),
    "svd square": ((3, 3), {}, None),
    "svd wide": ((2, 4), {"full_matrices": False}, None),
    "svdvals": ((2, 4), {}, None),
    "qr": ((4, 3), {}, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", AGAINST_JAX)
@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
def test_rules_agree_with_jax(case: str, is_complex: bool) -> None:
    """On the very results that JAX found, with cotangents that depend on the phase of each vector."""
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    shape, kwargs, make = AGAINST_JAX[case]
    name = case.partition(" ")[0]
    a = (complex_normal if is_complex else normal)(2, *shape)
    a = make(a) if make else a
    with jax.enable_x64(True):
        function = getattr(jax.numpy.linalg, name)
        results, pull = jax.vjp(lambda x: jax.tree.leaves(function(x, **kwargs)), jax.numpy.asarray(a))
        g = cotangents(results, np.random.default_rng(7))
        expected = np.asarray(pull([jax.numpy.asarray(part) for part in g])[0])
        answers = tuple(np.asarray(r) for r in results)
    with zk.use_backend("numpy") as backend:
        if name == "eigvals":  # recorded as eig, whose vectors JAX does not hand out here
            x = leaf(a, a.dtype)
            w = zk.linalg.eigvals(x)
            order = [np.argmin(np.abs(w.numpy()[..., None, :] - answers[0][..., :, None]), axis=-1)]
            placed = np.empty_like(g[0])
            np.put_along_axis(placed, order[0], g[0], axis=-1)
            got = next(iter(walk_back([(w.node, placed)]).values()))
        else:
            op = OPS[f"linalg.{name}"]
            ((_, rule, _, _),) = op.groups
            wants = rule.__code__.co_varnames[2 : rule.__code__.co_argcount]
            values = {"x": a, "ans": answers if len(answers) > 1 else answers[0], "upper": False}
            got = rule(backend.xp, g if len(answers) > 1 else g[0], *[values[w] for w in wants])
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-9)
