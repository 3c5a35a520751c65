"""Linear, bilinear and embedding layers, and those that only change the shape."""

from __future__ import annotations

from layers import LayerRow
from table import integers, normal

ROWS = [
    LayerRow("Linear", (normal(4, 3),), (3, 2)),
    LayerRow("Linear:no bias", (normal(4, 3),), (3, 2), {"bias": False}),
    LayerRow("Linear:sequence", (normal(2, 5, 3),), (3, 2)),
    LayerRow("Linear:vector", (normal(3),), (3, 2), empty="a single example"),
    LayerRow("Bilinear", (normal(4, 2), normal(4, 3)), (2, 3, 5)),
    LayerRow("Bilinear:batch axes", (normal(2, 4, 2), normal(2, 4, 3)), (2, 3, 5), {"bias": False}),
    LayerRow("Embedding", (integers(0, 7, 4, 3),), (7, 3)),
    LayerRow("Embedding:padding", (integers(0, 4, 4, 3),), (4, 3), {"padding_idx": 1}, order=0),
    LayerRow("Identity", (normal(4, 3),)),
    LayerRow("Flatten", (normal(2, 3, 4),)),
    LayerRow("Flatten:axes", (normal(2, 3, 4),), (0, 1), empty="the batch is merged"),
    LayerRow("Unflatten", (normal(2, 12),), (1, (3, 4))),
]
