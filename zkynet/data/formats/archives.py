"""Archives of others, unpacked such that nothing is written outside of the folder, and no more than is allowed."""

from __future__ import annotations

import gzip
import os
import re
import stat
import tempfile
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from zkynet.data.formats.sources import damaged
from zkynet.errors import FileFormatError, InvalidValueError, MissingFileError
from zkynet.files import as_path

if TYPE_CHECKING:
    import tarfile
    import zipfile

__all__ = ["extract_archive"]

CHUNK = 1 << 20
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows."""


class Member(NamedTuple):
    """A file of an archive: its name as the archive has it, its size, what it is otherwise, and how to open it."""

    name: str
    size: int
    unusual: str
    is_folder: bool
    open: Callable[[], Any]


def extract_archive(
    archive: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    largest: int = 1 << 34,
    most_files: int = 100_000,
    most_times: int = 1000,
) -> list[Path]:
    """Unpack a zip, tar or tar.gz file into a new folder: whole and harmless, or not at all.

    All names are looked at before anything is written. Refused are names that lead out of the folder, absolute names,
    links and devices, names that some system cannot have, one name twice, and more bytes or files than allowed.

    Args:
        archive: the file.
        folder: the folder; it must not be there, or be empty.
        largest: how many bytes there may be, unpacked.
        most_files: how many files there may be.
        most_times: how many times larger the whole may be than the archive, if it is more than 100 MB.

    Example:
        >>> import tempfile, zipfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as place:
        ...     with zipfile.ZipFile(f"{place}/a.zip", "w") as made:
        ...         made.writestr("b/c.txt", "text")
        ...     [file.name for file in zk.data.extract_archive(f"{place}/a.zip", f"{place}/a")]
        ['c.txt']
    """
    import tarfile
    import zipfile

    broken = (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        NotImplementedError,
        ValueError,
    )
    path, target = as_path(archive), Path(folder)
    if not path.is_file():
        raise MissingFileError(f"there is no file {path}", fix="check the path", path=str(path))
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise InvalidValueError(
            f"extract_archive: {target} is there already", fix="name a folder that is not there", path=str(target)
        )
    size = path.stat().st_size
    limit = min(largest, max(100_000_000, most_times * size))
    try:
        with ExitStack() as stack:
            files = _checked(str(path), _members(path, limit, stack), limit, most_files, size)
            target.parent.mkdir(parents=True, exist_ok=True)
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.")))
            made = place / "files"
            made.mkdir()
            for name, member in files.items():
                _write(str(path), member, made.joinpath(*name.split("/")))
            if target.exists():
                target.rmdir()
            os.replace(made, target)
    except broken as e:
        if hasattr(e, "headline"):  # it says already what is wrong
            raise
        raise damaged(str(path), "the archive is damaged", f"reason  {e}") from None
    return [target.joinpath(*name.split("/")) for name in files]


def _members(path: Path, limit: int, stack: ExitStack) -> Iterator[Member]:
    import tarfile
    import zipfile

    file = stack.enter_context(path.open("rb"))
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"PK":
        yield from _of_zip(stack.enter_context(zipfile.ZipFile(file)))
    else:
        raw: Any = stack.enter_context(gzip.GzipFile(fileobj=file)) if start[:2] == b"\x1f\x8b" else file
        bounded: Any = _Bounded(str(path), raw, limit + limit // 10 + (1 << 26))  # headers and filling come on top
        yield from _of_tar(stack.enter_context(tarfile.TarFile(fileobj=bounded)), bounded)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        unusual = (
            "a link" if kind == stat.S_IFLNK else "a device" if kind not in (0, stat.S_IFREG, stat.S_IFDIR) else ""
        )
        unusual = unusual or ("encrypted" if info.flag_bits & 1 else "")
        # of the name, zipfile has cut off what follows a zero byte, and turned the slashes round on Windows
        yield Member(info.orig_filename, info.file_size, unusual, info.is_dir(), lambda info=info: archive.open(info))  # type: ignore[misc]


def _of_tar(archive: tarfile.TarFile, file: _Bounded) -> Iterator[Member]:
    from tarfile import ReadError

    for info in archive:
        plain = info.isdir() or (info.isreg() and not info.issparse())
        link = info.issym() or info.islnk()
        unusual = "" if plain else "a link" if link else "a device, or a file with holes"
        yield Member(info.name, info.size, unusual, info.isdir(), lambda info=info: archive.extractfile(info))  # type: ignore[misc]
    file.seek(archive.offset)  # tarfile stops without a word where a header is damaged, or missing
    if file.read(512) != bytes(512):
        raise ReadError(f"there is no header of a file, and no end, at byte {archive.offset}")


def _checked(path: str, members: Iterator[Member], limit: int, most_files: int, size: int) -> dict[str, Member]:
    """The files by the names under which they are written; all is looked at before the first is written."""

    def refuse(headline: str, *facts: str) -> NoReturn:
        raise damaged(path, headline, *facts, fix="do not use an archive that you do not trust")

    files: dict[str, Member] = {}
    taken: dict[str, str] = {}
    folders: set[str] = set()
    total = count = 0
    for member in members:
        count += 1
        if count > most_files:
            refuse("the archive has too many files", f"more than {most_files} are not allowed")
        if member.unusual:
            refuse("the archive holds more than plain files", f"{member.name!r:.90} is {member.unusual}")
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if fault := _fault(member.name, parts):
            refuse("the archive holds a name that is not safe", f"{member.name!r:.90} {fault}")
        name, key = "/".join(parts), unicodedata.normalize("NFC", "/".join(parts)).casefold()
        ancestors = {key[:i] for i, c in enumerate(key) if c == "/"}
        if member.is_folder:
            folders |= {key, *ancestors}
            continue
        if not name or key in taken:
            refuse("the archive holds one name twice", f"{member.name!r:.90} and {taken.get(key, '')!r:.90}")
        taken[key] = member.name
        folders |= ancestors
        files[name] = member
        total += member.size
        if total > limit:
            refuse("the archive would grow too large", f"{size} bytes become more than {limit}, which are allowed")
    if both := folders & set(taken):
        refuse("the archive holds a file that is also a folder", repr(taken[min(both)]))
    return files


def _fault(name: str, parts: list[str]) -> str:
    if name.startswith("/") or "\\" in name or ":" in name:
        return "has a leading slash, a backslash or a colon"
    if ".." in parts:
        return "leads out of the folder"
    for part in parts:
        if any(ord(c) < 32 for c in part):
            return "has a control character"
        if part[-1] in ". " or DEVICES.fullmatch(part) or len(os.fsencode(part)) > 255:
            return "cannot be had on all systems"
    return ""


def _write(archive: str, member: Member, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with ExitStack() as stack:
        try:
            source = stack.enter_context(member.open())
        except OSError as e:
            raise _unreadable(archive, member, e) from None
        target = stack.enter_context(path.open("xb"))
        while True:
            try:
                chunk = source.read(CHUNK)
            except OSError as e:  # zipfile and gzip seek to where a damaged file tells them to
                raise _unreadable(archive, member, e) from None
            if not chunk:
                break
            done += len(chunk)
            if done > member.size:
                break
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if done != member.size:
        raise damaged(
            archive,
            "the archive is damaged",
            f"{member.name!r:.90}: expected {member.size} bytes, found {'more' if done > member.size else done}",
        )


def _unreadable(archive: str, member: Member, error: OSError) -> FileFormatError:
    return damaged(archive, "the archive is damaged", f"{member.name!r:.90} cannot be read: {error}")


class _Bounded:
    """A stream of which no more than so many bytes may be read; tarfile reads headers of any size into memory."""

    def __init__(self, path: str, file: Any, limit: int) -> None:
        self.path, self.file, self.limit = path, file, limit
        self.tell, self.close = file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= 4 * CHUNK:
            raise damaged(self.path, "the archive is damaged", f"a header of {size} bytes is none")
        data: bytes = self.file.read(size)
        self._check()
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        if whence == 0 and place > self.limit:
            raise damaged(self.path, "the archive would grow too large", f"more than {self.limit} bytes unpacked")
        return int(self.file.seek(place, whence))

    def _check(self) -> None:
        if self.file.tell() > self.limit:
            raise damaged(self.path, "the archive would grow too large", f"more than {self.limit} bytes unpacked")
