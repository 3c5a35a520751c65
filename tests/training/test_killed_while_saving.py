"""SIGKILL while a checkpoint is being written, again and again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zkynet.train.checkpoint_folder import newest

pytestmark = [pytest.mark.once, pytest.mark.slow]
SCRIPT = Path(__file__).with_name("saves_without_end.py")


def killed(folder: Path, after: float) -> int:
    """Run the script, kill it a while after its first save; the last step that it said to have saved."""
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.kill()
    rest, _ = process.communicate()
    said = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return int(said[-1])


def test_what_was_saved_is_there_whenever_the_process_is_killed(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    moments = random.Random(seed)
    in_a_write = 0
    for _ in range(12):
        said = killed(tmp_path, moments.uniform(0, 0.1))
        found = newest(tmp_path)
        assert found is not None, f"seed {seed}"
        step = found[1]["step"]
        assert step >= said, f"seed {seed}: a checkpoint that was reported is gone"
        assert all((w == step + k).all() for k, w in enumerate(found[1]["w"])), f"seed {seed}"
        left = [name for name in os.listdir(tmp_path) if name.endswith("zkynet-part")]
        assert len(left) <= 1, f"seed {seed}: leftovers are not removed"
        in_a_write += len(left)
    assert in_a_write, f"seed {seed}: the kills have to hit the writing"
    assert len(os.listdir(tmp_path)) <= 4
