"""The generator: published test vectors, NumPy's own, and the same bits from every kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import dtypes as dt
from zkynet.random import draws
from zkynet.random.philox import FULL, Place, constant, round_keys, scrambled

VECTORS = (
    # Random123 1.14, tests/kat_vectors: philox4x64 10; counter, key, result
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (FULL, FULL, FULL, FULL),
        (FULL, FULL),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
)


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS)
def test_published_vectors(backend: Any, counter: Any, key: Any, expected: Any) -> None:
    if backend.name == "torch":
        pytest.skip("PyTorch lacks arithmetic of uint64")
    columns = [constant(backend.xp, [c], None) for c in counter]
    keys = [constant(backend.xp, row, None) for row in round_keys(*key)]
    assert [int(backend.to_numpy(x)[0]) for x in scrambled(columns, keys)] == list(expected)


@pytest.mark.parametrize("seed", [0, 1, 2**100])
def test_words_are_those_of_numpys_philox(seed: int) -> None:
    native = np.random.Philox(seed)
    generator = zk.random.Generator(seed)
    assert generator.bits(10, dtype="uint64").tolist() == native.random_raw(10).tolist()
    native = np.random.Philox(seed).advance(3)
    assert generator.bits((2, 4)).numpy().ravel().tolist() == native.random_raw(4).view(np.uint32).tolist()


PLACES = (Place(5, 0), Place(3 | 7 << 64, 12345, 2), Place(FULL << 64, 2**63 - 2))
DRAWS: tuple[tuple[Any, ...], ...] = (
    ("bits", dt.uint32),
    ("bits", dt.uint64),
    ("uniform", dt.float16),
    *((name, dtype) for name in ("uniform", "normal", "exponential", "gumbel") for dtype in (dt.float32, dt.float64)),
    *(("below", limit) for limit in (0, 12345, 2**31, 2**32)),
    ("integers", -5, 10, dt.int64),
    ("integers", -5, 77, dt.int8),
    ("integers", 0, 2**32, dt.uint32),
    ("integers", -(2**31), 2**32 - 1, dt.int32),
    ("integers", -(2**62), 2**63 + 12345, dt.int64),
    ("integers", -(2**63), 2**64, dt.int64),
    ("integers", 1, 2**64 - 1, dt.uint64),
    ("truncated_normal", 1 << 61, 1 << 62),
    ("truncated_normal", 5, 1 << 21),
    ("truncated_normal", 0, 1 << 63),
    ("truncated_normal", (1 << 62) - (1 << 20), 1 << 21),
    ("order",),
)


@pytest.mark.parametrize("draw", DRAWS, ids=str)
def test_kernels_give_the_bits_of_the_generic_bodies(backend: Any, draw: Any) -> None:
    """The bodies run on NumPy; the kernels (or bodies) wherever we are."""
    name, *args = draw
    if backend.name == "strict" and dt.float16 in args:
        pytest.skip("the standard has no float16")
    numpy = zk.backend.registry.usable_backend("numpy")
    for place in PLACES:
        for n in (0, 1, 7, 1001):
            expected = draws.BODIES[f"random.{name}"](numpy.xp, place, n, *args, None)
            got = backend.to_numpy(getattr(backend.xp.random, name)(place, n, *args, None))
            assert got.dtype == expected.dtype
            np.testing.assert_array_equal(got, expected)


RNG = np.random.default_rng(0)
OF_ARRAYS: dict[str, Any] = {
    "gamma, one shape": ("gamma", lambda n: np.array([0.4])),
    "gamma, many shapes": ("gamma", lambda n: RNG.uniform(0.05, 5.0, n)),
    "weighted": ("weighted", lambda n: np.array([0.25, 0.0, 0.5, 0.25])),
    "below_each": ("below_each", lambda n: RNG.uniform(0.0, 1.0, n)),
}


@pytest.mark.parametrize("case", OF_ARRAYS)
def test_kernels_with_arrays_give_the_bits_of_the_generic_bodies(backend: Any, case: str) -> None:
    name, make = OF_ARRAYS[case]
    numpy = zk.backend.registry.usable_backend("numpy")
    for place in PLACES[:2]:
        for n in (1, 20_001):
            array = make(n)
            expected = draws.BODIES[f"random.{name}"](numpy.xp, place, n, array, None)
            got = backend.to_numpy(getattr(backend.xp.random, name)(place, n, backend.from_numpy(array), None))
            assert got.dtype == expected.dtype
            np.testing.assert_allclose(got, expected, rtol=1e-13 if name == "gamma" else 0)


@pytest.mark.parametrize("dtype", [dt.float32, dt.float64])
@pytest.mark.parametrize(("factor", "offset", "bounds"), [(1.0, 0.5, None), (3.3, 0.0, None), (1.7, -0.3, (-1.0, 1.0))])
def test_scaling_is_a_product_and_a_sum(backend: Any, dtype: Any, factor: float, offset: float, bounds: Any) -> None:
    x = np.random.default_rng(0).standard_normal((300, 70))
    for source in (dt.float64, dtype):
        raw = backend.from_numpy(x.astype(source))
        got = backend.to_numpy(backend.xp.random.scaled(raw, factor, offset, bounds, dtype))
        expected = (x.astype(source) * source.type(factor) + source.type(offset)).astype(dtype)
        np.testing.assert_array_equal(got, expected if bounds is None else np.clip(expected, *bounds))
