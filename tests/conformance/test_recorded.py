"""The same functions with a graph behind every float array: results have to be the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.elementwise import BINARY, UNARY, Function
from conformance.recording import twin
from conformance.samples import available, check, draw, numpy
from conformance.special_values import COMPLEX, REAL_BINARY, REAL_UNARY, rows
from conformance.standard import FLOAT, REAL_FLOAT
from conformance.test_elementwise import check_binary, check_unary
from conformance.test_indexing import check_getitem, check_setitem, numbered
from conformance.test_reductions import check_reduction
from conformance.test_searching import check_sorting
from conformance.test_shapes import check_shaping
from conformance.test_special_values import check_complex, check_real

Table = pytest.mark.parametrize
xp: Any = twin(zk, "recorded")


def inside(function: Function, dtype: str, *shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Numbers within the domain of a function."""
    low, high = max(function.low, -3.0), min(function.high, 3.0)
    x = np.clip(draw(dtype, *shape, seed=seed).real, low, max(high, low + 1))
    return (x + 0.5j if np.dtype(dtype).kind == "c" else x).astype(dtype)


def test_the_twin_records() -> None:
    x = xp.asarray([1.0, 2.0])
    assert x.requires_grad
    assert xp.add(x, x).requires_grad
    assert all(u.requires_grad for u in xp.linalg.eigh(xp.eye(2)))
    assert not xp.asarray([1]).requires_grad


@Table("function", UNARY, ids=lambda f: f.name)
def test_unary(function: Function) -> None:
    for dtype in available(tuple(d for d in function.dtypes if d in FLOAT)):
        check_unary(xp, function, dtype, inside(function, dtype, 2, 3))
        check_unary(xp, function, dtype, inside(function, dtype))


@Table("function", BINARY, ids=lambda f: f.name)
def test_binary(function: Function) -> None:
    for dtype in available(tuple(d for d in function.dtypes if d in FLOAT)):
        second = {"any": inside(function, dtype, 3, seed=1)}.get(function.second, np.array([1, 2, 3], dtype))
        check_binary(xp, function, dtype, inside(function, dtype, 2, 3), second)


@Table("name", ["sum", "prod", "max", "min", "mean", "var", "std", "all", "any", "count_nonzero"])
@pytest.mark.filterwarnings("ignore:var.*degrees of freedom:UserWarning")
def test_reduction(name: str) -> None:
    for dtype in REAL_FLOAT:
        check_reduction(xp, name, dtype, ((), (2, 0), (2, 1, 3)))


def test_shaping() -> None:
    check_shaping(xp)


def test_sorting() -> None:
    for axis in (0, -1):
        for descending in (False, True):
            check_sorting(xp, draw("float32", 3, 4), axis, descending)


KEYS: dict[str, Any] = {
    "number": 1,
    "slice": slice(None, None, -1),
    "ellipsis": (..., 0),
    "new axis": (None, slice(1)),
    "positions": np.array([2, 0, 2]),
    "several positions": (np.array([[0], [1]]), np.array([0, 1])),
    "mask": numbered((3, 2)) > 2,
}


@Table("key", KEYS)
@pytest.mark.filterwarnings("ignore::zkynet.errors.LeafReboundWarning")
def test_indexing(key: str) -> None:
    check_getitem(xp, numbered((3, 2)), KEYS[key])
    check_setitem(xp, numbered((3, 2)), KEYS[key], 7.0)


def test_writing_records_too() -> None:
    x = xp.asarray([1.0, 2.0, 3.0])
    y = x * 2
    y[1] = x[0]
    y += 1
    check(y, np.array([3, 2, 7], "float32"))
    assert y.requires_grad


def test_special_values() -> None:
    for table, names in ((REAL_UNARY, "x"), (REAL_BINARY, "xy")):
        for function in table:
            plain = list(rows({function: table[function]}, names))
            with zk.no_grad():
                expected = outcome(zk, check_real, function, plain)
            assert outcome(xp, check_real, function, plain) == expected
    for function in COMPLEX:
        plain = list(rows({function: COMPLEX[function]}, "ab"))
        assert outcome(xp, check_complex, function, plain) == outcome(zk, check_complex, function, plain)


def outcome(namespace: Any, check_rows: Any, function: str, cases: Any) -> str:
    """What a check of special values has to complain of: the same with a graph as without."""
    try:
        check_rows(namespace, function, cases, "float64")
    except AssertionError as e:
        return str(e)
    return ""


@Table(
    "name", ["inv", "det", "cholesky", "eigh", "svd", "qr", "slogdet", "pinv", "matrix_norm", "vector_norm", "trace"]
)
def test_linalg(name: str) -> None:
    x = draw("float64", 2, 3, 3)
    x = x @ np.swapaxes(x, -1, -2) + np.eye(3)
    mine, plain = getattr(xp.linalg, name)(xp.asarray(x)), getattr(zk.linalg, name)(zk.asarray(x))
    for a, b in zip(*((v if isinstance(v, tuple) else (v,)) for v in (mine, plain)), strict=True):
        check(a, numpy(b))
        assert a.requires_grad


@Table("name", ["fft", "ifft", "fftn", "rfft", "irfft", "hfft", "ihfft", "fftshift"])
def test_fft(name: str) -> None:
    x = draw("complex64" if name in ("irfft", "hfft") else "float32", 2, 4)
    check(getattr(xp.fft, name)(xp.asarray(x)), numpy(getattr(zk.fft, name)(zk.asarray(x))))
