"""What is installed is all there is: the build leaves out what .gitignore names, wherever it stands."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent


def ignored(path: Path, pattern: str) -> bool:
    """Whether a pattern of .gitignore names a file or a folder above it; with a slash in front, at the root alone."""
    name = pattern.strip("/")
    return any(fnmatch(part, name) for part in (path.parts[:1] if pattern.startswith("/") else path.parts))


def test_no_source_is_ignored() -> None:
    patterns = (ROOT / ".gitignore").read_text().split()
    sources = [p.relative_to(ROOT) for top in ("zkynet", "backends") for p in (ROOT / top).rglob("*") if p.is_file()]
    sources = [p for p in sources if "__pycache__" not in p.parts]
    assert len(sources) > 300
    lost = [f"{p} by {pattern}" for p in sources for pattern in patterns if ignored(p, pattern)]
    assert not lost, lost
