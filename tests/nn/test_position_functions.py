"""Encodings of positions against their formulas, written out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.nn import functional as F

RNG = np.random.default_rng(1)


def test_sinusoids() -> None:
    for features in (6, 5, 1):
        out = F.sinusoidal_positions(4, features, offset=2, dtype="float64").numpy()
        for p in range(4):
            for i in range(features):
                angle = (p + 2) / 10000 ** (2 * (i // 2) / features)
                assert out[p, i] == pytest.approx(math.cos(angle) if i % 2 else math.sin(angle), rel=1e-12)
    assert F.sinusoidal_positions(0, 6).shape == (0, 6)
    assert F.sinusoidal_positions(3, 6).dtype == "float32"


def turned(x: Any, features: int, interleaved: bool, offset: int, base: float = 10000.0) -> Any:
    """Each pair as a complex number times exp(i angle)."""
    out = x.copy()
    n = features // 2
    for i in range(n):
        a, b = (2 * i, 2 * i + 1) if interleaved else (i, i + n)
        for p in range(x.shape[-2]):
            z = (x[..., p, a] + 1j * x[..., p, b]) * np.exp(1j * (p + offset) / base ** (2 * i / features))
            out[..., p, a], out[..., p, b] = z.real, z.imag
    return out


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("features", [8, 6, 0])
def test_rotations(interleaved: bool, features: int) -> None:
    x = RNG.standard_normal((2, 3, 5, 8))
    tables = F.rotary_tables(5, features, offset=4, dtype="float64")
    out = F.rotate_pairs(zk.tensor(x), *tables, interleaved)
    np.testing.assert_allclose(out.numpy(), turned(x, features, interleaved, 4), rtol=1e-12, atol=1e-14)


def test_positions_may_be_given() -> None:
    at = np.array([[0, 1, 2], [7, 8, 9]])
    cosine, sine = F.rotary_tables(zk.tensor(at), 4, dtype="float64")
    assert cosine.shape == (2, 3, 2)
    for row, start in ((0, 0), (1, 7)):
        c, s = F.rotary_tables(3, 4, offset=start, dtype="float64")
        np.testing.assert_allclose(cosine[row].numpy(), c.numpy(), rtol=1e-12)
        np.testing.assert_allclose(sine[row].numpy(), s.numpy(), rtol=1e-12)


def test_products_of_turned_vectors_depend_on_the_distance_alone() -> None:
    q, k = (zk.tensor(RNG.standard_normal((1, 8))) for _ in range(2))

    def product(i: int, j: int) -> float:
        left, right = (
            F.rotate_pairs(x, *F.rotary_tables(1, 8, offset=at, dtype="float64")) for x, at in ((q, i), (k, j))
        )
        return float(zk.sum(left * right))

    assert product(9, 4) == pytest.approx(product(5, 0), rel=1e-12)
    assert product(9, 4) != pytest.approx(product(4, 9), rel=1e-3)


@pytest.mark.parametrize("interleaved", [False, True])
def test_derivatives_of_rotations(interleaved: bool) -> None:
    x, c, s = (zk.tensor(RNG.standard_normal(shape)) for shape in ((2, 3, 5), (3, 2), (3, 2)))
    assert zk.gradcheck(lambda *a: F.rotate_pairs(*a, interleaved), (x, c, s), order=2)


def test_rotations_keep_the_dtype(backend_name: str) -> None:
    tables = F.rotary_tables(3, 4)
    for dtype in ("float32", "float64") + (() if backend_name == "strict" else ("float16", "bfloat16")):
        assert F.rotate_pairs(zk.ones((3, 4), dtype=dtype), *tables).dtype == dtype


def test_slopes() -> None:
    np.testing.assert_allclose(F.alibi_slopes(8, dtype="float64").numpy(), [2.0**-h for h in range(1, 9)])
    got = F.alibi_slopes(12, dtype="float64").numpy()  # those of 8, and of 16 every other one
    np.testing.assert_allclose(got, [2.0**-h for h in range(1, 9)] + [2.0 ** -(h / 2) for h in (1, 3, 5, 7)])
    assert F.alibi_slopes(1).shape == (1,)


def test_penalties_on_the_distance() -> None:
    got = F.alibi_bias(2, 2, 4, dtype="float64").numpy()
    for h, slope in enumerate((2.0**-4, 2.0**-8)):
        np.testing.assert_allclose(got[h], [[-slope * abs(i + 2 - j) for j in range(4)] for i in range(2)])
    causal = F.alibi_bias(2, 3, causal=True).numpy()
    np.testing.assert_array_equal(np.isinf(causal), np.broadcast_to(~np.tri(3, dtype=bool), (2, 3, 3)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.sinusoidal_positions(-1, 4), InvalidValueError, "length is at least 0, received -1"),
        (lambda: F.sinusoidal_positions(3, 0), InvalidValueError, "features is at least 1, received 0"),
        (lambda: F.sinusoidal_positions(3, 4, base=0), InvalidValueError, "base is positive"),
        (lambda: F.rotary_tables(3, 5), InvalidValueError, "in pairs, received 5"),
        (lambda: F.alibi_slopes(0), InvalidValueError, "heads is at least 1"),
        (lambda: F.rotate_pairs(zk.ones((3, 4)), *F.rotary_tables(2, 4)), ShapeError, "x has (3,)"),
        (lambda: F.rotate_pairs(zk.ones((3, 4)), *F.rotary_tables(3, 6)), ShapeError, "2 n features"),
        (lambda: F.rotate_pairs(zk.ones((3, 4), dtype="int32"), *F.rotary_tables(3, 4)), DTypeError, "int32"),
    ],
)
def test_bad_arguments(call: Any, error: Any, words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
