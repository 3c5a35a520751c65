"""Walking along a sequence: what recurrent layers of every kind share.

A layer is one op over the whole sequence. Its input is projected for all steps in one product before the walk, and the
gradients of its weights are one product each after the walk back. The steps themselves are written once, as functions
of a carried state and of what there is at a time; who walks is a function of its own (`scan`), so that a backend can
put a loop of its own there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from zkynet.backend.namespace import BODIES
from zkynet.graph import Recording

Carry = tuple[Any, ...]


def scan(
    xp: Any, step: Callable[[Carry, Carry], tuple[Carry, Carry]], carry: Carry, along: Carry, reverse: bool
) -> tuple[Carry, Carry]:
    """Walk along the first axis of arrays: ``carry, out = step(carry, arrays at a time)``, time after time.

    Args:
        xp: the namespace.
        step: one step.
        carry: the state to begin with.
        along: arrays that have time as their first axis; None stays None at all times.
        reverse: whether to walk from the last time to the first.

    Returns:
        The last state, and what the steps put out, stacked along time.
    """
    steps = next(a for a in along if a is not None).shape[0]
    outs = []
    for t in range(steps - 1, -1, -1) if reverse else range(steps):
        carry, out = step(carry, tuple([None if a is None else a[t, ...] for a in along]))
        outs.append(out)
    if reverse:
        outs.reverse()
    return carry, tuple([xp.stack(list(parts), axis=0) for parts in zip(*outs, strict=True)])


def backward_of(xp: Any, name: str) -> Callable[..., Any]:
    """What computes the gradients of a layer: on raw arrays the backend's kernel or the generic body of that name.

    On tensors it is the body, step by step: that is recorded, and so can be differentiated again.
    """
    if xp is Recording.namespace:
        return partial(BODIES[f"nn.{name}"], xp)
    return getattr(xp.nn, name)


def only(parts: tuple[Any, ...], reached: tuple[bool, ...]) -> tuple[Any, ...]:
    """The cotangents that have come, and None for the others."""
    return tuple([part if has_come else None for part, has_come in zip(parts, reached, strict=True)])


def flat(xp: Any, x: Any) -> Any:
    """Steps and batch as one axis: (T, N, K) becomes (T N, K)."""
    steps, batch, k = x.shape
    return xp.reshape(x, (steps * batch, k))


def project(xp: Any, x: Any, w: Any, b: Any = None) -> Any:
    """``x @ w.T + b`` at all times, in one product: (T, N, K) becomes (T, N, J) by `w` (J, K)."""
    out = xp.matmul(flat(xp, x), xp.matrix_transpose(w))
    return xp.reshape(out if b is None else out + b, (*x.shape[:2], w.shape[0]))


def project_back(xp: Any, d: Any, w: Any) -> Any:
    """The gradient of `project` by `x`."""
    return xp.reshape(xp.matmul(flat(xp, d), w), (*d.shape[:2], w.shape[1]))


def weight_gradient(xp: Any, d: Any, x: Any) -> Any:
    """The gradient of `project` by `w`: the sum over all times and examples of what meets in each element."""
    return xp.matmul(xp.matrix_transpose(flat(xp, d)), flat(xp, x))


def before(xp: Any, states: Any, first: Any, reverse: bool) -> Any:
    """The state before each step: `states` one step later, behind the initial one."""
    first = xp.expand_dims(first, axis=0)
    return xp.concat([states[1:, ...], first] if reverse else [first, states[:-1, ...]], axis=0)


def plus(a: Any, b: Any) -> Any:
    """The sum of what is not None."""
    return b if a is None else a if b is None else a + b
