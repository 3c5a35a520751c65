"""Pictures turned, shifted, scaled and sheared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from zkynet.data.transforms.pictures import Picture, RandomTransform, between, span
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number

__all__ = ["RandomAffine", "RandomRotation"]


class RandomAffine(RandomTransform):
    """A picture turned, sheared, scaled about its middle, and shifted, by random amounts; bilinear interpolation.

    A point (x, y) of the picture, counted from its middle to the right and upwards, goes to R S c (x, y) + t, with a
    rotation R against the clock, a shear S = [[1, tan(shear)], [0, 1]], a scale c and a shift t. Each amount is drawn
    uniformly from its range.

    Args:
        degrees: of the angle: (low, high), or d for (-d, d).
        translate: the largest shift to each side, as shares of the picture: (across, up); one number is for both.
        scale: the smallest and the largest scale.
        shear: of the angle by which upright lines lean to the right: (low, high) in degrees, or d for (-d, d).
        fill: what is there where the picture does not reach.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> turned = zk.data.transforms.RandomAffine((90, 90))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        >>> turned.round(6)
        array([[[2., 4.],
                [1., 3.]]])
    """

    _settings: ClassVar[tuple[str, ...]] = ("degrees", "translate", "scale", "shear", "fill")
    _draws = 5

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: float | Sequence[float] = 0.0,
        scale: Sequence[float] = (1.0, 1.0),
        shear: float | Sequence[float] = 0.0,
        fill: float = 0.0,
    ) -> None:
        name = type(self).__name__
        self.degrees, self.shear = span(name, "degrees", degrees), span(name, "shear", shear)
        self.scale, self.fill = span(name, "scale", scale, False), float(number(name, "fill", fill))
        shares = tuple(translate) if isinstance(translate, (tuple, list)) else (translate, translate)
        self.translate = tuple(float(number(name, "translate", share)) for share in shares)
        if len(self.translate) != 2 or not all(0 <= share <= 1 for share in self.translate):
            raise InvalidValueError(
                f"{name}: translate is one or two shares of the picture, from 0 to 1, received {translate!r:.60}",
                fix="pass translate=0.1 for a tenth of it to each side",
            )
        if self.scale[0] <= 0:
            raise InvalidValueError(f"{name}: scale is above 0, received {scale!r:.60}", fix="pass (0.9, 1.1), say")
        if not -90 < self.shear[0] <= self.shear[1] < 90:
            raise InvalidValueError(
                f"{name}: shear is between -90 and 90 degrees, received {shear!r:.60}", fix="pass 9"
            )

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        angle, shear = (np.deg2rad(between(*r, drawn[:, k])) for k, r in ((0, self.degrees), (1, self.shear)))
        scale = between(*self.scale, drawn[:, 2])
        height, width = pictures.shape[-2:]
        across = between(-1, 1, drawn[:, 3]) * self.translate[0] * width
        up = between(-1, 1, drawn[:, 4]) * self.translate[1] * height
        # where each pixel of the result comes from: the shift, the rotation, the shear and the scale undone
        y, x = np.meshgrid((height - 1) / 2 - np.arange(height), np.arange(width) - (width - 1) / 2, indexing="ij")
        x, y = x - across[:, None, None], y - up[:, None, None]
        cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
        x, y = cos * x + sin * y, cos * y - sin * x
        x = x - np.tan(shear)[:, None, None] * y
        x, y = x / scale[:, None, None], y / scale[:, None, None]
        return sampled(pictures, (height - 1) / 2 - y, x + (width - 1) / 2, self.fill)


class RandomRotation(RandomAffine):
    """A picture turned about its middle by a random angle; bilinear interpolation.

    Args:
        degrees: of the angle, against the clock: (low, high), or d for (-d, d).
        fill: what is there where the picture does not reach.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> turned = zk.data.transforms.RandomRotation((90, 90))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        >>> turned.round(6)
        array([[[2., 4.],
                [1., 3.]]])
    """

    _settings = ("degrees", "fill")

    def __init__(self, degrees: float | Sequence[float], fill: float = 0.0) -> None:
        super().__init__(degrees, fill=fill)


def sampled(pictures: Picture, rows: Any, columns: Any, fill: float) -> Picture:
    """Pictures (N, C, H, W) at places between their pixels, rows and columns (N, H, W), by bilinear interpolation.

    Around the picture are pixels that hold `fill`.
    """
    n, c, height, width = pictures.shape
    padded = np.full((n, c, height + 2, width + 2), fill, pictures.dtype)
    padded[:, :, 1:-1, 1:-1] = pictures
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = np.minimum(rows.astype(np.intp), height), np.minimum(columns.astype(np.intp), width)
    down, right = (rows - top).astype(pictures.dtype), (columns - left).astype(pictures.dtype)
    planes = np.arange(n * c).reshape(n, c, 1, 1) * ((height + 2) * (width + 2))
    places = planes + (top * (width + 2) + left)[:, None]  # of the upper left of four neighbours in `padded`, flat
    out = np.zeros_like(pictures)
    for dy, weight_y in ((0, 1 - down), (1, down)):
        for dx, weight_x in ((0, 1 - right), (1, right)):
            out += np.take(padded, places + (dy * (width + 2) + dx)) * (weight_y * weight_x)[:, None]
    return out
