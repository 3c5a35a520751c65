"""``zkynet summary``: what the model of a recipe is made of."""

from __future__ import annotations

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import OK, usage

EXAMPLES = """
zkynet summary spirals
zkynet summary spirals --set hidden=100
zkynet summary transformer --depth 2        layers within layers counted together
"""


@click.command("summary", cls=Command, examples=EXAMPLES)
@click.argument("name", metavar="RECIPE", shell_complete=choices.recipes)
@click.option("--data", metavar="D", shell_complete=choices.data, help="Which data; short for --set data=D.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, shell_complete=choices.settings, help="A setting.")
@click.option("--depth", metavar="N", type=click.IntRange(min=0), help="How far down layers have rows of their own.")
@click.option("--model", metavar="NAME", help="Which model, of a recipe that trains several.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    name: str, data: str | None, pairs: tuple[str, ...], depth: int | None, model: str | None, as_json: bool
) -> int:
    """Show the model of a recipe: layers, output shapes, parameters, multiply-adds and memory."""
    import zkynet as zk
    from zkynet.cli.choosing import recipe_of, settings_from
    from zkynet.cli.screen import console, show_json, show_table

    with usage():
        recipe = recipe_of(name)
        settings = settings_from(recipe, pairs, data=data)
        module, *inputs = recipe.make_example(model, **settings)
    found = zk.nn.summary(module, *inputs, depth=depth)
    if as_json:
        totals = ("parameters", "trainable", "buffers", "multiply_adds", "parameter_bytes", "graph_bytes")
        rows = [row._asdict() for row in found.rows]
        show_json({"recipe": recipe.name, "rows": rows, **{key: getattr(found, key) for key in totals}})
        return OK
    shapes = ", ".join(str(tuple(x.shape)) if hasattr(x, "shape") else type(x).__name__ for x in inputs)
    show_table(found.table(), title=f"{recipe.title}, for inputs {shapes}", right=["parameters", "multiply-adds"])
    console().print("\n" + "\n".join(found.totals()))
    return OK
