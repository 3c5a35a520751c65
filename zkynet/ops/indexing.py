"""``x[key]`` and ``x[key] = value``: numbers, slices, None, Ellipsis, masks, arrays of positions, and mixtures of them.

Semantics are NumPy's on every backend. Gradients go back to the places that were read, as often as each was.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, Shape
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, IndexShapeError, ShapeError
from zkynet.ops.casting import cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, op
from zkynet.ops.explain import broadcast_check, check
from zkynet.ops.rebinding import rebind
from zkynet.tensor import Tensor

__all__: list[str] = []


@op(name="getitem")
def _getitem(xp: Any, x: Array, key: Any) -> Array:
    return xp.backend.getitem(x, key)


@_getitem.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, key: Any) -> Any:
    return xp.put_into_zeros(g, x_shape, key)


@op(name="put_into_zeros")
def _put_into_zeros(xp: Any, values: Array, shape: Any, key: Any) -> Array:
    """Zeros of a shape with `values` added at `key`: what `getitem` becomes on the way back."""
    backend = xp.backend
    zeros = backend.full(shape, 0, backend.dtype_of(values), backend.device_of(values))
    return backend.index_add(zeros, key, values)


@_put_into_zeros.gradient("values")
def _(xp: Any, g: Any, key: Any) -> Any:
    return OPS["getitem"].call(g, key) if isinstance(g, Tensor) else xp.backend.getitem(g, key)


@op(name="index_set", promote=False)
def _index_set(xp: Any, x: Array, values: Array, key: Any) -> Array:
    return xp.backend.index_set(x, key, values)


@_index_set.gradient("x")
def _(xp: Any, g: Any, key: Any) -> Any:
    if isinstance(g, Tensor):
        zero = asarray(0, dtype=g.dtype, device=g.device, backend=g.backend)
        return OPS["index_set"].call(g, zero, key)
    backend = xp.backend
    return backend.index_set(g, key, backend.full((), 0, backend.dtype_of(g), backend.device_of(g)))


@_index_set.gradient("values")
def _(xp: Any, g: Any, key: Any) -> Any:
    return OPS["getitem"].call(g, key) if isinstance(g, Tensor) else xp.backend.getitem(g, key)


def getitem(x: Tensor, key: Any) -> Tensor:
    """The elements of `x` at `key`: what ``x[key]`` is."""
    return OPS["getitem"].run_prepared(x.backend, [x, native_key(x, key)])


def setitem(x: Tensor, key: Any, value: Any) -> None:
    """Make `x` stand for itself with `value` at `key`: what ``x[key] = value`` does.

    No memory is written to: other tensors, the array that `x` was made of, and the values that a graph keeps stay as they
    are; gradients flow to the value and to the elements that stayed.
    """
    at = native_key(x, key)
    values = asarray(value, device=x.device, backend=x.backend)
    if dt.kind_rank(values.dtype) == 3 and dt.kind_rank(x.dtype) < 3:
        raise DTypeError(
            f"complex values cannot be written into a tensor of {x.dtype}",
            fix="take the real part first",
            dtype=x.dtype,
        )
    if values.backend is not x.backend:
        values = values.to(x.backend.name)
    rebind(x, OPS["index_set"].run_prepared(x.backend, [x, cast(values, x.dtype), at]), "setitem")


# -- keys ---------------------------------------------------------------------------------------------------------


def native_key(x: Tensor, key: Any) -> Any:
    """`key` as the backend takes it, with what can be checked from shapes alone checked."""
    if type(key) is int:
        shape = x._raw.shape
        if shape and -shape[0] <= key < shape[0]:
            return key
    parts = key if isinstance(key, tuple) else (key,)
    parts = tuple(p if type(p) in (int, slice) or p is None or p is Ellipsis else _part(x, p) for p in parts)
    used = sum(_axes_of(p) for p in parts)
    shape = x._raw.shape
    if used > len(shape):
        raise IndexShapeError(
            f"too many indices: {used} for a tensor of {len(shape)} {'axis' if len(shape) == 1 else 'axes'}",
            facts=[f"shape  {tuple(shape)}"],
            fix="leave indices out, or add axes with x[..., None]",
            shape=tuple(shape),
        )
    if sum(p is Ellipsis for p in parts) > 1:
        raise ArgumentError("an index can have only one Ellipsis (...)", fix="write out the other axes with :")
    _check_places(x, parts, len(shape) - used)
    return parts if isinstance(key, tuple) else parts[0]


def _part(x: Tensor, part: Any) -> Any:
    """One part of a key that is no plain number or slice: an array of the backend, or a number after all."""
    if isinstance(part, (bool, np.bool_)):
        return x.backend.from_numpy(np.asarray(bool(part)), x.device)
    if isinstance(part, slice):
        return part
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, (str, float, complex)):
        raise DTypeError(f"an index is an integer, a slice, a mask or an array of integers, received {part!r}")
    if not isinstance(part, (Tensor, list, tuple, np.ndarray)) and not x.backend.is_array(part):
        try:
            return index(part)
        except TypeError:
            pass
    found = asarray(part, device=x.device, backend=x.backend)
    if found.backend is not x.backend:
        found = found.to(x.backend.name)
    if isinstance(part, (list, tuple)) and found.size == 0:
        found = found.astype(dt.int64)
    if dt.kind_rank(found.dtype) > 1:
        raise DTypeError(
            f"an index is made of integers or booleans, received {found.dtype}",
            fix="convert it first: index.astype(zk.int64)",
            dtype=found.dtype,
        )
    return found._raw


def _axes_of(part: Any) -> int:
    """How many axes of the tensor a part of a key stands for."""
    if part is None or part is Ellipsis:
        return 0
    if _is_mask(part):
        return len(part.shape)
    return 1


def _is_mask(part: Any) -> bool:
    return hasattr(part, "dtype") and "bool" in str(part.dtype)


def _check_places(x: Tensor, parts: tuple[Any, ...], left: int) -> None:
    """Refuse numbers and positions outside of their axis, and masks of another shape."""
    axis = 0
    shape = x._raw.shape
    for part in parts:
        if part is Ellipsis:
            axis += left
        elif type(part) is int:
            if not -shape[axis] <= part < shape[axis]:
                raise out_of_range("an index", part, axis, shape)
            axis += 1
        elif _is_mask(part):
            n = len(part.shape)
            if tuple(part.shape) != tuple(shape[axis : axis + n]):
                raise IndexShapeError(
                    "a mask has another shape than what it selects from",
                    facts=[
                        f"mask  {tuple(part.shape)}",
                        f"axes {axis} to {axis + n - 1}  {tuple(shape[axis : axis + n])}",
                    ],
                    fix="use a mask of the same shape",
                )
            axis += n
        elif hasattr(part, "shape"):
            if x.backend.wraps_out_of_range:
                check_positions("an index", x.backend, part, axis, shape)
            axis += 1
        elif part is not None:
            axis += 1


def check_positions(what: str, backend: Any, positions: Any, axis: int, shape: Shape) -> None:
    """Refuse an array of positions with one outside of its axis."""
    if not backend.can_look(positions) or 0 in positions.shape:
        return
    host = backend.to_numpy(positions)
    n = shape[axis]
    wrong = (host < -n) | (host >= n)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise out_of_range(what, int(host[where]), axis, shape, where if where else None)


def out_of_range(what: str, value: int, axis: int, shape: Shape, where: Any = None) -> IndexOutOfRangeError:
    """The error for a position outside of its axis."""
    n = shape[axis]
    facts = [f"shape  {tuple(shape)}"]
    if where is not None:
        facts.append(f"found at position {where[0] if len(where) == 1 else where} of the array of indices")
    facts.append(f"axis {axis} takes {-n} to {n - 1}" if n else f"axis {axis} is empty")
    return IndexOutOfRangeError(
        f"{what} is out of range: {value} on axis {axis}, which has length {n}",
        facts=facts,
        fix="use positions inside the axis",
        index=value,
        axis=axis,
        length=n,
    )


@check("getitem")
def _check_getitem(x: Any, key: Any) -> None:
    _explain_key(x, key)


@check("index_set")
def _check_index_set(x: Any, values: Any, key: Any) -> None:
    _explain_key(x, key)
    picked = x[key]
    if tuple(values.shape) != tuple(picked.shape):
        names, shapes = ["x[key]", "value"], [tuple(picked.shape), tuple(values.shape)]
        broadcast_check("setitem", names, shapes)
        raise ShapeError(
            "setitem: the value has more elements than there are places",
            facts=[f"{n}  {s}" for n, s in zip(names, shapes, strict=True)],
            fix="assign a value that broadcasts to the selected shape",
        )


def _explain_key(x: Any, key: Any) -> None:
    """Find the position that the backend refused, and the arrays that do not broadcast."""
    from zkynet.backend.registry import backend_of

    backend = backend_of(x)
    parts = key if isinstance(key, tuple) else (key,)
    left = len(x.shape) - sum(_axes_of(p) for p in parts)
    axis = 0
    shapes = []
    for part in parts:
        if part is Ellipsis:
            axis += left
        elif _is_mask(part):
            axis += len(part.shape)
        elif hasattr(part, "shape"):
            check_positions("an index", backend, part, axis, x.shape)
            shapes.append(tuple(part.shape))
            axis += 1
        elif part is not None:
            axis += 1
    if len(shapes) > 1:
        broadcast_check("indexing", [f"index {i}" for i in range(len(shapes))], shapes)
