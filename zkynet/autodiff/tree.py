"""Nested lists, tuples and dicts: taken apart into their leaves and put together again.

A leaf is whatever is no list, tuple, named tuple or dict. None is a leaf too, one that stays as it is. The place of a
leaf is written as Python would: ``params["layers"][0]``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from zkynet.errors import ArgumentError

LEAF = "*"
"""The structure of a tree that is a single leaf."""


class Branch:
    """The structure of a container: an example of it without its leaves, the keys, and what is below each."""

    __slots__ = ("children", "example", "keys")

    def __init__(self, example: Any, keys: list[Any], children: list[Any]) -> None:
        self.example = example
        self.keys = keys
        self.children = children


def _parts(tree: Any) -> list[tuple[Any, Any]] | None:
    """Keys and children of a container, None for a leaf."""
    if isinstance(tree, dict):
        return list(tree.items())
    if isinstance(tree, (list, tuple)):
        return list(enumerate(tree))
    return None


def _empty(tree: Any) -> Any:
    """What is needed to make a container of the same kind."""
    if isinstance(tree, dict) and type(tree) is not dict:
        example = copy.copy(tree)
        example.clear()
        return example
    return type(tree)


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The leaves of a tree from left to right, and its structure.

    Example:
        >>> leaves, structure = flatten({"w": 1, "b": [2, None]})
        >>> leaves, unflatten(structure, [10, 20, 30])
        ([1, 2, None], {'w': 10, 'b': [20, 30]})
    """
    parts = _parts(tree)
    if parts is None:
        return [tree], LEAF
    leaves: list[Any] = []
    children = []
    for _, child in parts:
        below, structure = flatten(child)
        leaves += below
        children.append(structure)
    return leaves, Branch(_empty(tree), [k for k, _ in parts], children)


def unflatten(structure: Any, leaves: Any) -> Any:
    """The tree of a structure with these leaves."""
    return _build(structure, iter(leaves))


def _build(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure is LEAF:
        return next(leaves)
    children = [_build(child, leaves) for child in structure.children]
    kind = structure.example
    if not isinstance(kind, type):  # an OrderedDict, a defaultdict, or another dict with a state of its own
        made = copy.copy(kind)
        made.update(zip(structure.keys, children, strict=True))
        return made
    if kind is dict:
        return dict(zip(structure.keys, children, strict=True))
    if hasattr(kind, "_fields"):
        return kind(*children)
    return kind(children)


def flatten_as(structure: Any, tree: Any, what: str, like: str, path: str | None = None) -> list[Any]:
    """The leaves of a tree that has to have a given structure; `ArgumentError` says where it has another.

    Args:
        structure: the structure to follow.
        tree: the tree; keys of dicts may come in another order.
        what: how to call the tree in the error, also the start of a leaf's place.
        like: what it has to agree with, in words.
        path: the place of `tree`, if it is a part of a larger one.
    """
    path = what if path is None else path
    if structure is LEAF:
        return [tree]
    parts = _parts(tree)
    expected, received = _described(structure), _described(flatten(tree)[1]) if parts is not None else _kind(tree)
    fits = parts is not None and isinstance(tree, dict) == _is_dict(structure)
    if not fits or len(parts or ()) != len(structure.keys):
        raise _mismatch(what, like, path, expected, received)
    here = dict(parts or ())
    leaves: list[Any] = []
    for key, child in zip(structure.keys, structure.children, strict=True):
        if key not in here:
            raise _mismatch(what, like, path, expected, received)
        leaves += flatten_as(child, here[key], what, like, f"{path}[{key!r}]")
    return leaves


def _is_dict(structure: Branch) -> bool:
    kind = structure.example
    return issubclass(kind if isinstance(kind, type) else type(kind), dict)


def _mismatch(what: str, like: str, path: str, expected: str, received: str) -> ArgumentError:
    return ArgumentError(
        f"{what} must have the structure of {like}",
        facts=[f"at        {path}", f"expected  {expected}", f"received  {received}"],
        fix=f"build {what} with the same lists, tuples and dicts as {like}",
        path=path,
    )


def _kind(leaf: Any) -> str:
    return "None" if leaf is None else f"one {type(leaf).__name__}"


def _described(structure: Any) -> str:
    """A container in words: ``a dict with the keys 'w', 'b'``."""
    if structure is LEAF:
        return "one leaf"
    if _is_dict(structure):
        return f"a dict with the keys {', '.join(map(repr, structure.keys)) or '(none)'}"
    kind = structure.example.__name__
    return f"a {kind} of {len(structure.keys)}"


def paths(structure: Any, start: str) -> list[str]:
    """The place of each leaf, written as Python would.

    Example:
        >>> paths(flatten({"w": [1, 2]})[1], "params")
        ["params['w'][0]", "params['w'][1]"]
    """
    if structure is LEAF:
        return [start]
    found: list[str] = []
    named = getattr(structure.example, "_fields", None)
    for i, (key, child) in enumerate(zip(structure.keys, structure.children, strict=True)):
        found += paths(child, f"{start}.{named[i]}" if named else f"{start}[{key!r}]")
    return found


def tree_map(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`f` of every leaf of a tree, and of the leaves at the same places of other trees; None stays None.

    Args:
        f: a function of one leaf of each tree.
        tree: nested lists, tuples and dicts.
        *others: trees of the same structure.

    Example:
        >>> tree_map(lambda a, b: a + b, {"w": 1, "b": (2,)}, {"w": 10, "b": (20,)})
        {'w': 11, 'b': (22,)}
    """
    leaves, structure = flatten(tree)
    columns = [flatten_as(structure, other, f"tree {k + 2}", "the first tree") for k, other in enumerate(others)]
    rows = zip(leaves, *columns, strict=True)
    return unflatten(structure, [None if row[0] is None else f(*row) for row in rows])
