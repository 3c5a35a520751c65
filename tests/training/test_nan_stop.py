"""A loss or gradient that is not finite: training stops at the very step, says why, and keeps nothing of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import InvalidValueError, NonFiniteError


class Roots(zk.nn.Module):
    """The root of a layer, which is NaN below zero, and has an infinite slope at zero."""

    def __init__(self) -> None:
        zk.random.seed(0)
        self.first = zk.nn.Linear(2, 4)
        self.norm = zk.nn.BatchNorm1d(4)
        self.drop = zk.nn.Dropout(0.2)
        self.last = zk.nn.Linear(4, 1)
        self.wrong = "nothing"

    def forward(self, x: Any) -> Any:
        out = self.last(self.drop(self.norm(self.first(x))))
        if self.wrong == "loss":
            return zk.sqrt(-1 - out * out)
        if self.wrong == "gradient":
            return zk.sqrt(out * 0)
        return out


def batches(n: int = 8) -> list[tuple[zk.Tensor, zk.Tensor]]:
    rng = np.random.default_rng(0)
    return [
        (zk.asarray(rng.normal(size=(6, 2)).astype("float32")), zk.asarray(rng.normal(size=(6, 1)).astype("float32")))
        for _ in range(n)
    ]


class Spoil(zk.train.Callback):
    """From some step on the model computes something else; before that step its state is noted."""

    def __init__(self, step: int, wrong: str) -> None:
        self.step, self.wrong = step, wrong
        self.state: dict[str, Any] = {}
        self.steps = 0

    def on_step_end(self, trainer: Any, logs: Any) -> None:
        self.steps += 1
        if self.steps == self.step:
            self.state = everything(trainer)
            trainer.model.wrong = self.wrong


def everything(trainer: Any) -> dict[str, Any]:
    """All that a step changes, as bits."""
    held = trainer.guard, trainer.guard.enabled
    trainer.guard.enabled = False
    unread, trainer.guard._unread = trainer.guard._unread, None  # a look must not settle what it waits for
    state = trainer.state_dict()
    trainer.guard._unread = unread
    held[0].enabled = held[1]
    return {name: as_bits(state[name]) for name in ("model", "optimizer", "schedule", "ema", "random")} | {
        "step": trainer.step
    }


def as_bits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_bits(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_bits(part) for part in value]
    return value.numpy().tobytes() if isinstance(value, zk.Tensor) else value


def trainer_of(model: zk.nn.Module, later: bool, **more: Any) -> Any:
    how: dict[str, Any] = {
        "optimizer": "adam",
        "schedule": lambda o: zk.optim.lr_scheduler.WarmupLinearLR(o, 3, 100, start_factor=0.1),
        "ema": 0.9,
        "progress": False,
    }
    trainer = zk.train.Trainer(model, "mse", **how | more)
    trainer.guard.later, trainer.guard.look_at_model = later, lambda: None  # whatever the backend is
    return trainer


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("wrong", ["loss", "gradient"])
def test_training_stops_at_the_very_step(later: bool, accumulate: int, wrong: str) -> None:
    model, spoil = Roots(), Spoil(3, wrong)
    trainer = trainer_of(model, later, callbacks=[spoil], accumulate=accumulate)
    with pytest.raises(NonFiniteError) as caught:
        trainer.fit(batches(), epochs=3)
    error = caught.value
    assert error.step == 4
    assert error.epoch == 1
    assert f"in step 4 (epoch 1, batch {4 if accumulate == 1 else 7})" in str(error)
    assert error.op == "sqrt"
    assert "Roots" in error.layer or error.layer == ""
    assert "test_nan_stop.py" in error.site
    assert [x is y for (x, _), (y, _) in zip(error.batches, batches(), strict=False)]
    assert len(error.batches) == accumulate
    assert everything(trainer) == spoil.state
    assert all(p.grad is None for p in model.parameters())
    assert spoil.steps == (3 if not later else 4)  # told late, but taken back


@pytest.mark.parametrize("later", [False, True])
def test_training_goes_on_after_it(later: bool) -> None:
    model, spoil = Roots(), Spoil(3, "loss")
    trainer = trainer_of(model, later, callbacks=[spoil])
    with pytest.raises(NonFiniteError):
        trainer.fit(batches(), epochs=1)
    model.wrong = "nothing"
    trainer.fit(batches(), epochs=2)
    assert trainer.step == 3 + 16
    assert np.isfinite(trainer.history["loss"]).all()


@pytest.mark.once
def test_looking_later_gives_the_same_bits() -> None:
    ends = []
    for how in ("now", "later", "never"):
        trainer = trainer_of(Roots(), how == "later", stop_at_nan=how != "never")
        zk.random.seed(4)
        trainer.fit(batches(), validation=batches(2), epochs=2)
        ends.append((everything(trainer), trainer.history.rows))
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.once
@pytest.mark.parametrize("later", [False, True])
def test_a_state_is_not_saved_before_it_is_known_to_be_fine(later: bool) -> None:
    class Save(zk.train.Callback):
        last = True

        def on_step_end(self, trainer: Any, logs: Any) -> None:
            states.append(trainer.state_dict()["progress"]["step"])

    states: list[int] = []
    with pytest.raises(NonFiniteError):
        trainer_of(Roots(), later, callbacks=[Spoil(2, "gradient"), Save()]).fit(batches())
    assert states == [1, 2]


@pytest.mark.once
def test_the_layer_of_a_gradient_is_named() -> None:
    class Root(zk.nn.Module):
        def forward(self, x: Any) -> Any:
            return zk.sqrt(x * 0)

    zk.random.seed(0)
    model = zk.nn.Sequential(zk.nn.Linear(2, 3), zk.nn.Sequential(zk.nn.ReLU(), Root()), zk.nn.Linear(3, 1))
    with pytest.raises(NonFiniteError) as caught:
        zk.train.Trainer(model, "mse", progress=False).fit(batches())
    assert caught.value.layer == "1.1, Root()"
    assert "a gradient became infinite in step 1 (epoch 1, batch 1)" in str(caught.value)
    assert "the gradient of sqrt by x became an infinity" in str(caught.value)


@pytest.mark.once
@pytest.mark.parametrize("metrics", [[], ["mae"]])
def test_nan_in_the_data_is_told_as_such(metrics: list[str]) -> None:
    data = batches()
    x = data[5][0].numpy().copy()
    x[2, 1] = np.nan
    data[5] = (zk.asarray(x), data[5][1])
    with pytest.raises(NonFiniteError, match=r"in step 6 \(epoch 1, batch 6\)") as caught:
        zk.train.Trainer(Roots(), "mse", "sgd", metrics, progress=False).fit(data)
    assert "1 of 12 numbers of batch[0], the first nan at [2, 1]" in str(caught.value)


@pytest.mark.once
def test_weights_that_are_not_finite_at_first_are_told_as_such() -> None:
    model = Roots()
    model.last.bias.data = zk.asarray([np.inf], dtype="float32").data
    with pytest.raises(NonFiniteError, match=r"it was in the model already: last.bias"):
        zk.train.Trainer(model, "mse", progress=False).fit(batches())


@pytest.mark.once
def test_a_callback_that_spoils_gradients() -> None:
    class Bad(zk.train.Callback):
        def on_backward(self, trainer: Any) -> None:
            trainer.parameters[0].grad = trainer.parameters[0].grad * float("nan")

    for clip_norm in (None, 1.0):
        with pytest.raises(NonFiniteError, match="what a callback does to gradients"):
            zk.train.Trainer(Roots(), "mse", callbacks=[Bad()], clip_norm=clip_norm, progress=False).fit(batches())


@pytest.mark.once
def test_it_can_be_left_out() -> None:
    model, spoil = Roots(), Spoil(3, "loss")
    trainer = trainer_of(model, False, callbacks=[spoil], stop_at_nan=False)
    history = trainer.fit(batches())
    assert np.isnan(history["loss"][0])


@pytest.mark.once
def test_gradients_that_overflow_are_the_scalers_business() -> None:
    model = Roots()
    trainer = zk.train.Trainer(model, "mse", "sgd", precision="float16", progress=False)
    trainer.mixed.scaler.update(2.0**40)
    trainer.fit(batches(32))
    assert trainer.mixed.scaler.get_scale() < 2.0**40
    model.wrong = "gradient"  # whatever the scale is
    with pytest.raises(NonFiniteError):
        trainer.fit(batches(64), epochs=5)


@pytest.mark.once
def test_metrics_that_refuse_for_another_reason_say_so() -> None:
    with pytest.raises((InvalidValueError, zk.errors.ShapeError, zk.errors.DTypeError), match="Accuracy"):
        zk.train.Trainer(Roots(), "mse", "sgd", ["accuracy"], progress=False).fit(batches())
