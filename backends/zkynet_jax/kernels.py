"""What JAX does better than the generic bodies, or has to do differently from its own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet_jax import corrections, linear_algebra, special, special_values

KERNELS: dict[str, Callable[..., Any]] = {
    **special_values.KERNELS,
    **corrections.KERNELS,
    **special.KERNELS,
    **linear_algebra.KERNELS,
}
