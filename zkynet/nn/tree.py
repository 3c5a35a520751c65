"""Where the parameters and modules of a module are: its attributes, and lists, tuples and dicts in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zkynet.nn.held import Holder
from zkynet.nn.parameter import Parameter

if TYPE_CHECKING:
    from zkynet.nn.module import Module


def join(prefix: str, name: str) -> str:
    """Two parts of a name, with a dot between them."""
    return f"{prefix}.{name}" if prefix else name


def own_parameters(module: Holder) -> Iterator[tuple[str, Parameter]]:
    """The parameters directly in a module, by name."""
    return _own(module, Parameter)


def own_modules(module: Holder) -> Iterator[tuple[str, Module]]:
    """The modules directly in a module, by name."""
    from zkynet.nn.module import Module

    return _own(module, Module)


def _own(module: Holder, kind: type) -> Iterator[tuple[str, Any]]:
    attributes = module.__dict__
    seen: set[int] | None = None
    for name, value in attributes.items():
        if isinstance(value, kind):
            yield name, value
        elif isinstance(value, (list, tuple, dict)) and value:
            if seen is None:  # a list may name again what has an attribute of its own
                seen = {id(v) for v in attributes.values() if isinstance(v, kind)}
            yield from _listed(name, value, kind, seen)


def _listed(name: str, values: Any, kind: type, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """What a list, tuple or dict holds, and those in it."""
    pairs = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in pairs:
        if isinstance(value, kind):
            if id(value) not in seen:
                seen.add(id(value))
                yield f"{name}.{key}", value
        elif isinstance(value, (list, tuple, dict)):
            yield from _listed(f"{name}.{key}", value, kind, seen)
        elif isinstance(value, (int, float, str)):  # a list of data
            return
