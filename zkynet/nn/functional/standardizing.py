"""The op behind layer, batch, group, instance and RMS norm: mean 0 and variance 1 over axes, then a factor and a shift.

With ``y = (x - m) r``, ``r = 1 / sqrt(v + eps)`` and means over the same axes, the gradient of `y` is the projection
``P(u) = r (u - mean(u) - y mean(u y))``, which is its own transpose. Without centring (RMS norm) `m` is 0, `v` the mean
square, and P lacks the term ``mean(u)``. All rules below are made of P, of the first order and of the second.
"""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.ops.axes import count_along
from zkynet.ops.define import multiple, op
from zkynet.ops.kinds import dtype_name

__all__: list[str] = []

Axes = tuple[int, ...]


@multiple()
@op(name="nn.standardize", kinds="real float")
def standardize(
    xp: Any, x: Array, weight: Array | None, bias: Array | None, axes: Axes, eps: float, centred: bool
) -> tuple[Array, Array, Array]:
    """`x` standardised over `axes`, times `weight`, plus `bias`; and the mean and the variance, of length 1 along them.

    `weight` and `bias` broadcast to `x`. Mean and variance of 16-bit floats are float32.
    """
    y = wide(xp, x)
    n = max(count_along(y.shape, axes), 1)  # of no elements the mean is 0
    if centred:
        mean = xp.sum(y, axis=axes, keepdims=True) / n
        y = y - mean
        var = xp.sum(y * y, axis=axes, keepdims=True) / n
    else:
        var = xp.sum(y * y, axis=axes, keepdims=True) / n
        mean = xp.zeros_like(var)
    y = y * xp.rsqrt(var + eps)
    if weight is not None:
        y = y * wide(xp, weight)
    if bias is not None:
        y = y + wide(xp, bias)
    return narrow(xp, y, x), mean, var


@standardize.gradient("x", "weight", "bias")
def _(
    xp: Any,
    g: Any,
    x: Any,
    weight: Any,
    bias: Any,
    ans: Any,
    axes: Any,
    eps: Any,
    centred: Any,
    needs: Any,
    reached: Any,
) -> Any:
    _, mean, var = ans
    out: list[Any] = [None, None, None]
    wanted = needs if reached[0] else (False, False, False)
    if any(wanted):
        parts = iter(xp.nn.standardize_gradient(g[0], x, weight, bias, mean, var, axes, eps, centred, wanted))
        out = [next(parts) if want else None for want in wanted]
    if needs[0] and (reached[1] or reached[2]):
        n = max(count_along(x.shape, axes), 1)
        distance = wide(xp, x) - mean
        part = g[2] * (distance * (2.0 / n)) + (g[1] / n if centred else 0.0)
        out[0] = narrow(xp, part if out[0] is None else out[0] + part, x)
    return out


@multiple()
@op(name="nn.standardize_gradient", kinds="real float", promote=False)
def standardize_gradient(
    xp: Any,
    g: Array,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    mean: Array,
    var: Array,
    axes: Axes,
    eps: float,
    centred: bool,
    wanted: tuple[bool, bool, bool],
) -> tuple[Array, ...]:
    """The gradients of `standardize` by those of `x`, `weight` and `bias` that are `wanted`.

    `mean` and `var` are those of `x`; what depends on `x` through them is in the rule below: no gradient has to come
    back through them.
    """
    r = xp.rsqrt(var + eps)
    wide_g = wide(xp, g)
    y = (wide(xp, x) - mean) * r if wanted[0] or wanted[1] else None
    out = []
    if wanted[0]:
        u = wide_g if weight is None else wide_g * wide(xp, weight)
        out.append(narrow(xp, projected(xp, u, y, r, axes, centred), x))
    if wanted[1] and weight is not None:
        out.append(narrow(xp, summed_to(xp, wide_g * y, weight.shape), weight))
    if wanted[2] and bias is not None:
        out.append(narrow(xp, summed_to(xp, wide_g, bias.shape), bias))
    return tuple(out)


@standardize_gradient.gradient("g", "x", "weight")
def _(
    xp: Any,
    c: Any,
    g: Any,
    x: Any,
    weight: Any,
    mean: Any,
    var: Any,
    axes: Any,
    eps: Any,
    centred: Any,
    wanted: Any,
    needs: Any,
    reached: Any,
) -> Any:
    # S = <cx, P(g w)> + <cw, sum(g y)> + <cb, sum(g)> is differentiated by g and w, where P is its own transpose,
    # and by x, on which it depends through y and through r.
    came = iter(zip(c, reached, strict=True))
    cx, cw, cb = [_wide_or_none(xp, *next(came)) if want else None for want in wanted]
    r = xp.rsqrt(var + eps)
    y = (wide(xp, x) - mean) * r
    g_, w = wide(xp, g), None if weight is None else wide(xp, weight)
    through_g = through_x = through_w = None
    pulled = None if cx is None else projected(xp, cx, y, r, axes, centred)
    if needs[0]:
        terms = [pulled if pulled is None or w is None else pulled * w, None if cw is None else cw * y, cb]
        through_g = _added(terms)
        through_g = xp.zeros_like(g) if through_g is None else narrow(xp, xp.broadcast_to(through_g, g.shape), g)
    if needs[1]:
        by_y = [None if cw is None else cw * g_]
        by_r = None
        if cx is not None:
            u = g_ if w is None else g_ * w
            cy, uy = averaged(xp, cx * y, axes), averaged(xp, u * y, axes)
            by_y.append(-r * (cx * uy + u * cy))
            by_r = averaged(xp, cx * u, axes) - cy * uy
            if centred:
                by_r = by_r - averaged(xp, cx, axes) * averaged(xp, u, axes)
        through_y = _added(by_y)
        through_x = _added(
            [
                None if through_y is None else projected(xp, through_y, y, r, axes, centred),
                None if by_r is None else y * (-r * r * by_r),
            ]
        )
        through_x = xp.zeros_like(x) if through_x is None else narrow(xp, through_x, x)
    if needs[2]:
        through_w = xp.zeros_like(weight)
        if pulled is not None:
            through_w = narrow(xp, summed_to(xp, pulled * g_, weight.shape), weight)
    return through_g, through_x, through_w


def projected(xp: Any, u: Any, y: Any, r: Any, axes: Axes, centred: bool) -> Any:
    """``P(u)``: what comes through the mean and the variance is taken out."""
    out = u - y * averaged(xp, u * y, axes)
    if centred:
        out = out - averaged(xp, u, axes)
    return out * r


def averaged(xp: Any, x: Any, axes: Axes) -> Any:
    """The mean over axes that stay with length 1; of no elements it is 0."""
    return xp.sum(x, axis=axes, keepdims=True) / max(count_along(x.shape, axes), 1)


def summed_to(xp: Any, x: Any, shape: Any) -> Any:
    """The sum over the axes along which an array of `shape` is broadcast to that of `x`."""
    lead = len(x.shape) - len(shape)
    gone = (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 != x.shape[lead + i]))
    out = xp.sum(x, axis=gone) if gone else x
    return out if tuple(out.shape) == tuple(shape) else xp.reshape(out, tuple(shape))


def wide(xp: Any, x: Any) -> Any:
    """`x` as float32 if it is of a 16-bit type."""
    return x if dtype_name(x) in ("float32", "float64") else xp.astype(x, dt.float32)


def narrow(xp: Any, out: Any, like: Any) -> Any:
    """`out` rounded to the dtype of `like`."""
    return out if dtype_name(out) == dtype_name(like) else xp.astype(out, like.dtype)


def _wide_or_none(xp: Any, c: Any, came: bool) -> Any:
    return wide(xp, c) if came else None


def _added(terms: list[Any]) -> Any:
    """The sum of the terms that are there, None if none is."""
    out = None
    for term in terms:
        if term is not None:
            out = term if out is None else out + term
    return out
