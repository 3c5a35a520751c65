"""A run's folder: what is written, when, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, FileFormatError, InvalidValueError, MissingFileError
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run
from zkynet.runs import folder as folder_of_runs
from zkynet.runs.folder import last_folder, new_folder, read_json
from zkynet.runs.training import saved_weights
from zkynet.train import save_checkpoint

pytestmark = pytest.mark.once


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_config_and_results_say_what_was_run_and_what_came_of_it(tmp_path: Path) -> None:
    goals = [Goal("accuracy", at_least=0.9), Goal("loss", at_most=0.1)]
    with Run(tmp_path / "run", {"sizes": (3, 4)}, seed=7, name="mine", goals=goals, show=False) as run:
        run.result("accuracy", zk.tensor(0.95))
        run.table("comparison", [{"model": "a", "loss": 0.25}, {"model": "b", "time": 3}], caption="Both.")
        run.text("a sample, long", "ä line\n")
        run.say("said")
        halfway = read(tmp_path / "run" / "results.json")
    config, results = read(tmp_path / "run" / "config.json"), read(tmp_path / "run" / "results.json")
    assert config["settings"] == {"sizes": [3, 4]}
    assert (config["seed"], config["recipe"]) == (7, "mine")
    assert config["backend"] == zk.get_backend().name
    assert set(config["versions"]) >= {"zkynet", "python", "numpy"}
    assert (halfway["status"], results["status"]) == ("running", "finished")
    assert results["results"] == {"accuracy": pytest.approx(0.95)}
    assert [(g["name"], g["reached"]) for g in results["goals"]] == [("accuracy", True), ("loss", False)]
    assert not results["reached"]
    assert results["said"] == ["said"]
    assert results["tables"] == [{"name": "comparison", "file": "tables/comparison.csv", "caption": "Both."}]
    assert (tmp_path / "run/tables/comparison.csv").read_text() == "model,loss,time\na,0.25,\nb,,3\n"
    assert (tmp_path / "run" / results["texts"][0]["file"]).read_text() == "ä line\n"
    assert results["texts"][0]["file"] == "texts/a-sample-long.txt"


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "stopped"), (ValueError, "failed")])
def test_a_run_that_ends_early_says_so(tmp_path: Path, error: type[BaseException], status: str) -> None:
    run = Run(tmp_path / "run", show=False)
    run.__enter__()
    run.result("x", 1)
    run.__exit__(error, error(), None)
    assert read(tmp_path / "run" / "results.json")["status"] == status
    assert read(tmp_path / "run" / "results.json")["results"] == {"x": 1.0}


def test_a_folder_with_a_run_is_not_written_over(tmp_path: Path) -> None:
    with Run(tmp_path, seed=1, show=False):
        pass
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(InvalidValueError, match="holds a run already"), Run(tmp_path):
        pass
    assert (tmp_path / "config.json").read_bytes() == before
    with Run(tmp_path, seed=1, resume=True, show=False):
        pass
    assert (tmp_path / "config.json").read_bytes() == before


def test_two_processes_do_not_run_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_of_runs, "PATIENCE", 0.0)
    with Run(tmp_path, show=False) as run:
        run.result("x", 1)
        with pytest.raises(InvalidValueError, match="another process is running"), Run(tmp_path, resume=True):
            pass
        assert read(tmp_path / "results.json")["results"] == {"x": 1.0}
    with Run(tmp_path, resume=True, show=False):
        pass


def test_a_picture_is_a_figure_png_bytes_or_a_function(tmp_path: Path) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(1, 1))
    with Run(tmp_path, show=False) as run:
        run.picture("one", figure, caption="A figure.")
        run.picture("two", lambda: figure)
        run.picture("three", (tmp_path / "pictures" / "one.png").read_bytes())
        run.picture("one", lambda f, dpi: f, figure, dpi=3)
        with pytest.raises(ArgumentError, match="the bytes of a PNG"):
            run.picture("four", b"JPEG")
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == {"one.png", "two.png", "three.png"}
    assert [p["name"] for p in read(tmp_path / "results.json")["pictures"]] == ["one", "two", "three"]


def test_without_matplotlib_the_run_goes_on_and_says_how_to_get_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from zkynet.framework import op

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with Run(tmp_path) as run:
        for name in ("graph", "again"):
            run.picture(name, zk.visual.plot_cg(op.add(1, 2), quiet=True).figure)
    assert capsys.readouterr().out.count("zkynet[plot]") == 1
    assert not (tmp_path / "pictures").exists()
    assert read(tmp_path / "results.json")["pictures"] == []


def test_new_folders_do_not_meet_and_the_newest_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKYNET_RUNS", str(tmp_path / "deep" / "runs"))
    with pytest.raises(MissingFileError, match="there is no run of gpt"):
        last_folder("gpt")
    folders = [new_folder("gpt") for _ in range(11)]
    assert len(set(folders)) == 11
    for folder in folders:
        (folder / "config.json").write_text("{}")
    assert last_folder("gpt") == folders[-1]


def test_damaged_settings_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for text in ("", "{", "[1]", "[" * 100_000, "\xff"):
        (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
        with pytest.raises(FileFormatError):
            read_json(tmp_path / "config.json")


@recipe(title="T", teaches="t", source="s", minutes=0.1)
def counted(run: Run, *, epochs: int = 1, hidden: int = 4) -> None:
    """Say the settings."""
    run.result("epochs", epochs)
    run.result("hidden", hidden)
    run.result("draw", zk.random.uniform(shape=()).item())


def test_a_resumed_run_keeps_its_settings_and_seed(tmp_path: Path) -> None:
    before = counted.run(tmp_path / "run", seed=5, hidden=9, show=False)
    after = counted.run(tmp_path / "run", resume=True, epochs=3, show=False)
    assert after.results == {**before.results, "epochs": 3.0}
    assert after.seed == 5
    with pytest.raises(InvalidValueError, match="was begun with hidden=9"):
        counted.run(tmp_path / "run", resume=True, hidden=2)
    with pytest.raises(MissingFileError):
        counted.run(tmp_path / "other", resume=True)
    with pytest.raises(InvalidValueError, match="not a run of all"):
        recipe(title="T", teaches="t", source="s", minutes=0.1)(_all).run(tmp_path / "run", resume=True)


def _all(run: Run) -> None:
    """Nothing."""


_all.__name__ = "all"


def test_each_trainer_of_a_run_has_files_of_its_name(tmp_path: Path) -> None:
    x = zk.tensor([[0.0], [1.0]])
    with Run(tmp_path, show=False) as run:
        for name in ("", "the GRU"):
            trainer = run.trainer(zk.nn.Linear(1, 1), "mse", "sgd", name=name)
            trainer.fit((x, 2 * x))
            with pytest.raises(ArgumentError, match="fits once"):
                trainer.fit((x, 2 * x))
        with pytest.raises(InvalidValueError, match="name each"):
            run.trainer(zk.nn.Linear(1, 1), "mse", "sgd")
    files = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert files == {
        ".lock",
        "config.json",
        "results.json",
        "report.html",
        "metrics.csv",
        "metrics.jsonl",
        "metrics-the-GRU.csv",
        "metrics-the-GRU.jsonl",
        "checkpoints/step-00000001.safetensors",
        "checkpoints/the-GRU/step-00000001.safetensors",
    }


def test_runs_log_elsewhere_too(tmp_path: Path) -> None:
    x = zk.tensor([[0.0], [1.0]])
    with Run(tmp_path / "run", logs=["tensorboard"], show=False) as run:
        for name in ("", "b"):
            run.trainer(zk.nn.Linear(1, 1), "mse", "sgd", name=name).fit((x, 2 * x))
    events = sorted(p.relative_to(tmp_path / "run").parts[:-1] for p in (tmp_path / "run").rglob("*tfevents*"))
    assert events == [("tensorboard",), ("tensorboard", "b")]
    assert read(tmp_path / "run" / "config.json")["logs"] == ["tensorboard"]
    with (
        pytest.raises(InvalidValueError, match="take one of tensorboard, wandb, mlflow"),
        Run(tmp_path / "c", logs=["x"]),
    ):
        pass


def test_weights_are_the_best_else_the_last_and_their_averages(tmp_path: Path) -> None:
    x = zk.tensor([[0.0], [1.0]])
    model = zk.nn.Linear(1, 1)
    with Run(tmp_path, show=False) as run:
        run.trainer(model, "mse", "sgd", ema=0.5, name="one").fit((x, 2 * x), epochs=3)
    weights = saved_weights(tmp_path, "")  # there is one model, whatever its name
    assert (weights["weight"] != model.weight).all()
    save_checkpoint(tmp_path / "checkpoints" / "one" / "best.safetensors", {"model": {"weight": zk.tensor([[9.0]])}})
    assert saved_weights(tmp_path, "one")["weight"].tolist() == [[9.0]]
    with pytest.raises(MissingFileError, match="models of this run: one"):
        saved_weights(tmp_path, "two")
