"""Variational auto-encoder.

An auto-encoder's code is good for the pictures it comes from; a point in between may stand for nothing. Kingma and
Welling, "Auto-encoding variational Bayes" (2014), make a model that new pictures can be drawn from: a code z comes
from a normal distribution N(0, I), and a picture x from the decoder's p(x|z). What the encoder says of a picture is a
distribution, too, q(z|x) = N(μ, σ²). Training raises a lower bound of the probability of the pictures (equation 3):

    log p(x) ≥ E_q log p(x|z) - KL(q(z|x) ‖ N(0, I))

The first term wants the picture back; the second wants the codes to fill the plane like the distribution from which
new ones will be drawn. To draw z from q and still have a gradient, it is written z = μ + σ ε with ε from N(0, I):
the reparameterisation of section 2.4.
"""

from __future__ import annotations

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.recipes.autoencoder import PrincipalComponents, in_characters
from zkynet.recipes.digit_pictures import digit_to_read, pictures_named
from zkynet.runs import Run


class VariationalAutoencoder(nn.Module):
    """Encoder and decoder with one hidden layer each, as in appendix C."""

    def __init__(self, side: int, code: int, hidden: int, dots: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(side * side, hidden), nn.Tanh())
        self.mean = nn.Linear(hidden, code)
        self.log_variance = nn.Linear(hidden, code)
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.Tanh(), nn.Linear(hidden, side * side))
        self.side, self.dots = side, dots

    def encode(self, x: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
        """q(z|x): its mean μ and log σ², both (N, code)."""
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)

    def decode(self, z: zk.Tensor) -> zk.Tensor:
        """The pictures (N, 1, side, side) of codes (N, code)."""
        return zk.sigmoid(self.decoder(z)).reshape((-1, 1, self.side, self.side))

    def forward(self, x: zk.Tensor) -> zk.Tensor:
        """Pictures through the mean of their code, and back."""
        return self.decode(self.encode(x)[0])


def negative_bound(model: VariationalAutoencoder, x: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
    """The two parts of the negative lower bound of a picture, in nats: -E log p(x|z), by one draw of z, and the KL."""
    mean, log_variance = model.encode(x)
    z = mean + zk.exp(0.5 * log_variance) * zk.random.normal(shape=mean.shape)
    # Of the dots that a pixel stands for, a share x is ink: log p(x|z) = dots Σ x log y + (1 - x) log(1 - y) + const.,
    # which is appendix C.1 for one dot.
    logits = model.decoder(z)
    misfit = model.dots * F.binary_cross_entropy_with_logits(logits, x.reshape(logits.shape), reduction="sum")
    # the KL of two normal distributions in closed form: appendix B
    kl = 0.5 * zk.sum(mean**2 + zk.exp(log_variance) - 1 - log_variance)
    return misfit / x.shape[0], kl / x.shape[0]


def objective(model: VariationalAutoencoder, batch: tuple[zk.Tensor, ...]) -> tuple[zk.Tensor, dict[str, zk.Tensor]]:
    """What is to become small, and its parts, for the history."""
    misfit, kl = negative_bound(model, batch[0])
    return misfit + kl, {"misfit": misfit, "kl": kl}


# A pixel of the small digits counts the ink in 4 by 4 dots of a scan. But dots next to each other are alike: together
# they say as much as a few that are independent. One of MNIST counts as one dot, as in the paper.
DOTS = {"digits": 4, "mnist": 1}
EPOCHS = {"digits": 150, "mnist": 15}


@recipe(
    title="Variational auto-encoder",
    teaches="a model that new pictures are drawn from: evidence lower bound, reparameterisation, latent plane",
    source="Kingma & Welling 2014",
    minutes=0.3,
    goal=[
        Goal("negative ELBO, in nats a picture", at_most=88.0, data="digits"),
        Goal("nats a picture saved over independent pixels", at_least=18.0, data="digits"),
        Goal("error as a share of PCA's", at_most=0.7, data="digits"),
    ],
    data=("digits", "mnist"),
)
def vae(
    run: Run,
    *,
    data: str = "digits",
    epochs: int | None = None,  # as many as the data needs: EPOCHS
    hidden: int = 256,
    code: int = 2,
    batch_size: int = 64,
    learning_rate: float = 0.01,
) -> None:
    """Train it with a code of two numbers, look at the plane of codes, and draw new digits."""
    pictures = pictures_named(data)
    (x, _), (test_x, labels) = pictures.train_arrays, pictures.test_arrays
    epochs = epochs or EPOCHS[data]
    model = VariationalAutoencoder(x.shape[-1], code, hidden, DOTS[data])
    optimizer = zk.optim.Adam(model.parameters(), lr=learning_rate)
    steps = epochs * -(-len(x) // batch_size)
    schedule = zk.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=learning_rate, total_steps=steps)
    trainer = run.trainer(model, objective=objective, optimizer=optimizer, schedule=schedule)
    trainer.fit((x,), validation=(test_x,), epochs=epochs, batch_size=batch_size)

    # The bound, by ten draws of each code; beside it what a model costs whose pixels are independent of each other.
    model.eval()
    with zk.no_grad():
        images = zk.tensor(test_x)
        draws = [[part.item() for part in negative_bound(model, images)] for _ in range(10)]
        back = model(images).numpy()
    misfit, kl = np.mean(draws, axis=0)
    ink = x.mean(axis=0).clip(1e-3, 1 - 1e-3)
    independent = -DOTS[data] * (test_x * np.log(ink) + (1 - test_x) * np.log(1 - ink)).sum(axis=(1, 2, 3)).mean()
    run.table(
        "nats a picture",
        [
            {"model": "variational auto-encoder", "misfit": misfit, "code (KL)": kl, "together": misfit + kl},
            {"model": "independent pixels", "misfit": independent, "code (KL)": 0.0, "together": independent},
        ],
        caption="How many nats a test picture costs, at most; fewer are better.",
    )
    run.result("negative ELBO, in nats a picture", misfit + kl)
    run.result("nats a picture saved over independent pixels", independent - misfit - kl)
    pca = PrincipalComponents(x, code)(test_x)
    run.result("error as a share of PCA's", ((back - test_x) ** 2).mean() / ((pca - test_x) ** 2).mean())

    some = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10) if digit in labels]
    run.picture(
        "reconstructions", zk.visual.before_after,
        {"test picture": test_x[some], "network": back[some], f"PCA, {code} numbers": pca[some]},
        title="Through a code and back", caption=f"what is left of a picture that has been {code} numbers",
    )  # fmt: skip
    with zk.no_grad():
        samples = model.decode(zk.random.normal(shape=(40, code)))
        codes, _ = model.encode(images[:2000])
    run.picture(
        "samples", zk.visual.image_grid, samples, title="Drawn from the model",
        caption="digits that nobody has written: codes from N(0, I), decoded",
    )  # fmt: skip
    if code == 2:
        run.picture(
            "plane", zk.visual.latent_plane, codes, labels[:2000], classes=pictures.classes, title="The codes",
            caption="the mean code of each test picture; the network has seen no label",
        )  # fmt: skip

        def with_frame(z: zk.Tensor) -> zk.Tensor:
            return F.pad(model.decode(z), (1, 1, 1, 1))

        run.picture(
            "manifold", zk.visual.latent_grid, with_frame, count=12, title="The decoder over the plane",
            caption="what each point of the plane stands for: figure 4 of the paper",
        )  # fmt: skip


@vae.example
def _(data: str, hidden: int, code: int) -> tuple[nn.Module, zk.Tensor]:
    side = 8 if data == "digits" else 28
    return VariationalAutoencoder(side, code, hidden, DOTS[data]), zk.zeros((1, 1, side, side))


@vae.predict
def _(model: VariationalAutoencoder, given: str | None, data: str, code: int) -> str:
    if given is None:  # a new digit
        return in_characters(model.decode(zk.random.normal(shape=(1, code))).numpy()[0])
    picture = digit_to_read(given, data)
    mean, log_variance = (part[0].tolist() for part in model.encode(zk.tensor(picture[None])))
    numbers = ", ".join(f"{m:.2f} ± {np.exp(0.5 * v):.2f}" for m, v in zip(mean, log_variance, strict=True))
    back = model(zk.tensor(picture[None])).numpy()[0]
    return f"picture\n{in_characters(picture)}\n\ncode  {numbers}\n\nand back\n{in_characters(back)}"
