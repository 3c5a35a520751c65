"""Weights computed from other weights: spectral and weight norm."""

from __future__ import annotations

__all__: list[str] = []
