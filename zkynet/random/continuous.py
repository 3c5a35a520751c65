"""Draws of real numbers."""

from __future__ import annotations

from math import erfc, inf, sqrt
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.filled import leaf_if
from zkynet.random.drawing import Draws, Target, check_values, finite, float_dtype
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
        bounds = float(kind.type(a)), float(np.nextafter(kind.type(b), kind.type(a)))
        return leaf_if(_affine(unit, b - a, a, bounds), requires_grad)

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
        unit = self._unit("normal", target, kind)
        if isinstance(mean, Tensor) or isinstance(std, Tensor):
            return leaf_if(cast(unit * std + mean, kind), requires_grad)
        return leaf_if(_affine(unit, std, mean, None, kind), requires_grad)

    def exponential(
        self,
        scale: Any = 1.0,
        shape: Any = None,
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Numbers from the exponential distribution, of density ``exp(-x / scale) / scale`` for x > 0.

        Args:
            scale: the mean, a number or a tensor; gradients flow to a tensor.
            shape: the shape of the result, by default that of `scale`.
            dtype: float32 unless this or the scale says otherwise.
            device: where it is to live.
            requires_grad: whether `backward` is to collect its gradient.

        Example:
            >>> import zkynet as zk
            >>> bool((zk.random.Generator(0).exponential(2.0, (2, 3)) > 0).all())
            True
        """
        kind = float_dtype("exponential", dtype, scale)
        target = Target("random.exponential", shape, device, scale)
        if not isinstance(scale, Tensor) and finite("exponential", "scale", scale) < 0:
            raise InvalidValueError(
                f"random.exponential: scale is {scale}, and is never negative", fix="pass 0 or more"
            )
        unit = self._unit("exponential", target, kind)
        return leaf_if(_times(unit, scale, kind), requires_grad)

    def truncated_normal(
        self,
        mean: float = 0.0,
        std: float = 1.0,
        low: float = -2.0,
        high: float = 2.0,
        shape: Any = (),
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Numbers from the part of a normal distribution that lies between two bounds.

        Args:
            mean: the mean of the whole distribution.
            std: its standard deviation.
            low: the lower bound of the numbers themselves (not in standard deviations, as in PyTorch).
            high: the upper bound.
            shape: the shape of the result.
            dtype: float32 unless told otherwise.
            device: where it is to live.
            requires_grad: whether `backward` is to collect its gradient.

        Example:
            >>> import zkynet as zk
            >>> x = zk.random.Generator(0).truncated_normal(0.0, 0.02, -0.04, 0.04, (2, 3))
            >>> x.shape, bool((abs(x) <= 0.04).all())
            ((2, 3), True)
        """
        kind = float_dtype("truncated_normal", dtype)
        target = Target("random.truncated_normal", shape, device)
        m, s = finite("truncated_normal", "mean", mean), finite("truncated_normal", "std", std)
        a, b = (float(number("random.truncated_normal", n, v)) for n, v in (("low", low), ("high", high)))
        if s <= 0:
            raise InvalidValueError(
                f"random.truncated_normal: std is {s}, and must be positive", fix="pass more than 0"
            )
        if not a < b:
            raise InvalidValueError(f"random.truncated_normal: low is {a} and high {b}", fix="pass low below high")
        first, last = _normal_rank((a - m) / s), _normal_rank((b - m) / s)
        if last - first < 1 << 20:
            raise InvalidValueError(
                f"random.truncated_normal: hardly any of the distribution lies between {a} and {b}",
                facts=[f"its mean is {m}, its standard deviation {s}"],
                fix="move the bounds closer to the mean; from 7 standard deviations on, there is nothing to draw from",
            )
        unit = self._draw("truncated_normal", target, 64, first, last - first)
        bounds = _inside(kind, a, inf), _inside(kind, b, -inf)
        return leaf_if(_affine(unit, s, m, bounds, kind), requires_grad)

    def gamma(
        self,
        alpha: Any,
        scale: Any = 1.0,
        shape: Any = None,
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Numbers from the gamma distribution.

        Their density is ``x**(alpha - 1) exp(-x / scale) / (Gamma(alpha) scale**alpha)`` for x > 0.

        Args:
            alpha: the shape parameter, a positive number or a tensor of such; no gradient flows to it.
            scale: a number or a tensor; gradients flow to a tensor.
            shape: the shape of the result, by default that of alpha and scale.
            dtype: float32 unless this, alpha or the scale says otherwise.
            device: where it is to live.
            requires_grad: whether `backward` is to collect its gradient.

        Example:
            >>> import zkynet as zk
            >>> bool((zk.random.Generator(0).gamma(3.0, shape=(2, 3)) > 0).all())
            True
        """
        kind = float_dtype("gamma", dtype, alpha, scale)
        target = Target("random.gamma", shape, device, alpha, scale)
        backend, xp = target.backend, target.backend.xp
        wide = dt.float64 if backend.supports(dt.float64) else dt.float32
        if isinstance(alpha, Tensor):
            from zkynet.ops.shaping import broadcast_to

            check_values("gamma", "alpha", alpha, lambda a: a > 0, "is positive")
            shapes = broadcast_to(alpha.detach(), target.shape)._raw
            shapes = xp.astype(xp.reshape(shapes, (target.size,)), backend.native_dtype(wide), copy=False)
        else:
            if finite("gamma", "alpha", alpha) <= 0:
                raise InvalidValueError(f"random.gamma: alpha is positive, received {alpha}", fix="pass more than 0")
            shapes = backend.full((1,), float(alpha), wide, target.device)
        if not isinstance(scale, Tensor) and finite("gamma", "scale", scale) < 0:
            raise InvalidValueError(f"random.gamma: scale is {scale}, and is never negative", fix="pass 0 or more")
        with backend.quiet():
            unit = self._draw("gamma", target, 64, shapes)
        return leaf_if(_times(unit, scale, kind), requires_grad)

    def _unit(self, name: str, target: Target, kind: np.dtype[Any]) -> Tensor:
        """Numbers of a curve in float32, or in float64 for that."""
        wide = kind == dt.float64
        return self._draw(name, target, 64 if wide else 32, dt.float64 if wide else dt.float32)


def _normal_rank(x: float) -> int:
    """The distribution function of the normal distribution times 2**63."""
    tail = int(0.5 * erfc(abs(x) / sqrt(2.0)) * 2.0**63)
    return tail if x < 0 else 2**63 - tail


def _inside(kind: np.dtype[Any], bound: float, towards: float) -> float:
    """The number of `kind` that is nearest to a bound, on the side of `towards`."""
    near = kind.type(bound)
    beyond = float(near) < bound if towards > 0 else float(near) > bound
    return float(np.nextafter(near, kind.type(towards)) if beyond else near)


def _times(unit: Tensor, scale: Any, kind: np.dtype[Any]) -> Tensor:
    """``unit * scale`` in `kind`."""
    return cast(cast(unit, kind) * scale, kind) if isinstance(scale, Tensor) else _affine(unit, scale, kind=kind)


def _affine(
    x: Tensor,
    factor: float,
    offset: float = 0.0,
    bounds: tuple[float, float] | None = None,
    kind: np.dtype[Any] | None = None,
) -> Tensor:
    """``x * factor + offset`` between bounds, in `kind`, by default the dtype of `x`."""
    kind = x.dtype if kind is None else kind
    if factor == 1.0 and offset == 0.0 and bounds is None and kind == x.dtype:
        return x
    return wrap(x.backend.xp.random.scaled(x._raw, float(factor), float(offset), bounds, kind), x.backend, None)
