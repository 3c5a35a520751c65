"""`Module`: layers, models, and what they hold."""

from __future__ import annotations

__all__: list[str] = []
