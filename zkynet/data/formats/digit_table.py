"""Large tables of whole numbers, many lines at once: no field becomes an object of Python."""

from __future__ import annotations

from typing import Any

import numpy as np

COMMA, NEWLINE, ZERO = b",\n0"
PIECE = 1 << 21
"""So many bytes at once, so that what is computed for them stays in the processor's cache, or nearly."""


def digits_only(data: bytes, columns: int) -> np.ndarray[Any, Any] | None:
    """The numbers (N, columns) of CSV lines that hold nothing but whole numbers from 0 on; None if they hold more.

    Args:
        data: the lines.
        columns: how many fields a line has.

    Example:
        >>> digits_only(b"1,20\\r\\n300,4", 2)
        array([[  1,  20],
               [300,   4]])
        >>> digits_only(b"1,x\\n", 2) is None
        True
    """
    if b"\r" in data[: 20 * columns + 2]:
        data = data.replace(b"\r\n", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    out = np.empty((data.count(b"\n"), columns), np.int64)
    text, expected = np.frombuffer(data, np.uint8), np.full(columns, COMMA, np.uint8)
    expected[-1] = NEWLINE
    at = row = 0
    while at < len(data):
        end = data.find(b"\n", min(at + PIECE, len(data) - 1)) + 1
        numbers = _numbers(text[at:end], expected)
        if numbers is None:
            return None
        out[row : row + len(numbers)] = numbers
        at, row = end, row + len(numbers)
    return out


def _numbers(text: np.ndarray[Any, Any], marks: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    """The numbers of whole lines, between which these marks are to stand in turn."""
    digits = text - np.uint8(ZERO)  # what is no digit becomes 10 or more, for these are bytes
    ends = np.flatnonzero(digits > 9)
    if len(ends) == 0 or len(ends) % len(marks) or (text[ends].reshape(-1, len(marks)) != marks).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    longest = int(lengths.max())
    if lengths.min() < 1 or longest > 18:  # an empty field, or more than int64 holds
        return None
    out = digits[ends - 1].astype(np.int64)
    for place in range(1, longest):  # the tens, the hundreds, …
        has = np.flatnonzero(lengths > place)
        out[has] += digits[ends[has] - 1 - place].astype(np.int64) * 10**place
    return out.reshape(-1, len(marks))
