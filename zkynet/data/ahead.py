"""An iterator run ahead in a thread, so that what comes next is ready when it is asked for."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Generator, Iterator
from queue import Empty, Full, Queue
from typing import Any

END = object()


class Failed:
    """An error on its way to the thread that reads."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(content: Iterator[Any], depth: int) -> Generator[Any]:
    """What an iterator gives, computed by a thread up to `depth` entries before it is asked for.

    The thread has the context of the caller: the backend it chose is the backend there. When the generator is closed,
    the iterator is, too, and the thread has ended.

    Args:
        content: the iterator, used in that thread alone.
        depth: how many entries may wait.
    """
    ready: Queue[Any] = Queue(maxsize=depth)
    stopped = threading.Event()

    def put(entry: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(entry, timeout=0.1)
                return True
            except Full:
                continue
        return False

    def run() -> None:
        try:
            for entry in content:
                if not put(entry):
                    return
            put(END)
        except BaseException as e:
            put(Failed(e))
        finally:
            close = getattr(content, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True, name="zkynet prefetch")
    thread.start()
    try:
        while (entry := ready.get()) is not END:
            if isinstance(entry, Failed):
                raise entry.error
            yield entry
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                ready.get_nowait()
            except Empty:
                thread.join(0.01)
