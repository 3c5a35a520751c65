"""Tables of CSV files: columns of numbers and of texts, with what is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from zkynet.data.formats.digit_table import digits_only
from zkynet.data.formats.records import Record, records
from zkynet.data.formats.sources import damaged, taken
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.files import write_atomically

__all__ = ["Table", "read_csv", "write_csv"]

Array = np.ndarray[Any, Any]

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")


class Table:
    """Columns by name: numbers, with NaN for what is missing, and texts as objects, with None.

    Args:
        columns: the columns, all of one length.

    Example:
        >>> import zkynet as zk
        >>> table = zk.data.read_csv(b"size,street\\n8450,Pave\\nNA,Grvl\\n")
        >>> table
        Table of 2 rows: size (number, 1 missing), street (text)
        >>> table["size"], table["street"].tolist()
        (array([8450.,   nan]), ['Pave', 'Grvl'])
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns: dict[str, Array] = {}
        for name, values in columns.items():
            array = np.asarray(values)
            numeric = array.dtype.kind in "biuf"
            self.columns[str(name)] = array if numeric else np.asarray(values, dtype=object)
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidValueError(
                "Table: the columns have different lengths",
                facts=[f"{name}: {length}" for name, length in lengths.items()],
                fix="each column has one entry for each row",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns.

        Example:
            >>> Table({"a": [1.0], "b": ["x"]}).names
            ('a', 'b')
        """
        return tuple(self.columns)

    @property
    def kinds(self) -> dict[str, str]:
        """By column, ``"number"`` or ``"text"``.

        Example:
            >>> Table({"a": [1.0], "b": ["x"]}).kinds
            {'a': 'number', 'b': 'text'}
        """
        return {name: "text" if column.dtype == object else "number" for name, column in self.columns.items()}

    def missing(self) -> dict[str, int]:
        """By column, how many entries are missing; columns without are left out.

        Example:
            >>> Table({"a": [1.0, float("nan")], "b": ["x", "y"]}).missing()
            {'a': 1}
        """
        counts = {name: int(absent(column).sum()) for name, column in self.columns.items()}
        return {name: count for name, count in counts.items() if count}

    def rows(self, which: Any) -> Table:
        """Some rows, as a table.

        Args:
            which: their numbers, or an array of True and False, or a slice.

        Example:
            >>> Table({"a": [1.0, 2.0, 3.0]}).rows([2, 0])["a"]
            array([3., 1.])
        """
        which = which if isinstance(which, slice) else np.asarray(which)
        return Table({name: column[which] for name, column in self.columns.items()})

    def select(self, names: Iterable[str]) -> Table:
        """Some columns, as a table.

        Args:
            names: the columns.

        Example:
            >>> Table({"a": [1.0], "b": ["x"]}).select(["b"]).names
            ('b',)
        """
        return Table({name: self[name] for name in names})

    def without(self, *names: str) -> Table:
        """All columns but some, as a table.

        Args:
            *names: the columns to leave out.

        Example:
            >>> Table({"a": [1.0], "b": ["x"]}).without("a").names
            ('b',)
        """
        for name in names:
            self[name]
        return Table({name: column for name, column in self.columns.items() if name not in names})

    def numbers(self, names: Sequence[str] | None = None, dtype: Any = np.float32) -> Array:
        """Columns of numbers, side by side, of shape (rows, columns).

        Args:
            names: the columns; all by default.
            dtype: the kind of the result.

        Example:
            >>> Table({"a": [1.0, 2.0], "b": [3, 4]}).numbers().tolist()
            [[1.0, 3.0], [2.0, 4.0]]
        """
        names = self.names if names is None else names
        if texts := [name for name in names if self[name].dtype == object]:
            raise ArgumentError(
                f"the column {texts[0]!r} is text",
                fix="leave it out, or make numbers of it with zk.data.TableEncoder",
                columns=texts,
            )
        return np.stack([self[name].astype(dtype) for name in names], axis=1)

    def __getitem__(self, name: str) -> Array:
        if name not in self.columns:
            raise InvalidValueError(
                f"there is no column {name!r}", facts=[f"there are {', '.join(self.columns)}"], fix="name one of these"
            )
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __repr__(self) -> str:
        missing = self.missing()
        told = [
            f"{name} ({kind}{f', {missing[name]} missing' if name in missing else ''})"
            for name, kind in self.kinds.items()
        ]
        more = f", and {len(told) - 12} more columns" if len(told) > 12 else ""
        return f"Table of {len(self)} rows: {', '.join(told[:12])}{more}"


def absent(column: Array) -> Array:
    """Which entries of a column are missing.

    Args:
        column: numbers or texts.

    Example:
        >>> absent(np.array([1.0, np.nan])).tolist()
        [False, True]
    """
    if column.dtype == object:
        return np.array([value is None for value in column], bool)
    return np.isnan(column) if column.dtype.kind == "f" else np.zeros(len(column), bool)


def read_csv(
    source: str | os.PathLike[str] | bytes,
    *,
    separator: str = ",",
    missing: Iterable[str] = MISSING,
    kinds: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Table:
    """The table of a CSV file, whose first line names the columns.

    A column whose entries all are numbers, or missing, becomes one of numbers; the others are texts. Fields may stand
    in quotes. Lines with more or fewer fields than the first, quotes that are never closed, and bytes that are no text
    are refused, with the line and the byte where they are. A table of nothing but whole numbers from 0 on is read at
    once, and has columns of int64: the 42,000 pictures of Kaggle's digit-recognizer take two seconds.

    Args:
        source: the path of the file, or its bytes; compressed by gzip or not.
        separator: what stands between fields.
        missing: what stands for a missing entry.
        kinds: by column, ``"number"`` or ``"text"``, where it is not to be guessed.
        encoding: how the text is encoded.

    Example:
        >>> import zkynet as zk
        >>> table = zk.data.read_csv(b'a,b,code\\n1,"x, y",007\\n2.5,,010\\n', kinds={"code": "text"})
        >>> table["a"], table["b"].tolist(), table["code"].tolist()
        (array([1. , 2.5]), ['x, y', None], ['007', '010'])
    """
    if not isinstance(separator, str) or len(separator.encode()) != 1 or separator in '"\r\n':
        raise ArgumentError(f"read_csv: separator is one character, received {described(separator)}", fix="pass ','")
    wanted = dict(kinds or {})
    if wrong := {kind for kind in wanted.values() if kind not in ("number", "text")}:
        raise InvalidValueError(f"read_csv: a kind is 'number' or 'text', received {min(wrong)!r}", fix="pass one")
    data, name = taken("read_csv", source)
    data = data.removeprefix(b"\xef\xbb\xbf")  # the mark that some programs put before UTF-8
    _plausible(data, name)
    lines = records(data, name, separator.encode())
    header = next(lines)
    names = [_text(field, header, i, name, encoding).strip() for i, field in enumerate(header.fields)]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise damaged(name, "two columns have one name", f"line {header.line}: {twice[0]!r}")
    if unknown := [n for n in wanted if n not in names]:
        raise InvalidValueError(f"read_csv: {name} has no column {unknown[0]!r}", fix=f"name one of {', '.join(names)}")
    begin = data.find(b"\n", header.at) + 1 if b'"' not in data[: data.find(b"\n") + 1] else 0
    if separator == "," and begin and "text" not in wanted.values():
        quick = digits_only(data[begin:], len(names))
        if quick is not None:
            return Table({n: quick[:, i] for i, n in enumerate(names)})
    rows = list(lines)
    for row in rows:
        if len(row.fields) != len(names):
            raise damaged(
                name,
                "a line has another number of fields than the first one",
                f"line {row.line}, byte {row.at}: expected {len(names)}, found {len(row.fields)}",
                fix="fetch the file again; or name the separator, if it is another one",
            )
    absent_words = frozenset(missing)
    columns = {}
    for i, n in enumerate(names):
        texts = [_text(row.fields[i], row, i, name, encoding) for row in rows]
        columns[n] = _column(texts, absent_words, wanted.get(n), rows, n, name)
    return Table(columns)


def write_csv(table: Table | Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a table as a CSV file, such as an answer for Kaggle; whole or not at all.

    Args:
        table: the table, or its columns by name.
        path: the file.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zk.data.write_csv({"Id": [1, 2], "Label": ["a", "b, c"]}, f"{folder}/a.csv")
        ...     zk.data.read_csv(f"{folder}/a.csv")["Label"].tolist()
        ['a', 'b, c']
    """
    table = table if isinstance(table, Table) else Table(table)
    gone = {name: absent(column) for name, column in table.columns.items()}
    lines = [
        table.names,
        *zip(
            *(["" if m else v for v, m in zip(c.tolist(), gone[n], strict=True)] for n, c in table.columns.items()),
            strict=True,
        ),
    ]
    text = "".join(",".join(_field(value) for value in line) + "\n" for line in lines)
    write_atomically(path, text.encode())


def _field(value: Any) -> str:
    text = str(value)
    if any(c in text for c in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def _plausible(data: bytes, name: str) -> None:
    if not data.strip():
        raise damaged(name, "it is empty", f"found {len(data)} bytes")
    start = data[:256].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise damaged(name, "it is a web page, no table", f"it begins with {data[:40]!r}")
    if (zero := data.find(b"\0")) >= 0:
        raise damaged(name, "it is no text", f"byte {zero} is 0")


def _text(field: bytes, record: Record, i: int, name: str, encoding: str) -> str:
    try:
        return field.decode(encoding)
    except UnicodeDecodeError as e:
        raise damaged(
            name,
            f"it is no text in {encoding}",
            f"line {record.line}, which begins at byte {record.at}, field {i + 1}: {field[e.start : e.end]!r}",
            fix='if it is in another encoding, name it: encoding="latin-1"',
        ) from None


def _column(
    texts: list[str], missing: frozenset[str], kind: str | None, rows: Sequence[Record], column: str, name: str
) -> Array:
    """Numbers, if all are or are missing; or texts."""
    if kind != "text":
        numbers = np.full(len(texts), np.nan)
        for i, text in enumerate(texts):
            if NUMBER.fullmatch(text):
                numbers[i] = float(text)
            elif text.strip() not in missing:
                if kind == "number":
                    row = rows[i]
                    raise damaged(
                        name, f"the column {column!r} holds what is no number", f"line {row.line}: {text!r:.60}"
                    )
                break
        else:
            return numbers
    out = np.empty(len(texts), object)
    out[:] = [None if text.strip() in missing else text for text in texts]
    return out
