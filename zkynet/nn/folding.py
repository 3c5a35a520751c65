"""Layers that take images apart into windows, and put windows together."""

from __future__ import annotations

from zkynet.nn import functional as F
from zkynet.nn.functional.convolution_arguments import per_axis
from zkynet.nn.module import Module
from zkynet.tensor import Tensor

__all__ = ["Fold", "Unfold"]

PerAxis = int | tuple[int, ...]


class Unfold(Module):
    """Every window that slides over images, as a column: `functional.unfold`.

    (N, C, H, W) becomes (N, C * KH * KW, L), with a column for each of L windows.

    Args:
        kernel_size: the size of a window, a number or (KH, KW).
        dilation: how far apart the elements of a window are, a number or one for each axis.
        padding: a number of zeros for all edges, or one for each axis.
        stride: how far the window moves, a number or one for each axis.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Unfold((2, 3))(zk.ones((2, 5, 3, 4))).shape
        (2, 30, 4)
    """

    def __init__(self, kernel_size: PerAxis, dilation: PerAxis = 1, padding: PerAxis = 0, stride: PerAxis = 1) -> None:
        self.kernel_size = per_axis("Unfold", "kernel_size", kernel_size, 2, 1)
        self.dilation = per_axis("Unfold", "dilation", dilation, 2, 1)
        self.padding = per_axis("Unfold", "padding", padding, 2, 0)
        self.stride = per_axis("Unfold", "stride", stride, 2, 1)

    def forward(self, input: Tensor) -> Tensor:
        """The columns.

        Args:
            input: (N, C, H, W), or (C, H, W) for a single example.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Unfold(2).forward(zk.ones((2, 5, 3, 4))).shape
            (2, 20, 6)
        """
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The window.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Unfold(2).extra_repr()
            'kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1)'
        """
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Columns added up to images, each at the place of its window: `functional.fold`, the transpose of `Unfold`.

    (N, C * KH * KW, L) becomes (N, C, H, W).

    Args:
        output_size: the size of the images, a number or (H, W).
        kernel_size: the size of a window, a number or (KH, KW).
        dilation: how far apart the elements of a window are, a number or one for each axis.
        padding: how many zeros the images had at their edges when they were unfolded, a number or one for each axis.
        stride: how far the window moves, a number or one for each axis.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Fold((3, 4), (2, 3))(zk.ones((2, 30, 4))).shape
        (2, 5, 3, 4)
    """

    def __init__(
        self,
        output_size: PerAxis,
        kernel_size: PerAxis,
        dilation: PerAxis = 1,
        padding: PerAxis = 0,
        stride: PerAxis = 1,
    ) -> None:
        self.output_size = per_axis("Fold", "output_size", output_size, 2, 1)
        self.kernel_size = per_axis("Fold", "kernel_size", kernel_size, 2, 1)
        self.dilation = per_axis("Fold", "dilation", dilation, 2, 1)
        self.padding = per_axis("Fold", "padding", padding, 2, 0)
        self.stride = per_axis("Fold", "stride", stride, 2, 1)

    def forward(self, input: Tensor) -> Tensor:
        """The images.

        Args:
            input: (N, C * KH * KW, L), or (C * KH * KW, L) for a single example.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Fold((3, 4), 2).forward(zk.ones((2, 20, 6))).shape
            (2, 5, 3, 4)
        """
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """The sizes and the window.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Fold(3, 2).extra_repr()
            'output_size=(3, 3), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1)'
        """
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
