"""Ctrl-C and SIGTERM while a model is trained: the first one asks, the second one insists."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from zkynet.errors import TrainingInterrupted

NOTE = "\nfinishing this step (Ctrl-C once more: stop now)\n"


class Interruptions:
    """While it lasts, the first Ctrl-C or SIGTERM is noted, so that training ends after a step; the next Ctrl-C raises.

    Outside of the main thread, where Python delivers no signals, nothing is changed.

    Example:
        >>> with Interruptions(note="") as interruptions:
        ...     signal.raise_signal(signal.SIGTERM)
        ...     print(interruptions.asked_by.name)
        ...     interruptions.asked_by = None
        SIGTERM

    Args:
        note: what is written to the terminal at the first one.
    """

    def __init__(self, note: str = NOTE) -> None:
        self.note = note
        self.asked_by: signal.Signals | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruptions:
        self.asked_by = None
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):  # None: somebody's handler that is no function of Python
                    self._before[number] = before
                    signal.signal(number, self._came)
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before = {}
        if isinstance(error, TrainingInterrupted):
            with contextlib.suppress(OSError, ValueError):  # a closed terminal, a full disk
                print(error, file=sys.stderr, flush=True)
        elif self.asked_by is not None and error is None:  # it came when all was done already
            signal.raise_signal(self.asked_by)

    def _came(self, number: int, _: FrameType | None) -> None:
        if self.asked_by is not None:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            return
        self.asked_by = signal.Signals(number)
        with contextlib.suppress(OSError):  # not print: it may be what was interrupted
            os.write(2, self.note.encode())
