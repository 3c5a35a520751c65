"""The classic face: its operators, those of users, and the kinds of values that calls take and give."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from test_framework import SimpleModel, model, numeric_jacobian

import zkynet as zk
from zkynet.errors import ArgumentError, BackendError, GradientError
from zkynet.framework import cg, op


def test_operators_called_alone_and_their_derivatives() -> None:
    node = op.Multiply()(3.0, 4.0)
    assert node.value == 12
    assert node.grad(node.children[0]) == 4
    assert op.Add().gradfn(cg.Variable("a"))(1.0, 2.0).value == 1
    assert op.Multiply().gradfn(cg.Variable("b"))(1.0, 2.0).value == 1
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(op.Square().gradfn(cg.Variable("x"))(x).value, np.diag(2 * x))


class Cube(cg.Operator):
    """A user's operator: the computation only."""

    def __init__(self) -> None:
        super().__init__(inputs=(cg.Variable("x"),))

    def _op_impl(self, x: Any) -> Any:
        return x * x * zk.sin(x)


def test_a_users_operator_gets_its_derivative_from_the_engine() -> None:
    class Model(cg.Module):
        def __init__(self) -> None:
            super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", np.array([2.0, 3.0])),))

        def call(self, x: Any) -> Any:
            return op.dot(Cube()(x), self.param("w"))

    def f(x: Any, w: Any) -> Any:
        return (x * x * np.sin(x)) @ w

    m, x = Model(), np.array([[0.3, 1.2], [2.0, -1.0]])
    r = m(x)
    np.testing.assert_allclose(r.value, f(x, np.array([2.0, 3.0])), rtol=1e-12)
    r.back()
    for got, at in ((r.grad(m.input("x")), 0), (r.grad(m.param("w")), 1)):
        expected = numeric_jacobian(f, [x, np.array([2.0, 3.0])], at)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-8)


class Written(cg.Operator):
    """A user's operator, written as is told."""

    def __init__(self, function: Any, names: str = "x") -> None:
        super().__init__(inputs=tuple(cg.Variable(name) for name in names))
        self.function = function

    def _op_impl(self, *xs: Any) -> Any:
        return self.function(*xs)


@pytest.mark.parametrize(
    ("function", "reference"),
    [
        (lambda a, b: zk.sum(zk.sin(a) * b, axis=0), lambda a, b: np.sum(np.sin(a) * b, axis=0)),
        (lambda a, b: np.sum(np.sin(a) * b, axis=0), None),
        (lambda a, b: np.concatenate([a, 2.0 * b]).reshape(-1) ** 2, None),
        (lambda a, b: np.dot(a.T, np.arctan2(a, b)), None),
        (lambda a, b: np.where(a > b, a, b)[1:], None),
        (lambda a, b: np.linalg.norm(a / b), None),
        (lambda a, b: np.float64(2.0) * a - b, None),
    ],
)
def test_users_operators_in_functions_of_zkynet_or_numpy(function: Any, reference: Any) -> None:
    reference = reference or function
    rng = np.random.default_rng(3)
    args = [rng.uniform(0.5, 2.0, (2, 3)) for _ in range(2)]
    m = cg.Module.build("m", lambda a, b: Written(function, "ab")(a, b), (cg.Variable("a"), cg.Variable("b")))
    r = m(*args)
    np.testing.assert_allclose(r.value, reference(*args), rtol=1e-12)
    r.back()
    for k, name in enumerate("ab"):
        np.testing.assert_allclose(r.grad(m.input(name)), numeric_jacobian(reference, args, k), rtol=1e-6, atol=1e-8)


def test_a_users_operator_with_a_derivative_of_its_own() -> None:
    clipped = zk.custom_gradient(lambda x: zk.clip(x, -1, 1), backward=lambda g: g)
    node = Written(clipped)(3.0)
    assert node.value == 1
    assert node.grad(node.children[0]) == 1


def test_a_users_operator_that_leaves_the_graph_is_refused() -> None:
    with pytest.raises(ArgumentError, match="lost its way"):
        Written(math.sin)(2.0)
    with pytest.raises(GradientError, match="handed to NumPy") as caught:
        Written(lambda x: np.polyfit(x, x, 2))(np.ones(3))
    assert "zkynet's functions" in caught.value.__notes__[0]
    with pytest.raises(TypeError, match="positional argument"):
        Written(lambda x, y: x)(2.0)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("sub", lambda a, b: a - b),
        ("div", lambda a, b: a / b),
        ("power", lambda a, b: a**b),
        ("identity", lambda a: a),
        ("neg", lambda a: -a),
        ("sqrt", np.sqrt),
        ("abs", np.abs),
        ("max", np.max),
        ("min", np.min),
        ("exp", np.exp),
        ("log", np.log),
        ("sin", np.sin),
        ("cos", np.cos),
        ("tanh", np.tanh),
        ("sigmoid", lambda a: 1 / (1 + np.exp(-a))),
        ("relu", lambda a: np.maximum(a, 0)),
        ("sum", np.sum),
        ("mean", np.mean),
        ("transpose", np.transpose),
    ],
)
def test_every_operator_and_its_jacobian(name: str, reference: Any) -> None:
    rng = np.random.default_rng(2)
    two = name in ("sub", "div", "power")
    args = [rng.uniform(0.5, 2.0, (2, 3)) for _ in range(2 if two else 1)]
    node = getattr(op, name)(*args)
    np.testing.assert_allclose(node.value, reference(*args), rtol=1e-12)
    for k, child in enumerate(node.children):
        expected = numeric_jacobian(reference, args, k)
        np.testing.assert_allclose(node.grad(child), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
def test_reductions_along_axes(name: str, axis: Any, keepdims: bool) -> None:
    x = np.random.default_rng(4).standard_normal((2, 3, 2))
    node = getattr(op, name)(x, axis=axis, keepdims=keepdims)

    def reference(x: Any) -> Any:
        return getattr(np, name)(x, axis=axis, keepdims=keepdims)

    np.testing.assert_allclose(node.value, reference(x), rtol=1e-12)
    np.testing.assert_allclose(node.grad(node.children[0]), numeric_jacobian(reference, [x], 0), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("dot", [(3,), (3,)]),
        ("dot", [(2, 3), (3,)]),
        ("dot", [(), (2, 3)]),
        ("dot", [(2, 2, 3), (3, 2)]),
        ("dot", [(2, 3), (2, 3, 2)]),
        ("matmul", [(2, 2, 3), (3, 2)]),
        ("matmul", [(2, 1, 2, 3), (2, 3, 2)]),
        ("mult", [(2, 1, 3), (2, 1)]),
    ],
)
def test_products_of_all_shapes(name: str, shapes: Any) -> None:
    rng = np.random.default_rng(5)
    args = [rng.standard_normal(s) for s in shapes]
    reference = {"dot": np.dot, "matmul": np.matmul, "mult": np.multiply}[name]
    node = getattr(op, name)(*args)
    np.testing.assert_allclose(node.value, reference(*args), rtol=1e-12, atol=1e-12)
    for k, child in enumerate(node.children):
        got = node.grad(child)
        assert got.shape == np.shape(node.value) + shapes[k]
        np.testing.assert_allclose(got, numeric_jacobian(reference, args, k), rtol=1e-6, atol=1e-8)


def test_reshape_and_transpose_of_several_axes() -> None:
    x = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_array_equal(op.reshape(x, (4, -1)).value, x.reshape(4, -1))
    np.testing.assert_array_equal(op.transpose(x).value, x.T)


# -- kinds of values ----------------------------------------------------------------------------------------------


def call(x: Any, w: Any) -> tuple[Any, Any, Any]:
    m = SimpleModel(w)
    r = m(x)
    r.back()
    return r.value, r.grad(m.input("x")), r.grad(m.param("w"))


def test_python_numbers_compute_as_in_python() -> None:
    assert op.div(1, 3).value == 1 / 3  # in double precision
    assert op.power(2, -1).value == 0.5
    assert op.power(2, 10).value == 1024
    assert type(op.power(2, 10).value) is int
    assert op.mean([1, 2]).value == 1.5
    assert op.add(True, True).value == 2
    assert op.square(10**10).value == pytest.approx(1e20)  # no integer type holds it
    assert op.square(10**20).value == pytest.approx(1e40)
    assert op.exp([1.0]).value.dtype == np.float64


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "complex64"])
def test_numbers_take_the_dtype_of_the_arrays_they_meet(dtype: str) -> None:
    x = np.array([3, 4], dtype=dtype)
    value, _, _ = call(x, 1)
    assert value.dtype == dtype
    np.testing.assert_array_equal(value, model(x, 1))
    if x.dtype.kind != "i":
        assert call(x, 1.5)[0].dtype == dtype
        assert call(1.5, x)[0].dtype == dtype
    else:
        assert call(x, 1.5)[0].dtype == np.float64


def test_integers_have_exact_jacobians() -> None:
    x = np.array([3001, 4003])
    value, by_x, by_w = call(x, 1)
    assert value.tolist() == [(n + 1) * n**2 for n in x.tolist()]
    np.testing.assert_array_equal(by_x, np.diag(3 * x**2 + 2 * x))
    np.testing.assert_array_equal(by_w, x**2)


def test_arrays_without_axes_give_numbers_of_numpy() -> None:
    for part in call(np.array(3.0), 1):
        assert isinstance(part, np.float64)


def test_complex_numbers_by_real_ones() -> None:
    value, by_x, by_w = call(3 + 1j, 1)
    assert value == model(3 + 1j, 1)
    assert by_x == pytest.approx(3 * (3 + 1j) ** 2 + 2 * (3 + 1j))
    assert by_w == pytest.approx((3 + 1j) ** 2)


def test_tensors_in_tensors_out() -> None:
    x = zk.tensor([3.0, 4.0])
    value, by_x, by_w = call(x, 1.5)
    assert all(isinstance(t, zk.Tensor) and t.backend is x.backend for t in (value, by_x, by_w))
    assert value.dtype == x.dtype
    np.testing.assert_allclose(value.numpy(), model(np.array([3.0, 4.0]), 1.5))
    np.testing.assert_allclose(by_x.numpy(), np.diag([36.0, 60.0]))
    np.testing.assert_allclose(by_w.numpy(), [9.0, 16.0])


@pytest.mark.parametrize("name", ["numpy", "strict"])
def test_the_current_backend_computes_with_tensors(name: str) -> None:
    with zk.use_backend(name) as backend, zk.device(backend.devices()[-1]):
        assert call(3, 1) == (36, 33, 9)
        value, by_x, _ = call(zk.tensor([3.0, 4.0]), 1)
        assert value.device == by_x.device == backend.devices()[-1]
        assert isinstance(call(np.array([3, 4]), 1)[0], np.ndarray)


def test_weights_of_an_inner_module_decide_what_computes() -> None:
    with zk.use_backend("strict"):
        inner = SimpleModel(zk.tensor([1.0, 2.0]))
    m = cg.Module.build("m", lambda x: op.add(inner(op.mult(x, 2)), 1), (cg.Variable("x"),))
    r = m(1.5)
    r.back()
    assert r.value.backend.name == "strict"
    np.testing.assert_allclose(r.value.numpy(), model(3, np.array([1.0, 2.0])) + 1)
    np.testing.assert_allclose(r.grad(inner.param("w")).numpy(), np.diag([9.0, 9.0]))
    assert float(np.sum(np.asarray(r.grad(m.input("x")).numpy()))) == pytest.approx(2 * (33 + 39))


def test_arrays_of_two_libraries_are_refused() -> None:
    strict = pytest.importorskip("array_api_strict", reason="needs a second backend")
    torch = pytest.importorskip("torch", reason="needs a third backend")
    with pytest.raises(BackendError, match="two backends"):
        call(torch.ones(2), strict.ones(2))


def test_operators_called_one_after_the_other() -> None:
    with zk.use_backend("strict"):
        first = op.square(zk.tensor([1.0, 2.0]))
    second = op.add(first, 1)
    assert second.value.backend.name == "strict"
    assert second.value.tolist() == [2.0, 5.0]


@pytest.mark.slow
def test_jax_arrays_in_jax_arrays_out_and_jacobians_as_jacrev() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jnp = jax.numpy
    x = jnp.array([[3.0, 4.0, 5.0], [5.0, 8.0, 10.0]])
    w = jnp.array([1.0])
    m = SimpleModel(w)
    r = m(x)
    r.back()
    assert isinstance(r.value, jax.Array)
    for got, at in ((r.grad(m.input("x")), 0), (r.grad(m.param("w")), 1)):
        assert isinstance(got, jax.Array)
        np.testing.assert_allclose(got, jax.jacrev(model, argnums=at)(x, w), rtol=1e-6)

    a, b = jnp.ones((2, 3)), jnp.arange(3.0)
    node = Written(lambda a, b: jnp.dot(jnp.sin(a), b), "ab")(a, b)
    np.testing.assert_allclose(node.value, jnp.dot(jnp.sin(a), b), rtol=1e-6)
    expected = jax.jacrev(lambda a, b: jnp.dot(jnp.sin(a), b), argnums=0)(a, b)
    np.testing.assert_allclose(node.grad(node.children[0]), expected, rtol=1e-6)
    # a function of JAX also on numbers and on arrays of NumPy
    node = Written(jnp.sin)(2.0)
    assert (node.value, node.grad(node.children[0])) == pytest.approx((np.sin(2.0), np.cos(2.0)))
    node = Written(jnp.sin)(np.array([1.0, 2.0]))
    assert isinstance(node.value, np.ndarray)
    np.testing.assert_allclose(node.grad(node.children[0]), np.diag(np.cos([1.0, 2.0])), rtol=1e-6)
