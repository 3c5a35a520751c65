"""Schedules that start slowly: what attention models are trained with."""

from __future__ import annotations

from math import cos, pi, sqrt
from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.optim.lr_scheduler.base import LRScheduler
from zkynet.optim.lr_scheduler.stepwise import positive, share
from zkynet.optim.optimizer import Optimizer

__all__ = ["InverseSquareRootLR", "NoamLR", "WarmupCosineLR", "WarmupLinearLR"]


class _Factor(LRScheduler):
    """The base rate times a function of the step."""

    def _factor(self, t: int) -> float:
        raise NotImplementedError

    def _rates(self) -> list[float]:
        factor = self._factor(self.last_epoch)
        return [lr * factor for lr in self.base_lrs]


class _Warmup(_Factor):
    """Up along a line, then down along a curve to a share of the base rate."""

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_steps: int,
        total_steps: int,
        min_factor: float = 0.0,
        start_factor: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        name = type(self).__name__
        self.warmup_steps, self.total_steps = _steps(name, warmup_steps), positive(name, "total_steps", total_steps)
        if self.warmup_steps > self.total_steps:
            raise InvalidValueError(
                f"{name}: the warm-up is longer than all steps",
                facts=[f"warmup_steps  {warmup_steps}", f"total_steps   {total_steps}"],
                fix="pass a total_steps that holds the warm-up",
            )
        self.min_factor = share(name, "min_factor", min_factor, zero=True)
        self.start_factor = share(name, "start_factor", start_factor, zero=True)
        super().__init__(optimizer, last_epoch)

    def _curve(self, part: float) -> float:
        raise NotImplementedError

    def _factor(self, t: int) -> float:
        if t < self.warmup_steps:
            return self.start_factor + (1 - self.start_factor) * t / self.warmup_steps
        part = min(1.0, (t - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps))
        return self.min_factor + (1 - self.min_factor) * self._curve(part)


class WarmupCosineLR(_Warmup):
    r"""The rate up along a line, then down along half a cosine.

    .. math::
        \eta_t = \eta_0 t / w \;\text{ for } t < w, \quad
        \eta_t = \tfrac12 \eta_0 \bigl(1 + \cos(\pi \tfrac{t - w}{T - w})\bigr) \;\text{ from then on}

    Args:
        optimizer: the optimiser.
        warmup_steps: the number of steps up, w.
        total_steps: the number of all steps T; the rate stays what it is then.
        min_factor: what the rate goes down to, as a share of the base rate.
        start_factor: what it starts from, as a share of the base rate.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> schedule = zk.optim.lr_scheduler.WarmupCosineLR(optimizer, warmup_steps=2, total_steps=4)
        >>> [round(lr, 4) for lr, in schedule.preview(6)]
        [0.0, 0.25, 0.5, 0.25, 0.0, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_steps: int,
        total_steps: int,
        min_factor: float = 0.0,
        start_factor: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, warmup_steps, total_steps, min_factor, start_factor, last_epoch)

    def _curve(self, part: float) -> float:
        return (1 + cos(pi * part)) / 2


class WarmupLinearLR(_Warmup):
    r"""The rate up along a line, then down along a line.

    .. math::
        \eta_t = \eta_0 t / w \;\text{ for } t < w, \quad
        \eta_t = \eta_0 \tfrac{T - t}{T - w} \;\text{ from then on}

    Args:
        optimizer: the optimiser.
        warmup_steps: the number of steps up, w.
        total_steps: the number of all steps T; the rate stays what it is then.
        min_factor: what the rate goes down to, as a share of the base rate.
        start_factor: what it starts from, as a share of the base rate.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.WarmupLinearLR(optimizer, warmup_steps=2, total_steps=4).preview(6)
        [[0.0], [0.25], [0.5], [0.25], [0.0], [0.0]]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_steps: int,
        total_steps: int,
        min_factor: float = 0.0,
        start_factor: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, warmup_steps, total_steps, min_factor, start_factor, last_epoch)

    def _curve(self, part: float) -> float:
        return 1 - part


class NoamLR(_Factor):
    r"""The schedule of "Attention Is All You Need" (Vaswani et al., 2017), section 5.3.

    .. math::
        \eta_t = \eta_0 \, d^{-1/2} \min(t^{-1/2}, t \, w^{-3/2}), \quad t = 1, 2, \dots

    Args:
        optimizer: the optimiser; with the learning rate 1 the rates are those of the paper.
        d_model: the width d of the model.
        warmup_steps: the number of steps up, w.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.Adam([zk.tensor(1.0, requires_grad=True)], lr=1.0, betas=(0.9, 0.98), eps=1e-9)
        >>> schedule = zk.optim.lr_scheduler.NoamLR(optimizer, d_model=4, warmup_steps=4)
        >>> schedule.preview(4)
        [[0.0625], [0.125], [0.1875], [0.25]]
    """

    def __init__(self, optimizer: Optimizer, d_model: int, warmup_steps: int = 4000, last_epoch: int = -1) -> None:
        self.d_model = positive("NoamLR", "d_model", d_model)
        self.warmup_steps = positive("NoamLR", "warmup_steps", warmup_steps)
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        step = t + 1
        return min(1 / sqrt(step), step / (self.warmup_steps * sqrt(self.warmup_steps))) / sqrt(self.d_model)


class InverseSquareRootLR(_Factor):
    r"""The rate up along a line to the base rate, then down with the root of the step.

    .. math::
        \eta_t = \eta_0 \min(t / w, \sqrt{w / t}), \quad t = 1, 2, \dots

    Args:
        optimizer: the optimiser.
        warmup_steps: the number of steps up, w.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> schedule = zk.optim.lr_scheduler.InverseSquareRootLR(optimizer, warmup_steps=2)
        >>> schedule.preview(8)[::7]
        [[0.25], [0.25]]
    """

    def __init__(self, optimizer: Optimizer, warmup_steps: int, last_epoch: int = -1) -> None:
        self.warmup_steps = positive("InverseSquareRootLR", "warmup_steps", warmup_steps)
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        step = t + 1
        return min(step / self.warmup_steps, sqrt(self.warmup_steps / step))


def _steps(name: str, value: Any) -> int:
    n = whole(name, "warmup_steps", value)
    if n < 0:
        raise InvalidValueError(f"{name}: warmup_steps is at least 0, received {n}", fix="pass 0 for no warm-up")
    return n
