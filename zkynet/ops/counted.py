"""New tensors of counted numbers, and of ones on a diagonal."""

from __future__ import annotations

import math
from math import inf
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.creation import asarray
from zkynet.ops.filled import as_number, as_shape, leaf_if, zeros
from zkynet.tensor import Tensor, wrap

__all__ = ["arange", "eye", "linspace", "logspace"]


def _made_by(name: str, args: Any, dtype: np.dtype[Any], device: DeviceLike) -> Tensor:
    """Call the current backend's creation function."""
    backend = get_backend()
    where = device_for(backend, device)
    native = None if where is None else backend.native_device(where)
    raw = getattr(backend.xp, name)(*args, dtype=backend.native_dtype(dtype), device=native)
    return wrap(raw, backend, None)


def arange(
    start: Any,
    /,
    stop: Any = None,
    step: Any = 1,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """Evenly spaced numbers from `start` up to but without `stop`.

    Args:
        start: the first number; with one argument, the end of a count from 0.
        stop: the end, not included.
        step: the distance.
        dtype: by default int64 for integers, float32 for floats.
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

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
        return leaf_if(zeros(0, dtype=kind, device=device), requires_grad)
    as_shape("arange", math.ceil(count))
    for v in (numbers[0], numbers[0] + (math.ceil(count) - 1) * numbers[2]):
        as_number("arange", "the range", v, kind)
    return leaf_if(_made_by("arange", numbers, kind, device), requires_grad)


def linspace(
    start: Any,
    stop: Any,
    /,
    num: int = 50,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    endpoint: bool = True,
    requires_grad: bool = False,
) -> Tensor:
    """`num` evenly spaced numbers from `start` to `stop`.

    Args:
        start: the first number.
        stop: the last number, included if `endpoint`.
        num: how many.
        dtype: by default float32.
        device: where it is to live.
        endpoint: whether `stop` is the last number.
        requires_grad: whether `backward` is to collect its gradient.

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
    return leaf_if(asarray(exact, device=device), requires_grad)


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
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        n_rows: the number of rows.
        n_cols: the number of columns, by default as many as rows.
        k: which diagonal: 0 the main one, positive above it.
        dtype: by default float32.
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.eye(2)
        Tensor([[1., 0.],
                [0., 1.]])
    """
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    m, n = as_shape("eye", (n_rows, n_rows if n_cols is None else n_cols))
    return leaf_if(asarray(np.eye(m, n, k=whole("eye", "k", k)).astype(kind), device=device), requires_grad)
