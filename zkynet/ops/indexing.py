"""``x[key]`` and ``x[key] = value`` with NumPy's meaning on every backend, and their gradients.

A key is a number, a slice, None, Ellipsis, a mask, an array of positions, or a tuple of them. What is read sends its
gradient back to the places it was read from, as often as it was read. Keys are made ready, and checked, in `keys`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import DTypeError, ShapeError
from zkynet.ops.casting import cast
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, op
from zkynet.ops.direct import direct
from zkynet.ops.explain import check
from zkynet.ops.keys import explain_key, has_positions, is_single_mask, native_key
from zkynet.ops.prepare import common_backend
from zkynet.ops.rebinding import rebind
from zkynet.tensor import Tensor, wrap

__all__: list[str] = []


# -- ops on keys that a backend takes -----------------------------------------------------------------------------


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
    dtype = backend.dtype_of(values)
    zeros = backend.full(shape, 0, dtype, backend.device_of(values))
    if dtype == dt.bool:  # not every library adds booleans
        return backend.index_set(zeros, key, values)
    return backend.index_add(zeros, key, values)


@_put_into_zeros.gradient("values")
def _(xp: Any, g: Any, key: Any) -> Any:
    return xp.getitem(g, key)


@op(name="index_add")
def _index_add(xp: Any, x: Array, values: Array, key: Any) -> Array:
    """A copy of `x` with `values` added at `key`; places named several times collect every value."""
    return xp.backend.index_add(x, key, values)


@_index_add.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


@_index_add.gradient("values")
def _(xp: Any, g: Any, key: Any) -> Any:
    return xp.getitem(g, key)


@op(name="index_set", promote=False)
def _index_set(xp: Any, x: Array, values: Array, key: Any) -> Array:
    """A copy of `x` with `values` at `key`; of several values for one place the last one stays."""
    return xp.backend.index_set(x, key, values)


@_index_set.gradient("x")
def _(xp: Any, g: Any, key: Any) -> Any:
    return xp.index_set(g, 0, key)


@_index_set.gradient("values")
def _(xp: Any, g: Any, key: Any) -> Any:
    out = xp.getitem(g, key)
    if not has_positions(key):
        return out
    stayed = _stayed(g, out.shape, key) if isinstance(g, Tensor) else _raw_stayed(xp.backend, g, out.shape, key)
    return xp.where(stayed, out, xp.zeros_like(out))


def _stayed(g: Tensor, shape: Any, key: Any) -> Tensor:
    return wrap(_raw_stayed(g.backend, g._raw, shape, key), g.backend, None)


def _raw_stayed(backend: Any, like: Any, shape: Any, key: Any) -> Any:
    """Which of the values written at `key` stayed: where a place is named several times, one does."""
    xp, device = backend.xp, backend.device_of(like)
    number = backend.native_dtype(dt.int64)
    numbers = xp.reshape(xp.arange(prod(shape), dtype=number, device=backend.native_device(device)), shape)
    written = backend.index_set(backend.full(like.shape, -1, dt.int64, device), key, numbers)
    return backend.getitem(written, key) == numbers


@check("getitem")
def _check_getitem(x: Any, key: Any, *rest: Any) -> None:
    explain_key("getitem", x, key)


@check("index_set", "index_add")
def _check_index_set(x: Any, values: Any, key: Any) -> None:
    backend = explain_key("setitem", x, key)
    there, given = tuple(backend.getitem(x, key).shape), tuple(getattr(values, "shape", ()))
    while len(given) > len(there) and given[0] == 1:
        given = given[1:]
    if len(given) > len(there) or any(n not in (1, m) for n, m in zip(given[::-1], there[::-1], strict=False)):
        raise ShapeError(
            f"setitem: a value of shape {tuple(values.shape)} does not broadcast to the places written to",
            facts=[f"x[key]  {there}", f"value   {tuple(values.shape)}"],
            fix="assign a number, or a value of the shape of x[key]",
            op="setitem",
            shapes=(there, tuple(values.shape)),
        )


# -- what users write ---------------------------------------------------------------------------------------------

_read = direct(_getitem.op)


def getitem(x: Tensor, key: Any) -> Tensor:
    """The elements of `x` at `key`: what ``x[key]`` is.

    Args:
        x: a tensor of any shape.
        key: numbers, slices, None, Ellipsis, masks and arrays of positions, or a tuple of them, with NumPy's meaning.

    Gradient: to the places that were read, as often as each was read.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[1, 2, 3], [4, 5, 6]])
        >>> x[0, ::-1], x[:, [0, 0]], x[x > 4]
        (Tensor([3, 2, 1]), Tensor([[1, 1],
                [4, 4]]), Tensor([5, 6]))
    """
    return _read(x, native_key("getitem", x, key))


def setitem(x: Tensor, key: Any, value: Any) -> None:
    """Make `x` stand for itself with `value` at `key`: what ``x[key] = value`` does.

    No memory is written to: other tensors, the array that `x` was made of, and the values that a graph keeps stay as
    they are. `x` keeps its dtype.

    Args:
        x: a tensor of any shape.
        key: as in `getitem`.
        value: a tensor, array or number that broadcasts to the shape of ``x[key]``.

    Gradient: to the value, and to the elements of `x` that stayed.

    Example:
        >>> import zkynet as zk
        >>> x = zk.zeros(3)
        >>> x[1:] = 7
        >>> x
        Tensor([0., 7., 7.])
    """
    at = native_key("setitem", x, key)
    dtype = x.dtype
    if isinstance(value, Tensor):
        common_backend("setitem", [x, value])
        if dt.kind_rank(value.dtype) == 3 and dt.kind_rank(dtype) < 3:
            raise DTypeError(
                f"setitem: complex numbers cannot be written into a tensor of {dtype}",
                fix="take the real part first: zk.real(value)",
                op="setitem",
                dtype=dtype,
            )
        values = cast(value, dtype)
    else:
        values = asarray(value, dtype=dtype, device=x.device, backend=x.backend)
        if values.backend is not x.backend:
            common_backend("setitem", [x, values])
    if is_single_mask(at) and values.ndim == 0:  # no need to know how many places there are
        mask = at[0] if isinstance(at, tuple) else at
        mask = mask[(..., *(None,) * (x.ndim - len(mask.shape)))]
        rebind(x, OPS["where"].run_prepared(x.backend, [values, x, mask]), "setitem")
    else:
        rebind(x, OPS["index_set"].run_prepared(x.backend, [x, values, at]), "setitem")
