"""Checkpoint files that are damaged, of another kind, or made to do harm: refused, each for what it is."""

from __future__ import annotations

import hashlib
import json
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zkynet as zk
from zkynet.errors import ArgumentError, FileFormatError, MissingFileError, ZkynetError

pytestmark = pytest.mark.once
save, load = zk.train.save_checkpoint, zk.train.load_checkpoint


def same(a: Any, b: Any) -> bool:
    """Whether two states of arrays and plain values are alike."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return bool(a == b)


EXAMPLE = {"w": np.arange(5.0), "b": np.array([True, False]), "n": [1, {"x": 2.5, "é": "ü"}], "none": np.zeros((0, 3))}


@pytest.fixture
def intact(tmp_path: Path) -> bytes:
    save(tmp_path / "whole", EXAMPLE)
    return (tmp_path / "whole").read_bytes()


def refusal(data: bytes, folder: Path) -> FileFormatError:
    (folder / "part").write_bytes(data)
    with pytest.raises(FileFormatError) as caught:
        load(folder / "part")
    assert str(caught.value).count("\n") == 3, "a headline, the size, the reason, and what to do"
    return caught.value


def test_a_flipped_bit_is_found_wherever_it_is(intact: bytes, tmp_path: Path) -> None:
    values = 8 + int.from_bytes(intact[:8], "little")
    for at in range(len(intact)):
        data = bytearray(intact)
        data[at] ^= 1 << random.Random(at).randrange(8)
        headline = refusal(bytes(data), tmp_path).headline
        if at >= values:
            assert headline.endswith("is damaged in w" if at < values + 40 else "is damaged in b")
        else:
            assert "no intact safetensors file" in headline or "damaged" in headline


def test_values_that_changed_places_are_found(tmp_path: Path) -> None:
    state = {"a": np.zeros(2), "b": np.ones(2)}
    save(tmp_path / "a", state)
    data = (tmp_path / "a").read_bytes()
    assert refusal(data[:-32] + data[-16:] + data[-32:-16], tmp_path).headline.endswith("is damaged in a")


def test_every_truncation_and_addition_is_found(intact: bytes, tmp_path: Path) -> None:
    for length in range(len(intact)):
        refusal(intact[:length], tmp_path)
    refusal(intact + b"\0", tmp_path)
    refusal(intact + intact, tmp_path)


def test_files_of_other_kinds_are_told_apart(tmp_path: Path) -> None:
    zk.nn.save_weights({"w": zk.ones(2)}, tmp_path / "weights")
    with pytest.raises(FileFormatError, match="is no checkpoint of zkynet"):
        load(tmp_path / "weights")
    with pytest.raises(MissingFileError, match="there is no file"):
        load(tmp_path / "nowhere")
    with pytest.raises(MissingFileError, match=r"folder .* does not exist"):
        save(tmp_path / "no" / "a", {})
    with pytest.raises(ArgumentError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(ArgumentError, match="no ordinary file"):
        load("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArgumentError, match="no ordinary file"):
        load(tmp_path / "pipe")
    refusal(b"", tmp_path)
    refusal(b"hello, this is a text and nothing else", tmp_path)


def forged(header: Any, values: bytes = b"", state: Any = None, words: Any = None) -> bytes:
    """A file made by somebody who knows the format, with checksums that fit."""
    metadata = {
        "zkynet.checkpoint": "1",
        "zkynet.state": json.dumps(state),
        "zkynet.sha256": "",
        "zkynet.header": "0" * 64,
    }
    sums = []
    if isinstance(header, dict):
        for name, entry in header.items():
            try:
                begin, end = entry["data_offsets"]
                what = json.dumps([name, entry["dtype"], entry["shape"]], separators=(",", ":")).encode()
                sums.append(hashlib.sha256(what + values[begin:end]).hexdigest())
            except (TypeError, ValueError, KeyError):
                sums.append("?")
        metadata["zkynet.sha256"] = " ".join(sums)
        header = json.dumps({"__metadata__": {**metadata, **(words or {})}, **header}, separators=(",", ":"))
    text = header.encode() if isinstance(header, str) else header
    whole = len(text).to_bytes(8, "little") + text
    return whole.replace(b'r":"' + b"0" * 64, b'r":"' + hashlib.sha256(whole).hexdigest().encode()) + values


def entry(shape: Any = (2,), place: Any = (0, 16), dtype: Any = "F64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": place}


def test_a_forged_file_that_is_right_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(
        forged({"../../etc/passwd": entry()}, bytes(16), {"w": {"$array": "../../etc/passwd"}})
    )
    assert same(load(tmp_path / "a"), {"w": np.zeros(2)})


A = {"$array": "a"}
META = (
    '"__metadata__":{"zkynet.header":"' + "0" * 64 + '","zkynet.checkpoint":"1","zkynet.sha256":"","zkynet.state":"1"}'
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (forged({"a": entry([2**62, 2**62, 0], (0, 0))}, b"", A), "cannot have 0 bytes"),
        (forged({"a": entry([2**61])}, bytes(16), A), "cannot have 16 bytes"),
        (forged({"a": entry([-2])}, bytes(16), A), "impossible shape"),
        (forged({"a": entry([2.0])}, bytes(16), A), "impossible shape"),
        (forged({"a": entry([True, 2])}, bytes(16), A), "impossible shape"),
        (forged({"a": entry([1] * 65 + [2])}, bytes(16), A), "impossible shape"),
        (forged({"a": entry(2)}, bytes(16), A), "impossible shape"),
        (forged({"a": entry([2], (16, 0))}, bytes(16), A), "cannot have -16 bytes"),
        (forged({"a": entry([2], (0, 16, 32))}, bytes(16), A), "impossible shape"),
        (forged({"a": entry([2], (0, 2**80))}, bytes(16), A), "impossible shape"),
        (forged({"a": entry(dtype="F8_E4M3", shape=[16])}, bytes(16), A), "does not have"),
        (forged({"a": entry(dtype=["F64"])}, bytes(16), A), "does not have"),
        (forged({"a": entry(), "b": entry()}, bytes(16), [A, {"$array": "b"}]), "begin at 0, those before end at 16"),
        (forged({"a": entry([2], (8, 24))}, bytes(24), A), "begin at 8, those before end at 0"),
        (forged({"a": entry()}, bytes(24), A), "said to have 16 bytes, and there are 24"),
        (forged({"a": entry()}, bytes(8), A), "said to have 16 bytes, and there are 8"),
        (forged({"a": {**entry(), "more": 1}}, bytes(16), A), "nothing else"),
        (forged({"a": 3}, b"", A), "nothing else"),
        (forged({"a": entry([16], dtype="BOOL")}, b"\x02" * 16, A), "neither true nor false"),
        (forged({"a": entry()}, bytes(16), 3), "does not name the array a"),
        (forged({}, b"", A), "array of its state is none"),
        (forged({"a": entry()}, bytes(16), [A, A]), "array of its state is none"),
        (forged({"a": entry()}, bytes(16), {"$array": ["a"]}), "array of its state is none"),
        (forged({"a": entry([2, 1])}, bytes(16), {"$array": "a", "complex": True}), "array of its state is none"),
        (forged({"a": entry()}, bytes(16), {"$array": "a", "complex": 1}), "array of its state is none"),
        (forged({}, b"", {"$float": "abc"}), "float of its state is none"),
        (forged({}, b"", {"$int": 7}), "int of its state is none"),
        (forged({}, b"", {"$int": "1", "b": 2}), "int of its state is none"),
        (forged({}, b"", {"b": 2, "$int": "1"}), "mixes names and marks"),
        (forged({}, b"", {"$eval": "exit()"}), "eval of its state is none"),
        (forged({}, b"", {"$scalar": ["object", "00"]}), "scalar of its state is none"),
        (forged({}, b"", {"$scalar": ["float32", "00"]}), "scalar of its state is none"),
        (forged({}, b"", {"$scalar": ["bool", "02"]}), "scalar of its state is none"),
        (forged({}, b"", {"$complex": [1]}), "complex of its state is none"),
        (forged({}, b"", {"$complex": ["1", 2]}), "complex of its state is none"),
        (forged({}, b"", {"$dict": [[1, 2], [1, 3]]}), "dict of its state is none"),
        (forged({}, b"", {"$dict": [[[], 2]]}), "dict of its state is none"),
        (forged({}, b"", {"$dict": 5}), "dict of its state is none"),
        (forged({}, words={"zkynet.checkpoint": "zero"}), "version is 'zero'"),
        (forged({}, words={"zkynet.checkpoint": "0"}), "version is '0'"),
        (forged({}, words={"zkynet.state": '{"a": 1, "a": 2}'}), "stands there twice"),
        (forged({}, words={"zkynet.state": "NaN"}), "NaN is no JSON"),
        (forged({}, words={"zkynet.state": "1" * 5000}), "cannot be read"),
        (forged({}, words={"zkynet.state": "[" * 100_000}), "cannot be read"),
        (forged({}, words={"zkynet.state": "[" * 500 + "]" * 500}), "nested too deep"),
        (forged({}, words={"zkynet.state": '{"$tuple":[' * 300 + "]}" * 300}), "nested too deep"),
        (forged({}, words={"zkynet.sha256": "1 2 3"}), "0 arrays have 3 checksums"),
        (forged({}, words={"zkynet.state": ["x"]}), "its metadata are no words"),
        (forged("{" + META + ',"a":{},"a":{}}'), "stands there twice"),
        (forged("{" + META + ',"__metadata__":{}}'), "stands there twice"),
        (forged('{"a":' * 100_000 + META + "}"), "cannot be read"),
        (forged("[{" + META + "}]"), "its header is no dict"),
        (forged(("{" + META + ',"\xff":1}').encode("latin1")), "cannot be read"),
        (forged("{" + META + "}" + META), "no checksum of its own"),
        ((2**63).to_bytes(8, "little") + b"{}", "said to have 9223372036854775808 bytes"),
    ],
    ids=lambda v: v[:30] if isinstance(v, str) else "",
)
def test_hostile_files_are_refused_for_what_they_are(data: bytes, reason: str, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        said = refusal(data, tmp_path)
        assert reason in said.facts[1]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000, "more memory than such a file is worth"
    finally:
        tracemalloc.stop()


def test_a_header_of_many_megabytes_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.write((90_000_000).to_bytes(8, "little"))
        file.truncate(100_000_000)
    with pytest.raises(FileFormatError, match="said to have 90000000 bytes"):
        load(tmp_path / "a")


def test_a_newer_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(forged({}, words={"zkynet.checkpoint": "2"}))
    with pytest.raises(FileFormatError, match="written by a newer zkynet"):
        load(tmp_path / "a")


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_random_damage_is_refused_and_never_anything_else(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    save(folder / "whole", EXAMPLE)
    data = bytearray((folder / "whole").read_bytes())
    whole = bytes(data)
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 4)):
        at, n = rng.randrange(len(data)), rng.randint(0, 20)
        data[at : at + n] = rng.choice([rng.randbytes(n), b"", bytes(n), data[at : at + n][::-1], whole[: 2 * n]])
    (folder / "part").write_bytes(data)
    try:
        assert same(load(folder / "part"), EXAMPLE)
        assert data == whole
    except ZkynetError:
        assert data != whole
