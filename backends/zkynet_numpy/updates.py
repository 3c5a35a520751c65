"""Optimisers' updates in blocks that stay in the cache: large arrays are cut up, small ones joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np

from zkynet.backend.updates import Columns, Update, held_once

BLOCK = 1 << 16
"""How many elements are updated at a time: each array of them takes 256 KiB in float32."""

SMALL = 1 << 11
"""Up to how many elements an array is joined with others: there a call of NumPy costs more than its arithmetic."""

Row = tuple[Any, ...]


def run(xp: Any, update: Update) -> Columns:
    """The new values of what is written, in its own memory where nobody else looks at that."""
    for column in update.written:
        _make_writable(column)
    rows = list(zip(*update.read, *update.written, strict=True))
    known = len(update.read)
    if update.elementwise:
        pieces = _pieces(rows, known)
    else:
        pieces = iter(rows)
    rule, numbers = update.rule, {**update.numbers, **update.options}
    for piece in pieces:
        done = rule(xp, *piece, **numbers)
        for old, new in zip(piece[known:], done, strict=True):
            if new is not old:
                old[...] = new
    return update.written


def _make_writable(column: list[Any]) -> None:
    """Arrays that are the only ones to look at their memory, which is contiguous; in place of others, copies."""
    alone = held_once(column)
    for i, array in enumerate(column):
        if not (alone[i] and type(array) is np.ndarray and array.base is None and array.flags.carray):
            column[i] = np.array(array, order="C")


def _pieces(rows: list[Row], known: int) -> Iterator[Row]:
    """Rows of flat arrays of about a block each; what a rule does to small ones is written back when it is done."""
    small: list[Row] = []
    waiting = 0
    for row in rows:
        size = row[known].size
        if size <= SMALL:
            if waiting + size > BLOCK:
                yield from _joined(small, known)
                small, waiting = [], 0
            small.append(row)
            waiting += size
        elif size <= BLOCK:
            yield row
        else:
            flat = [array.reshape(-1) for array in row]  # a view, or of a gradient that is not contiguous a copy
            for start in range(0, size, BLOCK):
                yield tuple([array[start : start + BLOCK] for array in flat])
    yield from _joined(small, known)


def _joined(rows: list[Row], known: int) -> Iterator[Row]:
    if len(rows) < 5:  # then joining costs as much as it spares
        yield from rows
        return
    columns = [[a if a.ndim == 1 else a.reshape(-1) for a in column] for column in zip(*rows, strict=True)]
    joined = [np.concatenate(column) for column in columns]
    yield tuple(joined)
    ends = list(accumulate([a.size for a in columns[known]]))
    for column, whole in zip(columns[known:], joined[known:], strict=True):
        start = 0
        for array, end in zip(column, ends, strict=True):
            array[:] = whole[start:end]
            start = end
