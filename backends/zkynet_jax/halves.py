"""The draws without 64-bit types, for JAX whose 64-bit mode is off: each 64-bit word is a pair of uint32, upper first.

They give the bits of `zkynet.random.draws` for results of at most 32 bits. What has no other results is not here.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from zkynet.random import curves
from zkynet.random.draws import FRACTION_BITS
from zkynet.random.philox import FACTORS, KEY_STEPS, ROUNDS

Pair = tuple[Any, Any]


def product(a: Any, b: Any) -> Pair:
    """The upper and lower 32 bits of the product of two uint32, from those of their halves."""
    a0, a1, b0, b1 = a & 0xFFFF, a >> 16, b & 0xFFFF, b >> 16
    middle = a1 * b0 + (a0 * b0 >> 16)
    across = a0 * b1 + (middle & 0xFFFF)
    return a1 * b1 + (middle >> 16) + (across >> 16), a * b


def add(a: Pair, b: Pair) -> Pair:
    """The sum of two pairs, modulo 2**64."""
    low = a[1] + b[1]
    return a[0] + b[0] + (low < a[1]).astype(jnp.uint32), low


def wide_product(a: Pair, b: Pair) -> tuple[Pair, Pair]:
    """The upper and lower pair of the product of two pairs."""
    none = jnp.zeros_like(a[1])
    high0, low0 = product(a[1], b[1])
    high1, low1 = product(a[0], b[1])
    high2, low2 = product(a[1], b[0])
    middle = add((none, high0), (none, low1))
    middle = add(middle, (none, low2))
    upper = add(product(a[0], b[0]), (none, middle[0]))
    upper = add(add(upper, (none, high1)), (none, high2))
    return upper, (middle[1], low0)


def pair(number: int) -> Pair:
    """A number from the host."""
    return jnp.uint32(number >> 32), jnp.uint32(number & 0xFFFFFFFF)


def words(place: Any, n: int) -> Pair:
    """The next n words of 64 bits."""
    blocks = -(-n // 4)
    state = place.lifted
    none = jnp.zeros(blocks, jnp.uint32)
    first = add(add((state[1], state[0]), pair(place.block)), pair(1))
    lane = jnp.asarray(place.lane, jnp.uint32)
    x0 = add((none, jnp.arange(blocks, dtype=jnp.uint32)), first)
    start = (x0, (none, none + lane), (none, none), (none, none)), ((state[3], state[2]), (state[5], state[4]))

    def one_round(_: Any, carried: Any) -> Any:
        (x0, x1, x2, x3), (k0, k1) = carried
        high0, low0 = wide_product(x0, pair(FACTORS[0]))
        high2, low2 = wide_product(x2, pair(FACTORS[1]))
        x = (
            (high2[0] ^ x1[0] ^ k0[0], high2[1] ^ x1[1] ^ k0[1]),
            low2,
            (high0[0] ^ x3[0] ^ k1[0], high0[1] ^ x3[1] ^ k1[1]),
            low0,
        )
        return x, (add(k0, pair(KEY_STEPS[0])), add(k1, pair(KEY_STEPS[1])))

    x, _ = lax.fori_loop(0, ROUNDS, one_round, start)
    high, low = (jnp.stack([word[i] for word in x], axis=-1).reshape(-1)[:n] for i in (0, 1))
    return high, low


def words32(place: Any, n: int) -> Any:
    """The next n words of 32 bits."""
    high, low = words(place, -(-n // 2))
    return jnp.stack([low, high], axis=-1).reshape(-1)[:n]


def quantile(curve: curves.Curve, m: Any) -> Any:
    """`zkynet.random.curves.evaluate` for float32."""
    above = lax.clz(m)
    m = m << above
    row = ((31 - above) * curves.PIECES + ((m >> 23) & (curves.PIECES - 1))).astype(jnp.int32)
    t = (m & ((1 << 23) - 1)) << 9
    c = [jnp.take(jnp.asarray(column.astype(np.int32)), row) for column in curve.table]
    s = c[1] + (_times(t, c[2]) >> 8)
    s = c[0] + (_times(t, s) >> 8)
    return (s * 2 + 1).astype(jnp.float32) * np.float32(2.0 ** -(curve.point + 1))


def _times(t: Any, s: Any) -> Any:
    """``t * s / 2**32``, rounded down, of a uint32 and an int32."""
    high = product(t, s.astype(jnp.uint32))[0]
    return jnp.where(s < 0, high - t, high).astype(jnp.int32)


def bits(xp: Any, place: Any, n: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.bits`."""
    xp.backend.native_dtype(dtype)
    return words32(place, n)


def uniform(xp: Any, place: Any, n: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.uniform`."""
    digits = FRACTION_BITS[xp.backend.native_dtype(dtype).name]
    return (words32(place, n) >> (32 - digits)).astype(dtype) * dtype.type(2.0**-digits)


def normal(xp: Any, place: Any, n: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.normal`."""
    w = words32(place, n)
    size = quantile(curves.NORMAL[xp.backend.native_dtype(dtype)], w | 1)
    return jnp.where((w & 1) == 1, -size, size)


def exponential(xp: Any, place: Any, n: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.exponential`."""
    return quantile(curves.EXPONENTIAL[xp.backend.native_dtype(dtype)], words32(place, n) | 1)


def gumbel(xp: Any, place: Any, n: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.gumbel`."""
    w, kind = words32(place, n), xp.backend.native_dtype(dtype)
    sides = (quantile(side[kind], w | 1) for side in (curves.GUMBEL_ABOVE, curves.GUMBEL_BELOW))
    return jnp.where((w & 1) == 1, *sides)


def below(xp: Any, place: Any, n: int, limit: int, device: Any) -> Any:
    """`zkynet.random.draws.below`."""
    w = words32(place, n)
    return w < np.uint32(limit) if limit < 1 << 32 else jnp.ones_like(w, bool)


def below_each(xp: Any, place: Any, n: int, chances: Any, device: Any) -> Any:
    """`zkynet.random.draws.below_each`."""
    chances = chances.reshape(n).astype(jnp.float32)
    limits = jnp.ceil(jnp.minimum(chances, 0.9999999) * np.float32(2.0**32)).astype(jnp.uint32)
    return (words32(place, n) < limits) | (chances >= 1)


def integers(xp: Any, place: Any, n: int, low: int, count: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.integers`."""
    native = xp.backend.native_dtype(dtype)
    upper, lower = words(place, n)
    if count < 1 << 32:
        many = jnp.uint32(count)
        high, rest = product(upper, many)
        upper = add((high, rest), (jnp.zeros_like(high), product(lower, many)[0]))[0]
    return (upper + np.uint32(low & 0xFFFFFFFF)).astype(native)


def order(xp: Any, place: Any, n: int, device: Any) -> Any:
    """`zkynet.random.draws.order`, in int32."""
    return lax.sort((*words(place, n), jnp.arange(n, dtype=jnp.int32)), num_keys=2, is_stable=True)[2]
