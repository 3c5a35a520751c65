"""Schedules that go up and down, the momentum the other way."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, floor, pi
from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number, word
from zkynet.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group, set_rate
from zkynet.optim.lr_scheduler.stepwise import positive, share
from zkynet.optim.optimizer import Optimizer

__all__ = ["CyclicLR", "OneCycleLR"]

MODES = ("triangular", "triangular2", "exp_range")


class CyclicLR(LRScheduler):
    """The rate up and down between two bounds, again and again (Smith, 2017); the momentum down and up.

    Args:
        optimizer: the optimiser.
        base_lr: the lower bound, or one for each group.
        max_lr: the upper bound, or one for each group.
        step_size_up: the number of steps up.
        step_size_down: the number of steps down, by default as many.
        mode: ``"triangular"``, ``"triangular2"`` (each cycle half as high as the one before) or ``"exp_range"`` (the
            height falls by `gamma` with each step).
        gamma: the factor of ``"exp_range"``.
        scale_fn: a function that the height is multiplied by, instead of the mode's. It is not saved.
        scale_mode: of what `scale_fn` is a function: ``"cycle"`` (their number, from 1) or ``"iterations"``.
        cycle_momentum: whether the momentum (or the first of the betas) goes the other way.
        base_momentum: the lower bound of the momentum, or one for each group.
        max_momentum: its upper bound, or one for each group.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> schedule = zk.optim.lr_scheduler.CyclicLR(optimizer, 0.25, 0.75, step_size_up=2)
        >>> schedule.preview(6)
        [[0.25], [0.5], [0.75], [0.5], [0.25], [0.5]]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        name = "CyclicLR"
        check_optimizer(name, optimizer)
        base_lrs = per_group(name, "base_lr", optimizer, base_lr)
        self.max_lrs = per_group(name, "max_lr", optimizer, max_lr)
        up = float(positive(name, "step_size_up", step_size_up))
        self.total_size = up + (up if step_size_down is None else positive(name, "step_size_down", step_size_down))
        self.step_ratio = up / self.total_size
        if scale_fn is None and mode not in MODES:
            raise InvalidValueError(f"{name}: there is no mode {mode!r}", fix=f"pass one of {', '.join(MODES)}")
        self.mode = mode
        self.gamma = number(name, "gamma", gamma)
        self._scale_fn_custom = scale_fn
        self.scale_mode = _choice(name, "scale_mode", scale_mode, ("cycle", "iterations"))
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums = per_group(name, "base_momentum", optimizer, base_momentum)
            self.max_momentums = per_group(name, "max_momentum", optimizer, max_momentum)
            self.use_beta1 = _uses_betas(name, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                set_rate(group, lr)
                group.pop("initial_lr", None)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def _height(self, cycle: int) -> float:
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "exp_range":
            return self.gamma**self.last_epoch
        return 1.0 if self.mode == "triangular" else 1 / 2.0 ** (cycle - 1)

    def _rates(self) -> list[float]:
        turns = self.last_epoch / self.total_size
        cycle = floor(1 + turns)
        x = 1.0 + turns - cycle
        part = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height = part * self._height(cycle)
        if self.cycle_momentum:
            bounds = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, least, most in bounds:
                _set_momentum(group, self.use_beta1, most - (most - least) * height)
        return [least + (most - least) * height for least, most in zip(self.base_lrs, self.max_lrs, strict=True)]


class OneCycleLR(LRScheduler):
    """The rate up once and then down to almost nothing (Smith and Topin, 2018); the momentum down and up.

    Args:
        optimizer: the optimiser.
        max_lr: the largest rate, or one for each group.
        total_steps: the number of steps; or else `epochs` and `steps_per_epoch`.
        epochs: the number of epochs.
        steps_per_epoch: the number of steps in each.
        pct_start: the share of the steps that the rate goes up.
        anneal_strategy: the curve, ``"cos"`` or ``"linear"``.
        cycle_momentum: whether the momentum (or the first of the betas) goes the other way.
        base_momentum: the smallest momentum, or one for each group.
        max_momentum: the largest momentum, or one for each group.
        div_factor: the first rate is the largest over this.
        final_div_factor: the last rate is the first over this.
        three_phase: whether it goes down to the first rate as fast as it went up, and only then to the last.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5, momentum=0.9)
        >>> schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.5, total_steps=5, anneal_strategy="linear")
        >>> [round(lr, 4) for lr, in schedule.preview(5)]
        [0.02, 0.4286, 0.2857, 0.1429, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        name = "OneCycleLR"
        check_optimizer(name, optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise InvalidValueError(
                    f"{name} has to know how many steps there will be",
                    fix="pass total_steps, or both epochs and steps_per_epoch",
                )
            self.total_steps = positive(name, "epochs", epochs) * positive(name, "steps_per_epoch", steps_per_epoch)
        else:
            self.total_steps = positive(name, "total_steps", total_steps)
        share(name, "pct_start", pct_start, zero=True)
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        self._anneal_func_type = _choice(name, "anneal_strategy", anneal_strategy, ("cos", "linear"))
        self.cycle_momentum = cycle_momentum
        most = per_group(name, "max_lr", optimizer, max_lr)
        if cycle_momentum:
            self.use_beta1 = _uses_betas(name, optimizer)
            bounds = (
                per_group(name, "max_momentum", optimizer, max_momentum),
                per_group(name, "base_momentum", optimizer, base_momentum),
            )
        if last_epoch == -1:
            for i, group in enumerate(optimizer.param_groups):
                first = most[i] / div_factor
                group.update(initial_lr=first, max_lr=most[i], min_lr=first / final_div_factor)
                if cycle_momentum:
                    group.update(max_momentum=bounds[0][i], base_momentum=bounds[1][i])
        super().__init__(optimizer, last_epoch)

    def _rates(self) -> list[float]:
        step = self.last_epoch
        if step > self.total_steps:
            raise InvalidValueError(
                f"OneCycleLR is over after {self.total_steps} steps, and this would be step {step}",
                fix="pass the total_steps that are really made, or stop stepping the schedule",
            )
        begin = 0.0
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if step <= end or phase is self._schedule_phases[-1]:
                break
            begin = end
        part = (step - begin) / (end - begin)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[phase["start_lr"]], group[phase["end_lr"]], part))
            if self.cycle_momentum:
                momentum = self._between(group[phase["start_momentum"]], group[phase["end_momentum"]], part)
                _set_momentum(group, self.use_beta1, momentum)
        return rates

    def _between(self, start: float, end: float, part: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (1 + cos(pi * part))


def _phases(total: int, share_up: float, three: bool) -> list[dict[str, Any]]:
    """Where each phase ends, and between which of a group's settings it goes."""
    peak = share_up * total - 1
    ends: list[tuple[float, str, str]]
    if three:
        ends = [(peak, "max_lr", "base_momentum"), (2 * share_up * total - 2, "initial_lr", "max_momentum")]
    else:
        ends = [(peak, "max_lr", "base_momentum")]
    ends.append((total - 1, "min_lr", "max_momentum"))
    out, lr, momentum = [], "initial_lr", "max_momentum"
    for end, next_lr, next_momentum in ends:
        names = {"start_lr": lr, "end_lr": next_lr, "start_momentum": momentum, "end_momentum": next_momentum}
        out.append({"end_step": float(end), **names})
        lr, momentum = next_lr, next_momentum
    return out


def _uses_betas(name: str, optimizer: Any) -> bool:
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise InvalidValueError(
            f"{name}: {type(optimizer).__name__} has neither a momentum nor betas to be cycled",
            fix="pass cycle_momentum=False",
        )
    return "betas" in optimizer.defaults


def _set_momentum(group: dict[str, Any], betas: bool, value: float) -> None:
    if betas:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def _choice(name: str, argument: str, value: Any, known: tuple[str, ...]) -> str:
    if word(name, argument, value) not in known:
        raise InvalidValueError(
            f"{name}: {argument} is {' or '.join(map(repr, known))}, received {value!r}", fix="pass one of them"
        )
    return value
