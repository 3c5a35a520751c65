"""Activation functions by the names that PyTorch's `nn.functional` has."""

from __future__ import annotations

__all__: list[str] = []
