"""Functions under test, and their derivatives by finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 3))
V = RNG.standard_normal(3)
W = RNG.standard_normal(3)


def double(value: Any, requires_grad: bool = False) -> Any:
    return zk.tensor(value, dtype="complex128" if np.iscomplexobj(value) else "float64", requires_grad=requires_grad)


def check(t: Any, expected: Any, rtol: float = 1e-12) -> None:
    got = t.numpy()
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)


def smooth(x: Any) -> Any:
    """A function of three numbers that is neither linear nor symmetric."""
    return zk.sum(zk.tanh(zk.matmul(double(A), x)) * x * x[0])


def differences(f: Any, x: Any, h: float = 1e-5) -> Any:
    """Central differences of a function of an array that returns an array."""
    columns = []
    for i in range(x.size):
        e = np.zeros(x.size)
        e[i] = h
        e = e.reshape(x.shape)
        columns.append((np.asarray(f(x + e)) - np.asarray(f(x - e))) / (2 * h))
    return np.stack(columns, -1).reshape((*columns[0].shape, *x.shape))


def on_arrays(f: Any) -> Any:
    return lambda x: f(double(x)).numpy()
