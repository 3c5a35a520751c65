"""One run of a function on stand-ins for its inputs: what all pure functions of this floor are made of.

Each input gets an alias, a node of its own, so that gradients stop there and no ``.grad`` is touched. The alias hangs
on the input's own node, if it has one: what is computed stays differentiable for whoever differentiates around us, and
nested derivatives cannot be confused, since every one of them has nodes of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from zkynet.graph import RECORD, AnyNode, Leaf, Node, new_node, next_number, walk_back
from zkynet.tensor import Tensor, wrap


class Unlisted:
    """An op that users never call: what the walk back asks of an op, with one input of which nothing is kept."""

    name = ""
    simple = False
    elementwise = False
    differentiable = True

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        """The gradients of the inputs: pairs of a position and a gradient."""
        raise NotImplementedError

    def rewrap(self, node: Node) -> Any:
        """The saved values as tensors."""
        return node.saved

    def saved_position(self, i: int) -> int:
        """Where in `saved` the value of input `i` stands; None there means that the value is not needed."""
        return 0

    def input_name(self, i: int) -> str:
        """What to call input `i`."""
        return f"argument {i}"


class _Alias(Unlisted):
    """The op of an alias: the identity."""

    name = "input"

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        return [(0, g)]


ALIAS = _Alias()


class AliasNode(Node):
    """The node of an alias. If the input's data is changed, the alias counts as changed too."""

    __slots__ = ()

    @property
    def changed(self) -> int:  # type: ignore[override]
        """When the input's data was last changed, in the numbering of the nodes."""
        return self.parents[0].changed if self.parents else 0


class Trace:
    """A function's run on aliases, and the walk back through what it recorded.

    Args:
        inputs: the tensors to differentiate by.
        within: an earlier trace whose aliases this one computes with, and that nobody else sees.
    """

    __slots__ = ("aliases", "below", "nested", "nodes", "outer", "outside", "own", "start")

    def __init__(self, inputs: Iterable[Tensor], within: Trace | None = None) -> None:
        self.nested = within is not None
        self.outer: bool = RECORD.get() if within is None else within.outer
        self.start: int = next_number() if within is None else within.start
        self.own: set[Leaf] = set() if within is None else set(within.own)
        self.outside: set[AnyNode] = set()  # nodes that depend on a graph which is not ours
        self.aliases: list[Tensor] = []
        self.nodes: list[Node] = []
        self.below: list[AnyNode] = []  # what the aliases hang on
        for x in inputs:
            below = x.node
            if below is None:
                below = Leaf(x._raw.shape, x.backend)
                self.own.add(below)
            node = new_node(ALIAS, (below,), (None,), x._raw.shape, x.backend, AliasNode)
            self.below.append(below)
            self.nodes.append(node)
            self.aliases.append(wrap(x._raw, x.backend, node))

    def run(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `f` with recording switched on."""
        token = RECORD.set(True)
        try:
            return f(*args, **kwargs)
        finally:
            RECORD.reset(token)

    def close(self, results: Iterable[Any]) -> list[Any]:
        """Find out whether a graph of somebody else was met, and cut the results off from ours."""
        results = list(results)
        self._look_outside([r.node for r in results if isinstance(r, Tensor) and r.node is not None])
        return [self._cut(r) for r in results]

    def _cut(self, result: Any) -> Any:
        if isinstance(result, Tensor) and result.node is not None and not (self.outer and result.node in self.outside):
            return wrap(result._raw, result.backend, None)
        return result

    def _look_outside(self, roots: list[AnyNode]) -> None:
        start, own = self.start, self.own
        seen: set[AnyNode] = set(roots)
        stack = list(seen)
        foreign = []
        while stack:
            node = stack.pop()
            if node.seq <= start or (node.__class__ is Leaf and node not in own):
                foreign.append(node)
                continue
            for p in node.parents:
                if p is not None and p not in seen:
                    seen.add(p)
                    stack.append(p)
        if foreign:
            self.outside.update(foreign)
            for node in sorted(seen.difference(foreign), key=lambda n: n.seq):
                if any(p in self.outside for p in node.parents):
                    self.outside.add(node)

    def pull(
        self, roots: list[tuple[AnyNode, Tensor]], retain: bool, record: bool | None = None
    ) -> list[Tensor | None]:
        """The gradient by each input, None where there is none.

        Args:
            roots: nodes of the results with their cotangents.
            retain: keep the graph for another walk.
            record: whether gradients are recorded; by default where somebody else can differentiate them.
        """
        if not roots:
            return [None] * len(self.nodes)
        if record is None:
            around = self.outer and any(n in self.outside for n, _ in roots)
            record = RECORD.get() and (around or any(g.node is not None for _, g in roots))
        aim = bool(self.outside) or self.nested  # else every leaf is one of our inputs, which is quicker to walk
        ends: list[AnyNode] = list(self.nodes) if aim else self.below
        with ExitStack() as stack:
            for backend in {n.backend for n, _ in roots} | {n.backend for n in self.nodes}:
                stack.enter_context(backend.quiet())
            found = walk_back(
                [(n, g if record else g._raw) for n, g in roots],
                targets=ends if aim else None,
                retain=retain or record or (self.outer and bool(self.outside)),
                record=record,
            )
        if record:
            return [found.get(n) for n in ends]
        return owned([found.get(n) for n in ends], ends, [g._raw for _, g in roots])


def owned(grads: list[Any], ends: list[Any], taken: list[Any]) -> list[Tensor | None]:
    """Raw gradients as tensors, each in memory of its own."""
    seen = {id(raw) for raw in taken}
    out: list[Tensor | None] = []
    for g, end in zip(grads, ends, strict=True):
        if g is None:
            out.append(None)
            continue
        g = end.backend.xp.asarray(g, copy=True) if id(g) in seen else end.backend.own(g)
        seen.add(id(g))
        out.append(wrap(g, end.backend, None))
    return out
