"""Inputs of `zkynet predict`: rows of numbers, and pictures, read with Pillow and without."""

from __future__ import annotations

import io
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zkynet.errors import FileFormatError, InvalidValueError, MissingFileError
from zkynet.runs import numbers_from, picture_from
from zkynet.runs.png import read_png

pytestmark = pytest.mark.once

Image = pytest.importorskip("PIL.Image")

RNG = np.random.default_rng(0)


def png(pixels: np.ndarray[Any, Any], mode: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, "PNG", **options)
    return out.getvalue()


NOISE = RNG.integers(0, 256, (13, 17, 4)).astype("uint8")
SMOOTH = (np.add.outer(np.arange(40), np.arange(31))[..., None] * [1, 2, 3, 1]).astype("uint8")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("pixels", [NOISE, SMOOTH], ids=["noise", "smooth"])
def test_png_is_read_as_pillow_reads_it(pixels: np.ndarray[Any, Any], mode: str) -> None:
    data = png(pixels, mode)
    read = read_png(data, "a.png")
    shown = "RGBA" if mode == "P" else "L" if mode == "1" else mode
    wanted = np.asarray(Image.open(io.BytesIO(data)).convert(shown), dtype="float32") / 255
    np.testing.assert_array_equal(read, wanted.reshape(read.shape))


def test_png_of_16_bits_is_read() -> None:
    values = RNG.integers(0, 65536, (5, 6)).astype("uint16")
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    np.testing.assert_allclose(read_png(out.getvalue(), "a")[..., 0], values / 65535, rtol=1e-6)


@pytest.mark.parametrize("filtered", range(5))
def test_each_filter_is_undone(filtered: int) -> None:
    """A picture filtered here by the definitions of the standard."""
    pixels = RNG.integers(0, 256, (6, 5, 3)).astype("int64")
    rows = []
    for y in range(6):
        row = [filtered]
        for x in range(5):
            for c in range(3):
                a = pixels[y, x - 1, c] if x else 0
                b = pixels[y - 1, x, c] if y else 0
                corner = pixels[y - 1, x - 1, c] if x and y else 0
                p = a + b - corner
                nearest = min((a, b, corner), key=lambda v: abs(p - v))
                row.append((pixels[y, x, c] - (0, a, b, (a + b) // 2, nearest)[filtered]) % 256)
        rows.append(bytes(int(v) for v in row))
    data = png(pixels.astype("uint8"), "RGB")
    start = data.index(b"IDAT") - 4
    body = zlib.compress(b"".join(rows))
    chunk = len(body).to_bytes(4, "big") + b"IDAT" + body + zlib.crc32(b"IDAT" + body).to_bytes(4, "big")
    end = data.index(b"IEND") - 4
    np.testing.assert_array_equal(read_png(data[:start] + chunk + data[end:], "a") * 255, pixels)


def test_a_damaged_png_is_refused_in_a_sentence() -> None:
    data = png(SMOOTH, "RGB")
    for k in range(0, len(data), 7):
        with pytest.raises(FileFormatError, match="is no whole PNG picture"):
            read_png(data[:k], "a.png")
    for k in range(8, len(data) - 4, 5):
        altered = data[:k] + bytes([data[k] ^ 16]) + data[k + 1 :]
        with pytest.raises(FileFormatError):
            read_png(altered, "a.png")


def test_a_png_that_claims_to_be_huge_is_refused() -> None:
    header = (100_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    chunk = len(header).to_bytes(4, "big") + b"IHDR" + header + zlib.crc32(b"IHDR" + header).to_bytes(4, "big")
    rest = png(SMOOTH, "RGB")[33:]
    with pytest.raises(FileFormatError, match="100000 x 100000"):
        read_png(b"\x89PNG\r\n\x1a\n" + chunk + rest, "a.png")


@pytest.fixture(params=["Pillow", "no Pillow"])
def with_and_without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "no Pillow":
        monkeypatch.setitem(sys.modules, "PIL.Image", None)
    return request.param


def test_a_digit_is_found_turned_and_scaled(tmp_path: Path, with_and_without: str) -> None:
    page = np.full((100, 140), 250, dtype="uint8")  # white paper, with a black stroke on the left
    page[20:60, 10:18] = 5
    (tmp_path / "one.png").write_bytes(png(page, "L"))
    one = picture_from(str(tmp_path / "one.png"), (8, 8), light_on_dark=True, trim=1.25)
    assert one.shape == (1, 8, 8)
    assert one.dtype == np.float32
    assert one[0, 2:6, 3:5].min() > 0.5, "light, in the middle"
    assert one[0, :, [0, 1, 6, 7]].max() < 0.1, "on dark"
    plain = picture_from(str(tmp_path / "one.png"), (10, 14))
    np.testing.assert_allclose(plain[0, 4, 5:], 250 / 255, atol=1e-6)
    assert picture_from(str(tmp_path / "one.png"), (10, 14), 3).shape == (3, 10, 14)


def test_opacity_is_in_front_of_white_and_colours_become_grey(tmp_path: Path, with_and_without: str) -> None:
    pixels = np.zeros((4, 4, 4), dtype="uint8")
    pixels[:2, :, 3] = 255
    pixels[:2, :, 1] = 255  # green above, nothing below
    (tmp_path / "a.png").write_bytes(png(pixels, "RGBA"))
    read = picture_from(str(tmp_path / "a.png"), (2, 1))
    np.testing.assert_allclose(read[0, :, 0], [0.587, 1.0], atol=1e-6)


def test_other_formats_need_pillow(tmp_path: Path, with_and_without: str) -> None:
    Image.fromarray(SMOOTH[..., :3]).save(tmp_path / "a.jpg")
    if with_and_without == "Pillow":
        assert picture_from(str(tmp_path / "a.jpg"), (4, 4), 3).shape == (3, 4, 4)
    else:
        with pytest.raises(FileFormatError, match=r"zkynet\[plot\]"):
            picture_from(str(tmp_path / "a.jpg"), (4, 4), 3)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(FileFormatError):
        picture_from(str(tmp_path / "text.png"), (4, 4))
    with pytest.raises(MissingFileError):
        picture_from(str(tmp_path / "nothing.png"), (4, 4))


def test_rows_of_numbers() -> None:
    np.testing.assert_array_equal(numbers_from("1, 2.5 -3e-1"), np.float32([1, 2.5, -0.3]))
    for text in ("", "a", "1,2", "1 2 3 4"):
        with pytest.raises(InvalidValueError, match="the input is 3 numbers"):
            numbers_from(text, 3)


SEVEN = """0 0 5 13 9 1 0 0
0 0 13 15 10 15 5 0
0 3 15 2 0 11 8 0
0 4 12 0 0 8 8 0
0 5 8 0 0 9 8 0
0 4 11 0 1 12 7 0
0 2 14 5 10 12 0 0
0 0 6 13 10 0 0 0
"""


@pytest.mark.parametrize("text", [SEVEN, ",".join(SEVEN.split()), SEVEN.replace("\n", ";").replace(" ", ", ")])
def test_a_picture_may_be_written_out_as_numbers(text: str, tmp_path: Path) -> None:
    wanted = np.array(SEVEN.split(), "float32").reshape(1, 8, 8) / 16
    (tmp_path / "seven.csv").write_text(text)
    for given in (text, str(tmp_path / "seven.csv")):
        np.testing.assert_array_equal(picture_from(given, (8, 8), light_on_dark=True, trim=1.0), wanted)
    assert picture_from(text, (8, 8), 3).shape == (3, 8, 8)


def test_numbers_that_are_no_such_picture_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="8 x 8 numbers, received 3"):
        picture_from("1 2 3", (8, 8))
    with pytest.raises(InvalidValueError, match="received -1 to 5"):
        picture_from("-1 0 0 5", (2, 2))
    with pytest.raises(InvalidValueError, match="received 0 to 256"):
        picture_from("0 0 256 5", (2, 2))
    with pytest.raises(InvalidValueError, match="from 0 to 1"):
        picture_from("0 0 nan 5", (2, 2))
