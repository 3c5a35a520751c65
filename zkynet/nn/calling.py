"""What happens around a module's `forward`: hooks, and errors that say which module they are from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.custom import custom_gradient
from zkynet.errors import ArgumentError, ZkynetError, described
from zkynet.hooks import HookHandle
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.nn.module import Module

Hook = Callable[..., Any]


class Hooks:
    """The hooks of one module, in the order in which they are called."""

    __slots__ = ("after", "backward", "backward_before", "before", "count")

    def __init__(self) -> None:
        self.before: dict[int, tuple[Hook, bool]] = {}
        self.after: dict[int, tuple[Hook, bool]] = {}
        self.backward_before: dict[int, Hook] = {}
        self.backward: dict[int, Hook] = {}
        self.count = 0

    def add(self, hooks: dict[int, Any], hook: Any, name: str, first: bool = False) -> HookHandle:
        """Put a hook behind the others, or before them; returns what takes it off."""
        if not callable(hook[0] if isinstance(hook, tuple) else hook):
            raise ArgumentError(f"{name} expected a function, received {type(hook).__name__}", fix="pass a function")
        self.count += 1
        hooks[self.count] = hook
        if first:
            others = {key: hooks.pop(key) for key in list(hooks) if key != self.count}
            hooks.update(others)
        return HookHandle(hooks, self.count)

    def __deepcopy__(self, memo: dict[int, Any]) -> Hooks:
        out = Hooks()  # a copy of the module keeps its hooks, which are the same functions
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(out, name, dict(value) if isinstance(value, dict) else value)
        return out


def call_hooked(module: Module, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `forward` with the hooks around it."""
    for hook, with_kwargs in tuple(hooks.before.values()):
        changed = hook(module, args, kwargs) if with_kwargs else hook(module, args)
        if changed is None:
            continue
        if not with_kwargs:
            args = changed if isinstance(changed, tuple) else (changed,)
        elif isinstance(changed, tuple) and len(changed) == 2 and isinstance(changed[1], dict):
            args, kwargs = changed
        else:
            raise ArgumentError(
                "a forward pre-hook with with_kwargs=True returns (args, kwargs) or None",
                facts=[f"it returned  {type(changed).__name__}"],
                fix="return both, the arguments as a tuple and the keyword arguments as a dict",
            )
    if hooks.backward or hooks.backward_before:
        out = _watched_backward(module, hooks, args, kwargs)
    else:
        out = module.forward(*args, **kwargs)
    for hook, with_kwargs in tuple(hooks.after.values()):
        changed = hook(module, args, kwargs, out) if with_kwargs else hook(module, args, out)
        if changed is not None:
            out = changed
    return out


def _watched_backward(module: Module, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `forward` between two identities whose gradients are shown to the backward hooks."""
    came: list[Any] = [None]  # the gradients of the outputs, for the hooks that see those of the inputs
    at = [i for i, a in enumerate(args) if isinstance(a, Tensor) and a.requires_grad]

    def run(grads: tuple[Any, ...]) -> tuple[Any, ...]:
        full: tuple[Any, ...] = tuple(grads[at.index(i)] if i in at else None for i in range(len(args)))
        for hook in tuple(hooks.backward.values()):
            changed = hook(module, full, came[0])
            if changed is not None:
                changed = changed if isinstance(changed, tuple) else (changed,)
                if len(changed) != len(full):
                    raise ArgumentError(
                        f"a backward hook returned {len(changed)} gradients for {len(full)} inputs",
                        fix="return one for each positional input of the module (None where there is none), or None",
                    )
                full = changed
        return tuple(full[i] for i in at)

    if at:
        inputs = _boundary(run, [args[i] for i in at])
        args = tuple(inputs[at.index(i)] if i in at else a for i, a in enumerate(args))
    out = module.forward(*args, **kwargs)
    listed = list(out) if isinstance(out, (tuple, list)) else [out]
    places = [i for i, t in enumerate(listed) if isinstance(t, Tensor) and t.requires_grad]
    if not places:
        return out

    def see(grads: tuple[Any, ...]) -> tuple[Any, ...]:
        full: tuple[Any, ...] = tuple(grads[places.index(i)] if i in places else None for i in range(len(listed)))
        for hook in tuple(hooks.backward_before.values()):
            changed = hook(module, full)
            if changed is not None:
                full = changed if isinstance(changed, tuple) else (changed,)
        came[0] = full
        if not at:  # no input has a gradient, so nobody else will call them
            run(())
        return tuple(full[i] for i in places)

    for i, t in zip(places, _boundary(see, [listed[i] for i in places]), strict=True):
        listed[i] = t
    if not isinstance(out, (tuple, list)):
        return listed[0]
    return type(out)(*listed) if hasattr(out, "_fields") else type(out)(listed)


def _boundary(see: Callable[[tuple[Any, ...]], tuple[Any, ...]], tensors: list[Tensor]) -> tuple[Tensor, ...]:
    """The tensors as they are; on the way back `see` gets their gradients, and what it returns goes on."""

    @custom_gradient
    def identity(*xs: Tensor) -> Any:
        return xs, lambda gs: see(tuple(gs))

    return identity(*tensors)


def locate(error: ZkynetError, module: Module) -> None:
    """Add to an error that passes through a module's call where in the model it is from."""
    trail: list[Module] = getattr(error, "trail", None) or []
    if trail and trail[-1] is module:
        return
    trail.append(module)
    path = type(module).__name__
    for outer, inner in zip(reversed(trail), list(reversed(trail))[1:], strict=False):
        name = next((n for n, m in outer.named_modules() if m is inner), None)
        path += f".{name}" if name is not None else f" > {type(inner).__name__}"
    innermost = trail[0]
    made = f", made at {innermost._held.made_at}" if innermost._held.made_at else ""
    kind = f"{type(innermost).__name__}({innermost.extra_repr()})" if not list(innermost.children()) else ""
    where = f"at {path}" + (f", {kind}" if kind and len(trail) > 1 else f"{kind.removeprefix(path)}")
    error.locate(where + made, module=path, trail=trail)


def not_tensors(module: Module, args: tuple[Any, ...]) -> ArgumentError | None:
    """The error for a layer of ours that failed because an input is no tensor; None if that is not why."""
    if not type(module).__module__.startswith("zkynet.nn."):
        return None
    wrong = next((a for a in args if not isinstance(a, (Tensor, tuple))), Tensor)
    if wrong is Tensor:
        return None
    return ArgumentError(
        f"{type(module).__name__} takes tensors, received {described(wrong)}",
        fix="make a tensor of it first: zk.tensor(...)" if wrong is not None else "pass a tensor",
    )


def made_at() -> str:
    """The file and line outside of zkynet that is making a module now."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith("zkynet."):
            return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"
        frame = frame.f_back
    return ""
