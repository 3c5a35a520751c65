"""What the loggers have in common that write a row for each epoch, or step, to a file."""

from __future__ import annotations

import contextlib
import os
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zkynet.errors import LogWarning
from zkynet.ops.arguments import flag
from zkynet.train.loggers.growing_file import GrowingFile, set_aside
from zkynet.train.loggers.logger import Logger, figures_of


class RowLogger(Logger):
    """A logger that writes a row for each epoch, or step, to a file."""

    def __init__(self, path: str | os.PathLike[str], steps: bool, file: GrowingFile) -> None:
        self.path = Path(path)
        self.steps = flag(type(self).__name__, "steps", steps)
        self._file = file
        self._rows = 0  # with those that wait
        self._state: Mapping[str, Any] | None = None  # of a checkpoint, not yet acted upon

    def log(self, step: int, epoch: int, values: Mapping[str, Any], kind: str = "epoch") -> None:
        """Write the figures of a step or an epoch as a row.

        Args:
            step: how many steps are done.
            epoch: how many epochs are done.
            values: numbers by name.
            kind: "step" or "epoch".

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     logger = zk.train.JSONLinesLogger(f"{folder}/metrics.jsonl")
            ...     logger.log(10, 1, {"loss": 0.5})
            ...     print(logger.path.read_text(), end="")
            {"kind": "epoch", "epoch": 1, "step": 10, "loss": 0.5}
        """
        figures = figures_of(type(self).__name__, step, epoch, values, kind)
        self._settle()
        if kind == "step" and not self.steps:
            return
        self._file.add(self._row({"kind": kind, "epoch": int(epoch), "step": int(step), **figures}))
        self._rows += 1

    def close(self) -> None:
        """Close the file; a later `log` goes on where this one stopped.

        Example:
            >>> import zkynet as zk
            >>> zk.train.CSVLogger("metrics.csv").close()
        """
        self._settle()
        self._file.close()

    def state_dict(self) -> dict[str, Any]:
        """How many rows there are; they are on the disk when this returns.

        Example:
            >>> import zkynet as zk
            >>> zk.train.JSONLinesLogger("metrics.jsonl").state_dict()
            {'rows': 0, 'waiting': []}
        """
        if self._state is not None:
            return dict(self._state)
        self._file.sync()
        return {"rows": self._rows, "waiting": [record.decode() for record in self._file.waiting]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a checkpoint: with the next row, the file is cut back to the rows that it had then.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> logger = zk.train.JSONLinesLogger("metrics.jsonl")
            >>> logger.load_state_dict({"rows": 3, "waiting": []})
            >>> logger.state_dict()
            {'rows': 3, 'waiting': []}
        """
        self._state = dict(state_dict)

    @abstractmethod
    def _row(self, row: dict[str, Any]) -> bytes:
        """A row as it stands in the file."""

    @abstractmethod
    def _kept(self, data: bytes, rows: int, state: Mapping[str, Any]) -> tuple[bytes, bytes, int] | None:
        """Of what the file holds its head and its first rows, and how many these are; None if it is another's."""

    def _settle(self) -> None:
        """Cut the file back to what it was when the checkpoint was saved."""
        if self._state is None:
            return
        state, self._state = self._state, None
        waiting = [str(record).encode() for record in state.get("waiting", ())]
        rows = int(state["rows"]) - len(waiting)
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        kept = self._kept(data, rows, state)
        if kept is None:
            aside = set_aside(self.path)
            self._tell(f"is not the log of the run that is resumed: it is {aside.name} now, and a new one is begun")
            kept = b"", b"", 0
        head, body, found = kept
        if found < rows:
            self._tell(f"lacks {rows - found} of the {rows} rows that it had when the checkpoint was saved")
        if data.startswith(head + body):
            self._file.go_on(len(head) + len(body), head)  # what follows is cut off with the next row
            if len(data) > len(head) + len(body):
                with contextlib.suppress(OSError):  # it is tried again before the row is written
                    os.truncate(self.path, len(head) + len(body))
        else:
            self._file.replace(head + body, head)
        self._file.waiting = waiting
        self._rows = found + len(waiting)

    def _tell(self, what: str) -> None:
        warnings.warn(f"{self.path} {what}", LogWarning, stacklevel=4)


def whole_lines(data: bytes, most: int) -> list[bytes]:
    """The first lines of some bytes, each with its end; what has no end was being written when a process died.

    Args:
        data: the bytes.
        most: how many lines.
    """
    lines = data.split(b"\n", most)[:-1] if most else []
    return [line + b"\n" for line in lines[:most]]
