"""New tensors from data: numbers, nested lists, arrays of any library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike, DeviceLike, DTypeLike
from zkynet.backend.registry import backend_of, device_for, get_backend, usable_backend
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, ZkynetError
from zkynet.ops.casting import cast, to_device
from zkynet.ops.define import OPS
from zkynet.tensor import Tensor, wrap

__all__ = ["asarray", "from_dlpack", "tensor"]


def asarray(
    obj: ArrayLike,
    /,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    copy: bool | None = None,
    *,
    backend: Any = None,
) -> Tensor:
    """A tensor of numbers, nested lists (of tensors too), or any backend's array; a tensor is returned as it is.

    Args:
        obj: what to make a tensor of. Python floats become float32, integers int64, an array keeps its dtype.
        dtype: the dtype of the result.
        device: where it is to live.
        copy: True for memory of its own, False to insist on sharing, None for whichever is possible.
        backend: the backend for data that belongs to none; by default the current one.

    Example:
        >>> import zkynet as zk
        >>> zk.asarray([[1, 2], [3, 4]]).shape
        (2, 2)
    """
    wanted = None if dtype is None else dt.as_dtype(dtype)
    if isinstance(obj, Tensor):
        return _from_tensor(obj, wanted, device, copy)
    if isinstance(obj, (list, tuple)) and any(isinstance(leaf, Tensor) for leaf in _leaves(obj)):
        return _from_tensor(_stack_nested(obj), wanted, device, None)
    made_by = None if isinstance(obj, (int, float, complex, list, tuple, np.ndarray, np.generic)) else backend_of(obj)
    if made_by is not None:
        return _from_tensor(wrap(made_by.adopt(obj), made_by, None), wanted, device, copy)
    target = get_backend() if backend is None else usable_backend(backend)
    array = _host_array(obj, wanted)
    if copy is False and not (isinstance(obj, np.ndarray) and array is obj):
        raise InvalidValueError(
            "copy=False was asked for, but a copy is needed", fix="leave copy out", received=type(obj).__name__
        )
    if copy or (copy is None and isinstance(obj, np.generic)):
        array = np.array(array)
    elif array is obj:
        array = array.view()  # so that it is seen not to be ours alone
    return wrap(target.from_numpy(array, device_for(target, device)), target, None)


def tensor(
    data: ArrayLike,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """A new tensor with a copy of the data, outside of any graph.

    Args:
        data: numbers, nested lists, an array or a tensor.
        dtype: the dtype, by default that of the data (float32 for Python floats).
        device: where it is to live.
        requires_grad: whether it is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.tensor([1.0, 2.0])
        Tensor([1., 2.])
    """
    if isinstance(data, Tensor):
        data = data.detach()
    out = asarray(data, dtype=dtype, device=device, copy=True).detach()
    return out.requires_grad_() if requires_grad else out


def _from_tensor(x: Tensor, dtype: Any, device: DeviceLike, copy: bool | None) -> Tensor:
    out = x
    if dtype is not None and dtype != x.dtype:
        if copy is False:
            raise InvalidValueError("copy=False was asked for, but another dtype needs a copy", fix="leave copy out")
        out = cast(x, dtype)
    if device is not None:
        device = out.backend.device_name(device)
    if device is not None and device != out.device:
        if copy is False:
            raise InvalidValueError("copy=False was asked for, but another device needs a copy", fix="leave copy out")
        out = to_device(out, device)
    if copy and out is x:
        out = OPS["copy"].run_prepared(x.backend, [x])
    return out


def _leaves(obj: Any) -> Iterator[Any]:
    if isinstance(obj, (list, tuple)):
        for item in obj:
            yield from _leaves(item)
    else:
        yield obj


def _stack_nested(obj: Any) -> Tensor:
    """Nested lists with tensors among them, stacked so that gradients flow to each."""
    from zkynet.ops.joining import stack

    if isinstance(obj, Tensor):
        return obj
    if isinstance(obj, (list, tuple)):
        return stack([_stack_nested(item) for item in obj])
    return asarray(obj)


def _host_array(obj: Any, dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    """`obj` as a NumPy array of a dtype that zkynet has."""
    if isinstance(obj, (np.ndarray, np.generic)):
        array = np.asarray(obj)
        if array.dtype.byteorder == ">" or not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        dt.kind_rank(array.dtype)
        return array if dtype is None or dtype == array.dtype else _converted(array, dtype)
    if hasattr(obj, "__array__") and not isinstance(obj, (list, tuple)):
        return _host_array(np.asarray(obj), dtype)
    if hasattr(obj, "__dlpack__"):
        return _host_array(np.from_dlpack(obj), dtype)
    try:
        array = np.array(obj)
    except ValueError as e:
        raise ShapeError(
            "the nested lists do not form a rectangular array", facts=[str(e).splitlines()[0]], fix="pad or cut them"
        ) from e
    except OverflowError as e:
        raise InvalidValueError(f"a number is too large for any dtype: {e}") from e
    if array.dtype.kind == "O" and _is_plain(obj):  # an integer wider than 64 bits is among the numbers
        if (dtype is None and _is_plain(obj, int)) or (dtype is not None and dtype.kind in "iu"):
            raise DTypeError(
                f"{obj!r:.60} does not fit into {dtype or 'any integer dtype'}",
                fix="write it as a float, or pass dtype=zk.float64",
            )
        return array.astype(dtype or dt.default_float)
    if array.dtype.kind not in "biufc":
        if array.dtype.name == "bfloat16":
            return array
        raise ArgumentError(
            f"no tensor can be made of {type(obj).__name__}: {obj!r:.60}",
            fix="pass numbers, nested lists of numbers, or an array",
        )
    if array.dtype.kind == "f" and (dtype is None or dtype.kind in "iu") and array.size and _is_plain(obj, int):
        try:  # NumPy knows no common dtype of a number below 2**63 and one above
            array = np.array(obj, dtype or dt.uint64)
        except OverflowError as e:
            raise DTypeError(f"a number does not fit into {dtype or 'any integer dtype'}: {e}") from e
    if dtype is not None:
        try:
            return _converted(array if array.dtype.kind != "O" else np.array(obj, dtype=dtype), dtype)
        except OverflowError as e:
            raise DTypeError(f"a number does not fit into {dtype}: {e}") from e
    if array.size == 0 and array.dtype == np.float64:
        return array.astype(dt.default_float)
    if _is_plain(obj):
        weak = {"f": dt.default_float, "c": dt.default_complex}.get(array.dtype.kind)
        if weak is not None:
            with np.errstate(over="ignore"):
                return array.astype(weak)
    return array


def _is_plain(obj: Any, kinds: Any = (bool, int, float, complex)) -> bool:
    """Whether nested lists hold Python numbers only (whose dtype is ours to choose)."""
    return all(isinstance(leaf, kinds) and not isinstance(leaf, np.generic) for leaf in _leaves(obj))


def _converted(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise DTypeError(f"complex numbers cannot be made {dtype}", fix="take the real part first")
    if array.dtype.kind in "iu" and dtype.kind in "iu" and array.size:
        info = np.iinfo(dtype)
        if int(array.min()) < info.min or int(array.max()) > info.max:
            raise DTypeError(
                f"a number does not fit into {dtype}, which holds {info.min} to {info.max}", fix="use a wider dtype"
            )
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def from_dlpack(x: Any, /, *, device: DeviceLike = None, copy: bool | None = None) -> Tensor:
    """A tensor from any object with ``__dlpack__``, sharing its memory where that is possible.

    Args:
        x: an array of any library.
        device: where the tensor is to live, by default where `x` does.
        copy: True for memory of its own, False to insist on sharing.

    Example:
        >>> import numpy as np, zkynet as zk
        >>> zk.from_dlpack(np.arange(3)).shape
        (3,)
    """
    if not hasattr(x, "__dlpack__"):
        raise ArgumentError(
            f"from_dlpack expected an object with __dlpack__, received {type(x).__name__}", fix="use zk.asarray"
        )
    backend = get_backend()
    if isinstance(x, Tensor):
        x._refuse_if_recorded("DLPack")
        if x.backend is backend:
            return asarray(x, device=device, copy=copy)
    native = None if device is None else backend.native_device(device)
    try:
        raw = backend.adopt(backend.xp.from_dlpack(x, device=native, copy=copy))
    except ZkynetError:
        raise
    except (BufferError, ValueError, RuntimeError, TypeError) as e:
        if copy is False:
            raise InvalidValueError(f"from_dlpack cannot share this memory: {e}", fix="leave copy out") from e
        raise InvalidValueError(f"from_dlpack could not take over the array: {e}", fix="use zk.asarray") from e
    return wrap(raw, backend, None)
