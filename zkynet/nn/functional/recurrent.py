"""Recurrent layers as functions of whole sequences."""

from __future__ import annotations

__all__: list[str] = []
