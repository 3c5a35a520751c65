"""Linear algebra: shapes, dtypes and what the results have to satisfy, for single matrices and batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.samples import available, check, draw, few, numpy, tensor
from conformance.standard import FLOAT, NUMERIC, complex_of, real_part, summed

Table = pytest.mark.parametrize
SQUARE = ((2, 3, 3), (2, 2), (0, 0), (0, 2, 2))
OBLONG = (*SQUARE, (2, 3), (3, 2), (2, 3, 2))
by_dtype = Table("dtype", FLOAT)


def tolerance(dtype: str) -> float:
    """Rounding errors of a few steps of elimination."""
    return 1e-4 if dtype in ("float32", "complex64") else 1e-10


def close(x: Any, expected: Any, dtype: str) -> None:
    """Compare with NumPy's result, to errors relative to the largest element."""
    expected = np.asarray(expected)
    assert x.dtype == np.dtype(dtype)
    assert x.shape == expected.shape
    size = max(1.0, float(np.max(np.abs(expected), initial=0)))
    np.testing.assert_allclose(numpy(x), expected, rtol=0, atol=size * tolerance(dtype))


def regular(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    """Square matrices far from singular."""
    return (draw(dtype, *shape) + 3 * np.eye(shape[-1])).astype(dtype)


def hermitian(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    """Matrices equal to their own conjugate transpose."""
    x = draw(dtype, *shape)
    return ((x + dagger(x)) / 2).astype(dtype)


def positive(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    """Hermitian matrices with positive eigenvalues."""
    x = draw(dtype, *shape)
    return (x @ dagger(x) + np.eye(shape[-1])).astype(dtype)


def dagger(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The conjugate transpose."""
    return np.conj(np.swapaxes(x, -1, -2))


@by_dtype
def test_functions_of_square_matrices(dtype: str) -> None:
    for shape in few(SQUARE):
        x = regular(dtype, *shape)
        close(zk.linalg.det(zk.asarray(x)), np.linalg.det(x), dtype)
        close(zk.linalg.inv(zk.asarray(x)), np.linalg.inv(x), dtype)
        sign, size = zk.linalg.slogdet(zk.asarray(x))
        close(sign, np.linalg.slogdet(x)[0], dtype)
        close(size, np.linalg.slogdet(x)[1], real_part(dtype))
        for n in (0, 1, 3, -1, -2):
            close(zk.linalg.matrix_power(zk.asarray(x), n), np.linalg.matrix_power(x, n), dtype)
    assert zk.linalg.slogdet(zk.eye(2))._fields == ("sign", "logabsdet")


@by_dtype
def test_cholesky(dtype: str) -> None:
    for shape in few(SQUARE):
        x = positive(dtype, *shape)
        lower = np.linalg.cholesky(x)
        close(zk.linalg.cholesky(zk.asarray(x)), lower, dtype)
        close(zk.linalg.cholesky(zk.asarray(x), upper=True), dagger(lower), dtype)


@by_dtype
def test_eigenvalues(dtype: str) -> None:
    for shape in few(SQUARE):
        x = hermitian(dtype, *shape)
        values, vectors = zk.linalg.eigh(zk.asarray(x))
        close(values, np.linalg.eigvalsh(x), real_part(dtype))
        close(zk.linalg.eigvalsh(zk.asarray(x)), np.linalg.eigvalsh(x), real_part(dtype))
        assert (vectors.dtype, vectors.shape) == (np.dtype(dtype), shape)
        v = numpy(vectors)
        np.testing.assert_allclose(x @ v, v * numpy(values)[..., None, :], atol=10 * tolerance(dtype))
    assert zk.linalg.eigh(zk.eye(2))._fields == ("eigenvalues", "eigenvectors")


@by_dtype
def test_eigenvalues_of_any_matrix(dtype: str) -> None:
    for shape in ((2, 2), (2, 3, 3)):
        x = draw(dtype, *shape)
        values, vectors = zk.linalg.eig(zk.asarray(x))
        assert (values.dtype, values.shape) == (np.dtype(complex_of(dtype)), shape[:-1])
        assert (vectors.dtype, vectors.shape) == (np.dtype(complex_of(dtype)), shape)
        v = numpy(vectors)
        np.testing.assert_allclose(x @ v, v * numpy(values)[..., None, :], atol=10 * tolerance(dtype))
        alone = zk.linalg.eigvals(zk.asarray(x))
        assert alone.dtype == np.dtype(complex_of(dtype))
        for mine, theirs in zip(numpy(alone).reshape(-1, shape[-1]), numpy(values).reshape(-1, shape[-1]), strict=True):
            np.testing.assert_allclose(np.sort_complex(mine), np.sort_complex(theirs), atol=10 * tolerance(dtype))
    assert zk.linalg.eig(zk.eye(2))._fields == ("eigenvalues", "eigenvectors")


@by_dtype
def test_qr(dtype: str) -> None:
    for shape in few(OBLONG):
        x = draw(dtype, *shape)
        for mode in ("reduced", "complete"):
            q, r = zk.linalg.qr(zk.asarray(x), mode=mode)
            expected = np.linalg.qr(x, mode=mode)
            assert (q.shape, r.shape) == (expected.Q.shape, expected.R.shape)
            assert q.dtype == r.dtype == np.dtype(dtype)
            np.testing.assert_allclose(numpy(q) @ numpy(r), x, atol=10 * tolerance(dtype))
            unit = np.eye(q.shape[-1])
            np.testing.assert_allclose(dagger(numpy(q)) @ numpy(q) - unit, 0, atol=10 * tolerance(dtype))
            np.testing.assert_array_equal(numpy(r), np.triu(numpy(r)))
    assert zk.linalg.qr(zk.eye(2))._fields == ("Q", "R")


@by_dtype
def test_singular_values(dtype: str) -> None:
    for shape in few(OBLONG):
        x = draw(dtype, *shape)
        expected = np.linalg.svd(x, compute_uv=False)
        close(zk.linalg.svdvals(zk.asarray(x)), expected, real_part(dtype))
        for full in (True, False):
            u, s, vh = zk.linalg.svd(zk.asarray(x), full_matrices=full)
            theirs = np.linalg.svd(x, full_matrices=full)
            assert (u.shape, s.shape, vh.shape) == (theirs.U.shape, theirs.S.shape, theirs.Vh.shape)
            assert u.dtype == vh.dtype == np.dtype(dtype)
            close(s, expected, real_part(dtype))
            k = s.shape[-1]
            again = (numpy(u)[..., :k] * numpy(s)[..., None, :]) @ numpy(vh)[..., :k, :]
            np.testing.assert_allclose(again, x, atol=10 * tolerance(dtype))
    assert zk.linalg.svd(zk.eye(2))._fields == ("U", "S", "Vh")


@by_dtype
def test_pseudo_inverse_and_rank(dtype: str) -> None:
    for shape in ((2, 2), (2, 3), (3, 2), (2, 3, 2)):
        x = draw(dtype, *shape)
        x[..., 0, :] = x[..., 1, :] if shape[-2] == 3 else x[..., 0, :]
        close(zk.linalg.pinv(zk.asarray(x)), np.linalg.pinv(x), dtype)
        close(zk.linalg.pinv(zk.asarray(x), rtol=0.5), np.linalg.pinv(x, rtol=0.5), dtype)
        for rtol in (None, 0.1):
            expected = np.linalg.matrix_rank(x, rtol=rtol)
            check(zk.linalg.matrix_rank(zk.asarray(x), rtol=rtol), np.asarray(expected), "int64")
    with pytest.raises(ValueError):
        zk.linalg.matrix_rank(zk.ones(3))


@by_dtype
def test_solve(dtype: str) -> None:
    for left, right in (
        ((2, 2), (2,)),
        ((3, 3), (3, 2)),
        ((2, 3, 3), (2, 3, 2)),
        ((2, 3, 3), (3, 2)),
        ((2, 2, 2), (2,)),
    ):
        a, b = regular(dtype, *left), draw(dtype, *right, seed=1)
        expected = np.linalg.solve(a, b) if b.ndim > 1 else np.linalg.solve(a, b[:, None])[..., 0]
        close(zk.linalg.solve(zk.asarray(a), zk.asarray(b)), expected, dtype)


@by_dtype
def test_norms(dtype: str) -> None:
    real = real_part(dtype)
    for shape in ((2, 3), (3, 2), (2, 3, 2)):
        x = draw(dtype, *shape)
        for order in few(["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]):
            for keepdims in (False, True):
                expected = np.linalg.norm(x, ord=order, axis=(-2, -1), keepdims=keepdims)
                close(zk.linalg.matrix_norm(zk.asarray(x), ord=order, keepdims=keepdims), expected, real)
        for order in few([0, 1, 2, 3, -1, 0.5, np.inf, -np.inf]):
            for axis in (None, 0, -1, (0, 1)):
                for keepdims in (False, True):
                    expected = np.linalg.vector_norm(x, ord=order, axis=axis, keepdims=keepdims)
                    out = zk.linalg.vector_norm(zk.asarray(x), ord=order, axis=axis, keepdims=keepdims)
                    close(out, expected, real)
    check(zk.linalg.vector_norm(zk.zeros((0,), dtype=dtype)), np.zeros((), real))


@Table("dtype", NUMERIC)
def test_products(dtype: str) -> None:
    if not available((dtype,)):
        return
    for left, right in few(
        [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3, 2)),
            ((2, 2, 3), (3, 2)),
            ((2, 1, 2, 3), (3, 3, 2)),
            ((2, 0), (0, 3)),
            ((0, 2, 3), (3,)),
        ]
    ):
        x, y = draw(dtype, *left), draw(dtype, *right, seed=1)
        for product in (zk.matmul, zk.linalg.matmul, lambda a, b: a @ b):
            close(product(zk.asarray(x), zk.asarray(y)), np.matmul(x, y), dtype)
    for left, right, axes in few(
        [
            ((2, 3), (3, 2), 1),
            ((2, 3), (2, 3), 2),
            ((2,), (3,), 0),
            ((2, 3, 4), (4, 3), ((1, 2), (1, 0))),
            ((2, 3), (2, 4), ((0,), (0,))),
            ((2, 3), (4, 3), ((-1,), (-1,))),
        ]
    ):
        x, y = draw(dtype, *left), draw(dtype, *right, seed=1)
        for product in (zk.tensordot, zk.linalg.tensordot):
            close(product(zk.asarray(x), zk.asarray(y), axes=axes), np.tensordot(x, y, axes), dtype)
    for left, right, axis in (((3,), (3,), -1), ((2, 3), (2, 3), -1), ((2, 3), (3,), -1), ((2, 3), (2, 1), -2)):
        x, y = draw(dtype, *left), draw(dtype, *right, seed=1)
        for product in (zk.vecdot, zk.linalg.vecdot):
            expected = np.sum(np.conj(x) * y, axis=axis, dtype=dtype)
            close(product(zk.asarray(x), zk.asarray(y), axis=axis), expected, dtype)


@Table("dtype", NUMERIC)
def test_vectors_and_diagonals(dtype: str) -> None:
    if not available((dtype,)):
        return
    x, y = draw(dtype, 3), draw(dtype, 2, seed=1)
    close(zk.linalg.outer(zk.asarray(x), zk.asarray(y)), np.outer(x, y), dtype)
    for shape, axis in (((3,), -1), ((2, 3), -1), ((3, 2), 0)):
        x, y = draw(dtype, *shape), draw(dtype, *shape, seed=1)
        expected = np.cross(x, y, axis=axis)
        close(zk.linalg.cross(zk.asarray(x), zk.asarray(y), axis=axis), expected, dtype)
    for shape in ((2, 3), (3, 3), (2, 3, 2), (0, 2)):
        x = draw(dtype, *shape)
        for offset in few([0, 1, -1, 2, -3, 5]):
            diagonal = np.diagonal(x, offset, -2, -1)
            close(zk.linalg.diagonal(zk.asarray(x), offset=offset), diagonal, dtype)
            total = np.sum(diagonal, axis=-1, dtype=summed(dtype))
            if dtype != "uint8" or zk.get_backend().name != "torch":  # PyTorch has no sums in uint64
                close(zk.linalg.trace(zk.asarray(x), offset=offset), total, summed(dtype))
        check(zk.linalg.matrix_transpose(zk.asarray(x)), np.swapaxes(x, -1, -2))


def test_trace_in_a_dtype_that_is_asked_for() -> None:
    for dtype in ("float64", "int8", "complex64"):
        assert zk.linalg.trace(zk.ones((2, 2), dtype=zk.float32), dtype=getattr(zk, dtype)).dtype == np.dtype(dtype)


def test_shapes_that_do_not_fit_are_refused() -> None:
    ones = zk.ones
    for call in (
        lambda: zk.matmul(ones((2, 3)), ones((2, 3))),
        lambda: zk.matmul(ones((2, 3)), ones(())),
        lambda: zk.vecdot(ones(2), ones(3)),
        lambda: zk.tensordot(ones((2, 3)), ones((3, 2))),
        lambda: zk.linalg.inv(ones((2, 3))),
        lambda: zk.linalg.det(ones(3)),
        lambda: zk.linalg.solve(ones((2, 2)), ones((3, 2))),
        lambda: zk.linalg.cross(ones((2, 2)), ones((2, 2))),
        lambda: zk.linalg.matrix_power(ones((2, 3)), 2),
    ):
        with pytest.raises(ValueError):
            call()


def test_matrices_without_an_answer_are_refused() -> None:
    for call in (
        lambda: zk.linalg.inv(zk.zeros((2, 2))),
        lambda: zk.linalg.solve(zk.zeros((2, 2)), zk.ones(2)),
        lambda: zk.linalg.cholesky(tensor(zk, -np.eye(2))),
    ):
        with pytest.raises((ValueError, ArithmeticError)):
            call()
