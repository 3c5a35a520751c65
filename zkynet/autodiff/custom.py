"""`custom_gradient` and `Function`: a gradient of one's own for a function of tensors.

Whoever adds an op to zkynet writes it with `zkynet.ops.define.op`; this is for a function that already exists, or whose
derivative is to be another one than that of its parts.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar, overload

from zkynet import dtypes as dt
from zkynet.autodiff.arguments import argument_names, check_callable, function_name
from zkynet.autodiff.cotangents import conform
from zkynet.autodiff.trace import Trace, Unlisted
from zkynet.autodiff.tree import LEAF, flatten, flatten_as, paths, unflatten
from zkynet.errors import ArgumentError, GradientError
from zkynet.graph import RECORD, AnyNode, Leaf, Node, Output, Recording, new_node
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor, wrap

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


@overload
def custom_gradient(f: Callable[P, tuple[R, Callable[..., Any]]], /, *, backward: None = None) -> Callable[P, R]: ...
@overload
def custom_gradient(f: F, /, *, backward: Callable[..., Any]) -> F: ...
@overload
def custom_gradient(*, backward: Callable[..., Any]) -> Callable[[F], F]: ...
def custom_gradient(f: Any = None, /, *, backward: Callable[..., Any] | None = None) -> Any:
    """`f` with a gradient of your own.

    There are two ways to say it. Without `backward`, `f` returns a pair: its value, and the function that pulls a
    cotangent of that back to the inputs. With it, `f` returns its value alone, and ``backward(g, ...)`` takes the
    cotangent and then *names* what else it needs: arguments of `f`, or ``ans`` for its value; only that is kept.
    Either function returns one gradient for each positional argument of `f`, in its structure, with None for zero.

    Args:
        f: the function; arguments and value may be nested lists, tuples and dicts of tensors. It may refer to other
            tensors only if they carry no graph. Keyword arguments get no gradient.
        backward: the gradient rule.

    Returns:
        A function of the arguments of `f`. Written with zkynet's functions, the rule is itself differentiated for
        second derivatives.

    Example:
        >>> import zkynet as zk
        >>> @zk.custom_gradient
        ... def clipped(x):
        ...     return x, lambda g: g * 0.5
        >>> straight_through = zk.custom_gradient(zk.tanh, backward=lambda g: g)
        >>> zk.grad(clipped)(3.0), zk.grad(straight_through)(3.0)
        (Tensor(0.5), Tensor(1.))
    """
    if f is None:
        return functools.partial(custom_gradient, backward=backward)
    check_callable("custom_gradient", f)
    wanted = () if backward is None else _named_by(f, backward)

    @functools.wraps(f, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        if not RECORD.get():
            return _split(f, f(*args, **kwargs), backward)[0]
        return _recorded(f, backward, wanted, args, kwargs)

    return call


class Function:
    """A function with a gradient of its own, as a class; see `custom_gradient` for what the two methods take.

    Example:
        >>> import zkynet as zk
        >>> class Square(zk.Function):
        ...     def forward(x):
        ...         return x * x
        ...     def backward(g, x):
        ...         return 2 * g * x
        >>> zk.grad(Square.apply)(3.0)
        Tensor(6.)
    """

    apply: Callable[..., Any]
    """Compute the function; its gradient is ``backward``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        parts = []
        for name in ("forward", "backward"):
            method = cls.__dict__.get(name) or getattr(cls, name, None)
            if method is None:
                raise ArgumentError(
                    f"the class {cls.__name__} has no {name}",
                    fix="define both: def forward(x, ...) and def backward(g, ...), without self",
                )
            parts.append(method.__func__ if isinstance(method, staticmethod) else method)
            setattr(cls, name, staticmethod(parts[-1]))
        forward, backward = parts
        if next(iter(inspect.signature(forward).parameters), "") in ("self", "cls", "ctx"):
            raise ArgumentError(
                f"forward of {cls.__name__} takes tensors, and no self, cls or ctx",
                fix="define it as forward(x, ...); backward names the inputs it needs: backward(g, x)",
            )
        cls.apply = staticmethod(custom_gradient(forward, backward=backward))


def _named_by(f: Callable[..., Any], backward: Callable[..., Any]) -> tuple[str, ...]:
    """The names that a rule asks for behind the cotangent."""
    names = tuple(inspect.signature(backward).parameters)[1:]
    known = tuple(inspect.signature(f).parameters)
    for name in names:
        if name not in known and name != "ans":
            raise ArgumentError(
                f"the backward of {function_name(f)} asks for {name!r}",
                facts=[f"it can name  {', '.join((*known, 'ans'))}"],
                fix="write it as backward(g, ...), with names of the function's arguments, or ans for its value",
            )
    return names


def _split(f: Any, out: Any, backward: Any) -> tuple[Any, Any]:
    """The value and the pull that `f` returned."""
    if backward is not None:
        return out, None
    if not isinstance(out, tuple) or len(out) != 2 or not callable(out[1]):
        received = f"a tuple of {len(out)}" if isinstance(out, tuple) else f"a {type(out).__name__}"
        raise ArgumentError(
            f"custom_gradient: {function_name(f)} must return its value and its gradient function, not {received}",
            fix="return (value, pull), or pass backward= and return the value alone",
        )
    return out


def _recorded(f: Any, backward: Any, wanted: tuple[str, ...], args: tuple[Any, ...], kwargs: Any) -> Any:
    """Call `f`, and put one node in the place of all that it recorded."""
    leaves, structure = flatten(args)
    slots = [i for i, x in enumerate(leaves) if isinstance(x, Tensor) and dt.is_differentiable(x.dtype)]
    inputs = [leaves[i] for i in slots]
    trace = Trace(inputs)
    for i, alias in zip(slots, trace.aliases, strict=True):
        leaves[i] = alias
    inner = unflatten(structure, leaves)
    value, pull = _split(f, trace.run(f, *inner, **kwargs), backward)
    values, value_structure = flatten(value)
    values = [asarray(v) if isinstance(v, (int, float, complex)) or hasattr(v, "dtype") else v for v in values]
    _refuse_closure(f, trace, [v.node for v in values if isinstance(v, Tensor) and v.node is not None])
    values = [wrap(v._raw, v.backend, None) if isinstance(v, Tensor) else v for v in values]
    results = [v for v in values if isinstance(v, Tensor)]
    parents = tuple(x.node for x in inputs)
    if any(p is not None for p in parents) and any(dt.is_differentiable(r.dtype) for r in results):
        if backward is None:
            rule = _pulling(pull)
        else:
            rule = _naming(f, backward, wanted, inner, kwargs)
        needed = None if backward is not None and not set(wanted) - {"ans"} else True
        ans = tuple(r._raw for r in results) if "ans" in wanted else None
        op = _Custom(f, structure, slots, inputs, value_structure, values)
        saved = (*[needed] * len(slots), rule, ans)
        op.attach(new_node(op, parents, saved, None, results[0].backend), results)
    return unflatten(value_structure, values)


def _pulling(pull: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda g, ans: pull(g)


def _naming(f: Any, backward: Any, wanted: tuple[str, ...], args: Any, kwargs: Any) -> Callable[[Any, Any], Any]:
    """The rule with the arguments that it names, and no others, bound to it."""
    bound = inspect.signature(f).bind(*args, **kwargs)
    bound.apply_defaults()
    kept = {name: bound.arguments[name] for name in wanted if name != "ans"}
    return lambda g, ans: backward(g, *[ans if name == "ans" else kept[name] for name in wanted])


def _refuse_closure(f: Any, trace: Trace, stack: list[AnyNode]) -> None:
    """The value must not depend on tensors that are no arguments: their gradient would silently be lost."""
    ends: set[Any] = set(trace.nodes)
    seen: set[Any] = set()
    while stack:
        node = stack.pop()
        if node in seen or node in ends or (node.op is not None and node.op.name == "stop_gradient"):
            continue
        seen.add(node)
        if node.seq <= trace.start or node.__class__ is Leaf:
            raise GradientError(
                f"custom_gradient: {function_name(f)} uses a tensor that carries a graph and is no positional argument",
                facts=[f"its shape is {tuple(node.shape)}; no gradient would reach it"],
                fix="pass it as a positional argument, or detach() it",
            )
        stack.extend(p for p in node.parents if p is not None)


class _Custom(Unlisted):
    """The op of one call: how its arguments and its value are built, and the check of what the rule returns."""

    def __init__(
        self, f: Any, structure: Any, slots: list[int], inputs: list[Tensor], value_structure: Any, values: list[Any]
    ) -> None:
        self.f = f
        self.name = function_name(f)
        self.structure = structure
        self.slots = slots
        self.likes: list[Any] = [_Like(x.shape, x.dtype, x.device, x.backend) for x in inputs]
        self.value_structure = value_structure
        self.tensors = [isinstance(v, Tensor) for v in values]

    def attach(self, node: Node, results: list[Tensor]) -> None:
        """Make the results those of the node."""
        if len(results) == 1:
            node.shape = results[0]._raw.shape
            results[0].node = node
            return
        dtypes = [r.dtype if dt.is_differentiable(r.dtype) else None for r in results]
        node.shape = tuple((r._raw.shape, d) for r, d in zip(results, dtypes, strict=True))
        for k, (r, d) in enumerate(zip(results, dtypes, strict=True)):
            if d is not None:
                r.node = Output(node, k, r._raw.shape)

    def saved_position(self, i: int) -> int:
        return i

    def input_name(self, i: int) -> str:
        return self.places()[self.slots[i]]

    def places(self) -> list[str]:
        """The names of all leaves of the arguments."""
        names = argument_names(self.f, range(len(self.structure.keys)))
        return [p for n, s in zip(names, self.structure.children, strict=True) for p in paths(s, n)]

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        record = xp is Recording.namespace
        *_, rule, kept = saved
        several = isinstance(g, list)
        backend = node.backend
        parts = [self._cotangent(node, k, u, record) for k, u in enumerate(g)] if several else [g]
        gs = [u if u is None or record else wrap(u, backend, None) for u in parts]
        ans = None
        if kept is not None:
            sources: list[Any] = [None] * len(kept)
            if record:
                sources = (
                    [None if u is None else Output(node, k, u.shape) for k, u in enumerate(gs)] if several else [node]
                )
            ans = self._tree([wrap(r, backend, n) for r, n in zip(kept, sources, strict=True)])
        token = RECORD.set(record)
        try:
            grads = self.checked(rule(self._tree(gs), ans))
        finally:
            RECORD.reset(token)
        return [(i, u if record else u._raw) for i, u in enumerate(grads) if u is not None and needs[i]]

    def _cotangent(self, node: Node, k: int, u: Any, record: bool) -> Any:
        """The cotangent of one of several results: zero for one that nobody used, None for an integer one."""
        shape, dtype = node.shape[k]
        if u is not None or dtype is None:
            return u
        zero = node.backend.full(shape, 0, dtype)
        return wrap(zero, node.backend, None) if record else zero

    def _tree(self, tensors: list[Any]) -> Any:
        """Values for the tensors of the result, in its structure, with None for what is no tensor."""
        values = iter(tensors)
        return unflatten(self.value_structure, [next(values) if t else None for t in self.tensors])

    def checked(self, result: Any) -> list[Any]:
        """The gradients that a rule returned, one for each tensor among the arguments."""
        children, name = self.structure.children, self.name
        n = len(children)
        grads = result
        if n == 1 and not (isinstance(result, tuple) and children[0] is LEAF):
            grads = (result,)
        if isinstance(grads, (tuple, list)) and len(grads) > n and all(g is None for g in grads[n:]):
            grads = grads[:n]  # for arguments with defaults that were not passed
        if not isinstance(grads, (tuple, list)) or len(grads) != n:
            count = len(result) if isinstance(result, (tuple, list)) else f"one {type(result).__name__}"
            raise GradientError(
                f"the gradient function of {name} must return a gradient for each argument of {name}",
                facts=[f"arguments  {n}: {', '.join(argument_names(self.f, range(n)))}", f"received   {count}"],
                fix="return a tuple with one entry for each, None where there is no gradient",
            )
        flat: list[Any] = []
        for argument, child, g in zip(argument_names(self.f, range(n)), children, grads, strict=True):
            if g is None:
                flat += [None] * len(paths(child, ""))
            else:
                flat += flatten_as(child, g, f"the gradient that {name} returned for {argument}", argument)
        places = self.places()
        return [self._checked_one(places[i], like, flat[i]) for i, like in zip(self.slots, self.likes, strict=True)]

    def _checked_one(self, place: str, like: Any, g: Any) -> Tensor | None:
        if g is None:
            return None
        if isinstance(g, (int, float, complex)):
            return wrap(like.backend.full(like.shape, g, like.dtype, like.device), like.backend, None)
        return conform(like, g, f"the gradient that {self.name} returned for {place}", place)


class _Like(NamedTuple):
    """What has to be known of an input to judge the gradient for it."""

    shape: tuple[int, ...]
    dtype: Any
    device: str
    backend: Any


__all__ = ["Function", "custom_gradient"]
