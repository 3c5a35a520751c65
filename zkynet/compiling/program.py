"""`Program`: a function compiled for arguments of one kind, as a pure function of all that it touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zkynet.autodiff.tree import flatten, unflatten
from zkynet.backend.updates import held_once
from zkynet.compiling.arguments import Arguments, Place
from zkynet.compiling.capture import Capture
from zkynet.compiling.discovery import Found
from zkynet.compiling.host import Stale
from zkynet.compiling.names import PLAIN, names_of
from zkynet.compiling.outside_graph import Through
from zkynet.compiling.world import World
from zkynet.graph import Leaf, next_number
from zkynet.nn.module import Module
from zkynet.random.lifting import lifted_words
from zkynet.tensor import Tensor, wrap

COMPUTED = object()
"""In the place of a result that the program computes."""


class Program:
    """A function compiled for one kind of arguments.

    It runs on stand-ins twice: first to find what it touches, then as what is compiled, a pure function of that.

    Args:
        f: the function.
        arguments: those of its first call.
        name: the function's.
    """

    def __init__(self, f: Callable[..., Any], arguments: Arguments, name: str) -> None:
        self.f, self.pattern, self.name = f, arguments.pattern(), name
        self.backend = backend = arguments.backend
        self._compiler = backend.compiler()
        self.found = found = Found(backend, self._try, arguments.raws)
        self._donated = arguments.donated
        self._compiled = self._compiler.compiled(self._pure, (0, 1))
        self._through: Through | None = None
        self._seen, self._modes = -1, [_plain(module) for module in found.modules]
        self._generators = [g for g, _ in found.drawn]
        self._names = names_of(f, [p for p in self.pattern.places if not isinstance(p, (Place, *PLAIN))])

    def _call(self, raws: Sequence[Any]) -> Any:
        args, kwargs, self._stand_ins = self.pattern.filled(raws)
        return self.f(*args, **kwargs)

    def _try(self, raws: Sequence[Any]) -> None:
        self._call(raws)
        self._stand_ins = []

    # -- what is compiled ---------------------------------------------------------------------------------------

    def _pure(
        self,
        changing: Any,
        donated: Any,
        constant: Any,
        slots: Any,
        filled: Any,
        words: Any,
        numbers: Any,
        raws: Any,
    ) -> Any:
        """The function on arrays alone: what it reads comes in, what it writes goes out."""
        found, world = self.found, World()
        if self._donated:
            given, rest = iter(donated), iter(raws)
            raws = [next(given) if mark else next(rest) for mark in self._donated]
        try:
            for t, raw in zip((*found.changing, *found.constant), (*changing, *constant), strict=True):
                t._raw = raw
            for (module, name), raw in zip(found.slots, slots, strict=True):
                vars(module)[name] = None if raw is None else wrap(raw, self.backend, None)
            for leaf, raw in zip(found.filled, filled, strict=True):
                leaf.grad = wrap(raw, self.backend, None)
            with Capture(self._compiler, numbers) as capture, lifted_words(self._generators, words) as lifted:
                capture.lifted = lifted
                results, self._structure = flatten(self._call(raws))
            stand_ins = self._stand_ins
            tensors = [(k, t) for k, t in enumerate(stand_ins) if isinstance(t, Tensor)]
            leaves = [t.node for _, t in tensors if isinstance(t.node, Leaf)]
            self._written = [k for k, t in tensors if t._raw is not raws[k]]
            self._graded = [k for k, t in tensors if _gradient(t) is not None]
            self._through, residuals = Through.of(self, results, leaves)
            self._results = [COMPUTED if self._is_output(r) else r for r in results]
            self._wrapped = [isinstance(r, Tensor) for r in results if self._is_output(r)]
            return (
                [r._raw if isinstance(r, Tensor) else r for r in results if self._is_output(r)],
                [t._raw for t in found.changing],
                [leaf.grad._raw for leaf in found.graded],
                [vars(module)[name]._raw for module, name in found.slots],
                [stand_ins[k]._raw for k in self._written],
                [_gradient(stand_ins[k])._raw for k in self._graded],
                residuals,
            )
        finally:
            world.restore(self._compiler.is_traced)
            for t in self._stand_ins:
                if isinstance(t, Tensor) and isinstance(t.node, Leaf):
                    t.node.grad = None
            self._stand_ins = []

    def _is_output(self, value: Any) -> bool:
        return isinstance(value, Tensor) or self._compiler.is_traced(value)

    # -- every run ----------------------------------------------------------------------------------------------

    def fits(self) -> bool:
        """Whether all that the program takes for granted still is so."""
        found = self.found
        if self._seen != Module._changes:
            if [_plain(module) for module in found.modules] != self._modes:
                return False
            self._seen = Module._changes
        for leaf in found.bare:
            if leaf.grad is not None:
                return False
        for leaf in found.filled:
            if leaf.grad is None:
                return False
        return all(name.holds() for name in self._names)

    def run(self, arguments: Arguments) -> Any:
        """Run it; `Stale` if it has to be compiled anew. An error leaves all as it was."""
        if not self.fits():
            raise Stale
        found = self.found
        undo: list[Callable[[], None]] = []
        raws, donated = arguments.raws, []
        if self._donated:
            donated = [raw for raw, mark in zip(raws, self._donated, strict=True) if mark]
            raws = [raw for raw, mark in zip(raws, self._donated, strict=True) if not mark]
        numbers = np.empty(found.count)
        try:
            for action in found.actions:
                action.run(numbers, undo)
            changing = [t._raw for t in found.changing]
            for k, alone in enumerate(held_once(changing)):
                if not alone:  # somebody else looks at it, and it must not be written to
                    changing[k] = self._compiler.copied(changing[k])
            out = self._compiled(
                changing,
                donated,
                [t._raw for t in found.constant],
                [None if (t := vars(module)[name]) is None else t._raw for module, name in found.slots],
                [leaf.grad._raw for leaf in found.filled],
                [g._words() for g in self._generators],
                (numbers, numbers.astype(np.float32)),
                raws,
            )
        except BaseException:
            for back in reversed(undo):
                back()
            for state, p in found.added:
                state.pop(p, None)
            raise
        found.added = []
        return self._put(arguments, *out)

    def _put(
        self,
        arguments: Arguments,
        results: list[Any],
        changed: list[Any],
        graded: list[Any],
        slots: list[Any],
        written: list[Any],
        graded_arguments: list[Any],
        residuals: list[Any],
    ) -> Any:
        """Put what the program gave where it belongs; returns the function's result."""
        found, backend = self.found, self.backend
        number = next_number()
        for t, raw in zip(found.changing, changed, strict=True):
            t._raw = raw
            if t.node is not None:
                t.node.changed = number
        for leaf in found.emptied:
            leaf.grad = None
        for leaf, raw in zip(found.graded, graded, strict=True):
            leaf.grad = wrap(raw, backend, None)
        for (module, name), raw in zip(found.slots, slots, strict=True):
            if vars(module)[name] is None:
                Module._changes += 1  # the next run finds a tensor there, and may go another way
            vars(module)[name] = wrap(raw, backend, None)
        for generator, blocks in found.drawn:
            generator.advance(blocks)
        tensors: list[Any] = arguments.tensors
        for k, raw in zip(self._graded, graded_arguments, strict=True):
            tensors[k].backward(wrap(raw, backend, None))  # into its .grad, or further back into the caller's graph
        for k, raw in zip(self._written, written, strict=True):
            if tensors[k] is not None:
                tensors[k].data = raw
        if self._through is not None:
            made = iter(self._through.results(arguments, results, residuals))
        else:
            made = iter([wrap(r, backend, None) if w else r for r, w in zip(results, self._wrapped, strict=True)])
        return unflatten(self._structure, [next(made) if r is COMPUTED else r for r in self._results])


def _gradient(tensor: Any) -> Any:
    return tensor.node.grad if isinstance(tensor.node, Leaf) else None


def _plain(module: Module) -> dict[str, Any]:
    """The attributes of a module that its computation may branch on."""
    return {name: value for name, value in vars(module).items() if isinstance(value, PLAIN)}
