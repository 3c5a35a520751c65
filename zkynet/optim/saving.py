"""What an optimiser remembers, in and out of PyTorch's layout: parameters are numbered over all groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.dtypes import float32, kind_rank
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, described
from zkynet.optim.groups import Group, called
from zkynet.optim.half_precision import HALF
from zkynet.tensor import Tensor, wrap

if TYPE_CHECKING:
    from zkynet.optim.optimizer import Optimizer

State = dict[Tensor, dict[str, Any]]


def saved(groups: list[Group], state: State) -> dict[str, Any]:
    """Groups and state with numbers for parameters; tensors are other handles on the same values."""
    numbers: dict[int, int] = {}
    packed = []
    for group in groups:
        for p in group["params"]:
            numbers[id(p)] = len(numbers)
        packed.append({**_handed_out(group), "params": [numbers[id(p)] for p in group["params"]]})
    known = {numbers[id(p)]: _handed_out(entries) for p, entries in state.items() if id(p) in numbers}
    return {"state": dict(sorted(known.items())), "param_groups": packed}


def _handed_out(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) for name, value in entries.items() if name != "params"}


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value


def loaded(optimizer: Optimizer, given: Any) -> tuple[list[Group], State]:
    """The groups and the state that `given` holds for the parameters of an optimiser, or an error; changes nothing."""
    name = type(optimizer).__name__
    if not isinstance(given, Mapping) or "state" not in given or "param_groups" not in given:
        raise ArgumentError(
            f"{name}.load_state_dict takes a dict with 'state' and 'param_groups', received {described(given)}",
            fix="pass what state_dict() of an optimiser gave",
        )
    have, groups = optimizer.param_groups, given["param_groups"]
    expected, received = [len(g["params"]) for g in have], [len(g["params"]) for g in groups]
    if expected != received:
        raise InvalidValueError(
            f"{name}.load_state_dict: the groups of parameters are others",
            facts=[f"parameters in each group  {expected}", f"in the state_dict          {received}"],
            fix="make the optimiser for the same model, in the same groups, as when it was saved",
        )
    numbers = [number for group in groups for number in group["params"]]
    owners = [(group, k, p) for group in have for k, p in enumerate(group["params"])]
    place = {number: (i, *owner) for i, (number, owner) in enumerate(zip(numbers, owners, strict=True))}
    state: State = {}
    for number, entries in given["state"].items():
        if number not in place:
            raise InvalidValueError(
                f"{name}.load_state_dict: there is state for parameter {number!r}, which is in no group",
                facts=[f"parameters in groups  {numbers}"],
                fix="pass what state_dict() of an optimiser gave",
            )
        i, group, k, p = place[number]
        what = f"{name}.load_state_dict: {called(group, i, k)}"
        state[p] = {key: _entry(optimizer, what, key, value, p) for key, value in entries.items()}
    merged = []
    for old, new in zip(have, groups, strict=True):
        kept = {key: old[key] for key in ("params", "param_names") if key in old}
        settings = {key: _setting(value) for key, value in new.items() if key not in ("params", "param_names")}
        merged.append({**optimizer.defaults, **settings, **kept})
    return merged, state


def moved(t: Tensor, p: Tensor) -> Tensor:
    """A remembered array on the backend and device of its parameter."""
    backend = p.backend
    return wrap(backend.from_numpy(np.array(t.numpy()), backend.device_of(p._raw)), backend, None)


def _setting(value: Any) -> Any:
    """A setting of a group: what is no tensor of zkynet but an array becomes a number."""
    if isinstance(value, (tuple, list)):
        return tuple(_setting(each) for each in value)
    return _number(value) if hasattr(value, "shape") and not isinstance(value, Tensor) else value


def _number(value: Any) -> Any:
    number = np.asarray(value).item()
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _entry(optimizer: Optimizer, what: str, key: str, value: Any, p: Tensor) -> Any:
    """One remembered thing of a parameter, on its backend, in memory of its own."""
    if key in optimizer.counters:
        if isinstance(value, Tensor):
            return _number(value.item())
        return _number(value) if hasattr(value, "shape") else value
    if isinstance(value, list):
        return [_entry(optimizer, what, key, each, p) for each in value]
    if not hasattr(value, "shape"):
        return value
    expected = optimizer._buffer_shape(key, tuple(p.shape))
    if expected is None and not tuple(value.shape):
        return _number(value.numpy() if isinstance(value, Tensor) else value)
    if expected is not None and tuple(value.shape) != expected:
        raise ShapeError(
            f"{what}: {key} has another shape",
            facts=[f"expected  {expected}", f"received  {tuple(value.shape)}"],
            fix="load the state of an optimiser for a model of the same shapes",
        )
    array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    if kind_rank(array.dtype) < 2:
        raise DTypeError(f"{what}: {key} is {array.dtype}, and floats are expected", fix="pass an array of floats")
    dtype = float32 if p.dtype.name in HALF else p.dtype
    backend = p.backend
    return wrap(backend.from_numpy(np.array(array, dtype), backend.device_of(p._raw)), backend, None)
