"""The examples on README.md and in docs/ print what the pages say."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import zkynet as zk
from zkynet.recipes import load_recipe

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples(page: Path) -> list[str]:
    """The Python blocks of a page that show their output in comments."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    return [b for b in blocks if "print(" in b and "import zkynet" in b]


def test_the_readme_has_an_example() -> None:
    assert examples(ROOT / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_examples_print_what_they_say(page: Path) -> None:
    for code in examples(page):
        expected = [line[2:] for line in code.splitlines() if line.startswith("# ")]
        printed = io.StringIO()
        before = zk.get_backend().name
        with zk.use_backend("numpy"), contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), {})
        zk.set_backend(before)
        assert printed.getvalue().splitlines() == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_the_first_recipe_learns(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zkynet", "train", "spirals", "--quiet", "--folder", str(tmp_path / "run")]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = re.search(r"test accuracy +([\d.]+) +at least 0.98 +reached", out.stdout)
    assert found is not None, out.stdout
    assert float(found[1]) >= 0.98


def test_every_extra_named_on_a_page_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for page in PAGES:
        for names in re.findall(r"zkynet\[([\w,-]+)\]", page.read_text()):
            assert set(names.split(",")) <= set(extras), f"{page.name} names the extra {names}"


@pytest.mark.once
def test_the_readme_shows_what_its_first_command_prints(tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text()
    shown = re.findall(r"epoch (\d+)/30  loss ([\d.]+)  accuracy ([\d.]+)", page)
    run = load_recipe("digits").run(tmp_path / "run", show=False)
    rows = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    epochs = [row for row in map(json.loads, rows) if "accuracy" in row]
    assert len(shown) == 2
    assert len(epochs) == 30
    for (_, loss, accuracy), row in zip(shown, epochs, strict=False):  # the last bits differ from machine to machine
        assert row["loss"] == pytest.approx(float(loss), rel=0.02)
        assert row["accuracy"] == pytest.approx(float(accuracy), abs=0.01)
    (figure,) = re.findall(r"test accuracy +([\d.]+)  at least 0.97  reached", page)
    assert run.results["test accuracy"] == pytest.approx(float(figure), abs=0.006)
