"""Sums, probabilities and logistic functions by way of logarithms, without overflow.

They are exact for inputs of any size. An entry of minus infinity is the logarithm of 0: it has probability 0 and
receives the gradient 0, and what is made of such entries only is minus infinity with gradient 0.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from zkynet._typing import Array, Axis
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number
from zkynet.ops.axes import keepdims_shape, normalize_axes, valid_axis
from zkynet.ops.define import op
from zkynet.ops.explain import check
from zkynet.ops.precision import widened, widened_all
from zkynet.ops.reduction import needs_elements
from zkynet.tensor import Tensor

__all__ = ["log_sigmoid", "log_softmax", "logsumexp", "softmax", "softplus"]


def bound_of(xp: Any, x: Any) -> float:
    """The largest finite number: a maximum is brought to it before it is subtracted, for inf - inf would be NaN."""
    return float(xp.finfo(x.dtype).max)


@op(kinds="real float", elementwise=True)
def log_sigmoid(xp: Any, x: Array) -> Array:
    """The logarithm of the logistic function, ``-log(1 + exp(-x))``; also `special.log_expit`.

    Args:
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.log_sigmoid(zk.tensor([-1e4, 0.0], dtype="float64"))
        Tensor([-1.00000000e+04, -6.93147181e-01], dtype=float64)
    """
    return widened(lambda xp, x: xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x))), xp, x)


@log_sigmoid.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return -g * xp.expm1(ans)  # sigmoid(-x)


@op(name="softplus", kinds="real float", elementwise=True)
def _softplus(xp: Any, x: Array) -> Array:
    return widened(lambda xp, x: xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x))), xp, x)


@_softplus.gradient("x")
def _(xp: Any, g: Any, ans: Any) -> Any:
    return -g * xp.expm1(-ans)  # sigmoid(x)


def softplus(x: Array, beta: float = 1.0) -> Tensor:
    """``log(1 + exp(beta * x)) / beta``, a smooth `relu`. Exact everywhere, so there is no threshold to set.

    Args:
        x: a tensor of real numbers.
        beta: how sharp the bend is, not 0.

    Example:
        >>> import zkynet as zk
        >>> zk.softplus(zk.tensor([-1e4, 0.0, 1e4], dtype="float64"))
        Tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+04], dtype=float64)
    """
    beta = number("softplus", "beta", beta)
    if beta == 1:
        return _softplus(x)
    if beta == 0:
        raise InvalidValueError("softplus: beta must not be 0", fix="pass a positive beta", op="softplus")
    return _softplus(beta * x) / beta


@op(kinds="real float")
def logsumexp(xp: Any, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """``log(sum(exp(x)))`` over axes.

    Args:
        x: a tensor of real numbers.
        axis: an axis or a tuple of them; None for all.
        keepdims: keep the axes with length one.

    Gradient: the `softmax` of `x`; 0 where all are -inf.

    Example:
        >>> import zkynet as zk
        >>> zk.logsumexp(zk.tensor([1000.0, 1000.0], dtype="float64"))
        Tensor(1000.69314718, dtype=float64)
    """
    axis = valid_axis("logsumexp", axis, len(x.shape))
    out = widened(lambda xp, x: _logsumexp(xp, x, axis), xp, x)
    if keepdims:
        return out
    gone = normalize_axes("logsumexp", axis, len(x.shape))
    return xp.reshape(out, tuple(n for at, n in enumerate(x.shape) if at not in gone))


def _logsumexp(xp: Any, x: Any, axis: Any) -> Any:
    bound = bound_of(xp, x)
    largest = xp.clip(xp.max(x, axis=axis, keepdims=True), -bound, bound)
    return xp.log(xp.sum(xp.exp(x - largest), axis=axis, keepdims=True)) + largest


@logsumexp.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any, axis: Any) -> Any:
    kept = keepdims_shape(x.shape, axis)
    return xp.reshape(g, kept) * widened_all(functools.partial(_shares, axis=axis), xp, x, xp.reshape(ans, kept))


def _shares(xp: Any, x: Any, ans: Any, axis: Any) -> Any:
    """``exp(x - ans)``, brought to a sum of 1: `ans` is rounded, at 1e4 in float32 to a few thousandths."""
    shares = xp.exp(x - xp.where(ans == -math.inf, 0.0, ans))
    total = xp.sum(shares, axis=axis, keepdims=True)
    return shares / xp.where(total > 0, total, 1.0)


@op(kinds="real float")
def softmax(xp: Any, x: Array, axis: Axis = -1) -> Array:
    """``exp(x) / sum(exp(x))`` along an axis: positive numbers that add up to 1.

    Args:
        x: a tensor of real numbers. Entries of minus infinity get 0; with only such the result is NaN.
        axis: an axis or a tuple of them, None for all.

    Example:
        >>> import zkynet as zk
        >>> zk.softmax(zk.tensor([0.0, 0.0, -float("inf")]))
        Tensor([0.5, 0.5, 0. ])
    """
    axis = valid_axis("softmax", axis, len(x.shape))
    return widened(lambda xp, x: _softmax(xp, x, axis), xp, x)


def _softmax(xp: Any, x: Any, axis: Any) -> Any:
    e = xp.exp(x - xp.maximum(xp.max(x, axis=axis, keepdims=True), -bound_of(xp, x)))
    return xp.divide(e, xp.sum(e, axis=axis, keepdims=True))


@softmax.gradient("x")
def _(xp: Any, g: Any, ans: Any, axis: Any) -> Any:
    part = g * ans
    return part - ans * xp.sum(part, axis=axis, keepdims=True)


@op(kinds="real float")
def log_softmax(xp: Any, x: Array, axis: Axis = -1) -> Array:
    """The logarithm of `softmax`, ``x - logsumexp(x)``, exact where that is tiny.

    Args:
        x: a tensor of real numbers. Entries of minus infinity stay so; with only such the result is NaN.
        axis: an axis or a tuple of them, None for all.

    Example:
        >>> import zkynet as zk
        >>> zk.log_softmax(zk.tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """
    axis = valid_axis("log_softmax", axis, len(x.shape))
    return widened(lambda xp, x: _log_softmax(xp, x, axis), xp, x)


def _log_softmax(xp: Any, x: Any, axis: Any) -> Any:
    shifted = x - xp.maximum(xp.max(x, axis=axis, keepdims=True), -bound_of(xp, x))
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


@log_softmax.gradient("x")
def _(xp: Any, g: Any, ans: Any, axis: Any) -> Any:
    return g - xp.exp(ans) * xp.sum(g, axis=axis, keepdims=True)


for _name in ("logsumexp", "softmax", "log_softmax"):
    check(_name)(lambda x, axis=None, *_, name=_name: needs_elements(name, x, axis))
