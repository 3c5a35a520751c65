"""The lessons on pictures: they run, answer, and show what they say."""

from __future__ import annotations

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
        ("lenet", {"epochs": 2}, {"loss", "augmented", "filters", "feature-maps-C1", "feature-maps-C3"}),
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
