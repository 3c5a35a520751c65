"""From whatever a backend raised to one of our errors, worded the same on every backend.

A backend checks its arguments anyway, so nothing is checked twice in the good case: only when it has refused do we
look for the reason ourselves. Where a backend would *not* refuse (an index out of range on CuPy or JAX), the op checks
first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.errors import (
    BackendError,
    DeviceError,
    DTypeError,
    IndexOutOfRangeError,
    InvalidValueError,
    LinAlgError,
    ShapeError,
    ZkynetError,
)
from zkynet.ops.kinds import is_number

if TYPE_CHECKING:
    from zkynet.ops.define import Op

CHECKS: dict[str, Callable[..., None]] = {}
"""By op name: a function of the body's arguments that raises our error if the shapes or values do not fit."""

NO_ANSWER: dict[str, tuple[str, str]] = {}
"""By op name: what it means that linear algebra found no answer (headline, fix), in the same words on all backends."""


def check(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated function as the shape check of ops; it gets the arguments of the body, without ``xp``."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        for name in names:
            CHECKS[name] = function
        return function

    return register


def explain(op: Op, error: Exception, backend: Any, raws: list[Any]) -> Exception:
    """The error to raise for `error`, which the backend raised when it ran `op` on `raws`."""
    ours = isinstance(error, ZkynetError)
    if (ours and type(error) is not DTypeError) or isinstance(error, (MemoryError, RecursionError, Warning)):
        return error
    try:
        arrays = _arrays(op, raws)
        _check_devices(op, backend, arrays)
        specific = CHECKS.get(op.name)
        if specific is not None:  # which finds a shape also where a Python number was passed
            specific(*(np.asarray(r) if i in op.inputs and is_number(r) else r for i, r in enumerate(raws)))
        elif len(arrays) > 1:
            broadcast_check(op.name, [a[0] for a in arrays], [a[1].shape for a in arrays])
    except ZkynetError as found:
        return found
    if ours:  # nothing wrong with shapes and axes
        return error
    facts = [f"{name}  {_describe(backend, a)}" for name, a in arrays]
    kind: type[ZkynetError] | None = backend.error_kind(error)
    dtypes = {backend.dtype_of(a) for _, a in arrays}
    if kind is DTypeError or (op.name.startswith("linalg.") and any(d.itemsize == 2 for d in dtypes)):
        named = " and ".join(sorted(map(str, dtypes)))
        return DTypeError(
            f"{op.name} does not take {named} on the backend {backend.name}",
            facts=facts,
            fix="convert the tensor first: x.astype(zk.float32), or zk.int64 for integers",
            op=op.name,
            dtypes=tuple(dtypes),
        )
    if type(error).__name__.endswith("LinAlgError") or (op.name.startswith("linalg.") and "ingular" in str(error)):
        kind = LinAlgError
    if kind is LinAlgError and op.name in NO_ANSWER:
        reason, fix = NO_ANSWER[op.name]
        return LinAlgError(f"{op.name}: {reason}", facts=facts, fix=fix, op=op.name)
    if isinstance(error, OverflowError):
        return InvalidValueError(
            f"{op.name}: a number is too large for {backend.name}", facts=facts, fix="pass it as a float", op=op.name
        )
    facts.append(f"{backend.name} said: {type(error).__name__}: {_first_line(error)}")
    if kind is None:
        kind = InvalidValueError if isinstance(error, (ValueError, TypeError)) else BackendError
        kind = IndexOutOfRangeError if isinstance(error, IndexError) and kind is BackendError else kind
    return kind(
        f"{op.name} failed", facts=facts, fix="see the arguments it takes: help(zk." + f"{op.name})", op=op.name
    )


def broadcast_check(name: str, names: list[str], shapes: list[Any]) -> tuple[int, ...]:
    """The shape that `shapes` broadcast to; `ShapeError` naming the first axis at which they differ."""
    ndim = max(len(s) for s in shapes)
    out = [1] * ndim
    for axis in range(-1, -ndim - 1, -1):
        for s in shapes:
            n = s[axis] if len(s) >= -axis else 1
            if n != 1:
                if out[axis] not in (1, n):
                    width = max(len(x) for x in names)
                    raise ShapeError(
                        f"{name}: the shapes do not broadcast",
                        facts=[
                            *(f"{x:<{width}}  {tuple(s)}" for x, s in zip(names, shapes, strict=True)),
                            f"axis {axis} has {out[axis]} and {n}; it must be the same, or 1",
                        ],
                        fix="reshape or transpose one of them, or insert an axis of length 1 with x[..., None]",
                        op=name,
                        shapes=tuple(tuple(s) for s in shapes),
                        axis=axis,
                    )
                out[axis] = n
    return tuple(out)


def _arrays(op: Op, raws: list[Any]) -> list[tuple[str, Any]]:
    if op.sequence is not None:
        return [(f"{op.params[op.sequence]}[{i}]", r) for i, r in enumerate(raws[op.sequence])]
    return [(op.params[i], raws[i]) for i in op.inputs if hasattr(raws[i], "shape")]


def _check_devices(op: Op, backend: Any, arrays: list[tuple[str, Any]]) -> None:
    devices = {name: backend.device_of(a) for name, a in arrays}
    if len(set(devices.values())) > 1:
        raise DeviceError(
            f"{op.name} received tensors on different devices",
            facts=[f"{name}  {device}" for name, device in devices.items()],
            fix="move them to one device: x.to_device(...)",
            op=op.name,
            devices=tuple(devices.values()),
        )


def _describe(backend: Any, raw: Any) -> str:
    return f"{tuple(raw.shape)} {backend.dtype_of(raw)}"


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else ""
