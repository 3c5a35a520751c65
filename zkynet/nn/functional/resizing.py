"""Resizing of images: interpolation, pixel shuffles, padding."""

from __future__ import annotations

__all__: list[str] = []
