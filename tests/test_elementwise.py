"""Elementwise ops where the table of rows does not look: dtypes, errors, operators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError, ShapeError

inf, nan = float("inf"), float("nan")


def agree(got: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=0)


# -- dtypes ---------------------------------------------------------------------------------------------------------

FLOATS, INTS, BOOLS, BYTES = ("float32", "int64", "bool", "uint8")


@pytest.mark.parametrize(
    ("dtype", "compute", "expected"),
    [
        (INTS, lambda x: x + 2.5, "float32"),
        (INTS, lambda x: x * 2, "int64"),
        (INTS, lambda x: x / 2, "float32"),
        (INTS, lambda x: x // 2, "int64"),
        (INTS, lambda x: x**2, "int64"),
        (INTS, lambda x: x**0.5, "float32"),
        (INTS, lambda x: x + True, "int64"),
        (INTS, lambda x: x * 1j, "complex64"),
        (INTS, lambda x: zk.sqrt(x), "float32"),
        (INTS, lambda x: zk.floor(x), "int64"),
        (INTS, lambda x: zk.hypot(x, x), "float32"),
        (INTS, lambda x: zk.clip(x, 0, 2.5), "float32"),
        (BOOLS, lambda x: x + 1, "int64"),
        (BOOLS, lambda x: x * 0.5, "float32"),
        (BOOLS, lambda x: zk.exp(x), "float32"),
        (BOOLS, lambda x: x & True, "bool"),
        (BOOLS, lambda x: ~x, "bool"),
        (BYTES, lambda x: x + 1, "uint8"),
        (BYTES, lambda x: x << 1, "uint8"),
        (FLOATS, lambda x: x + 1, "float32"),
        (FLOATS, lambda x: x * 2.5, "float32"),
        (FLOATS, lambda x: x + 1j, "complex64"),
        (FLOATS, lambda x: x * True, "float32"),
        (FLOATS, lambda x: np.float64(2) * x, "float32"),
        (FLOATS, lambda x: x**2, "float32"),
        (FLOATS, lambda x: 2**x, "float32"),
        (FLOATS, lambda x: x > 0, "bool"),
        (FLOATS, lambda x: zk.logical_and(x, 2), "bool"),
        (FLOATS, lambda x: zk.atan2(1, x), "float32"),
        ("float64", lambda x: x * 2.5, "float64"),
        ("float64", lambda x: x + 1j, "complex128"),
        ("complex64", lambda x: x * 2.5, "complex64"),
        ("complex64", lambda x: zk.abs(x), "float32"),
        ("complex64", lambda x: zk.imag(x), "float32"),
    ],
)
def test_python_numbers_adapt_to_the_tensor(dtype: str, compute: Any, expected: str) -> None:
    x = zk.asarray(np.asarray([0, 1, 2]), dtype=dtype)
    assert compute(x).dtype == expected


@pytest.mark.parametrize(
    ("f", "a", "b", "expected"),
    [
        (zk.add, "float32", "float64", "float64"),
        (zk.add, "float32", "int64", "float32"),
        (zk.multiply, "int8", "uint8", "int16"),
        (zk.power, "float32", "int64", "float32"),
        (zk.power, "int32", "float64", "float64"),
        (zk.bitwise_or, "int8", "int64", "int64"),
        (zk.bitwise_and, "bool", "bool", "bool"),
        (zk.bitwise_left_shift, "uint8", "int64", "int64"),
        (zk.divide, "float64", "complex64", "complex128"),
        (zk.maximum, "int32", "float32", "float32"),
        (zk.logical_xor, "int64", "uint64", "bool"),
    ],
)
def test_two_tensors_meet_in_one_dtype(f: Any, a: str, b: str, expected: str) -> None:
    x, y = (zk.asarray(np.asarray([1, 1]), dtype=d) for d in (a, b))
    assert f(x, y).dtype == f(y, x).dtype == expected


def test_a_numpy_number_on_the_left_asks_the_tensor() -> None:
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    y = np.float64(2) * x
    assert isinstance(y, zk.Tensor)
    assert y.dtype == zk.float32
    y.backward(zk.ones(2))
    agree(x.grad.numpy(), [2, 2])
    agree((np.asarray([1.0, 2.0]) - x).numpy(), [0, 0])
    agree((np.int64(3) // x).numpy(), [3, 1])


def test_logic_takes_numbers_for_truth_values() -> None:
    x, y = zk.tensor([0.0, -1.5, nan]), zk.tensor([1, 0, 2])
    assert zk.logical_and(x, y).tolist() == [False, False, True]
    assert zk.logical_or(x, y).tolist() == [True, True, True]
    assert zk.logical_xor(x, y).tolist() == [True, True, False]
    assert zk.logical_not(x).tolist() == [True, False, False]
    assert zk.logical_or(y, 0).tolist() == [True, False, True]
    assert zk.logical_and(3, y).tolist() == [True, False, True]


def test_a_mixed_power_works_and_gives_the_base_its_gradient() -> None:
    x = zk.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    y = x ** zk.tensor([3, 0, 2])
    agree(y.numpy(), [-8, 1, 9])
    y.backward(zk.ones(3))
    agree(x.grad.numpy(), [12, 0, 6])


# -- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "kind", "text"),
    [
        (
            lambda: zk.ones((3, 4)) + zk.ones((3, 5)),
            ShapeError,
            "add: the shapes do not broadcast\n  x1  (3, 4)\n  x2  (3, 5)\n"
            "  axis -1 has 4 and 5; it must be the same, or 1\n"
            "  Fix: reshape or transpose one of them, or insert an axis of length 1 with x[..., None]",
        ),
        (
            lambda: zk.ones(3) ** zk.ones(2),
            ShapeError,
            "power: the shapes do not broadcast\n  x1  (3,)\n  x2  (2,)\n"
            "  axis -1 has 3 and 2; it must be the same, or 1\n"
            "  Fix: reshape or transpose one of them, or insert an axis of length 1 with x[..., None]",
        ),
        (
            lambda: zk.clip(zk.ones(3), zk.ones(2), 1.0),
            ShapeError,
            "clip: the shapes do not broadcast\n  x    (3,)\n  min  (2,)\n"
            "  axis -1 has 3 and 2; it must be the same, or 1\n"
            "  Fix: reshape or transpose one of them, or insert an axis of length 1 with x[..., None]",
        ),
        (
            lambda: zk.tensor([1], dtype="uint8") + 300,
            DTypeError,
            "add: the number 300 does not fit into uint8, which holds 0 to 255\n"
            "  Fix: convert the tensor to a wider type first: x.astype(zk.int64)",
        ),
        (
            lambda: zk.tensor([True]) - zk.tensor([True]),
            DTypeError,
            "subtract does not take bool (bool)\n  it takes: integer, floating, complex\n"
            "  Fix: convert the tensor first: x.astype(...)",
        ),
        (
            lambda: zk.tensor([1.0]) << 1,
            DTypeError,
            "bitwise_left_shift does not take float32 (floating)\n  it takes: integer\n"
            "  Fix: convert the tensor first: x.astype(...)",
        ),
        (
            lambda: zk.tensor([1j]) < 2,
            DTypeError,
            "less does not take complex64 (complex)\n  it takes: integer, floating\n"
            "  Fix: convert the tensor first: x.astype(...)",
        ),
        (
            lambda: zk.tensor([1], dtype="uint64") + zk.tensor([1]),
            DTypeError,
            "uint64 and int64 have no common integer type\n  uint64 holds numbers that no signed integer type holds\n"
            "  Fix: convert one of them first, for example x.astype(zk.int64)",
        ),
        (
            lambda: zk.tensor([2]) ** -1,
            InvalidValueError,
            "power: integers have no integer power of a negative exponent, received -1\n"
            "  Fix: make the base a float first: x.astype(zk.float32)",
        ),
        (
            lambda: zk.exp("1"),
            ArgumentError,
            "exp expected a tensor or a number, received str: '1'\n  Fix: convert it first with zk.asarray(...)",
        ),
        (
            lambda: zk.maximum(zk.ones(2), None),
            ArgumentError,
            "maximum expected a tensor or a number, received NoneType: None\n"
            "  Fix: convert it first with zk.asarray(...)",
        ),
    ],
)
def test_errors_say_the_same_on_every_backend(compute: Any, kind: Any, text: str) -> None:
    with pytest.raises(kind) as caught:
        compute()
    assert str(caught.value) == text


@pytest.mark.parametrize("f", [zk.greater, zk.equal, zk.logical_and])
def test_truth_values_have_no_gradient_and_say_so(f: Any) -> None:
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GradientError, match=f"{f.__name__} has no gradient"):
        f(x, 1.0).backward(zk.ones(2))


# -- operators ------------------------------------------------------------------------------------------------------

OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"]
OPERATORS += ["lt", "le", "gt", "ge", "eq", "ne", "radd", "rsub", "rmul", "rtruediv", "rpow", "rand", "rlshift"]


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("other", ["text", None, object()])
def test_operators_hand_foreign_operands_on(name: str, other: Any) -> None:
    x = zk.tensor([1, 2])
    assert getattr(x, f"__{name}__")(other) is NotImplemented


def test_a_foreign_type_gets_its_turn() -> None:
    class Foreign:
        def __radd__(self, other: Any) -> str:
            return "mine"

        def __rpow__(self, other: Any) -> str:
            return "my power"

    x = zk.ones(2)
    assert x + Foreign() == "mine"
    assert x ** Foreign() == "my power"
    assert (x == None) is False  # noqa: E711
    assert (x != "a") is True


def test_operators_in_place_bind_the_name_to_a_new_tensor() -> None:
    users = np.asarray([4.0, 9.0])
    x = zk.asarray(users)
    handle = y = x
    other = zk.asarray(users)
    x += 1
    x *= 2
    x -= 4.0
    x /= 2
    x **= 2
    x //= 2
    x %= 5
    assert handle is x
    assert y is x
    agree(x.numpy(), np.asarray([9.0, 64.0]) // 2 % 5)
    agree(users, [4, 9])
    agree(other.numpy(), [4, 9])


def test_operators_in_place_keep_the_graph() -> None:
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    y *= x
    y += x
    y.backward(zk.ones(2))
    agree(x.grad.numpy(), [3, 5])
