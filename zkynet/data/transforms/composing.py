"""Transforms one after another, and functions of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from zkynet.data.streams import drawing_from, sample_streams
from zkynet.data.transforms.pictures import Transform
from zkynet.errors import ArgumentError, ZkynetError, described
from zkynet.ops.arguments import flag

__all__ = ["Compose", "Lambda"]


class Compose(Transform):
    """Transforms one after another.

    Args:
        transforms: transforms, or functions of what the one before returns.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> T = zk.data.transforms
        >>> prepare = T.Compose([T.ToFloat(), T.Normalize(0.5, 0.5), np.abs])
        >>> prepare(np.array([[[0, 255]]], "uint8"))
        array([[[1., 1.]]], dtype=float32)
    """

    def __init__(self, transforms: Iterable[Callable[[Any], Any]]) -> None:
        if not isinstance(transforms, Iterable) or isinstance(transforms, str):
            raise ArgumentError(
                f"Compose expected a list of transforms, received {described(transforms)}", fix="pass [a, b, ...]"
            )
        self.transforms = list(transforms)
        for each in self.transforms:
            if not callable(each):
                raise ArgumentError(
                    f"Compose: a transform is a function, received {described(each)}",
                    fix="pass transforms such as HorizontalFlip(), or functions of a picture",
                )

    def __call__(self, x: Any) -> Any:
        for k, transform in enumerate(self.transforms):
            try:
                x = transform(x)
            except ZkynetError as e:
                if not e.place:
                    e.locate(f"in transform {k + 1} of {len(self.transforms)}, {transform!r:.80}")
                raise
        return x

    def __repr__(self) -> str:
        return f"Compose({self.transforms!r})"


class Lambda(Transform):
    """A function of one's own as a transform.

    Random numbers it takes of `zkynet.data.sample_stream()`.

    Args:
        function: a function of a picture (C, H, W), or of whatever it is given.
        per_picture: whether a batch (N, C, H, W) is given to it picture by picture, each with its own random numbers.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> def darken(picture):
        ...     return picture * zk.data.sample_stream().uniform(0.5, 1.0)
        >>> pictures = np.ones((4, 1, 2, 2))
        >>> darkened = zk.data.transforms.Lambda(darken, per_picture=True)(pictures)
        >>> darkened.shape, len(set(darkened[:, 0, 0, 0]))
        ((4, 1, 2, 2), 4)
    """

    _settings = ("function", "per_picture")

    def __init__(self, function: Callable[[Any], Any], per_picture: bool = False) -> None:
        if not callable(function):
            raise ArgumentError(f"Lambda expected a function, received {described(function)}", fix="pass a function")
        self.function = function
        self.per_picture = flag("Lambda", "per_picture", per_picture)

    def __call__(self, x: Any) -> Any:
        if not self.per_picture or np.ndim(x) != 4:
            return self.function(x)
        out = []
        for picture, stream in zip(x, sample_streams(len(x)), strict=True):
            with drawing_from(stream):
                out.append(self.function(picture))
        return np.stack(out)
