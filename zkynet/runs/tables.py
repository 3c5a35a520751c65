"""Rows of figures as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zkynet.errors import ArgumentError, described


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of a table, in the order in which its rows name them.

    Args:
        rows: a dict for each row, from column to value.
    """
    if isinstance(rows, (str, bytes, Mapping)) or not all(isinstance(row, Mapping) for row in rows):
        raise ArgumentError(
            f"a table is a list of dicts, one for each row, received {described(rows)}",
            fix='pass [{"model": "GRU", "loss": 1.5}, …]',
        )
    return list(dict.fromkeys(str(key) for row in rows for key in row))


def shown(value: Any) -> str:
    """A value as it stands in a table: floats with four digits that count.

    Args:
        value: the value; None is an empty cell.
    """
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def as_text(rows: Sequence[Mapping[str, Any]], right: Sequence[str] = ()) -> str:
    """A table as lines with aligned columns.

    Args:
        rows: a dict for each row, from column to value.
        right: columns that are aligned at the right, as numbers are.
    """
    columns = columns_of(rows)
    lines = [columns, *([shown(row.get(c)) for c in columns] for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(columns))]
    sides = [">" if column in right else "<" for column in columns]
    texts = ("  ".join(f"{c:{s}{w}}" for c, s, w in zip(line, sides, widths, strict=True)) for line in lines)
    return "\n".join(text.rstrip() for text in texts)
