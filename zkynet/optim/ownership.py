"""Which optimiser updates a parameter: two that do so in turn undo each other's work, and are refused.

An optimiser that is replaced by another one just stops, so the new one may take its parameters over. The mistake shows
when the old one goes on: it finds that somebody else has updated its parameter since.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary, WeakSet, ref

from zkynet.errors import InvalidValueError
from zkynet.graph import AnyNode

_owners: WeakKeyDictionary[AnyNode, ref[Any]] = WeakKeyDictionary()
"""Who updated each parameter last, by the leaf where its gradient is collected."""

_changes = 0
"""How often a parameter has got an owner, so that most steps need not look."""


class Claims:
    """The parameters that one optimiser has updated."""

    def __init__(self) -> None:
        self.had: WeakSet[AnyNode] = WeakSet()
        self.seen = -1

    def check(self, owner: Any, params: list[Any], call: Any) -> None:
        """Refuse if another optimiser has taken over a parameter that this one had; changes nothing."""
        if self.seen == _changes:
            return
        for p in params:
            last = _owners.get(p.node)
            other = None if last is None else last()
            if other is not None and other is not owner and p.node in self.had:
                raise InvalidValueError(
                    f"{call(p)} is updated by two optimisers, {type(owner).__name__} and {type(other).__name__}",
                    facts=["each would undo the work of the other, and momenta would be wrong"],
                    fix="give each parameter to one optimiser; to return to an earlier one, make it anew and use "
                    "load_state_dict",
                )

    def take(self, owner: Any, params: list[Any]) -> None:
        """Note that `owner` updates these parameters from now on."""
        global _changes
        if self.seen == _changes:
            return
        mine = ref(owner)
        for p in params:
            last = _owners.get(p.node)
            if last is None or last() is not owner:
                _owners[p.node] = mine
                _changes += 1
            self.had.add(p.node)
        self.seen = _changes
