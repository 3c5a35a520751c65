"""A folder of checkpoints: which are kept, which is the newest that is intact; and the signals that ask for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import zkynet as zk
from zkynet.errors import CheckpointWarning, FileFormatError
from zkynet.train.checkpoint_folder import keep, newest, numbered
from zkynet.train.interrupting import Interruptions

pytestmark = pytest.mark.once


def filled(folder: Path, steps: int = 4) -> list[Path]:
    return [keep(folder, step, {"step": step, "w": zk.ones(3)}, None) for step in range(steps)]


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def test_the_oldest_go_and_nothing_else_does(tmp_path: Path) -> None:
    others = ["step-1.safetensors", "best.safetensors", "step-00000001.safetensors.damaged", "notes.txt"]
    folder = tmp_path / "a" / "b"
    assert newest(folder) is None
    folder.mkdir(parents=True)
    for name in others:
        (folder / name).touch()
    for step in (7, 100, 99_999_999, 100_000_000):
        keep(folder, step, {"step": step}, 2)
    assert list(numbered(folder)) == [100_000_000, 99_999_999]
    assert {path.name for path in folder.iterdir()} == {*others, *(p.name for p in numbered(folder).values())}
    assert newest(folder) == (folder / "step-100000000.safetensors", {"step": 100_000_000})


def test_a_damaged_newest_one_falls_back_on_the_one_before_and_says_so(tmp_path: Path) -> None:
    paths = filled(tmp_path)
    spoil(paths[3])
    paths[2].write_bytes(paths[2].read_bytes()[:100])
    with pytest.warns(CheckpointWarning) as seen:
        found = newest(tmp_path)
    assert found is not None
    assert found[0] == paths[1]
    assert found[1]["step"] == 1
    assert [str(w.message).partition(";")[0] for w in seen] == [
        f"{paths[3]} is damaged in w",
        f"{paths[2]} is no intact safetensors file",
    ]
    assert "going on from step-00000001.safetensors" in str(seen[0].message)
    assert "step-00000003.safetensors.damaged" in os.listdir(tmp_path)
    again = newest(tmp_path)
    assert again is not None
    assert again[0] == paths[1]


def test_where_all_are_damaged_nothing_is_begun_anew(tmp_path: Path) -> None:
    for path in filled(tmp_path, 2):
        spoil(path)
    with pytest.raises(FileFormatError, match="none of the checkpoints") as caught:
        newest(tmp_path)
    assert len(caught.value.facts) == 2
    assert len(numbered(tmp_path)) == 2


def test_one_of_a_newer_zkynet_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    monkeypatch.setattr("zkynet.train.checkpoint_files.NEWEST", 2)
    keep(tmp_path, 9, {}, None)
    monkeypatch.undo()
    with pytest.raises(FileFormatError, match="written by a newer zkynet"):
        newest(tmp_path)


# -- signals -----------------------------------------------------------------------------------------------------------


def test_the_first_signal_is_noted_and_the_second_ctrl_c_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interruptions() as interruptions:
        assert interruptions.asked_by is None
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert interruptions.asked_by == signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interruptions.asked_by = None
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert capfd.readouterr().err.count("finishing this step") == 1


def test_one_that_comes_when_all_is_done_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt), Interruptions(note=""):
        signal.raise_signal(signal.SIGINT)


def test_signals_that_were_ignored_stay_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruptions(note="") as interruptions:
            signal.raise_signal(signal.SIGINT)
            assert interruptions.asked_by is None
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_other_threads_nothing_is_changed() -> None:
    before = signal.getsignal(signal.SIGINT)

    def work() -> None:
        with Interruptions():
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_an_error_of_training_leaves_the_handlers_as_they_were() -> None:
    code = """
import signal
from zkynet.train.interrupting import Interruptions
try:
    with Interruptions(note=""):
        signal.raise_signal(signal.SIGINT)
        1 / 0
except ZeroDivisionError:
    signal.raise_signal(signal.SIGINT)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr
