"""Pictures of trainings and models: what is drawn is what was passed, and anything that can be passed can be drawn."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import visual
from zkynet.errors import ArgumentError, BackendUnavailableError, DTypeError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once

HOSTILE = "$x_1$ <b> \\frac 日本 \x00\n\t 🦊"


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def png(figure: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=50)
    return out.getvalue()


def words(figure: Any) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


# -- trainings --------------------------------------------------------------------------------------------------------


def test_the_best_epoch_is_marked_by_validation_and_by_the_sense_of_the_figure() -> None:
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.5, 2.0], "accuracy": [0.1, 0.5, 0.4]}
    loss, accuracy = visual.plot_history(history).axes
    assert loss.lines[-1].get_xydata().tolist() == [[2.0, 1.5]]
    assert accuracy.lines[-1].get_xydata().tolist() == [[2.0, 0.5]]


def test_rows_with_gaps_are_drawn_where_they_have_values() -> None:
    rows = [
        {"epoch": 1, "loss": 3.0},
        {"epoch": 2, "loss": 2.0, "val_loss": 2.5},
        {"epoch": 3, "loss": float("nan"), "val_loss": float("inf")},
    ]
    axes = visual.plot_losses(rows).axes[0]
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert axes.lines[1].get_xdata().tolist() == [2, 3]
    assert axes.lines[-1].get_xydata().tolist() == [[2.0, 2.5]]  # infinity is not the best


def test_an_object_with_rows_is_a_history() -> None:
    rows = [{"loss": 2.0, "val_loss": 1.0, "note": "a word"}, {"loss": 1.0, "val_loss": 2.0}]
    axes = visual.compare_histories({"a": SimpleNamespace(rows=rows), "b": rows}).axes[0]
    assert [line.get_label() for line in axes.lines] == ["a", "b"]
    assert axes.get_ylabel() == "loss (validation)"


def test_a_training_that_gave_nan_alone_is_drawn() -> None:
    assert png(visual.plot_history({"loss": [float("nan")] * 3, "val_loss": [float("inf")] * 3}))


def test_a_history_without_what_is_asked_for_says_what_it_has() -> None:
    with pytest.raises(ArgumentError, match="no loss") as caught:
        visual.plot_losses({"accuracy": [1.0]})
    assert "accuracy" in str(caught.value)
    with pytest.raises(ArgumentError, match="'speed'"):
        visual.plot_history({"loss": [1.0]}, names=["speed"])
    with pytest.raises(ArgumentError, match=r"what trainer\.fit returned"):
        visual.plot_losses("loss")
    with pytest.raises(ArgumentError, match="of b has no 'val_loss'"):
        visual.compare_histories({"a": {"val_loss": [1.0]}, "b": {"loss": [1.0]}})


def test_gradients_of_exactly_zero_are_at_the_bottom_of_a_logarithmic_axis() -> None:
    axes = visual.gradient_norms({"dead": [0.0, 0.0, 1e-3], "alive": [1e-5, 1.0, 1.0]}).axes[0]
    bottom = axes.get_ylim()[0]
    assert 0 < bottom < 1e-5
    assert axes.lines[1].get_xydata().tolist() == [[1.0, bottom], [2.0, bottom]]
    assert png(visual.gradient_norms({"all": [0.0, 0.0]}, over="step"))
    taken = visual.gradient_norms({"a": [1.0, 2.0]}, over="step", at=[1, 11]).axes[0]
    assert taken.lines[0].get_xdata().tolist() == [1, 11]
    with pytest.raises(InvalidValueError, match="2 norms, and at has 1 steps"):
        visual.gradient_norms({"a": [1.0, 2.0]}, over="step", at=[1])
    with pytest.raises(InvalidValueError, match="over is"):
        visual.gradient_norms({"a": [1.0]}, over="epoch")


# -- images -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 5, 4), (6, 1, 5, 4), (6, 3, 5, 4), (6, 5, 4, 1), (5, 4)])
def test_a_grid_holds_the_pixels_of_every_picture(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).uniform(0, 1, shape).astype("float32")
    drawn = visual.image_grid(zk.tensor(images)).axes[0].images
    assert len(drawn) == (1 if len(shape) == 2 else 6)
    expected = images if len(shape) == 2 else images[1]
    if shape == (6, 3, 5, 4):
        expected = expected.transpose(1, 2, 0)
    np.testing.assert_array_equal(np.asarray(drawn[len(drawn) > 1].get_array()).squeeze(), expected.squeeze())
    assert (drawn[0].norm.vmin, drawn[0].norm.vmax) == (0, 1)


def test_marked_pictures_have_a_frame_of_another_colour() -> None:
    boxes = visual.image_grid(np.zeros((5, 2, 2)), marked=[3], columns=2).axes[0].patches
    assert [box.get_edgecolor() == boxes[0].get_edgecolor() for box in boxes] == [True, True, True, False, True]


def test_scales_of_grids() -> None:
    images = np.array([[[0.0, 1.0]], [[0.0, 4.0]]])
    assert {i.norm.vmax for i in visual.image_grid(images).axes[0].images} == {4.0}
    assert [i.norm.vmax for i in visual.image_grid(images, scale="each").axes[0].images] == [1.0, 4.0]
    assert visual.image_grid(np.zeros((1, 2, 2), "uint8")).axes[0].images[0].norm.vmax == 255
    with pytest.raises(InvalidValueError, match="scale is"):
        visual.image_grid(images, scale="all")


def test_a_list_of_tensors_and_labels_as_a_tensor() -> None:
    figure = visual.image_grid([zk.ones((2, 2)), zk.zeros((2, 2))], titles=zk.tensor([7, 3]))
    assert words(figure) == ["7", "3"]


def test_pictures_of_other_shapes_are_refused() -> None:
    for value in (np.zeros((2, 2, 5, 5)), np.zeros(3), np.zeros((0, 4, 4))):
        with pytest.raises(ShapeError, match="image_grid"):
            visual.image_grid(value)
    with pytest.raises(ShapeError, match="different shapes"):
        visual.image_grid([np.zeros((2, 2)), np.zeros((3, 3))])
    with pytest.raises(DTypeError, match="images is numbers"):
        visual.image_grid("cat")
    with pytest.raises(ShapeError, match="different sizes"):
        visual.before_after({"a": np.zeros((1, 2, 2)), "b": np.zeros((1, 3, 3))})
    with pytest.raises(ArgumentError, match="titles names 1"):
        visual.image_grid(np.zeros((2, 2, 2)), titles=["one"])


def test_noise_beyond_the_originals_is_cut_off_at_their_limits() -> None:
    x = np.linspace(0, 1, 8).reshape(2, 2, 2)
    drawn = visual.before_after({"original": x, "noisy": x * 5 - 2}).axes[0].images
    assert {(i.norm.vmin, i.norm.vmax) for i in drawn} == {(0.0, 1.0)}


def test_filters_have_white_at_zero_and_three_channels_are_colours() -> None:
    figure = visual.filters(np.array([[[[1.0, -3.0]]]]))
    assert (figure.axes[0].images[0].norm.vmin, figure.axes[0].images[0].norm.vmax) == (-3.0, 3.0)
    colour = visual.filters(np.array([1.0, -2.0, 0.0]).reshape(1, 3, 1, 1)).axes[0].images[0].get_array()
    np.testing.assert_allclose(np.asarray(colour).squeeze(), [0.75, 0.0, 0.5])
    assert len(visual.filters(np.ones((4, 5, 3, 3))).axes[0].images) == 20


def test_saliency_is_the_greatest_channel_and_scaled_to_its_maximum() -> None:
    from matplotlib import colormaps

    x = np.full((1, 3, 1, 2), 0.5)
    maps = np.array([[[[1.0, 0.0]], [[-4.0, 1.0]], [[2.0, 0.0]]]])
    shown = np.asarray(visual.saliency_overlay(x, maps).axes[0].images[1].get_array())
    np.testing.assert_allclose(shown[0], colormaps["magma"]([1.0, 0.25])[:, :3], atol=1e-6)
    assert png(visual.saliency_overlay(x, np.zeros((1, 1, 2)), signed=True))
    with pytest.raises(ShapeError, match="do not fit"):
        visual.saliency_overlay(x, np.zeros((1, 2, 2)))
    with pytest.raises(InvalidValueError, match="NaN"):
        visual.saliency_overlay(x, np.full((1, 1, 2), np.nan))


# -- attention --------------------------------------------------------------------------------------------------------


def test_attention_is_drawn_with_its_tokens() -> None:
    weights = np.random.default_rng(0).dirichlet([1.0] * 3, 2)
    axes = visual.attention_map(weights, source=["a", " ", "\n"], target="xy").axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["a", "␣", "↵"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["x", "y"]
    np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), weights)
    with pytest.raises(ArgumentError, match="source names 1"):
        visual.attention_map(weights, source="a")
    with pytest.raises(ShapeError, match=r"\(targets, sources\)"):
        visual.attention_map(weights[0])


def test_attention_of_every_layer_and_head() -> None:
    weights = np.random.default_rng(0).dirichlet([1.0] * 3, (2, 4, 5))
    figure = visual.attention_grid(weights, source="abc", target="vwxyz")
    np.testing.assert_allclose(np.asarray(figure.axes[4 + 2].images[0].get_array()), weights[1, 2])
    assert [axes.get_ylabel() for axes in figure.axes] == ["layer 1", "", "", "", "layer 2", "", "", ""]
    uneven = visual.attention_grid([weights[0], weights[1, :2]])
    assert [len(axes.images) for axes in uneven.axes] == [1, 1, 1, 1, 1, 1, 0, 0]
    with pytest.raises(ShapeError, match="one example"):
        visual.attention_grid({"layer": np.zeros((2, 4, 5, 3))})


# -- answers ----------------------------------------------------------------------------------------------------------


def test_a_boundary_is_drawn_where_the_model_changes_its_mind_and_the_model_is_as_before() -> None:
    seen = []

    class Sides(zk.nn.Module):
        def __init__(self) -> None:
            self.dropout = zk.nn.Dropout(0.5)

        def forward(self, x: Any) -> Any:
            seen.append((self.training, self.dropout.training, zk.is_grad_enabled()))
            return x[:, 0] - 0.5

    model = Sides()
    model.dropout.eval()
    figure = visual.decision_boundary(model, [[0.0, 0.0], [1.0, 1.0]], [0, 1], resolution=41)
    assert seen == [(False, False, False)]
    assert (model.training, model.dropout.training) == (True, False)
    lines = [path for each in figure.axes[0].collections for path in each.get_paths() if len(path.vertices) >= 41]
    np.testing.assert_allclose(lines[0].vertices[:, 0], 0.5, atol=1e-6)


def test_boundaries_of_several_classes_of_probabilities_and_of_one_that_never_changes() -> None:
    x, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 3
    for model, probabilities in (
        (zk.nn.Linear(2, 3), False),
        (lambda p: zk.sigmoid(p[:, :1]), True),
        (lambda p: zk.ones((len(p), 2)) * zk.tensor([5.0, 1.0]), False),
    ):
        assert png(visual.decision_boundary(model, x, y, resolution=20, probabilities=probabilities))
    with pytest.raises(ShapeError, match="points, 2"):
        visual.decision_boundary(zk.nn.Linear(3, 2), np.zeros((4, 3)), [0, 1, 0, 1])
    with pytest.raises(ShapeError, match="no logits"):
        visual.decision_boundary(lambda p: zk.ones(3), x, y, resolution=4)


def test_a_confusion_matrix_is_coloured_by_the_share_of_its_row() -> None:
    axes = visual.confusion_matrix([[3, 1], [0, 0]], classes=["a", "b"]).axes[0]
    np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), [[0.75, 0.25], [0, 0]])
    assert png(visual.confusion_matrix(np.eye(40)))
    with pytest.raises(ShapeError, match="a row and a column"):
        visual.confusion_matrix(np.zeros((2, 3)))


def test_a_latent_grid_has_the_codes_where_the_axes_say() -> None:
    sheet = visual.latent_grid(lambda z: zk.reshape(z[:, 0] + 10 * z[:, 1], (-1, 1, 1)), extent=1.0, count=3)
    shown = np.asarray(sheet.axes[0].images[0].get_array())  # from -11 to 11 drawn as 0 to 1
    np.testing.assert_allclose(shown * 22 - 11, [[9, 10, 11], [-1, 0, 1], [-11, -10, -9]], atol=1e-5)
    with pytest.raises(ShapeError, match="a picture for each code"):
        visual.latent_grid(lambda z: zk.ones((2, 3, 3)), count=3)


def test_classes_that_are_missing_in_a_plane_keep_the_colours_of_the_others() -> None:
    points = np.zeros((4, 2))
    all_of_them = visual.latent_plane(points, [0, 1, 2, 3]).axes[0].collections
    some = visual.latent_plane(points, [1, 1, 3, 3]).axes[0].collections
    assert [c.get_facecolor().tolist() for c in some] == [all_of_them[k].get_facecolor().tolist() for k in (1, 3)]


def test_bars_show_the_mean_of_seeds_and_the_goal() -> None:
    figure = visual.bar_comparison({"a": [0.9, 1.0], "b": -0.5, "c": float("nan")}, goal=0.97)
    assert [bar.get_width() for bar in figure.axes[0].patches][:2] == [0.95, -0.5]
    assert png(figure)
    assert png(visual.bar_comparison({"a": [0.9, 1.0], "b": 0.5}, from_zero=False))


# -- all of them ------------------------------------------------------------------------------------------------------


def test_any_text_can_be_drawn() -> None:
    for figure in (
        visual.plot_losses({"loss": [1.0, 2.0]}, title=HOSTILE),
        visual.plot_lines({HOSTILE: [1.0]}, x_label=HOSTILE, y_label=HOSTILE),
        visual.image_grid(np.zeros((1, 2, 2)), titles=[HOSTILE]),
        visual.attention_map(np.ones((1, 1)), source=[HOSTILE], target=[HOSTILE]),
        visual.attention_grid({HOSTILE: np.ones((1, 1, 1))}, source=[HOSTILE], target=[HOSTILE]),
        visual.confusion_matrix([[1]], classes=[HOSTILE]),
        visual.latent_plane([[0.0, 0.0]], [0], classes=[HOSTILE]),
        visual.line_fit([0.0], [0.0], {HOSTILE: [0.0]}, x_label=HOSTILE),
        visual.bar_comparison({HOSTILE: 1.0}, label=HOSTILE),
        visual.gradient_norms({HOSTILE: [1.0]}),
        visual.plot_history({HOSTILE.replace("\n", " "): [1.0, 2.0]}),
        visual.decision_boundary(zk.nn.Linear(2, 2), [[0.0, 0.0]], [0], classes=[HOSTILE, "b"], resolution=4),
    ):
        assert png(figure)  # a warning of a missing sign would be an error


def test_no_figure_is_left_with_pyplot() -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    visual.plot_losses({"loss": [1.0]})
    assert plt.get_fignums() == before


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(BackendUnavailableError, match="needs matplotlib") as caught:
        visual.plot_losses({"loss": [1.0]})
    assert "zkynet[plot]" in str(caught.value)


def test_sixteen_bit_floats_are_drawn() -> None:
    for dtype in ("float16", "bfloat16"):
        assert png(visual.image_grid(zk.ones((1, 2, 2)).astype(dtype)))
