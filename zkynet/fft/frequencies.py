"""The frequencies of a discrete Fourier transform, and putting them in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import DTypeError, InvalidValueError
from zkynet.graph import Recording
from zkynet.ops.arguments import number, whole
from zkynet.ops.axes import normalize_axes
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor


def fftfreq(n: int, /, d: float = 1.0, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """The frequencies of `fft`: ``[0, 1, …, -2, -1] / (d * n)``, negative ones in the second half.

    Args:
        n: the length of the transform.
        d: the distance between two samples.
        dtype: a real floating dtype, by default float32.
        device: where the result is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.fftfreq(4)
        Tensor([ 0.  ,  0.25, -0.5 , -0.25])
    """
    n, kind = _settle("fft.fftfreq", n, dtype)
    d = number("fft.fftfreq", "d", d)
    middle = (n + 1) // 2
    return asarray((np.roll(np.arange(middle - n, middle), middle) / (d * n)).astype(kind), device=device)


def rfftfreq(n: int, /, d: float = 1.0, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
    """The frequencies of `rfft`: ``[0, 1, …, n // 2] / (d * n)``.

    Args:
        n: the length of the transform.
        d: the distance between two samples.
        dtype: a real floating dtype, by default float32.
        device: where the result is to live.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.rfftfreq(4)
        Tensor([0.  , 0.25, 0.5 ])
    """
    n, kind = _settle("fft.rfftfreq", n, dtype)
    d = number("fft.rfftfreq", "d", d)
    return asarray((np.arange(n // 2 + 1) / (d * n)).astype(kind), device=device)


def _settle(name: str, n: Any, dtype: Any) -> tuple[int, np.dtype[Any]]:
    """The length and the dtype, checked."""
    n = whole(name, "n", n)
    if n < 1:
        raise InvalidValueError(
            f"{name}: a transform needs at least one number, received n={n}", fix="pass n from 1 on", op=name
        )
    kind = dt.default_float if dtype is None else dt.as_dtype(dtype)
    if dt.kind_rank(kind) != 2:
        raise DTypeError(
            f"{name}: frequencies are real floating numbers, received dtype {kind}", fix="pass zk.float32", dtype=kind
        )
    return n, kind


def fftshift(x: Any, /, axes: int | Sequence[int] | None = None) -> Tensor:
    """The same numbers with frequency 0 moved to the middle.

    Args:
        x: a tensor.
        axes: the axes along which to shift, by default all.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.fftshift(zk.fft.fftfreq(4))
        Tensor([-0.5 , -0.25,  0.  ,  0.25])
    """
    x = as_tensor("fft.fftshift", x)
    at = normalize_axes("fft.fftshift", axes, x.ndim)
    return Recording.namespace.roll(x, tuple(x.shape[a] // 2 for a in at), axis=at) if at else x


def ifftshift(x: Any, /, axes: int | Sequence[int] | None = None) -> Tensor:
    """The inverse of `fftshift`, from which it differs for odd lengths.

    Args:
        x: a tensor.
        axes: the axes along which to shift, by default all.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.ifftshift(zk.tensor([-1.0, 0.0, 1.0]))
        Tensor([ 0.,  1., -1.])
    """
    x = as_tensor("fft.ifftshift", x)
    at = normalize_axes("fft.ifftshift", axes, x.ndim)
    return Recording.namespace.roll(x, tuple(-(x.shape[a] // 2) for a in at), axis=at) if at else x


__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq"]
