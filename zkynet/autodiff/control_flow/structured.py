"""What branches and loops have in common in a compiled function: functions as parts of one op.

Eagerly a branch or a loop is Python's own, and what runs is recorded op by op. In a compiled function it is one op of
the compiler's, which runs the user's functions on stand-ins. Its gradient is the same kind of branch or loop again,
over functions that run the user's functions once more and walk back through them; so it is differentiated like any
other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zkynet.autodiff.modes import no_grad, recording
from zkynet.autodiff.of_tensors import gradients
from zkynet.autodiff.trace import Trace, Unlisted
from zkynet.autodiff.tree import flatten, flatten_as, unflatten
from zkynet.backend.registry import get_backend
from zkynet.capturing import CAPTURE
from zkynet.dtypes import is_differentiable
from zkynet.errors import ArgumentError, ShapeError, described
from zkynet.graph import RECORD, WATCH, AnyNode, Node, Output, Recording, new_node
from zkynet.ops.creation import asarray
from zkynet.ops.filled import zeros_like
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor, wrap


def compiler() -> Any:
    """The compiler of the function that is being compiled; None if none is."""
    capture = CAPTURE.get()
    return None if capture is None else capture.compiler


class Tree:
    """A nested value with its tensors taken out; numbers become tensors, too.

    Args:
        value: nested lists, tuples and dicts.
        what: how errors call it.
        like: another one, whose structure it has to have; keys of dicts may come in another order.
    """

    def __init__(self, value: Any, what: str, like: Tree | None = None) -> None:
        self.what = what
        if like is None:
            leaves, self.structure = flatten(value)
        else:
            leaves, self.structure = flatten_as(like.structure, value, what, like.what), like.structure
        self.tensors: list[Tensor] = []
        for leaf in leaves:
            if not isinstance(leaf, (Tensor, bool, int, float, complex)) and not get_backend().is_array(leaf):
                raise ArgumentError(
                    f"{what} consists of tensors and numbers, received {described(leaf)}",
                    fix="let the functions refer to other values by name",
                )
            self.tensors.append(leaf if isinstance(leaf, Tensor) else asarray(leaf))

    def filled(self, tensors: Sequence[Any]) -> Any:
        """The same with other tensors."""
        return unflatten(self.structure, tensors)

    @property
    def raws(self) -> list[Any]:
        """The raw arrays."""
        return [t._raw for t in self.tensors]

    def kinds(self) -> list[tuple[Any, ...]]:
        """Shape and data type of each."""
        return [(t.shape, t.dtype) for t in self.tensors]


def check_kinds(headline: str, trees: dict[str, Tree], fix: str) -> None:
    """Refuse two values whose tensors differ in shape or data type.

    Args:
        headline: what is wrong then.
        trees: the values, of the same structure, by what to call them.
        fix: what to do.
    """
    one, other = trees.values()
    if one.kinds() != other.kinds():
        width = max(map(len, trees))
        facts = [f"{name:{width}}  {', '.join(f'{d}{list(s)}' for s, d in t.kinds())}" for name, t in trees.items()]
        raise ArgumentError(headline, facts=facts, fix=fix)


def condition_of(name: str, pred: Tensor) -> Tensor:
    """A tensor of one element that is compared with 0 and has no axes: what a compiler branches on."""
    if pred.size != 1:
        raise ShapeError(
            f"{name}: the condition is a tensor of one element, this one has shape {pred.shape}",
            fix="reduce it first with .any() or .all(), or use zk.where to choose element by element",
        )
    return reshape(pred if pred.dtype.kind == "b" else pred != 0, ())


class _Seen:
    """Notes the tensors that ops are computed from, by their nodes."""

    def __init__(self) -> None:
        self.found: dict[Any, Tensor] = {}

    def after_op(self, op: Any, backend: Any, raws: Any, ans: Any, node: Any) -> None:
        """An op was recorded."""
        if node is not None and raws:
            arrays = raws[op.sequence] if op.sequence is not None else [raws[i] for i in op.inputs]
            for parent, raw in zip(node.parents, arrays, strict=True):
                if parent is not None and parent not in self.found:
                    self.found[parent] = wrap(raw, backend, parent)

    def after_rule(self, *_: Any) -> None:
        """A gradient rule has run."""

    after_sum = after_rule


def used_by(f: Callable[[list[Tensor]], list[Tensor]], tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors with a graph that a function's result depends on besides its arguments, found by running it once.

    Args:
        f: takes a list of tensors, returns one.
        tensors: to run it on.
    """
    if not RECORD.get():
        return []
    trace, seen = Trace(tensors), _Seen()
    token = WATCH.set(seen)
    try:
        out = [t for t in trace.run(f, trace.aliases) if t.node is not None]
    finally:
        WATCH.reset(token)
    seen.found.update({t.node: t for t in out})
    ours: set[AnyNode] = set(trace.nodes)
    met: set[AnyNode] = {t.node for t in out if t.node is not None}
    stack: list[Any] = list(met)
    foreign: list[Any] = []
    while stack:
        node = stack.pop()
        if node in ours:
            continue
        if node.seq <= trace.start:
            foreign.append(node)
            continue
        stack += [p for p in node.parents if p is not None and p not in met]
        met.update(p for p in node.parents if p is not None)
    foreign.sort(key=lambda node: node.seq)
    return [seen.found[n] if n in seen.found else _zeros_of(n, out[0].dtype) for n in foreign]


def _zeros_of(node: Any, dtype: Any) -> Tensor:
    """A tensor in the place of one of which nothing but its node is known."""
    raw = node.backend.full(node.shape, 0, getattr(node, "dtype", None) or dtype)
    return wrap(raw, node.backend, node)


def on_arrays(f: Callable[[list[Tensor]], list[Tensor]], backend: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """A function of tensors as one of raw arrays."""

    def run(raws: Sequence[Any]) -> list[Any]:
        with no_grad():
            return [t._raw for t in f([wrap(raw, backend, None) for raw in raws])]

    return run


def pulled(
    f: Callable[[list[Tensor]], list[Tensor]],
    inputs: Sequence[Tensor],
    others: Sequence[Tensor],
    cotangents: Sequence[Any],
) -> list[Tensor]:
    """The gradients of a function by its arguments and by other tensors that it uses.

    Args:
        f: takes a list of tensors, returns one.
        inputs: its arguments.
        others: what `used_by` found.
        cotangents: of its results, in their order; None where there is none.
    """
    recorded = RECORD.get()
    trace = Trace(inputs)
    outs = trace.run(f, trace.aliases)
    pairs = [(y, u) for y, u in zip(outs, cotangents, strict=True) if u is not None and y.node is not None]
    targets = [*trace.aliases, *others]
    found: Sequence[Any] = [None] * len(targets)
    if pairs:
        ys, us = zip(*pairs, strict=True)
        found = gradients(list(ys), targets, list(us), create_graph=recorded, allow_unused=True)
    return [zeros_like(t) if g is None else g for g, t in zip(found, targets, strict=True)]


class Structured(Unlisted):
    """A branch or a loop as an op of the graph.

    Args:
        name: of the op.
        back: ``back(results, cotangents)`` gives the gradients of the inputs; results are tensors, cotangents are too,
            or None.
    """

    several = True

    def __init__(self, name: str, back: Callable[[list[Tensor], list[Any]], Sequence[Any]]) -> None:
        self.name, self._back = name, back

    def record(self, inputs: Sequence[Tensor], raws: Sequence[Any], backend: Any) -> list[Tensor]:
        """The results as tensors of the graph, if one is recorded and an input has one."""
        if not RECORD.get() or all(t.node is None for t in inputs):
            return [wrap(raw, backend, None) for raw in raws]
        kinds = [(raw.shape, d if is_differentiable(d := backend.dtype_of(raw)) else None) for raw in raws]
        node = new_node(self, tuple([t.node for t in inputs]), (None, list(raws)), tuple(kinds), backend)
        return self._results(node)

    def _results(self, node: Node) -> list[Tensor]:
        return [
            wrap(raw, node.backend, None if dtype is None else Output(node, k, shape))
            for k, (raw, (shape, dtype)) in enumerate(zip(node.saved[1], node.shape, strict=True))
        ]

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        recorded = xp is Recording.namespace
        cotangents = [p if recorded or p is None else wrap(p, node.backend, None) for p in g]
        with recording(recorded):
            grads = self._back(self._results(node), cotangents)
        return [(k, t if recorded else t._raw) for k, (t, need) in enumerate(zip(grads, needs, strict=True)) if need]


def floats_of(tensors: Sequence[Tensor]) -> list[int]:
    """Which of some tensors have gradients."""
    return [k for k, t in enumerate(tensors) if is_differentiable(t.dtype)]


def zeros_where_none(cotangents: Sequence[Any], like: Sequence[Tensor]) -> list[Tensor]:
    """Cotangents, with zeros for those there are none of."""
    return [zeros_like(t.detach()) if u is None else u for u, t in zip(cotangents, like, strict=True)]
