"""Random numbers for PyTorch, which has too little of uint64 for the generic bodies: drawn by NumPy, then moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.backend.registry import usable_backend


def _moved(name: str) -> Callable[..., Any]:
    def draw(xp: Any, place: Any, n: int, *args: Any) -> Any:
        backend, host = xp.backend, usable_backend("numpy")
        if place.lifted is not None:
            place = place._replace(lifted=backend.to_numpy(place.lifted))
        *others, device = (backend.to_numpy(a) if backend.is_array(a) else a for a in args)
        return backend.from_numpy(getattr(host.xp.random, name)(place, n, *others, None), device)

    return draw


KERNELS: dict[str, Callable[..., Any]] = {
    f"random.{name}": _moved(name)
    for name in (
        "bits",
        "uniform",
        "normal",
        "exponential",
        "gumbel",
        "below",
        "below_each",
        "integers",
        "order",
        "truncated_normal",
        "weighted",
    )
}
