"""Run recipes as a user would, over several seeds, and keep what they reached: ``python -m benchmarks.recipes``.

Each run is a process of its own, ``python -m zkynet train RECIPE``; what it reached and how long it took is kept
in ``results/recipes.json``, an entry for each recipe, data set and backend; the table of docs/recipes.md is made of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.compare import RESULTS, keep, machine, versions
from zkynet.recipes import Recipe, load_recipe, recipe_names

RECORD = RESULTS / "recipes.json"
PAGE = Path(__file__).parent.parent / "docs" / "recipes.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def measure(name: str, backend: str, seeds: Sequence[int], data: str) -> dict[str, Any]:
    """What a recipe reaches on a backend with several seeds."""
    recipe = load_recipe(name)
    data = data or (recipe.data[0] if recipe.data else "")
    chosen = ["--data", data] if data and data != recipe.data[0] else []
    command = ["zkynet", "train", name, "--backend", backend, *chosen]
    runs = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            arguments = [*command[1:], "--seed", str(seed), "--folder", f"{folder}/run"]
            done = subprocess.run(
                [sys.executable, "-m", "zkynet", *arguments],
                env={**os.environ, "MPLBACKEND": "agg"},
                capture_output=True,
                text=True,
            )
            if done.returncode not in (0, 1):  # 1: ran to its end, and a goal was missed
                sys.exit(f"{' '.join(command)} --seed {seed} failed:\n{done.stdout}\n{done.stderr}")
            results = json.loads(Path(folder, "run", "results.json").read_text())
        runs.append({key: results[key] for key in ("seconds", "reached", "results")} | {"seed": seed})
        print(f"{name:20} {data:10} {backend:6} seed {seed}: {runs[-1]}", flush=True)
    return {
        "recipe": name,
        "data": data,
        "backend": backend,
        "command": " ".join(command),
        "goals": [goal_of(g) for g in recipe.goals_for({"data": data})],
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {key: value for key, value in versions().items() if key in ("numpy", "zkynet", backend)},
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "runs": runs,
    }


def goal_of(goal: Any) -> dict[str, Any]:
    """A goal as plain values."""
    return {"name": goal.name, "at_least": goal.at_least, "at_most": goal.at_most}


def read() -> list[dict[str, Any]]:
    """All entries."""
    return json.loads(RECORD.read_text()) if RECORD.exists() else []


def table(entries: list[dict[str, Any]]) -> str:
    """The entries as a table in Markdown: a line for each goal."""
    lines = ["| recipe | data | backend | goal | reached, by seed | seconds a run |", "|---|---|---|---|---|---|"]
    for e in entries:
        for k, goal in enumerate(e["goals"]):
            values = ", ".join(f"{run['results'].get(goal['name'], float('nan')):.4g}" for run in e["runs"])
            seconds = sorted(run["seconds"] for run in e["runs"])
            sign, bound = ("≥", goal["at_least"]) if goal["at_least"] is not None else ("≤", goal["at_most"])
            first = f"{e['recipe']} | {e['data'] or '–'} | {e['backend']}" if k == 0 else " | | "
            time = f"{seconds[len(seconds) // 2]:.0f}" if k == 0 else ""
            lines.append(f"| {first} | {goal['name']} {sign} {bound:g} | {values} | {time} |")
    return "\n".join(lines)


def write_page() -> None:
    """Put the table of what is kept in its place on the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table(read())}\n{END}{rest.partition(END)[2]}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipes", description=__doc__)
    parser.add_argument("recipes", nargs="*", help="by default all")
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--data", default="", help="another data set than the bundled one")
    parser.add_argument("--page", action="store_true", help="only make the table of docs/recipes.md anew")
    given = parser.parse_args()
    recipes: dict[str, Recipe] = {name: load_recipe(name) for name in given.recipes or recipe_names()}
    for name in [] if given.page else recipes:
        keep(RECORD, measure(name, given.backend, given.seeds, given.data), ("recipe", "data", "backend"))
    write_page()


if __name__ == "__main__":
    main()
