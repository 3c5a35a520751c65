"""Draws of real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import InvalidValueError
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.filled import leaf_if
from zkynet.random.drawing import Draws, Target, finite, float_dtype
from zkynet.tensor import Tensor, wrap


class Continuous(Draws):
    """The draws of real numbers."""

    def uniform(
        self,
        low: Any = 0.0,
        high: Any = 1.0,
        shape: Any = None,
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Numbers between two bounds, each as likely as any other; the upper bound itself is left out.

        Args:
            low: the lower bound, a number or a tensor.
            high: the upper bound, a number or a tensor; gradients flow to bounds that are tensors.
            shape: the shape of the result, by default that of the bounds.
            dtype: float32 unless this or a bound says otherwise. A float32 is one of 2**24 numbers, a float64 of 2**53.
            device: where it is to live.
            requires_grad: whether `backward` is to collect its gradient.

        Example:
            >>> import zkynet as zk
            >>> x = zk.random.Generator(0).uniform(-1, 1, (2, 3))
            >>> x.shape, bool(((x >= -1) & (x < 1)).all())
            ((2, 3), True)
        """
        kind = float_dtype("uniform", dtype, low, high)
        target = Target("random.uniform", shape, device, low, high)
        bits = 64 if kind == dt.float64 else 32
        if isinstance(low, Tensor) or isinstance(high, Tensor):
            low, high = (as_tensor("random.uniform", v) if isinstance(v, Tensor) else v for v in (low, high))
            unit = self._draw("uniform", target, bits, kind)
            return leaf_if(cast(unit * (high - low) + low, kind), requires_grad)
        a, b = finite("uniform", "low", low), finite("uniform", "high", high)
        if b < a:
            raise InvalidValueError(f"random.uniform: low is {a} and high {b}", fix="pass the lower bound first")
        unit = self._draw("uniform", target, bits, kind)
        if (a, b) == (0.0, 1.0):
            return leaf_if(unit, requires_grad)
        return leaf_if(_affine(unit, b - a, a, below=b), requires_grad)

    def normal(
        self,
        mean: Any = 0.0,
        std: Any = 1.0,
        shape: Any = None,
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Numbers from the normal distribution, of density ``exp(-((x - mean) / std)**2 / 2) / (std sqrt(2 pi))``.

        Args:
            mean: the mean, a number or a tensor.
            std: the standard deviation, a number or a tensor; gradients flow to both where they are tensors.
            shape: the shape of the result, by default that of mean and std.
            dtype: float32 unless this, the mean or the deviation says otherwise.
            device: where it is to live.
            requires_grad: whether `backward` is to collect its gradient.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(0).normal(0.0, 0.1, (2, 3)).shape
            (2, 3)
        """
        kind = float_dtype("normal", dtype, mean, std)
        target = Target("random.normal", shape, device, mean, std)
        if not isinstance(std, Tensor) and finite("normal", "std", std) < 0:
            raise InvalidValueError(f"random.normal: std is {std}, and is never negative", fix="pass 0 or more")
        if not isinstance(mean, Tensor):
            finite("normal", "mean", mean)
        wide = kind == dt.float64
        unit = self._draw("normal", target, 64 if wide else 32, dt.float64 if wide else dt.float32)
        if isinstance(mean, Tensor) or isinstance(std, Tensor):
            return leaf_if(cast(unit * std + mean, kind), requires_grad)
        return leaf_if(cast(_affine(unit, float(std), float(mean)), kind), requires_grad)


def _affine(x: Tensor, factor: float, offset: float, below: float | None = None) -> Tensor:
    """``x * factor + offset``, below a bound; rounded the same way whether or not a compiler fuses the two steps.

    For that, float32 goes through float64, where the product of two float32 numbers is exact.
    """
    kind, backend = x.dtype, x.backend
    if factor == 1.0 and offset == 0.0:
        return x
    raw = backend.xp.random.scaled(x._raw, factor, offset, kind)
    if below is not None:
        last = float(np.nextafter(kind.type(below), kind.type(offset)))
        raw = backend.xp.minimum(raw, backend.full((), last, kind, x.device))
    return wrap(raw, backend, None)
