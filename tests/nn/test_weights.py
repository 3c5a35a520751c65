"""Weights in files, beside the safetensors library, and what happens when a file or a disk is not as it should be."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, FileFormatError, MissingFileError

pytestmark = pytest.mark.once
nn = zk.nn
DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int8", "uint8", "bool", "complex64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_written_is_read_again(dtype: str, tmp_path: Path, backend: Any) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    x = zk.asarray(np.arange(6).reshape(2, 3)).astype(dtype)
    nn.save_weights({"x": x, "number": zk.tensor(1.5), "none": zk.zeros((0, 2))}, tmp_path / "a.safetensors")
    found = nn.load_weights(tmp_path / "a.safetensors")
    assert found["x"].dtype == dtype
    assert np.array_equal(found["x"].numpy(), x.numpy())
    assert found["number"].shape == ()
    assert found["none"].shape == (0, 2)


def test_the_library_reads_what_is_written_and_the_other_way_round(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    nn.save_weights(model, tmp_path / "ours.safetensors", {"format": "pt"})
    theirs = safetensors.numpy.load_file(tmp_path / "ours.safetensors")
    assert set(theirs) == set(model.state_dict())
    assert all(np.array_equal(theirs[n], t.numpy()) for n, t in model.state_dict().items())
    safetensors.numpy.save_file({n: a + 1 for n, a in theirs.items()}, tmp_path / "theirs.safetensors")
    model.load_state_dict(nn.load_weights(tmp_path / "theirs.safetensors"))
    assert np.array_equal(model[0].weight.numpy(), theirs["0.weight"] + 1)


def test_transposed_and_strided_arrays_are_written_as_they_look(tmp_path: Path) -> None:
    a = np.arange(24.0).reshape(4, 6)[::2, ::3].T
    nn.save_weights({"a": a, "big-endian": a.astype(">f4")}, tmp_path / "a.safetensors")
    found = nn.load_weights(tmp_path / "a.safetensors")
    assert np.array_equal(found["a"].numpy(), a)
    assert np.array_equal(found["big-endian"].numpy(), a)


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    nn.save_weights({"w": np.arange(3.0), "b": np.arange(2)}, tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    for length in range(len(data)):
        (tmp_path / "part").write_bytes(data[:length])
        with pytest.raises(FileFormatError, match="no intact safetensors file"):
            nn.load_weights(tmp_path / "part")


def test_other_files_and_no_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello, this is no file of tensors at all")
    with pytest.raises(FileFormatError, match="reason"):
        nn.load_weights(tmp_path / "text")
    with pytest.raises(MissingFileError, match="there is no file"):
        nn.load_weights(tmp_path / "nowhere")
    with pytest.raises(MissingFileError, match=r"folder .* does not exist"):
        nn.save_weights(nn.Linear(1, 1), tmp_path / "no" / "w")
    with pytest.raises(DTypeError, match="complex128"):
        nn.save_weights({"z": np.ones(2) * 1j}, tmp_path / "z")
    with pytest.raises(ArgumentError, match="a module or a dict"):
        nn.save_weights([1, 2], tmp_path / "z")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="name of a tensor"):
        nn.save_weights({3: np.ones(2)}, tmp_path / "z")  # type: ignore[dict-item]
    assert not (tmp_path / "z").exists()


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    nn.save_weights({"w": np.ones(3)}, path)
    before = path.read_bytes()
    code = f"""
import resource, signal, numpy, zkynet as zk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    zk.nn.save_weights({{"w": numpy.ones(10000)}}, {str(path)!r})
except OSError as e:
    print(type(e).__name__, e.facts[0].removeprefix("needed").strip())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "DiskFullError 0.080 MB\n", done.stderr
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["w.safetensors"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_the_mode_of_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "w"
    nn.save_weights({"w": np.ones(3)}, path)
    path.chmod(0o640)
    nn.save_weights({"w": np.ones(3)}, path)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("path", [3, None, b"w"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(ArgumentError, match="a file is named by its path"):
        nn.load_weights(path)
    with pytest.raises(ArgumentError, match="a file is named by its path"):
        nn.save_weights(nn.Linear(1, 1), path)


def test_a_folder_is_no_file_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArgumentError, match="folder is a folder, not a file"):
        nn.load_weights(tmp_path / "folder")
    with pytest.raises(ArgumentError, match="folder is a folder, not a file"):
        nn.save_weights(nn.Linear(1, 1), tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


def test_metadata_is_a_dict(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="metadata is a dict of words"):
        nn.save_weights(nn.Linear(1, 1), tmp_path / "w", metadata=3)  # type: ignore[arg-type]
    assert not (tmp_path / "w").exists()
