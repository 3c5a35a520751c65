"""Special functions: digits over the whole domain, edges, gradients where formulas are 0/0, errors."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import scipy.special as sp
from special_references import REFERENCES

import zkynet as zk
from zkynet import special
from zkynet.errors import ArgumentError, GradientError, InvalidValueError

INF, NAN = math.inf, math.nan


def patience(backend: Any, name: str) -> float:
    """How many times the error of the generic body on NumPy is granted."""
    if f"special.{name}" in backend.kernels:
        return 1e4  # the backend's own function, which has its own digits
    return 1 if backend.name in ("numpy", "strict") else 30  # others' elementary functions are less exact


def run(name: str, *arrays: Any, dtype: str = "float64") -> Any:
    """The function on arrays of a dtype; `polygamma` has a plain number first."""
    function = getattr(special, name)
    if name == "polygamma":
        return function(int(arrays[0]), zk.asarray(arrays[1], dtype=dtype)).numpy()
    return function(*[zk.asarray(a, dtype=dtype) for a in arrays]).numpy()


LOOSE = {"betaln": 2e-14, "beta": 2e-14, "binom": 5e-15, "gammainc": 2e-14, "gammaincc": 2e-14, "digamma": 1e-14}
NAMES = sorted({name for name, _, _ in REFERENCES})


@pytest.mark.parametrize("name", NAMES)
def test_float64_has_its_digits(name: str, backend: Any) -> None:
    tolerance = LOOSE.get(name, 3e-15) * patience(backend, name)
    for called, args, expected in REFERENCES:
        if called == name:
            got = float(run(name, *args))
            assert abs(got - expected) <= tolerance * abs(expected), f"{name}{args} = {got!r}, not {expected!r}"


rng = np.random.default_rng(7)


def mixed(*samples: Any) -> Any:
    """500 numbers from several samples; of one length, for what a backend compiles is kept by shape."""
    return rng.choice(np.concatenate(samples), 500, replace=False)


def sizes(low: float, high: float, n: int = 500) -> Any:
    """Positive numbers between powers of ten."""
    return 10.0 ** rng.uniform(low, high, n)


def both_signs(low: float, high: float, n: int = 500) -> Any:
    return sizes(low, high, n) * rng.choice([-1.0, 1.0], n)


def between(low: float, high: float, n: int = 500) -> Any:
    return rng.uniform(low, high, n)


# function, arguments, tolerances in float64 and float32 (SciPy is right to 1e-13 or so where its formula cancels)
SWEEPS = [
    ("erf", (both_signs(-8, 1),), 2e-15, 5e-7),
    ("erfc", (between(-6, 6),), 1e-14, 1e-6),
    ("erfcx", (between(-5, 30),), 1e-14, 1e-6),
    ("erfinv", (between(-1, 1),), 3e-15, 1e-6),
    ("erfcinv", (sizes(-30, 0.3),), 3e-15, 1e-6),
    ("ndtr", (between(-8, 8),), 2e-14, 1e-6),
    ("log_ndtr", (mixed(between(-8, 5), -sizes(0, 5)),), 2e-14, 1e-6),
    ("ndtri", (mixed(between(0, 1), sizes(-30, 0)),), 3e-15, 1e-6),
    ("gammaln", (mixed(between(2.1, 30), sizes(-6, -0.1), sizes(2, 20)),), 3e-15, 1e-6),
    ("gammaln", (between(-1.9, -0.1),), 3e-15, 1e-6),
    ("gamma", (mixed(between(0, 30), between(-9, 0)),), 3e-15, 1e-6),
    ("digamma", (mixed(between(1.6, 30), sizes(-6, 0), sizes(2, 20)),), 3e-15, 1e-6),
    ("polygamma", (1, mixed(between(0, 30), sizes(-3, 6))), 3e-15, 1e-6),
    ("polygamma", (4, between(0.1, 30)), 5e-15, 2e-6),
    ("zeta", (1 + sizes(-3, 1), sizes(-1, 2)), 5e-15, 2e-6),
    ("beta", (between(0, 20), between(0, 20)), 3e-14, 2e-5),
    ("betaln", (between(2, 50), between(2, 50)), 3e-14, 2e-6),
    ("binom", (np.floor(between(0, 25)), np.floor(between(0, 25))), 1e-14, 1e-5),
    ("gammainc", (sizes(-2, 2), sizes(-2, 2)), 1e-12, 3e-4),
    ("gammaincc", (sizes(-2, 1.5), sizes(-2, 1.5)), 1e-13, 3e-5),
    ("i0", (both_signs(-5, 1.9),), 3e-15, 2e-6),
    ("i0e", (both_signs(-5, 2.5),), 3e-15, 2e-6),
    ("i1", (both_signs(-5, 1.9),), 3e-15, 2e-6),
    ("i1e", (both_signs(-5, 2.5),), 3e-15, 2e-6),
    ("logit", (mixed(between(0.02, 0.98), sizes(-30, -2)),), 1e-15, 1e-6),
    ("exprel", (both_signs(-8, 1.9),), 1e-15, 1e-6),
    ("xlogy", (both_signs(-5, 5), mixed(sizes(-5, -0.1, 250), sizes(0.1, 5, 250))), 1e-15, 1e-6),
    ("xlog1py", (both_signs(-5, 5), mixed(between(-0.99, 0, 250), sizes(-9, 5, 250))), 1e-15, 1e-6),
    ("entr", (mixed(sizes(-9, -0.1), sizes(0.1, 5)),), 1e-15, 1e-6),
    ("rel_entr", (sizes(-5, -0.5), sizes(-0.4, 5)), 1e-14, 2e-6),
    ("kl_div", (sizes(-5, -0.5), sizes(-0.4, 5)), 1e-14, 5e-6),
]


@pytest.mark.parametrize(("name", "args", "tolerance", "single"), SWEEPS, ids=[s[0] for s in SWEEPS])
def test_sweeps_agree_with_scipy(name: str, args: Any, tolerance: float, single: float, backend: Any) -> None:
    reference = getattr(sp, name)
    expected = reference(*args)
    loose = patience(backend, name)
    np.testing.assert_allclose(run(name, *args), expected, rtol=tolerance * loose, atol=1e-300)
    rounded = [np.asarray(a, np.float32) for a in args]
    expected = reference(*[a.astype(np.float64) for a in rounded])
    got = run(name, *rounded, dtype="float32")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=min(single * loose, 1e-3), atol=1e-35)


def test_erf_stays_within_one() -> None:
    for dtype in ("float32", "float64"):
        x = np.linspace(-7, 7, 4001)
        got = run("erf", x, dtype=dtype)
        assert np.max(np.abs(got)) == 1.0
        assert abs(got[-1]) == 1.0


def test_whole_binomials_are_exact() -> None:
    n, k = np.meshgrid(np.arange(30.0), np.arange(30.0))
    np.testing.assert_array_equal(run("binom", n, k), sp.binom(n, k))


EDGES = [
    ("erf", (INF,), 1),
    ("erf", (-INF,), -1),
    ("erfc", (INF,), 0),
    ("erfc", (-INF,), 2),
    ("erfc", (0.0,), 1),
    ("erfcx", (INF,), 0),
    ("erfcx", (-30.0,), INF),
    ("erfinv", (1.0,), INF),
    ("erfinv", (-1.0,), -INF),
    ("erfinv", (1.5,), NAN),
    ("erfcinv", (0.0,), INF),
    ("erfcinv", (2.0,), -INF),
    ("erfcinv", (-0.1,), NAN),
    ("ndtr", (-INF,), 0),
    ("ndtr", (INF,), 1),
    ("log_ndtr", (INF,), 0),
    ("log_ndtr", (-INF,), -INF),
    ("ndtri", (0.0,), -INF),
    ("ndtri", (1.0,), INF),
    ("ndtri", (1.1,), NAN),
    ("gammaln", (0.0,), INF),
    ("gammaln", (-3.0,), INF),
    ("gammaln", (INF,), INF),
    ("gammaln", (1.0,), 0),
    ("gammaln", (2.0,), 0),
    ("gamma", (0.0,), INF),
    ("gamma", (-0.0,), -INF),
    ("gamma", (-2.0,), NAN),
    ("gamma", (200.0,), INF),
    ("gamma", (INF,), INF),
    ("gamma", (5.0,), 24),
    ("digamma", (0.0,), -INF),
    ("digamma", (-0.0,), INF),
    ("digamma", (-1.0,), NAN),
    ("digamma", (INF,), INF),
    ("polygamma", (1, 0.0), INF),
    ("polygamma", (1, -2.0), INF),
    ("polygamma", (2, 0.0), -INF),
    ("polygamma", (1, INF), 0),
    ("zeta", (1.0, 1.0), INF),
    ("zeta", (0.5, 1.0), NAN),
    ("zeta", (2.0, 0.0), INF),
    ("binom", (3.0, 5.0), 0),
    ("binom", (3.0, -1.0), 0),
    ("gammainc", (2.0, 0.0), 0),
    ("gammainc", (2.0, INF), 1),
    ("gammainc", (0.0, 2.0), 1),
    ("gammainc", (INF, 2.0), 0),
    ("gammainc", (-1.0, 2.0), NAN),
    ("gammainc", (2.0, -1.0), NAN),
    ("gammaincc", (2.0, 0.0), 1),
    ("gammaincc", (2.0, INF), 0),
    ("gammainc", (1e30, 1e30), 0.5),
    ("zeta", (INF, 1.0), 1),
    ("i0", (0.0,), 1),
    ("i0e", (INF,), 0),
    ("i0", (-INF,), INF),
    ("i1", (-INF,), -INF),
    ("i1", (0.0,), 0),
    ("i1e", (-INF,), 0),
    ("logit", (0.0,), -INF),
    ("logit", (1.0,), INF),
    ("logit", (0.5,), 0),
    ("logit", (1.5,), NAN),
    ("sinc", (0.0,), 1),
    ("sinc", (4.0,), 0),
    ("exprel", (0.0,), 1),
    ("exprel", (INF,), INF),
    ("exprel", (-INF,), 0),
    ("xlogy", (0.0, 0.0), 0),
    ("xlogy", (2.0, 0.0), -INF),
    ("xlogy", (0.0, NAN), NAN),
    ("xlogy", (0.0, INF), 0),
    ("xlog1py", (0.0, INF), 0),
    ("xlog1py", (0.0, -1.0), 0),
    ("entr", (0.0,), 0),
    ("entr", (-1.0,), -INF),
    ("entr", (-INF,), -INF),
    ("beta", (0.0, 2.0), INF),
    ("beta", (3.0, INF), 0),
    ("beta", (INF, INF), 0),
    ("betaln", (INF, 0.5), -INF),
    ("betaln", (-0.5, INF), INF),
    ("betaln", (2.0, 0.0), INF),
    ("rel_entr", (0.0, 0.0), 0),
    ("rel_entr", (1.0, 0.0), INF),
    ("rel_entr", (-1.0, 1.0), INF),
    ("rel_entr", (NAN, 1.0), NAN),
    ("kl_div", (0.0, 0.5), 0.5),
    ("kl_div", (1.0, 0.0), INF),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "args", "expected"), EDGES, ids=[f"{n}{a}" for n, a, _ in EDGES])
def test_edges(name: str, args: Any, expected: float, dtype: str) -> None:
    np.testing.assert_allclose(run(name, *args, dtype=dtype), expected, rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("polygamma", "zeta")])
def test_nan_in_gives_nan_out(name: str) -> None:
    count = len(next(args for called, args, _ in REFERENCES if called == name))
    assert np.isnan(run(name, *[NAN] * count))
    if count == 2:
        assert np.isnan(run(name, 0.5, NAN))
        assert np.isnan(run(name, NAN, 0.5))


def slopes(f: Any, *values: Any) -> list[Any]:
    """The gradients of the sum of ``f`` with respect to each argument."""
    tensors = [zk.tensor(v, dtype="float64", requires_grad=True) for v in values]
    with zk.get_backend().quiet():
        zk.sum(f(*tensors)).backward()
    return [t.grad.numpy() for t in tensors]


def test_gradients_where_the_formula_would_be_zero_over_zero() -> None:
    x = [-1e-3, -1e-9, 0.0, 1e-9, 1e-3]
    third = math.pi**2 / 3
    np.testing.assert_allclose(slopes(special.sinc, x)[0], -third * np.array(x), rtol=1e-5)
    np.testing.assert_allclose(slopes(special.exprel, x)[0], 0.5 + np.array(x) / 3, rtol=1e-6)
    np.testing.assert_allclose(slopes(special.i1, x)[0], 0.5, rtol=1e-6)
    assert slopes(special.i0e, [0.0])[0] == 0
    for f, y in ((special.xlogy, 0.0), (special.xlog1py, -1.0)):
        by_x, by_y = slopes(f, [0.0], [y])
        assert by_x == by_y == 0
    assert slopes(special.kl_div, [0.0], [0.5])[1] == 1
    assert slopes(special.rel_entr, [0.0], [0.5])[1] == 0


def test_second_derivatives_at_removable_singularities() -> None:
    x = zk.tensor(0.0, dtype="float64")
    for f, expected in ((special.sinc, -(math.pi**2) / 3), (special.exprel, 1 / 3), (special.i1, 0.0)):
        np.testing.assert_allclose(zk.grad(zk.grad(f))(x).item(), expected, rtol=1e-12)


@pytest.mark.parametrize("size", [1e-100, 1e-12, 1e-6, 0.3, 5.0])
def test_second_derivatives_of_bessel_functions_near_zero(size: float) -> None:
    """A formula that divides a difference by `x` loses all digits there."""
    both = np.array([-size, size])
    x = zk.tensor(both, dtype="float64")

    def second(f: Any) -> Any:
        return zk.grad(lambda x: zk.sum(zk.grad(lambda x: zk.sum(f(x)))(x)))(x).numpy()

    i1 = (sp.iv(3, both) + 3 * sp.iv(1, both)) / 4  # from i0' = i1 and i(n)' = (i(n-1) + i(n+1)) / 2
    np.testing.assert_allclose(second(special.i1), i1, rtol=1e-13)
    slope = (sp.iv(0, both) + sp.iv(2, both)) / 2
    scaled = np.exp(-size) * (i1 - 2 * np.sign(both) * slope + sp.iv(1, both))
    np.testing.assert_allclose(second(special.i1e), scaled, rtol=1e-12)


def test_gradients_far_out() -> None:
    x = [-1e4, -40.0, 0.0, 40.0, 1e4]
    expected = [1e4 + 1e-4, 40.0249688472, math.sqrt(2 / math.pi), 0.0, 0.0]
    np.testing.assert_allclose(slopes(special.log_ndtr, x)[0], expected, rtol=1e-8, atol=1e-300)
    for f in (special.erf, special.erfc, special.ndtr):
        got = slopes(f, x)[0]
        assert np.all(np.isfinite(got))
        assert got[0] == got[-1] == 0
    np.testing.assert_allclose(slopes(special.erfcx, [1e6])[0], -1e-12 / math.sqrt(math.pi), rtol=1e-10)
    assert slopes(special.i1, [800.0, math.inf])[0].tolist() == [math.inf] * 2
    assert slopes(special.sinc, [-math.inf, math.inf])[0].tolist() == [0, 0]
    assert slopes(special.exprel, [-math.inf, math.inf])[0].tolist() == [0, math.inf]
    np.testing.assert_allclose(slopes(special.sinc, [1e6])[0], 1e-6, rtol=1e-12)
    big = zk.tensor(50.0, dtype="float64")
    assert zk.grad(zk.grad(special.log_ndtr))(big).item() == 0


def test_incomplete_gamma_has_gradients_by_both_arguments() -> None:
    h = 1e-3
    for a, x in ((0.3, 0.2), (0.9, 3.0), (4.0, 2.0), (4.0, 9.0), (300.0, 310.0)):
        by_a, by_x = slopes(special.gammainc, a, x)
        p = [sp.gammainc(a + k * h, x) for k in (-2, -1, 1, 2)]
        np.testing.assert_allclose(by_a, (p[0] - 8 * p[1] + 8 * p[2] - p[3]) / (12 * h), rtol=1e-7)
        density = math.exp((a - 1) * math.log(x) - x - sp.gammaln(a))
        np.testing.assert_allclose(by_x, density, rtol=1e-11)
        np.testing.assert_allclose(slopes(special.gammaincc, a, x), [-by_a, -by_x])


def test_second_derivative_of_gammainc_by_a_is_refused() -> None:
    a = zk.tensor(2.0, dtype="float64")
    with pytest.raises(GradientError, match="second derivative with respect to a"):
        zk.grad(zk.grad(lambda a: special.gammainc(a, 1.5)))(a)


def test_zeta_has_no_gradient_by_its_exponent() -> None:
    s = zk.tensor(2.0, requires_grad=True)
    with pytest.raises(GradientError, match="only with respect to q"):
        special.zeta(s).backward()


@pytest.mark.parametrize(
    ("n", "error"),
    [(-1, InvalidValueError), (1.5, ArgumentError), ([1, 2], ArgumentError), (np.ones(2), ArgumentError)],
)
def test_polygamma_wants_one_whole_number(n: Any, error: Any) -> None:
    with pytest.raises(error, match="polygamma"):
        special.polygamma(n, zk.tensor(1.0))


def test_polygamma_of_order_zero_is_digamma() -> None:
    x = zk.tensor([0.5, 3.0])
    np.testing.assert_array_equal(special.polygamma(0, x).numpy(), special.digamma(x).numpy())
    assert special.polygamma(zk.tensor(1), x).shape == (2,)


@pytest.mark.parametrize("name", ["xlogy", "beta", "betaln", "binom", "rel_entr", "kl_div", "gammaincc", "xlog1py"])
def test_either_argument_may_be_a_number(name: str) -> None:
    f = getattr(special, name)
    values = [1.5, 2.5]
    x = zk.tensor(values, dtype="float64", requires_grad=True)
    for call, both in ((lambda x: f(2.0, x), (2.0, x)), (lambda x: f(x, 2.0), (x, 2.0))):
        expected = getattr(sp, name)(*[np.array(values) if v is x else v for v in both])
        np.testing.assert_allclose(call(x).numpy(), expected, rtol=1e-12)
        assert zk.grad(lambda x, call=call: zk.sum(call(x)))(x).shape == (2,)


def test_aliases() -> None:
    assert special.psi is special.digamma
    assert special.loggamma is special.gammaln is zk.lgamma
    assert special.expit is zk.sigmoid
    assert special.log_expit is zk.log_sigmoid
    assert zk.erf is special.erf
    assert zk.logit is special.logit
    x = zk.tensor([[0.0, 1.0], [2.0, 3.0]], dtype="float64")
    np.testing.assert_allclose(special.softmax(x).numpy(), sp.softmax(x.numpy()))
    np.testing.assert_allclose(special.log_softmax(x, axis=0).numpy(), sp.log_softmax(x.numpy(), axis=0))


def test_integers_become_float32() -> None:
    assert special.erf(zk.tensor([0, 1])).dtype == zk.float32
    assert special.gamma(5).item() == 24


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_computed_in_single(name: str, backend: Any) -> None:
    if not backend.supports(zk.float16):
        pytest.skip("the backend has no float16")
    args = next(args for called, args, _ in REFERENCES if called == name)
    args = (*(math.ceil(a) for a in args[:-1]), 0.75)
    narrow = run(name, *args, dtype="float16")
    assert narrow.dtype == np.float16
    np.testing.assert_allclose(narrow, run(name, *args, dtype="float64"), rtol=2e-3)


def test_empty_and_scalar_shapes() -> None:
    for name in ("erf", "gammaln", "i1e", "ndtri"):
        assert run(name, np.zeros((0, 3))).shape == (0, 3)
        assert run(name, np.float64(0.5)).shape == ()


def test_scipy_finds_them() -> None:
    """SciPy's array-API mode hands its special functions on, and gradients flow through them."""
    program = """
import scipy.special as sp
import zkynet as zk
x = zk.tensor([0.3, 0.6], dtype="float64", requires_grad=True)
for name in "erf erfc erfcx gammaln digamma i0 i1e expit logit entr log_ndtr ndtri sinc exprel".split():
    y = getattr(sp, name)(x)
    assert isinstance(y, zk.Tensor) and y.requires_grad, name
for name in "xlogy rel_entr kl_div betaln gammainc".split():
    y = getattr(sp, name)(x, x)
    assert isinstance(y, zk.Tensor) and y.requires_grad, name
"""
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_gradients_where_both_arguments_are_zero() -> None:
    for name, slopes in (("rel_entr", (0, 0)), ("kl_div", (-1, 1)), ("xlogy", (0, 0))):
        x, y = zk.zeros(2).requires_grad_(), zk.zeros(2).requires_grad_()
        zk.sum(getattr(special, name)(x, y)).backward()
        np.testing.assert_array_equal([x.grad.numpy()[0], y.grad.numpy()[1]], slopes)


def test_second_derivatives_of_log_ndtr_where_its_halves_meet_and_in_halves(backend: Any) -> None:
    second = zk.grad(lambda x: zk.sum(zk.grad(lambda x: zk.sum(special.log_ndtr(x)))(x)))
    at = zk.tensor([-0.5, 0.0, 0.5], dtype="float64")
    ratio = sp.log_ndtr(at.numpy()) + 0.5 * at.numpy() ** 2
    mills = np.exp(-ratio) / math.sqrt(2 * math.pi)  # density / ndtr
    np.testing.assert_allclose(second(at).numpy(), -mills * (at.numpy() + mills), rtol=1e-6)
    if backend.supports(zk.float16):
        far = zk.tensor([-1e4, -20.0, 0.0, 20.0], dtype="float16")
        np.testing.assert_allclose(second(far).numpy(), [-1, -0.99754, -0.63662, 0], rtol=1e-3)
