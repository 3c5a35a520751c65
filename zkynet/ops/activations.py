"""Activation functions: the smooth ones, each one op with a gradient of its own.

All of them are stable: for inputs of any size, infinities among them, values and gradients are the limits. Where the
formula has infinity times zero (``x * sigmoid(x)`` at minus infinity), `x` is first cut where nothing changes any more.
Types of 16 bits are computed in float32 and rounded once (`widened`). The piecewise linear ones are in `piecewise`,
those that live in log space in `logspace`.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.axes import along, normalize_axis
from zkynet.ops.define import op
from zkynet.ops.precision import widened

__all__ = ["celu", "elu", "gelu", "glu", "mish", "selu", "sigmoid", "silu", "softsign", "swish", "tanhshrink"]


@op(kinds="real float", elementwise=True)
def sigmoid(xp: Any, x: Array) -> Array:
    """The logistic function ``1 / (1 + exp(-x))``; also `special.expit`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.sigmoid(zk.tensor([0.0, 2.0], dtype="float64"))
        Tensor([0.5       , 0.88079708], dtype=float64)
    """
    return widened(_sigmoid, xp, x)


def _sigmoid(xp: Any, x: Any) -> Any:
    return 1.0 / (xp.exp(-x) + 1.0)


@sigmoid.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return g * (ans - ans * ans)


@op(kinds="real float", elementwise=True)
def silu(xp: Any, x: Array) -> Array:
    """The sigmoid linear unit ``x * sigmoid(x)``, also called `swish`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.silu(zk.tensor([-1.0, 0.0, 1.0], dtype="float64"))
        Tensor([-0.26894142,  0.        ,  0.73105858], dtype=float64)
    """
    return widened(_silu, xp, x)


def _silu(xp: Any, x: Any) -> Any:
    x = xp.maximum(x, -1e3)
    return x / (xp.exp(-x) + 1.0)


@silu.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(_silu_slope, xp, x)


def _silu_slope(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -1e3, 1e3)
    s = xp.sigmoid(x)
    return s + x * (s * (1.0 - s))


swish = silu


@op(kinds="real float", elementwise=True)
def mish(xp: Any, x: Array) -> Array:
    """``x * tanh(softplus(x))``.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.mish(zk.tensor([-1.0, 0.0, 1.0], dtype="float64"))
        Tensor([-0.30340146,  0.        ,  0.86509839], dtype=float64)
    """
    return widened(_mish, xp, x)


def _mish(xp: Any, x: Any) -> Any:
    x = xp.maximum(x, -1e3)
    n = _mish_parts(xp, x)[1]
    return x * (n / (n + 2.0))


def _mish_parts(xp: Any, x: Any) -> tuple[Any, Any]:
    """``e = exp(x)`` and ``n = (1 + e)**2 - 1``: tanh(softplus(x)) is n / (n + 2), and 1 from x = 20 on."""
    e = xp.exp(xp.minimum(x, 20.0))
    return e, e * (e + 2.0)


@mish.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(_mish_slope, xp, x)


def _mish_slope(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -1e3, 20.0)
    e, n = _mish_parts(xp, x)
    inverse = 1.0 / (n + 2.0)
    return n * inverse + (x * 4.0) * (e * (e + 1.0) * inverse * inverse)


ROOT_HALF = math.sqrt(0.5)
DENSITY_AT_0 = 1.0 / math.sqrt(2.0 * math.pi)
TANH_SLOPE = math.sqrt(2.0 / math.pi)
TANH_CUBIC = 0.044715 * TANH_SLOPE


@op(kinds="real float", elementwise=True)
def gelu(xp: Any, x: Array, approximate: str = "none") -> Array:
    """The Gaussian error linear unit, `x` times the probability that a standard normal variable is at most `x`.

    Args:
        x: a tensor of real numbers.
        approximate: "none" for ``x (1 + erf(x / sqrt(2))) / 2``, "tanh" for the faster formula of Hendrycks and Gimpel,
            ``x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))) / 2``.

    Example:
        >>> import zkynet as zk
        >>> zk.gelu(zk.tensor([-1.0, 0.0, 1.0], dtype="float64"))
        Tensor([-0.15865525,  0.        ,  0.84134475], dtype=float64)
    """
    if approximate not in GELUS:
        raise InvalidValueError(
            f'gelu: approximate must be "none" or "tanh", received {approximate!r}',
            fix='leave it out for the exact function, or pass "tanh"',
            op="gelu",
        )
    return widened(GELUS[approximate][0], xp, x)


def _gelu(xp: Any, x: Any) -> Any:
    x = xp.maximum(x, -40.0)
    half = x * 0.5
    return half * xp.special.erf(x * ROOT_HALF) + half


def _gelu_tanh(xp: Any, x: Any) -> Any:
    x = xp.maximum(x, -40.0)
    half = x * 0.5
    return half * xp.tanh(x * (x * x * TANH_CUBIC + TANH_SLOPE)) + half


@gelu.gradient("x")
def _(xp: Any, g: Any, x: Any, approximate: str) -> Any:
    return g * xp.gelu_slope(x, approximate)


@op(kinds="real float", elementwise=True)
def gelu_slope(xp: Any, x: Array, approximate: str) -> Array:
    """The derivative of `gelu`, an op of its own so that a backend may compute it in one go."""
    return widened(GELUS[approximate][1], xp, x)


def _slope(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -40.0, 40.0)
    return (xp.special.erf(x * ROOT_HALF) * 0.5 + 0.5) + xp.exp(x * x * -0.5) * (x * DENSITY_AT_0)


def _slope_tanh(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -40.0, 40.0)
    square = x * x
    t = xp.tanh(x * (square * TANH_CUBIC + TANH_SLOPE))
    return (x * ((1.0 - t * t) * (square * (3.0 * TANH_CUBIC) + TANH_SLOPE)) + t) * 0.5 + 0.5


@gelu_slope.gradient("x")
def _(xp: Any, g: Any, x: Any, approximate: str) -> Any:
    return g * widened(GELUS[approximate][2], xp, x)


def _curvature(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -40.0, 40.0)
    square = x * x
    return xp.exp(square * -0.5) * (2.0 * DENSITY_AT_0 - square * DENSITY_AT_0)


def _curvature_tanh(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -40.0, 40.0)
    square = x * x
    t = xp.tanh(x * (square * TANH_CUBIC + TANH_SLOPE))
    slope = square * (3.0 * TANH_CUBIC) + TANH_SLOPE
    return (1.0 - t * t) * (slope + square * (3.0 * TANH_CUBIC) - x * t * (slope * slope))


GELUS = {"none": (_gelu, _slope, _curvature), "tanh": (_gelu_tanh, _slope_tanh, _curvature_tanh)}
"""Value, first and second derivative, by what `approximate` says."""


@op(kinds="real float", elementwise=True)
def elu(xp: Any, x: Array, alpha: float = 1.0) -> Array:
    """The exponential linear unit: `x` above 0, ``alpha * (exp(x) - 1)`` below.

    Args:
        x: a tensor of real numbers.
        alpha: minus the limit at minus infinity.

    Gradient: `alpha` at 0.

    Example:
        >>> import zkynet as zk
        >>> zk.elu(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.63212056,  1.        ], dtype=float64)
    """
    return widened(lambda xp, x: xp.maximum(x, 0.0) + xp.expm1(xp.minimum(x, 0.0)) * alpha, xp, x)


@elu.gradient("x")
def _(xp: Any, g: Any, x: Any, alpha: float) -> Any:
    return g * widened(lambda xp, x: _elu_slope(xp, x, alpha), xp, x)


def _elu_slope(xp: Any, x: Any, alpha: float) -> Any:
    below = xp.exp(xp.minimum(x, 0.0))  # 1 where x > 0
    return below if alpha == 1.0 else below * alpha + xp.astype(x > 0, x.dtype) * (1.0 - alpha)


SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
"""Klambauer et al., Self-normalizing neural networks (2017)."""


@op(kinds="real float", elementwise=True)
def selu(xp: Any, x: Array) -> Array:
    """The scaled `elu` of self-normalising networks: 1.0507 times that with alpha = 1.6733.

    Args:
        x: a tensor of real numbers.

    Gradient: 1.7581 at 0, the slope from the left.

    Example:
        >>> import zkynet as zk
        >>> zk.selu(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-1.11133074,  1.05070099], dtype=float64)
    """
    return widened(_selu, xp, x)


def _selu(xp: Any, x: Any) -> Any:
    negative = xp.expm1(xp.minimum(x, 0.0)) * (SELU_ALPHA * SELU_SCALE)
    return xp.maximum(x, 0.0) * SELU_SCALE + negative


@selu.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(lambda xp, x: _elu_slope(xp, x, SELU_ALPHA) * SELU_SCALE, xp, x)


@op(kinds="real float", elementwise=True)
def celu(xp: Any, x: Array, alpha: float = 1.0) -> Array:
    """The `elu` whose slope has no jump: `x` above 0, ``alpha * (exp(x / alpha) - 1)`` below.

    Args:
        x: a tensor of real numbers.
        alpha: minus the limit at minus infinity, not 0.

    Example:
        >>> import zkynet as zk
        >>> zk.celu(zk.tensor([-1.0, 1.0], dtype="float64"), alpha=2.0)
        Tensor([-0.78693868,  1.        ], dtype=float64)
    """
    if alpha == 0:
        raise InvalidValueError("celu: alpha must not be 0", fix="use zk.relu, its limit", op="celu")
    return widened(lambda xp, x: xp.maximum(x, 0.0) + xp.expm1(xp.minimum(x, 0.0) * (1.0 / alpha)) * alpha, xp, x)


@celu.gradient("x")
def _(xp: Any, g: Any, x: Any, alpha: float) -> Any:
    return g * widened(lambda xp, x: xp.exp(xp.minimum(x, 0.0) * (1.0 / alpha)), xp, x)


@op(kinds="real float", elementwise=True)
def softsign(xp: Any, x: Array) -> Array:
    """``x / (1 + abs(x))``.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.softsign(zk.tensor([-1.0, 3.0]))
        Tensor([-0.5 ,  0.75])
    """
    return widened(_softsign, xp, x)


def _softsign(xp: Any, x: Any) -> Any:
    x = xp.clip(x, -1e30, 1e30)
    return x / (xp.abs(x) + 1.0)


@softsign.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * widened(lambda xp, x: 1.0 / xp.square(xp.abs(x) + 1.0), xp, x)


@op(kinds="real float", elementwise=True)
def tanhshrink(xp: Any, x: Array) -> Array:
    """``x - tanh(x)``.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.tanhshrink(zk.tensor([0.0, 1.0], dtype="float64"))
        Tensor([0.        , 0.23840584], dtype=float64)
    """
    return widened(lambda xp, x: x - xp.tanh(x), xp, x)


@tanhshrink.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    t = xp.tanh(x)
    return g * (t * t)


@op(kinds="real float")
def glu(xp: Any, x: Array, axis: int = -1) -> Array:
    """The gated linear unit: the first half along an axis, times the `sigmoid` of the second half.

    Args:
        x: a tensor with an even length along `axis`.
        axis: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.glu(zk.tensor([1.0, 2.0, 0.0, 0.0]))
        Tensor([0.5, 1. ])
    """
    value, gate = _halves(x, axis)
    return value * xp.sigmoid(gate)


def _halves(x: Any, axis: int) -> tuple[Any, Any]:
    at = normalize_axis("glu", axis, len(x.shape))
    n, odd = divmod(x.shape[at], 2)
    if odd:
        raise ShapeError(
            f"glu: axis {axis} has the odd length {x.shape[at]}, it cannot be halved",
            facts=[f"x  {tuple(x.shape)}"],
            fix="make it twice as long as the result is to be",
            op="glu",
            axis=axis,
        )
    return x[along(at, 0, n)], x[along(at, n, None)]


@glu.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: int) -> Any:
    value, gate = _halves(x, axis)
    s = xp.sigmoid(gate)
    part = g * s
    return xp.concat([part, part * (value - value * s)], axis=axis)
