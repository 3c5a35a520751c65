"""Operators of `Tensor`: an operand of a foreign type gets its turn, and ``x += y`` binds the name to a new tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.errors import GradientError
from zkynet.graph import RECORD, Leaf
from zkynet.ops.define import OPS, operator_of
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
COMPARISON = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}


def install() -> None:
    """Put the operators into `Tensor`, so that ``x + y`` is the op's short path itself."""
    for sign, name in BINARY.items():
        if name not in OPS:
            continue
        operator = operator_of(OPS[name])
        setattr(Tensor, f"__{sign}__", operator)
        setattr(Tensor, f"__r{sign}__", _reflected(operator))
        setattr(Tensor, f"__i{sign}__", _in_place(operator, name))
    for sign, name in COMPARISON.items():
        setattr(Tensor, f"__{sign}__", operator_of(OPS[name]))


def _reflected(operator: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, other: operator(other, x)


def _in_place(operator: Callable[..., Any], name: str) -> Callable[..., Any]:
    return lambda x, other: rebind(x, operator(x, other), name)


def rebind(x: Tensor, new: Any, name: str) -> Any:
    """Make the handle `x` stand for the result `new` of an in-place operator or assignment.

    Nothing is overwritten: other tensors, the arrays the user passed in and the values the graph keeps stay as they are.
    """
    if new is NotImplemented:
        return NotImplemented
    if new.shape != x.shape or new.dtype != x.dtype:
        from zkynet.errors import DTypeError, ShapeError

        kind, what = (ShapeError, "shape") if new.shape != x.shape else (DTypeError, "dtype")
        raise kind(
            f"{name} in place would change the {what} of the tensor",
            facts=[f"the tensor  {x.shape} {x.dtype}", f"the result  {new.shape} {new.dtype}"],
            fix=f"write x = {name}(x, ...) instead",
        )
    if isinstance(x.node, Leaf):
        if RECORD.get():
            raise GradientError(
                f"{name} in place on a leaf that collects gradients: its history would start before it",
                fix="do it inside zk.no_grad() to update the value, or work on x.clone()",
                op=name,
            )
        x._changed()
        x._raw = new._raw
        return x
    x._raw, x.node = new._raw, new.node
    return x


install()
