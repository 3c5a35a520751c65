"""`LRScheduler`: what all schedules have in common, with PyTorch's interface."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from zkynet.capturing import on_host
from zkynet.errors import ArgumentError, InvalidValueError, ScheduleOrderError, described
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor

__all__ = ["LRScheduler"]


class LRScheduler:
    """Base of all schedules: they set the learning rate of each group, first when they are made, then at each step.

    A subclass has `get_lr`, the rates for step `last_epoch`. Step a schedule after its optimiser.

    Args:
        optimizer: the optimiser whose learning rates are set; those it has now are the base rates.
        last_epoch: the number of the last step when training goes on; -1 starts afresh.

    Example:
        >>> import zkynet as zk
        >>> class Halved(zk.optim.lr_scheduler.LRScheduler):
        ...     def get_lr(self):
        ...         return [lr * 0.5 ** self.last_epoch for lr in self.base_lrs]
        >>> w = zk.tensor(1.0, requires_grad=True)
        >>> schedule = Halved(zk.optim.SGD([w], lr=0.5))
        >>> schedule.preview(4)
        [[0.5], [0.25], [0.125], [0.0625]]
    """

    optimizer: Any
    last_epoch: int
    _step_count: int
    _last_lr: list[float]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(type(self).__name__, optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", rate_of(group))
            elif "initial_lr" not in group:
                raise InvalidValueError(
                    f"{type(self).__name__}: parameter group {i} has no 'initial_lr', and last_epoch is {last_epoch}",
                    fix="leave last_epoch out and use load_state_dict, or load the optimiser's state first",
                )
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def _begin(self) -> None:
        """Set the rates of the first step."""
        self._step_count = 1
        self._first = True
        self._advance()
        self._first = False

    def get_lr(self) -> list[float]:
        """The rate of each group for the step `last_epoch`; for the rates that hold now ask `get_last_lr`.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> schedule = zk.optim.lr_scheduler.ExponentialLR(zk.optim.SGD([w], lr=0.5), gamma=0.5)
            >>> schedule.get_lr()
            [0.25]
        """
        return self._rates()

    def _rates(self) -> list[float]:
        raise NotImplementedError(f"{type(self).__name__} has no method get_lr() that says what the rates are")

    def get_last_lr(self) -> list[float]:
        """The rate of each group, as this schedule has set it last.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> zk.optim.lr_scheduler.StepLR(zk.optim.SGD([w], lr=0.5), step_size=2).get_last_lr()
            [0.5]
        """
        return list(self._last_lr)

    @on_host
    def step(self) -> None:
        """Set the rates of the next step; to be called after the optimiser's own step.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.5)
            >>> schedule = zk.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
            >>> (w * w).backward()
            >>> optimizer.step()
            >>> schedule.step()
            >>> optimizer.param_groups[0]["lr"]
            0.25
        """
        self._check_order()
        self._step_count += 1
        self._advance()

    def _check_order(self) -> None:
        if self._step_count == 1 and self.optimizer._steps == 0:
            raise ScheduleOrderError(
                f"{type(self).__name__}.step() was called before optimizer.step()",
                facts=["the first learning rate of the schedule would never be used"],
                fix="call optimizer.step() first, then step the schedule; preview(100) shows its rates without steps",
            )

    def _advance(self) -> None:
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = self._now()

    def _now(self) -> list[float]:
        return [rate_of(group) for group in self.optimizer.param_groups]

    def preview(self, steps: int) -> list[list[float]]:
        """The rates of each group in this step and those to come; neither the schedule nor the optimiser is changed.

        Args:
            steps: how many steps.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> zk.optim.lr_scheduler.StepLR(zk.optim.SGD([w], lr=0.5), step_size=2, gamma=0.5).preview(5)
            [[0.5], [0.5], [0.25], [0.25], [0.125]]
        """
        groups = self.optimizer.param_groups
        taken, settings = self.optimizer._steps, [_settings(group) for group in groups]
        own = deepcopy(self.state_dict())
        out = [self._now()]
        try:
            self.optimizer._steps = 1
            for _ in range(steps - 1):
                self.step()
                out.append(self._now())
        finally:
            self.optimizer._steps = taken
            self.load_state_dict(own)
            for group, before in zip(groups, settings, strict=True):
                set_rate(group, before.pop("lr"))
                group.update(before)
        return out

    # -- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule knows, less its optimiser and functions that the user passed.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> schedule = zk.optim.lr_scheduler.StepLR(zk.optim.SGD([w], lr=0.5), step_size=2)
            >>> schedule.state_dict()["last_epoch"]
            0
        """
        return {key: value for key, value in self.__dict__.items() if key != "optimizer" and not _has_function(value)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what another schedule of the class, or its namesake in PyTorch, knew.

        Args:
            state_dict: what `state_dict` gave. The optimiser's own has to be loaded as well.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> schedule = zk.optim.lr_scheduler.StepLR(zk.optim.SGD([w], lr=0.5), step_size=2)
            >>> schedule.load_state_dict({**schedule.state_dict(), "last_epoch": 7})
            >>> schedule.last_epoch
            7
        """
        if not isinstance(state_dict, Mapping) or "_last_lr" not in state_dict:
            raise ArgumentError(
                f"{type(self).__name__}.load_state_dict takes what state_dict() gave, received {described(state_dict)}",
                fix="pass the dict of a schedule of the same class",
            )
        kept = {"optimizer", *[key for key, value in self.__dict__.items() if _has_function(value)]}
        new = {key: value for key, value in state_dict.items() if key not in kept}
        groups = len(self.optimizer.param_groups)
        if len(new["_last_lr"]) != groups:
            raise InvalidValueError(
                f"{type(self).__name__}.load_state_dict: the state is for {len(new['_last_lr'])} parameter groups, "
                f"the optimiser has {groups}",
                fix="make the optimiser with the same groups as when the schedule was saved",
            )
        self._take_over(new)

    def _take_over(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _settings(group: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in group if name not in ("params", "param_names")]
    return {**{name: group[name] for name in names}, "lr": rate_of(group)}


def _has_function(value: Any) -> bool:
    return callable(value) or (isinstance(value, list) and any(map(callable, value)))


def check_optimizer(name: str, optimizer: Any) -> None:
    """Refuse what is no optimiser."""
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{name} takes an optimiser, received {described(optimizer)}",
            fix="pass one of zk.optim, such as zk.optim.SGD",
        )


def rate_of(group: dict[str, Any]) -> float:
    """A group's learning rate as a number."""
    lr = group["lr"]
    return lr.item() if isinstance(lr, Tensor) else lr


def set_rate(group: dict[str, Any], rate: float) -> None:
    """Give a group a learning rate; a tensor is filled, so that who holds it sees it."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


def per_group(name: str, argument: str, optimizer: Any, value: Any) -> list[Any]:
    """A value for each group: one for all, or a list of them."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise InvalidValueError(
            f"{name}: {argument} has {len(value)} values, and the optimiser has {groups} parameter groups",
            fix="pass one value, or one for each group",
        )
    return list(value)
