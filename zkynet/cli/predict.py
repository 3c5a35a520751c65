"""``zkynet predict``: ask a trained model."""

from __future__ import annotations

from typing import Any

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import OK, usage

EXAMPLES = """
zkynet predict spirals                       the newest run of spirals, for an input of its own
zkynet predict spirals 0.5,-0.2              for this point
zkynet predict runs/digits seven.png         the run in a folder, for this picture
echo "3 May 1999" | zkynet predict dates -   for what comes through a pipe
"""


@click.command("predict", cls=Command, examples=EXAMPLES)
@click.argument("run", metavar="RUN", shell_complete=choices.runs)
@click.argument("given", metavar="[INPUT]", required=False)
@click.option("--recipe", metavar="FILE.py", help="The file of the recipe, if it is one of your own.")
@click.option("--model", metavar="NAME", help="Which model, of a recipe that trains several.")
@click.option("--backend", metavar="B", shell_complete=choices.backends, help="numpy, jax, cupy, …")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    run: str, given: str | None, recipe: str | None, model: str | None, backend: str | None, as_json: bool
) -> int:
    """Ask the trained model of a run: RUN is its folder, or the recipe whose newest run is meant.

    INPUT is what the recipe takes: a text, a row of numbers, a picture's file; - reads it from a pipe.
    """
    import sys

    from zkynet.cli.choosing import config_of, on_backend, recipe_of, run_folder
    from zkynet.cli.screen import show_json

    with usage():
        folder = run_folder(run)
        chosen = recipe_of(recipe or str(config_of(folder).get("recipe")))
    if given == "-":
        given = sys.stdin.read().rstrip("\n")
    with on_backend(backend):
        trained, settings = chosen.load(folder, model)
        with usage():
            answer = chosen.answer(trained, given, **settings)
    show_json(answer) if as_json else _show(answer)
    return OK


def _show(answer: Any) -> None:
    """A text as it is; probabilities as bars, the largest first."""
    from zkynet.cli.screen import console, show_table

    if not isinstance(answer, dict):
        console().print(str(answer))
        return
    ranked = sorted(answer.items(), key=lambda pair: -pair[1])[:10]
    show_table([{"answer": key, "probability": f"{p:.1%}", "": "█" * round(20 * p)} for key, p in ranked])
