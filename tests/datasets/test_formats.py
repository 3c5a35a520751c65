"""Parsers of IDX and CIFAR files: what is right is read, what is damaged is refused with the place."""

from __future__ import annotations

import contextlib
import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from zkynet.data.formats.cifar import RECORD
from zkynet.errors import ArgumentError, FileFormatError, MissingFileError

pytestmark = pytest.mark.once

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def as_idx(array: np.ndarray[Any, Any]) -> bytes:
    """As the description at yann.lecun.com/exdb/mnist has it."""
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(st.sampled_from(list(CODES)), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)))
def test_idx_files_of_all_kinds(array: np.ndarray[Any, Any]) -> None:
    read = zk.data.read_idx(as_idx(array))
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, array)
    assert read.flags.writeable


def test_idx_from_a_file_compressed_or_not(tmp_path: Path) -> None:
    data = as_idx(np.arange(6, dtype=np.uint8).reshape(2, 3))
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "a.gz").write_bytes(gzip.compress(data))
    for name in ("a", "a.gz"):
        assert zk.data.read_idx(tmp_path / name).tolist() == [[0, 1, 2], [3, 4, 5]]


GOOD = as_idx(np.zeros((2, 3), np.int16))
DAMAGED_IDX = {
    "empty": (b"", "found     nothing"),
    "short": (b"\0\0", "found     00 00"),
    "text": (b"hello there", "found     68 65 6c 6c"),
    "kind": (b"\0\0\x0a\x01\0\0\0\1x", "byte 2 is 0a, expected one of 08, 09, 0b, 0c, 0d, 0e"),
    "header": (GOOD[:9], "expected  12 bytes of header, for byte 3 tells of 2 axes"),
    "cut": (GOOD[:-1], "expected  12 bytes from byte 12 on, for shape (2, 3) of int16"),
    "more": (GOOD + b"xy", "found     14 bytes; the file ends at byte 26"),
    "huge": (bytes([0, 0, 8, 4]) + b"\xff" * 16 + b"x", "(4294967295, 4294967295, 4294967295, 4294967295)"),
    "gzip": (gzip.compress(GOOD)[:-6], "it cannot be decompressed"),
}


@pytest.mark.parametrize(("data", "says"), DAMAGED_IDX.values(), ids=DAMAGED_IDX)
def test_damaged_idx_files(data: bytes, says: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        zk.data.read_idx(data)
    assert says in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda tail: b"\0\0\x08\x02" + tail))
def test_no_bytes_make_the_parsers_fail_otherwise(data: bytes) -> None:
    for read in (zk.data.read_idx, zk.data.read_cifar, zk.data.read_csv):
        with contextlib.suppress(FileFormatError):
            read(data)


def test_cifar_records() -> None:
    rng = np.random.default_rng(0)
    records = rng.integers(0, 256, (5, RECORD), np.uint8)
    records[:, 0] = [9, 0, 3, 3, 1]
    pictures, labels = zk.data.read_cifar(records.tobytes())
    assert labels.tolist() == [9, 0, 3, 3, 1]
    # red, then green, then blue, each row by row
    assert pictures[2, 1, 4, 7] == records[2, 1 + 1024 + 4 * 32 + 7]


DAMAGED_CIFAR = {
    "empty": (b"", "it is empty"),
    "cut": (bytes(2 * RECORD - 1), "found     6145 bytes: 1 records and 3072 bytes"),
    "label": (bytes(RECORD) + b"\x0a" + bytes(RECORD - 1), "record 1, at byte 3073: found 10, expected 0 to 9"),
    "shifted": (bytes([3]) + bytes([200]) * (3 * RECORD - 1), "2 of its 3 labels are none"),
}


@pytest.mark.parametrize(("data", "says"), DAMAGED_CIFAR.values(), ids=DAMAGED_CIFAR)
def test_damaged_cifar_files(data: bytes, says: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        zk.data.read_cifar(data)
    assert says in str(caught.value)


def test_what_is_no_file() -> None:
    for read in (zk.data.read_idx, zk.data.read_cifar, zk.data.read_csv):
        with pytest.raises(MissingFileError):
            read("nowhere")
        with pytest.raises(ArgumentError, match="a path or bytes"):
            read(3)  # type: ignore[arg-type]
