"""Convolutions, transposed convolutions, unfolding and folding."""

from __future__ import annotations

from layers import LayerRow
from table import normal

ROWS = [
    LayerRow("Conv1d", (normal(2, 2, 6),), (2, 3, 3)),
    LayerRow("Conv1d:reflect", (normal(2, 2, 5),), (2, 2, 3), {"padding": 2, "padding_mode": "reflect", "dilation": 2}),
    LayerRow("Conv2d", (normal(2, 2, 4, 5),), (2, 3, (2, 3))),
    LayerRow(
        "Conv2d:strided",
        (normal(2, 2, 5, 4),),
        (2, 4, 3),
        {"stride": (2, 1), "padding": (1, 2), "groups": 2, "bias": False},
    ),
    LayerRow("Conv2d:same", (normal(1, 1, 4, 3),), (1, 2, (2, 3)), {"padding": "same", "dilation": (2, 1)}),
    LayerRow("Conv2d:circular", (normal(1, 1, 3, 4),), (1, 1, 3), {"padding": (1, 2), "padding_mode": "circular"}),
    LayerRow("Conv2d:replicate", (normal(1, 1, 3, 2),), (1, 1, 2), {"padding": 1, "padding_mode": "replicate"}),
    LayerRow("Conv2d:depthwise", (normal(2, 3, 4, 3),), (3, 3, 3), {"padding": 1, "groups": 3}),
    LayerRow("Conv2d:single", (normal(2, 3, 4),), (2, 2, 2), empty="a single example"),
    LayerRow("Conv3d", (normal(1, 2, 3, 3, 2),), (2, 2, 2), {"padding": (0, 1, 0), "stride": (1, 2, 1)}),
    LayerRow("ConvTranspose1d", (normal(2, 2, 3),), (2, 2, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    LayerRow(
        "ConvTranspose2d",
        (normal(1, 2, 2, 3),),
        (2, 2, (3, 2)),
        {"stride": (2, 1), "dilation": (1, 2), "groups": 2, "output_padding": (1, 1)},
    ),
    LayerRow(
        "ConvTranspose2d:sized",
        (normal(1, 1, 2, 2),),
        (1, 2, 2),
        {"stride": 3, "bias": False},
        call={"output_size": (6, 7)},
    ),
    LayerRow("ConvTranspose3d", (normal(1, 1, 2, 1, 2),), (1, 2, 2), {"padding": (1, 0, 0)}),
    LayerRow("Unfold", (normal(2, 2, 3, 4),), (2,), {"padding": 1, "stride": (1, 2)}),
    LayerRow("Fold", (normal(2, 8, 6),), ((3, 4), 2)),
]
