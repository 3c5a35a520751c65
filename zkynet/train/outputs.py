"""What a model returns for several batches, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.ops.joining import concat
from zkynet.tensor import Tensor


def joined(parts: list[Any]) -> Any:
    """Tensors joined along their first axis; tuples, lists and dicts of them part by part."""
    first = parts[0]
    if isinstance(first, Tensor):
        if len(parts) == 1:
            return first
        return concat(parts) if first.ndim else concat([part.reshape(1) for part in parts])
    if isinstance(first, Mapping):
        return {name: joined([part[name] for part in parts]) for name in first}
    if isinstance(first, (tuple, list)):
        return type(first)(joined([part[k] for part in parts]) for k in range(len(first)))
    return parts
