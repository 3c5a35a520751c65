"""Softmax regression: the smallest classifier.

One weighted sum for each class, made probabilities by the softmax, p_k = exp(z_k) / Σ exp(z_j), and judged by the
logarithm of the probability of the right class: chapter 4 of "Dive into Deep Learning". There is no hidden layer, so
each class has a single picture of weights: we can look at what it takes for a three.
"""

from __future__ import annotations

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run


def classifier(pixels: int) -> nn.Sequential:
    """From pixels to the logits of ten classes. The softmax is part of the loss, where it can be computed stably."""
    return nn.Sequential(nn.Flatten(), nn.Linear(pixels, 10))


@recipe(
    title="Softmax regression",
    teaches="classes, probabilities, cross-entropy; what a model without hidden layers can see",
    source="D2L ch. 4",
    minutes=0.1,
    goal=[Goal("test accuracy", at_least=0.94, data="digits"), Goal("test accuracy", at_least=0.92, data="mnist")],
    data=("digits", "mnist", "fashion-mnist"),
)
def softmax_regression(
    run: Run, *, data: str = "digits", epochs: int = 30, batch_size: int = 32, learning_rate: float = 0.5
) -> None:
    """Train it, and look at its weights."""
    pictures = pictures_named(data)
    side = pictures.train[0][0].shape[-1]
    model = classifier(side * side)
    optimizer = zk.optim.SGD(model.parameters(), lr=learning_rate)
    trainer = run.trainer(model, "cross_entropy", optimizer, ["accuracy"])
    trainer.fit(pictures.train, validation=pictures.test, epochs=epochs, batch_size=batch_size)
    run.result("test accuracy", trainer.evaluate(pictures.test)["accuracy"])

    # Row k of the matrix says which pixels speak for class k (red) and which against it (blue).
    weights = zk.reshape(model[1].weight.detach(), (10, 1, side, side))
    run.picture("weights", zk.visual.filters, weights, columns=5, caption="the weights of 0 to 4 and of 5 to 9")


@softmax_regression.example
def _(data: str) -> tuple[nn.Module, zk.Tensor]:
    side = 8 if data == "digits" else 28
    return classifier(side * side), zk.zeros((1, 1, side, side))


@softmax_regression.predict
def _(model: nn.Module, given: str | None, data: str) -> dict[str, float]:
    picture = digit_to_read(given, data)
    probabilities = zk.softmax(model(zk.tensor(picture)[None]), axis=-1)[0]
    classes = "0123456789" if data != "fashion-mnist" else pictures_named(data).classes
    return dict(zip(classes, probabilities.tolist(), strict=True))
