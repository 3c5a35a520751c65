"""Handwritten digits, as in Nielsen's book.

A network with one hidden layer reads handwritten digits. It begins as the one of chapter 1 of Michael Nielsen's
"Neural Networks and Deep Learning": sigmoid neurons, quadratic cost, plain stochastic gradient descent. Chapter 3
improves it, change by change, and each change is a setting here: another cost (why a neuron that is very wrong learns
slowly, and what cures it), weight decay, smaller initial weights, rectifiers, dropout, momentum.

``zkynet train digits --set compare=true`` trains them all in turn, each with one change more, and shows what it buys.
"""

from __future__ import annotations

from typing import Any, Literal

import zkynet as zk
from zkynet import nn
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run

# Each line is the one before with one change more (Nielsen's chapter in brackets).
CHANGES: dict[str, dict[str, Any]] = {
    "sigmoid, quadratic cost [1]": {
        "cost": "quadratic", "initialization": "large", "activation": "sigmoid",
        "weight_decay": 0.0, "dropout": 0.0, "momentum": 0.0, "learning_rate": 3.0, "falling": False,
    },
    "cross-entropy [3]": {"cost": "cross-entropy", "learning_rate": 0.5},
    "softmax [3]": {"cost": "softmax"},
    "weight decay (L2) [3]": {"weight_decay": 3e-4},
    "smaller initial weights [3]": {"initialization": "small"},
    "rectifiers [3]": {"activation": "relu", "learning_rate": 0.1},
    "dropout [3]": {"dropout": 0.2},
    "momentum [3]": {"momentum": 0.9, "learning_rate": 0.02},
    "falling learning rate [3]": {"falling": True, "learning_rate": 0.05},
}  # fmt: skip

# What the data needs: 60,000 pictures are worth more neurons, and are gone through in larger batches and less often.
SIZES = {
    "digits": {"hidden": 100, "epochs": 30, "batch_size": 10},
    "mnist": {"hidden": 300, "epochs": 15, "batch_size": 32},
}


def network(pixels: int, hidden: int, activation: str, initialization: str, dropout: float) -> nn.Sequential:
    """From the pixels to a number for each digit: its logit."""
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(pixels, hidden),
        nn.Sigmoid() if activation == "sigmoid" else nn.ReLU(),
        nn.Dropout(dropout),  # in training, a part of the neurons is silent, so that none relies on another
        nn.Linear(hidden, 10),
    )
    for layer in (model[1], model[4]):
        # Chapter 1 draws weights from N(0, 1): the sum of many such inputs is large, the sigmoid flat there, and its
        # derivative almost zero. Chapter 3 divides by the root of the number of inputs.
        nn.init.normal_(layer.weight, 0.0, 1.0 if initialization == "large" else layer.in_features**-0.5)
        nn.init.zeros_(layer.bias)
    return model


def quadratic_cost(logits: zk.Tensor, labels: zk.Tensor) -> zk.Tensor:
    """C = ½ ‖a - y‖², a = σ(z). Its gradient by z is (a - y) σ'(z): tiny where the neuron is saturated."""
    wanted = F.one_hot(labels, 10).astype("float32")
    return 0.5 * zk.mean(zk.sum((zk.sigmoid(logits) - wanted) ** 2, axis=1))


def cross_entropy_cost(logits: zk.Tensor, labels: zk.Tensor) -> zk.Tensor:
    """C = -Σ y ln a + (1 - y) ln(1 - a). Its gradient by z is a - y: the more wrong, the faster it learns."""
    wanted = F.one_hot(labels, 10).astype("float32")
    return zk.mean(zk.sum(F.binary_cross_entropy_with_logits(logits, wanted, reduction="none"), axis=1))


COSTS = {
    "quadratic": quadratic_cost,
    "cross-entropy": cross_entropy_cost,
    "softmax": F.cross_entropy,  # the answers compete: their probabilities add up to one
}


@recipe(
    title="Handwritten digits with a small network",
    teaches="what each change buys: cost, weight decay, initialisation, rectifiers, dropout, momentum",
    source="Nielsen, Neural Networks and Deep Learning, ch. 1 and 3",
    minutes=0.3,
    goal=[Goal("test accuracy", at_least=0.97, data="digits"), Goal("test accuracy", at_least=0.98, data="mnist")],
    data=("digits", "mnist"),
)
def digits(
    run: Run,
    *,
    data: str = "digits",
    hidden: int | None = None,  # this, epochs and batch_size as the data needs: SIZES
    epochs: int | None = None,
    batch_size: int | None = None,
    cost: Literal["quadratic", "cross-entropy", "softmax"] = "softmax",
    activation: Literal["sigmoid", "relu"] = "relu",
    initialization: Literal["large", "small"] = "small",
    weight_decay: float = 3e-4,
    dropout: float = 0.2,
    momentum: float = 0.9,
    learning_rate: float = 0.05,
    falling: bool = True,
    compare: bool = False,
) -> None:
    """Train one network, or, to compare, one for each change."""
    pictures, sizes = pictures_named(data), SIZES[data]
    hidden, epochs = hidden or sizes["hidden"], epochs or sizes["epochs"]
    batch_size, size = batch_size or sizes["batch_size"], pictures.train[0][0].size

    def train(name: str, **s) -> tuple[nn.Module, dict[str, float]]:  # type: ignore[no-untyped-def]
        zk.random.seed(run.seed)  # all begin alike
        model = network(size, hidden, s["activation"], s["initialization"], s["dropout"])
        optimizer = zk.optim.SGD(
            model.parameters(), lr=s["learning_rate"], momentum=s["momentum"], weight_decay=s["weight_decay"]
        )
        # Large steps to get there, smaller ones with each epoch to settle
        schedule = zk.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs) if s["falling"] else None
        trainer = run.trainer(model, COSTS[s["cost"]], optimizer, ["accuracy"], schedule=schedule, name=name)
        trainer.fit(pictures.train, validation=pictures.test, epochs=epochs, batch_size=batch_size)
        return model, trainer.evaluate(pictures.test)

    if compare:
        settings: dict[str, Any] = {}
        reached = {}
        for change, values in CHANGES.items():
            settings |= values
            model, measured = train(change, **settings)
            reached[change] = measured["accuracy"]
        run.table("each with one change more", [{"change": k, "test accuracy": v} for k, v in reached.items()])
        run.picture(
            "changes", zk.visual.bar_comparison, {k: 100 * v for k, v in reached.items()}, from_zero=False,
            label="test accuracy in %", caption="each network with one change more than the one before",
        )  # fmt: skip
        accuracy = max(reached.values())
    else:
        model, measured = train(
            "", cost=cost, activation=activation, initialization=initialization, weight_decay=weight_decay,
            dropout=dropout, momentum=momentum, learning_rate=learning_rate, falling=falling,
        )  # fmt: skip
        accuracy = measured["accuracy"]
    run.result("test accuracy", accuracy)

    # What it gets wrong says more than the figure: would you have read these?
    images, labels = (zk.tensor(a) for a in pictures.test_arrays)
    model.eval()
    with zk.no_grad():
        answers = zk.argmax(model(images), axis=1)
    wrong = [k for k, right in enumerate((answers == labels).tolist()) if not right]
    titles = [f"{labels[k].item()}, read as {answers[k].item()}" for k in wrong]
    if wrong:
        shown = images[zk.tensor(wrong)]
        run.picture("mistakes", zk.visual.image_grid, shown, titles, most=20, caption="test pictures it reads wrongly")
    matrix = zk.metrics.ConfusionMatrix(10)
    matrix.update(answers, labels)
    run.picture("confusion", zk.visual.confusion_matrix, matrix.compute(), caption="which digit is taken for which")


@digits.example
def _(
    data: str, hidden: int | None, activation: str, initialization: str, dropout: float
) -> tuple[nn.Module, zk.Tensor]:
    side, hidden = 8 if data == "digits" else 28, hidden or SIZES[data]["hidden"]
    return network(side * side, hidden, activation, initialization, dropout), zk.zeros((1, 1, side, side))


@digits.predict
def _(model: nn.Module, given: str | None, data: str) -> dict[str, float]:
    picture = digit_to_read(given, data)
    probabilities = zk.softmax(model(zk.tensor(picture)[None]), axis=-1)[0]
    return {str(digit): p for digit, p in enumerate(probabilities.tolist())}
