"""A file of the cache: found there, or received from the first address that has it right."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from zkynet.data.download.cache import data_folder, made, unwritable
from zkynet.data.download.lock import locked
from zkynet.data.download.network import DiskError, Network, TransferError, discard, part_for
from zkynet.data.download.progress import Progress, shown
from zkynet.data.download.remote import RemoteFile, human, packing
from zkynet.errors import DiskFullError, DownloadError, FileFormatError

NETWORK = Network()


@dataclass(frozen=True)
class Wish:
    """What is to be fetched, and how.

    Args:
        name: the data set; also the name of its folder.
        files: its files.
        headers: further fields of the requests, such as a key.
        network: how patient to be; the usual if it is not given.
        help: what to do if it fails; by default, to put the file into the folder by hand.

    Example:
        >>> Wish("nothing", []).folder.name
        'nothing'
    """

    name: str
    files: Sequence[RemoteFile]
    headers: Mapping[str, str] = field(default_factory=dict)
    network: Network | None = None
    help: str = ""

    @property
    def folder(self) -> Path:
        """Where the files are kept."""
        return data_folder() / self.name


def contents(wish: Wish, progress: bool = True) -> list[bytes]:
    """What the files of a data set hold, unpacked and checked; what is not there is downloaded.

    Args:
        wish: the files.
        progress: whether to show what is going on.

    Example:
        >>> contents(Wish("nothing", []))
        []
    """
    try:
        return [file.read(file.found(wish.folder) or wish.folder / file.name) for file in wish.files]
    except (OSError, FileFormatError):
        return [file.read(path) for file, path in zip(wish.files, fetched(wish, progress), strict=True)]


def fetched(wish: Wish, progress: bool = True) -> list[Path]:
    """The files of a data set on the disk; those that are not there, or are damaged, are downloaded.

    Args:
        wish: the files.
        progress: whether to show what is going on.

    Example:
        >>> fetched(Wish("nothing", []))
        []
    """
    if not wish.files:
        return []
    made(wish.folder)
    with shown(progress) as view:
        waiting = f"{wish.name}: another process is downloading it; waiting for that"
        with locked(wish.folder / ".lock", lambda: view.note(waiting)):
            return [_Fetching(wish, file, view).path() for file in wish.files]


class _Fetching:
    """One file, on its way."""

    def __init__(self, wish: Wish, file: RemoteFile, view: Progress) -> None:
        self.wish = wish
        self.file = file
        self.view = view
        self.network = wish.network or NETWORK
        self.failures: dict[str, TransferError] = {}
        """By address, what went wrong with it at last."""
        self.damaged: FileFormatError | None = None
        """What is wrong with the file in the cache."""

    def path(self) -> Path:
        old = self.file.found(self.wish.folder)
        if old is not None:
            try:
                self.file.check(old)
                return old
            except FileFormatError as e:
                self.damaged = e
                self.view.note(f"{e.headline}: {', '.join(e.facts)}; it is downloaded again")
        urls = self.addresses()
        for turn in range(self.network.rounds):
            again = [url for url in urls if url not in self.failures or self.failures[url].again]
            if turn and again:
                time.sleep(self.network.pause)
            for url in again:
                try:
                    new = self.received(url)
                except TransferError as e:
                    self.failures[url] = e
                    self.view.note(f"  {urlsplit(url).netloc}: {e}")
                    continue
                if old is not None and old != new:
                    old.unlink(missing_ok=True)  # the damaged one had another name
                for other in urls:
                    discard(self.part(other))
                return new
        raise self.error()

    def addresses(self) -> list[str]:
        """The addresses, that of a mirror of the user's own first."""
        own = os.environ.get("ZKYNET_MIRROR", "").rstrip("/")
        names = [url.rpartition("/")[2] for url in self.file.mirrors] if own else []
        return list(dict.fromkeys([*(f"{own}/{self.wish.name}/{name}" for name in names), *self.file.mirrors]))

    def part(self, url: str) -> Path:
        """Each address has a part of its own: others pack the file differently."""
        return part_for(self.wish.folder, self.file.name, hashlib.sha256(url.encode()).hexdigest()[:8])

    def received(self, url: str) -> Path:
        """The file from one address, which may take several connections."""
        from zkynet.data.download.transfer import transfer  # takes Python's web client along, which few need

        part = self.part(url)
        self.view.begin(self.file.name, urlsplit(url).netloc)
        for attempt in range(1, self.network.attempts + 1):
            before = _size(part)
            try:
                transfer(
                    url,
                    part,
                    headers=self.wish.headers if url in self.file.mirrors else {},  # a key is not for others
                    largest=self.file.largest,
                    network=self.network,
                    progress=self.view.update,
                )
                self.file.check(part)
                return self.kept(part)
            except TransferError as e:
                if not e.again or e.stalled or _size(part) <= before or attempt == self.network.attempts:
                    raise
                self.view.note(f"  {e}; continuing")
            except FileFormatError as e:
                discard(part)
                if not before:
                    raise TransferError(f"it sent something else: {', '.join(e.facts)}") from None
                # the first part may have been of another version: once more from the start
            except DiskError as e:
                raise self.full(e) from None
            except OSError as e:
                raise unwritable(self.wish.folder, e) from None
        raise TransferError("it sent something else, in several parts")

    def kept(self, part: Path) -> Path:
        """The part, which is whole and right, under its name."""
        with open(part, "r+b") as file:  # Windows syncs no file that is only read
            start = file.read(4)
            os.fsync(file.fileno())
        path = self.wish.folder / (self.file.name + ("" if self.file.archive else packing(start)))
        os.replace(part, path)
        return path

    def full(self, error: DiskError) -> DiskFullError:
        return DiskFullError(
            f"{self.wish.name}: {self.file.name} does not fit on the disk",
            facts=[f"folder  {self.wish.folder}", f"reason  {error}"],
            fix="free some space and try again, which continues with what has arrived; "
            "or set the environment variable ZKYNET_DATA to a folder elsewhere",
            name=self.wish.name,
            folder=str(self.wish.folder),
        )

    def error(self) -> DownloadError:
        parts = sum(_size(self.part(url)) for url in self.failures)
        width = max(len(urlsplit(url).netloc) for url in self.failures)
        facts = [f"{urlsplit(url).netloc:<{width}}  {reason}" for url, reason in self.failures.items()]
        if self.damaged:
            facts.append(f"in the cache there is a damaged {Path(self.damaged.path).name}: {self.damaged.facts[0]}")
        if parts:
            facts.append(f"{human(parts)} have arrived; the next attempt continues there")
        by_hand = "\n".join(
            [
                "try again when there is a connection; or fetch the file elsewhere, from one of",
                *(f"       {url}" for url in self.file.mirrors),
                f"     and put it into {self.wish.folder}",
            ]
        )
        return DownloadError(
            f"{self.wish.name}: {self.file.name} could not be downloaded",
            facts=facts,
            fix=self.wish.help or by_hand,
            name=self.wish.name,
            file=self.file.name,
            folder=str(self.wish.folder),
            failures={url: str(reason) for url, reason in self.failures.items()},
            statuses={url: reason.status for url, reason in self.failures.items()},
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
