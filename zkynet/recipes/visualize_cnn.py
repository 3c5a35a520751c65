"""Visualizing and understanding convolutional networks.

A network that reads digits: what does it look at? Four answers, on the LeNet-5 of the recipe before (with rectifiers
and max pooling): the *deconvnet* of Zeiler and Fergus (2014) projects one activation of a map back into the picture;
their *occlusion maps* slide a patch over it and watch the answer; *saliency* is the gradient of the answer by the
pixels (Simonyan, Vedaldi and Zisserman, 2013); *guided backpropagation* (Springenberg and others, 2015) joins that
with the deconvnet. All go backwards through the same network, and differ in what a rectifier lets through.

Pretty maps prove nothing, so there is a test: hide the fifth of the ink that matters most, or as much ink at random.

``zkynet train visualize-cnn --set trained=runs/lenet`` looks into a network that is there already.
"""

from __future__ import annotations

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.errors import InvalidValueError
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.recipes.lenet import EPOCHS, INK_AND_GROUND, SIDES, lenet, network, pictures_of
from zkynet.runs import Run

Array = np.ndarray
GROUND = -0.1  # the value of a pixel without ink, as the network sees it


def maps_and_switches(model: nn.Sequential, x: zk.Tensor, layer: int) -> tuple[zk.Tensor, list[tuple]]:  # type: ignore[type-arg]
    """The pooled maps of the first or second convolution, and for the way back where each maximum came from."""
    way_back = []
    for conv in (model[0], model[3])[:layer]:
        x = zk.relu(conv(x))
        size = x.shape[2:]
        x, switches = F.max_pool2d(x, 2, return_indices=True)
        way_back.append((conv, switches, size))
    return x, way_back


def deconvnet(maps: zk.Tensor, way_back: list[tuple]) -> zk.Tensor:  # type: ignore[type-arg]
    """Maps projected back into the picture: section 2.1 and figure 1 of Zeiler and Fergus."""
    for conv, switches, size in reversed(way_back):
        maps = F.max_unpool2d(maps, switches, 2, output_size=size)  # unpooling: each maximum to where it was
        maps = zk.relu(maps)  # rectification: maps are positive on the way back, too
        maps = F.conv_transpose2d(maps, conv.weight)  # filtering: the same filters, transposed
    return maps


def strongest(model: nn.Sequential, images: zk.Tensor, layer: int, which: int, count: int) -> tuple[Array, Array]:
    """The pictures in which a map answers most, and its one strongest activation of each, projected back."""
    maps, _ = maps_and_switches(model, images, layer)
    order = np.argsort(-zk.max(maps[:, which], axis=(1, 2)).numpy(), kind="stable")[:count]
    maps, way_back = maps_and_switches(model, images[zk.tensor(order)], layer)
    one = maps[:, which : which + 1]
    alone = zk.where(one == zk.max(one, axis=(2, 3), keepdims=True), one, 0.0)  # all other activations are set to zero
    mask = F.one_hot(zk.tensor([which]), maps.shape[1]).astype("float32").reshape((1, -1, 1, 1))
    return order, deconvnet(alone * mask, way_back).numpy()


def occlusion(model: nn.Module, image: Array, label: int, patch: int = 5) -> Array:
    """How much probability the right answer loses with a patch over each place: section 4.2, figure 7."""
    side, half = image.shape[-1], patch // 2
    covered = np.repeat(image[None], side * side, axis=0)
    for k, (row, column) in enumerate(np.ndindex(side, side)):
        covered[k, :, max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1] = GROUND
    whole = zk.softmax(model(zk.tensor(image[None])), axis=1)[0, label].item()
    return whole - zk.softmax(model(zk.tensor(covered)), axis=1)[:, label].numpy().reshape(side, side)


# On the way back, a rectifier lets through what was positive on the way forth (that is its derivative); the deconvnet
# instead what is positive on the way back; and guided backpropagation what is both: figure 1 of Springenberg et al.
guided_relu = zk.custom_gradient(zk.relu, backward=lambda g, ans: zk.where((ans > 0) & (g > 0), g, 0.0))


def gradient(model: nn.Sequential, images: Array, labels: Array, guided: bool = False) -> Array:
    """The gradient of the score of each picture's class (before softmax) by its pixels: section 3 of Simonyan et al."""
    x = zk.tensor(images, requires_grad=True)
    out = x
    for layer in model:
        out = guided_relu(out) if guided and isinstance(layer, nn.ReLU) else layer(out)
    zk.sum(out * F.one_hot(zk.tensor(labels), 10).astype("float32")).backward()
    assert x.grad is not None
    return x.grad.numpy()


def without_ink(images: Array, importance: Array, share: float) -> Array:
    """Pictures without that share of their ink that has the greatest importance."""
    out = images.copy()
    for image, matters in zip(out, importance, strict=True):
        ink = np.flatnonzero(image > 0)
        most = ink[np.argsort(-matters.reshape(-1)[ink], kind="stable")[: round(share * len(ink))]]
        image.reshape(-1)[most] = GROUND
    return out


def each_scaled(maps: Array) -> Array:
    """Grey where a map is zero, white and black where it is largest, for each by itself."""
    return 0.5 + maps / (2 * np.abs(maps).max(axis=(1, 2, 3), keepdims=True) + 1e-12)


@recipe(
    title="What a convolutional network sees",
    teaches="deconvnet, occlusion maps, saliency, guided backpropagation; and how to test such maps",
    source="Zeiler & Fergus 2014; Simonyan et al. 2013; Springenberg et al. 2015",
    minutes=0.5,
    goal=[Goal("test accuracy", at_least=0.98), Goal("lost by hiding salient ink, beyond random ink", at_least=0.25)],
    data=("digits", "mnist"),
)
def visualize_cnn(
    run: Run, *, data: str = "digits", epochs: int | None = None, trained: str = "", examples: int = 8
) -> None:
    """Train a LeNet-5, or take one, and look what its answers hang on."""
    train, test = pictures_of(data)
    if trained:
        model, settings = lenet.load(trained)
        if (settings["activation"], settings["pooling"]) != ("relu", "max") or settings["data"] != data:
            raise InvalidValueError(
                f"the network in {trained} is another one than is looked into here",
                fix=f"take one of: zkynet train lenet --data {data}, with activation relu and pooling max",
            )
    else:
        model = network(SIDES[data])
        epochs = epochs or EPOCHS[data]
        optimizer = zk.optim.AdamW(model.parameters(), lr=0.004, weight_decay=0.1)
        schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, 0.004, total_steps=epochs * -(-len(train) // 32))
        trainer = run.trainer(model, "cross_entropy", optimizer, ["accuracy"], schedule=schedule)
        trainer.fit(train, validation=test, epochs=epochs, batch_size=32)
    model.eval().freeze()
    count = min(len(test), 1000)
    images, labels = INK_AND_GROUND(test.arrays[0][:count]), test.arrays[1][:count]

    def accuracy(x: Array) -> float:
        return float((zk.argmax(model(zk.tensor(x)), axis=1).numpy() == labels).mean())

    run.result("test accuracy", accuracy(images))

    # 1. What each map looks for: its strongest activations, projected back (figure 2 of Zeiler and Fergus).
    for name, layer, maps in (("C1", 1, range(6)), ("C3", 2, range(0, 16, 3))):
        rows = {}
        for which in maps:
            order, projected = strongest(model, zk.tensor(images), layer, which, 9)
            rows[f"map {which} is excited by"] = test.arrays[0][order]
            rows[f"map {which} looks for"] = each_scaled(projected)
        run.picture(
            f"deconvnet {name}", zk.visual.before_after, rows, title=f"What the maps of {name} look for",
            caption="the pictures that excite a map most; below each, its strongest activation projected back",
        )  # fmt: skip

    # 2. Occlusion: what must not be covered.
    shown = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10) if digit in labels][:examples]
    plain, names = test.arrays[0][shown], [str(label) for label in labels[shown]]
    with zk.no_grad():
        covered = np.stack([occlusion(model, images[k], int(labels[k])) for k in shown])
    run.picture(
        "occlusion", zk.visual.saliency_overlay, plain, covered, names,
        title="Occlusion", caption="where a patch of 5 x 5 pixels takes most probability off the right answer",
    )  # fmt: skip

    # 3. and 4. Gradients: what would change the answer.
    saliency = gradient(model, images, labels)
    run.picture(
        "saliency", zk.visual.saliency_overlay, plain, np.abs(saliency[shown]), names,
        title="Saliency", caption="how much the score of the right digit changes with each pixel",
    )  # fmt: skip
    rows = {
        "picture": plain,
        "gradient": each_scaled(saliency[shown]),
        "guided backpropagation": each_scaled(gradient(model, images[shown], labels[shown], guided=True)),
    }
    run.picture(
        "guided backpropagation", zk.visual.before_after, rows, title="Gradient and guided backpropagation",
        caption="white: more ink here speaks for the digit; black: against it; grey: it does not matter",
    )  # fmt: skip

    # The test: without the ink that matters most the network should be lost; without other ink, less so.
    at_random = np.random.default_rng(run.seed).random(saliency.shape)
    shares = [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4]
    lines = {
        name: [accuracy(without_ink(images, importance, share)) for share in shares]
        for name, importance in (("at random", at_random), ("most salient first", np.abs(saliency)))
    }
    run.picture(
        "hidden ink", zk.visual.plot_lines, lines, x=[100 * share for share in shares],
        x_label="% of the ink hidden", y_label="test accuracy", title="Hiding ink",
        caption="the salient pixels are those that the network needs",
    )  # fmt: skip
    fifth = shares.index(0.2)
    run.result(
        "lost by hiding salient ink, beyond random ink", lines["at random"][fifth] - lines["most salient first"][fifth]
    )


@visualize_cnn.example
def _(data: str) -> tuple[nn.Module, zk.Tensor]:
    return network(SIDES[data]), zk.zeros((1, 1, SIDES[data], SIDES[data]))


@visualize_cnn.predict
def _(model: nn.Module, given: str | None, data: str) -> dict[str, float]:
    answer: dict[str, float] = lenet.answer(model, given, data=data)
    return answer
