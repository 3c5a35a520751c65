"""Affine maps: the bias is added where the product stands."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

KERNELS: dict[str, Callable[..., Any]] = {}


def _linear(xp: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    rows = x if x.ndim < 3 else x.reshape(prod(x.shape[:-1]), x.shape[-1])
    out = xp.matmul(rows, weight.T)
    if bias is not None:
        out = np.add(out, bias, out=out) if out.ndim and out.dtype == bias.dtype else out + bias
    return out if x.ndim < 3 else out.reshape(*x.shape[:-1], weight.shape[0])


KERNELS["nn.linear"] = _linear
