"""What normalisation asks of its arguments, for functions and layers alike."""

from __future__ import annotations

import math
from typing import Any

from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import number, whole_numbers
from zkynet.tensor import Tensor

__all__: list[str] = []


def small(name: str, argument: str, value: Any) -> float:
    """A number that is not negative, for a denominator's sake."""
    value = number(name, argument, value)
    if not 0 <= value < math.inf:
        raise InvalidValueError(
            f"{name}: {argument} is a finite number from 0 on, received {value}",
            fix=f"pass a small positive {argument}, such as 1e-5",
            op=name,
        )
    return float(value)


def share(name: str, momentum: Any) -> float:
    """The momentum of running statistics, from 0 to 1."""
    momentum = number(name, "momentum", momentum)
    if not 0 <= momentum <= 1:
        raise InvalidValueError(
            f"{name}: momentum is the share of the new statistics, from 0 to 1, received {momentum}",
            fix="pass 0.1, or momentum=None to the layer for the average of all batches",
            op=name,
        )
    return float(momentum)


def whole_shape(name: str, normalized_shape: Any) -> tuple[int, ...]:
    """`normalized_shape` as a tuple of lengths, at least one."""
    shape = whole_numbers(name, "normalized_shape", normalized_shape)
    if not shape or min(shape) < 0:
        raise InvalidValueError(
            f"{name}: normalized_shape is {shape}", fix="pass the lengths of the last axes, at least one", op=name
        )
    return shape


def trailing_shape(name: str, x: Tensor, normalized_shape: Any) -> tuple[int, ...]:
    """`normalized_shape` as a tuple that the last axes of `x` agree with."""
    shape = whole_shape(name, normalized_shape)
    if tuple(x.shape[-len(shape) :]) != shape:
        raise ShapeError(
            f"{name}: the last axes of the input are not normalized_shape",
            facts=[f"input             {x.shape}", f"normalized_shape  {shape}"],
            fix="pass the lengths of the axes to normalise, which are the last ones",
            op=name,
            shape=x.shape,
        )
    return shape


def of_shape(name: str, argument: str, value: Any, shape: tuple[int, ...]) -> None:
    """Refuse a parameter of another shape; None is one that is absent."""
    if value is not None:
        have = value.shape
        if have != shape:
            raise ShapeError(
                f"{name}: {argument} has the shape {have}, expected {shape}",
                fix=f"pass {argument} with one number for each channel or place, or None",
                op=name,
                shape=have,
            )


def channels_of(name: str, x: Tensor) -> int:
    """The length of axis 1."""
    if x.ndim < 2:
        raise ShapeError(
            f"{name}: input has at least 2 axes, received {x.ndim}",
            facts=[f"input     {x.shape}", "expected  (N, C, *)"],
            fix="add the axis of the batch with x[None]",
            op=name,
            shape=x.shape,
        )
    return x.shape[1]


def groups_divide(name: str, groups: int, channels: int, whose: str) -> None:
    """Refuse groups that the channels cannot be divided into."""
    if groups < 1 or channels % groups:
        raise InvalidValueError(
            f"{name}: the {channels} channels of {whose} cannot be divided into {groups} groups",
            fix=f"pass num_groups that divides {channels}",
            op=name,
            channels=channels,
            groups=groups,
        )


def more_than_one(name: str, x: Tensor, count: int, what: str) -> None:
    """Refuse statistics of a single value, whose variance is 0 whatever it is."""
    if count == 1:
        raise InvalidValueError(
            f"{name}: there is a single value for each {what}, which has no variance",
            facts=[f"input  {x.shape}"],
            fix="use a larger batch (drop the last, incomplete one), or eval()",
            op=name,
            shape=x.shape,
        )


def check_channels(name: str, x: Tensor, mean: Any, var: Any, weight: Any, bias: Any) -> None:
    """Refuse statistics and parameters that are not one number for each channel."""
    channels = channels_of(name, x)
    of_shape(name, "running_mean", mean, (channels,))
    of_shape(name, "running_var", var, (channels,))
    of_shape(name, "weight", weight, (channels,))
    of_shape(name, "bias", bias, (channels,))
