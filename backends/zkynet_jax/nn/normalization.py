"""Normalisation as one compiled function for each shape instead of one for each of its steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from zkynet.backend.namespace import BODIES


@cache
def _compiled(name: str, xp: Any, static: tuple[int, ...]) -> Callable[..., Any]:
    import jax

    return jax.jit(partial(BODIES[name], xp), static_argnums=static)


def jitted(name: str, *static: int) -> Callable[..., Any]:
    """The generic body of an op, compiled as a whole; `static` are the places of plain arguments that shape it."""

    def kernel(xp: Any, *args: Any) -> Any:
        return _compiled(name, xp, static)(*args)

    return kernel


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.standardize": jitted("nn.standardize", 3, 4, 5),
    "nn.standardize_gradient": jitted("nn.standardize_gradient", 6, 7, 8, 9),
    "nn.scale_and_shift": jitted("nn.scale_and_shift"),
    "nn.response_norm": jitted("nn.response_norm", 1, 2, 3, 4),
    "nn.unit_vectors": jitted("nn.unit_vectors", 1, 2),
}
