"""The graph of one call: input nodes and operator nodes, the root on top, its inputs as children."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, GradientError, InvalidValueError
from zkynet.framework.inputs import Constant, Input
from zkynet.graph import RECORD, walk_back
from zkynet.tensor import Tensor, wrap

if TYPE_CHECKING:
    from zkynet.framework.functions import Function, Module
    from zkynet.framework.session import Session


class Node:
    """A value at one place of the graph. Nodes are equal if they are of one kind and have one id.

    Args:
        call_id: which call it belongs to.
        ref: the input or the function it is an instance of.
        value: its value, as the user sees it.
        children: the nodes it was computed from.
        parents: the nodes computed from it.

    Example:
        >>> from zkynet.framework import cg, op
        >>> node = op.mult(2.0, 3.0)
        >>> isinstance(node, cg.Node), node.value
        (True, 6.0)
    """

    def __init__(
        self,
        call_id: str,
        ref: Any,
        value: Any,
        children: Sequence[Node] | None = None,
        parents: Sequence[Node] | None = None,
    ) -> None:
        self.call_id = call_id
        self._ref = ref
        self._value = value
        self._children = list(children or ())
        self._parents = [weakref.ref(p) for p in parents or ()]  # weak, so that a graph is freed with its root
        self._id = self.makeID(call_id, ref)
        self._gvalue: Any = None
        self._session: Session | None = None
        self._exact: Tensor | None = None  # the value as it was computed
        self._path: Tensor | None = None  # the same, differentiable: in floats where the value is an integer
        self._number = False  # a Python number, or computed from such alone: takes the dtype of the arrays it meets

    @classmethod
    def makeID(cls, call_id: str, ref: Any) -> str:
        """The id of the node of `ref` in a call.

        Args:
            call_id: which call.
            ref: the input or the function.

        Example:
            >>> from zkynet.framework import cg, op
            >>> cg.Node.makeID("call-1", cg.Variable("x"))
            'call-1:x'
        """
        return f"{call_id}:{ref.name}"

    @property
    def id(self) -> str:
        """Unique among all nodes of all calls.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.square(2.0).id != op.square(2.0).id
            True
        """
        return self._id

    @property
    def ref(self) -> Any:
        """The input or the function this node is an instance of.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.ref
            Multiply(a, b)
        """
        return self._ref

    @property
    def value(self) -> Any:
        """The value, in the kind of array (or number) that the call was made with.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.value
            6.0
        """
        return self._value

    @property
    def gvalue(self) -> Any:
        """The Jacobian of the root by this node after ``back()``, None before.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module.build("square", op.square, (cg.Variable("x"),))
            >>> graph = m(3.0)
            >>> graph.back()
            >>> graph.root.children[0].gvalue
            6.0
        """
        return self._gvalue

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes this one was computed from.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> [child.value for child in node.children]
            [2.0, 3.0]
        """
        return tuple(self._children)

    @property
    def parents(self) -> tuple[Node, ...]:
        """The nodes computed from this one, as long as they are in use.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.children[0].parents == (node,)
            True
        """
        return tuple(p for p in (known() for known in self._parents) if p is not None)

    @property
    def _pliant(self) -> bool:
        """Whether `_path` takes the dtype of the floats it meets."""
        return self._number or (self._exact is not None and not dt.is_differentiable(self._exact.dtype))

    def isleaf(self) -> bool:
        """Whether it was computed from nothing.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.isleaf(), node.children[0].isleaf()
            (False, True)
        """
        return not self._children

    def add_parent(self, parent: Node, parent_input_index: int) -> None:
        """Note that `parent` was computed from this node (as its input number `parent_input_index`).

        Args:
            parent: the node computed from this one.
            parent_input_index: which of its inputs this node is.

        Example:
            >>> from zkynet.framework import cg, op
            >>> a, b = op.square(2.0), op.square(3.0)
            >>> a.add_parent(b, 0)
            >>> a.parents == (b,)
            True
        """
        if all(p() is not parent for p in self._parents):
            self._parents.append(weakref.ref(parent))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._id == other._id

    def __hash__(self) -> int:
        return hash(self._id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._ref.name}, value={self._value})"


class InputNode(Node):
    """The value of an input in one call.

    Args:
        call_id: which call it belongs to.
        ref: the input.
        value: its value in this call.
        parents: the nodes computed from it.

    Example:
        >>> from zkynet.framework import cg, op
        >>> node = op.mult(2.0, 3.0)
        >>> type(node.children[0]).__name__
        'InputNode'
    """

    def __init__(self, call_id: str, ref: Input, value: Any, parents: Sequence[Node] | None = None) -> None:
        super().__init__(call_id, ref, value, None, parents)

    @property
    def input(self) -> Input:
        """The variable, parameter or constant.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.children[0].input is node.operator.input("a")
            True
        """
        return self._ref


class OperatorNode(Node):
    """The result of an operator (or of a module that computes without operators) in one call.

    Args:
        call_id: which call it belongs to.
        ref: the operator.
        value: its value, as the user sees it.
        children: the nodes it was computed from.
        parents: the nodes computed from it.

    Example:
        >>> from zkynet.framework import cg, op
        >>> node = op.mult(2.0, 3.0)
        >>> type(node).__name__
        'OperatorNode'
    """

    @property
    def operator(self) -> Function:
        """The operator.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.operator
            Multiply(a, b)
        """
        return self._ref

    def grad(self, child: Node) -> Any:
        """The Jacobian of this node alone by one of its children, of shape ``value.shape + child.value.shape``.

        Args:
            child: one of its children.

        Example:
            >>> from zkynet.framework import cg, op
            >>> node = op.mult(2.0, 3.0)
            >>> node.grad(node.children[0])
            3.0
        """
        if all(child is not c and child != c for c in self._children):
            raise ArgumentError(
                f"{self!r} was not computed from {child!r}", fix="pass one of its children", node=self, child=child
            )
        session = _need(self._session, self)
        tensors = [_need(c._path, c) for c in self._children]
        leaf = tensors[next(i for i, c in enumerate(self._children) if c == child)].detach()
        if dt.is_differentiable(leaf.dtype):
            leaf = leaf.requires_grad_()
        operands = [leaf if c == child else t for c, t in zip(self._children, tensors, strict=True)]
        record = RECORD.set(True)
        try:
            out = self.operator._compute(session.adapted(operands, [c._pliant for c in self._children]))
        finally:
            RECORD.reset(record)
        return session.show(_jacobians(out, [leaf])[0])


class ModuleGraph:
    """The graph made by one call of a module.

    Args:
        call_id: which call made it.
        module: the module that was called.
        root: the node of the result.

    Example:
        >>> from zkynet.framework import cg, op
        >>> m = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
        >>> graph = m(4)
        >>> graph.value, graph == m(4)
        (8, False)
    """

    def __init__(self, call_id: str, module: Module, root: OperatorNode) -> None:
        self.call_id = call_id
        self.module = module
        self.root = root
        self._back = False
        self._nodes_of: dict[Input, list[Node]] = {}

    @property
    def value(self) -> Any:
        """The result.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
            >>> m(4).value
            8
        """
        return self.root.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModuleGraph) and self.root == other.root

    def __hash__(self) -> int:
        return hash(self.root)

    def back(self) -> None:
        """Compute the Jacobian of the result by every node of the graph.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
            >>> graph = m(4.0)
            >>> graph.back()
            >>> graph.root.children[0].gvalue
            2.0
        """
        nodes = [n for n in get_all_nodes(self.root) if n._path is not None and n._path.node is not None]
        session = _need(self.root._session, self.root)
        root = _need(self.root._path, self.root)
        for node, jacobian in zip(nodes, _jacobians(root, [n._path for n in nodes]), strict=True):
            node._gvalue = session.show(jacobian)
        self._back = True

    def grad(self, inpt: Input) -> Any:
        """The Jacobian of the result by an input or parameter, of shape ``value.shape + inpt.shape``.

        Args:
            inpt: a parameter or variable of the module or of one inside of it: ``m.param("w")``, ``m.input("x")``.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
            >>> graph = m(4.0)
            >>> graph.back()
            >>> graph.grad(m.input("x"))
            2.0
        """
        if not isinstance(inpt, Input):
            raise ArgumentError(
                f"grad() expected an input or a parameter, received {inpt!r:.60}",
                fix='pass one such as m.param("w") or m.input("x"); a node has its gradient in node.gvalue',
            )
        if not self._back:
            raise GradientError("this graph has no gradients yet", fix="call back() first")
        session = _need(self.root._session, self.root)
        nodes = self._nodes_of.get(inpt, [])
        if not nodes:
            raise InvalidValueError(
                f"{inpt!r} took no part in this call", fix="ask for an input or parameter of the module that was called"
            )
        if all(isinstance(n, InputNode) and isinstance(n.input, Constant) for n in nodes):
            raise GradientError(
                f"{inpt!r} was a constant in this call, and constants have no gradient", fix="use a Parameter"
            )
        found = [n.gvalue for n in nodes if n.gvalue is not None]
        if not found:
            shape = np.shape(self.value) + np.shape(nodes[0].value)
            return session.show(session.tensor(np.zeros(shape)))
        total = found[0]
        for g in found[1:]:
            total = total + g
        return total

    def __repr__(self) -> str:
        return f"ModuleGraph({self.module.name}, {self.call_id}, value={self.value})"


def get_all_nodes(root: Node) -> list[Node]:
    """Every node of the graph below (and with) `root`, each once.

    Args:
        root: the node to start from.

    Example:
        >>> from zkynet.framework import cg, op
        >>> node = op.mult(2.0, 3.0)
        >>> len(cg.get_all_nodes(node))
        3
    """
    found: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found[id(node)] = node
            stack.extend(reversed(node.children))
    return list(found.values())


def get_input_nodes(root: Node) -> list[InputNode]:
    """The leaves of the graph below `root`.

    Args:
        root: the node to start from.

    Example:
        >>> from zkynet.framework import cg, op
        >>> node = op.mult(2.0, 3.0)
        >>> sorted(n.value for n in cg.get_input_nodes(node))
        [2.0, 3.0]
    """
    return [n for n in get_all_nodes(root) if isinstance(n, InputNode)]


def _need(value: Any, node: Any) -> Any:
    if value is None:
        raise GradientError(f"{node!r} was not made by a call, so there is nothing to differentiate")
    return value


def _jacobians(out: Tensor, tensors: Sequence[Any]) -> list[Tensor]:
    """The Jacobian of `out` by each of `tensors`, of shape ``out.shape + tensor.shape``."""
    blocks = _rows(out, tensors, 1)
    turned = out.dtype.kind == "c" and any(t.dtype.kind != "c" for t in tensors)
    if turned:  # by a real tensor, a walk back gives the real part alone: that of -iJ is the imaginary part of J
        imaginary = _rows(out, tensors, -1j)
        blocks = [b if t.dtype.kind == "c" else b + 1j * i for t, b, i in zip(tensors, blocks, imaginary, strict=True)]
    return blocks


def _rows(out: Tensor, tensors: Sequence[Any], unit: complex) -> list[Tensor]:
    """What flows back to each of `tensors` from `unit` at each place of `out` in turn: one walk for each."""
    backend, size = out.backend, out.size
    xp = backend.xp
    rows: list[list[Any]] = [[] for _ in tensors]
    targets = [t.node for t in tensors if t.node is not None]
    root, basis = out.node, None
    if size and targets and root is not None:
        device = backend.native_device(out.device)
        basis = xp.reshape(xp.eye(size, dtype=out._raw.dtype, device=device) * unit, (size, *out.shape))
    for k in range(size):
        found = {}
        if root is not None and basis is not None:
            with backend.quiet():
                found = walk_back([(root, basis[k, ...])], targets=targets, retain=True)
        for t, mine in zip(tensors, rows, strict=True):
            g = found.get(t.node)
            mine.append(t.backend.full(t.shape, 0, t.dtype, t.device) if g is None else g)
    return [
        wrap(
            t.backend.xp.reshape(t.backend.xp.stack(mine), out.shape + t.shape)
            if mine
            else t.backend.full(out.shape + t.shape, 0, t.dtype, t.device),
            t.backend,
            None,
        )
        for mine, t in zip(rows, tensors, strict=True)
    ]
