"""The frame of recipes: settings from the function's arguments, goals, and what is refused."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, Literal

import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError
from zkynet.recipes import Goal, Recipe, load_recipe, recipe, recipe_names
from zkynet.runs import Run

pytestmark = pytest.mark.once


@recipe(
    title="All kinds",
    teaches="nothing",
    source="none",
    minutes=0.0,
    data=("digits", "mnist"),
    goal=[Goal("score", at_least=0.5, data="digits"), Goal("score", at_least=0.9, data="mnist")],
)
def all_kinds(
    run: Run,
    *,
    data: str = "digits",
    epochs: int = 3,
    rate: float = 0.1,
    bias: bool = True,
    cell: Literal["gru", "lstm"] = "gru",
    sizes: tuple[int, ...] = (64, 32),
    clip: float | None = None,
) -> None:
    """Say the settings, and a number that depends on the seed."""
    run.say(f"{data} {epochs} {rate} {bias} {cell} {sizes} {clip}")
    run.result("score", zk.random.uniform(shape=()).item() / 1000 + 0.7)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "12", 12),
        ("epochs", "1e3", 1000),
        ("rate", "3e-4", 3e-4),
        ("rate", "1", 1.0),
        ("bias", "no", False),
        ("bias", "True", True),
        ("cell", "lstm", "lstm"),
        ("sizes", "100", (100,)),
        ("sizes", "(10, 20)", (10, 20)),
        ("clip", "none", None),
        ("clip", "5", 5.0),
        ("data", "mnist", "mnist"),
    ],
)
def test_a_setting_reads_text(name: str, text: str, value: Any) -> None:
    read = all_kinds.settings[name].read(text)
    assert read == value
    assert type(read) is type(value)
    assert all_kinds.settings[name].check(read) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("epochs", "ten", "epochs is a whole number, received 'ten'"),
        ("epochs", "1.5", "epochs is a whole number, received '1.5'"),
        ("epochs", "", "epochs is a whole number"),
        ("epochs", "inf", "epochs is a whole number"),
        ("rate", "fast", "rate is a number"),
        ("bias", "maybe", "bias is true or false"),
        ("cell", "lstn", "did you mean lstm?"),
        ("sizes", "64,x", "sizes is one or more, with commas between them, each a whole number"),
        ("data", "cifar", "data is one of digits, mnist"),
        ("clip", "off", "clip is a number or none"),
    ],
)
def test_a_wrong_text_is_answered_with_what_was_expected(name: str, text: str, words: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        all_kinds.settings[name].read(text)
    assert words in str(refused.value)
    assert refused.value.fix


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 1.5), ("epochs", True), ("rate", "1"), ("bias", 1), ("sizes", 3), ("sizes", "64"), ("clip", "none")],
)
def test_a_wrong_object_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidValueError, match=f"{name} is "):
        all_kinds.run("never", **{name: value})
    assert not Path("never").exists()


def test_an_unknown_setting_is_told_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="did you mean epochs"):
        all_kinds.run(tmp_path / "run", epoch=3)
    assert not (tmp_path / "run").exists()


def test_an_unknown_recipe_is_told_the_nearest() -> None:
    with pytest.raises(InvalidValueError, match="did you mean spirals"):
        load_recipe("spiral")


def test_the_example_written_for_a_setting_can_be_read() -> None:
    for setting in all_kinds.settings.values():
        assert setting.read(setting.example) == setting.default


def test_the_goal_is_that_of_the_data(tmp_path: Path) -> None:
    assert all_kinds.run(tmp_path / "a", show=False).reached
    assert not all_kinds.run(tmp_path / "b", show=False, data="mnist").reached


def test_the_seed_is_set_before_the_recipe_begins(tmp_path: Path) -> None:
    first, again, other = (all_kinds.run(tmp_path / f"{k}", seed=s, show=False) for k, s in enumerate((3, 3, 4)))
    assert first.results == again.results != other.results


def test_a_goal_is_reached_at_its_bound_and_not_by_nan() -> None:
    assert Goal("x", at_least=0.5).reached(0.5)
    assert Goal("x", at_most=0.5).reached(0.5)
    assert not Goal("x", at_most=0.5).reached(float("nan"))
    assert not Goal("x", at_least=0.1, at_most=0.5).reached(0.6)
    with pytest.raises(ArgumentError, match="says no figure"):
        Goal("x")


def test_a_setting_that_could_not_be_written_is_refused_when_the_recipe_is_made() -> None:
    with pytest.raises(ArgumentError, match="which cannot be written"):

        @recipe(title="", teaches="", source="", minutes=0)
        def bad(run: Run, *, options: dict[str, int] = {}) -> None: ...  # noqa: B006

    with pytest.raises(ArgumentError, match="a recipe finds folder, seed"):

        @recipe(title="", teaches="", source="", minutes=0)
        def taken(run: Run, *, seed: int = 0) -> None: ...

    with pytest.raises(ArgumentError, match="lacks a type or a default"):

        @recipe(title="", teaches="", source="", minutes=0)
        def worse(run: Run, *, size) -> None: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_whole(name: str) -> None:
    one = load_recipe(name)
    assert isinstance(one, Recipe)
    assert one.name == name
    assert one.title
    assert one.teaches
    assert one.source
    assert one.goals, "a recipe has a figure to reach"
    assert 0 < one.minutes <= 5
    assert len(one.doc.partition("\n\n")[2]) > 100, "the file's docstring says what it teaches"
    assert inspect.getdoc(one.function)
    if "data" in one.settings:
        assert one.settings["data"].default == one.data[0]
