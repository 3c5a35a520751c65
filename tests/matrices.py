"""Random matrices, and gradients by them."""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk


def leaf(values: Any, dtype: str = "float64") -> Any:
    return zk.asarray(np.asarray(values, dtype), copy=True).requires_grad_()


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def complex_normal(*shape: int, seed: int = 0) -> Any:
    return normal(*shape, seed=seed) + 1j * normal(*shape, seed=seed + 1)


def gradient(f: Any, x: Any) -> Any:
    x = leaf(x, np.asarray(x).dtype)
    with zk.get_backend().quiet():
        f(x).backward()
    return x.grad.numpy()
