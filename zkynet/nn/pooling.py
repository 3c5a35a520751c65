"""Layers of maximum pooling, and those that undo it: `zkynet.nn.functional` with its arguments kept."""

from __future__ import annotations

from typing import Any

from zkynet.nn import functional as F
from zkynet.nn.module import Module
from zkynet.tensor import Tensor

__all__ = ["MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class Pooling(Module):
    """A layer that calls a function of `zkynet.nn.functional` with the arguments it was made with."""

    _function: str
    _shown: tuple[str, ...] = ("kernel_size", "stride", "padding")

    def forward(self, input: Tensor) -> Any:
        """Pool a batch, or one example of it.

        Args:
            input: channels and the axes that are pooled over, with or without a batch in front.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MaxPool1d(2).forward(zk.tensor([[1.0, 5.0, 2.0, 3.0]]))
            Tensor([[5., 3.]])
        """
        return getattr(F, self._function)(input, **self._arguments())

    def _arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._shown}

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.AvgPool2d(2).extra_repr()
            'kernel_size=2, stride=2, padding=0'
        """
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)


class _MaxPool(Pooling):
    _shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "return_indices": self.return_indices}


class MaxPool1d(_MaxPool):
    """The largest element of each window of sequences, as `functional.max_pool1d`.

    Args:
        kernel_size: how long the windows are.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much is added at each end of an axis, which never is the maximum.
        dilation: how far the elements of a window are apart.
        return_indices: whether the places of the maxima are returned as well, for `MaxUnpool1d`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, L) or (C, L); each pooled axis of length n becomes
    ``floor((n + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MaxPool1d(2)(zk.ones((1, 2, 8))).shape
        (1, 2, 4)
    """

    _function = "max_pool1d"


class MaxPool2d(_MaxPool):
    """The largest element of each window of images, as `functional.max_pool2d`.

    Args:
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much is added at each end of an axis, which never is the maximum.
        dilation: how far the elements of a window are apart.
        return_indices: whether the places of the maxima are returned as well, for `MaxUnpool2d`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, H, W) or (C, H, W); each pooled axis of length n becomes
    ``floor((n + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MaxPool2d(2)(zk.ones((1, 2, 8, 8))).shape
        (1, 2, 4, 4)
    """

    _function = "max_pool2d"


class MaxPool3d(_MaxPool):
    """The largest element of each window of volumes, as `functional.max_pool3d`.

    Args:
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much is added at each end of an axis, which never is the maximum.
        dilation: how far the elements of a window are apart.
        return_indices: whether the places of the maxima are returned as well, for `MaxUnpool3d`.
        ceil_mode: whether last windows that do not fit are used too.

    Shape: (N, C, D, H, W) or (C, D, H, W); each pooled axis of length n becomes
    ``floor((n + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MaxPool3d(2)(zk.ones((1, 2, 8, 8, 8))).shape
        (1, 2, 4, 4, 4)
    """

    _function = "max_pool3d"


class _MaxUnpool(Pooling):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:  # type: ignore[override]
        """Put maxima back where they were found, zeros elsewhere.

        Args:
            input: the maxima, as a max pooling layer gave them.
            indices: their places, as it gave them with ``return_indices=True``.
            output_size: the shape of what was pooled, where several would have given this input.

        Example:
            >>> import zkynet as zk
            >>> y, places = zk.nn.MaxPool1d(2, return_indices=True)(zk.tensor([[1.0, 5.0, 2.0, 3.0]]))
            >>> zk.nn.MaxUnpool1d(2).forward(y, places)
            Tensor([[0., 5., 0., 3.]])
        """
        return getattr(F, self._function)(input, indices, output_size=output_size, **self._arguments())


class MaxUnpool1d(_MaxUnpool):
    """Maxima of sequences put back where `MaxPool1d` found them, zeros elsewhere, as `functional.max_unpool1d`.

    Args:
        kernel_size: how long the windows were.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much was added at each end of an axis.

    Shape: (N, C, L) or (C, L); each axis of length n becomes
    ``(n - 1) * stride - 2 * padding + kernel_size``.

    Example:
        >>> import zkynet as zk
        >>> y, places = zk.nn.MaxPool1d(2, return_indices=True)(zk.ones((1, 2, 8)))
        >>> zk.nn.MaxUnpool1d(2)(y, places).shape
        (1, 2, 8)
    """

    _function = "max_unpool1d"


class MaxUnpool2d(_MaxUnpool):
    """Maxima of images put back where `MaxPool2d` found them, zeros elsewhere, as `functional.max_unpool2d`.

    Args:
        kernel_size: the height and width of the windows, or one number for both.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much was added at each end of an axis.

    Shape: (N, C, H, W) or (C, H, W); each axis of length n becomes
    ``(n - 1) * stride - 2 * padding + kernel_size``.

    Example:
        >>> import zkynet as zk
        >>> y, places = zk.nn.MaxPool2d(2, return_indices=True)(zk.ones((1, 2, 8, 8)))
        >>> zk.nn.MaxUnpool2d(2)(y, places).shape
        (1, 2, 8, 8)
    """

    _function = "max_unpool2d"


class MaxUnpool3d(_MaxUnpool):
    """Maxima of volumes put back where `MaxPool3d` found them, zeros elsewhere, as `functional.max_unpool3d`.

    Args:
        kernel_size: the depth, height and width of the windows, or one number for all.
        stride: how far from one window to the next, by default `kernel_size`.
        padding: how much was added at each end of an axis.

    Shape: (N, C, D, H, W) or (C, D, H, W); each axis of length n becomes
    ``(n - 1) * stride - 2 * padding + kernel_size``.

    Example:
        >>> import zkynet as zk
        >>> y, places = zk.nn.MaxPool3d(2, return_indices=True)(zk.ones((1, 2, 8, 8, 8)))
        >>> zk.nn.MaxUnpool3d(2)(y, places).shape
        (1, 2, 8, 8, 8)
    """

    _function = "max_unpool3d"
