"""Random numbers on NumPy: its own Philox for the bits, and a few passes over pieces that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES

PIECE = 1 << 14
FULL = 0xFFFFFFFFFFFFFFFF


_free: list[tuple[Any, Any]] = []
"""Generators that nobody uses just now: to make a new one takes ten times as long as to set the state of an old one."""


def _at(place: Any, draw: Callable[[Any], Any]) -> Any:
    """What a `numpy.random.Generator` draws from a place on."""
    key, block = place.key, place.block
    if place.lifted is not None:
        low, high, *parts = (int(v) for v in place.lifted)
        key = sum(part << (32 * i) for i, part in enumerate(parts))
        block += low | high << 32
    try:
        generator, state = _free.pop()
    except IndexError:
        philox = np.random.Philox(0)
        generator, state = np.random.Generator(philox), philox.state
    state["state"]["key"] = np.array((key & FULL, key >> 64), np.uint64)
    state["state"]["counter"] = np.array((block & FULL, place.lane, 0, 0), np.uint64)
    generator.bit_generator.state = state  # with an empty buffer, as a new one has
    out = draw(generator)
    _free.append((generator, state))
    return out


def words64(place: Any, n: int) -> Any:
    """The next words of 64 bits."""
    return _at(place, lambda generator: generator.bit_generator.random_raw(n))


def words32(place: Any, n: int) -> Any:
    """The next words of 32 bits."""
    return words64(place, -(-n // 2)).astype("<u8", copy=False).view("<u4")[:n]


def bits(xp: Any, place: Any, n: int, dtype: Any, device: str) -> Any:
    """`zkynet.random.draws.bits`."""
    return words64(place, n) if dtype == np.uint64 else np.array(words32(place, n), np.uint32)


def uniform(xp: Any, place: Any, n: int, dtype: Any, device: str) -> Any:
    """`zkynet.random.draws.uniform`; NumPy takes the same bits of each word."""
    if dtype.name in ("float32", "float64"):
        return _at(place, lambda generator: generator.random(n, dtype))
    from zkynet.random.draws import FRACTION_BITS

    digits = FRACTION_BITS[dtype.name]
    return (words32(place, n) >> np.uint32(32 - digits)).astype(dtype) * dtype.type(2.0**-digits)


def below(xp: Any, place: Any, n: int, limit: int, device: str) -> Any:
    """`zkynet.random.draws.below`."""
    return words32(place, n) < limit


def order(xp: Any, place: Any, n: int, device: str) -> Any:
    """`zkynet.random.draws.order`."""
    keys = words64(place, n)
    found = np.argsort(keys)  # not stable, but twice as fast
    placed = keys[found]
    if (placed[1:] == placed[:-1]).any():
        found = np.argsort(keys, kind="stable")
    return found.astype(np.int64, copy=False)


def integers(xp: Any, place: Any, n: int, low: int, count: int, dtype: Any, device: Any) -> Any:
    """`zkynet.random.draws.integers` up to 2**32 different numbers, where the words are overwritten by the results."""
    if count > 1 << 32:
        return in_pieces("integers", 2, xp, place, n, low, count, dtype)
    words = words64(place, n)
    direct = dtype.itemsize == 8
    out = words if direct else np.empty(n, dtype)
    half, many = np.uint64(32), np.uint64(count)
    low_part = np.empty(min(n, PIECE), np.uint64)
    for start in range(0, n, PIECE):
        w = words[start : start + PIECE]
        c = low_part[: len(w)]
        np.bitwise_and(w, np.uint64(0xFFFFFFFF), out=c)
        np.right_shift(w, half, out=w)
        if count < 1 << 32:
            np.multiply(c, many, out=c)
            np.right_shift(c, half, out=c)
            np.multiply(w, many, out=w)
            np.add(w, c, out=w)
            np.right_shift(w, half, out=w)
        if low:
            np.add(w, np.uint64(low & FULL), out=w)
        if not direct:
            np.copyto(out[start : start + PIECE], w.view(np.int64), casting="unsafe")
    return out.view(dtype) if direct else out


def weighted(xp: Any, place: Any, n: int, weights: Any, device: str | None) -> Any:
    """`zkynet.random.draws.weighted`."""
    return in_pieces("weighted", 1, xp, place, n, weights, piece=max(PIECE, -(-weights.size // 4) * 4))


def in_pieces(name: str, words: int, xp: Any, place: Any, n: int, *args: Any, piece: int = PIECE) -> Any:
    """A generic body, which takes so many words of 64 bits for each number, on pieces that stay in the cache."""
    starts = range(0, max(n, 1), piece)
    places = (place._replace(block=place.block + start * words // 4) for start in starts)
    body = BODIES[f"random.{name}"]
    return np.concatenate([body(xp, p, min(piece, n - k), *args, None) for p, k in zip(places, starts, strict=True)])


def scaled(xp: Any, x: Any, factor: float, offset: float, bounds: Any, dtype: Any) -> Any:
    """`zkynet.random.draws.scaled`, in place where nothing is to be converted."""
    if x.dtype.itemsize < 4 or not x.flags.writeable:
        x = x.astype(np.promote_types(x.dtype, np.float32) if x.dtype.kind == "f" else np.float32)
    out = x if x.dtype == dtype else np.empty(x.shape, dtype)
    parts, results = x.reshape(-1), out.reshape(-1)
    for start in range(0, x.size, PIECE):
        part, result = parts[start : start + PIECE], results[start : start + PIECE]
        if factor != 1.0:
            np.multiply(part, part.dtype.type(factor), out=part)
        if offset:
            np.add(part, part.dtype.type(offset), out=part)
        if out is not x:
            np.copyto(result, part, casting="unsafe")
        if bounds is not None:
            np.clip(result, *(result.dtype.type(b) for b in bounds), out=result)
    return out


class Workspace:
    """Memory for one piece."""

    def __init__(self, n: int) -> None:
        self.real = np.empty(n)
        self.row, self.t, self.a, self.b, self.c, self.d = (np.empty(n, np.int64) for _ in range(6))


def evaluate(curve: Any, m: Any, out: Any, work: Workspace, above: int = 0) -> None:
    """`zkynet.random.curves.evaluate`, where a conversion to float64 finds the octave; m may have `above` more bits."""
    n = len(m)
    real, row, t, a = work.real[:n], work.row[:n], work.t[:n], work.a[:n]
    np.copyto(real, m)
    mantissa = real.view(np.int64)
    np.right_shift(mantissa, 44, out=row)
    np.subtract(row, (1023 + above) << 8, out=row)  # below 0, `take` reads row 0
    np.bitwise_and(mantissa, (1 << 44) - 1, out=t)
    (_wide if curve.wide else _narrow)(curve, row, t, a, work)
    np.left_shift(a, 1, out=a)
    np.bitwise_or(a, 1, out=a)
    np.copyto(out, a, casting="unsafe")
    np.multiply(out, out.dtype.type(2.0 ** -(curve.point + 1)), out=out)


def _narrow(curve: Any, row: Any, t: Any, s: Any, work: Workspace) -> None:
    table, c = curve.table, work.c[: len(row)]
    np.right_shift(t, 12, out=t)
    table[2].take(row, out=s, mode="clip")
    for power in (1, 0):
        np.multiply(s, t, out=s)
        np.right_shift(s, 40, out=s)
        table[power].take(row, out=c, mode="clip")
        np.add(s, c, out=s)


def _wide(curve: Any, row: Any, t: Any, s: Any, work: Workspace) -> None:
    n = len(row)
    table, b, c, d = curve.table, work.b[:n], work.c[:n], work.d[:n]
    np.right_shift(t, 12, out=b)
    table[4].take(row, out=s, mode="clip")
    for power, shift in ((3, 40), (2, 32)):
        np.multiply(s, b, out=s)
        np.right_shift(s, shift, out=s)
        table[power].take(row, out=c, mode="clip")
        np.add(s, c, out=s)
    np.right_shift(t, 22, out=b)
    np.bitwise_and(t, (1 << 22) - 1, out=d)
    for power, shift in ((1, 29), (0, 70 - curve.point)):
        np.multiply(s, d, out=c)
        np.right_shift(c, 22, out=c)
        np.multiply(s, b, out=s)
        np.add(s, c, out=s)
        np.right_shift(s, shift, out=s)
        table[power].take(row, out=c, mode="clip")
        np.add(s, c, out=s)


def _by_curves(fill: Callable[..., None], dtype: Any, place: Any, n: int) -> Any:
    """`fill` on one piece of words after the other."""
    wide = dtype == np.float64
    words, out = words64(place, n) if wide else words32(place, n), np.empty(n, dtype)
    work = Workspace(min(n, PIECE))
    for start in range(0, n, PIECE):
        fill(words[start : start + PIECE], out[start : start + PIECE], work, wide)
    return out


def _odd(words: Any, wide: bool) -> Any:
    return words >> np.uint64(11) | np.uint64(1) if wide else words | np.uint32(1)


def fill_normal(words: Any, out: Any, work: Workspace, wide: bool) -> None:
    """Normal numbers of words."""
    from zkynet.random.curves import NORMAL

    evaluate(NORMAL[out.dtype], _odd(words, wide), out, work)
    signs = out.view(words.dtype)
    np.bitwise_xor(signs, words << words.dtype.type(63 if wide else 31), out=signs)


def fill_exponential(words: Any, out: Any, work: Workspace, wide: bool) -> None:
    """Exponential numbers of words."""
    from zkynet.random.curves import EXPONENTIAL

    evaluate(EXPONENTIAL[out.dtype], _odd(words, wide), out, work)


def normal(xp: Any, place: Any, n: int, dtype: Any, device: str) -> Any:
    """`zkynet.random.draws.normal`."""
    return _by_curves(fill_normal, dtype, place, n)


def exponential(xp: Any, place: Any, n: int, dtype: Any, device: str) -> Any:
    """`zkynet.random.draws.exponential`."""
    return _by_curves(fill_exponential, dtype, place, n)


def gumbel(xp: Any, place: Any, n: int, dtype: Any, device: str) -> Any:
    """`zkynet.random.draws.gumbel`."""
    from zkynet.random.curves import GUMBEL_ABOVE, GUMBEL_BELOW

    def fill(words: Any, out: Any, work: Workspace, wide: bool) -> None:
        odd = _odd(words, wide)
        evaluate(GUMBEL_BELOW[dtype], odd, out, work)
        upper = (words & words.dtype.type(1)).astype(bool)
        high = np.empty(int(upper.sum()), dtype)
        evaluate(GUMBEL_ABOVE[dtype], odd[upper], high, work)
        out[upper] = high

    return _by_curves(fill, dtype, place, n)


def truncated_normal(xp: Any, place: Any, n: int, first: int, count: int, device: Any) -> Any:
    """`zkynet.random.draws.truncated_normal`."""
    from zkynet.random.curves import NORMAL
    from zkynet.random.philox import high_product

    curve, many = NORMAL[np.dtype(np.float64)], np.array([count], np.uint64)

    def fill(words: Any, out: Any, work: Workspace, wide: bool) -> None:
        at = high_product(words, many) + np.uint64(first)
        upper = at >= np.uint64(1 << 62)
        m = np.where(upper, np.uint64((1 << 63) - 1) - at, at) << np.uint64(1) | np.uint64(1)
        evaluate(curve, np.minimum(m, np.uint64((1 << 63) - (1 << 10))), out, work, 10)
        np.negative(out, out=out, where=~upper)

    return _by_curves(fill, np.dtype(np.float64), place, n)


def gamma(xp: Any, place: Any, n: int, alpha: Any, device: str | None) -> Any:
    """`zkynet.random.draws.gamma`, where the later rounds are for those alone that are left."""
    from zkynet.random.draws import gamma_boost

    out = np.empty(n)
    work = Workspace(min(n, PIECE))
    for start in range(0, n, PIECE):
        here = place._replace(block=place.block + start // 4)
        part = alpha if alpha.size == 1 else alpha[start : start + PIECE]
        numbers = _accepted(xp, here, min(PIECE, n - start), part, work)
        if (part < 1.0).any():
            e = _filled(fill_exponential, words64(here, numbers.size), work)
            numbers = gamma_boost(xp, part, numbers, e)
        out[start : start + PIECE] = numbers
    return out


def _accepted(xp: Any, place: Any, n: int, alpha: Any, work: Workspace) -> Any:
    from zkynet.random.draws import GAMMA_ROUNDS, gamma_round

    out, left = np.array(np.broadcast_to(alpha, (n,))), np.arange(n)
    for r in range(GAMMA_ROUNDS):
        words = [words64(place._replace(lane=2 * r + k), n)[left] for k in (1, 2)]
        z, e = (_filled(f, w, work) for f, w in zip((fill_normal, fill_exponential), words, strict=True))
        fits, candidates = gamma_round(xp, alpha if alpha.size == 1 else alpha[left], z, e)
        out[left[fits]] = candidates[fits]
        left = left[~fits]
        if not left.size:
            break
    return out


def _filled(fill: Callable[..., None], words: Any, work: Workspace) -> Any:
    out = np.empty(words.size)
    fill(words, out, work, True)
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    f"random.{f.__name__}": f
    for f in (
        bits,
        uniform,
        normal,
        exponential,
        gumbel,
        below,
        integers,
        order,
        scaled,
        truncated_normal,
        gamma,
        weighted,
    )
}
