"""Operators of `Tensor`: an operand of a foreign type gets its turn, and ``x += y`` binds the name to a new tensor."""

from __future__ import annotations

from typing import Any

from zkynet.errors import GradientError
from zkynet.graph import RECORD, Leaf
from zkynet.ops.define import OPS
from zkynet.ops.prepare import Unsupported
from zkynet.tensor import Tensor


def _operator(call: Any) -> Any:
    def operator(x: Any, y: Any) -> Any:
        try:
            return call(x, y)
        except Unsupported:
            return NotImplemented

    return operator


for _op in OPS.values():
    if len(_op.params) == 2 and len(_op.inputs) == 2:
        _op.call.operator = _operator(_op.call)  # type: ignore[attr-defined]


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
