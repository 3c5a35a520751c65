"""Trainings that are killed with SIGKILL at random moments, and end with the same bits as one that was left alone."""

from __future__ import annotations

import contextlib
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
MARK = "ZKYNET_TEST_RUN"
SETTINGS = {"backend": "numpy", "workers": 0, "steps_per_save": 2, "epochs": 6, "pause": 0}


class Run:
    """A training in a folder, begun and killed as often as is asked for."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        folder.mkdir()
        self.folder, self.settings = folder, {**SETTINGS, **settings}
        self.kills = self.in_a_save = self.before_training = 0

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), str(self.folder), json.dumps(self.settings)]
        env = {**os.environ, MARK: str(self.folder)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, **pipes, text=True, env=env, start_new_session=True)  # type: ignore[call-overload]

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

    def start_and_wait(self, steps: int) -> subprocess.Popen[str]:
        """Start it, and return when it has said that so many steps are done."""
        process = self.start()
        assert process.stdout is not None
        for _ in range(steps):
            assert process.stdout.readline().startswith("step "), process.communicate()[1]
        return process

    def kill_after_steps(self, steps: int, then: float) -> None:
        """Kill it some seconds after it has said that so many steps are done."""
        process = self.start_and_wait(steps)
        time.sleep(then)
        process.kill()
        process.communicate()
        self.kills += 1

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
    whole = Run(tmp_path / "whole", epochs=12)
    latest = whole.finish()
    kills = in_a_save = runs = 0
    while kills < 50:
        run = Run(tmp_path / f"run {runs}", epochs=12)
        before: list[str] = []
        while run.kill_after(moments.uniform(0.05, latest)):
            if run.saved() == before:  # most of the time goes into importing; later next time, to get on
                latest *= 1.1
            before = run.saved()
        latest *= 0.7  # and earlier, so that a run needs many attempts
        assert run.results() == whole.results(), f"after {run.kills} kills"
        assert not [name for name in run.saved() if name.endswith("zkynet-part")], "leftovers are removed"
        kills, in_a_save, runs = kills + run.kills, in_a_save + run.in_a_save, runs + 1
    print(f"{kills} kills, {in_a_save} of them in the middle of a write, in {runs} runs")
    assert in_a_save


@pytest.mark.once
@pytest.mark.slow
def test_with_worker_processes_too_and_none_stays_behind(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    whole, run = Run(tmp_path / "whole"), Run(tmp_path / "run", workers=2, pause=0.02)
    whole.finish()
    for _ in range(5):
        run.kill_after_steps(moments.randint(1, 4), moments.uniform(0, 0.04))
    process = run.start_and_wait(1)
    assert len(processes_of(run)) >= 3, "two workers at least"
    process.kill()
    process.communicate()
    run.finish()
    assert run.results() == whole.results()
    deadline = time.monotonic() + 20
    while left := processes_of(run):
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.1)


def processes_of(run: Run) -> list[str]:
    """Processes that a run has started: they inherit its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={run.folder}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.only("jax")
def test_killed_on_jax(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    whole, run = (Run(tmp_path / name, backend="jax", epochs=3, pause=0.02) for name in ("whole", "run"))
    whole.finish()
    for _ in range(3):
        run.kill_after_steps(moments.randint(1, 4), moments.uniform(0, 0.04))
    run.finish()
    assert run.kills == 3
    assert run.results() == whole.results()


# -- signals that ask --------------------------------------------------------------------------------------------------


def interrupted(run: Run, steps: int, *signals: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Send signals after some steps, the second one a little later."""
    process = run.start_and_wait(steps)
    for number in signals:
        os.killpg(process.pid, number)  # as a terminal does: all processes get it
        time.sleep(0.2)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 2), (signal.SIGTERM, 0)])
def test_asked_once_it_finishes_the_step_saves_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    whole = Run(tmp_path / "whole")
    whole.finish()
    run = Run(tmp_path / "run", pause=0.5, steps_per_save=1000, workers=workers)
    for step, steps in ((3, 3), (12, 9)):
        done = interrupted(run, steps, number)
        assert done.returncode == 128 + number
        assert "Traceback" not in done.stderr
        path = run.folder / "checkpoints" / f"step-{step:08d}.safetensors"
        assert "finishing this step" in done.stderr
        assert f"training was interrupted after step {step}, in epoch {1 + step // 7} of 6" in done.stderr
        assert f"saved in {path}" in done.stderr
        assert "resume=True" in done.stderr
        assert path.exists()
        assert not processes_of(run)
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
