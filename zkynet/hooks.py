"""Hooks on gradients: the check of what they return, and the handle that takes one off again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zkynet.errors import ArgumentError, BackendError, GradientError
from zkynet.graph import AnyNode, extra_of, next_number

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class HookHandle:
    """Takes a hook off its tensor again: ``handle.remove()``, or just ``handle()``; a second time does nothing."""

    __slots__ = ("_hooks", "_key")

    def __init__(self, hooks: dict[int, Any], key: int) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """Take the hook off."""
        self._hooks.pop(self._key, None)

    __call__ = remove


def register(node: AnyNode | None, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
    """Have `hook` called with the finished gradient of a node's tensor in each backward pass."""
    if node is None:
        raise GradientError("a hook needs a tensor that gradients flow to", fix="call requires_grad_() first")
    if not callable(hook):
        raise ArgumentError(
            f"a gradient hook is a function of the gradient, received {type(hook).__name__}",
            fix="pass a function: x.register_hook(lambda g: 2 * g)",
        )
    hooks, key = extra_of(node).hooks, next_number()
    hooks[key] = _checked(hook)
    return HookHandle(hooks, key)


def _checked(hook: Callable[[Tensor], Tensor | None]) -> Callable[[Tensor], Tensor | None]:
    """`hook`, which has to return a tensor of the gradient's backend, or None."""

    def run(g: Tensor) -> Tensor | None:
        changed: Any = hook(g)
        if changed is None:
            return None
        if not isinstance(changed, type(g)):
            raise ArgumentError(
                f"a gradient hook must return a tensor or None, it returned {type(changed).__name__}",
                fix="return a tensor of the gradient's own shape, or None to leave the gradient as it is",
            )
        if changed.backend is not g.backend:
            raise BackendError(
                f"a gradient hook returned a tensor of {changed.backend.name} for a gradient of {g.backend.name}",
                fix=f'return one of the same backend: g.to("{g.backend.name}")',
                backends=(g.backend.name, changed.backend.name),
            )
        return changed

    return run
