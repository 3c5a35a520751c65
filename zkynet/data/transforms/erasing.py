"""Parts of pictures hidden, so that a model learns to look at the rest, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zkynet.data.transforms.pictures import Picture, RandomTransform, between, chance, span, two_sizes
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import number

__all__ = ["Cutout", "RandomErasing"]


class Cutout(RandomTransform):
    """A rectangle around a random pixel hidden; near an edge, the part of it that is in the picture.

    DeVries and Taylor, Improved regularization of convolutional neural networks with cutout (2017).

    Args:
        size: of the rectangle: one number, or (height, width).
        value: what it holds: a number, or one for each channel. The paper hides normalised pictures with 0, their mean.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> hidden = zk.data.transforms.Cutout(3)(np.ones((1, 9, 9)))
        >>> 4 <= (hidden == 0).sum() <= 9
        np.True_
    """

    _settings = ("size", "value")
    _draws = 2
    _needs_floats = False

    def __init__(self, size: int | Sequence[int], value: float | Sequence[float] = 0) -> None:
        self.size, self.value = two_sizes("Cutout", "size", size), _value("Cutout", value)

    def _check(self, pictures: Picture) -> None:
        _value_for("Cutout", self.value, pictures)

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        first = (drawn * pictures.shape[-2:]).astype(np.intp) - np.array(self.size) // 2
        return _hidden(pictures, first, first + self.size, _value_for("Cutout", self.value, pictures))


class RandomErasing(RandomTransform):
    """A rectangle of random size, form and place hidden, in some pictures.

    Zhong et al., Random erasing data augmentation (2020). A rectangle that would be higher or wider than the picture
    is as high or wide as it.

    Args:
        p: the chance of each picture.
        scale: the smallest and the largest share of the picture's area.
        ratio: the smallest and the largest height divided by width.
        value: what it holds: a number, or one for each channel.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> hidden = zk.data.transforms.RandomErasing(p=1, scale=(0.25, 0.25), ratio=(1, 1))(np.ones((1, 8, 8)))
        >>> int((hidden == 0).sum())
        16
    """

    _settings = ("p", "scale", "ratio", "value")
    _draws = 5
    _needs_floats = False

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: float | Sequence[float] = 0,
    ) -> None:
        name = "RandomErasing"
        self.p, self.value = chance(name, p), _value(name, value)
        self.scale, self.ratio = span(name, "scale", scale, False), span(name, "ratio", ratio, False)
        if not 0 <= self.scale[0] <= self.scale[1] <= 1:
            raise InvalidValueError(
                f"{name}: scale is a range of shares, 0 to 1, received {scale}", fix="pass (0.1, 0.2)"
            )
        if not self.ratio[0] > 0:
            raise InvalidValueError(f"{name}: ratio is above 0, received {ratio}", fix="pass height divided by width")

    def _check(self, pictures: Picture) -> None:
        _value_for("RandomErasing", self.value, pictures)

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        sizes = np.array(pictures.shape[-2:])
        area = between(*self.scale, drawn[:, 1]) * sizes.prod()
        low, high = np.log(self.ratio)
        ratio = np.exp(between(low, high, drawn[:, 2]))  # twice as high is as likely as twice as wide
        wanted = np.stack([np.sqrt(area * ratio), np.sqrt(area / ratio)], axis=-1)
        erased = np.minimum(np.rint(wanted), sizes).astype(np.intp)
        erased[~(drawn[:, 0] < self.p)] = 0
        first = (drawn[:, 3:5] * (sizes - erased + 1)).astype(np.intp)
        return _hidden(pictures, first, first + erased, _value_for("RandomErasing", self.value, pictures))


def _hidden(pictures: Picture, first: Any, last: Any, value: Picture) -> Picture:
    """Pictures with a value in the rectangles from a first row and column to, but without, the last."""
    out = pictures.copy()
    for k, ((top, left), (bottom, right)) in enumerate(
        zip(np.maximum(first, 0).tolist(), np.maximum(last, 0).tolist(), strict=True)
    ):
        out[k, :, top:bottom, left:right] = value
    return out


def _value(name: str, value: Any) -> tuple[float, ...]:
    values = value if isinstance(value, (tuple, list)) else (value,)
    if not values:
        raise InvalidValueError(f"{name}: value has no numbers", fix="pass one number, or one for each channel")
    return tuple(number(name, "value", v) for v in values)


def _value_for(name: str, value: tuple[float, ...], pictures: Picture) -> Picture:
    """The value with axes for height and width, of the dtype of the pictures."""
    if len(value) not in (1, pictures.shape[1]):
        raise ShapeError(
            f"{name}: value is for {len(value)} channels, and the pictures have {pictures.shape[1]}",
            facts=[f"pictures  {pictures.shape}"],
            fix="pass one number, or one for each channel",
        )
    return np.asarray(value).astype(pictures.dtype).reshape(-1, 1, 1)
