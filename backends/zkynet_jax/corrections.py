"""Where JAX's functions give another dtype or take other arguments than the Array API standard says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def _searchsorted(xp: Any, x1: Any, x2: Any, side: str = "left", sorter: Any = None) -> Any:
    found = jnp.searchsorted(x1, x2, side=side, sorter=sorter)
    return found.astype(jnp.asarray(0).dtype)  # JAX counts in int32 where that is enough


def _from_dlpack(xp: Any, x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    if copy is None and x.__dlpack_device__()[0] == 1 and not isinstance(x, jax.Array):
        copy = True  # JAX takes its arrays for unchangeable, and somebody may write into memory of the host
    try:
        return jnp.from_dlpack(x, device=device, copy=copy)
    except BufferError:
        if not copy:
            raise
        return jnp.array(np.from_dlpack(x), copy=True, device=device)  # memory that must not be written to


KERNELS: dict[str, Callable[..., Any]] = {"searchsorted": _searchsorted, "from_dlpack": _from_dlpack}
