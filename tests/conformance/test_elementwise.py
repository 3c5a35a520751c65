"""Functions and operators that work element by element: values, dtypes and broadcasting, against NumPy."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkynet as zk
from conformance.elementwise import BINARY, BY_NAME, OPERATORS, UNARY, UNARY_OPERATORS, Function
from conformance.samples import (
    BROADCASTS,
    SHAPES,
    arrays,
    available,
    check,
    draw,
    examples,
    few,
    second_argument,
    tensor,
)
from conformance.standard import BOOL, COMPLEX, FLOAT, INTEGER, NUMERIC, REAL, REAL_FLOAT, pairs

Table = pytest.mark.parametrize
SYMBOLS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
INPLACE: dict[str, Callable[..., Any]] = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod,
    "**": operator.ipow,
    "&": operator.iand,
    "|": operator.ior,
    "^": operator.ixor,
    "<<": operator.ilshift,
    ">>": operator.irshift,
}


def tolerance(dtype: str, function: Function) -> float | None:
    """Other libraries' functions may be less exact than NumPy's; arithmetic may not."""
    if dtype not in FLOAT or function.name in ("abs", "add", "subtract", "negative", "positive", "conj", "maximum"):
        return None
    return 2e-5 if dtype in ("float32", "complex64") else 1e-12


def check_unary(xp: Any, function: Function, dtype: str, x: Any) -> None:
    """The values, dtype and shape of a function of one array."""
    with np.errstate(all="ignore"):
        expected = np.asarray(function.reference(x))
    check(getattr(xp, function.name)(tensor(xp, x)), expected, function.result(dtype), tolerance(dtype, function))


def check_binary(xp: Any, function: Function, dtype: str, x1: Any, x2: Any) -> None:
    """The values, dtype and shape of a function of two arrays."""
    with np.errstate(all="ignore"):
        expected = np.asarray(function.reference(x1, x2))
    out = getattr(xp, function.name)(tensor(xp, x1), tensor(xp, x2))
    check(out, expected, function.result(dtype), tolerance(dtype, function))


@Table("function", UNARY, ids=lambda f: f.name)
@given(data=st.data())
@examples(8)
def test_unary(function: Function, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(function.dtypes)))
    x = data.draw(arrays(dtype, data.draw(st.sampled_from(SHAPES)), function.low, function.high))
    check_unary(zk, function, dtype, x)


@Table("function", BINARY, ids=lambda f: f.name)
@given(data=st.data())
@examples(8)
def test_binary(function: Function, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(function.dtypes)))
    first, second = data.draw(st.sampled_from(BROADCASTS))
    x1 = data.draw(arrays(dtype, first, function.low, function.high))
    check_binary(zk, function, dtype, x1, data.draw(second_argument(function, dtype, second)))


@Table("function", UNARY, ids=lambda f: f.name)
def test_dtype_of_unary(function: Function) -> None:
    for dtype in available(function.dtypes):
        out = getattr(zk, function.name)(zk.ones((2,), dtype=dtype))
        assert (out.dtype, out.shape) == (np.dtype(function.result(dtype)), (2,))


@Table("function", BINARY, ids=lambda f: f.name)
def test_dtype_of_binary(function: Function) -> None:
    ones = {d: zk.ones((2,), dtype=d) for d in available(function.dtypes)}
    for a, b, common in pairs(tuple(ones)):
        out = getattr(zk, function.name)(ones[a], ones[b])
        assert (out.dtype, out.shape) == (np.dtype(function.result(common)), (2,)), (a, b)


@Table("symbol", OPERATORS)
def test_operator(symbol: str) -> None:
    """As its function, forward, reflected with a number, and in place."""
    function, act = BY_NAME[OPERATORS[symbol]], SYMBOLS[symbol]
    for dtype in few(available(function.dtypes)):
        x, y = zk.asarray(draw(dtype, 2, 3)), zk.asarray(np.full((3,), 2, dtype))
        expected = getattr(zk, function.name)(x, y)
        check(act(x, y), expected.numpy())
        number = np.dtype(dtype).type(1).item()
        filled = zk.full((3,), number, dtype=dtype)
        check(act(y, number), getattr(zk, function.name)(y, filled).numpy())
        check(act(number, y), getattr(zk, function.name)(filled, y).numpy())
        if symbol in INPLACE:
            z = zk.asarray(draw(dtype, 2, 3))
            z = INPLACE[symbol](z, y)
            check(z, expected.numpy(), dtype)


@Table("symbol", UNARY_OPERATORS)
def test_unary_operator(symbol: str) -> None:
    function = BY_NAME[UNARY_OPERATORS[symbol]]
    act: Any = {"-": operator.neg, "+": operator.pos, "~": operator.invert, "abs": abs}[symbol]
    for dtype in available(function.dtypes):
        x = draw(dtype, 2, 3)
        check(act(zk.asarray(x)), function.reference(x), function.result(dtype))


@Table("symbol", [s for s in OPERATORS if OPERATORS[s] != "pow"])
def test_dtype_of_operators_with_python_numbers(symbol: str) -> None:
    """A Python number of the tensor's kind, or of a lower one, takes the tensor's dtype."""
    function = BY_NAME[OPERATORS[symbol]]
    kinds: list[tuple[tuple[str, ...], tuple[Any, ...]]] = [
        (BOOL, (True,)),
        (INTEGER, (1,)),
        (REAL_FLOAT, (1, 1.0)),
        (COMPLEX, (1, 1.0, 1j)),
    ]
    for dtypes, numbers in kinds:
        for dtype in few(available(tuple(d for d in dtypes if d in function.dtypes))):
            x = zk.ones(2, dtype=dtype)
            for number in numbers:
                for out in (SYMBOLS[symbol](x, number), SYMBOLS[symbol](number, x)):
                    assert out.dtype == np.dtype(function.result(dtype)), (dtype, number)


@Table("function", [f for f in BINARY if f.name != "nextafter"], ids=lambda f: f.name)
def test_functions_take_python_numbers(function: Function) -> None:
    """On either side, as an array of the tensor's dtype."""
    call = getattr(zk, function.name)
    for dtype in few(available(function.dtypes)):
        number = {"b": True, "i": 2, "u": 2, "f": 2.0, "c": 2.0}[np.dtype(dtype).kind]
        x, as_array = zk.asarray(draw(dtype, 3) * 0 + np.dtype(dtype).type(1)), zk.full((), number, dtype=dtype)
        if dtype == "bool":
            x = zk.asarray(draw(dtype, 3))
        check(call(x, number), call(x, as_array).numpy())
        check(call(number, x), call(as_array, x).numpy())


def test_real_floats_meet_complex_numbers() -> None:
    for dtype, common in (("float32", "complex64"), ("float64", "complex128")):
        x = zk.ones(2, dtype=dtype)
        assert (x + 1j).dtype == (1j * x).dtype == np.dtype(common)


def test_numbers_that_do_not_fit_are_refused() -> None:
    for call in (lambda: zk.ones(2, dtype="int8") + 1000, lambda: zk.ones(2, dtype="uint8") * -1):
        with pytest.raises((TypeError, OverflowError)):
            call()


def test_wrong_kinds_are_refused() -> None:
    x = {kind: zk.ones(2, dtype=kind) for kind in ("bool", "int32", "float32", "complex64")}
    for call in (
        lambda: x["float32"] & x["float32"],
        lambda: x["float32"] << 1,
        lambda: x["complex64"] < x["complex64"],
        lambda: zk.floor(x["complex64"]),
        lambda: ~x["complex64"],
        lambda: zk.atan2(x["complex64"], x["complex64"]),
    ):
        with pytest.raises(TypeError):
            call()


@given(data=st.data())
@examples(12)
def test_clip(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(available(REAL)))
    first, second = data.draw(st.sampled_from(BROADCASTS))
    x, low = data.draw(arrays(dtype, first)), data.draw(arrays(dtype, second))
    high = np.maximum(low, data.draw(arrays(dtype, second)))
    x = np.broadcast_to(x, np.broadcast_shapes(first, second))
    for a, b in ((low, high), (low, None), (None, high), (None, None)):
        expected = x if a is b is None else np.clip(x, a, b)
        given_ = [None if v is None else tensor(zk, v) for v in (a, b)]
        check(zk.clip(tensor(zk, x), *given_), expected, dtype)


def test_clip_with_numbers() -> None:
    for dtype in available(REAL):
        x = draw(dtype, 2, 3)
        check(zk.clip(zk.asarray(x), 1, 3), np.clip(x, 1, 3), dtype)
        check(zk.clip(zk.asarray(x), max=2), np.minimum(x, np.dtype(dtype).type(2)), dtype)
        check(zk.clip(zk.asarray(x), zk.asarray(x), zk.asarray(x)), x, dtype)


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    for first, second in (((2,), (3,)), ((2, 3), (2,)), ((0,), (2,))):
        with pytest.raises(ValueError):
            zk.add(zk.ones(first), zk.ones(second))


def test_integers_wrap() -> None:
    check(zk.asarray(np.array([127, -128], "int8")) + 1, np.array([-128, -127], "int8"))
    check(zk.asarray(np.array([0, 255], "uint8")) - 1, np.array([255, 254], "uint8"))
    check(zk.negative(zk.asarray(np.array([-128, 5], "int8"))), np.array([-128, -5], "int8"))


def test_integer_powers_and_remainders_are_exact() -> None:
    for dtype in available(INTEGER):
        x = np.array([1, 2, 3, 5], dtype)
        check(zk.asarray(x) ** 2, x * x, dtype)
        check(zk.asarray(x) ** zk.asarray(np.array([0, 1, 2, 3], dtype)), np.array([1, 2, 9, 125], dtype))
    for dtype in ("int8", "int16", "int32", "int64", "float32", "float64"):
        x, y = np.array([7, -7, 7, -7], dtype), np.array([3, 3, -3, -3], dtype)
        check(zk.asarray(x) % zk.asarray(y), np.array([1, 2, -2, -1], dtype))
        check(zk.asarray(x) // zk.asarray(y), np.array([2, -3, -3, 2], dtype))


def test_round_goes_to_even() -> None:
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6])
    check(zk.round(zk.asarray(x)), np.array([0, 2, 2, -0.0, -2, 2, -3]))
    check(zk.round(zk.asarray(x + 1j * x)), np.round(x) + 1j * np.round(x))


def test_every_function_of_the_table_is_in_the_standard() -> None:
    from conformance.standard import MAIN, signatures

    assert set(BY_NAME) < set(signatures(MAIN))
    assert all(set(f.dtypes) <= {*BOOL, *NUMERIC} for f in BY_NAME.values())
