"""Pure derivatives of functions: `grad`, `value_and_grad`, `vjp`, `jvp`, `hvp`, `jacobian`, `hessian`; trees."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.autodiff.tree import flatten, flatten_as, paths, tree_map, unflatten
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError, ShapeError

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 3))
V = RNG.standard_normal(3)
W = RNG.standard_normal(3)


def double(value: Any, requires_grad: bool = False) -> Any:
    return zk.tensor(value, dtype="complex128" if np.iscomplexobj(value) else "float64", requires_grad=requires_grad)


def check(t: Any, expected: Any, rtol: float = 1e-12) -> None:
    got = t.numpy()
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)


def smooth(x: Any) -> Any:
    """A function of three numbers that is neither linear nor symmetric."""
    return zk.sum(zk.tanh(zk.matmul(double(A), x)) * x * x[0])


def differences(f: Any, x: Any, h: float = 1e-5) -> Any:
    """Central differences of a function of an array that returns an array."""
    columns = []
    for i in range(x.size):
        e = np.zeros(x.size)
        e[i] = h
        e = e.reshape(x.shape)
        columns.append((np.asarray(f(x + e)) - np.asarray(f(x - e))) / (2 * h))
    return np.stack(columns, -1).reshape((*columns[0].shape, *x.shape))


def on_arrays(f: Any) -> Any:
    return lambda x: f(double(x)).numpy()


# -- grad and value_and_grad --------------------------------------------------------------------------------------


def test_grad_agrees_with_finite_differences() -> None:
    check(zk.grad(smooth)(double(V)), differences(on_arrays(smooth), V), 1e-8)


def test_value_and_grad() -> None:
    value, g = zk.value_and_grad(smooth)(double(V))
    check(value, smooth(double(V)).numpy())
    check(g, zk.grad(smooth)(double(V)).numpy())
    assert not value.requires_grad
    assert not g.requires_grad


def test_numbers_and_arrays_are_taken() -> None:
    check(zk.grad(lambda x: x * x)(3.0), np.float32(6.0))
    g = zk.grad(lambda x: zk.sum(x * x))(np.array([1.0, 2.0]))
    assert g.dtype == zk.float64
    check(g, [2.0, 4.0])


def test_argnums() -> None:
    def f(x: Any, n: int, y: Any, *, scale: float = 1.0) -> Any:
        return x * y**n * scale

    check(zk.grad(f)(double(2.0), 3, double(5.0)), 125.0)
    check(zk.grad(f, argnums=2)(double(2.0), 3, double(5.0), scale=10.0), 10 * 2 * 3 * 25.0)
    gx, gy = zk.grad(f, argnums=(0, -1))(double(2.0), 3, double(5.0))
    check(gx, 125.0)
    check(gy, 150.0)
    (only,) = zk.grad(f, argnums=(0,))(double(2.0), 3, double(5.0))
    check(only, 125.0)


def test_nested_lists_tuples_and_dicts() -> None:
    Pair = namedtuple("Pair", "a b")
    params = {
        "w": [double(2.0), (double(3.0),)],
        "pair": Pair(double(5.0), None),
        "more": OrderedDict(z=double(7.0)),
        "none": None,
        "empty": [],
    }

    def f(p: Any) -> Any:
        return p["w"][0] * p["w"][1][0] * p["pair"].a + p["more"]["z"] * p["w"][0]

    g = zk.grad(f)(params)
    assert list(g) == list(params)
    assert isinstance(g["pair"], Pair)
    assert isinstance(g["more"], OrderedDict)
    assert g["none"] is None
    assert g["pair"].b is None
    assert g["empty"] == []
    check(g["w"][0], 15.0 + 7.0)
    check(g["w"][1][0], 10.0)
    check(g["pair"].a, 6.0)
    check(g["more"]["z"], 2.0)


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y, {"y": y, "name": "square", "twice": [y * 2.0]}

    g, aux = zk.grad(f, has_aux=True)(double(3.0))
    check(g, 6.0)
    assert aux["name"] == "square"
    check(aux["twice"][0], 18.0)
    assert not aux["y"].requires_grad
    (value, aux), g = zk.value_and_grad(f, has_aux=True)(double(3.0))
    check(value, 9.0)
    check(aux["y"], 9.0)
    with pytest.raises(ArgumentError, match="has_aux=True square returns a pair, it returned a Tensor"):
        zk.grad(zk.square, has_aux=True)(double(3.0))


def test_unused_inputs_get_zeros() -> None:
    g = zk.grad(lambda p: p["a"] * 2.0)({"a": double(1.0), "b": double([1.0, 2.0])})
    check(g["b"], [0.0, 0.0])
    check(zk.grad(lambda x: zk.ones(()))(double(1.0)), 0.0)
    check(zk.grad(lambda x: zk.stop_gradient(x))(double(1.0)), 0.0)


def test_the_identity() -> None:
    x = double(2.0)
    value, g = zk.value_and_grad(lambda x: x)(x)
    check(g, 1.0)
    assert not value.requires_grad
    assert not x.requires_grad


def test_they_touch_no_grad() -> None:
    x, w = double(2.0, True), double(3.0, True)
    g = zk.grad(lambda t: t * t * w)(x)
    check(g, 12.0)
    assert x.grad is None
    assert w.grad is None


def test_inputs_and_closures_with_a_graph_stay_differentiable() -> None:
    x, w = double(2.0, True), double(3.0, True)
    y = x * 1.0
    g = zk.grad(lambda t: t * t * t * w)(y)  # 3 x² w
    g.backward()
    check(x.grad, 6 * 2.0 * 3.0)
    check(w.grad, 3 * 4.0)


def test_values_keep_the_graph_around_and_lose_that_inside() -> None:
    w = double(3.0, True)
    value, g = zk.value_and_grad(lambda t: t * w)(2.0)
    assert value.requires_grad  # by w
    (value * g).backward()  # (2 w) w
    check(w.grad, 12.0)


def test_aux_that_shares_work_with_the_value() -> None:
    w = double(3.0, True)

    def f(x: Any) -> Any:
        h = zk.tanh(x)
        return h * h, h * w

    g, aux = zk.grad(f, has_aux=True)(double(0.5))
    t = np.tanh(0.5)
    check(g, 2 * t * (1 - t * t))
    aux.backward()
    check(w.grad, t)


def test_under_no_grad_they_differentiate_but_are_not_recorded() -> None:
    x = double(2.0, True)
    with zk.no_grad():
        value, g = zk.value_and_grad(lambda t: t * t * x)(x)
        second = zk.grad(zk.grad(lambda t: t * t * t))(x)
        assert not zk.is_grad_enabled()
    check(g, 8.0)
    check(second, 12.0)
    assert not value.requires_grad
    assert not g.requires_grad
    assert not second.requires_grad


def test_no_grad_inside_a_function_cuts() -> None:
    def f(x: Any) -> Any:
        with zk.no_grad():
            frozen = x * x
        return x * frozen

    check(zk.grad(f)(double(3.0)), 9.0)


def test_an_exception_leaves_the_recording_as_it_was() -> None:
    def fail(x: Any) -> Any:
        raise ZeroDivisionError

    with zk.no_grad():
        with pytest.raises(ZeroDivisionError):
            zk.grad(fail)(1.0)
        assert not zk.is_grad_enabled()


def test_in_place_operators_inside_the_function() -> None:
    def f(x: Any) -> Any:
        y = x
        y += 1.0
        y *= y
        return y

    x = double(2.0)
    check(zk.grad(f)(x), 6.0)
    check(x, 2.0)


def test_complex_inputs_follow_jaxs_convention() -> None:
    z = double(np.array([1.0 + 2.0j, 3.0 - 1.0j]))
    check(zk.grad(lambda z: zk.sum(zk.real(z * zk.conj(z))))(z), 2 * np.conj(z.numpy()))
    check(zk.grad(lambda z: zk.sum(zk.imag(z * z)))(z), -1j * 2 * z.numpy())  # imag f: dL/dx - i dL/dy = -i f'


# -- nesting ------------------------------------------------------------------------------------------------------


def test_repeated_grad() -> None:
    f = zk.grad(zk.grad(zk.grad(zk.exp)))
    check(f(double(0.5)), np.exp(0.5))
    f = zk.grad(zk.grad(zk.grad(zk.grad(lambda x: x**5))))
    check(f(double(2.0)), 240.0)


def test_perturbations_are_not_confused() -> None:
    one = zk.grad(lambda x: x * zk.grad(lambda y: x + y)(double(1.0)))(double(3.0))
    check(one, 1.0)
    two = zk.grad(lambda x: x * zk.grad(lambda y: x * y)(double(2.0)))(double(3.0))
    check(two, 6.0)  # x · x
    three = zk.grad(lambda x: x * zk.grad(lambda y: x * y)(x))(double(3.0))  # evaluated at the outer variable itself
    check(three, 6.0)
    forward = zk.jvp(lambda x: x * zk.jvp(lambda y: x + y, 1.0, 1.0)[1], double(3.0), 1.0)[1]
    check(forward, 1.0)
    mixed = zk.grad(lambda x: x * zk.jvp(lambda y: x * y, x, 1.0)[1])(double(3.0))
    check(mixed, 6.0)


def test_a_derivative_by_two_nested_variables() -> None:
    def f(x: Any) -> Any:
        return zk.grad(lambda y: zk.grad(lambda z: x * y * z * z)(y))(x)  # ∂/∂y (2xy²) at y=x: 4x²

    check(f(double(3.0)), 36.0)
    check(zk.grad(f)(double(3.0)), 24.0)


def test_grad_of_a_gradient_penalty() -> None:
    def penalty(w: Any) -> Any:
        g = zk.grad(lambda x: zk.sum(zk.tanh(zk.matmul(w, x))))(double(V))
        return zk.sum(g * g)

    check(zk.grad(penalty)(double(A)), differences(on_arrays(penalty), A), 1e-7)


# -- vjp and jvp --------------------------------------------------------------------------------------------------


def several(p: Any, s: Any) -> Any:
    return {"a": zk.tanh(p["x"]) * s, "b": [zk.sum(p["x"] * p["x"]), None]}


def test_vjp_pulls_back_a_tree() -> None:
    out, pull = zk.vjp(several, {"x": double(V)}, double(2.0))
    check(out["a"], np.tanh(V) * 2)
    assert out["b"][1] is None
    gp, gs = pull({"b": [double(10.0), None], "a": double(W)})
    check(gp["x"], W * 2 * (1 - np.tanh(V) ** 2) + 20 * V)
    check(gs, np.sum(W * np.tanh(V)))
    again, _ = pull({"a": None, "b": [1.0, None]})
    check(again["x"], 2 * V)


def test_vjp_has_aux() -> None:
    out, pull, aux = zk.vjp(lambda x: (x * x, "note"), double(3.0), has_aux=True)
    assert aux == "note"
    check(pull(1.0)[0], 6.0)
    check(out, 9.0)


def test_jvp_pushes_a_tree_forward() -> None:
    out, tangent = zk.jvp(several, ({"x": double(V)}, double(2.0)), ({"x": double(W)}, double(0.5)))
    check(out["a"], np.tanh(V) * 2)
    check(tangent["a"], W * 2 * (1 - np.tanh(V) ** 2) + 0.5 * np.tanh(V))
    check(tangent["b"][0], np.sum(2 * V * W))
    assert not tangent["a"].requires_grad


def test_jvp_of_parts_that_do_not_move() -> None:
    f = lambda x, y: (x * 2.0, zk.ones(2, dtype="float64"), zk.argmax(x))  # noqa: E731
    _, (a, b, c) = zk.jvp(f, (double(V), double(1.0)), (double(W), None))
    check(a, 2 * W)
    check(b, [0.0, 0.0])
    assert c is None


def test_jvp_is_the_transpose_of_vjp() -> None:
    f = lambda x: zk.tanh(zk.matmul(double(A), x)) * x  # noqa: E731
    _, forward = zk.jvp(f, double(V), double(W))
    _, pull = zk.vjp(f, double(V))
    u = RNG.standard_normal(3)
    assert np.dot(u, forward.numpy()) == pytest.approx(np.dot(pull(u)[0].numpy(), W))


def test_jvp_of_a_complex_function() -> None:
    z, v = np.array([1 + 2j, 0.5 - 1j]), np.array([0.3j, 1.0 + 1j])
    _, tangent = zk.jvp(lambda z: z * z * z, double(z), double(v))
    check(tangent, 3 * z * z * v)
    _, tangent = zk.jvp(lambda z: zk.real(z * zk.conj(z)), double(z), double(v))
    check(tangent, 2 * np.real(np.conj(z) * v))
    _, tangent = zk.jvp(lambda x: zk.exp(x * 1j), double(np.array([0.5])), double(np.array([2.0])))
    check(tangent, 2j * np.exp(0.5j) * np.ones(1))


def test_jvp_nests() -> None:
    second = zk.jvp(lambda x: zk.jvp(zk.tanh, x, 1.0)[1], double(0.5), 1.0)[1]
    t = np.tanh(0.5)
    check(second, -2 * t * (1 - t * t))
    check(zk.grad(lambda x: zk.jvp(zk.tanh, x, 1.0)[1])(double(0.5)), -2 * t * (1 - t * t))
    check(zk.jvp(zk.grad(zk.tanh), double(0.5), 1.0)[1], -2 * t * (1 - t * t))


def test_a_tangent_and_a_cotangent_may_carry_a_graph() -> None:
    v = double(W, True)
    _, tangent = zk.jvp(lambda x: x * x, double(V), v)
    zk.sum(tangent).backward()
    check(v.grad, 2 * V)
    u = double(W, True)
    _, pull = zk.vjp(lambda x: x * x, double(V))
    zk.sum(pull(u)[0]).backward()
    check(u.grad, 2 * V)


def test_a_primal_changed_in_place_before_the_pull() -> None:
    p = double(V, True)
    _, pull = zk.vjp(zk.tanh, p)
    p.data = p.data * 2
    check(pull(double(W))[0], W * (1 - np.tanh(V) ** 2))  # tanh keeps its result, not its input
    _, pull = zk.vjp(zk.square, p)
    p.data -= 1.0
    with pytest.raises(GradientError, match="the input x of square was changed in place"):
        pull(double(W))


def test_a_long_chain_within_a_graph_of_others() -> None:
    w = double(1.0, True)

    def f(x: Any) -> Any:
        for _ in range(3000):
            x = x * w
        return x

    with zk.no_grad():
        check(zk.grad(f)(double(2.0)), 1.0)


# -- hvp, jacobian, hessian ---------------------------------------------------------------------------------------


def test_hvp_is_the_hessian_times_a_vector() -> None:
    h = zk.hessian(smooth)(double(V)).numpy()
    check(zk.hvp(smooth, double(V), double(W)), h @ W, 1e-10)
    p = zk.hvp(lambda p: zk.sum(p["x"] * p["x"] * p["y"]), {"x": double(V), "y": double(2.0)}, {"x": W, "y": 1.0})
    check(p["x"], 4 * W + 2 * V)
    check(p["y"], np.sum(2 * V * W))
    a, b = zk.hvp(lambda x, y: x * x * y, (double(2.0), double(3.0)), (1.0, None))
    check(a, 6.0)
    check(b, 4.0)


@pytest.mark.parametrize("shapes", [((3,), (2,)), ((2,), (3,)), ((2, 2), (3,)), ((), (2,)), ((3,), ()), ((), ())])
def test_jacobian_by_rows_and_by_columns(shapes: tuple[Any, Any]) -> None:
    n_in, n_out = shapes
    m = RNG.standard_normal((int(np.prod(n_out)), int(np.prod(n_in))))

    def f(x: Any) -> Any:
        return zk.reshape(zk.tanh(zk.matmul(double(m), zk.reshape(x, (-1,)))), n_out)

    x = RNG.standard_normal(n_in)
    got = zk.jacobian(f)(double(x))
    assert not got.requires_grad
    check(got, differences(on_arrays(f), np.asarray(x)), 1e-8)


def test_jacobian_of_trees() -> None:
    j = zk.jacobian(several)({"x": double(V)}, double(2.0))
    check(j["a"]["x"], np.diag(2 * (1 - np.tanh(V) ** 2)))
    check(j["b"][0]["x"], 2 * V)
    assert j["b"][1] is None
    j = zk.jacobian(several, argnums=(0, 1))({"x": double(V)}, double(2.0))
    check(j["a"][0]["x"], np.diag(2 * (1 - np.tanh(V) ** 2)))
    check(j["a"][1], np.tanh(V))
    check(j["b"][0][1], 0.0)


def test_jacobian_of_complex_functions() -> None:
    z = np.array([1 + 2j, 0.5 - 1j])
    check(zk.jacobian(lambda z: z * z)(double(z)), np.diag(2 * z))
    check(zk.jacobian(lambda x: x * (1 + 2j))(double(V)), np.eye(3) * (1 + 2j))
    check(zk.jacobian(lambda x: zk.reshape(zk.sum(x * (1 + 2j)), (1,)))(double(V)), np.full((1, 3), 1 + 2j))


def test_jacobian_stays_differentiable() -> None:
    g = zk.grad(lambda x: zk.sum(zk.jacobian(lambda y: y * y * y)(x)))(double(V))
    check(g, 6 * V)
    x = double(V, True)
    zk.sum(zk.jacobian(lambda y: y * y * y)(x)).backward()
    check(x.grad, 6 * V)


def test_jacobian_of_an_empty_result() -> None:
    assert zk.jacobian(lambda x: x[:0])(double(V)).shape == (0, 3)


def test_hessian_agrees_with_differences_of_the_gradient() -> None:
    h = zk.hessian(smooth)(double(V))
    check(h, differences(on_arrays(zk.grad(smooth)), V), 1e-7)
    check(h, h.numpy().T)


def test_hessian_of_trees() -> None:
    f = lambda p, q: zk.sum(p["x"] * p["x"]) * q  # noqa: E731
    h = zk.hessian(f)({"x": double(V)}, double(3.0))
    check(h["x"]["x"], 6 * np.eye(3))
    h = zk.hessian(f, argnums=(0, 1))({"x": double(V)}, double(3.0))
    check(h[0]["x"][1], 2 * V)
    check(h[1][0]["x"], 2 * V)
    check(h[1][1], 0.0)


def test_everything_stays_on_its_device(backend: Any) -> None:
    if len(backend.devices()) < 2:
        pytest.skip(f"{backend.name} has one device here")
    other = backend.devices()[-1]
    x = zk.tensor(V, device=other)
    f = lambda x: zk.sum(zk.tanh(x) * x)  # noqa: E731
    results = [
        *zk.value_and_grad(f)(x),
        *zk.jvp(f, x, V),
        zk.hvp(f, x, W),
        zk.hessian(f)(x),
        zk.jacobian(lambda x: zk.sum(x) * zk.ones(5, dtype="float64", device=other))(x),
        zk.grad(lambda x: zk.ones(()))(x),
        zk.vjp(f, x)[1](1.0)[0],
        zk.grad(zk.checkpoint(f))(x),
        zk.grad(zk.custom_gradient(lambda x: (zk.sum(x), lambda g: 2.0)))(x),
    ]
    assert [t.device for t in results] == [other] * len(results)
    assert zk.gradcheck(f, x, order=2)


# -- errors -------------------------------------------------------------------------------------------------------


def test_integer_inputs_are_named() -> None:
    def loss(params: Any, labels: Any) -> Any:
        return params["w"] * 1.0

    with pytest.raises(GradientError, match=r"the input params\['b'\]\[1\] of loss is int64") as e:
        zk.grad(loss)({"w": 1.0, "b": [2.0, zk.tensor(3)]}, 0)
    assert e.value.input == "params['b'][1]"
    with pytest.raises(GradientError, match="the input labels of loss is a Python int"):
        zk.vjp(loss, {"w": 1.0}, 3)
    with pytest.raises(GradientError, match=r"the input params\['b'\] of loss is of type str"):
        zk.grad(loss)({"w": 1.0, "b": "text"}, 0)


def test_results_without_a_gradient_are_named() -> None:
    x = double(V)
    with pytest.raises(GradientError, match=r"grad: the result of .* has no gradient\n  argmax has no gradient"):
        zk.grad(lambda x: zk.argmax(x))(x)
    with pytest.raises(GradientError, match="argmax has no gradient"):
        zk.vjp(lambda x: zk.argmax(x), x)
    with pytest.raises(GradientError, match="dtype int64 has no gradient"):
        zk.jacobian(lambda x: zk.ones(2, dtype="int64"))(x)
    _, pull = zk.vjp(lambda x: (x * 2.0, zk.argmax(x)), x)
    with pytest.raises(GradientError, match=r"result\[1\] is int64 and takes no cotangent"):
        pull((x, 1))


def test_the_result_must_be_one_real_number() -> None:
    x = double(V)
    with pytest.raises(GradientError, match=r"must return one number, its result has shape \(3,\)"):
        zk.grad(zk.tanh)(x)
    with pytest.raises(GradientError, match=r"returned a float(.|\n)*without item\(\)"):
        zk.grad(lambda x: zk.sum(x).item())(x)
    with pytest.raises(GradientError, match=r"result\[1\] is of type float"):
        zk.vjp(lambda x: [x, zk.sum(x).item()], x)
    with pytest.raises(GradientError, match="returned a list"):
        zk.grad(lambda x: [x])(x)
    with pytest.raises(GradientError, match=r"returned nothing \(None\)"):
        zk.grad(lambda x: None)(x)
    with pytest.raises(GradientError, match="complex128"):
        zk.grad(lambda x: x * 1j)(double(1.0))
    with pytest.raises(GradientError, match=r"result\['s'\] is of type str"):
        zk.vjp(lambda x: {"x": x, "s": "text"}, x)


def test_argnums_out_of_range() -> None:
    with pytest.raises(InvalidValueError, match="argnums=2, but the function was called with 1 positional"):
        zk.grad(zk.tanh, argnums=2)(1.0)
    with pytest.raises(ArgumentError, match="argnums is a position"):
        zk.grad(zk.tanh, argnums="x")(1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [zk.grad, zk.value_and_grad, zk.jacobian, zk.hessian, zk.checkpoint])
def test_a_result_passed_in_place_of_a_function(make: Any) -> None:
    with pytest.raises(ArgumentError, match="expected a function, received Tensor"):
        make(zk.ones(2))


def test_a_cotangent_of_another_structure_says_where() -> None:
    _, pull = zk.vjp(lambda x: {"a": [x, x], "b": x}, double(V))
    with pytest.raises(ArgumentError, match="structure of the result") as e:
        pull({"a": [double(V)], "b": double(V)})
    assert e.value.path == "the cotangents['a']"
    assert "a list of 2" in str(e.value)
    assert "a list of 1" in str(e.value)
    with pytest.raises(ArgumentError, match="received  one Tensor"):
        pull(double(V))
    with pytest.raises(ArgumentError, match="keys 'a', 'b'"):
        pull({"a": [double(V), double(V)], "c": double(V)})


def test_cotangents_and_tangents_of_another_shape() -> None:
    _, pull = zk.vjp(lambda x: {"a": x, "b": x}, double(V))
    with pytest.raises(ShapeError, match=r"the cotangent of result\['b'\] has another shape"):
        pull({"a": double(V), "b": 1.0})
    with pytest.raises(ShapeError, match=r"jvp: the tangent of x1 has another shape"):
        zk.jvp(zk.add, (double(V), double(V)), (double(1.0), double(V)))
    with pytest.raises(DTypeError, match="complex"):
        zk.jvp(zk.tanh, double(V), double(V * 1j))
    with pytest.raises(ArgumentError, match="needs a tangent for each argument of add"):
        zk.jvp(zk.add, (double(V), double(V)), (double(V),))


# -- trees --------------------------------------------------------------------------------------------------------


def test_flatten_and_unflatten() -> None:
    Pair = namedtuple("Pair", "a b")
    tree = {"x": [1, (2,)], "y": Pair(3, {"z": None}), "e": ()}
    leaves, structure = flatten(tree)
    assert leaves == [1, 2, 3, None]
    assert unflatten(structure, leaves) == tree
    assert type(unflatten(structure, leaves)["y"]) is Pair
    assert paths(structure, "t") == ["t['x'][0]", "t['x'][1][0]", "t['y'].a", "t['y'].b['z']"]
    assert flatten(5) == ([5], "*")


def test_dicts_may_differ_in_order() -> None:
    _, structure = flatten({"a": 1, "b": 2})
    assert flatten_as(structure, {"b": 20, "a": 10}, "t", "s") == [10, 20]


def test_tree_map() -> None:
    assert tree_map(lambda a, b: a * b, [1, {"x": 2}, None], [10, {"x": 20}, None]) == [10, {"x": 40}, None]
    with pytest.raises(ArgumentError, match=r"tree 2\[1\]"):
        tree_map(lambda a, b: a, [1, [2, 3]], [1, [2]])


# -- against JAX --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_of_them_agree_with_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jnp = jax.numpy

    def ours(p: Any, s: Any) -> Any:
        h = zk.tanh(zk.matmul(p["w"], p["x"]))
        return zk.sum(zk.exp(h) * h * s) + zk.sum(p["x"] * p["x"]) * s

    def theirs(p: Any, s: Any) -> Any:
        h = jnp.tanh(p["w"] @ p["x"])
        return jnp.sum(jnp.exp(h) * h * s) + jnp.sum(p["x"] * p["x"]) * s

    with jax.enable_x64(True):
        p, s = {"w": A, "x": V}, 0.7
        pz, sz = {k: double(v) for k, v in p.items()}, double(s)
        tz, t = {"w": A[::-1].copy(), "x": W}, 0.3
        close = lambda a, b: np.testing.assert_allclose(a.numpy(), np.asarray(b), rtol=1e-10, atol=1e-10)  # noqa: E731
        tree_map(close, zk.grad(ours)(pz, sz), jax.grad(theirs)(p, s))
        tree_map(close, zk.grad(ours, argnums=(0, 1))(pz, sz), jax.grad(theirs, argnums=(0, 1))(p, s))
        tree_map(close, zk.jvp(ours, (pz, sz), (tz, t)), jax.jvp(theirs, (p, s), (tz, t)))
        tree_map(close, zk.hessian(ours)(pz, sz), jax.hessian(theirs)(p, s))
        tree_map(close, zk.jacobian(zk.grad(ours))(pz, sz), jax.jacrev(jax.grad(theirs))(p, s))
        _, product = jax.jvp(jax.grad(theirs, argnums=(0, 1)), (p, s), (tz, t))
        tree_map(close, zk.hvp(ours, (pz, sz), (tz, t)), product)
        third = jax.grad(lambda x: jax.hessian(lambda y: theirs({"w": A, "x": y}, s))(x)[0, 1])(V)
        close(zk.grad(lambda x: zk.hessian(lambda y: ours({"w": double(A), "x": y}, sz))(x)[0, 1])(double(V)), third)
