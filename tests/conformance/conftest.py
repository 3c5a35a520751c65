"""Fixtures of the conformance tests."""

from __future__ import annotations

import pytest

from conformance.unable import UNABLE


@pytest.fixture(autouse=True)
def _unable(request: pytest.FixtureRequest, backend_name: str) -> None:
    """Expect the failures that are listed for the backend under test."""
    name = request.node.name
    for pattern, reason in UNABLE.get(backend_name, {}).items():
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1])):
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
