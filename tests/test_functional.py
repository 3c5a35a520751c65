"""Pure derivatives of functions: `grad` and `value_and_grad`, nested, over trees, and their errors."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest
from functions import A, V, W, check, differences, double, on_arrays, smooth

import zkynet as zk
from zkynet.autodiff.tree import flatten, flatten_as, paths, tree_map, unflatten
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError, ShapeError

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


def test_a_backward_inside_that_frees_the_graph() -> None:
    def f(x: Any) -> Any:
        y = x * x
        zk.sum(y).backward()
        return zk.sum(y)

    with pytest.raises(GradientError, match="already freed by an earlier backward pass"):
        zk.grad(f)(double(V))


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


def test_a_leaf_made_inside_the_function_stays_differentiable() -> None:
    leaves = []

    def f(x: Any) -> Any:
        leaves.append(double(2.0, requires_grad=True))
        return x * leaves[0] * leaves[0]

    value, slope = zk.value_and_grad(f)(double(3.0))
    check(slope, 4.0)
    (value + slope).backward()
    check(leaves[0].grad, 12.0 + 4.0)


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


def test_argnums_may_be_an_integer_of_numpy() -> None:
    assert zk.grad(lambda a, b: a * b, argnums=np.int64(1))(2.0, 3.0).item() == 2.0


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
