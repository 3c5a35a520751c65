"""Convolutions and transposed convolutions over one, two and three axes."""

from __future__ import annotations

__all__: list[str] = []
