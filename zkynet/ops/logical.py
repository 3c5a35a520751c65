"""Logic, element by element. Numbers count as true unless they are zero."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import is_bool, is_number

__all__ = ["logical_and", "logical_not", "logical_or", "logical_xor"]


@op(promote=False, differentiable=False)
def logical_and(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether both are true, element by element.

    Args:
        x1: a tensor or number of any dtype.
        x2: a tensor or number of any dtype that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.logical_and(zk.tensor([0, 1, 2]), zk.tensor([True, False, True]))
        Tensor([False, False,  True])
    """
    return xp.logical_and(_truth(xp, x1), _truth(xp, x2))


@op(promote=False, differentiable=False)
def logical_or(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether at least one is true, element by element.

    Args:
        x1: a tensor or number of any dtype.
        x2: a tensor or number of any dtype that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.logical_or(zk.tensor([0, 1, 2]), False)
        Tensor([False,  True,  True])
    """
    return xp.logical_or(_truth(xp, x1), _truth(xp, x2))


@op(promote=False, differentiable=False)
def logical_xor(xp: Any, x1: Array, x2: Array) -> Array:
    """Whether exactly one is true, element by element.

    Args:
        x1: a tensor or number of any dtype.
        x2: a tensor or number of any dtype that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.logical_xor(zk.tensor([0, 1, 2]), True)
        Tensor([ True, False, False])
    """
    return xp.logical_xor(_truth(xp, x1), _truth(xp, x2))


@op(differentiable=False)
def logical_not(xp: Any, x: Array) -> Array:
    """Whether `x` is not true, element by element.

    Args:
        x: a tensor of any dtype.

    Example:
        >>> import zkynet as zk
        >>> zk.logical_not(zk.tensor([0, 1, 2]))
        Tensor([ True, False, False])
    """
    return xp.logical_not(_truth(xp, x))


def _truth(xp: Any, x: Any) -> Any:
    """The truth value of numbers."""
    if is_number(x):
        return bool(x)
    return x if is_bool(x) else x != 0
