"""The short paths of ops with one or two inputs: what makes tiny ops cheap.

Each does what `Op.run` does, spelt out for the common case: tensors of one backend and one dtype, both met before, or a
tensor and a Python number. Anything else goes the general way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.graph import RECORD, WATCH, Node, next_number
from zkynet.ops.direct import direct
from zkynet.ops.op import FLOATING, Op
from zkynet.tensor import Tensor

_new = object.__new__


def public_function(made: Op) -> Callable[..., Any]:
    """The public function: a short path for the common case, `Op.run` for all else."""
    if made.fast:
        return unary(made) if len(made.params) == 1 else binary(made)

    if made.inputs == (0,) and made.simple:
        return with_arguments(made)

    def call(*args: Any, **kwargs: Any) -> Any:
        return made.run(made.bind(args, kwargs))

    return call


def with_arguments(made: Op) -> Callable[..., Any]:
    """The public function of an op of one tensor and plain arguments."""
    accepts, compute = made.accepts, direct(made)

    def call(*args: Any, **kwargs: Any) -> Any:
        values = made.bind(args, kwargs)
        x = values[0]
        if isinstance(x, Tensor) and x._raw.dtype in accepts:
            return compute(*values)
        return made.run(values)

    return call


def unary(made: Op) -> Callable[..., Any]:
    """The public function of a one-input op."""
    compute, accepts, elementwise = made.compute, made.accepts, made.elementwise
    differentiable = made.differentiable
    kept: tuple[bool, ...] = ()

    def call(x: Any) -> Any:
        nonlocal kept
        if type(x) is not Tensor and not isinstance(x, Tensor):
            return made.run([x])
        raw = x._raw
        backend = x.backend
        if backend not in compute or raw.dtype not in accepts or WATCH.get() is not None:
            return made.run([x])
        try:
            ans = compute[backend](raw)
        except Exception as e:
            raise made.explain(e, backend, [raw]) from e
        out = _new(Tensor)
        out._raw = ans
        out.backend = backend
        parent = x.node
        if parent is None or not RECORD.get():
            out.node = None
            return out
        if not differentiable:
            out.node, out._cut = None, made.name
            return out
        if not kept:
            kept = made.keep((True,))
        out.node = node = _new(Node)
        node.op = made
        node.parents = (parent,)
        node.saved = (raw if kept[0] else None, ans if kept[1] else None)
        if made.names_shape:
            node.saved += (raw.shape,)
        node.seq = next_number()
        node.shape = parent.shape if elementwise else ans.shape
        node.backend = backend
        node.extra = None
        return out

    return call


def binary(made: Op, general: Callable[[list[Any]], Any] | None = None) -> Callable[..., Any]:
    """The public function of a two-input op; with another `general` way than `Op.run`, its operator."""
    general = general or made.run
    compute, accepts, promote, elementwise = made.compute, made.accepts, made.promote, made.elementwise
    differentiable = made.differentiable
    keep: list[Any] = [None] * 4

    def call(x: Any, y: Any) -> Any:
        if type(x) is Tensor or isinstance(x, Tensor):
            xr, xn, backend = x._raw, x.node, x.backend
            dtype = xr.dtype
            if type(y) is Tensor or isinstance(y, Tensor):
                yr, yn = y._raw, y.node
                number = False
                if y.backend is not backend or (yr.dtype is not dtype and promote):
                    return general([x, y])
            elif (type(y) is float or type(y) is int) and dtype in FLOATING:
                yr, yn = (backend.constant(y, dtype) if elementwise else y), None
                number = True
            else:
                return general([x, y])
        elif isinstance(y, Tensor) and (type(x) is float or type(x) is int):
            backend = y.backend
            yr, yn = y._raw, y.node
            dtype = yr.dtype
            if dtype not in FLOATING:
                return general([x, y])
            xr, xn = (backend.constant(x, dtype) if elementwise else x), None
            number = True
        else:
            return general([x, y])
        if backend not in compute or dtype not in accepts or WATCH.get() is not None:
            return general([x, y])
        try:
            ans = compute[backend](xr, yr)
        except Exception as e:
            raise made.explain(e, backend, [xr, yr]) from e
        out = _new(Tensor)
        out._raw = ans
        out.backend = backend
        if (xn is None and yn is None) or not RECORD.get():
            out.node = None
            return out
        if not differentiable:
            out.node, out._cut = None, made.name
            return out
        which = 3 if xn is not None and yn is not None else (1 if yn is None else 2)
        kept = keep[which]
        if kept is None:
            kept = keep[which] = made.keep((xn is not None, yn is not None))
        out.node = node = _new(Node)
        node.op = made
        node.parents = (xn, yn)
        node.saved = (xr if kept[0] else None, yr if kept[1] else None, ans if kept[2] else None)
        if made.names_shape:
            node.saved += (getattr(xr, "shape", ()), getattr(yr, "shape", ()))
        node.seq = next_number()
        if elementwise:  # hand on the very tuple of an input, so that the walk back sees at once that nothing broadcast
            if xn is not None and (number or (yn is not None and xn.shape is yn.shape)):
                node.shape = xn.shape
            else:
                node.shape = _shared_shape(ans.shape, xn, yn)
        else:
            node.shape = ans.shape
        node.backend = backend
        node.extra = None
        return out

    return call


def _shared_shape(shape: Any, xn: Any, yn: Any) -> Any:
    """`shape` as the very tuple of an input of that shape; two such inputs come to share it too."""
    if xn is not None and xn.shape == shape:
        if yn is not None and yn.shape == shape:
            yn.shape = xn.shape
        return xn.shape
    return yn.shape if yn is not None and yn.shape == shape else shape


def operator_of(made: Op) -> Callable[..., Any]:
    """The op as a binary operator, which leaves operands of foreign types to the other side."""
    from zkynet.ops.prepare import Unsupported

    def general(operands: list[Any]) -> Any:
        try:
            return made.run(operands)
        except Unsupported:
            return NotImplemented

    return binary(made, general)
