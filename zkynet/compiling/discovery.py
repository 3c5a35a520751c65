"""What a function touches, found by running it once on stand-ins that hold no values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zkynet.compiling.capture import Capture
from zkynet.compiling.host import OptimizerStep
from zkynet.compiling.world import World, tensors_that
from zkynet.errors import GradientError
from zkynet.graph import Leaf
from zkynet.nn.module import Module
from zkynet.random.lifting import lifted_words
from zkynet.tensor import Tensor


class Found:
    """What a function touches beside its arguments.

    Args:
        backend: whose arrays it computes with.
        call: the function, of raw arrays.
        raws: arrays to try it on.

    Attributes:
        changing: tensors that it gives new values.
        constant: other tensors that it reads.
        filled: leaves whose ``.grad`` it reads.
        graded: leaves that have another ``.grad`` after it.
        emptied: leaves that have none any more.
        slots: attributes of modules that hold another tensor after it, as pairs of module and name.
        drawn: generators, and how many blocks it takes from each.
        actions: what it asks of the host, in order.
        count: how many numbers it gets from the host.
        modules: the modules that it may depend on.
        added: what optimisers remember that they did not before: a dict and a parameter for each.
    """

    def __init__(self, backend: Any, call: Callable[[Sequence[Any]], Any], raws: Sequence[Any]) -> None:
        self.backend, self._compiler = backend, backend.compiler()
        world = World()
        capture = Capture(self._compiler)
        try:
            met = self._look(world, capture, call, raws)
            self._sort(world, capture, met)
        finally:
            world.restore(self._compiler.is_traced)
        self.actions, self.count = capture.actions, capture.count
        self.added = [pair for action in self.actions if isinstance(action, OptimizerStep) for pair in action.begin()]
        for t, raw in capture.made:
            t._raw = raw

    def _look(self, world: World, capture: Capture, call: Callable[..., Any], raws: Sequence[Any]) -> set[int]:
        """Run it; returns which arrays it met that were not handed to it."""
        blocks: list[int] = []

        def look(*stand_ins: Any) -> None:
            with capture, lifted_words(world.generators) as lifted:
                capture.lifted = lifted
                call(stand_ins)
            blocks.extend(each.blocks for each in lifted)

        met = {id(raw) for raw in self._compiler.look(look, *raws)}
        self.drawn = [(g, n) for g, n in zip(world.generators, blocks, strict=True) if n]
        return met

    def _sort(self, world: World, capture: Capture, met: set[int]) -> None:
        """Find out what it did."""
        traced = self._compiler.is_traced
        before = {key: (t, raw) for key, (t, raw) in world.tensors.items() if t.backend is self.backend}
        before |= {id(t): (t, raw) for t, raw in capture.made}
        was = {leaf: grad for leaf, (grad, _, _) in world.leaves.items() if grad is not None}
        gradients = {id(grad) for grad in was.values()}
        tensors = [(t, raw) for key, (t, raw) in before.items() if key not in gradients]
        self.changing = [t for t, raw in tensors if t._raw is not raw]
        self.constant = [t for t, raw in tensors if t._raw is raw and id(raw) in met]
        self.graded = [
            leaf
            for leaf, (grad, _, _) in world.leaves.items()
            if leaf.grad is not None
            and traced(leaf.grad._raw)
            and (leaf.grad is not grad or grad._raw is not before[id(grad)][1])
        ]
        self.emptied = [leaf for leaf in was if leaf.grad is None]
        self.filled = [leaf for leaf, grad in was.items() if id(before[id(grad)][1]) in met or leaf in self.graded]
        self.slots = [
            (module, name)
            for module in world.modules
            for name, value in vars(module).items()
            if isinstance(value, Tensor) and id(value) not in before and traced(value._raw)
        ]
        known = {id(t) for t in self.changing} | {id(leaf.grad) for leaf in self.graded} | gradients
        known |= {id(vars(module)[name]) for module, name in self.slots}
        known |= {key for key, (t, raw) in world.tensors.items() if t._raw is raw}
        if kept := [t for t in tensors_that(traced) if id(t) not in known]:
            raise _kept(kept)
        touched = {id(t) for t in (*self.changing, *self.constant)}
        roots = [m for m in world.modules if any(id(t) in touched for t in vars(m).values())]
        roots += [m for m in world.modules if any(id(t) in touched for t in (*m.parameters(), *m.buffers()))]
        roots += [module for module, _ in self.slots]
        self.modules: list[Module] = list({id(each): each for root in roots for each in root.modules()}.values())
        leaves = [t.node for t in (*self.changing, *self.constant) if isinstance(t.node, Leaf)]
        self.bare = [leaf for leaf in leaves if leaf not in was]


def _kept(tensors: list[Tensor]) -> GradientError:
    return GradientError(
        "a compiled function has kept a tensor that it computed, in a place where zk.jit does not look",
        facts=[
            f"its shape  {tensors[0].shape}",
            "it looks at parameters, buffers and attributes of modules, at .grad, and into optimisers",
        ],
        fix="return the tensor, and pass it in again at the next call",
    )
