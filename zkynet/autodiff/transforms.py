"""Functions of functions: `grad`, `value_and_grad`, `vjp`, `jvp`, `hvp`.

They are pure: no ``.grad`` is written, also not that of inputs with ``requires_grad``, and they differentiate inside
`no_grad` too. Arguments and results may be nested lists, tuples and dicts of tensors; numbers and arrays among them
are made tensors, None stays None. All of them nest in any order, to any depth.

Complex numbers: for a real result the gradient by z = x + iy is dL/dx - i dL/dy (as in JAX).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from zkynet import dtypes as dt
from zkynet.autodiff.arguments import Inputs, argument_names, check_argnums, check_callable, function_name
from zkynet.autodiff.cotangents import conform, cut_off, refuse_complex
from zkynet.autodiff.trace import Trace
from zkynet.autodiff.tree import flatten, flatten_as, paths, unflatten
from zkynet.errors import ArgumentError, GradientError
from zkynet.graph import AnyNode
from zkynet.ops.creation import asarray
from zkynet.ops.filled import ones_like, zeros_like
from zkynet.tensor import Tensor


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes the gradient of `f`, which returns a single real number.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them.
        argnums: the position of the argument to differentiate by, or several.
        has_aux: whether `f` returns a pair of the number and something else that is passed through.

    Returns:
        A function of the same arguments. It returns the gradient in the structure and shapes of the argument (a tuple
        of gradients for several `argnums`), with zeros where `f` does not depend on it; with `has_aux`, a pair of
        gradient and the something else.

    Example:
        >>> import zkynet as zk
        >>> zk.grad(zk.square)(3.0), zk.grad(zk.grad(zk.square))(3.0)
        (Tensor(6.), Tensor(2.))
    """
    check_callable("grad", f)

    @functools.wraps(f, updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        _, aux, grads = _value_and_grad("grad", f, argnums, has_aux, args, kwargs)
        return (grads, aux) if has_aux else grads

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes both `f` and its gradient, as `grad` does.

    Args:
        f: a function whose result is a single real number.
        argnums: the position of the argument to differentiate by, or several.
        has_aux: whether `f` returns a pair of the number and something else that is passed through.

    Returns:
        A function of the same arguments that returns ``(value, gradient)``, with `has_aux`
        ``((value, aux), gradient)``.

    Example:
        >>> import zkynet as zk
        >>> zk.value_and_grad(lambda p: p["w"] * p["w"])({"w": 3.0})
        (Tensor(9.), {'w': Tensor(6.)})
    """
    check_callable("value_and_grad", f)

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        value, aux, grads = _value_and_grad("value_and_grad", f, argnums, has_aux, args, kwargs)
        return ((value, aux) if has_aux else value), grads

    return value_and_gradient


def _value_and_grad(who: str, f: Any, argnums: Any, has_aux: bool, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
    inputs = Inputs(who, f, args, check_argnums(who, argnums, len(args)))
    trace = Trace(inputs.tensors)
    out = trace.run(f, *inputs.replaced(trace.aliases), **kwargs)
    out, aux = split_aux(who, f, out, has_aux, trace)
    y = _one_number(who, f, out)
    (value,) = trace.close([y])
    roots: list[tuple[AnyNode, Tensor]] = [] if y.node is None else [(y.node, ones_like(y))]
    grads = inputs.rebuilt(_zeros_where_none(trace.pull(roots, retain=False), inputs.tensors))
    return value, aux, grads if isinstance(argnums, (tuple, list)) else grads[0]


def split_aux(who: str, f: Any, out: Any, has_aux: bool, trace: Trace) -> tuple[Any, Any]:
    """The result of `f`, and what comes beside it with `has_aux`, cut off from the trace's own graph."""
    if not has_aux:
        return out, None
    if not isinstance(out, tuple) or len(out) != 2:
        raise ArgumentError(
            f"{who}: with has_aux=True {function_name(f)} returns a pair, it returned {_what(out)}",
            fix="return (result, anything else)",
        )
    leaves, structure = flatten(out[1])
    return out[0], unflatten(structure, trace.close(leaves))


def _one_number(who: str, f: Any, out: Any) -> Tensor:
    """The result of `f`, which has to be a tensor of one real number that may have a gradient."""
    y = out
    if not isinstance(y, Tensor):
        raise GradientError(
            f"{who}: {function_name(f)} must return a tensor of one number, it returned {_what(out)}",
            facts=["a plain number or array does not know what it was computed from"],
            fix="return the tensor itself, without item() or numpy(); with has_aux=True a pair of it and anything else",
        )
    why = cut_off(y)
    if why is not None:
        raise GradientError(f"{who}: the result of {function_name(f)} has no gradient", [why.headline], why.fix)
    if y.size != 1:
        raise GradientError(
            f"{who}: {function_name(f)} must return one number, its result has shape {y.shape}",
            fix="reduce it first, for example with zk.sum, or use zk.vjp or zk.jacobian",
            shape=y.shape,
        )
    refuse_complex(y, who, "zk.vjp(f, x)")
    return y


def _what(out: Any) -> str:
    return "nothing (None)" if out is None else f"a {type(out).__name__}"


def _zeros_where_none(grads: Sequence[Tensor | None], inputs: Sequence[Tensor]) -> list[Tensor]:
    return [zeros_like(x) if g is None else g for g, x in zip(grads, inputs, strict=True)]


class Outputs:
    """The results of a function as tensors, with what is needed to pass cotangents for them."""

    def __init__(self, who: str, f: Any, out: Any, trace: Trace) -> None:
        leaves, self.structure = flatten(out)
        self.who = who
        self.leaves: list[Any] = []
        self.nodes: list[AnyNode | None] = []
        why = None
        for k, leaf in enumerate(leaves):
            x = asarray(leaf) if isinstance(leaf, int) else leaf
            if x is not None and not isinstance(x, Tensor):
                place = paths(self.structure, "result")[k]
                raise GradientError(
                    f"{who}: {function_name(f)} must return tensors, {place} is of type {type(leaf).__name__}",
                    facts=["a plain number or array does not know what it was computed from"],
                    fix="return tensors, without item() or numpy(), in nested lists, tuples and dicts",
                )
            why = (x is not None and cut_off(x)) or why
            self.leaves.append(x)
            self.nodes.append(None if x is None else x.node)
        if why and not any(x is not None and dt.is_differentiable(x.dtype) for x in self.leaves):
            raise GradientError(f"{who}: the result of {function_name(f)} has no gradient", [why.headline], why.fix)
        self.leaves = trace.close(self.leaves)

    def tree(self, leaves: Sequence[Any]) -> Any:
        """Values in the structure of the results."""
        return unflatten(self.structure, leaves)

    def cotangents(self, given: Any) -> list[Any]:
        """What the user passed, leaf by leaf, checked; None stands for zero and is all that an integer result takes."""
        out: list[Any] = []
        for k, (y, u) in enumerate(zip(self.leaves, self._flat(given), strict=True)):
            if u is None or y is None:
                out.append(None)
                continue
            place = paths(self.structure, "result")[k] if len(self.leaves) > 1 else "result"
            if not dt.is_differentiable(y.dtype):
                raise GradientError(
                    f"{self.who}: {place} is {y.dtype} and takes no cotangent", fix="pass None for it", output=place
                )
            out.append(conform(y, u, f"{self.who}: the cotangent of {place}", f"{place}"))
        return out

    def _flat(self, given: Any) -> list[Any]:
        return flatten_as(self.structure, given, "the cotangents", "the result")

    def roots(self, cotangents: Sequence[Any]) -> list[tuple[AnyNode, Tensor]]:
        """Pairs of a node and a cotangent, where there are both."""
        pairs = zip(self.nodes, cotangents, strict=True)
        return [(n, u) for n, u in pairs if n is not None and u is not None]


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of `f` and the function that pulls cotangents of it back to the inputs.

    With J the Jacobian, the pull is u ↦ Jᵀu.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them.
        *primals: where to evaluate it; it is differentiated by all of them.
        has_aux: whether `f` returns a pair of its result and something else that is passed through.

    Returns:
        ``(out, pull)``, with `has_aux` ``(out, pull, aux)``. ``pull(u)`` takes a cotangent in the structure of the
        result and returns a tuple with a gradient for each of the primals; it may be called any number of times.

    Example:
        >>> import zkynet as zk
        >>> y, pull = zk.vjp(lambda a, b: a * b, zk.tensor([1.0, 2.0]), 3.0)
        >>> pull(zk.tensor([1.0, 1.0]))
        (Tensor([3., 3.]), Tensor(3.))
    """
    check_callable("vjp", f)
    inputs = Inputs("vjp", f, primals, range(len(primals)))
    trace = Trace(inputs.tensors)
    out = trace.run(f, *inputs.replaced(trace.aliases))
    out, aux = split_aux("vjp", f, out, has_aux, trace)
    outputs = Outputs("vjp", f, out, trace)

    def pull(cotangents: Any) -> tuple[Any, ...]:
        grads = trace.pull(outputs.roots(outputs.cotangents(cotangents)), retain=True)
        return inputs.rebuilt(_zeros_where_none(grads, inputs.tensors))

    result = outputs.tree(outputs.leaves)
    return (result, pull, aux) if has_aux else (result, pull)


class LinearMap:
    """The derivative of a function at a point, v ↦ Jv, by transposing the transposed one.

    The pull u ↦ Jᵀu is linear in u; recording it and pulling back through *it* gives v ↦ Jv, with the rules of
    the backward pass alone.
    """

    def __init__(self, first: Trace, outputs: Outputs) -> None:
        self.outputs = outputs
        self.live = [k for k, n in enumerate(outputs.nodes) if n is not None]
        self.second = Trace([zeros_like(outputs.leaves[k]) for k in self.live], within=first)
        roots = [(outputs.nodes[k], u) for k, u in zip(self.live, self.second.aliases, strict=True)]
        self.grads = self.second.run(first.pull, roots, retain=False, record=True)
        self.second.close(self.grads)

    def __call__(self, tangents: Sequence[Any], retain: bool) -> list[Any]:
        """The tangents of the results, leaf by leaf, from those of the inputs (None for zero)."""
        roots = [
            (g.node, v)
            for g, v in zip(self.grads, tangents, strict=True)
            if g is not None and g.node is not None and v is not None
        ]
        found = dict(zip(self.live, self.second.pull(roots, retain=retain), strict=True))
        return [
            None
            if y is None or not dt.is_differentiable(y.dtype)
            else zeros_like(y)
            if found.get(k) is None
            else found[k]
            for k, y in enumerate(self.outputs.leaves)
        ]


def jvp(f: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The value of `f` and its derivative along a direction.

    With J the Jacobian, the derivative along v is Jv.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them.
        primals: a tuple of its arguments; anything but a tuple counts as the only argument.
        tangents: the direction, in the structure of the primals.
        has_aux: whether `f` returns a pair of its result and something else that is passed through.

    Returns:
        ``(out, tangent)``, both in the structure of the result, with `has_aux` ``(out, tangent, aux)``; the tangent of
        an integer result is None.

    Example:
        >>> import zkynet as zk
        >>> zk.jvp(lambda x: x * x, zk.tensor([1.0, 2.0]), zk.tensor([1.0, 10.0]))
        (Tensor([1., 4.]), Tensor([ 2., 40.]))
    """
    check_callable("jvp", f)
    args, directions = _as_arguments("jvp", f, primals, tangents)
    inputs = Inputs("jvp", f, args, range(len(args)))
    vs = _tangents("jvp", inputs, directions)
    trace = Trace(inputs.tensors)
    out, aux = split_aux("jvp", f, trace.run(f, *inputs.replaced(trace.aliases)), has_aux, trace)
    outputs = Outputs("jvp", f, out, trace)
    pair = outputs.tree(outputs.leaves), outputs.tree(LinearMap(trace, outputs)(vs, retain=False))
    return (*pair, aux) if has_aux else pair


def hvp(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The Hessian of `f` times a vector, without the Hessian, at the cost of two backward passes.

    Args:
        f: a function whose result is a single real number.
        primals: a tuple of its arguments; anything but a tuple counts as the only argument.
        tangents: the vector, in the structure of the primals.

    Returns:
        The product, in the structure of the primals.

    Example:
        >>> import zkynet as zk
        >>> f = lambda x: zk.sum(x * x * x)
        >>> zk.hvp(f, zk.tensor([1.0, 2.0]), zk.tensor([1.0, 1.0]))
        Tensor([ 6., 12.])
    """
    check_callable("hvp", f)
    args, directions = _as_arguments("hvp", f, primals, tangents)
    inputs = Inputs("hvp", f, args, range(len(args)))
    vs = _tangents("hvp", inputs, directions)

    def first(*leaves: Tensor) -> Any:
        everything = tuple(range(len(args)))
        grads = _value_and_grad("hvp", f, everything, False, inputs.replaced(leaves), {})[2]
        return [g for g in flatten(grads)[0] if g is not None]

    _, pull = vjp(first, *inputs.tensors)
    product = inputs.rebuilt(pull(vs))
    return product if type(primals) is tuple else product[0]


def _as_arguments(who: str, f: Any, primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """A tuple (but no named tuple) holds the arguments; anything else is the only one."""
    if type(primals) is not tuple:
        return (primals,), (tangents,)
    if not isinstance(tangents, (tuple, list)) or len(tangents) != len(primals):
        received = f"{len(tangents)}" if isinstance(tangents, (tuple, list)) else f"one {type(tangents).__name__}"
        raise ArgumentError(
            f"{who} needs a tangent for each argument of {function_name(f)}",
            facts=[f"arguments  {len(primals)}", f"tangents   {received}"],
            fix="pass as many tangents as primals, None for zero",
        )
    return primals, tuple(tangents)


def _tangents(who: str, inputs: Inputs, directions: Sequence[Any]) -> list[Any]:
    """The tangents leaf by leaf, of the inputs' shapes and dtypes; None for zero."""
    flat: list[Any] = []
    for name, structure, given in zip(
        argument_names(inputs.f, inputs.positions), inputs.structures, directions, strict=True
    ):
        if given is None:
            flat += [None] * len(paths(structure, ""))
        else:
            flat += flatten_as(structure, given, f"the tangent of {name}", name)
    out: list[Any] = []
    for place, x, v in zip(inputs.places(), inputs.leaves, flat, strict=True):
        if x is not None:
            out.append(zeros_like(x) if v is None else conform(x, v, f"{who}: the tangent of {place}", place))
    return out


__all__ = ["grad", "hvp", "jvp", "value_and_grad", "vjp"]
