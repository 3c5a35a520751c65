"""What this library does better in `zkynet.nn`: a table of kernels a topic, put together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KERNELS: dict[str, Callable[..., Any]] = {}
