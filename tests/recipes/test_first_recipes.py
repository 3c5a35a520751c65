"""The lessons without convolutions or sequences: they run, and their figures are what they say."""

from __future__ import annotations

import dataclasses
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.recipes import load_recipe

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "settings"),
    [("first-model", {}), ("xor", {"epochs": 150}), ("linear-regression", {"epochs": 60})],
)
def test_reaches_its_goals(name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    run = load_recipe(name).run(tmp_path / "run", show=False, **settings)
    assert run.reached, run.results


@pytest.mark.parametrize(
    ("name", "settings", "pictures"),
    [
        ("digits", {"epochs": 3}, {"mistakes", "confusion"}),
        ("softmax-regression", {"epochs": 3}, {"weights"}),
        ("spirals", {"epochs": 2}, set()),
        (
            "vanishing-gradients",
            {"depth": 8, "width": 8, "epochs": 1},
            {"depth", "gradients-with-relu", "gradients-with-tanh", "gradients-with-sigmoid"},
        ),
    ],
)
def test_runs_through(name: str, settings: dict[str, Any], pictures: set[str], tmp_path: Path) -> None:
    recipe = load_recipe(name)
    run = recipe.run(tmp_path / "run", show=False, **settings)
    assert {goal.name for goal in recipe.goals} <= set(run.results)
    assert pictures <= {path.stem for path in (tmp_path / "run" / "pictures").glob("*.png")}
    model, *inputs = recipe.make_example()
    assert model(*inputs).shape[0] == inputs[0].shape[0]


def test_linear_regression_says_of_a_car_what_the_least_squares_solution_says(tmp_path: Path) -> None:
    recipe = load_recipe("linear-regression")
    recipe.run(tmp_path / "run", show=False, epochs=60)
    model, settings = recipe.load(tmp_path / "run")
    cars = zk.data.cars()
    x, y = cars.train_arrays
    ones = np.ones((len(x), 1))
    solution, *_ = np.linalg.lstsq(np.concatenate([x[:, :-1], ones], axis=1), y, rcond=None)
    for car in cars.test_arrays[0][[0, 40]]:
        expected = (np.append(car[:-1], 1.0) @ solution).item()
        told = recipe.answer(model, ",".join(map(str, car)), **settings)
        assert told == {"miles per gallon": pytest.approx(expected, abs=1.0)}
    assert recipe.answer(model) == recipe.answer(model, ",".join(map(str, cars.test_arrays[0][0])))


def test_both_deep_networks_can_be_asked(tmp_path: Path) -> None:
    recipe = load_recipe("vanishing-gradients")
    recipe.run(tmp_path / "run", show=False, depth=3, width=8, epochs=1)
    for name in ("vanishes", "does not"):
        model, settings = recipe.load(tmp_path / "run", name)
        told = recipe.answer(model, **settings)
        assert list(told) == list("0123456789")
        assert sum(told.values()) == pytest.approx(1.0, abs=1e-5)
    assert recipe.load(tmp_path / "run")[0].state_dict().keys() == model.state_dict().keys()


def test_of_fashion_softmax_regression_names_the_clothes(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    pictures, classes = random.random((10, 1, 28, 28), np.float32), tuple(f"garment {k}" for k in range(10))
    small = dataclasses.replace(
        zk.data.digits(), train_arrays=(pictures, np.arange(10)), test_arrays=(pictures, np.arange(10)), classes=classes
    )
    monkeypatch.setattr(zk.data, "fashion_mnist", lambda: small)
    recipe = load_recipe("softmax-regression")
    model, *_ = recipe.make_example(data="fashion-mnist")
    told = recipe.answer(model, data="fashion-mnist")
    assert tuple(told) == classes
    assert list(told.values()) == pytest.approx(zk.softmax(model(zk.tensor(pictures[:1])), axis=-1)[0].tolist())


def test_digits_learns_in_three_epochs_what_guessing_never_would(tmp_path: Path) -> None:
    run = load_recipe("digits").run(tmp_path / "run", show=False, epochs=3, hidden=32)
    assert run.results["test accuracy"] > 0.85


def test_every_change_of_the_comparison_is_trained(tmp_path: Path) -> None:
    load_recipe("digits").run(tmp_path / "run", show=False, epochs=1, hidden=4, batch_size=200, compare=True)
    (table,) = (tmp_path / "run" / "tables").glob("*.csv")
    lines = table.read_text().splitlines()
    assert lines[0] == "change,test accuracy"
    assert len(lines) == 10


def test_the_costs_of_digits_are_those_of_the_book() -> None:
    lesson = importlib.import_module("zkynet.recipes.digits")
    z = zk.tensor([[0.3, -1.2] + [0.0] * 8], dtype="float64")
    labels = zk.tensor([1])
    a = (1 / (1 + zk.exp(-z))).tolist()[0]
    y = [0.0, 1.0] + [0.0] * 8
    quadratic = 0.5 * sum((p - t) ** 2 for p, t in zip(a, y, strict=True))
    cross = -sum(t * math.log(p) + (1 - t) * math.log(1 - p) for p, t in zip(a, y, strict=True))
    assert lesson.quadratic_cost(z, labels).item() == pytest.approx(quadratic, rel=1e-6)
    assert lesson.cross_entropy_cost(z, labels).item() == pytest.approx(cross, rel=1e-6)
