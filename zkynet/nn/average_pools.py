"""Layers that pool by the mean or another norm."""

from __future__ import annotations

from typing import Any

from zkynet.nn.pooling import Pooling

__all__ = ["AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d", "LPPool2d", "LPPool3d"]


class _AvgPool(Pooling):
    ceil_mode: bool
    count_include_pad: bool

    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "ceil_mode": self.ceil_mode, "count_include_pad": self.count_include_pad}


class AvgPool1d(_AvgPool):
    """The mean of each window of sequences, as `functional.avg_pool1d`.

    Args:
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at each end of an axis.
        ceil_mode: whether last windows that do not fit are used too.
        count_include_pad: whether the zeros of the padding count as elements.

    Shape: (N, C, L) or (C, L); each pooled axis of length n becomes
    ``floor((n + 2 * padding - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AvgPool1d(2)(zk.ones((1, 2, 8))).shape
        (1, 2, 4)
    """

    _function = "avg_pool1d"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad


class AvgPool2d(_AvgPool):
    """The mean of each window of images, as `functional.avg_pool2d`.

    Args:
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at each end of an axis.
        ceil_mode: whether last windows that do not fit are used too.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sums are divided by instead of the number of elements.

    Shape: (N, C, H, W) or (C, H, W); each pooled axis of length n becomes
    ``floor((n + 2 * padding - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AvgPool2d(2)(zk.ones((1, 2, 8, 8))).shape
        (1, 2, 4, 4)
    """

    _function = "avg_pool2d"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "divisor_override": self.divisor_override}


class AvgPool3d(_AvgPool):
    """The mean of each window of volumes, as `functional.avg_pool3d`.

    Args:
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how many zeros are added at each end of an axis.
        ceil_mode: whether last windows that do not fit are used too.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sums are divided by instead of the number of elements.

    Shape: (N, C, D, H, W) or (C, D, H, W); each pooled axis of length n becomes
    ``floor((n + 2 * padding - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AvgPool3d(2)(zk.ones((1, 2, 8, 8, 8))).shape
        (1, 2, 4, 4, 4)
    """

    _function = "avg_pool3d"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "divisor_override": self.divisor_override}


class _LPPool(Pooling):
    _shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.ceil_mode = ceil_mode


class LPPool1d(_LPPool):
    """The p-norm of each window of sequences, ``(sum of x**p) ** (1/p)``, as `functional.lp_pool1d`.

    Args:
        norm_type: the power p.
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, L) or (C, L); each pooled axis of length n becomes
    ``floor((n - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LPPool1d(2, 2)(zk.ones((1, 2, 8))).shape
        (1, 2, 4)
    """

    _function = "lp_pool1d"


class LPPool2d(_LPPool):
    """The p-norm of each window of images, ``(sum of x**p) ** (1/p)``, as `functional.lp_pool2d`.

    Args:
        norm_type: the power p.
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, H, W) or (C, H, W); each pooled axis of length n becomes
    ``floor((n - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LPPool2d(2, 2)(zk.ones((1, 2, 8, 8))).shape
        (1, 2, 4, 4)
    """

    _function = "lp_pool2d"


class LPPool3d(_LPPool):
    """The p-norm of each window of volumes, ``(sum of x**p) ** (1/p)``, as `functional.lp_pool3d`.

    Args:
        norm_type: the power p.
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, D, H, W) or (C, D, H, W); each pooled axis of length n becomes
    ``floor((n - kernel_size) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LPPool3d(2, 2)(zk.ones((1, 2, 8, 8, 8))).shape
        (1, 2, 4, 4, 4)
    """

    _function = "lp_pool3d"
