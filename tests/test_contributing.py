"""The example of CONTRIBUTING.md, performed: two places are all that a new op takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.once, pytest.mark.slow]

ROOT = Path(__file__).parent.parent


def test_an_op_is_two_places(tmp_path: Path) -> None:
    op_file, row_file = (
        re.search(rf"`({folder}/[a-z/_]+\.py)`", CONTRIBUTING).group(1)  # type: ignore[union-attr]
        for folder in ("zkynet/ops", "tests/rows")
    )
    definition, row = re.findall(r"```python\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
    for folder in ("zkynet", "backends", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, text in ((op_file, definition), (row_file, row)):
        with (tmp_path / name).open("a") as file:
            file.write("\n\n" + text)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(tmp_path / "backends")])}
    tests = ["tests/test_op_table.py", "-k", "logcosh or has_a_row"]
    out = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert out.returncode == 0, out.stdout + out.stderr
    passed = int(re.search(r"(\d+) passed", out.stdout).group(1))  # type: ignore[union-attr]
    assert passed >= 6, out.stdout  # values, gradient, second derivative, batch, float32, and the table itself
    documented = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--doctest-modules", op_file, "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert documented.returncode == 0, documented.stdout + documented.stderr


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
