"""What the shell offers to complete: recipes, settings, data, backends, folders of runs."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def _offered(names: Iterable[str], begun: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(begun)]


def _recipe_before(ctx: click.Context) -> str:
    """The recipe that stands before what is completed; among the rest, where an option still lacks its value."""
    return str(ctx.params.get("name") or next(iter(ctx.args), "")).replace("_", "-")


def recipes(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of recipes."""
    from zkynet.recipes import recipe_names

    return _offered(recipe_names(), begun) or [CompletionItem(begun, type="file")]


def backends(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of backends."""
    from zkynet.backend.registry import backend_names

    return _offered(backend_names(), begun)


def settings(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The settings of the recipe that is written before, and behind ``=`` their values."""
    from zkynet.recipes import load_recipe, recipe_names

    name = _recipe_before(ctx)
    if name not in recipe_names():
        return []
    found = load_recipe(name).settings
    key, equals, value = begun.partition("=")
    if not equals:
        return _offered((f"{each}=" for each in found), begun)
    setting = found.get(key.replace("-", "_"))
    if setting is None:
        return []
    values = setting.choices or (("true", "false") if setting.kind is bool else (setting.example,))
    return _offered((f"{key}={each}" for each in values), f"{key}={value}")


def data(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The data sets of the recipe that is written before."""
    from zkynet.recipes import load_recipe, recipe_names

    name = _recipe_before(ctx)
    if name not in recipe_names():
        return []
    return _offered(load_recipe(name).data, begun)


def runs(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The folders of runs, and the names of recipes."""
    from zkynet.recipes import recipe_names
    from zkynet.runs.folder import CONFIG, runs_folder

    folders = sorted(str(config.parent) for config in runs_folder().glob(f"*/{CONFIG}"))
    return _offered([*folders, *recipe_names()], begun) or [CompletionItem(begun, type="dir")]


def data_sets(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of data sets."""
    from zkynet.data import available

    return _offered((row.name for row in available()), begun)
