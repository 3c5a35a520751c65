"""What the functions of layers ask of their inputs, in the same words everywhere."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, BackendError, DTypeError, described
from zkynet.ops.op import FLOATING
from zkynet.tensor import Tensor


def floats(name: str, **operands: Any) -> Any:
    """The one backend of operands that are tensors of one floating dtype (None is passed over); others are refused.

    An input of another floating dtype than the weights would silently make everything after it wider (float64, which
    NumPy makes by default, costs four times as much), so it is a mistake as in PyTorch. An op of several inputs may
    then be run by ``op.run_prepared(backend, [...])``, for there is nothing left to settle.
    """
    first: Any = None
    for what, x in operands.items():
        if x is None:
            continue
        if not isinstance(x, Tensor):
            raise ArgumentError(
                f"{name}: {what} is a tensor, received {described(x)}", fix="convert it first with zk.asarray(...)"
            )
        raw_dtype = x._raw.dtype
        if first is None:
            first = (what, raw_dtype, x)
            if raw_dtype not in FLOATING and not dt.is_differentiable(x.dtype):
                raise DTypeError(
                    f"{name} computes with floats, {what} is {x.dtype}",
                    facts=[f"{what}  {x.shape}, {x.dtype}"],
                    fix=f"convert it first: {what}.astype(zk.float32)",
                    op=name,
                    dtype=x.dtype,
                )
            continue
        if x.backend is not first[2].backend:
            raise BackendError(
                f"{name}: {first[0]} is a tensor of {first[2].backend.name} and {what} one of {x.backend.name}",
                fix=f'move one of them: {first[0]}.to("{x.backend.name}"), or the model with '
                f'model.to("{first[2].backend.name}")',
                op=name,
                backends=(first[2].backend.name, x.backend.name),
            )
        if raw_dtype is not first[1] and raw_dtype != first[1]:
            raise DTypeError(
                f"{name}: {first[0]} is {first[2].dtype} and {what} is {x.dtype}",
                fix=f"convert one of them: {first[0]}.astype(zk.{x.dtype}), or the model with "
                f"model.to(zk.{first[2].dtype})",
                op=name,
                dtype=x.dtype,
            )
    return first[2].backend
