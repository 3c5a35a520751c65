"""Where a token stands: sinusoids to add, rotations of queries and keys, and penalties on the distance.

Tables that depend on nothing but lengths are computed in double precision and rounded once, the same on every backend.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, DeviceLike, DTypeLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.capturing import at_once
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import op
from zkynet.ops.shaping import expand_dims
from zkynet.ops.trigonometry import cos, sin
from zkynet.tensor import Tensor

__all__ = ["alibi_bias", "alibi_slopes", "rotary_tables", "rotate_pairs", "sinusoidal_positions"]


def _lengths(name: str, at_least: int, **lengths: Any) -> list[int]:
    """Whole numbers none of which is too small."""
    out = [whole(name, argument, n) for argument, n in lengths.items()]
    for argument, n in zip(lengths, out, strict=True):
        if n < at_least:
            raise InvalidValueError(
                f"{name}: {argument} is at least {at_least}, received {n}", fix=f"pass a larger {argument}", op=name
            )
    return out


def _base(name: str, base: Any) -> float:
    value = float(number(name, "base", base))
    if not 0 < value < float("inf"):
        raise InvalidValueError(f"{name}: base is positive, received {value}", fix="pass base=10000.0", op=name)
    return value


def _angles(length: int, offset: int, features: int, base: float) -> Any:
    """``(p + offset) / base**(2i / features)``, of shape (length, half the features)."""
    rates = base ** (-np.arange(0, features, 2) / features)
    return (np.arange(length)[:, None] + float(offset)) * rates


def sinusoidal_positions(
    length: int,
    features: int,
    *,
    offset: int = 0,
    base: float = 10000.0,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
) -> Tensor:
    """A sine and a cosine of each position, slower from pair to pair of features, to be added to embeddings.

    ``out[p, 2i] = sin((p + offset) / base**(2i / features))``, and ``out[p, 2i + 1]`` the cosine of the same
    (Vaswani et al., Attention is all you need, 2017).

    Args:
        length: how many positions.
        features: how many features, the width of the embeddings.
        offset: the first position.
        base: the wavelengths grow from 2π towards `base` times 2π.
        dtype: the dtype of the result, float32 by default.
        device: where it is to live.

    Returns:
        A tensor of shape (`length`, `features`).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.sinusoidal_positions(2, 4, dtype="float64")
        Tensor([[0.        , 1.        , 0.        , 1.        ],
                [0.84147098, 0.54030231, 0.00999983, 0.99995   ]], dtype=float64)
    """
    name = "sinusoidal_positions"
    (length,), (features,) = _lengths(name, 0, length=length), _lengths(name, 1, features=features)
    angles = _angles(length, whole(name, "offset", offset), features, _base(name, base))
    table = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, 2 * angles.shape[1])[:, :features]
    return asarray(table, dtype=dt.default_float if dtype is None else dtype, device=device)


# -- rotations -----------------------------------------------------------------------------------------------------


@op(name="nn.rotate_pairs", kinds="real float")
def _rotate_pairs(xp: Any, x: Array, cosine: Array, sine: Array, interleaved: Any) -> Array:
    a, b, rest = _pairs(x, cosine.shape[-1], interleaved)
    return _joined(xp, a * cosine - b * sine, b * cosine + a * sine, rest, interleaved)


def _pairs(x: Any, n: int, interleaved: bool) -> tuple[Any, Any, Any]:
    """The two parts of `n` pairs of features, and the features that are in no pair."""
    if interleaved:
        return x[..., 0 : 2 * n : 2], x[..., 1 : 2 * n : 2], x[..., 2 * n :]
    return x[..., :n], x[..., n : 2 * n], x[..., 2 * n :]


def _joined(xp: Any, a: Any, b: Any, rest: Any, interleaved: bool) -> Any:
    parts = [a, b]
    if interleaved:
        parts = [xp.reshape(xp.stack(parts, axis=-1), (*a.shape[:-1], 2 * a.shape[-1]))]
    return xp.concat([*parts, rest] if rest.shape[-1] else parts, axis=-1)


@_rotate_pairs.gradient("x")
def _(xp: Any, g: Any, cosine: Any, sine: Any, interleaved: bool) -> Any:
    return xp.nn.rotate_pairs(g, cosine, -sine, interleaved)  # turned back


@_rotate_pairs.gradient("cosine")
def _(xp: Any, g: Any, x: Any, cosine: Any, interleaved: bool) -> Any:
    (a, b, _), (ga, gb, _) = (_pairs(each, cosine.shape[-1], interleaved) for each in (x, g))
    return ga * a + gb * b


@_rotate_pairs.gradient("sine")
def _(xp: Any, g: Any, x: Any, sine: Any, interleaved: bool) -> Any:
    (a, b, _), (ga, gb, _) = (_pairs(each, sine.shape[-1], interleaved) for each in (x, g))
    return gb * a - ga * b


def rotate_pairs(x: Array, cosine: Array, sine: Array, interleaved: bool = False) -> Tensor:
    """Pairs of features turned by angles: rotary position encoding.

    ``(a cos - b sin, b cos + a sin)`` for each pair (a, b), by which the dot product of a query and a key depends on
    how far apart they are (Su et al., RoFormer, 2021). With n angles the first 2n features are turned, the others kept.

    Args:
        x: queries or keys, of shape (..., L, E).
        cosine: a tensor of shape (L, n), or what broadcasts to (..., L, n): the first of `rotary_tables`.
        sine: the second of these.
        interleaved: whether pairs are neighbours (features 0 and 1, 2 and 3, …), as in RoFormer, GPT-J and the first
            Llama code, or feature i goes with i + n, as in GPT-NeoX and in the weights most libraries hold.

    Example:
        >>> import zkynet as zk
        >>> cosine, sine = zk.tensor([[0.0]]), zk.tensor([[1.0]])  # a quarter turn
        >>> zk.nn.functional.rotate_pairs(zk.tensor([[1.0, 2.0, 3.0]]), cosine, sine)
        Tensor([[-2.,  1.,  3.]])
    """
    name = "rotate_pairs"
    t, c, s = as_tensor(name, x), as_tensor(name, cosine), as_tensor(name, sine)
    facts = [f"x       {tuple(t.shape)}", f"cosine  {tuple(c.shape)}", f"sine    {tuple(s.shape)}"]
    if dt.kind_rank(t.dtype) != 2:
        raise DTypeError(
            f"{name} takes real floats, received {t.dtype}",
            facts=facts,
            fix="convert x first: x.astype(zk.float32)",
            op=name,
        )
    if t.ndim < 1 or c.ndim < 1 or c.shape != s.shape or 2 * c.shape[-1] > t.shape[-1]:
        raise ShapeError(
            f"{name}: with n angles, x has at least 2 n features, and there is one sine for each cosine",
            facts=facts,
            fix="make the tables with rotary_tables(length, x.shape[-1])",
            op=name,
        )
    shape = t.shape[:-1]
    if len(c.shape) > len(t.shape) or any(
        n not in (1, m) for n, m in zip(reversed(c.shape[:-1]), reversed(shape), strict=False)
    ):
        raise ShapeError(
            f"{name}: there are angles for {c.shape[:-1]} places, but x has {shape}",
            facts=facts,
            fix="make the tables for as many positions as x has on its axis -2",
            op=name,
        )
    if t.dtype.itemsize == 2:
        return cast(rotate_pairs(cast(t, dt.float32), c, s, interleaved), t.dtype)
    call: Any = _rotate_pairs
    return call(t, cast(c, t.dtype), cast(s, t.dtype), flag(name, "interleaved", interleaved))


def rotary_tables(
    positions: int | Array,
    features: int,
    *,
    offset: int = 0,
    base: float = 10000.0,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
) -> tuple[Tensor, Tensor]:
    """The cosines and sines that `rotate_pairs` takes: of the angles ``(p + offset) / base**(2i / features)``.

    Args:
        positions: how many positions, from 0 on; or a tensor of positions, of any shape (...).
        features: how many features are turned, an even number.
        offset: what is added to positions, the number of tokens that came before.
        base: the slowest pair takes towards `base` times as long for a turn as the fastest.
        dtype: the dtype of the tables, float32 by default.
        device: where they are to live, by default where `positions` do.

    Returns:
        Two tensors of shape (..., features / 2).

    Example:
        >>> import zkynet as zk
        >>> cosine, sine = zk.nn.functional.rotary_tables(3, 4, dtype="float64")
        >>> sine
        Tensor([[0.        , 0.        ],
                [0.84147098, 0.00999983],
                [0.90929743, 0.01999867]], dtype=float64)
    """
    name = "rotary_tables"
    (features,) = _lengths(name, 0, features=features)
    if features % 2:
        raise InvalidValueError(
            f"{name}: features are turned in pairs, received {features} of them",
            fix=f"turn {features - 1} or {features + 1}: those behind the last pair are kept as they are",
            op=name,
        )
    offset, base = whole(name, "offset", offset), _base(name, base)
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    if isinstance(positions, Tensor) or hasattr(positions, "shape") or isinstance(positions, (list, tuple)):
        at = as_tensor(name, positions)
        rates = asarray(base ** (-np.arange(0, features, 2) / features), device=at.device, backend=at.backend)
        angles = expand_dims(cast(at, dt.float64) + float(offset), axis=-1) * rates
        return cast(cos(angles), kind), cast(sin(angles), kind)
    (length,) = _lengths(name, 0, positions=positions)
    backend = get_backend()
    return _tables(length, offset, features, base, kind, device_for(backend, device), backend)


def tables_for(like: Tensor, length: int, features: int, offset: int, base: float, dtype: Any) -> Any:
    """`rotary_tables` for the positions from `offset` on, on the backend and device of `like`."""
    return _tables(length, offset, features, base, dt.as_dtype(dtype), like.device, like.backend)


@lru_cache(maxsize=64)
def _tables(
    length: int, offset: int, features: int, base: float, dtype: Any, device: Any, backend: Any
) -> tuple[Tensor, Tensor]:
    angles = _angles(length, offset, features, base)
    kind: dict[str, Any] = {"dtype": dtype, "device": device, "backend": backend}
    with at_once():
        return asarray(np.cos(angles), **kind), asarray(np.sin(angles), **kind)


# -- penalties -----------------------------------------------------------------------------------------------------


def alibi_slopes(heads: int, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """How strongly each head dislikes distance, ``2**(-8 h / heads)`` for h = 1, 2 and so on.

    For a number of heads that is no power of two, the slopes of the next smaller power, then every other one of twice
    as many heads (Press et al., Train short, test long, 2022).

    Args:
        heads: how many heads.
        dtype: the dtype of the result, float32 by default.
        device: where it is to live.

    Returns:
        A tensor of shape (`heads`,).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.alibi_slopes(4)
        Tensor([0.25      , 0.0625    , 0.015625  , 0.00390625])
    """
    (heads,) = _lengths("alibi_slopes", 1, heads=heads)
    return asarray(_slopes(heads), dtype=dt.default_float if dtype is None else dtype, device=device)


def _slopes(heads: int) -> Any:
    power = 1 << (heads.bit_length() - 1)
    first = 2.0 ** (-8.0 * np.arange(1, power + 1) / power)
    between = 2.0 ** (-4.0 * np.arange(1, 2 * power + 1, 2) / power)
    return np.concatenate([first, between[: heads - power]])


def alibi_bias(
    heads: int,
    length: int,
    keys: int | None = None,
    offset: int | None = None,
    *,
    causal: bool = False,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
) -> Tensor:
    """Minus the slope times the distance of query and key, a mask of floats for any kind of attention.

    ``out[h, i, j] = -slope[h] |i + offset - j|``, with the slopes of `alibi_slopes`.

    Args:
        heads: how many heads.
        length: how many queries.
        keys: how many keys, as many by default.
        offset: the place of the first query among the keys, ``keys - length`` by default, as in `causal_mask`.
        causal: whether keys after the query are hidden, by minus infinity.
        dtype: the dtype of the result, float32 by default.
        device: where it is to live.

    Returns:
        A tensor of shape (`heads`, `length`, `keys`).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.alibi_bias(1, 2, causal=True)
        Tensor([[[ 0.        ,        -inf],
                 [-0.00390625,  0.        ]]])
    """
    name = "alibi_bias"
    (heads,) = _lengths(name, 1, heads=heads)
    length, keys = _lengths(name, 0, length=length, keys=length if keys is None else keys)
    offset = keys - length if offset is None else whole(name, "offset", offset)
    ahead = np.arange(keys) - np.arange(length)[:, None] - offset
    bias = _slopes(heads)[:, None, None] * -np.abs(ahead)
    if flag(name, "causal", causal):
        bias = np.where(ahead > 0, -np.inf, bias)
    return asarray(bias + 0.0, dtype=dt.default_float if dtype is None else dtype, device=device)
