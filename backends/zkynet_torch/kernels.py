"""What PyTorch does better than the generic bodies: special functions in one pass, where they are as exact."""

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


KERNELS: dict[str, Callable[..., Any]] = {
    "special.erf": lambda xp, x: special.erf(x),
    "special.erfc": lambda xp, x: special.erfc(x),
    "special.erfinv": lambda xp, x: special.erfinv(x),
    "special.gammaln": lambda xp, x: special.gammaln(x),
    "linalg.eig": _finite(torch.linalg.eig),
    "linalg.eigvals": _finite(torch.linalg.eigvals),
}
