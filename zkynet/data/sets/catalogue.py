"""What data sets there are, whether they are on this machine, and whether they are whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zkynet.data.download.cache import data_folder
from zkynet.data.download.fetching import Wish, fetched
from zkynet.data.download.remote import human
from zkynet.data.sets import remote_files as remote
from zkynet.data.sets.kaggle import KaggleFiles, kaggle
from zkynet.errors import FileFormatError, InvalidValueError

__all__ = ["DatasetFile", "DatasetInfo", "available", "fetch", "verify", "where"]


@dataclass(frozen=True)
class DatasetInfo:
    """A data set, in a row of a table.

    Args:
        name: the function of `zkynet.data` that gives it.
        about: what it is.
        kind: ``"bundled"``: comes with zkynet; ``"made"``: made from random numbers; ``"download"``;
            ``"kaggle"``: downloaded with the user's key.
        licence: under which terms it may be used.
        size: how many bytes are downloaded, or come with zkynet.
        cached: whether it is on this machine, so that no network is needed.

    Example:
        >>> import zkynet as zk
        >>> row = next(row for row in zk.data.available() if row.name == "digits")
        >>> row.about, row.kind, row.licence, row.readable_size, row.cached
        ('handwritten digits, 8 x 8', 'bundled', 'CC BY 4.0', '44 kB', True)
    """

    name: str
    about: str
    kind: str
    licence: str
    size: int
    cached: bool

    @property
    def readable_size(self) -> str:
        """The size for people.

        Example:
            >>> import zkynet as zk
            >>> next(row for row in zk.data.available() if row.name == "cifar10").readable_size
            '170 MB'
        """
        return human(self.size) if self.size else ""


@dataclass(frozen=True)
class DatasetFile:
    """A file of a data set that is downloaded, and the state in which it is.

    Args:
        dataset: the data set.
        file: the file.
        state: ``"right"``, ``"missing"`` or ``"damaged"``.
        path: where it is, or is to be put.
        reason: what is wrong with it.

    Example:
        >>> import zkynet as zk
        >>> zk.data.verify("cifar10")[0].file
        'cifar-10-binary.tar.gz'
    """

    dataset: str
    file: str
    state: str
    path: Path
    reason: str = ""


DOWNLOADED = {
    "mnist": (remote.MNIST, "handwritten digits, 28 x 28", "CC BY-SA 3.0"),
    "fashion_mnist": (remote.FASHION_MNIST, "pictures of clothes, 28 x 28", "MIT"),
    "cifar10": (remote.CIFAR10, "photographs of ten things, 32 x 32 in colour", "none stated"),
    "shakespeare": (remote.SHAKESPEARE, "a million characters of Shakespeare", "public domain"),
    "sentence_pairs": (remote.SENTENCE_PAIRS, "English sentences with their French translation", "CC BY 2.0 FR"),
}

KAGGLE = {
    "digit_recognizer": ("digit-recognizer", "MNIST as CSV files, to compete", "CC BY-SA 3.0", 16_000_000),
    "house_prices": (
        "house-prices-advanced-regression-techniques", "houses of Ames with 79 properties, to compete",
        "rules of the competition", 204_000,
    ),
}  # fmt: skip

PRESENT = {
    "digits": ("bundled", "handwritten digits, 8 x 8", "CC BY 4.0", "digits.bin.gz"),
    "cars": ("bundled", "fuel economy of 392 cars: a table for regression", "CC BY 4.0", "cars.csv"),
    "topics_text": ("bundled", "Python's own help: a text for models of characters", "PSF-2.0", ""),
    "dates": ("made", "dates as people write them, with their ISO form", "Apache-2.0", ""),
    "spirals": ("made", "points on the arms of a spiral", "Apache-2.0", ""),
    "moons": ("made", "points on two half circles", "Apache-2.0", ""),
    "circles": ("made", "points on two circles", "Apache-2.0", ""),
    "blobs": ("made", "points in round clouds", "Apache-2.0", ""),
    "xor": ("made", "points by whether the signs of their coordinates differ", "Apache-2.0", ""),
}


def available() -> list[DatasetInfo]:
    """All data sets, those first that need no network.

    Example:
        >>> import zkynet as zk
        >>> [row.name for row in zk.data.available() if row.kind == "download"]
        ['mnist', 'fashion_mnist', 'cifar10', 'shakespeare', 'sentence_pairs']
    """
    ours = Path(__file__).parent / "files"
    rows = [
        DatasetInfo(name, about, kind, licence, (ours / file).stat().st_size if file else 0, True)
        for name, (kind, about, licence, file) in PRESENT.items()
    ]
    for name, (wish, about, licence) in DOWNLOADED.items():
        there = all(file.found(wish.folder) for file in wish.files)
        rows.append(DatasetInfo(name, about, "download", licence, sum(f.packed for f in wish.files), there))
    for name, (_, about, licence, size) in KAGGLE.items():
        rows.append(DatasetInfo(name, about, "kaggle", licence, size, (where(name) / "files").is_dir()))
    return rows


def where(name: str) -> Path:
    """The folder in which the files of a data set are kept, or are to be put by hand.

    Args:
        name: the data set.

    Example:
        >>> import zkynet as zk
        >>> zk.data.where("mnist") == zk.data.data_folder() / "mnist"
        True
    """
    if name in PRESENT:
        return Path(__file__).parent / "files"
    return data_folder() / "kaggle" / KAGGLE[name][0] if name in KAGGLE else _wish("where", name).folder


def fetch(name: str, *, progress: bool = True) -> list[Path]:
    """Download a data set, unless it is on this machine already; the paths of its files.

    Args:
        name: the data set.
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.fetch("digits")  # comes with zkynet
        []
    """
    if name in KAGGLE:
        files = kaggle(KAGGLE[name][0], progress=progress)
        return [files.path(file) for file in files.files]
    return [] if name in PRESENT else fetched(_wish("fetch", name), progress)


def verify(name: str | None = None) -> list[DatasetFile]:
    """Check the files of a data set, or of all, against the digests of what they should be; nothing is downloaded.

    Args:
        name: the data set; all that are downloaded if it is not given.

    Example:
        >>> import zkynet as zk
        >>> {file.state for file in zk.data.verify()} <= {"right", "missing", "damaged"}
        True
    """
    if name is None:
        return [file for each in (*DOWNLOADED, *KAGGLE) for file in verify(each)]
    if name in KAGGLE:
        return list(_states_of_kaggle(name))
    return [] if name in PRESENT else list(_states(_wish("verify", name)))


def _states(wish: Wish) -> Iterator[DatasetFile]:
    for file in wish.files:
        path = file.found(wish.folder)
        if path is None:
            yield DatasetFile(wish.name, file.name, "missing", wish.folder / file.name)
            continue
        try:
            file.check(path)
            yield DatasetFile(wish.name, file.name, "right", path)
        except FileFormatError as e:
            yield DatasetFile(wish.name, file.name, "damaged", path, "; ".join(e.facts))


def _states_of_kaggle(name: str) -> Iterator[DatasetFile]:
    files = KaggleFiles(KAGGLE[name][0], where(name) / "files")
    if not files.folder.is_dir():
        yield DatasetFile(name, f"{KAGGLE[name][0]}.zip", "missing", where(name) / f"{KAGGLE[name][0]}.zip")
    for file in files.files:
        try:
            files.read(file)
            yield DatasetFile(name, file, "right", files.path(file))
        except FileFormatError as e:
            yield DatasetFile(name, file, "damaged", files.path(file), "; ".join(e.facts))


def _wish(function: str, name: str) -> Wish:
    if name not in DOWNLOADED:
        raise InvalidValueError(
            f"{function}: there is no data set {name!r}",
            fix=f"name one of {', '.join((*PRESENT, *DOWNLOADED, *KAGGLE))}",
        )
    return DOWNLOADED[name][0]
