"""Tables as networks take them: numbers of one scale, and a column of 0 and 1 for each category."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.data.formats.table import Table, absent
from zkynet.errors import ArgumentError, InvalidValueError, described

__all__ = ["TableEncoder"]

Array = np.ndarray[Any, Any]


class TableEncoder:
    """Makes rows of float32 from a table, in a way that it learns from the table to train on.

    A column of numbers becomes (x - mean) / deviation, with 0, the mean, for what is missing; where the table to train
    on lacks entries, another column tells with 1 which those are. A column of texts becomes one column for each text
    that occurs in the table to train on, with 1 where it stands, and one for missing entries if there are any; a text
    that is new in another table becomes zeros.

    Args:
        table: the table to learn from: means, deviations, categories.
        most: a column of texts with more different ones than these is refused: it is a name, not a category.

    Example:
        >>> import zkynet as zk
        >>> train = zk.data.read_csv(b"size,street\\n1,Pave\\n3,Grvl\\nNA,Pave\\n")
        >>> encoder = zk.data.TableEncoder(train)
        >>> encoder.columns
        ('size', 'size missing', 'street Grvl', 'street Pave')
        >>> encoder(train).tolist()
        [[-1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    """

    def __init__(self, table: Table, *, most: int = 100) -> None:
        if not isinstance(table, Table):
            raise ArgumentError(f"TableEncoder expected a Table, received {described(table)}", fix="read_csv makes one")
        self.scales: dict[str, tuple[float, float]] = {}
        self.categories: dict[str, list[str]] = {}
        self.with_missing: set[str] = set()
        self.sources = table.names
        names: list[str] = []
        for name, column in table.columns.items():
            gone = absent(column)
            if column.dtype == object:
                self.categories[name] = sorted({str(value) for value in column[~gone]})
                if len(self.categories[name]) > most:
                    raise InvalidValueError(
                        f"the column {name!r} has {len(self.categories[name])} different texts",
                        fix=f"leave it out: table.without({name!r}); or allow so many: most=…",
                        column=name,
                    )
                names += [f"{name} {category}" for category in self.categories[name]]
            else:
                known = column[~gone].astype(np.float64)
                deviation = float(known.std()) if known.size else 0.0
                self.scales[name] = (float(known.mean()) if known.size else 0.0, deviation or 1.0)
                names.append(name)
            if gone.any():
                self.with_missing.add(name)
                names.append(f"{name} missing")
        self.columns = tuple(names)
        """The names of the columns of the result."""

    def __call__(self, table: Table) -> Array:
        out: list[Array] = []
        for name in self.sources:
            if name not in table.columns or (table[name].dtype == object) != (name in self.categories):
                raise InvalidValueError(
                    f"the column {name!r} is missing, or of another kind than in the table to train on",
                    fix="read both tables in the same way; kinds= of read_csv tells the kind of a column",
                    column=name,
                )
        for name in self.sources:
            column, gone = table[name], absent(table[name])
            if name in self.categories:
                out += [np.array([value == each for value in column], np.float32) for each in self.categories[name]]
            else:
                mean, deviation = self.scales[name]
                scaled = (column.astype(np.float64) - mean) / deviation
                out.append(np.where(gone, 0.0, scaled).astype(np.float32))
            if name in self.with_missing:
                out.append(gone.astype(np.float32))
        return np.stack(out, axis=1)
