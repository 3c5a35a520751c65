"""Parameters and buffers: the tensors of a module."""

from __future__ import annotations

__all__: list[str] = []
