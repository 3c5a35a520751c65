"""Activation functions; where one has a kink, the inputs stay away from it."""

from __future__ import annotations

from typing import Any

from layers import LayerRow
from table import away_from_zero, normal, uniform

ANY, BENT = normal(3, 4), away_from_zero(3, 4)


def gated(activation: str) -> Any:
    """A gated unit made of PyTorch's activation."""

    def make(nn: Any) -> Any:
        class Gated(nn.Module):  # type: ignore[misc]
            def forward(self, x: Any) -> Any:
                value, gate = x.chunk(2, -1)
                return value * getattr(nn.functional, activation)(gate)

        return Gated()

    return make


ROWS = [
    LayerRow("ReLU", (BENT,)),
    LayerRow("ReLU6", (uniform(0.1, 5.9, 3, 4),)),
    LayerRow("ReLU6:cut", (uniform(6.1, 9.0, 3, 4),), order=0),
    LayerRow("LeakyReLU", (BENT,), (0.2,)),
    LayerRow("ELU", (BENT,), (0.7,)),
    LayerRow("SELU", (BENT,)),
    LayerRow("CELU", (BENT,), (1.3,), rtol=1e-7),  # PyTorch keeps alpha in float32
    LayerRow("GELU", (ANY,)),
    LayerRow("GELU:tanh", (ANY,), ("tanh",)),
    LayerRow("SiLU", (ANY,)),
    LayerRow("Mish", (ANY,)),
    LayerRow("Sigmoid", (ANY,)),
    LayerRow("LogSigmoid", (ANY,)),
    LayerRow("Tanh", (ANY,)),
    LayerRow("Tanhshrink", (ANY,)),
    LayerRow("Softsign", (BENT,)),
    LayerRow("Softplus", (ANY,), (2.0,)),
    LayerRow("Softshrink", (uniform(0.4, 2.0, 3, 4),), (0.3,)),
    LayerRow("Hardshrink", (uniform(0.4, 2.0, 3, 4),), (0.3,)),
    LayerRow("Hardsigmoid", (uniform(-2.9, 2.9, 3, 4),), rtol=1e-7),  # PyTorch keeps 1/6 in float32
    LayerRow("Hardswish", (uniform(-2.9, 2.9, 3, 4),)),
    LayerRow("Hardtanh", (uniform(-1.9, 2.9, 3, 4),), (-2.0, 3.0)),
    LayerRow("Hardtanh:cut", (normal(3, 4),), (-0.1, 0.2), order=0),
    LayerRow("Threshold", (BENT,), (0.1, 2.0)),
    LayerRow("PReLU", (BENT,)),
    LayerRow("PReLU:channels", (away_from_zero(2, 3, 2, 2),), (3,)),
    LayerRow("RReLU", (BENT,), (0.2, 0.6), training=(False,)),
    LayerRow("GLU", (normal(3, 4),)),
    LayerRow("GLU:channels", (normal(2, 4, 3),), (1,)),
    LayerRow("SwiGLU", (normal(3, 4),), torch=gated("silu")),
    LayerRow("GEGLU", (normal(3, 4),), torch=gated("gelu")),
    LayerRow("ReGLU", (away_from_zero(3, 4),), torch=gated("relu")),
    LayerRow("Softmax", (ANY,), (-1,)),
    LayerRow("Softmax:first axis", (ANY,), (0,), empty="the batch is the axis"),
    LayerRow("Softmin", (ANY,), (1,)),
    LayerRow("LogSoftmax", (ANY,), (1,)),
    LayerRow("Softmax2d", (normal(2, 3, 2, 2),)),
]
