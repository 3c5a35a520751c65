"""Images, sequences and volumes made larger or smaller by interpolation."""

from __future__ import annotations

from math import floor, isfinite
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn.functional.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from zkynet.nn.functional.resampling import resampling
from zkynet.nn.functional.taps import weighted_taps
from zkynet.ops.arguments import flag, number, whole, word
from zkynet.ops.casting import as_tensor
from zkynet.tensor import Tensor

__all__ = ["interpolate"]

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
MODES = ("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area")
AREAS = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def interpolate(
    input: Array,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """A tensor made larger or smaller along its last axes by interpolation.

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W).
        size: the lengths of the axes of the result, or one number for all.
        scale_factor: how many times larger the result is, in place of `size`; its lengths are rounded down.
        mode: "nearest" (with the rounding of old versions of PyTorch), "nearest-exact", "linear" (of sequences),
            "bilinear" and "bicubic" (of images), "trilinear" (of volumes), or "area" for means over what an element
            covers.
        align_corners: in the linear and cubic modes, whether the first and last elements stay where they are, rather
            than the outer edges of the image.
        recompute_scale_factor: whether the factor is taken from the lengths of the result, rather than as passed.
        antialias: in the modes "bilinear" and "bicubic", whether all elements count where the result is smaller.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[1.0, 3.0]]])
        >>> zk.nn.functional.interpolate(x, scale_factor=2)
        Tensor([[[1., 1., 3., 3.]]])
        >>> zk.nn.functional.interpolate(x, size=4, mode="linear")
        Tensor([[[1. , 1.5, 2.5, 3. ]]])
    """
    x = as_tensor("interpolate", input)
    n = x.ndim - 2
    if not 1 <= n <= 3:
        raise ShapeError(
            f"interpolate: the input has {x.ndim} {'axis' if x.ndim == 1 else 'axes'}, it has to have 3 to 5",
            facts=[f"input  {x.shape}", "it is read as (N, C, L), (N, C, H, W) or (N, C, D, H, W)"],
            fix="add the missing axes: x[None] puts one in front",
            op="interpolate",
        )
    _check_mode(x, n, mode, align_corners, antialias)
    aligned = align_corners is not None and flag("interpolate", "align_corners", align_corners)
    out, factors = _lengths(x, n, size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return AREAS[n](x, out)
    way = mode if mode.startswith("nearest") else "cubic" if mode == "bicubic" else "linear"
    axes = sorted(range(-n, 0), key=lambda axis: out[axis] / x.shape[axis])  # what makes it smaller comes first
    for axis in axes:
        taps = resampling(way, x.shape[axis], out[axis], factors[axis], aligned, bool(antialias), x.dtype == dt.float64)
        if taps.weights is not None or taps.places.shape != (1, taps.n) or (taps.places != range(taps.n)).any():
            x = weighted_taps(x, taps, axis)
    return x


def _check_mode(x: Tensor, n: int, mode: Any, align_corners: Any, antialias: Any) -> None:
    """Refuse a way of interpolation that does not exist, or not for so many axes, or not for integers."""
    allowed = ("nearest", "nearest-exact", "area", LINEAR[n]) + (("bicubic",) if n == 2 else ())
    if word("interpolate", "mode", mode) not in MODES:
        raise InvalidValueError(
            f"interpolate has no mode {mode!r}", fix=f"use one of {', '.join(MODES)}", op="interpolate"
        )
    if mode not in allowed:
        raise InvalidValueError(
            f"interpolate: the mode {mode!r} is not one for an input of {x.ndim} axes",
            facts=[f"input  {x.shape}"],
            fix=f"use one of {', '.join(allowed)}",
            op="interpolate",
        )
    smooth = mode in ("linear", "bilinear", "trilinear", "bicubic")
    if align_corners is not None and not smooth:
        raise ArgumentError(
            f"interpolate: align_corners means nothing in the mode {mode!r}",
            fix="leave it out, or use a linear or cubic mode",
            op="interpolate",
        )
    if flag("interpolate", "antialias", antialias) and mode not in ("bilinear", "bicubic"):
        raise ArgumentError(
            f"interpolate: there is no antialias in the mode {mode!r}",
            fix='leave it out, or use "bilinear" or "bicubic"',
            op="interpolate",
        )
    if smooth and dt.kind_rank(x.dtype) < 2:
        raise DTypeError(
            f"interpolate: the mode {mode!r} does not take {x.dtype} ({dt.kind_name(x.dtype)})",
            fix="convert the tensor first: x.astype(zk.float32)",
            op="interpolate",
            dtype=x.dtype,
        )
    if not all(x.shape[-n:]):
        raise ShapeError(
            "interpolate: an axis to resize is empty",
            facts=[f"input  {x.shape}"],
            fix="pass larger inputs",
            op="interpolate",
        )


def _lengths(x: Tensor, n: int, size: Any, factor: Any, recompute: Any) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The lengths of the axes of the result, and the factors to compute places with, None for those of the lengths."""
    if (size is None) == (factor is None):
        what = "neither size nor scale_factor" if size is None else "both size and scale_factor"
        raise ArgumentError(f"interpolate received {what}", fix="pass one of them", op="interpolate")
    renewed = recompute is not None and flag("interpolate", "recompute_scale_factor", recompute)
    if size is not None:
        if renewed:
            raise ArgumentError(
                "interpolate: there is no scale_factor to recompute where size is given",
                fix="leave recompute_scale_factor out",
                op="interpolate",
            )
        out = tuple([whole("interpolate", "size", m) for m in _each("size", size, n)])
        factors: tuple[Any, ...] = (None,) * n
    else:
        given = [float(number("interpolate", "scale_factor", f)) for f in _each("scale_factor", factor, n)]
        if any(not isfinite(f) or f <= 0 for f in given):
            raise InvalidValueError(
                f"interpolate: scale_factor is above 0, received {factor}",
                fix="pass how many times larger",
                op="interpolate",
            )
        out = tuple([floor(length * f) for length, f in zip(x.shape[-n:], given, strict=True)])
        factors = (None,) * n if renewed else tuple(given)
    if min(out) < 1:
        raise InvalidValueError(
            f"interpolate: nothing would be left of the input, whose result is {out}",
            facts=[f"input  {x.shape}"],
            fix="pass lengths of 1 at least",
            op="interpolate",
        )
    return out, factors


def _each(argument: str, value: Any, n: int) -> tuple[Any, ...]:
    """One value for each of `n` axes."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    if len(values) != n:
        raise InvalidValueError(
            f"interpolate: {argument} has {len(values)} numbers for {n} {'axis' if n == 1 else 'axes'}",
            fix="pass one number, or one for each axis behind the channels",
            op="interpolate",
        )
    return values
