"""Schedules that multiply the rate by a factor from time to time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import number, whole
from zkynet.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from zkynet.optim.optimizer import Optimizer

__all__ = ["ConstantLR", "ExponentialLR", "LambdaLR", "MultiStepLR", "MultiplicativeLR", "StepLR"]

Factor = Callable[[int], float]


class LambdaLR(LRScheduler):
    r"""The base rate times a function of the step, :math:`\eta_t = \eta_0 f(t)`.

    Args:
        optimizer: the optimiser.
        lr_lambda: the function of the step's number, or one for each group. Functions are not saved.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t)).preview(3)
        [[0.5], [0.25], [0.16666666666666666]]
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions("LambdaLR", optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(LRScheduler):
    r"""The rate times a function of the step, each time: :math:`\eta_t = \eta_{t-1} f(t)`.

    Args:
        optimizer: the optimiser.
        lr_lambda: the function of the step's number, or one for each group. Functions are not saved.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda t: 0.5).preview(3)
        [[0.5], [0.25], [0.125]]
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions("MultiplicativeLR", optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        if self._first:
            return self._now()
        return [lr * f(self.last_epoch) for lr, f in zip(self._now(), self.lr_lambdas, strict=True)]


class StepLR(LRScheduler):
    """The rate times `gamma` every `step_size` steps.

    Args:
        optimizer: the optimiser.
        step_size: after how many steps.
        gamma: the factor.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5).preview(5)
        [[0.5], [0.5], [0.25], [0.25], [0.125]]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = positive("StepLR", "step_size", step_size)
        self.gamma = number("StepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        falls = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return [lr * self.gamma for lr in self._now()] if falls else self._now()


class MultiStepLR(LRScheduler):
    """The rate times `gamma` at each of some steps.

    Args:
        optimizer: the optimiser.
        milestones: the numbers of these steps.
        gamma: the factor.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.MultiStepLR(optimizer, [1, 4], gamma=0.5).preview(5)
        [[0.5], [0.25], [0.25], [0.25], [0.125]]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(whole("MultiStepLR", "milestones", step) for step in milestones)
        self.gamma = number("MultiStepLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        return [lr * self.gamma ** self.milestones[self.last_epoch] for lr in self._now()]


class ConstantLR(LRScheduler):
    """The base rate times `factor` for some steps, then the base rate.

    Args:
        optimizer: the optimiser.
        factor: the factor.
        total_iters: for how many steps.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2).preview(4)
        [[0.25], [0.25], [0.5], [0.5]]
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = share("ConstantLR", "factor", factor)
        self.total_iters = whole("ConstantLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        now = self._now()
        if self.last_epoch == 0:
            return [lr * self.factor for lr in now]
        return [lr / self.factor for lr in now] if self.last_epoch == self.total_iters else now


class ExponentialLR(LRScheduler):
    """The rate times `gamma` in each step.

    Args:
        optimizer: the optimiser.
        gamma: the factor.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5).preview(3)
        [[0.5], [0.25], [0.125]]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = number("ExponentialLR", "gamma", gamma)
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        return self._now() if self._first else [lr * self.gamma for lr in self._now()]


def _functions(name: str, optimizer: Any, given: Any) -> list[Factor]:
    check_optimizer(name, optimizer)
    functions = per_group(name, "lr_lambda", optimizer, given)
    for f in functions:
        if not callable(f):
            raise ArgumentError(
                f"{name}: lr_lambda is a function of the step's number, received {described(f)}",
                fix="pass one: lambda t: 0.95 ** t",
            )
    return functions


def positive(name: str, argument: str, value: Any) -> int:
    """A whole number of at least 1."""
    n = whole(name, argument, value)
    if n < 1:
        raise InvalidValueError(f"{name}: {argument} is at least 1, received {n}", fix=f"pass a larger {argument}")
    return n


def share(name: str, argument: str, value: Any, zero: bool = False) -> Any:
    """A number above 0 (or at least 0) and up to 1."""
    x = number(name, argument, value)
    if not ((x >= 0 if zero else x > 0) and x <= 1):
        raise InvalidValueError(
            f"{name}: {argument} is {'at least' if zero else 'above'} 0 and at most 1, received {x}",
            fix=f"pass such a {argument}",
        )
    return x
