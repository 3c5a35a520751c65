"""Division by a measure of size: local response normalisation, and vectors of length one."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError
from zkynet.linalg.norms import vector_norm
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.normalization_checks import channels_of, small
from zkynet.nn.functional.standardizing import narrow, wide
from zkynet.ops.arguments import number, whole
from zkynet.ops.axes import along, normalize_axes
from zkynet.ops.define import op
from zkynet.ops.extrema import maximum
from zkynet.tensor import Tensor

__all__ = ["local_response_norm", "normalize"]


@op(name="nn.window_sum", kinds="float")
def window_sum(xp: Any, x: Array, axis: int, before: int, after: int) -> Array:
    """Along an axis, at each place the sum of that many places before it, itself, and that many behind."""
    n = x.shape[axis]
    if n == 0:
        return xp.zeros_like(x)
    slabs = [xp.concat([xp.zeros_like(x[along(axis, 0, 1)])] * m, axis=axis) for m in (before, after) if m]
    if before and after:
        longer = xp.concat([slabs[0], x, slabs[1]], axis=axis)
    elif slabs:
        longer = xp.concat([slabs[0], x] if before else [x, slabs[0]], axis=axis)
    else:
        return xp.positive(x)
    out = longer[along(axis, 0, n)]
    for k in range(1, before + after + 1):
        out = out + longer[along(axis, k, k + n)]
    return out


@window_sum.gradient("x")
def _(xp: Any, g: Any, axis: int, before: int, after: int) -> Any:
    return xp.nn.window_sum(g, axis, after, before)


@op(name="nn.response_norm", kinds="real float")
def response_norm(xp: Any, x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
    """``x / (k + alpha * mean(x**2 over size channels))**beta``, channels along axis 1."""
    x_ = wide(xp, x)
    return narrow(xp, x_ * _size_of(xp, x_, size, alpha, k) ** -beta, x)


@response_norm.gradient("x")
def _(xp: Any, g: Any, x: Any, size: int, alpha: float, beta: float, k: float) -> Any:
    x_, g_ = wide(xp, x), wide(xp, g)
    d = _size_of(xp, x_, size, alpha, k)
    power = d**-beta
    spread = xp.nn.window_sum(g_ * x_ * power / d, 1, (size - 1) // 2, size // 2)
    return narrow(xp, g_ * power - x_ * spread * (2.0 * alpha * beta / size), x)


def _size_of(xp: Any, x: Any, size: int, alpha: float, k: float) -> Any:
    return xp.nn.window_sum(x * x, 1, size // 2, (size - 1) // 2) * (alpha / size) + k


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Divide by a power of the mean square over neighbouring channels.

    ``y = x / (k + alpha * mean(x**2 over size channels))**beta``, where channels beyond the first and the last count as
    zeros; Krizhevsky, Sutskever and Hinton, ImageNet classification (2012).

    Args:
        input: floats of shape ``(N, C, *)``.
        size: over how many channels the mean square is taken, ``size // 2`` of them before.
        alpha: the factor of the mean square.
        beta: the exponent.
        k: what is added to the mean square.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[1.0], [2.0]]], dtype="float64")
        >>> zk.nn.functional.local_response_norm(x, 1, alpha=3.0, beta=1.0)
        Tensor([[[0.25      ],
                 [0.15384615]]], dtype=float64)
    """
    name = "local_response_norm"
    floats(name, input=input)
    channels_of(name, input)
    size = whole(name, "size", size)
    if size < 1:
        raise InvalidValueError(f"{name}: size is at least 1, received {size}", fix="pass a larger size", op=name)
    factors = [float(number(name, what, v)) for what, v in (("alpha", alpha), ("beta", beta), ("k", k))]
    return response_norm(input, size, *factors)


@op(name="nn.unit_vectors", kinds="real float")
def unit_vectors(xp: Any, x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """``x / max(sqrt(sum(x**2)), eps)``."""
    x_ = wide(xp, x)
    return narrow(xp, x_ / xp.maximum(_length(xp, x_, axes), eps), x)


@unit_vectors.gradient("x")
def _(xp: Any, g: Any, x: Any, axes: tuple[int, ...], eps: float) -> Any:
    x_, g_ = wide(xp, x), wide(xp, g)
    length = _length(xp, x_, axes)
    bounded = xp.maximum(length, eps)
    y = x_ / bounded
    turning = xp.sum(g_ * y, axis=axes, keepdims=True) * xp.astype(length > eps, length.dtype)
    return narrow(xp, (g_ - y * turning) / bounded, x)


def _length(xp: Any, x: Any, axes: tuple[int, ...]) -> Any:
    return xp.sqrt(xp.sum(x * x, axis=axes, keepdims=True))


def normalize(input: Tensor, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Tensor:
    """Divide vectors by their length.

    ``y = x / max(norm(x), eps)``

    Args:
        input: floats of any shape with the axes `dim`.
        p: which norm is taken for the length, 2 for the Euclidean one.
        dim: the axis, or the axes, along which the vectors lie.
        eps: the least length to divide by.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.normalize(zk.tensor([[3.0, 4.0], [0.0, 0.0]], dtype="float64"))
        Tensor([[0.6, 0.8],
                [0. , 0. ]], dtype=float64)
    """
    floats("normalize", input=input)
    p, eps = number("normalize", "p", p), small("normalize", "eps", eps)
    axes = normalize_axes("normalize", dim, input.ndim)
    if p == 2:
        return unit_vectors(input, axes, eps)
    return input / maximum(vector_norm(input, axis=axes, keepdims=True, ord=p), eps)
