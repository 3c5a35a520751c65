"""Draws of truth values, whole numbers and orders."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike, DeviceLike, DTypeLike
from zkynet.errors import DTypeError, InvalidValueError
from zkynet.ops.arguments import flag, whole
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.random.drawing import Draws, Target, finite, integer_dtype
from zkynet.tensor import Tensor


class Discrete(Draws):
    """The draws of truth values, whole numbers and orders."""

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

            _check_probabilities(p)
            drawn = self._draw("below_each", target, 32, broadcast_to(p.detach(), target.shape)._raw)
        else:
            chance = finite("bernoulli", "p", p)
            if not 0.0 <= chance <= 1.0:
                raise _no_probability(chance)
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

    def permutation(self, x: int | ArrayLike, axis: int = 0, *, device: DeviceLike = None) -> Tensor:
        """The numbers 0 to x - 1 in random order, or a tensor with its slices along an axis in random order.

        Args:
            x: how many numbers, or a tensor.
            axis: along which the slices of a tensor are put in a new order.
            device: where the numbers are to live; a tensor stays where it is.

        Example:
            >>> import zkynet as zk
            >>> zk.sort(zk.random.Generator(0).permutation(5))
            Tensor([0, 1, 2, 3, 4])
        """
        if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
            n = whole("random.permutation", "x", x)
            if n < 0:
                raise InvalidValueError(
                    f"random.permutation: x is 0 or more, received {n}", fix="pass how many numbers there are"
                )
            return self._draw("order", Target("random.permutation", (n,), device), 64)
        return self._reordered("random.permutation", x, axis)

    def shuffle(self, x: ArrayLike, axis: int = 0) -> Tensor:
        """A tensor with the slices of `x` along an axis in random order; `x` itself stays as it is.

        NumPy's function of this name changes its argument. Here tensors do not change: use the result. Gradients flow
        through it.

        Args:
            x: a tensor of any shape that has axes.
            axis: along which the slices are put in a new order.

        Example:
            >>> import zkynet as zk
            >>> zk.sort(zk.random.Generator(0).shuffle(zk.tensor([3, 1, 2])))
            Tensor([1, 2, 3])
        """
        return self._reordered("random.shuffle", x, axis)

    def _reordered(self, name: str, x: ArrayLike, axis: int) -> Tensor:
        from zkynet.ops.selecting import take

        x = as_tensor(name, x)
        if not x.shape:
            raise InvalidValueError(f"{name}: a tensor without axes has no order", fix="pass one with an axis")
        axis = normalize_axis(name, axis, len(x.shape))
        target = Target(name, (x.shape[axis],), None, x)
        return take(x, self._draw("order", target, 64), axis=axis)


def _whole(argument: str, value: Any) -> int:
    """A whole number of any 64-bit dtype."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    return whole("random.integers", argument, value)


def _check_probabilities(p: Tensor) -> None:
    """Refuse what is no probability, where values can be looked at."""
    if dt.kind_rank(p.dtype) != 2:
        raise DTypeError(f"random.bernoulli: p is a tensor of floats, received {p.dtype}", fix="pass floats")
    raw, xp = p._raw, p.backend.xp
    if p.backend.can_look(raw) and not bool(xp.all((raw >= 0) & (raw <= 1))):
        values = p.backend.to_numpy(raw).ravel().astype(float)
        raise _no_probability(float(values[~((values >= 0) & (values <= 1))][0]))


def _no_probability(value: float) -> InvalidValueError:
    return InvalidValueError(
        f"random.bernoulli: p lies between 0 and 1, received {value}",
        fix="pass a probability; of logits: zk.sigmoid(x)",
    )
