"""Arithmetic, powers, exponentials and trigonometry, element by element.

Complex gradients follow JAX's convention: for a real-valued loss the gradient is dL/dx - i dL/dy, so that rules of
holomorphic functions need no conjugates.
"""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op


@op(kinds="number")
def add(xp: Any, x: Array, y: Array) -> Array:
    """``x + y``, element by element.

    Args:
        x: a tensor or number.
        y: a tensor or number that broadcasts with `x`.

    Example:
        >>> import zkynet as zk
        >>> zk.add(zk.tensor([1.0, 2.0]), 1)
        Tensor([2., 3.])
    """
    return xp.add(x, y)


@add.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


@add.gradient("y")
def _(xp: Any, g: Any) -> Any:
    return g


@op(kinds="number")
def multiply(xp: Any, x: Array, y: Array) -> Array:
    """``x * y``, element by element.

    Args:
        x: a tensor or number.
        y: a tensor or number that broadcasts with `x`.

    Example:
        >>> import zkynet as zk
        >>> zk.multiply(zk.tensor([1.0, 2.0]), 3)
        Tensor([3., 6.])
    """
    return xp.multiply(x, y)


@multiply.gradient("x")
def _(xp: Any, g: Any, y: Any) -> Any:
    return g * y


@multiply.gradient("y")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * x


@op(kinds="float")
def tanh(xp: Any, x: Array) -> Array:
    """The hyperbolic tangent, element by element.

    Args:
        x: a tensor of floats.

    Example:
        >>> import zkynet as zk
        >>> zk.tanh(zk.tensor([0.0]))
        Tensor([0.])
    """
    return xp.tanh(x)


@tanh.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g - g * (ans * ans)
