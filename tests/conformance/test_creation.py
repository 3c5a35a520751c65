"""Functions that make arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkynet as zk
from conformance.samples import SHAPES, check, draw, examples, numpy
from conformance.standard import ALL, COMPLEX, FLOAT, INTEGER, NUMERIC, REAL

Table = pytest.mark.parametrize


@Table("name", ["zeros", "ones", "empty", "full"])
def test_filled(name: str) -> None:
    function = getattr(zk, name)
    args = (1,) if name == "full" else ()
    value = 0 if name == "zeros" else 1
    for shape in (*SHAPES, 3):
        for dtype in ALL:
            out = function(shape, *args, dtype=getattr(zk, dtype))
            assert (out.dtype, out.shape) == (np.dtype(dtype), np.zeros(shape).shape)
            if name != "empty":
                check(out, np.full(shape, value, dtype))
    if name != "full":
        assert function((2,)).dtype == zk.float32
    device = zk.ones(1).device
    assert function((2,), *args, device=device).device == device


@Table("name", ["zeros_like", "ones_like", "empty_like", "full_like"])
def test_like(name: str) -> None:
    args = (1,) if name == "full_like" else ()
    value = 0 if name == "zeros_like" else 1
    for dtype in ALL:
        x = zk.asarray(draw(dtype, 2, 3))
        for out, expected in (
            (getattr(zk, name)(x, *args), dtype),
            (getattr(zk, name)(x, *args, dtype=zk.int16), "int16"),
        ):
            assert (out.dtype, out.shape, out.device) == (np.dtype(expected), (2, 3), x.device)
            if name != "empty_like":
                check(out, np.full((2, 3), value, expected))


def test_full_takes_the_dtype_of_its_number() -> None:
    for number, dtype in ((True, "bool"), (3, "int64"), (1.5, "float32"), (2j, "complex64")):
        check(zk.full((2,), number), np.full(2, number, dtype))
        check(zk.full((), number), np.full((), number, dtype))
    check(zk.full_like(zk.ones(2, dtype=zk.float64), 3), np.full(2, 3.0))


def test_asarray_of_python_numbers() -> None:
    for value, dtype in (
        (True, "bool"),
        ([True, False], "bool"),
        (3, "int64"),
        ([[1, 2], [3, 4]], "int64"),
        ((1.5, 2), "float32"),
        ([1, 2.5, 1j], "complex64"),
        ([], "float32"),
        (2**40, "int64"),
    ):
        check(zk.asarray(value), np.asarray(value, dtype))
        for wanted in ALL if value in (True, 3) else ():
            check(zk.asarray(value, dtype=getattr(zk, wanted)), np.asarray(value, wanted))


def test_asarray_of_arrays_keeps_their_dtype() -> None:
    for dtype in ALL:
        x = draw(dtype, 2, 3)
        check(zk.asarray(x), x)
        check(zk.asarray(zk.asarray(x)), x)
        check(zk.asarray(x[0, 0]), x[0, 0])
        if dtype not in COMPLEX:
            check(zk.asarray(zk.asarray(x), dtype=zk.float64), x.astype("float64"))


def test_asarray_copies() -> None:
    x = zk.asarray([1, 2, 3])
    assert zk.asarray(x) is x
    copy = zk.asarray(x, copy=True)
    copy[0] = 9
    check(x, np.array([1, 2, 3]))
    assert zk.asarray(x, copy=False) is x
    with pytest.raises(ValueError):
        zk.asarray(x, dtype=zk.float32, copy=False)
    with pytest.raises(ValueError):
        zk.asarray([1, 2], copy=False)


def test_asarray_of_numbers_that_do_not_fit() -> None:
    with pytest.raises((OverflowError, TypeError, ValueError)):
        zk.asarray([2**70])


@given(
    start=st.integers(-20, 20),
    stop=st.integers(-20, 20),
    step=st.sampled_from([1, 2, -1, 3, -7]),
    dtype=st.sampled_from([None, "int8", "int64", "float64", "float32"]),
)
@examples(25)
def test_arange(start: int, stop: int, step: int, dtype: str | None) -> None:
    check(zk.arange(start, stop, step, dtype=dtype), np.arange(start, stop, step, dtype=dtype or "int64"))


def test_arange_defaults() -> None:
    check(zk.arange(4), np.arange(4, dtype="int64"))
    check(zk.arange(1, 4), np.arange(1, 4, dtype="int64"))
    check(zk.arange(3.0), np.arange(3, dtype="float32"))
    check(zk.arange(1.5, 4.0, 0.5), np.arange(1.5, 4, 0.5, dtype="float32"))
    check(zk.arange(0, 1, 0.25, dtype=zk.float64), np.arange(0, 1, 0.25))
    check(zk.arange(5, step=2), np.arange(0, 5, 2, dtype="int64"))
    check(zk.arange(0), np.arange(0, dtype="int64"))
    check(zk.arange(3, 1), np.arange(0, dtype="int64"))


@given(
    start=st.floats(-10, 10, width=32, allow_subnormal=False),
    stop=st.floats(-10, 10, width=32, allow_subnormal=False),
    num=st.integers(0, 6),
    endpoint=st.booleans(),
    dtype=st.sampled_from([None, *FLOAT]),
)
@examples(25)
def test_linspace(start: float, stop: float, num: int, endpoint: bool, dtype: str | None) -> None:
    out = zk.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)
    check(out, np.linspace(start, stop, num, endpoint=endpoint).astype(dtype or "float32"))
    if num > 1:
        assert numpy(out)[0] == np.float32(start)
        assert not endpoint or numpy(out)[-1] == np.float32(stop)


def test_linspace_of_other_numbers() -> None:
    assert zk.linspace(0, 1, 3).dtype == zk.float32
    check(zk.linspace(0, 1j, 3), np.linspace(0, 1j, 3).astype("complex64"))
    check(zk.linspace(0, 4, 5, dtype=zk.int32), np.arange(5, dtype="int32"))


@given(rows=st.integers(0, 4), columns=st.one_of(st.none(), st.integers(0, 4)), k=st.integers(-5, 5))
@examples(25)
def test_eye(rows: int, columns: int | None, k: int) -> None:
    check(zk.eye(rows, columns, k=k), np.eye(rows, columns, k=k, dtype="float32"))


def test_eye_of_every_dtype() -> None:
    for dtype in ALL:
        check(zk.eye(2, 3, k=1, dtype=getattr(zk, dtype)), np.eye(2, 3, k=1, dtype=dtype))


@Table("name", ["tril", "triu"])
def test_triangles(name: str) -> None:
    for shape in ((3, 3), (2, 3), (3, 2), (2, 2, 3), (0, 3), (2, 0)):
        for dtype in ("bool", "int8", "float32", "complex128"):
            x = draw(dtype, *shape)
            for k in (0, 1, -1, 2, -5, 5):
                check(getattr(zk, name)(zk.asarray(x), k=k), getattr(np, name)(x, k=k))


@Table("indexing", ["xy", "ij"])
def test_meshgrid(indexing: Any) -> None:
    for lengths in ((2,), (2, 3), (3, 1, 2), (0, 2)):
        arrays = [draw("float32", n, seed=n) for n in lengths]
        out = zk.meshgrid(*[zk.asarray(a) for a in arrays], indexing=indexing)
        assert isinstance(out, tuple)
        for mine, theirs in zip(out, np.meshgrid(*arrays, indexing=indexing), strict=True):
            check(mine, theirs)
    assert all(m.dtype == zk.int8 for m in zk.meshgrid(*[zk.ones(2, dtype=zk.int8)] * 2))


def test_arrays_of_every_dtype_hold_their_limits() -> None:
    for dtype in INTEGER:
        limits = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype)
        check(zk.asarray(limits), limits)
        check(zk.asarray([int(v) for v in limits], dtype=getattr(zk, dtype)), limits)
        check(zk.full((2,), int(limits[1]), dtype=getattr(zk, dtype)), limits[[1, 1]])
    assert set(NUMERIC) == {*REAL, *COMPLEX}


def test_logspace() -> None:
    np.testing.assert_allclose(zk.logspace(-2, 3, 7).numpy(), np.logspace(-2, 3, 7), rtol=1e-6)
    np.testing.assert_allclose(
        zk.logspace(0, 4, 4, base=2.0, endpoint=False, dtype=zk.float64).numpy(),
        np.logspace(0, 4, 4, base=2.0, endpoint=False),
    )
