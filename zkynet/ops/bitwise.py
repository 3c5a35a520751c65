"""Operations on the bits of integers and booleans."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
]


@op(kinds="integer", differentiable=False)
def bitwise_and(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 & x2``: the bits set in both.

    Args:
        x1: a tensor of integers or booleans, or a number.
        x2: likewise, of a shape that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_and(zk.tensor([1, 2, 3]), 2)
        Tensor([0, 2, 2])
    """
    return xp.bitwise_and(x1, x2)


@op(kinds="integer", differentiable=False)
def bitwise_or(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 | x2``: the bits set in at least one.

    Args:
        x1: a tensor of integers or booleans, or a number.
        x2: likewise, of a shape that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_or(zk.tensor([1, 2, 3]), 2)
        Tensor([3, 2, 3])
    """
    return xp.bitwise_or(x1, x2)


@op(kinds="integer", differentiable=False)
def bitwise_xor(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 ^ x2``: the bits set in exactly one.

    Args:
        x1: a tensor of integers or booleans, or a number.
        x2: likewise, of a shape that broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_xor(zk.tensor([1, 2, 3]), 2)
        Tensor([3, 0, 1])
    """
    return xp.bitwise_xor(x1, x2)


@op(kinds="whole", differentiable=False)
def bitwise_left_shift(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 << x2``: the bits moved up.

    Args:
        x1: a tensor of integers, or a number.
        x2: how many bits, from 0 to less than the width of the dtype; broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_left_shift(zk.tensor([1, 2, 3]), 2)
        Tensor([ 4,  8, 12])
    """
    return xp.bitwise_left_shift(x1, x2)


@op(kinds="whole", differentiable=False)
def bitwise_right_shift(xp: Any, x1: Array, x2: Array) -> Array:
    """``x1 >> x2``: the bits moved down; the sign is kept.

    Args:
        x1: a tensor of integers, or a number.
        x2: how many bits, from 0 to less than the width of the dtype; broadcasts with `x1`.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_right_shift(zk.tensor([4, 8, -8]), 2)
        Tensor([ 1,  2, -2])
    """
    return xp.bitwise_right_shift(x1, x2)


@op(kinds="integer", differentiable=False)
def bitwise_invert(xp: Any, x: Array) -> Array:
    """``~x``: every bit the other way round.

    Args:
        x: a tensor of integers or booleans.

    Example:
        >>> import zkynet as zk
        >>> zk.bitwise_invert(zk.tensor([0, 1]))
        Tensor([-1, -2])
    """
    return xp.bitwise_invert(x)
