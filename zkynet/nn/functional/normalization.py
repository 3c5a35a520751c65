"""Layer, RMS, group, instance and batch normalisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from zkynet._typing import Array
from zkynet.autodiff.modes import no_grad
from zkynet.errors import ArgumentError, ShapeError
from zkynet.namespace_info import finfo
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.normalization_checks import (
    channels_of,
    check_channels,
    groups_divide,
    more_than_one,
    of_shape,
    share,
    small,
    trailing_shape,
)
from zkynet.nn.functional.standardizing import narrow, standardize, summed_to, wide
from zkynet.ops.arguments import flag, whole
from zkynet.ops.define import op
from zkynet.ops.powers import rsqrt
from zkynet.ops.shaping import reshape
from zkynet.ops.statistics import mean as mean_of
from zkynet.tensor import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm"]


def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring the last axes to mean 0 and variance 1, then scale and shift each place.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``; Ba, Kiros and Hinton, Layer normalization (2016).

    Args:
        input: floats of shape ``(*, *normalized_shape)``.
        normalized_shape: the lengths of the axes that are normalised, the last ones.
        weight: the factors, of shape `normalized_shape`; None for 1.
        bias: what is added, of shape `normalized_shape`; None for 0.
        eps: what is added to the variance.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.layer_norm(zk.tensor([[1.0, 3.0]], dtype="float64"), 2, eps=0.0)
        Tensor([[-1.,  1.]], dtype=float64)
    """
    floats("layer_norm", input=input, weight=weight, bias=bias)
    eps = small("layer_norm", "eps", eps)
    shape = trailing_shape("layer_norm", input, normalized_shape)
    of_shape("layer_norm", "weight", weight, shape)
    of_shape("layer_norm", "bias", bias, shape)
    return standardize(input, weight, bias, tuple(range(input.ndim - len(shape), input.ndim)), eps, True)[0]


def rms_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Divide the last axes by their root mean square, then scale each place.

    ``y = x / sqrt(mean(x**2) + eps) * weight``; Zhang and Sennrich, Root mean square layer normalization (2019).

    Args:
        input: floats of shape ``(*, *normalized_shape)``.
        normalized_shape: the lengths of the axes that are normalised, the last ones.
        weight: the factors, of shape `normalized_shape`; None for 1.
        eps: what is added to the mean square; None for the distance from 1 to the next larger number of the dtype.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.rms_norm(zk.tensor([[1.0, 7.0]], dtype="float64"), 2, eps=0.0)
        Tensor([[0.2, 1.4]], dtype=float64)
    """
    floats("rms_norm", input=input, weight=weight)
    eps = float(finfo(input.dtype).eps) if eps is None else small("rms_norm", "eps", eps)
    shape = trailing_shape("rms_norm", input, normalized_shape)
    of_shape("rms_norm", "weight", weight, shape)
    return standardize(input, weight, None, tuple(range(input.ndim - len(shape), input.ndim)), eps, False)[0]


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each group of channels of each example to mean 0 and variance 1, then scale and shift each channel.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``; Wu and He, Group normalization (2018).

    Args:
        input: floats of shape ``(N, C, *)``.
        num_groups: into how many groups the channels are divided, in order.
        weight: the factors, of shape ``(C,)``; None for 1.
        bias: what is added, of shape ``(C,)``; None for 0.
        eps: what is added to the variance.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[1.0, 3.0, 10.0, 30.0]], dtype="float64")
        >>> zk.nn.functional.group_norm(x, 2, eps=0.0)
        Tensor([[-1.,  1., -1.,  1.]], dtype=float64)
    """
    floats("group_norm", input=input, weight=weight, bias=bias)
    eps = small("group_norm", "eps", eps)
    groups = whole("group_norm", "num_groups", num_groups)
    channels = channels_of("group_norm", input)
    groups_divide("group_norm", groups, channels, "the input")
    more_than_one("group_norm", input, input.size // groups, "group")
    of_shape("group_norm", "weight", weight, (channels,))
    of_shape("group_norm", "bias", bias, (channels,))
    each = channels // groups
    length = math.prod(input.shape[2:])
    grouped = reshape(input, (input.shape[0], groups, each, length))
    factor, shift = [None if t is None else reshape(t, (groups, each, 1)) for t in (weight, bias)]
    return reshape(standardize(grouped, factor, shift, (2, 3), eps, True)[0], input.shape)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel of each example to mean 0 and variance 1, then scale and shift each channel.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``; Ulyanov, Vedaldi and Lempitsky, Instance normalization
    (2016). Running statistics, if given, take in the averages over the examples.

    Args:
        input: floats of shape ``(N, C, *)`` with at least one axis behind the channels.
        running_mean: the mean so far, of shape ``(C,)``; gets a new value if `use_input_stats`.
        running_var: the variance so far, of shape ``(C,)``; gets a new value if `use_input_stats`.
        weight: the factors, of shape ``(C,)``; None for 1.
        bias: what is added, of shape ``(C,)``; None for 0.
        use_input_stats: whether to use mean and variance of the input, else those that were given.
        momentum: the share of the new mean and variance in the running ones.
        eps: what is added to the variance.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[[1.0, 3.0], [10.0, 30.0]]], dtype="float64")
        >>> zk.nn.functional.instance_norm(x, eps=0.0)
        Tensor([[[-1.,  1.],
                 [-1.,  1.]]], dtype=float64)
    """
    name = "instance_norm"
    floats(name, input=input, weight=weight, bias=bias)
    if input.ndim < 3:
        raise ShapeError(
            f"{name}: input has at least 3 axes, received {input.ndim}",
            facts=[f"input     {input.shape}", "expected  (N, C, *)"],
            fix="add the missing axes with input[None]",
            op=name,
            shape=input.shape,
        )
    eps, momentum = small(name, "eps", eps), share(name, momentum)
    check_channels(name, input, running_mean, running_var, weight, bias)
    if not flag(name, "use_input_stats", use_input_stats):
        return by_running(name, input, running_mean, running_var, weight, bias, eps)
    return by_instance(name, input, running_mean, running_var, weight, bias, momentum, eps)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel to mean 0 and variance 1 over the batch, then scale and shift it.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``; Ioffe and Szegedy, Batch normalization (2015). The
    running variance is the unbiased one, that with ``n - 1``, of which `y` is not made. An empty batch gives an empty
    result and leaves the running statistics as they are.

    Args:
        input: floats of shape ``(N, C, *)``.
        running_mean: the mean so far, of shape ``(C,)``; gets a new value if `training`. None if it is not kept.
        running_var: the variance so far, of shape ``(C,)``; gets a new value if `training`. None if it is not kept.
        weight: the factors, of shape ``(C,)``; None for 1.
        bias: what is added, of shape ``(C,)``; None for 0.
        training: whether to use mean and variance of the batch, else those that were given.
        momentum: the share of the new mean and variance in the running ones.
        eps: what is added to the variance.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[1.0], [3.0]], dtype="float64")
        >>> mean, var = zk.zeros(1, dtype="float64"), zk.ones(1, dtype="float64")
        >>> zk.nn.functional.batch_norm(x, mean, var, training=True, eps=0.0)
        Tensor([[-1.],
                [ 1.]], dtype=float64)
        >>> mean, var
        (Tensor([0.2], dtype=float64), Tensor([1.1], dtype=float64))
    """
    name = "batch_norm"
    floats(name, input=input, weight=weight, bias=bias)
    eps, momentum = small(name, "eps", eps), share(name, momentum)
    check_channels(name, input, running_mean, running_var, weight, bias)
    if not flag(name, "training", training):
        return by_running(name, input, running_mean, running_var, weight, bias, eps)
    return by_batch(name, input, running_mean, running_var, weight, bias, momentum, eps)


def by_instance(
    name: str, input: Tensor, running_mean: Any, running_var: Any, weight: Any, bias: Any, momentum: Any, eps: float
) -> Tensor:
    """`instance_norm` with the statistics of the input; `momentum` may be a tensor."""
    count = math.prod(input.shape[2:])
    more_than_one(name, input, count, "channel of an example")
    factor, shift = _of_channels(input, weight), _of_channels(input, bias)
    axes = tuple(range(2, input.ndim))
    y, mean, var = standardize(input, factor, shift, axes, eps, True)
    if input.size:
        each = input.shape[:2]
        _take_in(running_mean, mean_of(reshape(mean.detach(), each), axis=0), momentum)
        _take_in(running_var, mean_of(reshape(var.detach(), each), axis=0) * (count / (count - 1)), momentum)
    return y


def by_batch(
    name: str, input: Tensor, running_mean: Any, running_var: Any, weight: Any, bias: Any, momentum: Any, eps: float
) -> Tensor:
    """`batch_norm` with the statistics of the batch; `momentum` may be a tensor."""
    axes = (0, *range(2, input.ndim))
    count = input.shape[0] * math.prod(input.shape[2:])
    more_than_one(name, input, count, "channel")
    factor, shift = _of_channels(input, weight), _of_channels(input, bias)
    y, mean, var = standardize(input, factor, shift, axes, eps, True)
    if input.size:
        _take_in(running_mean, reshape(mean.detach(), (-1,)), momentum)
        _take_in(running_var, reshape(var.detach(), (-1,)) * (count / (count - 1)), momentum)
    return y


def _take_in(running: Tensor | None, new: Tensor, momentum: Any) -> None:
    """Move a running statistic towards that of a batch; the tensor gets a new array, its old one is not written to."""
    if running is not None:
        with no_grad():
            running.data = (running * (1 - momentum) + new * momentum).astype(running.dtype)


def by_running(name: str, x: Tensor, mean: Any, var: Any, weight: Any, bias: Any, eps: float) -> Tensor:
    """Normalised by statistics that were given."""
    if mean is None or var is None:
        raise ArgumentError(
            f"{name}: outside of training, running_mean and running_var are needed",
            fix="pass both, or normalise by the statistics of the input",
            op=name,
        )
    wide_var = var if var.dtype.itemsize > 2 else var.astype("float32")
    scale = rsqrt(wide_var + eps)
    scale = scale if weight is None else scale * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    return scale_and_shift(x, _of_channels(x, scale), _of_channels(x, shift))


@op(name="nn.scale_and_shift", kinds="real float", promote=False)
def scale_and_shift(xp: Any, x: Array, scale: Array, shift: Array) -> Array:
    """``x * scale + shift`` in the dtype of `x`; `scale` and `shift` broadcast to `x`."""
    return narrow(xp, wide(xp, x) * wide(xp, scale) + wide(xp, shift), x)


@scale_and_shift.gradient("x")
def _(xp: Any, g: Any, scale: Any) -> Any:
    return narrow(xp, wide(xp, g) * wide(xp, scale), g)


@scale_and_shift.gradient("scale")
def _(xp: Any, g: Any, x: Any, scale: Any) -> Any:
    return narrow(xp, summed_to(xp, wide(xp, g) * wide(xp, x), scale.shape), scale)


@scale_and_shift.gradient("shift")
def _(xp: Any, g: Any, shift: Any) -> Any:
    return narrow(xp, summed_to(xp, wide(xp, g), shift.shape), shift)


def _of_channels(x: Tensor, t: Any) -> Any:
    """A tensor of one number for each channel in a shape that broadcasts to `x`."""
    return t if t is None or x.ndim == 2 else reshape(t, (-1, *(1,) * (x.ndim - 2)))
