"""Training that needs second derivatives through layers: a gradient penalty, and learning to learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import zkynet as zk

nn = zk.nn
F = nn.functional


def differences(loss: Callable[[], Any], p: Any, places: list[tuple[int, ...]]) -> list[float]:
    """The slope of a loss by some elements of a parameter, by central differences."""
    out = []
    for at in places:
        values = p.numpy().copy()
        slopes = []
        for step in (1e-6, -1e-6):
            moved = values.copy()
            moved[at] += step
            p.data = zk.tensor(moved).data
            slopes.append(loss().item())
        p.data = zk.tensor(values).data
        out.append((slopes[0] - slopes[1]) / 2e-6)
    return out


def test_the_gradient_penalty_of_a_wasserstein_critic() -> None:
    """Gulrajani et al. (2017): the critic is trained on the norm of its own gradient."""
    zk.random.seed(0)
    critic = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.GroupNorm(1, 3),
        nn.SiLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.LayerNorm(12),
        nn.Linear(12, 5),
        nn.Tanh(),
        nn.Linear(5, 1),
    ).double()
    rng = np.random.default_rng(0)
    between = zk.tensor(rng.standard_normal((2, 1, 4, 4)))

    def penalty() -> Any:
        x = between.detach().requires_grad_()
        slope = zk.gradients(critic(x).sum(), x, create_graph=True)
        return ((zk.sqrt((slope * slope).sum(axis=(1, 2, 3))) - 1) ** 2).mean()

    penalty().backward()
    for name, p in critic.named_parameters():
        if p.grad is None:
            assert name == "8.bias"  # the gradient by the input does not know it
            continue
        places = [tuple(int(i) for i in rng.integers(0, p.shape)) for _ in range(3)]
        mine = [p.grad[at].item() for at in places]
        np.testing.assert_allclose(mine, differences(penalty, p, places), rtol=1e-4, atol=1e-7, err_msg=name)


def test_the_inner_loop_of_learning_to_learn() -> None:
    """Finn et al. (2017): the loss after a step of gradient descent, by the weights before it."""
    zk.random.seed(0)
    model = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    rng = np.random.default_rng(0)
    x, y, x2, y2 = (zk.tensor(rng.standard_normal(shape)) for shape in ((5, 2), (5, 1), (4, 2), (4, 1)))

    def loss_after_three_steps() -> Any:
        weights = dict(model.named_parameters())
        for _ in range(3):
            loss = F.mse_loss(nn.functional_call(model, weights, x), y)
            slopes = zk.gradients(loss, list(weights.values()), create_graph=True)
            weights = {n: w - 0.1 * g for (n, w), g in zip(weights.items(), slopes, strict=True)}
        return F.mse_loss(nn.functional_call(model, weights, x2), y2)

    loss_after_three_steps().backward()
    for name, p in model.named_parameters():
        places = [tuple(int(i) for i in rng.integers(0, p.shape)) for _ in range(3)]
        mine = [p.grad[at].item() for at in places]  # type: ignore[index]
        theirs = differences(loss_after_three_steps, p, places)
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-8, err_msg=name)
