"""What a worker process sends to its loader: a pickle through a pipe, and large arrays through shared memory."""

from __future__ import annotations

import pickle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from zkynet.data.shared_slots import Slot

LARGE = 1 << 16
"""From so many bytes on, an array is not in the pickle."""


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


def send(pipe: Connection, slot: Slot | None, head: bytes, arrays: list[memoryview]) -> None:
    """Send what `packed_answer` has made.

    Args:
        pipe: where to.
        slot: shared memory that the other side has read; None: the arrays go through the pipe.
        head: the pickle.
        arrays: the memory that is not in it.
    """
    if slot is not None and arrays:
        slot.put(arrays)
    pipe.send_bytes(head)
    if slot is None:
        for array in arrays:
            pipe.send_bytes(array)


def receive(pipe: Connection, slot: Slot | None) -> Any:
    """What `send` has sent; an EOFError where the other end closes before the end of it.

    Args:
        pipe: where from.
        slot: the shared memory that was used, if it was.
    """
    content, sizes = pickle.loads(pipe.recv_bytes())
    if slot is not None:
        return pickle.loads(content, buffers=slot.take(sizes) if sizes else ())
    arrays = [np.empty(size, np.uint8) for size in sizes]
    for array in arrays:
        pipe.recv_bytes_into(array)
    return pickle.loads(content, buffers=arrays)
