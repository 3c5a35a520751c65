"""Processes as shells run them: stopped and resumed, in pipes, on terminals, and completed by a real bash."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zkynet.train.checkpoint_files import load_checkpoint
from zkynet.train.checkpoint_folder import numbered

pytestmark = [pytest.mark.once, pytest.mark.slow]

PROGRAM = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from zkynet.cli import main; main()"
"""As from a terminal: what is started in the background would ignore Ctrl-C."""

SETTINGS = ["--epochs", "25", "--set", "hidden=16", "--seed", "3"]


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *words]


def finish(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(*words), capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done


def ended(folder: Path) -> tuple[dict[str, float], dict[str, bytes], str, str]:
    """Results, the bits of the weights, and what was logged."""
    state = load_checkpoint(next(iter(numbered(folder / "checkpoints").values())))
    results = json.loads((folder / "results.json").read_text())
    assert results["status"] == "finished"
    weights = {name: w.numpy().tobytes() for name, w in state["model"].items()}
    logs = [(folder / name).read_text() for name in ("metrics.csv", "metrics.jsonl")]
    assert len(logs[0].splitlines()) == 26, "a row for each epoch"
    return results["results"], weights, logs[0], logs[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    finish("train", "spirals", "--folder", str(folder), *SETTINGS, code=1)  # so few epochs miss the goal
    return folder


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_stopped_goes_on_with_the_command_it_prints(
    sent: signal.Signals, code: int, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my run"
    words = ("train", "spirals", "--folder", str(folder), *SETTINGS)
    process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "epoch 3/" in line:
            process.send_signal(sent)
            break
    _, errors = process.communicate(timeout=300)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert errors.count("was interrupted") == 1
    assert "fit(" not in errors, "who types a command calls no function"
    assert json.loads((folder / "results.json").read_text())["status"] == "stopped"
    again = re.search(r"Go on with: zkynet (.*)", errors)
    assert again is not None
    out = finish(*shlex.split(again[1]), code=1).stdout
    assert "epoch 2/" not in out, "what was done is not done again"
    assert ended(folder) == ended(whole)


def test_a_run_that_was_killed_goes_on(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen(
        command("train", "spirals", "--folder", str(folder), *SETTINGS), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "epoch 5/" in line:
            process.kill()
            break
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert json.loads((folder / "results.json").read_text())["status"] == "running"
    finish("train", "spirals", "--resume", str(folder), code=1)
    assert ended(folder) == ended(whole)


def test_a_finished_run_goes_on_for_more_epochs(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    out = finish("train", "--resume", str(folder), "--epochs", "26", code=1).stdout
    assert "epoch 26/26" in out
    assert "epoch 25/" not in out


def test_the_trained_model_answers(whole: Path) -> None:
    told = json.loads(finish("predict", str(whole), "0.4,0.1", "--json").stdout)
    assert sum(told.values()) == pytest.approx(1)
    assert "the input is 2 numbers, received '0.4'" in finish("predict", str(whole), "0.4", code=2).stderr


def test_pipes_get_plain_lines_and_may_be_closed(tmp_path: Path) -> None:
    words = ("train", "spirals", "--folder", str(tmp_path / "run"), "--epochs", "2")
    out = finish(*words, code=1).stdout
    assert "epoch 2/2" in out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out), "no control characters"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command("recipes"), stdout=writer, stderr=subprocess.PIPE, text=True, timeout=300)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


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


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from zkynet.cli.program import run
assert run(["--help"]) == run(["train", "--help"]) == 0
heavy = {"jax", "torch", "matplotlib", "rich", "scipy", "PIL", "zkynet.nn", "zkynet.train", "zkynet.data"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == "[]\n"
