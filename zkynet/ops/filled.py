"""New tensors of one repeated value."""

from __future__ import annotations

from math import inf, prod
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.errors import ArgumentError, DTypeError, ShapeError, described
from zkynet.ops.arguments import flag, whole_numbers
from zkynet.ops.casting import as_tensor, cast
from zkynet.tensor import Tensor, wrap

__all__ = ["empty", "empty_like", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"]


def as_shape(name: str, shape: Any) -> tuple[int, ...]:
    """A shape as a tuple of integers, from a number, a list or a tuple."""
    out = whole_numbers(name, "each length of the shape", shape)
    if min(out, default=0) < 0:
        raise ShapeError(f"{name}: a shape has no negative lengths, received {out}", fix="pass lengths from 0 on")
    if prod(out) >= 2**48:
        raise ShapeError(f"{name}: no memory holds {prod(out):.3e} elements", facts=[f"shape  {out}"], fix="pass less")
    return out


def leaf_if(x: Tensor, requires_grad: bool) -> Tensor:
    """A new tensor, made a leaf that collects gradients if that was asked for."""
    if requires_grad is False:
        return x
    return x.requires_grad_() if flag("a new tensor", "requires_grad", requires_grad) else x


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


def full(
    shape: Any, fill_value: Any, *, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of one repeated value.

    Args:
        shape: its shape, a number for one axis.
        fill_value: the number.
        dtype: by default that of the number (float32 for a Python float).
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.full(3, 7)
        Tensor([7, 7, 7])
    """
    if isinstance(fill_value, Tensor):
        from zkynet.ops.shaping import broadcast_to

        value = fill_value if dtype is None else cast(fill_value, dt.as_dtype(dtype))
        return leaf_if(broadcast_to(value, as_shape("full", shape)), requires_grad)
    backend = get_backend()
    number = as_number("full", "fill_value", fill_value)
    kind = dt.scalar_dtype(number, None) if dtype is None else dt.as_dtype(dtype)
    fill_value = as_number("full", "fill_value", number, kind)
    raw = backend.full(as_shape("full", shape), fill_value, kind, device_for(backend, device))
    return leaf_if(wrap(raw, backend, None), requires_grad)


def zeros(
    shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros, float32 unless `dtype` says otherwise.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.zeros(2, 3).shape, zk.zeros((2, 3)).shape
        ((2, 3), (2, 3))
    """
    return full(
        _spread(shape, more),
        0,
        dtype=dt.default_float if dtype is None else dtype,
        device=device,
        requires_grad=requires_grad,
    )


def ones(
    shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones, float32 unless `dtype` says otherwise.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2)
        Tensor([1., 1.])
    """
    return full(
        _spread(shape, more),
        1,
        dtype=dt.default_float if dtype is None else dtype,
        device=device,
        requires_grad=requires_grad,
    )


def empty(
    shape: Any, *more: int, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of which only the shape matters; its values are zero.

    Args:
        shape: its shape, as one tuple, or the first of its lengths.
        *more: the other lengths.
        dtype: its dtype.
        device: where it is to live.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.empty((0, 2)).shape
        (0, 2)
    """
    return zeros(shape, *more, dtype=dtype, device=device, requires_grad=requires_grad)


def _spread(shape: Any, more: tuple[int, ...]) -> Any:
    return (shape, *more) if more else shape


def full_like(
    x: Tensor, /, fill_value: Any, *, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """One repeated value in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        fill_value: the number.
        dtype: by default `x`'s.
        device: by default `x`'s.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.full_like(zk.ones(2), 5.0)
        Tensor([5., 5.])
    """
    x = as_tensor("full_like", x)
    kind = x.dtype if dtype is None else dt.as_dtype(dtype)
    fill_value = as_number("full_like", "fill_value", fill_value, kind)
    return leaf_if(
        wrap(x.backend.full(x.shape, fill_value, kind, x.device if device is None else device), x.backend, None),
        requires_grad,
    )


def zeros_like(
    x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """Zeros in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.zeros_like(zk.ones(2))
        Tensor([0., 0.])
    """
    return full_like(x, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(
    x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """Ones in the shape, dtype, backend and device of `x`.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.ones_like(zk.zeros(2))
        Tensor([1., 1.])
    """
    return full_like(x, 1, dtype=dtype, device=device, requires_grad=requires_grad)


def empty_like(
    x: Tensor, /, *, dtype: DTypeLike = None, device: DeviceLike = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of the shape, dtype, backend and device of `x`; its values are zero.

    Args:
        x: the tensor to imitate.
        dtype: by default `x`'s.
        device: by default `x`'s.
        requires_grad: whether `backward` is to collect its gradient.

    Example:
        >>> import zkynet as zk
        >>> zk.empty_like(zk.ones(2)).shape
        (2,)
    """
    return full_like(x, 0, dtype=dtype, device=device, requires_grad=requires_grad)
