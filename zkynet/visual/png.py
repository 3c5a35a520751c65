"""Pictures as PNG files, without a further package (ISO/IEC 15948)."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np

from zkynet.errors import ShapeError
from zkynet.visual.drawing import values_of
from zkynet.visual.tiles import limits_of

__all__ = ["png_of"]


def png_of(picture: Any) -> bytes:
    """A picture as the bytes of a PNG file.

    Args:
        picture: a matplotlib figure, the bytes of a PNG, or numbers of shape (H, W), (1, H, W) or (3, H, W): whole ones
            of 8 bits as they are, floats from 0 to 1, or from their least to their greatest if they go beyond that.

    Example:
        >>> import zkynet as zk
        >>> zk.visual.png_of(zk.ones((1, 28, 28)))[:4]
        b'\\x89PNG'
    """
    if isinstance(picture, bytes):
        return picture
    if hasattr(picture, "savefig"):
        out = io.BytesIO()
        picture.savefig(out, format="png")
        return out.getvalue()
    values = values_of("png_of", "picture", picture)
    if values.ndim == 2:
        values = values[None]
    if values.ndim != 3 or values.shape[0] not in (1, 3) or 0 in values.shape:
        raise ShapeError(
            "png_of: a picture has the shape (height, width), (1, height, width) or (3, height, width)",
            facts=[f"received  {values.shape}"],
            fix="index or transpose it; several pictures are drawn by zk.visual.image_grid",
        )
    if values.dtype != np.uint8:
        low, high = limits_of(values)
        shares = np.nan_to_num((values.astype(np.float64) - low) / (high - low), nan=0.0)
        values = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    pixels = np.ascontiguousarray(values.transpose(1, 2, 0))
    height, width, channels = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)  # 0: no filter
    kind = 0 if channels == 1 else 2
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def size_of(png: bytes) -> tuple[int, int]:
    """How high and how wide a PNG is.

    Args:
        png: the bytes of the file.
    """
    width, height = struct.unpack(">II", png[16:24])
    return height, width


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
