"""Data sets that are downloaded, from a server of the test's own that has them in small."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import loopback as web
import numpy as np
import pytest

import zkynet as zk
from zkynet.data.download.fetching import Wish
from zkynet.data.download.network import Network
from zkynet.data.download.remote import RemoteFile
from zkynet.data.formats.cifar import RECORD
from zkynet.data.sets import catalogue, pictures, remote_files, texts
from zkynet.errors import DownloadError, FileFormatError, InvalidValueError

pytestmark = pytest.mark.once

WISHES = {wish.name: wish for wish, _, _ in catalogue.DOWNLOADED.values()}


@pytest.fixture
def site() -> Iterator[web.Site]:
    with web.site() as out:
        yield out


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZKYNET_DATA", str(tmp_path))
    monkeypatch.delenv("ZKYNET_MIRROR", raising=False)
    return tmp_path


def idx(array: np.ndarray[Any, Any]) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def in_small(site: web.Site, wish: Wish, bodies: list[bytes], packed: list[bytes] | None = None) -> Wish:
    """The same files with other, smaller contents, at the test's server."""
    files = [
        dataclasses.replace(
            file,
            size=len(body),
            digest=f"sha256:{hashlib.sha256(body).hexdigest()}",
            mirrors=(site.add("/" + file.mirrors[0].rpartition("/")[2], sent),),
        )
        for file, body, sent in zip(wish.files, bodies, packed or bodies, strict=True)
    ]
    return dataclasses.replace(wish, files=files, network=Network(timeout=1, rounds=1))


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx_sets(site: web.Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (n, 28, 28), np.uint8) for n in (5, 3)]
    labels = [rng.integers(0, 10, n, np.uint8) for n in (5, 3)]
    bodies = [idx(arrays[0]), idx(labels[0]), idx(arrays[1]), idx(labels[1])]
    wish = in_small(site, WISHES[name], bodies, [gzip.compress(body) for body in bodies])
    monkeypatch.setattr(pictures, name.upper(), wish)
    data = getattr(zk.data, name)(progress=False)
    for (x, y), pixels, numbers in zip((data.train_arrays, data.test_arrays), arrays, labels, strict=True):
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        np.testing.assert_array_equal(x, (pixels / 255).astype(np.float32)[:, None])
        np.testing.assert_array_equal(y, numbers)
    assert len(data.classes) == 10
    assert getattr(zk.data, name)(progress=False).train_arrays[0].shape == (5, 1, 28, 28)
    assert len(site.requests) == 4, "the second time, nothing is asked for"


def cifar(leave_out: str = "") -> tuple[bytes, dict[str, np.ndarray[Any, Any]]]:
    rng = np.random.default_rng(1)
    out, parts = io.BytesIO(), {}
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in ["batches.meta.txt", *(f"data_batch_{i}.bin" for i in (3, 1, 2, 5, 4)), "test_batch.bin"]:
            if name == leave_out:
                continue
            records = rng.integers(0, 256, (4, RECORD), np.uint8)
            records[:, 0] %= 10
            parts[name] = records
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = records.size
            archive.addfile(info, io.BytesIO(records.tobytes()))
    return out.getvalue(), parts


def test_cifar10(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    body, parts = cifar()
    monkeypatch.setattr(pictures, "CIFAR10", in_small(site, WISHES["cifar10"], [body]))
    data = zk.data.cifar10(progress=False)
    records = np.concatenate([parts[f"data_batch_{i}.bin"] for i in range(1, 6)])
    np.testing.assert_array_equal(data.train_arrays[1], records[:, 0])
    red = records[:, 1:1025].reshape(-1, 32, 32)
    np.testing.assert_array_equal(data.train_arrays[0][:, 0], (red / 255).astype(np.float32))
    assert data.test_arrays[0].shape == (4, 3, 32, 32)


def test_cifar10_without_one_of_its_parts(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CIFAR10", in_small(site, WISHES["cifar10"], [cifar("data_batch_4.bin")[0]]))
    with pytest.raises(FileFormatError, match=r"no data_batch_4\.bin in it"):
        zk.data.cifar10(progress=False)


def test_shakespeare(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SHAKESPEARE", in_small(site, WISHES["shakespeare"], [b"To be, or not to be."]))
    text = zk.data.shakespeare(progress=False)
    assert (text.train, text.validation) == ("To be, or not to b", "e.")


def test_sentence_pairs(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"Sentence {i}.\tPhrase {i}\u202f!\n" for i in range(400)]
    lines += [line.replace("Phrase", "Une autre phrase") for line in lines]
    body = "".join(lines).encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fra-eng/_about.txt", "about")
        archive.writestr("fra-eng/fra.txt", body)
    wish = in_small(site, WISHES["sentence_pairs"], [body], [zipped.getvalue()])
    monkeypatch.setattr(texts, "SENTENCE_PAIRS", wish)
    pairs = zk.data.sentence_pairs(progress=False)
    assert len(pairs.train) + len(pairs.test) == 800
    assert 20 <= len(pairs.test) <= 70
    assert not {english for english, _ in pairs.train} & {english for english, _ in pairs.test}
    assert all(french.endswith(" !") for _, french in pairs.train)
    short = zk.data.sentence_pairs(longest=3, progress=False)
    assert len(short.train) + len(short.test) == 400


REAL = Path(os.environ.get("ZKYNET_REAL_DATA", "/nowhere"))


@pytest.mark.skipif(not REAL.is_dir(), reason="ZKYNET_REAL_DATA names no folder with the real MNIST")
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_the_real_mnist_that_a_user_put_there(cache: Path, ending: str) -> None:
    (cache / "mnist").mkdir()
    for file in remote_files.MNIST.files:
        (cache / "mnist" / (file.name + ending)).symlink_to(REAL / (file.name + ending))
    mnist = zk.data.mnist(progress=False)
    x, y = mnist.train_arrays
    assert (x.shape, mnist.test_arrays[0].shape) == ((60000, 1, 28, 28), (10000, 1, 28, 28))
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert round(float(x.mean(dtype=np.float64)), 4) == 0.1307  # the figures that everybody normalises with
    assert round(float(x.std(dtype=np.float64)), 4) == 0.3081


def test_the_table_of_what_there_is_and_of_what_is_wrong(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    wish = in_small(site, WISHES["shakespeare"], [b"To be, or not to be."])
    monkeypatch.setitem(catalogue.DOWNLOADED, "shakespeare", (wish, "a text", "public domain"))
    rows = {row.name: row for row in zk.data.available()}
    assert all(callable(getattr(zk.data, name)) for name in rows)
    assert rows["digits"].cached
    assert not rows["shakespeare"].cached
    assert [file.state for file in zk.data.verify("shakespeare")] == ["missing"]
    (path,) = zk.data.fetch("shakespeare", progress=False)
    assert path == zk.data.where("shakespeare") / "input.txt"
    assert {row.name: row for row in zk.data.available()}["shakespeare"].cached
    assert [file.state for file in zk.data.verify("shakespeare")] == ["right"]
    path.write_bytes(b"To be, or not to bE.")
    (file,) = zk.data.verify("shakespeare")
    assert (file.state, file.path) == ("damaged", path)
    assert "its sha256 is" in file.reason
    assert {file.state for file in zk.data.verify() if file.dataset == "mnist"} == {"missing"}
    assert zk.data.verify("digits") == []
    for function in (zk.data.where, zk.data.fetch, zk.data.verify):
        with pytest.raises(InvalidValueError, match="there is no data set 'nmist'"):
            function("nmist")


def test_without_a_network_the_error_names_the_file_and_the_folder(
    site: web.Site, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = in_small(site, WISHES["mnist"], [b"1", b"2", b"3", b"4"])
    site.plans = {path: [web.answers(503)] for path in site.files}
    monkeypatch.setattr(pictures, "MNIST", wish)
    with pytest.raises(DownloadError) as caught:
        zk.data.mnist(progress=False)
    text = str(caught.value)
    assert "mnist: train-images-idx3-ubyte could not be downloaded" in text
    assert "/train-images-idx3-ubyte.gz" in text
    assert f"put it into {cache / 'mnist'}" in text


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_every_file_has_a_digest_a_size_and_several_mirrors(wish: Wish) -> None:
    for file in wish.files:
        assert len(file.mirrors) >= 3
        assert len({url.split("/")[2] for url in file.mirrors}) == len(file.mirrors), "of different hosts"
        kind, _, digest = file.digest.partition(":")
        assert (kind, len(digest)) == ("sha256", 64)
        assert file.size
        assert file.packed
        assert isinstance(file, RemoteFile)
