"""How tests look at the text of errors."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest


def message(expected: str) -> str:
    """A text written as an indented block."""
    return textwrap.dedent(expected).strip()


def error_of(call: Any, kind: type[Exception]) -> str:
    """What the error says that a call raises."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)
