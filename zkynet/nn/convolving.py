"""What convolution layers over any number of axes share."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.functional.convolution_arguments import AXES, as_pairs, per_axis
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sizes import SizedByInput, check_size
from zkynet.ops.arguments import whole_numbers
from zkynet.ops.padding import pad
from zkynet.tensor import Tensor

__all__: list[str] = []

PerAxis = int | tuple[int, ...]
Padding = int | tuple[int, ...] | str

MODES = ("zeros", "reflect", "replicate", "circular")


class Convolution(SizedByInput):
    """What convolutions and transposed convolutions over any number of axes share."""

    size_name = "in_channels"
    ndim: ClassVar[int]

    def _set_up(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis,
        dilation: PerAxis,
        groups: int,
    ) -> None:
        layer = type(self).__name__
        self.groups = check_size(layer, "groups", groups)
        self.in_channels = None if in_channels is None else check_size(layer, "in_channels", in_channels)
        self.out_channels = check_size(layer, "out_channels", out_channels)
        for name, count in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if count is not None:
                self._check_divisible(name, count)
        self.kernel_size = per_axis(layer, "kernel_size", kernel_size, self.ndim, 1)
        self.stride = per_axis(layer, "stride", stride, self.ndim, 1)
        self.dilation = per_axis(layer, "dilation", dilation, self.ndim, 1)

    def _check_divisible(self, name: str, count: int) -> None:
        if count % self.groups:
            layer = type(self).__name__
            raise InvalidValueError(
                f"{layer}: {name} {count} cannot be split into {self.groups} groups",
                fix=f"use a number of groups that divides {count}",
                op=layer,
                channels=count,
                groups=self.groups,
            )

    def _make(self, shape: tuple[int | None, ...], bias: bool, device: DeviceLike, dtype: DTypeLike) -> None:
        self.weight = new_parameter(shape, dtype, device)
        self.bias = new_parameter((self.out_channels,), dtype, device) if bias else None
        if self.in_channels is not None:
            self.reset_parameters()

    def infer(self, size: int) -> None:
        """Take the number of input channels, and make the weight that waits for it.

        Args:
            size: the number of channels.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.Conv1d(None, 4, 3)
            >>> layer.infer(2); layer.weight.shape
            (4, 2, 3)
        """
        self._check_divisible("in_channels", size)
        super().infer(size)

    def reset_parameters(self) -> None:
        """Give weight and bias new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Conv1d(2, 4, 3).reset_parameters()
        """
        bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def _sized(self, input: Any) -> None:
        """Take the number of channels from the first input."""
        if self.in_channels is None and len(input.shape) in (self.ndim + 1, self.ndim + 2):
            self.infer(input.shape[-self.ndim - 1])

    def _described(self, **more: Any) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, (value, usual) in more.items():
            text += f", {name}={value!r}" if value != usual else ""
        if self.dilation != (1,) * self.ndim:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text + (", bias=False" if self.bias is None else "")


class Conv(Convolution):
    """A convolution over `ndim` axes."""

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        layer = type(self).__name__
        self._set_up(in_channels, out_channels, kernel_size, stride, dilation, groups)
        pairs = as_pairs(layer, padding, self.kernel_size, self.stride, self.dilation)
        self.padding = padding if isinstance(padding, str) else tuple([n for n, _ in pairs])
        if padding_mode not in MODES:
            raise InvalidValueError(
                f"{layer}: padding_mode is one of {', '.join(MODES)}, received {padding_mode!r}",
                fix="leave it out for zeros",
                op=layer,
            )
        self.padding_mode = padding_mode
        self._pairs = pairs
        channels = None if self.in_channels is None else self.in_channels // self.groups
        self._make((self.out_channels, channels, *self.kernel_size), bias, device, dtype)

    def shape_of(self, name: str, size: int) -> tuple[int, ...]:
        """The shape of the weight for a number of input channels.

        Args:
            name: the name of the parameter.
            size: the number of input channels.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Conv1d(None, 4, 3, groups=2).shape_of("weight", 6)
            (4, 3, 3)
        """
        return (self.out_channels, size // self.groups, *self.kernel_size)

    def size_from(self, name: str, shape: tuple[int, ...]) -> int:
        """The number of input channels that a weight of a shape takes.

        Args:
            name: the name of the parameter.
            shape: its shape.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Conv1d(None, 4, 3, groups=2).size_from("weight", (4, 3, 3))
            6
        """
        return shape[1] * self.groups

    def forward(self, input: Tensor) -> Tensor:
        """The convolution of the input.

        Args:
            input: (N, in_channels, ...), or (in_channels, ...) for a single example.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Conv1d(2, 4, 3).forward(zk.ones((5, 2, 8))).shape
            (5, 4, 6)
        """
        self._sized(input)
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            lead = len(input.shape) - self.ndim
            if lead in (1, 2):
                input = pad(input, (*((0, 0),) * lead, *self._pairs), mode=self.padding_mode)
            padding = 0
        function = (F.conv1d, F.conv2d, F.conv3d)[self.ndim - 1]
        return function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The sizes, and what is not as usual.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Conv1d(2, 4, 3, padding=1).extra_repr()
            '2, 4, kernel_size=(3,), stride=(1,), padding=(1,)'
        """
        return self._described(padding=(self.padding, (0,) * self.ndim), padding_mode=(self.padding_mode, "zeros"))


class ConvTranspose(Convolution):
    """A transposed convolution over `ndim` axes."""

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        output_padding: PerAxis = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: PerAxis = 1,
        padding_mode: str = "zeros",
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        layer = type(self).__name__
        self._set_up(in_channels, out_channels, kernel_size, stride, dilation, groups)
        self.padding = per_axis(layer, "padding", padding, self.ndim, 0)
        self.output_padding = per_axis(layer, "output_padding", output_padding, self.ndim, 0)
        if padding_mode != "zeros":
            raise InvalidValueError(
                f'{layer}: padding_mode is "zeros", received {padding_mode!r}',
                facts=["padding cuts the result here, nothing is filled in"],
                fix="leave padding_mode out",
                op=layer,
            )
        self.padding_mode = padding_mode
        self._make((self.in_channels, self.out_channels // self.groups, *self.kernel_size), bias, device, dtype)

    def forward(self, input: Tensor, output_size: tuple[int, ...] | None = None) -> Tensor:
        """The transposed convolution of the input.

        Args:
            input: (N, in_channels, ...), or (in_channels, ...) for a single example.
            output_size: the lengths of the result along its last axes, where a stride leaves a choice; it then stands
                in place of the layer's `output_padding`.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.ConvTranspose1d(2, 4, 3, stride=2)
            >>> x = zk.ones((5, 2, 8))
            >>> layer.forward(x).shape, layer.forward(x, output_size=(18,)).shape
            ((5, 4, 17), (5, 4, 18))
        """
        self._sized(input)
        if len(getattr(input, "shape", ())) <= self.ndim:
            output_size = None  # the function says what is wrong with the input
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.ndim - 1]
        return function(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _extra(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The `output_padding` that makes a result of this size."""
        layer, ndim = type(self).__name__, self.ndim
        wanted = whole_numbers(layer, "output_size", output_size)
        wanted = wanted[-ndim:] if len(wanted) == len(input.shape) else wanted
        if len(wanted) != ndim:
            raise ShapeError(
                f"{layer}: output_size has {len(wanted)} numbers for {ndim} axes",
                facts=[f"output_size  {wanted}", f"axes  {', '.join(AXES[ndim])}"],
                fix=f"pass {ndim} of them",
                op=layer,
            )
        least = tuple(
            [
                (n - 1) * s - 2 * p + d * (k - 1) + 1
                for n, s, p, d, k in zip(
                    input.shape[-ndim:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
                )
            ]
        )
        most = tuple([n + s - 1 for n, s in zip(least, self.stride, strict=True)])
        if not all(a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise ShapeError(
                f"{layer}: no input of this size makes a result of {wanted}",
                facts=[f"input  {tuple(input.shape)}", f"smallest result  {least}", f"largest result  {most}"],
                fix="ask for a size between the two",
                op=layer,
            )
        return tuple([n - a for n, a in zip(wanted, least, strict=True)])

    def extra_repr(self) -> str:
        """The sizes, and what is not as usual.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ConvTranspose1d(2, 4, 3, stride=2).extra_repr()
            '2, 4, kernel_size=(3,), stride=(2,)'
        """
        usual = (0,) * self.ndim
        return self._described(padding=(self.padding, usual), output_padding=(self.output_padding, usual))
