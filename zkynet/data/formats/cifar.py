"""The binary format of CIFAR-10: a byte of label and 3,072 bytes of picture, one record after another."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from zkynet.data.formats.sources import damaged, taken

__all__ = ["read_cifar"]

RECORD = 1 + 3 * 32 * 32


def read_cifar(
    source: str | os.PathLike[str] | bytes, classes: int = 10
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pictures (N, 3, 32, 32) and labels (N,) of a file in the binary format of CIFAR-10, as bytes.

    Args:
        source: the path of the file, or its bytes; compressed by gzip or not.
        classes: how many classes there are; labels beyond are a sign of damage.

    Example:
        >>> import zkynet as zk
        >>> pictures, labels = zk.data.read_cifar(bytes([7]) + bytes(3072) + bytes([2]) + bytes(3072))
        >>> pictures.shape, labels
        ((2, 3, 32, 32), array([7, 2], dtype=uint8))
    """
    data, name = taken("read_cifar", source)
    if not data or len(data) % RECORD:
        raise damaged(
            name,
            "it does not consist of whole records" if data else "it is empty",
            f"expected  a multiple of {RECORD} bytes: a label and 3 x 32 x 32 for each picture",
            f"found     {len(data)} bytes: {len(data) // RECORD} records and {len(data) % RECORD} bytes",
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    wrong = np.flatnonzero(records[:, 0] >= classes)
    if wrong.size:
        first = int(wrong[0])
        raise damaged(
            name,
            f"{wrong.size} of its {len(records)} labels are none",
            f"record {first}, at byte {first * RECORD}: found {records[first, 0]}, expected 0 to {classes - 1}",
        )
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), records[:, 0].copy()
