"""Transforms of pictures against NumPy and SciPy; each picture with numbers of its own, in a batch as alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from wording import error_of

import zkynet as zk
from zkynet.data import transforms as T
from zkynet.data.streams import fetching, stream
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once

KEY = (3, 5)
RNG = np.random.default_rng(0)
PICTURES = RNG.normal(size=(6, 3, 9, 7)).astype(np.float32)


def darkened(picture: Any) -> Any:
    return picture * zk.data.sample_stream().uniform(0, 1)


RANDOM: list[Any] = [
    T.HorizontalFlip(),
    T.VerticalFlip(0.7),
    T.RandomCrop(5),
    T.RandomCrop((9, 7), padding=3, fill=0.5),
    T.RandomCrop(7, padding=2, padding_mode="reflect"),
    T.RandomRotation(30),
    T.RandomAffine((-20, 40), translate=(0.2, 0.1), scale=(0.8, 1.3), shear=15, fill=1.0),
    T.Cutout(3),
    T.RandomErasing(0.8, value=(1.0, 2.0, 3.0)),
    T.GaussianNoise(0.3),
    T.Lambda(darkened, per_picture=True),
    T.Compose([T.RandomCrop(7, padding=1), T.HorizontalFlip(), T.RandomRotation(9), T.Cutout(2), T.GaussianNoise()]),
]


@pytest.mark.parametrize("transform", RANDOM, ids=lambda t: repr(t)[:40])
def test_a_picture_comes_out_the_same_in_a_batch_and_alone(transform: Any) -> None:
    before = PICTURES.copy()
    with fetching(KEY, range(10, 16)):
        batch = transform(PICTURES)
    for k in range(6):
        with fetching(KEY, [10 + k]):
            alone = transform(PICTURES[k])
        np.testing.assert_array_equal(alone, batch[k])
    assert batch.dtype == np.float32
    np.testing.assert_array_equal(PICTURES, before)
    with fetching((3, 6), range(10, 16)):
        assert not np.array_equal(transform(PICTURES), batch)  # another epoch, other numbers


FIXED: list[Any] = [
    T.CenterCrop(5),
    T.Normalize([0.1, 0.2, 0.3], 2.0),
    T.Resize((4, 11)),
    T.ToFloat(),
    T.Lambda(np.abs),
]


@pytest.mark.parametrize("transform", FIXED, ids=repr)
def test_fixed_transforms_do_to_each_picture_what_they_do_to_it_alone(transform: Any) -> None:
    batch = transform(PICTURES)
    assert batch.dtype == np.float32
    for k in range(6):
        np.testing.assert_array_equal(transform(PICTURES[k]), batch[k])


@pytest.mark.parametrize("transform", [*RANDOM[:10], *FIXED[:3]], ids=lambda t: repr(t)[:40])
def test_float64_stays_and_no_pictures_are_no_error(transform: Any) -> None:
    assert transform(PICTURES.astype(np.float64)).dtype == np.float64
    out = transform(PICTURES[:0])
    assert out.shape == (0, *transform(PICTURES[0]).shape)


class Augmented(zk.data.Dataset):
    """Pictures one by one, as a `Dataset` of one's own gives them."""

    def __init__(self, transform: Callable[[Any], Any]) -> None:
        self.transform = transform

    def __len__(self) -> int:
        return len(PICTURES)

    def __getitem__(self, i: int) -> Any:
        return (self.transform(PICTURES[i]),)


@pytest.mark.parametrize("transform", RANDOM[-2:], ids=["own function", "composed"])
def test_a_loader_gives_the_same_from_whole_batches_and_single_pictures(transform: Any) -> None:
    def epochs(dataset: Any) -> list[Any]:
        loader = zk.data.DataLoader(dataset, batch_size=4, shuffle=True, generator=zk.random.Generator(7))
        return [x.numpy() for _ in range(2) for (x,) in loader]

    together, alone = epochs(zk.data.TensorDataset(PICTURES, transform=transform)), epochs(Augmented(transform))
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(np.sort(together[0].ravel()), np.sort(together[2].ravel()))


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_restored_loader_draws_what_it_would_have_drawn(stop: int) -> None:
    def make() -> Any:
        data = zk.data.TensorDataset(PICTURES, np.arange(6) % 3, transform=RANDOM[-1])
        return zk.data.DataLoader(data, 2, shuffle=True, batch_transform=T.CutMix(3))

    one, two = make(), make()
    batches = iter(one)
    for _ in range(stop):
        next(batches)
    two.load_state_dict(one.state_dict())
    for left, right in zip([*batches, *one], [*two, *two], strict=True):
        np.testing.assert_array_equal(left[0].numpy(), right[0].numpy())
        np.testing.assert_array_equal(left[1].numpy(), right[1].numpy())


# -- values -----------------------------------------------------------------------------------------------------


def forward(angle: float, shear: float, scale: float, across: float, up: float, height: int, width: int) -> Any:
    """Where (row, column) goes, as a matrix of homogeneous coordinates, put together from the definition."""
    a, s = np.deg2rad([angle, shear])
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    lean = np.array([[1, np.tan(s), 0], [0, 1, 0], [0, 0, 1]])
    shift = np.array([[1, 0, across], [0, 1, up], [0, 0, 1]])
    to_middle = np.array([[0, 1, -(width - 1) / 2], [-1, 0, (height - 1) / 2], [0, 0, 1]])  # (row, column) to (x, y)
    return np.linalg.inv(to_middle) @ shift @ turn @ lean @ np.diag([scale, scale, 1]) @ to_middle


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-180, 180), st.floats(-60, 60), st.floats(0.3, 3), st.floats(0, 0.5), st.integers(2, 9), st.integers(2, 9)
)
def test_an_affine_map_is_that_of_scipy(angle: float, shear: float, scale: float, share: float, h: int, w: int) -> None:
    pictures = RNG.normal(size=(2, 1, h, w))
    transform = T.RandomAffine((angle, angle), (share, share / 2), (scale, scale), (shear, shear), fill=0.7)
    with fetching(KEY, range(2)):
        out = transform(pictures)
    for k in range(2):
        to_sides = 2 * stream(KEY, k).random(5)[3:] - 1
        matrix = forward(angle, shear, scale, to_sides[0] * share * w, to_sides[1] * share / 2 * h, h, w)
        back = np.linalg.inv(matrix)
        expected = scipy.ndimage.affine_transform(
            pictures[k, 0], back[:2, :2], back[:2, 2], order=1, mode="grid-constant", cval=0.7
        )
        np.testing.assert_allclose(out[k, 0], expected, atol=1e-9)


def test_a_quarter_turn_is_that_of_numpy() -> None:
    square = PICTURES[:, :, :7]
    for quarters in range(-2, 3):
        turned = T.RandomRotation((90 * quarters, 90 * quarters))(square)
        np.testing.assert_allclose(turned, np.rot90(square, quarters, axes=(2, 3)), atol=1e-5)


def test_angles_are_drawn_from_their_range() -> None:
    zk.random.seed(0)
    spot = np.zeros((400, 1, 41, 41))
    spot[:, :, 20, 40] = 1  # to the right of the middle
    y, x = np.mgrid[20:-21:-1, -20:21]
    turned = T.RandomRotation((10, 50))(spot)[:, 0]
    angles = np.rad2deg(np.arctan2((turned * y).sum((1, 2)), (turned * x).sum((1, 2))))
    assert angles.min() > 8
    assert angles.max() < 52
    assert np.ptp(angles) > 35


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 30), st.integers(1, 30))
def test_a_larger_picture_is_that_of_scipy(h: int, w: int, more_h: int, more_w: int) -> None:
    x = RNG.normal(size=(h, w))
    size = (h + more_h, w + more_w)
    expected = scipy.ndimage.zoom(x, np.divide(size, x.shape), order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(T.Resize(size)(x[None])[0], expected, atol=1e-12)


def test_a_smaller_picture_has_the_same_mean_and_slope() -> None:
    y, x = np.mgrid[:40, :60]
    small = T.Resize(20)((2.0 * y + 3.0 * x)[None])
    assert small.shape == (1, 20, 30)
    np.testing.assert_allclose(np.diff(small[0, 2:-2, 2:-2], axis=0), 4)  # pixels at the edge see less than others
    np.testing.assert_allclose(np.diff(small[0, 2:-2, 2:-2], axis=1), 6)
    np.testing.assert_allclose(small.mean(), 2 * 19.5 + 3 * 29.5)
    assert T.Resize(20)(np.ones((3, 60, 40))).shape == (3, 30, 20)
    np.testing.assert_allclose(T.Resize(5)(np.ones((3, 61, 43))), 1)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
def test_a_crop_is_a_part_of_the_padded_picture(mode: str) -> None:
    zk.random.seed(0)
    pictures = RNG.integers(0, 255, size=(300, 1, 4, 5)).astype(np.uint8)
    options = {"constant_values": 7} if mode == "constant" else {}
    padded = np.pad(pictures, [(0, 0), (0, 0), (2, 2), (2, 2)], mode=mode, **options)  # type: ignore[call-overload]
    parts = np.lib.stride_tricks.sliding_window_view(padded, (4, 5), axis=(2, 3))[:, 0]
    out = T.RandomCrop((4, 5), 2, 7, mode)(pictures)
    assert out.dtype == np.uint8
    equal = (parts == out[:, :, None]).all((3, 4))
    assert equal.any((1, 2)).all()
    places = np.array([np.argwhere(each)[0] for each in equal])
    for axis in range(2):  # each of 5 places about 60 times of 300
        counts = np.bincount(places[:, axis], minlength=5)
        assert counts.min() > 25
        assert len(counts) == 5


def test_the_middle_of_a_picture() -> None:
    x = np.arange(30).reshape(1, 5, 6)
    assert T.CenterCrop((3, 2))(x).tolist() == [[[8, 9], [14, 15], [20, 21]]]
    assert T.CenterCrop((5, 6))(x).tolist() == x.tolist()


@pytest.mark.parametrize("p", [0, 0.1, 0.5, 1])
def test_each_picture_is_flipped_or_not(p: float) -> None:
    zk.random.seed(0)
    pictures = np.arange(2 * 1000 * 6).reshape(1000, 2, 2, 3)
    for flip, axis in ((T.HorizontalFlip(p), 3), (T.VerticalFlip(p), 2)):
        out = flip(pictures)
        flipped = (out == np.flip(pictures, axis)).all((1, 2, 3))
        assert ((out == pictures).all((1, 2, 3)) | flipped).all()
        assert abs(flipped.mean() - p) <= 5 * np.sqrt(p * (1 - p) / 1000)


def test_normalising_and_back() -> None:
    fitted = T.Normalize.of(PICTURES)
    x = fitted(PICTURES)
    np.testing.assert_allclose(x.mean((0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(x.std((0, 2, 3)), 1, rtol=1e-5)
    np.testing.assert_allclose(fitted.inverse(x), PICTURES, atol=1e-6)
    np.testing.assert_allclose(T.Normalize(1.0, 2.0)(PICTURES[0]), (PICTURES[0] - 1) / 2)
    assert repr(T.Normalize(np.array([1, 2]), 3)) == "Normalize(mean=(1.0, 2.0), std=(3.0,))"


def test_whole_numbers_become_floats() -> None:
    assert T.ToFloat()(np.array([[[0, 65535]]], np.uint16)).tolist() == [[[0, 1]]]
    assert T.ToFloat()(np.array([[[0.25]]])).dtype == np.float32
    assert T.ToFloat()(np.array([[[True, False]]])).tolist() == [[[1, 0]]]
    bytes_ = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(T.ToFloat()(bytes_), (np.arange(256) / 255).astype("f4").reshape(1, 16, 16))


@given(st.integers(1, 12), st.integers(1, 12))
def test_cutout_hides_one_rectangle_about_a_pixel(h: int, w: int) -> None:
    out = T.Cutout((h, w), value=(5, 6))(np.zeros((40, 2, 8, 9), np.uint8))
    assert (np.unique(out[:, 0]).tolist()[-1], np.unique(out[:, 1]).tolist()[-1]) == (5, 6)
    for hidden in out[:, 0] == 5:
        rows, columns = np.flatnonzero(hidden.any(1)), np.flatnonzero(hidden.any(0))
        assert hidden.sum() == len(rows) * len(columns)
        assert np.ptp(rows) == len(rows) - 1
        assert np.ptp(columns) == len(columns) - 1
        assert (h + 1) // 2 <= len(rows) <= h or len(rows) == 8 or 0 in rows or 7 in rows
        assert len(columns) <= w


def test_erased_rectangles_have_their_sizes_forms_and_chance() -> None:
    zk.random.seed(0)
    out = T.RandomErasing(0.4, scale=(0.1, 0.2), ratio=(0.5, 2.0), value=2)(np.ones((500, 1, 60, 60), np.float32))
    hidden = out[:, 0] == 2
    share = hidden.mean((1, 2))
    erased = share > 0
    assert abs(erased.mean() - 0.4) < 0.1
    assert 0.09 < share[erased].min() < 0.12
    assert 0.18 < share[erased].max() < 0.21
    heights, widths = hidden.any(2).sum(1)[erased], hidden.any(1).sum(1)[erased]
    np.testing.assert_array_equal(heights * widths, hidden.sum((1, 2))[erased])
    assert 0.45 < (heights / widths).min() < 0.7
    assert 1.5 < (heights / widths).max() < 2.2
    assert abs((heights > widths).mean() - 0.5) < 0.2
    everything = T.RandomErasing(1, scale=(1, 1), ratio=(9, 9))(np.ones((1, 1, 4, 6)))
    assert everything.sum() == 4 * (6 - round((24 / 9) ** 0.5))  # higher than the picture: as high as it


def test_noise_is_normal_and_may_be_clipped() -> None:
    zk.random.seed(0)
    noisy = T.GaussianNoise(0.2, 0.1)(np.full((4, 1, 100, 100), 0.5, np.float32))
    assert abs(noisy.mean() - 0.6) < 0.01
    assert abs(noisy.std() - 0.2) < 0.01
    assert len(np.unique(noisy[:, 0, 0, 0])) == 4
    clipped = T.GaussianNoise(5, clip=True)(np.full((1, 9, 9), 0.5))
    assert (clipped.min(), clipped.max()) == (0, 1)


def batch(n: int = 8) -> tuple[Any, Any]:
    return RNG.normal(size=(n, 2, 6, 5)).astype(np.float32), RNG.integers(0, 4, n)


def test_mixup_is_the_weighted_mean_with_the_sample_before() -> None:
    x, y = batch()
    with fetching(KEY, range(8), lane=1):
        mixed, labels = T.Mixup(num_classes=4, alpha=0.4)((x, y))
    assert (mixed.dtype, labels.dtype) == (np.float32, np.float32)
    for k in range(8):
        share = stream(KEY, k, 1).beta(0.4, 0.4)
        np.testing.assert_allclose(mixed[k], share * x[k] + (1 - share) * x[k - 1], rtol=1e-5, atol=1e-6)
        expected = np.zeros(4)
        expected[y[k]] += share
        expected[y[k - 1]] += 1 - share
        np.testing.assert_allclose(labels[k], expected, atol=1e-6)


def test_mixup_takes_labels_that_are_floats_and_any_samples() -> None:
    x, y = RNG.normal(size=(5, 3)), RNG.normal(size=5)
    mixed, labels = T.Mixup()((x, y))
    share = (labels - np.roll(y, 1)) / (y - np.roll(y, 1))
    np.testing.assert_allclose(mixed, share[:, None] * x + (1 - share[:, None]) * np.roll(x, 1, 0))


def test_cutmix_takes_a_rectangle_of_the_picture_before_and_as_much_of_its_label() -> None:
    x, y = batch(200)
    before = x.copy()
    mixed, labels = T.CutMix(num_classes=4)((x, y))
    np.testing.assert_array_equal(x, before)
    for k in range(200):
        other = (mixed[k] != x[k]).all(0)
        assert (mixed[k][:, other] == x[k - 1][:, other]).all()
        assert (mixed[k][:, ~other] == x[k][:, ~other]).all()
        assert other.sum() == other.any(1).sum() * other.any(0).sum()
        if y[k] != y[k - 1]:
            np.testing.assert_allclose(labels[k, y[k - 1]], other.mean(), atol=1e-6)
    np.testing.assert_allclose(labels.sum(1), 1, atol=1e-6)


def test_mixed_batches_train_a_classifier() -> None:
    x, y = batch(8)
    loader = zk.data.DataLoader(zk.data.TensorDataset(x, y), 8, shuffle=True, batch_transform=T.Mixup(4))
    model = zk.nn.Sequential(zk.nn.Flatten(), zk.nn.Linear(60, 4))
    for pictures, labels in loader:
        loss = zk.nn.functional.cross_entropy(model(pictures), labels)
        loss.backward()
    assert labels.shape == (8, 4)
    assert float(loss) > 0


# -- mistakes ---------------------------------------------------------------------------------------------------

BYTES = np.zeros((1, 4, 4), np.uint8)
FLOATS = np.zeros((3, 4, 5), np.float32)


@pytest.mark.parametrize(
    ("call", "kind", "headline"),
    [
        (
            lambda: T.HorizontalFlip()(np.zeros((4, 4))),
            ShapeError,
            "HorizontalFlip takes a picture (C, H, W)",
        ),
        (lambda: T.ToFloat()("abc"), ShapeError, "ToFloat takes a picture (C, H, W) or a batch"),
        (lambda: T.ToFloat()([[["a"]]]), DTypeError, "ToFloat takes pictures of numbers"),
        (lambda: T.Normalize(0, 1)(BYTES), DTypeError, "Normalize takes pictures of floats, received ndarray of shape"),
        (lambda: T.RandomRotation(9)(BYTES), DTypeError, "RandomRotation takes pictures of floats"),
        (lambda: T.Resize(9)(BYTES), DTypeError, "Resize takes pictures of floats"),
        (lambda: T.GaussianNoise()(BYTES), DTypeError, "GaussianNoise takes pictures of floats"),
        (lambda: T.HorizontalFlip(1.5), InvalidValueError, "HorizontalFlip: p is a probability, from 0 to 1"),
        (lambda: T.VerticalFlip("x"), ArgumentError, "VerticalFlip: p is a plain number"),  # type: ignore[arg-type]
        (lambda: T.HorizontalFlip(float("nan")), InvalidValueError, "p is a probability"),
        (lambda: T.CenterCrop(5)(BYTES), ShapeError, "CenterCrop: a part of 5 by 5 is larger than the picture"),
        (lambda: T.RandomCrop(7, padding=1)(BYTES), ShapeError, "RandomCrop: a part of 7 by 7 is larger"),
        (lambda: T.RandomCrop(0), InvalidValueError, "RandomCrop: size is 1 or more"),
        (lambda: T.RandomCrop((1, 2, 3)), InvalidValueError, "RandomCrop: size is one number or (height, width)"),
        (lambda: T.RandomCrop(2.5), ArgumentError, "RandomCrop: size is a whole number"),  # type: ignore[arg-type]
        (lambda: T.RandomCrop(2, -1), InvalidValueError, "RandomCrop: padding is 0 or more"),
        (lambda: T.RandomCrop(2, 1, padding_mode="wrap"), InvalidValueError, "there is no padding_mode 'wrap'"),
        (lambda: T.RandomCrop(2, 4, padding_mode="reflect")(BYTES), ShapeError, "a mirror of 4 pixels needs"),
        (lambda: T.Normalize(0, 0), InvalidValueError, "Normalize: std is above 0"),
        (lambda: T.Normalize(float("nan"), 1), InvalidValueError, "Normalize: mean is finite"),
        (lambda: T.Normalize([], 1), InvalidValueError, "Normalize: mean has no numbers"),
        (lambda: T.Normalize([1, 2], [1, 2, 3]), ShapeError, "mean and std are for different numbers of channels"),
        (lambda: T.Normalize([1, 2], 1)(FLOATS), ShapeError, "Normalize knows 2 channels, and the pictures have 3"),
        (lambda: T.RandomRotation((9, -9)), InvalidValueError, "degrees goes from a lower to a higher number"),
        (lambda: T.RandomRotation((1, 2, 3)), InvalidValueError, "RandomRotation: degrees is (low, high)"),
        (lambda: T.RandomAffine(0, translate=2), InvalidValueError, "translate is one or two shares of the picture"),
        (lambda: T.RandomAffine(0, scale=(0, 1)), InvalidValueError, "RandomAffine: scale is above 0"),
        (lambda: T.RandomAffine(0, shear=90), InvalidValueError, "shear is between -90 and 90 degrees"),
        (lambda: T.Cutout(2, (1, 2))(FLOATS), ShapeError, "Cutout: value is for 2 channels, and the pictures have 3"),
        (lambda: T.Cutout(2, ()), InvalidValueError, "Cutout: value has no numbers"),
        (lambda: T.RandomErasing(scale=(0.5, 2)), InvalidValueError, "scale is a range of shares"),
        (lambda: T.RandomErasing(ratio=(0, 1)), InvalidValueError, "RandomErasing: ratio is above 0"),
        (lambda: T.GaussianNoise(-1), InvalidValueError, "GaussianNoise: sigma is 0 or more"),
        (lambda: T.Compose([1]), ArgumentError, "Compose: a transform is a function, received int: 1"),  # type: ignore[list-item]
        (lambda: T.Compose(T.ToFloat()), ArgumentError, "Compose expected a list of transforms"),  # type: ignore[arg-type]
        (lambda: T.Lambda(3), ArgumentError, "Lambda expected a function"),  # type: ignore[arg-type]
        (lambda: T.Mixup(3, alpha=0), InvalidValueError, "Mixup: alpha is above 0"),
        (lambda: T.Mixup(0), InvalidValueError, "Mixup: num_classes is 1 or more"),
        (lambda: T.Mixup(3)(FLOATS), ArgumentError, "Mixup takes a batch (x, y), received ndarray"),
        (lambda: T.Mixup(3)((FLOATS, np.array([1]))), ShapeError, "x and y are of different numbers of samples"),
        (lambda: T.Mixup(3)((BYTES, np.array([1]))), DTypeError, "Mixup mixes floats"),
        (lambda: T.Mixup()((FLOATS, np.array([1, 2, 0]))), InvalidValueError, "it has to know how many classes"),
        (lambda: T.Mixup(2)((FLOATS, np.array([1, 2, 0]))), IndexOutOfRangeError, "a label is not between 0 and 1"),
        (lambda: T.Mixup(2)((FLOATS, np.array(["a"] * 3))), DTypeError, "labels are whole numbers (N,) or floats"),
        (lambda: T.CutMix(2)((FLOATS, np.array([1, 1, 0]))), ShapeError, "CutMix takes pictures (N, C, H, W)"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(call: Any, kind: type[Exception], headline: str) -> None:
    assert headline in error_of(call, kind).splitlines()[0]


def test_an_error_says_which_transform_it_comes_from() -> None:
    text = error_of(lambda: T.Compose([T.HorizontalFlip(), T.RandomRotation(9)])(BYTES), DTypeError)
    assert text.splitlines()[1] == "  in transform 2 of 2, RandomRotation(degrees=(-9.0, 9.0), fill=0.0)"
    assert (
        text.splitlines()[-1]
        == "  Fix: put ToFloat() before it: whole numbers from 0 to 255 become float32 from 0 to 1"
    )


def test_names_of_torchvision_lead_to_ours() -> None:
    with pytest.raises(AttributeError, match=r"use zk\.data\.transforms\.HorizontalFlip"):
        _ = T.RandomHorizontalFlip
    with pytest.raises(AttributeError, match="has no attribute 'Sharpen'"):
        _ = T.Sharpen
