"""An iterator run ahead in a thread, so that what comes next is ready when it is asked for."""

from __future__ import annotations

import atexit
import contextvars
import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from queue import Empty, Queue
from typing import Any

END = object()


class Failed:
    """An error on its way to the thread that reads."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(content: Iterator[Any], depth: int, interrupt: Callable[[], Any] | None = None) -> Generator[Any]:
    """What an iterator gives, computed by a thread up to `depth` entries before it is asked for.

    The thread has the context of the caller: the backend it chose is the backend there. When the generator is closed,
    the iterator is, too, and the thread has ended; so it has when the program ends.

    Args:
        content: the iterator, used in that thread alone.
        depth: how many entries may wait.
        interrupt: called when the generator is closed before its end, so that the thread need not wait for anything.
    """
    ready: Queue[Any] = Queue(maxsize=depth)
    stopped = threading.Event()

    def run() -> None:
        try:
            for entry in content:
                ready.put(entry)
                if stopped.is_set():
                    return
            last: Any = END
        except BaseException as e:
            last = Failed(e)
        finally:
            close = getattr(content, "close", None)
            if close is not None:
                close()
        ready.put(last)

    def stop(seconds: float = math.inf) -> None:
        stopped.set()
        if interrupt is not None:
            interrupt()
        deadline = time.monotonic() + seconds
        while thread.is_alive() and time.monotonic() < deadline:  # it may wait for room
            try:
                ready.get_nowait()
            except Empty:
                thread.join(0.01)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True, name="zkynet prefetch")
    thread.start()
    atexit.register(stop, 5.0)
    try:
        while (entry := ready.get()) is not END:
            if isinstance(entry, Failed):
                raise entry.error
            yield entry
        thread.join()
    finally:
        atexit.unregister(stop)
        if thread.is_alive():
            stop()
