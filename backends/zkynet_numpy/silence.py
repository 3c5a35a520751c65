"""No warnings about infinities and NaN: the result says so already, and no other backend warns.

`zkynet.debug_nans` finds the place where they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from functools import wraps
from typing import Any

import numpy as np

UNABLE_TO_WARN = {
    "relu",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_invert",
    "reshape",
    "permute_dims",
    "matrix_transpose",
    "getitem",
}
"""Ops that make no new numbers."""


def _numpy_settings() -> Any:
    """Where NumPy keeps what `np.errstate` sets, and the settings of silence; None in a NumPy that has it elsewhere.

    To set it oneself spares making the same settings anew for each call.
    """
    try:
        from numpy._core.umath import _extobj_contextvar, _make_extobj
    except ImportError:
        return None
    return _extobj_contextvar, _make_extobj(all="ignore")


_SETTINGS = _numpy_settings()
_SILENT_CONTEXT = Context()
if _SETTINGS is not None:
    _SILENT_CONTEXT.run(_SETTINGS[0].set, _SETTINGS[1])


def quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` without NumPy's warnings of overflow, division by zero and invalid values."""
    if _SETTINGS is None:
        return np.errstate(all="ignore")(function)
    settings, silent = _SETTINGS
    set_, reset = settings.set, settings.reset

    def silenced(*args: Any) -> Any:
        token = set_(silent)
        try:
            return function(*args)
        finally:
            reset(token)

    if isinstance(function, np.ufunc) and function.nin <= 2:
        return _quiet_ufunc(function, silenced)
    return wraps(function)(silenced) if hasattr(function, "__name__") else silenced


def _quiet_ufunc(function: np.ufunc, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The same for one that is all C and so may run in a context of its own, which costs next to nothing.

    A context can be entered by one thread at a time; if another one is just in there, Python raises a RuntimeError.
    """
    run = _SILENT_CONTEXT.run

    def one(x: Any) -> Any:
        try:
            return run(function, x)
        except RuntimeError:
            return otherwise(x)

    def two(x: Any, y: Any) -> Any:
        try:
            return run(function, x, y)
        except RuntimeError:
            return otherwise(x, y)

    return one if function.nin == 1 else two
