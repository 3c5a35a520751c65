"""Choose settings of a recipe without a look at its test part: ``python -m benchmarks.recipe_settings RECIPE GRID …``.

A fifth of the training part is kept back and takes the place of the test part, of a text its last tenth; the recipe
runs as it is, and sees nothing else. A grid is ``name=value,value``: with several, each combination is tried. What
each reached with each seed is kept in ``results/recipe_settings.json``.

    python -m benchmarks.recipe_settings lenet learning_rate=0.002,0.004 augment=true,false --seeds 10 11 12
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

import zkynet as zk
from benchmarks.compare import RESULTS, keep
from zkynet.cli.choosing import settings_from
from zkynet.recipes import load_recipe

RECORD = RESULTS / "recipe_settings.json"


def held_out(collection: Any) -> Any:
    """A data set whose test part is cut out of its training part."""
    if hasattr(collection, "validation"):  # a text
        cut = len(collection.train) * 9 // 10
        return replace(collection, train=collection.train[:cut], validation=collection.train[cut:])
    count = len(collection.train_arrays[0])
    tested = np.zeros(count, bool)
    tested[np.random.default_rng(count).permutation(count)[: count // 5]] = True
    train, test = (tuple(a[rows] for a in collection.train_arrays) for rows in (~tested, tested))
    return replace(collection, train_arrays=train, test_arrays=test)


@contextmanager
def out_of_sight() -> Iterator[None]:
    """In its course, the functions of `zk.data` that recipes take their data from give `held_out` sets."""

    def instead(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: held_out(function(*args, **kwargs))

    names = ("digits", "mnist", "cifar10", "topics_text", "shakespeare")
    before = {name: getattr(zk.data, name) for name in names}
    try:
        for name, function in before.items():
            setattr(zk.data, name, instead(function))
        yield
    finally:
        for name, function in before.items():
            setattr(zk.data, name, function)


def tried(name: str, settings: dict[str, Any], seeds: list[int]) -> dict[str, Any]:
    """What a recipe reaches with some settings, by seed."""
    results: list[dict[str, float]] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            run = load_recipe(name).run(f"{folder}/run", seed=seed, show=False, **settings)
        results.append(run.results)
    entry = {"recipe": name, "settings": settings, "seeds": seeds}
    return entry | {"results": {key: [of[key] for of in results] for key in results[0]}}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipe_settings", description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("grid", nargs="+", metavar="name=value,value", help="what to try for a setting")
    parser.add_argument("--seeds", type=int, nargs="+", default=[10, 11, 12])
    given = parser.parse_args()
    grids = [
        [f"{name}={value}" for value in values.split(",")] for name, _, values in (g.partition("=") for g in given.grid)
    ]
    with out_of_sight():
        for combination in itertools.product(*grids):
            settings = settings_from(load_recipe(given.recipe), combination)
            entry = tried(given.recipe, settings, given.seeds)
            keep(RECORD, entry, ("recipe", "settings"))
            for key, values in entry["results"].items():
                print(f"{' '.join(combination):50} {key:40} mean {statistics.mean(values):.4f} of {values}", flush=True)


if __name__ == "__main__":
    main()
