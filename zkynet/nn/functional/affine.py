"""Affine maps: linear, bilinear, embedding."""

from __future__ import annotations

__all__: list[str] = []
