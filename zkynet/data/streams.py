"""Random numbers of samples: each sample has a stream of its own, whoever fetches it, and in whatever order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from zkynet.ops.arguments import whole
from zkynet.random import default_generator

__all__ = ["sample_stream", "sample_streams"]

Key = tuple[int, int]
"""Of an epoch: two words of 64 bits, drawn from the loader's generator when the epoch begins."""


class Streams:
    """The streams of the samples that are being fetched, made when they are asked for."""

    def __init__(self, key: Key, positions: Sequence[int], lane: int) -> None:
        self.key = key
        self.positions = positions
        self.lane = lane
        self.made: list[np.random.Generator] | None = None

    def __call__(self) -> list[np.random.Generator]:
        if self.made is None:
            self.made = [stream(self.key, position, self.lane) for position in self.positions]
        return self.made

    def only(self, position: int) -> None:
        """Now a single sample is being fetched."""
        self.positions = (position,)
        self.made = None


_CURRENT: ContextVar[Streams | None] = ContextVar("streams of the samples being fetched", default=None)


class _Key(ISeedSequence):
    """A key in the place of a seed: with ``key=``, NumPy asks the system for a seed first, four times as slowly."""

    def __init__(self, key: Key) -> None:
        self.words = np.array(key, "uint64")

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        return self.words


def stream(key: Key, position: int, lane: int = 0) -> np.random.Generator:
    """The stream of the sample at a position of an epoch; 2^128 blocks lie between two lanes of a position."""
    counter = np.array([0, 0, lane, position], "uint64")
    return np.random.Generator(np.random.Philox(_Key(key), counter=counter))  # type: ignore[arg-type]


def new_key() -> Key:
    """A key from the default generator, for samples that no loader fetches."""
    low, high = default_generator().bits(2, dtype="uint64").tolist()
    return low, high


@contextmanager
def fetching(key: Key, positions: Sequence[int], lane: int = 0) -> Iterator[Streams]:
    """While it lasts, `sample_streams` gives the streams of these samples.

    Args:
        key: of the epoch.
        positions: of the samples in the epoch.
        lane: 0 while samples are fetched, 1 while they are made a batch: the numbers are others.
    """
    streams = Streams(key, positions, lane)
    token = _CURRENT.set(streams)
    try:
        yield streams
    finally:
        _CURRENT.reset(token)


@contextmanager
def drawing_from(stream: np.random.Generator) -> Iterator[None]:
    """While it lasts, `sample_stream` gives this stream: that of one sample of several.

    Args:
        stream: the stream.
    """
    one = Streams((0, 0), [0], 0)
    one.made = [stream]
    token = _CURRENT.set(one)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def sample_stream() -> np.random.Generator:
    """The random numbers of the sample that is being fetched: for a `Dataset` or transform that draws.

    The numbers are those of Philox under a key of the loader's generator and epoch, at the sample's position in the
    epoch. So they do not depend on worker processes, the order of fetching, or the backend. Outside of a loader the key
    comes from the default generator.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> number = zk.data.sample_stream().uniform()
        >>> zk.random.seed(0)
        >>> number == zk.data.sample_stream().uniform()
        True
    """
    return sample_streams(1)[0]


def sample_streams(n: int) -> list[np.random.Generator]:
    """The streams of the n samples that are being fetched together: for a transform of whole batches.

    Args:
        n: how many there are.

    Example:
        >>> import zkynet as zk
        >>> shifts = [stream.integers(-2, 3) for stream in zk.data.sample_streams(4)]
        >>> len(shifts)
        4
    """
    current = _CURRENT.get()
    n = whole("sample_streams", "n", n)
    if current is None or len(current.positions) != n:
        if current is None:
            key = new_key()
        else:  # a transform that makes several of one sample, say: the first sample's numbers decide
            low, high = current()[0].bit_generator.random_raw(2)
            key = int(low), int(high)
        return [stream(key, position) for position in range(n)]
    return current()
