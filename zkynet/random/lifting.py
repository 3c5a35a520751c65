"""Several generators at once that draw from arrays, for a compiler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from zkynet.random.generator import Generator, Lifted


@contextmanager
def lifted_words(generators: Sequence[Generator], words: Sequence[Any] | None = None) -> Iterator[list[Lifted]]:
    """A block in which generators draw from states that are arrays.

    Args:
        generators: which.
        words: their states, or what stands for them; by default those they are in.
    """
    states = [g.as_array() for g in generators] if words is None else words
    with ExitStack() as stack:
        yield [stack.enter_context(g.lifted(state)) for g, state in zip(generators, states, strict=True)]
