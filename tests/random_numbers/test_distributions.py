"""What the numbers are: against exact quantiles, by statistical tests, and the same on every backend."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import zkynet as zk
from zkynet import dtypes as dt
from zkynet.random import Generator, curves, draws
from zkynet.random.philox import Place

on_numpy = pytest.mark.usefixtures("numpy_alone")


@pytest.fixture
def numpy_alone(backend: Any) -> Any:
    """For what the tests of equal bits carry over to other backends."""
    if backend.name != "numpy":
        pytest.skip("other backends give the same bits")


# -- the same everywhere ------------------------------------------------------------------------------------------

DTYPES = ("float32", "float64")
METHODS: dict[str, Callable[..., Any]] = {
    "bits": lambda g: g.bits(37),
    "bits, wide": lambda g: g.bits((5, 7), dtype="uint64"),
    "bernoulli": lambda g: g.bernoulli(0.3, 101),
    "bernoulli, a tensor": lambda g: g.bernoulli(zk.tensor([0.1, 0.5, 1.0, 0.0]), (25, 4)),
    "integers": lambda g: g.integers(-5, 17, 101),
    "integers, wide": lambda g: g.integers(-(2**62), 2**62, 101),
    "permutation": lambda g: g.permutation(101),
    "shuffle": lambda g: g.shuffle(zk.arange(20)),
    "choice": lambda g: g.choice(zk.arange(20), (3, 4)),
    "choice, different": lambda g: g.choice(20, 8, replace=False),
    "choice, weighted": lambda g: g.choice(4, 101, p=[0.1, 0.2, 0.3, 0.4]),
    "choice, weighted and different": lambda g: g.choice(4, 3, replace=False, p=[0.1, 0.2, 0.3, 0.4]),
    "categorical": lambda g: g.categorical(zk.tensor([[0.5, -1.0, 2.0], [0.0, 0.0, 0.0]]), shape=(50, 2)),
}
for dtype in DTYPES:
    METHODS |= {
        f"uniform, {dtype}": lambda g, d=dtype: g.uniform(shape=(11, 13), dtype=d),
        f"uniform between, {dtype}": lambda g, d=dtype: g.uniform(-0.7, 2.9, 2000, dtype=d),
        f"normal, {dtype}": lambda g, d=dtype: g.normal(shape=2001, dtype=d),
        f"normal, moved, {dtype}": lambda g, d=dtype: g.normal(0.3, 1.7, 2001, dtype=d),
        f"exponential, {dtype}": lambda g, d=dtype: g.exponential(1.3, 2001, dtype=d),
        f"truncated_normal, {dtype}": lambda g, d=dtype: g.truncated_normal(0.2, 1.1, -1.0, 3.0, 301, dtype=d),
    }


@pytest.mark.parametrize("name", METHODS)
def test_every_backend_draws_the_same_bits(name: str) -> None:
    got, after = (g := Generator(42)) and METHODS[name](g), g.state_dict()
    with zk.use_backend("numpy"):
        expected = METHODS[name](g := Generator(42))
        assert g.state_dict() == after
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got.numpy(), expected.numpy())


@pytest.mark.parametrize("alpha", [0.3, 1.0, 4.5])
def test_gamma_numbers_are_the_same_but_for_the_last_digits(alpha: float) -> None:
    got = Generator(1).gamma(alpha, 2.0, 3000).numpy()
    with zk.use_backend("numpy"):
        expected = Generator(1).gamma(alpha, 2.0, 3000).numpy()
    np.testing.assert_allclose(got, expected, rtol=3e-7)


@on_numpy
def test_tables_are_the_same_on_every_machine() -> None:
    """The digest is that of the machine this was written on: it fails where arithmetic in float64 is not IEEE 754."""
    digest = hashlib.sha256()
    for curve in (curves.NORMAL, curves.EXPONENTIAL, curves.GUMBEL_BELOW, curves.GUMBEL_ABOVE):
        for dtype in (dt.float32, dt.float64):
            for column in curve[dtype].table:
                digest.update(column.astype("<i8").tobytes())
    assert digest.hexdigest()[:16] == "a19730a5257ca35a"


# -- exact values -------------------------------------------------------------------------------------------------

EXACT: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "normal": (curves.NORMAL, lambda p, odd: np.where(odd, special.ndtri(p), -special.ndtri(p))),
    "exponential": (curves.EXPONENTIAL, lambda p, odd: -np.log(p)),
    "gumbel": (curves.GUMBEL_BELOW, lambda p, odd: -np.log(np.where(odd, -np.log1p(-p), -np.log(p)))),
}


@on_numpy
@pytest.mark.parametrize("dtype", [dt.float32, dt.float64])
@pytest.mark.parametrize("name", EXACT)
def test_numbers_are_quantiles_of_the_words(name: str, dtype: Any) -> None:
    curve, exact = EXACT[name]
    place, n = Place(77, 5), 200_000
    got = draws.BODIES[f"random.{name}"](zk.get_backend().xp, place, n, dtype, None).astype(float)
    wide = dtype == dt.float64
    words = draws.BODIES["random.bits"](zk.get_backend().xp, place, n, dt.uint64 if wide else dt.uint32, None)
    m = ((words >> np.uint64(11)) | np.uint64(1)) if wide else words | np.uint32(1)
    p = np.ldexp(m.astype(float), -curve[dtype].scale)
    expected = exact(p, (words & words.dtype.type(1)) == 1)
    resolution = 2.0 ** -curve[dtype].point
    limit = 6e-15 if wide else 1.01 * resolution  # of the fixed point; float32 itself is coarser from 0.1 on
    assert (np.abs(got - expected) <= limit + np.abs(expected) * np.finfo(dtype).eps).all()
    assert (got != 0).all()


@on_numpy
@pytest.mark.parametrize("which", [curves.NORMAL, curves.EXPONENTIAL, curves.GUMBEL_BELOW, curves.GUMBEL_ABOVE])
@pytest.mark.parametrize("dtype", [dt.float32, dt.float64])
def test_products_of_the_polynomials_fit_into_64_bits(which: Any, dtype: Any) -> None:
    """In Python's integers, for the largest t of every piece and the smallest."""
    curve = which[dtype]
    for t in (0, (1 << 44) - 1):
        exact = curves.polynomial(curve, [column.astype(object) for column in curve.table], t)
        wrapped = curves.polynomial(curve, curve.table, np.int64(t))
        assert (exact == wrapped).all()
        assert np.abs(exact).max() * 2 + 1 < (1 << 63 if curve.wide else 1 << 31)


# -- statistics ---------------------------------------------------------------------------------------------------

N = 200_000
CONTINUOUS: dict[str, tuple[Callable[..., Any], Any]] = {
    "uniform": (lambda g, d: g.uniform(-1.0, 3.0, N, dtype=d), stats.uniform(-1, 4)),
    "normal": (lambda g, d: g.normal(1.0, 2.0, N, dtype=d), stats.norm(1, 2)),
    "exponential": (lambda g, d: g.exponential(3.0, N, dtype=d), stats.expon(scale=3)),
    "truncated": (
        lambda g, d: g.truncated_normal(0.5, 2.0, -1.0, 9.0, N, dtype=d),
        stats.truncnorm(-0.75, 4.25, 0.5, 2),
    ),
    "far tail": (lambda g, d: g.truncated_normal(0.0, 1.0, 5.0, np.inf, N, dtype=d), stats.truncnorm(5, np.inf)),
    "gamma 0.1": (lambda g, d: g.gamma(0.1, 1.0, N, dtype="float64"), stats.gamma(0.1)),
    "gamma 1": (lambda g, d: g.gamma(1.0, 2.0, N, dtype=d), stats.gamma(1.0, scale=2)),
    "gamma 7.5": (lambda g, d: g.gamma(7.5, 0.5, N, dtype=d), stats.gamma(7.5, scale=0.5)),
}


@on_numpy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_distributions(name: str, dtype: str) -> None:
    draw, law = CONTINUOUS[name]
    x = draw(Generator(2024), dtype).numpy().astype(float)
    assert stats.kstest(x, law.cdf).pvalue > 1e-3


@on_numpy
def test_the_statistical_test_has_power() -> None:
    """A mean or a deviation that is wrong by one per cent would be found."""
    x = Generator(2024).normal(shape=N, dtype="float64").numpy()
    assert stats.kstest(x + 0.01, "norm").pvalue < 1e-3
    assert stats.kstest(x * 1.015, "norm").pvalue < 1e-3


def fits(counts: Any, chances: Any) -> bool:
    counts, chances = np.asarray(counts), np.asarray(chances)
    assert (counts[chances == 0] == 0).all()
    return bool(stats.chisquare(counts[chances > 0], counts.sum() * chances[chances > 0]).pvalue > 1e-3)


@on_numpy
def test_whole_numbers() -> None:
    g = Generator(6)
    assert fits(np.bincount(g.integers(17, shape=N).numpy(), minlength=17), np.full(17, 1 / 17))
    wide = g.integers(-(2**62), 2**63 - 1, N).numpy()
    assert fits(np.histogram(wide.astype(float), 12, (-(2.0**62), 2.0**63))[0], np.full(12, 1 / 12))
    assert fits(np.bincount(g.bernoulli(0.3, N, dtype="int64").numpy()), [0.7, 0.3])
    rows = g.bernoulli(zk.tensor([0.1, 0.9], dtype="float64"), (N, 2)).numpy().sum(0)
    assert fits([rows[0], N - rows[0]], [0.1, 0.9])
    assert fits([rows[1], N - rows[1]], [0.9, 0.1])


@on_numpy
def test_classes_and_choices() -> None:
    g, p = Generator(6), np.array([0.1, 0.0, 0.2, 0.4, 0.3])
    assert fits(np.bincount(g.choice(5, N, p=p).numpy(), minlength=5), p)
    assert fits(np.bincount(g.categorical(zk.log(zk.tensor(p)), shape=N).numpy(), minlength=5), p)
    assert fits(np.bincount(g.categorical(zk.log(zk.tensor(p, dtype="float32")), shape=N).numpy(), minlength=5), p)
    q = np.array([0.5, 0.3, 0.2])
    pairs = Counter(tuple(g.choice(3, 2, replace=False, p=q).tolist()) for _ in range(2000))
    chance = {(i, j): q[i] * q[j] / (1 - q[i]) for i in range(3) for j in range(3) if i != j}
    assert fits([pairs[k] for k in chance], list(chance.values()))


@on_numpy
def test_all_orders_are_alike() -> None:
    g = Generator(6)
    seen = Counter(tuple(g.permutation(4).tolist()) for _ in range(3000))
    assert len(seen) == 24
    assert fits(list(seen.values()), np.full(24, 1 / 24))


@on_numpy
def test_neighbours_and_streams_are_independent() -> None:
    parent = Generator(6)
    one, two = parent.spawn(2)
    x = one.uniform(shape=N).numpy()
    for a, b in ((x[:-1:2], x[1::2]), (x[:-8], x[8:]), (x, two.uniform(shape=N).numpy())):
        cells = np.histogram2d(a, b, 16, ((0, 1), (0, 1)))[0].ravel()
        assert fits(cells, np.full(256, 1 / 256))
    a, b = one.normal(shape=N, dtype="float64").numpy(), one.normal(shape=N, dtype="float64").numpy()
    assert abs(np.corrcoef(a, b)[0, 1]) < 3.5 / np.sqrt(N)


@on_numpy
def test_every_bit_of_a_word_is_fair() -> None:
    words = Generator(6).bits(N, dtype="uint64").numpy()
    ones = np.array([((words >> np.uint64(k)) & np.uint64(1)).sum() for k in range(64)], float)
    assert np.abs(ones - N / 2).max() < 4.5 * np.sqrt(N) / 2
