"""Which random numbers were drawn while a function ran, so that it can run again with the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any


class Drawn:
    """The places of the draws of one run of a function, in their order.

    Args:
        outer: those of the function around it.
        again: what was drawn the first time, if this is a repetition.
    """

    __slots__ = ("again", "outer", "places")

    def __init__(self, outer: Drawn | None = None, again: list[Any] | None = None) -> None:
        self.outer = outer
        self.again: Iterator[Any] = iter(again or ())
        self.places: list[Any] = []

    def place(self, make: Callable[[], Any]) -> Any:
        """Where the next numbers come from: as the first time, else as the outer run says, else a new place."""
        found = next(self.again, None)
        if found is None:
            found = make() if self.outer is None else self.outer.place(make)
        self.places.append(found)
        return found


DRAWN: ContextVar[Drawn | None] = ContextVar("zkynet_drawn", default=None)
"""The run that draws are noted for."""
