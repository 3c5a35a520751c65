"""Pooling by other norms than the mean and the maximum, and the way back from the maximum."""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.errors import DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.nn.functional.average_pooling import avg_pool, window_counts
from zkynet.nn.functional.windows import each_axis, sliding, spatial_tensor
from zkynet.ops.along_axis import scatter
from zkynet.ops.arguments import number, whole_numbers
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.ops.powers import pow
from zkynet.ops.selecting import where
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor, wrap

__all__ = ["lp_pool1d", "lp_pool2d", "lp_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d"]


def lp_pool1d(input: Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window of a sequence, without absolute values: ``(sum over k of x[k]**p)**(1/p)``.

    Args:
        input: (N, C, L) or (C, L).
        norm_type: the power p.
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether a last window that does not fit is used too; it counts for as much as a full one.

    Gradient: zero in a window whose sum is zero, where PyTorch gives NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.lp_pool1d(zk.tensor([[3.0, 4.0, 0.0, 1.0]]), 2, 2)
        Tensor([[5., 1.]])
    """
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input: Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window of an image, without absolute values: ``(sum over k, l of x[k, l]**p)**(1/p)``.

    Args:
        input: (N, C, H, W) or (C, H, W).
        norm_type: the power p.
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether last windows that do not fit are used too; they count for as much as full ones.

    Gradient: zero in a window whose sum is zero, where PyTorch gives NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.lp_pool2d(zk.tensor([[[3.0, 0.0], [0.0, 4.0]]]), 2, 2)
        Tensor([[[5.]]])
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input: Array, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window of a volume, as `lp_pool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        norm_type: the power p.
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether last windows that do not fit are used too; they count for as much as full ones.

    Gradient: zero in a window whose sum is zero, where PyTorch gives NaN.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.lp_pool3d(zk.ones((1, 4, 4, 4)), 3, 2)[0, 0, 0]
        Tensor([2., 2.])
    """
    return _lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(name: str, n: int, x: Any, norm_type: Any, size: Any, stride: Any, ceil_mode: Any) -> Tensor:
    x = as_tensor(name, x)
    p = float(number(name, "norm_type", norm_type))
    if p == 0:
        raise InvalidValueError(f"{name}: norm_type is not 0", fix="pass the power, 2 for the usual norm", op=name)
    window = sliding(name, x, n, size, stride, 0, 1, ceil_mode)
    total = avg_pool(pow(x, p), window, window_counts(window, True)) * prod(window.size)
    nothing = total == 0  # its root has no slope there: infinity, which times zero would be NaN
    return where(nothing, total, pow(where(nothing, 1.0, total), 1 / p))


def max_unpool1d(
    input: Array,
    indices: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima put back where `max_pool1d` found them, zeros elsewhere: ``out[n, c, indices[n, c, i]] = input[n, c, i]``.

    Args:
        input: (N, C, L) or (C, L), as `max_pool1d` gave it.
        indices: the places, of the same shape.
        kernel_size: how long the windows were.
        stride: how far they were apart, by default `kernel_size`.
        padding: how much was added at both ends.
        output_size: the length of the result, or its whole shape; by default
            ``(L - 1) * stride - 2 * padding + kernel_size``.

    Gradient: from the places that were written to.

    Example:
        >>> import zkynet as zk
        >>> F = zk.nn.functional
        >>> y, places = F.max_pool1d(zk.tensor([[1.0, 5.0, 2.0, 3.0]]), 2, return_indices=True)
        >>> F.max_unpool1d(y, places, 2)
        Tensor([[0., 5., 0., 3.]])
    """
    return _max_unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Array,
    indices: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima put back where `max_pool2d` found them, zeros elsewhere.

    Args:
        input: (N, C, H, W) or (C, H, W), as `max_pool2d` gave it.
        indices: the places, counted through height and width, of the same shape.
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far they were apart, by default `kernel_size`.
        padding: how much was added at each edge.
        output_size: the height and width of the result, or its whole shape; by default
            ``(n - 1) * stride - 2 * padding + kernel_size`` along each axis.

    Gradient: from the places that were written to; of several values for one place, to the one that stayed.

    Example:
        >>> import zkynet as zk
        >>> F = zk.nn.functional
        >>> y, places = F.max_pool2d(zk.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2, return_indices=True)
        >>> F.max_unpool2d(y, places, 2)
        Tensor([[[0., 0.],
                 [4., 0.]]])
    """
    return _max_unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Array,
    indices: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Maxima put back where `max_pool3d` found them, zeros elsewhere, as `max_unpool2d` does it for images.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W), as `max_pool3d` gave it.
        indices: the places, counted through depth, height and width, of the same shape.
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far they were apart, by default `kernel_size`.
        padding: how much was added at each face.
        output_size: the depth, height and width of the result, or its whole shape.

    Gradient: from the places that were written to; of several values for one place, to the one that stayed.

    Example:
        >>> import zkynet as zk
        >>> F = zk.nn.functional
        >>> y, places = F.max_pool3d(zk.ones((1, 4, 4, 4)), 2, return_indices=True)
        >>> F.max_unpool3d(y, places, 2).shape
        (1, 4, 4, 4)
    """
    return _max_unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def _max_unpool(
    name: str, n: int, x: Any, indices: Any, size: Any, stride: Any, padding: Any, output_size: Any
) -> Tensor:
    x = spatial_tensor(name, x, n)
    places = indices if isinstance(indices, Tensor) else asarray(indices, device=x.device, backend=x.backend)
    if dt.kind_rank(places.dtype) != 1:
        raise DTypeError(
            f"{name}: indices are integers, received {places.dtype}",
            fix="pass the second result of max_pool with return_indices=True",
            op=name,
        )
    if places.shape != x.shape:
        raise ShapeError(
            f"{name}: the input and its indices differ in shape",
            facts=[f"input    {x.shape}", f"indices  {places.shape}"],
            fix="pass both as max_pool gave them",
            op=name,
        )
    out = _unpooled_shape(name, n, x, size, stride, padding, output_size)
    lead, count = x.shape[:-n], prod(out)
    if x.backend.can_look(places._raw):
        _check_places(name, x.backend.to_numpy(places._raw), out)
    frame = wrap(x.backend.full((*lead, count), 0, x.dtype, x.device), x.backend, None)
    flat = (*lead, prod(x.shape[-n:]))
    return reshape(scatter(frame, reshape(places, flat), reshape(x, flat)), (*lead, *out))


def _unpooled_shape(
    name: str, n: int, x: Tensor, size: Any, stride: Any, padding: Any, output_size: Any
) -> tuple[int, ...]:
    sizes = each_axis(name, "kernel_size", size, n, 1)
    strides = sizes if stride is None or stride in ((), []) else each_axis(name, "stride", stride, n, 1)
    paddings = each_axis(name, "padding", padding, n, 0)
    default = tuple(
        [(length - 1) * s - 2 * p + k for length, k, s, p in zip(x.shape[-n:], sizes, strides, paddings, strict=True)]
    )
    if output_size is None:
        return default
    given = whole_numbers(name, "output_size", output_size)
    if len(given) not in (n, n + 2, x.ndim):
        raise InvalidValueError(
            f"{name}: output_size has {len(given)} numbers",
            fix=f"pass {n}, or as many as the input has axes",
            op=name,
        )
    given = given[-n:]
    if any(abs(m - d) >= s for m, d, s in zip(given, default, strides, strict=True)):
        raise ShapeError(
            f"{name}: max pooling does not make this input out of output_size",
            facts=[
                f"output_size      {given}",
                f"without it       {default}",
                f"less than a stride apart, which is {strides}",
            ],
            fix="pass the shape of what was pooled",
            op=name,
        )
    return given


def _check_places(name: str, places: Any, shape: tuple[int, ...]) -> None:
    count = prod(shape)
    if places.size and (places.min() < 0 or places.max() >= count):
        wrong = int(places.max()) if places.max() >= count else int(places.min())
        raise IndexOutOfRangeError(
            f"{name}: the index {wrong} lies outside the result",
            facts=[f"the result is {shape}, so indices go from 0 to {count - 1}"],
            fix="pass the indices of the max_pool that made the input, or the right output_size",
            op=name,
            index=wrong,
        )
