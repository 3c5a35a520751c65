"""Random numbers for JAX.

Eagerly on the CPU they are drawn by NumPy, which compiles nothing for each new shape. On other devices, and where the
state is traced, they are drawn by a function that is compiled for each number of them. Where JAX's 64-bit mode is
off, that function has halves of 32 bits only (`halves`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from zkynet.backend.namespace import BODIES
from zkynet.backend.registry import usable_backend
from zkynet.random.draws import GAMMA_ROUNDS, gamma_boost, gamma_round
from zkynet.random.philox import KEY_STEPS, ROUNDS, Place, scrambled
from zkynet_jax import halves


def _draw(name: str) -> Callable[..., Any]:
    def draw(xp: Any, place: Any, n: int, *args: Any) -> Any:
        *others, device = args
        traced = any(isinstance(a, jax.core.Tracer) for a in (place.lifted, *others))
        where = xp.backend.devices()[0] if device is None else device
        if place.lifted is None and not traced and where.partition(":")[0] == "cpu":
            return _on_the_host(name, xp.backend, place, n, others, device)
        state = _state(place)
        if device is not None and not isinstance(state, jax.core.Tracer):
            state = xp.backend.to_device(state, device)
        arrays = tuple(a for a in others if isinstance(a, jax.Array))
        plain = tuple(None if isinstance(a, jax.Array) else a for a in others)
        return _compiled(name, n, place.lane, plain, bool(jax.config.jax_enable_x64))(state, *arrays)

    return draw


def _on_the_host(name: str, backend: Any, place: Any, n: int, others: list[Any], device: str | None) -> Any:
    host = [backend.to_numpy(a) if isinstance(a, jax.Array) else a for a in others]
    if name == "gamma":
        host[0] = host[0].astype(np.float64)
    drawn = getattr(usable_backend("numpy").xp.random, name)(place, n, *host, None)
    if name == "gamma":
        drawn = drawn.astype(others[0].dtype)
    if name == "order" and not jax.config.jax_enable_x64:
        drawn = drawn.astype(np.int32)
    return backend.from_numpy(drawn, device)


def _state(place: Any) -> Any:
    """Block and key as 6 words of 32 bits, with the block of `place` itself."""
    if place.lifted is None:
        number = place.block | place.key << 64
        return jnp.array([number >> (32 * i) & 0xFFFFFFFF for i in range(6)], jnp.uint32)
    if not place.block:
        return place.lifted
    low = place.lifted[0] + np.uint32(place.block & 0xFFFFFFFF)
    carry = (low < place.lifted[0]).astype(jnp.uint32)
    high = place.lifted[1] + np.uint32(place.block >> 32) + carry
    return jnp.concatenate([jnp.stack([low, high]), place.lifted[2:]])


def scaled(xp: Any, x: Any, factor: float, offset: float, bounds: Any, dtype: Any) -> Any:
    """`zkynet.random.draws.scaled`; on the CPU by NumPy, which compiles nothing for each new shape."""
    if not xp.backend.can_look(x) or np.dtype(dtype).itemsize < 4:
        return BODIES["random.scaled"](xp, x, factor, offset, bounds, dtype)
    host = usable_backend("numpy").xp.random.scaled(np.array(x), factor, offset, bounds, dtype)
    return xp.backend.from_numpy(host, xp.backend.device_of(x))


@lru_cache(maxsize=1024)
def _compiled(name: str, n: int, lane: int, plain: tuple[Any, ...], wide: bool) -> Callable[..., Any]:
    """A draw as a compiled function of the state and of the arrays among its arguments."""
    backend = usable_backend("jax")
    kernel: Any = gamma if name == "gamma" else None if wide else getattr(halves, name, None)

    def draw(state: Any, *arrays: Any) -> Any:
        rest = iter(arrays)
        args = [next(rest) if a is None else a for a in plain]
        place = Place(0, 0, lane, state)
        return (kernel or BODIES[f"random.{name}"])(backend.xp, place, n, *args, None)

    return jax.jit(draw)


def words64(xp: Any, place: Any, n: int, device: str | None) -> Any:
    """`zkynet.random.philox.words64`, with a loop over the rounds: XLA would compute them again for each of 4 words."""
    blocks = -(-n // 4)
    state = _state(place).astype(jnp.uint64)
    block, *key = (state[i] | state[i + 1] << 32 for i in (0, 2, 4))
    zero = jnp.zeros(blocks, jnp.uint64)
    x = (jnp.arange(blocks, dtype=jnp.uint64) + (block + 1), zero + jnp.asarray(place.lane, jnp.uint64), zero, zero)

    def one_round(_: Any, carried: Any) -> Any:
        x, (k0, k1) = carried
        x = scrambled(x, (k0[None], k1[None]), 1)
        return x, (k0 + np.uint64(KEY_STEPS[0]), k1 + np.uint64(KEY_STEPS[1]))

    x, _ = lax.fori_loop(0, ROUNDS, one_round, (x, tuple(key)))
    return jnp.stack(x, axis=-1).reshape(-1)[:n]


def gamma(xp: Any, place: Any, n: int, alpha: Any, device: str | None) -> Any:
    """`zkynet.random.draws.gamma`, with a loop that ends when no number is refused any more."""
    dtype, wide = alpha.dtype, jax.config.jax_enable_x64
    normal, exponential = (
        BODIES[f"random.{name}"] if wide else getattr(halves, name) for name in ("normal", "exponential")
    )

    def one_round(carried: Any) -> Any:
        r, out, done = carried
        z = normal(xp, place._replace(lane=2 * r + 1), n, dtype, None)
        e = exponential(xp, place._replace(lane=2 * r + 2), n, dtype, None)
        fits, candidate = gamma_round(xp, alpha, z, e)
        return r + 1, jnp.where(done | ~fits, out, candidate), done | fits

    def unfinished(carried: Any) -> Any:
        return (carried[0] < GAMMA_ROUNDS) & ~jnp.all(carried[2])

    start = jnp.uint32(0), jnp.broadcast_to(alpha, (n,)), jnp.zeros(n, bool)
    _, out, _ = lax.while_loop(unfinished, one_round, start)
    return gamma_boost(xp, alpha, out, exponential(xp, place, n, dtype, None))


DRAWS = ("bits", "uniform", "normal", "exponential", "gumbel", "below", "below_each", "integers", "order")
KERNELS: dict[str, Callable[..., Any]] = {
    "random.words64": words64,
    "random.scaled": scaled,
    **{f"random.{name}": _draw(name) for name in (*DRAWS, "truncated_normal", "gamma", "weighted")},
}
