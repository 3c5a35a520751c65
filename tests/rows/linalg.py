"""Rows for zkynet/linalg/.

What is only fixed up to a sign, a phase or an order (singular vectors, eigenvectors, Q and R) is tested through
products in which that cancels.
"""

import numpy as np
import scipy.linalg
from table import (
    Row,
    away_from_zero,
    complex_normal,
    distinct,
    integers,
    invertible,
    normal,
    positive_definite,
    symmetric,
)

LEADING = "the leading axes of the two broadcast"
ALL = "takes all axes together"


def complex_invertible(n, *batch):
    return lambda rng: complex_normal(*batch, n, n)(rng) + 3 * n**0.5 * np.eye(n)


def complex_positive_definite(n, *batch):
    def draw(rng):
        a = complex_normal(*batch, n, n)(rng)
        return a @ t(a).conj() + np.eye(n)

    return draw


def of_rank(rank, n, *batch):
    """Square matrices with this many singular values from 1 on, the others zero."""

    def draw(rng):
        u, _, vh = np.linalg.svd(rng.standard_normal((*batch, n, n)))
        s = np.where(np.arange(n) < rank, 1.0 + np.arange(n) + rng.uniform(0, 0.5, (*batch, n)), 0.0)
        return (u * s[..., None, :]) @ vh

    return draw


def spread(m, n, is_complex=False):
    """Matrices whose singular values lie well apart."""

    def draw(rng):
        k = min(m, n)
        sample = complex_normal if is_complex else normal
        q, _ = np.linalg.qr(sample(m, k)(rng))
        p, _ = np.linalg.qr(sample(n, k)(rng))
        return (q * (0.7 + np.arange(k) + rng.uniform(0, 0.3, k))) @ t(p).conj()

    return draw


def separate(n, is_complex=False):
    """Square matrices, not symmetric, whose eigenvalues lie well apart."""

    def draw(rng):
        a = 0.3 * (complex_normal if is_complex else normal)(n, n)(rng) + np.diag(1.5 * np.arange(n) - n / 2)
        a[0, 1], a[1, 0] = 1.5, -1.5  # a pair of complex eigenvalues
        return a

    return draw


def t(a):
    return np.swapaxes(a, -1, -2)


def symmetrised(f):
    """`f` of the symmetric part, which is what finite differences of single entries need."""
    return lambda zk, x, **kwargs: f(zk, (x + zk.conj(zk.matrix_transpose(x))) / 2, **kwargs)


def sym(a):
    return (a + t(a).conj()) / 2


def h(zk, a):
    return zk.conj(zk.matrix_transpose(a))


# -- what the vectors and values of a decomposition are combined to ---------------------------------------------------


def eigh_parts(zk, x):
    w, v = zk.linalg.eigh(x)
    return w, zk.abs(v) ** 2, zk.matmul(v * zk.exp(w)[..., None, :], h(zk, v))


def eigh_reference(x):
    w, v = np.linalg.eigh(sym(x))
    return w, np.abs(v) ** 2, (v * np.exp(w)[..., None, :]) @ t(v).conj()


def eig_parts(zk, x):
    w, v = zk.linalg.eig(x)
    functions = zk.matmul(v * zk.exp(w)[..., None, :], zk.linalg.inv(v))
    return functions, zk.matmul(v * zk.sin(w)[..., None, :], h(zk, v)), zk.sum(w * w * w, axis=-1)


def eig_reference(x):
    w, v = np.linalg.eig(x)
    w = w.astype(complex)
    return (
        (v * np.exp(w)[..., None, :]) @ np.linalg.inv(v),
        (v * np.sin(w)[..., None, :]) @ t(v).conj(),
        np.sum(w**3, axis=-1),
    )


def svd_parts(zk, x, full_matrices=False):
    u, s, vh = zk.linalg.svd(x, full_matrices=full_matrices)
    return s, zk.abs(u) ** 2, zk.abs(vh) ** 2, zk.matmul(u * zk.sin(s)[..., None, :], vh)


def svd_reference(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return s, np.abs(u) ** 2, np.abs(vh) ** 2, (u * np.sin(s)[..., None, :]) @ vh


def qr_parts(mode):
    def parts(zk, x):
        q, r = zk.linalg.qr(x, mode=mode)
        k = min(x.shape[-2:])
        first = r[..., :k, :k]
        return zk.abs(q) ** 2, zk.abs(r) ** 2, zk.matmul(q[..., :, :k] * zk.abs(first[..., :1, :]) ** 2, first)

    return parts


def qr_reference(mode):
    def reference(x):
        q, r = np.linalg.qr(x, mode=mode)
        k = min(x.shape[-2:])
        first = r[..., :k, :k]
        return np.abs(q) ** 2, np.abs(r) ** 2, (q[..., :, :k] * np.abs(first[..., :1, :]) ** 2) @ first

    return reference


def cofactors_reference(x):
    n = x.shape[-1]
    out = np.zeros_like(x)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(x, i, axis=-2), j, axis=-1)
            out[..., i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return out


def det_by_cofactors(x):
    """The determinant as a polynomial, for matrices that are singular."""
    return np.sum(x[..., 0, :] * cofactors_reference(x)[..., 0, :], axis=-1)


def solve_reference(a, b):
    return np.linalg.inv(a) @ b


def triangular(upper=False, left=True, unit=False):
    def call(zk, a, b):
        return zk.linalg.solve_triangular(a, b, upper=upper, left=left, unitriangular=unit)

    def reference(a, b):
        a = np.triu(a) if upper else np.tril(a)
        if unit:
            n = a.shape[-1]
            a = a * (1 - np.eye(n)) + np.eye(n)
        return np.linalg.inv(a) @ b if left else b @ np.linalg.inv(a)

    return {"call": call, "reference": reference}


def powers_of_eigvals(zk, x):
    w = zk.linalg.eigvals(x)
    return zk.sum(w * w, axis=-1), zk.sum(zk.exp(w), axis=-1)


def lstsq_parts(zk, a, b):
    found = zk.linalg.lstsq(a, b)
    return found.solution, found.residuals, found.rank, found.singular_values


def lstsq_reference(a, b):
    x = np.linalg.pinv(a) @ b
    rest = np.sum(np.abs(b - a @ x) ** 2, axis=-2)
    return x, rest, np.linalg.matrix_rank(a), np.linalg.svd(a, compute_uv=False)


def solving():
    return [
        Row("linalg.inv", (invertible(3),), np.linalg.inv),
        Row("linalg.inv:complex", (complex_invertible(3),), np.linalg.inv),
        Row("linalg.solve", (invertible(3), normal(3, 2)), solve_reference),
        Row("linalg.solve:complex", (complex_invertible(3), complex_normal(3, 2)), solve_reference),
        Row("linalg.solve:vector", (invertible(3, 2), normal(3)), solve_reference, batch=LEADING),
        Row("linalg.solve:broadcast", (invertible(3, 2, 1), normal(4, 3, 3)), solve_reference, batch=LEADING),
        Row("linalg.solve:fewer axes", (invertible(3, 3), normal(3, 3)), solve_reference, batch=LEADING),
        Row("linalg.solve_triangular", (invertible(3), normal(3, 2)), **triangular()),
        Row("linalg.solve_triangular:upper", (invertible(3), normal(3, 2)), **triangular(upper=True)),
        Row("linalg.solve_triangular:right", (invertible(3), normal(2, 3)), **triangular(left=False)),
        Row("linalg.solve_triangular:unit", (normal(3, 3), normal(3, 2)), **triangular(unit=True)),
        Row("linalg.solve_triangular:vector", (invertible(3), normal(3)), batch=LEADING, **triangular(upper=True)),
        Row(
            "linalg.solve_triangular:right vector", (invertible(3), normal(3)), batch=LEADING, **triangular(left=False)
        ),
        Row(
            "linalg.solve_triangular:complex",
            (complex_invertible(3), complex_normal(2, 3)),
            **triangular(upper=True, left=False, unit=True),
        ),
        Row("linalg.pinv:tall", (spread(4, 2),), np.linalg.pinv),
        Row("linalg.pinv:wide", (spread(2, 4),), np.linalg.pinv),
        Row("linalg.pinv:square", (invertible(3),), np.linalg.pinv),
        Row("linalg.pinv:complex", (spread(4, 2, is_complex=True),), np.linalg.pinv),
        Row(
            "linalg.pinv:not of full rank",
            (spread(3, 2), spread(2, 4)),
            lambda a, b: np.linalg.pinv(a @ b),
            call=lambda zk, a, b: zk.linalg.pinv(zk.matmul(a, b)),
        ),
        Row("linalg.matrix_rank", (of_rank(2, 4),), np.linalg.matrix_rank, order=0),
        Row("linalg.lstsq:tall", (spread(4, 2), normal(4, 3)), lstsq_reference, call=lstsq_parts),
        Row("linalg.lstsq:wide", (spread(2, 4), normal(2, 3)), lstsq_reference, call=lstsq_parts),
        Row(
            "linalg.lstsq:vector",
            (spread(4, 2), normal(4)),
            lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0],
            call=lambda zk, a, b: zk.linalg.lstsq(a, b).solution,
            batch=LEADING,
        ),
    ]


def determinants():
    rows = []
    for n in (1, 2, 3, 4):
        rows += [
            Row(f"linalg.det:{n} by {n}", (normal(n, n),), np.linalg.det),
            Row(f"linalg.cofactors:{n} by {n}", (normal(n, n),), cofactors_reference, order=0 if n == 1 else 2),
            Row(f"linalg.det:singular, {n} by {n}", (of_rank(n - 1, n),), det_by_cofactors),
        ]
    return [
        *rows,
        Row("linalg.det:complex", (complex_normal(4, 4),), np.linalg.det),
        Row("linalg.cofactors:rank 2 of 3", (of_rank(2, 3),), cofactors_reference),
        Row("linalg.cofactors:rank 2 of 4", (of_rank(2, 4),), cofactors_reference, order=1),
        Row("linalg.cofactors:complex", (complex_normal(4, 4),), cofactors_reference),
        Row("linalg.det:of a rank two less", (of_rank(2, 4),), det_by_cofactors),
        Row(
            "linalg.det:equal singular values",
            (lambda rng: np.linalg.qr(rng.standard_normal((4, 4)))[0],),
            np.linalg.det,
        ),
        Row("linalg.slogdet", (invertible(3),), lambda x: tuple(np.linalg.slogdet(x))),
        Row("linalg.slogdet:complex", (complex_normal(3, 3),), lambda x: tuple(np.linalg.slogdet(x))),
        Row("linalg.logdet", (positive_definite(3),), lambda x: np.linalg.slogdet(x)[1]),
        Row("linalg.logdet:complex", (complex_invertible(3),), lambda x: np.log(np.linalg.det(x))),
    ]


def decompositions():
    rows = []
    for shape in ((4, 2), (3, 3), (2, 4)):
        named = "{} by {}".format(*shape)
        rows += [
            Row(f"linalg.qr:{named}", (spread(*shape),), qr_reference("reduced"), call=qr_parts("reduced")),
            Row(
                f"linalg.qr:{named}, complex",
                (spread(*shape, is_complex=True),),
                qr_reference("reduced"),
                call=qr_parts("reduced"),
            ),
            Row(f"linalg.svd:{named}", (spread(*shape),), svd_reference, call=svd_parts, rtol=1e-8),
            Row(f"linalg.svd:{named}, complex", (spread(*shape, is_complex=True),), svd_reference, call=svd_parts),
            Row(f"linalg.svdvals:{named}", (spread(*shape),), lambda x: np.linalg.svd(x, compute_uv=False)),
        ]
    return [
        *rows,
        Row("linalg.qr:complete", (spread(2, 4),), qr_reference("complete"), call=qr_parts("complete")),
        *[
            Row(
                f"linalg.svd:full, {named}, values alone",
                (spread(*shape, is_complex=named.endswith("complex")),),
                lambda x: np.linalg.svd(x, compute_uv=False),
                call=lambda zk, x: zk.linalg.svd(x).S,
                order=1,  # the second derivative is by the vectors
            )
            for named, shape in (("tall", (4, 2)), ("wide", (3, 4)), ("complex", (4, 3)))
        ],
        Row("linalg.svd:full", (spread(3, 3),), svd_reference, call=lambda zk, x: svd_parts(zk, x, True)),
        Row(
            "linalg.svdvals:complex",
            (spread(3, 2, is_complex=True),),
            lambda x: np.linalg.svd(x, compute_uv=False),
        ),
        Row(
            "linalg.cholesky",
            (positive_definite(3),),
            lambda x: np.linalg.cholesky(sym(x)),
            call=symmetrised(lambda zk, x: zk.linalg.cholesky(x)),
        ),
        Row(
            "linalg.cholesky:complex",
            (complex_positive_definite(3),),
            lambda x: np.linalg.cholesky(sym(x)),
            call=symmetrised(lambda zk, x: zk.linalg.cholesky(x)),
        ),
        Row(
            "linalg.cholesky:upper",
            (complex_positive_definite(3),),
            lambda x: t(np.linalg.cholesky(sym(x))).conj(),
            call=symmetrised(lambda zk, x: zk.linalg.cholesky(x, upper=True)),
        ),
        Row("linalg.eigh", (symmetric(4),), eigh_reference, call=symmetrised(eigh_parts)),
        Row(
            "linalg.eigh:complex",
            (lambda rng: np.diag(2.0 * np.arange(3)) + 0.3 * sym(complex_normal(3, 3)(rng)),),
            eigh_reference,
            call=symmetrised(eigh_parts),
        ),
        Row(
            "linalg.eigvalsh",
            (symmetric(4),),
            lambda x: np.linalg.eigvalsh(sym(x)),
            call=symmetrised(lambda zk, x: zk.linalg.eigvalsh(x)),
        ),
        Row(
            "linalg.eigvalsh:complex",
            (complex_positive_definite(3),),
            lambda x: np.linalg.eigvalsh(sym(x)),
            call=symmetrised(lambda zk, x: zk.linalg.eigvalsh(x)),
        ),
        Row("linalg.eig", (separate(4),), eig_reference, call=eig_parts),
        Row("linalg.eig:complex", (separate(3, is_complex=True),), eig_reference, call=eig_parts),
        Row(
            "linalg.eigvals",
            (separate(4),),
            lambda x: (np.trace(x @ x, axis1=-2, axis2=-1) + 0j, np.sum(np.exp(np.linalg.eigvals(x) + 0j), axis=-1)),
            call=powers_of_eigvals,
        ),
    ]


def norms():
    rows = []
    for order in (2, 1, 3, 2.5, 0.5, -1, -2, -1.5, np.inf, -np.inf):
        kwargs = {"ord": order, "axis": -1}
        sampler = distinct(2, 4) if np.isinf(order) else away_from_zero(2, 4)
        rows.append(Row(f"linalg.vector_norm:{order}", (sampler,), np.linalg.vector_norm, kwargs=kwargs))
        if order in (2, 1, 2.5, np.inf):
            named = f"linalg.vector_norm:{order}, complex"
            rows.append(Row(named, (complex_normal(2, 3),), np.linalg.vector_norm, kwargs=kwargs))
    for order in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        kwargs = {"ord": order}
        rows.append(Row(f"linalg.matrix_norm:{order}", (spread(3, 4),), np.linalg.matrix_norm, kwargs=kwargs))
        rows.append(
            Row(
                f"linalg.matrix_norm:{order}, kept",
                (spread(3, 2, is_complex=True),),
                np.linalg.matrix_norm,
                kwargs={"ord": order, "keepdims": True},
            )
        )
        if order in ("nuc", 1, np.inf):
            kwargs = {"ord": order, "axis": (-1, -2), "keepdims": True}
            rows.append(Row(f"linalg.norm:{order}, axes", (spread(3, 4),), np.linalg.norm, kwargs=kwargs))
    return [
        *rows,
        Row("linalg.vector_norm", (normal(3, 4),), np.linalg.vector_norm, batch=ALL),
        Row(
            "linalg.vector_norm:0",
            (integers(0, 3, 3, 4),),
            np.linalg.vector_norm,
            kwargs={"ord": 0, "axis": -1},
            order=0,
        ),
        Row(
            "linalg.vector_norm:axes",
            (normal(2, 3, 4),),
            np.linalg.vector_norm,
            kwargs={"axis": (-1, -3), "keepdims": True, "ord": 3},
        ),
        Row(
            "linalg.vector_norm:all kept", (normal(2, 3),), np.linalg.vector_norm, kwargs={"keepdims": True}, batch=ALL
        ),
        Row("linalg.norm", (normal(2, 3, 2),), np.linalg.norm, batch=ALL),
        Row("linalg.norm:vector", (away_from_zero(4),), np.linalg.norm, kwargs={"ord": 1}, batch=ALL),
        Row("linalg.norm:matrix", (spread(3, 4),), np.linalg.norm, kwargs={"ord": 2}, batch=ALL),
        Row("linalg.norm:axis", (normal(3, 4),), np.linalg.norm, kwargs={"axis": -2}),
        Row("linalg.cond", (spread(3, 2),), np.linalg.cond),
        Row("linalg.cond:-2", (spread(3, 2),), np.linalg.cond, kwargs={"p": -2}),
        Row("linalg.cond:1", (spread(3, 3),), np.linalg.cond, kwargs={"p": 1}),
        Row("linalg.cond:fro", (invertible(3),), np.linalg.cond, kwargs={"p": "fro"}),
    ]


def products():
    def trace(x, offset=0):
        return np.trace(x, offset, axis1=-2, axis2=-1)

    return [
        Row("linalg.cross", (normal(2, 3), normal(2, 3)), np.cross),
        Row("linalg.cross:axis", (normal(3, 2), normal(3, 2)), np.cross, kwargs={"axis": -2}),
        Row("linalg.cross:complex", (complex_normal(2, 3), complex_normal(2, 3)), np.cross),
        Row("linalg.cross:broadcast", (normal(4, 1, 3), normal(2, 3)), np.cross, batch=LEADING),
        Row("linalg.cross:integers", (integers(-5, 5, 2, 3), integers(-5, 5, 2, 3)), np.cross, order=0),
        Row("linalg.diagonal", (normal(3, 4),), lambda x: np.diagonal(x, 0, -2, -1)),
        Row(
            "linalg.diagonal:offset",
            (normal(3, 4),),
            lambda x, offset: np.diagonal(x, offset, -2, -1),
            kwargs={"offset": 2},
        ),
        Row("linalg.trace", (normal(3, 4),), trace),
        Row("linalg.trace:offset", (normal(3, 4),), trace, kwargs={"offset": -1}),
        *(
            Row(
                f"linalg.matrix_power:{n}",
                (invertible(3),),
                lambda x, n=n: np.linalg.matrix_power(x, n),
                call=lambda zk, x, n=n: zk.linalg.matrix_power(x, n),
                order=2 if n else 0,
            )
            for n in (0, 1, 2, 5, -1, -3)
        ),
        Row(
            "linalg.multi_dot",
            (normal(2, 5), normal(5, 3), normal(3, 4), normal(4)),
            lambda *arrays: np.linalg.multi_dot(arrays),
            call=lambda zk, *tensors: zk.linalg.multi_dot(tensors),
            batch="takes single matrices",
        ),
        Row("linalg.expm", (normal(3, 3),), scipy.linalg.expm),
        Row("linalg.expm:of nothing", (normal(0, 0),), lambda x: x),
        Row("linalg.expm:large", (lambda rng: 6 * rng.standard_normal((3, 3)),), scipy.linalg.expm, rtol=1e-8),
        Row("linalg.expm:complex", (complex_normal(3, 3),), scipy.linalg.expm),
    ]


ROWS = [*solving(), *determinants(), *decompositions(), *norms(), *products()]
