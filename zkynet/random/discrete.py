"""Draws of bits, truth values and whole numbers."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import DTypeError, InvalidValueError
from zkynet.ops.arguments import flag, whole
from zkynet.ops.casting import cast
from zkynet.random.drawing import Draws, Target, check_values, finite, integer_dtype
from zkynet.tensor import Tensor


class Discrete(Draws):
    """The draws of bits, truth values and whole numbers."""

    def bits(self, shape: Any = (), *, dtype: DTypeLike = dt.uint32, device: DeviceLike = None) -> Tensor:
        """Words of the stream itself.

        Args:
            shape: the shape of the result.
            dtype: uint32 or uint64.
            device: where it is to live.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(0).bits((2, 3)).dtype
            dtype('uint32')
        """
        kind = integer_dtype("bits", dtype)
        if kind not in (dt.uint32, dt.uint64):
            raise DTypeError(f"random.bits gives uint32 or uint64, not {kind}", fix="pass one of them", dtype=kind)
        return self._draw("bits", Target("random.bits", shape, device), 8 * kind.itemsize, kind)

    def bernoulli(
        self, p: Any = 0.5, shape: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None
    ) -> Tensor:
        """True with probability `p`, else False; the probability is kept to 32 bits.

        Args:
            p: the probability, a number or a tensor of one for each result.
            shape: the shape of the result, by default that of `p`.
            dtype: by default bool; a number dtype gives 1 and 0.
            device: where it is to live.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(0).bernoulli(1.0, shape=3)
            Tensor([ True,  True,  True])
        """
        kind = dt.bool if dtype is None else dt.as_dtype(dtype)
        target = Target("random.bernoulli", shape, device, p)
        if isinstance(p, Tensor):
            from zkynet.ops.shaping import broadcast_to

            check_values("bernoulli", "p", p, lambda v: (v >= 0) & (v <= 1), "lies between 0 and 1")
            drawn = self._draw("below_each", target, 32, broadcast_to(p.detach(), target.shape)._raw)
        else:
            chance = finite("bernoulli", "p", p)
            if not 0.0 <= chance <= 1.0:
                raise InvalidValueError(
                    f"random.bernoulli: p lies between 0 and 1, received {chance}",
                    fix="pass a probability; that of a logit x is zk.sigmoid(x)",
                )
            drawn = self._draw("below", target, 32, ceil(chance * 2.0**32))
        return drawn if kind == dt.bool else cast(drawn, kind)

    def integers(
        self,
        low: int,
        high: int | None = None,
        shape: Any = (),
        *,
        dtype: DTypeLike = dt.int64,
        device: DeviceLike = None,
        endpoint: bool = False,
    ) -> Tensor:
        """Whole numbers from `low` on and below `high`, each as likely as any other.

        No number is more than 2**-32 of its chance more likely than another.

        Args:
            low: the smallest number, or, without `high`, the number that all are below.
            high: the number that all are below.
            shape: the shape of the result.
            dtype: an integer dtype.
            device: where it is to live.
            endpoint: whether `high` itself is among them.

        Example:
            >>> import zkynet as zk
            >>> dice = zk.random.Generator(0).integers(1, 7, (2, 5))
            >>> dice.shape, bool(((dice >= 1) & (dice <= 6)).all())
            ((2, 5), True)
        """
        kind = integer_dtype("integers", dtype)
        first, last = (0, _whole("low", low)) if high is None else (_whole("low", low), _whole("high", high))
        last -= not flag("random.integers", "endpoint", endpoint)
        if last < first:
            raise InvalidValueError(
                f"random.integers: there is no whole number from {first} to {last}", fix="pass low below high"
            )
        info = np.iinfo(kind)
        if first < info.min or last > info.max:
            raise DTypeError(
                f"random.integers: {first} to {last} do not fit into {kind}, which holds {info.min} to {info.max}",
                fix="pass a wider dtype",
                dtype=kind,
            )
        count = last - first + 1
        target = Target("random.integers", shape, device)
        return self._draw("integers", target, 64 if count <= 1 << 32 else 128, first, count, kind)


def _whole(argument: str, value: Any) -> int:
    """A whole number of any 64-bit dtype."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    return whole("random.integers", argument, value)
