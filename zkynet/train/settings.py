"""What a `Trainer` is made of: its settings checked, and made into what they stand for."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from zkynet.backend.registry import get_backend
from zkynet.errors import ArgumentError, BackendError, InvalidValueError, OtherParametersWarning, described
from zkynet.nn.module import Module
from zkynet.ops.arguments import whole
from zkynet.optim import EMA, LBFGS, MixedPrecision, Optimizer
from zkynet.optim.lr_scheduler import LRScheduler
from zkynet.train.by_name import optimizer_by_name
from zkynet.train.callbacks import Callback

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

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
    if isinstance(optimizer, LBFGS):
        raise ArgumentError(
            "Trainer: LBFGS computes the loss several times in each step, which is another loop",
            fix="write it by hand: for each step optimizer.step(closure), or take another optimiser",
        )
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


def check_learns(t: Trainer) -> None:
    """Refuse a model of which nothing can be learned; warn if the optimiser is for other parameters."""
    learned = [(name, p) for name, p in t.model.named_parameters() if p.requires_grad]
    if not learned:
        raise InvalidValueError(
            "fit: all parameters of the model are frozen, so there is nothing to learn",
            fix="model.unfreeze(), or unfreeze one of its layers",
        )
    backend = learned[0][1].backend
    if backend is not get_backend():
        raise BackendError(
            f"fit: the model is on {backend.name}, and data goes to {get_backend().name}, the current backend",
            fix=f'zk.set_backend("{backend.name}"), or move the model',
        )
    held = t.mixed.parameters if t.mixed is not None else [p for g in t.optimizer.param_groups for p in g["params"]]
    ids = {id(p) for p in held}
    own = {id(p) for p in t.model.parameters()}
    left_out = [name for name, p in learned if id(p) not in ids]
    if len(left_out) == len(learned):
        lines = "the optimiser holds no parameter of the model, which will learn nothing"
    elif ids - own:
        lines = f"the optimiser holds {len(ids - own)} parameters that are not the model's"
    elif left_out:
        names = ", ".join(left_out[:4]) + (", ..." if len(left_out) > 4 else "")
        lines = f"the optimiser leaves out {len(left_out)} parameters of the model, which will not learn: {names}"
    else:
        return
    fix = "make it with model.parameters(), and freeze() the layers that are not to learn"
    warnings.warn(f"fit: {lines}\n  Fix: {fix}", OtherParametersWarning, stacklevel=3)
