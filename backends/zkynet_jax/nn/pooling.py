"""Pooling on JAX: each op compiled as a whole, windows as strided slices and the way back as interior padding.

On a CPU this takes half to a third of the time of ``reduce_window`` and the scatter that is its gradient, and unlike
those it keeps the rule for NaN and works with dilation. Axes are done one after the other, as on NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from zkynet.backend.namespace import BODIES


def _max_pool(xp: Any, x: Any, window: Any) -> Any:
    return _max_pool_compiled(x, window)


def _max_pool_back(xp: Any, g: Any, x: Any, ans: Any, window: Any) -> Any:
    return _max_pool_back_compiled(g, x, ans, window)


def _avg_pool(xp: Any, x: Any, window: Any, divisor: Any) -> Any:
    return _avg_pool_compiled(x, window, divisor)


def _avg_pool_back(xp: Any, g: Any, window: Any, divisor: Any) -> Any:
    return _avg_pool_back_compiled(g, window, divisor)


def _whole(name: str, plain: int) -> Callable[..., Any]:
    """The generic body of an op, compiled as a whole for each shape and the plain arguments from number `plain` on."""

    def call(xp: Any, *args: Any) -> Any:
        run = compiled.get(len(args))
        if run is None:
            static = tuple(range(plain, len(args)))
            run = compiled[len(args)] = jax.jit(partial(BODIES[name], xp), static_argnums=static)
        return run(*args)

    compiled: dict[int, Any] = {}
    return call


def _framed(x: Any, window: Any, value: Any) -> Any:
    if window.padded == window.shape:
        return x
    lead = x.ndim - len(window.size)
    widths = [(0, 0)] * lead + list(zip(window.padding, window.after, strict=True))
    return jnp.pad(x, widths, constant_values=value)


def _lowest(dtype: Any) -> Any:
    return jnp.iinfo(dtype).min if jnp.issubdtype(dtype, jnp.integer) else -jnp.inf


def _views(x: Any, window: Any, axis: int) -> list[Any]:
    return [x[(..., part, *(slice(None),) * (-1 - axis))] for part in window.offsets_along(axis)]


@partial(jax.jit, static_argnums=1)
def _max_pool_compiled(x: Any, window: Any) -> Any:
    x = _framed(x, window, _lowest(x.dtype))
    for axis in window.axes:
        x = _largest(x, window, axis)
    return x


def _largest(x: Any, window: Any, axis: int) -> Any:
    out, *others = _views(x, window, axis)
    for value in others:
        out = jnp.maximum(out, value)
    return out


@partial(jax.jit, static_argnums=3)
def _max_pool_back_compiled(g: Any, x: Any, ans: Any, window: Any) -> Any:
    stages = [_framed(x, window, _lowest(x.dtype))]
    for axis in reversed(window.axes[1:]):
        stages.append(_largest(stages[-1], window, axis))
    largest = ans
    for axis in window.axes:
        x = stages.pop()
        wins = _winners(x, largest, window, axis)
        g = _spread([jnp.where(w, g, 0) for w in wins], window, axis)
        largest = x
    return g[window.inside]


def _winners(x: Any, largest: Any, window: Any, axis: int) -> list[Any]:
    """For each place in a window along an axis, where the first maximum (or the last NaN) of the window is there."""
    values = _views(x, window, axis)
    none = jnp.zeros(largest.shape, bool)
    inside = _inside(window, axis)
    wins, seen = [], none
    for k, value in enumerate(values):
        equal = (value == largest) & inside[k]
        wins.append(equal & ~seen)
        seen = seen | equal
    later = none
    for k in range(len(values) - 1, -1, -1):
        nan = jnp.isnan(values[k])
        wins[k] = wins[k] | (nan & ~later)
        later = later | nan
    return wins


def _inside(window: Any, axis: int) -> Any:
    """Whether each place in a window along an axis is one of the array itself: row k is for place k of all windows."""
    place = window.starts(axis) + jnp.arange(window.size[axis])[:, None] * window.dilation[axis]
    inside = (place >= 0) & (place < window.shape[axis])
    return inside.reshape(*inside.shape, *(1,) * (-1 - axis))


def _spread(parts: list[Any], window: Any, axis: int) -> Any:
    """Values for each place in the windows of an axis, added up where they stand in the padded array."""
    n, o, s = window.padded[axis], window.out[axis], window.stride[axis]
    total: Any = 0
    for part, at in zip(parts, window.offsets_along(axis), strict=True):
        widths = [(0, 0, 0)] * part.ndim
        widths[axis] = (at.start, n - at.start - (o - 1) * s - 1, s - 1)
        total = total + lax.pad(part, jnp.zeros((), part.dtype), widths)
    return total


@partial(jax.jit, static_argnums=(1, 2))
def _avg_pool_compiled(x: Any, window: Any, divisor: Any) -> Any:
    dtype = x.dtype
    x = _framed(x.astype(_wide(dtype)), window, 0)
    for axis in window.axes:
        x = sum(_views(x, window, axis))
    return (x / _divisor(divisor, x.dtype)).astype(dtype)


@partial(jax.jit, static_argnums=(1, 2))
def _avg_pool_back_compiled(g: Any, window: Any, divisor: Any) -> Any:
    dtype = g.dtype
    g = g.astype(_wide(dtype))
    g = g / _divisor(divisor, g.dtype)
    for axis in reversed(window.axes):
        g = _spread([g] * window.size[axis], window, axis)
    return g[window.inside].astype(dtype)


def _wide(dtype: Any) -> Any:
    return jnp.float32 if dtype.itemsize < 4 else dtype


def _divisor(divisor: Any, dtype: Any) -> Any:
    if isinstance(divisor, int):
        return divisor
    total: Any = 1
    for counts in divisor:
        total = jnp.multiply.outer(total, jnp.array(counts, dtype))
    return total


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.max_pool": _max_pool,
    "nn.max_pool_back": _max_pool_back,
    "nn.max_pool_read": _whole("nn.max_pool_read", 3),
    "nn.max_pool_winners": _whole("nn.max_pool_winners", 1),
    "nn.max_pool_places": _whole("nn.max_pool_places", 1),
    "nn.avg_pool": _avg_pool,
    "nn.avg_pool_back": _avg_pool_back,
    "nn.weighted_taps": _whole("nn.weighted_taps", 1),
}
