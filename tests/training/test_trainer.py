"""`Trainer`: the same numbers as a loop written by hand, and what it is given and gives back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


def test_model_fit_on_arrays() -> None:
    history = network().fit(*blobs(), epochs=20, learning_rate=0.05, progress=False)
    assert history["accuracy"][-1] > 0.8
