"""Archives that were made to do harm: nothing is written outside of the folder, and not more than is allowed."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import zkynet as zk
from zkynet.errors import FileFormatError, InvalidValueError, MissingFileError

pytestmark = pytest.mark.once

FILES = {"a.txt": b"one", "b/c.txt": b"two" * 1000, "b/d/e.txt": b""}


def as_zip(files: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, body)
    return out.getvalue()


def as_tar(
    files: dict[str, bytes], mode: str = "w", change: Callable[[tarfile.TarInfo], None] = lambda info: None
) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            change(info)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


MAKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": as_zip,
    "tar": as_tar,
    "tar.gz": lambda files: as_tar(files, "w:gz"),
}


def extracted(place: Path, data: bytes, **limits: int) -> dict[str, bytes]:
    place.joinpath("archive").write_bytes(data)
    paths = zk.data.extract_archive(place / "archive", place / "out" / "files", **limits)
    return {str(path.relative_to(place / "out" / "files")): path.read_bytes() for path in paths}


def refused(place: Path, data: bytes, **limits: int) -> str:
    with pytest.raises(FileFormatError) as caught:
        extracted(place, data, **limits)
    left = {path.relative_to(place).as_posix() for path in place.rglob("*")} - {"archive", "out"}
    assert not left, "nothing is left behind"
    return str(caught.value)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_honest_archives(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    assert extracted(tmp_path, make(FILES)) == FILES
    with pytest.raises(InvalidValueError, match="is there already"):
        extracted(tmp_path, make(FILES))


def test_folders_and_dots_in_names(tmp_path: Path) -> None:
    assert extracted(tmp_path, as_tar({"./b/a.txt": b"1"})) == {"b/a.txt": b"1"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("empty")
        archive.writestr("full/a", "1")
    (tmp_path / "other").mkdir()
    assert extracted(tmp_path / "other", out.getvalue()) == {"full/a": b"1"}


NAMES = {
    "../a": "leads out",
    "b/../../a": "leads out",
    "/etc/a": "leading slash",
    "C:/a": "colon",
    "a.txt:stream": "colon",
    "b\\..\\a": "backslash",
    "..\\a": "backslash",
    "nul.txt": "all systems",
    "b/COM1": "all systems",
    "a. ": "all systems",
    "x" * 256: "all systems",
    "a\nb": "control character",
    "\x1b[2Ja": "control character",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_names_that_are_not_safe(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes], name: str) -> None:
    assert NAMES[name] in refused(tmp_path, make({"good": b"1", name: b"2"}))


def test_a_name_with_a_zero_byte(tmp_path: Path) -> None:
    data = as_zip({"good.txtX../a": b"1"}).replace(b"good.txtX../a", b"good.txt\0../a")
    assert "not safe" in refused(tmp_path, data)


@pytest.mark.parametrize("names", [("a", "A"), ("b/ä", "b/a\u0308"), ("a/b", "./a/b")])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_one_name_twice(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes], names: tuple[str, str]) -> None:
    assert "one name twice" in refused(tmp_path, make(dict.fromkeys(names, b"1")))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_file_that_is_also_a_folder(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    for names in (("a", "a/b"), ("a/b", "a")):
        assert "also a folder" in refused(tmp_path, make(dict.fromkeys(names, b"1")))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_links_and_devices_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc/passwd", 0

    assert "more than plain files" in refused(tmp_path, as_tar({"x": b""}, change=change))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip(tmp_path: Path, kind: int) -> None:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, (kind | 0o777) << 16

    assert "more than plain files" in refused(tmp_path, as_zip({"x": b"/etc/passwd"}, change))


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """First a link to a folder outside, then a file in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("b")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
        inside = tarfile.TarInfo("b/owned")
        inside.size = 1
        archive.addfile(inside, io.BytesIO(b"x"))
    assert "a link" in refused(tmp_path, out.getvalue())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "files").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidValueError, match="is there already"):
        extracted(tmp_path, as_zip(FILES))


def test_an_encrypted_zip(tmp_path: Path) -> None:
    data = bytearray(as_zip({"a": b"1"}))
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    assert "encrypted" in refused(tmp_path, bytes(data))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_too_many_bytes_or_files(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    assert "more than 3000" in refused(tmp_path, make(FILES), largest=3000)
    assert "more than 2 are not allowed" in refused(tmp_path, make(FILES), most_files=2)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    zeros = bytes(30_000_000)
    data = as_zip({f"{i}": zeros for i in range(4)})
    assert len(data) < 150_000
    assert "become more than" in refused(tmp_path, data, most_times=500)


def test_a_tar_whose_stream_has_no_end(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a")
    info.size = 1 << 40
    data = gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1_000_000))
    assert "too large" in refused(tmp_path, data)


def test_a_tar_header_that_claims_gigabytes(tmp_path: Path) -> None:
    """A name of 3 GB, which tarfile would read into memory."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3 << 30
    assert "a header of" in refused(tmp_path, gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(100_000)))


def test_a_zip_that_lies_about_the_size_of_a_file(tmp_path: Path) -> None:
    body = b"x" * 5000
    data = as_zip({"a": body})
    for claimed in (10, 60_000):
        lie = data.replace(struct.pack("<L", 5000), struct.pack("<L", claimed))
        assert "damaged" in refused(tmp_path, lie)


def test_a_zip_whose_files_share_their_bytes(tmp_path: Path) -> None:
    """Many entries of the directory for one compressed file: each costs 50 bytes, and brings a megabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", bytes(1_000_000))
        first = archive.infolist()[0]
        for i in range(1, 300):
            twin = zipfile.ZipInfo(str(i))
            for field in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, field, getattr(first, field))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    assert len(out.getvalue()) < 30_000
    refused(tmp_path, out.getvalue())


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_an_archive_that_is_cut_off(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes], share: float) -> None:
    data = make({name: bytes(range(256)) * 40 for name in "abc"})
    assert "damaged" in refused(tmp_path, data[: int(share * len(data))])


def test_a_tar_that_is_cut_off_between_two_files_or_has_a_damaged_header_there(tmp_path: Path) -> None:
    """Where tarfile itself would take what comes before for the whole."""
    data = as_tar({"a": bytes(512), "b": bytes(512)})
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    assert "no header of a file, and no end, at byte 1024" in refused(tmp_path / "1", data[:1024])
    assert "at byte 1024" in refused(tmp_path / "2", data[:1030] + b"?" + data[1031:])


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_flipped_bits_raise_nothing_but_our_errors(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    data = make({"a.txt": b"hello" * 50, "b/c": b"x" * 700})
    for at in range(0, len(data), max(1, len(data) // 100)):
        place = tmp_path / str(at)
        place.mkdir()
        broken = bytearray(data)
        broken[at] ^= 0x41
        try:
            extracted(place, bytes(broken))
        except FileFormatError:
            assert not list((place / "out").rglob("*")) if (place / "out").exists() else True
        outside = [path for path in place.iterdir() if path.name not in ("archive", "out")]
        assert not outside


def test_what_is_no_archive(tmp_path: Path) -> None:
    assert "damaged" in refused(tmp_path, b"hello, I am a text")
    assert "damaged" in refused(tmp_path, b"PK")
    with pytest.raises(MissingFileError, match="there is no file"):
        zk.data.extract_archive(tmp_path / "nowhere.zip", tmp_path / "x")
