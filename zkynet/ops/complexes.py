"""Complex numbers: their parts, conjugates and angles.

Gradients follow JAX's convention: for a real-valued loss L the gradient of ``x + iy`` is dL/dx - i dL/dy.
"""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.filled import zeros_like
from zkynet.ops.kinds import as_complex, is_complex
from zkynet.tensor import Tensor

__all__ = ["angle", "conj", "imag", "real"]


@op(name="real", kinds="complex", elementwise=True)
def _real(xp: Any, x: Array) -> Array:
    return xp.real(x)


@_real.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return as_complex(xp, g)


@op(name="imag", kinds="complex", elementwise=True)
def _imag(xp: Any, x: Array) -> Array:
    return xp.imag(x)


@_imag.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return -1j * as_complex(xp, g)


@op(name="conj", kinds="complex", elementwise=True)
def _conj(xp: Any, x: Array) -> Array:
    return xp.conj(x)


@_conj.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return xp.conj(g)


def real(x: Array) -> Tensor:
    """The real part, element by element; real numbers as they are.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.real(zk.tensor([3 + 4j]))
        Tensor([3.])
    """
    x = as_tensor("real", x)
    return _real(x) if is_complex(x) else x


def imag(x: Array) -> Tensor:
    """The imaginary part, element by element; zeros for real numbers.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.imag(zk.tensor([3 + 4j]))
        Tensor([4.])
    """
    x = as_tensor("imag", x)
    return _imag(x) if is_complex(x) else zeros_like(x)


def conj(x: Array) -> Tensor:
    """The complex conjugate, element by element; real numbers as they are.

    Args:
        x: a tensor of numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.conj(zk.tensor([3 + 4j]))
        Tensor([3.-4.j], dtype=complex64)
    """
    x = as_tensor("conj", x)
    return _conj(x) if is_complex(x) else x


@op(kinds="float", elementwise=True)
def angle(xp: Any, x: Array) -> Array:
    """The angle of a complex number in radians, between -π and π; 0 or π for real numbers.

    Args:
        x: a tensor of numbers.

    Gradient: 0 at 0, and for real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.angle(zk.tensor([1 + 1j]))
        Tensor([0.7853981])
    """
    if is_complex(x):
        return xp.atan2(xp.imag(x), xp.real(x))
    return xp.atan2(xp.zeros_like(x), x)


@angle.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    if not is_complex(x):
        return xp.zeros_like(g)
    size = xp.abs(x)
    return (g / xp.where(size == 0, 1.0, size)) * (-1j * xp.conj(xp.sign(x)))
