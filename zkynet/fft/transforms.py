"""Discrete Fourier transforms along one axis.

The matrix of a Fourier transform is symmetric, so the gradient of a complex transform is the same transform. Of the
transforms between n real numbers and their ``n // 2 + 1`` complex ones, `rfft` and `hfft` are transposes of each
other, and so are `irfft` and `ihfft`, up to a factor of two for the numbers that stand for a conjugate pair.
"""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.define import op
from zkynet.tensor import Tensor

NORMS = ("backward", "ortho", "forward")

# -- the ops: arguments are settled, n and axis given -----------------------------------------------------------------


@op(name="fft.fft", kinds="complex")
def _fft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.fft(x, n=n, axis=axis, norm=norm)


@_fft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    return fit(xp, xp.fft.fft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis)


@op(name="fft.ifft", kinds="complex")
def _ifft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.ifft(x, n=n, axis=axis, norm=norm)


@_ifft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    return fit(xp, xp.fft.ifft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis)


@op(name="fft.rfft", kinds="wide real float")
def _rfft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.rfft(x, n=n, axis=axis, norm=norm)


@_rfft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    g = scale_pairs(xp, g, n, axis, 0.5)
    return fit(xp, xp.fft.hfft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis)


@op(name="fft.hfft", kinds="complex")
def _hfft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.hfft(x, n=n, axis=axis, norm=norm)


@_hfft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    g = scale_pairs(xp, xp.fft.rfft(g, n=n, axis=axis, norm=norm), n, axis, 2.0)
    return fit(xp, g, x_shape[axis], axis)


@op(name="fft.irfft", kinds="complex")
def _irfft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.irfft(x, n=n, axis=axis, norm=norm)


@_irfft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    g = scale_pairs(xp, xp.fft.ihfft(g, n=n, axis=axis, norm=norm), n, axis, 2.0)
    return fit(xp, g, x_shape[axis], axis)


@op(name="fft.ihfft", kinds="wide real float")
def _ihfft(xp: Any, x: Array, n: int, axis: int, norm: str) -> Array:
    return xp.fft.ihfft(x, n=n, axis=axis, norm=norm)


@_ihfft.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, n: Any, axis: Any, norm: Any) -> Any:
    g = scale_pairs(xp, g, n, axis, 0.5)
    return fit(xp, xp.fft.irfft(g, n=n, axis=axis, norm=norm), x_shape[axis], axis)


# -- what users call --------------------------------------------------------------------------------------------------


def fft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The discrete Fourier transform along one axis: ``y[k] = sum_j x[j] exp(-2πi jk / n)``.

    Args:
        x: a tensor (..., m, ...), complex, or taken for complex.
        n: the length to transform: `x` is cropped, or padded with zeros at the end, to it; by default m.
        axis: the axis along which to transform.
        norm: by what to divide: nothing (``"backward"``), the root of n (``"ortho"``), n (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.fft(zk.tensor([1.0, 0.0, 0.0]))
        Tensor([1.+0.j, 1.+0.j, 1.+0.j], dtype=complex64)
    """
    return _along(_fft, "fft.fft", as_complex("fft.fft", x), n, axis, norm)


def ifft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The inverse of `fft`: ``y[j] = sum_k x[k] exp(2πi jk / n) / n``.

    Args:
        x: a tensor (..., m, ...), complex, or taken for complex.
        n: the length to transform: `x` is cropped, or padded with zeros at the end, to it; by default m.
        axis: the axis along which to transform.
        norm: by what to divide: n (``"backward"``), the root of n (``"ortho"``), nothing (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.ifft(zk.tensor([3.0, 3.0, 3.0]))
        Tensor([3.+0.j, 0.+0.j, 0.+0.j], dtype=complex64)
    """
    return _along(_ifft, "fft.ifft", as_complex("fft.ifft", x), n, axis, norm)


def rfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The first ``n // 2 + 1`` numbers of the Fourier transform of real ones; the others are their conjugates.

    Args:
        x: a real tensor (..., m, ...).
        n: the length to transform: `x` is cropped, or padded with zeros at the end, to it; by default m.
        axis: the axis along which to transform.
        norm: by what to divide: nothing (``"backward"``), the root of n (``"ortho"``), n (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.rfft(zk.tensor([1.0, 1.0, 1.0, 1.0]))
        Tensor([4.+0.j, 0.+0.j, 0.+0.j], dtype=complex64)
    """
    return _along(_rfft, "fft.rfft", as_tensor("fft.rfft", x), n, axis, norm)


def irfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The inverse of `rfft`: n real numbers from the first ``n // 2 + 1`` of their Fourier transform.

    Args:
        x: a complex tensor (..., m, ...). The imaginary part of the first number (and of the last, if n is even) does
            not count.
        n: the length of the result, by default ``2 * (m - 1)``; say so if it is odd.
        axis: the axis along which to transform.
        norm: by what to divide: n (``"backward"``), the root of n (``"ortho"``), nothing (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.irfft(zk.tensor([4.0, 0.0, 0.0]))
        Tensor([1., 1., 1., 1.])
    """
    return _along(_irfft, "fft.irfft", as_complex("fft.irfft", x), n, axis, norm, half=True)


def hfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The Fourier transform, n real numbers, of a signal whose second half is the conjugate of its first.

    Args:
        x: a complex tensor (..., m, ...) with the first ``n // 2 + 1`` numbers of the signal.
        n: the length of the result, by default ``2 * (m - 1)``; say so if it is odd.
        axis: the axis along which to transform.
        norm: by what to divide: nothing (``"backward"``), the root of n (``"ortho"``), n (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.hfft(zk.tensor([1.0, 0.0, 0.0]))
        Tensor([1., 1., 1., 1.])
    """
    return _along(_hfft, "fft.hfft", as_complex("fft.hfft", x), n, axis, norm, half=True)


def ihfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """The inverse of `hfft`: the first ``n // 2 + 1`` numbers of a signal from its Fourier transform.

    Args:
        x: a real tensor (..., m, ...).
        n: the length to transform: `x` is cropped, or padded with zeros at the end, to it; by default m.
        axis: the axis along which to transform.
        norm: by what to divide: n (``"backward"``), the root of n (``"ortho"``), nothing (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.abs(zk.fft.ihfft(zk.tensor([1.0, 1.0, 1.0, 1.0])))
        Tensor([1., 0., 0.])
    """
    return _along(_ihfft, "fft.ihfft", as_tensor("fft.ihfft", x), n, axis, norm)


# -- helpers ----------------------------------------------------------------------------------------------------------


def _along(op: Any, name: str, x: Tensor, n: Any, axis: Any, norm: Any, half: bool = False) -> Tensor:
    """Run an op with its length, axis and norm checked and settled."""
    axis = normalize_axis(name, axis, x.ndim)
    check_norm(name, norm)
    return op(x, settle_length(name, n, x.shape[axis], half), axis, norm)


def settle_length(name: str, n: Any, m: int, half: bool = False) -> int:
    """The length of a transform of `m` entries, of which the user may have said that it is to be `n`."""
    if n is None:
        n = 2 * (m - 1) if half else m
    elif not hasattr(n, "__index__"):
        raise ArgumentError(f"{name}: the length n is a whole number, received {n!r:.60}", op=name)
    n = n.__index__()
    if n < 1:
        raise InvalidValueError(
            f"{name}: a transform needs at least one number",
            facts=[f"length of the axis  {m}", f"length of the transform  {n}"],
            fix="pass n, the length to transform" if m else "an axis of length 0 cannot be transformed without n",
            op=name,
        )
    return n


def check_norm(name: str, norm: Any) -> None:
    """Refuse a norm that is none of the standard's."""
    if norm not in NORMS:
        raise InvalidValueError(
            f"{name}: there is no norm {norm!r}", fix="use 'backward', 'ortho' or 'forward'", op=name
        )


def as_complex(name: str, x: Any) -> Tensor:
    """A tensor of complex numbers, made by a recorded cast if it is real."""
    x = as_tensor(name, x)
    kind = dt.complex_dtype(x.dtype if dt.kind_rank(x.dtype) >= 2 else dt.default_float)
    return cast(x, kind)


def fit(xp: Any, x: Any, m: int, axis: int) -> Any:
    """`x` cropped, or padded with zeros at the end, to the length `m` along an axis counted from 0."""
    n = x.shape[axis]
    if n == m:
        return x
    if n > m:
        return _between(x, axis, 0, m)
    shape = tuple(m - n if i == axis else k for i, k in enumerate(x.shape))
    return xp.concat([x, xp.zeros_like(xp.broadcast_to(_between(x, axis, 0, 1), shape))], axis=axis)


def scale_pairs(xp: Any, x: Any, n: int, axis: int, factor: float) -> Any:
    """The first half of a Hermitian signal of length `n`, with those numbers scaled that have a conjugate partner."""
    middle = (n + 1) // 2  # from 1 up to this one, which for an even n is a partner of itself
    parts = [_between(x, axis, 0, 1)]
    if middle > 1:
        parts.append(_between(x, axis, 1, middle) * factor)
    if x.shape[axis] > middle:
        parts.append(_between(x, axis, middle, x.shape[axis]))
    return xp.concat(parts, axis=axis)


def _between(x: Any, axis: int, start: int, stop: int) -> Any:
    """``x[start:stop]`` along an axis counted from 0."""
    return x[(*(slice(None),) * axis, slice(start, stop), ...)]


__all__ = ["fft", "hfft", "ifft", "ihfft", "irfft", "rfft"]
