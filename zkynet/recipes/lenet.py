"""LeNet-5: a convolutional network reads handwritten digits.

A small filter slides over the picture and asks the same question everywhere: is there an edge here, a corner, the end
of a stroke? That is what LeCun, Bottou, Bengio and Haffner built into LeNet-5, "Gradient-based learning applied to
document recognition" (1998): local receptive fields, shared weights, and sub-sampling, so that a digit that is shifted
a little is still the same digit (section II.A). A network with one hidden layer has to learn each place anew.

Two things have changed since and are settings here: rectifiers instead of tanh, and the maximum of each window instead
of its average. ``zkynet train lenet --set activation=tanh --set pooling=average`` is nearer to the paper. Also simpler
than there: every map of C3 sees all maps of S2, and the last layer is linear with softmax instead of radial basis
functions.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.data import transforms
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run

# Section II.B: the ground has the value -0.1 and the ink 1.175, which makes the mean about 0 and the variance about 1.
INK_AND_GROUND = transforms.Normalize(mean=0.1 / 1.275, std=1 / 1.275)

SIDES = {"digits": 24, "mnist": 32}
EPOCHS = {"digits": 60, "mnist": 5}


def network(side: int, activation: str = "relu", pooling: str = "max") -> nn.Sequential:
    """From pictures (N, 1, side, side) to a logit for each digit; the layers have the names of the paper's figure 2."""
    bend = nn.ReLU if activation == "relu" else nn.Tanh
    pool = nn.MaxPool2d if pooling == "max" else nn.AvgPool2d
    left = ((side - 4) // 2 - 4) // 2  # a filter of 5 takes 4 pixels off a side, a pooling half of it
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),  # C1: 6 maps, of strokes and edges
        bend(),
        pool(2),  # S2: where exactly a feature was matters less than that it was there
        nn.Conv2d(6, 16, 5),  # C3: 16 maps, of corners, crossings, arcs
        bend(),
        pool(2),  # S4
        nn.Flatten(),
        nn.Linear(16 * left * left, 120),  # C5: a filter as large as the map is a layer that sees all of it
        bend(),
        nn.Linear(120, 84),  # F6
        bend(),
        nn.Linear(84, 10),
    )


def with_margin(pictures: np.ndarray) -> np.ndarray:
    """Pictures as the network takes them: with room around the digit, for filters that are centred on its edge.

    MNIST's 28 pixels become the 32 of the paper. The small digits, 8 by 8, are enlarged to 16 and get a margin of 4.
    """
    if pictures.shape[-1] == 8:
        pictures = transforms.Resize(16)(pictures)
    margin = 4 if pictures.shape[-1] == 16 else 2
    return np.pad(pictures, [(0, 0)] * (pictures.ndim - 2) + [(margin, margin)] * 2)


def pictures_of(data: str, augment: bool = True) -> tuple[zk.data.TensorDataset, zk.data.TensorDataset]:
    """What to train on and what to test with; each time a training picture is fetched, it has changed a little."""
    pictures = pictures_named(data)
    (x, labels), (test_x, test_labels) = pictures.train_arrays, pictures.test_arrays
    # 1,437 pictures are few. But a digit that is moved, turned or stretched a little is still the same digit.
    change = [transforms.RandomAffine(degrees=15, translate=0.1, scale=(0.85, 1.15), shear=10)] if augment else []
    seen = transforms.Compose([*change, INK_AND_GROUND])
    return (
        zk.data.TensorDataset(with_margin(x), labels, transform=seen),
        zk.data.TensorDataset(with_margin(test_x), test_labels, transform=INK_AND_GROUND),
    )


@recipe(
    title="LeNet-5",
    teaches="convolution, shared weights, pooling, augmentation; what filters and feature maps look like",
    source="LeCun, Bottou, Bengio & Haffner 1998",
    minutes=0.5,
    goal=[Goal("test accuracy", at_least=0.985, data="digits"), Goal("test accuracy", at_least=0.99, data="mnist")],
    data=("digits", "mnist"),
)
def lenet(
    run: Run,
    *,
    data: str = "digits",
    epochs: int | None = None,  # as many as the data needs: EPOCHS
    batch_size: int = 32,
    learning_rate: float = 0.008,
    activation: Literal["relu", "tanh"] = "relu",
    pooling: Literal["max", "average"] = "max",
    augment: bool = True,
) -> None:
    """Train it on digits that are shifted, turned and stretched anew each time; then look inside."""
    train, test = pictures_of(data, augment)
    epochs = epochs or EPOCHS[data]
    model = network(SIDES[data], activation, pooling)
    optimizer = zk.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.1)
    steps = epochs * -(-len(train) // batch_size)
    schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=learning_rate, total_steps=steps)
    trainer = run.trainer(model, "cross_entropy", optimizer, ["accuracy"], schedule=schedule)
    trainer.fit(train, validation=test, epochs=epochs, batch_size=batch_size)
    run.result("test accuracy", trainer.evaluate(test)["accuracy"])

    run.picture(
        "augmented",
        zk.visual.image_grid,
        np.stack([train[3][0] for _ in range(20)]),
        title="One digit, again and again",
        caption="one training picture as the network gets to see it: never twice the same",
    )
    run.picture(
        "filters",
        zk.visual.filters,
        model[0].weight,
        title="The filters of C1",
        caption="what the first layer looks for: strokes and edges of some direction",
    )
    x, label = test[0]
    for name, last in {"C1": 1, "C3": 4}.items():
        with zk.no_grad():
            maps = model[: last + 1](zk.tensor(x[None]))
        run.picture(
            f"feature maps {name}",
            zk.visual.feature_maps,
            maps,
            title=f"{name} sees a {label}",
            caption=f"where each filter of {name} finds in a test picture what it looks for",
        )
    test_images, test_labels = test.arrays
    answers = zk.argmax(trainer.predict(test), axis=1).numpy()
    wrong = np.flatnonzero(answers != test_labels)
    if len(wrong):
        titles = [f"{test_labels[k]}, read as {answers[k]}" for k in wrong]
        run.picture(
            "mistakes",
            zk.visual.image_grid,
            test_images[wrong],
            titles,
            most=20,
            caption="test pictures it reads wrongly",
        )


@lenet.example
def _(data: str, activation: str, pooling: str) -> tuple[nn.Module, zk.Tensor]:
    return network(SIDES[data], activation, pooling), zk.zeros((1, 1, SIDES[data], SIDES[data]))


@lenet.predict
def _(model: nn.Module, given: str | None, data: str) -> dict[str, float]:
    picture = digit_to_read(given, data)
    logits = model(zk.tensor(INK_AND_GROUND(with_margin(picture))[None]))
    return {str(digit): p for digit, p in enumerate(zk.softmax(logits, axis=-1)[0].tolist())}
