"""Layers of pooling and those that undo it."""

from __future__ import annotations

from typing import Any

import numpy as np
from layers import LayerRow
from table import Sampler, distinct, normal, positive

ALONE = "a single example"


def places(n: int, count: int, *shape: int) -> Sampler:
    """For each of `n` planes, different places among `count`."""
    return lambda rng: np.stack([rng.permutation(count)[: int(np.prod(shape))] for _ in range(n)]).reshape(1, n, *shape)


def adaptive(kind: str, n: int) -> Any:
    """PyTorch's way to one number a channel."""
    return lambda nn: nn.Sequential(getattr(nn, f"Adaptive{kind}Pool{n}d")(1), nn.Flatten(1))


ROWS = [
    LayerRow("MaxPool1d", (distinct(1, 2, 7),), (3, 2, 1)),
    LayerRow("MaxPool1d:example", (distinct(2, 6),), (2,), empty=ALONE),
    LayerRow("MaxPool2d", (distinct(2, 1, 4, 4),), (2,)),
    LayerRow("MaxPool2d:resnet", (distinct(1, 1, 5, 6),), (3,), {"stride": 2, "padding": 1}),
    LayerRow("MaxPool2d:dilated", (distinct(1, 1, 5, 6),), ((2, 3), 1), {"dilation": (2, 1), "ceil_mode": True}),
    LayerRow("MaxPool2d:indices", (distinct(1, 1, 5, 4),), (2, 2), {"return_indices": True, "ceil_mode": True}),
    LayerRow("MaxPool3d", (distinct(1, 1, 2, 4, 3),), (2,), {"stride": (1, 2, 2)}),
    LayerRow("AvgPool1d", (normal(1, 2, 7),), (3, 2, 1)),
    LayerRow("AvgPool2d", (normal(2, 1, 4, 4),), (2,)),
    LayerRow("AvgPool2d:padded", (normal(1, 1, 5, 6),), (3, 2, 1, True, False)),
    LayerRow("AvgPool2d:divisor", (normal(1, 1, 5, 6),), ((2, 3),), {"divisor_override": 4}),
    LayerRow("AvgPool3d", (normal(1, 1, 2, 4, 3),), (2, 1, 1)),
    LayerRow("LPPool1d", (positive(1, 2, 7),), (3, 2)),
    LayerRow("LPPool2d", (positive(1, 1, 4, 5),), (2, 2), {"ceil_mode": True}),
    LayerRow("LPPool3d", (positive(1, 1, 2, 4, 2),), (1.5, 2)),
    LayerRow("AdaptiveAvgPool1d", (normal(1, 2, 7),), (3,)),
    LayerRow("AdaptiveAvgPool2d", (normal(1, 1, 4, 5),), ((2, None),)),
    LayerRow("AdaptiveAvgPool2d:one", (normal(1, 2, 3, 2),), (1,)),
    LayerRow("AdaptiveAvgPool3d", (normal(1, 1, 3, 2, 3),), ((2, 2, 3),)),
    LayerRow("AdaptiveMaxPool1d", (distinct(1, 2, 7),), (3,), {"return_indices": True}),
    LayerRow("AdaptiveMaxPool2d", (distinct(1, 1, 4, 5),), ((2, 3),), {"return_indices": True}),
    LayerRow("AdaptiveMaxPool2d:one", (distinct(1, 2, 3, 2),), (1,)),
    LayerRow("AdaptiveMaxPool3d", (distinct(1, 1, 3, 2, 3),), ((2, None, 3),)),
    *[LayerRow(f"GlobalAvgPool{n}d", (normal(2, 2, *(2,) * n),), torch=adaptive("Avg", n)) for n in (1, 2, 3)],
    *[LayerRow(f"GlobalMaxPool{n}d", (distinct(2, 2, *(2,) * n),), torch=adaptive("Max", n)) for n in (1, 2, 3)],
    LayerRow("MaxUnpool1d", (normal(1, 2, 3), places(2, 6, 3)), (2,)),
    LayerRow("MaxUnpool2d", (normal(1, 2, 2, 3), places(2, 35, 2, 3)), (2,), call={"output_size": (5, 7)}),
    LayerRow("MaxUnpool3d", (normal(1, 2, 2, 1, 2), places(2, 32, 2, 1, 2)), (2,)),
]
