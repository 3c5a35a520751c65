import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet._typing import Array
from zkynet.ops.define import OPS, op

# (no `from __future__ import annotations` here: users' modules may go either way)


@pytest.fixture(autouse=True)
def _forget_new_ops() -> Any:
    before = set(OPS)
    yield
    for name in set(OPS) - before:
        del OPS[name]


def test_annotations_may_be_objects() -> None:
    @op(name="test_scaled", kinds="float")
    def scaled(xp: Any, x: Array, factor: float = 2.0) -> Array:
        """x times a factor."""
        return x * factor

    @scaled.gradient("x")
    def _(xp: Any, g: Any, factor: Any) -> Any:
        return g * factor

    @op(name="test_total")
    def total(xp: Any, arrays: Sequence[Array]) -> Array:
        """The sum of a list."""
        return sum(arrays[1:], arrays[0])

    @total.gradient("arrays")
    def _(xp: Any, g: Any, needs: Any) -> Any:
        return [g if needed else None for needed in needs]

    x = zk.tensor([1.0, 2.0], requires_grad=True)
    zk.sum(scaled(total([x, x]), factor=3.0)).backward()
    np.testing.assert_allclose(x.grad.numpy(), [6.0, 6.0])


def test_annotations_may_be_strings() -> None:
    @op(name="test_cube")
    def cube(xp: Any, x: "Array") -> "Array":
        """x cubed."""
        return x * x * x

    @cube.gradient("x")
    def _(xp: Any, g: Any, x: Any) -> Any:
        return g * (3 * x * x)

    assert zk.grad(zk.grad(cube))(zk.tensor(2.0)).item() == 12.0


def test_an_op_keeps_only_what_a_rule_names() -> None:
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    added = zk.add(x, x.detach())
    assert all(value is None for value in added.node.saved[:3])
    product = zk.multiply(x, x.detach())
    assert [value is None for value in product.node.saved[:3]] == [
        True,
        False,
        True,
    ]  # x2 alone, for the gradient of x1


def test_mistakes_in_a_definition_are_told() -> None:
    with pytest.raises(TypeError, match="already is an op"):
        op(name="add")(lambda xp, x: x)
    with pytest.raises(TypeError, match="none of"):
        op(kinds="green")(lambda xp, x: x)

    @op(name="test_plain")
    def plain(xp: Any, x: Array) -> Array:
        """x."""
        return x

    with pytest.raises(TypeError, match="no input, argument or result is called 'y'"):

        @plain.gradient("x")
        def _(xp: Any, g: Any, y: Any) -> Any:
            return g

    with pytest.raises(TypeError, match="no array input 'z'"):

        @plain.gradient("z")
        def _(xp: Any, g: Any) -> Any:
            return g


def test_wrong_arguments_are_told() -> None:
    x = zk.ones(2, 3)
    with pytest.raises(zk.errors.ArgumentError, match="has no argument 'axes'"):
        zk.softmax(x, axes=1)
    with pytest.raises(zk.errors.ArgumentError, match="needs the argument 'x'"):
        zk.softmax(axis=1)


def test_a_call_with_too_many_or_too_few_tensors_names_the_function() -> None:
    with pytest.raises(TypeError, match=r"exp\(\) takes 1 positional argument"):
        zk.exp(1.0, 2.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"add\(\) missing 1 required"):
        zk.add(1.0)  # type: ignore[call-arg]


def test_signatures_are_those_of_the_bodies() -> None:
    for made in OPS.values():
        body = inspect.signature(made.body)
        assert inspect.signature(made.call) == body.replace(parameters=list(body.parameters.values())[1:])


def test_a_rule_of_a_single_input_may_name_its_shape() -> None:
    @op(name="test_total", kinds="float")
    def total(xp: Any, x: Array) -> Array:
        """The sum of all."""
        return xp.sum(x)

    @total.gradient("x")
    def _(xp: Any, g: Any, x_shape: Any) -> Any:
        return xp.broadcast_to(g, x_shape)

    x = zk.ones(3, requires_grad=True)
    for _ in range(2):  # the second time by the short path
        total(x).backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
