"""What ``import zkynet`` costs over ``import numpy``, each in a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.compare import Line, compare

# byte code may be kept between runs, as it is of an installed package
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def importing(statement: str) -> None:
    subprocess.run([sys.executable, "-c", statement], check=True, env=ENVIRONMENT)


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
