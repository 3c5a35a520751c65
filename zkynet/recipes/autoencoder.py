"""Auto-encoder and denoising auto-encoder.

A network has to give back its input, but through a code of a few numbers: so it must find out what in a digit varies,
and what is the same anyway. Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks"
(2006), showed how much more such a code holds than as many principal components, which are the best that a linear
network can do. A *denoising* auto-encoder (Vincent and others, 2008) sees a picture with noise and has to give back
the clean one. It cannot copy: it has to know what digits look like.

Three are trained: with a code of two numbers, to be looked at in a plane; with a code of eight; and one that denoises.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run

Array = np.ndarray


def autoencoder_of(side: int, code: int, hidden: int) -> nn.Sequential:
    """Encoder and decoder, each with two hidden layers: the second mirrors the first."""
    return nn.Sequential(
        nn.Sequential(  # the encoder: from a picture to its code
            nn.Flatten(), nn.Linear(side * side, hidden), nn.ReLU(), nn.Linear(hidden, hidden // 2), nn.ReLU(),
            nn.Linear(hidden // 2, code),
        ),
        nn.Sequential(  # the decoder: from a code to a picture
            nn.Linear(code, hidden // 2), nn.ReLU(), nn.Linear(hidden // 2, hidden), nn.ReLU(),
            nn.Linear(hidden, side * side), nn.Sigmoid(), nn.Unflatten(1, (1, side, side)),
        ),
    )  # fmt: skip


class PrincipalComponents:
    """The best linear code: the directions in which the pictures vary most, by the singular value decomposition.

    With the pictures less their mean as the rows of X = U S Vᵀ, these are the first rows of Vᵀ. No auto-encoder whose
    layers are linear does better (Baldi and Hornik, 1989).
    """

    def __init__(self, pictures: Array, components: int) -> None:
        x = zk.tensor(pictures.reshape(len(pictures), -1))
        self.mean = zk.mean(x, axis=0)
        self.directions = zk.linalg.svd(x - self.mean, full_matrices=False)[2][:components]

    def __call__(self, pictures: Array) -> Array:
        """Pictures, coded and decoded."""
        codes = (zk.tensor(pictures.reshape(len(pictures), -1)) - self.mean) @ self.directions.T
        return (codes @ self.directions + self.mean).numpy().reshape(pictures.shape)


def error(pictures: Array, wanted: Array) -> float:
    """The mean squared error of a pixel."""
    return float(((pictures - wanted) ** 2).mean())


@recipe(
    title="Auto-encoders",
    teaches="codes learned without labels, against principal components; denoising",
    source="Hinton & Salakhutdinov 2006; Vincent et al. 2008",
    minutes=0.5,
    goal=[
        Goal("plane: error as a share of PCA's", at_most=0.65, data="digits"),
        Goal("code: error as a share of PCA's", at_most=0.55, data="digits"),
        Goal("denoising: error as a share of PCA's", at_most=0.65, data="digits"),
    ],
    data=("digits", "mnist"),
)
def autoencoder(
    run: Run,
    *,
    data: str = "digits",
    epochs: int | None = None,  # as many as the data needs: 100 for the small digits, 10 for MNIST
    hidden: int = 256,
    code: int = 8,
    noise: float = 0.3,
    batch_size: int = 64,
    learning_rate: float = 0.005,
) -> None:
    """Train the three of them, and compare each with principal components."""
    pictures = pictures_named(data)
    (x, _), (test_x, labels) = pictures.train_arrays, pictures.test_arrays
    side, epochs = x.shape[-1], epochs or (100 if data == "digits" else 10)
    # what is to be denoised in the test is the same for all
    draw = np.random.default_rng(run.seed).standard_normal(test_x.shape)
    noisy = (test_x + noise * draw).astype(np.float32)

    def fit(name: str, numbers: int, seen: Array, transform: Any = None) -> tuple[nn.Sequential, Array, Array]:
        """A model, what it makes of test pictures, and what as many principal components make of them."""
        zk.random.seed(run.seed)
        model = autoencoder_of(side, numbers, hidden)
        optimizer = zk.optim.Adam(model.parameters(), lr=learning_rate)
        steps = epochs * -(-len(x) // batch_size)
        schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=learning_rate, total_steps=steps)
        trainer = run.trainer(model, "mse", optimizer, schedule=schedule, name=name)
        train = zk.data.TensorDataset(x, x, transform=transform)  # the target is the picture itself
        trainer.fit(train, validation=zk.data.TensorDataset(seen, test_x), epochs=epochs, batch_size=batch_size)
        return model, trainer.predict(seen).numpy(), PrincipalComponents(x, numbers)(seen)

    plane, by_two, pca_two = fit("plane", 2, test_x)
    _, by_code, pca_code = fit("code", code, test_x)
    # New noise each time: the transform changes the input, and not the target.
    _, denoised, pca_denoised = fit("denoising", code, noisy, zk.data.transforms.GaussianNoise(noise))

    rows: list[dict[str, Any]] = []
    for what, network, pca in (
        ("plane", by_two, pca_two), ("code", by_code, pca_code), ("denoising", denoised, pca_denoised),
    ):  # fmt: skip
        of_network, of_pca = error(network, test_x), error(pca, test_x)
        rows.append({"": what, "numbers": 2 if what == "plane" else code, "network": of_network, "PCA": of_pca})
        run.result(f"{what}: error as a share of PCA's", of_network / of_pca)
    run.say(f"The noise alone is an error of {error(noisy, test_x):.4f}.")
    run.table("errors", rows, caption="The mean squared error of a test picture's pixel, from 0 to 1.")

    some = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10) if digit in labels]
    run.picture(
        "reconstructions", zk.visual.before_after,
        {
            "test picture": test_x[some], "network, 2 numbers": by_two[some], "PCA, 2 numbers": pca_two[some],
            f"network, {code} numbers": by_code[some], f"PCA, {code} numbers": pca_code[some],
        },
        title="Through a code and back", caption="what is left of a picture that has been a few numbers",
    )  # fmt: skip
    run.picture(
        "denoised", zk.visual.before_after,
        {"test picture": test_x[some], "with noise": noisy[some], "denoised": denoised[some],
         "by PCA": pca_denoised[some]},
        title="Denoising", caption="the network saw the second row, and gave the third",
    )  # fmt: skip
    plane.eval()
    count = min(len(test_x), 2000)
    with zk.no_grad():
        codes = plane[0](zk.tensor(test_x[:count]))
    run.picture(
        "plane", zk.visual.latent_plane, codes, labels[:count], classes=pictures.classes,
        title="The code of two numbers", caption="where the test pictures lie; the network has seen no label",
    )  # fmt: skip


@autoencoder.example
def _(data: str, hidden: int, code: int, name: str = "denoising") -> tuple[nn.Module, zk.Tensor]:
    side = 8 if data == "digits" else 28
    return autoencoder_of(side, 2 if name == "plane" else code, hidden), zk.zeros((1, 1, side, side))


@autoencoder.predict
def _(model: nn.Sequential, given: str | None, data: str) -> str:
    picture = digit_to_read(given, data)
    code = model[0](zk.tensor(picture[None]))
    back = model[1](code).numpy()[0]
    numbers = ", ".join(f"{number:.2f}" for number in code[0].tolist())
    return f"picture\n{in_characters(picture)}\n\ncode  {numbers}\n\nand back\n{in_characters(back)}"


def in_characters(picture: Array) -> str:
    """A picture for the terminal."""
    return "\n".join("".join(2 * " .:-=+*#%@"[min(int(10 * ink), 9)] for ink in row) for row in picture[0].clip(0, 1))
