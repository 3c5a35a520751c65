"""The command line: ``zkynet --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and end the process with its exit code.

    Args:
        arguments: what stands behind ``zkynet``; by default those of the process.
    """
    from zkynet.cli.program import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))
