"""Leaves of a graph, and how to look at what they collected."""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk


def leaf(value: Any, dtype: str = "float64") -> Any:
    return zk.tensor(value, dtype=dtype, requires_grad=True)


def values(t: Any) -> Any:
    assert t is not None
    return t.numpy()


def check(t: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(values(t), expected, rtol=rtol, atol=1e-14)
