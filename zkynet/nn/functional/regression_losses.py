"""Losses of regressions, and distances between distributions."""

from __future__ import annotations

__all__: list[str] = []
