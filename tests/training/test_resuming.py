"""A run taken up at any moment ends with the same bits as one never interrupted."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, CheckpointWarning, InvalidValueError, TrainingInterrupted
from zkynet.train import Callback, EarlyStopping, ModelCheckpoint, Trainer, load_checkpoint, save_checkpoint

pytestmark = pytest.mark.once
schedules = zk.optim.lr_scheduler


class SaveAll(Callback):
    """Saves whenever a checkpoint may be saved."""

    last = True

    def __init__(self, folder: Path) -> None:
        self.folder, self.paths = folder, list[Path]()

    def save(self, trainer: Trainer) -> None:
        self.paths.append(self.folder / f"{len(self.paths)}.safetensors")
        save_checkpoint(self.paths[-1], trainer.state_dict())

    def on_step_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        self.save(trainer)

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        self.save(trainer)


class Shaken(zk.data.Dataset):
    """Points with noise from each sample's own stream."""

    def __init__(self, n: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.y = rng.integers(0, 3, n)
        self.x = (rng.normal(size=(n, 4)) + np.eye(3, 4)[self.y]).astype("float32")

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> Any:
        noise = zk.data.sample_stream().normal(size=4).astype("float32")
        return self.x[index] + 0.1 * noise, self.y[index]


def loader(n: int = 37) -> Any:
    return zk.data.DataLoader(Shaken(n), batch_size=8, shuffle=True)


def arrays(n: int = 37) -> Any:
    data = Shaken(n)
    return data.x, data.y


def listed(n: int = 37) -> Any:
    x, y = arrays(n)
    return [(zk.asarray(x[i : i + 8]), zk.asarray(y[i : i + 8])) for i in range(0, n, 8)]


def trainer(*callbacks: Callback, **options: Any) -> Trainer:
    zk.random.seed(3)
    layers = [zk.nn.Linear(4, 8), zk.nn.BatchNorm1d(8), zk.nn.ReLU(), zk.nn.Dropout(0.3), zk.nn.Linear(8, 3)]
    return Trainer(
        zk.nn.Sequential(*layers), "cross_entropy", "adam", ["accuracy"], progress=False, callbacks=callbacks, **options
    )


def flat(state: Any, name: str = "") -> dict[str, Any]:
    """All of a state by where it stands, arrays as their bytes."""
    if isinstance(state, Mapping):
        return {k: v for key, each in state.items() for k, v in flat(each, f"{name}.{key}").items()}
    if isinstance(state, (list, tuple)):
        return {k: v for key, each in enumerate(state) for k, v in flat(each, f"{name}.{key}").items()}
    if isinstance(state, (zk.Tensor, np.ndarray, np.generic)):
        array = state.numpy() if isinstance(state, zk.Tensor) else np.asarray(state)
        return {name: (str(array.dtype), array.shape, array.tobytes())}
    return {name: state}


def differing(one: Trainer, other: Trainer) -> list[str]:
    a, b = flat(one.state_dict()), flat(other.state_dict())
    return [name for name in sorted(a.keys() | b.keys()) if a.get(name, "none") != b.get(name, "none")]


CASES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "shuffled, augmented": (loader, {}, {}),
    "accumulated, the last step is shorter": (loader, {"accumulate": 2}, {}),
    "accumulated, all steps alike": (lambda: loader(48), {"accumulate": 3}, {}),
    "arrays, validated": (arrays, {}, {"validation": arrays(20)}),
    "validated on what is shuffled": (loader, {}, {"validation": zk.data.DataLoader(Shaken(20, 1), 8, shuffle=True)}),
    "a list of batches": (listed, {"accumulate": 2}, {}),
    "averaged, clipped, scheduled by step": (
        loader,
        {"ema": 0.9, "clip_norm": 0.5, "schedule": lambda o: schedules.OneCycleLR(o, 0.1, total_steps=20)},
        {},
    ),
    "scheduled by epoch": (loader, {"schedule": lambda o: schedules.ReduceLROnPlateau(o, patience=0)}, {}),
    "in 16 bits": (loader, {"precision": "float16"}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_taken_up_after_any_step_and_any_epoch_it_ends_with_the_same_bits(case: str, tmp_path: Path) -> None:
    data, options, of_fit = CASES[case]
    fresh = lambda: {  # noqa: E731
        name: zk.data.DataLoader(v.dataset, 8, shuffle=True) if isinstance(v, zk.data.DataLoader) else v
        for name, v in of_fit.items()
    }
    saves = SaveAll(tmp_path)
    whole = trainer(saves, **options)
    whole.fit(data(), epochs=3, **fresh())
    assert len(saves.paths) > 8
    for path in saves.paths:
        resumed = trainer(SaveAll(tmp_path / "no"), **options)
        resumed.callbacks[0].save = lambda trainer: None  # type: ignore[attr-defined]
        zk.random.seed(99)
        resumed.fit(data(), epochs=3, resume=path, **fresh())
        assert differing(whole, resumed) == [], path.name
        assert resumed.history.rows == whole.history.rows


def test_a_run_that_stopped_early_is_taken_up_after_its_end(tmp_path: Path) -> None:
    def stopping(*others: Callback) -> Trainer:
        stop = EarlyStopping("loss", patience=2, mode="max", restore_best=True)
        return trainer(stop, *others)

    saves = SaveAll(tmp_path)
    whole = stopping(saves)
    whole.fit(loader(), epochs=9)
    assert whole.epoch == 3
    for path in saves.paths:
        resumed = stopping()
        resumed.fit(loader(), epochs=9, resume=path)
        a, b = flat(whole.model.state_dict()), flat(resumed.model.state_dict())
        assert a == b, path.name
        assert resumed.stop_reason == whole.stop_reason


@pytest.mark.only("strict", "jax")
def test_a_training_begun_on_numpy_goes_on_on_another_backend(tmp_path: Path) -> None:
    with zk.use_backend("numpy"):
        whole = trainer(ema=0.9, folder=tmp_path / "whole")
        whole.fit(loader(), epochs=2)
        part = trainer(Press(2, signal.SIGINT), ema=0.9, folder=tmp_path / "part")
        with pytest.raises(TrainingInterrupted):
            part.fit(loader(), epochs=2)
        expected = whole.predict(arrays()[0]).numpy()
    resumed = trainer(ema=0.9, folder=tmp_path / "part")
    history = resumed.fit(loader(), epochs=2, resume=True)
    np.testing.assert_allclose(resumed.predict(arrays()[0]).numpy(), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(history["loss"], whole.history["loss"], rtol=1e-4)


# -- the callback, and how a run is begun again ------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(path.name.removesuffix(".safetensors").removeprefix("step-0000") for path in folder.iterdir())


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, ["0010", "0015"]),
        ({"every_steps": 4}, ["0012", "0015"]),
        ({"every_steps": 4, "keep": None}, ["0004", "0008", "0012", "0015"]),
        ({"every_epochs": 2, "keep": 9}, ["0010", "0015"]),
        ({"every_epochs": 2, "every_steps": 7, "keep": 9}, ["0007", "0010", "0014", "0015"]),
        ({"every_minutes": 1, "keep": 9}, ["0015"]),
        ({"every_minutes": 0, "keep": 1}, ["0015"]),
        ({"best": "loss", "every_minutes": 1}, ["0015", "best"]),
    ],
)
def test_what_is_saved_and_what_stays(settings: dict[str, Any], left: list[str], tmp_path: Path) -> None:
    trainer(ModelCheckpoint(**settings), folder=tmp_path).fit(loader(), epochs=3)
    assert names(tmp_path) == left


class Figures(Callback):
    """Puts figures of our choice into the epochs' rows."""

    def __init__(self, *figures: float) -> None:
        self.figures = figures

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        trainer.history.rows[-1]["figure"] = logs["figure"] = self.figures[trainer.epoch - 1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("figures", "mode", "best"),
    [
        ((3.0, 1.0, 2.0), "min", 2),
        ((3.0, 1.0, 2.0), "max", 1),
        ((1.0, 1.0, 1.0), "max", 1),
        ((float("nan"), 2.0, 1.0), "max", 2),
        ((2.0, float("nan"), 3.0), "auto", 3),
        ((float("nan"),) * 3, "min", None),
    ],
)
def test_the_best_epoch_is_kept(figures: Any, mode: str, best: int | None, tmp_path: Path) -> None:
    checkpoints = ModelCheckpoint(tmp_path, best="figure", mode=mode)
    trainer(Figures(*figures), checkpoints).fit(loader(), epochs=3)
    if best is None:
        assert not checkpoints.best_path.exists()
    else:
        assert load_checkpoint(checkpoints.best_path)["progress"]["epoch"] == best


def test_the_best_epoch_is_the_same_when_the_run_is_taken_up(tmp_path: Path) -> None:
    def saving(folder: Path) -> Trainer:
        return trainer(ModelCheckpoint(folder, best="loss", mode="max", every_steps=3, keep=None))

    saving(tmp_path / "whole").fit(loader(), epochs=3)
    best = (tmp_path / "whole" / "best.safetensors").read_bytes()
    for step in (3, 6, 12):
        resumed = saving(tmp_path / f"{step}")
        resumed.fit(loader(), epochs=3, resume=tmp_path / "whole" / f"step-{step:08d}.safetensors")
        path = tmp_path / f"{step}" / "best.safetensors"
        assert not path.exists() or path.read_bytes() == best


def test_a_trainer_with_a_folder_saves_at_its_end_and_goes_on_from_there(tmp_path: Path) -> None:
    whole = trainer(folder=tmp_path / "whole")
    whole.fit(loader(), epochs=3)
    assert names(tmp_path / "whole") == ["0015"]
    for epochs in (1, 1, 2, 3, 3):
        part = trainer(folder=tmp_path / "parts")
        part.fit(loader(), epochs=epochs, resume=True)
        assert part.epoch == epochs
    assert differing(whole, part) == []


def test_a_damaged_newest_checkpoint_falls_back_on_the_one_before_with_the_same_end(tmp_path: Path) -> None:
    whole = trainer(ModelCheckpoint(tmp_path, every_steps=2))
    whole.fit(loader(), epochs=3)
    newest = tmp_path / "step-00000015.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    again = trainer(ModelCheckpoint(tmp_path, every_steps=2))
    with pytest.warns(CheckpointWarning, match=r"going on from step-00000014\.safetensors"):
        again.fit(loader(), epochs=3, resume=True)
    assert differing(whole, again) == []
    assert names(tmp_path) == ["0014", "0015", "0015.safetensors.damaged"]


def test_where_only_the_best_one_is_left_it_is_gone_on_from(tmp_path: Path) -> None:
    whole = trainer(ModelCheckpoint(tmp_path, best="loss"))
    whole.fit(loader(), epochs=3)
    for path in tmp_path.glob("step-*"):
        path.unlink()
    again = trainer(ModelCheckpoint(tmp_path, best="loss"))
    again.fit(loader(), epochs=3, resume=True)
    assert differing(whole, again) == []


def test_checkpoints_of_an_earlier_training_are_neither_lost_nor_taken_for_ones_of_this(tmp_path: Path) -> None:
    first = trainer(ModelCheckpoint(tmp_path, best="loss"))
    first.fit(loader(), epochs=3)
    with pytest.warns(CheckpointWarning, match=r"step-00000015\.safetensors is now called .*\.before"):
        trainer(ModelCheckpoint(tmp_path, best="loss")).fit(loader(), epochs=1)
    assert names(tmp_path) == [
        "0005",
        "0010.safetensors.before",
        "0015.safetensors.before",
        "best",
        "best.safetensors.before",
    ]
    (tmp_path / "step-00000010.safetensors.before").rename(tmp_path / "step-00000010.safetensors")
    again = trainer(ModelCheckpoint(tmp_path))
    with pytest.warns(CheckpointWarning, match=r"step-00000010"):
        again.fit(loader(), epochs=3, resume=tmp_path / "step-00000005.safetensors")
    assert differing(first, again) == []


def test_fit_called_again_goes_on_saving(tmp_path: Path) -> None:
    t = trainer(folder=tmp_path)
    t.fit(loader(), epochs=1)
    t.fit(loader(), epochs=1)
    assert names(tmp_path) == ["0005", "0010"]


def test_other_data_in_the_middle_of_an_epoch_is_refused(tmp_path: Path) -> None:
    trainer(ModelCheckpoint(tmp_path, every_steps=2)).fit(loader(), epochs=1)
    path = tmp_path / "step-00000004.safetensors"
    with pytest.raises(InvalidValueError, match="has 8 steps an epoch, and had 5"):
        trainer().fit(loader(64), epochs=1, resume=path)


def test_what_cannot_be_meant_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="resume=True looks for checkpoints"):
        trainer().fit(loader(), resume=True)
    with pytest.raises(ArgumentError, match="has no folder to save in"):
        trainer(ModelCheckpoint()).fit(loader())
    with pytest.raises(InvalidValueError, match="keep is at least 1"):
        ModelCheckpoint(keep=0)
    with pytest.raises(InvalidValueError, match="an epoch has no figure 'val_loss'"):
        trainer(ModelCheckpoint(tmp_path, best="val_loss")).fit(loader())


class FullDisk(Callback):
    """Lets no file be longer than 5 kB in some steps."""

    def __init__(self, *steps: int) -> None:
        self.steps = steps

    def on_step_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000 if trainer.step in self.steps else hard, hard))


@pytest.fixture
def room() -> Iterator[None]:
    """Whatever a test does, files may be long again after it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_no_training_and_loses_no_checkpoint(tmp_path: Path, room: None) -> None:
    t = trainer(FullDisk(4, 6), ModelCheckpoint(tmp_path, every_steps=2, keep=1))
    with pytest.warns(CheckpointWarning, match=r"the state after step \d could not be saved: there is no room") as seen:
        t.fit(loader(), epochs=2)
    assert [str(w.message)[:23] for w in seen] == ["the state after step 4 ", "the state after step 6 "]
    assert names(tmp_path) == ["0010"]
    assert t.step == 10


def test_a_full_disk_is_named_when_a_run_is_interrupted(tmp_path: Path, room: None) -> None:
    t = trainer(Press(2, signal.SIGINT), FullDisk(3), folder=tmp_path)
    with pytest.raises(TrainingInterrupted, match="and not saved: there is no room"):
        t.fit(loader(), epochs=1)


# -- Ctrl-C ------------------------------------------------------------------------------------------------------------


class Press(Callback):
    """Sends a signal to this process in the middle of a step."""

    def __init__(self, step: int, number: signal.Signals) -> None:
        self.step, self.number = step, number

    def on_backward(self, trainer: Trainer) -> None:
        if trainer.step == self.step:
            signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", [0, 4, 14])
def test_ctrl_c_finishes_the_step_saves_and_the_run_goes_on_with_the_same_bits(
    number: signal.Signals, step: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = trainer()
    whole.fit(loader(), epochs=3)
    t = trainer(Press(step, number), folder=tmp_path)
    with pytest.raises(TrainingInterrupted) as caught:
        t.fit(loader(), epochs=3)
    e = caught.value
    assert (e.step, e.signal, e.code) == (step + 1, number, 128 + number)
    assert e.path == tmp_path / f"step-{step + 1:08d}.safetensors"
    said = capfd.readouterr().err
    assert "finishing this step" in said
    assert str(e) in said
    resumed = trainer(folder=tmp_path)
    resumed.fit(loader(), epochs=3, resume=True)
    del t, resumed.callbacks[:]
    assert differing(whole, resumed) == []


def test_ctrl_c_without_a_folder_says_that_nothing_was_saved(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TrainingInterrupted, match="after step 3, in epoch 1 of 3, and not saved") as caught:
        trainer(Press(2, signal.SIGINT)).fit(loader(), epochs=3)
    assert caught.value.path is None
    assert not isinstance(caught.value, Exception)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert "pass folder=..." in capfd.readouterr().err
