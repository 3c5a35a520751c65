"""Trainings that are killed with SIGKILL at random moments, and end with the same bits as one that was left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("trains_until_killed.py")
SETTINGS = {"backend": "numpy", "workers": 0, "steps_per_save": 2, "epochs": 6, "pause": 0}


class Run:
    """A training in a folder, begun and killed as often as is asked for."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        folder.mkdir()
        self.folder, self.settings = folder, {**SETTINGS, **settings}
        self.kills = self.in_a_save = self.before_training = 0

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), str(self.folder), json.dumps(self.settings)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self) -> float:
        """Let it end; how many seconds that took."""
        begun = time.monotonic()
        process = self.start()
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert out.endswith("done\n")
        assert err == ""
        return time.monotonic() - begun

    def kill_after(self, seconds: float) -> bool:
        """Kill it after a while; whether it had not ended yet."""
        process = self.start()
        try:
            _, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.kills += 1
            self.in_a_save += any(name.endswith("zkynet-part") for name in self.saved())
            self.before_training += not self.saved()
            return True
        assert process.returncode == 0, err
        return False

    def saved(self) -> list[str]:
        folder = self.folder / "checkpoints"
        return os.listdir(folder) if folder.exists() else []

    def results(self) -> dict[str, bytes]:
        """All bytes that are to be the same: weights, optimiser, history and so on; the logs; the best one."""
        names = ("final.safetensors", "log.csv", "log.jsonl", "checkpoints/best.safetensors")
        return {name: (self.folder / name).read_bytes() for name in names}


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Other moments in each session; pytest shows the seed when a test fails."""
    number = random.SystemRandom().randrange(2**32)
    print(f"the moments of the kills come from seed {number}")
    return number


@pytest.mark.once
@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    whole = Run(tmp_path / "whole")
    seconds = whole.finish()
    kills = in_a_save = runs = 0
    while kills < 50:
        run = Run(tmp_path / f"run {runs}")
        # most of the time goes into importing; short enough that a run needs many attempts, long enough that it ends
        while run.kill_after(moments.uniform(0.05, 1.1 * seconds)):
            pass
        assert run.results() == whole.results(), f"after {run.kills} kills"
        assert not [name for name in run.saved() if name.endswith("zkynet-part")], "leftovers are removed"
        kills, in_a_save, runs = kills + run.kills, in_a_save + run.in_a_save, runs + 1
    print(f"{kills} kills, {in_a_save} of them in the middle of a write, in {runs} runs")
    assert in_a_save


@pytest.mark.once
@pytest.mark.slow
def test_with_worker_processes_too_and_none_stays_behind(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    whole, run = Run(tmp_path / "whole"), Run(tmp_path / "run", workers=2)
    whole.finish()
    seconds = Run(tmp_path / "timed", workers=2).finish()
    while run.kills < 6 and run.kill_after(moments.uniform(0.5, 0.9) * seconds):
        pass
    run.finish()
    assert run.results() == whole.results()
    deadline = time.monotonic() + 20
    while left := processes_of(run.folder):
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.1)


def processes_of(folder: Path) -> list[str]:
    """Processes that have a file of a folder open, or its name in their command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            files = [os.readlink(file) for file in (process / "fd").iterdir()]
        except OSError:
            continue
        if str(folder).encode() in command or any(file.startswith(str(folder)) for file in files):
            found.append(command.decode(errors="replace"))
    return found


@pytest.mark.only("jax")
def test_killed_on_jax(tmp_path: Path, seed: int, backend: Any) -> None:
    moments = random.Random(seed)
    settings = {"backend": "jax", "epochs": 2}
    whole, run = Run(tmp_path / "whole", **settings), Run(tmp_path / "run", **settings)
    whole.finish()
    seconds = Run(tmp_path / "warm", **settings).finish()
    while run.kills < 3 and run.kill_after(moments.uniform(0.6, 0.95) * seconds):
        pass
    run.finish()
    assert run.results() == whole.results()


# -- signals that ask --------------------------------------------------------------------------------------------------


def interrupted(run: Run, step: int, *signals: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Send signals after a step, the second one a little later."""
    process = run.start()
    assert process.stdout is not None
    while process.stdout.readline() != f"step {step}\n":
        assert process.poll() is None
    for number in signals:
        process.send_signal(number)
        time.sleep(0.2)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_once_it_finishes_the_step_saves_and_says_how_to_go_on(tmp_path: Path, number: signal.Signals) -> None:
    whole = Run(tmp_path / "whole")
    whole.finish()
    run = Run(tmp_path / "run", pause=0.5, steps_per_save=1000)
    for step in (3, 12):
        done = interrupted(run, step, number)
        assert done.returncode == 128 + number
        assert "Traceback" not in done.stderr
        path = run.folder / "checkpoints" / f"step-{step:08d}.safetensors"
        assert "finishing this step" in done.stderr
        assert f"training was interrupted after step {step}, in epoch {1 + step // 7} of 6" in done.stderr
        assert f"saved in {path}" in done.stderr
        assert "resume=True" in done.stderr
        assert path.exists()
        run.settings["pause"] = 0.25
    run.settings.update(pause=0)
    run.finish()
    assert run.results() == whole.results()


@pytest.mark.once
@pytest.mark.slow
def test_asked_twice_it_stops_at_once(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", pause=30)
    begun = time.monotonic()
    done = interrupted(run, 1, signal.SIGINT, signal.SIGINT)
    assert time.monotonic() - begun < 20
    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr
    assert "was interrupted after step" not in done.stderr
    assert run.saved() == []
