"""What the functions of layers ask of their inputs, in the same words everywhere."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, DTypeError, described
from zkynet.tensor import Tensor


def floats(name: str, **operands: Any) -> None:
    """Refuse operands that are no tensors of one floating dtype (None is passed over); the first one is the input.

    An input of another floating dtype than the weights would silently make everything after it wider (float64, which
    NumPy makes by default, costs four times as much), so it is a mistake as in PyTorch.
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
            if not dt.is_differentiable(x.dtype):
                raise DTypeError(
                    f"{name} computes with floats, {what} is {x.dtype}",
                    facts=[f"{what}  {x.shape}, {x.dtype}"],
                    fix=f"convert it first: {what}.astype(zk.float32)",
                    op=name,
                    dtype=x.dtype,
                )
        elif raw_dtype != first[1] and x.dtype != first[2].dtype:
            raise DTypeError(
                f"{name}: {first[0]} is {first[2].dtype} and {what} is {x.dtype}",
                fix=f"convert one of them: {first[0]}.astype(zk.{x.dtype}), or the model with "
                f"model.to(zk.{first[2].dtype})",
                op=name,
                dtype=x.dtype,
            )
