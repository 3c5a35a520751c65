"""``python -m zkynet``: a small network learns two spirals, in a few seconds, on the current backend.

Everything is spelled out with tensors and gradients, so that it can be read as a first lesson: data, weights, a forward
pass, a loss, its gradient, and a step of gradient descent with momentum. ``ZKYNET_BACKEND=jax`` runs it on JAX.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import zkynet as zk

STEPS, RATE, MOMENTUM = 1500, 0.05, 0.9
SIZES = (2, 32, 32, 1)


def two_spirals(n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Points on two interleaved spirals, shape (2n, 2), and which one each is on, shape (2n, 1)."""
    angle = np.sqrt(rng.uniform(0.05, 1, n)) * 2.2 * np.pi
    arm = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / 7
    points = np.concatenate([arm, -arm]) + rng.normal(0, 0.02, (2 * n, 2))
    return zk.tensor(points, dtype="float32"), zk.tensor(np.repeat([[0.0], [1.0]], n, axis=0), dtype="float32")


def forward(weights: list[Any], x: Any) -> Any:
    """The network: tanh between layers, a plain number (the logit) at the end."""
    for w, b in weights[:-1]:
        x = zk.tanh(x @ w + b)
    w, b = weights[-1]
    return x @ w + b


def train(steps: int = STEPS, seed: int = 0) -> tuple[list[Any], list[float], float]:
    """Learn the spirals; returns the weights, the losses, and the accuracy on points not seen before."""
    rng = np.random.default_rng(seed)
    x, y = two_spirals(200, rng)
    weights = [
        (
            zk.tensor(rng.normal(0, fan_in**-0.5, (fan_in, fan_out)), dtype="float32", requires_grad=True),
            zk.tensor(np.zeros(fan_out), dtype="float32", requires_grad=True),
        )
        for fan_in, fan_out in pairwise(SIZES)
    ]
    parameters = [p for layer in weights for p in layer]
    velocity = [zk.zeros_like(p) for p in parameters]
    losses = []
    for _ in range(steps):
        logit = forward(weights, x)
        loss = zk.mean(zk.softplus(logit) - y * logit)  # the cross-entropy of two classes
        loss.backward()
        with zk.no_grad():
            for k, p in enumerate(parameters):
                assert p.grad is not None
                velocity[k] = MOMENTUM * velocity[k] - RATE * p.grad
                p += velocity[k]
                p.zero_grad()
        losses.append(loss.item())
    x, y = two_spirals(500, rng)
    right = (forward(weights, x) > 0) == (y > 0.5)
    return weights, losses, float(right.astype("float32").mean())


def picture(weights: list[Any], width: int = 64, height: int = 28) -> str:
    """What the network answers over the plane, in characters."""
    across, down = np.meshgrid(np.linspace(-1.05, 1.05, width), np.linspace(1.05, -1.05, height))
    plane = zk.tensor(np.stack([across.ravel(), down.ravel()], axis=1), dtype="float32")
    answer = zk.sigmoid(forward(weights, plane)).numpy().reshape(height, width)
    return "\n".join("".join(" .:-=+*#%@"[min(int(p * 10), 9)] for p in row) for row in answer)


def main() -> None:
    """Train, and show what was learned."""
    print(f"zkynet learns two spirals on {zk.get_backend().name}: {STEPS} steps, network {'-'.join(map(str, SIZES))}")
    weights, losses, accuracy = train()
    print(picture(weights))
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}, {accuracy:.1%} of 1000 new points right")


if __name__ == "__main__":
    main()
