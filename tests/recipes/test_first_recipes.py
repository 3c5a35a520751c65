"""The lessons without convolutions or sequences: they run, and their figures are what they say."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

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


def test_digits_learns_in_three_epochs_what_guessing_never_would(tmp_path: Path) -> None:
    run = load_recipe("digits").run(tmp_path / "run", show=False, epochs=3, hidden=32)
    assert run.results["test accuracy"] > 0.85


def test_every_change_of_the_comparison_is_trained(tmp_path: Path) -> None:
    load_recipe("digits").run(tmp_path / "run", show=False, epochs=1, hidden=4, batch_size=200, compare=True)
    (table,) = (tmp_path / "run" / "tables").glob("*.csv")
    lines = table.read_text().splitlines()
    assert lines[0] == "change,test accuracy"
    assert len(lines) == 9


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
