"""Pieces of an HTML page that needs nothing but itself: every text escaped, no script, nothing loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from zkynet.runs.tables import shown

UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What HTML does not allow even when it is escaped."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser may load, should a text ever get by the escaping: nothing."""

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def text(value: Any) -> str:
    """Any value as text of a page.

    Args:
        value: whatever is to be shown.

    Example:
        >>> text("<script>\\0")
        '&lt;script&gt;\\ufffd'
    """
    return escape(UNSHOWABLE.sub("\ufffd", shown(value)), quote=True)


def page(title: str, body: Sequence[str]) -> str:
    """A whole page.

    Args:
        title: of the window.
        body: its parts, as HTML.
    """
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{text(title) or 'A run'}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str, numbers: Sequence[int] = (), shown: bool = True
) -> str:
    """A table, in a box that scrolls where it is too wide; the first column are the headings of the rows.

    Args:
        columns: their headings, as text.
        rows: the cells, as HTML.
        caption: what it shows, as text.
        numbers: which columns hold numbers, and are aligned at the right.
        shown: whether the caption is seen, or read out alone, where a heading says the same.
    """
    kinds = [' class="number"' if k in numbers else "" for k in range(len(columns))]
    head = "".join(f'<th scope="col"{kind}>{text(c)}</th>' for c, kind in zip(columns, kinds, strict=True))
    hidden = "" if shown else ' class="read"'
    out = [f"<caption{hidden}>{text(caption)}</caption>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for first, *rest in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(rest, kinds[1:], strict=True))
        out.append(f'<tr><th scope="row"{kinds[0]}>{first}</th>{cells}</tr>')
    inner = "\n".join(["<table>", *out, "</tbody>", "</table>"])
    return f'<div class="wide" role="region" tabindex="0" aria-label="{text(caption)}">\n{inner}\n</div>'


def pairs(caption: str, values: Sequence[tuple[str, Any]]) -> str:
    """A table of names and values.

    Args:
        caption: what it shows.
        values: names and values, as they are.
    """
    rows = "\n".join(f'<tr><th scope="row">{text(k)}</th><td>{text(v)}</td></tr>' for k, v in values)
    return f"<table>\n<caption>{text(caption)}</caption>\n<tbody>\n{rows}\n</tbody>\n</table>"


def is_number(cell: str) -> bool:
    """Whether a cell of a CSV file is a number.

    Args:
        cell: its text.
    """
    try:
        float(cell)
    except ValueError:
        return False
    return True
