"""Schedules made of others: one after another, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import whole
from zkynet.optim.lr_scheduler.base import LRScheduler, check_optimizer, set_rate
from zkynet.optim.lr_scheduler.plateau import ReduceLROnPlateau
from zkynet.optim.optimizer import Optimizer

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Composed(LRScheduler):
    _schedulers: list[Any]

    def _check_order(self) -> None:
        """The parts do that."""

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule and its parts know.

        Example:
            >>> import zkynet as zk
            >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
            >>> part = zk.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
            >>> len(zk.optim.lr_scheduler.ChainedScheduler([part]).state_dict()["_schedulers"])
            1
        """
        own = {key: value for key, value in self.__dict__.items() if key not in ("optimizer", "_schedulers")}
        return {**own, "_schedulers": [part.state_dict() for part in self._schedulers]}

    def _take_over(self, state: dict[str, Any]) -> None:
        parts = state.pop("_schedulers", None)
        if not isinstance(parts, list) or len(parts) != len(self._schedulers):
            raise InvalidValueError(
                f"{type(self).__name__}.load_state_dict: the state is not one of {len(self._schedulers)} schedules",
                fix="make the schedule of the same parts as when it was saved",
            )
        for part, given in zip(self._schedulers, parts, strict=True):
            part.load_state_dict(given)
        self.__dict__.update(state)


class SequentialLR(_Composed):
    """Several schedules, one after another.

    Args:
        optimizer: the optimiser of all of them.
        schedulers: the schedules.
        milestones: at which steps the second one takes over, the third, and so on.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> first = zk.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=9)
        >>> second = zk.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> zk.optim.lr_scheduler.SequentialLR(optimizer, [first, second], milestones=[2]).preview(5)
        [[0.25], [0.25], [0.5], [0.25], [0.125]]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        check_optimizer("SequentialLR", optimizer)
        self._schedulers = _parts("SequentialLR", schedulers, optimizer)
        self._milestones = [whole("SequentialLR", "milestones", step) for step in milestones]
        if len(self._milestones) != len(self._schedulers) - 1 or self._milestones != sorted(self._milestones):
            raise InvalidValueError(
                f"SequentialLR: {len(self._schedulers)} schedules need {len(self._schedulers) - 1} milestones in order",
                facts=[f"received  {self._milestones}"],
                fix="pass the step at which each schedule but the first takes over",
            )
        self.optimizer = optimizer
        self.last_epoch = last_epoch + 1
        self._step_count = 1
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        _take_back(self._schedulers)  # each has set the rates for its first step
        _restart(self._current())
        self._last_lr = self._current().get_last_lr()

    def _current(self) -> Any:
        return self._schedulers[bisect_right(self._milestones, self.last_epoch)]

    def _advance(self) -> None:
        self.last_epoch += 1
        part = self._current()
        if self.last_epoch in self._milestones:
            for group, base in zip(self.optimizer.param_groups, _bases(part), strict=True):
                set_rate(group, base)
            _restart(part)
        else:
            part.step()
        self._last_lr = part.get_last_lr()


class ChainedScheduler(_Composed):
    """Several schedules at once, each applied to what the one before has made of the rate.

    Args:
        schedulers: the schedules.
        optimizer: their optimiser, by default that of the first.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> first = zk.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
        >>> second = zk.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> zk.optim.lr_scheduler.ChainedScheduler([first, second]).preview(4)
        [[0.25], [0.125], [0.125], [0.0625]]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._schedulers = _parts("ChainedScheduler", schedulers, optimizer)
        self.optimizer = self._schedulers[0].optimizer
        self._step_count = 1
        self._last_lr = self._now()

    def _advance(self) -> None:
        for part in self._schedulers:
            part.step()
        self._last_lr = self._now()


def _parts(name: str, schedulers: Any, optimizer: Any) -> list[Any]:
    """The schedules, all of them of one optimiser."""
    parts = list(schedulers)
    if not parts:
        raise InvalidValueError(f"{name} was given no schedules", fix="pass a list of them")
    for part in parts:
        if not isinstance(part, LRScheduler):
            raise ArgumentError(f"{name} takes schedules, received {described(part)}", fix="pass a list of them")
        if isinstance(part, ReduceLROnPlateau):
            raise InvalidValueError(
                f"{name} cannot step ReduceLROnPlateau, which takes a figure", fix="step that one by itself"
            )
        if part.optimizer is not (parts[0].optimizer if optimizer is None else optimizer):
            raise InvalidValueError(
                f"{name}: {type(part).__name__} belongs to another optimiser", fix="make all for the same one"
            )
    return parts


def _take_back(parts: list[Any]) -> None:
    """Undo the count of the first step, which each schedule makes when it is made."""
    for part in parts:
        if isinstance(part, _Composed):
            _take_back(part._schedulers)
        else:
            part.last_epoch -= 1


def _bases(part: Any) -> list[float]:
    return _bases(part._schedulers[0]) if isinstance(part, _Composed) else part.base_lrs


def _restart(part: Any) -> None:
    """Have a schedule set the rates of its first step, though another one was there before."""
    if isinstance(part, SequentialLR):
        part.last_epoch = 0
        _restart(part._current())
    elif isinstance(part, _Composed):
        for each in part._schedulers:
            _restart(each)
    else:
        part.last_epoch = -1
        part._begin()
    part._last_lr = part._now()
