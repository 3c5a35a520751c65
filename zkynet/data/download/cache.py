"""The folder in which downloaded data is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from zkynet.errors import DownloadError

__all__ = ["data_folder"]


def data_folder() -> Path:
    """The folder in which downloaded data is kept: ``ZKYNET_DATA``, else one in the platform's folder for caches.

    Linux: ``$XDG_CACHE_HOME/zkynet`` or ``~/.cache/zkynet``; macOS: ``~/Library/Caches/zkynet``; Windows:
    ``%LOCALAPPDATA%\\zkynet``.

    Example:
        >>> import zkynet as zk
        >>> zk.data.data_folder().is_absolute()
        True
    """
    chosen = os.environ.get("ZKYNET_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base.absolute() / "zkynet"


def made(folder: Path) -> Path:
    """A folder that can be written to, made if it is not there.

    Args:
        folder: the folder.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     made(Path(folder, "a", "b")).is_dir()
        True
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise unwritable(folder, e) from None
    if not os.access(folder, os.W_OK):
        raise unwritable(folder, PermissionError("it is write-protected"))
    return folder


def unwritable(folder: Path, error: OSError) -> DownloadError:
    """The error of a folder in which nothing can be kept."""
    return DownloadError(
        f"data cannot be kept in {folder}",
        facts=[error.strerror or str(error)],
        fix="set the environment variable ZKYNET_DATA to a folder that you may write to",
        folder=str(folder),
    )
