"""The short path for ops of one tensor and plain arguments: shapes, indices, axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.graph import RECORD, WATCH, Node, next_number
from zkynet.ops.op import Op
from zkynet.tensor import Tensor

_new = object.__new__


def direct(op: Op) -> Callable[..., Any]:
    """`op` as a function of a tensor of a dtype it takes, its first argument, and plain arguments, all of them.

    It does what `Op.run_prepared` does, spelt out for speed.
    """
    compute, differentiable = op.compute, op.differentiable
    keep: Any = None

    def call(x: Tensor, *plain: Any) -> Any:
        nonlocal keep
        backend = x.backend
        if backend not in compute or WATCH.get() is not None:
            return op.run_prepared(backend, [x, *plain])
        raw = x._raw
        try:
            ans = compute[backend](raw, *plain)
        except Exception as e:
            raise op.explain(e, backend, [raw, *plain]) from e
        out = _new(Tensor)
        out._raw = ans
        out.backend = backend
        parent = x.node
        if parent is None or not RECORD.get():
            out.node = None
            return out
        if not differentiable:
            out.node, out._cut = None, op.name
            return out
        if keep is None:
            kept = op.keep((True,))
            keep = (kept[0], kept[-1])
        out.node = node = _new(Node)
        node.op = op
        node.parents = (parent,)
        node.saved = (raw if keep[0] else None, *plain, ans if keep[1] else None, raw.shape)
        node.seq = next_number()
        node.shape = ans.shape
        node.backend = backend
        node.extra = None
        return out

    return call
