"""What all draws share: shape, dtype, backend and device of the result, and the way to the backend's kernel."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from math import prod
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.errors import DTypeError, InvalidValueError
from zkynet.ops.arguments import number
from zkynet.ops.casting import as_tensor
from zkynet.ops.filled import as_shape
from zkynet.ops.prepare import common_backend, two_backends
from zkynet.random.draws import blocks_for
from zkynet.random.philox import Place
from zkynet.tensor import Tensor, wrap


class Draws:
    """The base of what a generator draws."""

    def _take(self, blocks: int) -> Place:
        raise NotImplementedError

    def _draw(self, name: str, target: Target, bits: int, *args: Any) -> Tensor:
        """``xp.random.<name>`` at the next place, with so many bits for each number."""
        n = target.size
        place = self._take(blocks_for(n, bits))
        backend = target.backend
        raw = getattr(backend.xp.random, name)(place, n, *args, target.device)
        return wrap(backend.xp.reshape(raw, target.shape), backend, None)


class Target:
    """What is to be made: a shape on a device of a backend.

    Args:
        name: the function that asks, for errors.
        shape: what the user passed; None for that of `operands`.
        device: what the user passed.
        *operands: the arguments that may be tensors.
    """

    def __init__(self, name: str, shape: Any, device: DeviceLike, *operands: Any) -> None:
        tensors = [v for v in operands if isinstance(v, Tensor)]
        if tensors:
            self.backend: Any = common_backend(name, tensors)
            self.device = tensors[0].device if device is None else device
            if shape is None:
                from zkynet.ops.shaping import broadcast_shapes

                shape = broadcast_shapes(*(t.shape for t in tensors))
        else:
            self.backend = get_backend()
            self.device = device_for(self.backend, device)
        if self.device is not None:
            self.device = self.backend.device_name(self.device)
        self.shape = () if shape is None else as_shape(name, shape)
        self.size = prod(self.shape)

    def of_shape(self, shape: tuple[int, ...]) -> Target:
        """The same place with another shape."""
        other = copy(self)
        other.shape, other.size = shape, prod(shape)
        return other

    def adopted(self, name: str, x: Any, dtype: np.dtype[Any]) -> Tensor:
        """An argument as a tensor on this backend and device, of `dtype` if it is no tensor yet."""
        from zkynet.ops.creation import asarray

        made = as_tensor(name, x if isinstance(x, Tensor) else asarray(x, dtype, self.device, backend=self.backend))
        if made.backend is not self.backend:
            raise two_backends(name, self.backend, made.backend)
        return made.detach()


def float_dtype(name: str, dtype: DTypeLike, *operands: Any) -> np.dtype[Any]:
    """The real floating dtype that is asked for; by default that of the tensors among `operands`, or float32."""
    if dtype is None:
        kind = dt.default_float
        found = [v.dtype for v in operands if isinstance(v, Tensor) and dt.kind_rank(v.dtype) == 2]
        for i, each in enumerate(found):
            kind = dt.promote(kind, each) if i else each
        return kind
    kind = dt.as_dtype(dtype)
    if dt.kind_rank(kind) != 2:
        raise DTypeError(
            f"random.{name} gives real floating-point numbers, not {kind}",
            fix="pass dtype=zk.float32 or zk.float64, and convert the result",
            dtype=kind,
        )
    return kind


def integer_dtype(name: str, dtype: DTypeLike) -> np.dtype[Any]:
    """The integer dtype that is asked for."""
    kind = dt.as_dtype(dtype)
    if dt.kind_rank(kind) != 1:
        raise DTypeError(f"random.{name} gives integers, not {kind}", fix="pass an integer dtype", dtype=kind)
    return kind


def finite(name: str, argument: str, value: Any) -> float:
    """A finite Python number."""
    out = float(number(f"random.{name}", argument, value))
    if out - out != 0.0:
        raise InvalidValueError(f"random.{name}: {argument} is {out}", fix=f"pass a finite number as {argument}")
    return out


def check_values(name: str, argument: str, x: Tensor, fits: Callable[[Any], Any], what: str) -> None:
    """Refuse a tensor of parameters with a value that does not fit, where values can be looked at.

    Args:
        name: the function that asks.
        argument: what it calls them.
        x: the parameters.
        fits: says of raw values which of them fit.
        what: what they have to be, for the error.
    """
    if dt.kind_rank(x.dtype) != 2:
        raise DTypeError(
            f"random.{name}: {argument} is a tensor of floats, received {x.dtype}",
            fix="convert it: x.astype(zk.float32)",
        )
    backend, raw = x.backend, x._raw
    if not backend.can_look(raw) or bool(backend.xp.all(fits(raw))):
        return
    values = backend.to_numpy(raw).astype(float)
    place = tuple(int(i) for i in np.argwhere(~fits(values))[0])
    raise InvalidValueError(
        f"random.{name}: {argument} {what}, received {values[place]}",
        facts=[f"at {place}"] if place else (),
        fix=f"pass values that fit as {argument}",
    )
