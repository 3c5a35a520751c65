"""A module called with other parameters than its own: what meta-learning and per-example gradients are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError, ShapeError, StateDictError, described
from zkynet.nn.module import Module
from zkynet.nn.parameter import UninitializedParameter
from zkynet.nn.state import entries
from zkynet.tensor import Tensor

__all__ = ["functional_call"]


def functional_call(
    module: Module,
    parameters_and_buffers: Mapping[str, Tensor],
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Call a module with given tensors in place of its parameters and buffers, through which gradients flow.

    The module is as before afterwards. A tensor given for one name of a shared parameter stands for all of its names.

    Args:
        module: the module.
        parameters_and_buffers: tensors by name, as `Module.named_parameters` names them; the others stay as they are.
        args: the inputs, a tuple; or one input.
        kwargs: keyword arguments of the call.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.Linear(2, 1)
        >>> w = {"weight": zk.tensor([[1.0, 2.0]]), "bias": zk.tensor([0.5])}
        >>> zk.nn.functional_call(layer, w, zk.tensor([[1.0, 1.0]]))
        Tensor([[3.5]])
    """
    if not isinstance(module, Module):
        raise ArgumentError(f"functional_call expected a module, received {described(module)}")
    if not isinstance(parameters_and_buffers, Mapping):
        raise ArgumentError(
            f"functional_call expected a dict of tensors by name, received {described(parameters_and_buffers)}",
            fix="pass the parameters by name: dict(module.named_parameters())",
        )
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise ArgumentError(
            f"functional_call: kwargs is a dict of keyword arguments, received {described(kwargs)}",
            fix="pass a dict, or None",
        )
    held = {name: t for name, _, _, t in entries(module)}
    held.update(module.named_buffers(remove_duplicate=False))
    chosen: dict[int, tuple[str, Tensor, Tensor]] = {}
    for name, new in parameters_and_buffers.items():
        if name not in held:
            raise StateDictError(
                f"functional_call: {type(module).__name__} has no parameter or buffer {name!r}",
                facts=[f"it has  {', '.join(list(held)[:12])}"],
                fix="use the names of module.named_parameters()",
                unexpected=[name],
            )
        old = held[name]
        if not isinstance(new, Tensor):
            raise ArgumentError(f"functional_call: {name} is a tensor, received {described(new)}")
        if isinstance(old, UninitializedParameter):
            raise old._unsized()
        if new.shape != old.shape:
            raise ShapeError(
                f"functional_call: {name} has another shape",
                facts=[f"expected  {old.shape}", f"received  {new.shape}"],
            )
        if id(old) in chosen and chosen[id(old)][2] is not new:
            raise ArgumentError(
                f"functional_call: {name} and {chosen[id(old)][0]} are one parameter, and were given two tensors",
                fix="give it once",
            )
        chosen[id(old)] = (name, old, new)
    before = [(t, t._raw, t.backend, t.node) for _, t, _ in chosen.values()]
    now = [(t, new._raw, new.backend, new.node) for _, t, new in chosen.values()]
    try:
        for t, *values in now:
            t._raw, t.backend, t.node = values
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
    finally:
        for t, *values in before:
            t._raw, t.backend, t.node = values
