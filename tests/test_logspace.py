"""Activations and functions in log space: extreme inputs, kinks, rows of minus infinity, fused against composed."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import AxisError, InvalidValueError, ShapeError

INF = math.inf
TINY = {"float32": 1.2e-38, "float64": 2.3e-308}
EXACT = {"float32": 1e-6, "float64": 4e-15}
NUMBERS = [-1e4, -745.0, -104.0, -50.0, -17.3, -2.5, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.7, 3.1, 16.9, 50.0, 104.0, 1e4]


def value_and_slope(f: Any, x: Any, dtype: str = "float64") -> tuple[Any, Any]:
    """``f(x)`` and the gradient of its sum, as NumPy arrays."""
    t = zk.tensor(x, dtype=dtype, requires_grad=True)
    y = f(t)
    y.backward(zk.ones_like(y))
    return y.numpy(), t.grad.numpy()


def exactly(f: Any, dtype: str) -> Any:
    """``f`` of `NUMBERS`, rounded to `dtype`, in decimals of 60 digits."""
    with localcontext(prec=60):
        return np.array([float(f(Decimal(float(np.dtype(dtype).type(x))))) for x in NUMBERS])


def sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def softplus(x: Decimal) -> Decimal:
    return (1 + x.exp()).ln() if x < 60 else x + (-x).exp()


def tanh(x: Decimal) -> Decimal:
    return 1 - 2 / (1 + (2 * x).exp())


# function, its value, its slope
SMOOTH = {
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "log_sigmoid": (lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "softplus": (softplus, sigmoid),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "mish": (
        lambda x: x * tanh(softplus(x)),
        lambda x: tanh(softplus(x)) + x * (1 - tanh(softplus(x)) ** 2) * sigmoid(x),
    ),
    "elu": (lambda x: x if x > 0 else x.exp() - 1, lambda x: Decimal(1) if x > 0 else x.exp()),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SMOOTH)
def test_values_and_gradients_are_right_for_inputs_of_any_size(name: str, dtype: str) -> None:
    value, slope = SMOOTH[name]
    got, grad = value_and_slope(getattr(zk, name), NUMBERS, dtype)
    np.testing.assert_allclose(got, exactly(value, dtype), rtol=EXACT[dtype], atol=TINY[dtype])
    # a sigmoid near 1 has lost the digits of what it lacks to 1
    unit = np.finfo(dtype).eps if name in ("sigmoid", "silu", "mish") else TINY[dtype]
    np.testing.assert_allclose(grad, exactly(slope, dtype), rtol=EXACT[dtype], atol=unit)


# function, its limits at minus and plus infinity, the limits of its slope
LIMITS = [
    (zk.sigmoid, (0, 1), (0, 0)),
    (zk.log_sigmoid, (-INF, 0), (1, 0)),
    (zk.softplus, (0, INF), (0, 1)),
    (zk.silu, (0, INF), (0, 1)),
    (zk.mish, (0, INF), (0, 1)),
    (zk.gelu, (0, INF), (0, 1)),
    (lambda x: zk.gelu(x, approximate="tanh"), (0, INF), (0, 1)),
    (zk.elu, (-1, INF), (0, 1)),
    (lambda x: zk.elu(x, 2.0), (-2, INF), (0, 1)),
    (zk.selu, (-1.7580993408473768, INF), (0, 1.0507009873554805)),
    (lambda x: zk.celu(x, 2.0), (-2, INF), (0, 1)),
    (zk.softsign, (-1, 1), (0, 0)),
    (zk.tanhshrink, (-INF, INF), (1, 1)),
    (zk.relu, (0, INF), (0, 1)),
    (zk.relu6, (0, 6), (0, 0)),
    (zk.leaky_relu, (-INF, INF), (0.01, 1)),
    (lambda x: zk.leaky_relu(x, 0.0), (0, INF), (0, 1)),
    (zk.hardtanh, (-1, 1), (0, 0)),
    (zk.hardsigmoid, (0, 1), (0, 0)),
    (zk.hardswish, (0, INF), (0, 1)),
    (zk.softshrink, (-INF, INF), (1, 1)),
    (zk.hardshrink, (-INF, INF), (1, 1)),
    (lambda x: zk.threshold(x, 0.0, 5.0), (5, INF), (0, 1)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("f", "limits", "slopes"), LIMITS)
def test_infinities_give_the_limits(f: Any, limits: Any, slopes: Any, dtype: str) -> None:
    got, grad = value_and_slope(f, [-INF, INF], dtype)
    np.testing.assert_allclose(got, limits, rtol=1e-6)
    np.testing.assert_allclose(grad, slopes, rtol=1e-6)
    got, grad = value_and_slope(f, [-1e4, 1e4], dtype)
    assert np.all(np.isfinite(got))
    np.testing.assert_allclose(grad, slopes, rtol=1e-6, atol=1e-7)
    assert np.isnan(f(zk.tensor([math.nan], dtype=dtype)).numpy()).all() or f is LIMITS[-1][0]


@pytest.mark.parametrize(("f", "limits", "slopes"), LIMITS[:12])
def test_second_derivatives_are_finite_far_out(f: Any, limits: Any, slopes: Any) -> None:
    x = zk.tensor([-1e4, -300.0, 300.0, 1e4], dtype="float32")
    second = zk.grad(lambda x: zk.sum(zk.grad(lambda x: zk.sum(f(x)))(x)))(x)
    np.testing.assert_allclose(second.numpy(), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("f", "kinks", "slopes"),
    [
        (zk.relu, [0.0], [0]),
        (zk.leaky_relu, [0.0], [0.01]),
        (lambda x: zk.elu(x, 0.5), [0.0], [0.5]),
        (zk.selu, [0.0], [1.7580993408473768]),
        (lambda x: zk.celu(x, 0.5), [0.0], [1]),
        (zk.relu6, [0.0, 6.0], [0, 0]),
        (zk.hardtanh, [-1.0, 1.0], [0, 0]),
        (zk.hardsigmoid, [-3.0, 3.0], [0, 0]),
        (zk.hardswish, [-3.0, 3.0], [0, 1]),
        (zk.softshrink, [-0.5, 0.5], [0, 0]),
        (zk.hardshrink, [-0.5, 0.5], [0, 0]),
        (lambda x: zk.threshold(x, 1.0, 0.0), [1.0], [0]),
        (zk.softsign, [0.0], [1]),
    ],
)
def test_gradients_at_kinks(f: Any, kinks: Any, slopes: Any) -> None:
    np.testing.assert_allclose(value_and_slope(f, kinks)[1], slopes)


def test_gradients_at_kinks_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    functional = torch.nn.functional
    x = [-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]
    smooth = "relu leaky_relu elu selu celu softsign mish gelu silu"
    hard = "relu6 hardtanh hardsigmoid hardswish softshrink hardshrink"
    for name in f"{smooth} {hard}".split():
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = getattr(functional, name)(t)
        y.sum().backward()
        got, grad = value_and_slope(getattr(zk, name), x)
        np.testing.assert_allclose(got, y.detach().numpy(), rtol=1e-7, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(grad, t.grad.numpy(), rtol=1e-7, atol=1e-12, err_msg=name)


# -- fused against composed --------------------------------------------------------------------------------------

ROOT_2 = math.sqrt(2.0)
COMPOSED = [
    (zk.gelu, lambda x: x * 0.5 * (1 + zk.erf(x / ROOT_2))),
    (
        lambda x: zk.gelu(x, "tanh"),
        lambda x: x * 0.5 * (1 + zk.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))),
    ),
    (zk.silu, lambda x: x * zk.sigmoid(x)),
    (zk.mish, lambda x: x * zk.tanh(zk.softplus(x))),
    (zk.softplus, lambda x: zk.log(1 + zk.exp(x))),
    (zk.log_sigmoid, lambda x: zk.log(zk.sigmoid(x))),
    (lambda x: zk.softplus(x, beta=3.0), lambda x: zk.log(1 + zk.exp(3 * x)) / 3),
    (zk.softmax, lambda x: zk.exp(x) / zk.sum(zk.exp(x), axis=-1, keepdims=True)),
    (lambda x: zk.softmax(x, axis=0), lambda x: zk.exp(x) / zk.sum(zk.exp(x), axis=0, keepdims=True)),
    (lambda x: zk.softmax(x, axis=None), lambda x: zk.exp(x) / zk.sum(zk.exp(x))),
    (zk.log_softmax, lambda x: x - zk.log(zk.sum(zk.exp(x), axis=-1, keepdims=True))),
    (lambda x: zk.logsumexp(x, axis=1), lambda x: zk.log(zk.sum(zk.exp(x), axis=1))),
    (zk.logsumexp, lambda x: zk.log(zk.sum(zk.exp(x)))),
    (zk.glu, lambda x: x[..., :2] * zk.sigmoid(x[..., 2:])),
]


@pytest.mark.parametrize(("fused", "composed"), COMPOSED)
def test_fused_ops_equal_their_composition_to_second_order(fused: Any, composed: Any) -> None:
    rng = np.random.default_rng(3)
    x = zk.tensor(rng.standard_normal((3, 4)))
    w = zk.tensor(rng.standard_normal(fused(x).shape))
    v = zk.tensor(rng.standard_normal((3, 4)))
    results = []
    for f in (fused, composed):
        first = zk.grad(lambda x, f=f: zk.sum(w * f(x)))
        second = zk.grad(lambda x, first=first: zk.sum(v * first(x)))
        results.append([f(x).numpy(), first(x).numpy(), second(x).numpy()])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


# -- rows with entries of minus infinity -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_gives_masked_entries_nothing(dtype: str) -> None:
    x = zk.tensor([[0.0, -INF, 1e4], [-INF, -INF, -1e4], [1.0, 1.0, -INF]], dtype=dtype, requires_grad=True)
    p = zk.softmax(x)
    np.testing.assert_array_equal(p.numpy(), [[0, 0, 1], [0, 0, 1], [0.5, 0.5, 0]])
    zk.sum(p * zk.tensor([1.0, 2.0, 3.0], dtype=dtype)).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[0, 0, 0], [0, 0, 0], [-0.25, 0.25, 0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_softmax_with_masked_entries(dtype: str) -> None:
    x = zk.tensor([[0.0, -INF, 0.0], [1e4, -1e4, -INF]], dtype=dtype, requires_grad=True)
    y = zk.log_softmax(x)
    np.testing.assert_allclose(y.numpy(), [[-math.log(2), -INF, -math.log(2)], [0, -2e4, -INF]], rtol=1e-6)
    zk.sum(y[:, 0]).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[0.5, 0, -0.5], [0, 0, 0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp_of_extreme_rows(dtype: str) -> None:
    rows = [[1e4, 1e4], [-1e4, -1e4], [-INF, 3.0], [-INF, -INF], [INF, 0.0]]
    got, grad = value_and_slope(lambda x: zk.logsumexp(x[:4], axis=1), rows, dtype)
    two = math.log(2)
    np.testing.assert_allclose(got, [1e4 + two, -1e4 + two, 3, -INF], rtol=1e-6)
    np.testing.assert_allclose(grad, [[0.5, 0.5], [0.5, 0.5], [0, 1], [0, 0], [0, 0]], rtol=1e-6)
    assert zk.logsumexp(zk.tensor(rows, dtype=dtype), axis=-1).numpy()[4] == INF
    everything = zk.tensor([-INF, -INF], dtype=dtype, requires_grad=True)
    zk.logsumexp(everything).backward()
    np.testing.assert_array_equal(everything.grad.numpy(), 0)
    second = zk.grad(lambda x: zk.sum(zk.grad(zk.logsumexp)(x) * zk.tensor([1.0, 2.0, 3.0], dtype=dtype)))
    x = zk.tensor([-INF, 0.0, 0.0], dtype=dtype)
    np.testing.assert_allclose(second(x).numpy(), [0, -0.25, 0.25])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_at_the_ends_of_the_range(dtype: str) -> None:
    """Masks are often made of the smallest number that there is."""
    end = float(np.finfo(dtype).max)
    for row in ([-end, -end], [end, end]):
        x = zk.tensor(row, dtype=dtype)
        np.testing.assert_allclose(zk.softmax(x).numpy(), [0.5, 0.5])
        np.testing.assert_allclose(zk.log_softmax(x).numpy(), np.log([0.5, 0.5]), rtol=1e-6)
        assert zk.logsumexp(x).item() == row[0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_gradients_do_not_feel_the_rounding_of_large_results(dtype: str, backend: Any) -> None:
    if dtype == "float16" and not backend.supports(zk.float16):
        pytest.skip("the backend has no float16")
    half = np.finfo(dtype).eps
    for row in ([1e4, 1e4, -1e4], [-1e4, -1e4, -INF], [6e4, 6e4, 0.0]):
        x = zk.tensor(row, dtype=dtype)
        slope = zk.grad(zk.logsumexp)
        np.testing.assert_allclose(slope(x).numpy(), [0.5, 0.5, 0], rtol=half)
        curvature = zk.grad(lambda x, slope=slope: zk.sum(slope(x) * zk.tensor([1.0, 0.0, 0.0], dtype=dtype)))
        np.testing.assert_allclose(curvature(x).numpy(), [0.25, -0.25, 0], rtol=4 * half)
    x = zk.tensor([1e4, 1e4, 1e4], dtype=dtype)
    slope = zk.grad(lambda x: zk.sum(zk.logcumsumexp(x)))
    np.testing.assert_allclose(slope(x).numpy(), [11 / 6, 5 / 6, 1 / 3], rtol=2 * half)
    curvature = zk.grad(lambda x: slope(x)[0])
    np.testing.assert_allclose(curvature(x).numpy(), [17 / 36, -13 / 36, -1 / 9], rtol=8 * half)


def test_logcumsumexp_with_masked_entries() -> None:
    x = zk.tensor([-INF, -INF, 1e4, -INF, -1e4], dtype="float32", requires_grad=True)
    y = zk.logcumsumexp(x)
    np.testing.assert_array_equal(y.numpy(), [-INF, -INF, 1e4, 1e4, 1e4])
    zk.sum(y).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0, 0, 3, 0, 0])


def test_logsumexp_takes_axes_as_sum_does() -> None:
    x = zk.tensor(np.arange(24.0).reshape(2, 3, 4))
    for axis in (None, 0, -1, (0, 2), (-1, -2), ()):
        for keepdims in (False, True):
            expected = np.log(np.sum(np.exp(x.numpy()), axis=axis, keepdims=keepdims))
            got = zk.logsumexp(x, axis=axis, keepdims=keepdims)
            assert got.shape == expected.shape
            np.testing.assert_allclose(got.numpy(), expected)
    assert zk.logsumexp(zk.tensor(2.0)).item() == 2.0


def test_logit_and_sigmoid_are_inverse_near_the_ends() -> None:
    p = zk.tensor([1e-300, 1e-9, 0.25, 0.5, 0.75], dtype="float64")
    np.testing.assert_allclose(zk.sigmoid(zk.logit(p)).numpy(), p.numpy(), rtol=2e-13)
    slope = value_and_slope(zk.logit, [1e-9, 0.5, 1 - 1e-9])[1]
    np.testing.assert_allclose(slope, [1e9, 4, 1e9], rtol=1e-7)


# -- errors ------------------------------------------------------------------------------------------------------


def test_refusals() -> None:
    x = zk.ones(2, 3)
    with pytest.raises(AxisError, match="softmax: there is no axis 2"):
        zk.softmax(x, axis=2)
    with pytest.raises(AxisError, match="logsumexp: there is no axis -3"):
        zk.logsumexp(x, axis=-3)
    with pytest.raises(ShapeError, match="softmax of no elements"):
        zk.softmax(zk.ones(2, 0))
    with pytest.raises(ShapeError, match="glu: axis -1 has the odd length 3"):
        zk.glu(x)
    with pytest.raises(AxisError, match="glu: there is no axis 5"):
        zk.glu(x, axis=5)
    with pytest.raises(InvalidValueError, match='approximate must be "none" or "tanh"'):
        zk.gelu(x, approximate="fast")
    with pytest.raises(InvalidValueError, match="alpha must not be 0"):
        zk.celu(x, 0)
    with pytest.raises(InvalidValueError, match="beta must not be 0"):
        zk.softplus(x, beta=0)


def test_relu_keeps_integers_and_others_make_them_float() -> None:
    n = zk.tensor([-2, 3])
    assert zk.relu(n).dtype == zk.int64
    np.testing.assert_array_equal(zk.relu(n).numpy(), [0, 3])
    assert zk.gelu(n).dtype == zk.float32


IN_SINGLE = """
sigmoid silu mish gelu elu selu celu softsign tanhshrink glu log_sigmoid softplus softmax log_softmax logsumexp
"""


@pytest.mark.parametrize("name", IN_SINGLE.split())
def test_half_precision_is_computed_in_single(name: str, backend: Any) -> None:
    if not backend.supports(zk.float16):
        pytest.skip("the backend has no float16")
    x = [-12.0, -3.0, 0.5, 6.0, 15.0, 200.0]
    got, grad = value_and_slope(getattr(zk, name), x, "float16")
    assert got.dtype == grad.dtype == np.float16
    expected, slope = value_and_slope(getattr(zk, name), x)
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(grad, slope, rtol=2e-3, atol=3e-3)
