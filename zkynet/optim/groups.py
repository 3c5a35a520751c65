"""What users pass as parameters: tensors, pairs of name and tensor, or groups of them; checked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zkynet.dtypes import kind_rank
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError, UnsizedError, described
from zkynet.graph import Leaf
from zkynet.tensor import Tensor

Group = dict[str, Any]


def as_groups(name: str, params: Any) -> list[Group]:
    """The groups that are meant by what the user passed to the optimiser called `name`."""
    if isinstance(params, Tensor):
        raise ArgumentError(f"{name} takes several parameters, received one tensor", fix="pass a list: [tensor]")
    if callable(getattr(params, "parameters", None)):
        raise ArgumentError(
            f"{name} takes the parameters of a model, received the model ({type(params).__name__})",
            fix="pass model.parameters(), or model.named_parameters() to see names in errors",
        )
    if isinstance(params, (Mapping, str)) or not isinstance(params, Iterable):
        raise ArgumentError(
            f"{name} takes parameters one after another, received {described(params)}",
            fix="pass a list of tensors, of (name, tensor) pairs, or of groups {'params': [...], 'lr': ...}",
        )
    given = list(params)
    if not given:
        raise InvalidValueError(
            f"{name} was given no parameters",
            fix="pass model.parameters(); a generator that was used once already is empty",
        )
    if all(isinstance(each, Mapping) for each in given):
        return [dict(group) for group in given]
    if any(isinstance(each, Mapping) for each in given):
        raise ArgumentError(f"{name} takes groups or parameters, received both", fix="put each parameter into a group")
    return [{"params": given}]


def split_names(name: str, params: Any) -> tuple[list[Tensor], list[str] | None]:
    """The tensors of one group, and their names where the user gave pairs."""
    if isinstance(params, Tensor):
        params = [params]
    if isinstance(params, (set, frozenset)):
        raise ArgumentError(
            f"{name}: the parameters of a group are a set, which has no order",
            facts=["the optimiser's state is saved by the order of the parameters"],
            fix="pass a list",
        )
    if isinstance(params, (Mapping, str)) or not isinstance(params, Iterable):
        raise ArgumentError(
            f"{name}: the params of a group are tensors, received {described(params)}", fix="pass a list of tensors"
        )
    tensors, names = [], []
    for each in params:
        if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str):
            names.append(each[0])
            each = each[1]
        tensors.append(each)
    if names and len(names) != len(tensors):
        raise ArgumentError(
            f"{name}: some parameters of a group have names and some have none", fix="pass all of them with names"
        )
    return tensors, names or None


def check_parameter(name: str, what: str, p: Any, takes_complex: bool) -> None:
    """Refuse what cannot be updated; `what` says which parameter it is."""
    if not isinstance(p, Tensor):
        raise ArgumentError(
            f"{name}: {what} is no tensor, received {described(p)}", fix="pass zkynet tensors with requires_grad=True"
        )
    try:
        dtype, shape = p.dtype, p.shape
    except UnsizedError:
        return  # its size is inferred at the model's first call
    if p.node is not None and not isinstance(p.node, Leaf):
        raise GradientError(
            f"{name}: {what} is the result of {p.node.op.name}, and only leaves collect gradients",
            facts=[f"shape  {shape}"],
            fix="pass the tensor it was computed from, or x.detach().requires_grad_()",
        )
    if kind_rank(dtype) == 3 and not takes_complex:
        raise DTypeError(
            f"{name}: {what} is {dtype}, and {name} takes real parameters",
            facts=[f"shape  {shape}"],
            fix="use an optimiser such as zk.optim.Adam, which takes complex ones too",
            dtype=dtype,
        )
    if kind_rank(dtype) < 2:
        raise DTypeError(
            f"{name}: {what} is {dtype}, and only floats can be learned",
            facts=[f"shape  {shape}"],
            fix="convert it first: x.astype(zk.float32)",
            dtype=dtype,
        )


def called(group: Group, index: int, k: int) -> str:
    """How errors call the `k`-th parameter of a group, the `index`-th of all: by its name, or by number and shape."""
    names = group.get("param_names")
    if names is not None:
        return f"parameter {names[k]!r}"
    p = group["params"][k]
    try:
        return f"parameter {index} of shape {p.shape}"
    except (AttributeError, UnsizedError):
        return f"parameter {index}"
