"""Arithmetic on 16-bit floats, done in float32 and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet import dtypes as dt
from zkynet.ops.kinds import as_array, dtype_name, is_number

_WIDE = ("float32", "float64", "complex64", "complex128")


def widened(f: Callable[..., Any], xp: Any, x: Any) -> Any:
    """``f(xp, x)``, computed in float32 where `x` is of a 16-bit type, whose steps would overflow or be rough."""
    if dtype_name(x) in _WIDE:
        return f(xp, x)
    return xp.astype(f(xp, xp.astype(x, dt.float32)), x.dtype)


def widened_all(f: Callable[..., Any], xp: Any, *arrays: Any) -> Any:
    """The same for several arguments; Python numbers among them become arrays."""
    like = next(a for a in arrays if not is_number(a))
    arrays = tuple([as_array(xp, a, like) for a in arrays])
    if dtype_name(like) in _WIDE:
        return f(xp, *arrays)
    return xp.astype(f(xp, *[xp.astype(a, dt.float32) for a in arrays]), like.dtype)
