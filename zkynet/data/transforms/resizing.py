"""Pictures made larger or smaller."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from zkynet.data.transforms.pictures import Picture, Transform, checked_pictures, two_sizes

__all__ = ["Resize"]


class Resize(Transform):
    """A picture made larger or smaller by bilinear interpolation, in which every pixel counts.

    Args:
        size: (height, width); one number is the shorter side, and the longer one keeps the proportion.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.transforms.Resize(1)(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        array([[[2.5]]])
        >>> zk.data.transforms.Resize((1, 4))(np.array([[[0.0, 1.0]]]))
        array([[[0.  , 0.25, 0.75, 1.  ]]])
    """

    _settings = ("size",)

    def __init__(self, size: int | Sequence[int]) -> None:
        pair = two_sizes("Resize", "size", size)
        self.size: int | tuple[int, int] = pair if isinstance(size, (tuple, list)) else pair[0]

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures("Resize", x, needs_floats=True)
        height, width = x.shape[-2:]
        if isinstance(self.size, tuple):
            h, w = self.size
        elif height <= width:
            h, w = self.size, self.size * width // height
        else:
            h, w = self.size * height // width, self.size
        columns = interpolation(width, w).astype(x.dtype)
        return interpolation(height, h).astype(x.dtype) @ (x @ columns.T)


@lru_cache(64)
def interpolation(n: int, m: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The matrix (m, n) that makes m pixels of n.

    Pixel i of the result has its middle at (i + 1/2) n/m. A pixel of the input counts the less the farther it is from
    there, up to a distance of one pixel of the input or of the result, whichever is larger.

    Args:
        n: pixels of the input.
        m: pixels of the result.

    Example:
        >>> (interpolation(4, 2) * 7).round(6).tolist()
        [[3.0, 3.0, 1.0, 0.0], [0.0, 1.0, 3.0, 3.0]]
    """
    middles = (np.arange(m)[:, None] + 0.5) * (n / m)
    distance = np.abs(np.arange(n) + 0.5 - middles) / max(n / m, 1.0)
    weights = np.maximum(1 - distance, 0)
    return weights / weights.sum(1, keepdims=True)
