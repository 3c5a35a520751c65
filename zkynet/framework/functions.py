"""Functions: operators, which compute, and modules, which are made of operators and other modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from zkynet import dtypes as dt
from zkynet.autodiff import custom_gradient, jacobian
from zkynet.errors import ArgumentError, InvalidValueError
from zkynet.framework.inputs import Constant, Input, Parameter, Variable
from zkynet.framework.nodes import InputNode, ModuleGraph, Node, OperatorNode
from zkynet.framework.session import Session, in_session
from zkynet.graph import Leaf
from zkynet.ops.casting import as_tensor
from zkynet.tensor import Tensor, wrap

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
        self._inputs = tuple(inputs)
        self._params = {p.short_name: p for p in params or ()}
        names = [i.short_name for i in (*self._inputs, *(params or ()))]
        if len(set(names)) < len(names):
            raise InvalidValueError(f"{self._functional_name}: two inputs or parameters have one name: {names}")
        for each in (*self._inputs, *self._params.values()):
            each.fun = self

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
        raise InvalidValueError(
            f"{short_name!r} is not an input of {self._functional_name}",
            facts=[f"its inputs: {', '.join(i.short_name for i in self._inputs)}"],
        )

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
            raise InvalidValueError(
                f"{short_name!r} is not a parameter of {self._functional_name}",
                facts=[f"its parameters: {', '.join(self._params) or 'none'}"],
            )
        return self._params[short_name]

    def _nodes(self, session: Session, values: Sequence[Any]) -> list[Node]:
        """The nodes of the inputs of a call; values beyond the last input are not looked at."""
        if len(values) < len(self._inputs):
            missing = ", ".join(i.short_name for i in self._inputs[len(values) :])
            raise InvalidValueError(
                f"{self._functional_name} was called without a value for {missing}",
                fix=f"pass {len(self._inputs)} values: {', '.join(i.short_name for i in self._inputs)}",
            )
        plain = [v.value if isinstance(v, Input) else v for v in values if not isinstance(v, Node)]
        session.see([*plain, *(p.value for p in self._params.values())])
        nodes: list[Node] = []
        for slot, value in zip(self._inputs, values, strict=False):
            if isinstance(value, Node):
                node = value
                session.bindings.setdefault(slot, []).append(node)
            elif isinstance(value, Input):
                node = _input_node(session, value, value.value)
            elif session.trigger is self:
                node = _input_node(session, slot, value)
            else:  # a plain number or array inside of a module, as in op.add(x, 2)
                node = _input_node(session, Constant(f"{self.name}.{slot.short_name}", value), value)
            nodes.append(node)
        return nodes

    def _result(self, session: Session, children: list[Node], exact: Tensor, path: Tensor) -> OperatorNode:
        """The node of a result."""
        node = OperatorNode(session.call_id, self, session.present(exact), children)
        again = session.operator_calls.get(self, 0)
        session.operator_calls[self] = again + 1
        if again:
            node._id += f"#{again + 1}"
        node._session, node._exact, node._path = session, exact.detach(), path
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

        Functions of the backend's own library (``jax.numpy`` on JAX arrays) work too where it can differentiate.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method _op_impl(self, ...)")

    def __call__(self, *values: Any) -> OperatorNode:
        """Compute a node from values, inputs or nodes."""
        with in_session(self) as session:
            children = self._nodes(session, values)
            paths = [_tensor_of(c, c._path) for c in children]
            exact = [_tensor_of(c, c._exact) for c in children]
            path = self._compute(paths)
            whole = all(not dt.is_differentiable(t.dtype) for t in exact)
            return self._result(session, children, self._compute(exact) if whole else path, path)

    def _compute(self, tensors: list[Tensor]) -> Tensor:
        try:
            out = self._op_impl(*tensors)
        except TypeError:  # written for the backend's own arrays?
            backend = tensors[0].backend
            if not backend.has_vjp:
                raise
            out = _through_the_library(self._op_impl, backend)(*tensors)
        if isinstance(out, Node):
            raise ArgumentError(
                f"_op_impl of {self._functional_name} returned a node", fix="return a tensor; a Module returns nodes"
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

    def __call__(self, *values: Any) -> Any:
        """Call it: the outermost module returns a `ModuleGraph`, an inner one the node of its result."""
        with in_session(self) as session:
            children = self._nodes(session, values)
            out = self.call(*children)
            if isinstance(out, ModuleGraph):
                out = out.root
            if isinstance(out, InputNode):
                raise ArgumentError(
                    f"call of {self._functional_name} returned one of its inputs",
                    fix="return the result of an operator",
                )
            if not isinstance(out, OperatorNode):
                value = session.tensor(out)
                out = self._result(session, children, value, value)
            return ModuleGraph(session.call_id, self, out) if session.trigger is self else out

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


def _input_node(session: Session, inpt: Input, value: Any) -> InputNode:
    """The node of an input in this call, made on first use."""
    node = session.input_nodes.get(inpt)
    if node is None:
        if value is None:
            raise InvalidValueError(f"{inpt!r} has no value", fix="pass one in the call, or assign one")
        session.see([value])
        exact = session.tensor(value)
        path = exact
        if not dt.is_differentiable(exact.dtype):
            path = exact.astype("float64" if session.presents_numbers else "float32")
        if not isinstance(inpt, Constant):
            path = path.clone().requires_grad_()
        node = session.input_nodes[inpt] = InputNode(session.call_id, inpt, value)
        node._session, node._exact, node._path = session, exact, path
        assert path.node is None or isinstance(path.node, Leaf)
    return node


def _tensor_of(node: Node, tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ArgumentError(f"{node!r} was not made by a call and cannot be computed with")
    return tensor


def _through_the_library(function: Callable[..., Any], backend: Any) -> Callable[..., Any]:
    """`function`, written for the backend's own arrays, as one differentiable step: the library finds its gradient."""

    @custom_gradient
    def step(*tensors: Tensor) -> Any:
        out, pull = backend.vjp(function, [t._raw for t in tensors])
        return wrap(out, backend, None), lambda g: tuple(wrap(p, backend, None) for p in pull(g._raw))

    return step


__all__ = ["Function", "Module", "Operator", "Variable"]
