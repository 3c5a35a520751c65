"""Schedules: their rates, what they do to a state, and mistakes."""

from __future__ import annotations

import json
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from schedule_cases import CASES, STEPS
from wording import error_of, message

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, ScheduleOrderError
from zkynet.optim import lr_scheduler

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "schedules.json").read_text())["rows"]


def optimizer(lr: Any = (0.1, 0.05), stepped: bool = True) -> Any:
    groups = [{"params": [zk.zeros(1, requires_grad=True)], "lr": each} for each in lr]
    made = zk.optim.SGD(groups, momentum=0.9)
    made._steps = int(stepped)
    return made


def settings(o: Any) -> list[float]:
    return [group[key] for group in o.param_groups for key in ("lr", "momentum")]


@pytest.mark.parametrize("case", CASES)
def test_rates_and_momenta_are_pytorchs(case: str) -> None:
    o = optimizer()
    schedule = CASES[case](lr_scheduler, o)
    rows = []
    for _ in range(STEPS):
        rows.append(settings(o))
        schedule.step()
    np.testing.assert_allclose(rows, GOLDEN[case], rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize("case", CASES)
def test_a_preview_shows_what_comes_and_changes_nothing(case: str) -> None:
    o = optimizer()
    schedule = CASES[case](lr_scheduler, o)
    for _ in range(3):
        schedule.step()
    shown = schedule.preview(30)
    seen = []
    for _ in range(30):
        seen.append([group["lr"] for group in o.param_groups])
        schedule.step()
    assert shown == seen


@pytest.mark.parametrize("case", CASES)
def test_a_saved_schedule_goes_on(case: str) -> None:
    o, other = optimizer(), optimizer()
    schedule = CASES[case](lr_scheduler, o)
    for _ in range(11):
        schedule.step()
    saved, of_optimizer = schedule.state_dict(), o.state_dict()
    again = CASES[case](lr_scheduler, other)
    again.load_state_dict(saved)
    other.load_state_dict(of_optimizer)
    for _ in range(20):
        schedule.step()
        again.step()
        assert settings(o) == settings(other)


# -- schedules that PyTorch lacks -----------------------------------------------------------------------------------

T, W = 40, 10
OWN: dict[str, tuple[Any, Any]] = {
    "cosine": (
        lambda o: lr_scheduler.WarmupCosineLR(o, W, T),
        lambda t: t / W if t < W else 0.5 * (1 + cos(pi * min(1.0, (t - W) / (T - W)))),
    ),
    "cosine, bounded": (
        lambda o: lr_scheduler.WarmupCosineLR(o, W, T, min_factor=0.1, start_factor=0.2),
        lambda t: 0.2 + 0.08 * t if t < W else 0.1 + 0.45 * (1 + cos(pi * min(1.0, (t - W) / (T - W)))),
    ),
    "linear": (
        lambda o: lr_scheduler.WarmupLinearLR(o, W, T),
        lambda t: t / W if t < W else max(0.0, (T - t) / (T - W)),
    ),
    "linear, no warm-up": (lambda o: lr_scheduler.WarmupLinearLR(o, 0, T), lambda t: max(0.0, (T - t) / T)),
    "noam": (
        lambda o: lr_scheduler.NoamLR(o, d_model=512, warmup_steps=W),
        lambda t: 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * W**-1.5),
    ),
    "root": (
        lambda o: lr_scheduler.InverseSquareRootLR(o, W),
        lambda t: (t + 1) / W if t + 1 < W else (W / (t + 1)) ** 0.5,
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_warm_ups_follow_their_formula(case: str) -> None:
    make, factor = OWN[case]
    rates = make(optimizer()).preview(STEPS)
    expected = [[0.1 * factor(t), 0.05 * factor(t)] for t in range(STEPS)]
    np.testing.assert_allclose(rates, expected, rtol=1e-12, atol=1e-17)


# -- mistakes ---------------------------------------------------------------------------------------------------------


def test_a_schedule_stepped_before_its_optimizer_is_an_error() -> None:
    o = optimizer(stepped=False)
    schedule = lr_scheduler.CosineAnnealingLR(o, 10)
    assert error_of(schedule.step, ScheduleOrderError) == message("""
        CosineAnnealingLR.step() was called before optimizer.step()
          the first learning rate of the schedule would never be used
          Fix: call optimizer.step() first, then step the schedule; preview(100) shows its rates without steps
    """)
    assert schedule.last_epoch == 0
    assert settings(o) == [0.1, 0.9, 0.05, 0.9]
    warm = lr_scheduler.LinearLR(o)
    chain = lr_scheduler.ChainedScheduler([schedule, warm])
    with pytest.raises(ScheduleOrderError):
        chain.step()
    o.param_groups[0]["params"][0].sum().backward()
    o.step()
    chain.step()


def test_a_schedule_that_goes_on_may_be_stepped_first() -> None:
    first = lr_scheduler.StepLR(optimizer(), 2)
    first.step()
    second = lr_scheduler.StepLR(optimizer(stepped=False), 2)
    second.load_state_dict(first.state_dict())
    second.step()
    assert second.last_epoch == 2


S = lr_scheduler
MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "no optimiser": (lambda o: S.StepLR([1], 2), ArgumentError, "StepLR takes an optimiser, received list: [1]"),
    "no function": (lambda o: S.LambdaLR(o, 0.5), ArgumentError, "LambdaLR: lr_lambda is a function"),
    "a function too few": (lambda o: S.LambdaLR(o, [abs]), InvalidValueError, "1 values, and the optimiser has 2"),
    "step size": (lambda o: S.StepLR(o, 0), InvalidValueError, "StepLR: step_size is at least 1, received 0"),
    "step size, a float": (lambda o: S.StepLR(o, 2.5), ArgumentError, "step_size is a whole number"),
    "factor": (lambda o: S.ConstantLR(o, 2.0), InvalidValueError, "ConstantLR: factor is above 0 and at most 1"),
    "mode": (lambda o: S.CyclicLR(o, 0.1, 0.2, mode="up"), InvalidValueError, "CyclicLR: there is no mode 'up'"),
    "curve": (lambda o: S.OneCycleLR(o, 0.1, 9, anneal_strategy="x"), InvalidValueError, "'cos' or 'linear'"),
    "steps": (lambda o: S.OneCycleLR(o, 0.1), InvalidValueError, "has to know how many steps"),
    "warm-up": (lambda o: S.WarmupCosineLR(o, 9, 5), InvalidValueError, "the warm-up is longer than all steps"),
    "milestones": (lambda o: S.SequentialLR(o, [S.StepLR(o, 2)], [3]), InvalidValueError, "need 0 milestones"),
    "another optimiser": (
        lambda o: S.ChainedScheduler([S.StepLR(o, 2), S.StepLR(optimizer(), 2)]),
        InvalidValueError,
        "belongs to another optimiser",
    ),
    "plateau in a chain": (
        lambda o: S.ChainedScheduler([S.ReduceLROnPlateau(o)]),
        InvalidValueError,
        "cannot step ReduceLROnPlateau",
    ),
    "going on": (lambda o: S.StepLR(o, 2, last_epoch=3), InvalidValueError, "has no 'initial_lr'"),
    "no state": (lambda o: S.StepLR(o, 2).load_state_dict({}), ArgumentError, "takes what state_dict() gave"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_named(case: str) -> None:
    call, kind, words = MISTAKES[case]
    assert words in error_of(lambda: call(optimizer()), kind)


def test_one_cycle_does_not_go_on_beyond_its_end() -> None:
    schedule = lr_scheduler.OneCycleLR(optimizer(), 0.1, total_steps=3)
    for _ in range(3):
        schedule.step()
    with pytest.raises(InvalidValueError, match="over after 3 steps"):
        schedule.step()


def test_momentum_can_only_be_cycled_where_there_is_one() -> None:
    o = zk.optim.Adagrad([zk.zeros(1, requires_grad=True)])
    with pytest.raises(InvalidValueError, match="neither a momentum nor betas"):
        lr_scheduler.OneCycleLR(o, 0.1, total_steps=3)
    assert "max_lr" not in o.param_groups[0]


def test_a_rate_that_is_a_tensor_is_filled() -> None:
    lr = zk.tensor(0.5)
    o = zk.optim.SGD([zk.zeros(1, requires_grad=True)], lr=lr)
    o._steps = 1
    schedule = lr_scheduler.ExponentialLR(o, 0.5)
    schedule.step()
    assert o.param_groups[0]["lr"] is lr
    assert lr.item() == 0.25
    assert schedule.get_last_lr() == [0.25]
