"""The graph and the walk back through it. Knows nothing of ops, tensors or backends.

Every recorded op makes one `Node`: the op, the nodes of its inputs, and the raw values that its gradient rules
name. Nodes are numbered as they are made, so the order of the numbers is a topological order and the walk back is a
heap of numbers: no recursion, no visited set, no reference cycles. `Leaf` is where a gradient ends up.

A rule runs on raw arrays (``backend.xp``) and is then pure arithmetic, or on tensors (`Recording.namespace`, that is
zkynet itself) and is then recorded again: that is how second derivatives come about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Any
from weakref import ref

from zkynet.errors import GradientError, ShapeError

next_number = count(1).__next__
"""Numbers nodes in the order in which they are made."""

RECORD: ContextVar[bool] = ContextVar("zkynet_record", default=True)
"""False inside `no_grad`."""

WATCH: ContextVar[Any] = ContextVar("zkynet_watch", default=None)
"""An observer of every op (`debug_nans`); None in the ordinary case."""


class Node:
    """One recorded op.

    Attributes:
        op: what was computed; has the gradient rules.
        parents: one entry per array input: the node it came from, or None where no gradient is wanted.
        saved: one entry per parameter and the result last; None for values that no rule names; None once freed.
        seq: the number of this node.
        shape: the result's shape (for an op of several results: their shapes and dtypes).
        backend: whose arrays these are.
        extra: hooks and the like, None in the ordinary case.
    """

    __slots__ = ("__weakref__", "backend", "extra", "op", "parents", "saved", "seq", "shape")
    changed = 0

    op: Any
    parents: Any
    saved: Any
    seq: int
    shape: Any
    backend: Any
    extra: Extra | None


def new_node(op: Any, parents: Any, saved: Any, shape: Any, backend: Any, kind: type[Node] = Node) -> Node:
    """A new node. (Where each op counts it is written out: `Node` itself takes no arguments, which is quickest.)"""
    node = kind()
    node.op = op
    node.parents = parents
    node.saved = saved
    node.seq = next_number()
    node.shape = shape
    node.backend = backend
    node.extra = None
    return node


class Leaf:
    """The place of a tensor that the user asked gradients for.

    Attributes:
        grad: the gradient collected so far, a tensor, or None.
        changed: when the tensor's data was last replaced or written to, in the numbering of the nodes.
        used: the gradient that an optimiser made its last step with, as a weak reference; a `Grown` one if a later
            backward pass has added to it.
    """

    __slots__ = ("__weakref__", "backend", "changed", "dtype", "extra", "grad", "seq", "shape", "used")
    op = None
    parents = ()

    def __init__(self, shape: Any, backend: Any, dtype: Any = None) -> None:
        self.seq = next_number()
        self.shape = shape
        self.dtype = dtype  # as the backend names it
        self.backend = backend
        self.grad: Any = None
        self.changed = 0
        self.extra: Extra | None = None
        self.used: ref[Any] | None = None

    def grown(self, old: Any) -> None:
        """Note that ``.grad`` is now more than `old`; if that was used for a step, somebody forgot to clear it."""
        if self.used is not None and self.used() is old:
            self.used = Grown(self.grad)


class Grown(ref[Any]):
    """A weak reference to a gradient that holds one which was used before."""


class Output:
    """One of the results of an op that has several."""

    __slots__ = ("__weakref__", "backend", "extra", "index", "parents", "seq", "shape")
    changed = 0

    def __init__(self, source: Node, index: int, shape: Any) -> None:
        self.parents = (source,)
        self.index = index
        self.seq = next_number()
        self.shape = shape
        self.backend = source.backend
        self.extra: Extra | None = None

    @property
    def op(self) -> Any:
        """The op whose result this is one of."""
        return self.parents[0].op


class Extra:
    """What few nodes have: gradient hooks, and the gradient of a tensor that is no leaf if it was asked to keep it."""

    __slots__ = ("hooks", "retained", "site")

    def __init__(self) -> None:
        self.hooks: dict[int, Callable[[Any], Any]] = {}
        self.retained: list[Any] | None = None
        self.site: str | None = None


AnyNode = Node | Leaf | Output


class Recording:
    """How to run rules on tensors. Set by the ops, which this module knows nothing of."""

    namespace: Any = None
    """zkynet as an Array API namespace."""

    wrap: Callable[[Any, Any, Any], Any]
    """``wrap(raw, backend, node)`` makes a tensor."""

    unwrap: Callable[[Any], Any]
    """The raw array of a tensor."""


def extra_of(node: AnyNode) -> Extra:
    """The node's `Extra`, made on first use."""
    if node.extra is None:
        node.extra = Extra()
    return node.extra


def unbroadcast(xp: Any, g: Any, shape: Any) -> Any:
    """Sum `g` over the axes along which an input of `shape` was broadcast."""
    lead = len(g.shape) - len(shape)
    if lead < 0 or any(n not in (1, m) for n, m in zip(shape, g.shape[lead:], strict=True)):
        return xp.broadcast_to(g, shape)  # a rule may return a gradient that is the same along some axes
    axes = tuple(range(lead)) + tuple(
        lead + i for i, (n, m) in enumerate(zip(shape, g.shape[lead:], strict=True)) if n == 1 != m
    )
    if axes:
        g = xp.sum(g, axis=axes)
    return g if g.shape == shape else xp.reshape(g, shape)


def walk_back(
    roots: Iterable[tuple[AnyNode, Any]],
    *,
    targets: Iterable[AnyNode] | None = None,
    retain: bool = False,
    record: bool = False,
) -> dict[AnyNode, Any]:
    """Carry cotangents from `roots` back to the leaves, or to `targets` alone.

    Args:
        roots: pairs of a node and its cotangent (raw; tensors when `record`).
        targets: nodes whose gradients are wanted; None for every leaf that can be reached.
        retain: keep the saved values for another walk.
        record: run the rules on tensors, so that the gradients can be differentiated again.

    Returns:
        The gradient of each leaf or target that was reached.
    """
    grads: dict[Any, Any] = {}  # cotangents that are still being summed up; those of leaves to the very end
    heap: list[tuple[int, Any]] = []  # the nodes that have one, but for the leaves, newest first
    for root, g in roots:
        _add(grads, heap, root, g)
    wanted = frozenset(() if targets is None else targets)
    useful = None if targets is None else _leading_to(wanted, list(grads))
    plain = not record and WATCH.get() is None
    found: dict[AnyNode, Any] = {}
    while heap:
        node: Any = heappop(heap)[1]  # the node in hand: in a chain the next one never sees the heap
        g = grads.pop(node)
        waiting = -heap[0][0] if heap else 0  # the newest number in the heap
        while node is not None:
            if waiting > node.seq:
                newer = heapreplace(heap, (-node.seq, node))[1]
                grads[node] = g
                node, g = newer, grads.pop(newer)
                waiting = -heap[0][0]
            op = node.op
            if node.extra is not None or not (plain and op.simple) or (useful is not None and node in wanted):
                _step(node, g, grads, heap, found, wanted, useful, retain, record)
                break
            # the common case, written out for speed: what `_step` does
            parents, saved, xp = node.parents, node.saved, node.backend.xp
            if saved is None:
                raise _freed(op)
            following: Any = None
            # shape of what the rules of an elementwise op return; a tuple handed on from an input is the same object
            same = node.shape if op.elementwise else None
            for i, rule, first, rest in op.rules:
                parent = parents[i]
                if parent is None or (useful is not None and parent not in useful):
                    continue
                kind = parent.__class__
                if kind is not Node and parent.changed > node.seq:
                    _refuse_changed(node, i)
                if first is None:
                    part = g if rule is None else rule(xp, g)
                elif rest is None:
                    part = rule(xp, g, saved[first])
                else:
                    part = rule(xp, g, saved[first], *[saved[k] for k in rest])
                if part is None:
                    continue
                if parent.shape is not same and part.shape != parent.shape:
                    part = unbroadcast(xp, part, parent.shape)
                if parent in grads:
                    grads[parent] = grads[parent] + part
                elif kind is Leaf:
                    grads[parent] = part
                elif following is None:
                    following, following_g = parent, part
                elif following is parent:
                    following_g = following_g + part
                else:
                    grads[parent] = part
                    number = parent.seq
                    heappush(heap, (-number, parent))
                    if number > waiting:
                        waiting = number
            if not retain:
                node.saved = None
                node.parents = ()
            node = following
            if node is not None:
                g = following_g
    for leaf, g in grads.items():  # only they are left
        found[leaf] = g if leaf.extra is None else _run_hooks(leaf, g, record)
    return found


def _step(
    node: Any, g: Any, grads: Any, heap: Any, found: Any, wanted: Any, useful: Any, retain: bool, record: bool
) -> None:
    """Carry the cotangent of one node to its parents, whatever there is to heed."""
    if node.extra is not None:
        g = _run_hooks(node, g, record)
        if not retain and node not in wanted:
            node.extra.hooks.clear()  # they will not run again, and may hold the tensor itself
    if node in wanted:
        found[node] = g
        if not any(p in useful for p in node.parents):
            return
    if node.__class__ is Output:
        _to_source(node, g, grads, heap)
        return
    for parent, part in _parts(node, g, useful, record):
        _add(grads, heap, parent, part)
    if not retain:
        node.saved = None
        node.parents = ()


def _add(grads: dict[Any, Any], heap: list[tuple[int, Any]], node: Any, part: Any) -> None:
    """Add `part` to the cotangent of `node`, and queue the node if it is the first; leaves wait for the end."""
    if node in grads:
        grads[node] = _sum(node, grads[node], part)
    else:
        grads[node] = part
        if node.__class__ is not Leaf:
            heappush(heap, (-node.seq, node))


def _parts(node: Any, g: Any, useful: Any, record: bool) -> Iterator[tuple[Any, Any]]:
    """The parents of a node that want a gradient, each with what this node adds to it."""
    op, parents, saved = node.op, node.parents, node.saved
    if saved is None:
        raise _freed(op)
    needs = [p is not None and (useful is None or p in useful) for p in parents]
    for i, parent in enumerate(parents):
        if needs[i] and parent.changed > node.seq:
            _refuse_changed(node, i)
    if record:
        xp, saved = Recording.namespace, op.rewrap(node)
    else:
        xp = node.backend.xp
    watch = WATCH.get()
    for i, part in op.pull(xp, node, g, saved, needs):
        if part is not None:
            if part.shape != parents[i].shape:
                part = unbroadcast(xp, part, parents[i].shape)
            if watch is not None:
                watch.after_rule(node, i, g, part)
            yield parents[i], part


def _to_source(node: Output, g: Any, grads: dict[AnyNode, Any], heap: list[tuple[int, AnyNode]]) -> None:
    """Put the cotangent of one of several results into its place in the list of its op."""
    source = node.parents[0]
    if source not in grads:
        grads[source] = [None] * len(source.shape)
        heappush(heap, (-source.seq, source))
    have = grads[source][node.index]
    grads[source][node.index] = g if have is None else _sum(node, have, g)


def _sum(node: AnyNode, have: Any, part: Any) -> Any:
    """Two contributions to the cotangent of a node."""
    total = have + part
    watch = WATCH.get()
    if watch is not None:
        watch.after_sum(node, have, part, total)
    return total


def _freed(op: Any) -> GradientError:
    return GradientError(
        f"the graph behind {op.name} was already freed by an earlier backward pass",
        facts=["a backward pass releases the values it needs as it goes, to save memory"],
        fix="pass retain_graph=True to the first backward(), or compute the result anew",
        op=op.name,
    )


def _leading_to(targets: frozenset[AnyNode], roots: list[AnyNode]) -> set[AnyNode]:
    """The nodes between `roots` and `targets`, both included."""
    oldest = min((t.seq for t in targets), default=0)
    seen: set[AnyNode] = set()
    stack = [r for r in roots if r.seq >= oldest]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            if not node.parents and node.op is not None and node not in targets:
                raise _freed(node.op)  # what led on from here is gone
            stack.extend(p for p in node.parents if p is not None and p.seq >= oldest and p not in seen)
    useful = {t for t in targets if t in seen}
    for node in sorted(seen, key=lambda n: n.seq):
        if node not in useful and any(p in useful for p in node.parents):
            useful.add(node)
    return useful


def _run_hooks(node: AnyNode, g: Any, record: bool) -> Any:
    """Hand the finished gradient of a tensor to its hooks; a hook may return another one."""
    extra = node.extra
    if extra is None or not (extra.hooks or extra.retained is not None):
        return g
    wrapped = g if record else Recording.wrap(g, node.backend, None)
    for hook in tuple(extra.hooks.values()):
        changed = hook(wrapped)
        if changed is not None:
            if changed.shape != node.shape:
                raise ShapeError(
                    "a gradient hook returned another shape",
                    facts=[f"expected  {tuple(node.shape)}", f"received  {tuple(changed.shape)}"],
                    fix="return a gradient of the tensor's own shape, or None to leave it as it is",
                )
            wrapped = changed
    if extra.retained is not None:
        old = extra.retained[0]
        extra.retained[0] = wrapped if old is None else old + wrapped
    return wrapped if record else Recording.unwrap(wrapped)


def _refuse_changed(node: Node, i: int) -> None:
    """Raise if the value of input `i` was saved for backward and has been changed since."""
    if node.saved[node.op.saved_position(i)] is None:
        return
    name = node.op.input_name(i)
    raise GradientError(
        f"the input {name} of {node.op.name} was changed in place after {node.op.name} had used it",
        facts=[f"its value is needed for the gradient of {node.op.name}, shape {tuple(node.parents[i].shape)}"],
        fix="call backward() before you change the tensor, or change a copy of it",
        op=node.op.name,
        input=name,
    )
