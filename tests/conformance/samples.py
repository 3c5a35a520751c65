"""What the conformance tests run on, and how results are compared with NumPy's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from conformance.elementwise import Function
from conformance.standard import real_part
from conformance.unable import NO_ARITHMETIC

# few shapes, because some backends compile for each anew
SHAPES = ((), (3,), (0,), (2, 3), (2, 0), (2, 1, 3))
BROADCASTS = (
    ((3,), (3,)),
    ((), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((3,), (2, 1, 3)),
    ((0,), (1,)),
    ((2, 1), (2, 0)),
)


def examples(n: int) -> settings:
    """Hypothesis with `n` examples, the same ones each time."""
    return settings(
        max_examples=n,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def available(dtypes: tuple[str, ...]) -> list[str]:
    """Those of `dtypes` that the current backend can compute with."""
    without = NO_ARITHMETIC.get(zk.get_backend().name, ())
    return [d for d in dtypes if d not in without]


def few(cases: Iterable[Any]) -> list[Any]:
    """All cases, but only every third on a backend that compiles for each shape and dtype."""
    return list(cases)[:: 3 if zk.get_backend().name == "jax" else 1]


def elements(dtype: str, low: float = -1e3, high: float = 1e3) -> st.SearchStrategy[Any]:
    """Numbers of a dtype; integers have their whole range, floats and the parts of complex numbers their bounds."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return st.booleans()
    if kind in "iu":
        info = np.iinfo(dtype)
        return st.one_of(st.integers(0, 5), st.integers(int(info.min), int(info.max)))
    width = 32 if real_part(dtype) == "float32" else 64
    wide = st.floats(*(float(np.float32(v)) for v in (low, high)), width=width, allow_subnormal=False)
    if kind == "f":
        return wide
    return st.builds(complex, wide, st.floats(0.125, 1, width=width, allow_subnormal=False))


def arrays(dtype: str, shape: tuple[int, ...], low: float = -1e3, high: float = 1e3) -> st.SearchStrategy[Any]:
    """Arrays of a dtype and shape, see `elements`."""
    return hnp.arrays(dtype, shape, elements=elements(dtype, low, high))


def second_argument(function: Function, dtype: str, shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Arrays that a binary function takes as its second argument."""
    if function.second == "small":
        return hnp.arrays(dtype, shape, elements=st.integers(0, 5))
    if function.second == "nonzero":
        signs = st.sampled_from([1, 2, 3, 7] if np.dtype(dtype).kind == "u" else [1, -2, 3, -7])
        return hnp.arrays(dtype, shape, elements=signs)
    return arrays(dtype, shape, function.low, function.high)


def draw(dtype: Any, *shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """An array of small numbers, for tests that need no search for them."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.random(shape) < 0.5
    if kind in "iu":
        return rng.integers(0, 9, shape).astype(dtype)
    values = rng.standard_normal(shape)
    return (values + 1j * rng.standard_normal(shape) if kind == "c" else values).astype(dtype)


def tensor(xp: Any, array: Any) -> Any:
    """A tensor of a namespace, of memory of its own."""
    return xp.asarray(np.array(array))


def numpy(x: Any) -> np.ndarray[Any, Any]:
    """The values of a tensor, with or without a graph."""
    return np.asarray(x.numpy())


def check(x: Any, expected: Any, dtype: Any = None, rtol: float | None = None) -> None:
    """Compare a tensor's dtype, shape and values with what NumPy made; floats to rounding errors."""
    expected = np.asarray(expected)
    assert isinstance(x, zk.Tensor)
    assert x.dtype == np.dtype(dtype or expected.dtype)
    assert x.shape == expected.shape
    if x.dtype.kind in "fc":
        eps = float(np.finfo(x.dtype).eps)
        scale = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(
                numpy(x), expected.astype(x.dtype), rtol=rtol or 100 * eps, atol=min(float(scale), 1.0) * 10 * eps
            )
    else:
        np.testing.assert_array_equal(numpy(x), expected)
