"""Methods that move a module to another backend or device, or to another dtype."""

from __future__ import annotations

from typing import Any, Self

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import DTypeError
from zkynet.nn.lookup import Lookup
from zkynet.nn.parameter import UninitializedParameter, rebind
from zkynet.nn.tree import own_parameters
from zkynet.ops.casting import convert
from zkynet.tensor import Tensor

_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


class Moving(Lookup):
    """Methods that move a module to another backend or device, or to another dtype."""

    def to(self, target: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Self:
        """Move all parameters and buffers to another backend or device, or to another floating dtype; returns itself.

        Args:
            target: the name of a backend or device, or a dtype.
            dtype: a dtype for all that are floating.
            device: the device.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).to(zk.float64).weight.dtype
            dtype('float64')
        """
        if target is not None and dtype is None and not isinstance(target, (str, Tensor)):
            target, dtype = None, target
        if isinstance(target, str) and target in _FLOATS:
            target, dtype = None, target
        wanted = None if dtype is None else dt.as_dtype(dtype)
        if wanted is not None and not dt.is_differentiable(wanted):
            raise DTypeError(
                f"{type(self).__name__}.to: parameters are floating, they cannot become {wanted}",
                fix="pass a floating dtype such as zk.float32",
                dtype=wanted,
            )
        every: dict[int, Tensor] = {}
        for module in self.modules():
            every.update((id(t), t) for _, t in own_parameters(module))
            every.update((id(t), t) for name in module._held.buffers if (t := module.__dict__.get(name)) is not None)
        moved: list[tuple[Tensor, Tensor]] = []
        for held in every.values():
            if isinstance(held, UninitializedParameter):
                continue
            kind = wanted if wanted is not None and dt.is_differentiable(held.dtype) else None
            moved.append((held, convert(held.detach(), target, dtype=kind, device=device)))
        like = convert(Tensor(0.0), target, device=device) if target is not None or device is not None else None
        for held in every.values():
            if isinstance(held, UninitializedParameter):
                shape, own, where, learned = held.template
                if like is not None:
                    held.backend, where = like.backend, str(like.device)
                held.template = (shape, own if wanted is None else wanted, where, learned)
        for held, new in moved:
            rebind(held, new)
        return self

    def float(self) -> Self:
        """Make all floating parameters and buffers float32; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).double().float().weight.dtype
            dtype('float32')
        """
        return self.to(dtype="float32")

    def double(self) -> Self:
        """Make all floating parameters and buffers float64; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).double().weight.dtype
            dtype('float64')
        """
        return self.to(dtype="float64")

    def half(self) -> Self:
        """Make all floating parameters and buffers float16; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).half().weight.dtype
            dtype('float16')
        """
        return self.to(dtype="float16")

    def bfloat16(self) -> Self:
        """Make all floating parameters and buffers bfloat16; returns itself.

        Example:
            >>> import zkynet as zk
            >>> str(zk.nn.Linear(3, 2).bfloat16().weight.dtype)
            'bfloat16'
        """
        return self.to(dtype="bfloat16")

    def cpu(self) -> Self:
        """Move all parameters and buffers to the host; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).cpu().weight.device
            'cpu'
        """
        return self.to("cpu")
