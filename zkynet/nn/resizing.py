"""Layers that make images, sequences and volumes larger or smaller, or turn channels into pixels."""

from __future__ import annotations

from typing import Any

from zkynet.nn import functional as F
from zkynet.nn.module import Module
from zkynet.tensor import Tensor

__all__ = [
    "ChannelShuffle",
    "PixelShuffle",
    "PixelUnshuffle",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]


class Upsample(Module):
    """Resizing by interpolation, as `functional.interpolate`.

    Args:
        size: the lengths of the axes of the result, or one number for all.
        scale_factor: how many times larger the result is, in place of `size`.
        mode: "nearest", "linear" (of sequences), "bilinear" and "bicubic" (of images), "trilinear" (of volumes), or one
            of the others of `functional.interpolate`.
        align_corners: in the linear and cubic modes, whether the first and last elements stay where they are.
        recompute_scale_factor: whether the factor is taken from the lengths of the result, rather than as passed.

    Shape: (N, C, L), (N, C, H, W) or (N, C, D, H, W); axes of length n become ``floor(n * scale_factor)``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Upsample(scale_factor=2)(zk.tensor([[[1.0, 3.0]]]))
        Tensor([[[1., 1., 3., 3.]]])
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The input in its new size.

        Args:
            input: a batch of sequences, images or volumes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Upsample(size=(4, 6), mode="bilinear").forward(zk.ones((1, 2, 3, 3))).shape
            (1, 2, 4, 6)
        """
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Upsample(scale_factor=2).extra_repr()
            "scale_factor=2, mode='nearest'"
        """
        what = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{what}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images resized by repeating pixels; `Upsample` with mode "nearest".

    Args:
        size: the height and width of the result, or one number for both.
        scale_factor: how many times larger the result is, in place of `size`.

    Shape: (N, C, H, W).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.UpsamplingNearest2d(scale_factor=2)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 6, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images resized by bilinear interpolation, with the corners where they were; `Upsample` with align_corners=True.

    Args:
        size: the height and width of the result, or one number for both.
        scale_factor: how many times larger the result is, in place of `size`.

    Shape: (N, C, H, W).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.UpsamplingBilinear2d(scale_factor=2)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 6, 6)
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """Groups of r² channels spread over squares of r by r pixels, as `functional.pixel_shuffle`.

    Args:
        upscale_factor: r, how many times higher and wider the result is.

    Shape: (*, C r², H, W) becomes (*, C, H r, W r).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.PixelShuffle(2)(zk.ones((1, 8, 3, 3))).shape
        (1, 2, 6, 6)
    """

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The channels as pixels.

        Args:
            input: (*, C r², H, W).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PixelShuffle(2).forward(zk.ones((4, 3, 3))).shape
            (1, 6, 6)
        """
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PixelShuffle(2).extra_repr()
            'upscale_factor=2'
        """
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Squares of r by r pixels made r² channels, as `functional.pixel_unshuffle`.

    Args:
        downscale_factor: r, how many times lower and narrower the result is.

    Shape: (*, C, H r, W r) becomes (*, C r², H, W).

    Example:
        >>> import zkynet as zk
        >>> zk.nn.PixelUnshuffle(2)(zk.ones((1, 2, 6, 6))).shape
        (1, 8, 3, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The pixels as channels.

        Args:
            input: (*, C, H r, W r).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PixelUnshuffle(2).forward(zk.ones((1, 6, 6))).shape
            (4, 3, 3)
        """
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PixelUnshuffle(2).extra_repr()
            'downscale_factor=2'
        """
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels in groups dealt out like cards, as `functional.channel_shuffle`.

    Args:
        groups: how many groups the channels are in.

    Shape: (N, C, *), the same for the result.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ChannelShuffle(2)(zk.ones((1, 8, 3, 3))).shape
        (1, 8, 3, 3)
    """

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        """The channels in their new order.

        Args:
            input: (N, C, *).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ChannelShuffle(2).forward(zk.ones((1, 8, 3, 3))).shape
            (1, 8, 3, 3)
        """
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ChannelShuffle(2).extra_repr()
            'groups=2'
        """
        return f"groups={self.groups}"
