"""Pictures as in a mirror."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.data.transforms.pictures import Picture, RandomTransform, chance

__all__ = ["HorizontalFlip", "VerticalFlip"]


class _Flip(RandomTransform):
    _settings = ("p",)
    _needs_floats = False
    _axis = -1

    def __init__(self, p: float = 0.5) -> None:
        self.p = chance(type(self).__name__, p)

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        flipped = drawn[:, 0] < self.p
        out = pictures.copy()
        out[flipped] = np.flip(pictures[flipped], self._axis)
        return out


class HorizontalFlip(_Flip):
    """Left and right exchanged, in some pictures.

    Args:
        p: the chance of each picture.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.transforms.HorizontalFlip(p=1)(np.array([[[1, 2, 3]]]))
        array([[[3, 2, 1]]])
    """


class VerticalFlip(_Flip):
    """Above and below exchanged, in some pictures.

    Args:
        p: the chance of each picture.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.transforms.VerticalFlip(p=1)(np.array([[[1], [2], [3]]])).ravel()
        array([3, 2, 1])
    """

    _axis = -2
