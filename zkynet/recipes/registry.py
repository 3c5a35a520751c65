"""Which recipes there are; each is loaded when it is asked for."""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from zkynet.errors import InvalidValueError
from zkynet.files import as_path, read_file
from zkynet.recipes.recipe import Recipe

__all__ = ["load_file", "load_recipe", "recipe_names"]

FRAME = {"__init__", "digit_pictures", "recipe", "registry", "settings", "translation_task"}
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


def load_file(path: str | os.PathLike[str]) -> Recipe:
    """The recipe that a Python file of one's own holds; the file is executed, as every program is.

    Args:
        path: the file.

    Example:
        >>> import tempfile
        >>> text = '''
        ... from zkynet.recipes import recipe
        ... @recipe(title="Mine", teaches="what I want", source="me", minutes=1)
        ... def mine(run, *, epochs: int = 3): run.result("epochs", epochs)
        ... '''
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "mine.py").write_text(text)
        ...     load_file(f"{folder}/mine.py").settings["epochs"].default
        3
    """
    place = as_path(path)
    read_file(place)
    name = f"zkynet_recipe_{place.stem}"
    spec = spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise InvalidValueError(f"{place} is no Python file", fix="name a file that ends with .py")
    module = module_from_spec(spec)
    sys.modules[name] = module  # annotations of its functions are looked up there
    spec.loader.exec_module(module)
    found = [value for value in vars(module).values() if isinstance(value, Recipe)]
    if len(found) != 1:
        raise InvalidValueError(
            f"{place} holds {len(found)} recipes",
            facts=[recipe.name for recipe in found],
            fix="have one function with @recipe(...) in the file",
        )
    return found[0]
