"""What NumPy does better than the generic bodies, and where it has to be told not to warn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet_numpy import linear_algebra

KERNELS: dict[str, Callable[..., Any]] = dict(linear_algebra.KERNELS)

# Functions that meet infinities and NaN in the ordinary course of things. The result says so already (and
# `zkynet.debug_nans` finds the place), so a warning would only be NumPy's: no other backend gives one.
QUIET = (
    "divide remainder pow reciprocal sqrt exp expm1 log log2 log10 log1p logaddexp acos acosh asin "
    "atanh cosh sinh square hypot tan sin cos"
)


def _quiet(name: str) -> Callable[..., Any]:
    function = getattr(np, {"pow": "power"}.get(name, name))
    try:  # what np.errstate does on entry and exit, without making the same settings anew each time: 0.1 us, not 0.4
        from numpy._core.umath import _extobj_contextvar as settings
        from numpy._core.umath import _make_extobj
    except ImportError:
        return _with_errstate(function)
    silent = _make_extobj(all="ignore")

    def kernel(xp: Any, *args: Any) -> Any:
        token = settings.set(silent)
        try:
            return function(*args)
        finally:
            settings.reset(token)

    return kernel


def _with_errstate(function: Callable[..., Any]) -> Callable[..., Any]:
    quiet = np.errstate(all="ignore")(function)
    return lambda xp, *args: quiet(*args)


KERNELS.update({name: _quiet(name) for name in QUIET.split()})


@np.errstate(all="ignore")
def _floor_divide(xp: Any, x1: Any, x2: Any) -> Any:
    out = np.floor_divide(x1, x2)
    if out.dtype.kind != "f":
        return out
    infinite = np.isinf(x1) | np.isinf(x2)  # the standard asks for the floor of the quotient, NumPy gives NaN or -1
    return np.where(infinite, np.floor(np.divide(x1, x2)), out) if infinite.any() else out


KERNELS["floor_divide"] = _floor_divide

_expm1_of_reals = KERNELS["expm1"]


def _expm1(xp: Any, x: Any) -> Any:
    return _expm1_of_reals(xp, x) if x.dtype.kind != "c" else _complex_expm1(x)


@np.errstate(all="ignore")
def _complex_expm1(x: Any) -> Any:
    out = np.array(np.expm1(x))
    out.real += 0.0  # never a negative zero
    unbounded = ~np.isfinite(out)  # there NumPy multiplies infinity by the sine of zero
    return np.where(unbounded, np.exp(x) - 1, out) if unbounded.any() else out


KERNELS["expm1"] = _expm1


@np.errstate(all="ignore")
def _isclose(xp: Any, x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    return np.isclose(x1, x2, rtol, atol, equal_nan)


KERNELS["isclose"] = _isclose


def _sign(xp: Any, x: Any) -> Any:
    out = np.sign(x)  # of complex numbers too, without dividing by zero; there NaN next to infinity is still NaN
    return out if out.dtype.kind != "c" else np.where(np.isnan(x), complex(np.nan, np.nan), out)


KERNELS["sign"] = _sign


def _put_into_zeros(xp: Any, values: Any, shape: Any, key: Any) -> Any:
    out = np.zeros(shape, values.dtype)
    if names_places_once(key):
        out[key] = values
    else:
        np.add.at(out, key, values)
    return out


KERNELS["put_into_zeros"] = _put_into_zeros


def names_places_once(key: Any) -> bool:
    """Whether no element can be named twice: slices, numbers, and masks, but no arrays of positions."""
    parts = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(p, (np.ndarray, list)) and np.asarray(p).dtype != np.bool_ for p in parts)
