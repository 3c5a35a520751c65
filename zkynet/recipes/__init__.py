"""Each system of the learning path as one short file that reads as a lesson."""

from zkynet.recipes.recipe import Goal, Recipe, recipe
from zkynet.recipes.registry import load_file, load_recipe, recipe_names
from zkynet.recipes.settings import Setting

__all__ = ["Goal", "Recipe", "Setting", "load_file", "load_recipe", "recipe", "recipe_names"]


def __dir__() -> list[str]:
    return __all__
