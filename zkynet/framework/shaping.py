"""Operators that give a value another shape: all elements to one, axes in another order."""

from __future__ import annotations

from typing import Any

import zkynet as zk
from zkynet.framework.arity import OneInput
from zkynet.framework.nodes import OperatorNode

__all__ = ["Max", "Mean", "Min", "Reshape", "Sum", "Transpose", "max", "mean", "min", "reshape", "sum", "transpose"]


class _Reduction(OneInput):
    """All elements, or those along some axes, to one.

    Args:
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.
    """

    def __init__(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> None:
        super().__init__()
        self.axis = axis
        self.keepdims = keepdims


class Transpose(OneInput):
    """The axes in reverse order: a matrix with rows and columns exchanged.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Transpose()(np.ones((2, 3))).value.shape
        (3, 2)
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.transpose(x)


def transpose(x: Any) -> OperatorNode:
    """The axes in reverse order: a matrix with rows and columns exchanged.

    Args:
        x: a number, an array, an `Input` or a node.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.transpose(np.ones((2, 3))).value.shape
        (3, 2)
    """
    return Transpose()(x)


class Reshape(OneInput):
    """The same elements in another shape.

    Args:
        shape: the lengths along the axes; one of them may be -1, which is then found from the others.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Reshape((2, 2))(np.arange(4.0)).value
        array([[0., 1.],
               [2., 3.]])
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def _op_impl(self, x: Any) -> Any:
        return zk.reshape(x, self.shape)


def reshape(x: Any, shape: int | tuple[int, ...]) -> OperatorNode:
    """The same elements in another shape.

    Args:
        x: a number, an array, an `Input` or a node.
        shape: the lengths along the axes; one of them may be -1, which is then found from the others.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.reshape(np.arange(4.0), (2, 2)).value
        array([[0., 1.],
               [2., 3.]])
    """
    return Reshape(shape)(x)


class Sum(_Reduction):
    """The sum of all elements, or along some axes.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Sum()(np.array([1.0, 3.0])).value
        np.float64(4.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.sum(x, axis=self.axis, keepdims=self.keepdims)


def sum(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The sum of all elements, or along some axes.

    Args:
        x: a number, an array, an `Input` or a node.
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.sum(np.array([1.0, 3.0])).value
        np.float64(4.0)
    """
    return Sum(axis, keepdims)(x)


class Mean(_Reduction):
    """The mean of all elements, or along some axes.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Mean()(np.array([1.0, 3.0])).value
        np.float64(2.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.mean(x, axis=self.axis, keepdims=self.keepdims)


def mean(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The mean of all elements, or along some axes.

    Args:
        x: a number, an array, an `Input` or a node.
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.mean(np.array([1.0, 3.0])).value
        np.float64(2.0)
    """
    return Mean(axis, keepdims)(x)


class Max(_Reduction):
    """The largest of all elements, or along some axes; several largest share the gradient.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Max()(np.array([1.0, 3.0])).value
        np.float64(3.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.max(x, axis=self.axis, keepdims=self.keepdims)


def max(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The largest of all elements, or along some axes; several largest share the gradient.

    Args:
        x: a number, an array, an `Input` or a node.
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.max(np.array([1.0, 3.0])).value
        np.float64(3.0)
    """
    return Max(axis, keepdims)(x)


class Min(_Reduction):
    """The smallest of all elements, or along some axes; several smallest share the gradient.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.Min()(np.array([1.0, 3.0])).value
        np.float64(1.0)
    """

    def _op_impl(self, x: Any) -> Any:
        return zk.min(x, axis=self.axis, keepdims=self.keepdims)


def min(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> OperatorNode:
    """The smallest of all elements, or along some axes; several smallest share the gradient.

    Args:
        x: a number, an array, an `Input` or a node.
        axis: one axis or several, None for all.
        keepdims: whether to keep the axes, with length one.

    Example:
        >>> import numpy as np
        >>> from zkynet.framework import op
        >>> op.min(np.array([1.0, 3.0])).value
        np.float64(1.0)
    """
    return Min(axis, keepdims)(x)
