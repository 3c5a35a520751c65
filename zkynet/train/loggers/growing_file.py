"""A file that records are added to, each of which is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import BinaryIO

from zkynet.errors import LogWarning
from zkynet.files import as_path, write_atomically


class GrowingFile:
    """A file that records are added to, each of which is there whole or not at all.

    A record goes to the system at once, so that a killed process loses none. What cannot be written, because the disk
    is full or the folder is gone, does not end the training: it waits in memory and is tried again with the next
    record, and a warning says so.

    Args:
        path: the file; what it held is given up with the first record, unless `go_on` was called.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file: BinaryIO | None = None
        self.path = as_path(path)
        self.head = b""  # what it is to begin with
        self.waiting: list[bytes] = []
        self._head_there = b""
        self.end = 0  # how long it is, with whole records
        self._told = False

    def add(self, record: bytes) -> None:
        """Write a record behind the others."""
        self.waiting.append(record)
        self.flush()

    def flush(self) -> bool:
        """Write what waits; whether all is written."""
        if not self.waiting:
            return True
        try:
            self._write()
        except OSError as error:
            self._cut_back()
            if not self._told:
                self._told = True
                warnings.warn(
                    f"{self.path} cannot be written: {getattr(error, 'headline', error.strerror or error)}; "
                    "training goes on, and what is to be written waits in memory",
                    LogWarning,
                    stacklevel=2,
                )
            return False
        self.waiting.clear()
        self._told = False
        return True

    def sync(self) -> None:
        """See that what is written is on the disk, before a checkpoint says that it is there."""
        if self.flush() and self._file is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._file.fileno())

    def go_on(self, end: int, head: bytes = b"") -> None:
        """Go on behind the first `end` bytes, of which `head` are the beginning; what follows them is given up."""
        self.end, self._head_there, self.head = end, head, head

    def replace(self, data: bytes, head: bytes = b"") -> None:
        """Put other contents in place, whole or not at all."""
        self._close()
        write_atomically(self.path, data)
        self.go_on(len(data), head)

    def close(self) -> None:
        """Close it; a later record opens it again."""
        if not self.flush():
            warnings.warn(
                f"{self.path} lacks its last {len(self.waiting)} rows: they could not be written",
                LogWarning,
                stacklevel=2,
            )
        self._close()

    def body(self) -> bytes:
        """What it holds behind its head."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        if len(data) < self.end:
            self._lost("was removed or shortened")
        return data[len(self._head_there) : self.end]

    def grown(self, body: bytes) -> bytes:
        """The body as it is to be behind a new head."""
        return body

    def __del__(self) -> None:
        self._close()

    def _write(self) -> None:
        if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
            self._lost("was removed")
        if self.head != self._head_there and self.end > 0:  # a new column: all of it anew
            head, body = self.head, self.body()
            self.replace(head + (self.grown(body) if body else b"") + b"".join(self.waiting), head)
            return
        if self._file is None:
            self._file = self._opened()
        data = b"".join(self.waiting)
        if self.end == 0:
            data = self.head + data
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self.end += len(data)
        self._head_there = self.head

    def _opened(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        file = os.fdopen(handle, "r+b", buffering=0)
        if file.seek(0, os.SEEK_END) < self.end:
            self._lost("was removed or shortened")
            file.seek(0)
        file.truncate(self.end)
        file.seek(self.end)
        return file

    def _lost(self, why: str) -> None:
        """Begin anew where what was written before is no longer there."""
        warnings.warn(f"{self.path} {why}, and rows are lost", LogWarning, stacklevel=2)
        self._close()
        self.end, self._head_there = 0, b""

    def _cut_back(self) -> None:
        """Take back what was written of a record before the disk was full."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(self.end)
                self._file.seek(self.end)

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def set_aside(path: Path) -> Path:
    """Rename a file that another run wrote, so that nothing of it is lost."""
    number = 1
    while (aside := path.with_name(f"{path.name}.before-{number}")).exists():
        number += 1
    os.replace(path, aside)
    return aside
