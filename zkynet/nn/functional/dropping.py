"""Dropout of elements, of channels, and of whole paths."""

from __future__ import annotations

__all__: list[str] = []
