"""Statistics of gradients and activations: the numbers, and what they are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk

pytestmark = pytest.mark.once


def stack(depth: int, activation: Any, std: float | None = None) -> zk.nn.Module:
    zk.random.seed(0)
    layers: list[Any] = []
    for _ in range(depth):
        layers += [zk.nn.Linear(8, 8), activation()]
        if std is not None:
            zk.nn.init.normal_(layers[-2].weight, std=std)
    return zk.nn.Sequential(*layers, zk.nn.Linear(8, 2))


def data() -> Any:
    rng = np.random.default_rng(0)
    return rng.normal(size=(64, 8)).astype("float32"), rng.integers(0, 2, 64)


def train(model: zk.nn.Module, *callbacks: Any, **more: Any) -> zk.train.Trainer:
    how: dict[str, Any] = {"learning_rate": 1e-4, "progress": False, "stop_at_nan": False}
    trainer = zk.train.Trainer(model, "cross_entropy", "sgd", callbacks=callbacks, **how | more)
    trainer.fit(data(), epochs=2, shuffle=False)
    return trainer


def test_norms_are_those_of_the_gradients() -> None:
    model, statistics = stack(2, zk.nn.Tanh), zk.train.GradientStatistics(every=2, show=False)
    x, y = data()
    loss = zk.nn.functional.cross_entropy(model(zk.asarray(x[:32])), zk.asarray(y[:32]))
    loss.backward()
    expected = {
        name: np.sqrt(sum((p.grad.numpy().astype("float64") ** 2).sum() for p in model[int(name)].parameters()))
        for name in "024"
    }
    model.zero_grad()
    train(model, statistics, clip_norm=1e-3)
    assert statistics.steps == [1, 3]
    assert {name: norms[0] for name, norms in statistics.norms.items()} == pytest.approx(expected, rel=1e-5)


def test_vanishing_gradients_are_named() -> None:
    statistics = zk.train.GradientStatistics(every=1, show=False)
    train(stack(10, zk.nn.Sigmoid), statistics)
    verdicts = list(statistics.verdicts.values())
    assert verdicts[:3] == ["vanishing"] * 3
    assert verdicts[-3:] == ["fine"] * 3
    table = statistics.table()
    assert "vanishing: its weights are told" in table
    assert "times less than those of 20" in table
    assert "Vanishing gradients: these layers hardly learn." in table


def test_exploding_gradients_are_named() -> None:
    statistics = zk.train.GradientStatistics(every=1, show=False)
    train(stack(10, zk.nn.ReLU, std=3.0), statistics, learning_rate=0.0)
    assert statistics.verdicts["0"] == "exploding"
    assert "clip_norm" in statistics.table()


def test_all_is_fine_and_nothing_reaches() -> None:
    class Partly(zk.nn.Module):
        def __init__(self) -> None:
            zk.random.seed(0)
            self.used, self.unused = zk.nn.Linear(8, 2), zk.nn.Linear(8, 2)

        def forward(self, x: Any) -> Any:
            return self.used(x)

    statistics = zk.train.GradientStatistics(every=1, show=False)
    train(Partly(), statistics)
    assert statistics.verdicts == {"used": "fine", "unused": "none"}
    fine = zk.train.GradientStatistics(every=1, show=False)
    train(stack(1, zk.nn.ReLU), fine)
    assert fine.table().endswith("The gradients of all layers are of a similar size.")


def test_tiny_and_huge_gradients_keep_their_norm() -> None:
    for size in (1e-30, 1e18, 1e30):
        model = zk.nn.Linear(1, 1, bias=False)
        statistics = zk.train.GradientStatistics(show=False)
        x = np.full((1, 1), size, dtype="float32")
        trainer = zk.train.Trainer(
            model, None, "sgd", objective=lambda m, b: m(b[0]).sum(), callbacks=[statistics], learning_rate=0.0,
            progress=False,
        )  # fmt: skip
        trainer.fit((x, x))
        assert statistics.norms["Linear"][0] == pytest.approx(size, rel=1e-4)


def test_in_mixed_precision() -> None:
    statistics = zk.train.GradientStatistics(every=1, show=False)
    plain = zk.train.GradientStatistics(every=1, show=False)
    train(stack(2, zk.nn.Tanh), statistics, precision="bfloat16")
    train(stack(2, zk.nn.Tanh), plain)
    for name, norms in plain.norms.items():
        assert statistics.norms[name] == pytest.approx(norms, rel=0.1)


@pytest.mark.parametrize(
    ("activation", "std", "verdict"),
    [
        (zk.nn.Tanh, 50.0, "saturated"),
        (zk.nn.Tanh, 1e-5, "faded"),
        (zk.nn.ReLU, 1e4, "large"),
        (zk.nn.GELU, 0.4, "fine"),
    ],
)
def test_activations_are_told(activation: Any, std: float, verdict: str) -> None:
    statistics = zk.train.ActivationStatistics(every=1, show=False)
    train(stack(1, activation, std), statistics)
    assert statistics.verdicts["1"] == verdict
    assert f"{verdict}" in statistics.table()


def test_dead_units_and_figures() -> None:
    model = stack(1, zk.nn.ReLU)
    model[0].bias.data = zk.full((8,), -100.0).data
    statistics = zk.train.ActivationStatistics(every=2, show=False)
    trainer = train(model, statistics)
    assert statistics.verdicts == {"0": "fine", "1": "dead", "2": "faded"}
    assert statistics.steps == [1, 3]
    figures = statistics.figures["0"]
    out = model[0](zk.asarray(data()[0][:32])).detach().numpy()
    assert figures["mean"][0] == pytest.approx(out.mean(), rel=1e-3)
    assert figures["spread"][0] == pytest.approx(np.sqrt(out.var(axis=0).mean()), rel=1e-3)
    assert figures["zeros"][0] == 0
    assert not trainer.model[0]._held.hooks.after  # nobody listens any more


def test_what_was_recorded_goes_into_checkpoints() -> None:
    for kind in (zk.train.GradientStatistics, zk.train.ActivationStatistics):
        statistics, other = kind(every=1, show=False), kind(every=1, show=False)
        train(stack(1, zk.nn.Tanh), statistics)
        other.load_state_dict(statistics.state_dict())
        assert other.table() == statistics.table()
        assert other.steps == [1, 2, 3, 4]


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    train(stack(1, zk.nn.Tanh), zk.train.GradientStatistics())
    assert capsys.readouterr().out.startswith("layer  norm of the gradient")
