"""What ``import zkynet`` costs over ``import numpy``, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.compare import Line, compare


def importing(statement: str) -> None:
    subprocess.run([sys.executable, "-c", statement], check=True)


def measure() -> list[Line]:
    """The table: an interpreter that imports nothing, NumPy, and zkynet."""
    ways = {
        what: (lambda what=what: importing(what if what == "pass" else f"import {what}"))
        for what in ("pass", "numpy", "zkynet")
    }
    lines = compare("start Python and import", ways, "numpy", rounds=30)
    seconds = {line.who: line.seconds for line in lines}
    over = seconds["zkynet"] - seconds["numpy"]
    return [*lines, Line("import zkynet over import numpy", "zkynet - numpy", over, over / seconds["numpy"])]
