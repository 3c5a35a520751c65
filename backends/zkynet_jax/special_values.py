"""Zeros, infinities and NaN where JAX's functions differ from what the Array API standard writes down.

XLA computes complex functions by their formulas in real ones, so that an infinite part beside a NaN loses its way. Each
row of `COMPLEX` names arguments by their real and imaginary parts, a and b, and says what the result is there. Real
arguments never come here.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan, pi
from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.numpy import isfinite, isinf, isnan

Case = tuple[Callable[[Any, Any], Any], Callable[[Any, Any], tuple[Any, Any]]]


def _signed(value: float, like: Any) -> Any:
    return jnp.copysign(jnp.asarray(value, like.dtype), like)


_exponential: Case = (
    lambda a, b: isinf(a) & ~isfinite(b),
    lambda a, b: (jnp.where(a > 0, inf, 0), jnp.where(a > 0, nan, 0)),
)
_exponential_less_one: Case = (
    lambda a, b: isinf(a) & ~isfinite(b),
    lambda a, b: (jnp.where(a > 0, inf, -1), jnp.where(a > 0, nan, 0)),
)
_logarithm: Case = (lambda a, b: (isinf(a) & isnan(b)) | (isnan(a) & isinf(b)), lambda a, b: (inf, nan))

_unknown: Case = (lambda a, b: (isnan(a) & isfinite(b)) | (isfinite(a) & isnan(b)), lambda a, b: (nan, nan))

COMPLEX: dict[str, tuple[Case, ...]] = {
    "acos": (_unknown, (lambda a, b: (a == 0) & isnan(b), lambda a, b: (pi / 2, nan))),
    "acosh": (_unknown, (lambda a, b: (a == 0) & isnan(b), lambda a, b: (nan, pi / 2))),
    "asinh": (_unknown, (lambda a, b: isnan(a) & (b == 0), lambda a, b: (nan, b))),
    "atanh": (
        _unknown,
        (lambda a, b: isnan(a) & isnan(b), lambda a, b: (nan, nan)),
        (lambda a, b: (a == 0) & isnan(b), lambda a, b: (a, nan)),
        (lambda a, b: isinf(a) & isnan(b), lambda a, b: (_signed(0, a), nan)),
    ),
    "cosh": (
        (lambda a, b: (a == 0) & ~isfinite(b), lambda a, b: (nan, 0)),
        (lambda a, b: isinf(a) & ~isfinite(b), lambda a, b: (inf, nan)),
    ),
    "exp": (_exponential,),
    "expm1": (_exponential_less_one,),
    "log": (_logarithm,),
    "log1p": (_logarithm,),
    "sinh": (
        (lambda a, b: (a == 0) & ~isfinite(b), lambda a, b: (a, nan)),
        (lambda a, b: isinf(a) & ~isfinite(b), lambda a, b: (a, nan)),
    ),
    "sqrt": (
        (lambda a, b: (a == -inf) & isnan(b), lambda a, b: (nan, inf)),
        (lambda a, b: (a == inf) & isnan(b), lambda a, b: (inf, nan)),
        (lambda a, b: isnan(a) & isinf(b), lambda a, b: (inf, b)),
    ),
    "tanh": (
        (lambda a, b: (a == 0) & ~isfinite(b), lambda a, b: (a, nan)),
        (lambda a, b: isinf(a), lambda a, b: (_signed(1, a), jnp.where(isfinite(b), _signed(0, b), 0))),
    ),
}


def _corrected(name: str) -> Callable[..., Any]:
    function, cases = getattr(jnp, name), COMPLEX[name]

    def kernel(xp: Any, x: Any) -> Any:
        y = function(x)
        if x.dtype.kind == "c":
            a, b = lax.real(x), lax.imag(x)
            for holds, parts in cases:
                u, v = (jnp.broadcast_to(jnp.asarray(p, a.dtype), a.shape) for p in parts(a, b))
                y = jnp.where(holds(a, b), lax.complex(u, v), y)
        return y

    return kernel


def _abs(xp: Any, x: Any) -> Any:
    size = jnp.abs(x)
    return jnp.where(isinf(x), inf, size) if x.dtype.kind == "c" else size  # infinite also beside NaN


def _floor_divide(xp: Any, x1: Any, x2: Any) -> Any:
    result = jnp.floor_divide(x1, x2)
    if result.dtype.kind in "iu":
        return result
    # an infinite divisor, an infinite or zero dividend: the floor of the quotient
    plain = isfinite(x1) & isfinite(x2) & (jnp.asarray(x1) != 0)
    return jnp.where(plain, result, jnp.floor(jnp.true_divide(x1, x2)).astype(result.dtype))


def _remainder(xp: Any, x1: Any, x2: Any) -> Any:
    result = jnp.remainder(x1, x2)
    if result.dtype.kind in "iu":
        return result
    return jnp.where(result == 0, jnp.copysign(jnp.zeros_like(result), x2), result)  # a zero has the sign of x2


def _sign(xp: Any, x: Any) -> Any:
    result = jnp.sign(x)
    return jnp.where(result == 0, jnp.zeros_like(result), result)  # never a negative zero


KERNELS: dict[str, Callable[..., Any]] = {name: _corrected(name) for name in COMPLEX}
KERNELS.update(abs=_abs, floor_divide=_floor_divide, remainder=_remainder, sign=_sign)
