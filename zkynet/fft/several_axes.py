"""Discrete Fourier transforms along several axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, ShapeError, described
from zkynet.fft.transforms import as_complex, fit, irfft, rfft, settle_length, settle_norm
from zkynet.ops.arguments import whole
from zkynet.ops.axes import normalize_axes
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.tensor import Tensor

Lengths = Sequence[int] | None
Axes = Sequence[int] | None


@op(name="fft.fftn", kinds="complex")
def _fftn(xp: Any, x: Array, s: Any, axes: Any, norm: str) -> Array:
    return xp.fft.fftn(x, s=s, axes=axes, norm=norm)


@_fftn.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, s: Any, axes: Any, norm: Any) -> Any:
    return _fit_all(xp, xp.fft.fftn(g, s=s, axes=axes, norm=norm), x_shape, axes)


@op(name="fft.ifftn", kinds="complex")
def _ifftn(xp: Any, x: Array, s: Any, axes: Any, norm: str) -> Array:
    return xp.fft.ifftn(x, s=s, axes=axes, norm=norm)


@_ifftn.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, s: Any, axes: Any, norm: Any) -> Any:
    return _fit_all(xp, xp.fft.ifftn(g, s=s, axes=axes, norm=norm), x_shape, axes)


def fftn(x: Any, /, s: Lengths = None, axes: Axes = None, norm: str | None = "backward") -> Tensor:
    """The discrete Fourier transform along several axes, see `fft`.

    Args:
        x: a tensor, complex, or taken for complex.
        s: the length to transform along each of `axes` (-1: that of the axis); `x` is cropped or padded to them.
        axes: the axes along which to transform, by default all (if `s` is given, the last ``len(s)``).
        norm: by what to divide: nothing (``"backward"``), the root of the product of the lengths (``"ortho"``), the
            product (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.fft.fftn(zk.ones((2, 2)))
        Tensor([[4.+0.j, 0.+0.j],
                [0.+0.j, 0.+0.j]], dtype=complex64)
    """
    return _everywhere(_fftn, "fft.fftn", x, s, axes, norm)


def ifftn(x: Any, /, s: Lengths = None, axes: Axes = None, norm: str | None = "backward") -> Tensor:
    """The inverse of `fftn`.

    Args:
        x: a tensor, complex, or taken for complex.
        s: the length to transform along each of `axes` (-1: that of the axis); `x` is cropped or padded to them.
        axes: the axes along which to transform, by default all (if `s` is given, the last ``len(s)``).
        norm: by what to divide: the product of the lengths (``"backward"``), its root (``"ortho"``), nothing
            (``"forward"``).

    Example:
        >>> import zkynet as zk
        >>> zk.real(zk.fft.ifftn(zk.ones((2, 2))))
        Tensor([[1., 0.],
                [0., 0.]])
    """
    return _everywhere(_ifftn, "fft.ifftn", x, s, axes, norm)


def rfftn(x: Any, /, s: Lengths = None, axes: Axes = None, norm: str | None = "backward") -> Tensor:
    """The Fourier transform of real numbers along several axes: `rfft` along the last of them, `fft` along the others.

    Args:
        x: a real tensor.
        s: the length to transform along each of `axes` (-1: that of the axis); `x` is cropped or padded to them.
        axes: the axes along which to transform, by default all (if `s` is given, the last ``len(s)``).
        norm: as in `fftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.rfftn(zk.ones((2, 4))).shape
        (2, 3)
    """
    name = "fft.rfftn"
    x = as_tensor(name, x)
    lengths, at, norm = _settle(name, x, s, axes, norm)
    if not at:
        raise _no_axes(name)
    half = rfft(x, lengths[-1], at[-1], norm)
    return _fftn(half, lengths[:-1], at[:-1], norm) if len(at) > 1 else half


def irfftn(x: Any, /, s: Lengths = None, axes: Axes = None, norm: str | None = "backward") -> Tensor:
    """The inverse of `rfftn`: `ifft` along all but the last of the axes, then `irfft` along that one.

    Args:
        x: a complex tensor.
        s: the lengths of the result along `axes` (-1: that which `x` has); by default those of `x`, and along the
            last of the axes ``2 * (m - 1)`` where `x` has m.
        axes: the axes along which to transform, by default all (if `s` is given, the last ``len(s)``).
        norm: as in `ifftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.irfftn(zk.ones((2, 3))).shape
        (2, 4)
    """
    name = "fft.irfftn"
    x = as_complex(name, x)
    lengths, at, norm = _settle(name, x, s, axes, norm, half=True)
    if not at:
        raise _no_axes(name)
    if len(at) > 1:
        x = _ifftn(x, lengths[:-1], at[:-1], norm)
    return irfft(x, lengths[-1], at[-1], norm)


def fft2(x: Any, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = "backward") -> Tensor:
    """The discrete Fourier transform along two axes; `fftn` with the last two by default.

    Args:
        x: a tensor, complex, or taken for complex.
        s: the two lengths to transform.
        axes: the two axes.
        norm: as in `fftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.fft2(zk.ones((5, 2, 3))).shape
        (5, 2, 3)
    """
    return fftn(x, s, axes, norm)


def ifft2(x: Any, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = "backward") -> Tensor:
    """The inverse of `fft2`.

    Args:
        x: a tensor, complex, or taken for complex.
        s: the two lengths to transform.
        axes: the two axes.
        norm: as in `ifftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.ifft2(zk.ones((5, 2, 3))).shape
        (5, 2, 3)
    """
    return ifftn(x, s, axes, norm)


def rfft2(x: Any, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = "backward") -> Tensor:
    """The Fourier transform of real numbers along two axes; `rfftn` with the last two by default.

    Args:
        x: a real tensor.
        s: the two lengths to transform.
        axes: the two axes.
        norm: as in `fftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.rfft2(zk.ones((5, 2, 4))).shape
        (5, 2, 3)
    """
    return rfftn(x, s, axes, norm)


def irfft2(x: Any, /, s: Lengths = None, axes: Axes = (-2, -1), norm: str | None = "backward") -> Tensor:
    """The inverse of `rfft2`.

    Args:
        x: a complex tensor.
        s: the two lengths of the result.
        axes: the two axes.
        norm: as in `ifftn`.

    Example:
        >>> import zkynet as zk
        >>> zk.fft.irfft2(zk.ones((5, 2, 3))).shape
        (5, 2, 4)
    """
    return irfftn(x, s, axes, norm)


def _everywhere(op: Any, name: str, x: Any, s: Any, axes: Any, norm: Any) -> Tensor:
    """Run an op with its lengths, axes and norm checked and settled; without any axis there is nothing to do."""
    x = as_complex(name, x)
    lengths, at, norm = _settle(name, x, s, axes, norm)
    return op(x, lengths, at, norm) if at else x


def _settle(
    name: str, x: Tensor, s: Any, axes: Any, norm: Any, half: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """The lengths, the axes, counted from 0, and the norm of a transform."""
    norm = settle_norm(name, norm)
    if s is not None:
        s = tuple([n if n is None else whole(name, "a length in s", n) for n in _listed(name, s)])
    if axes is None and s is not None:
        axes = tuple(range(-len(s), 0))
    at = normalize_axes(name, axes, x.ndim)
    if s is None:
        s = (None,) * len(at)
    if len(s) != len(at):
        raise ShapeError(
            f"{name} needs a length for each axis",
            facts=[f"s  {tuple(s)}", f"axes  {at}"],
            fix="pass as many lengths as axes, -1 for that of the axis",
            op=name,
        )
    lengths = []
    for k, (n, axis) in enumerate(zip(s, at, strict=True)):
        m = x.shape[axis]
        lengths.append(settle_length(name, m if n == -1 else n, m, half and k == len(at) - 1))
    return tuple(lengths), at, norm


def _listed(name: str, s: Any) -> Any:
    if isinstance(s, (tuple, list)):
        return s
    raise ArgumentError(
        f"{name}: s is a tuple of lengths, received {described(s)}", fix="pass s=(n, ...), one length an axis", op=name
    )


def _no_axes(name: str) -> ShapeError:
    return ShapeError(f"{name} needs at least one axis", fix="name an axis of the tensor with axes=", op=name)


def _fit_all(xp: Any, x: Any, shape: Any, axes: tuple[int, ...]) -> Any:
    """`x` cropped or padded along each of the axes to what it is in `shape`."""
    for axis in axes:
        x = fit(xp, x, shape[axis], axis)
    return x


__all__ = ["fft2", "fftn", "ifft2", "ifftn", "irfft2", "irfftn", "rfft2", "rfftn"]
