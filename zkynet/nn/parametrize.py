"""Parametrizations: a parameter or buffer of a module computed from others, under PyTorch's names.

``module.weight`` becomes ``module.parametrizations.weight()``: the modules registered for it, one after the other, of
``original`` (or of ``original0``, ``original1``, … where the first of them takes several tensors). These are what is
learned, saved and loaded.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from zkynet.autodiff.modes import no_grad
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.nn.containers import ModuleDict, ModuleList
from zkynet.nn.module import Module
from zkynet.nn.parameter import Parameter, UninitializedParameter
from zkynet.ops.arguments import flag
from zkynet.tensor import Tensor

__all__ = ["ParametrizationList", "is_parametrized", "register_parametrization", "remove_parametrizations"]


class ParametrizationList(ModuleList):
    """The modules that compute one parameter, and the tensors that they compute it from.

    Called without arguments, it gives the value. Made by `register_parametrization`.

    Args:
        modules: the parametrizations, applied in this order.
        original: the value that they are to give at first.
        learned: whether the originals are parameters; buffers if not.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.weight_norm(zk.nn.Linear(3, 2))
        >>> layer.parametrizations.weight().shape, layer.parametrizations.weight.original0.shape
        ((2, 3), (2, 1))
    """

    def __init__(self, modules: list[Module], original: Tensor) -> None:
        super().__init__(modules)
        self._shape, self._dtype = original.shape, original.dtype
        self._several: int | None = None
        values = inverted(modules, original)
        if isinstance(values, tuple):
            self._several = len(values)
            for name, value in zip(self._names(), values, strict=True):
                self._hold(name, Parameter(value, original.requires_grad) if _learned(original) else value.copy())
        else:
            self._hold("original", original)

    def _hold(self, name: str, tensor: Tensor) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def _names(self) -> list[str]:
        return ["original"] if self._several is None else [f"original{i}" for i in range(self._several)]

    def assign(self, value: Tensor) -> None:
        """Give the originals such values that the parameter becomes `value`.

        Args:
            value: a tensor of the parameter's shape.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.weight_norm(zk.nn.Linear(3, 1))
            >>> layer.parametrizations.weight.assign(zk.tensor([[3.0, 4.0, 0.0]]))
            >>> layer.parametrizations.weight.original0.tolist()
            [[5.0]]
        """
        if not isinstance(value, Tensor) or value.shape != self._shape:
            raise ShapeError(
                f"a parametrized tensor of shape {self._shape} was given {described(value)}",
                fix="assign a tensor of the same shape",
            )
        new = inverted(list(self), value)
        for name, each in zip(self._names(), new if isinstance(new, tuple) else (new,), strict=True):
            held = getattr(self, name)
            held.data = each.astype(held.dtype).data

    def forward(self) -> Tensor:
        """The value of the parameter.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.weight_norm(zk.nn.Linear(3, 2)).parametrizations.weight.forward().shape
            (2, 3)
        """
        return applied(list(self), tuple(getattr(self, name) for name in self._names()))


def applied(modules: list[Module], originals: tuple[Tensor, ...]) -> Any:
    """The parametrizations one after the other; the first may take several tensors."""
    first, *others = modules
    out = first(*originals)
    for module in others:
        out = module(out)
    return out


def inverted(modules: list[Module], value: Tensor) -> Any:
    """The original, or the tuple of originals, that gives a value, as far as the parametrizations can say."""
    out: Any = value.detach()
    with no_grad():
        for module in reversed(modules):
            inverse = getattr(module, "right_inverse", None)
            if inverse is not None:
                out = inverse(*out) if isinstance(out, (tuple, list)) else inverse(out)
    return tuple(out) if isinstance(out, (tuple, list)) else out


def _learned(tensor: Tensor) -> bool:
    return isinstance(tensor, Parameter)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Compute a parameter (or buffer) of a module from another tensor from now on; returns the module.

    The parametrization maps the original to the value. If it has a method ``right_inverse(value)``, that says what the
    original is at first, or is assigned later: a tensor, or a tuple of tensors that `forward` then takes. Several
    parametrizations of one tensor are applied one after the other.

    Args:
        module: what holds the parameter.
        tensor_name: its name there, "weight" for example.
        parametrization: a module that takes the original and returns the value.
        unsafe: True to let the value have another shape or dtype than the parameter had.

    Example:
        >>> import zkynet as zk
        >>> class Symmetric(zk.nn.Module):
        ...     def forward(self, x):
        ...         return (x + x.T) / 2
        >>> layer = zk.nn.register_parametrization(zk.nn.Linear(3, 3), "weight", Symmetric())
        >>> bool((layer.weight == layer.weight.T).all()), list(layer.state_dict())
        (True, ['bias', 'parametrizations.weight.original'])
    """
    name = "register_parametrization"
    if not isinstance(module, Module) or not isinstance(parametrization, Module):
        raise ArgumentError(
            f"{name}: module and parametrization are modules, received {described(module)} and "
            f"{described(parametrization)}",
            fix="write the parametrization as a class derived from nn.Module",
        )
    flag(name, "unsafe", unsafe)
    before = is_parametrized(module, tensor_name)
    held: Any = module.__dict__.get(tensor_name) if isinstance(tensor_name, str) else None
    if not before and (not isinstance(held, Tensor) or isinstance(held, UninitializedParameter)):
        raise _nothing_to_compute(name, module, tensor_name, held)
    holder: Any = module
    old = holder.parametrizations[tensor_name] if before else None
    modules = [parametrization] if old is None else [*old, parametrization]
    with no_grad():
        value = held if old is None else old()
        originals = inverted(modules, value)
        if old is not None and isinstance(originals, tuple) != (old._several is not None):
            raise ArgumentError(
                f"{name}: only the first parametrization of a tensor may take several tensors",
                fix="register it before the others",
            )
        originals = originals if isinstance(originals, tuple) else (originals,)
        if not unsafe:
            _check_like(tensor_name, applied(modules, originals), value)
    if old is None:
        made = ParametrizationList(modules, held)
        kept = getattr(module, "parametrizations", None)
        if kept is None:
            holder.parametrizations = kept = ModuleDict()
        del module.__dict__[tensor_name]
        module._held.buffers.pop(tensor_name, None)
        kept[tensor_name] = made
        holder.__class__ = _with_properties(_base_of(module), frozenset(kept))
    else:
        made = old
        made.append(parametrization)
    for each, original in zip(made._names(), originals, strict=True):
        tensor = getattr(made, each)
        if tensor._raw is not original._raw:  # else the optimiser's parameter is left as it is
            tensor.data = original.astype(tensor.dtype).data
    return module


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a parametrized tensor an ordinary parameter (or buffer) again; returns the module.

    Args:
        module: what holds it.
        tensor_name: its name there.
        leave_parametrized: True to keep the value that was computed, False for the original.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.weight_norm(zk.nn.Linear(3, 2))
        >>> before = layer.weight
        >>> list(zk.nn.remove_parametrizations(layer, "weight").state_dict())
        ['bias', 'weight']
        >>> zk.allclose(before, layer.weight)
        True
    """
    if not is_parametrized(module, tensor_name):
        have = list(getattr(module, "parametrizations", ()))
        raise InvalidValueError(
            f"remove_parametrizations: {type(module).__name__} has no parametrized tensor {tensor_name!r}",
            facts=[f"parametrized: {', '.join(have) or 'none'}"],
            fix="name one that register_parametrization was called for",
        )
    holder: Any = module
    made = holder.parametrizations[tensor_name]
    first = getattr(made, made._names()[0])
    if not flag("remove_parametrizations", "leave_parametrized", leave_parametrized) and made._several is not None:
        raise InvalidValueError(
            f"remove_parametrizations: {tensor_name!r} is computed from {made._several} tensors, not one original",
            fix="leave out leave_parametrized=False",
        )
    with no_grad():
        value = made().detach() if leave_parametrized else first.detach()
    learned = any(getattr(made, name).requires_grad for name in made._names())
    kept = holder.parametrizations
    del kept[tensor_name]
    base = _base_of(module)
    holder.__class__ = _with_properties(base, frozenset(kept)) if len(kept) else base
    if not len(kept):
        del module.__dict__["parametrizations"]
    if not isinstance(first, Parameter):
        module.register_buffer(tensor_name, value)
    elif made._several is None and value.shape == first.shape and value.dtype == first.dtype:
        first.data = value.data
        module.register_parameter(tensor_name, first)  # the same object, for the optimiser's sake
    else:
        module.register_parameter(tensor_name, Parameter(value, learned))
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has parametrizations, of one tensor or of any.

    Args:
        module: the module.
        tensor_name: the name of the tensor; None for any.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.weight_norm(zk.nn.Linear(3, 2))
        >>> zk.nn.is_parametrized(layer), zk.nn.is_parametrized(layer, "bias")
        (True, False)
    """
    kept: Any = getattr(module, "parametrizations", ()) if isinstance(module, _Parametrized) else ()
    return len(kept) > 0 if tensor_name is None else tensor_name in kept


class _Parametrized:
    """What tells the class of a parametrized module from its own."""


def _base_of(module: Module) -> type:
    """The module's class as it was without parametrizations."""
    kind = type(module)
    return kind.__mro__[2] if isinstance(module, _Parametrized) else kind


@cache
def _with_properties(base: type, names: frozenset[str]) -> type:
    """A subclass of `base` in which these tensors are computed: once while it is called, else at each access."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.__dict__["_computed"] = {}
        try:
            return base.forward(self, *args, **kwargs)  # type: ignore[attr-defined]
        finally:
            self.__dict__.pop("_computed", None)

    def reduce(self: Any, protocol: int) -> Any:
        return _made_again, (base, names), self.__dict__

    members: dict[str, Any] = {"forward": forward, "__reduce_ex__": reduce, "__module__": base.__module__}
    members |= {name: _computed(name) for name in names}
    return type(f"Parametrized{base.__name__}", (_Parametrized, base), members)


def _computed(name: str) -> property:
    def get(self: Any) -> Tensor:
        seen = self.__dict__.get("_computed")
        if seen is None:
            return self.parametrizations[name]()
        if name not in seen:
            seen[name] = self.parametrizations[name]()
        return seen[name]

    def put(self: Any, value: Tensor) -> None:
        self.parametrizations[name].assign(value)

    return property(get, put)


def _made_again(base: type, names: frozenset[str]) -> Any:
    """An empty module of the class, for copies, which then get its attributes."""
    kind: Any = _with_properties(base, names)
    return kind.__new__(kind)


def _nothing_to_compute(name: str, module: Module, tensor_name: Any, held: Any) -> Exception:
    kind = type(module).__name__
    if isinstance(held, UninitializedParameter):
        return InvalidValueError(
            f"{name}: {kind}.{tensor_name} has no shape yet, it is inferred from the first input",
            fix="call the module once before, or make it with its sizes",
        )
    have = [n for n, _ in module.named_parameters(recurse=False)] + [n for n, _ in module.named_buffers(recurse=False)]
    return InvalidValueError(
        f"{name}: {kind} has no parameter or buffer {tensor_name!r}",
        facts=[f"it has  {', '.join(have) or 'none'}"],
        fix="pass the name of one of them",
    )


def _check_like(name: str, got: Any, expected: Tensor) -> None:
    if not isinstance(got, Tensor):
        raise ArgumentError(f"the parametrization of {name} returned {described(got)}", fix="return a tensor")
    if got.shape != expected.shape:
        raise ShapeError(
            f"the parametrization of {name} changes its shape",
            facts=[f"{name}           {expected.shape}", f"parametrized  {got.shape}"],
            fix="return a tensor of the same shape, or pass unsafe=True",
        )
    if got.dtype != expected.dtype:
        raise DTypeError(
            f"the parametrization of {name} changes its dtype from {expected.dtype} to {got.dtype}",
            fix="return a tensor of the same dtype, or pass unsafe=True",
        )
