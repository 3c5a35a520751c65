"""Tests on every backend that can be used, and in interpreters of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

TORCH = pytest.param("torch", marks=pytest.mark.slow)  # slow to import
needs_strict = pytest.mark.skipif(find_spec("array_api_strict") is None, reason="array-api-strict is not installed")
every_backend = pytest.mark.parametrize("other", ["numpy", "strict", "jax", TORCH], indirect=True)


def run_python(code: str, **environment: str) -> str:
    """What a new interpreter prints."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith("ZKYNET_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**keep, **environment}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
