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
    on_host = x.__dlpack_device__()[0] == 1
    if isinstance(x, jax.Array) or copy is False or (copy is None and not on_host):
        return jnp.from_dlpack(x, device=device, copy=copy)
    # JAX takes its arrays for unchangeable, and somebody may write into memory of the host. Its own copy=True does not
    # wait for the copy to be made.
    try:
        shared = np.from_dlpack(x) if on_host else jnp.from_dlpack(x)
        xp.backend.native_dtype(shared.dtype)
    except (BufferError, RuntimeError):  # a dtype that NumPy does not know
        shared = jnp.from_dlpack(x)
    return jnp.array(shared, copy=True, device=device).block_until_ready()


KERNELS: dict[str, Callable[..., Any]] = {"searchsorted": _searchsorted, "from_dlpack": _from_dlpack}
