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
    differentiable, elementwise = made.differentiable, made.elementwise
    known: Known = NOWHERE
    kept: Any = None
    extended = False  # rules are registered later

    def call(x: Any) -> Any:
        nonlocal known, kept, extended
        backend, dtype, compute, _ = known
        if x.__class__ is not Tensor and not isinstance(x, Tensor):
            return made.run([x])
        raw = x._raw
        if x.backend is not backend or raw.dtype is not dtype:
            known = _learn(made, x.backend, raw.dtype)
            return made.run([x]) if known is NOWHERE else call(x)
        if WATCH.get() is not None:
            return made.run([x])
        try:
            ans = compute(raw)
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
        if kept is None:
            kept, extended = made.keep((True,)), made.names_shape
        out.node = node = Node()
        node.op = made
        node.parents = (parent,)
        node.saved = (raw if kept[0] else None, ans if kept[1] else None)
        if extended:
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
    differentiable, elementwise, promote = made.differentiable, made.elementwise, made.promote
    known: Known = NOWHERE
    keep: list[Any] = [None] * 4  # by which inputs want gradients: what is kept for them

    def call(x: Any, y: Any) -> Any:
        nonlocal known
        backend, dtype, compute, constants = known
        if x.__class__ is Tensor or isinstance(x, Tensor):
            xr, xn = x._raw, x.node
            if x.backend is not backend or xr.dtype is not dtype:
                known = _learn(made, x.backend, xr.dtype)
                return general([x, y]) if known is NOWHERE else call(x, y)
            number = False
            if y.__class__ is Tensor or isinstance(y, Tensor):
                yr, yn = y._raw, y.node
                if y.backend is not backend or (yr.dtype is not dtype and promote):
                    return general([x, y])
            elif (y.__class__ is float or y.__class__ is int) and dtype in FLOATING:
                yr, yn, number = (y if constants is None else constants[y]), None, True
            else:
                return general([x, y])
        elif (x.__class__ is float or x.__class__ is int) and isinstance(y, Tensor):
            yr, yn = y._raw, y.node
            if y.backend is not backend or yr.dtype is not dtype:
                known = _learn(made, y.backend, yr.dtype)
                return general([x, y]) if known is NOWHERE else call(x, y)
            if dtype not in FLOATING:
                return general([x, y])
            xr, xn, number = (x if constants is None else constants[x]), None, True
        else:
            return general([x, y])
        if WATCH.get() is not None:
            return general([x, y])
        try:
            ans = compute(xr, yr)
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
        kept = keep[3 if xn is not None and yn is not None else 1 if yn is None else 2]
        if kept is None:
            kept = _remember(made, keep, xn is not None, yn is not None)
        out.node = node = Node()
        node.op = made
        node.parents = (xn, yn)
        if kept is NOTHING:
            node.saved = NOTHING
        else:
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


Known = tuple[Any, Any, Callable[..., Any], Any]
"""A backend, the dtype met last (by its own name for it), what computes an op there on raw arrays, and what stands for
Python numbers."""

NOWHERE: Known = (None, None, lambda *_: None, None)
NOTHING = (None, None, None)


def _learn(made: Op, backend: Any, dtype: Any) -> Known:
    """What the short path has to know about arrays of this backend and dtype; `NOWHERE` if they are new to the op."""
    compute = made.compute.get(backend)
    if compute is None or dtype not in made.accepts:
        return NOWHERE
    return backend, dtype, compute, backend.constants(dtype) if made.elementwise else None


def _remember(made: Op, keep: list[Any], x: bool, y: bool) -> Any:
    """Which of two inputs and the result are kept for the gradients of those that want one."""
    kept: Any = made.keep((x, y))
    if not any(kept) and not made.names_shape:
        kept = NOTHING
    keep[x + 2 * y] = kept
    return kept


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
