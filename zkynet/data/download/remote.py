"""A file that others keep: what it is called, how it is recognised, where it can be had."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zkynet.errors import FileFormatError

CHUNK = 1 << 20


@dataclass(frozen=True)
class RemoteFile:
    """A file that others keep.

    Args:
        name: what it is called when it is not packed.
        size: how many bytes it has, not packed; 0 if that is not known.
        digest: the kind of digest and its value, such as ``sha256:…``; of the file that is not packed, for different
            sources pack it differently; empty if none is known.
        mirrors: the addresses that have it; as it is, compressed by gzip, or in a zip archive.
        packed: about how many bytes are sent.
        archive: whether it is used as the archive it is: it is not unpacked before the digest is taken.
        begins: with which bytes it has to begin, where there is no digest.

    Example:
        >>> RemoteFile("a.txt", 3, "sha256:…", ("https://example.org/a.txt.gz",)).file_names()
        ['a.txt', 'a.txt.gz', 'a.txt.zip']
    """

    name: str
    size: int
    digest: str
    mirrors: tuple[str, ...]
    packed: int = 0
    archive: bool = False
    begins: bytes = b""

    @property
    def largest(self) -> int:
        """More bytes than these cannot be right; packing a file may make it larger, but hardly so much."""
        return self.size + self.size // 4 + (1 << 16) if self.size else 1 << 36

    def file_names(self) -> list[str]:
        """Under which names it is found in the folder of its data set."""
        ours = [self.name] if self.archive else [self.name, f"{self.name}.gz", f"{self.name}.zip"]
        theirs = [url.rpartition("/")[2] for url in self.mirrors]
        return list(dict.fromkeys([*ours, *theirs]))

    def found(self, folder: Path) -> Path | None:
        """The file in a folder, under any of its names.

        Args:
            folder: the folder.
        """
        return next((folder / name for name in self.file_names() if (folder / name).is_file()), None)

    def read(self, path: Path) -> bytes:
        """What a file on the disk holds, not packed; refused if it is not this file.

        Args:
            path: the file.
        """
        out = bytearray()
        self._pass(path, out)
        return bytes(out)

    def check(self, path: Path) -> None:
        """Refuse a file on the disk that is not this one; it is read in pieces.

        Args:
            path: the file.
        """
        self._pass(path, None)

    def _pass(self, path: Path, out: bytearray | None) -> None:
        kind, _, expected = self.digest.partition(":")
        digest = hashlib.new(kind or "sha256", usedforsecurity=False)
        size = 0
        limit = self.size or 1 << 36
        try:
            with self.opened(path) as file:
                while chunk := file.read(CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise self._wrong(path, f"it has more than the {limit} bytes that it should have")
                    digest.update(chunk)
                    if out is not None:
                        out += chunk
        except (gzip.BadGzipFile, EOFError, zlib.error, _Unreadable) as e:
            raise self._wrong(path, f"it cannot be unpacked: {e}") from None
        if self.size and size != self.size:
            raise self._wrong(path, f"it has {size} bytes, and should have {self.size}")
        if expected and digest.hexdigest() != expected:
            raise self._wrong(path, f"its {kind} is {digest.hexdigest()}", f"and should be {expected}")

    @contextmanager
    def opened(self, path: Path) -> Iterator[Any]:
        """What a file on the disk holds, unpacked while it is read; how it is packed is told by its first bytes.

        Args:
            path: the file.
        """
        with open(path, "rb") as raw:
            start = raw.read(512)
            raw.seek(0)
            if not start.startswith(self.begins):
                page = ": it is a web page, a sign-in or an error page" if _is_page(start) else ""
                raise self._wrong(path, f"it does not begin as such a file does{page}")
            if self.archive:
                yield raw
            elif packing(start) == ".gz":
                with gzip.GzipFile(fileobj=raw) as file:
                    yield file
            elif packing(start) == ".zip":
                with self._from_zip(raw) as file:
                    yield file
            else:
                if self.size and _is_page(start) and not _is_page(self.name.encode()):
                    raise self._wrong(path, "it is a web page: a sign-in or an error page was sent instead")
                yield raw

    @contextmanager
    def _from_zip(self, raw: Any) -> Iterator[Any]:
        import zipfile

        try:
            with zipfile.ZipFile(raw) as archive:
                for info in archive.infolist():
                    if info.filename.rpartition("/")[2] == self.name:
                        with archive.open(info) as file:
                            yield file
                        return
            raise _Unreadable(f"there is no {self.name} in it")
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as e:  # another compression; a password
            raise _Unreadable(str(e)) from None

    def _wrong(self, path: Path, *facts: str) -> FileFormatError:
        return FileFormatError(
            f"{path.name} is not the file {self.name} that it should be",
            facts=facts,
            fix=f"delete {path}, and it is downloaded again",
            path=str(path),
        )


class _Unreadable(Exception):
    pass


def packing(start: bytes) -> str:
    """How a file is packed, by its first bytes: ".gz", ".zip" or "".

    Args:
        start: the first bytes.

    Example:
        >>> packing(gzip.compress(b"abc"))
        '.gz'
    """
    return ".gz" if start[:2] == b"\x1f\x8b" else ".zip" if start[:4] == b"PK\x03\x04" else ""


def _is_page(start: bytes) -> bool:
    return start.lstrip().lower().startswith((b"<!doctype html", b"<html"))


def human(size: Any) -> str:
    """How many bytes, for people.

    Args:
        size: how many.

    Example:
        >>> human(999), human(9_912_422), human(170_052_171)
        ('999 bytes', '9.9 MB', '170 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.{1 if size < 10 * unit else 0}f} {name}"
    return f"{size} bytes"
