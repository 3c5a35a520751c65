"""Windows that slide over the last axes of an array: where they lie, and what is wrong with those that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import flag, whole_numbers
from zkynet.ops.casting import as_tensor
from zkynet.tensor import Tensor

__all__: list[str] = []

Ints = tuple[int, ...]


class Window(NamedTuple):
    """Windows over the last axes of an array, one number for each of these axes.

    Along an axis, window `o` looks at the places ``o * stride - padding + k * dilation`` for k from 0 to size - 1.
    """

    size: Ints
    stride: Ints
    padding: Ints
    dilation: Ints
    shape: Ints
    """The lengths of the axes that the windows slide over."""
    out: Ints
    """How many windows there are along each axis."""

    @property
    def axes(self) -> range:
        """The axes that the windows slide over, counted from the end."""
        return range(-len(self.size), 0)

    @property
    def after(self) -> Ints:
        """How much has to be added behind each axis for the last window to fit."""
        return tuple(
            [
                max((o - 1) * s + (k - 1) * d + 1 - n - p, 0)
                for k, s, p, d, n, o in zip(
                    self.size, self.stride, self.padding, self.dilation, self.shape, self.out, strict=True
                )
            ]
        )

    @property
    def padded(self) -> Ints:
        """The lengths of the axes once they are padded."""
        return tuple([n + p + a for n, p, a in zip(self.shape, self.padding, self.after, strict=True)])

    @property
    def offsets(self) -> Iterator[tuple[Any, ...]]:
        """For each place in a window, the last axis fastest, a key to that place of all windows in the padded array."""
        parts = [self.offsets_along(axis) for axis in self.axes]
        return ((..., *key) for key in product(*parts))

    def offsets_along(self, axis: int) -> list[slice]:
        """For each place in a window along one axis, a slice to that place of all windows."""
        s, d, o = self.stride[axis], self.dilation[axis], self.out[axis]
        return [slice(k * d, k * d + (o - 1) * s + 1, s) for k in range(self.size[axis])]

    @property
    def inside(self) -> tuple[Any, ...]:
        """A key to the array within the padded one."""
        return (..., *[slice(p, p + n) for p, n in zip(self.padding, self.shape, strict=True)])

    def starts(self, axis: int) -> np.ndarray[Any, Any]:
        """Where each window starts along an axis; before 0 in the padding."""
        return np.arange(self.out[axis]) * self.stride[axis] - self.padding[axis]


def along(axis: int, part: slice) -> tuple[Any, ...]:
    """A key that cuts one axis, counted from the end."""
    return (..., part, *(slice(None),) * (-1 - axis))


def padded(xp: Any, x: Any, window: Window, value: float) -> Any:
    """A raw array with `value` around it, as far as the windows reach."""
    if not any(window.padding) and not any(window.after):
        return x
    rest = len(x.shape) - len(window.size)
    widths = ((0, 0),) * rest + tuple(zip(window.padding, window.after, strict=True))
    return xp.pad(x, widths, value=value)


def table(xp: Any, numbers: Any, like: Any) -> Any:
    """Numbers that follow from shapes alone as an array where `like` is."""
    return xp.backend.from_numpy(np.ascontiguousarray(numbers), xp.backend.device_of(like))


def sliding(
    name: str, x: Tensor, n: int, size: Any, stride: Any, padding: Any, dilation: Any = 1, ceil_mode: Any = False
) -> Window:
    """The windows that a function of a user's arguments slides over the last `n` axes of a tensor."""
    if x.ndim not in (n + 1, n + 2):
        raise wrong_rank(name, x, n)
    given = (*map(hashable, (size, stride, padding, dilation)), ceil_mode)
    try:
        return _window(name, n, x.shape[-n:], *given)
    except TypeError:  # of something that cannot be remembered, which is a mistake
        return _window.__wrapped__(name, n, x.shape[-n:], *given)


def hashable(value: Any) -> Any:
    """A user's list or array of numbers as a tuple, so that a dictionary takes it as a key."""
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return tuple(value) if isinstance(value, list) else value


AXES = ("length", "height and width", "depth, height and width")


def wrong_rank(name: str, x: Tensor, n: int) -> ShapeError:
    """The error for a tensor with the wrong number of axes."""
    spatial = ("L", "H, W", "D, H, W")[n - 1]
    return ShapeError(
        f"{name}: the input has {x.ndim} {'axis' if x.ndim == 1 else 'axes'}, it has to have {n + 1} or {n + 2}",
        facts=[f"input  {x.shape}", f"it is read as (N, C, {spatial}), or without a batch as (C, {spatial})"],
        fix="add the missing axes: x[None] puts one in front",
        op=name,
    )


def spatial_tensor(name: str, x: Any, n: int) -> Tensor:
    """`x` as a tensor of channels and `n` axes of space, with or without a batch."""
    x = as_tensor(name, x)
    if x.ndim not in (n + 1, n + 2):
        raise wrong_rank(name, x, n)
    return x


def each_axis(name: str, argument: str, value: Any, n: int, least: int) -> Ints:
    """A whole number for each of `n` axes, from one for all or from a tuple, none of them below `least`."""
    numbers = whole_numbers(name, argument, value)
    numbers = numbers * n if len(numbers) == 1 else numbers
    if len(numbers) != n:
        raise InvalidValueError(
            f"{name}: {argument} has {len(numbers)} numbers for {n} {'axis' if n == 1 else 'axes'}",
            facts=[f"{argument}  {value}"],
            fix=f"pass one number, or one for each of {AXES[n - 1]}",
            op=name,
        )
    if min(numbers) < least:
        raise InvalidValueError(
            f"{name}: {argument} is at least {least}, received {value}", fix=f"pass a larger {argument}", op=name
        )
    return numbers


@lru_cache(1024)
def _window(
    name: str, n: int, shape: Ints, size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> Window:
    size = each_axis(name, "kernel_size", size, n, 1)
    stride = size if stride is None or stride == () else each_axis(name, "stride", stride, n, 1)
    padding = each_axis(name, "padding", padding, n, 0)
    dilation = each_axis(name, "dilation", dilation, n, 1)
    up = flag(name, "ceil_mode", ceil_mode)
    out = []
    for length, k, s, p, d in zip(shape, size, stride, padding, dilation, strict=True):
        reach = (k - 1) * d + 1
        if 2 * p > reach:
            raise InvalidValueError(
                f"{name}: padding is more than half of the kernel",
                facts=[f"padding  {p}", f"kernel   {k}" + (f", {reach} with its dilation" if d > 1 else "")],
                fix="pad by half of the kernel at most, or pad the input with F.pad first",
                op=name,
            )
        count = (length + 2 * p - reach + (s - 1 if up else 0)) // s + 1
        if up and (count - 1) * s >= length + p:  # the last window would start behind the input
            count -= 1
        if count < 1 or length < 1:
            raise ShapeError(
                f"{name}: the kernel is larger than the input with its padding",
                facts=[
                    f"input    {shape} (of {AXES[n - 1]})",
                    f"kernel   {size}" + (f" with dilation {dilation}" if prod(dilation) > 1 else ""),
                    f"padding  {padding}",
                ],
                fix="use a smaller kernel, more padding, or larger inputs",
                op=name,
            )
        out.append(count)
    return Window(size, stride, padding, dilation, shape, tuple(out))
