"""`@op`: from a function of a namespace and its gradient rules to an op on tensors.

```python
@op
def tanh(xp, x: Array) -> Array:
    return xp.tanh(x)

@tanh.gradient("x")
def _(xp, g, ans):
    return g * (1 - ans * ans)
```

A parameter annotated ``Array`` is an array input; one annotated ``Sequence[Array]`` is a list of them; all others are
plain arguments. A rule takes ``xp`` and the cotangent ``g``, and then *names* what else it needs: inputs, plain
arguments, the result ``ans``, ``x_shape`` for the shape of the input it differentiates (in an op on a list: ``shapes``,
those of all of them), ``needs`` in a rule of several inputs for which of them want a gradient, ``reached`` in an op of
several results for which of them a cotangent has come. What no rule names is not kept. Broadcasting is undone by the
engine.

Dtypes are settled before the body runs, in one way on all backends: see `KINDS`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from zkynet.backend.namespace import BODIES
from zkynet.ops.op import FLOATING, KINDS, OPS, Op
from zkynet.ops.short_paths import operator_of, public_function
from zkynet.tensor import Tensor

P = ParamSpec("P")
R = TypeVar("R", covariant=True)
M = TypeVar("M")


class OpFunction(Generic[P, R]):
    """What `@op` returns, as type checkers see it: the public function, and a way to add gradient rules."""

    op: Op

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the op on tensors."""
        raise NotImplementedError

    def gradient(self, *inputs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the decorated function as the gradient rule of an input (or of several at once)."""
        raise NotImplementedError


@overload
def op(body: Callable[Concatenate[Any, P], R], /) -> OpFunction[P, Tensor]: ...
@overload
def op(
    *,
    name: str = "",
    kinds: str = "any",
    promote: bool = True,
    differentiable: bool = True,
    elementwise: bool = False,
) -> Callable[[Callable[Concatenate[Any, P], R]], OpFunction[P, Tensor]]: ...
def op(body: Any = None, /, *, name: str = "", **options: Any) -> Any:
    """Make an op of a body ``f(xp, x, ..., plain arguments)`` written against the Array API.

    Args:
        body: the function; its docstring, less the first parameter, is the op's.
        name: the op's name if it is not the body's, ``"linalg.det"`` in a sub-namespace.
        kinds: which dtypes it takes, a key of `KINDS`.
        promote: whether several array inputs are brought to one dtype.
        differentiable: False where the result does not depend smoothly on any input.
        elementwise: a promise, for speed: the result has the shape the inputs broadcast to, and so has every gradient
            that a rule returns.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.ops.define import OPS, op
        >>> @op(name="doctest_cube")
        ... def cube(xp, x: "Array"):
        ...     return x * x * x
        >>> @cube.gradient("x")
        ... def _(xp, g, x):
        ...     return g * (3 * x * x)
        >>> zk.grad(cube)(zk.tensor(2.0)).item()
        12.0
        >>> del OPS["doctest_cube"]
    """
    if body is None:
        return functools.partial(op, name=name, **options)
    if options.get("kinds", "any") not in KINDS:
        raise TypeError(f"kinds={options['kinds']!r} is none of {sorted(KINDS)}")
    made = Op(body, name or body.__name__, **options)
    if made.name in OPS:
        raise TypeError(f"there already is an op called {made.name!r}")
    OPS[made.name] = made
    BODIES[made.name] = body
    call = public_function(made)
    made.call = call
    return cast(Any, publish(call, made, body))


@overload
def multiple() -> Callable[[OpFunction[P, Any]], OpFunction[P, tuple[Tensor, ...]]]: ...
@overload
def multiple(result: Callable[..., M]) -> Callable[[OpFunction[P, Any]], OpFunction[P, M]]: ...
def multiple(result: Callable[..., Any] | None = None) -> Callable[[OpFunction[P, Any]], OpFunction[P, Any]]:
    """Mark an op with several results; `result` (a named tuple) puts them together for the user.

    The body's return annotation has to be a ``tuple[...]``.
    """

    def mark(function: OpFunction[P, Any]) -> OpFunction[P, Any]:
        function.op.result = result
        function.op.simple = False
        return function

    return mark


def publish(call: Any, made: Op, body: Callable[..., Any]) -> Any:
    """Give the public function the body's name, docstring and signature (without ``xp``)."""
    name = made.name.rpartition(".")[2]
    call.__name__ = call.__qualname__ = name
    call.__code__ = call.__code__.replace(co_name=name, co_qualname=name)  # what Python says of a wrong call
    call.__module__ = body.__module__
    call.__doc__ = body.__doc__
    call.__signature__ = _signature(body)
    call.op = made

    def gradient(*inputs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def register(rule: Callable[..., Any]) -> Callable[..., Any]:
            made.add_rule(inputs, rule)
            return rule

        return register

    call.gradient = gradient
    return call


def _signature(body: Callable[..., Any]) -> inspect.Signature:
    """The signature of a body without its first parameter, put together in a fifth of `inspect.signature`'s time."""
    code, notes, defaults = body.__code__, body.__annotations__, body.__defaults__ or ()
    kinds = inspect.Parameter
    named = code.co_argcount
    parameters = []
    for i, name in enumerate(code.co_varnames[1 : named + code.co_kwonlyargcount], 1):
        kind: Any = kinds.KEYWORD_ONLY if i >= named else kinds.POSITIONAL_OR_KEYWORD
        if i < code.co_posonlyargcount:
            kind = kinds.POSITIONAL_ONLY
        default: Any = kinds.empty
        if kind is kinds.KEYWORD_ONLY:
            default = (body.__kwdefaults__ or {}).get(name, default)
        elif i >= named - len(defaults):
            default = defaults[i - named]
        parameters.append(kinds(name, kind, default=default, annotation=notes.get(name, kinds.empty)))
    returned = notes.get("return", inspect.Signature.empty)
    return inspect.Signature(parameters, return_annotation=returned, __validate_parameters__=False)


__all__ = ["FLOATING", "KINDS", "OPS", "Op", "OpFunction", "multiple", "op", "operator_of"]
