"""Completion in a real bash, and processes as shells run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.once, pytest.mark.slow]

ASK = """
source <(zkynet completion bash)
for line in "$@"; do
    COMP_LINE="$line"
    COMP_POINT=${#line}
    _zkynet_completion
    echo "${COMPREPLY[@]}"
done
"""


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``zkynet`` is this zkynet."""
    program = tmp_path / "bin" / "zkynet"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m zkynet "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "ZKYNET_RUNS": str(tmp_path)}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(shell: dict[str, str]) -> None:
    offered = {
        "zkynet sum": "summary",
        "zkynet train spi": "spirals",
        "zkynet train spirals --set hid": "hidden=",
        "zkynet train spirals --set hidden=": "32",  # bash puts it behind the =
        "zkynet train spirals --set noise=0.02 --backend nu": "numpy",
    }
    ask = ["bash", "--norc", "-c", ASK, "bash", *offered]
    done = subprocess.run(ask, env=shell, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == list(offered.values())
