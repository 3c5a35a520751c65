"""logsumexp and softmax as SciPy calls them: over all elements unless an axis is named."""

from __future__ import annotations

from zkynet._typing import Array, Axis
from zkynet.ops import logspace
from zkynet.ops.logspace import logsumexp
from zkynet.tensor import Tensor

__all__ = ["log_softmax", "logsumexp", "softmax"]


def softmax(x: Array, axis: Axis = None) -> Tensor:
    """`zkynet.softmax`, over all axes by default.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them, None for all.

    Example:
        >>> import zkynet as zk
        >>> zk.special.softmax(zk.zeros(2, 2))
        Tensor([[0.25, 0.25],
                [0.25, 0.25]])
    """
    return logspace.softmax(x, axis)


def log_softmax(x: Array, axis: Axis = None) -> Tensor:
    """`zkynet.log_softmax`, over all axes by default.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them, None for all.

    Example:
        >>> import zkynet as zk
        >>> zk.special.log_softmax(zk.zeros(2, 1))
        Tensor([[-0.6931472],
                [-0.6931472]])
    """
    return logspace.log_softmax(x, axis)
