"""A folder of checkpoints, numbered by the step after which they were made."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import warnings
from pathlib import Path
from typing import Any

from zkynet.errors import CheckpointWarning, FileFormatError
from zkynet.train.checkpoint_files import load_checkpoint, save_checkpoint

BEST = "best.safetensors"

NUMBERED = re.compile(r"step-(\d{8,18})\.safetensors")


def numbered(folder: Path) -> dict[int, Path]:
    """The checkpoints of a folder by step, the newest first.

    Args:
        folder: where to look; it need not be there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for step in (9, 10):
        ...         _ = keep(Path(folder), step, {"step": step}, 3)
        ...     list(numbered(Path(folder)))
        [10, 9]
    """
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = {int(match[1]): folder / name for name in names if (match := NUMBERED.fullmatch(name))}
    return dict(sorted(found.items(), reverse=True))


def set_aside(path: Path, why: str) -> Path:
    """Give a checkpoint a name under which it is no checkpoint any more.

    Args:
        path: the checkpoint.
        why: what is put behind its name.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     set_aside(keep(Path(folder), 1, {}, 3), "damaged").name
        'step-00000001.safetensors.damaged'
    """
    aside = path.with_name(f"{path.name}.{why}")
    os.replace(path, aside)
    return aside


def keep(folder: Path, step: int, state: Any, count: int | None) -> Path:
    """Save a state, and then remove the oldest ones beyond `count`.

    Args:
        folder: where to; it is made.
        step: its number.
        state: what `save_checkpoint` takes.
        count: how many are to be left; None for all.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     paths = [keep(Path(folder), step, {"step": step}, 2) for step in range(5)]
        ...     sorted(os.listdir(folder))
        ['step-00000003.safetensors', 'step-00000004.safetensors']
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:08d}.safetensors"
    save_checkpoint(path, state)
    if count is not None:
        older = [other for number, other in numbered(folder).items() if number < step]
        for other in older[max(count - 1, 0) :]:
            with contextlib.suppress(FileNotFoundError):
                other.unlink()
    return path


def newest(folder: Path) -> tuple[Path, Any] | None:
    """The newest intact checkpoint and its state, or None where there are none at all.

    A damaged one gets another name, so that nobody takes it for a checkpoint again, and a warning says so. Where no
    other is intact, the best one is used.

    Args:
        folder: where to look; it need not be there.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     paths = [keep(Path(folder), step, {"step": step}, 2) for step in range(5)]
        ...     path, state = newest(Path(folder))
        >>> path.name, state
        ('step-00000004.safetensors', {'step': 4})
    """
    damaged: list[tuple[Path, str]] = []
    for path in (*numbered(folder).values(), *([folder / BEST] if (folder / BEST).exists() else ())):
        try:
            state = load_checkpoint(path)
        except FileFormatError as e:
            if getattr(e, "newer", False):
                raise
            damaged.append((path, e.headline))
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            damaged.append((path, f"{path} cannot be read: {e.strerror}"))
        else:
            for other, why in damaged:
                aside = set_aside(other, "damaged")
                warnings.warn(
                    f"{why}; going on from {path.name}, and the damaged one is now called {aside.name}",
                    CheckpointWarning,
                    stacklevel=2,
                )
            return path, state
    if damaged:
        raise FileFormatError(
            f"none of the checkpoints in {folder} is intact",
            facts=[why for _, why in damaged],
            fix="restore one from a copy, or train anew in another folder",
            path=str(folder),
        )
    return None
