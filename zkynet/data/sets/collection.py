"""What the data set functions return: the parts, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from zkynet.data.dataset import TensorDataset

__all__ = ["Collection", "PairCollection", "TextCollection"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Collection:
    """A data set of arrays in two parts, one to train on and one to test with.

    Args:
        name: what it is called.
        train_arrays: inputs and targets to train on, as NumPy arrays.
        test_arrays: inputs and targets to test with.
        source: where the data comes from.
        licence: under which terms it may be used.
        classes: names of the classes, in the order of their labels; empty where the targets are numbers.
        columns: names of the inputs' columns, for tables.
        units: in what each column is measured.
        target: name and unit of what is to be predicted, for tables.

    Example:
        >>> import zkynet as zk
        >>> digits = zk.data.digits()
        >>> digits
        digits: 1437 samples to train on, 360 to test with
        >>> x, y = digits.train_arrays
        >>> x.shape, y.shape
        ((1437, 1, 8, 8), (1437,))
    """

    name: str
    train_arrays: tuple[Array, ...]
    test_arrays: tuple[Array, ...]
    source: str
    licence: str
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    target: str = ""

    @cached_property
    def train(self) -> TensorDataset:
        """The samples to train on, as a dataset."""
        return TensorDataset(*self.train_arrays)

    @cached_property
    def test(self) -> TensorDataset:
        """The samples to test with, as a dataset."""
        return TensorDataset(*self.test_arrays)

    def __repr__(self) -> str:
        train, test = len(self.train_arrays[0]), len(self.test_arrays[0])
        return f"{self.name}: {train} samples to train on, {test} to test with"


@dataclass(frozen=True, eq=False, repr=False)
class TextCollection:
    """A text in two parts, one to train on and one to measure on.

    Args:
        name: what it is called.
        train: the text to train on.
        validation: the text to measure on.
        source: where the text comes from.
        licence: under which terms it may be used.

    Example:
        >>> import zkynet as zk
        >>> text = zk.data.topics_text()
        >>> text.train[:22]
        'The "assert" statement'
    """

    name: str
    train: str
    validation: str
    source: str
    licence: str

    @cached_property
    def characters(self) -> str:
        """All characters that occur, each once, in the order of their numbers."""
        return "".join(sorted({*self.train, *self.validation}))

    def __repr__(self) -> str:
        return (
            f"{self.name}: {len(self.train)} characters to train on, {len(self.validation)} to measure on, "
            f"{len(self.characters)} different ones"
        )


@dataclass(frozen=True, eq=False, repr=False)
class PairCollection:
    """Pairs of texts, each with its translation, in two parts.

    Args:
        name: what it is called.
        train: pairs (text, translation) to train on.
        test: pairs to test with.
        source: where the pairs come from.
        licence: under which terms they may be used.

    Example:
        >>> import zkynet as zk
        >>> dates = zk.data.dates(3)
        >>> len(dates.train), len(dates.train[0])
        (3, 2)
    """

    name: str
    train: list[tuple[str, str]]
    test: list[tuple[str, str]]
    source: str
    licence: str

    @cached_property
    def characters(self) -> tuple[str, str]:
        """The characters that occur in the texts, and those in their translations."""
        pairs = [*self.train, *self.test]
        one, two = ({c for pair in pairs for c in pair[side]} for side in (0, 1))
        return "".join(sorted(one)), "".join(sorted(two))

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.train)} pairs to train on, {len(self.test)} to test with"
