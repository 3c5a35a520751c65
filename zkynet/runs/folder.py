"""What the files of a run's folder hold, and where new folders are made."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from zkynet.data.download.lock import locked
from zkynet.errors import FileFormatError, InvalidValueError, MissingFileError
from zkynet.files import read_file, write_atomically

CONFIG, RESULTS, LOCK = "config.json", "results.json", ".lock"
PATIENCE = 10.0
"""Seconds: worker processes of a run that was killed may hold its lock for a moment longer."""


def runs_folder() -> Path:
    """Where runs are put that are given no folder: ``$ZKYNET_RUNS``, else ``runs`` in the working directory."""
    return Path(os.environ.get("ZKYNET_RUNS") or "runs")


def new_folder(name: str) -> Path:
    """A folder that is not there yet, named after the recipe and the time; the folder is made.

    Args:
        name: the recipe's name.
    """
    stem = f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    for k in range(1, 1000):
        folder = runs_folder() / (stem if k == 1 else f"{stem}-{k}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise InvalidValueError(f"{runs_folder()} holds too many runs of this second", fix="pass a folder")


def last_folder(name: str) -> Path:
    """The folder of the newest run of a recipe among those that were given no folder.

    Args:
        name: the recipe's name.
    """
    pattern = re.compile(rf"{re.escape(name)}-(\d{{8}}-\d{{6}})(?:-(\d+))?")
    found = []
    for config in runs_folder().glob(f"*/{CONFIG}"):
        if match := pattern.fullmatch(config.parent.name):
            found.append((match[1], int(match[2] or 1), config.parent))
    if not found:
        raise MissingFileError(
            f"there is no run of {name} in {runs_folder()}",
            fix=f"name the folder of the run, or begin one: zkynet train {name}",
        )
    return max(found)[2]


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """A block in which no other process runs in a folder; a killed one leaves no lock behind.

    Args:
        folder: of the run.
    """

    def refuse() -> None:
        raise InvalidValueError(
            f"another process is running in {folder}", fix="wait until it has ended, or take another folder"
        )

    until = time.monotonic() + PATIENCE
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(folder / LOCK, refuse))
                break
            except InvalidValueError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        yield


def write_into(path: Path, data: bytes) -> None:
    """Write a file of a folder that is made with its first file.

    Args:
        path: the file.
        data: what it is to hold.
    """
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, data)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a dict of plain values, whole or not at all.

    Args:
        path: the file.
        value: what it is to hold.
    """
    write_atomically(path, (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=True) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """What `write_json` wrote; what is damaged is refused in a sentence.

    Args:
        path: the file.
    """
    try:
        value = json.loads(read_file(path))
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path} is damaged: {error}", fix="take the folder of another run") from None
    if not isinstance(value, dict):
        raise FileFormatError(f"{path} holds no settings but {type(value).__name__}", fix="take another folder")
    return value


def file_name(name: str) -> str:
    """The name of a picture, text or table as the name of a file.

    Args:
        name: as the recipe calls it.

    Example:
        >>> file_name("feature maps, layer 1")
        'feature-maps-layer-1'
    """
    out = re.sub(r"[^\w.]+", "-", name).strip("-.")
    if not out:
        raise InvalidValueError(f"{name!r} gives no file name", fix="use letters or digits in the name")
    return out
