"""The draws that every backend can make, in operations of the standard, from a place in a stream.

Each gives `n` numbers, of which the first k are those of a draw of k: ``f(xp, place, n, ..., device)`` on raw arrays.
A backend may have kernels for them, found as ``xp.random.<name>``, which must give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet import dtypes as dt
from zkynet.backend.namespace import BODIES
from zkynet.random import curves
from zkynet.random.philox import FULL, LOW, Place, constant, high_product, words32, words64

FRACTION_BITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
"""How many bits a uniform number has: as many as the dtype tells apart everywhere in [0, 1)."""


def blocks_for(n: int, bits: int) -> int:
    """How many blocks hold `n` words of so many bits."""
    return -(-n * bits // 256)


def body(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a draw known to raw namespaces as ``xp.random.<name>``."""
    BODIES[f"random.{function.__name__}"] = function
    return function


body(words64)
body(words32)


@body
def quantile(xp: Any, curve: curves.Curve, m: Any, device: str | None, bits: int | None = None) -> Any:
    """The results of a curve; see `curves.evaluate`."""
    return curves.evaluate(xp, curve, m, device, bits)


@body
def bits(xp: Any, place: Place, n: int, dtype: Any, device: str | None) -> Any:
    """Words as uint32 or uint64."""
    draw = xp.random.words64 if dtype == dt.uint64 else xp.random.words32
    return xp.astype(draw(place, n, device), xp.backend.native_dtype(dtype))


@body
def uniform(xp: Any, place: Place, n: int, dtype: Any, device: str | None) -> Any:
    """Multiples of a power of 2 in [0, 1), as many as `FRACTION_BITS` says; a word of 64 bits each for float64."""
    wide = dtype == dt.float64
    words = xp.random.words64(place, n, device) if wide else xp.random.words32(place, n, device)
    digits = FRACTION_BITS[dtype.name]
    return xp.astype(words >> ((64 if wide else 32) - digits), xp.backend.native_dtype(dtype)) * 2.0**-digits


@body
def normal(xp: Any, place: Place, n: int, dtype: Any, device: str | None) -> Any:
    """Standard normal numbers in float32 or float64: the lowest bit is the sign, the others choose the size."""
    wide = dtype == dt.float64
    words = xp.random.words64(place, n, device) if wide else xp.random.words32(place, n, device)
    size = xp.random.quantile(curves.NORMAL[dtype], ((words >> 11) if wide else words) | 1, device)
    return xp.where((words & 1) == 1, -size, size)


@body
def exponential(xp: Any, place: Place, n: int, dtype: Any, device: str | None) -> Any:
    """Exponential numbers of mean 1 in float32 or float64."""
    wide = dtype == dt.float64
    words = xp.random.words64(place, n, device) >> 11 if wide else xp.random.words32(place, n, device)
    return xp.random.quantile(curves.EXPONENTIAL[dtype], words | 1, device)


@body
def gumbel(xp: Any, place: Place, n: int, dtype: Any, device: str | None) -> Any:
    """Standard Gumbel numbers in float32 or float64: the lowest bit says on which side of the median."""
    wide = dtype == dt.float64
    words = xp.random.words64(place, n, device) if wide else xp.random.words32(place, n, device)
    m = ((words >> 11) if wide else words) | 1
    below = xp.random.quantile(curves.GUMBEL_BELOW[dtype], m, device)
    return xp.where((words & 1) == 1, xp.random.quantile(curves.GUMBEL_ABOVE[dtype], m, device), below)


@body
def below(xp: Any, place: Place, n: int, limit: int, device: str | None) -> Any:
    """Whether each word of 32 bits lies below `limit`, at most 2**32."""
    return xp.random.words32(place, n, device) < limit


@body
def integers(xp: Any, place: Place, n: int, low: int, count: int, dtype: Any, device: str | None) -> Any:
    """Whole numbers from `low` on, `count` different ones: the upper half of word times count.

    Where count exceeds 2**32, of a word of 128 bits, so that no number is more than 2**-32 of its chance too likely.
    """
    native = xp.backend.native_dtype(dtype)
    u64 = xp.backend.native_dtype(dt.uint64)
    if count <= 1 << 32:
        words = xp.random.words64(place, n, device)
        out = ((words >> 32) * count + (((words & LOW) * count) >> 32)) >> 32 if count <= LOW else words >> 32
    else:
        pairs = xp.reshape(xp.random.words64(place, 2 * n, device), (n, 2))
        many = constant(xp, [count & FULL], device)
        if count > FULL:
            out = pairs[:, 1]
        else:
            low_part, carry = pairs[:, 1] * many, high_product(pairs[:, 0], many)
            total = low_part + carry
            out = high_product(pairs[:, 1], many) + xp.astype(total < carry, u64)
    if dtype == dt.uint64:
        return out + constant(xp, [low], device)
    if low and dtype.itemsize < 8:
        return xp.astype(xp.astype(out, xp.backend.native_dtype(dt.int64)) + low, native)
    return xp.astype(out + constant(xp, [low & FULL], device), native) if low else xp.astype(out, native)


@body
def order(xp: Any, place: Place, n: int, device: str | None) -> Any:
    """The numbers 0 to n - 1 in random order: that of words of 64 bits."""
    found = xp.argsort(xp.random.words64(place, n, device), stable=True)
    return xp.astype(found, xp.backend.native_dtype(dt.int64), copy=False)


@body
def scaled(xp: Any, x: Any, factor: float, offset: float, bounds: tuple[float, float] | None, dtype: Any) -> Any:
    """``x * factor + offset`` of fresh numbers, brought to `dtype` and between bounds; 16 bits are computed in 32."""
    native = xp.backend.native_dtype(dtype)
    if xp.backend.dtype_of(x).itemsize < 4:
        x = xp.astype(x, xp.backend.native_dtype(dt.float32))
    y = x if factor == 1.0 else x * factor
    if offset:
        y = (y if factor == 1.0 else unfused(xp, y)) + offset
    y = xp.astype(y, native, copy=False)
    return y if bounds is None else xp.clip(y, *bounds)


def unfused(xp: Any, product: Any) -> Any:
    """The product, such that no compiler fuses it and a sum into one rounding: for all it knows, it is changed here."""
    return xp.maximum(product, -3e38)


@body
def below_each(xp: Any, place: Place, n: int, chances: Any, device: str | None) -> Any:
    """Whether each word of 32 bits lies below 2**32 times its chance, rounded up."""
    u64 = xp.backend.native_dtype(dt.uint64)
    wide = dt.float64 if chances.dtype == xp.backend.native_dtype(dt.float64) else dt.float32
    chances = xp.astype(xp.reshape(chances, (n,)), xp.backend.native_dtype(wide), copy=False)
    return xp.random.words32(place, n, device) < xp.astype(xp.ceil(chances * 2.0**32), u64)


@body
def truncated_normal(xp: Any, place: Place, n: int, first: int, count: int, device: str | None) -> Any:
    """Standard normal numbers in float64, whose distribution function times 2**63 lies in a range of integers."""
    f64, u64 = xp.backend.native_dtype(dt.float64), xp.backend.native_dtype(dt.uint64)
    at = high_product(xp.random.words64(place, n, device), constant(xp, [count], device)) + constant(
        xp, [first], device
    )
    upper = at >= 1 << 62
    m = xp.where(upper, (1 << 63) - 1 - at, at) * 2 + 1
    m = xp.minimum(m, constant(xp, [(1 << 63) - (1 << 10)], device))
    m = xp.astype(xp.astype(m, f64), u64)  # rounded to 53 bits
    size = xp.random.quantile(curves.NORMAL[dt.float64], m, device, 63)
    return xp.where(upper, size, -size)


GAMMA_ROUNDS = 16
"""Each refuses at most 4.9 % of the numbers: all of them one in 10**20."""


@body
def gamma(xp: Any, place: Place, n: int, alpha: Any, device: str | None) -> Any:
    """Gamma numbers for the shapes `alpha`, an array of n or 1 numbers in float64 (float32 where that is all there is).

    Marsaglia and Tsang, A simple method for generating gamma variables (2000). Round r draws from lanes of its own, so
    a draw uses the same words whether rounds that nobody needs are left out (where values can be looked at) or not.
    """
    dtype = xp.backend.dtype_of(alpha)
    out, done = xp.broadcast_to(alpha, (n,)), None
    for r in range(GAMMA_ROUNDS):
        z = xp.random.normal(place._replace(lane=2 * r + 1), n, dtype, device)
        e = xp.random.exponential(place._replace(lane=2 * r + 2), n, dtype, device)
        fits, candidate = gamma_round(xp, alpha, z, e)
        news = fits if done is None else fits & ~done
        out = xp.where(news, candidate, out)
        done = fits if done is None else done | fits
        if xp.backend.can_look(done) and bool(xp.all(done)):
            break
    return gamma_boost(xp, alpha, out, xp.random.exponential(place, n, dtype, device))


def gamma_round(xp: Any, alpha: Any, z: Any, e: Any) -> tuple[Any, Any]:
    """Which numbers are accepted, and the numbers, from normal and exponential ones; for alpha + 1 where alpha < 1."""
    d = xp.where(alpha < 1.0, alpha + 1.0, alpha) - 1.0 / 3.0
    v = unfused(xp, (1.0 / 3.0) / xp.sqrt(d) * z) + 1.0
    v = v * v * v
    positive = v > 0.0
    log_v = xp.log(xp.where(positive, v, xp.ones_like(v)))
    return positive & (-e < 0.5 * z * z + d * (1.0 - v + log_v)), d * v


def gamma_boost(xp: Any, alpha: Any, out: Any, e: Any) -> Any:
    """From a gamma number for alpha + 1 one for alpha < 1: times a uniform number to the power of 1 / alpha."""
    small = alpha < 1.0
    return xp.where(small, out * xp.exp(-e / xp.where(small, alpha, xp.ones_like(alpha))), out)


@body
def weighted(xp: Any, place: Place, n: int, weights: Any, device: str | None) -> Any:
    """Indices with probabilities given by `weights`, in float64 with sum 1; in integers, whose sums are exact."""
    i64, u64 = xp.backend.native_dtype(dt.int64), xp.backend.native_dtype(dt.uint64)
    ends = xp.cumulative_sum(xp.astype(xp.floor(weights * 2.0**52), i64))
    at = high_product(xp.random.words64(place, n, device), xp.astype(ends[-1:], u64))
    return xp.astype(xp.searchsorted(ends, xp.astype(at, i64), side="right"), i64, copy=False)
