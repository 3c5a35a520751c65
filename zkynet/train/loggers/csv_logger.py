"""`CSVLogger`: a table with a row for each epoch."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from typing import Any

from zkynet.train.loggers.growing_file import GrowingFile
from zkynet.train.loggers.row_logger import RowLogger, whole_lines

__all__ = ["CSVLogger"]


class CSVLogger(RowLogger):
    """Writes a table with a row for each epoch: ``epoch``, ``step``, and a column for each value.

    Numbers are written so that reading them gives the same bits; NaN and infinity are ``nan`` and ``inf``. A value that
    turns up later gets a column of its own, which is empty in the rows before.

    A new training begins the file anew; a resumed one cuts it back to its checkpoint and goes on.

    Args:
        path: the file; its folder is made if need be.
        steps: whether steps are written too; there is then a column ``kind``, ``step`` or ``epoch``.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     logger = zk.train.CSVLogger(f"{folder}/metrics.csv")
        ...     logger.log(10, 1, {"loss": 0.5})
        ...     logger.log(20, 2, {"loss": 0.25, "val_loss": 0.75})
        ...     print(logger.path.read_text(), end="")
        epoch,step,loss,val_loss
        1,10,0.5,
        2,20,0.25,0.75
    """

    def __init__(self, path: str | os.PathLike[str], steps: bool = False) -> None:
        super().__init__(path, steps, _Table(path))
        self._columns = self._first = ["kind"] * self.steps + ["epoch", "step"]

    def state_dict(self) -> dict[str, Any]:
        """How many rows there are, and which columns; they are on the disk when this returns.

        Example:
            >>> import zkynet as zk
            >>> zk.train.CSVLogger("metrics.csv").state_dict()
            {'rows': 0, 'waiting': [], 'columns': ['epoch', 'step']}
        """
        state = super().state_dict()
        return state if "columns" in state else state | {"columns": list(self._columns)}

    def _row(self, row: dict[str, Any]) -> bytes:
        if not self.steps:
            row.pop("kind")
        new = [name for name in row if name not in self._columns]
        if new:
            self._columns = self._columns + new
            self._file.waiting = [_padded(record, len(new)) for record in self._file.waiting]
        self._file.head = _line(self._columns)
        return _line([repr(row[name]) if isinstance(row.get(name), float) else row.get(name) for name in self._columns])

    def _kept(self, data: bytes, rows: int, state: Mapping[str, Any]) -> tuple[bytes, bytes, int] | None:
        self._columns = [str(name) for name in state["columns"]]
        if not rows or not data:
            return b"", b"", 0
        text = io.StringIO(data.decode(errors="replace"), newline="")
        try:
            columns = next(csv.reader(text, strict=True), [])
        except csv.Error:
            columns = []
        old = _line(columns)
        if columns[: len(self._columns)] != self._columns or not data.startswith(old):
            self._columns = self._first
            return None
        lines = whole_lines(data[len(old) :], rows)
        more = len(columns) - len(self._columns)  # that turned up after the checkpoint was saved
        if more:
            lines = [line.rstrip(b"\n").rsplit(b",", more)[0] + b"\n" for line in lines]
        return _line(self._columns), b"".join(lines), len(lines)


class _Table(GrowingFile):
    """A file whose first line grows."""

    def grown(self, body: bytes) -> bytes:
        more = len(_cells(self.head)) - len(_cells(self._head_there))
        return b"".join(_padded(line, more) for line in body.splitlines(keepends=True))


def _cells(line: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode(), newline="")))


def _line(cells: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _padded(line: bytes, more: int) -> bytes:
    """A row with empty cells at its end; its other cells are numbers, so that its end is the end of the line."""
    return line.rstrip(b"\n") + b"," * more + b"\n"
