"""What users hand to ``zkynet predict``: rows of numbers and pictures, as arrays."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import numpy as np

from zkynet import nn
from zkynet.errors import FileFormatError, InvalidValueError
from zkynet.files import read_file
from zkynet.ops.creation import asarray
from zkynet.runs.png import SIGNATURE, read_png

__all__ = ["numbers_from", "picture_from"]


def numbers_from(text: str, count: int | None = None) -> np.ndarray[Any, Any]:
    """A row of numbers that a user wrote, as float32.

    Args:
        text: numbers with commas or spaces between them.
        count: how many there have to be; None for any.

    Example:
        >>> numbers_from("0.5, -1", 2)
        array([ 0.5, -1. ], dtype=float32)
    """
    parts = text.replace(",", " ").split()
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        wanted = "numbers" if count is None else "one number" if count == 1 else f"{count} numbers"
        raise InvalidValueError(
            f"the input is {wanted}, received {text!r:.80}",
            fix=f"write for instance {','.join(['0.5'] * (count or 3))}",
        )
    return np.array(values, dtype="float32")


def picture_from(
    path: str, size: tuple[int, int], channels: int = 1, *, light_on_dark: bool = False, trim: float | None = None
) -> np.ndarray[Any, Any]:
    """A picture from a file, made as large as a model wants it: float32 from 0 to 1, shape (channels, height, width).

    PNG is read without a further package; other formats where Pillow is installed, which comes with ``zkynet[plot]``.

    Args:
        path: the file of a picture, or its pixels, row by row, as a text of numbers up to 1, 16 or 255, or the file of
            such a text; as many numbers as the result has pixels.
        size: height and width of the result.
        channels: 1 for grey, 3 for colours.
        light_on_dark: whether what is drawn is to be light on a dark ground, as in MNIST; a picture with a light edge
            is turned round.
        trim: with `light_on_dark`, how many times as large as what is drawn the square is that is cut out around it.

    Example:
        >>> import tempfile
        >>> from matplotlib.image import imsave
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     imsave(f"{folder}/a.png", np.eye(16), cmap="gray")
        ...     picture_from(f"{folder}/a.png", (2, 2)).shape
        (1, 2, 2)
    """
    written = _written(path, size, channels)
    if written is None:
        data = read_file(path)
        written = _written(data.decode("latin-1"), size, channels)  # which decodes anything
    if written is not None:
        return written
    picture = _pixels(data, path)
    if picture.shape[2] in (2, 4):  # opacity: in front of white
        opacity = picture[..., -1:]
        picture = picture[..., :-1] * opacity + (1 - opacity)
    if channels == 1 and picture.shape[2] == 3:
        picture = picture @ np.array([[0.299], [0.587], [0.114]], dtype="float32")  # as bright as people see it
    elif channels == 3 and picture.shape[2] == 1:
        picture = np.repeat(picture, 3, axis=2)
    if light_on_dark:
        edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        picture = 1 - picture if np.median(edge) > 0.5 else picture
        picture = picture if trim is None else _trimmed(picture, trim)
    batch = asarray(np.ascontiguousarray(picture.transpose(2, 0, 1))[None].astype("float32"))
    resized: np.ndarray[Any, Any] = nn.functional.interpolate(batch, size=size, mode="area")[0].numpy()
    return np.clip(resized, 0, 1)


def _written(text: str, size: tuple[int, int], channels: int) -> np.ndarray[Any, Any] | None:
    """The picture that is written out as numbers, apart by spaces, commas or lines; None where it is none."""
    parts = text.replace(",", " ").replace(";", " ").split()
    try:
        values = np.array([float(part) for part in parts], dtype="float32")
    except ValueError:
        return None
    if not values.size:
        return None
    height, width = size
    if values.size not in (height * width, channels * height * width):
        raise InvalidValueError(
            f"the input is a picture of {height} x {width} numbers, received {values.size} numbers",
            fix=f"write {height} rows of {width} numbers, or pass the file of a picture",
        )
    full = next((full for full in (1, 16, 255) if values.max() <= full), None)
    if full is None or not values.min() >= 0:
        raise InvalidValueError(
            f"the pixels are numbers from 0 to 1, to 16 or to 255, received {values.min():g} to {values.max():g}",
            fix="scale them",
        )
    picture = values.reshape(-1, height, width) / np.float32(full)
    return np.ascontiguousarray(np.broadcast_to(picture, (channels, height, width)))


def _pixels(data: bytes, path: str) -> np.ndarray[Any, Any]:
    """(height, width, channels) from 0 to 1."""
    try:
        pillow: Any = import_module("PIL.Image")
    except ImportError:
        if data.startswith(SIGNATURE):
            return read_png(data, path)
        raise FileFormatError(
            f"{path} is no PNG picture, and other formats need Pillow",
            fix='save it as PNG, or pip install "zkynet[plot]"',
            path=path,
        ) from None
    try:
        with pillow.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > pillow.MAX_IMAGE_PIXELS // 2:
                raise ValueError(f"it has {opened.width} x {opened.height} pixels")
            mode = "LA" if opened.mode in ("1", "L", "LA") else "RGBA"
            return np.asarray(opened.convert(mode), dtype="float32") / 255
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise FileFormatError(
            f"{path} is no picture that can be read: {error}", fix="save it again", path=path
        ) from None


def _trimmed(picture: np.ndarray[Any, Any], larger: float) -> np.ndarray[Any, Any]:
    """What is drawn, in the middle of a dark square that is so many times as large."""
    drawn = picture[..., 0] > 0.3 * max(float(picture.max()), 1e-6)
    if not drawn.any():
        return picture
    (top, bottom), (left, right) = (np.flatnonzero(drawn.any(axis=axis))[[0, -1]] for axis in (1, 0))
    inner = picture[top : bottom + 1, left : right + 1]
    height, width = inner.shape[:2]
    side = max(round(larger * max(height, width)), height, width)
    square = np.zeros((side, side, picture.shape[2]), dtype=picture.dtype)
    y, x = (side - height) // 2, (side - width) // 2
    square[y : y + height, x : x + width] = inner
    return square
