"""``zkynet recipes``: what there is to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import OK, usage

if TYPE_CHECKING:
    from zkynet.recipes import Recipe

EXAMPLES = """
zkynet recipes
zkynet recipes spirals            its lesson, settings and goals
zkynet recipes --json             for programs
"""


@click.command("recipes", cls=Command, examples=EXAMPLES)
@click.argument("name", metavar="[RECIPE]", required=False, shell_complete=choices.recipes)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(name: str | None, as_json: bool) -> int:
    """List the recipes: what each teaches, its size, how long it takes, and the figure it reaches."""
    from zkynet.cli.choosing import recipe_of
    from zkynet.cli.screen import show_json, show_table
    from zkynet.recipes import load_recipe, recipe_names

    if name is None:
        found = [load_recipe(each) for each in recipe_names()]
    else:
        with usage():
            found = [recipe_of(name)]
    if as_json:
        show_json([_facts(recipe) for recipe in found])
    elif name is None:
        show_table([_row(recipe) for recipe in found], right=["parameters", "minutes"])
        click.echo("\nzkynet train RECIPE runs one, zkynet recipes RECIPE says more about it.")
    else:
        _show_one(found[0])
    return OK


def size_of(recipe: Recipe) -> int | None:
    """How many parameters the model of a recipe has, None where it does not say what it trains.

    Args:
        recipe: the recipe.
    """
    import zkynet as zk
    from zkynet.errors import ArgumentError

    try:
        model, *inputs = recipe.make_example()
    except ArgumentError:
        return None
    with zk.no_grad():
        model(*inputs)  # layers that are sized by their first input
    return sum(parameter.size for parameter in model.parameters())


def _goals(recipe: Recipe) -> list[str]:
    return [str(goal) + f" ({goal.data})" * bool(goal.data) for goal in recipe.goals]


def _row(recipe: Recipe) -> dict[str, Any]:
    size = size_of(recipe)
    return {
        "recipe": recipe.name,
        "teaches": recipe.teaches,
        "source": recipe.source,
        "parameters": None if size is None else f"{size:,}",
        "minutes": f"{recipe.minutes:g}",
        "goal": "; ".join(_goals(recipe)),
    }


def _facts(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "title": recipe.title,
        "teaches": recipe.teaches,
        "source": recipe.source,
        "minutes": recipe.minutes,
        "parameters": size_of(recipe),
        "data": recipe.data,
        "goals": [{"name": g.name, "at_least": g.at_least, "at_most": g.at_most, "data": g.data} for g in recipe.goals],
        "settings": {s.name: {"default": s.default, "expects": s.expects} for s in recipe.settings.values()},
    }


def _show_one(recipe: Recipe) -> None:
    from zkynet.cli.screen import console, show_table

    out = console()
    out.print(f"{recipe.title}  ({recipe.source})\n", style="bold")
    out.print(recipe.doc.partition("\n\n")[2].replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n") + "\n")
    out.print(f"goal: {'; '.join(_goals(recipe)) or 'none'}; about {recipe.minutes:g} minutes on two cores with NumPy")
    if recipe.data:
        out.print(f"data: {', '.join(recipe.data)}; the first comes with zkynet")
    out.print()
    rows = [{"setting": s.name, "default": s.example, "takes": s.expects} for s in recipe.settings.values()]
    if rows:
        show_table(rows)
        out.print(f"\nzkynet train {recipe.name} --set {rows[0]['setting']}={rows[0]['default']}")
