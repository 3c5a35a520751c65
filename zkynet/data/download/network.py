"""How patient a download is, what may go wrong with it, and the files that take what arrives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Network:
    """How patient a download is.

    Args:
        timeout: after so many seconds without a byte, the connection counts as stalled.
        slowest: so many bytes a second it has to be at least,
        window: on an average over so many seconds.
        attempts: how often a file is continued that breaks off, while it advances.
        rounds: how often the list of addresses is gone through.
        pause: seconds between two rounds.

    Example:
        >>> Network(timeout=5).attempts
        10
    """

    timeout: float = 20.0
    slowest: int = 512
    window: float = 60.0
    attempts: int = 10
    rounds: int = 2
    pause: float = 1.0


class TransferError(Exception):
    """What went wrong with one address.

    Args:
        reason: in words.
        again: whether another attempt may help.
        stalled: whether the server fell silent, so that another one should be asked first.
        status: the number in the server's answer.

    Example:
        >>> TransferError("it answered 404 Not Found", status=404).again
        False
    """

    def __init__(self, reason: str, *, again: bool = False, stalled: bool = False, status: int = 0) -> None:
        super().__init__(reason)
        self.again = again
        self.stalled = stalled
        self.status = status


class DiskError(Exception):
    """The disk took no more; no other address would help.

    Example:
        >>> str(DiskError("No space left on device"))
        'No space left on device'
    """


def part_for(folder: Path, name: str, source: str) -> Path:
    """The file that takes what arrives.

    Args:
        folder: its folder.
        name: the file that it is to become.
        source: what tells the sources apart.

    Example:
        >>> part_for(Path("mnist"), "a b.gz", "1f").name
        '.a_b.gz.1f.part'
    """
    return folder / f".{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.{source}.part"


def state_of(part: Path) -> Path:
    """The file beside a part that tells which version of which file the part is of."""
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Remove a part and what is known about it."""
    for path in (part, state_of(part)):
        path.unlink(missing_ok=True)
