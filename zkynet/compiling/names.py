"""The names that a function refers to, and whether they still mean what they meant when it was compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from zkynet.nn.module import Module
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor

PLAIN = (bool, int, float, complex, str, bytes, type(None))
"""Values that a computation may branch on, or that are compiled in."""

HELD = (Tensor, Module, Optimizer)
"""What a name may be bound anew to."""


class Name(NamedTuple):
    """Where a name is looked up, and what it meant."""

    place: Any
    name: str
    meant: Any

    def holds(self) -> bool:
        """Whether it still means the same."""
        try:
            now = self.place.cell_contents if isinstance(self.place, CellType) else self.place[self.name]
        except (KeyError, ValueError):
            return False
        meant = self.meant
        return now is meant or (now.__class__ is meant.__class__ and isinstance(now, PLAIN) and now == meant)


def names_of(f: Any, objects: list[Any]) -> list[Name]:
    """What a function refers to: variables around it and attributes of its object that are plain values or hold state.

    Args:
        f: the function, or a method.
        objects: further objects whose attributes it may look at: arguments that are no arrays.
    """
    found: list[Name] = []
    seen: set[int] = set()
    for each in (f, *objects):
        _look(each, found, seen)
    return found


def _look(each: Any, found: list[Name], seen: set[int]) -> None:
    if id(each) in seen:
        return
    seen.add(id(each))
    if isinstance(each, MethodType):
        _look(each.__self__, found, seen)
        _look(each.__func__, found, seen)
    elif isinstance(each, FunctionType):
        if each.__module__ and each.__module__.partition(".")[0] == "zkynet":
            return
        for cell in each.__closure__ or ():
            _note(cell, "", found, seen)
        for name in _global_names(each.__code__):
            if name in each.__globals__:
                _note(each.__globals__, name, found, seen)
    elif not isinstance(each, (*HELD, *PLAIN, type)) and isinstance(held := getattr(each, "__dict__", None), Mapping):
        for name in held:
            _note(held, name, found, seen)


def _note(place: Any, name: str, found: list[Name], seen: set[int]) -> None:
    try:
        value = place.cell_contents if isinstance(place, CellType) else place[name]
    except ValueError:  # a variable that has no value yet
        return
    if isinstance(value, (*PLAIN, *HELD)):
        found.append(Name(place, name, value))
    elif isinstance(value, (FunctionType, MethodType)):
        _look(value, found, seen)


def _global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)
