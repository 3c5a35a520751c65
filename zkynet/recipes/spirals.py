"""Two spirals.

Two classes of points lie on spirals wound into each other. No straight line separates them: a softmax regression gets
little more than half of them right. Two hidden layers bend the plane until a line is enough, and the picture shows the
boundary they found. (Lang and Witbrock, "Learning to tell two spirals apart", 1988, where it took a special network.)
"""

from __future__ import annotations

import numpy as np

import zkynet as zk
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run


def network(hidden: int) -> zk.nn.Module:
    """Two hidden layers with tanh, and a number (the logit) for each spiral."""
    return zk.nn.Sequential(
        zk.nn.Linear(2, hidden), zk.nn.Tanh(), zk.nn.Linear(hidden, hidden), zk.nn.Tanh(), zk.nn.Linear(hidden, 2)
    )


def points(n: int, seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Points near two spirals, shape (2n, 2), and which one each is on, shape (2n,)."""
    rng = np.random.default_rng(seed)
    angle = np.sqrt(rng.uniform(0.05, 1, n)) * 2.2 * np.pi  # the root spreads the points evenly along the arm
    arm = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / 7
    x = np.concatenate([arm, -arm]) + rng.normal(0, noise, (2 * n, 2))
    return x.astype("float32"), np.repeat([0, 1], n)


@recipe(
    title="Two spirals",
    teaches="why hidden layers: a boundary that no straight line can be",
    source="Lang & Witbrock 1988",
    minutes=0.1,
    goal=Goal("test accuracy", at_least=0.98),
)
def spirals(run: Run, *, hidden: int = 32, epochs: int = 100, learning_rate: float = 0.01, noise: float = 0.02) -> None:
    """Learn to tell the spirals apart, and test it on points not seen before."""
    train, test = points(200, 2 * run.seed, noise), points(500, 2 * run.seed + 1, noise)
    model = network(hidden)
    trainer = run.trainer(model, "cross_entropy", zk.optim.Adam(model.parameters(), lr=learning_rate), ["accuracy"])
    trainer.fit(train, validation=test, epochs=epochs, batch_size=50)
    run.result("test accuracy", trainer.evaluate(test)["accuracy"])


@spirals.example
def _(hidden: int) -> tuple[zk.nn.Module, zk.Tensor]:
    return network(hidden), zk.zeros((1, 2))


@spirals.predict
def _(model: zk.nn.Module, given: str | None) -> dict[str, float]:
    point = [float(number) for number in (given or "0.5,0.5").split(",")]
    first, second = zk.softmax(model(zk.tensor([point])), axis=-1)[0].tolist()
    return {"first spiral": first, "second spiral": second}
