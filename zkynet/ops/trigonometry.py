"""Trigonometric and hyperbolic functions and their inverses, element by element."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.ops.precision import widened

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

RADIANS, DEGREES = math.pi / 180, 180 / math.pi


@op(kinds="float", elementwise=True)
def sin(xp: Any, x: Array) -> Array:
    """The sine of an angle in radians.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.sin(zk.tensor([0.0, 1.0]))
        Tensor([0.      , 0.841471])
    """
    return xp.sin(x)


@sin.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.cos(x)


@op(kinds="float", elementwise=True)
def cos(xp: Any, x: Array) -> Array:
    """The cosine of an angle in radians.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.cos(zk.tensor([0.0, 1.0]))
        Tensor([1.       , 0.5403023])
    """
    return xp.cos(x)


@cos.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return -g * xp.sin(x)


@op(kinds="float", elementwise=True)
def tan(xp: Any, x: Array) -> Array:
    """The tangent of an angle in radians.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.tan(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 1.5574077])
    """
    return xp.tan(x)


@tan.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g + g * (ans * ans)


@op(kinds="float", elementwise=True)
def asin(xp: Any, x: Array) -> Array:
    """The angle between -π/2 and π/2 whose sine is `x`; NaN outside of -1 to 1 unless complex.

    Args:
        x: a tensor of floats, real or complex.

    Gradient: infinite at -1 and 1.

    Example:
        >>> import zkynet as zk
        >>> zk.asin(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 1.5707964])
    """
    return xp.asin(x)


@asin.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / xp.sqrt((1 - x) * (1 + x))


@op(kinds="float", elementwise=True)
def acos(xp: Any, x: Array) -> Array:
    """The angle between 0 and π whose cosine is `x`; NaN outside of -1 to 1 unless complex.

    Args:
        x: a tensor of floats, real or complex.

    Gradient: infinite at -1 and 1.

    Example:
        >>> import zkynet as zk
        >>> zk.acos(zk.tensor([1.0, 0.0]))
        Tensor([0.       , 1.5707964])
    """
    return xp.acos(x)


@acos.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return -g / xp.sqrt((1 - x) * (1 + x))


@op(kinds="float", elementwise=True)
def atan(xp: Any, x: Array) -> Array:
    """The angle between -π/2 and π/2 whose tangent is `x`.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.atan(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 0.7853982])
    """
    return xp.atan(x)


@atan.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / (1 + x * x)


@op(kinds="float", elementwise=True)
def sinh(xp: Any, x: Array) -> Array:
    """The hyperbolic sine.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.sinh(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 1.1752012])
    """
    return xp.sinh(x)


@sinh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.cosh(x)


@op(kinds="float", elementwise=True)
def cosh(xp: Any, x: Array) -> Array:
    """The hyperbolic cosine.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.cosh(zk.tensor([0.0, 1.0]))
        Tensor([1.       , 1.5430807])
    """
    return xp.cosh(x)


@cosh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.sinh(x)


@op(kinds="float", elementwise=True)
def tanh(xp: Any, x: Array) -> Array:
    """The hyperbolic tangent.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.tanh(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 0.7615942])
    """
    return xp.tanh(x)


@tanh.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g - g * (ans * ans)


@op(kinds="float", elementwise=True)
def asinh(xp: Any, x: Array) -> Array:
    """The inverse of the hyperbolic sine.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.asinh(zk.tensor([0.0, 1.0]))
        Tensor([0.       , 0.8813736])
    """
    return xp.asinh(x)


@asinh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / xp.sqrt(1 + x * x)


@op(kinds="float", elementwise=True)
def acosh(xp: Any, x: Array) -> Array:
    """The inverse of the hyperbolic cosine; NaN below 1 unless complex.

    Args:
        x: a tensor of floats, real or complex.

    Gradient: infinite at 1.

    Example:
        >>> import zkynet as zk
        >>> zk.acosh(zk.tensor([1.0, 2.0]))
        Tensor([0.      , 1.316958])
    """
    return xp.acosh(x)


@acosh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / (xp.sqrt(x - 1) * xp.sqrt(x + 1))  # sqrt(x * x - 1) has the wrong sign in the left half-plane


@op(kinds="float", elementwise=True)
def atanh(xp: Any, x: Array) -> Array:
    """The inverse of the hyperbolic tangent; infinite at -1 and 1, NaN beyond unless complex.

    Args:
        x: a tensor of floats, real or complex.

    Example:
        >>> import zkynet as zk
        >>> zk.atanh(zk.tensor([0.0, 0.5]))
        Tensor([0.        , 0.54930615])
    """
    return xp.atanh(x)


@atanh.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g / ((1 - x) * (1 + x))


@op(kinds="real float", elementwise=True)
def atan2(xp: Any, x1: Array, x2: Array) -> Array:
    """The angle between -π and π of the point with the coordinates `x2` (to the right) and `x1` (upwards).

    Args:
        x1: a tensor or number: the coordinates upwards.
        x2: a tensor or number that broadcasts with `x1`: the coordinates to the right.

    Gradient: 0 at the origin and for points infinitely far away.

    Example:
        >>> import zkynet as zk
        >>> zk.atan2(zk.tensor([0.0, 1.0]), zk.tensor([1.0, 0.0]))
        Tensor([0.       , 1.5707964])
    """
    return xp.atan2(x1, x2)


@atan2.gradient("x1")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return g * _by_length_squared(xp, x2, x1, x2)


@atan2.gradient("x2")
def _(xp: Any, g: Any, x1: Any, x2: Any) -> Any:
    return -g * _by_length_squared(xp, x1, x1, x2)


def _by_length_squared(xp: Any, side: Any, x1: Any, x2: Any) -> Any:
    """``side / (x1**2 + x2**2)`` without overflow; 0 at the origin and at infinity."""
    length = xp.hypot(x1, x2)
    usable = (length > 0) & (length < math.inf)
    length = xp.where(usable, length, 1.0)
    return xp.where(usable, as_array(xp, side, length), 0.0) / length / length


@op(kinds="real float", elementwise=True)
def deg2rad(xp: Any, x: Array) -> Array:
    """An angle in degrees as radians.

    Args:
        x: a tensor of real floats.

    Example:
        >>> import zkynet as zk
        >>> zk.deg2rad(zk.tensor([0.0, 180.0]))
        Tensor([0.       , 3.1415927])
    """
    return widened(lambda xp, x: x * RADIANS, xp, x)


@deg2rad.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g * RADIANS


@op(kinds="real float", elementwise=True)
def rad2deg(xp: Any, x: Array) -> Array:
    """An angle in radians as degrees.

    Args:
        x: a tensor of real floats.

    Example:
        >>> import zkynet as zk
        >>> zk.rad2deg(zk.tensor([0.0, 3.1415927]))
        Tensor([  0., 180.])
    """
    return widened(lambda xp, x: x * DEGREES, xp, x)


@rad2deg.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g * DEGREES
