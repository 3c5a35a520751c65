"""Fixtures of the conformance tests."""

from __future__ import annotations

import re

import pytest

from conformance.unable import UNABLE


@pytest.fixture(autouse=True)
def _unable(request: pytest.FixtureRequest, backend_name: str) -> None:
    """Expect the failures that are listed for the backend under test."""
    for pattern, reason in UNABLE.get(backend_name, {}).items():
        if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), request.node.name):
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
