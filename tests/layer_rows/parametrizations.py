"""Layers whose weight is computed from others."""

from __future__ import annotations

from typing import Any

from layers import LayerRow
from table import normal


def normed(how: str, layer: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Our layer and PyTorch's, parametrized alike."""
    return {
        "made": lambda nn: getattr(nn, how)(getattr(nn, layer)(*args), **kwargs),
        "torch": lambda nn: getattr(nn.utils.parametrizations, how)(getattr(nn, layer)(*args), **kwargs),
    }


EVAL = {"training": (False,)}

ROWS = [
    LayerRow("Linear:weight norm", (normal(4, 3),), **normed("weight_norm", "Linear", 3, 2)),
    LayerRow("Linear:weight norm of columns", (normal(4, 3),), **normed("weight_norm", "Linear", 3, 2, dim=1)),
    LayerRow("Linear:weight norm of all", (normal(4, 3),), **normed("weight_norm", "Linear", 3, 2, dim=None)),
    LayerRow("Linear:spectral norm", (normal(4, 3),), **EVAL, **normed("spectral_norm", "Linear", 3, 2)),
    LayerRow(
        "Linear:spectral norm of columns", (normal(4, 3),), **EVAL, **normed("spectral_norm", "Linear", 3, 2, dim=1)
    ),
    LayerRow(
        "Linear:spectral norm in training",
        (normal(4, 3),),
        calls=3,
        order=0,
        **normed("spectral_norm", "Linear", 3, 2, n_power_iterations=2),
    ),
]
