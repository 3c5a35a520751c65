"""Updates of complex parameters: their real and imaginary parts are updated as two real parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=64)  # the same function for the same rule: what a backend compiles, it compiles once
def on_parts(rule: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """`rule` for complex parameters, gradients and buffers; each element has to be updated by itself."""

    def run(xp: Any, g: Any, p: Any, *buffers: Any, **how: Any) -> tuple[Any, ...]:
        def parts(z: Any) -> Any:
            return xp.stack((xp.real(z), xp.imag(z)), axis=-1)

        # a gradient is dL/dx - i dL/dy, and the way down is along its conjugate
        done = rule(xp, parts(xp.conj(g)), parts(p), *map(parts, buffers), **how)
        return tuple([xp.astype(x[..., 0], p.dtype) + 1j * xp.astype(x[..., 1], p.dtype) for x in done])

    return run
