"""`--backend NAME` runs the suite on one backend; without it, on NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import zkynet as zk


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", default="numpy", help="the backend that backend-independent tests run on")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a few seconds")


@pytest.fixture(scope="session")
def backend_name(request: pytest.FixtureRequest) -> str:
    """The backend under test; skips, with the reason, where it cannot be used."""
    name = request.config.getoption("--backend")
    why = zk.backend.registry.find_backend(name).why_unavailable()
    if why is not None:
        pytest.skip(f"backend {name} cannot be used here: {why}")
    return name  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _backend(backend_name: str) -> Iterator[Any]:
    """Every test runs on the backend under test."""
    with zk.use_backend(backend_name) as backend:
        yield backend


@pytest.fixture
def backend(_backend: Any) -> Any:
    """The backend object under test."""
    return _backend
