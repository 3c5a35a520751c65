"""What PyTorch does better than the generic bodies, or has to do differently from its own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import special


def _finite(function: Callable[..., Any]) -> Callable[..., Any]:
    """Eigenvalues, which the CPU's library looks for beyond the end of its memory where there is NaN."""

    def kernel(xp: Any, x: Any) -> Any:
        if not bool(torch.isfinite(x).all()):
            raise torch.linalg.LinAlgError("NaN or infinities")
        return function(x)

    return kernel


def _of_batches(function: Callable[..., Any]) -> Callable[..., Any]:
    """A Fourier transform that takes an empty batch too, which the CPU's library refuses."""

    def kernel(xp: Any, x: Any, n: Any = None, axis: Any = -1, norm: str = "backward") -> Any:
        if x.numel():
            return function(x, n, axis, norm)
        out = function(x.new_zeros([max(m, 1) for m in x.shape]), n, axis, norm)
        transformed = {a % x.ndim for a in (axis if isinstance(axis, (tuple, list)) else (axis,))}
        return out[tuple(slice(None if m or i in transformed else 0) for i, m in enumerate(x.shape))]

    return kernel


def _of_axes(function: Callable[..., Any]) -> Callable[..., Any]:
    kernel = _of_batches(function)
    return lambda xp, x, s=None, axes=None, norm="backward": kernel(
        xp, x, s, tuple(range(x.ndim)) if axes is None else axes, norm
    )


KERNELS: dict[str, Callable[..., Any]] = {
    "special.erf": lambda xp, x: special.erf(x),
    "special.erfc": lambda xp, x: special.erfc(x),
    "special.erfinv": lambda xp, x: special.erfinv(x),
    "special.gammaln": lambda xp, x: special.gammaln(x),
    **{f"fft.{n}": _of_batches(getattr(torch.fft, n)) for n in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")},
    **{f"fft.{n}": _of_axes(getattr(torch.fft, n)) for n in ("fftn", "ifftn")},
    "linalg.eig": _finite(torch.linalg.eig),
    "linalg.eigvals": _finite(torch.linalg.eigvals),
}


def _transform(name: str) -> Callable[..., Any]:
    """A Fourier transform that also takes arrays without elements, which some of PyTorch's libraries refuse."""
    native = getattr(torch.fft, name)

    def kernel(xp: Any, x: Any, axes: Any, **options: Any) -> Any:
        named = axes if isinstance(axes, tuple) else (axes,)
        empty = [i for i, m in enumerate(x.shape) if m == 0 and i not in named]
        if not empty:
            return native(x, dim=axes, **options)
        like = native(x.new_zeros([1 if i in empty else m for i, m in enumerate(x.shape)]), dim=axes, **options)
        return like.new_empty([0 if i in empty else m for i, m in enumerate(like.shape)])

    if name.endswith("n"):
        return lambda xp, x, s, axes, norm: kernel(xp, x, axes, s=s, norm=norm)
    return lambda xp, x, n, axis, norm: kernel(xp, x, axis, n=n, norm=norm)


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn"):
    KERNELS[f"fft.{_name}"] = _transform(_name)
