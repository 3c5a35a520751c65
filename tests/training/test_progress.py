"""What is shown: lines where there is no terminal, a bar where there is one, nothing when that is asked for."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.train import progress

pytestmark = pytest.mark.once


def fit(epochs: int, **more: Any) -> zk.train.Trainer:
    zk.random.seed(0)
    x = np.linspace(0, 1, 20, dtype="float32").reshape(-1, 1)
    trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", ["mae"], **more)
    trainer.fit((x, x), validation=(x, x), epochs=epochs, batch_size=4)
    return trainer


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    fit(2, name="line")
    lines = capsys.readouterr().out.splitlines()
    figures = r"loss [\d.e-]+  mae [\d.e-]+  val_loss [\d.e-]+  val_mae [\d.e-]+"
    assert re.fullmatch(rf"line: epoch 1/2  {figures}  \(\d+ steps/s, [\d.]+ s left\)", lines[0])
    assert re.fullmatch(rf"line: epoch 2/2  {figures}  \(\d+ steps/s\)", lines[1])
    assert len(lines) == 2


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    fit(2, progress=False)
    assert capsys.readouterr() == ("", "")


def test_of_many_epochs_some_lines_are_left(capsys: pytest.CaptureFixture[str]) -> None:
    class Stop(zk.train.Callback):
        def on_epoch_end(self, trainer: Any, logs: Any) -> None:
            if trainer.epoch == 97:
                trainer.stop("enough")

    fit(200, callbacks=[Stop()])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[:3]] == ["epoch 1/200", "epoch 8/200", "epoch 16/200"]
    assert lines[-2].startswith("epoch 97/200")
    assert lines[-1] == "stopped: enough"
    assert len(lines) == 15


def test_a_long_epoch_is_heard_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    fit(1)
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"epoch 1/1  step 3/5  loss [\d.e-]+  mae [\d.e-]+  \(\d+ steps/s, [\d.]+ s left\)", lines[2])


TERMINAL = """
import numpy as np, zkynet as zk, time
class Slow(zk.train.Callback):
    def on_step_end(self, trainer, logs):
        time.sleep(0.05)
x = np.ones((40, 1), "float32")
zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", callbacks=[Slow()]).fit((x, x), epochs=2, batch_size=4)
"""


@pytest.mark.slow
def test_a_bar_in_a_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen([sys.executable, "-c", TERMINAL], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how a terminal says that its other end is closed
            break
        shown += part
        if not part:
            break
    os.close(ours)
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"epoch 1/2 ━+.* \d+/10 loss [\d.e+-]+ \d+ steps/s [\d.]+ s left", text)
    assert re.search(r"epoch 2/2  loss [\d.e+-]+  \(\d+ steps/s\)", text)


def test_spans_of_time() -> None:
    assert [progress.span(s) for s in (0.04, 9.99, 59.4, 59.6, 3599.7)] == [
        "0.0 s",
        "10.0 s",
        "59 s",
        "1:00",
        "1:00:00",
    ]
