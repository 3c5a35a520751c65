"""In-place operators and assignment without writing to memory: the handle stands for a new value."""

from __future__ import annotations

import warnings
from typing import Any

from zkynet.errors import DTypeError, LeafReboundWarning, ShapeError, ZkynetError
from zkynet.graph import RECORD, Leaf, next_number
from zkynet.tensor import Tensor


def rebind(x: Tensor, new: Any, name: str) -> Any:
    """Make the handle `x` stand for the result `new` of an in-place operator or assignment.

    Nothing is overwritten: other tensors, the user's own arrays and the values the graph keeps stay as they are.
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
    leaf = x.node
    if isinstance(leaf, Leaf):
        if not RECORD.get():
            x._changed()
            x._raw = new._raw
            return x
        warnings.warn(
            f"{name} in place on a tensor that collects gradients, while recording: from now on it stands for the "
            "result and collects no .grad; to update its value instead, do it inside zk.no_grad()",
            LeafReboundWarning,
            stacklevel=3,
        )
        leaf.changed = (
            next_number() if new.node is None else new.node.seq
        )  # what was computed from it before refuses to go backward
    x._raw, x.node = new._raw, new.node
    return x
