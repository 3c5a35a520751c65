"""Normalising layers."""

from __future__ import annotations

from layers import LayerRow
from table import normal

BOTH = (True, False)

ROWS = [
    LayerRow("BatchNorm1d", (normal(6, 3),), (3,), training=BOTH, calls=3),
    LayerRow("BatchNorm1d:sequence", (normal(4, 3, 2),), (3,), {"momentum": None}, training=BOTH, calls=3),
    LayerRow("BatchNorm2d", (normal(3, 2, 2, 3),), (2,), {"momentum": 0.3, "eps": 1e-2}, training=BOTH),
    LayerRow("BatchNorm2d:plain", (normal(3, 2, 2, 3),), (2,), {"affine": False}, training=BOTH),
    LayerRow("BatchNorm2d:batch only", (normal(3, 2, 2, 3),), (2,), {"track_running_stats": False}, training=BOTH),
    LayerRow("BatchNorm3d", (normal(2, 2, 1, 2, 3),), (2,), training=BOTH),
    LayerRow("InstanceNorm1d", (normal(3, 2, 4),), (2,), training=BOTH),
    LayerRow("InstanceNorm1d:example", (normal(2, 4),), (2,), empty="a single example"),
    LayerRow("InstanceNorm2d", (normal(3, 2, 2, 3),), (2,), {"affine": True}),
    LayerRow("InstanceNorm3d", (normal(2, 2, 1, 2, 3),), (2,)),
    LayerRow("LayerNorm", (normal(3, 5),), (5,)),
    LayerRow("LayerNorm:axes", (normal(2, 3, 4),), ((3, 4),), {"eps": 1e-2}),
    LayerRow("LayerNorm:plain", (normal(2, 3, 4),), (4,), {"elementwise_affine": False}),
    LayerRow("LayerNorm:no bias", (normal(3, 4),), (4,), {"bias": False}),
    LayerRow("RMSNorm", (normal(3, 5),), (5,)),
    LayerRow("RMSNorm:axes", (normal(2, 3, 4),), ((3, 4),), {"eps": 1e-2}),
    LayerRow("GroupNorm", (normal(2, 4, 3),), (2, 4)),
    LayerRow("GroupNorm:plain", (normal(3, 4),), (2, 4), {"affine": False}),
    LayerRow("LocalResponseNorm", (normal(2, 5, 3),), (3,), {"alpha": 0.5}),
    LayerRow("LocalResponseNorm:even", (normal(2, 5, 2, 2),), (2,), {"alpha": 0.5, "beta": 1.5, "k": 2.0}),
]
