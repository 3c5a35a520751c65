"""Normalising layers without running statistics: layer, RMS, group and local response norm."""

from __future__ import annotations

from collections.abc import Sequence

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ShapeError
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.normalization_checks import channels_of, groups_divide, small, whole_shape
from zkynet.nn.module import Module
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sizes import SizedByInput, check_size
from zkynet.ops.arguments import flag, number
from zkynet.tensor import Tensor

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class LayerNorm(Module):
    """Brings the last axes to mean 0 and variance 1, then scales and shifts each place.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``

    Args:
        normalized_shape: the lengths of the axes that are normalised, the last ones.
        eps: what is added to the variance.
        elementwise_affine: whether there are factors (and shifts) to be learned.
        bias: whether there are shifts.
        device: where the parameters live.
        dtype: their data type.

    Shapes: (*, *normalized_shape), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LayerNorm(4)(zk.ones((2, 3, 4))).shape
        (2, 3, 4)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.normalized_shape = whole_shape("LayerNorm", normalized_shape)
        self.eps = small("LayerNorm", "eps", eps)
        self.elementwise_affine = flag("LayerNorm", "elementwise_affine", elementwise_affine)
        shifted = flag("LayerNorm", "bias", bias) and self.elementwise_affine
        self.weight = new_parameter(self.normalized_shape, dtype, device) if self.elementwise_affine else None
        self.bias = new_parameter(self.normalized_shape, dtype, device) if shifted else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to 1 and the shifts to 0.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LayerNorm(4).reset_parameters()
        """
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input.

        Args:
            input: floats of shape (*, *normalized_shape).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LayerNorm((3, 4)).forward(zk.ones((2, 3, 4))).shape
            (2, 3, 4)
        """
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LayerNorm(4).extra_repr()
            '(4,), eps=1e-05, elementwise_affine=True'
        """
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class RMSNorm(Module):
    """Divides the last axes by their root mean square, then scales each place.

    ``y = x / sqrt(mean(x**2) + eps) * weight``

    Args:
        normalized_shape: the lengths of the axes that are normalised, the last ones.
        eps: what is added to the mean square; None for the distance from 1 to the next larger number of the dtype.
        elementwise_affine: whether there are factors to be learned.
        device: where the parameters live.
        dtype: their data type.

    Shapes: (*, *normalized_shape), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.RMSNorm(4)(zk.ones((2, 3, 4))).shape
        (2, 3, 4)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.normalized_shape = whole_shape("RMSNorm", normalized_shape)
        self.eps = None if eps is None else small("RMSNorm", "eps", eps)
        self.elementwise_affine = flag("RMSNorm", "elementwise_affine", elementwise_affine)
        self.weight = new_parameter(self.normalized_shape, dtype, device) if self.elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to 1.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RMSNorm(4).reset_parameters()
        """
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input.

        Args:
            input: floats of shape (*, *normalized_shape).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RMSNorm((3, 4)).forward(zk.ones((2, 3, 4))).shape
            (2, 3, 4)
        """
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RMSNorm(4).extra_repr()
            '(4,), eps=None, elementwise_affine=True'
        """
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(SizedByInput):
    """Brings each group of channels of each example to mean 0 and variance 1, then scales and shifts each channel.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``

    Args:
        num_groups: into how many groups the channels are divided, in order.
        num_channels: how many channels there are; None to take that of the first input.
        eps: what is added to the variance.
        affine: whether there are a factor and a shift to be learned.
        device: where the parameters live.
        dtype: their data type.

    Shapes: (N, C, *), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.GroupNorm(2, 4)(zk.ones((8, 4, 5, 5))).shape
        (8, 4, 5, 5)
    """

    size_name = "num_channels"

    def __init__(
        self,
        num_groups: int,
        num_channels: int | None,
        eps: float = 1e-5,
        affine: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.num_groups = check_size("GroupNorm", "num_groups", num_groups)
        self.num_channels = None if num_channels is None else check_size("GroupNorm", "num_channels", num_channels)
        if self.num_channels is not None:
            groups_divide("GroupNorm", self.num_groups, self.num_channels, "the layer")
        self.eps = small("GroupNorm", "eps", eps)
        self.affine = flag("GroupNorm", "affine", affine)
        self.weight = new_parameter((self.num_channels,), dtype, device) if self.affine else None
        self.bias = new_parameter((self.num_channels,), dtype, device) if self.affine else None
        if self.num_channels is not None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to 1 and the shifts to 0.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GroupNorm(2, 4).reset_parameters()
        """
        if self.weight is not None and self.bias is not None:
            init.ones_(self.weight)
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input.

        Args:
            input: floats of shape (N, C, *).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GroupNorm(2, 4).forward(zk.ones((8, 4))).shape
            (8, 4)
        """
        floats("GroupNorm", input=input)
        channels = channels_of("GroupNorm", input)
        if self.num_channels is None:
            groups_divide("GroupNorm", self.num_groups, channels, "the input")
            self.infer(channels)
        elif channels != self.num_channels:
            raise ShapeError(
                f"GroupNorm: the input has {channels} channels, the layer was made for {self.num_channels}",
                facts=[f"input         {input.shape}, which is (N, C, *)", f"num_channels  {self.num_channels}"],
                fix=f"make the layer with num_channels={channels}, or move the channels to axis 1",
                op="GroupNorm",
                shape=input.shape,
            )
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GroupNorm(2, 4).extra_repr()
            '2, 4, eps=1e-05, affine=True'
        """
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LocalResponseNorm(Module):
    """Divides by a power of the mean square over neighbouring channels.

    ``y = x / (k + alpha * mean(x**2 over size channels))**beta``, see `functional.local_response_norm`.

    Args:
        size: over how many channels the mean square is taken.
        alpha: the factor of the mean square.
        beta: the exponent.
        k: what is added to the mean square.

    Shapes: (N, C, *), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LocalResponseNorm(2)(zk.ones((8, 4, 5))).shape
        (8, 4, 5)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size = check_size("LocalResponseNorm", "size", size)
        self.alpha = number("LocalResponseNorm", "alpha", alpha)
        self.beta = number("LocalResponseNorm", "beta", beta)
        self.k = number("LocalResponseNorm", "k", k)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input.

        Args:
            input: floats of shape (N, C, *).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LocalResponseNorm(2).forward(zk.ones((8, 4, 5))).shape
            (8, 4, 5)
        """
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LocalResponseNorm(2).extra_repr()
            '2, alpha=0.0001, beta=0.75, k=1.0'
        """
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
