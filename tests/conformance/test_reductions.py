"""Reductions, running sums and differences over every choice of axes, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.samples import available, check, draw, few, tensor
from conformance.standard import NUMERIC, REAL, REAL_FLOAT, summed

Table = pytest.mark.parametrize
AXES: dict[tuple[int, ...], tuple[Any, ...]] = {
    (): (None, ()),
    (3,): (None, 0, -1, (0,), ()),
    (0,): (None, 0),
    (2, 3): (None, 0, 1, -2, (0, 1), (-1, 0), ()),
    (2, 0): (None, 0, 1, (0, 1)),
    (2, 1, 3): (None, 1, -1, (0, 2), (1,), (2, 0, 1)),
}


def reference(name: str) -> Callable[..., Any]:
    """NumPy's function, with the standard's names and the standard's dtypes of sums."""
    function = getattr(np, name)
    if name in ("sum", "prod"):
        return lambda x, axis, keepdims: function(x, axis=axis, keepdims=keepdims, dtype=summed(x.dtype.name))
    if name == "count_nonzero":
        return lambda x, axis, keepdims: np.sum(x != 0, axis=axis, keepdims=keepdims, dtype=np.int64)
    return lambda x, axis, keepdims: function(x, axis=axis, keepdims=keepdims)


def check_reduction(xp: Any, name: str, dtype: str, shapes: Any = tuple(AXES)) -> None:
    """A reduction over every choice of axes of arrays of some shapes."""
    for shape in shapes:
        x = draw(dtype, *shape)
        if name == "prod" and x.dtype.kind in "iu":
            x = x % 3 + 1
        for axis in few(AXES[shape]):
            along = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
            empty = any(shape[a] == 0 for a in along)
            if empty and name in ("max", "min", "mean", "var", "std"):
                continue
            for keepdims in (False, True):
                with np.errstate(all="ignore"):
                    expected = reference(name)(x, axis, keepdims)
                out = getattr(xp, name)(tensor(xp, x), axis=axis, keepdims=keepdims)
                check(out, expected, rtol=1e-5 if dtype in ("float32", "complex64") else 1e-12)


REDUCTIONS = {
    "sum prod": NUMERIC,
    "max min": REAL,
    "mean": (*REAL_FLOAT, "complex64"),
    "var std": REAL_FLOAT,
    "all any count_nonzero": ("bool", "int8", "float32", "complex128"),
}
BY_DTYPE = [(name, dtype) for names, dtypes in REDUCTIONS.items() for name in names.split() for dtype in dtypes]


@Table(("name", "dtype"), BY_DTYPE)
@pytest.mark.filterwarnings("ignore:var.*degrees of freedom:UserWarning")  # PyTorch's, where there is no result
def test_reduction(name: str, dtype: str) -> None:
    if available((dtype,)):
        check_reduction(zk, name, dtype, tuple(AXES) if dtype in ("float64", "bool", "int64") else ((2, 1, 3),))


@Table("name", ["argmax", "argmin"])
def test_argmax(name: str) -> None:
    for dtype in few(available(REAL)):
        x = draw(dtype, 2, 3, 2)
        x[0, 0] = x[0, 1]  # a tie: the first one counts
        for axis in (None, 0, 1, -1):
            for keepdims in (False, True):
                expected = np.asarray(getattr(np, name)(x, axis=axis, keepdims=keepdims), dtype=np.int64)
                check(getattr(zk, name)(zk.asarray(x), axis=axis, keepdims=keepdims), expected)


@Table("name", ["var", "std"])
def test_correction(name: str) -> None:
    x = draw("float64", 4, 3)
    for correction in (0, 1, 0.5, 2):
        for axis in (None, 0, 1):
            expected = getattr(np, name)(x, axis=axis, ddof=correction)
            check(getattr(zk, name)(zk.asarray(x), axis=axis, correction=correction), expected)


@Table("dtype", NUMERIC)
@Table("name", ["cumulative_sum", "cumulative_prod"])
def test_running(name: str, dtype: str) -> None:
    function = {"cumulative_sum": np.cumsum, "cumulative_prod": np.cumprod}[name]
    start = {"cumulative_sum": 0, "cumulative_prod": 1}[name]
    rtol = 1e-5 if dtype in ("float32", "complex64") else None
    for shape in ((3,), (0,), (2, 3), (2, 0), (2, 1, 3)) if dtype == "float64" else ((2, 3),):
        x = draw(dtype, *shape)
        for axis in (None,) if len(shape) == 1 else few(range(-len(shape), len(shape))) if available((dtype,)) else ():
            expected = function(x, axis=axis, dtype=summed(dtype))
            check(getattr(zk, name)(zk.asarray(x), axis=axis), expected, rtol=rtol)
            if x.size:
                first = np.full_like(np.take(expected, [0], axis=axis or 0), start)
                expected = np.concatenate([first, expected], axis=axis or 0)
                check(getattr(zk, name)(zk.asarray(x), axis=axis, include_initial=True), expected, rtol=rtol)


def test_running_sum_of_nothing_with_its_start() -> None:
    check(zk.cumulative_sum(zk.zeros((0,)), include_initial=True), np.zeros(1, "float32"))
    check(zk.cumulative_prod(zk.zeros((2, 0)), axis=1, include_initial=True), np.ones((2, 1), "float32"))
    with pytest.raises(ValueError):
        zk.cumulative_sum(zk.zeros((2, 2)))


def test_diff() -> None:
    for dtype in few(available(NUMERIC)):
        x = draw(dtype, 2, 4)
        for axis in (-1, 0, 1):
            for n in (0, 1, 2):
                check(zk.diff(zk.asarray(x), axis=axis, n=n), np.diff(x, axis=axis, n=n), dtype)
        before, after = draw(dtype, 2, 1, seed=1), draw(dtype, 2, 2, seed=2)
        expected = np.diff(x, prepend=before, append=after)
        check(zk.diff(zk.asarray(x), prepend=zk.asarray(before), append=zk.asarray(after)), expected, dtype)
    check(zk.diff(zk.zeros((3, 0))), np.zeros((3, 0), "float32"))


@Table("name", ["max", "min", "argmax", "argmin"])
def test_the_largest_of_nothing_is_refused(name: str) -> None:
    for shape, axis in (((0,), None), ((2, 0), 1), ((0, 2), 0)):
        with pytest.raises(ValueError):
            getattr(zk, name)(zk.zeros(shape), axis=axis)
    axis = 0
    assert getattr(zk, name)(zk.zeros((2, 0)), axis=axis).shape == (0,)


@Table("name", ["sum", "max", "mean", "argmax", "cumulative_sum", "sort", "flip", "unstack", "all", "count_nonzero"])
def test_axes_that_do_not_exist_are_refused(name: str) -> None:
    for axis in (2, -3):
        with pytest.raises((IndexError, ValueError)):
            getattr(zk, name)(zk.ones((2, 3)), axis=axis)
    if name in ("sum", "max", "mean", "all"):
        with pytest.raises(ValueError):
            getattr(zk, name)(zk.ones((2, 3)), axis=(0, 0))
