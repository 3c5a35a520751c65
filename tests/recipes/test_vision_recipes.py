"""The lessons on pictures: they run, answer, and show what they say."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.recipes import load_recipe

pytestmark = pytest.mark.once

FEW = 64  # pictures to train on


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = zk.data.digits()
    x, y = digits.train_arrays
    u, v = digits.test_arrays
    few = zk.data.Collection("digits", (x[:FEW], y[:FEW]), (u[:20], v[:20]), "", "", tuple("0123456789"))
    monkeypatch.setattr(zk.data, "digits", lambda: few)


@pytest.mark.parametrize(
    ("name", "settings", "pictures"),
    [
        (
            "lenet",
            {"epochs": 2, "batch_size": 64},
            {"loss", "augmented", "filters", "feature-maps-C1", "feature-maps-C3"},
        ),
        ("resnet", {"epochs": 1}, {"filters", "feature-maps-1", "feature-maps-2", "feature-maps-3"}),
        ("autoencoder", {"epochs": 2, "hidden": 16}, {"reconstructions", "denoised", "plane", "loss-of-denoising"}),
        ("vae", {"epochs": 2, "hidden": 16}, {"reconstructions", "samples", "plane", "manifold"}),
        ("visualize-cnn", {"epochs": 1, "examples": 1}, {"deconvnet-C1", "deconvnet-C3", "occlusion", "saliency"}),
    ],
)
def test_runs_through(name: str, settings: dict[str, Any], pictures: set[str], tmp_path: Path) -> None:
    recipe = load_recipe(name)
    run = recipe.run(tmp_path / "run", show=False, **settings)
    assert {goal.name for goal in run.goals} <= set(run.results)
    assert pictures <= {path.stem for path in (tmp_path / "run" / "pictures").glob("*.png")}
    model, values = recipe.load(tmp_path / "run")
    for given in (None, ",".join(["0"] * 64)):
        answers = recipe.answer(model, given, **values)
        if isinstance(answers, str):  # of auto-encoders: pictures in characters
            assert len(answers.splitlines()) >= 8
        else:
            assert answers.keys() == set("0123456789")
            assert sum(answers.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
def test_networks_with_and_without_shortcuts_are_compared_and_loaded_by_name(tmp_path: Path) -> None:
    recipe = load_recipe("resnet")
    run = recipe.run(tmp_path / "run", show=False, epochs=1, batch_size=32, compare=True)
    assert "test accuracy" in run.results
    model, _ = recipe.load(tmp_path / "run", "plain-32")
    assert sum(isinstance(layer, zk.nn.Conv2d) for layer in model.modules()) == 31
    assert (tmp_path / "run" / "pictures" / "with-and-without-shortcuts.png").exists()


def test_a_residual_block_that_has_learned_nothing_hands_on_its_input() -> None:
    lesson = importlib.import_module("zkynet.recipes.resnet")
    x = zk.relu(zk.random.normal(shape=(2, 4, 5, 5)))
    block = lesson.Block(4, 4, 1, shortcut=True)
    zk.nn.init.zeros_(block.norm2.weight)
    assert (block(x) == x).all()
    assert lesson.Block(4, 8, 2, shortcut=True)(x).shape == (2, 8, 3, 3)


def test_an_own_picture_of_another_kind_is_refused_in_a_sentence() -> None:
    recipe = load_recipe("resnet")
    model, *_ = recipe.make_example()
    with pytest.raises(zk.errors.InvalidValueError, match="8 x 8 numbers"):
        recipe.answer(model, "1 2 3")


def test_the_deconvnet_of_one_layer_is_the_gradient_times_the_activation() -> None:
    """With one rectifier on the way, positive on the way forth, the two agree; over more layers they do not."""
    lesson = importlib.import_module("zkynet.recipes.visualize_cnn")
    model = lesson.network(24)
    x = zk.random.normal(shape=(5, 1, 24, 24))
    order, projected = lesson.strongest(model, x, 1, 2, 3)
    picture = x[int(order[0])][None].detach()
    picture.requires_grad = True
    most = zk.max(lesson.maps_and_switches(model, picture, 1)[0][0, 2])
    most.backward()
    assert picture.grad is not None
    assert zk.allclose(zk.tensor(projected[0]), (most * picture.grad)[0], atol=1e-5)


def test_what_occlusion_covers_is_what_matters() -> None:
    """A model that looks at one pixel: only patches over it change the answer."""
    lesson = importlib.import_module("zkynet.recipes.visualize_cnn")

    def model(x: zk.Tensor) -> zk.Tensor:
        return zk.stack([x[:, 0, 4, 6] * 5, x[:, 0, 0, 0] * 0], axis=1)

    image = zk.ones((1, 9, 9)).numpy()
    lost = lesson.occlusion(model, image, 0, patch=3)
    assert (lost[3:6, 5:8] > 0.3).all()
    lost[3:6, 5:8] = 0
    assert abs(lost).max() < 1e-6


def test_guided_backpropagation_lets_through_what_is_positive_both_ways() -> None:
    lesson = importlib.import_module("zkynet.recipes.visualize_cnn")
    x = zk.tensor([1.0, 1.0, -1.0, -1.0], requires_grad=True)
    zk.sum(lesson.guided_relu(x) * zk.tensor([2.0, -2.0, 2.0, -2.0])).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 0.0, 0.0, 0.0]


def test_only_ink_is_hidden_the_most_important_first() -> None:
    lesson = importlib.import_module("zkynet.recipes.visualize_cnn")
    image = zk.tensor([[[[1.0, 0.5], [0.2, -0.1]]]]).numpy()
    importance = zk.tensor([[[[1.0, 3.0], [2.0, 9.0]]]]).numpy()
    out = lesson.without_ink(image, importance, 2 / 3)
    assert out.ravel().tolist() == pytest.approx([1.0, -0.1, -0.1, -0.1])


@pytest.mark.slow
def test_a_trained_network_is_looked_into_if_it_is_the_right_one(tmp_path: Path) -> None:
    load_recipe("lenet").run(tmp_path / "lenet", show=False, epochs=1, batch_size=64, activation="tanh")
    with pytest.raises(zk.errors.InvalidValueError, match="is another one"):
        load_recipe("visualize-cnn").run(tmp_path / "run", show=False, trained=str(tmp_path / "lenet"))


def test_principal_components_give_back_what_lies_in_their_plane_and_project_all_else() -> None:
    lesson = importlib.import_module("zkynet.recipes.autoencoder")
    draw = np.random.default_rng(0)
    plane = draw.normal(size=(40, 3)) @ draw.normal(size=(3, 16)) + draw.normal(size=16)
    pictures = plane.astype("float32").reshape(40, 1, 4, 4)
    pca = lesson.PrincipalComponents(pictures, 3)
    np.testing.assert_allclose(pca(pictures), pictures, atol=1e-4)
    # with fewer, what is lost is the least variance: the smallest eigenvalue of the covariance
    least = np.linalg.eigvalsh(np.cov(plane.T, bias=True))[-3]
    lost = ((lesson.PrincipalComponents(pictures, 2)(pictures) - pictures) ** 2).sum(axis=(1, 2, 3)).mean()
    assert lost == pytest.approx(least, rel=1e-3)


def test_the_bound_of_the_vae_is_that_of_its_distributions() -> None:
    """The KL beside its integral, the misfit beside the probability of a picture of zeros and ones."""
    lesson = importlib.import_module("zkynet.recipes.vae")
    model = lesson.VariationalAutoencoder(4, 1, 8, 1)
    x = (zk.random.normal(shape=(1, 1, 4, 4)) > 0).astype("float32")
    zk.nn.init.zeros_(model.decoder[0].weight)  # so that the code does not matter
    misfit, kl = lesson.negative_bound(model, x)
    mean, log_variance = (part.item() for part in model.encode(x))
    deviation = math.exp(log_variance / 2)
    z = np.linspace(-30, 30, 200_001)
    log_q = -0.5 * ((z - mean) / deviation) ** 2 - math.log(deviation)
    integral = (np.exp(log_q) * (log_q + 0.5 * z**2)).sum() * (z[1] - z[0]) / math.sqrt(2 * math.pi)
    assert kl.item() == pytest.approx(integral, rel=1e-4)
    picture, ink = x.numpy().ravel(), model.decode(zk.zeros((1, 1))).detach().numpy().ravel()
    assert misfit.item() == pytest.approx(-np.log(np.where(picture == 1, ink, 1 - ink)).sum(), rel=1e-4)
