"""Keys of ``x[key]`` made ready for a backend, checked against the shape, and refused in one wording.

Numbers are checked always, from the shape alone. Arrays of positions are checked beforehand only where the backend
would not refuse them itself, since that looks at their values; elsewhere the reason is looked for once it has refused.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Shape
from zkynet.backend.registry import backend_of
from zkynet.errors import DeviceError, DTypeError, IndexOutOfRangeError, IndexShapeError, InvalidValueError
from zkynet.ops.creation import asarray
from zkynet.ops.explain import broadcast_check
from zkynet.ops.prepare import common_backend
from zkynet.tensor import Tensor

PLAIN = frozenset((int, type(None)))


def native_key(name: str, x: Tensor, key: Any) -> Any:
    """`key` as the backend takes it, with all that shapes tell about it checked.

    Args:
        name: what was asked for, for errors.
        x: the tensor it is for.
        key: what stands between the brackets.
    """
    shape = x._raw.shape
    ndim = len(shape)
    parts = key if isinstance(key, tuple) else (key,)
    used = dots = 0
    for p in parts:
        kind = type(p)
        if kind is int or (
            kind is slice and type(p.start) in PLAIN and type(p.stop) in PLAIN and type(p.step) in PLAIN and p.step != 0
        ):
            used += 1
        elif p is Ellipsis:
            dots += 1
        elif p is not None:
            return _general_key(name, x, parts)
    if used > ndim or dots > 1:
        raise _too_many(name, used, dots, shape)
    axis = 0
    for p in parts:
        if type(p) is int:
            n = shape[axis]
            if not -n <= p < n:
                raise out_of_range(name, p, axis, shape)
            axis += 1
        elif p is Ellipsis:
            axis += ndim - used
        elif p is not None:
            axis += 1
    return key if parts is key else parts[0]


def _general_key(name: str, x: Tensor, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same for a key with arrays, or with numbers that are no Python numbers."""
    parts = tuple([_part(name, x, p) for p in parts])
    shape = x._raw.shape
    used = sum([_axes_of(p) for p in parts])
    dots = sum([p is Ellipsis for p in parts])
    if used > len(shape) or dots > 1:
        raise _too_many(name, used, dots, shape)
    for p, axis in _with_axes(parts, len(shape)):
        if type(p) is int:
            n = shape[axis]
            if not -n <= p < n:
                raise out_of_range(name, p, axis, shape)
        elif _is_mask(p):
            here = tuple(shape[axis : axis + len(p.shape)])
            if tuple(p.shape) != here:
                raise IndexShapeError(
                    f"{name}: a mask has another shape than what it selects from",
                    facts=[f"mask  {tuple(p.shape)}", f"axes {axis} to {axis + len(here) - 1} of the tensor  {here}"],
                    fix="use a mask of the tensor's shape, or of the shape of its first axes",
                    op=name,
                    shapes=(tuple(p.shape), here),
                )
        elif _is_array(p) and x.backend.wraps_out_of_range:
            check_positions(name, x.backend, p, axis, shape)
    return parts


def _part(name: str, x: Tensor, part: Any) -> Any:
    """One part of a key as the backend takes it."""
    if part is None or part is Ellipsis or type(part) is int:
        return part
    if isinstance(part, slice):
        try:
            start, stop, step = [None if n is None else index(n) for n in (part.start, part.stop, part.step)]
        except TypeError:
            raise DTypeError(f"{name}: the bounds of a slice are integers, received {part}", op=name) from None
        if step == 0:
            raise InvalidValueError(f"{name}: the step of a slice is not 0", op=name)
        return slice(start, stop, step)
    if isinstance(part, (bool, np.bool_)):
        return x.backend.from_numpy(np.asarray(bool(part)), x.device)
    if isinstance(part, (str, float, complex)):
        raise _no_index(name, repr(part)[:60])
    if not isinstance(part, (Tensor, list, tuple, np.ndarray)) and not x.backend.is_array(part):
        try:
            return index(part)
        except TypeError:
            pass
    return raw_positions(name, x, part, masks=True)


def raw_positions(name: str, x: Tensor, positions: Any, masks: bool = False) -> Any:
    """Positions (or a mask) as an array of `x`'s backend and device; `DTypeError` if they are no integers."""
    if isinstance(positions, Tensor):
        found = positions
        if found.backend is not x.backend:
            common_backend(name, [x, found])
        if found.device != x.device:
            raise DeviceError(
                f"{name} received tensors on different devices",
                facts=[f"x        {x.device}", f"indices  {found.device}"],
                fix="move them to one device: indices.to_device(x.device)",
                op=name,
                devices=(x.device, found.device),
            )
    else:
        shares = isinstance(positions, np.ndarray) and x.node is not None
        found = asarray(positions, device=x.device, backend=x.backend, copy=True if shares else None)
        if found.backend is not x.backend:
            common_backend(name, [x, found])
        if found.size == 0 and isinstance(positions, (list, tuple)):
            found = found.astype(dt.int64)
    rank = dt.kind_rank(found.dtype)
    if rank > 1 or (rank == 0 and not masks):
        raise _no_index(name, f"{found.dtype}, shape {found.shape}", found.dtype, masks)
    return found._raw


def _no_index(name: str, what: str, dtype: Any = None, masks: bool = True) -> DTypeError:
    return DTypeError(
        f"{name}: an index is an integer, a slice, None, Ellipsis, a mask or an array of integers; received {what}"
        if masks
        else f"{name}: positions are integers; received {what}",
        fix="convert it first: index.astype(zk.int64)",
        op=name,
        dtype=dtype,
    )


def _too_many(name: str, used: int, dots: int, shape: Shape) -> IndexShapeError:
    if dots > 1:
        return IndexShapeError(
            f"{name}: an index has one Ellipsis (...), received {dots}",
            fix="write out the axes in between with :",
            op=name,
            shape=tuple(shape),
        )
    ndim = len(shape)
    return IndexShapeError(
        f"{name}: {used} {'axis is' if used == 1 else 'axes are'} indexed in a tensor of {ndim}",
        facts=[f"shape  {tuple(shape)}"],
        fix="leave indices out, or add axes first with x[..., None]",
        op=name,
        shape=tuple(shape),
    )


# -- what a part of a key is --------------------------------------------------------------------------------------


def _is_array(part: Any) -> bool:
    return hasattr(part, "dtype")


def _is_mask(part: Any) -> bool:
    dtype = getattr(part, "dtype", None)
    return dtype is not None and (dtype.kind == "b" if hasattr(dtype, "kind") else "bool" in str(dtype))


def is_single_mask(key: Any) -> bool:
    """Whether a native key is one mask and nothing else."""
    return (_is_mask(key[0]) if len(key) == 1 else False) if isinstance(key, tuple) else _is_mask(key)


def has_positions(key: Any) -> bool:
    """Whether a place may be named twice: whether there is an array of positions among the parts of a native key."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(_is_array(p) and not _is_mask(p) and len(p.shape) > 0 for p in parts)


def _axes_of(part: Any) -> int:
    """How many axes of the tensor a part of a key stands for."""
    if part is None or part is Ellipsis:
        return 0
    return len(part.shape) if _is_mask(part) else 1


def _with_axes(parts: tuple[Any, ...], ndim: int) -> list[tuple[Any, int]]:
    """The parts of a key but for None and Ellipsis, each with the first axis it stands for."""
    out = []
    axis = 0
    for p in parts:
        if p is Ellipsis:
            axis += ndim - sum([_axes_of(q) for q in parts])
        elif p is not None:
            out.append((p, axis))
            axis += _axes_of(p)
    return out


# -- positions outside of their axis ------------------------------------------------------------------------------

SMALL = 1 << 16
"""Up to how many positions are looked at on the host; more are asked on their device whether all is well."""


def check_positions(name: str, backend: Any, positions: Any, axis: int, shape: Shape) -> None:
    """Refuse an array of positions one of which lies outside of axis `axis`; if its values may be looked at now."""
    if 0 in positions.shape or not backend.can_look(positions):
        return
    n = int(shape[axis])
    size = 1
    for length in positions.shape:
        size *= length
    if size > SMALL:
        xp = backend.xp
        wide = xp.astype(positions, backend.native_dtype(dt.int64))
        if backend.scalar(xp.min(wide)) >= -n and backend.scalar(xp.max(wide)) < n:
            return
    host = backend.to_numpy(positions)
    wrong = (host < -n) | (host >= n)
    if wrong.any():
        where = tuple([int(i) for i in np.argwhere(wrong)[0]])
        raise out_of_range(name, int(host[where]), axis, shape, where)


def out_of_range(name: str, value: int, axis: int, shape: Shape, where: tuple[int, ...] = ()) -> IndexOutOfRangeError:
    """The error for a position outside of its axis; `where` it was found in an array of positions."""
    n = int(shape[axis])
    facts = [f"shape  {tuple(shape)}"]
    if where:
        facts.append(f"found at position {where[0] if len(where) == 1 else where} of the array of indices")
    facts.append(f"axis {axis} takes {-n} to {n - 1}" if n else f"axis {axis} is empty")
    return IndexOutOfRangeError(
        f"{name}: index {value} is out of range for axis {axis} of length {n}",
        facts=facts,
        fix="use positions inside the axis",
        op=name,
        index=value,
        axis=axis,
        length=n,
        position=where,
    )


def explain_key(name: str, x: Any, key: Any) -> Any:
    """Raise our error for a key that a backend refused, if that is the reason; else return the backend."""
    backend: Any = backend_of(x)
    parts = key if isinstance(key, tuple) else (key,)
    shapes = []
    for p, axis in _with_axes(parts, len(x.shape)):
        if _is_array(p) and not _is_mask(p):
            check_positions(name, backend, p, axis, x.shape)
            shapes.append(tuple(p.shape))
        elif _is_mask(p) and not backend.can_look(p):
            raise InvalidValueError(
                f"{name}: how many elements a mask selects is not known here",
                facts=["inside a compiled function shapes must not depend on values"],
                fix="use zk.where(mask, x, 0), or do this outside of the function",
                op=name,
            )
        elif _is_mask(p) and len(p.shape):
            shapes.append((int(backend.to_numpy(p).sum()),))  # a mask stands for the positions where it is true
    if len(shapes) > 1:
        broadcast_check(name, [f"index {i}" for i in range(len(shapes))], shapes)
    return backend
