"""Updates of 16-bit parameters: computed in float32 and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from zkynet.dtypes import float32

HALF = ("float16", "bfloat16")


@lru_cache(maxsize=64)  # the same function for the same rule: what a backend compiles, it compiles once
def in_single_precision(rule: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """`rule` for 16-bit parameters and gradients; what is remembered about them is float32 anyway."""

    def run(xp: Any, g: Any, p: Any, *buffers: Any, **how: Any) -> tuple[Any, ...]:
        new, *rest = rule(xp, xp.astype(g, float32), xp.astype(p, float32), *buffers, **how)
        return (xp.astype(new, p.dtype), *rest)

    return run
