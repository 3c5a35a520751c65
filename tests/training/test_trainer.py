"""`Trainer`: the same numbers as a loop written by hand, and what it is given and gives back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from other_backends import needs_strict

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once


def network(dropout: float = 0.0) -> zk.nn.Module:
    zk.random.seed(1)
    return zk.nn.Sequential(zk.nn.Linear(4, 16), zk.nn.Tanh(), zk.nn.Dropout(dropout), zk.nn.Linear(16, 3))


def blobs(n: int = 60, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=(n, 4)) + 2 * np.eye(3, 4)[y]
    return x.astype("float32"), y


def batches(n: int = 60, size: int = 16) -> list[tuple[zk.Tensor, zk.Tensor]]:
    x, y = blobs(n)
    return [(zk.asarray(x[i : i + size]), zk.asarray(y[i : i + size])) for i in range(0, n, size)]


def bits(model: zk.nn.Module) -> list[bytes]:
    return [value.numpy().tobytes() for value in model.state_dict().values()]


def test_the_same_bits_as_a_loop_written_by_hand() -> None:
    by_hand, data = network(0.3), batches()
    optimizer = zk.optim.Adam(by_hand.parameters(), lr=0.01)
    zk.random.seed(5)
    for _ in range(3):
        for x, y in data:
            loss = zk.nn.functional.cross_entropy(by_hand(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    model = network(0.3)
    trainer = zk.train.Trainer(model, "cross_entropy", "adam", learning_rate=0.01, progress=False)
    zk.random.seed(5)
    trainer.fit(data, epochs=3)
    assert bits(model) == bits(by_hand)


def test_history_has_loss_metrics_and_validation_by_name() -> None:
    trainer = zk.train.Trainer(network(), "cross_entropy", "adam", ["accuracy"], progress=False)
    history = trainer.fit(blobs(), validation=blobs(30, 1), epochs=2)
    assert list(history) == ["epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "lr"]
    assert history["step"] == [2, 4]
    measured = trainer.evaluate(blobs(30, 1))
    assert measured == {"loss": history["val_loss"][-1], "accuracy": history["val_accuracy"][-1]}


def test_fit_called_again_goes_on() -> None:
    trainer = zk.train.Trainer(network(), "cross_entropy", "sgd", progress=False)
    trainer.fit(batches(), epochs=2)
    history = trainer.fit(batches(), epochs=1)
    assert history["epoch"] == [1, 2, 3]


def test_prediction_is_in_evaluation_mode_and_in_order() -> None:
    model = network(0.5)
    trainer = zk.train.Trainer(model, "cross_entropy", progress=False)
    x, y = blobs()
    out = trainer.predict(x, batch_size=7)
    model.eval()
    np.testing.assert_allclose(out.numpy(), model(zk.asarray(x)).detach().numpy(), rtol=1e-5, atol=1e-6)
    assert trainer.predict((x, y)).shape == (60, 3)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"loss": "cross_entropi"}, InvalidValueError, "near it  cross_entropy"),
        ({"optimizer": "adan"}, InvalidValueError, "near it  adam"),
        ({"metrics": ["acuracy"]}, InvalidValueError, "near it  accuracy"),
        ({"loss": None}, ArgumentError, "takes a loss or an objective"),
        ({"accumulate": 0}, InvalidValueError, "accumulate is at least 1"),
        ({"schedule_per": "batch"}, InvalidValueError, "'step' or 'epoch'"),
        ({"callbacks": [print]}, ArgumentError, "a callback is a zk.train.Callback"),
    ],
)
def test_settings_that_cannot_be_meant(given: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        zk.train.Trainer(**{"model": network(), "loss": "cross_entropy", **given})


def test_a_loss_that_is_no_single_number() -> None:
    trainer = zk.train.Trainer(network(), zk.nn.CrossEntropyLoss(reduction="none"), progress=False)
    with pytest.raises(ShapeError, match=r"not a single number: its shape is \(32,\)"):
        trainer.fit(blobs())


@pytest.mark.parametrize("form", [tuple, list, "lists", "dataset", "loader", "batches"])
def test_model_fit_takes_data_in_any_form(form: Any) -> None:
    x, y = blobs()
    forms = {
        tuple: ((x, y), None),
        list: ([x, y], None),
        "lists": (x.tolist(), y.tolist()),
        "dataset": (zk.data.TensorDataset(x, y), None),
        "loader": (zk.data.DataLoader(zk.data.TensorDataset(x, y), batch_size=32), None),
        "batches": ([(zk.asarray(x), zk.asarray(y))], None),
    }
    history = network().fit(*forms[form], epochs=30, learning_rate=0.05, progress=False)
    assert history["accuracy"][-1] > 0.8  # whole numbers: the loss is the cross-entropy
    with pytest.raises(ArgumentError, match="fit has no option 'epoch'"):
        network().fit(x, y, epoch=3)


def test_model_fit_on_numbers_is_regression() -> None:
    x = np.linspace(0, 1, 32).reshape(-1, 1)  # float64, as NumPy makes it
    history = zk.nn.Linear(1, 1).fit(x, 2 * x + 1, epochs=100, learning_rate=0.1, progress=False)
    assert history["loss"][-1] < 0.02 < history["loss"][0]


def linear() -> zk.nn.Module:
    zk.random.seed(3)
    return zk.nn.Linear(4, 3)


@pytest.mark.parametrize(("size", "per_step"), [(5, 4), (16, 2)])
@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_accumulated_batches_are_one_large_batch(size: int, per_step: int, clip_norm: float | None) -> None:
    """Steps of 20 examples and a last one of 10; in batches of 5 (the last group has two of four), or of 16 and 4."""
    x, y = (zk.asarray(part) for part in blobs(70))
    large = [(x[i : i + 20], y[i : i + 20]) for i in range(0, 70, 20)]
    small = [(a[i : i + size], b[i : i + size]) for a, b in large for i in range(0, len(a), size)]
    one, other = linear(), linear()
    how: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "learning_rate": 0.5, "progress": False}
    first = zk.train.Trainer(one, **how, clip_norm=clip_norm).fit(large, epochs=2)
    second = zk.train.Trainer(other, **how, clip_norm=clip_norm, accumulate=per_step).fit(small, epochs=2)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(first["loss"], second["loss"], rtol=1e-5)
    assert first["step"] == second["step"]


def test_accumulated_sums_are_not_divided() -> None:
    x, y = (zk.asarray(part) for part in blobs(20))
    one, other = linear(), linear()
    how: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.01, "progress": False}
    loss = zk.nn.CrossEntropyLoss(reduction="sum")
    zk.train.Trainer(one, loss, **how).fit([(x, y)])
    zk.train.Trainer(other, loss, **how, accumulate=2).fit([(x[:12], y[:12]), (x[12:], y[12:])])
    np.testing.assert_allclose(one.weight.detach().numpy(), other.weight.detach().numpy(), rtol=1e-5)


def test_schedules_count_what_they_are_made_for() -> None:
    schedules = zk.optim.lr_scheduler

    def rates(schedule: Any, **more: Any) -> list[float]:
        trainer = zk.train.Trainer(
            network(), "cross_entropy", "sgd", learning_rate=1.0, schedule=schedule, progress=False, **more
        )
        return trainer.fit(batches(), epochs=3)["lr"]

    assert rates(lambda o: schedules.StepLR(o, 1, gamma=0.5)) == [1.0, 0.5, 0.25]
    assert rates(lambda o: schedules.WarmupLinearLR(o, 4, 12)) == [0.75, 0.625, 0.125]
    assert rates(lambda o: schedules.ExponentialLR(o, 0.5), schedule_per="step") == [0.125, 0.5**7, 0.5**11]
    assert rates(lambda o: schedules.ReduceLROnPlateau(o, patience=0, threshold=10.0, threshold_mode="abs")) == [
        1.0,
        1.0,
        0.1,
    ]


def test_validation_uses_averaged_weights_and_leaves_the_model_as_it_was() -> None:
    model = network()
    trainer = zk.train.Trainer(model, "cross_entropy", "sgd", learning_rate=0.5, ema=0.5, progress=False)
    history = trainer.fit(batches(), validation=batches(30), epochs=2)
    own = bits(model)
    assert trainer.ema is not None
    with trainer.ema.applied():
        averaged = zk.nn.Sequential(*model)
        plain = zk.train.Trainer(averaged, "cross_entropy", progress=False).evaluate(batches(30))
    assert history["val_loss"][-1] == plain["loss"]
    assert bits(model) == own


def test_modes_of_layers_come_back() -> None:
    model = network(0.5)
    model[2].eval()
    seen: list[bool] = []

    class Look(zk.train.Callback):
        def on_epoch_start(self, trainer: Any) -> None:
            seen.append(model[2].training)
            model[2].eval()

    zk.train.Trainer(model, "cross_entropy", callbacks=[Look()], progress=False).fit(
        batches(), validation=batches(), epochs=2
    )
    assert seen == [True, False]  # what a callback has set lasts over the validation
    assert [m.training for m in model] == [True, True, False, True]


def test_objectives() -> None:
    F = zk.nn.functional

    def loss_alone(model: zk.nn.Module, batch: Any) -> Any:
        return F.cross_entropy(model(batch["x"]), batch["y"])

    def with_predictions(model: zk.nn.Module, batch: Any) -> Any:
        out = model(batch["x"])
        return F.cross_entropy(out, batch["y"]), out, batch["y"]

    def with_values(model: zk.nn.Module, batch: Any) -> Any:
        loss = F.cross_entropy(model(batch["x"]), batch["y"])
        return loss, {"doubled": 2 * loss, "one": 1}

    data = [{"x": x, "y": y} for x, y in batches()]
    plain = zk.train.Trainer(network(), "cross_entropy", "sgd", ["accuracy"], progress=False).fit(batches())
    for objective, metrics in [(loss_alone, []), (with_predictions, ["accuracy"]), (with_values, [])]:
        trainer = zk.train.Trainer(network(), None, "sgd", metrics, objective=objective, progress=False)
        history = trainer.fit(data, validation=data)
        assert history["loss"] == plain["loss"]
    assert history["doubled"] == pytest.approx([2 * plain["loss"][0]])
    assert history["val_one"] == [1.0]
    with pytest.raises(ArgumentError, match="no predictions"):
        zk.train.Trainer(network(), None, "sgd", ["accuracy"], objective=loss_alone, progress=False).fit(data)


def test_batches_count_by_their_weight() -> None:
    def weight(batch: Any) -> float:
        return float((batch[1] == 0).sum().item())

    data = batches()
    trainer = zk.train.Trainer(network(), "cross_entropy", "sgd", learning_rate=0.0, weight=weight, progress=False)
    losses = [zk.nn.functional.cross_entropy(network()(x), y).item() for x, y in data]
    expected = np.average(losses, weights=[weight(batch) for batch in data])
    assert trainer.fit(data)["loss"][0] == pytest.approx(expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_mixed_precision(dtype: str) -> None:
    model = network()
    trainer = zk.train.Trainer(
        model, "cross_entropy", "adam", ["accuracy"], learning_rate=0.02, precision=dtype, clip_norm=1.0, progress=False
    )
    history = trainer.fit(blobs(), validation=blobs(30, 1), epochs=10)
    assert {p.dtype.name for p in model.parameters()} == {dtype}
    assert history["val_accuracy"][-1] > 0.8
    assert trainer.predict(blobs()[0]).dtype == "float32"


def test_early_stopping_gives_back_the_best_weights() -> None:
    class Rising(zk.train.Callback):
        def on_epoch_end(self, trainer: Any, logs: Any) -> None:
            saved.append(bits(trainer.model))

    saved: list[list[bytes]] = []
    stop = zk.train.EarlyStopping("loss", patience=2, restore_best=True)
    model = network()
    trainer = zk.train.Trainer(
        model, "cross_entropy", "sgd", learning_rate=60.0, callbacks=[Rising(), stop], progress=False
    )
    history = trainer.fit(batches(), epochs=50)
    best = int(np.argmin(history["loss"]))
    assert len(history["loss"]) == best + 3 < 50
    assert bits(model) == saved[best]
    assert f"the best was epoch {best + 1}" in (trainer.stop_reason or "")
    assert len(trainer.fit(batches(), epochs=1)["loss"]) == best + 4


def test_hooks_come_in_order() -> None:
    calls: list[str] = []

    class Listening(zk.train.Callback):
        def __init__(self, name: str, last: bool) -> None:
            self.name, self.last = name, last

    for hook in ("on_fit_start", "on_epoch_start", "on_backward", "on_step_end", "on_epoch_end", "on_fit_end"):
        setattr(Listening, hook, lambda self, *args, hook=hook: calls.append(f"{self.name} {hook}"))
    callbacks = [Listening("b", True), Listening("a", False)]
    zk.train.Trainer(network(), "cross_entropy", callbacks=callbacks, progress=False).fit(batches()[:1])
    hooks = ["on_fit_start", "on_epoch_start", "on_backward", "on_step_end", "on_epoch_end", "on_fit_end"]
    assert calls == [f"{name} {hook}" for hook in hooks for name in "ab"]


def test_a_step_sees_its_loss_and_rate() -> None:
    seen = []

    class Note(zk.train.Callback):
        def on_step_end(self, trainer: Any, logs: Any) -> None:
            seen.append(dict(logs))
            if trainer.step == 2:
                trainer.stop("enough")

    model, data = network(), batches()
    first = zk.nn.functional.cross_entropy(model(data[0][0]), data[0][1]).item()
    trainer = zk.train.Trainer(model, "cross_entropy", "sgd", learning_rate=0.25, callbacks=[Note()], progress=False)
    history = trainer.fit(data, epochs=3)
    assert seen[0] == {"loss": first, "lr": 0.25}
    assert len(seen) == 2
    assert history.rows == []


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([], InvalidValueError, "the data is empty"),
        ((np.zeros((0, 4), "float32"), np.zeros(0, "int64")), InvalidValueError, "hold no example"),
        ((np.zeros((5, 4), "float32"), np.zeros(4, "int64")), ShapeError, r"shapes  \(5, 4\), \(4,\)"),
        ((np.zeros((5, 4), "float32"), np.zeros((5, 2), "int64")), ShapeError, "cross_entropy"),
        ((np.zeros((5, 4), "float32"),), ArgumentError, "inputs and, last, the targets"),
        (iter([]), ArgumentError, "once only"),
        ("digits", ArgumentError, "takes data as arrays"),
        ({"x": 1}, ArgumentError, "takes data as arrays"),
        (7, ArgumentError, "takes data as arrays"),
    ],
)
def test_data_that_cannot_be_meant(data: Any, error: type[Exception], words: str) -> None:
    model = network()
    before = bits(model)
    trainer = zk.train.Trainer(model, "cross_entropy", progress=False)
    with pytest.raises(error, match=words):
        trainer.fit(data)
    with pytest.raises(error, match=words):
        trainer.fit(blobs(), validation=data, epochs=0 if "axis" in words else 1)
    assert trainer.step in (0, 2)
    assert trainer.step or bits(model) == before


def test_models_that_cannot_learn() -> None:
    with pytest.raises(InvalidValueError, match="no parameters"):
        zk.train.Trainer(zk.nn.ReLU(), "mse")
    with pytest.raises(InvalidValueError, match="frozen"):
        zk.train.Trainer(network().freeze(), "cross_entropy", progress=False).fit(blobs())
    with pytest.raises(InvalidValueError, match="epochs is at least 0"):
        zk.train.Trainer(network(), "cross_entropy", progress=False).fit(blobs(), epochs=-1)
    model = network()
    optimizer = zk.optim.SGD(model[0].parameters())
    with pytest.warns(zk.errors.OtherParametersWarning, match=r"leaves out 2 .* 3.weight, 3.bias"):
        zk.train.Trainer(model, "cross_entropy", optimizer, progress=False).fit(blobs())


def test_targets_of_a_wrong_shape_are_not_broadcast() -> None:
    x = np.ones((5, 4), "float32")
    with pytest.raises(ShapeError, match=r"mse_loss"):
        zk.train.Trainer(zk.nn.Linear(4, 1), "mse", progress=False).fit((x, x[:, 0]))


def test_metrics_that_do_not_fit_leave_nothing_behind() -> None:
    model = network()
    before = bits(model)
    trainer = zk.train.Trainer(model, "cross_entropy", "sgd", {"m": zk.metrics.Recall(2)}, progress=False)
    with pytest.raises(zk.errors.ZkynetError, match="Recall"):
        trainer.fit(batches())
    assert bits(model) == before
    trainer.metrics.clear()
    trainer.running.metrics.clear()
    fresh = network()
    zk.train.Trainer(fresh, "cross_entropy", "sgd", progress=False).fit(batches())
    trainer.fit(batches())
    assert bits(model) == bits(fresh)  # no gradient of the step that failed is left


@needs_strict
def test_data_and_models_of_different_backends() -> None:
    trainer = zk.train.Trainer(network(), "cross_entropy", progress=False)
    with zk.use_backend("strict"):
        with pytest.raises(zk.errors.BackendError, match="the model is on numpy, and data goes to strict"):
            trainer.fit(blobs())
        other = batches()
    with pytest.raises(zk.errors.BackendError, match="input is a tensor of strict and weight one of numpy"):
        trainer.fit(other)
    trainer.fit(tuple(zk.asarray(part) for part in blobs()))


def test_an_optimiser_that_needs_a_closure() -> None:
    model = network()
    with pytest.raises(ArgumentError, match="LBFGS computes the loss several times"):
        zk.train.Trainer(model, "cross_entropy", zk.optim.LBFGS(model.parameters()))


@pytest.mark.parametrize(
    "loss", ["mse_loss", "mse", "MSELoss", zk.nn.MSELoss, zk.nn.MSELoss(), zk.nn.functional.mse_loss]
)
def test_losses_by_name_or_object(loss: Any) -> None:
    zk.random.seed(0)
    trainer = zk.train.Trainer(zk.nn.Linear(2, 1), loss, "sgd", progress=False)
    x = np.ones((4, 2), "float32")
    assert trainer.evaluate((x, x[:, :1]))["loss"] == pytest.approx(
        float(((trainer.predict(x).numpy() - 1) ** 2).mean()), rel=1e-6
    )


def test_every_optimiser_and_metric_has_a_name() -> None:
    from zkynet.train.by_name import metrics_by_name, optimizer_by_name

    for name in ("sgd", "adam", "AdamW", "rmsprop", "lion", "adafactor", "lamb", "nadam"):
        made = optimizer_by_name(name, 0.01)(network()[0].parameters())
        assert type(made).__name__.lower() == name.lower()
        assert made.param_groups[0]["lr"] == 0.01
    names = ["accuracy", "mae", "rmse", "r2", "perplexity", "top_k_accuracy", "BLEU"]
    assert list(metrics_by_name(names, "mse")) == [
        "accuracy",
        "mae",
        "rmse",
        "r2",
        "perplexity",
        "top_k_accuracy",
        "bleu",
    ]
    binary = metrics_by_name(["accuracy"], "bce_with_logits")["accuracy"]
    assert repr(binary) == repr(zk.metrics.Accuracy("binary", logits=True))
    with pytest.raises(InvalidValueError, match="two metrics called 'accuracy'"):
        metrics_by_name(["accuracy", zk.metrics.Accuracy()], "mse")
