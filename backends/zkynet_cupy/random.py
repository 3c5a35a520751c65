"""Random numbers on CuPy: one kernel for the words and one for the curves; the generic bodies do the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from zkynet_cupy.random_source import SOURCE

THREADS = 256
MOST_BLOCKS = 65535


def make_random(cupy: Any) -> dict[str, Callable[..., Any]]:
    """The kernels by name."""

    @lru_cache
    def function(name: str) -> Any:
        return cupy.RawKernel(SOURCE, name, options=("--std=c++17",))

    def launch(name: str, n: int, *args: Any) -> None:
        if n:
            function(name)((min(-(-n // THREADS), MOST_BLOCKS),), (THREADS,), args)

    @lru_cache
    def table(curve: Any, device: int) -> Any:
        return cupy.asarray(np.concatenate(curve.table))

    def words64(xp: Any, place: Any, n: int, device: str | None) -> Any:
        with xp.backend._on(device):
            out = cupy.empty(n, np.uint64)
            key, block = place.key, place.block
            numbers = [np.uint64(v & 0xFFFFFFFFFFFFFFFF) for v in (key, key >> 64, block, place.lane)]
            lifted = np.uint64(0) if place.lifted is None else place.lifted
            launch("zk_random_words", -(-n // 4), *numbers, lifted, out, np.int64(n))
            return out

    def words32(xp: Any, place: Any, n: int, device: str | None) -> Any:
        return words64(xp, place, -(-n // 2), device).view(np.uint32)[:n].astype(np.uint64)

    def quantile(xp: Any, curve: Any, m: Any, device: str | None, bits: int | None = None) -> Any:
        with m.device:
            m = cupy.ascontiguousarray(m)
            out = cupy.empty(m.shape, np.float64 if curve.wide else np.float32)
            above = 0 if bits is None else bits - curve.bits
            launch(
                "zk_quantile_double" if curve.wide else "zk_quantile_float",
                m.size,
                m,
                table(curve, m.device.id),
                np.int64(len(curve.table[0])),
                np.int32(above),
                np.int32(curve.point),
                np.float64(2.0 ** -(curve.point + 1)),
                out,
                np.int64(m.size),
            )
            return out

    return {"random.words64": words64, "random.words32": words32, "random.quantile": quantile}
