"""The arguments of a compiled function: what is handed to the program, and what it is compiled for."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from zkynet.autodiff.tree import flatten, unflatten
from zkynet.backend.registry import get_backend
from zkynet.errors import ArgumentError, BackendError, described
from zkynet.graph import RECORD, Leaf
from zkynet.tensor import Tensor, wrap


class How(NamedTuple):
    """How a function's arguments are taken.

    Attributes:
        name: the function's.
        signature: its parameters; None if none of them is named below.
        static: the names of those whose arrays are compiled in.
        donate: the names of those whose arrays may be overwritten.
    """

    name: str
    signature: inspect.Signature | None
    static: frozenset[str]
    donate: frozenset[str]

    def marked(self, names: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[bool]:
        """For each leaf of the arguments, whether it is in one of those names."""
        assert self.signature is not None
        bound = self.signature.bind(*args, **kwargs).arguments
        parts = {id(bound[name]) for name in names if name in bound}
        out: list[bool] = []
        for part in (*args, *kwargs.values()):
            out += [id(part) in parts] * len(flatten(part)[0])
        return out


class Arguments:
    """Arguments of one call, taken apart: arrays are handed over in each call, all else is compiled in.

    Args:
        args: by position.
        kwargs: by name.
        how: how they are taken.

    Attributes:
        backend: whose arrays they are.
        key: what the program is compiled for: shapes and data types of arrays, and the values of all else.
        raws: the arrays.
        tensors: for each array the tensor it comes from, None if it is a plain array.
        donated: for each array whether it may be overwritten; empty if none may.
    """

    __slots__ = ("_leaves", "_named", "_structure", "backend", "donated", "key", "raws", "tensors")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], how: How) -> None:
        self._named = bool(kwargs)
        self.donated: list[bool] = []
        if not kwargs and not how.signature and all(a.__class__ is Tensor for a in args):
            leaves, self._structure, outline = list(args), None, len(args)  # the common case, made quick
        else:
            leaves, self._structure = flatten((args, kwargs) if kwargs else args)
            outline = _outline(self._structure)
        if how.static:
            marks = how.marked(how.static, args, kwargs)
            leaves = [Fixed(leaf) if mark else leaf for leaf, mark in zip(leaves, marks, strict=True)]
        if how.donate:
            marks = how.marked(how.donate, args, kwargs)
            self.donated = [mark for leaf, mark in zip(leaves, marks, strict=True) if is_array(leaf)]
        self.raws: list[Any] = []
        self.tensors: list[Tensor | None] = []
        backend = None
        key: list[Any] = [RECORD.get(), outline]
        for leaf in leaves:
            if leaf.__class__ is Tensor:
                raw = leaf._raw
                self.raws.append(raw)
                self.tensors.append(leaf)
                key.append((raw.shape, raw.dtype, leaf.node is not None))
                if leaf.backend is not backend:
                    if backend is not None:
                        raise _two_backends(how.name, backend, leaf.backend)
                    backend = leaf.backend
            elif is_array(leaf):
                self.raws.append(leaf)
                self.tensors.append(None)
                key.append((leaf.shape, leaf.dtype, leaf.__class__))
            else:
                key.append(_identity(leaf))
        self._leaves = leaves
        self.key = tuple(key)
        self.backend = get_backend() if backend is None else backend

    def pattern(self) -> Pattern:
        """What is left when the arrays are taken away, which do not stay alive for it."""
        structure = flatten(tuple(self._leaves))[1] if self._structure is None else self._structure
        return Pattern(self.backend, structure, self._named, [_place(leaf) for leaf in self._leaves])


class Place(NamedTuple):
    """Where an array goes: whether as a tensor, and as one that collects a gradient."""

    is_tensor: bool
    wants_gradient: bool


def _place(leaf: Any) -> Any:
    """Where an array goes, and any other value as it is."""
    if isinstance(leaf, Fixed):
        return leaf.of
    if not is_array(leaf):
        return leaf
    is_tensor = leaf.__class__ is Tensor
    return Place(is_tensor or leaf.__class__ is np.ndarray, is_tensor and leaf.node is not None)


def is_array(leaf: Any) -> bool:
    """Whether an argument is handed over: a tensor that is no parameter, an array of NumPy or of the backend."""
    kind = leaf.__class__
    if kind is Tensor or kind is np.ndarray:
        return True
    return hasattr(leaf, "dtype") and not isinstance(leaf, Tensor) and bool(get_backend().is_array(leaf))


class Pattern(NamedTuple):
    """Arguments without their arrays."""

    backend: Any
    structure: Any
    named: bool
    places: list[Any]

    def filled(self, raws: Sequence[Any]) -> tuple[Any, dict[str, Any], list[Any]]:
        """The arguments with arrays in their places, and what stands in these: tensors, each a leaf of its own."""
        source, stand_ins, new = iter(raws), [], []
        for place in self.places:
            if isinstance(place, Place):
                raw = next(source)
                if place.is_tensor:
                    leaf = Leaf(raw.shape, self.backend, raw.dtype) if place.wants_gradient else None
                    raw = wrap(raw, self.backend, leaf)
                stand_ins.append(raw)
                new.append(raw)
            else:
                new.append(place)
        tree = unflatten(self.structure, new)
        args, kwargs = tree if self.named else (tree, {})
        return args, kwargs, stand_ins


class Fixed:
    """A value that is compiled in: equal to others of the same value, arrays included."""

    __slots__ = ("_value", "of")

    def __init__(self, of: Any) -> None:
        self.of = of
        if isinstance(of, Tensor):
            of = of.numpy()
        if isinstance(of, np.ndarray):
            self._value: Any = (of.shape, of.dtype, of.tobytes())
        else:
            try:
                hash(of)
            except TypeError:
                raise ArgumentError(
                    f"a static argument is a value that can be compared, received {described(of)}",
                    fix="pass a number, a string, a tuple of them, or an array",
                ) from None
            self._value = (of.__class__, of)

    def __hash__(self) -> int:
        return hash(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and other._value == self._value

    def __repr__(self) -> str:
        return repr(self.of)


class _Same:
    """Equal to itself alone; keeps the object, so that no other one gets its number."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of

    def __hash__(self) -> int:
        return id(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.of is self.of

    def __repr__(self) -> str:
        return f"this {type(self.of).__name__}"


def _identity(leaf: Any) -> Any:
    """What stands in a key for a value that is compiled in: the value, or which object it is."""
    if leaf is None or isinstance(leaf, (bool, int, float, complex, str, bytes, np.dtype)):
        return (leaf.__class__, leaf)
    return leaf if isinstance(leaf, Fixed) else _Same(leaf)


def _outline(structure: Any) -> Any:
    """A structure of containers as something that can be compared."""
    if isinstance(structure, str):
        return structure
    kind = structure.example if isinstance(structure.example, type) else type(structure.example)
    return (kind, tuple(structure.keys), tuple(map(_outline, structure.children)))


def _two_backends(name: str, one: Any, other: Any) -> BackendError:
    return BackendError(
        f"{name} was called with tensors of two backends, {one.name} and {other.name}",
        fix=f'move one of them: x.to("{one.name}")',
        backends=(one.name, other.name),
    )
