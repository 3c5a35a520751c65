"""Random numbers for JAX: eagerly on the CPU they are drawn by NumPy, which compiles nothing for each new shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.backend.namespace import BODIES
from zkynet.backend.registry import usable_backend


def _drawn_on_the_host(name: str) -> Callable[..., Any]:
    body = BODIES[f"random.{name}"]

    def draw(xp: Any, place: Any, n: int, *args: Any) -> Any:
        device = args[-1]
        where = xp.backend.devices()[0] if device is None else device
        if place.lifted is not None or where.partition(":")[0] != "cpu":
            return body(xp, place, n, *args)
        drawn = getattr(usable_backend("numpy").xp.random, name)(place, n, *args[:-1], None)
        return xp.backend.from_numpy(drawn, device)

    return draw


KERNELS: dict[str, Callable[..., Any]] = {
    f"random.{name}": _drawn_on_the_host(name)
    for name in ("bits", "uniform", "normal", "exponential", "gumbel", "below", "integers", "order", "truncated_normal")
}
