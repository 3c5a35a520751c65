"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows below each other, their columns lined up: the first to the left, numbers to the right.

    Args:
        rows: the cells, those of the headline first.

    Example:
        >>> print(aligned([["layer", "norm"], ["0", "12"]]))
        layer  norm
        0        12
    """
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    last = len(widths) - 1 if rows[0][-1] == "" else -1  # a column of words
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if k in (0, last) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
