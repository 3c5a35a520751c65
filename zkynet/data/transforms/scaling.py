"""Numbers brought to the size that a model likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from zkynet.data.transforms.pictures import Picture, Transform, checked_pictures
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import number

__all__ = ["Normalize", "ToFloat"]


class ToFloat(Transform):
    """Whole numbers from 0 to 255 as float32 from 0 to 1; floats become float32 and keep their values.

    For other whole numbers than bytes, 1 is the largest number of their type.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.transforms.ToFloat()(np.array([[[0, 51, 255]]], "uint8"))
        array([[[0. , 0.2, 1. ]]], dtype=float32)
    """

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures("ToFloat", x, needs_floats=False)
        if x.dtype.kind in "iu":
            return (x / np.iinfo(x.dtype).max).astype(np.float32)
        return x.astype(np.float32)


class Normalize(Transform):
    """Each channel less its mean, divided by its standard deviation: (x - mean) / std.

    Args:
        mean: a number for all channels, or one for each.
        std: likewise; above 0.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> normalize = zk.data.transforms.Normalize(mean=[0.5, 0.0], std=[0.5, 2.0])
        >>> x = np.array([[[0.0, 1.0]], [[2.0, 4.0]]])
        >>> normalize(x).tolist()
        [[[-1.0, 1.0]], [[1.0, 2.0]]]
        >>> bool((normalize.inverse(normalize(x)) == x).all())
        True
    """

    _settings = ("mean", "std")

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        self.mean, self.std = _per_channel("mean", mean), _per_channel("std", std)
        if not all(0 < s < float("inf") for s in self.std):
            raise InvalidValueError(
                f"Normalize: std is above 0, received {std!r:.60}",
                fix="leave out channels that are the same all over",
            )
        if not np.isfinite(self.mean).all():
            raise InvalidValueError(f"Normalize: mean is finite, received {mean!r:.60}", fix="look for NaN in the data")
        if len(self.mean) != len(self.std) and 1 not in (len(self.mean), len(self.std)):
            raise ShapeError(
                "Normalize: mean and std are for different numbers of channels",
                facts=[f"mean  {len(self.mean)}", f"std   {len(self.std)}"],
                fix="pass one number for each channel",
            )

    @classmethod
    def of(cls, pictures: Any) -> Self:
        """The one with which each channel of these pictures has mean 0 and standard deviation 1.

        Args:
            pictures: of the training set, floats (N, C, H, W).

        Example:
            >>> import numpy as np
            >>> import zkynet as zk
            >>> zk.data.transforms.Normalize.of(np.array([0.0, 4.0]).reshape(2, 1, 1, 1))
            Normalize(mean=(2.0,), std=(2.0,))
        """
        x = checked_pictures("Normalize.of", pictures, needs_floats=True)
        axes = (-2, -1) if x.ndim == 3 else (0, -2, -1)
        return cls(x.mean(axes, np.float64).tolist(), x.std(axes, np.float64).tolist())

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures("Normalize", x, needs_floats=True)
        mean, std = self._for(x)
        return (x - mean) / std

    def inverse(self, x: Any) -> Picture:
        """What was normalised as it was before, to look at: x * std + mean.

        Args:
            x: a picture (C, H, W) or a batch (N, C, H, W).

        Example:
            >>> import numpy as np
            >>> import zkynet as zk
            >>> zk.data.transforms.Normalize(0.5, 0.5).inverse(np.array([[[-1.0, 0.0, 1.0]]]))
            array([[[0. , 0.5, 1. ]]])
        """
        x = checked_pictures("Normalize.inverse", x, needs_floats=True)
        mean, std = self._for(x)
        return x * std + mean

    def _for(self, x: Picture) -> tuple[Picture, Picture]:
        channels, known = x.shape[-3], max(len(self.mean), len(self.std))
        if known not in (1, channels):
            raise ShapeError(
                f"Normalize knows {known} channels, and the pictures have {channels}",
                facts=[f"pictures  {x.shape}"],
                fix="the axis of channels comes before height and width; or pass one number for all",
            )
        mean, std = (np.array(values, x.dtype).reshape(-1, 1, 1) for values in (self.mean, self.std))
        return mean, std


def _per_channel(argument: str, value: Any) -> tuple[float, ...]:
    values = value.tolist() if hasattr(value, "tolist") else value
    values = values if isinstance(values, (list, tuple)) else (values,)
    if not values:
        raise InvalidValueError(f"Normalize: {argument} has no numbers", fix="pass one for each channel")
    return tuple(float(number("Normalize", argument, v)) for v in values)
