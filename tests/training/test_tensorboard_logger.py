"""Event files, read by TensorBoard itself."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, ShapeError
from zkynet.train import TensorBoardLogger
from zkynet.train.loggers import events
from zkynet.visual import png_of

pytestmark = pytest.mark.once


def records(path: Path) -> list[bytes]:
    """The data of each record; checksums are compared with a second computation of theirs."""
    data, out = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        assert data[8:12] == masked(data[:8])
        out.append(data[12 : 12 + length])
        assert data[12 + length : 16 + length] == masked(out[-1])
        data = data[16 + length :]
    return out


def masked(data: bytes) -> bytes:
    """CRC-32C as a division of polynomials, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        for k in range(8):
            bit = (crc ^ byte >> k) & 1
            crc = crc >> 1 ^ (0x82F63B78 if bit else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def read(folder: Path) -> Any:
    """What TensorBoard reads."""
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
    )
    accumulator = reader.EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "images": 0, "histograms": 0, "tensors": 0}
    )
    accumulator.Reload()
    return accumulator


def test_checksums_are_those_of_the_standard() -> None:
    assert events.crc32c(b"123456789") == 0xE3069283
    assert events.crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert events.crc32c(b"\xff" * 32) == 0x62A8AB43


def test_tensorboard_reads_the_figures_of_a_training(tmp_path: Path) -> None:
    x = zk.tensor([[0.0], [1.0], [2.0]])
    logger = TensorBoardLogger(tmp_path / "logs")
    trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", loggers=[logger], log_every=1, progress=False)
    trainer.fit((x, 2 * x), validation=(x, x), epochs=3, batch_size=2)
    history = trainer.fit((x, 2 * x), validation=(x, x), epochs=2, batch_size=2)  # goes on in the same file
    (path,) = logger.folder.iterdir()
    assert len(records(path)) == 2 + 5 + 10
    board = read(tmp_path / "logs")
    assert set(board.Tags()["scalars"]) == {"loss", "val_loss", "lr", "step/loss", "step/lr"}
    assert [e.step for e in board.Scalars("loss")] == [2, 4, 6, 8, 10]
    assert [e.value for e in board.Scalars("val_loss")] == np.float32(history["val_loss"]).tolist()
    assert [e.step for e in board.Scalars("step/loss")] == list(range(1, 11))


def test_tensorboard_reads_figures_that_are_not_finite_and_any_name(tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path)
    logger.log(3, 1, {"日本, $x$": float("nan"), "high": float("inf"), "beyond": 1e300, "low": -(2.0**-140)})
    board = read(tmp_path)
    values = {tag: board.Scalars(tag)[0].value for tag in board.Tags()["scalars"]}
    assert np.isnan(values["日本, $x$"])
    assert (values["high"], values["beyond"], values["low"]) == (np.inf, np.inf, -(2.0**-140))


def test_tensorboard_reads_pictures_histograms_and_texts(tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path)
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
    logger.image("grey", picture, step=1)
    logger.image("colour", np.stack([picture] * 3), step=2)
    logger.image("figure", zk.visual.plot_lines({"a": [1.0, 2.0]}), step=3)
    values = np.array([1.0, 2.0, 2.5, np.nan, np.inf])
    logger.histogram("weight", zk.tensor(values), step=4)
    logger.histogram("same", np.full(7, 3.0), step=4)
    logger.histogram("none", np.full(3, np.nan), step=4)
    logger.text("sample", "To be\n\nor not 日本", step=5)
    board = read(tmp_path)
    assert [(board.Images(n)[0].height, board.Images(n)[0].width) for n in ("grey", "colour")] == [(2, 3), (2, 3)]
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for name, expected in (("grey", picture), ("colour", np.stack([picture] * 3, axis=-1))):
        shown = np.asarray(image.open(io.BytesIO(board.Images(name)[0].encoded_image_string)))
        np.testing.assert_array_equal(shown, expected)
    found = board.Histograms("weight")[0].histogram_value
    assert (found.min, found.max, found.num, found.sum, found.sum_squares) == (1.0, 2.5, 3.0, 5.5, 11.25)
    assert sum(found.bucket) == 3.0
    assert found.bucket_limit[-1] == 2.5
    assert len(found.bucket) == len(found.bucket_limit)
    assert sum(board.Histograms("same")[0].histogram_value.bucket) == 7.0
    assert board.Histograms("none")[0].histogram_value.num == 0.0
    assert board.SummaryMetadata("sample").plugin_data.plugin_name == "text"
    assert board.Tensors("sample")[0].tensor_proto.string_val[0].decode() == "To be\n\nor not 日本"


def steps(folder: Path) -> list[int]:
    return [e.step for e in read(folder).Scalars("loss")]


def test_a_run_killed_and_resumed_twice_has_every_step_once(tmp_path: Path) -> None:
    def log(logger: TensorBoardLogger, first: int, last: int) -> None:
        for step in range(first, last):
            logger.log(step, step, {"loss": 1 / step})

    first = TensorBoardLogger(tmp_path)
    log(first, 1, 5)
    state = json.loads(json.dumps(first.state_dict()))
    log(first, 5, 9)
    with next(tmp_path.iterdir()).open("ab") as file:
        file.write(b"\x10\x00\x00half a record")  # killed
    second = TensorBoardLogger(tmp_path)
    second.load_state_dict(state)
    assert steps(tmp_path) == list(range(1, 9))  # nothing is cut before there is something to write
    log(second, 5, 7)  # killed again, before the next checkpoint
    third = TensorBoardLogger(tmp_path)
    third.load_state_dict(state)
    log(third, 5, 12)
    third.close()
    assert steps(tmp_path) == list(range(1, 12))
    written = [path for path in tmp_path.iterdir() if records(path)]
    assert sum(len(records(path)) - 2 for path in written) == 11  # none is there twice, for other readers


def test_a_run_begun_anew_in_the_folder_of_another_takes_its_place(tmp_path: Path) -> None:
    for values in ((1.0, 2.0, 3.0), (4.0, 5.0)):
        logger = TensorBoardLogger(tmp_path)
        for step, value in enumerate(values, start=1):
            logger.log(step, step, {"loss": value})
    assert [e.value for e in read(tmp_path).Scalars("loss")] == [4.0, 5.0]


def test_a_folder_that_is_a_file_and_pictures_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", 3):
        with pytest.raises(ArgumentError, match="writes to a folder"):
            TensorBoardLogger(folder)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="png_of"):
        TensorBoardLogger(tmp_path).image("a", np.zeros((2, 3, 4)), step=1)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_pngs_hold_the_pixels() -> None:
    values = np.array([[-1.0, 0.0, np.nan], [1.0, 3.0, np.inf]])
    png = png_of(values)
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    assert struct.unpack(">I", png[at + 4 + length : at + 8 + length])[0] == zlib.crc32(png[at : at + 4 + length])
    assert zlib.decompress(png[at + 4 : at + 4 + length]) == bytes([0, 0, 64, 0, 0, 128, 255, 255])
    assert png_of(png) is png
