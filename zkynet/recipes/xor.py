"""XOR: what one neuron cannot do.

Exclusive or is 1 where exactly one of its inputs is 1. No straight line has the two ones on one side and the two
zeros on the other, so one neuron cannot learn it (Minsky and Papert, "Perceptrons", 1969), and this lesson lets it
try. With some neurons in between, which bend the plane, backpropagation finds it (Rumelhart, Hinton, Williams, 1986).
"""

from __future__ import annotations

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run, numbers_from

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [[0.0], [1.0], [1.0], [0.0]]


def network(hidden: int) -> nn.Module:
    """One hidden layer with tanh. Two neurons are enough in principle; with some more, no start gets stuck."""
    return nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 1))


@recipe(
    title="XOR",
    teaches="why a network needs hidden layers, with the decision boundary as a picture",
    source="Minsky & Papert 1969; Rumelhart, Hinton & Williams 1986",
    minutes=0.05,
    goal=[Goal("right with a hidden layer", at_least=4), Goal("right with one neuron", at_most=3)],
)
def xor(run: Run, *, hidden: int = 8, epochs: int = 400, learning_rate: float = 0.05) -> None:
    """Let one neuron try, then a network."""
    x, y = zk.tensor(X), zk.tensor(Y)
    for name, model in {"one neuron": nn.Linear(2, 1), "a hidden layer": network(hidden)}.items():
        optimizer = zk.optim.Adam(model.parameters(), lr=learning_rate)
        trainer = run.trainer(model, "binary_cross_entropy_with_logits", optimizer, name=name, progress=False)
        history = trainer.fit((x, y), epochs=epochs, batch_size=4)
        with zk.no_grad():
            answers = (model(x) > 0).astype("float32")
        run.say(f"{name}: loss {history['loss'][-1]:.3f}, answers {[int(a) for (a,) in answers.tolist()]}")
        run.result(f"right with {name}", zk.sum(answers == y).item())
        labels = y[:, 0].astype("int64")
        run.picture(name, zk.visual.decision_boundary, model, x, labels, caption=f"what {name} answers over the plane")


@xor.example
def _(hidden: int, name: str = "a hidden layer") -> tuple[nn.Module, zk.Tensor]:
    return nn.Linear(2, 1) if name == "one neuron" else network(hidden), zk.tensor(X)


@xor.predict
def _(model: nn.Module, given: str | None) -> dict[str, float]:
    pair = zk.tensor(numbers_from(given or "0,1", 2))
    one = zk.sigmoid(model(pair[None])).item()
    return {"1": one, "0": 1 - one}
