"""Philox4x64-10, the counter-based generator of Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011).

Block number `c` of a stream is a fixed function of its key and of `c`: ten rounds of multiplications and exclusive ors
that make 4 words of 64 bits of the 4 words (c + 1, lane, 0, 0). So any part of a stream can be computed anywhere at
once, and a generator is nothing but a key and a number. The words are those of ``numpy.random.Philox``, whose counter,
like ours, is one less than that of the block it gives next.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from zkynet import dtypes as dt

FACTORS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
ROUNDS = 10
LOW = 0xFFFFFFFF
FULL = 0xFFFFFFFFFFFFFFFF


class Place(NamedTuple):
    """Where in which stream the next words are.

    Attributes:
        key: 128 bits.
        block: the number of the first block of 4 words; with `lifted`, counted from there.
        lane: which of 2**64 further streams of this key; 0 is the main one.
        lifted: None, or an array of 6 words of 32 bits that holds key and block, so that a compiler can trace them.
    """

    key: int
    block: int
    lane: int = 0
    lifted: Any = None


def words64(xp: Any, place: Place, n: int, device: str | None) -> Any:
    """The next `n` words of 64 bits, as uint64, in operations of the standard."""
    blocks = -(-n // 4)
    u64 = xp.backend.native_dtype(dt.uint64)
    where = None if device is None else xp.backend.native_device(device)
    keys, first = _start(xp, place, device)
    x0 = xp.arange(blocks, dtype=u64, device=where) + first
    x1, x2, x3 = (constant(xp, [v], device) for v in (place.lane, 0, 0))
    columns = scrambled((x0, x1, x2, x3), keys)
    parts = [xp.broadcast_to(x, (blocks,)) for x in columns]
    return xp.reshape(xp.stack(parts, axis=-1), (4 * blocks,))[:n]


def scrambled(x: Any, keys: Any, rounds: int = ROUNDS) -> tuple[Any, Any, Any, Any]:
    """The words of blocks, from the four words of their counters and the key's two halves for each round."""
    x0, x1, x2, x3 = x
    for r in range(rounds):
        high0, low0 = _product(x0, FACTORS[0])
        high2, low2 = _product(x2, FACTORS[1])
        x0, x1, x2, x3 = high2 ^ x1 ^ keys[0][r : r + 1], low2, high0 ^ x3 ^ keys[1][r : r + 1], low0
    return x0, x1, x2, x3


def words32(xp: Any, place: Place, n: int, device: str | None) -> Any:
    """The next `n` words of 32 bits, each in a uint64: the lower and the upper half of each word of 64."""
    wide = xp.random.words64(place, -(-n // 2), device)
    halves = xp.stack([wide & LOW, wide >> 32], axis=-1)
    return xp.reshape(halves, (2 * wide.shape[0],))[:n]


def constant(xp: Any, values: Any, device: str | None, dtype: Any = np.uint64) -> Any:
    """Whole numbers from the host as an array of `dtype`."""
    return xp.backend.from_numpy(np.array(values, dtype), device)


def high_product(a: Any, b: Any) -> Any:
    """The upper 64 bits of the product of two uint64 arrays, or of one and a Python number."""
    return _product(a, b)[0]


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    """The upper and lower 64 bits of a product, put together from those of halves, none of which overflows."""
    a0, a1 = a & LOW, a >> 32
    b0, b1 = b & LOW, b >> 32
    low = a0 * b0
    across = a1 * b0
    middle = (low >> 32) + (across & LOW) + a0 * b1
    return a1 * b1 + (across >> 32) + (middle >> 32), (middle << 32) | (low & LOW)


def round_keys(*halves: int) -> list[list[int]]:
    """The halves of a key in each round."""
    return [[(half + r * step) & FULL for r in range(ROUNDS)] for half, step in zip(halves, KEY_STEPS, strict=True)]


def _start(xp: Any, place: Place, device: str | None) -> tuple[tuple[Any, Any], Any]:
    """The two halves of the key for each round, and the counter of the first block, of shape (1,)."""
    if place.lifted is None:
        k0, k1 = (constant(xp, row, device) for row in round_keys(place.key & FULL, place.key >> 64))
        return (k0, k1), constant(xp, [(place.block + 1) & FULL], device)
    steps = round_keys(0, 0)
    parts = xp.astype(place.lifted, xp.backend.native_dtype(dt.uint64))
    block, k0, k1 = (parts[i : i + 1] | (parts[i + 1 : i + 2] << 32) for i in (0, 2, 4))
    moved = constant(xp, [place.block + 1], device)
    return (k0 + constant(xp, steps[0], device), k1 + constant(xp, steps[1], device)), block + moved
