"""`vjp`, `jvp`, `hvp`, `jacobian`, `hessian`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from functions import RNG, A, V, W, check, differences, double, on_arrays, smooth

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError

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


def test_jvp_jacobian_and_hessian_have_aux() -> None:
    f = lambda x: (zk.sum(x**3), {"twice": x * 2, "none": None, "word": "w"})  # noqa: E731
    x = double(V, requires_grad=True)
    value, tangent, aux = zk.jvp(f, x.detach(), double(np.ones(3)), has_aux=True)
    check(tangent, np.sum(3 * V**2))
    check(value, np.sum(V**3))
    for function, expected in ((zk.jacobian, 3 * V**2), (zk.hessian, np.diag(6 * V))):
        got, aux = function(f, has_aux=True)(x.detach())
        check(got, expected)
        check(aux["twice"], 2 * V)
        assert not aux["twice"].requires_grad
        assert (aux["none"], aux["word"]) == (None, "w")
    assert zk.jacobian(f, has_aux=True)(x)[1]["twice"].requires_grad
    with pytest.raises(ArgumentError, match="jvp: with has_aux=True the function returns a pair"):
        zk.jvp(lambda x: x, x, x, has_aux=True)


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


def test_jacobian_of_real_functions_of_complex_numbers() -> None:
    z = np.array([3 + 4j])

    def parts(z: Any) -> Any:
        return zk.concat([zk.abs(z), zk.real(z), zk.imag(z)])

    check(zk.jacobian(parts)(double(z)), [[0.6 - 0.8j], [1], [-1j]])  # more results than inputs, but rows all the same
    f = lambda z, x: (parts(z), x * z)  # noqa: E731
    (rows, none), (holomorphic, column) = zk.jacobian(f, argnums=(0, 1))(double(z), double(np.array([2.0])))
    check(rows, [[0.6 - 0.8j], [1], [-1j]])
    check(none, np.zeros((3, 1)))
    check(holomorphic, [[2]])
    check(column, [[3 + 4j]])


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
