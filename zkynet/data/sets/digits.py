"""Handwritten digits, 8 by 8."""

from __future__ import annotations

import gzip

import numpy as np

from zkynet.data.sets.bundled import bundled
from zkynet.data.sets.collection import Collection
from zkynet.errors import InvalidValueError

__all__ = ["digits"]


def digits(split: str = "stratified") -> Collection:
    """The 1,797 handwritten digits of the UCI repository, 8 by 8 pixels, which come with zkynet.

    Each pixel counts the ink in 4 by 4 dots of the scan, 0 to 16; here it is divided by 16. The 13 writers follow each
    other in the file.

    Args:
        split: ``"stratified"``: the digits are sorted by class, the order within a class being that of the file, and
            every fifth of them is for testing (1,437 and 360), so that the writers are in both parts. ``"writers"``:
            the last 360 of the file are for testing, by writers who are not in the other part, except perhaps one;
            this is harder, by some 7 percentage points for a small network.

    Example:
        >>> import zkynet as zk
        >>> digits = zk.data.digits()
        >>> image, label = digits.train_arrays[0][0, 0], digits.train_arrays[1][0]
        >>> for row in image:
        ...     print("".join("_:-=+*#%@"[int(8 * ink)] for ink in row))
        ___##-__
        ___*@+__
        __:%@=__
        _=%@@:__
        ___@@:__
        ___@@=__
        ___@@=__
        ___*@*__
        >>> int(label)
        1
    """
    if split not in ("stratified", "writers"):
        raise InvalidValueError(
            f"digits: split is 'stratified' or 'writers', received {split!r}", fix="pass one of them", split=split
        )
    # the file holds the first pixel of all digits, then the second, …, then the labels: so it compresses best
    rows = np.frombuffer(gzip.decompress(bundled("digits.bin.gz")), np.uint8).reshape(65, 1797).T
    if split == "stratified":
        tested = np.sort(np.argsort(rows[:, 64], kind="stable")[::5])
    else:
        tested = np.arange(1437, 1797)
    images = np.ascontiguousarray(rows[:, :64], np.float32).reshape(-1, 1, 8, 8) / 16
    labels = rows[:, 64].astype(np.int64)
    is_test = np.zeros(len(rows), bool)
    is_test[tested] = True
    return Collection(
        name="digits",
        train_arrays=(images[~is_test], labels[~is_test]),
        test_arrays=(images[is_test], labels[is_test]),
        source="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI, doi:10.24432/C50P49",
        licence="CC BY 4.0",
        classes=tuple("0123456789"),
    )
