"""Compiled steps of every optimiser and schedule, beside the same steps made eagerly."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from optim_cases import CASES, start
from schedule_cases import CASES as SCHEDULES

import zkynet as zk

pytestmark = pytest.mark.only("jax")


def trained(name: str, options: dict[str, Any], compiled: bool, schedule: Any = None, steps: int = 6) -> Any:
    """Parameters, the optimiser's state, and the rates, after some steps."""
    params = [zk.tensor(a, requires_grad=True) for a in start(name)]
    kind = getattr(zk.optim, name)
    optimizer = kind(
        [{"params": params[:1]}, {"params": params[1:], "lr": 0.03}] if schedule is not None else params, **options
    )
    plan = None if schedule is None else schedule(zk.optim.lr_scheduler, optimizer)

    def step(t: zk.Tensor) -> zk.Tensor:
        loss = sum(zk.sum(zk.sin(3 * p + t) / 3 + 0.15 * p * p) for p in params)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if plan is not None:
            plan.step()
        return loss

    run = zk.jit(step) if compiled else step
    losses = [run(zk.tensor(float(t), dtype="float64")).item() for t in range(steps)]
    state = optimizer.state_dict()
    if compiled:
        assert run.traces == 1 + (name == "RAdam")  # RAdam branches on the number of the step
    return losses, [p.numpy() for p in params], state, [g["lr"] for g in optimizer.param_groups], optimizer._steps


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, (zk.Tensor, np.ndarray, float)):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-10, atol=1e-12)
    else:
        assert one == other


@pytest.mark.parametrize("case", CASES)
def test_an_optimizer_makes_the_same_steps(case: str) -> None:
    name, options = CASES[case]
    assert_same(trained(name, options, True), trained(name, options, False))


@pytest.mark.parametrize("case", SCHEDULES)
def test_a_schedule_has_the_same_rates(case: str) -> None:
    options = {"lr": 0.1, "momentum": 0.9}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(
            trained("SGD", options, True, SCHEDULES[case], 12), trained("SGD", options, False, SCHEDULES[case], 12)
        )
