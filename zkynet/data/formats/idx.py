"""IDX, the format of MNIST: a header with the kind and the shape, then the numbers, with the high byte first."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from zkynet.data.formats.sources import damaged, taken

__all__ = ["read_idx"]

KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""By the third byte of the file; http://yann.lecun.com/exdb/mnist"""


def read_idx(source: str | os.PathLike[str] | bytes) -> np.ndarray[Any, Any]:
    """The array of a file in the IDX format, as MNIST has it.

    Args:
        source: the path of the file, or its bytes; compressed by gzip or not.

    Example:
        >>> import zkynet as zk
        >>> zk.data.read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]))
        array([[1, 2, 3],
               [4, 5, 6]], dtype=uint8)
    """
    data, name = taken("read_idx", source)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise damaged(
            name,
            "it is no IDX file",
            "expected  00 00 at byte 0, then the kind of numbers and how many axes there are",
            f"found     {data[:4].hex(' ') or 'nothing'}",
        )
    if data[2] not in KINDS:
        known = ", ".join(f"{kind:02x}" for kind in KINDS)
        raise damaged(name, "the kind of its numbers is not known", f"byte 2 is {data[2]:02x}, expected one of {known}")
    axes, begin = data[3], 4 + 4 * data[3]
    if len(data) < begin:
        raise damaged(
            name,
            "it ends within its header",
            f"expected  {begin} bytes of header, for byte 3 tells of {axes} axes",
            f"found     {len(data)} bytes",
        )
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, begin, 4))
    dtype = np.dtype(KINDS[data[2]])
    expected, found = math.prod(shape) * dtype.itemsize, len(data) - begin
    if expected != found:
        raise damaged(
            name,
            "it is cut off" if found < expected else "there is something behind its end",
            f"expected  {expected} bytes from byte {begin} on, for shape {shape} of {dtype.name}",
            f"found     {found} bytes; the file ends at byte {len(data)}",
        )
    return np.frombuffer(data, dtype, offset=begin).reshape(shape).astype(dtype.newbyteorder("="))
