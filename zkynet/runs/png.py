"""Pictures in PNG files, read without a further package (ISO/IEC 15948)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from zkynet.errors import FileFormatError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: grey, colours, palette, grey with opacity, colours with opacity."""

LARGEST = 50_000_000
"""Pixels: more is no picture for a network, but a way to fill the memory."""


def read_png(data: bytes, name: str) -> np.ndarray[Any, Any]:
    """A picture as numbers from 0 to 1, shape (height, width, channels): grey, colours, each with opacity or without.

    Args:
        data: what the file holds.
        name: of the file, for errors.
    """
    try:
        return _read(data, name)
    except (zlib.error, struct.error, IndexError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise _damaged(name, str(error)) from None


def _read(data: bytes, name: str) -> np.ndarray[Any, Any]:
    width = height = depth = colour = interlaced = 0
    palette = np.zeros((0, 3), dtype="uint8")
    opacity: np.ndarray[Any, Any] | None = None
    packed = bytearray()
    at = len(SIGNATURE)
    while True:
        (length,), kind = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(kind + body) != checksum:
            raise _damaged(name, f"the checksum of its part {kind!r} is wrong")
        at += 12 + length
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"PLTE":
            palette = np.frombuffer(body, "uint8").reshape(-1, 3)
        elif kind == b"tRNS" and colour == 3:
            opacity = np.full((len(palette), 1), 255, dtype="uint8")
            opacity[: len(body), 0] = np.frombuffer(body, "uint8")
        elif kind == b"IDAT":
            packed += body
        elif kind == b"IEND":
            break
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16) or not 0 < width * height <= LARGEST:
        raise _damaged(name, f"it says {width} x {height} pixels of kind {colour} with {depth} bits")
    if interlaced:
        raise FileFormatError(
            f"{name} is an interlaced PNG, which is not read here",
            fix='save it without interlacing, or pip install "zkynet[plot]"',
            path=name,
        )
    bits = CHANNELS[colour] * depth
    stride = (width * bits + 7) // 8
    unpacker = zlib.decompressobj()
    raw = unpacker.decompress(bytes(packed), height * (stride + 1))
    if len(raw) < height * (stride + 1):
        raise _damaged(name, "it ends too early")
    rows = _unfiltered(raw, height, stride, max(bits // 8, 1), name)
    if depth == 16:
        values = rows.view(">u2").astype("float32")
    elif depth == 8:
        values = rows.astype("float32")
    else:
        ones = np.unpackbits(rows, axis=1).reshape(height, -1, depth)
        values = (ones @ (1 << np.arange(depth - 1, -1, -1))).astype("float32")
    values = values[:, : width * CHANNELS[colour]].reshape(height, width, CHANNELS[colour])
    if colour == 3:
        colours = palette if opacity is None else np.concatenate([palette, opacity], axis=1)
        return colours[values[..., 0].astype("int64")].astype("float32") / 255
    return values / (2**depth - 1)


def _unfiltered(raw: bytes, height: int, stride: int, step: int, name: str) -> np.ndarray[Any, Any]:
    """The rows as they were before each was replaced by its difference to its neighbours."""
    rows = np.frombuffer(raw, "uint8").reshape(height, stride + 1)
    out = np.zeros((height + 1, stride), dtype="uint8")  # with a row of zeros above the first
    for k in range(height):
        kind, row, above = int(rows[k, 0]), rows[k, 1:], out[k]
        if kind == 0:
            out[k + 1] = row
        elif kind == 1:  # to the left
            padded = np.zeros(-(-stride // step) * step, dtype="uint8")
            padded[:stride] = row
            out[k + 1] = np.cumsum(padded.reshape(-1, step), axis=0, dtype="uint8").reshape(-1)[:stride]
        elif kind == 2:  # above
            out[k + 1] = row + above
        elif kind in (3, 4):
            out[k + 1] = np.frombuffer(_one_by_one(row.tolist(), above.tolist(), step, kind), "uint8")
        else:
            raise _damaged(name, f"there is no filter {kind}")
    return out[1:]


def _one_by_one(row: list[int], above: list[int], step: int, kind: int) -> bytes:
    """A row whose bytes were replaced by the difference to the mean of left and above, or to the nearest of three."""
    out: list[int] = []
    for k, value in enumerate(row):
        left, up = out[k - step] if k >= step else 0, above[k]
        if kind == 3:
            out.append((value + (left + up) // 2) & 255)
            continue
        corner = above[k - step] if k >= step else 0
        to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
        nearest = left if to_left <= to_up and to_left <= to_corner else up if to_up <= to_corner else corner
        out.append((value + nearest) & 255)
    return bytes(out)


def _damaged(name: str, why: str) -> FileFormatError:
    return FileFormatError(f"{name} is no whole PNG picture: {why}", fix="save it again", path=name)
