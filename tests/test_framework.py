"""The classic face: modules, graphs of calls, Jacobians."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError, InvalidValueError
from zkynet.framework import cg, op


class SimpleModel(cg.Module):
    """(x + w) x²"""

    def __init__(self, w0: Any = 1) -> None:
        super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", w0),))

    def call(self, x: Any) -> Any:
        a = op.add(x, self.param("w"))
        b = op.square(x)
        return op.mult(a, b)


class Composite(cg.Module):
    """A sum of two simple models, in the four ways of sharing weights and inputs."""

    def __init__(self, share_weights: bool, share_inputs: bool, w: tuple[Any, Any] = (1.0, 2.0)) -> None:
        names = ("x1",) if share_inputs else ("x1", "x2")
        super().__init__(inputs=tuple(cg.Variable(n) for n in names))
        self.m1 = SimpleModel(w[0])
        self.m2 = self.m1 if share_weights else SimpleModel(w[1])

    def call(self, *xs: Any) -> Any:
        return op.add(self.m1(xs[0]), self.m2(xs[-1]))


def model(x: Any, w: Any) -> Any:
    return (x + w) * x**2


def numeric_jacobian(f: Any, args: list[Any], at: int) -> Any:
    """d f / d args[at] by central differences, of shape f.shape + args[at].shape."""
    x = np.asarray(args[at], dtype=np.float64)
    h = 1e-5
    columns = []
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        up, down = ([*args[:at], x + s, *args[at + 1 :]] for s in (step, -step))
        columns.append((np.asarray(f(*up)) - np.asarray(f(*down))) / (2 * h))
    out = np.stack(columns, axis=-1)
    return np.reshape(out, (*out.shape[:-1], *x.shape))


def test_the_published_example() -> None:
    m = SimpleModel()
    r = m(3)
    assert r.value == 36
    assert repr(r.value) == "36"
    r.back()
    assert r.grad(m.param("w")) == 9
    assert r.grad(m.input("x")) == 33
    assert m(3) != m(3)
    assert m(3).root != m(3).root
    value = m(np.array([3, 4, 5])).value
    assert type(value) is np.ndarray
    np.testing.assert_array_equal(value, [36, 80, 150])
    assert value.dtype.kind == "i"


@pytest.mark.parametrize("shape", [(), (3,), (4, 3), (2, 2, 1, 3)])
@pytest.mark.parametrize("weight", ["number", "one element", "same shape"])
def test_full_jacobians_for_results_of_any_shape(shape: tuple[int, ...], weight: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    w: Any = {"number": 1.5, "one element": np.array([1.5]), "same shape": rng.standard_normal(shape)}[weight]
    m = SimpleModel(w)
    r = m(x)
    np.testing.assert_allclose(r.value, model(x, w), rtol=1e-12)
    r.back()
    for name, at in (("x", 0), ("w", 1)):
        expected = numeric_jacobian(model, [x, w], at)
        got = r.grad(m.input("x") if name == "x" else m.param("w"))
        assert np.shape(got) == np.shape(r.value) + np.shape((x, w)[at])
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("share_weights", [True, False])
@pytest.mark.parametrize("share_inputs", [True, False])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_modules_compose_in_four_ways(share_weights: bool, share_inputs: bool, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    xs = [rng.standard_normal(shape) for _ in range(1 if share_inputs else 2)]
    w1, w2 = 1.0, (1.0 if share_weights else 2.0)
    m = Composite(share_weights, share_inputs)

    def f(w1: Any, w2: Any, *xs: Any) -> Any:
        return model(xs[0], w1) + model(xs[-1], w1 if share_weights else w2)

    r = m(*xs)
    np.testing.assert_allclose(r.value, f(w1, w2, *xs), rtol=1e-12)
    r.back()
    args = [w1, w2, *xs]
    np.testing.assert_allclose(r.grad(m.m1.param("w")), numeric_jacobian(f, args, 0), rtol=1e-7, atol=1e-7)
    if not share_weights:
        np.testing.assert_allclose(r.grad(m.m2.param("w")), numeric_jacobian(f, args, 1), rtol=1e-7, atol=1e-7)
    for k in range(len(xs)):
        np.testing.assert_allclose(r.grad(m.input(f"x{k + 1}")), numeric_jacobian(f, args, 2 + k), rtol=1e-7, atol=1e-7)
    # the graph is flat and shares what is shared: one node a weight and one an input
    leaves = cg.get_input_nodes(r.root)
    assert len(leaves) == (1 if share_weights else 2) + len(xs)


def test_each_call_is_a_graph_of_its_own() -> None:
    m = SimpleModel()
    first, second = m(3.0), m(3.0)
    assert isinstance(first, cg.ModuleGraph)
    assert {n.call_id for n in cg.get_all_nodes(first.root)} == {first.call_id}
    assert first.call_id != second.call_id
    assert not {n.id for n in cg.get_all_nodes(first.root)} & {n.id for n in cg.get_all_nodes(second.root)}
    m.param("w").assign(5.0)
    assert first.value == 36
    assert m(3.0).value == 72
    assert hash(first) != hash(second)


def test_nodes_are_equal_by_kind_and_id() -> None:
    r = SimpleModel()(3)
    for node in cg.get_all_nodes(r.root):
        kind = {"children": node.children} if isinstance(node, cg.OperatorNode) else {}
        twin = type(node)(node.call_id, node.ref, node.value, parents=node.parents, **kind)
        assert twin == node
        twin._id = "another"
        assert twin != node


def test_values_after_the_last_input_are_not_looked_at() -> None:
    assert Composite(False, True)(3, 4).value == model(3, 1) + model(3, 2)


def test_a_number_inside_of_a_module_is_a_constant() -> None:
    m = cg.Module.build("line", lambda x: op.add(op.mult(x, 3), 1), (cg.Variable("x"),))
    r = m(2)
    assert r.value == 7
    r.back()
    assert r.grad(m.input("x")) == 3


def test_an_inner_module_takes_numbers_too() -> None:
    inner = SimpleModel()
    m = cg.Module.build("f", lambda x: op.add(op.add(inner(2), inner(5)), x), (cg.Variable("x"),))
    r = m(1)
    assert r.value == model(2, 1) + model(5, 1) + 1
    ids = [n.id for n in cg.get_all_nodes(r.root)]
    assert len(set(ids)) == len(ids)
    r.back()
    assert r.grad(inner.param("w")) == 4 + 25
    with pytest.raises(GradientError, match="constants have no gradient"):
        r.grad(inner.input("x"))


class Scaled(cg.Module):
    """w f(f(x))"""

    def __init__(self, f: Any, w: float) -> None:
        super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", w),))
        self.f = f

    def call(self, x: Any) -> Any:
        return op.mult(self.param("w"), self.f(self.f(x)))


def test_modules_within_modules_within_modules() -> None:
    inner = SimpleModel(0.5)
    middle = Scaled(inner, 0.3)
    outer = Scaled(middle, 2.0)

    def f(x: Any, w: Any, v: Any, u: Any) -> Any:
        once = v * model(model(x, w), w)
        return u * v * model(model(once, w), w)

    args = [0.7, 0.5, 0.3, 2.0]
    r = outer(args[0])
    np.testing.assert_allclose(r.value, f(*args), rtol=1e-12)
    r.back()
    inputs = [outer.input("x"), inner.param("w"), middle.param("w"), outer.param("w")]
    for k, inpt in enumerate(inputs):
        np.testing.assert_allclose(r.grad(inpt), numeric_jacobian(f, args, k), rtol=1e-6)


def test_gradient_descent_by_hand_finds_the_weight() -> None:
    m = SimpleModel(0)
    loss = cg.Module.build("loss", lambda x, y: op.square(op.sub(m(x), y)), (cg.Variable("x"), cg.Variable("y")))
    w = m.param("w")
    for _ in range(200):
        r = loss(3, 50)
        r.back()
        w.value = w.value - 0.005 * r.grad(w)
    assert w.value == pytest.approx(50 / 9 - 3)  # (3 + w) 9 = 50
    assert r.value == pytest.approx(0)


def test_values_by_the_names_of_inputs() -> None:
    m = Composite(False, False)
    assert m(x2=4, x1=3).value == m(3, x2=4).value == m(3, 4).value
    assert op.Subtract()(b=1, a=3).value == 2
    with pytest.raises(ArgumentError, match="two values for x1"):
        m(3, x1=4)
    with pytest.raises(InvalidValueError, match="did you mean 'x2'"):
        m(3, x3=4)


def test_a_call_records_its_graph_also_within_no_grad() -> None:
    m = SimpleModel()
    with zk.no_grad():
        r = m(3.0)
    r.back()
    assert r.grad(m.param("w")) == 9


def test_a_graph_of_many_nodes_runs_back_without_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3000):
            x = op.sin(x)
        return x

    m = cg.Module.build("chain", chain, (cg.Variable("x"),))
    r = m(0.5)
    r.back()
    expected, value = 1.0, 0.5
    for _ in range(3000):
        expected, value = expected * np.cos(value), np.sin(value)
    assert r.grad(m.input("x")) == pytest.approx(expected)
    assert len(repr(r)) < 200


def test_a_graph_is_freed_with_the_last_name_for_it() -> None:
    m = Composite(True, False)
    gc.collect()
    gc.disable()
    try:
        r = m(3.0, np.ones(3))
        r.back()
        nodes = [weakref.ref(n) for n in cg.get_all_nodes(r.root)]
        alone = weakref.ref(op.add(1, 2))
        assert r.root.children[0].parents == (r.root,)
        del r
        assert [n() for n in nodes] == [None] * len(nodes)
        assert alone() is None
    finally:
        gc.enable()


def test_calls_in_threads_do_not_disturb_each_other() -> None:
    m, seen = SimpleModel(), {}

    def work(k: int) -> None:
        r = m(float(k))
        r.back()
        seen[k] = (r.value, r.grad(m.param("w")))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == {k: (model(k, 1), k**2) for k in range(16)}


def test_mistakes_get_an_answer() -> None:
    m = SimpleModel()
    with pytest.raises(GradientError, match=r"call back\(\) first"):
        m(3).grad(m.param("w"))
    with pytest.raises(InvalidValueError, match="without a value for x"):
        m()
    with pytest.raises(InvalidValueError, match="'v' is not a parameter"):
        m.param("v")
    with pytest.raises(InvalidValueError, match="'y' is not an input"):
        m.input("y")
    with pytest.raises(InvalidValueError, match="did you mean 'w1'"):
        cg.Module(inputs=(), params=(cg.Parameter("w1", 1.0), cg.Parameter("b", 0.0))).param("w2")
    with pytest.raises(ArgumentError, match="received str"):
        m("three")
    with pytest.raises(ArgumentError, match="with a comma"):
        cg.Module(inputs=cg.Variable("x"))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"tuple of cg\.Variable"):
        cg.Module(inputs=(cg.Parameter("w", 1),))
    with pytest.raises(InvalidValueError, match="one name"):
        cg.Module(inputs=(cg.Variable("x"),), params=(cg.Parameter("x", 1),))
    with pytest.raises(ArgumentError, match="return one node"):
        cg.Module.build("two", lambda x: (op.sin(x), op.cos(x)), (cg.Variable("x"),))(2)
    with pytest.raises(ArgumentError, match="3 values, it has 2 inputs"):
        op.Add()(1, 2, 3)
    with pytest.raises(InvalidValueError, match=r"constant .* cannot change"):
        cg.Constant("k", 3).assign(4)
    r = m(3)
    r.back()
    with pytest.raises(ArgumentError, match=r'm\.param\("w"\)'):
        r.grad("w")
    with pytest.raises(InvalidValueError, match="took no part"):
        r.grad(SimpleModel().param("w"))
    with pytest.raises(InvalidValueError, match="already belongs"):
        cg.Module(inputs=(m.input("x"),))
    # a failed call leaves nothing behind: the next one is a call of its own
    assert m(3).value == 36


def test_a_parameter_equals_its_value() -> None:
    w = cg.Parameter("w", 1)
    assert w == 1
    assert w != 2
    assert (cg.Parameter("v", np.array([1.0, 2.0])) == np.array([1.0, 3.0])).tolist() == [True, False]
    assert w != cg.Parameter("w", 1)  # another one, although it holds the same
    assert {w: "found"}[w] == "found"


def test_the_gradient_by_an_input_of_a_module_called_twice_is_the_sum() -> None:
    inner = cg.Module.build("inner", op.square, (cg.Variable("a"),))
    outer = cg.Module.build(
        "outer", lambda x, y: op.add(inner(x), op.mult(inner(y), 10.0)), (cg.Variable("x"), cg.Variable("y"))
    )
    r = outer(2.0, 3.0)
    r.back()
    assert (r.grad(outer.input("x")), r.grad(outer.input("y"))) == (4.0, 60.0)
    assert r.grad(inner.input("a")) == 64.0
