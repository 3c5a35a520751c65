"""What PyTorch does better than the generic bodies, or has to do differently from its own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import special

KERNELS: dict[str, Callable[..., Any]] = {
    "special.erf": lambda xp, x: special.erf(x),
    "special.erfc": lambda xp, x: special.erfc(x),
    "special.erfinv": lambda xp, x: special.erfinv(x),
    "special.gammaln": lambda xp, x: special.gammaln(x),
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
