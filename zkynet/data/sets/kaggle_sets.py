"""Two competitions of Kaggle for beginners, as arrays."""

from __future__ import annotations

import numpy as np

from zkynet.data.formats.table_encoding import TableEncoder
from zkynet.data.sets.collection import Collection
from zkynet.data.sets.kaggle import kaggle

__all__ = ["digit_recognizer", "house_prices"]


def digit_recognizer(*, progress: bool = True) -> Collection:
    """Kaggle's digit-recognizer: 42,000 digits of MNIST with their labels, and 28,000 to be recognised, from CSV files.

    The test part has pictures alone; `write_csv` writes an answer with the columns ImageId, from 1 on, and Label.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.digit_recognizer().train_arrays[0].shape  # doctest: +SKIP
        (42000, 1, 28, 28)
    """
    files = kaggle("digit-recognizer", progress=progress)
    train, test = (files.table(name) for name in ("train.csv", "test.csv"))
    pixels = [f"pixel{i}" for i in range(784)]
    pictures = [table.numbers(pixels).reshape(-1, 1, 28, 28) / np.float32(255) for table in (train, test)]
    return Collection(
        name="digit_recognizer",
        train_arrays=(pictures[0], train.numbers(["label"], np.int64)[:, 0]),
        test_arrays=(pictures[1],),
        source="https://www.kaggle.com/competitions/digit-recognizer; Y. LeCun, C. Cortes, C. J. C. Burges: MNIST",
        licence="CC BY-SA 3.0",
        classes=tuple("0123456789"),
    )


def house_prices(*, progress: bool = True) -> Collection:
    """Kaggle's house prices of Ames, Iowa: 1,460 houses with their price, 1,459 without, as numbers (D2L, chapter 5.7).

    Columns of numbers are scaled, categories become columns of 0 and 1, as `TableEncoder` does it from the part to
    train on. The target is the logarithm of the price, for Kaggle judges by the error of that. The test part has no
    targets; `write_csv` writes an answer with the columns Id, from 1461 on, and SalePrice.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.house_prices().target  # doctest: +SKIP
        'log SalePrice (US dollars)'
    """
    files = kaggle("house-prices-advanced-regression-techniques", progress=progress)
    kinds = {"MSSubClass": "text"}  # the type of dwelling: numbers, but names
    train, test = (files.table(name, kinds=kinds) for name in ("train.csv", "test.csv"))
    encoder = TableEncoder(train.without("Id", "SalePrice"))
    return Collection(
        name="house_prices",
        train_arrays=(encoder(train), np.log(train.numbers(["SalePrice"]))),
        test_arrays=(encoder(test),),
        source="D. De Cock: Ames, Iowa, Journal of Statistics Education 19 (3), 2011",
        licence="see the rules of the competition",
        columns=encoder.columns,
        target="log SalePrice (US dollars)",
    )
