"""Noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.data.streams import sample_streams
from zkynet.data.transforms.pictures import Picture, Transform, checked_pictures
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import flag, number

__all__ = ["GaussianNoise"]


class GaussianNoise(Transform):
    """A normal random number added to each pixel.

    Args:
        sigma: their standard deviation.
        mean: their mean.
        clip: whether what comes out is kept between 0 and 1.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> noisy = zk.data.transforms.GaussianNoise(0.1)(np.full((1, 28, 28), 0.5, "float32"))
        >>> bool(abs(noisy.std() - 0.1) < 0.02), noisy.dtype
        (True, dtype('float32'))
    """

    _settings = ("sigma", "mean", "clip")

    def __init__(self, sigma: float = 0.1, mean: float = 0.0, clip: bool = False) -> None:
        self.sigma, self.mean = (float(number("GaussianNoise", n, v)) for n, v in (("sigma", sigma), ("mean", mean)))
        self.clip = flag("GaussianNoise", "clip", clip)
        if not (0 <= self.sigma < float("inf") and np.isfinite(self.mean)):
            raise InvalidValueError(
                f"GaussianNoise: sigma is 0 or more and mean finite, received {sigma} and {mean}", fix="pass sigma=0.1"
            )

    def __call__(self, x: Any) -> Picture:
        x = checked_pictures("GaussianNoise", x, needs_floats=True)
        pictures = x if x.ndim == 4 else x[None]
        out = np.empty_like(pictures)
        for k, stream in enumerate(sample_streams(len(pictures))):
            noise = stream.standard_normal(pictures.shape[1:], np.float32)
            out[k] = pictures[k] + (noise * self.sigma + self.mean).astype(x.dtype)
        if self.clip:
            np.clip(out, 0, 1, out=out)
        return out if x.ndim == 4 else out[0]
