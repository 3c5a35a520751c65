"""What all transforms share: one picture or a batch, and what is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from zkynet.data.streams import sample_streams
from zkynet.errors import DTypeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import number, whole
from zkynet.tensor import Tensor

Picture = np.ndarray[Any, Any]
"""A picture (C, H, W) or a batch of them (N, C, H, W)."""


class Transform:
    """A function of a picture or a batch that can say how it was made."""

    _settings: ClassVar[tuple[str, ...]] = ()

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a method __call__(self, x)")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._settings)})"


class RandomTransform(Transform):
    """A transform that draws: once for each picture, from the picture's own stream.

    Write `_applied`, which is given a batch, and for each picture `_draws` numbers from 0 to 1, an array (N, draws).
    """

    _needs_floats: ClassVar[bool] = True
    _draws: ClassVar[int] = 1

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures(type(self).__name__, x, self._needs_floats)
        pictures = x if x.ndim == 4 else x[None]
        self._check(pictures)
        drawn = [stream.random(self._draws) for stream in sample_streams(len(pictures))]
        out = self._applied(pictures, np.array(drawn).reshape(-1, self._draws))
        return out if x.ndim == 4 else out[0]

    def _check(self, pictures: Picture) -> None:
        """Refuse pictures on which it cannot work."""

    def _applied(self, pictures: Picture, drawn: Any) -> Picture:
        raise NotImplementedError


def checked_pictures(name: str, x: Any, needs_floats: bool) -> Picture:
    """A picture (C, H, W) or a batch (N, C, H, W) of numbers, as a NumPy array."""
    array = x.numpy() if isinstance(x, Tensor) else np.asarray(x)
    if array.ndim not in (3, 4):
        fix = "x[None] puts an axis for the one channel in front" if array.ndim == 2 else "reshape it first"
        raise ShapeError(
            f"{name} takes a picture (C, H, W) or a batch (N, C, H, W), received {described(array)}", fix=fix, op=name
        )
    if array.dtype.kind not in "fiub" or (needs_floats and array.dtype.kind != "f"):
        raise DTypeError(
            f"{name} takes pictures of {'floats' if needs_floats else 'numbers'}, received {described(array)}",
            fix="put ToFloat() before it: whole numbers from 0 to 255 become float32 from 0 to 1",
            op=name,
        )
    return array


def two_sizes(name: str, argument: str, value: Any) -> tuple[int, int]:
    """Height and width, from one number for both or from two."""
    pair = (value, value) if not isinstance(value, (tuple, list)) else tuple(value)
    if len(pair) != 2:
        raise InvalidValueError(
            f"{name}: {argument} is one number or (height, width), received {value!r:.60}", fix="pass one or two"
        )
    height, width = (whole(name, argument, n) for n in pair)
    if height < 1 or width < 1:
        raise InvalidValueError(f"{name}: {argument} is 1 or more, received {value!r:.60}", fix="pass larger numbers")
    return height, width


def chance(name: str, value: Any) -> float:
    """A probability."""
    p = number(name, "p", value)
    if not 0 <= p <= 1:
        raise InvalidValueError(f"{name}: p is a probability, from 0 to 1, received {p}", fix="pass p=0.5, say")
    return float(p)


def span(name: str, argument: str, value: Any, symmetric: bool = True) -> tuple[float, float]:
    """A range (low, high); one number d means (-d, d)."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise InvalidValueError(f"{name}: {argument} is (low, high), received {value!r:.60}", fix="pass two")
        low, high = (float(number(name, argument, v)) for v in value)
    else:
        high = float(number(name, argument, value))
        low = -high if symmetric else high
    if not (np.isfinite([low, high]).all() and low <= high):
        raise InvalidValueError(
            f"{name}: {argument} goes from a lower to a higher number, received {value!r:.60}",
            fix=f"pass {argument}=(low, high)" + (", or one number d for (-d, d)" if symmetric else ""),
        )
    return low, high


def between(low: float, high: float, unit: Any) -> Any:
    """Numbers of a range made of numbers from 0 to 1."""
    return low + (high - low) * unit
