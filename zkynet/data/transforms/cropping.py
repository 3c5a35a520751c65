"""Parts of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zkynet.data.transforms.pictures import Picture, RandomTransform, Transform, checked_pictures, two_sizes
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import number, whole, word

__all__ = ["CenterCrop", "RandomCrop"]

PADDING_MODES = ("constant", "edge", "reflect", "symmetric")


class CenterCrop(Transform):
    """The middle of a picture.

    Args:
        size: of the part: one number, or (height, width).

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.transforms.CenterCrop(2)(np.arange(16).reshape(1, 4, 4))
        array([[[ 5,  6],
                [ 9, 10]]])
    """

    _settings = ("size",)

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = two_sizes("CenterCrop", "size", size)

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures("CenterCrop", x, needs_floats=False)
        top, left = _room("CenterCrop", self.size, x.shape, 0)
        top, left = top // 2, left // 2
        return x[..., top : top + self.size[0], left : left + self.size[1]].copy()


class RandomCrop(RandomTransform):
    """A part of a picture from a random place, after padding it: with `size` as before, a shift by up to `padding`.

    Args:
        size: of the part: one number, or (height, width).
        padding: how many pixels are put around the picture first.
        fill: what they hold, where `padding_mode` is "constant".
        padding_mode: "constant"; "edge", the nearest pixel; "reflect" or "symmetric", a mirror in the pixels of the
            edge or behind them.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> crop = zk.data.transforms.RandomCrop(28, padding=2)
        >>> crop(np.zeros((8, 1, 28, 28), "float32")).shape
        (8, 1, 28, 28)
    """

    _settings = ("size", "padding", "fill", "padding_mode")
    _draws = 2
    _needs_floats = False

    def __init__(
        self, size: int | Sequence[int], padding: int = 0, fill: float = 0, padding_mode: str = "constant"
    ) -> None:
        self.size = two_sizes("RandomCrop", "size", size)
        self.padding, self.fill = whole("RandomCrop", "padding", padding), number("RandomCrop", "fill", fill)
        self.padding_mode = word("RandomCrop", "padding_mode", padding_mode)
        if self.padding < 0:
            raise InvalidValueError(f"RandomCrop: padding is 0 or more, received {padding}", fix="use CenterCrop first")
        if padding_mode not in PADDING_MODES:
            raise InvalidValueError(
                f"RandomCrop: there is no padding_mode {padding_mode!r}", fix=f"pass one of {', '.join(PADDING_MODES)}"
            )

    def _check(self, pictures: Picture) -> None:
        _room("RandomCrop", self.size, pictures.shape, self.padding)
        least = self.padding + (self.padding_mode == "reflect")
        if self.padding and self.padding_mode in ("reflect", "symmetric") and min(pictures.shape[-2:]) < least:
            raise ShapeError(
                f"RandomCrop: a mirror of {self.padding} pixels needs a picture of {least} or more",
                facts=[f"pictures  {pictures.shape}"],
                fix='pass a smaller padding, or padding_mode="edge"',
            )

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        (h, w), pad = self.size, self.padding
        room = _room("RandomCrop", self.size, pictures.shape, pad)
        around = [(0, 0), (0, 0), (pad, pad), (pad, pad)]
        if self.padding_mode == "constant":
            padded = np.pad(pictures, around, constant_values=np.asarray(self.fill).astype(pictures.dtype))
        else:
            padded = np.pad(pictures, around, mode=self.padding_mode)  # type: ignore[call-overload]
        places = (drawn * np.add(room, 1)).astype(np.intp)
        out = np.empty((*pictures.shape[:2], h, w), pictures.dtype)
        for k, (top, left) in enumerate(places.tolist()):
            out[k] = padded[k, :, top : top + h, left : left + w]
        return out


def _room(name: str, size: tuple[int, int], shape: tuple[int, ...], padding: int) -> tuple[int, int]:
    """How many pixels the picture is higher and wider than the part."""
    room = shape[-2] + 2 * padding - size[0], shape[-1] + 2 * padding - size[1]
    if min(room) < 0:
        raise ShapeError(
            f"{name}: a part of {size[0]} by {size[1]} is larger than the picture",
            facts=[f"pictures  {shape}", *([f"padding   {padding}"] if padding else [])],
            fix="pass a smaller size" + ("" if name == "CenterCrop" else ", or more padding"),
            op=name,
        )
    return room
