"""`Trainer.state_dict`: a run that is cut off at any step and taken up in a new trainer ends with the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import StateDictError

pytestmark = pytest.mark.once


class Recorder:
    """A logger that keeps what it is told, and its place in it."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def log(self, step: int, epoch: int, values: dict[str, float], kind: str) -> None:
        self.lines.append((step, epoch, dict(values), kind))

    def close(self) -> None: ...

    def state_dict(self) -> dict[str, Any]:
        return {"lines": [list(line) for line in self.lines]}

    def load_state_dict(self, state: Any) -> None:
        self.lines = [tuple(line) for line in state["lines"]]


class StopAt(zk.train.Callback):
    last = True

    def __init__(self, step: int) -> None:
        self.step = step
        self.state: Any = None

    def on_step_end(self, trainer: Any, logs: Any) -> None:
        if trainer.step == self.step:
            trainer.stop("cut off", resumable=True)
            self.state = trainer.state_dict()


def dataset() -> zk.data.TensorDataset:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 50)
    return zk.data.TensorDataset((rng.normal(size=(50, 4)) + np.eye(3, 4)[y]).astype("float32"), y)


def trainer_of(*callbacks: Any, **more: Any) -> Any:
    zk.random.seed(3)
    model = zk.nn.Sequential(
        zk.nn.Linear(4, 8), zk.nn.BatchNorm1d(8), zk.nn.ReLU(), zk.nn.Dropout(0.3), zk.nn.Linear(8, 3)
    )
    how: dict[str, Any] = {
        "loss": "cross_entropy",
        "optimizer": "adam",
        "metrics": ["accuracy", "perplexity"],
        "schedule": lambda o: zk.optim.lr_scheduler.WarmupCosineLR(o, 3, 30),
        "ema": 0.9,
        "accumulate": 2,
        "clip_norm": 1.0,
        "loggers": [Recorder()],
        "log_every": 3,
        "progress": False,
    }
    return zk.train.Trainer(model, callbacks=[zk.train.EarlyStopping(patience=9), *callbacks], **how | more)


def fit(trainer: Any, resume: Any = False) -> Any:
    train, held_out = zk.data.random_split(dataset(), [40, 10], generator=zk.random.Generator(0))
    # 7 batches of 6 (the last of 4): 4 steps an epoch, the last of one batch
    loader = zk.data.DataLoader(train, batch_size=6, shuffle=True)
    trainer.fit(loader, validation=zk.data.DataLoader(held_out, batch_size=4, shuffle=True), epochs=3, resume=resume)
    return end_of(trainer)


def end_of(trainer: Any) -> Any:
    state = trainer.state_dict()
    state["callbacks"] = [each for each in state["callbacks"] if each["kind"] != "StopAt"]
    return as_bits(state)


def as_bits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_bits(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_bits(part) for part in value]
    return value.numpy().tobytes() if isinstance(value, zk.Tensor) else value


@pytest.mark.parametrize("how", [{}, {"precision": "float16", "schedule": None}])
def test_cut_off_at_any_step(how: dict[str, Any]) -> None:
    whole = fit(trainer_of(**how))
    for step in (1, 3, 4, 6, 12):
        cut = StopAt(step)
        fit(trainer_of(cut, **how))
        trainer = trainer_of(**how)
        zk.random.seed(99)  # another process, with other numbers
        trainer.load_state_dict(cut.state)
        assert fit(trainer) == whole, f"cut off after step {step}"


def test_through_a_file(tmp_path: Path) -> None:
    whole, cut = fit(trainer_of()), StopAt(6)
    fit(trainer_of(cut))
    zk.train.save_checkpoint(tmp_path / "state.safetensors", cut.state)
    assert fit(trainer_of(), resume=tmp_path / "state.safetensors") == whole


def test_a_list_of_batches_is_taken_up_where_it_was() -> None:
    data = [(zk.asarray(x), zk.asarray(y)) for x, y in zk.data.DataLoader(dataset(), batch_size=6)]

    def run(*callbacks: Any, state: Any = None) -> Any:
        trainer = trainer_of(*callbacks)
        if state is not None:
            trainer.load_state_dict(state)
        trainer.fit(data, validation=data, epochs=2)
        return end_of(trainer)

    whole, cut = run(), StopAt(7)
    run(cut)
    assert run(state=cut.state) == whole


def test_a_finished_run_has_nothing_left_to_do() -> None:
    trainer = trainer_of()
    fit(trainer)
    again = trainer_of()
    again.load_state_dict(trainer.state_dict())
    fit(again)
    assert again.step == trainer.step
    fit(again)  # a further call, which is no resume, goes on
    assert again.step == 2 * trainer.step


@pytest.mark.parametrize("part", ["model", "optimizer", "schedule", "ema", "running"])
def test_a_state_that_does_not_fit_changes_nothing(part: str) -> None:
    trainer = trainer_of()
    fit(trainer)
    before, state = end_of(trainer), trainer.state_dict()
    other = trainer_of()
    fit(other)
    broken = {**other.state_dict(), "random": zk.random.Generator(5).state_dict(), part: {"weight": zk.ones(3)}}
    with pytest.raises((zk.errors.ZkynetError, KeyError)):
        trainer.load_state_dict(broken)
    assert end_of(trainer) == before
    assert as_bits(state["random"]) == as_bits(trainer.state_dict()["random"])


def test_a_run_that_has_stopped_for_good_does_not_go_on() -> None:
    class Enough(zk.train.Callback):
        def on_epoch_end(self, trainer: Any, logs: Any) -> None:
            trainer.stop("enough")

    trainer, again = trainer_of(Enough()), trainer_of()
    fit(trainer)
    again.load_state_dict(trainer.state_dict())
    fit(again)
    assert (again.epoch, again.stop_reason) == (1, "enough")
    fit(again)
    assert (again.epoch, again.stop_reason) == (4, None)


def test_states_of_other_trainers() -> None:
    with pytest.raises(StateDictError, match="this trainer has averaged weights"):
        trainer_of().load_state_dict({**trainer_of(ema=None).state_dict()})
    with pytest.raises(StateDictError, match="it lacks  model"):
        trainer_of().load_state_dict({"a": 1})


def test_generators_of_modules_go_on() -> None:
    class Noisy(zk.nn.Module):
        def __init__(self) -> None:
            zk.random.seed(1)
            self.layer = zk.nn.Linear(4, 3)
            self.noise = zk.random.Generator(5)

        def forward(self, x: Any) -> Any:
            return self.layer(x) + self.noise.normal(shape=(x.shape[0], 3))

    def run(state: Any = None) -> Any:
        cut = StopAt(3)
        trainer = zk.train.Trainer(Noisy(), "cross_entropy", callbacks=[cut] if state is None else [], progress=False)
        if state is not None:
            trainer.load_state_dict(state)
        trainer.fit(dataset(), batch_size=10)
        return trainer, cut.state

    whole = zk.train.Trainer(Noisy(), "cross_entropy", progress=False)
    whole.fit(dataset(), batch_size=10)
    _, state = run()
    resumed, _ = run(state)
    assert as_bits(resumed.state_dict()["model"]) == as_bits(whole.state_dict()["model"])
