"""Values and gradients of elementwise ops at kinks, jumps, infinities, and of complex numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import InvalidValueError

inf, nan = float("inf"), float("nan")


def gradients(f: Any, *inputs: Any, dtype: Any = "float64", cotangent: Any = None) -> list[Any]:
    """The value of `f` and its gradient by each input, as NumPy arrays."""
    tensors = [zk.tensor(np.asarray(x, dtype=dtype), requires_grad=True) for x in inputs]
    out = f(*tensors)
    out.backward(zk.ones_like(out) if cotangent is None else zk.asarray(np.asarray(cotangent), dtype=out.dtype))
    return [out.numpy(), *(t.grad.numpy() for t in tensors)]


def agree(got: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=0)


# -- powers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exponent", "at", "value", "slope"),
    [
        (0, [-2.0, 0.0, 3.0], [1, 1, 1], [0, 0, 0]),
        (1, [-2.0, 0.0, 3.0], [-2, 0, 3], [1, 1, 1]),
        (True, [-2.0, 0.0, 3.0], [-2, 0, 3], [1, 1, 1]),
        (2, [-2.0, 0.0, 3.0], [4, 0, 9], [-4, 0, 6]),
        (2.0, [-2.0, 0.0, 3.0], [4, 0, 9], [-4, 0, 6]),
        (3, [-2.0, 0.0, 3.0], [-8, 0, 27], [12, 0, 27]),
        (4, [-2.0, 0.0, 3.0], [16, 0, 81], [-32, 0, 108]),
        (5, [-2.0, 0.0, 3.0], [-32, 0, 243], [80, 0, 405]),
        (-1, [-2.0, 4.0], [-0.5, 0.25], [-0.25, -0.0625]),
        (-2, [-2.0, 4.0], [0.25, 0.0625], [0.25, -0.03125]),
        (0.5, [0.0, 4.0], [0, 2], [inf, 0.25]),
        (1.5, [0.0, 4.0], [0, 8], [0, 3]),
    ],
)
def test_powers_with_a_number_are_exact(exponent: Any, at: Any, value: Any, slope: Any) -> None:
    y, g = gradients(lambda x: x**exponent, at)
    agree(y, value)
    agree(g, slope)
    y, g = gradients(lambda x: zk.pow(x, zk.full_like(x.detach(), exponent)), at)
    agree(y, value)
    agree(g, slope)


def test_powers_with_a_number_have_exact_second_derivatives_at_zero() -> None:
    for exponent, expected in ((0, 0), (1, 0), (2, 2), (3, 0), (4, 0)):
        x = zk.tensor(0.0, requires_grad=True)
        (x**exponent * 1.0).backward(create_graph=True)
        first, x.grad = x.grad, None
        if first.requires_grad:
            first.backward()
        assert (0 if x.grad is None else x.grad.item()) == expected


def test_the_gradient_by_the_exponent_is_zero_at_a_base_of_zero() -> None:
    _, by_base, by_exponent = gradients(zk.power, [0.0, 0.0, 2.0], [2.0, 0.0, 3.0])
    agree(by_base, [0, 0, 12])
    agree(by_exponent, [0, 0, 8 * np.log(2)])
    agree(gradients(lambda y: 0.0**y, [2.0, 0.0])[1], [0, 0])
    agree(gradients(lambda y: 2**y, [3.0])[1], [8 * np.log(2)])


def test_the_cube_root_takes_all_real_numbers() -> None:
    y, g = gradients(zk.cbrt, [-27.0, 0.0, 8.0, 1e-300, -inf, nan])
    agree(y, [-3, 0, 2, 1e-100, -inf, nan])
    agree(g, [1 / 27, inf, 1 / 12, 1e200 / 3, 0, nan])


# -- kinks and jumps ------------------------------------------------------------------------------------------------


def test_maximum_and_minimum_share_the_gradient_at_ties() -> None:
    for f, first in ((zk.maximum, [0, 0.5, 1]), (zk.minimum, [1, 0.5, 0])):
        _, a, b = gradients(f, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
        agree(a, first)
        agree(b, 1 - np.asarray(first))
        agree(gradients(lambda x, f=f: f(x, 2), [1.0, 2.0, 3.0])[1], first)
    agree(gradients(zk.maximum, [-inf, inf], [-inf, 3.0])[1:], [[0.5, 1], [0.5, 0]])


def test_clip_lets_the_gradient_through_inside_and_at_the_bounds() -> None:
    at = [-2.0, -1.0, 0.0, 1.0, 2.0]
    for call in (
        lambda x: zk.clip(x, -1, 1),
        lambda x: zk.clip(x, -1.0, max=1.0),
        lambda x: zk.clip(x, min=-1, max=1),
        lambda x: x.clip(-1, 1),
        lambda x: zk.clip(x, zk.tensor(-1.0), zk.ones(5)),
    ):
        y, g = gradients(call, at)
        agree(y, [-1, -1, 0, 1, 1])
        agree(g, [0, 1, 1, 1, 0])
    agree(gradients(lambda x: zk.clip(x, min=-1), at)[1], [0, 1, 1, 1, 1])
    agree(gradients(lambda x: zk.clip(x, None, 1), at)[1], [1, 1, 1, 1, 0])
    agree(gradients(lambda x: zk.clip(x), at), [at, np.ones(5)])
    _, x, low, high = gradients(zk.clip, at, [-1.0] * 5, [1.0] * 5)
    agree([x, low, high], [[0, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
    y, x, low, high = gradients(zk.clip, [-2.0, 2.0], 0.0, 0.0)
    agree(y, [0, 0])
    assert (x.tolist(), low, high) == ([0, 0], 1, 1)


def test_absolute_values_and_signs_are_flat_at_zero() -> None:
    y, g = gradients(zk.abs, [-2.0, 0.0, 3.0])
    agree(y, [2, 0, 3])
    agree(g, [-1, 0, 1])
    agree(gradients(zk.abs, [0j, 3 + 4j], dtype="complex128")[1], [0, 0.6 - 0.8j])
    agree(gradients(zk.sign, [0j, 3 + 4j], dtype="complex128")[1][0], 0)
    agree(gradients(zk.angle, [0j], dtype="complex128")[1], [0])


@pytest.mark.parametrize(
    "f", [zk.floor, zk.ceil, zk.round, zk.trunc, zk.sign, lambda x: x // 2, lambda x: 2 // x, lambda x: zk.round(x, 1)]
)
def test_steps_have_a_gradient_of_zero(f: Any) -> None:
    agree(gradients(f, [-1.5, 0.3, 2.5])[1], [0, 0, 0])


def test_remainders_follow_the_number_divided() -> None:
    y, a, b = gradients(zk.remainder, [7.0, -7.0, 7.0], [4.0, 4.0, -4.0])
    agree([y, a, b], [[3, 1, -1], [1, 1, 1], [-1, 2, 2]])
    y, a, b = gradients(zk.fmod, [7.0, -7.0, 7.0], [4.0, 4.0, -4.0])
    agree([y, a, b], [[3, -3, 3], [1, 1, 1], [-1, 1, 1]])
    assert (zk.tensor([7, -7]) % 4).tolist() == [3, 1]
    assert zk.fmod(zk.tensor([7, -7]), 4).tolist() == [3, -3]
    assert zk.fmod(-7, zk.tensor([4, 5])).tolist() == [-3, -2]


# -- infinities, huge and tiny numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x1", "x2", "value", "by_x1", "by_x2"),
    [
        (zk.hypot, 0.0, 0.0, 0, 0, 0),
        (zk.hypot, 3e-200, 4e-200, 5e-200, 0.6, 0.8),
        (zk.hypot, 3e200, -4e200, 5e200, 0.6, -0.8),
        (zk.hypot, 1e4, -1e4, 1e4 * 2**0.5, 0.5**0.5, -(0.5**0.5)),
        (zk.hypot, -inf, 3.0, inf, -1, 0),
        (zk.hypot, 3.0, inf, inf, 0, 1),
        (zk.logaddexp, -inf, -inf, -inf, 0.5, 0.5),
        (zk.logaddexp, -inf, 3.0, 3, 0, 1),
        (zk.logaddexp, 3.0, -inf, 3, 1, 0),
        (zk.logaddexp, inf, 3.0, inf, 1, 0),
        (zk.logaddexp, 1e4, -1e4, 1e4, 1, 0),
        (zk.logaddexp, -1e4, -1e4, -1e4 + np.log(2), 0.5, 0.5),
        (zk.logaddexp, 1e4, 1e4 + 1, 1e4 + np.logaddexp(0, 1), 1 / (1 + np.e), np.e / (1 + np.e)),
        (zk.logaddexp, 0.0, -50.0, np.log1p(np.exp(-50)), 1, np.exp(-50)),
        (zk.atan2, 0.0, 0.0, 0, 0, 0),
        (zk.atan2, 1e-200, 1e-200, np.pi / 4, 0.5e200, -0.5e200),
        (zk.atan2, 1e200, -1e200, 3 * np.pi / 4, -0.5e-200, -0.5e-200),
        (zk.atan2, inf, 3.0, np.pi / 2, 0, 0),
        (zk.atan2, 3.0, -inf, np.pi, 0, 0),
        (zk.atan2, 1e4, 1e4, np.pi / 4, 0.5e-4, -0.5e-4),
    ],
)
def test_two_numbers_at_the_edges(f: Any, x1: Any, x2: Any, value: Any, by_x1: Any, by_x2: Any) -> None:
    agree(gradients(f, x1, x2), [value, by_x1, by_x2])
    mixed = [gradients(lambda x, y=y: f(x, y), x)[1] for x, y in ((x1, x2),)]
    agree([*mixed, gradients(lambda y: f(x1, y), x2)[1]], [by_x1, by_x2])


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (zk.expm1, 1e4, inf, inf),
        (zk.expm1, -1e4, -1, 0),
        (zk.expm1, -inf, -1, 0),
        (zk.expm1, -40.0, np.expm1(-40.0), np.exp(-40.0)),
        (zk.expm1, 1e-300, 1e-300, 1),
        (zk.log1p, 1e4, np.log1p(1e4), 1 / 10001),
        (zk.log1p, 1e300, np.log(1e300), 1e-300),
        (zk.log1p, 1e-300, 1e-300, 1),
        (zk.log1p, -1.0, -inf, inf),
        (zk.log1p, inf, inf, 0),
        (zk.exp, -inf, 0, 0),
        (zk.exp, -1e4, 0, 0),
        (zk.exp, 1e4, inf, inf),
        (zk.exp2, -inf, 0, 0),
        (zk.log, 0.0, -inf, inf),
        (zk.log, inf, inf, 0),
        (zk.sqrt, 0.0, 0, inf),
        (zk.sqrt, inf, inf, 0),
        (zk.reciprocal, inf, 0, 0),
        (zk.tanh, 1e4, 1, 0),
        (zk.tanh, -inf, -1, 0),
        (zk.atan, inf, np.pi / 2, 0),
        (zk.asinh, 1e4, np.arcsinh(1e4), 1 / np.hypot(1, 1e4)),
        (zk.acosh, 1.0, 0, inf),
        (zk.atanh, 1.0, inf, inf),
    ],
)
def test_one_number_at_the_edges(f: Any, x: Any, value: Any, slope: Any) -> None:
    agree(gradients(f, x), [value, slope])


@pytest.mark.parametrize(
    ("x1", "x2", "curvature"),
    [(0.0, 0.0, 0.25), (-inf, -inf, 0), (-inf, 3.0, 0), (1e4, -1e4, 0), (0.0, 2.0, 1 / (2 + 2 * np.cosh(2)))],
)
def test_logaddexp_has_a_second_derivative_everywhere(x1: float, x2: float, curvature: float) -> None:
    x, y = (zk.tensor(v, dtype="float64", requires_grad=True) for v in (x1, x2))
    zk.logaddexp(x, y).backward(create_graph=True)
    first, x.grad, y.grad = x.grad, None, None
    first.backward()
    agree([x.grad.item(), y.grad.item()], [curvature, -curvature], rtol=1e-9)


def test_infinities_come_without_warnings() -> None:
    zero, minus = zk.tensor([0.0]), zk.tensor([-1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (1 / zero).item() == inf
        assert zk.log(zero).item() == -inf
        assert np.isnan(zk.sqrt(minus).item())
        assert np.isnan((zero / zero).item())
        assert (zero**-1).item() == inf
        assert zk.rsqrt(zero).item() == inf
        assert zk.isclose(zk.tensor([inf]), zk.tensor([inf])).item()


def test_nan_to_num_replaces_what_is_no_number() -> None:
    y, g = gradients(zk.nan_to_num, [1.0, nan, inf, -inf])
    big = np.finfo(np.float64).max
    agree(y, [1, 0, big, -big])
    agree(g, [1, 0, 0, 0])
    agree(zk.nan_to_num(zk.tensor([nan, inf, -inf]), 1.0, 2.0, 3.0).numpy(), [1, 2, 3])
    agree(zk.nan_to_num(zk.tensor([complex(nan, 2), complex(1, inf)]), posinf=5.0).numpy(), [2j, 1 + 5j])
    assert zk.nan_to_num(zk.tensor([1, 2])).dtype == zk.int64


def test_closeness() -> None:
    x = zk.tensor([1.0, 2.0, inf, nan])
    assert zk.isclose(x, x).tolist() == [True, True, True, False]
    assert zk.isclose(x, x, equal_nan=True).tolist() == [True] * 4
    assert zk.isclose(1.0, x).tolist() == [True, False, False, False]
    assert zk.isclose(x, zk.tensor([1.1, 2.2, -inf, 0.0]), rtol=0.2).tolist() == [True, True, False, False]
    assert zk.allclose(x[:2], [1.0, 2.0]) is True
    assert zk.allclose(x, 1.0) is False


def test_round_to_decimals() -> None:
    agree(zk.round(zk.tensor([0.5, 1.5, -2.5])).numpy(), [0, 2, -2])
    agree(zk.round(zk.tensor([1.26, -1.24], dtype="float64"), 1).numpy(), [1.3, -1.2])
    assert zk.round(zk.tensor([15, 25, 123456789012]), -1).tolist() == [20, 20, 123456789010]
    assert zk.round(zk.tensor([15]), 2).dtype == zk.int64


# -- complex numbers, against JAX -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["abs", "sign", "conj", "exp", "log", "sqrt", "sin", "tanh", "square", "reciprocal", "log1p", "asin", "atanh"],
)
def test_complex_gradients_are_those_of_jax(name: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    z = np.asarray([0.3 + 0.8j, -1.2 + 0.4j, -0.7 - 1.1j, 2.0 - 0.5j], np.complex64)
    theirs = {"asin": "arcsin", "atanh": "arctanh"}.get(name, name)
    function = getattr(jax.numpy, theirs)
    w = np.asarray([1 + 2j, -0.5j, 0.3, 2 - 1j])
    if name == "sign":  # JAX treats it as constant, which it is not
        function = lambda z: z / jax.numpy.abs(z)  # noqa: E731
    if name == "abs":
        w = w.real
    expected = jax.grad(lambda z: jax.numpy.sum(jax.numpy.real(w.astype(np.complex64) * function(z))))(z)
    got = gradients(getattr(zk, name), z, dtype="complex64", cotangent=w)[1]
    assert got.dtype == np.complex64
    np.testing.assert_allclose(got, np.asarray(expected), rtol=1e-4, atol=1e-6)


def test_complex_powers_and_parts_are_those_of_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    z = np.asarray([0.3 + 0.8j, -1.2 + 0.4j, 2.0 - 0.5j], np.complex64)
    e = np.asarray([1.3 - 0.2j, 2.0 + 0.1j, -0.7 + 1j], np.complex64)

    def loss(xp: Any, z: Any, e: Any) -> Any:
        p = z**e
        return xp.sum(xp.real(p) * 2 - xp.imag(p / z) + xp.abs(p) + xp.real(xp.conj(z) * p))

    expected = jax.grad(lambda z, e: loss(jax.numpy, z, e), argnums=(0, 1))(z, e)
    a, b = zk.tensor(z, requires_grad=True), zk.tensor(e, requires_grad=True)
    loss(zk, a, b).backward()
    np.testing.assert_allclose(a.grad.numpy(), np.asarray(expected[0]), rtol=1e-4)
    np.testing.assert_allclose(b.grad.numpy(), np.asarray(expected[1]), rtol=1e-4)


def test_parts_of_real_tensors() -> None:
    x = zk.tensor([1.0, -2.0])
    assert zk.real(x) is x
    assert zk.conj(x) is x
    assert zk.imag(x).tolist() == [0, 0]
    agree(zk.angle(x).numpy(), np.asarray([0, np.pi], np.float32))


@pytest.mark.parametrize("base", [2, [2, 3]])
def test_integers_to_the_power_of_negative_integers_are_refused(base: Any) -> None:
    """Some libraries give 0 or nonsense."""
    for exponent in (-1, [1, -1]):
        with pytest.raises(InvalidValueError, match="integers have no integer power of a negative exponent"):
            zk.power(zk.tensor(base), zk.tensor(exponent))
        with pytest.raises(InvalidValueError, match="integers have no integer power of a negative exponent"):
            2 ** zk.tensor(exponent)
    assert (zk.tensor(base) ** zk.tensor(2)).dtype == zk.int64
    assert (zk.tensor(2.0) ** zk.tensor(-1)).item() == 0.5


def test_equality_of_whole_tensors() -> None:
    assert zk.array_equal([1.0, 2.0], zk.tensor([1, 2])) is True
    assert zk.array_equal([1.0, 2.0], [1.0, 3.0]) is False
    assert zk.array_equal([[1.0, 2.0]], [1.0, 2.0]) is False
    assert zk.array_equal([nan], [nan]) is False
    assert zk.array_equal(zk.zeros(0), zk.zeros(0)) is True


def test_numbers_as_operands_keep_their_sign_and_their_size() -> None:
    x = zk.tensor([1.0, -2.0])
    for _ in range(2):  # the second time they are known already
        assert np.signbit((x * 0.0).numpy()).tolist() == [False, True]
        assert np.signbit((x * -0.0).numpy()).tolist() == [True, False]
        assert (x / -0.0).tolist() == [-inf, inf]
        assert (x * 0).tolist() == [0.0, 0.0]
        assert np.isnan((x + nan).numpy()).all()
        assert (x + 10**30).tolist() == pytest.approx([1e30, 1e30])
        assert (x * 1e300).tolist() == [inf, -inf]
    with pytest.raises(InvalidValueError, match="about 400 digits"):
        x * 10**400
