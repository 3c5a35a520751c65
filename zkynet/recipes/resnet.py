"""A residual network.

A deeper network should do no worse than a shallower one: its further layers could simply hand on what they get. But
plain deep networks do worse, and on the training pictures, too: it is not overfitting, they are hard to train. He,
Zhang, Ren and Sun, "Deep residual learning for image recognition" (2015), let each pair of layers learn what is to be
*added* to its input, y = x + F(x). To hand on the input, F has only to be zero, and the gradient has a way around.

The network is the one of section 4.2, made for CIFAR-10: a convolution, three groups of blocks with 16, 32 and 64 maps,
the mean of each map, and one linear layer. ``zkynet train resnet --set compare=true`` trains shallow and deep networks
with and without shortcuts: figure 6 of the paper in small.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.data import transforms
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run, picture_from


class Block(nn.Module):
    """Two convolutions, and a shortcut around them: equation 1, figure 2."""

    def __init__(self, maps_in: int, maps: int, stride: int, shortcut: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(maps_in, maps, 3, stride, padding=1, bias=False)  # the normalisation has a bias
        self.norm1 = nn.BatchNorm2d(maps)
        self.conv2 = nn.Conv2d(maps, maps, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(maps)
        self.shortcut: nn.Module | None = nn.Identity() if shortcut else None
        if shortcut and (stride > 1 or maps != maps_in):  # sizes differ: a 1 x 1 convolution, option B of section 3.3
            self.shortcut = nn.Sequential(nn.Conv2d(maps_in, maps, 1, stride, bias=False), nn.BatchNorm2d(maps))

    def forward(self, x: zk.Tensor) -> zk.Tensor:
        y = self.norm2(self.conv2(zk.relu(self.norm1(self.conv1(x)))))
        return zk.relu(y if self.shortcut is None else y + self.shortcut(x))


def network(data: str, blocks: int, shortcuts: bool = True) -> nn.Sequential:
    """6 x blocks + 2 layers, from pictures (N, channels, H, W) to ten logits."""
    channels = 3 if data == "cifar10" else 1
    stride = 1 if data == "cifar10" else 2  # the smooth strokes of digits lose nothing at half the size
    model = nn.Sequential(
        nn.Conv2d(channels, 16, 3, stride, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        *(Block(16, 16, 1, shortcuts) for _ in range(blocks)),
        *(Block(16 if k == 0 else 32, 32, 2 if k == 0 else 1, shortcuts) for k in range(blocks)),  # half as wide
        *(Block(32 if k == 0 else 64, 64, 2 if k == 0 else 1, shortcuts) for k in range(blocks)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(
                layer.weight, mode="fan_out", nonlinearity="relu"
            )  # He et al. 2015, the other paper
    return model


# Pictures that are changed a little show the same thing. Photographs may be mirrored (section 4.2), digits may not.
DIGITS = transforms.RandomAffine(degrees=10, translate=0.08, scale=(0.9, 1.1), shear=5)
PHOTOGRAPHS = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.HorizontalFlip()])
EPOCHS = {"digits": 25, "mnist": 3, "cifar10": 60}
BLOCKS = {"digits": 1, "mnist": 1, "cifar10": 3}  # 3 is the paper's ResNet-20, whose error was 8.75 %: table 6
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SCALE = transforms.Normalize(mean=0.3, std=0.35)  # roughly mean 0 and variance 1, for all of them


def enlarged(pictures: np.ndarray) -> np.ndarray:
    """The small digits, 8 by 8, twice as large and with a margin of one pixel; others as they are."""
    if pictures.shape[-1] > 8:
        return pictures
    return np.pad(transforms.Resize(16)(pictures), [(0, 0)] * (pictures.ndim - 2) + [(1, 1)] * 2)


@recipe(
    title="A residual network",
    teaches="shortcuts, and why plain deep networks are hard to train; batch normalisation",
    source="He, Zhang, Ren & Sun 2015",
    minutes=0.7,
    goal=[Goal("test accuracy", at_least=0.985, data="digits"), Goal("test accuracy", at_least=0.99, data="mnist")],
    data=("digits", "mnist", "cifar10"),
)
def resnet(
    run: Run,
    *,
    data: str = "digits",
    epochs: int | None = None,  # as many as the data needs: EPOCHS
    blocks: int | None = None,  # in each of the three groups: BLOCKS
    batch_size: int = 32,
    learning_rate: float = 0.1,
    shortcuts: bool = True,
    compare: bool = False,
) -> None:
    """Train one network, or, to compare, a shallow and a deep one with and without shortcuts."""
    pictures = pictures_named(data)
    epochs, blocks = epochs or EPOCHS[data], blocks or BLOCKS[data]
    change = PHOTOGRAPHS if data == "cifar10" else DIGITS
    (x, labels), (test_x, test_labels) = pictures.train_arrays, pictures.test_arrays
    train = zk.data.TensorDataset(enlarged(x), labels, transform=transforms.Compose([change, SCALE]))
    test = zk.data.TensorDataset(enlarged(test_x), test_labels, transform=SCALE)

    def fit(name: str, blocks: int, shortcuts: bool) -> tuple[nn.Sequential, Any, Any]:
        zk.random.seed(run.seed)
        model = network(data, blocks, shortcuts)
        optimizer = zk.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9, weight_decay=5e-4, nesterov=True)
        steps = epochs * -(-len(train) // batch_size)
        schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=learning_rate, total_steps=steps)
        trainer = run.trainer(model, "cross_entropy", optimizer, ["accuracy"], schedule=schedule, name=name)
        history = trainer.fit(train, validation=test, epochs=epochs, batch_size=batch_size)
        return model, history, trainer.evaluate(test)["accuracy"]

    if compare:
        trained = {}
        for with_shortcuts in (False, True):
            for depth in (blocks, 5 * blocks):
                name = f"{'residual' if with_shortcuts else 'plain'}-{6 * depth + 2}"
                trained[name] = fit(name, depth, with_shortcuts)
        rows = [
            {"layers": name, "training loss": history["loss"][-1], "test accuracy": accuracy}
            for name, (_, history, accuracy) in trained.items()
        ]
        run.table("with and without shortcuts", rows, caption="Without them, deeper is worse, in training too.")
        histories = {name: history for name, (_, history, _) in trained.items()}
        run.picture(
            "with and without shortcuts", zk.visual.compare_histories, histories, "loss", log=True,
            title="Training loss", caption="figure 6 in small: without shortcuts the deeper network learns less",
        )  # fmt: skip
        model, _, accuracy = max(trained.values(), key=lambda of: of[2])
    else:
        model, _, accuracy = fit("", blocks, shortcuts)
    run.result("test accuracy", accuracy)

    # Look inside: what the network makes of one picture, group after group.
    model.eval()
    x, label = test[0]
    run.picture("filters", zk.visual.filters, model[0].weight, title="Filters of the first layer")
    per_group = (len(model) - 6) // 3
    for group in (1, 2, 3):
        with zk.no_grad():
            maps = model[: 3 + group * per_group](zk.tensor(x[None]))
        run.picture(
            f"feature maps {group}", zk.visual.feature_maps, maps, most=16, title=f"Group {group}",
            caption=f"a test picture, {pictures.classes[label]}, after group {group}: up to 16 of its maps",
        )  # fmt: skip


@resnet.example
def _(data: str, blocks: int | None, shortcuts: bool, name: str = "") -> tuple[nn.Module, zk.Tensor]:
    blocks = blocks or BLOCKS[data]
    if name:  # one of those compared: plain-32
        kind, layers = name.split("-")
        blocks, shortcuts = (int(layers) - 2) // 6, kind == "residual"
    shape = {"digits": (1, 18, 18), "mnist": (1, 28, 28), "cifar10": (3, 32, 32)}[data]
    return network(data, blocks, shortcuts), zk.zeros((1, *shape))


@resnet.predict
def _(model: nn.Module, given: str | None, data: str) -> dict[str, float]:
    if data == "cifar10":
        picture = pictures_named(data).test[0][0] if given is None else picture_from(given, (32, 32), 3)
    else:
        picture = digit_to_read(given, data)
    classes = CIFAR10 if data == "cifar10" else "0123456789"
    probabilities = zk.softmax(model(zk.tensor(SCALE(enlarged(picture))[None])), axis=-1)[0]
    return dict(zip(classes, probabilities.tolist(), strict=True))
