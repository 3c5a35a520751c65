"""What a worker process sends to its loader: pickled, and the numbers of large arrays as they are in memory."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

LARGE = 1 << 16
"""From so many bytes on, an array is written past the pickle, and read into the memory where it stays."""

PIPE = 1 << 20
"""Bytes that a pipe should hold; Linux allows every user so many."""

RAW = os.name == "posix"


def widen(pipe: Connection) -> None:
    """Let a pipe hold more than a page or two, where that can be had.

    Args:
        pipe: an end of it.
    """
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE)


def packed_answer(answer: Any) -> tuple[bytes, list[memoryview]]:
    """A pickle, and the memory of the large arrays that are not in it.

    Args:
        answer: what is to be sent.
    """
    arrays: list[memoryview] = []

    def inside(buffer: pickle.PickleBuffer) -> bool:
        view = buffer.raw()
        if view.nbytes < LARGE:
            return True
        arrays.append(view)
        return False

    content = pickle.dumps(answer, protocol=5, buffer_callback=inside)
    return pickle.dumps((content, [view.nbytes for view in arrays])), arrays


def send(pipe: Connection, head: bytes, arrays: list[memoryview]) -> None:
    """Write what `packed_answer` has made.

    Args:
        pipe: where to.
        head: the pickle.
        arrays: the memory that is not in it.
    """
    pipe.send_bytes(head)
    for view in arrays:
        if not RAW:
            pipe.send_bytes(view)
            continue
        while view:
            view = view[os.write(pipe.fileno(), view) :]


def receive(pipe: Connection) -> Any:
    """What `send` has written; an EOFError where the other end closes before the end of it.

    Args:
        pipe: where from.
    """
    content, sizes = pickle.loads(pipe.recv_bytes())
    arrays = []
    for size in sizes:
        memory = np.empty(size, np.uint8)
        arrays.append(memory)
        if not RAW:
            pipe.recv_bytes_into(memory)
            continue
        rest = memory.data
        while rest:
            n = os.readv(pipe.fileno(), [rest])
            if n == 0:
                raise EOFError
            rest = rest[n:]
    return pickle.loads(content, buffers=arrays)
