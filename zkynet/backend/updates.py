"""Updates of many arrays at once, as an optimiser hands them to a backend.

An update rule is written once, with augmented assignment (``v *= mu; v += g; p -= lr * v``). Whether that writes to
memory is settled here and in the backends, in one way: **into memory that nobody else looks at**. An array that
somebody else holds (a tensor that was detached, a view, a value the graph has saved, a checkpoint) keeps its values;
the update then goes to new memory. So optimisers mean the same on every backend, whether its arrays can be written to
or not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

Columns = list[list[Any]]


class Update(NamedTuple):
    """One rule for several parameters.

    Attributes:
        rule: ``rule(xp, *read, *written, **numbers, **options)`` returns the new values of what is written, as a tuple.
        read: columns of arrays that stay as they are (gradients), one array per parameter in each.
        written: columns of arrays that get new values: the parameters, then what the rule remembers about them.
        numbers: plain numbers, or arrays without axes, that may differ from step to step.
        options: what the rule branches on; hashable.
        elementwise: whether each element is updated by itself, so that arrays may be cut up or joined.
    """

    rule: Callable[..., Any]
    read: Columns
    written: Columns
    numbers: Mapping[str, Any]
    options: Mapping[str, Any]
    elementwise: bool


def one_by_one(xp: Any, update: Update, fresh: Callable[[Any], Any]) -> Columns:
    """The new values of what is written, parameter by parameter.

    Args:
        xp: the namespace to compute in.
        update: the rule and its arrays.
        fresh: makes of an array one with the same values that may be written to.
    """
    rows = zip(*update.read, *[map(fresh, column) for column in update.written], strict=True)
    done = [update.rule(xp, *row, **update.numbers, **update.options) for row in rows]
    return [list(column) for column in zip(*done, strict=True)]


_references: Any = getattr(sys, "getrefcount", None)


def _counts(arrays: list[Any]) -> list[int]:
    return [_references(array) for array in arrays]


def _count_of_one_holder() -> int:
    holder = SimpleNamespace(array=object())
    return _counts([holder.array])[0]


_ONE_HOLDER = _count_of_one_holder() if _references is not None else 0


def held_once(arrays: list[Any]) -> list[bool]:
    """For each array of a list, whether nobody but the list and one tensor holds it; views hold what they look at.

    Where Python does not count references, everything counts as held by somebody else.
    """
    if _references is None:
        return [False] * len(arrays)
    return [count <= _ONE_HOLDER for count in _counts(arrays)]


def all_finite(xp: Any, *arrays: Any) -> tuple[Any, ...]:
    """A rule: the last array, which is 1, becomes 0 if one of the others has a NaN or an infinity."""
    *raws, flag = arrays
    for raw in raws:
        flag = flag * xp.astype(xp.all(xp.isfinite(raw)), flag.dtype)
    return (flag,)
