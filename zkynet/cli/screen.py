"""Tables on a terminal, wide or narrow, and as plain columns in a pipe or a file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

UNLIMITED = 100_000
"""How wide a pipe is: a row stays one line there."""


def version() -> str:
    """The version of zkynet that is installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("zkynet")
    except PackageNotFoundError:
        return "that is not installed"


def console() -> Console:
    """A rich console on the standard output: without colours where ``NO_COLOR`` is set or nobody looks on."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else UNLIMITED
    return Console(file=sys.stdout, highlight=False, markup=False, width=width, soft_wrap=False)


def show_table(rows: Sequence[Mapping[str, Any]], title: str = "", right: Sequence[str] = ()) -> None:
    """Print rows as a table; where it does not fit, as one paragraph a row.

    Args:
        rows: a dict for each row, from column to value.
        title: a line above it.
        right: columns that are aligned at the right, as numbers are.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from zkynet.runs.tables import as_text, columns_of, shown

    out = console()
    if title:
        out.print(title, style="bold")
    if not out.is_terminal:
        print(as_text(rows, right))
        return
    columns = columns_of(rows)
    cells = [[shown(row.get(column)) for column in columns] for row in rows]
    if _least_width(columns, cells) > out.width:
        _show_paragraphs(out, columns, cells)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for k, column in enumerate(columns):
        long = max((len(line[k]) for line in cells), default=0) > 24
        side: Any = "right" if column in right else "left"
        table.add_column(column, justify=side, overflow="fold", no_wrap=not long, style="bold" if k == 0 else None)
    for line in cells:
        table.add_row(*line)
    out.print(table)


def _least_width(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """How wide a table has to be in order to be read: long texts may be broken into lines of 24."""
    width = 0
    for k, column in enumerate(columns):
        longest = max([len(column), *(len(line[k]) for line in cells)])
        width += min(longest, max(24, len(column))) + 2
    return width


def _show_paragraphs(out: Console, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    for line in cells:
        out.print(line[0], style="bold")
        for column, cell in zip(columns[1:], line[1:], strict=True):
            if cell:
                out.print(f"  {column}: {cell}")


def show_json(value: Any) -> None:
    """Print a value for programs.

    Args:
        value: plain values, lists and dicts.
    """
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))
