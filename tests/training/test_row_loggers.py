"""Logs in CSV and JSON lines: what is in them, and that no row is doubled or missing whatever happens."""

from __future__ import annotations

import csv
import json
import math
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, LogWarning
from zkynet.train import CSVLogger, JSONLinesLogger, Logger

pytestmark = pytest.mark.once


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


ROWS: list[tuple[str, dict[str, Any]]] = [
    ("step", {"loss": 0.1 + 0.2}),
    ("epoch", {"loss": 1 / 3, "epoch": 1, "step": 1}),
    ("step", {"loss": float("nan")}),
    ("epoch", {"loss": 0.5, 'top-5, "best"': 0.9}),
    ("step", {"loss": float("-inf"), "lr": 1e-300}),
    ("epoch", {"loss": 2, "two\nlines": float("inf"), "日本": 1.0}),
    ("epoch", {"top-1": 0.25}),
]


def log(logger: Logger, first: int, last: int) -> None:
    for k in range(first, last):
        kind, values = ROWS[k]
        logger.log(k + 1, sum(kind == "epoch" for kind, _ in ROWS[: k + 1]), values, kind)


def make(kind: type, path: Path) -> Any:
    return kind(path, steps=True)


def test_a_table_has_a_row_for_each_epoch_and_gives_back_every_bit(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path / "new folder" / "metrics.csv")
    log(logger, 0, len(ROWS))
    rows = table(logger.path)
    assert list(rows[0]) == ["epoch", "step", "loss", 'top-5, "best"', "two\nlines", "日本", "top-1"]
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["step"] for row in rows] == ["2", "4", "6", "7"]
    assert float(rows[0]["loss"]) == 1 / 3
    assert rows[0]["top-1"] == ""
    assert rows[3]["loss"] == ""
    assert math.isinf(float(rows[2]["two\nlines"]))
    assert rows[2]["loss"] == "2"


def test_lines_of_json_are_json_even_where_there_are_nan_and_infinity(tmp_path: Path) -> None:
    logger = JSONLinesLogger(tmp_path / "metrics.jsonl")
    log(logger, 0, len(ROWS))
    rows = [json.loads(line, parse_constant=pytest.fail) for line in logger.path.read_text().splitlines()]
    assert rows[0] == {"kind": "step", "epoch": 0, "step": 1, "loss": 0.1 + 0.2}
    assert math.isnan(float(rows[2]["loss"]))
    assert float(rows[4]["loss"]) == -math.inf
    assert float(rows[5]["two\nlines"]) == math.inf
    assert [row["kind"] for row in rows] == [kind for kind, _ in ROWS]


@pytest.mark.parametrize("kind", [CSVLogger, JSONLinesLogger])
def test_every_row_is_in_the_file_before_log_returns(kind: type, tmp_path: Path) -> None:
    logger = make(kind, tmp_path / "log")
    for k in range(len(ROWS)):
        log(logger, k, k + 1)
        assert len(table(logger.path) if kind is CSVLogger else lines(logger.path)) == k + 1


@pytest.mark.parametrize("kind", [CSVLogger, JSONLinesLogger])
@pytest.mark.parametrize("saved", [0, 3, 4, 7])
def test_a_run_killed_anywhere_and_resumed_anywhere_has_the_same_bytes(kind: type, saved: int, tmp_path: Path) -> None:
    whole = make(kind, tmp_path / "whole")
    log(whole, 0, len(ROWS))
    expected = whole.path.read_bytes()
    for killed in {saved, min(saved + 2, len(ROWS)), len(ROWS)}:
        for half in (b"",) if killed == saved else (b'{"kind": "epoch", 7,2,0.33',):
            path = tmp_path / f"{killed}-{len(half)}"
            first = make(kind, path)
            log(first, 0, saved)
            state = json.loads(json.dumps(first.state_dict()))
            log(first, saved, killed)
            if killed:
                with path.open("ab") as file:
                    file.write(half)  # the process died while it was writing
            second = make(kind, path)
            second.load_state_dict(state)
            assert second.state_dict() == state
            log(second, saved, len(ROWS))
            second.close()
            assert path.read_bytes() == expected


def test_a_state_that_is_loaded_and_not_used_changes_no_file(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path / "metrics.csv")
    log(logger, 0, 2)
    state = logger.state_dict()
    log(logger, 2, 7)
    before = logger.path.read_bytes()
    other = CSVLogger(tmp_path / "metrics.csv")
    other.load_state_dict(state)  # as one who only evaluates does
    assert logger.path.read_bytes() == before
    other.close()  # as training does at its end
    assert len(table(logger.path)) == 1


def test_a_new_training_begins_a_new_file_and_a_second_fit_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,loss\n1,1,9.0\n")
    logger = CSVLogger(path)
    logger.close()
    assert path.read_text() == "epoch,step,loss\n1,1,9.0\n"
    x = zk.tensor([[0.0], [1.0]])
    trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", loggers=[logger], progress=False)
    trainer.fit((x, x), epochs=2)
    history = trainer.fit((x, x), epochs=1)
    assert [float(row["loss"]) for row in table(path)] == history["loss"]
    assert [row["epoch"] for row in table(path)] == ["1", "2", "3"]


@pytest.mark.parametrize("kind", [CSVLogger, JSONLinesLogger])
def test_a_full_disk_does_not_end_the_training_and_loses_no_row(kind: type, tmp_path: Path) -> None:
    whole = make(kind, tmp_path / "whole")
    log(whole, 0, len(ROWS))
    logger = make(kind, tmp_path / "log")
    log(logger, 0, 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = logger.path.read_bytes()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, hard))
        with pytest.warns(LogWarning, match="cannot be written.*waits in memory") as told:
            log(logger, 2, 5)
        assert len(told) == 1
        assert logger.path.read_bytes() == before
        state = logger.state_dict()
        with pytest.warns(LogWarning, match="lacks its last 3 rows"):
            logger.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    log(logger, 5, len(ROWS))  # there is room again
    assert logger.path.read_bytes() == whole.path.read_bytes()
    resumed = make(kind, tmp_path / "log")  # from a checkpoint that was saved while rows were waiting
    resumed.load_state_dict(state)
    log(resumed, 5, len(ROWS))
    assert logger.path.read_bytes() == whole.path.read_bytes()


def test_a_file_that_is_removed_or_shortened_by_somebody_is_told_of(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path / "metrics.csv")
    log(logger, 0, 4)
    logger.path.unlink()
    with pytest.warns(LogWarning, match="was removed"):
        log(logger, 4, 6)
    assert [row["epoch"] for row in table(logger.path)] == ["3"]
    logger.close()
    logger.path.write_text("")
    with pytest.warns(LogWarning, match="shortened"):
        log(logger, 6, 7)
    assert [row["epoch"] for row in table(logger.path)] == ["4"]


def test_a_log_that_lacks_rows_of_the_checkpoint_is_told_of(tmp_path: Path) -> None:
    logger = JSONLinesLogger(tmp_path / "metrics.jsonl")
    log(logger, 0, 5)
    state = logger.state_dict()
    logger.path.write_bytes(b"".join(logger.path.read_bytes().splitlines(keepends=True)[:3]))
    other = JSONLinesLogger(logger.path)
    other.load_state_dict(state)
    with pytest.warns(LogWarning, match="lacks 2 of the 5 rows"):
        log(other, 5, 6)
    assert [row["step"] for row in lines(logger.path)] == [1, 2, 3, 6]


def test_the_log_of_another_run_is_set_aside(tmp_path: Path) -> None:
    for kind, text in ((CSVLogger, "date,price\n1,2\n"), (JSONLinesLogger, "hello\n")):
        path = tmp_path / kind.__name__
        path.write_text(text)
        logger = kind(path)
        logger.load_state_dict({"rows": 1, "waiting": [], "columns": ["epoch", "step", "loss"]})
        with pytest.warns(LogWarning) as told:
            logger.log(5, 2, {"loss": 0.5})
        assert "is not the log of the run" in str(told[0].message)
        assert path.with_name(f"{path.name}.before-1").read_text() == text
        assert "0.5" in path.read_text()


def test_what_is_no_number_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path / "metrics.csv")
    logger.log(1, 1, {"loss": zk.tensor(0.5), "count": np.int64(3), "mean": np.float32(0.25)})
    before = logger.path.read_text()
    assert before == "epoch,step,loss,count,mean\n1,1,0.5,3,0.25\n"
    for values in ({"loss": "low"}, {"loss": [1.0]}, {"kind": 1.0}, {3: 1.0}, [1.0]):
        with pytest.raises((ArgumentError, InvalidValueError)):
            logger.log(2, 2, values)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="kind is"):
        logger.log(2, 2, {}, "batch")
    assert logger.path.read_text() == before
