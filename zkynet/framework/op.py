"""Operators of the classic face. A class for each, and a function that makes an object of it and calls it."""

from __future__ import annotations

from typing import Any

from zkynet.framework.functions import Operator
from zkynet.framework.inputs import Variable
from zkynet.framework.nodes import OperatorNode
from zkynet.graph import Recording


class _OneInput(Operator):
    def __init__(self) -> None:
        super().__init__(inputs=(Variable("x"),))


class _TwoInputs(Operator):
    def __init__(self) -> None:
        super().__init__(inputs=(Variable("a"), Variable("b")))


class Add(_TwoInputs):
    """``a + b``."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a + b


class Subtract(_TwoInputs):
    """``a - b``."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a - b


class Multiply(_TwoInputs):
    """``a * b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a * b


class Divide(_TwoInputs):
    """``a / b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a / b


class Power(_TwoInputs):
    """``a ** b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a**b


class Dot(_TwoInputs):
    """The dot product as in NumPy: of vectors, of matrices, or with a number."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return Recording.namespace.dot(a, b)


class Identity(_OneInput):
    """``x`` itself."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.copy(x)


class Square(_OneInput):
    """``x * x``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return x * x


class Negative(_OneInput):
    """``-x``."""

    def _op_impl(self, x: Any) -> Any:
        return -x


class Exp(_OneInput):
    """``e ** x``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.exp(x)


class Log(_OneInput):
    """The natural logarithm, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.log(x)


class Sin(_OneInput):
    """The sine, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sin(x)


class Cos(_OneInput):
    """The cosine, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.cos(x)


class Tanh(_OneInput):
    """The hyperbolic tangent, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.tanh(x)


class Sigmoid(_OneInput):
    """``1 / (1 + e ** -x)``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sigmoid(x)


class ReLU(_OneInput):
    """``max(x, 0)``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.relu(x)


class Sum(_OneInput):
    """The sum of all elements."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sum(x)


class Mean(_OneInput):
    """The mean of all elements."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.mean(x)


class Transpose(_OneInput):
    """A matrix with rows and columns exchanged."""

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.matrix_transpose(x)


def _function(kind: type[_OneInput] | type[_TwoInputs], name: str) -> Any:
    def call(*values: Any) -> OperatorNode:
        return kind()(*values)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"A node of a new `{kind.__name__}`: {kind.__doc__}"
    return call


add = _function(Add, "add")
sub = _function(Subtract, "sub")
mult = _function(Multiply, "mult")
div = _function(Divide, "div")
power = _function(Power, "power")
dot = _function(Dot, "dot")
identity = _function(Identity, "identity")
square = _function(Square, "square")
neg = _function(Negative, "neg")
exp = _function(Exp, "exp")
log = _function(Log, "log")
sin = _function(Sin, "sin")
cos = _function(Cos, "cos")
tanh = _function(Tanh, "tanh")
sigmoid = _function(Sigmoid, "sigmoid")
relu = _function(ReLU, "relu")
sum = _function(Sum, "sum")
mean = _function(Mean, "mean")
transpose = _function(Transpose, "transpose")
