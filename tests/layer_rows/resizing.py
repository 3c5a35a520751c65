"""Layers that pad, resize, and turn channels into pixels."""

from __future__ import annotations

from layers import LayerRow
from table import normal

ALONE = "a single example"

ROWS = [
    LayerRow("ZeroPad1d", (normal(1, 2, 4),), ((1, 2),)),
    LayerRow("ZeroPad2d", (normal(2, 1, 3, 2),), ((1, 0, 2, -1),)),
    LayerRow("ZeroPad3d", (normal(1, 1, 2, 2, 2),), (1,)),
    LayerRow("ConstantPad1d", (normal(2, 4),), (2, 3.5), empty=ALONE),
    LayerRow("ConstantPad2d", (normal(2, 1, 3, 2),), (1, -0.5)),
    LayerRow("ConstantPad3d", (normal(1, 1, 2, 2, 2),), ((1, 0, 0, 1, 2, 0), 2.0)),
    LayerRow("ReflectionPad1d", (normal(1, 2, 4),), (3,)),
    LayerRow("ReflectionPad2d", (normal(1, 1, 3, 4),), ((1, 3, 2, 0),)),
    LayerRow("ReflectionPad3d", (normal(1, 1, 2, 2, 2),), (1,)),
    LayerRow("ReplicationPad1d", (normal(1, 2, 4),), (5,)),
    LayerRow("ReplicationPad2d", (normal(1, 1, 3, 4),), ((1, 3, 2, 0),)),
    LayerRow("ReplicationPad3d", (normal(1, 1, 2, 2, 2),), (1,)),
    LayerRow("CircularPad1d", (normal(1, 2, 4),), (3,)),
    LayerRow("CircularPad2d", (normal(1, 1, 3, 4),), ((1, 3, 2, 0),)),
    LayerRow("CircularPad3d", (normal(1, 1, 2, 2, 2),), (1,)),
    LayerRow("Upsample", (normal(1, 2, 3),), kwargs={"scale_factor": 2}),
    LayerRow("Upsample:size", (normal(1, 1, 3, 4),), ((5, 3),)),
    LayerRow("Upsample:linear", (normal(2, 2, 3),), kwargs={"scale_factor": 2.5, "mode": "linear"}),
    LayerRow("Upsample:bilinear", (normal(1, 1, 3, 4),), kwargs={"scale_factor": (2, 0.5), "mode": "bilinear"}),
    LayerRow("Upsample:bicubic", (normal(1, 1, 3, 4),), ((5, 6), None, "bicubic", True)),
    LayerRow("Upsample:trilinear", (normal(1, 1, 2, 3, 2),), ((3, 2, 4), None, "trilinear", False)),
    LayerRow("Upsample:area", (normal(1, 1, 5, 4),), ((2, 3), None, "area")),
    LayerRow("Upsample:exact", (normal(1, 2, 5),), (3, None, "nearest-exact")),
    LayerRow("UpsamplingNearest2d", (normal(1, 2, 3, 2),), kwargs={"scale_factor": 2}),
    LayerRow("UpsamplingBilinear2d", (normal(1, 2, 3, 2),), (5,)),
    LayerRow("PixelShuffle", (normal(2, 4, 1, 2),), (2,)),
    LayerRow("PixelUnshuffle", (normal(2, 1, 2, 4),), (2,)),
    LayerRow("ChannelShuffle", (normal(1, 6, 1, 2),), (3,)),
]
