"""A twin of the namespace with a graph behind every float array.

Whatever a function of the twin returns, each floating tensor without a graph becomes a leaf that requires gradients,
so that every function after it works on tensors that carry a graph.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from zkynet.dtypes import is_differentiable
from zkynet.tensor import Tensor


def recorded(value: Any) -> Any:
    """`value` with every floating tensor in it made a leaf."""
    if isinstance(value, Tensor):
        return value.requires_grad_() if is_differentiable(value.dtype) else value
    if isinstance(value, (tuple, list)) and any(isinstance(v, Tensor) for v in value):
        made = [recorded(v) for v in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    return value


def wrapped(function: Any) -> Any:
    """`function` with recorded results."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return recorded(function(*args, **kwargs))

    if hasattr(function, "__signature__"):
        call.__signature__ = function.__signature__  # type: ignore[attr-defined]
    return call


def twin(module: Any, name: str) -> ModuleType:
    """A module with the names of another, its functions wrapped."""
    made = ModuleType(name)
    for key in dir(module):
        value = getattr(module, key)
        if isinstance(value, ModuleType):
            value = twin(value, f"{name}.{key}") if key in ("linalg", "fft") else value
        elif callable(value) and not isinstance(value, type) and not key.startswith("_"):
            value = wrapped(value)
        setattr(made, key, value)
    return made
