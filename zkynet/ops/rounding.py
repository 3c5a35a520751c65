"""Rounding, and the make-up of floating-point numbers: sign bit and neighbours."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.ops.casting import as_tensor, astype
from zkynet.ops.define import op
from zkynet.ops.kinds import is_integer
from zkynet.tensor import Tensor

__all__ = ["ceil", "floor", "nextafter", "round", "signbit", "trunc"]


@op(kinds="real number", elementwise=True)
def floor(xp: Any, x: Array) -> Array:
    """The largest integer not above `x`, in the dtype of `x`.

    Args:
        x: a tensor of real numbers.

    Gradient: zero, also where the result jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.floor(zk.tensor([1.7, -1.2]))
        Tensor([ 1., -2.])
    """
    return xp.floor(x)


@op(kinds="real number", elementwise=True)
def ceil(xp: Any, x: Array) -> Array:
    """The smallest integer not below `x`, in the dtype of `x`.

    Args:
        x: a tensor of real numbers.

    Gradient: zero, also where the result jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.ceil(zk.tensor([1.2, -1.7]))
        Tensor([ 2., -1.])
    """
    return xp.ceil(x)


@op(kinds="real number", elementwise=True)
def trunc(xp: Any, x: Array) -> Array:
    """`x` without its fraction, in the dtype of `x`.

    Args:
        x: a tensor of real numbers.

    Gradient: zero, also where the result jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.trunc(zk.tensor([1.7, -1.7]))
        Tensor([ 1., -1.])
    """
    return xp.trunc(x)


@op(name="round", kinds="number", elementwise=True)
def _round(xp: Any, x: Array) -> Array:
    return xp.round(x)


def _flat(xp: Any, g: Any) -> Any:
    """Steps are flat: a gradient of zero (not none at all), as PyTorch and JAX give."""
    return xp.zeros_like(g)


for _step in (floor, ceil, trunc, _round):
    _step.gradient("x")(_flat)


def round(x: Array, decimals: int = 0) -> Tensor:
    """The nearest integer, and of two that are equally near the even one, in the dtype of `x`.

    Args:
        x: a tensor of numbers; of complex ones both parts are rounded.
        decimals: how many digits behind the point are kept; negative for so many zeros before it.

    Gradient: zero, also where the result jumps.

    Example:
        >>> import zkynet as zk
        >>> zk.round(zk.tensor([0.5, 1.5, 2.6]))
        Tensor([0., 2., 3.])
        >>> zk.round(zk.tensor([3.14159]), 2)
        Tensor([3.14])
    """
    decimals = whole("round", "decimals", decimals)
    if decimals == 0:
        return _round(x)
    if abs(decimals) > 300:
        raise InvalidValueError(f"round: no float has {decimals} decimals", fix="pass -300 to 300", op="round")
    x = as_tensor("round", x)
    if is_integer(x):
        return x if decimals > 0 else astype(round(astype(x, dt.float64), decimals), x.dtype)
    if decimals > 0:
        return _round(x * 10.0**decimals) / 10.0**decimals
    return _round(x / 10.0**-decimals) * 10.0**-decimals


@op(kinds="real float", differentiable=False)
def signbit(xp: Any, x: Array) -> Array:
    """Whether the sign bit is set: true for negative numbers and for -0.0.

    Args:
        x: a tensor of real floats.

    Example:
        >>> import zkynet as zk
        >>> zk.signbit(zk.tensor([1.0, -0.0]))
        Tensor([False,  True])
    """
    return xp.signbit(x)


@op(kinds="real float", elementwise=True)
def nextafter(xp: Any, x1: Array, x2: Array) -> Array:
    """The next floating-point number after `x1` in the direction of `x2`.

    Args:
        x1: a tensor or number: where to start.
        x2: a tensor or number that broadcasts with `x1`: where to go.

    Gradient: to `x1` as if it were `x1` itself; zero to `x2`.

    Example:
        >>> import zkynet as zk
        >>> zk.nextafter(zk.tensor([1.0]), 2.0) - 1
        Tensor([1.1920929e-07])
    """
    return xp.nextafter(x1, x2)


@nextafter.gradient("x1")
def _(xp: Any, g: Any) -> Any:
    return g


@nextafter.gradient("x2")
def _(xp: Any, g: Any) -> Any:
    return xp.zeros_like(g)
