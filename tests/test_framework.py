"""The classic face: modules, operators, graphs of calls, Jacobians, and pictures of them."""

from __future__ import annotations

import threading
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, GradientError, InvalidValueError
from zkynet.framework import cg, op
from zkynet.visual import plot_cg
from zkynet.visual.layout import layers


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


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("sub", lambda a, b: a - b),
        ("div", lambda a, b: a / b),
        ("power", lambda a, b: a**b),
        ("identity", lambda a: a),
        ("neg", lambda a: -a),
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


def test_a_number_inside_of_a_module_is_a_constant() -> None:
    m = cg.Module.build("line", lambda x: op.add(op.mult(x, 3), 1), (cg.Variable("x"),))
    r = m(2)
    assert r.value == 7
    r.back()
    assert r.grad(m.input("x")) == 3


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
    with pytest.raises(ArgumentError, match="received str"):
        m("three")
    with pytest.raises(InvalidValueError, match=r"constant .* cannot change"):
        cg.Constant("k", 3).assign(4)
    r = m(3)
    r.back()
    with pytest.raises(ArgumentError, match="took no part"):
        r.grad(SimpleModel().param("w"))
    with pytest.raises(InvalidValueError, match="already belongs"):
        cg.Module(inputs=(m.input("x"),))
    # a failed call leaves nothing behind: the next one is a call of its own
    assert m(3).value == 36


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

    class Written(cg.Operator):
        def __init__(self) -> None:
            super().__init__(inputs=(cg.Variable("a"), cg.Variable("b")))

        def _op_impl(self, a: Any, b: Any) -> Any:
            return jnp.dot(jnp.sin(a), b)

    a, b = jnp.ones((2, 3)), jnp.arange(3.0)
    node = Written()(a, b)
    np.testing.assert_allclose(node.value, jnp.dot(jnp.sin(a), b), rtol=1e-6)
    expected = jax.jacrev(lambda a, b: jnp.dot(jnp.sin(a), b), argnums=0)(a, b)
    np.testing.assert_allclose(node.grad(node.children[0]), expected, rtol=1e-6)


# -- pictures -----------------------------------------------------------------------------------------------------


def test_the_picture_names_every_node_and_edge(tmp_path: Any) -> None:
    r = Composite(True, False)(3, 4)
    picture = plot_cg(r.root, title="sum & product <1>")
    nodes = cg.get_all_nodes(r.root)
    assert len(picture.nodes) == len(nodes)
    assert len(picture.edges) == sum(len(n.children) for n in nodes)
    assert picture.dot.count("->") == len(picture.edges)
    tree = ElementTree.fromstring(picture.svg)  # well-formed, also with < and & in the title
    space = "{http://www.w3.org/2000/svg}"
    assert len(tree.findall(f"{space}rect")) == len(nodes)
    assert len(tree.findall(f"{space}path")) == len(picture.edges)
    assert plot_cg(r.root, save_path=tmp_path / "cg.svg").svg == (tmp_path / "cg.svg").read_text()


def test_boxes_do_not_overlap_and_edges_lead_down() -> None:
    picture = plot_cg(Composite(False, False)(3, 4).root)
    boxes, _, _ = picture._places()
    places = list(boxes.values())
    for i, (x, y, w, h) in enumerate(places):
        for x2, y2, w2, h2 in places[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for a, b in picture.edges:
        assert boxes[a][1] + boxes[a][3] < boxes[b][1]


def test_pictures_are_written_in_every_form(tmp_path: Any) -> None:
    pytest.importorskip("matplotlib", reason="PNG pictures need matplotlib")
    plot_cg(SimpleModel()(3).root, save_path=tmp_path / "cg")
    assert {p.name for p in tmp_path.iterdir()} == {"cg.gv", "cg.svg", "cg.png"}
    assert (tmp_path / "cg.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(InvalidValueError, match="endings"):
        plot_cg(SimpleModel()(3).root).save(tmp_path / "cg.bmp")
    with pytest.raises(ArgumentError, match=r"result\.root"):
        plot_cg(SimpleModel()(3))  # type: ignore[arg-type]


def test_a_picture_puts_inputs_next_to_where_they_are_used_and_untangles_edges() -> None:
    chain = {"b": ["a"], "c": ["b"], "d": ["c", "late"]}
    assert layers(["a", "late", "b", "c", "d"], chain) == [["a"], ["b"], ["late", "c"], ["d"]]
    crossed = {"left": ["y"], "right": ["x"]}
    first, second = layers(["x", "y", "left", "right"], crossed)
    assert [crossed[user] for user in second] == [[value] for value in first]


def test_the_gradient_by_an_input_of_a_module_called_twice_is_the_sum() -> None:
    inner = cg.Module.build("inner", op.square, (cg.Variable("a"),))
    outer = cg.Module.build(
        "outer", lambda x, y: op.add(inner(x), op.mult(inner(y), 10.0)), (cg.Variable("x"), cg.Variable("y"))
    )
    r = outer(2.0, 3.0)
    r.back()
    assert (r.grad(outer.input("x")), r.grad(outer.input("y"))) == (4.0, 60.0)
    assert r.grad(inner.input("a")) == 64.0
