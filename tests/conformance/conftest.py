"""Fixtures of the conformance tests."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import zkynet as zk
from conformance.unable import UNABLE


@pytest.fixture(autouse=True)
def _unable(request: pytest.FixtureRequest, backend_name: str) -> None:
    """Expect the failures that are listed for the backend under test."""
    for pattern, reason in UNABLE.get(backend_name, {}).items():
        if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), request.node.name):
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.fixture(autouse=True, scope="module")
def _forget() -> Iterator[None]:
    """Give back what JAX compiled for the shapes of a file: gigabytes in all."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture(autouse=True)
def _device(backend: Any) -> Iterator[None]:
    """On strict the tests run on its stand-in for a GPU, which refuses what would make a GPU wait."""
    with zk.device("device1" if backend.name == "strict" else backend.devices()[0]):
        yield
