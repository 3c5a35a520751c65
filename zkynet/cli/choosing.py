"""From words on the command line to a recipe, its settings, a backend and a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.recipes import Recipe, load_recipe
from zkynet.recipes.registry import load_file
from zkynet.recipes.settings import named
from zkynet.runs.folder import CONFIG, last_folder, read_json


def recipe_of(name: str) -> Recipe:
    """The recipe of a name, or of a Python file of the user's own.

    Args:
        name: as written on the command line.
    """
    return load_file(Path(name)) if name.endswith(".py") else load_recipe(name)


def settings_from(recipe: Recipe, pairs: Sequence[str], **shorthands: Any) -> dict[str, Any]:
    """The settings that the user wrote, as values.

    Args:
        recipe: whose settings they are.
        pairs: each ``key=value``.
        **shorthands: options that stand for a setting, such as ``epochs``; None where not written.
    """
    out: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise InvalidValueError(
                f"--set takes key=value, received {pair!r}",
                facts=[f"settings of {recipe.name}: {', '.join(recipe.settings) or 'none'}"],
                fix=f"write --set {pair}=… with a value",
            )
        setting = named(recipe.settings, key.strip(), recipe.name)
        out[setting.name] = setting.read(text)
    for key, value in shorthands.items():
        if value is not None:
            setting = named(recipe.settings, key, recipe.name)
            out[setting.name] = setting.check(value) if not isinstance(value, str) else setting.read(value)
    return out


def run_folder(name: str) -> Path:
    """The folder of a run: as it is named, or the newest run of a recipe.

    Args:
        name: a folder, or the name of a recipe.
    """
    folder = Path(name)
    if (folder / CONFIG).is_file():
        return folder
    if folder.is_dir():
        raise InvalidValueError(f"{folder} is no folder of a run: it has no {CONFIG}", fix="name another folder")
    if os.sep in name:
        raise InvalidValueError(f"there is no folder {folder}", fix="look for the folder's name with ls runs")
    try:
        recipe = load_recipe(name)
    except InvalidValueError as error:
        raise InvalidValueError(
            f"there is no folder {name}, and no recipe of that name", facts=error.facts, fix=error.fix, name=name
        ) from None
    return last_folder(recipe.name)


def config_of(folder: Path) -> dict[str, Any]:
    """The settings of a run in a folder.

    Args:
        folder: of the run.
    """
    return read_json(folder / CONFIG)


@contextmanager
def on_backend(name: str | None, device: str | None = None) -> Iterator[None]:
    """A block on a backend, for all threads of the process, and on one of its devices.

    Args:
        name: of the backend; None for the current one.
        device: of the device; None for the backend's default.
    """
    from contextlib import nullcontext

    import zkynet as zk
    from zkynet.cli.endings import usage

    before = zk.get_backend().name if name is not None else None
    try:
        with usage():
            if name is not None:
                zk.set_backend(name)
            place = nullcontext() if device is None else zk.device(device)
        with place:
            yield
    finally:
        if before is not None:
            zk.set_backend(before)
