"""What a `Trainer` is made of: its settings checked, and made into what they stand for."""

from __future__ import annotations

from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.nn.module import Module
from zkynet.ops.arguments import whole
from zkynet.optim import EMA, MixedPrecision, Optimizer
from zkynet.optim.lr_scheduler import LRScheduler
from zkynet.train.by_name import optimizer_by_name
from zkynet.train.callbacks import Callback

PER_STEP = {"OneCycleLR", "CyclicLR", "WarmupCosineLR", "WarmupLinearLR", "NoamLR", "InverseSquareRootLR"}
"""Schedules whose arguments count steps; all others count epochs."""


def at_least_one(name: str, argument: str, value: Any) -> int:
    """A whole number from 1 on."""
    n = whole(name, argument, value)
    if n < 1:
        raise InvalidValueError(f"{name}: {argument} is at least 1, received {n}", fix="pass 1 or more")
    return n


def optimizer_of(model: Module, optimizer: Any, rate: Any, precision: Any) -> tuple[MixedPrecision | None, Optimizer]:
    """The optimiser, and what makes it train in 16 bits."""
    if isinstance(optimizer, MixedPrecision):
        return optimizer, optimizer.optimizer
    if isinstance(optimizer, Optimizer):
        if precision is not None:
            raise ArgumentError(
                "Trainer: precision needs an optimiser by name, or a function that makes one",
                facts=["it has to be made for float32 copies of the parameters"],
                fix='pass "adam", or lambda params: zk.optim.Adam(params, lr=1e-3)',
            )
        if rate is not None:
            raise ArgumentError(
                "Trainer: learning_rate goes with an optimiser by name", fix="pass the rate to the optimiser: lr=..."
            )
        return None, optimizer
    make = optimizer_by_name(optimizer, rate)
    if precision is not None:
        mixed = MixedPrecision(model, make, precision)
        return mixed, mixed.optimizer
    made = make(model.parameters())
    if not isinstance(made, Optimizer):
        raise ArgumentError(
            f"Trainer: the function that makes the optimiser returned {described(made)}", fix="return an optimiser"
        )
    return None, made


def schedule_of(schedule: Any, per: str | None, optimizer: Optimizer) -> tuple[Any, str]:
    """The schedule, and whether it counts steps or epochs."""
    if per not in (None, "step", "epoch"):
        raise InvalidValueError(f"Trainer: schedule_per is 'step' or 'epoch', received {per!r}", fix="pass one of them")
    if schedule is None:
        return None, "epoch"
    if not isinstance(schedule, LRScheduler) and callable(schedule):
        schedule = schedule(optimizer)
    if not isinstance(schedule, LRScheduler):
        raise ArgumentError(
            f"Trainer: schedule is one of zk.optim.lr_scheduler, or a function of the optimiser that makes one; "
            f"received {described(schedule)}",
            fix="pass lambda optimizer: zk.optim.lr_scheduler.StepLR(optimizer, 10)",
        )
    if schedule.optimizer is not optimizer:
        raise ArgumentError(
            "Trainer: the schedule is of another optimiser", fix="make it with the optimiser that the trainer has"
        )
    return schedule, per or ("step" if type(schedule).__name__ in PER_STEP else "epoch")


def ema_of(ema: Any, model: Module) -> EMA | None:
    """The averages of weights, if they are wanted."""
    if ema is None or isinstance(ema, EMA):
        return ema
    if isinstance(ema, bool) or not isinstance(ema, (int, float)):
        raise ArgumentError(f"Trainer: ema is a decay or a zk.optim.EMA, received {described(ema)}", fix="pass 0.999")
    return EMA(model, float(ema))


def callbacks_of(callbacks: Any) -> list[Callback]:
    """The callbacks, each of which is one."""
    listed = [callbacks] if isinstance(callbacks, Callback) else list(callbacks)
    for each in listed:
        if not isinstance(each, Callback):
            raise ArgumentError(
                f"Trainer: a callback is a zk.train.Callback, received {described(each)}",
                fix="make it a class that inherits from zk.train.Callback, and pass an object of it",
            )
    return listed
