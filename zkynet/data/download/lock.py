"""One process at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: better two downloads than none; each writes whole files
            return True
        return True


@contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock that all processes of the machine respect; it ends with the process, however that ends.

    Args:
        path: the file that stands for the lock.
        waiting: called once if somebody else holds it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder, "lock"), lambda: None):
        ...     print("mine")
        mine
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        told = False
        while not _taken(handle):
            if not told:
                waiting()
                told = True
            time.sleep(0.1)
        yield
    finally:
        os.close(handle)  # and with it the lock; the file stays, for somebody may be waiting with it open
