"""Schedules along a curve: a line, a power, a cosine."""

from __future__ import annotations

from math import cos, floor, log, pi

from zkynet.capturing import on_host
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number
from zkynet.optim.lr_scheduler.base import LRScheduler
from zkynet.optim.lr_scheduler.stepwise import positive, share
from zkynet.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts", "LinearLR", "PolynomialLR"]


class LinearLR(LRScheduler):
    """The base rate times a factor that goes from `start_factor` to `end_factor` along a line.

    Args:
        optimizer: the optimiser.
        start_factor: the factor in the first step.
        end_factor: the factor after `total_iters` steps, and from then on.
        total_iters: the number of steps from one to the other.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2).preview(4)
        [[0.25], [0.375], [0.5], [0.5]]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = share("LinearLR", "start_factor", start_factor)
        self.end_factor = share("LinearLR", "end_factor", end_factor, zero=True)
        self.total_iters = positive("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        t, now = self.last_epoch, self._now()
        if t == 0:
            return [lr * self.start_factor for lr in now]
        if self._first or t > self.total_iters:
            return now
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (t - 1) * rise
        return [lr * (1.0 + rise / before) for lr in now]


class PolynomialLR(LRScheduler):
    r"""The base rate times :math:`(1 - t / T)^p`, 0 from step `T` on.

    Args:
        optimizer: the optimiser.
        total_iters: the number of steps T.
        power: the power p.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=2).preview(4)
        [[0.5], [0.25], [0.0], [0.0]]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = positive("PolynomialLR", "total_iters", total_iters)
        self.power = number("PolynomialLR", "power", power)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        t, total = self.last_epoch, self.total_iters
        if self._first or t > total:
            return self._now()
        factor = ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** self.power
        return [lr * factor for lr in self._now()]


class CosineAnnealingLR(LRScheduler):
    r"""The rate along half a cosine (Loshchilov and Hutter, 2017), and up again after `T_max` steps.

    .. math::
        \eta_t = \eta_{min} + \tfrac12 (\eta_0 - \eta_{min}) \bigl(1 + \cos(\pi t / T_{max})\bigr)

    Args:
        optimizer: the optimiser.
        T_max: the number of steps down.
        eta_min: the smallest rate.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> [round(lr, 4) for lr, in zk.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2).preview(4)]
        [0.5, 0.25, 0.0, 0.25]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = positive("CosineAnnealingLR", "T_max", T_max)
        self.eta_min = number("CosineAnnealingLR", "eta_min", eta_min)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        t, total, least = self.last_epoch, self.T_max, self.eta_min
        now = self._now()
        if self._first:
            return now
        if (t - 1 - total) % (2 * total) == 0:  # out of a minimum, where the ratio below would be 0 / 0
            rise = (1 - cos(pi / total)) / 2
            return [lr + (base - least) * rise for lr, base in zip(now, self.base_lrs, strict=True)]
        ratio = (1 + cos(pi * t / total)) / (1 + cos(pi * (t - 1) / total))
        return [ratio * (lr - least) + least for lr in now]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""The rate along half a cosine, again and again from the base rate (SGDR, Loshchilov and Hutter, 2017).

    .. math::
        \eta_t = \eta_{min} + \tfrac12 (\eta_0 - \eta_{min}) \bigl(1 + \cos(\pi T_{cur} / T_i)\bigr)

    Args:
        optimizer: the optimiser.
        T_0: the number of steps to the first restart.
        T_mult: by how much each cycle is longer than the one before.
        eta_min: the smallest rate.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> schedule = zk.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
        >>> [round(lr, 4) for lr, in schedule.preview(4)]
        [0.5, 0.25, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0 = positive("CosineAnnealingWarmRestarts", "T_0", T_0)
        self.T_mult = positive("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.eta_min = number("CosineAnnealingWarmRestarts", "eta_min", eta_min)
        self.T_i: int = self.T_0
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    @on_host
    def step(self, epoch: float | None = None) -> None:
        """Set the rates of the next step, or of any point of the schedule.

        Args:
            epoch: the point, which may lie between two steps: ``epoch + i / batches``.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.5)
            >>> schedule = zk.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=1)
            >>> (w * w).backward()
            >>> optimizer.step()
            >>> schedule.step(0.5)
            >>> round(optimizer.param_groups[0]["lr"], 6)
            0.25
        """
        if epoch is None:
            super().step()
            return
        if epoch < 0:
            raise InvalidValueError(
                f"CosineAnnealingWarmRestarts: epoch is at least 0, received {epoch}", fix="pass epoch + i / batches"
            )
        self._check_order()
        self._step_count += 1
        cycles = 0
        if epoch >= self.T_0 and self.T_mult > 1:
            cycles = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
        self.T_i = self.T_0 * self.T_mult**cycles
        if self.T_mult > 1:
            self.T_cur = epoch - self.T_0 * (self.T_mult**cycles - 1) / (self.T_mult - 1)
        else:
            self.T_cur = epoch % self.T_0 if epoch >= self.T_0 else epoch
        self.last_epoch = floor(epoch)
        self._set(self.get_lr())

    def _begin(self) -> None:
        self.T_cur, self.T_i = self.last_epoch, self.T_0
        super()._begin()

    def _advance(self) -> None:
        self.T_cur += 1
        if self.T_cur >= self.T_i:
            self.T_cur %= self.T_i
            self.T_i *= self.T_mult
        super()._advance()

    def _rates(self) -> list[float]:
        height = (1 + cos(pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]
