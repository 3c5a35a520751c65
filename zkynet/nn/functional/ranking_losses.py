"""Losses on margins, rankings and similarities."""

from __future__ import annotations

__all__: list[str] = []
