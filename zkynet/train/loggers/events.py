"""The records of TensorBoard's event files, written without TensorBoard or protobuf.

A record is its length, the length's checksum, the data, and the data's checksum (TensorFlow's ``TFRecord``). The data
is a message ``Event`` in the wire format of protocol buffers; the numbers of fields below are those of ``event.proto``,
``summary.proto``, ``tensor.proto`` and ``histogram.proto`` of TensorFlow.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = 30


def record(data: bytes) -> bytes:
    """Some data as a record.

    Args:
        data: a message.
    """
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


# -- messages ---------------------------------------------------------------------------------------------------------


def event(wall_time: float, step: int, *what: bytes) -> bytes:
    """What happened at a time and a step, as a record.

    Args:
        wall_time: in seconds since 1970.
        step: how many steps were done.
        *what: `version`, `start` or `summary`.
    """
    return record(_double(1, wall_time) + _whole(2, step) + b"".join(what))


def version() -> bytes:
    """What every file begins with."""
    return _bytes(3, b"brain.Event:2")


def start() -> bytes:
    """A session starts: what other files have of this step and later ones is void."""
    return _bytes(7, _whole(1, 1))


def summary(*values: bytes) -> bytes:
    """Values of a step.

    Args:
        *values: `scalar`, `image`, `histogram` or `words`.
    """
    return _bytes(5, b"".join(_bytes(1, value) for value in values))


def scalar(tag: str, value: float) -> bytes:
    """A number; it is kept as float32.

    Args:
        tag: its name.
        value: the number.
    """
    with np.errstate(over="ignore"):
        return _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", np.float32(value))


def image(tag: str, png: bytes, height: int, width: int) -> bytes:
    """A picture.

    Args:
        tag: its name.
        png: the bytes of a PNG.
        height: in pixels.
        width: in pixels.
    """
    picture = _whole(1, height) + _whole(2, width) + _whole(3, 4) + _bytes(4, png)
    return _bytes(1, tag.encode()) + _bytes(4, picture)


def histogram(tag: str, values: NDArray[Any]) -> bytes:
    """How often values lie where; what is not finite is left out.

    Args:
        tag: its name.
        values: of any shape.
    """
    flat = values.reshape(-1).astype(np.float64)
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        flat = np.zeros(0)
        counts, edges = np.zeros(1), np.zeros(2)
    elif flat.min() == flat.max():
        counts, edges = np.array([flat.size], np.float64), np.array([flat[0], flat[0]])
    else:
        counts, edges = np.histogram(flat, BUCKETS)
    sums = (flat.min(initial=np.inf), flat.max(initial=-np.inf), flat.size, flat.sum(), (flat**2).sum())
    head = b"".join(_double(k, float(v)) for k, v in enumerate(sums if flat.size else (0.0,) * 5, start=1))
    buckets = _bytes(6, edges[1:].astype("<f8").tobytes()) + _bytes(7, counts.astype("<f8").tobytes())
    return _bytes(1, tag.encode()) + _bytes(5, head + buckets)


def words(tag: str, text: str) -> bytes:
    """A text, which TensorBoard shows as Markdown.

    Args:
        tag: its name.
        text: the text.
    """
    shape = _bytes(2, _bytes(2, _whole(1, 1)))  # one dimension, of size 1
    tensor = _whole(1, 7) + shape + _bytes(8, text.encode(errors="replace"))  # 7: strings
    plugin = _bytes(1, _bytes(1, b"text")) + _whole(4, 2)  # 2: a tensor
    return _bytes(1, tag.encode()) + _bytes(9, plugin) + _bytes(8, tensor)


# -- the wire format --------------------------------------------------------------------------------------------------


def _varint(n: int) -> bytes:
    """A whole number in groups of seven bits, the lowest first; negative ones as 64 bits of two's complement."""
    n &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _whole(field: int, n: int) -> bytes:
    return _key(field, 0) + _varint(n)


def _double(field: int, x: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", x)


def _bytes(field: int, data: bytes) -> bytes:
    return _key(field, 2) + _varint(len(data)) + data


# -- CRC-32C (Castagnoli), the bits turned and an offset added, as TFRecord wants it -----------------------------------


def _table() -> list[int]:
    out = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        out.append(crc)
    return out


TABLE = _table()


def crc32c(data: bytes) -> int:
    """The CRC-32C of some bytes (RFC 3720, appendix B.4).

    Args:
        data: the bytes.

    Example:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    crc = 0xFFFFFFFF
    table = TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _checksum(data: bytes) -> bytes:
    crc = crc32c(data)
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", turned + 0xA282EAD8 & 0xFFFFFFFF)
