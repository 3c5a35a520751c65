"""Layers of the transformer and stacks of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from layers import LayerRow
from table import normal

LATER = np.triu(np.ones((4, 4), bool), 1)
FIRST = {"batch_first": True}


def stack(kind: str) -> Any:
    """Two layers and a norm."""

    def make(nn: Any) -> Any:
        layer = getattr(nn, f"Transformer{kind}Layer")(4, 2, 5, 0.0, batch_first=True)
        return getattr(nn, f"Transformer{kind}")(layer, 2, nn.LayerNorm(4))

    return make


ROWS = [
    LayerRow(
        "TransformerEncoderLayer",
        (normal(2, 3, 4),),
        (4, 2, 5, 0.0),
        FIRST | {"norm_first": True, "activation": "gelu"},
        {"is_causal": False},
    ),
    LayerRow(
        "TransformerEncoderLayer:norms last", (normal(2, 4, 4),), (4, 2, 5, 0.0), FIRST, {"src_mask": LATER}, order=0
    ),
    LayerRow(
        "TransformerDecoderLayer",
        (normal(2, 4, 4), normal(2, 3, 4)),
        (4, 2, 5, 0.0),
        FIRST | {"activation": "gelu", "bias": False},
        {"tgt_mask": LATER},
        order=0,
    ),
    LayerRow(
        "TransformerEncoder",
        (normal(2, 4, 4),),
        call={"mask": LATER},
        torch=stack("Encoder"),
        made=stack("Encoder"),
        order=0,
    ),
    LayerRow(
        "TransformerDecoder",
        (normal(2, 4, 4), normal(2, 3, 4)),
        torch=stack("Decoder"),
        made=stack("Decoder"),
        order=0,
    ),
    LayerRow(
        "Transformer",
        (normal(2, 3, 4), normal(2, 4, 4)),
        (4, 2, 1, 1, 5, 0.0),
        FIRST | {"norm_first": True},
        {"tgt_mask": LATER},
        order=0,
    ),
]
