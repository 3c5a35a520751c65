"""`checkpoint`: compute values again in the backward pass instead of keeping them.

The graph of the function stays as it is, only the values that its nodes keep are dropped. The first gradient rule
that asks for one of them runs the function once more, and the values that the new nodes keep go to the old ones. So
gradients of tensors that the function merely refers to, second derivatives and checkpoints inside checkpoints need
nothing of their own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any, TypeVar
from weakref import ref

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.autodiff.tree import flatten, unflatten
from zkynet.drawn import DRAWN, Drawn
from zkynet.errors import GradientError
from zkynet.graph import RECORD, AnyNode, Leaf, Node, next_number
from zkynet.tensor import Tensor, wrap

F = TypeVar("F", bound=Callable[..., Any])


def checkpoint(f: F) -> F:
    """`f` with less memory: what its gradient needs is computed again in the backward pass instead of kept.

    `f` must do the same both times: it is an error if it takes another path. What it draws from
    `zkynet.random` is the same both times.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them.

    Returns:
        A function of the same arguments, results and gradients. What it keeps until the backward pass is its arguments.

    Example:
        >>> import zkynet as zk
        >>> block = zk.checkpoint(lambda x: zk.tanh(zk.tanh(x)))
        >>> x = zk.tensor(0.0, requires_grad=True)
        >>> block(x).backward(); x.grad
        Tensor(1.)
    """
    check_callable("checkpoint", f)

    @functools.wraps(f, updated=())
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not RECORD.get():
            return f(*args, **kwargs)
        start = next_number()
        drawn = Drawn(DRAWN.get())
        token = DRAWN.set(drawn)
        try:
            out = f(*args, **kwargs)
        finally:
            DRAWN.reset(token)
        nodes = _made_since(start, out)
        if nodes:
            Segment(f, args, kwargs, nodes, start, drawn.places)
        return out

    return checkpointed  # type: ignore[return-value]


def _made_since(start: int, out: Any) -> list[Node]:
    """The nodes behind some results that are newer than `start`, oldest first."""
    stack: list[AnyNode] = [t.node for t in flatten(out)[0] if isinstance(t, Tensor) and t.node is not None]
    seen: set[AnyNode] = set()
    while stack:
        node = stack.pop()
        if node.seq > start and node not in seen:
            seen.add(node)
            stack.extend(p for p in node.parents if p is not None)
    return sorted((n for n in seen if n.__class__ is Node), key=lambda n: n.seq)


class Segment:
    """One call of a checkpointed function: how to repeat it, and which nodes are waiting for their values.

    It lives as long as one of those nodes keeps its place for them, and refers to these weakly: no cycle.
    """

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: Any, nodes: list[Node], start: int, drawn: list[Any]
    ) -> None:
        self.f = f
        self.drawn = drawn
        leaves, self.structure = flatten((args, kwargs))
        # handles of our own: the user may bind theirs to something else, by x += 1
        self.leaves = [wrap(x._raw, x.backend, x.node) if isinstance(x, Tensor) else x for x in leaves]
        self.context = copy_context()  # the backend, the device, and whatever else is set for this block
        self.made = next_number()
        self.pattern = _pattern(nodes)
        self.sources = {p for n in nodes for p in n.parents if p is not None and (p.seq < start or type(p) is Leaf)}
        self.places = []
        for node in nodes:
            place = Kept(self)
            node.saved = place
            self.places.append(ref(place))

    def recompute(self) -> None:
        """Run the function again, and hand out the values that its nodes keep."""
        name = function_name(self.f)
        if any(source.changed > self.made for source in self.sources):
            raise GradientError(
                f"a tensor that the checkpointed {name} uses was changed in place after the forward pass",
                facts=["checkpoint computes values again in the backward pass, and they would now be others"],
                fix="call backward() before you change the tensor, or change a copy of it",
            )
        args, kwargs = unflatten(self.structure, self.leaves)
        start = next_number()
        out = self.context.copy().run(self._again, *args, **kwargs)
        nodes = _made_since(start, out)
        if _pattern(nodes) != self.pattern:
            raise GradientError(
                f"the checkpointed {name} did something else when it was computed again",
                facts=[f"ops at first    {_listed(self.pattern)}", f"ops now         {_listed(_pattern(nodes))}"],
                fix="let it depend on nothing but its arguments and on zkynet.random",
            )
        for place, node in zip(self.places, nodes, strict=True):
            kept = place()
            if kept is not None:
                kept.values, kept.segment = node.saved, None

    def _again(self, *args: Any, **kwargs: Any) -> Any:
        DRAWN.set(Drawn(again=self.drawn))
        return self.f(*args, **kwargs)


def _pattern(nodes: list[Node]) -> list[Any]:
    return [(n.op.name, n.shape) for n in nodes]


def _listed(pattern: list[Any]) -> str:
    names = [name for name, _ in pattern]
    return f"{len(names)}: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"


class Kept:
    """Stands in a node for the values it keeps, and fetches them when the first one is asked for."""

    __slots__ = ("__weakref__", "segment", "values")

    def __init__(self, segment: Segment) -> None:
        self.segment: Segment | None = segment
        self.values: Any = None

    def _fetch(self) -> Any:
        if self.segment is not None:
            self.segment.recompute()
        return self.values

    def __getitem__(self, i: Any) -> Any:
        return self._fetch()[i]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())


__all__ = ["checkpoint"]
