"""What this library does better in `zkynet.nn`: a table of kernels a topic, put together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet_numpy.nn import affine, attention, convolution, losses, normalization, pooling, recurrent

KERNELS: dict[str, Callable[..., Any]] = {
    **affine.KERNELS,
    **attention.KERNELS,
    **convolution.KERNELS,
    **losses.KERNELS,
    **normalization.KERNELS,
    **pooling.KERNELS,
    **recurrent.KERNELS,
}
