"""What happens to an op's arguments before its body sees them: one backend, one dtype, the same on all backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.backend.registry import backend_of, get_backend
from zkynet.errors import ArgumentError, BackendError, DTypeError, described
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.ops.define import Op

NUMBERS = (bool, int, float, complex, np.bool_)


class Unsupported(ArgumentError):
    """An operand of a type that no tensor can be made of; an operator then lets the other side try."""


def prepare(op: Op, values: list[Any]) -> tuple[Any, list[Any]]:
    """The backend to run `op` on, and its arguments with arrays as tensors of settled dtypes."""
    if op.sequence is None:
        at: Any = op.inputs
        operands = [values[i] for i in at]
        if not op.optional.issuperset(i for i in at if values[i] is None):
            raise unsupported(op, None)
    else:
        listed = values[op.sequence]
        if isinstance(listed, Tensor):
            from zkynet.ops.define import OPS

            listed = OPS["unstack"].run_prepared(listed.backend, [listed, 0])
        if not isinstance(listed, (list, tuple)):
            raise ArgumentError(
                f"{op.name} expected a list of tensors, received {type(listed).__name__}",
                fix=f"pass a list: {op.name}([x, y])",
                op=op.name,
            )
        operands = list(listed)
        if not operands:
            raise ArgumentError(f"{op.name} received an empty list", fix="pass at least one tensor", op=op.name)
    backend = common_backend(op.name, operands)
    operands = [to_operand(op, v, backend, operands) for v in operands]
    operands = settle_dtypes(op, operands)
    out = list(values)
    if op.sequence is not None:
        out[op.sequence] = operands
    else:
        for i, v in zip(at, operands, strict=True):
            out[i] = v
    return backend, out


def common_backend(name: str, operands: list[Any]) -> Any:
    """The one backend of all tensors among `operands`, else that of a raw array, else the current one."""
    backend = None
    for v in operands:
        if isinstance(v, Tensor):
            if backend is None:
                backend = v.backend
            elif v.backend is not backend:
                raise two_backends(name, backend, v.backend)
    if backend is not None:
        return backend
    for v in operands:
        if v is not None and not isinstance(v, (*NUMBERS, np.ndarray, np.generic, list, tuple, str)):
            backend = backend_of(v)
            if backend is not None:
                return backend
    return get_backend()


def to_operand(op: Op, value: Any, backend: Any, others: list[Any]) -> Any:
    """A tensor, a Python number, or None, from whatever the user passed."""
    if isinstance(value, Tensor) or value is None:
        return value
    if isinstance(value, NUMBERS):
        return value.item() if isinstance(value, np.generic) else value
    from zkynet.ops.creation import asarray

    if isinstance(value, str) or not (
        isinstance(value, (list, tuple, np.ndarray, np.generic))
        or backend.is_array(value)
        or hasattr(value, "__array__")
    ):
        raise unsupported(op, value)
    like = next((o for o in others if isinstance(o, Tensor)), None)
    out = asarray(value, device=None if like is None else like.device, backend=backend)
    if out.backend is not backend:  # an array of another library
        raise two_backends(op.name, backend, out.backend)
    return out


def two_backends(name: str, one: Any, other: Any) -> BackendError:
    """The error for operands that belong to different libraries."""
    return BackendError(
        f"{name} received tensors of two backends, {one.name} and {other.name}",
        fix=f'move one of them: x.to("{one.name}")',
        op=name,
        backends=(one.name, other.name),
    )


def unsupported(op: Op, value: Any) -> Unsupported:
    """The error for an operand that no tensor can be made of."""
    return Unsupported(
        f"{op.name} expected a tensor or a number, received {described(value)}",
        fix="convert it first with zk.asarray(...)",
        op=op.name,
    )


def settle_dtypes(op: Op, operands: list[Any]) -> list[Any]:
    """Bring the operands of an op to a dtype that it takes, by recorded casts."""
    from zkynet.ops.casting import cast
    from zkynet.ops.creation import asarray
    from zkynet.ops.define import FLOATING, KINDS

    ranks, to_float = KINDS[op.kinds]
    tensors = [o for o in operands if isinstance(o, Tensor)]
    numbers = [o for o in operands if not isinstance(o, Tensor) and o is not None]
    if not tensors:  # numbers only: the first becomes a tensor
        dtype = None
        for n in numbers:
            dtype = dt.scalar_dtype(n, dtype)
        first = next(i for i, o in enumerate(operands) if o is not None)
        operands[first] = asarray(operands[first], dtype=dtype)
        tensors, numbers = [operands[first]], numbers[1:]
    common = tensors[0].dtype
    for t in tensors[1:]:
        common = dt.promote(common, t.dtype) if op.promote else common
    for n in numbers:
        common = dt.scalar_dtype(n, common)
    rank = dt.kind_rank(common)
    if rank not in ranks:
        if not (to_float and rank < min(ranks)):
            raise wrong_kind(op, common, ranks)
        common = dt.default_float
    if common.itemsize == 2 and op.kinds.startswith("wide"):
        common = dt.float32
    for n in numbers:
        dt.require_fit(op.name, n, common, "convert the tensor to a wider type first: x.astype(zk.int64)")
    for i, o in enumerate(operands):
        if not isinstance(o, Tensor):
            if isinstance(o, bool) and common.kind != "b":
                operands[i] = int(o)  # True is 1 next to numbers; some libraries refuse it
            elif isinstance(o, int) and abs(o) >= 2**63:  # so do they with numbers wider than their integers
                big = common if common.kind == "u" else None
                operands[i] = asarray(o, big, tensors[0].device, backend=tensors[0].backend) if big else float(o)
            if o is not None and common.kind == "V":  # NumPy knows no weak numbers beside bfloat16
                operands[i] = asarray(o, dtype=common, device=tensors[0].device, backend=tensors[0].backend)
            continue
        if op.promote or op.sequence is not None or len(op.inputs) == 1:
            if o.dtype != common:
                operands[i] = cast(o, common)
        elif dt.kind_rank(o.dtype) not in ranks:
            raise wrong_kind(op, o.dtype, ranks)
        native = operands[i]._raw.dtype
        op.accepts.add(native)
        if dt.kind_rank(operands[i].dtype) >= 2:
            FLOATING.add(native)
    return operands


def wrong_kind(op: Op, dtype: np.dtype[Any], ranks: tuple[int, ...]) -> DTypeError:
    """The error for a dtype that an op does not take."""
    taken = ", ".join(dt.KINDS[r] for r in ranks)
    return DTypeError(
        f"{op.name} does not take {dtype} ({dt.kind_name(dtype)})",
        facts=[f"it takes: {taken}"],
        fix="convert the tensor first: x.astype(...)",
        op=op.name,
        dtype=dtype,
    )
