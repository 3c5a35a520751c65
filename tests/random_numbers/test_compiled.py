"""Draws inside ``jax.jit``, where the state is an array that is traced, with and without JAX's 64-bit mode."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.random import Generator

NARROW: dict[str, Callable[..., Any]] = {
    "bits": lambda g: g.bits(37),
    "uniform": lambda g: g.uniform(-0.7, 2.9, (20, 50)),
    "normal": lambda g: g.normal(0.3, 1.7, 1001),
    "exponential": lambda g: g.exponential(1.3, 1001),
    "bernoulli": lambda g: g.bernoulli(0.3, 101),
    "bernoulli, a tensor": lambda g: g.bernoulli(zk.tensor([0.1, 0.5, 1.0, 0.0]), (25, 4)),
    "integers": lambda g: g.integers(-5, 17, 101, dtype="int32"),
    "integers, all": lambda g: g.integers(0, 2**32, 101, dtype="uint32"),
    "integers, small": lambda g: g.integers(-100, 100, 101, dtype="int8"),
    "permutation": lambda g: g.permutation(101),
    "categorical": lambda g: g.categorical(zk.tensor([[0.5, -1.0, 2.0], [0.0, 0.0, 0.0]]), shape=(50, 2)),
    "two draws": lambda g: g.normal(shape=9) + g.uniform(shape=9),
}
"""Draws whose results have at most 32 bits."""

WIDE: dict[str, Callable[..., Any]] = {
    "bits, wide": lambda g: g.bits((5, 7), dtype="uint64"),
    "uniform, wide": lambda g: g.uniform(-0.7, 2.9, 1001, dtype="float64"),
    "normal, wide": lambda g: g.normal(0.3, 1.7, 1001, dtype="float64"),
    "truncated": lambda g: g.truncated_normal(0.2, 1.1, -1.0, 3.0, 301),
    "integers, wide": lambda g: g.integers(-(2**62), 2**62, 101),
    "choice, weighted": lambda g: g.choice(4, 101, p=[0.1, 0.2, 0.3, 0.4]),
    "gamma": lambda g: g.gamma(0.7, 2.0, 101),
}


@pytest.fixture
def jax(backend: Any) -> Any:
    if backend.name != "jax":
        pytest.skip("only JAX traces")
    import jax

    return jax


def traced(jax: Any, draw: Callable[..., Any], g: Generator) -> tuple[Any, int]:
    """What a compiled function draws from the state of `g`, and how many blocks it uses."""
    used = []

    def function(state: Any) -> Any:
        with g.lifted(state) as lifted:
            out = draw(g)
        used.append(lifted.blocks)
        return out.data

    return np.asarray(jax.jit(function)(g.as_array().data)), used[0]


def started() -> Generator:
    g = Generator(42)
    g.advance(2**32 - 1)  # so that the block goes on into the upper word of its 64 bits
    return g


def check(jax: Any, draw: Callable[..., Any], tolerance: float = 0.0) -> None:
    g = started()
    got, blocks = traced(jax, draw, g)
    expected = draw(g).numpy()
    np.testing.assert_allclose(got, expected, rtol=tolerance)
    other = started()
    other.advance(blocks)
    assert other.state_dict() == g.state_dict()


@pytest.mark.parametrize("name", ["uniform", "normal", "integers", "two draws", "normal, wide"])
def test_a_compiled_function_draws_the_same_bits(jax: Any, name: str) -> None:
    check(jax, {**NARROW, **WIDE}[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", {**NARROW, **WIDE})
def test_every_draw_is_the_same_when_compiled(jax: Any, name: str) -> None:
    check(jax, {**NARROW, **WIDE}[name], 1e-6 if name == "gamma" else 0.0)


@pytest.mark.slow
def test_without_64_bits_eager_and_compiled_draws_are_the_same(jax: Any) -> None:
    """In a process of its own: eagerly as on NumPy, and compiled as eagerly."""
    folder = os.path.dirname(__file__)
    code = f"""
import sys; sys.path.insert(0, {folder!r})
import jax, numpy as np, zkynet as zk
from test_compiled import NARROW, check, started
for name, draw in NARROW.items():
    with zk.use_backend("numpy"):
        expected = draw(started()).numpy()
    with zk.use_backend("jax"):
        check(jax, draw)
        np.testing.assert_array_equal(draw(started()).numpy(), expected, err_msg=name)
with zk.use_backend("jax"):
    for wide in (lambda g: g.normal(dtype="float64"), lambda g: g.integers(3)):
        try:
            wide(started())
        except zk.errors.DTypeError as e:
            print(e.headline[:40])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "ZKYNET_JAX_X64": "0"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("JAX would silently make") == 2
