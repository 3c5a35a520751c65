"""Memory that a worker and its loader share: a batch's large arrays are copied into it there, and out of it here."""

from __future__ import annotations

import contextlib
import mmap
import os
from multiprocessing import reduction
from typing import Any

import numpy as np

ALIGNMENT = 64


class Slot:
    """Memory without a name, which is gone when the last of both processes is, however that ends.

    Args:
        handle: of the memory's file.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.memory: mmap.mmap | None = None

    def mapped(self, size: int) -> mmap.mmap:
        """Its memory, at least so many bytes of it.

        Args:
            size: how many.
        """
        if self.memory is None or len(self.memory) < size:
            if os.fstat(self.handle).st_size < size:
                os.ftruncate(self.handle, size + size // 8)  # a somewhat larger batch needs no other
            if self.memory is not None:
                self.memory.close()
            self.memory = mmap.mmap(self.handle, 0)
        return self.memory

    def put(self, arrays: list[memoryview]) -> None:
        """Copy arrays into the memory, one behind the other.

        Args:
            arrays: their bytes.
        """
        places, size = placed([array.nbytes for array in arrays])
        memory = self.mapped(size)
        for place, array in zip(places, arrays, strict=True):
            memory[place : place + array.nbytes] = array

    def take(self, sizes: list[int]) -> list[np.ndarray[Any, Any]]:
        """Copies of the arrays that were put in.

        Args:
            sizes: of each, in bytes.
        """
        places, size = placed(sizes)
        memory = self.mapped(size)
        return [np.frombuffer(memory, np.uint8, n, place).copy() for place, n in zip(places, sizes, strict=True)]

    def close(self) -> None:
        """Let go of the memory."""
        if self.memory is not None:
            self.memory.close()
        os.close(self.handle)

    def __reduce__(self) -> Any:  # on the way into a process that is being started
        return _arrived, (reduction.DupFd(self.handle),)


def _arrived(handle: Any) -> Slot:
    return Slot(handle.detach())


def placed(sizes: list[int]) -> tuple[list[int], int]:
    """Where arrays of some sizes begin, and where the last one ends."""
    places, end = [], 0
    for size in sizes:
        places.append(end)
        end += -(-size // ALIGNMENT) * ALIGNMENT
    return places, end


def slots(count: int) -> list[Slot]:
    """New memory; none where the system has nothing of the kind, and arrays go through the pipe.

    Args:
        count: how many slots.
    """
    made: list[Slot] = []
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):
            while len(made) < count:
                made.append(Slot(os.memfd_create("zkynet batch")))
    return made
