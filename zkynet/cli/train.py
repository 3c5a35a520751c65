"""``zkynet train``: run a recipe."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import GOAL_MISSED, INTERRUPTED, OK, TERMINATED, Terminated, say_error, usage

if TYPE_CHECKING:
    from zkynet.recipes import Recipe
    from zkynet.runs import Run

EXAMPLES = """
zkynet train spirals
zkynet train spirals --epochs 20 --set hidden=64 --set learning_rate=3e-3
zkynet train digits --data mnist --backend jax --folder runs/mnist
zkynet train digits --resume                    go on with the newest run of digits
zkynet train --resume runs/mnist                go on with this one
zkynet train digits --log tensorboard           for tensorboard --logdir runs
zkynet train my_recipe.py                       a recipe in a file of your own
"""


@click.command("train", cls=Command, examples=EXAMPLES)
@click.argument("name", metavar="RECIPE", required=False, shell_complete=choices.recipes)
@click.option(
    "--backend", metavar="B", shell_complete=choices.backends, help="numpy, jax, cupy, …; see zkynet backends."
)
@click.option("--device", metavar="D", help="A device of the backend, such as cuda:1.")
@click.option("--epochs", metavar="N", help="How often to go through the data; short for --set epochs=N.")
@click.option("--data", metavar="D", shell_complete=choices.data, help="Which data; short for --set data=D.")
@click.option("--seed", metavar="S", type=click.IntRange(min=0), help="Of all that is random; 0 by default.")
@click.option(
    "--set",
    "pairs",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=choices.settings,
    help="A setting; see zkynet recipes RECIPE.",
)
@click.option(
    "--folder",
    metavar="F",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; by default a new folder in runs.",
)
@click.option(
    "--resume",
    metavar="[FOLDER]",
    is_flag=False,
    flag_value="",
    default=None,
    shell_complete=choices.runs,
    help="Go on with a run that stopped: the newest of the recipe, or the one in a folder.",
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Choice(["tensorboard", "wandb", "mlflow"]),
    help="Log there, too: TensorBoard's files in the run's folder, Weights & Biases, MLflow.",
)
@click.option("--quiet", is_flag=True, help="Print the results alone.")
def command(
    name: str | None,
    backend: str | None,
    device: str | None,
    epochs: str | None,
    data: str | None,
    seed: int | None,
    pairs: tuple[str, ...],
    folder: Path | None,
    resume: str | None,
    logs: tuple[str, ...],
    quiet: bool,
) -> int:
    """Run a recipe: train its model, and write a folder with metrics, checkpoints, pictures and a report.

    Ctrl-C once finishes the step, saves, and says how to go on; twice stops at once.
    """
    from zkynet.cli.choosing import on_backend, settings_from
    from zkynet.errors import TrainingInterrupted
    from zkynet.runs.folder import new_folder
    from zkynet.runs.logs import check_installed

    check_installed(logs)
    with usage():
        recipe, folder = _chosen(name, folder, resume)
        settings = settings_from(recipe, pairs, epochs=epochs, data=data)
        resuming = resume is not None
        if resuming and folder is not None:
            config = recipe.resumable(folder, settings, seed)
            backend = backend or _known(config.get("backend"))
        recipe.values(**settings)
    with on_backend(backend, device):
        folder = folder or new_folder(recipe.name)
        if not quiet:
            _headline(recipe, folder, resuming)
        try:
            with ended_by_sigterm():
                run = recipe.run(folder, seed=seed or 0, resume=resuming, show=not quiet, logs=logs or None, **settings)
        except (KeyboardInterrupt, Terminated) as stop:
            if not isinstance(stop, TrainingInterrupted):  # between two trainings; else the trainer has said where
                say_error("stopped")
            again = f"zkynet train {_again(name, recipe)} --resume {shlex.quote(str(folder))}"
            print(f"  Go on with: {again}", file=sys.stderr, flush=True)
            return TERMINATED if isinstance(stop, Terminated) else getattr(stop, "code", INTERRUPTED)
    show_results(run)
    return OK if run.reached else GOAL_MISSED


def _chosen(name: str | None, folder: Path | None, resume: str | None) -> tuple[Recipe, Path | None]:
    """The recipe, and the folder of the run that is to be resumed or the one named for a new run."""
    from zkynet.cli.choosing import config_of, recipe_of, run_folder
    from zkynet.errors import ArgumentError
    from zkynet.recipes import load_recipe
    from zkynet.runs.folder import CONFIG, last_folder

    if resume is None:
        if name is None:
            raise ArgumentError("which recipe is not said", fix="zkynet recipes lists them: zkynet train spirals")
        recipe = recipe_of(name)
        if folder is not None and (folder / CONFIG).exists():
            raise ArgumentError(
                f"{folder} holds a run already",
                fix=f"go on with it by zkynet train {name} --resume {folder}, or name another folder",
            )
        return recipe, folder
    if resume and folder is not None and Path(resume) != folder:
        raise ArgumentError("--resume and --folder name different folders", fix="leave --folder out")
    if name is None:  # zkynet train --resume FOLDER, or zkynet train --resume RECIPE
        place = folder if folder is not None and not resume else run_folder(resume)
        return load_recipe(str(config_of(place).get("recipe"))), place
    recipe = recipe_of(name)
    if folder is None:
        folder = run_folder(resume) if resume else last_folder(recipe.name)
    return recipe, folder


def _known(backend: Any) -> str | None:
    """The backend that a run was begun on, if it can be used here: a checkpoint goes on with any."""
    import os

    from zkynet.backend.registry import usable_backend
    from zkynet.errors import BackendError

    if os.environ.get("ZKYNET_BACKEND") or not isinstance(backend, str):
        return None
    try:
        return usable_backend(backend).name
    except BackendError:
        return None


def _again(name: str | None, recipe: Recipe) -> str:
    return shlex.quote(name) if name is not None and name.endswith(".py") else recipe.name


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """A block in which SIGTERM does what Ctrl-C does, and then ends the process as terminated."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []

    def stop(*_: object) -> None:
        came.append(True)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as error:
        if came and not hasattr(error, "signal"):  # between two trainings; within one the trainer knows the signal
            raise Terminated from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _headline(recipe: Recipe, folder: Path, resuming: bool) -> None:
    import zkynet as zk
    from zkynet.cli.screen import console

    out = console()
    out.print(recipe.title, style="bold")
    out.print(f"{recipe.teaches}  ({recipe.source})")
    goes = "goes on in" if resuming else "writes to"
    out.print(f"on {zk.get_backend().name}, {zk.device()}; {goes} {folder}\n", soft_wrap=True)
    sys.stdout.flush()


def show_results(run: Run) -> None:
    """Print what came of a run: each result beside its goal.

    Args:
        run: a finished one.
    """
    from zkynet.cli.screen import console, show_table

    goals = {goal.name: goal for goal in run.goals}
    rows = []
    for name in [*run.results, *(name for name in goals if name not in run.results)]:
        value, goal = run.results.get(name), goals.get(name)
        row = {"result": name, "value": value}
        if goals:
            row["goal"] = str(goal).removeprefix(f"{name} ") if goal else None
            row[""] = None if goal is None else "reached" if goal.reached(value) else "not reached"
        rows.append(row)
    if rows:
        print()
        show_table(rows, right=["value"])
    report = run.folder / "report.html"
    out = console()
    out.print(f"\n{run.seconds:.1f} s; {'report: ' if report.exists() else 'folder: '}", end="")
    out.print(report if report.exists() else run.folder, soft_wrap=True)
