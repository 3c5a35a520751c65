"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from zkynet.errors import ArgumentError, MissingFileError, described


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
    path = as_path(path)
    if not path.parent.is_dir():
        raise MissingFileError(
            f"the folder {path.parent} does not exist", fix="make it first: mkdir -p", path=str(path)
        )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if hasattr(os, "O_DIRECTORY"):  # the entry in the folder has to be on the disk, too
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
    path = as_path(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"there is no file {path}", fix="check the path", path=str(path)) from None
