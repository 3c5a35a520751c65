"""Operators of two inputs: arithmetic and products."""

from __future__ import annotations

from typing import Any

import zkynet as zk
from zkynet.framework.arity import TwoInputs
from zkynet.framework.nodes import OperatorNode

__all__ = [
    "Add",
    "Divide",
    "Dot",
    "MatMul",
    "Multiply",
    "Power",
    "Subtract",
    "add",
    "div",
    "dot",
    "matmul",
    "mult",
    "power",
    "sub",
]


class Add(TwoInputs):
    """``a + b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Add()(6.0, 2.0).value
        8.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a + b


def add(a: Any, b: Any) -> OperatorNode:
    """``a + b``, element by element.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> from zkynet.framework import op
        >>> op.add(6.0, 2.0).value
        8.0
    """
    return Add()(a, b)


class Subtract(TwoInputs):
    """``a - b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Subtract()(6.0, 2.0).value
        4.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a - b


def sub(a: Any, b: Any) -> OperatorNode:
    """``a - b``, element by element.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> from zkynet.framework import op
        >>> op.sub(6.0, 2.0).value
        4.0
    """
    return Subtract()(a, b)


class Multiply(TwoInputs):
    """``a * b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Multiply()(6.0, 2.0).value
        12.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a * b


def mult(a: Any, b: Any) -> OperatorNode:
    """``a * b``, element by element.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> from zkynet.framework import op
        >>> op.mult(6.0, 2.0).value
        12.0
    """
    return Multiply()(a, b)


class Divide(TwoInputs):
    """``a / b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Divide()(6.0, 2.0).value
        3.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a / b


def div(a: Any, b: Any) -> OperatorNode:
    """``a / b``, element by element.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> from zkynet.framework import op
        >>> op.div(6.0, 2.0).value
        3.0
    """
    return Divide()(a, b)


class Power(TwoInputs):
    """``a ** b``, element by element.

    Example:
        >>> from zkynet.framework import op
        >>> op.Power()(6.0, 2.0).value
        36.0
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a**b


def power(a: Any, b: Any) -> OperatorNode:
    """``a ** b``, element by element.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> from zkynet.framework import op
        >>> op.power(6.0, 2.0).value
        36.0
    """
    return Power()(a, b)


class Dot(TwoInputs):
    """The dot product as in NumPy: of vectors, of matrices, or with a number.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Dot()(np.array([1.0, 2.0]), np.array([3.0, 4.0])).value
        np.float64(11.0)
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return zk.dot(a, b)


def dot(a: Any, b: Any) -> OperatorNode:
    """The dot product as in NumPy: of vectors, of matrices, or with a number.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])).value
        np.float64(11.0)
    """
    return Dot()(a, b)


class MatMul(TwoInputs):
    """The matrix product ``a @ b``, also of stacks of matrices.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.MatMul()(np.ones((2, 3)), np.ones(3)).value
        array([3., 3.])
    """

    def _op_impl(self, a: Any, b: Any) -> Any:
        return a @ b


def matmul(a: Any, b: Any) -> OperatorNode:
    """The matrix product ``a @ b``, also of stacks of matrices.

    Args:
        a: the left operand: a number, an array, an `Input` or a node.
        b: the right operand, likewise.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.matmul(np.ones((2, 3)), np.ones(3)).value
        array([3., 3.])
    """
    return MatMul()(a, b)
