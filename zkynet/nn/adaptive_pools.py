"""Layers that pool to a given size, or to one number for each channel."""

from __future__ import annotations

from typing import Any

from zkynet.nn import functional as F
from zkynet.nn.functional.windows import spatial_tensor
from zkynet.nn.module import Module
from zkynet.nn.pooling import Pooling
from zkynet.ops.arguments import flag
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "GlobalAvgPool1d",
    "GlobalAvgPool2d",
    "GlobalAvgPool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
]


class _AdaptivePool(Pooling):
    _shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size


class _AdaptiveMaxPool(Pooling):
    _shown = ("output_size",)

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        self.output_size = output_size
        self.return_indices = return_indices

    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "return_indices": self.return_indices}


class AdaptiveAvgPool1d(_AdaptivePool):
    """Means of a given number of windows that cover sequences, as `functional.adaptive_avg_pool1d`.

    Args:
        output_size: how many windows; None keeps the length.

    Shape: (N, C, L) or (C, L); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveAvgPool1d(3)(zk.ones((1, 2, 8))).shape
        (1, 2, 3)
    """

    _function = "adaptive_avg_pool1d"


class AdaptiveAvgPool2d(_AdaptivePool):
    """Means of a given number of windows that cover images, as `functional.adaptive_avg_pool2d`.

    Args:
        output_size: the height and width of the result, or one number for both; None keeps that of the input.

    Shape: (N, C, H, W) or (C, H, W); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveAvgPool2d(3)(zk.ones((1, 2, 8, 8))).shape
        (1, 2, 3, 3)
    """

    _function = "adaptive_avg_pool2d"


class AdaptiveAvgPool3d(_AdaptivePool):
    """Means of a given number of windows that cover volumes, as `functional.adaptive_avg_pool3d`.

    Args:
        output_size: the depth, height and width of the result, or one number for all; None keeps that of the input.

    Shape: (N, C, D, H, W) or (C, D, H, W); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveAvgPool3d(3)(zk.ones((1, 2, 8, 8, 8))).shape
        (1, 2, 3, 3, 3)
    """

    _function = "adaptive_avg_pool3d"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maxima of a given number of windows that cover sequences, as `functional.adaptive_max_pool1d`.

    Args:
        output_size: how many windows; None keeps the length.
        return_indices: whether the places of the maxima are returned as well.

    Shape: (N, C, L) or (C, L); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveMaxPool1d(3)(zk.ones((1, 2, 8))).shape
        (1, 2, 3)
    """

    _function = "adaptive_max_pool1d"


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maxima of a given number of windows that cover images, as `functional.adaptive_max_pool2d`.

    Args:
        output_size: the height and width of the result, or one number for both; None keeps that of the input.
        return_indices: whether the places of the maxima are returned as well.

    Shape: (N, C, H, W) or (C, H, W); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveMaxPool2d(3)(zk.ones((1, 2, 8, 8))).shape
        (1, 2, 3, 3)
    """

    _function = "adaptive_max_pool2d"


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Maxima of a given number of windows that cover volumes, as `functional.adaptive_max_pool3d`.

    Args:
        output_size: the depth, height and width of the result, or one number for all; None keeps that of the input.
        return_indices: whether the places of the maxima are returned as well.

    Shape: (N, C, D, H, W) or (C, D, H, W); the pooled axes become `output_size`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AdaptiveMaxPool3d(3)(zk.ones((1, 2, 8, 8, 8))).shape
        (1, 2, 3, 3, 3)
    """

    _function = "adaptive_max_pool3d"


class _GlobalPool(Module):
    """One number for each channel."""

    _axes: int

    def __init__(self, keepdim: bool = False) -> None:
        self.keepdim = flag(type(self).__name__, "keepdim", keepdim)

    def forward(self, input: Tensor) -> Tensor:
        """One number for each channel.

        Args:
            input: channels and the axes that are pooled over, with or without a batch in front.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GlobalAvgPool1d().forward(zk.tensor([[1.0, 5.0], [2.0, 3.0]]))
            Tensor([3. , 2.5])
        """
        x = spatial_tensor(type(self).__name__, input, self._axes)
        out = self._pool(x)
        return out if self.keepdim else reshape(out, x.shape[: -self._axes])

    def _pool(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GlobalAvgPool2d().extra_repr()
            'keepdim=False'
        """
        return f"keepdim={self.keepdim}"


class GlobalAvgPool1d(_GlobalPool):
    """The mean of each channel of sequences, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveAvgPool1d(1)``.

    Shape: (N, C, L) or (C, L) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8))
        >>> zk.nn.GlobalAvgPool1d()(x).shape, zk.nn.GlobalAvgPool1d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1))
    """

    _axes = 1

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool1d(x, 1)


class GlobalAvgPool2d(_GlobalPool):
    """The mean of each channel of images, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveAvgPool2d(1)``.

    Shape: (N, C, H, W) or (C, H, W) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8, 8))
        >>> zk.nn.GlobalAvgPool2d()(x).shape, zk.nn.GlobalAvgPool2d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1, 1))
    """

    _axes = 2

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(x, 1)


class GlobalAvgPool3d(_GlobalPool):
    """The mean of each channel of volumes, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveAvgPool3d(1)``.

    Shape: (N, C, D, H, W) or (C, D, H, W) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8, 8, 8))
        >>> zk.nn.GlobalAvgPool3d()(x).shape, zk.nn.GlobalAvgPool3d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1, 1, 1))
    """

    _axes = 3

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool3d(x, 1)


class GlobalMaxPool1d(_GlobalPool):
    """The maximum of each channel of sequences, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveMaxPool1d(1)``.

    Shape: (N, C, L) or (C, L) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8))
        >>> zk.nn.GlobalMaxPool1d()(x).shape, zk.nn.GlobalMaxPool1d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1))
    """

    _axes = 1

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_max_pool1d(x, 1)


class GlobalMaxPool2d(_GlobalPool):
    """The maximum of each channel of images, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveMaxPool2d(1)``.

    Shape: (N, C, H, W) or (C, H, W) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8, 8))
        >>> zk.nn.GlobalMaxPool2d()(x).shape, zk.nn.GlobalMaxPool2d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1, 1))
    """

    _axes = 2

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_max_pool2d(x, 1)


class GlobalMaxPool3d(_GlobalPool):
    """The maximum of each channel of volumes, without the pooled axes as in Keras, or with them.

    Args:
        keepdim: whether the pooled axes stay, with length 1; it is then ``AdaptiveMaxPool3d(1)``.

    Shape: (N, C, D, H, W) or (C, D, H, W) becomes (N, C) or (C,).

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((1, 2, 8, 8, 8))
        >>> zk.nn.GlobalMaxPool3d()(x).shape, zk.nn.GlobalMaxPool3d(keepdim=True)(x).shape
        ((1, 2), (1, 2, 1, 1, 1))
    """

    _axes = 3

    def _pool(self, x: Tensor) -> Tensor:
        return F.adaptive_max_pool3d(x, 1)
