"""Gradients through a compiled function: its result stands in the caller's graph as that of one op.

The graph that the function recorded while it was compiled is kept as a template, without the values its rules need;
these are further results of the program. The walk back through it is a program of its own, made when it is first asked
for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.trace import ALIAS, Unlisted
from zkynet.errors import GradientError
from zkynet.graph import AnyNode, Leaf, Node, Output, Recording, new_node, walk_back
from zkynet.ops.op import Op
from zkynet.tensor import Tensor, wrap

if TYPE_CHECKING:
    from zkynet.compiling.arguments import Arguments
    from zkynet.compiling.program import Program


class _Value(int):
    """The number of a residual, where the template needs it."""


class Through(Unlisted):
    """The op that a compiled function is, for whoever differentiates around it.

    Args:
        program: the program.
        nodes: of its results, None for one without a gradient.
        inner: all nodes that lead to them.
        leaves: of the arguments.
    """

    several = True

    def __init__(
        self, program: Program, nodes: list[AnyNode | None], inner: list[Node], leaves: list[Leaf], closed: str = ""
    ) -> None:
        self.name, self._closed = program.name, closed
        self._program, self._nodes, self._inner = program, nodes, inner
        ends = {p for node in inner for p in node.parents if isinstance(p, Leaf)} | {
            n for n in nodes if isinstance(n, Leaf)
        }
        self._arguments = [leaf if leaf in ends else None for leaf in leaves]
        self._captured = [leaf for leaf in ends if leaf not in set(leaves)]
        if closed:
            self._arguments = list(leaves)
        self._templates = [node.saved for node in inner]
        self._pull: Any = None

    @classmethod
    def of(cls, program: Program, results: list[Any], leaves: list[Any]) -> tuple[Through | None, list[Any]]:
        """That of a program which is being compiled, and the arrays it needs; None if nothing has a gradient."""
        outputs = [r for r in results if program._is_output(r)]
        nodes = [r.node if isinstance(r, Tensor) else None for r in outputs]
        inner = _between([n for n in nodes if n is not None])
        if inner is None or not any(n is not None for n in nodes):
            return None, []
        closed = next((name for node in inner if (name := _closed(node))), "")
        if closed:  # it keeps what it needs in places of its own
            return cls(program, nodes, [], leaves, closed), []
        residuals: list[Any] = []
        numbers: dict[int, _Value] = {}
        is_traced = program._compiler.is_traced

        def without(value: Any) -> Any:
            if isinstance(value, (tuple, list)):
                return _like(value, [without(v) for v in value])
            if not is_traced(value):
                return value
            if id(value) not in numbers:
                numbers[id(value)] = _Value(len(residuals))
                residuals.append(value)
            return numbers[id(value)]

        for node in inner:
            node.saved = without(node.saved)
        return cls(program, nodes, inner, leaves), residuals

    def results(self, arguments: Arguments, raws: Sequence[Any], residuals: list[Any]) -> Iterator[Any]:
        """The results of a run, hung into the caller's graph."""
        backend = self._program.backend
        actual = [t.node for t in arguments.tensors if t is not None and t.node is not None]
        parents = [node for node, leaf in zip(actual, self._arguments, strict=True) if leaf is not None]
        kinds = tuple((r.shape, r.dtype if n is not None else None) for r, n in zip(raws, self._nodes, strict=True))
        node = new_node(self, (*parents, *self._captured), (None, residuals), kinds, backend)
        for k, (raw, inner, wrapped) in enumerate(zip(raws, self._nodes, self._program._wrapped, strict=True)):
            if not wrapped:
                yield raw
            else:
                yield wrap(raw, backend, None if inner is None else Output(node, k, raw.shape))

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        """The gradients of arguments and captured leaves."""
        if self._closed:
            raise GradientError(
                f"{self.name} is compiled and has {self._closed} in it, through which no gradient flows from outside",
                fix="compile the function that takes the gradient, with the backward pass in it",
            )
        backend, recorded = self._program.backend, xp is Recording.namespace
        cotangents = [
            None if n is None else (backend.full(shape, 0, dtype) if part is None else part._raw if recorded else part)
            for part, n, (shape, dtype) in zip(g, self._nodes, node.shape, strict=True)
        ]
        if self._pull is None:
            self._pull = self._program._compiler.compiled(self._walk, ())
        parts = [(k, p) for k, p in enumerate(self._pull(saved[1], cotangents)) if p is not None and needs[k]]
        if not recorded:
            return parts
        behind = (*node.parents, *[part.node for part in g if part is not None])
        once = _Once(self.name)
        return [(k, wrap(p, backend, new_node(once, behind, (None,), p.shape, backend))) for k, p in parts]

    def _walk(self, residuals: list[Any], cotangents: list[Any]) -> list[Any]:
        """The walk back through the template."""

        def with_values(value: Any) -> Any:
            if isinstance(value, (tuple, list)):
                return _like(value, [with_values(v) for v in value])
            return residuals[value] if isinstance(value, _Value) else value

        leaves = [leaf for leaf in self._arguments if leaf is not None] + self._captured
        changed = [leaf.changed for leaf in leaves]
        try:
            for node, template in zip(self._inner, self._templates, strict=True):
                node.saved = with_values(template)
            for leaf in leaves:
                leaf.changed = 0
            roots = [(n, g) for n, g in zip(self._nodes, cotangents, strict=True) if n is not None]
            found = walk_back(roots, targets=leaves, retain=True)
            return [found.get(leaf) for leaf in leaves]
        finally:
            for node, template in zip(self._inner, self._templates, strict=True):
                node.saved = template
            for leaf, number in zip(leaves, changed, strict=True):
                leaf.changed = number


def _closed(node: Node) -> str:
    """What to call a node that keeps the values it needs elsewhere than in itself; empty for others."""
    if not isinstance(node.saved, (tuple, list)):
        return "a checkpoint"
    return "" if node.op is ALIAS or isinstance(node.op, Op) else node.op.name


def _like(value: Any, parts: list[Any]) -> Any:
    """A list, tuple or named tuple of the kind of another one."""
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


class _Once(Unlisted):
    """The op of a compiled function's gradient, which has none itself."""

    def __init__(self, name: str) -> None:
        self.name = f"the gradient of {name}"

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        """Refuse."""
        raise GradientError(
            f"{self.name} cannot be differentiated again, for the function is compiled",
            fix="take the second derivative inside of the compiled function",
        )


def _between(roots: list[AnyNode]) -> list[Node] | None:
    """All recorded ops behind some nodes; None if a backward pass has been through them already."""
    seen: set[AnyNode] = set(roots)
    stack, found = list(seen), []
    while stack:
        node = stack.pop()
        if isinstance(node, Node):
            if node.saved is None:
                return None
            found.append(node)
        for p in node.parents:
            if p is not None and p not in seen:
                seen.add(p)
                stack.append(p)
    return found
