"""Operators of `Tensor`: an operand of a foreign type gets its turn, and ``x += y`` binds the name to a new tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.ops import bitwise, comparison, elementwise, matmul, powers, rounding  # noqa: F401  the ops themselves
from zkynet.ops.define import OPS, operator_of
from zkynet.ops.indexing import getitem, setitem
from zkynet.ops.rebinding import rebind
from zkynet.tensor import Tensor

BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
COMPARISON = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}


def install() -> None:
    """Put the operators into `Tensor`, so that ``x + y`` is the op's short path itself."""
    for sign, name in BINARY.items():
        operator = operator_of(OPS[name])
        setattr(Tensor, f"__{sign}__", operator)
        setattr(Tensor, f"__r{sign}__", _reflected(operator))
        setattr(Tensor, f"__i{sign}__", _in_place(operator, name))
    for sign, name in COMPARISON.items():
        setattr(Tensor, f"__{sign}__", operator_of(OPS[name]))
    setattr(Tensor, "__getitem__", getitem)  # noqa: B010  as above, past the declarations for type checkers
    setattr(Tensor, "__setitem__", setitem)  # noqa: B010


def _reflected(operator: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, other: operator(other, x)


def _in_place(operator: Callable[..., Any], name: str) -> Callable[..., Any]:
    return lambda x, other: rebind(x, operator(x, other), name)


install()
