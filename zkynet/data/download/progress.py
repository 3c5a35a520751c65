"""How a download is shown: a bar on a terminal, otherwise a few lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from zkynet.data.download.remote import human


class Progress:
    """Silence; the base of the others.

    Example:
        >>> with Progress() as progress:
        ...     progress.begin("a.gz", "example.org")
        ...     progress.update(10, 100)
        ...     progress.note("nothing is shown")
    """

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begin(self, name: str, place: str) -> None:
        """A file begins to be fetched.

        Args:
            name: the file.
            place: from whom.
        """

    def update(self, done: int, total: int | None) -> None:
        """There are some bytes now.

        Args:
            done: how many.
            total: how many it will be, if that is known.
        """

    def note(self, text: str) -> None:
        """Something that is worth a line.

        Args:
            text: the line.
        """


class Lines(Progress):
    """Lines of text: one for a file, and one every few seconds.

    Args:
        write: what takes a line.
        every: so many seconds are between two lines.

    Example:
        >>> with Lines(print) as progress:
        ...     progress.begin("a.gz", "example.org")
        ...     progress.update(0, 2000)
        ...     progress.update(2000, 2000)
        downloading a.gz from example.org
          2.0 kB, done
    """

    def __init__(self, write: Callable[[str], Any], every: float = 5.0) -> None:
        self.write = write
        self.every = every
        self.last = time.monotonic()

    def begin(self, name: str, place: str) -> None:
        self.write(f"downloading {name} from {place}")
        self.last = time.monotonic()

    def update(self, done: int, total: int | None) -> None:
        if done == total:
            self.write(f"  {human(done)}, done")
        elif time.monotonic() - self.last >= self.every:
            self.write(f"  {human(done)}" + (f" of {human(total)}, {done / total:.0%}" if total else ""))
            self.last = time.monotonic()

    def note(self, text: str) -> None:
        self.write(text)


class Bar(Progress):
    """A bar with size, speed and time left, on a terminal."""

    def __enter__(self) -> Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Shown

        self.shown = Shown(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self.task: Any = None
        self.shown.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shown.stop()

    def begin(self, name: str, place: str) -> None:
        self.task = self.shown.add_task(f"{name} from {place}", total=None)

    def update(self, done: int, total: int | None) -> None:
        self.shown.update(self.task, completed=done, total=total)

    def note(self, text: str) -> None:
        self.shown.console.print(text, markup=False, highlight=False)


def shown(wanted: bool) -> Progress:
    """The progress that suits where the program runs.

    Args:
        wanted: False for silence.

    Example:
        >>> type(shown(False)).__name__
        'Progress'
    """
    if not wanted:
        return Progress()
    if sys.stderr is not None and sys.stderr.isatty():
        return Bar()
    return Lines(lambda text: print(text, file=sys.stderr, flush=True))
