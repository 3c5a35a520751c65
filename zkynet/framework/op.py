"""Operators of the classic face. A class for each, and a function that makes an object of it and calls it."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
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
    """``a + b``.

    Example:
        >>> from zkynet.framework import op
        >>> op.Add()(6.0, 2.0).value
        8.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a + b


class Subtract(_TwoInputs):
    """``a - b``.

    Example:
        >>> from zkynet.framework import op
        >>> op.Subtract()(6.0, 2.0).value
        4.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a - b


class Multiply(_TwoInputs):
    """``a * b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Multiply()(6.0, 2.0).value
        12.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a * b


class Divide(_TwoInputs):
    """``a / b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Divide()(6.0, 2.0).value
        3.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a / b


class Power(_TwoInputs):
    """``a ** b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Power()(6.0, 2.0).value
        36.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a**b


class Dot(_TwoInputs):
    """The dot product as in NumPy: of vectors, of matrices, or with a number.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Dot()(np.array([1.0, 2.0]), np.array([3.0, 4.0])).value
        np.float64(11.0)
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return Recording.namespace.dot(a, b)


class Identity(_OneInput):
    """``x`` itself.

    Example:
        >>> from zkynet.framework import op
        >>> op.Identity()(2.0).value
        2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.copy(x)


class Square(_OneInput):
    """``x * x``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Square()(2.0).value
        4.0
    """

    def _op_impl(self, x: Any) -> Any:
        return x * x


class Negative(_OneInput):
    """``-x``.

    Example:
        >>> from zkynet.framework import op
        >>> op.Negative()(2.0).value
        -2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return -x


class Exp(_OneInput):
    """``e ** x``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Exp()(0.0).value
        1.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.exp(x)


class Log(_OneInput):
    """The natural logarithm, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Log()(1.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.log(x)


class Sin(_OneInput):
    """The sine, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Sin()(0.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sin(x)


class Cos(_OneInput):
    """The cosine, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Cos()(0.0).value
        1.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.cos(x)


class Tanh(_OneInput):
    """The hyperbolic tangent, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Tanh()(0.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.tanh(x)


class Sigmoid(_OneInput):
    """``1 / (1 + e ** -x)``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Sigmoid()(0.0).value
        0.5
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sigmoid(x)


class ReLU(_OneInput):
    """``max(x, 0)``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.ReLU()(2.0).value
        2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.relu(x)


class Sum(_OneInput):
    """The sum of all elements.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Sum()(np.array([1.0, 3.0])).value
        np.float64(4.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.sum(x)


class Mean(_OneInput):
    """The mean of all elements.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Mean()(np.array([1.0, 3.0])).value
        np.float64(2.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.mean(x)


class Transpose(_OneInput):
    """A matrix with rows and columns exchanged.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Transpose()(np.ones((2, 3))).value.shape
        (3, 2)
    """

    def _op_impl(self, x: Any) -> Any:
        return Recording.namespace.matrix_transpose(x)


def _function(kind: type[_OneInput] | type[_TwoInputs], name: str) -> Callable[..., OperatorNode]:
    """A function that makes an operator of this kind and calls it."""

    def call(*values: Any) -> OperatorNode:
        return kind()(*values)

    names = [i.short_name for i in kind().inputs]
    what, _, example = (kind.__doc__ or "").partition("    Example:")
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"""The node of a new `{kind.__name__}`: {what.strip()}

    Args:
        {", ".join(names)}: {"an input" if len(names) == 1 else "inputs"}: a number, an array, an `Input` or a node.

    Example:{example.replace(f"op.{kind.__name__}()(", f"op.{name}(")}"""
    parameters = [Parameter(n, Parameter.POSITIONAL_ONLY, annotation=Any) for n in names]
    call.__signature__ = Signature(parameters, return_annotation=OperatorNode)  # type: ignore[attr-defined]
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

__all__ = [
    "Add",
    "Cos",
    "Divide",
    "Dot",
    "Exp",
    "Identity",
    "Log",
    "Mean",
    "Multiply",
    "Negative",
    "Power",
    "ReLU",
    "Sigmoid",
    "Sin",
    "Square",
    "Subtract",
    "Sum",
    "Tanh",
    "Transpose",
    "add",
    "cos",
    "div",
    "dot",
    "exp",
    "identity",
    "log",
    "mean",
    "mult",
    "neg",
    "power",
    "relu",
    "sigmoid",
    "sin",
    "square",
    "sub",
    "sum",
    "tanh",
    "transpose",
]


def __dir__() -> list[str]:
    return __all__
