"""Weights & Biases and MLflow, the real packages, without a network."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import zkynet as zk
from zkynet.errors import BackendUnavailableError, LogWarning
from zkynet.train import MLflowLogger, WandbLogger

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of packages that these need
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # connections they leave open
]


def fit(logger: Any, epochs: int = 2) -> Any:
    x = zk.tensor([[0.0], [1.0], [2.0]])
    trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", loggers=[logger], log_every=1, progress=False)
    return trainer.fit((x, 2 * x), epochs=epochs, batch_size=2)


@pytest.mark.parametrize(("kind", "package"), [(WandbLogger, "wandb"), (MLflowLogger, "mlflow")])
def test_without_its_package_a_logger_says_so_before_training(
    kind: type, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailableError, match=f"needs {package}, which is not installed") as caught:
        kind()
    assert f"pip install {package}" in str(caught.value)


# -- Weights & Biases -------------------------------------------------------------------------------------------------


def written_by_wandb(folder: Path) -> list[dict[str, Any]]:
    """The rows in the files that are there for ``wandb sync``: records of protobuf in a log of LevelDB's form."""
    import json

    from wandb.proto.wandb_internal_pb2 import Record

    rows = []
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        data, at, record = path.read_bytes(), 7, b""
        while at + 7 <= len(data):
            if 32768 - at % 32768 < 7:
                at += 32768 - at % 32768
                continue
            length, kind = struct.unpack("<HB", data[at + 4 : at + 7])
            record += data[at + 7 : at + 7 + length]
            at += 7 + length
            if kind in (1, 4):  # whole, or the last of several parts
                message = Record.FromString(record)
                record = b""
                if message.WhichOneof("record_type") == "history":
                    items = {i.key or i.nested_key[0]: json.loads(i.value_json) for i in message.history.item}
                    rows.append({k: v for k, v in items.items() if k[0] != "_"} | {"at": items["_step"]})
    return rows


@pytest.mark.slow
def test_weights_and_biases_takes_the_figures_and_a_resumed_run_has_the_same_id(tmp_path: Path) -> None:
    wandb = pytest.importorskip("wandb", reason="wandb is not installed")
    options: dict[str, Any] = {"mode": "offline", "dir": str(tmp_path), "settings": wandb.Settings(silent=True)}
    logger = WandbLogger("digits", config={"hidden": 64}, **options)
    history = fit(logger)
    rows = written_by_wandb(tmp_path)
    assert [row["loss"] for row in rows if "loss" in row] == history["loss"]
    assert [(row["at"], row["epoch"]) for row in rows if "loss" in row] == [(2, 1), (4, 2)]
    assert [row["at"] for row in rows if "step/loss" in row] == [1, 2, 3, 4]
    state = logger.state_dict()
    resumed = WandbLogger("digits", **options)
    resumed.load_state_dict(state)
    resumed.log(5, 3, {"loss": 0.5})
    resumed.close()
    assert len({path.name for path in tmp_path.glob("wandb/offline-run-*/*.wandb")}) == 1  # the name has the id
    assert written_by_wandb(tmp_path)[-1] == {"loss": 0.5, "epoch": 3, "at": 5}


# -- MLflow -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Any:
    tracking = pytest.importorskip("mlflow.tracking", reason="mlflow is not installed")
    return tracking.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/runs.db")


@pytest.mark.slow
def test_mlflow_takes_the_figures_once_however_often_a_run_is_resumed(tmp_path: Path, client: Any) -> None:
    uri = f"sqlite:///{tmp_path}/runs.db"
    logger = MLflowLogger("digits", "first", uri, {"hidden": 64, "sizes, all": (3, 4)})
    history = fit(logger)
    run = client.get_run(logger.state_dict()["run"])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"hidden": "64", "sizes_ all": "(3, 4)"}

    def steps(name: str) -> list[tuple[int, float]]:
        return [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, name)]

    assert steps("loss") == [(2, history["loss"][0]), (4, history["loss"][1])]
    assert [step for step, _ in steps("step/loss")] == [1, 2, 3, 4]
    state = logger.state_dict()
    logger.log(6, 3, {"loss": 0.5, "日本": float("nan")})  # and killed
    for _ in range(2):
        resumed = MLflowLogger("digits", "first", uri)
        resumed.load_state_dict(state)
        resumed.log(6, 3, {"loss": 0.5})
        resumed.log(8, 4, {"loss": 0.25})
    assert client.get_run(run.info.run_id).info.status == "RUNNING"
    resumed.close()
    assert [step for step, _ in steps("loss")] == [2, 4, 6, 8]
    assert math.isnan(steps("__")[0][1])
    assert len(client.search_runs([run.info.experiment_id])) == 1

    gone = MLflowLogger("digits", uri=uri)
    gone.load_state_dict({"run": "0" * 32, "waiting": []})
    with pytest.warns(LogWarning, match="has no run 000"):
        gone.log(1, 1, {"loss": 1.0})

    with pytest.raises(ZeroDivisionError), closing(gone):
        raise ZeroDivisionError  # what ends a training
    assert client.get_run(gone.state_dict()["run"]).info.status == "FAILED"


@pytest.mark.slow
def test_figures_that_mlflow_does_not_take_wait_and_training_goes_on(tmp_path: Path) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="mlflow is not installed")
    logger = MLflowLogger("digits", uri=f"sqlite:///{tmp_path}/missing/runs.db")
    (tmp_path / "missing").write_text("a file, where MLflow wants a folder")
    with pytest.warns(LogWarning, match="MLflow does not take the figures.*training goes on") as told:
        history = fit(logger)
    assert len(history["loss"]) == 2
    assert len(told) == 2  # once when it began, once at the end
    assert len({step for _, _, _, step in logger.state_dict()["waiting"]}) == 4
    (tmp_path / "missing").unlink()
    (tmp_path / "missing").mkdir()
    fresh = MLflowLogger("digits", uri=f"sqlite:///{tmp_path}/missing/runs.db")
    fresh.load_state_dict(logger.state_dict())
    fresh.close()
    late = tracking.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/missing/runs.db")
    found = late.get_metric_history(fresh.state_dict()["run"], "loss")
    assert [m.value for m in found] == history["loss"]


def test_no_logger_is_loaded_before_it_is_used() -> None:
    code = "import zkynet as zk, sys; zk.train.CSVLogger; print({'wandb', 'mlflow', 'tensorboard'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
