"""Two spirals.

Two classes of points lie on the arms of a spiral. No straight line separates them: a network without a hidden layer
gets about two thirds of them right (try --set hidden=0). Two hidden layers bend the plane until a line is enough, and
the picture shows the boundary that they found. The task became known through Lang and Witbrock, "Learning to tell two
spirals apart" (1988), where plain back-propagation took 20,000 epochs.
"""

from __future__ import annotations

import numpy as np

import zkynet as zk
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run, numbers_from


def network(hidden: int) -> zk.nn.Module:
    """Two hidden layers with tanh, and a number (the logit) for each arm."""
    if hidden == 0:
        return zk.nn.Linear(2, 2)
    return zk.nn.Sequential(
        zk.nn.Linear(2, hidden), zk.nn.Tanh(), zk.nn.Linear(hidden, hidden), zk.nn.Tanh(), zk.nn.Linear(hidden, 2)
    )


@recipe(
    title="Two spirals",
    teaches="why hidden layers: a boundary that no straight line can be",
    source="Lang & Witbrock 1988",
    minutes=0.1,
    goal=Goal("test accuracy", at_least=0.98),
)
def spirals(
    run: Run,
    *,
    hidden: int = 32,
    epochs: int = 100,
    learning_rate: float = 0.02,
    turns: float = 2.0,
    noise: float = 0.02,
) -> None:
    """Learn to tell the arms apart, and test it on points not seen before."""
    data = zk.data.spirals(1000, turns=turns, noise=noise, seed=run.seed)  # 800 to learn from, 200 to test with
    model = network(hidden)
    trainer = run.trainer(model, "cross_entropy", zk.optim.Adam(model.parameters(), lr=learning_rate), ["accuracy"])
    trainer.fit(data.train, validation=data.test, epochs=epochs, batch_size=50)

    run.picture(
        "boundary",
        zk.visual.decision_boundary,
        model,
        *data.test.arrays,
        classes=data.classes,
        caption="What the network answers, and the test points.",
    )
    run.text("what the network answers over the plane", in_characters(model))
    run.result("test accuracy", trainer.evaluate(data.test)["accuracy"])


def in_characters(model: zk.nn.Module, width: int = 64, height: int = 28) -> str:
    """How sure the network is of the second arm, in each place of the plane: a picture for terminals."""
    across, down = np.meshgrid(np.linspace(-1.05, 1.05, width), np.linspace(1.05, -1.05, height))
    plane = zk.tensor(np.stack([across.ravel(), down.ravel()], axis=1), dtype="float32")
    with zk.no_grad():
        sure = zk.softmax(model(plane), axis=-1)[:, 1].numpy().reshape(height, width)
    return "\n".join("".join(" .:-=+*#%@"[min(int(p * 10), 9)] for p in row) for row in sure)


@spirals.example
def _(hidden: int) -> tuple[zk.nn.Module, zk.Tensor]:
    return network(hidden), zk.zeros((1, 2))


@spirals.predict
def _(model: zk.nn.Module, given: str | None) -> dict[str, float]:
    point = zk.tensor(numbers_from(given or "0.5,0.5", 2))
    first, second = zk.softmax(model(point[None]), axis=-1)[0].tolist()
    return {"arm 1": first, "arm 2": second}
