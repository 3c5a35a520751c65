"""`while_loop`: a function again and again, as long as a value says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.autodiff.control_flow.branching import cond
from zkynet.autodiff.control_flow.scanning import scan
from zkynet.autodiff.control_flow.structured import (
    Structured,
    Tree,
    check_kinds,
    compiler,
    condition_of,
    on_arrays,
    used_by,
)
from zkynet.errors import GradientError, InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.filled import ones
from zkynet.tensor import Tensor

__all__ = ["while_loop"]


def while_loop(
    cond_fn: Callable[[Any], Any], body_fn: Callable[[Any], Any], init: Any, max_steps: int | None = None
) -> Any:
    """Apply a function as long as a condition holds: ``while cond_fn(value): value = body_fn(value)``.

    In a compiled function it is one loop. Its gradient has to remember each step, and a compiled program needs to know
    how many there may be: with `max_steps` gradients flow there too; elsewhere they always do.

    Args:
        cond_fn: takes the value, returns a tensor of one element, or a bool.
        body_fn: takes the value, returns the next one, in the same shapes and data types.
        init: the first value: a tensor or number, or nested lists, tuples and dicts of them.
        max_steps: after how many steps it ends in any case.

    Example:
        >>> import zkynet as zk
        >>> zk.while_loop(lambda x: x < 100, lambda x: x * 3, zk.tensor(1.0))
        Tensor(243.)
    """
    check_callable("while_loop", cond_fn)
    check_callable("while_loop", body_fn)
    limit = None if max_steps is None else whole("while_loop", "max_steps", max_steps)
    if limit is not None and limit < 0:
        raise InvalidValueError(
            f"while_loop: max_steps is 0 or more, received {limit}", fix="pass how many there may be"
        )
    start, found = Tree(init, "the value of while_loop"), compiler()
    if found is None:
        return _eager(cond_fn, body_fn, start, limit)
    if limit is not None:
        return _bounded(cond_fn, body_fn, start, limit)
    return _compiled(found, cond_fn, body_fn, start)


def _eager(cond_fn: Any, body_fn: Any, start: Tree, limit: int | None) -> Any:
    value, steps = start, 0
    while (limit is None or steps < limit) and bool(cond_fn(value.filled(value.tensors))):
        value = _next(body_fn, start, value.filled(value.tensors))
        steps += 1
    return value.filled(value.tensors)


def _next(body_fn: Any, start: Tree, value: Any) -> Tree:
    new = Tree(body_fn(value), f"the result of {function_name(body_fn)}", start)
    check_kinds(
        f"while_loop: {function_name(body_fn)} returns a value of another kind than it was given",
        {"given": start, "returned": new},
        fix="begin with a value of the shapes and data types that it returns",
    )
    return new


def _bounded(cond_fn: Any, body_fn: Any, start: Tree, limit: int) -> Any:
    """As many steps as there may be, of which those do nothing that come after the end."""

    def step(held: Any, _: Any) -> Any:
        goes_on, tensors = held
        value = start.filled(tensors)
        goes_on = goes_on & condition_of("while_loop", as_tensor("while_loop", cond_fn(value)))
        return (
            goes_on,
            cond(goes_on, lambda v: _next(body_fn, start, v).tensors, lambda v: Tree(v, "").tensors, value),
        ), None

    (_, tensors), _ = scan(step, (ones((), dtype="bool"), start.tensors), length=limit)
    return start.filled(tensors)


def _compiled(found: Any, cond_fn: Any, body_fn: Any, start: Tree) -> Any:
    """A loop of the compiler's."""
    backend = start.tensors[0].backend

    def again(tensors: list[Tensor]) -> list[Tensor]:
        return [condition_of("while_loop", as_tensor("while_loop", cond_fn(start.filled(tensors))))]

    def one(tensors: list[Tensor]) -> list[Tensor]:
        return _next(body_fn, start, start.filled(tensors)).tensors

    others = used_by(one, start.tensors)
    goes_on = on_arrays(again, backend)
    raws = found.while_loop(lambda raws: goes_on(raws)[0], on_arrays(one, backend), start.raws)

    def back(results: Any, cotangents: Any) -> Any:
        raise GradientError(
            "the gradient of a compiled while_loop has to remember each step, and how many there may be is not said",
            fix="pass max_steps to while_loop, or use zk.scan",
        )

    return start.filled(Structured("while_loop", back).record([*start.tensors, *others], raws, backend))
