"""Gradients of linear algebra at kinks, equal values and singular matrices, and of complex matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from matrices import complex_normal, gradient, leaf, normal

import zkynet as zk
from zkynet.errors import GradientError
from zkynet.graph import walk_back
from zkynet.ops.define import OPS

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
            ((_, rule, *_),) = op.groups
            wants = rule.__code__.co_varnames[2 : rule.__code__.co_argcount]
            values = {"x": a, "ans": answers if len(answers) > 1 else answers[0], "upper": False, "reached": ()}
            got = rule(backend.xp, g if len(answers) > 1 else g[0], *[values[w] for w in wants])
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-9)
