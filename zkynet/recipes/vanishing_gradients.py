"""Vanishing and exploding gradients, made visible.

Backpropagation multiplies by the derivative of each layer it passes. Many factors below one vanish, many above one
explode, and the first layers learn nothing, or everything breaks (Hochreiter 1991; Bengio, Simard and Frasconi 1994;
Nielsen ch. 5). What decides is depth, the activation, how the weights begin, and whether something normalises between
the layers. This lesson measures the gradient's norm in every layer, before any training, for all of these, and then
trains the two extremes to see that it matters.
"""

from __future__ import annotations

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read
from zkynet.runs import Run

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
# The two that are trained: what becomes of the gradient, and the activation, first weights and norm that make it so.
TRAINED = {"vanishes": ("sigmoid", "xavier", ""), "does not": ("relu", "he", "batch")}


def start(weight: zk.Tensor, initialization: str) -> None:
    """The first values of a layer's weights."""
    if initialization == "small":
        nn.init.normal_(weight, 0.0, 0.01)  # what one did for long
    elif initialization == "large":
        nn.init.normal_(weight, 0.0, 1.0)  # Nielsen ch. 1
    elif initialization == "xavier":
        nn.init.xavier_normal_(weight)  # Glorot & Bengio 2010: variance 2 / (in + out) keeps tanh in its linear part
    else:
        nn.init.kaiming_normal_(weight, nonlinearity="relu")  # He et al. 2015: 2 / in, for relu silences half


def network(depth: int, width: int, activation: str, initialization: str, normalization: str) -> nn.Sequential:
    """`depth` layers of one width, and one to the ten classes."""
    layers: list[nn.Module] = [nn.Flatten()]
    for k in range(depth):
        linear = nn.Linear(64 if k == 0 else width, width)
        start(linear.weight, initialization)
        nn.init.zeros_(linear.bias)
        layers.append(linear)
        if normalization == "batch":
            layers.append(nn.BatchNorm1d(width))  # Ioffe & Szegedy 2015
        elif normalization == "layer":
            layers.append(nn.LayerNorm(width))  # Ba, Kiros & Hinton 2016
        layers.append(ACTIVATIONS[activation]())
    return nn.Sequential(*layers, nn.Linear(width, 10))


def gradient_norms(model: nn.Sequential, x: zk.Tensor, y: zk.Tensor) -> list[float]:
    """The norm of the gradient by each layer's sums z = Wx + b, the first layer first; Nielsen calls it the error δ."""
    sums = []
    for layer in model.to("float64"):  # float32 ends at 1e-45, and some of these are smaller
        x = layer(x)
        if isinstance(layer, nn.Linear):
            x.retain_grad()
            sums.append(x)
    nn.functional.cross_entropy(x, y).backward()
    return [zk.linalg.vector_norm(z.grad).item() for z in sums[:-1]]  # the last layer gives the classes


def per_layer(norms: list[float]) -> float:
    """By what factor the gradient changes from a layer to the one before, on average (geometric mean)."""
    return (norms[0] / norms[-1]) ** (1 / (len(norms) - 1))


def in_words(norms: list[float]) -> str:
    """What becomes of a gradient on its way from the last layer to the first."""
    ratio = norms[0] / norms[-1]
    return "vanishes" if ratio < 0.01 else "explodes" if ratio > 100 else "keeps its size"


@recipe(
    title="Vanishing and exploding gradients",
    teaches="what depth, activation, initialisation and normalisation do to the gradient",
    source="Nielsen ch. 5; Glorot & Bengio 2010; He et al. 2015; Ioffe & Szegedy 2015",
    minutes=0.3,
    goal=[
        Goal("factor a layer, sigmoid, xavier", at_most=0.5),
        Goal("factor a layer, tanh, large", at_least=1.2),
        Goal("factor a layer, relu, he", at_least=0.8),
        Goal("accuracy of the deep network that vanishes", at_most=0.5),
        Goal("accuracy of the deep network that does not", at_least=0.9),
    ],
)
def vanishing_gradients(run: Run, *, depth: int = 20, width: int = 64, epochs: int = 10) -> None:
    """Measure the gradients of many networks, and train two of them."""
    digits = zk.data.digits()
    x, y = (zk.tensor(a[:256]) for a in digits.train_arrays)
    x = x.astype("float64")

    cases = [
        (a, i, n)
        for a in ACTIVATIONS
        for i, n in [("small", ""), ("large", ""), ("xavier", ""), ("he", ""), ("large", "batch"), ("large", "layer")]
    ]
    rows, norms = [], {}
    for activation, initialization, normalization in cases:
        name = f"{activation}, {initialization}" + (f", {normalization} norm" if normalization else "")
        norms[name] = gradient_norms(network(depth, width, activation, initialization, normalization), x, y)
        first, last = norms[name][0], norms[name][-1]
        rows.append(
            {"network": name, "first layer": first, "last layer": last, "factor a layer": per_layer(norms[name])}
        )
        rows[-1]["the gradient"] = in_words(norms[name])
    run.table(f"gradients of {depth} layers, before training", rows)
    for activation in ACTIVATIONS:
        shown = {name.removeprefix(f"{activation}, "): v for name, v in norms.items() if name.startswith(activation)}
        run.picture(f"gradients with {activation}", zk.visual.gradient_norms, shown, title=activation)
    for name in ("sigmoid, xavier", "tanh, large", "relu, he"):
        run.result(f"factor a layer, {name}", per_layer(norms[name]))

    # Depth: the same network, deeper and deeper. The factor a layer stays, its power grows.
    depths = {
        f"{d} layers": gradient_norms(network(d, width, "sigmoid", "xavier", ""), x, y) for d in (2, 5, 10, depth)
    }
    run.picture("depth", zk.visual.gradient_norms, depths, title="sigmoid, xavier: deeper and deeper")

    # And now learn: the same data, the same optimiser, the same number of steps.
    for name, how in TRAINED.items():
        model = network(depth, width, *how)
        optimizer = zk.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        trainer = run.trainer(model, "cross_entropy", optimizer, ["accuracy"], name=name)
        trainer.fit(digits.train, validation=digits.test, epochs=epochs, batch_size=64)
        accuracy = trainer.evaluate(digits.test)["accuracy"]
        run.result(f"accuracy of the deep network that {name}", accuracy)


@vanishing_gradients.example
def _(depth: int, width: int, name: str = "does not") -> tuple[nn.Module, zk.Tensor]:
    return network(depth, width, *TRAINED[name]), zk.zeros((2, 1, 8, 8))


@vanishing_gradients.predict
def _(model: nn.Module, given: str | None) -> dict[str, float]:
    logits = model(zk.tensor(digit_to_read(given, "digits"))[None])
    return {str(digit): p for digit, p in enumerate(zk.softmax(logits, axis=-1)[0].tolist())}
