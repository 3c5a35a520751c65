"""In-place operators and assignment without writing to memory: the handle stands for a new value."""

from __future__ import annotations

from typing import Any

from zkynet.errors import DTypeError, GradientError, ShapeError, ZkynetError
from zkynet.graph import RECORD, Leaf
from zkynet.tensor import Tensor


def rebind(x: Tensor, new: Any, name: str) -> Any:
    """Make the handle `x` stand for the result `new` of an in-place operator or assignment.

    Nothing is overwritten: other tensors, the arrays the user passed in and the values the graph keeps stay as they are.
    """
    if new is NotImplemented:
        return NotImplemented
    if new.shape != x.shape or new.dtype != x.dtype:
        kind: type[ZkynetError]
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
