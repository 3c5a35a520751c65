"""New tensors of one value, of counted numbers, and of ones on a diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import current_device, get_backend
from zkynet.errors import InvalidValueError, ShapeError
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
    items = (shape,) if isinstance(shape, (int, np.integer, Tensor)) else tuple(shape)
    try:
        out = tuple(n.__index__() for n in items)
    except (AttributeError, TypeError) as e:
        raise ShapeError(f"{name}: a shape is made of integers, received {shape!r}") from e
    if any(n < 0 for n in out):
        raise ShapeError(f"{name}: a shape has no negative lengths, received {out}")
    return out


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
    kind = dt.scalar_dtype(fill_value, None) if dtype is None else dt.as_dtype(dtype)
    dt.require_fit("full", fill_value, kind)
    raw = backend.full(as_shape("full", shape), _plain(fill_value, kind), kind, device or current_device())
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
    dt.require_fit("full_like", fill_value, kind)
    raw = x.backend.full(x.shape, _plain(fill_value, kind), kind, device or x.device)
    return wrap(raw, x.backend, None)


def _plain(number: Any, dtype: np.dtype[Any]) -> Any:
    """A number as any library takes it: not all of them take integers wider than their own."""
    return float(number) if isinstance(number, int) and dtype.kind not in "biu" else number


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
    where = device or current_device()
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
    numbers = [v.item() if isinstance(v, (Tensor, np.generic)) else v for v in (start, stop, step)]
    if numbers[2] == 0:
        raise InvalidValueError("arange: the step is zero", fix="pass a step that leads from start to stop")
    if numbers[1] is None:
        numbers[0], numbers[1] = 0, numbers[0]
    whole = all(isinstance(v, int) for v in numbers)
    kind = dt.as_dtype(dtype) if dtype is not None else (dt.default_int if whole else dt.default_float)
    if (numbers[1] - numbers[0]) / numbers[2] <= 0:
        return zeros(0, dtype=kind, device=device)
    if whole:
        for number in (numbers[0], range(*numbers)[-1]):
            dt.require_fit("arange", number, kind)
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
    if num < 0:
        raise InvalidValueError(f"linspace: num is how many numbers there are, received {num}")
    is_complex = isinstance(start, complex) or isinstance(stop, complex)
    kind = dt.as_dtype(dtype) if dtype is not None else (dt.default_complex if is_complex else dt.default_float)
    wide = dt.complex128 if kind.kind == "c" else dt.float64
    exact = np.linspace(start, stop, num, endpoint=endpoint, dtype=wide).astype(kind)
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
    exponents = linspace(start, stop, num, dtype=dt.float64, endpoint=endpoint)
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    return asarray((base ** exponents.numpy()).astype(kind), device=device)


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
    return asarray(np.eye(n_rows, n_cols, k=k).astype(kind), device=device)
