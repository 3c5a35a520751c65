"""Competitions and data sets of Kaggle, through the user's own key."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from zkynet.data.download.cache import made
from zkynet.data.download.fetching import Wish, fetched
from zkynet.data.download.lock import locked
from zkynet.data.download.remote import RemoteFile
from zkynet.data.formats.archives import extract_archive
from zkynet.data.formats.sources import damaged
from zkynet.data.formats.table import Table, read_csv
from zkynet.data.sets.kaggle_key import authorization
from zkynet.errors import DownloadError, FileFormatError, InvalidValueError, MissingFileError
from zkynet.files import read_file, write_atomically

__all__ = ["KaggleFiles", "kaggle"]

API = "https://www.kaggle.com/api/v1"
SUMS = "files.sha256"
"""Kaggle publishes no digests; these are of what arrived at first, so that damage later on is noticed."""


@dataclass(frozen=True)
class KaggleFiles:
    """The files of a competition or data set of Kaggle, on this machine.

    Args:
        name: the competition, or ``owner/name`` of the data set.
        folder: where its files are.

    Example:
        >>> import zkynet as zk
        >>> zk.data.kaggle("titanic").table("train.csv")  # doctest: +SKIP
        Table of 891 rows: PassengerId (number), Survived (number), …
    """

    name: str
    folder: Path

    @property
    def files(self) -> list[str]:
        """The names of the files, with their folders.

        Example:
            >>> import zkynet as zk
            >>> zk.data.kaggle("titanic").files  # doctest: +SKIP
            ['gender_submission.csv', 'test.csv', 'train.csv']
        """
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    def path(self, file: str) -> Path:
        """Where a file is.

        Args:
            file: its name.

        Example:
            >>> import zkynet as zk
            >>> zk.data.kaggle("titanic").path("train.csv").is_file()  # doctest: +SKIP
            True
        """
        path = self.folder / file
        if file not in self.files:
            raise MissingFileError(
                f"{self.name} has no file {file!r}", facts=[f"there are {', '.join(self.files[:20])}"], fix="name one"
            )
        return path

    def read(self, file: str) -> bytes:
        """What a file holds; refused if it is no longer what was downloaded.

        Args:
            file: its name.

        Example:
            >>> import zkynet as zk
            >>> zk.data.kaggle("titanic").read("train.csv")[:11]  # doctest: +SKIP
            b'PassengerId'
        """
        path = self.path(file)
        data = read_file(path)
        expected = _sums(self.folder.parent).get(file)
        found = hashlib.sha256(data).hexdigest()
        if expected not in (None, found):
            raise damaged(
                str(path),
                "it is not what was downloaded",
                f"expected  sha256 {expected}",
                f"found     sha256 {found}",
                fix=f"delete {self.folder.parent}, and it is downloaded again",
            )
        return data

    def table(self, file: str, *, separator: str = ",", kinds: dict[str, str] | None = None) -> Table:
        """The table of a CSV file, as `read_csv` gives it.

        Args:
            file: its name.
            separator: what stands between fields.
            kinds: by column, ``"number"`` or ``"text"``, where it is not to be guessed.

        Example:
            >>> import zkynet as zk
            >>> zk.data.kaggle("titanic").table("train.csv").missing()  # doctest: +SKIP
            {'Age': 177, 'Cabin': 687, 'Embarked': 2}
        """
        return read_csv(self.read(file), separator=separator, kinds=kinds)


def kaggle(name: str, *, progress: bool = True, base: str | None = None) -> KaggleFiles:
    """The files of a competition or data set of Kaggle; downloaded once, through the user's own key.

    The key is that of Kaggle's own programs: ``~/.kaggle/kaggle.json``, or the environment variables
    ``KAGGLE_USERNAME`` and ``KAGGLE_KEY``. It is sent to Kaggle alone, and never shown. The rules of a competition have
    to be accepted on its page before.

    Args:
        name: the competition, such as ``"titanic"``, or ``"owner/name"`` of a data set.
        progress: whether to show the download.
        base: another address of the service; by default the environment variable ``ZKYNET_KAGGLE``, or Kaggle.

    Example:
        >>> import zkynet as zk
        >>> zk.data.kaggle("house-prices-advanced-regression-techniques").files  # doctest: +SKIP
        ['data_description.txt', 'sample_submission.csv', 'test.csv', 'train.csv']
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][\w-]*(/[A-Za-z0-9][\w.-]*)?", name):
        raise InvalidValueError(
            f"kaggle: {name!r:.80} is no name of a competition or data set",
            fix="the name is the end of its address: kaggle.com/competitions/NAME, or kaggle.com/datasets/OWNER/NAME",
        )
    base = (base or os.environ.get("ZKYNET_KAGGLE") or API).rstrip("/")
    kind = "datasets/download" if "/" in name else "competitions/data/download-all"
    archive = name.rpartition("/")[2] + ".zip"
    file = RemoteFile(archive, 0, "", (f"{base}/{kind}/{name}",), archive=True, begins=b"PK")
    wish = Wish(f"kaggle/{name}", [file])
    out = KaggleFiles(name, wish.folder / "files")
    if out.folder.is_dir():
        return out
    made(wish.folder)
    with locked(wish.folder / ".unpacking", lambda: None):
        if not out.folder.is_dir():
            there = file.found(wish.folder)
            path = there or _downloaded(wish, base, progress)
            try:
                _unpacked(path, out)
            except FileFormatError:
                if there is None:  # so that the next call asks for it anew; what the user put there stays
                    path.unlink()
                raise
    return out


def _downloaded(wish: Wish, base: str, progress: bool) -> Path:
    address = urlsplit(base)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise InvalidValueError(f"kaggle: the key is not sent to {base}, which is not encrypted", fix="use https")
    try:
        return fetched(replace(wish, headers={"Authorization": authorization()}), progress)[0]
    except DownloadError as e:
        status = next(iter(getattr(e, "statuses", {}).values()), 0)
        raise _explained(wish, e, status) from None


def _explained(wish: Wish, error: DownloadError, status: int) -> DownloadError:
    """The error with what Kaggle means by its answers."""
    name = wish.name.removeprefix("kaggle/")
    page = f"https://www.kaggle.com/{'datasets' if '/' in name else 'competitions'}/{name}"
    by_hand = f"download it at {page}, and put {wish.files[0].name} into {wish.folder}"
    reasons = {
        401: ("Kaggle does not accept the key", 'choose "Create New Token" in your settings at https://www.kaggle.com'),
        403: (
            "Kaggle does not let you have the data",
            f"accept the rules at {page}" + ("" if "/" in name else "/rules") + ", and try again",
        ),
        404: ("Kaggle has no data of that name", f"look for it at https://www.kaggle.com; {page} is not there"),
    }
    headline, fix = reasons.get(status, (error.headline.partition(": ")[2], f"try again later; or {by_hand}"))
    return DownloadError(f"kaggle({name!r}): {headline}", facts=error.facts, fix=fix, name=name, status=status)


def _unpacked(path: Path, out: KaggleFiles) -> None:
    """The files of the archive, with a list of their digests beside them; the archive is removed."""
    part = out.folder.with_name("files.new")
    for old in (part, *part.parent.glob(f".{part.name}.*")):  # of a process that died
        shutil.rmtree(old, ignore_errors=True)
    files = extract_archive(path, part)
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(part).as_posix()}\n" for p in files]
    write_atomically(out.folder.parent / SUMS, "".join(sorted(sums)).encode())
    os.replace(part, out.folder)
    path.unlink()


def _sums(folder: Path) -> dict[str, str]:
    if not (folder / SUMS).is_file():
        return {}
    lines = (folder / SUMS).read_text().splitlines()
    return {file: digest for digest, _, file in (line.partition("  ") for line in lines)}
