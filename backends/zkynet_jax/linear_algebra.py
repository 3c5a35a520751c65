"""Linear algebra that refuses a matrix without an answer, where JAX itself goes on with NaN or infinities.

Looking at the result makes the host wait for it: once for each `inv`, `solve`, `cholesky` that runs eagerly, and never
while a function is traced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def _inv(xp: Any, x: Any) -> Any:
    return _answered(jnp.linalg.inv(x), x)


def _solve(xp: Any, x1: Any, x2: Any) -> Any:
    return _answered(jnp.linalg.solve(x1, x2), x1, x2)


def _cholesky(xp: Any, x: Any, upper: bool = False) -> Any:
    return _answered(jnp.linalg.cholesky(x, upper=upper), x)


def _solve_triangular(xp: Any, x1: Any, x2: Any, upper: bool, left: bool = True, unitriangular: bool = False) -> Any:
    if x2.ndim == 1:
        column = x2[:, None] if left else x2[None, :]
        out = _solve_triangular(xp, x1, column, upper, left, unitriangular)
        return out[..., 0] if left else out[..., 0, :]
    batch = jnp.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    a = jnp.broadcast_to(x1, batch + x1.shape[-2:])
    b = jnp.broadcast_to(x2, batch + x2.shape[-2:])
    out = jax.lax.linalg.triangular_solve(a, b, left_side=left, lower=not upper, unit_diagonal=unitriangular)
    return _answered(out, x1, x2)


def _answered(out: Any, *inputs: Any) -> Any:
    """`out`, unless finite inputs gave something that is not finite."""
    arrays = (out, *inputs)
    if any(isinstance(a, jax.core.Tracer) for a in arrays) or bool(jnp.isfinite(out).all()):
        return out
    if all(bool(jnp.isfinite(a).all()) for a in inputs):
        raise np.linalg.LinAlgError("JAX gave NaN or infinities")
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "linalg.inv": _inv,
    "linalg.solve": _solve,
    "linalg.cholesky": _cholesky,
    "linalg.solve_triangular": _solve_triangular,
}
