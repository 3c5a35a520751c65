"""Layers that pad: `functional.pad` with its arguments kept."""

from __future__ import annotations

from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.nn import functional as F
from zkynet.nn.functional.windows import spatial_tensor
from zkynet.nn.module import Module
from zkynet.ops.arguments import number, whole_numbers
from zkynet.tensor import Tensor

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    _axes: int
    _mode: str = "constant"
    value: float = 0.0

    def __init__(self, padding: Any) -> None:
        name = type(self).__name__
        widths = whole_numbers(name, "padding", padding)
        widths = widths * (2 * self._axes) if len(widths) == 1 else widths
        if len(widths) != 2 * self._axes:
            raise InvalidValueError(
                f"{name}: padding has {len(widths)} numbers",
                fix=f"pass one number, or {2 * self._axes}, two for each axis from the last one on",
                op=name,
            )
        self.padding = widths

    def forward(self, input: Tensor) -> Tensor:
        """The input with its edges added.

        Args:
            input: channels and the axes that are padded, with or without a batch in front.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ReplicationPad1d(1).forward(zk.tensor([[1.0, 2.0]]))
            Tensor([[1., 1., 2., 2.]])
        """
        x = spatial_tensor(type(self).__name__, input, self._axes)
        return F.pad(x, self.padding, self._mode, self.value if self._mode == "constant" else None)

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ZeroPad2d(1).extra_repr()
            '(1, 1, 1, 1)'
        """
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = number(type(self).__name__, "value", value)

    def extra_repr(self) -> str:
        """The arguments the layer was made with, for its ``repr``.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ConstantPad1d(1, 2.5).extra_repr()
            'padding=(1, 1), value=2.5'
        """
        return f"padding={self.padding}, value={self.value}"


class ZeroPad1d(_Pad):
    """Sequences with zeros added at both ends.

    Args:
        padding: how many elements, one number or ``(left, right)``.

    Shape: (N, C, L) or (C, L); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ZeroPad1d(1)(zk.ones((1, 2, 3))).shape
        (1, 2, 5)
    """

    _axes = 1


class ZeroPad2d(_Pad):
    """Images with zeros added at all edges.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom)``.

    Shape: (N, C, H, W) or (C, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ZeroPad2d(1)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 5, 5)
    """

    _axes = 2


class ZeroPad3d(_Pad):
    """Volumes with zeros added at all faces.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom, front, back)``.

    Shape: (N, C, D, H, W) or (C, D, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ZeroPad3d(1)(zk.ones((1, 2, 3, 3, 3))).shape
        (1, 2, 5, 5, 5)
    """

    _axes = 3


class ConstantPad1d(_ConstantPad):
    """Sequences with a number added at both ends.

    Args:
        padding: how many elements, one number or ``(left, right)``.
        value: what to fill with.

    Shape: (N, C, L) or (C, L); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConstantPad1d(1, 2.5)(zk.ones((1, 2, 3))).shape
        (1, 2, 5)
    """

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """Images with a number added at all edges.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom)``.
        value: what to fill with.

    Shape: (N, C, H, W) or (C, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConstantPad2d(1, 2.5)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 5, 5)
    """

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """Volumes with a number added at all faces.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom, front, back)``.
        value: what to fill with.

    Shape: (N, C, D, H, W) or (C, D, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ConstantPad3d(1, 2.5)(zk.ones((1, 2, 3, 3, 3))).shape
        (1, 2, 5, 5, 5)
    """

    _axes = 3


class ReflectionPad1d(_Pad):
    """Sequences with their mirror image added, without the edge itself at both ends.

    Args:
        padding: how many elements, one number or ``(left, right)``.

    Shape: (N, C, L) or (C, L); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReflectionPad1d(1)(zk.ones((1, 2, 3))).shape
        (1, 2, 5)
    """

    _axes = 1
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """Images with their mirror image added, without the edge itself at all edges.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom)``.

    Shape: (N, C, H, W) or (C, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReflectionPad2d(1)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 5, 5)
    """

    _axes = 2
    _mode = "reflect"


class ReflectionPad3d(_Pad):
    """Volumes with their mirror image added, without the edge itself at all faces.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom, front, back)``.

    Shape: (N, C, D, H, W) or (C, D, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReflectionPad3d(1)(zk.ones((1, 2, 3, 3, 3))).shape
        (1, 2, 5, 5, 5)
    """

    _axes = 3
    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """Sequences with their edge repeated at both ends.

    Args:
        padding: how many elements, one number or ``(left, right)``.

    Shape: (N, C, L) or (C, L); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReplicationPad1d(1)(zk.ones((1, 2, 3))).shape
        (1, 2, 5)
    """

    _axes = 1
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """Images with their edge repeated at all edges.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom)``.

    Shape: (N, C, H, W) or (C, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReplicationPad2d(1)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 5, 5)
    """

    _axes = 2
    _mode = "replicate"


class ReplicationPad3d(_Pad):
    """Volumes with their edge repeated at all faces.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom, front, back)``.

    Shape: (N, C, D, H, W) or (C, D, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReplicationPad3d(1)(zk.ones((1, 2, 3, 3, 3))).shape
        (1, 2, 5, 5, 5)
    """

    _axes = 3
    _mode = "replicate"


class CircularPad1d(_Pad):
    """Sequences with what stands at the other end added at both ends.

    Args:
        padding: how many elements, one number or ``(left, right)``.

    Shape: (N, C, L) or (C, L); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CircularPad1d(1)(zk.ones((1, 2, 3))).shape
        (1, 2, 5)
    """

    _axes = 1
    _mode = "circular"


class CircularPad2d(_Pad):
    """Images with what stands at the other end added at all edges.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom)``.

    Shape: (N, C, H, W) or (C, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CircularPad2d(1)(zk.ones((1, 2, 3, 3))).shape
        (1, 2, 5, 5)
    """

    _axes = 2
    _mode = "circular"


class CircularPad3d(_Pad):
    """Volumes with what stands at the other end added at all faces.

    Args:
        padding: how many elements, one number or ``(left, right, top, bottom, front, back)``.

    Shape: (N, C, D, H, W) or (C, D, H, W); each padded axis is longer by its two widths.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CircularPad3d(1)(zk.ones((1, 2, 3, 3, 3))).shape
        (1, 2, 5, 5, 5)
    """

    _axes = 3
    _mode = "circular"
