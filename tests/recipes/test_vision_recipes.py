"""The lessons on pictures: they run, answer, and show what they say."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

import zkynet as zk
from zkynet.recipes import load_recipe

pytestmark = pytest.mark.once

FEW = 64  # pictures to train on


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = zk.data.digits()
    x, y = digits.train_arrays
    u, v = digits.test_arrays
    few = zk.data.Collection("digits", (x[:FEW], y[:FEW]), (u[:20], v[:20]), "", "", tuple("0123456789"))
    monkeypatch.setattr(zk.data, "digits", lambda: few)


@pytest.mark.parametrize(
    ("name", "settings", "pictures"),
    [
        (
            "lenet",
            {"epochs": 2, "batch_size": 64},
            {"loss", "augmented", "filters", "feature-maps-C1", "feature-maps-C3"},
        ),
        ("resnet", {"epochs": 1}, {"filters", "feature-maps-1", "feature-maps-2", "feature-maps-3"}),
    ],
)
def test_runs_through(name: str, settings: dict[str, Any], pictures: set[str], tmp_path: Path) -> None:
    recipe = load_recipe(name)
    run = recipe.run(tmp_path / "run", show=False, **settings)
    assert {goal.name for goal in run.goals} <= set(run.results)
    assert pictures <= {path.stem for path in (tmp_path / "run" / "pictures").glob("*.png")}
    model, values = recipe.load(tmp_path / "run")
    answers = recipe.answer(model, None, **values)
    assert sum(answers.values()) == pytest.approx(1, abs=1e-4)
    assert recipe.answer(model, ",".join(["0"] * 64), **values).keys() == set("0123456789")


@pytest.mark.slow
def test_networks_with_and_without_shortcuts_are_compared_and_loaded_by_name(tmp_path: Path) -> None:
    recipe = load_recipe("resnet")
    run = recipe.run(tmp_path / "run", show=False, epochs=1, batch_size=32, compare=True)
    assert "test accuracy" in run.results
    model, _ = recipe.load(tmp_path / "run", "plain-32")
    assert sum(isinstance(layer, zk.nn.Conv2d) for layer in model.modules()) == 31
    assert (tmp_path / "run" / "pictures" / "with-and-without-shortcuts.png").exists()


def test_a_residual_block_that_has_learned_nothing_hands_on_its_input() -> None:
    lesson = importlib.import_module("zkynet.recipes.resnet")
    x = zk.relu(zk.random.normal(shape=(2, 4, 5, 5)))
    block = lesson.Block(4, 4, 1, shortcut=True)
    zk.nn.init.zeros_(block.norm2.weight)
    assert (block(x) == x).all()
    assert lesson.Block(4, 8, 2, shortcut=True)(x).shape == (2, 8, 3, 3)


def test_an_own_picture_of_another_kind_is_refused_in_a_sentence() -> None:
    recipe = load_recipe("resnet")
    model, *_ = recipe.make_example()
    with pytest.raises(zk.errors.InvalidValueError, match="8 x 8 numbers"):
        recipe.answer(model, "1 2 3")
