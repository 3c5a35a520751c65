"""`state_dict` and `load_state_dict` of modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, StateDictError, ZkynetError, described
from zkynet.nn.parameter import UninitializedParameter
from zkynet.nn.tree import join, own_parameters
from zkynet.ops.casting import convert
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.nn.module import Module


def entries(root: Module, prefix: str = "") -> Iterator[tuple[str, Module, str, Tensor]]:
    """All that belongs to the state: its name, the module it is in, the name there, and the tensor."""
    for path, module in root.named_modules(prefix, remove_duplicate=False):
        for name, p in own_parameters(module):
            yield join(path, name), module, name, p
        for name, saved in module._held.buffers.items():
            b = module.__dict__.get(name)
            if saved and b is not None:
                yield join(path, name), module, name, b


def collect(root: Module, prefix: str, keep_vars: bool) -> dict[str, Tensor]:
    """The state by name; a tensor with several names is copied once."""
    if not isinstance(prefix, str):
        raise ArgumentError(f"state_dict: prefix is a string, received {described(prefix)}")
    copies: dict[int, Tensor] = {}
    out: dict[str, Tensor] = {}
    for name, _, _, held in entries(root, prefix.removesuffix(".")):
        if not keep_vars and id(held) not in copies:
            copies[id(held)] = held.detach().copy()
        out[name] = held if keep_vars else copies[id(held)]
    return out


def load(root: Module, state: Mapping[str, Any], strict: bool) -> tuple[list[str], list[str]]:
    """Take over values by name, all or none; returns the names that only one side has."""
    if not isinstance(state, Mapping):
        raise ArgumentError(
            f"load_state_dict expected a dict of tensors by name, received {described(state)}",
            fix="pass what state_dict() gave, or the tensors read from a file",
        )
    have = {name: (module, own, held) for name, module, own, held in entries(root)}
    late = _late_buffers(root)
    missing = [name for name in (*have, *late) if name not in state]
    unexpected = [str(name) for name in state if name not in have and name not in late]
    wrong: list[str] = []
    new: dict[str, Tensor] = {}
    for name, (_, _, held) in have.items():
        if name in state:
            try:
                new[name] = _fitting(name, held, state[name])
            except _Misfit as e:
                wrong.append(str(e))
    wrong += _disagreeing(have, late, new, state)
    if wrong or (strict and (missing or unexpected)):
        raise _refused(type(root).__name__, missing if strict else [], unexpected if strict else [], wrong, list(have))
    _take_sizes(have, late, new, state)
    for name in late:
        if name in state:
            module, own = late[name]
            have[name] = (module, own, getattr(module, own))
            new[name] = _fitting(name, have[name][2], state[name])
    for name, value in new.items():
        module, own, held = have[name]
        if own in module._held.buffers:
            object.__setattr__(module, own, value)
        else:
            held.data = value.to(held.backend.name, dtype=held.dtype, device=held.device).data
    return missing, unexpected


class _Misfit(Exception):
    """Why a value does not fit a parameter or buffer."""


def _fitting(name: str, held: Tensor, value: Any) -> Tensor:
    """`value` as a tensor like `held`, in memory of its own."""
    try:
        t = value if isinstance(value, Tensor) else asarray(_host(value))
    except (ZkynetError, TypeError, ValueError):
        raise _Misfit(f"{name}  is {described(value)}, which no tensor can be made of") from None
    shape = held.template[0] if isinstance(held, UninitializedParameter) else held.shape
    if len(shape) != len(t.shape) or any(n is not None and n != m for n, m in zip(shape, t.shape, strict=True)):
        wanted = tuple("?" if n is None else n for n in shape)
        raise _Misfit(f"{name}  has shape {str(wanted).replace(chr(39), '')} here, {t.shape} in the dict")
    dtype = held.template[1] if isinstance(held, UninitializedParameter) else held.dtype
    if dt.kind_rank(t.dtype) > dt.kind_rank(dtype):
        raise _Misfit(f"{name}  is {dtype} here, {t.dtype} in the dict")
    if isinstance(held, UninitializedParameter):
        return t.detach().copy()
    moved = convert(t.detach(), dtype=dtype, device=held.device, backend=held.backend.name)
    return moved.copy() if moved._raw is t._raw else moved


def _host(value: Any) -> Any:
    """An array of a library that hands its values out only when asked (PyTorch's parameters)."""
    return value.detach() if hasattr(value, "detach") and not isinstance(value, Tensor) else value


def _late_buffers(root: Module) -> dict[str, tuple[Module, str]]:
    """By name the buffers that a layer will have when its size is known: its module, and their name there."""
    out: dict[str, tuple[Module, str]] = {}
    for path, module in root.named_modules(remove_duplicate=False):
        for own in getattr(module, "_late_buffers", tuple)():
            out[join(path, own)] = (module, own)
    return out


Shapes = dict[int, tuple["Module", dict[str, tuple[int, ...]]]]


def _shapes_to_take(
    have: dict[str, Any], late: dict[str, tuple[Module, str]], new: dict[str, Tensor], state: Mapping[str, Any]
) -> Shapes:
    """By module the saved shapes that tell the size of a layer whose size was left to the first input."""
    shapes: Shapes = {}
    for name, (module, own, held) in have.items():
        if isinstance(held, UninitializedParameter) and name in new:
            shapes.setdefault(id(module), (module, {}))[1][own] = new[name].shape
    for name, (module, own) in late.items():
        shape = tuple(getattr(state.get(name), "shape", ()))
        if len(shape) == 1:
            shapes.setdefault(id(module), (module, {}))[1][own] = shape
    return shapes


def _disagreeing(
    have: dict[str, Any], late: dict[str, tuple[Module, str]], new: dict[str, Tensor], state: Mapping[str, Any]
) -> list[str]:
    """What is said of saved tensors of a layer with late buffers that do not have one size."""
    if not late:
        return []
    sizes = {key: set(shapes.values()) for key, (_, shapes) in _shapes_to_take(have, late, new, state).items()}
    out = []
    for name, (module, own) in late.items():
        shape = tuple(getattr(state.get(name), "shape", ()))
        wanted = 0 if own == "num_batches_tracked" else 1
        if name in state and (len(shape) != wanted or (wanted and len(sizes[id(module)]) > 1)):
            out.append(f"{name}  has shape {shape} in the dict, next to {sorted(sizes.get(id(module), ()))}")
    return out


def _take_sizes(
    have: dict[str, Any], late: dict[str, tuple[Module, str]], new: dict[str, Tensor], state: Mapping[str, Any]
) -> None:
    """Give layers whose size was left to the first input the size of their new weights."""
    for module, by_name in _shapes_to_take(have, late, new, state).values():
        module.infer_from(by_name)  # type: ignore[attr-defined]


def _refused(kind: str, missing: list[str], unexpected: list[str], wrong: list[str], have: list[str]) -> StateDictError:
    facts = [f"missing     {name}" for name in missing]
    facts += [f"unexpected  {name}" for name in unexpected]
    facts += [f"mis-shaped  {text}" for text in wrong]
    fix = "make the model as it was when it was saved"
    if not wrong:
        fix += ", or pass strict=False to load what both have"
    starts = {name.partition(".")[0] for name in unexpected}
    if len(starts) == 1 and {name.partition(".")[2] for name in unexpected} >= set(missing) and missing:
        start = f"{starts.pop()}."
        fix = f"take {start!r} off the names: {{k.removeprefix({start!r}): v for k, v in state.items()}}"
    return StateDictError(
        f"this state_dict does not fit {kind}; nothing was loaded",
        facts=facts,
        fix=fix,
        missing=missing,
        unexpected=unexpected,
        misshapen=[text.partition("  ")[0] for text in wrong],
    )
