"""Gated activations: half of the input times an activation of the other half (Shazeer, GLU variants, 2020)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.standardizing import narrow, wide
from zkynet.ops import activations
from zkynet.ops.activations import GELUS
from zkynet.ops.arguments import word
from zkynet.ops.axes import along, normalize_axis
from zkynet.ops.define import op
from zkynet.tensor import Tensor

__all__ = ["geglu", "glu", "reglu", "swiglu"]


@op(name="nn.gated", kinds="real float")
def gated(xp: Any, x: Array, gate: str, axis: int) -> Array:
    """The first half along an axis times an activation of the second half."""
    value, turned = _halves(xp, x, axis)
    return narrow(xp, value * ACTIVATIONS[gate][0](xp, turned), x)


@gated.gradient("x")
def _(xp: Any, g: Any, x: Any, gate: str, axis: int) -> Any:
    value, turned = _halves(xp, x, axis)
    activation, slope = ACTIVATIONS[gate]
    g_ = wide(xp, g)
    return narrow(xp, xp.concat([g_ * activation(xp, turned), g_ * value * slope(xp, turned)], axis=axis), x)


def _halves(xp: Any, x: Any, axis: int) -> tuple[Any, Any]:
    n = x.shape[axis] // 2
    return wide(xp, x[along(axis, 0, n)]), wide(xp, x[along(axis, n, None)])


def _silu_slope(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -1e3, 1e3)
    s = xp.sigmoid(x)
    return s + x * (s - s * s)


def _relu_slope(xp: Any, x: Any) -> Any:
    return xp.astype(x > 0, x.dtype)


Function = Callable[[Any, Any], Any]

ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "silu": (lambda xp, x: xp.silu(x), _silu_slope),
    "relu": (lambda xp, x: xp.relu(x), _relu_slope),
    "gelu none": (lambda xp, x: xp.gelu(x, "none"), lambda xp, x: xp.gelu_slope(x, "none")),
    "gelu tanh": (lambda xp, x: xp.gelu(x, "tanh"), lambda xp, x: xp.gelu_slope(x, "tanh")),
}
"""By name, what the gate does to its half, and the slope of that."""


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The gated linear unit: the first half along an axis, times the `sigmoid` of the second half.

    Args:
        input: floats with an even length along `dim`.
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.glu(zk.tensor([1.0, 2.0, 0.0, 0.0]))
        Tensor([0.5, 1. ])
    """
    return activations.glu(input, dim)


def swiglu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along an axis, times the `silu` of the second half.

    Args:
        input: floats with an even length along `dim`.
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.swiglu(zk.tensor([2.0, 1.0], dtype="float64"))
        Tensor([1.46211716], dtype=float64)
    """
    return _gated("swiglu", input, "silu", dim)


def geglu(input: Tensor, dim: int = -1, approximate: str = "none") -> Tensor:
    """The first half along an axis, times the `gelu` of the second half.

    Args:
        input: floats with an even length along `dim`.
        dim: the axis to halve.
        approximate: which form of `gelu`, "none" or "tanh".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.geglu(zk.tensor([2.0, 1.0], dtype="float64"))
        Tensor([1.68268949], dtype=float64)
    """
    return _gated("geglu", input, f"gelu {gelu_form('geglu', approximate)}", dim)


def reglu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along an axis, times the `relu` of the second half.

    Args:
        input: floats with an even length along `dim`.
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.reglu(zk.tensor([2.0, 3.0, 1.5, -1.0]))
        Tensor([3., 0.])
    """
    return _gated("reglu", input, "relu", dim)


def gelu_form(name: str, approximate: Any) -> str:
    """Which form of `gelu`."""
    if word(name, "approximate", approximate) not in GELUS:
        raise InvalidValueError(
            f'{name}: approximate is "none" or "tanh", received {approximate!r}',
            fix='leave it out for the exact function, or pass "tanh"',
            op=name,
        )
    return str(approximate)


def _gated(name: str, input: Tensor, gate: str, dim: Any) -> Tensor:
    floats(name, input=input)
    axis = normalize_axis(name, dim, input.ndim)
    if input.shape[axis] % 2:
        raise ShapeError(
            f"{name}: axis {dim} has the odd length {input.shape[axis]}, it cannot be halved",
            facts=[f"input  {input.shape}"],
            fix="make it twice as long as the result is to be",
            op=name,
            axis=dim,
        )
    return gated(input, gate, axis)
