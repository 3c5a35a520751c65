"""Operators of one input, element by element."""

from __future__ import annotations

from typing import Any

import zkynet as zk
from zkynet.framework.arity import OneInput
from zkynet.framework.nodes import OperatorNode

__all__ = [
    "Abs",
    "Cos",
    "Exp",
    "Identity",
    "Log",
    "Negative",
    "ReLU",
    "Sigmoid",
    "Sin",
    "Sqrt",
    "Square",
    "Tanh",
    "abs",
    "cos",
    "exp",
    "identity",
    "log",
    "neg",
    "relu",
    "sigmoid",
    "sin",
    "sqrt",
    "square",
    "tanh",
]


class Identity(OneInput):
    """``x`` itself.

    Example:
        >>> from zkynet.framework import op
        >>> op.Identity()(2.0).value
        2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.asarray(x, copy=True)


def identity(x: Any) -> OperatorNode:
    """``x`` itself.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.identity(2.0).value
        2.0
    """
    return Identity()(x)


class Square(OneInput):
    """``x * x``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Square()(3.0).value
        9.0
    """

    def _op_impl(self, x: Any) -> Any:
        return x * x


def square(x: Any) -> OperatorNode:
    """``x * x``, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.square(3.0).value
        9.0
    """
    return Square()(x)


class Sqrt(OneInput):
    """The square root, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Sqrt()(9.0).value
        3.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.sqrt(x)


def sqrt(x: Any) -> OperatorNode:
    """The square root, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.sqrt(9.0).value
        3.0
    """
    return Sqrt()(x)


class Negative(OneInput):
    """``-x``.

    Example:
        >>> from zkynet.framework import op
        >>> op.Negative()(2.0).value
        -2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return -x


def neg(x: Any) -> OperatorNode:
    """``-x``.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.neg(2.0).value
        -2.0
    """
    return Negative()(x)


class Abs(OneInput):
    """The absolute value, element by element; its derivative at 0 is 0.

    Example:
        >>> from zkynet.framework import op
        >>> op.Abs()(-2.0).value
        2.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.abs(x)


def abs(x: Any) -> OperatorNode:
    """The absolute value, element by element; its derivative at 0 is 0.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.abs(-2.0).value
        2.0
    """
    return Abs()(x)


class Exp(OneInput):
    """``e ** x``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Exp()(0.0).value
        1.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.exp(x)


def exp(x: Any) -> OperatorNode:
    """``e ** x``, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.exp(0.0).value
        1.0
    """
    return Exp()(x)


class Log(OneInput):
    """The natural logarithm, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Log()(1.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.log(x)


def log(x: Any) -> OperatorNode:
    """The natural logarithm, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.log(1.0).value
        0.0
    """
    return Log()(x)


class Sin(OneInput):
    """The sine, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Sin()(0.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.sin(x)


def sin(x: Any) -> OperatorNode:
    """The sine, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.sin(0.0).value
        0.0
    """
    return Sin()(x)


class Cos(OneInput):
    """The cosine, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Cos()(0.0).value
        1.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.cos(x)


def cos(x: Any) -> OperatorNode:
    """The cosine, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.cos(0.0).value
        1.0
    """
    return Cos()(x)


class Tanh(OneInput):
    """The hyperbolic tangent, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Tanh()(0.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.tanh(x)


def tanh(x: Any) -> OperatorNode:
    """The hyperbolic tangent, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.tanh(0.0).value
        0.0
    """
    return Tanh()(x)


class Sigmoid(OneInput):
    """``1 / (1 + e ** -x)``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Sigmoid()(0.0).value
        0.5
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.sigmoid(x)


def sigmoid(x: Any) -> OperatorNode:
    """``1 / (1 + e ** -x)``, element by element.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.sigmoid(0.0).value
        0.5
    """
    return Sigmoid()(x)


class ReLU(OneInput):
    """``max(x, 0)``, element by element; its derivative at 0 is 0.

    Example:
        >>> from zkynet.framework import op
        >>> op.ReLU()(-2.0).value
        0.0
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.relu(x)


def relu(x: Any) -> OperatorNode:
    """``max(x, 0)``, element by element; its derivative at 0 is 0.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> from zkynet.framework import op
        >>> op.relu(-2.0).value
        0.0
    """
    return ReLU()(x)
