"""Operators of the classic face: a class for each, and a function that makes an object of it and calls it.

Each call needs an object of its own, so that it is a node of its own; that is what the functions are for.
"""

from __future__ import annotations

from typing import Any

import zkynet as zk
from zkynet.framework.functions import Operator
from zkynet.framework.inputs import Variable
from zkynet.framework.nodes import OperatorNode


class _OneInput(Operator):
    def __init__(self) -> None:
        super().__init__(inputs=(Variable("x"),))


class _TwoInputs(Operator):
    def __init__(self) -> None:
        super().__init__(inputs=(Variable("a"), Variable("b")))


class Add(_TwoInputs):
    """``a + b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a + b


def add(a: Any, b: Any) -> OperatorNode:
    """``a + b``, element by element."""
    return Add()(a, b)


class Subtract(_TwoInputs):
    """``a - b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a - b


def sub(a: Any, b: Any) -> OperatorNode:
    """``a - b``, element by element."""
    return Subtract()(a, b)


class Multiply(_TwoInputs):
    """``a * b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a * b


def mult(a: Any, b: Any) -> OperatorNode:
    """``a * b``, element by element."""
    return Multiply()(a, b)


class Divide(_TwoInputs):
    """``a / b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a / b


def div(a: Any, b: Any) -> OperatorNode:
    """``a / b``, element by element."""
    return Divide()(a, b)


class Power(_TwoInputs):
    """``a ** b``, element by element."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a**b


def power(a: Any, b: Any) -> OperatorNode:
    """``a ** b``, element by element."""
    return Power()(a, b)


class Dot(_TwoInputs):
    """The dot product as in NumPy: of vectors, of matrices, or with a number."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return zk.dot(a, b)


def dot(a: Any, b: Any) -> OperatorNode:
    """The dot product as in NumPy: of vectors, of matrices, or with a number."""
    return Dot()(a, b)


class MatMul(_TwoInputs):
    """The matrix product ``a @ b``, also of stacks of matrices."""

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a @ b


def matmul(a: Any, b: Any) -> OperatorNode:
    """The matrix product ``a @ b``, also of stacks of matrices."""
    return MatMul()(a, b)


class Identity(_OneInput):
    """``x`` itself."""

    def _op_impl(self, x: Any) -> Any:
        return zk.asarray(x, copy=True)


def identity(x: Any) -> OperatorNode:
    """``x`` itself."""
    return Identity()(x)


class Square(_OneInput):
    """``x * x``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return x * x


def square(x: Any) -> OperatorNode:
    """``x * x``, element by element."""
    return Square()(x)


class Sqrt(_OneInput):
    """The square root, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.sqrt(x)


def sqrt(x: Any) -> OperatorNode:
    """The square root, element by element."""
    return Sqrt()(x)


class Negative(_OneInput):
    """``-x``."""

    def _op_impl(self, x: Any) -> Any:
        return -x


def neg(x: Any) -> OperatorNode:
    """``-x``."""
    return Negative()(x)


class Abs(_OneInput):
    """The absolute value, element by element; its derivative at 0 is 0."""

    def _op_impl(self, x: Any) -> Any:
        return zk.abs(x)


def abs(x: Any) -> OperatorNode:
    """The absolute value, element by element; its derivative at 0 is 0."""
    return Abs()(x)


class Exp(_OneInput):
    """``e ** x``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.exp(x)


def exp(x: Any) -> OperatorNode:
    """``e ** x``, element by element."""
    return Exp()(x)


class Log(_OneInput):
    """The natural logarithm, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.log(x)


def log(x: Any) -> OperatorNode:
    """The natural logarithm, element by element."""
    return Log()(x)


class Sin(_OneInput):
    """The sine, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.sin(x)


def sin(x: Any) -> OperatorNode:
    """The sine, element by element."""
    return Sin()(x)


class Cos(_OneInput):
    """The cosine, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.cos(x)


def cos(x: Any) -> OperatorNode:
    """The cosine, element by element."""
    return Cos()(x)


class Tanh(_OneInput):
    """The hyperbolic tangent, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.tanh(x)


def tanh(x: Any) -> OperatorNode:
    """The hyperbolic tangent, element by element."""
    return Tanh()(x)


class Sigmoid(_OneInput):
    """``1 / (1 + e ** -x)``, element by element."""

    def _op_impl(self, x: Any) -> Any:
        return zk.sigmoid(x)


def sigmoid(x: Any) -> OperatorNode:
    """``1 / (1 + e ** -x)``, element by element."""
    return Sigmoid()(x)


class ReLU(_OneInput):
    """``max(x, 0)``, element by element; its derivative at 0 is 0."""

    def _op_impl(self, x: Any) -> Any:
        return zk.relu(x)


def relu(x: Any) -> OperatorNode:
    """``max(x, 0)``, element by element; its derivative at 0 is 0."""
    return ReLU()(x)


class Transpose(_OneInput):
    """The axes in reverse order: a matrix with rows and columns exchanged."""

    def _op_impl(self, x: Any) -> Any:
        return zk.transpose(x)


def transpose(x: Any) -> OperatorNode:
    """The axes in reverse order: a matrix with rows and columns exchanged."""
    return Transpose()(x)


class Reshape(_OneInput):
    """The same elements in another shape.

    Args:
        shape: the lengths along the axes; one of them may be -1, which is then found from the others.
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def _op_impl(self, x: Any) -> Any:
        return zk.reshape(x, self.shape)


def reshape(x: Any, shape: int | tuple[int, ...]) -> OperatorNode:
    """The same elements in another shape."""
    return Reshape(shape)(x)


class _Reduction(_OneInput):
    """All elements, or those along some axes, to one.

    Args:
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.
    """

    def __init__(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> None:
        super().__init__()
        self.axis = axis
        self.keepdims = keepdims


class Sum(_Reduction):
    """The sum of all elements, or along some axes."""

    def _op_impl(self, x: Any) -> Any:
        return zk.sum(x, axis=self.axis, keepdims=self.keepdims)


def sum(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The sum of all elements, or along some axes."""
    return Sum(axis, keepdims)(x)


class Mean(_Reduction):
    """The mean of all elements, or along some axes."""

    def _op_impl(self, x: Any) -> Any:
        return zk.mean(x, axis=self.axis, keepdims=self.keepdims)


def mean(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The mean of all elements, or along some axes."""
    return Mean(axis, keepdims)(x)


class Max(_Reduction):
    """The largest of all elements, or along some axes; several largest share the gradient."""

    def _op_impl(self, x: Any) -> Any:
        return zk.max(x, axis=self.axis, keepdims=self.keepdims)


def max(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The largest of all elements, or along some axes; several largest share the gradient."""
    return Max(axis, keepdims)(x)


class Min(_Reduction):
    """The smallest of all elements, or along some axes; several smallest share the gradient."""

    def _op_impl(self, x: Any) -> Any:
        return zk.min(x, axis=self.axis, keepdims=self.keepdims)


def min(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The smallest of all elements, or along some axes; several smallest share the gradient."""
    return Min(axis, keepdims)(x)
