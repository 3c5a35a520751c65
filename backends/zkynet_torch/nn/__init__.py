"""What this library does better in `zkynet.nn`: a table of kernels a topic, put together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet_torch.nn import convolution

KERNELS: dict[str, Callable[..., Any]] = {
    **convolution.KERNELS,
}
