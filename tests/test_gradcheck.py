"""`gradcheck` finds wrong rules, and says where; it passes right ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, GradcheckError, GradientError, InvalidValueError

RNG = np.random.default_rng(1)
M = RNG.standard_normal((3, 3))
X = RNG.standard_normal((2, 3))


# -- right rules --------------------------------------------------------------------------------------------------


def test_right_rules_pass() -> None:
    assert zk.gradcheck(zk.tanh, X) is True
    assert zk.gradcheck(zk.multiply, (X, X[0]), order=2)
    assert zk.gradcheck(lambda x: zk.matmul(x, zk.asarray(M)), zk.tensor(X), order=2)


def test_trees_numbers_and_arguments_that_are_not_checked() -> None:
    def f(params: Any, n: int, labels: Any, s: float) -> Any:
        return {"a": params["w"] * s, "n": n, "i": labels, "b": [zk.exp(params["b"][0]) ** n]}

    assert zk.gradcheck(f, ({"w": X, "b": [X[0]]}, 2, np.array([1, 2]), 0.5), order=2)


def test_complex_functions() -> None:
    z = np.array([0.5 + 1j, -1.0 + 0.3j])
    assert zk.gradcheck(lambda z: z * z * z, z, order=2)
    assert zk.gradcheck(lambda z: zk.real(z * zk.conj(z)), z, order=2)
    assert zk.gradcheck(lambda z, x: zk.exp(z) * x, (z, np.array([1.0, 2.0])), order=2)
    assert zk.gradcheck(lambda x: zk.exp(x * 1j), X[0], order=2)


def test_large_values_and_small_ones() -> None:
    assert zk.gradcheck(zk.exp, np.array([12.0, -30.0, 0.0]))
    assert zk.gradcheck(lambda x: x * x, np.array([1e5, 1e-3]))


def test_inputs_that_carry_a_graph_keep_it_to_themselves() -> None:
    x = zk.tensor(X, requires_grad=True)
    assert zk.gradcheck(zk.tanh, x)
    assert x.grad is None


# -- wrong ones ---------------------------------------------------------------------------------------------------


def wrong(forward: Any, backward: Any) -> Any:
    made = zk.custom_gradient(forward, backward=backward)
    made.__name__ = "wrong"
    return made


def refused(f: Any, inputs: Any, order: int = 1) -> GradcheckError:
    with pytest.raises(GradcheckError) as e:
        zk.gradcheck(f, inputs, order=order)
    return e.value


def test_a_wrong_sign() -> None:
    e = refused(wrong(zk.sin, lambda g, x: -g * zk.cos(x)), np.array([0.5]))
    assert str(e).startswith("gradcheck: the gradient of wrong by x[0] is wrong")
    assert e.input == "x"
    assert e.index == (0,)
    assert e.analytic == pytest.approx(-np.cos(0.5))
    assert e.numeric == pytest.approx(np.cos(0.5))
    assert f"{e.analytic}" in str(e)
    assert f"{e.numeric}" in str(e)
    assert "result[0]" in str(e)


def test_a_missing_factor() -> None:
    e = refused(wrong(lambda x: x * x, lambda g, x: g * x), np.array(1.5))
    assert e.analytic == pytest.approx(1.5)
    assert e.numeric == pytest.approx(3.0)
    assert "by x is wrong" in str(e)


def test_a_transposed_gradient() -> None:
    def forward(x: Any) -> Any:
        return zk.matmul(x, zk.asarray(M))

    e = refused(wrong(forward, lambda g: zk.matmul(g, zk.asarray(M))), RNG.standard_normal((3, 3)))
    assert e.index == (0, 0)


def test_a_transposed_shape() -> None:
    e = refused(wrong(lambda x: x * 2.0, lambda g: zk.matrix_transpose(g) * 2.0), X)
    assert "cannot be computed" in str(e)
    assert "(3, 2)" in str(e)


def test_forgotten_broadcasting() -> None:
    def forward(x: Any, y: Any) -> Any:
        return x + y

    e = refused(wrong(forward, lambda g: (g, g[0])), (X, X[0]))
    assert e.input == "y"
    e = refused(wrong(forward, lambda g: (g, g)), (X, X[0]))
    assert "another shape" in str(e)


def test_a_dropped_second_input() -> None:
    e = refused(wrong(zk.multiply, lambda g, x2: (g * x2, None)), (X, X))
    assert e.input == "x2"
    assert e.analytic == 0.0


def test_wrong_at_one_element_only() -> None:
    spot = np.zeros((2, 3))
    spot[1, 2] = 1e-3
    e = refused(wrong(lambda x: x * 2.0, lambda g: g * 2.0 + zk.asarray(spot) * g), X)
    assert e.index == (1, 2)
    assert "x[1, 2]" in str(e)
    assert "result[1, 2]" in str(e)


def test_a_wrong_second_derivative_only() -> None:
    f = wrong(zk.tanh, lambda g, ans: g * zk.stop_gradient(1 - ans * ans))
    assert zk.gradcheck(f, np.array([0.3, 0.6]))
    e = refused(f, np.array([0.3, 0.6]), order=2)
    assert "the second derivative of wrong by x[0]" in str(e)
    assert e.analytic == 0.0


def test_a_rule_that_does_not_depend_on_the_cotangent_as_it_should() -> None:
    f = wrong(zk.tanh, lambda g, ans: zk.stop_gradient(g) * (1 - ans * ans))
    e = refused(f, np.array([0.3]), order=2)
    assert e.input == "the cotangent of result"


def test_a_gradient_of_half_an_expression() -> None:
    e = refused(lambda x: x * zk.stop_gradient(x), np.array([2.0]))
    assert e.numeric == pytest.approx(4.0)


def test_a_wrong_gradient_of_a_complex_function() -> None:
    e = refused(wrong(lambda z: z * z, lambda g, z: 2 * g * zk.conj(z)), np.array([0.5 + 1j]))
    assert e.numeric == pytest.approx(1.0 + 2.0j)
    assert e.analytic == pytest.approx(1.0 - 2.0j)


def test_the_result_that_is_wrong_is_named_among_several() -> None:
    bad = wrong(lambda x: x * 3.0, lambda g: g)
    e = refused(lambda x: {"a": x * x, "b": bad(x)}, np.array([1.0, 2.0]))
    assert "result[1][0]" in str(e)


def test_inputs_are_named_as_the_function_names_them() -> None:
    bad = wrong(lambda x: x * 3.0, lambda g: g)
    e = refused(lambda p, q: p * bad(q["w"][0]), (1.0, {"w": [2.0]}))
    assert e.input == "q['w'][0]"


# -- what it refuses ----------------------------------------------------------------------------------------------


def test_float32_needs_tolerances() -> None:
    x = zk.tensor([0.3, 0.4])
    with pytest.raises(DTypeError, match="the input x of tanh is float32"):
        zk.gradcheck(zk.tanh, x)
    assert zk.gradcheck(zk.tanh, x, rtol=1e-2, atol=1e-2, order=2)


def test_a_function_that_is_not_deterministic() -> None:
    rng = np.random.default_rng(0)
    e = refused(lambda x: x * rng.standard_normal(), np.array([1.0]))
    assert "two results for the same inputs" in str(e)


def test_a_function_that_is_not_finite() -> None:
    assert "not finite" in str(refused(zk.log, np.array([1.0, 0.0])))


def test_a_function_without_a_floating_result_or_input() -> None:
    assert "no floating result" in str(refused(lambda x: zk.argmax(x), np.array([1.0, 2.0])))
    with pytest.raises(InvalidValueError, match="no floating input"):
        zk.gradcheck(zk.square, np.array([1, 2]))


def test_order_is_one_or_two() -> None:
    with pytest.raises(InvalidValueError, match="order is 1 or 2"):
        zk.gradcheck(zk.tanh, X, order=3)


def test_the_error_is_an_assertion_and_a_gradient_error() -> None:
    e = refused(wrong(zk.sin, lambda g: g), np.array([0.5]))
    assert isinstance(e, AssertionError)
    assert isinstance(e, GradientError)


def test_a_rule_that_is_not_linear_in_the_cotangent_shows_two_different_values() -> None:
    for rule in (lambda g, x: g * g * zk.cos(x), lambda g, x: zk.abs(g) * zk.cos(x)):
        with pytest.raises(GradcheckError) as e:
            zk.gradcheck(zk.custom_gradient(zk.sin, backward=rule), zk.tensor([0.1, 0.2, 0.3], dtype="float64"))
        assert abs(e.value.analytic - e.value.numeric) > 0.1


def test_a_result_in_place_of_the_function() -> None:
    with pytest.raises(ArgumentError, match=r"zk.gradcheck\(f, \(x,\)\)"):
        zk.gradcheck(zk.ones(2), (zk.ones(2),))
