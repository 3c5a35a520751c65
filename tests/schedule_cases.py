"""Schedules and their options, here and in PyTorch: each is made by a function of the module that has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

STEPS = 50
Make = Callable[[Any, Any], Any]

CASES: dict[str, Make] = {
    "lambda": lambda s, o: s.LambdaLR(o, [lambda t: 0.95**t, lambda t: 1 / (1 + t)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda t: 0.9 if t % 2 else 1.05),
    "step": lambda s, o: s.StepLR(o, 7),
    "step, gamma": lambda s, o: s.StepLR(o, 3, gamma=0.8),
    "multi-step": lambda s, o: s.MultiStepLR(o, [30, 5, 5, 12], gamma=0.5),
    "constant": lambda s, o: s.ConstantLR(o),
    "constant, settings": lambda s, o: s.ConstantLR(o, factor=0.7, total_iters=20),
    "linear": lambda s, o: s.LinearLR(o),
    "linear, down": lambda s, o: s.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=30),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.93),
    "polynomial": lambda s, o: s.PolynomialLR(o),
    "polynomial, power": lambda s, o: s.PolynomialLR(o, total_iters=60, power=2.5),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 20),
    "cosine, eta_min": lambda s, o: s.CosineAnnealingLR(o, 7, eta_min=0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 8),
    "restarts, longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.002),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.01, 0.3, step_size_up=6),
    "cyclic, falling": lambda s, o: s.CyclicLR(o, [0.01, 0.1], [0.3, 0.2], 4, 9, mode="triangular2"),
    "cyclic, range": lambda s, o: s.CyclicLR(o, 0.01, 0.3, 5, mode="exp_range", gamma=0.97, base_momentum=0.6),
    "cyclic, function": lambda s, o: s.CyclicLR(o, 0.01, 0.3, 5, scale_fn=lambda x: 0.5**x, cycle_momentum=False),
    "cyclic, function of steps": lambda s, o: s.CyclicLR(
        o, 0.01, 0.3, 5, scale_fn=lambda x: 0.9**x, scale_mode="iterations"
    ),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=51),
    "one cycle, epochs": lambda s, o: s.OneCycleLR(o, [0.5, 0.2], epochs=6, steps_per_epoch=10, pct_start=0.4),
    "one cycle, linear": lambda s, o: s.OneCycleLR(
        o, 0.5, 60, anneal_strategy="linear", base_momentum=0.7, max_momentum=0.99, div_factor=10, final_div_factor=100
    ),
    "one cycle, three phases": lambda s, o: s.OneCycleLR(o, 0.5, 60, three_phase=True, cycle_momentum=False),
    "sequential": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=10), s.CosineAnnealingLR(o, 20), s.ExponentialLR(o, 0.9)],
        milestones=[10, 35],
    ),
    "sequential, restarts": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 4), s.CosineAnnealingWarmRestarts(o, 5, 2)], milestones=[4]
    ),
    "chained": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.2, 7), s.ExponentialLR(o, 0.95), s.MultiStepLR(o, [9, 20])]
    ),
    "sequence of chains": lambda s, o: s.ChainedScheduler(
        [s.SequentialLR(o, [s.ConstantLR(o, 0.1, 4), s.StepLR(o, 5)], milestones=[6]), s.ExponentialLR(o, 0.99)]
    ),
}
"""By a name: a function of the module with the schedules and of an optimiser with two groups."""

PLATEAU: dict[str, dict[str, Any]] = {
    "the default": {},
    "up": {"mode": "max", "factor": 0.5, "patience": 2},
    "difference": {"threshold": 0.3, "threshold_mode": "abs", "patience": 1, "cooldown": 3},
    "up, difference": {"mode": "max", "threshold": 0.3, "threshold_mode": "abs", "patience": 1, "factor": 0.3},
    "bounded": {"factor": 0.2, "patience": 0, "min_lr": [0.01, 0.001], "eps": 1e-4},
}


def figure(t: int) -> float:
    """What stands for a loss: it falls, stays, and falls again."""
    return 3.0 * 0.8 ** min(t, 10) + (1.0 if 10 < t < 30 and t % 3 else 0.0) - (0.1 if t > 40 else 0.0)
