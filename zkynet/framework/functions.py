"""Functions: operators, which compute, and modules, which are made of operators and other modules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from zkynet import dtypes as dt
from zkynet.autodiff import jacobian
from zkynet.errors import ArgumentError, InvalidValueError
from zkynet.framework.implementation import call_implementation
from zkynet.framework.inputs import Constant, Input, Parameter, Variable
from zkynet.framework.nodes import InputNode, ModuleGraph, Node, OperatorNode
from zkynet.framework.session import NUMBERS, SHOWN_AS_NUMBERS, Session, in_session
from zkynet.ops.casting import as_tensor
from zkynet.tensor import Tensor

_next_function = count(1).__next__


class Function:
    """A template: ordered inputs to an output, with parameters of its own.

    Args:
        inputs: its inputs, in the order in which they are passed.
        params: its parameters.
        functional_name: the name of its kind, by default that of the class.

    Example:
        >>> from zkynet.framework import cg, op
        >>> isinstance(op.Add(), cg.Function)
        True
    """

    def __init__(
        self, inputs: Sequence[Input], params: Sequence[Parameter] | None = None, functional_name: str | None = None
    ) -> None:
        self._functional_name = functional_name or type(self).__name__
        self._name = f"{self._functional_name}@{_next_function()}"
        self._inputs = self._checked("inputs", inputs, (Variable,))
        parameters = self._checked("params", params or (), (Parameter, Constant))
        self._params = {p.short_name: p for p in parameters}
        names = [i.short_name for i in (*self._inputs, *parameters)]
        if len(set(names)) < len(names):
            raise InvalidValueError(f"{self._functional_name}: two inputs or parameters have one name: {names}")
        for each in (*self._inputs, *self._params.values()):
            each.fun = self

    def _checked(self, argument: str, given: Any, kinds: tuple[type[Input], ...]) -> tuple[Any, ...]:
        """The inputs or parameters that were given to `__init__`."""
        words = " and ".join(f"cg.{kind.__name__}" for kind in kinds)
        if isinstance(given, (str, Input)) or not hasattr(given, "__iter__"):
            raise ArgumentError(
                f"{argument} of {self._functional_name} is a tuple of {words}, received {given!r:.60}",
                fix=f"write it with a comma, {argument}=(cg.{kinds[0].__name__}(...),)",
            )
        members = tuple(given)
        for member in members:
            if not isinstance(member, kinds):
                raise ArgumentError(
                    f"{argument} of {self._functional_name} is a tuple of {words}, one of them is {member!r:.60}"
                )
        return members

    @property
    def name(self) -> str:
        """The name of this very object.

        Example:
            >>> from zkynet.framework import cg, op
            >>> add, other = op.Add(), op.Add()
            >>> add.name != other.name
            True
        """
        return self._name

    @property
    def functional_name(self) -> str:
        """The name of its kind.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().functional_name
            'Add'
        """
        return self._functional_name

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Its inputs in order.

        Example:
            >>> from zkynet.framework import cg, op
            >>> [i.short_name for i in op.Add().inputs]
            ['a', 'b']
        """
        return self._inputs

    @property
    def inputs_nofun(self) -> tuple[Input, ...]:
        """Copies of its inputs that belong to no function yet.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().inputs_nofun
            (Variable(a), Variable(b))
        """
        return tuple(i.copy_nofun() for i in self._inputs)

    def input_name(self, i: int) -> str:
        """The full name of input number `i`.

        Args:
            i: its place, from 0.

        Example:
            >>> from zkynet.framework import cg, op
            >>> add = op.Add()
            >>> add.input_name(1) == add.name + ".b"
            True
        """
        return self._inputs[i].name

    def input(self, short_name: str) -> Input:
        """The input of a name.

        Args:
            short_name: its name within the function.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().input("b").short_name
            'b'
        """
        return self._inputs[self.input_index(short_name)]

    def input_index(self, short_name: str) -> int:
        """The place of the input of a name.

        Args:
            short_name: its name within the function.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().input_index("b")
            1
        """
        for i, each in enumerate(self._inputs):
            if each.short_name == short_name:
                return i
        raise self._unknown("an input", short_name, [i.short_name for i in self._inputs])

    def param(self, short_name: str) -> Parameter:
        """The parameter of a name.

        Args:
            short_name: its name within the function.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module(inputs=(), params=(cg.Parameter("w", 2.0),))
            >>> m.param("w").value
            2.0
        """
        if short_name not in self._params:
            raise self._unknown("a parameter", short_name, list(self._params))
        return self._params[short_name]

    def _unknown(self, role: str, name: Any, known: list[str]) -> InvalidValueError:
        import difflib

        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
        return InvalidValueError(
            f"{name!r} is not {role} of {self._functional_name}",
            facts=[f"it has: {', '.join(known) or 'none'}"],
            fix=f"did you mean {near[0]!r}?" if near else "",
            name=name,
            known=known,
        )

    def _bound(self, values: Sequence[Any], named: dict[str, Any]) -> list[Any]:
        """The values of a call, one for each input; those beyond the last input are not looked at."""
        bound = dict(zip([i.short_name for i in self._inputs], values, strict=False))
        for name, value in named.items():
            if name in bound:
                raise ArgumentError(f"{self._functional_name} was called with two values for {name}")
            self.input_index(name)
            bound[name] = value
        names = [i.short_name for i in self._inputs]
        missing = [name for name in names if name not in bound]
        if missing:
            raise InvalidValueError(
                f"{self._functional_name} was called without a value for {', '.join(missing)}",
                fix=f"pass {len(names)} values: {', '.join(names)}",
            )
        return [bound[name] for name in names]

    def _nodes(self, session: Session, values: Sequence[Any]) -> list[Node]:
        """The nodes of the inputs of a call."""
        plain = [v.value if isinstance(v, Input) else v for v in values]
        session.see([*plain, *(p.value for p in self._params.values())])
        nodes: list[Node] = []
        for slot, value in zip(self._inputs, values, strict=True):
            if session.trigger is self and not isinstance(value, (Node, Input)):
                node: Node = _input_node(session, slot, value)
            else:
                node = _node_of(session, value, f"{self.name}.{slot.short_name}")
                session.bindings.setdefault(slot, []).append(node)
            nodes.append(node)
        return nodes

    def _result(self, session: Session, children: list[Node], exact: Tensor, path: Tensor) -> OperatorNode:
        """The node of a result."""
        node = OperatorNode(session.call_id, self, session.show(exact), children)
        node._id = session.unique(node._id)
        node._session, node._exact, node._path = session, exact.detach(), path
        node._number = all(c._number for c in children)
        for i, child in enumerate(children):
            child.add_parent(node, i)
        return node

    def _compute(self, tensors: list[Tensor]) -> Tensor:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{self._functional_name}({', '.join(i.short_name for i in self._inputs)})"


class Operator(Function):
    """A function that computes: subclass it and write `_op_impl`; its derivative is found by the engine.

    Args:
        inputs: its inputs, in the order in which `_op_impl` takes them.
        params: its parameters.
        functional_name: the name of its kind, by default that of the class.

    Example:
        >>> from zkynet.framework import cg, op
        >>> class Cube(cg.Operator):
        ...     def __init__(self):
        ...         super().__init__(inputs=(cg.Variable("x"),))
        ...     def _op_impl(self, x):
        ...         return x * x * x
        >>> node = Cube()(2.0)
        >>> node.value, node.grad(node.children[0])
        (8.0, 12.0)
    """

    def _op_impl(self, *arrays: Any, **options: Any) -> Any:
        """The computation: takes tensors, returns a tensor; written with operators and functions of `zkynet`.

        NumPy's functions work too, and so do those of the backend's own library (``jax.numpy`` on JAX arrays) where
        it can differentiate. For a derivative of one's own, compute with a function made by `zkynet.custom_gradient`.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method _op_impl(self, ...)")

    def __call__(self, *values: Any, **named: Any) -> OperatorNode:
        """Compute a node from values, inputs or nodes, in the order of the inputs or by their names."""
        if len(values) > len(self._inputs):
            raise ArgumentError(
                f"{self._functional_name} was called with {len(values)} values, it has {len(self._inputs)} inputs",
                facts=[f"its inputs: {', '.join(i.short_name for i in self._inputs)}"],
            )
        with in_session(self) as session:
            children = self._nodes(session, self._bound(values, named))
            path = self._compute(
                session.adapted([_tensor_of(c, c._path) for c in children], [c._pliant for c in children])
            )
            exact = self._of_integers(session, children, path)
            return self._result(session, children, path if exact is None else exact, path)

    def _of_integers(self, session: Session, children: list[Node], path: Tensor) -> Tensor | None:
        """The result of integers, which is computed apart if it is an integer too, None if it is not."""
        tensors = [_tensor_of(c, c._exact) for c in children]
        if not tensors or any(dt.is_differentiable(t.dtype) for t in tensors):
            return None
        numbers = session.shown_as == SHOWN_AS_NUMBERS and path.ndim == 0
        try:
            exact = self._compute(session.adapted(tensors, [c._number for c in children]))
        except InvalidValueError:
            if numbers:
                return None  # as 2 ** -1
            raise
        if dt.is_differentiable(exact.dtype):
            return None
        if numbers and not math.isclose(exact.item(), path.item()):
            return None  # it has no integer, or one that is too large
        return exact

    def _compute(self, tensors: list[Tensor]) -> Tensor:
        out = call_implementation(self._op_impl, tensors)
        if isinstance(out, (Node, ModuleGraph)):
            raise ArgumentError(
                f"_op_impl of {self._functional_name} returned a node", fix="return a tensor; a Module returns nodes"
            )
        if not isinstance(out, Tensor) and any(t.node is not None for t in tensors):
            raise ArgumentError(
                f"_op_impl of {self._functional_name} returned {out!r:.60}, which has lost its way back to the inputs",
                fix="compute with tensors all along, without float(), .item(), .numpy() and functions of `math`",
            )
        return as_tensor(self._functional_name, out)

    def gradfn(self, inpt: Input) -> Operator:
        """The derivative by one input, as an operator of the same inputs.

        Args:
            inpt: an input of this operator, or one of the same name.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Multiply().gradfn(cg.Variable("a"))(1.0, 2.0).value
            2.0
        """
        at = self.input_index(inpt.short_name)
        derivative = jacobian(lambda *tensors: self._compute(list(tensors)), argnums=at)
        return _Derivative(self.inputs_nofun, f"D{self._functional_name}#{inpt.short_name}", derivative)


class _Derivative(Operator):
    """What `Operator.gradfn` returns."""

    def __init__(self, inputs: Sequence[Input], functional_name: str, derivative: Callable[..., Any]) -> None:
        super().__init__(inputs, functional_name=functional_name)
        self._op_impl = derivative  # type: ignore[method-assign]


class Module(Function):
    """A function made of operators and other modules: subclass it and write `call`.

    Args:
        inputs: its inputs in order.
        params: its parameters.
        functional_name: the name of its kind, by default that of the class.
        call_fun: what to call in place of a method `call`.

    Example:
        >>> from zkynet.framework import cg, op
        >>> class Line(cg.Module):
        ...     def __init__(self):
        ...         super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", 3.0),))
        ...     def call(self, x):
        ...         return op.mult(x, self.param("w"))
        >>> Line()(2.0).value
        6.0
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        params: Sequence[Parameter] | None = None,
        functional_name: str | None = None,
        call_fun: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(inputs, params, functional_name)
        self._call_fun = call_fun

    def call(self, *nodes: Any, **options: Any) -> Any:
        """The forward pass on nodes, made of operators and other modules.

        Args:
            *nodes: the node of each input.
            **options: whatever else your own version takes.

        Example:
            >>> from zkynet.framework import cg, op
            >>> m = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
            >>> m(4).value
            8
        """
        if self._call_fun is None:
            raise NotImplementedError(f"{type(self).__name__} needs a method call(self, ...)")
        return self._call_fun(*nodes, **options)

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call it: the outermost module returns a `ModuleGraph`, an inner one the node of its result.

        Args:
            *values: the values of the inputs in order: numbers, arrays, tensors; within a module nodes and inputs too.
                More values than there are inputs are not looked at.
            **named: values by the names of inputs.
        """
        with in_session(self) as session:
            children = self._nodes(session, self._bound(values, named))
            out = self.call(*children)
            if isinstance(out, ModuleGraph):
                out = out.root
            if isinstance(out, InputNode):
                raise ArgumentError(
                    f"call of {self._functional_name} returned one of its inputs",
                    fix="return the result of an operator, op.identity(x) for an input as it is",
                )
            if not isinstance(out, OperatorNode):
                out = self._without_operators(session, children, out)
            if session.trigger is not self:
                return out
            graph = ModuleGraph(session.call_id, self, out)
            graph._nodes_of = session.nodes_of()
            return graph

    def _without_operators(self, session: Session, children: list[Node], out: Any) -> OperatorNode:
        """The node of a plain value that `call` returned."""
        if out is None or isinstance(out, (Input, str)) or _holds_nodes(out):
            raise ArgumentError(
                f"call of {self._functional_name} returned {type(out).__name__}: {out!r:.60}",
                fix="return one node, the result of an operator",
            )
        session.see([out])
        value = session.tensor(out)
        node = self._result(session, children, value, value)
        node._number = isinstance(out, NUMBERS)
        return node

    @classmethod
    def build(
        cls,
        functional_name: str,
        call_func: Callable[..., Any],
        inputs: Sequence[Input],
        params: Sequence[Parameter] | None = None,
    ) -> Module:
        """A module of a plain function.

        Args:
            functional_name: the name of its kind.
            call_func: takes a node for each input and returns the node of the result.
            inputs: its inputs in order.
            params: its parameters.

        Example:
            >>> from zkynet.framework import cg, op
            >>> twice = cg.Module.build("twice", lambda x: op.add(x, x), (cg.Variable("x"),))
            >>> twice(4).value
            8
        """
        return Module(inputs, params=params, functional_name=functional_name, call_fun=call_func)


def _holds_nodes(out: Any) -> bool:
    return isinstance(out, (list, tuple, dict)) and any(isinstance(each, Node) for each in out)


def _node_of(session: Session, value: Any, constant_name: str) -> Node:
    """The node of a value inside of a module: a plain number or array, as in ``op.add(x, 2)``, is a constant."""
    if isinstance(value, Node):
        return value
    return _input_node(session, value if isinstance(value, Input) else Constant(constant_name, value), None)


def _input_node(session: Session, inpt: Input, value: Any) -> InputNode:
    """The node of an input in this call, made on first use; all but variables bring their own value."""
    node = session.input_nodes.get(inpt)
    if node is None:
        if not isinstance(inpt, Variable):
            value = inpt.value
        if value is None:
            raise InvalidValueError(
                f"{inpt!r} has no value",
                fix="pass one in the call" if isinstance(inpt, Variable) else "assign one: p.assign(1.0)",
            )
        session.see([value])
        path = exact = session.tensor(value)
        if not isinstance(inpt, Constant):
            path = session.double(exact) if not dt.is_differentiable(exact.dtype) else exact.clone()
            path = path.requires_grad_()
        node = session.input_nodes[inpt] = InputNode(session.call_id, inpt, value)
        node._id = session.unique(node._id)
        node._session, node._exact, node._path = session, exact, path
        node._number = isinstance(value, NUMBERS)
    return node


def _tensor_of(node: Node, tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ArgumentError(f"{node!r} was not made by a call and cannot be computed with")
    return tensor


__all__ = ["Function", "Module", "Operator"]
