"""New tensors of one value, of counted numbers, and of ones on a diagonal."""

from __future__ import annotations

import math
from math import inf, prod
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import flag, number, whole, whole_numbers
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor, wrap

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def as_shape(name: str, shape: Any) -> tuple[int, ...]:
    """A shape as a tuple of integers, from a number, a list or a tuple."""
    out = whole_numbers(name, "each length of the shape", shape)
    if min(out, default=0) < 0:
        raise ShapeError(f"{name}: a shape has no negative lengths, received {out}", fix="pass lengths from 0 on")
    if prod(out) >= 2**48:
        raise ShapeError(f"{name}: no memory holds {prod(out):.3e} elements", facts=[f"shape  {out}"], fix="pass less")
    return out


def as_number(name: str, argument: str, value: Any, dtype: np.dtype[Any] | None = None) -> Any:
    """One number of any kind, of an array without axes too, that fits into `dtype`."""
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if not isinstance(value, (bool, int, float, complex)):
        raise ArgumentError(
            f"{name}: {argument} is a number, received {described(value)}",
            fix=f"pass one number as {argument}",
            op=name,
        )
    if dtype is not None and dtype.kind in "biuf" and isinstance(value, complex):
        raise DTypeError(f"{name}: {value} does not fit into {dtype}", fix="pass a complex dtype, or a real number")
    if dtype is not None and dtype.kind in "iu":
        if value != value or value in (inf, -inf):
            raise DTypeError(f"{name}: {value} does not fit into {dtype}", fix="pass a floating dtype", op=name)
        info = np.iinfo(dtype)
        if not info.min <= int(value.real) <= info.max:
            raise DTypeError(
                f"{name}: {value} does not fit into {dtype}, which holds {info.min} to {info.max}",
                fix="pass a wider dtype",
                op=name,
            )
    return float(value) if dtype is not None and dtype.kind not in "biuc" and isinstance(value, int) else value


def full(shape: Any, fill_value: Any, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """A tensor of one repeated value.

    Args:
        shape: its shape, a number for one axis.
        fill_value: the number.
        dtype: by default that of the number (float32 for a Python float).
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.full(3, 7)
        Tensor([7, 7, 7])
    """
    if isinstance(fill_value, Tensor):
        from zkynet.ops.shaping import broadcast_to

        value = fill_value if dtype is None else cast(fill_value, dt.as_dtype(dtype))
        return broadcast_to(value, as_shape("full", shape))
    backend = get_backend()
    number = as_number("full", "fill_value", fill_value)
    kind = dt.scalar_dtype(number, None) if dtype is None else dt.as_dtype(dtype)
    fill_value = as_number("full", "fill_value", number, kind)
    raw = backend.full(as_shape("full", shape), fill_value, kind, device_for(backend, device))
    return wrap(raw, backend, None)


def zeros(shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """A tensor of zeros, float32 unless `dtype` says otherwise.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.zeros(2, 3).shape, zk.zeros((2, 3)).shape
        ((2, 3), (2, 3))
    """
    return full(_spread(shape, more), 0, dtype=dt.default_float if dtype is None else dtype, device=device)


def ones(shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """A tensor of ones, float32 unless `dtype` says otherwise.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2)
        Tensor([1., 1.])
    """
    return full(_spread(shape, more), 1, dtype=dt.default_float if dtype is None else dtype, device=device)


def empty(shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """A tensor of which only the shape matters; its values are zero.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.empty((0, 2)).shape
        (0, 2)
    """
    return zeros(shape, *more, dtype=dtype, device=device)


def _spread(shape: Any, more: tuple[int, ...]) -> Any:
    return (shape, *more) if more else shape


def full_like(x: Tensor, /, fill_value: Any, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """One repeated value in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        fill_value: the number.
        dtype: by default `x`'s.
        device: by default `x`'s.

    Example:
        >>> import zkynet as zk
        >>> zk.full_like(zk.ones(2), 5.0)
        Tensor([5., 5.])
    """
    x = as_tensor("full_like", x)
    kind = x.dtype if dtype is None else dt.as_dtype(dtype)
    fill_value = as_number("full_like", "fill_value", fill_value, kind)
    return wrap(x.backend.full(x.shape, fill_value, kind, x.device if device is None else device), x.backend, None)


def zeros_like(x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """Zeros in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.

    Example:
        >>> import zkynet as zk
        >>> zk.zeros_like(zk.ones(2))
        Tensor([0., 0.])
    """
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """Ones in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.

    Example:
        >>> import zkynet as zk
        >>> zk.ones_like(zk.zeros(2))
        Tensor([1., 1.])
    """
    return full_like(x, 1, dtype=dtype, device=device)


def empty_like(x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """A tensor of the shape, dtype, backend and device of `x`; its values are zero.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.

    Example:
        >>> import zkynet as zk
        >>> zk.empty_like(zk.ones(2)).shape
        (2,)
    """
    return full_like(x, 0, dtype=dtype, device=device)


# -- counted and patterned ----------------------------------------------------------------------------------------


def _made_by(name: str, args: Any, dtype: np.dtype[Any], device: DeviceLike) -> Tensor:
    """Call the current backend's creation function."""
    backend = get_backend()
    where = device_for(backend, device)
    native = None if where is None else backend.native_device(where)
    raw = getattr(backend.xp, name)(*args, dtype=backend.native_dtype(dtype), device=native)
    return wrap(raw, backend, None)


def arange(
    start: Any, /, stop: Any = None, step: Any = 1, *, dtype: DTypeLike = None, device: DeviceLike = None
) -> Tensor:
    """Evenly spaced numbers from `start` up to but without `stop`.

    Args:
        start: the first number; with one argument, the end of a count from 0.
        stop: the end, not included.
        step: the distance.
        dtype: by default int64 for integers, float32 for floats.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.arange(3), zk.arange(1.0, 2.0, 0.5)
        (Tensor([0, 1, 2]), Tensor([1. , 1.5]))
    """
    names = ("start", "stop", "step")
    numbers: list[Any] = [
        v if v is None and name == "stop" else as_number("arange", name, v)
        for name, v in zip(names, (start, stop, step), strict=True)
    ]
    if any(isinstance(v, complex) or v != v or v in (inf, -inf) for v in numbers):
        raise InvalidValueError(
            f"arange: one cannot count from {numbers[0]} to {numbers[1]} by {numbers[2]}",
            fix="pass finite real numbers",
            op="arange",
        )
    if numbers[2] == 0:
        raise InvalidValueError("arange: the step is zero", fix="pass a step that leads from start to stop")
    if numbers[1] is None:
        numbers[0], numbers[1] = 0, numbers[0]
    integers = all(isinstance(v, int) for v in numbers)
    kind = dt.as_dtype(dtype) if dtype is not None else (dt.default_int if integers else dt.default_float)
    count = (numbers[1] - numbers[0]) / numbers[2]
    if count <= 0:
        return zeros(0, dtype=kind, device=device)
    as_shape("arange", math.ceil(count))
    for v in (numbers[0], numbers[0] + (math.ceil(count) - 1) * numbers[2]):
        as_number("arange", "the range", v, kind)
    return _made_by("arange", numbers, kind, device)


def linspace(
    start: Any,
    stop: Any,
    /,
    num: int = 50,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    endpoint: bool = True,
) -> Tensor:
    """`num` evenly spaced numbers from `start` to `stop`.

    Args:
        start: the first number.
        stop: the last number, included if `endpoint`.
        num: how many.
        dtype: by default float32.
        device: where it is to live.
        endpoint: whether `stop` is the last number.

    Example:
        >>> import zkynet as zk
        >>> zk.linspace(0, 1, 3)
        Tensor([0. , 0.5, 1. ])
    """
    num = whole("linspace", "num", num)
    if num < 0:
        raise InvalidValueError(f"linspace: num is how many numbers there are, received {num}", fix="pass 0 or more")
    start, stop = (as_number("linspace", name, v) for name, v in (("start", start), ("stop", stop)))
    is_complex = isinstance(start, complex) or isinstance(stop, complex)
    kind = dt.as_dtype(dtype) if dtype is not None else (dt.default_complex if is_complex else dt.default_float)
    wide = dt.complex128 if kind.kind == "c" else dt.float64
    exact = np.linspace(wide.type(start), wide.type(stop), num, endpoint=endpoint, dtype=wide).astype(kind)
    return asarray(exact, device=device)


def logspace(
    start: Any,
    stop: Any,
    /,
    num: int = 50,
    *,
    base: float = 10.0,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    endpoint: bool = True,
) -> Tensor:
    """`num` numbers from ``base ** start`` to ``base ** stop``, each the same multiple of the one before.

    Args:
        start: the exponent of the first number.
        stop: the exponent of the last number, included if `endpoint`.
        num: how many.
        base: what the exponents belong to.
        dtype: by default float32.
        device: where it is to live.
        endpoint: whether ``base ** stop`` is the last number.

    Example:
        >>> import zkynet as zk
        >>> zk.logspace(0, 2, 3)
        Tensor([  1.,  10., 100.])
    """
    num, base = whole("logspace", "num", num), number("logspace", "base", base)
    start, stop = (number("logspace", name, v) for name, v in (("start", start), ("stop", stop)))
    if num < 0:
        raise InvalidValueError(f"logspace: num is how many numbers there are, received {num}", fix="pass 0 or more")
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    with np.errstate(all="ignore"):  # numbers beyond float64 are infinite
        exact = np.logspace(start, stop, num, flag("logspace", "endpoint", endpoint), base).astype(kind)
    return asarray(exact, device=device)


def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DTypeLike = None, device: DeviceLike = None
) -> Tensor:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        n_rows: the number of rows.
        n_cols: the number of columns, by default as many as rows.
        k: which diagonal: 0 the main one, positive above it.
        dtype: by default float32.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.eye(2)
        Tensor([[1., 0.],
                [0., 1.]])
    """
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    m, n = as_shape("eye", (n_rows, n_rows if n_cols is None else n_cols))
    return asarray(np.eye(m, n, k=whole("eye", "k", k)).astype(kind), device=device)
