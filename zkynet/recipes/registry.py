"""Which recipes there are; each is loaded when it is asked for."""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path

from zkynet.errors import InvalidValueError
from zkynet.recipes.recipe import Recipe

__all__ = ["load_recipe", "recipe_names"]

FRAME = {"__init__", "recipe", "registry", "settings"}
"""The files of this folder that are no recipes."""


def recipe_names() -> list[str]:
    """The names of all recipes; none of them is loaded.

    Example:
        >>> "spirals" in recipe_names()
        True
    """
    return sorted(path.stem.replace("_", "-") for path in Path(__file__).parent.glob("*.py") if path.stem not in FRAME)


def load_recipe(name: str) -> Recipe:
    """The recipe of a name.

    Args:
        name: one of `recipe_names`; ``_`` counts as ``-``.

    Example:
        >>> load_recipe("spirals").title
        'Two spirals'
    """
    wanted = str(name).replace("_", "-")
    known = recipe_names()
    if wanted not in known:
        near = difflib.get_close_matches(wanted.lower(), known, n=3, cutoff=0.4)
        raise InvalidValueError(
            f"there is no recipe {name!r}",
            facts=[f"recipes: {', '.join(known)}"],
            fix=f"did you mean {' or '.join(near)}?" if near else "take one of these",
            name=name,
        )
    module = import_module(f"zkynet.recipes.{wanted.replace('-', '_')}")
    return next(v for v in vars(module).values() if isinstance(v, Recipe) and v.name == wanted)
