"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import shutil
import stat
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zkynet.errors import ArgumentError, DiskFullError, MissingFileError, described

HOST = f"{zlib.crc32(platform.node().encode()):08x}"
"""Who writes: a lock says whether a process of this machine is alive, and nothing of another machine's."""

LEFT_BEHIND = re.compile(r"\..*\.(?P<host>[0-9a-f]{8})-[0-9a-f]{16}\.zkynet-part", re.DOTALL)
"""Names of files that are being written, or were when a process died."""

AN_HOUR = 3600.0

FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}
"""What the system answers when there is no room left, for all, for this user, or in one file."""


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file such that at any moment, also after a crash, there is the old one or the new one, whole.

    Args:
        path: the file; its folder has to exist.
        data: what it is to hold.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(f"{folder}/a.bin", b"abc")
        ...     Path(folder, "a.bin").read_bytes()
        b'abc'
    """
    with replacing(path, len(data)) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], size: int) -> Iterator[BinaryIO]:
    """A new file that takes the place of the one at `path` when all is written and on the disk, and not before.

    What crashes have left behind in the folder is removed first. An error, a full disk and Ctrl-C leave the old file.

    Args:
        path: the file; its folder has to exist.
        size: how many bytes are going to be written, for the error when there is no room.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(f"{folder}/a.bin", 4) as file:
        ...         n = file.write(b"ab") + file.write(b"cd")
        ...     os.listdir(folder), Path(folder, "a.bin").read_bytes()
        (['a.bin'], b'abcd')
    """
    path = Path(os.path.realpath(as_path(path)))  # a link stays one, and the file it leads to is replaced
    if not path.parent.is_dir():
        raise MissingFileError(
            f"the folder {path.parent} does not exist", fix="make it first: mkdir -p", path=str(path)
        )
    remove_leftovers(path.parent)
    try:
        file, temporary = _begin(path)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
            if not _LOCKS:
                file.close()  # Windows does not rename open files
            os.replace(temporary, path)  # while it is locked, so that nobody takes it for a leftover
        except BaseException:
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        file.close()
        _sync_folder(path.parent)
    except OSError as e:
        if e.errno not in FULL or isinstance(e, DiskFullError):
            raise
        full = DiskFullError(
            f"there is no room for {path}",
            facts=[
                f"needed  {size / 1e6:.3f} MB",
                f"free    {shutil.disk_usage(path.parent).free / 1e6:.3f} MB",
                f"reason  {e.strerror}",
                f"before  {'the old file is there, as it was' if path.exists() else 'there was no file'}",
            ],
            fix="make room, or write to another disk",
            path=str(path),
            needed=size,
        )
        full.errno = e.errno
        raise full from e


def remove_leftovers(folder: Path) -> None:
    """Remove what crashed processes have left half written in a folder, and nothing that somebody still writes.

    A file being written is locked, and a lock ends with its process, however that ends. Where there are no such locks,
    and for files of other machines, an hour without a change is what tells.

    Args:
        folder: where to look.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     part = Path(folder, f".a.bin.{HOST}-0123456789abcdef.zkynet-part")
        ...     part.touch()
        ...     remove_leftovers(Path(folder))
        ...     part.exists()
        False
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = LEFT_BEHIND.fullmatch(entry.name)
            if match is None or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError):
                old = time.time() - entry.stat(follow_symlinks=False).st_mtime > AN_HOUR
                if old or (_LOCKS and match["host"] == HOST):
                    _remove_if_free(entry.path)


_LOCKS = os.name == "posix"


def _lock(handle: int, wait: bool) -> None:
    if _LOCKS:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_if_free(path: str) -> None:
    """Remove a file whose lock nobody holds; an OSError where somebody does, or where that cannot be known."""
    if not _LOCKS:
        return os.unlink(path)  # which Windows refuses while a file is open
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        _lock(handle, wait=False)
        os.unlink(path)  # while it is ours, so that one who has just begun it sees that it is gone
    finally:
        os.close(handle)


def _begin(path: Path) -> tuple[BinaryIO, str]:
    """A new, locked file beside `path`, and its name."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    while True:
        temporary = str(path.with_name(f".{path.name[:40]}.{HOST}-{os.urandom(8).hex()}.zkynet-part"))
        file = os.fdopen(os.open(temporary, flags, 0o666), "w+b")
        with contextlib.suppress(OSError):  # there are file systems without locks
            _lock(file.fileno(), wait=True)
        if os.fstat(file.fileno()).st_nlink:
            return file, temporary
        file.close()  # removed by somebody who looked between the two lines above


def _sync_folder(folder: Path) -> None:
    """The entry in the folder has to be on the disk, too."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def as_path(path: str | os.PathLike[str]) -> Path:
    """The path of a file that a user named; a folder, and what is no path at all, are refused.

    Args:
        path: the file.

    Example:
        >>> as_path("weights.safetensors").name
        'weights.safetensors'
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"a file is named by its path, received {described(path)}", fix="pass a string or a Path")
    out = Path(path)
    if out.is_dir():
        raise ArgumentError(f"{out} is a folder, not a file", fix="add the name of a file", path=str(out))
    return out


def read_file(path: str | os.PathLike[str]) -> bytes:
    """All that a file holds; a `MissingFileError` where there is none.

    Args:
        path: the file.

    Example:
        >>> try:
        ...     read_file("nowhere.bin")
        ... except FileNotFoundError as e:
        ...     print(e.headline)
        there is no file nowhere.bin
    """
    with opened(path) as file:
        return file.read()


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """A file to read from; a `MissingFileError` where there is none, and pipes and devices are refused.

    Args:
        path: the file.

    Example:
        >>> try:
        ...     opened("/dev/zero")
        ... except TypeError as e:
        ...     print(e.headline)
        /dev/zero is no ordinary file
    """
    path = as_path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # looked at first, for opening a pipe waits for its writer
            raise ArgumentError(f"{path} is no ordinary file", fix="pass the path of a file", path=str(path))
        return path.open("rb")
    except FileNotFoundError:
        raise MissingFileError(f"there is no file {path}", fix="check the path", path=str(path)) from None
