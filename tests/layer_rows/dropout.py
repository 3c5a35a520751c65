"""Dropout where nothing is left to chance: in evaluation, and with probabilities 0 and 1."""

from __future__ import annotations

from layers import LayerRow
from table import normal

BOTH = (True, False)

ROWS = [
    LayerRow("Dropout", (normal(3, 4),), (0.0,), training=BOTH),
    LayerRow("Dropout:all", (normal(3, 4),), (1.0,), training=BOTH),
    LayerRow("Dropout:evaluated", (normal(3, 4),), training=(False,)),
    LayerRow("Dropout1d", (normal(2, 3, 4),), (1.0,), training=BOTH),
    LayerRow("Dropout2d", (normal(2, 3, 2, 2),), (1.0,), training=BOTH),
    LayerRow("Dropout3d", (normal(2, 3, 1, 2, 2),), (1.0,), training=BOTH),
    LayerRow("AlphaDropout", (normal(3, 4),), (1.0,), training=BOTH),
    LayerRow("FeatureAlphaDropout", (normal(3, 4, 2),), (1.0,), training=BOTH),
    LayerRow("DropPath", (normal(3, 4),), (1.0,), training=BOTH, torch=lambda nn: nn.Dropout(1.0)),
]
