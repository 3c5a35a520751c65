"""The standard's special cases: infinities, NaN, signed zeros, edges of domains. See `special_values`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.samples import numpy, tensor
from conformance.special_values import COMPLEX, COMPLEX_TO_REAL, EVEN, ODD, REAL_BINARY, REAL_UNARY, TURNED, Row, rows

Table = pytest.mark.parametrize
Cases = list[Row]
LENGTH = 24  # arrays of few lengths, for backends that compile for each


def grouped(found: Iterable[Row]) -> list[Any]:
    """Rows by what they are called, as parameters of a test."""
    by_name = itertools.groupby(found, key=lambda row: row[0])
    return [pytest.param(name.split()[0], list(cases), id=name) for name, cases in by_name]


def in_arrays(xp: Any, columns: np.ndarray[Any, Any]) -> list[Any]:
    """The columns as tensors whose length is a multiple of `LENGTH`, by repeating the last row."""
    short = -len(columns) % LENGTH
    padded = np.concatenate([columns, np.repeat(columns[-1:], short, axis=0)])
    return [tensor(xp, padded[:, i]) for i in range(columns.shape[1])]


def compare(name: str, cases: Cases, results: np.ndarray[Any, Any], dtype: str) -> None:
    """Whether every part of every result is the expected number, with its sign."""
    wrong = []
    for (_, arguments, expected, marks), found in zip(cases, results, strict=True):
        for want, got, mark in zip(expected, found, marks, strict=True):
            if np.isnan(want):
                right = bool(np.isnan(got))
            elif mark == "~":
                right = abs(got) == abs(np.dtype(dtype).type(want))
            else:
                right = np.isclose(got, np.dtype(dtype).type(want), rtol=1e-6, atol=0)
                right = bool(right) and bool(np.signbit(got) == np.signbit(want))
            if not right:
                wrong.append(f"{name}{arguments} = {tuple(found.tolist())}, the standard says {expected}")
    assert not wrong, "\n".join(wrong)


def check_real(xp: Any, name: str, cases: Cases, dtype: str) -> None:
    """Rows of one function of real numbers."""
    arguments = np.array([row[1] for row in cases], dtype)
    with np.errstate(all="ignore"):
        out = numpy(getattr(xp, name)(*in_arrays(xp, arguments)))
    compare(name, cases, out[: len(cases), None], dtype)


def check_complex(xp: Any, name: str, cases: Cases, dtype: str) -> None:
    """Rows of one function of complex numbers."""
    parts = np.array([row[1] for row in cases], dtype)
    z = parts[:, 0].astype(np.result_type(dtype, 1j))
    z.imag = parts[:, 1]
    with np.errstate(all="ignore"):
        out = numpy(getattr(xp, name)(*in_arrays(xp, z[:, None])))[: len(cases)]
    results = np.stack([out.real, out.imag], axis=-1) if out.dtype.kind == "c" else out[:, None]
    compare(name, cases, results, dtype)


def mirrored(cases: Cases) -> Cases:
    """The rows for conjugate numbers; for odd and even functions also for the opposite ones."""
    more = []
    for name, (a, b), (u, v), marks in cases:
        more.append((name, (a, -b), (u, -v), marks))
        sign = {**dict.fromkeys(ODD, -1), **dict.fromkeys(EVEN, 1)}.get(name.split()[0])
        if sign:
            more += [(name, (-a, -b), (sign * u, sign * v), marks), (name, (-a, b), (sign * u, sign * -v), marks)]
    return more


def turned(cases: Cases, even: bool) -> Cases:
    """Rows of ``f(i z)`` or ``-i f(i z)`` from those of `f`: if iz = a + bi, then z = b - ai."""
    return [
        (name, (b, -a), (u, v) if even else (v, -u), marks if even else marks[::-1])
        for name, (a, b), (u, v), marks in cases
    ]


@Table(("name", "cases"), grouped(rows(REAL_UNARY, "x")))
def test_real_unary(name: str, cases: Cases) -> None:
    for dtype in ("float64", "float32"):
        check_real(zk, name, cases, dtype)


@Table(("name", "cases"), grouped(rows(REAL_BINARY, "xy")))
def test_real_binary(name: str, cases: Cases) -> None:
    for dtype in ("float64", "float32"):
        check_real(zk, name, cases, dtype)


@Table(("name", "cases"), grouped(rows(COMPLEX, "ab")))
def test_complex(name: str, cases: Cases) -> None:
    for dtype in ("float64", "float32"):
        check_complex(zk, name, cases, dtype)


@Table("name", [name for name in COMPLEX if name not in ("round", "sign")])
def test_complex_symmetry(name: str) -> None:
    check_complex(zk, name, mirrored(list(rows({name: COMPLEX[name]}, "ab"))), "float64")


@Table(("name", "cases"), grouped(rows(COMPLEX_TO_REAL, "ab")))
def test_complex_to_real(name: str, cases: Cases) -> None:
    for dtype in ("float64", "float32"):
        check_complex(zk, name, cases, dtype)


@Table("name", TURNED)
def test_circular_functions_are_turned_hyperbolic_ones(name: str) -> None:
    cases = list(rows({TURNED[name]: COMPLEX[TURNED[name]]}, "ab"))
    check_complex(zk, name, turned(cases + mirrored(cases), even=name == "cos"), "float64")


def test_nan_keeps_its_sign_bit_from_copysign() -> None:
    nan = np.array([np.nan, -np.nan, np.nan, -np.nan])
    sign = zk.copysign(zk.asarray(nan), zk.asarray(np.array([-1.0, -0.0, 0.0, 2.0])))
    assert np.isnan(numpy(sign)).all()
    np.testing.assert_array_equal(numpy(zk.signbit(sign)), [True, True, False, False])


def test_clip_of_nan() -> None:
    x = zk.asarray(np.array([np.nan, 1.0, 2.0]))
    np.testing.assert_array_equal(numpy(zk.clip(x, 0.0, 1.5)), [np.nan, 1, 1.5])
    nans = zk.asarray(np.array([0.0, np.nan, 0.0]))
    np.testing.assert_array_equal(numpy(zk.clip(x, nans, 3.0)), [np.nan, np.nan, 2])
    np.testing.assert_array_equal(numpy(zk.clip(x, None, nans)), [np.nan, np.nan, 0])


# -- reductions -------------------------------------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")


@Table(
    ("name", "values", "expected"),
    [
        ("sum", [], 0),
        ("prod", [], 1),
        ("mean", [], NAN),
        ("var", [], NAN),
        ("std", [], NAN),
        ("all", [], True),
        ("any", [], False),
        ("count_nonzero", [], 0),
        ("sum", [1, NAN, 2], NAN),
        ("prod", [1, NAN, 2], NAN),
        ("mean", [1, NAN, 2], NAN),
        ("var", [1, NAN, 2], NAN),
        ("std", [1, NAN, 2], NAN),
        ("max", [1, NAN, 2], NAN),
        ("min", [1, NAN, 2], NAN),
        ("max", [1, INF, -INF], INF),
        ("min", [1, INF, -INF], -INF),
        ("sum", [INF, 1], INF),
        ("sum", [INF, -INF], NAN),
        ("prod", [INF, 0], NAN),
        ("mean", [-INF, 1], -INF),
        ("count_nonzero", [NAN, 0, -0.0, INF], 2),
        ("any", [NAN], True),
        ("all", [NAN, 0.0], False),
    ],
)
def test_reduction(name: str, values: list[float], expected: Any) -> None:
    with np.errstate(all="ignore"):
        out = getattr(zk, name)(zk.asarray(np.array(values, "float64")))
    np.testing.assert_array_equal(numpy(out), np.asarray(expected))


def test_spread_of_too_few() -> None:
    x = zk.asarray(np.array([1.0, 2.0]))
    for correction in (2, 3):
        assert np.isnan(zk.var(x, correction=correction).item())
        assert np.isnan(zk.std(x, correction=correction).item())
    assert zk.var(x, correction=1).item() == 0.5


def test_mean_of_complex_nan() -> None:
    assert np.isnan(zk.mean(zk.asarray(np.array([complex(NAN, 1), complex(1, 3)]))).item().real)
    assert np.isnan(zk.mean(zk.asarray(np.array([complex(1, NAN), complex(1, 3)]))).item().imag)
    empty = zk.mean(zk.zeros(0, dtype=zk.complex64)).item()
    assert np.isnan(empty.real)
    assert np.isnan(empty.imag)


def test_running_sums_carry_nan_on() -> None:
    x = np.array([1.0, NAN, 2.0])
    np.testing.assert_array_equal(numpy(zk.cumulative_sum(zk.asarray(x))), np.cumsum(x))
    np.testing.assert_array_equal(numpy(zk.cumulative_prod(zk.asarray(x))), np.cumprod(x))


def test_slogdet_of_singular_matrices() -> None:
    for dtype in ("float32", "float64", "complex64", "complex128"):
        sign, size = zk.linalg.slogdet(zk.zeros((2, 2), dtype=dtype))
        assert sign.item() == 0
        assert size.item() == -INF
