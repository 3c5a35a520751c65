"""What a million random numbers cost on NumPy, next to those of NumPy's own generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

N = 1_000_000


def measure() -> list[Line]:
    """The table: normal and uniform numbers in both precisions, integers, an order; and ten numbers."""
    import zkynet as zk

    zk.set_backend("numpy")
    ours = zk.random.Generator(0)
    pcg, philox = np.random.default_rng(0), np.random.Generator(np.random.Philox(0))
    lines = []
    for dtype in ("float32", "float64"):
        for n, rounds in ((N, 60), (10, 400)):
            lines += compare(
                f"{n} normal numbers, {dtype}",
                _ways(
                    lambda n=n, dtype=dtype: ours.normal(shape=n, dtype=dtype),  # type: ignore[misc]
                    lambda g, n=n, dtype=dtype: g.standard_normal(n, dtype),
                    pcg,
                    philox,
                ),
                "NumPy's default",
                rounds,
            )
        lines += compare(
            f"{N} uniform numbers, {dtype}",
            _ways(
                lambda dtype=dtype: ours.uniform(shape=N, dtype=dtype),  # type: ignore[misc]
                lambda g, dtype=dtype: g.random(N, dtype),
                pcg,
                philox,
            ),
            "NumPy's default",
            60,
        )
        lines += compare(
            f"{N} exponential numbers, {dtype}",
            _ways(
                lambda dtype=dtype: ours.exponential(shape=N, dtype=dtype),  # type: ignore[misc]
                lambda g, dtype=dtype: g.standard_exponential(N, dtype),
                pcg,
                philox,
            ),
            "NumPy's default",
            60,
        )
    lines += compare(
        f"{N} integers below 1000",
        _ways(lambda: ours.integers(1000, shape=N), lambda g: g.integers(1000, size=N), pcg, philox),
        "NumPy's default",
        60,
    )
    lines += compare(
        f"an order of {N} numbers",
        _ways(lambda: ours.permutation(N), lambda g: g.permutation(N), pcg, philox),
        "NumPy's default",
        20,
    )
    return lines


def _ways(zkynet: Callable[[], Any], numpy: Callable[[Any], Any], pcg: Any, philox: Any) -> dict[str, Any]:
    return {"NumPy's default": lambda: numpy(pcg), "NumPy's Philox": lambda: numpy(philox), "zkynet (NumPy)": zkynet}
