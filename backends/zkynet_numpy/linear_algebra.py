"""Linear algebra and Fourier transforms without NumPy's warnings of overflow and invalid values.

A determinant that overflows, or a transform of infinities, says so by its value; no other backend warns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    silent = np.errstate(all="ignore")(function)
    return lambda xp, *args, **kwargs: silent(*args, **kwargs)


@np.errstate(all="ignore")
def _expm(xp: Any, x: Any) -> Any:
    return BODIES["linalg.expm"](xp, x)


KERNELS: dict[str, Callable[..., Any]] = {
    "linalg.det": _quiet(np.linalg.det),
    "linalg.slogdet": _quiet(np.linalg.slogdet),
    "linalg.expm": _expm,
}
for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn"):
    KERNELS[f"fft.{_name}"] = _quiet(getattr(np.fft, _name))
