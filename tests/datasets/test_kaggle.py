"""Kaggle, played by a server of the test's own: keys, refusals, archives, and what is kept."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import loopback as web
import numpy as np
import pytest

import zkynet as zk
from zkynet.data.download import fetching
from zkynet.data.download.network import Network
from zkynet.errors import DownloadError, FileFormatError, InvalidValueError, MissingFileError

pytestmark = pytest.mark.once

BASIC = "Basic " + base64.b64encode(b"anna:s3cret").decode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Site]:
    with web.site() as out:
        monkeypatch.setenv("ZKYNET_KAGGLE", out.address)
        yield out


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_TOKEN", "KAGGLE_CONFIG_DIR", "ZKYNET_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("ZKYNET_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(fetching, "NETWORK", Network(timeout=1, rounds=1))
    (tmp_path / ".kaggle").mkdir()
    (tmp_path / ".kaggle" / "kaggle.json").write_text(json.dumps({"username": "anna", "key": "s3cret"}))
    return tmp_path


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


TITANIC = zipped({"train.csv": "Id,Age\n1,22\n2,\n", "more/note.txt": "hello"})


def test_a_competition_is_downloaded_once_with_the_users_key(site: web.Site, home: Path) -> None:
    site.add("/competitions/data/download-all/titanic", TITANIC)
    files = zk.data.kaggle("titanic", progress=False)
    assert files.files == ["more/note.txt", "train.csv"]
    assert files.table("train.csv").missing() == {"Age": 1}
    assert files.read("more/note.txt") == b"hello"
    assert zk.data.kaggle("titanic").folder == files.folder == home / "data" / "kaggle" / "titanic" / "files"
    assert [headers["Authorization"] for _, headers in site.requests] == [BASIC]
    assert not list((home / "data").rglob("*.zip")), "the archive is removed when it is unpacked"


def test_a_data_set_of_somebody(site: web.Site) -> None:
    site.add("/datasets/download/zalando-research/fashionmnist", TITANIC)
    assert "train.csv" in zk.data.kaggle("zalando-research/fashionmnist", progress=False).files


def test_where_the_key_is_looked_for(site: web.Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(name: str) -> str:
        site.add(f"/competitions/data/download-all/{name}", TITANIC)
        zk.data.kaggle(name, progress=False)
        return site.requests[-1][1]["Authorization"]

    (home / ".kaggle" / "kaggle.json").rename(home / "kaggle.json")
    (home / ".kaggle" / "access_token").write_text("KGAT_file\n")
    assert sent("a") == "Bearer KGAT_file"
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(home))
    assert sent("b") == BASIC
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_environment")
    assert sent("c") == "Bearer KGAT_environment"
    monkeypatch.setenv("KAGGLE_USERNAME", "bob")
    monkeypatch.setenv("KAGGLE_KEY", "k")
    assert sent("d") == "Basic " + base64.b64encode(b"bob:k").decode()


def test_without_a_key_the_error_says_how_to_get_one(site: web.Site, home: Path) -> None:
    (home / ".kaggle" / "kaggle.json").unlink()
    with pytest.raises(MissingFileError) as caught:
        zk.data.kaggle("titanic", progress=False)
    assert "Create New Token" in str(caught.value)
    assert str(home / ".kaggle" / "kaggle.json") in str(caught.value)
    assert not site.requests


@pytest.mark.parametrize("text", ["no json", "[1]", '{"username": "anna", "secret": "s3cret"}'])
def test_a_damaged_key_is_not_shown(site: web.Site, home: Path, text: str) -> None:
    (home / ".kaggle" / "kaggle.json").write_text(text)
    with pytest.raises(FileFormatError, match="is no key of Kaggle") as caught:
        zk.data.kaggle("titanic", progress=False)
    assert "s3cret" not in str(caught.value)


REFUSALS = {
    401: "does not accept the key",
    403: "accept the rules at https://www.kaggle.com/competitions/titanic/rules",
    404: "Kaggle has no data of that name",
    429: "could not be downloaded",
    500: "could not be downloaded",
}


@pytest.mark.parametrize("status", REFUSALS)
def test_refusals_are_explained(site: web.Site, status: int) -> None:
    site.add("/competitions/data/download-all/titanic", b"", web.answers(status))
    with pytest.raises(DownloadError) as caught:
        zk.data.kaggle("titanic", progress=False)
    assert REFUSALS[status] in str(caught.value)
    assert caught.value.status == status
    assert "s3cret" not in str(caught.value)
    assert BASIC not in str(caught.value)


def test_the_key_does_not_go_where_the_download_is_redirected(site: web.Site) -> None:
    with web.site() as store:
        target = store.add("/signed?name=titanic.zip", TITANIC, web.breaks_off(60), web.good)
        site.add("/competitions/data/download-all/titanic", b"", web.redirects(target))
        assert zk.data.kaggle("titanic", progress=False).files
        assert [headers.get("Range") for _, headers in store.requests] == [None, "bytes=60-"]
        assert all("Authorization" not in headers for _, headers in store.requests)


def test_the_key_is_not_sent_without_encryption_nor_to_a_mirror(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidValueError, match="not encrypted"):
        zk.data.kaggle("titanic", base="http://kaggle.example.org/api")
    with web.site() as mirror:
        mirror.add("/kaggle/titanic/titanic", TITANIC)
        monkeypatch.setenv("ZKYNET_MIRROR", mirror.address)
        assert zk.data.kaggle("titanic", progress=False).files
        assert [headers.get("Authorization") for _, headers in mirror.requests] == [None]


def test_a_page_or_a_damaged_archive_is_refused_and_asked_for_anew(site: web.Site) -> None:
    evil = zipped({"../../evil.txt": "x"})
    flipped = bytearray(TITANIC)
    flipped[45] ^= 1
    path = "/competitions/data/download-all/titanic"
    site.add(path, TITANIC, web.sends(b"<html>sign in</html>"), web.sends(evil), web.sends(bytes(flipped)), web.good)
    with pytest.raises(DownloadError, match="it is a web page"):
        zk.data.kaggle("titanic", progress=False)
    with pytest.raises(FileFormatError, match="a name that is not safe"):
        zk.data.kaggle("titanic", progress=False)
    with pytest.raises(FileFormatError, match="the archive is damaged"):
        zk.data.kaggle("titanic", progress=False)
    assert zk.data.kaggle("titanic", progress=False).files


def test_an_archive_or_a_folder_that_the_user_put_there(home: Path) -> None:
    (home / ".kaggle" / "kaggle.json").unlink()
    folder = home / "data" / "kaggle" / "titanic"
    folder.mkdir(parents=True)
    (folder / "titanic.zip").write_bytes(TITANIC)
    assert zk.data.kaggle("titanic").files == ["more/note.txt", "train.csv"]
    other = home / "data" / "kaggle" / "other" / "files"
    other.mkdir(parents=True)
    (other / "a.csv").write_text("a\n1\n")
    assert zk.data.kaggle("other").table("a.csv")["a"].tolist() == [1]


def test_damage_to_the_files_is_noticed(site: web.Site) -> None:
    site.add("/competitions/data/download-all/titanic", TITANIC)
    files = zk.data.kaggle("titanic", progress=False)
    path = files.path("train.csv")
    path.write_text(path.read_text().replace("22", "23"))
    with pytest.raises(FileFormatError, match="it is not what was downloaded"):
        files.table("train.csv")
    with pytest.raises(MissingFileError, match="has no file 'tra'"):
        files.path("tra")


@pytest.mark.parametrize("name", ["", "../titanic", "a/b/c", "a b", "https://www.kaggle.com/c/titanic", 3])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(InvalidValueError, match="is no name of a competition"):
        zk.data.kaggle(name)


def test_digit_recognizer(site: web.Site) -> None:
    rng = np.random.default_rng(0)
    train, test = rng.integers(0, 256, (4, 784)), rng.integers(0, 256, (3, 784))
    header = ",".join(f"pixel{i}" for i in range(784))
    one = "\n".join([f"label,{header}", *(f"{i + 5}," + ",".join(map(str, row)) for i, row in enumerate(train))])
    two = "\n".join([header, *(",".join(map(str, row)) for row in test)])
    site.add("/competitions/data/download-all/digit-recognizer", zipped({"train.csv": one, "test.csv": two}))
    data = zk.data.digit_recognizer(progress=False)
    x, y = data.train_arrays
    np.testing.assert_array_equal(x, (train / 255).astype(np.float32).reshape(4, 1, 28, 28))
    assert y.tolist() == [5, 6, 7, 8]
    assert (y.dtype, len(data.test_arrays), data.test_arrays[0].shape) == (np.int64, 1, (3, 1, 28, 28))


def test_house_prices(site: web.Site) -> None:
    train = "Id,MSSubClass,LotFrontage,Alley,SalePrice\n1,20,65,NA,208500\n2,60,NA,Grvl,181500\n3,20,85,NA,223500\n"
    test = "Id,MSSubClass,LotFrontage,Alley\n1461,20,75,Pave\n"
    name = "house-prices-advanced-regression-techniques"
    site.add(f"/competitions/data/download-all/{name}", zipped({"train.csv": train, "test.csv": test}))
    data = zk.data.house_prices(progress=False)
    assert data.columns == (
        "MSSubClass 20", "MSSubClass 60", "LotFrontage", "LotFrontage missing", "Alley Grvl", "Alley missing",
    )  # fmt: skip
    assert data.train_arrays[0].tolist() == [[1, 0, -1, 0, 0, 1], [0, 1, 0, 1, 1, 0], [1, 0, 1, 0, 0, 1]]
    np.testing.assert_allclose(data.train_arrays[1][:, 0], np.log([208500, 181500, 223500]), rtol=1e-6)
    assert data.test_arrays[0].tolist() == [[1, 0, 0, 0, 0, 0]]


def test_the_competitions_are_in_the_table(site: web.Site) -> None:
    def row() -> zk.data.DatasetInfo:
        return next(row for row in zk.data.available() if row.name == "digit_recognizer")

    assert (row().kind, row().cached) == ("kaggle", False)
    assert [file.state for file in zk.data.verify("digit_recognizer")] == ["missing"]
    site.add("/competitions/data/download-all/digit-recognizer", TITANIC)
    paths = zk.data.fetch("digit_recognizer", progress=False)
    assert [path.name for path in paths] == ["note.txt", "train.csv"]
    assert row().cached
    paths[1].write_text("other")
    assert [file.state for file in zk.data.verify("digit_recognizer")] == ["right", "damaged"]
