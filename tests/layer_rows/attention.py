"""Multi-head attention and its kin."""

from __future__ import annotations

import numpy as np
from layers import LayerRow
from table import normal

LATER = np.triu(np.ones((4, 4), bool), 1)
PADDED = np.array([[False, False, False, True, True], [False, True, False, False, False]])

ROWS = [
    LayerRow("MultiheadAttention", (normal(2, 2, 4), normal(2, 3, 4), normal(2, 3, 4)), (4, 2), {"batch_first": True}),
    LayerRow(
        "MultiheadAttention:masks",
        (normal(2, 4, 4), normal(2, 5, 3), normal(2, 5, 2)),
        (4, 2),
        {"batch_first": True, "kdim": 3, "vdim": 2, "add_bias_kv": True, "add_zero_attn": True},
        {
            "attn_mask": np.linspace(-1, 1, 20).reshape(4, 5),
            "key_padding_mask": np.where(PADDED, -np.inf, 0.0),
            "average_attn_weights": False,
        },
        order=1,
        empty="the mask has a batch",
    ),
    LayerRow(
        "MultiheadAttention:length first",
        (normal(4, 2, 4), normal(4, 2, 4), normal(4, 2, 4)),
        (4, 2),
        {"bias": False},
        {"need_weights": False, "attn_mask": LATER},
        order=1,
        empty="the first axis is the length",
    ),
    LayerRow("AdditiveAttention", (normal(2, 3, 4), normal(2, 5, 3)), (4, 3, 6), torch=None),
    LayerRow("MultiplicativeAttention", (normal(2, 4), normal(2, 5, 3)), (4, 3), torch=None),
    LayerRow("SinusoidalEncoding", (normal(2, 3, 5),), (5,), {"batch_first": True}, torch=None),
    LayerRow("LearnedEncoding", (normal(2, 3, 4),), (7, 4), {"batch_first": True}, torch=None),
    LayerRow("RotaryEncoding", (normal(2, 2, 3, 6),), (4,), torch=None),
]
