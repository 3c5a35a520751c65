"""Dtypes of results: promotion, casts, sums, and what the namespace says of its dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.samples import available, check, draw, few
from conformance.standard import (
    ALL,
    BOOL,
    COMPLEX,
    FLOAT,
    INTEGER,
    KINDS,
    NUMERIC,
    PROMOTION,
    REAL,
    REAL_FLOAT,
    SIGNED,
    UNSIGNED,
    pairs,
    real_part,
    summed,
)

Table = pytest.mark.parametrize


def test_result_type_follows_the_table() -> None:
    for (a, b), common in PROMOTION.items():
        x, y = (zk.zeros(1, dtype=d) for d in (a, b))
        for first, second in ((a, b), (getattr(zk, a), getattr(zk, b)), (x, y), (x, getattr(zk, b))):
            assert zk.result_type(first, second) == np.dtype(common)
    assert zk.result_type(zk.int8, zk.uint8, zk.int32) == zk.int32
    assert zk.result_type(zk.float32, zk.complex64, zk.float64) == zk.complex128
    assert zk.result_type(zk.uint16) == zk.uint16


def test_result_type_with_python_numbers() -> None:
    for dtypes, numbers in ((INTEGER, (1,)), (REAL_FLOAT, (1, 1.0)), (COMPLEX, (1, 1.0, 1j)), (BOOL, (True,))):
        for dtype in dtypes:
            for number in numbers:
                assert zk.result_type(zk.zeros(1, dtype=dtype), number) == np.dtype(dtype)
                assert zk.result_type(number, dtype) == np.dtype(dtype)


def test_can_cast_follows_the_table() -> None:
    for (a, b), common in PROMOTION.items():
        assert zk.can_cast(a, b) is (common == b)
        assert zk.can_cast(zk.zeros(1, dtype=a), b) is (common == b)
    assert all(not zk.can_cast(a, b) for a in ("uint64",) for b in SIGNED)


def test_isdtype() -> None:
    for kind, members in KINDS.items():
        for dtype in ALL:
            assert zk.isdtype(getattr(zk, dtype), kind) is (dtype in members)
    for dtype in ALL:
        for other in ALL:
            assert zk.isdtype(getattr(zk, dtype), getattr(zk, other)) is (dtype == other)
        assert zk.isdtype(getattr(zk, dtype), ("bool", "numeric")) is True
        assert zk.isdtype(getattr(zk, dtype), (zk.int8, "complex floating")) is (dtype in ("int8", *COMPLEX))


def test_finfo() -> None:
    for dtype in FLOAT:
        expected = np.finfo(real_part(dtype))
        for what in (getattr(zk, dtype), zk.zeros(1, dtype=dtype)):
            info = zk.finfo(what)
            for name in ("eps", "max", "min", "smallest_normal"):
                assert type(getattr(info, name)) is float
                assert getattr(info, name) == getattr(expected, name)
            assert (type(info.bits), info.bits) == (int, expected.bits)
            assert info.dtype == np.dtype(real_part(dtype))


def test_iinfo() -> None:
    for dtype in INTEGER:
        for what in (getattr(zk, dtype), zk.zeros(1, dtype=dtype)):
            info, expected = zk.iinfo(what), np.iinfo(dtype)
            assert (info.bits, info.min, info.max) == (expected.bits, expected.min, expected.max)
            assert all(type(v) is int for v in (info.bits, info.min, info.max))
            assert info.dtype == np.dtype(dtype)


def test_astype() -> None:
    """Every cast that the standard allows: from complex numbers only to complex ones, from NaN to no integer."""
    for source in ALL:
        x = draw(source, 2, 3)
        for target in few(ALL):
            if source in COMPLEX and target not in COMPLEX:
                with pytest.raises(TypeError):
                    zk.astype(zk.asarray(x), target)
                continue
            if x.dtype.kind in "f" and target in UNSIGNED:
                x = np.abs(x)
            check(zk.astype(zk.asarray(x), getattr(zk, target)), x.astype(target))


def test_astype_copies_unless_told_not_to() -> None:
    x = zk.arange(3)
    assert zk.astype(x, zk.int64, copy=False) is x
    y = zk.astype(x, zk.int64)
    y[0] = 7
    check(x, np.arange(3))
    assert zk.astype(x, zk.float32, device=x.device).device == x.device


# -- reductions -------------------------------------------------------------------------------------------------------


@Table("dtype", NUMERIC)
@Table("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_dtype_of_sums(name: str, dtype: str) -> None:
    for source in available((dtype,)):
        assert getattr(zk, name)(zk.ones(3, dtype=source)).dtype == np.dtype(summed(dtype))


@Table("dtype", NUMERIC)
@Table("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_dtype_of_sums_that_is_asked_for(name: str, dtype: str) -> None:
    for source in available(NUMERIC) if available((dtype,)) else ():
        if not (source in COMPLEX and dtype not in COMPLEX):
            out = getattr(zk, name)(zk.ones(3, dtype=source), dtype=getattr(zk, dtype))
            assert out.dtype == np.dtype(dtype), source


@Table(
    ("names", "dtypes", "result"),
    [
        ("max min sort flip cumulative_maximum", REAL, None),
        ("mean var std", REAL_FLOAT, None),
        ("mean", COMPLEX, None),
        ("argmax argmin argsort", REAL, "int64"),
        ("count_nonzero", ALL, "int64"),
        ("all any", ALL, "bool"),
        ("unique_values diff roll", NUMERIC, None),
        ("tril triu matrix_transpose", ALL, None),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_dtype_of_functions_of_one_array(names: str, dtypes: tuple[str, ...], result: str | None) -> None:
    for name in names.split():
        if name == "cumulative_maximum":
            continue
        args = (1,) if name == "roll" else ()
        for dtype in available(dtypes):
            shape = (2, 2) if name in ("tril", "triu", "matrix_transpose") else (3,)
            out = getattr(zk, name)(zk.ones(shape, dtype=dtype), *args)
            assert out.dtype == np.dtype(result or dtype), (name, dtype)


@Table("name", ["concat", "stack", "where", "matmul", "tensordot", "vecdot"])
def test_dtype_of_functions_of_two_arrays(name: str) -> None:
    dtypes = NUMERIC if name in ("matmul", "tensordot", "vecdot") else ALL
    ones = {d: zk.ones((2, 2), dtype=d) for d in available(dtypes)}
    condition = zk.ones((2, 2), dtype=zk.bool)
    for a, b, common in pairs(tuple(ones)):
        x, y = ones[a], ones[b]
        if name in ("concat", "stack"):
            out = getattr(zk, name)([x, y])
        else:
            out = zk.where(condition, x, y) if name == "where" else getattr(zk, name)(x, y)
        assert out.dtype == np.dtype(common), (a, b)
    if name in ("concat", "stack"):
        for dtype, x in ones.items():
            assert getattr(zk, name)((x, x, x)).dtype == np.dtype(dtype)


def test_where_with_numbers() -> None:
    condition = zk.asarray([True, False])
    for dtype in available(NUMERIC):
        x = zk.ones(2, dtype=dtype)
        check(zk.where(condition, x, 0), np.array([1, 0], dtype))
        check(zk.where(condition, 0, x), np.array([0, 1], dtype))


@Table("name", ["matmul", "@"])
def test_matmul_of_integers_is_exact(name: str) -> None:
    for dtype in available(INTEGER):
        x = draw(dtype, 2, 3)
        y = draw(dtype, 3, 2, seed=1)
        out: Any = zk.matmul(zk.asarray(x), zk.asarray(y)) if name == "matmul" else zk.asarray(x) @ zk.asarray(y)
        check(out, x @ y, dtype)


def test_mixing_kinds_gives_one_answer() -> None:
    """The standard leaves these open; zkynet gives the same on every backend."""
    for a, b, common in (
        ("bool", "int8", "int8"),
        ("int64", "float32", "float32"),
        ("uint8", "complex64", "complex64"),
        ("bool", "float64", "float64"),
    ):
        x, y = zk.ones(1, dtype=a), zk.ones(1, dtype=b)
        assert (x + y).dtype == (y * x).dtype == zk.result_type(x, y) == np.dtype(common)


def test_numbers_that_no_integer_dtype_holds(backend: Any) -> None:
    for make in (
        lambda: zk.full(2, 300, dtype="int8"),
        lambda: zk.full_like(zk.ones(2, dtype="int8"), 300),
        lambda: zk.pad(zk.ones(2, dtype="int8"), 1, value=300),
        lambda: zk.arange(300, dtype="int8"),
        lambda: zk.arange(-1, 2, dtype="uint8"),
        lambda: zk.full(2, 2**70),
        lambda: zk.tensor(2**64),
        lambda: zk.tensor([1, -(2**63) - 1]),
        lambda: zk.ones(2, dtype="int64") + 2**64,
    ):
        with pytest.raises(zk.errors.DTypeError, match="not fit into"):
            make()
    for out in (
        zk.tensor([2**64, 1.5], dtype="float64")[0],
        zk.tensor(2**64, dtype="float64"),
        zk.full((), 2**64, dtype="float64"),
        zk.zeros((), dtype="float64") + 2**64,
        zk.zeros((), dtype="float64") + 2**64,  # the way it goes the second time
        zk.maximum(2**64, zk.zeros((), dtype="float64")),
    ):
        assert (out.item(), out.dtype) == (2.0**64, zk.float64)
    assert zk.tensor([2**64, 1.5]).dtype == zk.float32
    assert zk.arange(-128, 128, dtype="int8").shape == (256,)
