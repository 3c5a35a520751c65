"""Which arguments of a function are differentiated: their leaves as tensors, and their names for error messages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.tree import flatten, paths, unflatten
from zkynet.backend.registry import backend_of
from zkynet.errors import ArgumentError, GradientError, InvalidValueError, described
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

CALLS = {
    "vjp": "and what to call it with: zk.vjp(f, x)",
    "jvp": "and what to call it with: zk.jvp(f, (x,), (v,))",
    "hvp": "and what to call it with: zk.hvp(f, (x,), (v,))",
    "gradcheck": "and what to call it with: zk.gradcheck(f, (x,))",
    "cond": "and what it takes behind it: zk.cond(pred, f, g, x)",
    "scan": "and what it takes behind it: zk.scan(f, init, xs)",
    "while_loop": "and what it takes behind it: zk.while_loop(cond, f, x)",
}
"""How a function is passed to those that call it at once."""


def check_callable(name: str, f: Any) -> None:
    """`f` has to be a function: a common slip is to pass its result."""
    if not callable(f):
        raise ArgumentError(
            f"{name} expected a function, received {type(f).__name__}",
            fix=f"pass the function itself, {CALLS.get(name, f'and call what {name} returns: zk.{name}(f)(x)')}",
        )


def check_tensor(name: str, y: Any) -> None:
    """`y` has to be a tensor, for only that has a graph."""
    if not isinstance(y, Tensor):
        raise ArgumentError(
            f"{name} expected a tensor, received {described(y)}", fix="pass the result of a computation on tensors"
        )


def check_argnums(name: str, argnums: Any, count: int) -> tuple[int, ...]:
    """`argnums` as positions from 0 on."""
    numbers = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    for n in numbers:
        if not hasattr(n, "__index__"):
            raise ArgumentError(
                f"{name}: argnums is a position or several, received {argnums!r}", fix="pass 0 or (0, 1)"
            )
        if not -count <= n < count:
            raise InvalidValueError(
                f"{name}: argnums={argnums!r}, but the function was called with {count} positional arguments",
                fix="differentiate by an argument that is passed by position",
            )
    return tuple(int(n) % count for n in numbers)


def argument_names(f: Callable[..., Any], positions: Sequence[int]) -> list[str]:
    """The parameters' names as the function spells them, ``argument 0`` where that cannot be found out."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names: list[str] = []
    for i in positions:
        plain = i < len(parameters) and parameters[i].kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        rest = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
        at = len([p for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD])
        if plain:
            names.append(parameters[i].name)
        else:
            names.append(f"argument {i}" if rest is None else f"{rest}[{i - at}]")
    return names


class Inputs:
    """The leaves of the arguments to differentiate by, as tensors.

    Args:
        who: the function that differentiates, for messages.
        f: the function that is differentiated.
        args: its positional arguments.
        positions: which of them are differentiated by.
    """

    def __init__(self, who: str, f: Callable[..., Any], args: Sequence[Any], positions: Sequence[int]) -> None:
        self.f = f
        self.args = tuple(args)
        self.positions = tuple(positions)
        self.structures: list[Any] = []
        self.leaves: list[Any] = []  # tensors, and None for a leaf that is None
        for position in self.positions:
            leaves, structure = flatten(self.args[position])
            self.structures.append(structure)
            for leaf in leaves:
                self.leaves.append(leaf if leaf is None else self._tensor(who, leaf))
        self.tensors: list[Tensor] = [x for x in self.leaves if x is not None]

    def _tensor(self, who: str, leaf: Any) -> Tensor:
        x = leaf
        if not isinstance(x, Tensor):
            number = isinstance(x, (bool, int, float, complex, np.generic, np.ndarray))
            if not number and (isinstance(x, (str, bytes)) or backend_of(x) is None):
                raise self._refuse(who, f"is of type {type(leaf).__name__}")
            x = asarray(x)
        if not dt.is_differentiable(x.dtype):
            kind = x.dtype if isinstance(leaf, Tensor) or hasattr(leaf, "shape") else f"a Python {type(leaf).__name__}"
            raise self._refuse(who, f"is {kind}, which has no gradient")
        return x

    def _refuse(self, who: str, what: str) -> GradientError:
        place = self.places()[len(self.leaves)]
        return GradientError(
            f"{who}: the input {place} of {function_name(self.f)} {what}",
            fix="pass a floating tensor or number; what is not to be differentiated by is left out of argnums, or "
            "bound beforehand: lambda x: f(x, other)",
            input=place,
        )

    def places(self) -> list[str]:
        """The name of each leaf: ``params['w'][0]``."""
        names = argument_names(self.f, self.positions)
        structures = list(self.structures)
        for position in self.positions[len(structures) :]:  # in the middle of __init__
            structures.append(flatten(self.args[position])[1])
        return [p for name, s in zip(names, structures, strict=True) for p in paths(s, name)]

    def names(self) -> list[str]:
        """The names of the leaves that are tensors."""
        return [p for p, x in zip(self.places(), self.leaves, strict=True) if x is not None]

    def replaced(self, tensors: Sequence[Any]) -> tuple[Any, ...]:
        """All arguments, with other tensors at the leaves."""
        args = list(self.args)
        for position, tree in zip(self.positions, self.rebuilt(tensors), strict=True):
            args[position] = tree
        return tuple(args)

    def rebuilt(self, tensors: Sequence[Any]) -> tuple[Any, ...]:
        """The differentiated arguments alone, with other values at the leaves that are tensors."""
        values = iter(tensors)
        leaves = iter([None if x is None else next(values) for x in self.leaves])
        return tuple(unflatten(structure, leaves) for structure in self.structures)  # each takes its share


def function_name(f: Any) -> str:
    """What to call a function in a message."""
    name = getattr(f, "__name__", None) or type(f).__name__
    return "the function" if name == "<lambda>" else str(name)
