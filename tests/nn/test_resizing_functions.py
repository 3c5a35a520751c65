"""Padding, interpolation, shuffling and sampling as functions, against NumPy, SciPy and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from wording import error_of

import zkynet as zk
import zkynet.nn.functional as F
from zkynet import errors
from zkynet.nn.functional.taps import Taps

RNG = np.random.default_rng(0)


# -- interpolation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize(("n", "m"), [(4, 7), (7, 3), (5, 5), (1, 4)])
def test_linear_interpolation_is_that_of_numpy(n: int, m: int, aligned: bool) -> None:
    x = RNG.standard_normal((2, 1, n))
    places = np.linspace(0, n - 1, m) if aligned else (np.arange(m) + 0.5) * n / m - 0.5
    expected = [[np.interp(places, np.arange(n), row) for row in channel] for channel in x]
    got = F.interpolate(zk.tensor(x), m, mode="linear", align_corners=aligned).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_axes_are_interpolated_one_after_the_other() -> None:
    x = RNG.standard_normal((1, 2, 4, 5))
    both = F.interpolate(zk.tensor(x), (7, 3), mode="bilinear").numpy()
    rows = F.interpolate(zk.tensor(x.reshape(1, 8, 5)), 3, mode="linear").numpy().reshape(1, 2, 4, 3)
    columns = F.interpolate(zk.tensor(rows.swapaxes(2, 3).reshape(1, 6, 4)), 7, mode="linear").numpy()
    np.testing.assert_allclose(both, columns.reshape(1, 2, 3, 7).swapaxes(2, 3), rtol=1e-12, atol=1e-12)


def test_nearest_repeats_or_skips() -> None:
    x = zk.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    assert F.interpolate(x, scale_factor=2).tolist() == [[[1, 1, 2, 2, 3, 3, 4, 4]]]
    assert F.interpolate(x, scale_factor=0.5).tolist() == [[[1, 3]]]
    assert F.interpolate(x, scale_factor=0.5, mode="nearest-exact").tolist() == [[[2, 4]]]
    assert F.interpolate(zk.tensor([[[1, 2]]], dtype="uint8"), size=3).dtype == "uint8"


def test_halving_draws_straight_lines_straight() -> None:
    line = zk.tensor(np.arange(40.0).reshape(1, 1, 40, 1))
    for mode in ("bilinear", "bicubic"):
        for antialias in (False, True):
            y = F.interpolate(line, (20, 1), mode=mode, antialias=antialias).numpy().ravel()
            np.testing.assert_allclose(y[4:-4], (np.arange(20) * 2 + 0.5)[4:-4], rtol=1e-12)


def test_with_antialias_every_pixel_counts() -> None:
    slope = zk.grad(lambda x: F.interpolate(x, 2, mode="bilinear", antialias=True).sum())(zk.zeros((1, 1, 9, 9)))
    assert (slope.numpy() > 0).all()
    np.testing.assert_allclose(slope.numpy().sum(), 4, rtol=1e-6)


def test_an_infinity_stays_with_its_neighbours() -> None:
    x = zk.tensor([[[float("inf"), 1.0, 2.0, 3.0]]])
    assert F.interpolate(x, scale_factor=2, mode="linear").tolist()[0][0][3:] == [1.25, 1.75, 2.25, 2.75, 3.0]


def test_a_matrix_of_taps_is_undone_by_its_transpose(backend: Any) -> None:
    dense = RNG.standard_normal((5, 4)) * (RNG.random((5, 4)) < 0.6)
    taps = Taps(4, [(np.flatnonzero(row), row[row != 0]) for row in dense])
    x, g = RNG.standard_normal((3, 4)), RNG.standard_normal((3, 5))
    apply = backend.xp.nn.weighted_taps
    assert taps.transposed.transposed is taps
    for matrix, a, t in ((dense, x, taps), (dense.T, g, taps.transposed)):
        got = backend.to_numpy(apply(zk.tensor(a)._raw, t, -1))
        np.testing.assert_allclose(got, a @ matrix.T, rtol=1e-12, atol=1e-14)


# -- sampling ----------------------------------------------------------------------------------------------------------

EDGES = {
    ("zeros", False): "grid-constant",
    ("zeros", True): "grid-constant",
    ("border", False): "nearest",
    ("border", True): "nearest",
    ("reflection", False): "reflect",
    ("reflection", True): "mirror",
}


@pytest.mark.parametrize(("padding", "aligned"), EDGES)
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_sampling_is_that_of_scipy(mode: str, padding: str, aligned: bool, backend: Any) -> None:
    if backend.name == "jax" and (mode == "nearest") != aligned:
        pytest.skip("as the other way, compiled for seconds")
    x = RNG.standard_normal((2, 3, 4, 5))
    grid = RNG.uniform(-1.8, 1.8, (2, 3, 2, 2))
    got = F.grid_sample(zk.tensor(x), zk.tensor(grid), mode, padding, aligned).numpy()
    size = np.array([5, 4])
    place = (grid + 1) / 2 * (size - 1) if aligned else (grid + 1) / 2 * size - 0.5
    for n in range(2):
        for c in range(3):
            expected = ndimage.map_coordinates(
                x[n, c],
                [place[n, ..., 1], place[n, ..., 0]],
                order=1 if mode == "bilinear" else 0,
                mode=EDGES[padding, aligned],
            )
            np.testing.assert_allclose(got[n, c], expected, rtol=1e-12, atol=1e-12)


def test_an_identity_map_gives_the_image_back(backend: Any) -> None:
    theta = zk.tensor(np.eye(2, 3)[None])
    x = zk.tensor(RNG.standard_normal((1, 2, 3, 4)))
    volume = zk.tensor(RNG.standard_normal((1, 2, 3, 2, 4)))
    for aligned in (False, True):
        for mode in ("bicubic",) if backend.name == "jax" else ("bilinear", "nearest", "bicubic"):
            y = F.grid_sample(x, F.affine_grid(theta, x.shape, aligned), mode, align_corners=aligned)
            np.testing.assert_allclose(y.numpy(), x.numpy(), rtol=1e-12, atol=1e-12)
        grid = F.affine_grid(zk.tensor(np.eye(3, 4)[None]), volume.shape, aligned)
        y = F.grid_sample(volume, grid, align_corners=aligned)
        np.testing.assert_allclose(y.numpy(), volume.numpy(), rtol=1e-12, atol=1e-12)


def test_nothing_is_read_at_a_place_that_is_not_a_number() -> None:
    grid = zk.tensor([[[[float("nan"), 0.0], [0.0, 0.0]]]])
    assert F.grid_sample(zk.ones((1, 1, 3, 3)), grid).tolist() == [[[[0.0, 1.0]]]]


# -- derivatives -------------------------------------------------------------------------------------------------------

GRID = np.array([[[[-0.61, 0.23], [0.37, -0.87]], [[1.37, 0.31], [-0.13, -1.21]]]])  # no pixel is met exactly

FUNCTIONS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "nearest": (lambda x: F.interpolate(x, 3), (1, 2, 5)),
    "bilinear": (lambda x: F.interpolate(x, (5, 2), mode="bilinear"), (1, 1, 3, 4)),
    "bicubic": (lambda x: F.interpolate(x, (2, 5), mode="bicubic", align_corners=True), (1, 1, 3, 3)),
    "antialias": (lambda x: F.interpolate(x, (2, 3), mode="bicubic", antialias=True), (1, 1, 5, 3)),
    "reflect": (lambda x: F.pad(x, (2, 1), "reflect"), (2, 3)),
    "circular": (lambda x: F.pad(x, (2, -1), "circular"), (2, 3)),
    "shuffled": (lambda x: F.channel_shuffle(F.pixel_unshuffle(x, 2), 2), (1, 1, 2, 4)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_first_and_second_derivatives(name: str, backend: Any) -> None:
    function, shape = FUNCTIONS[name]
    order = 1 if backend.name == "jax" else 2  # it compiles for seconds
    assert zk.gradcheck(lambda x: function(x) ** 2, zk.tensor(RNG.standard_normal(shape)), order=order)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_derivatives_of_sampling_by_image_and_places(mode: str, padding: str, backend: Any) -> None:
    if backend.name == "jax":
        pytest.skip("the rules are those of ops with tests of their own; JAX compiles each of them for every shape")
    x = zk.tensor(RNG.standard_normal((1, 1, 2, 3)))
    grid = zk.tensor(GRID[:, :, : 2 if mode == "bilinear" else 1])
    assert zk.gradcheck(lambda x, grid: F.grid_sample(x, grid, mode, padding), (x, grid), order=2)


# -- padding and shuffling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "numpy"), [("constant",) * 2, ("reflect",) * 2, ("replicate", "edge"), ("circular", "wrap")]
)
def test_padding_is_that_of_numpy_from_the_last_axis_on(mode: str, numpy: Any) -> None:
    x = RNG.standard_normal((2, 3, 4, 5))
    got = F.pad(zk.tensor(x), (1, 2, 0, 3), mode).numpy()
    np.testing.assert_array_equal(got, np.pad(x, ((0, 0), (0, 0), (0, 3), (1, 2)), mode=numpy))


def test_negative_widths_cut_off() -> None:
    x = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(
        F.pad(zk.tensor(x), (-1, 2, 0, -1), value=7.0).numpy(), np.pad(x, ((0, 0), (0, 2)), constant_values=7)[:-1, 1:]
    )


def test_pixels_come_from_groups_of_channels() -> None:
    r, x = 3, RNG.standard_normal((2, 18, 2, 4))
    y = F.pixel_shuffle(zk.tensor(x), r)
    for c, h, w, i, j in np.ndindex(2, 2, 4, r, r):
        np.testing.assert_array_equal(y.numpy()[:, c, h * r + i, w * r + j], x[:, c * r * r + i * r + j, h, w])
    np.testing.assert_array_equal(F.pixel_unshuffle(y, r).numpy(), x)


def test_channels_are_dealt_out() -> None:
    x = np.arange(6.0).reshape(1, 6, 1, 1)
    assert F.channel_shuffle(zk.tensor(x), 3).numpy().ravel().tolist() == [0, 2, 4, 1, 3, 5]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_floats_keep_their_dtype(dtype: str, backend: Any) -> None:
    if backend.name == "jax" and dtype == "float32":
        pytest.skip("as float16, compiled for seconds")
    if not backend.supports(np.dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    x = zk.ones((1, 1, 4, 4), dtype=dtype)
    for mode in ("nearest", "bilinear", "bicubic", "area"):
        y = F.interpolate(x, 7, mode=mode)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.numpy(), 1, rtol=2e-3)
    assert F.grid_sample(x, zk.zeros((1, 2, 2, 2), dtype=dtype)).dtype == dtype


def test_an_empty_batch_gives_an_empty_batch() -> None:
    x = zk.zeros((0, 4, 4, 4), requires_grad=True)
    for y in (
        F.interpolate(x, 3, mode="bilinear"),
        F.interpolate(x, 3, mode="area"),
        F.pad(x, (1, 1), "reflect"),
        F.pixel_shuffle(x, 2),
        F.grid_sample(x, zk.zeros((0, 2, 2, 2))),
    ):
        assert y.shape[0] == 0
        y.sum().backward()
        assert x.grad is not None
        x.grad = None


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "rank": (lambda x: F.interpolate(x[0], 3), errors.ShapeError, "interpolate: the input has 2 axes"),
    "no size": (F.interpolate, errors.ArgumentError, "interpolate received neither size nor scale_factor"),
    "two sizes": (lambda x: F.interpolate(x, 3, 2), errors.ArgumentError, "interpolate received both"),
    "size 0": (lambda x: F.interpolate(x, 0), errors.InvalidValueError, "interpolate: nothing would be left"),
    "small factor": (
        lambda x: F.interpolate(x, scale_factor=0.1),
        errors.InvalidValueError,
        "interpolate: nothing would be left of the input",
    ),
    "factor": (
        lambda x: F.interpolate(x, scale_factor=-1),
        errors.InvalidValueError,
        "interpolate: scale_factor is above 0, received -1",
    ),
    "mode": (lambda x: F.interpolate(x, 3, mode="cubic"), errors.InvalidValueError, "interpolate has no mode 'cubic'"),
    "mode of images": (
        lambda x: F.interpolate(x, 3, mode="bilinear"),
        errors.InvalidValueError,
        "interpolate: the mode 'bilinear' is not one for an input of 3 axes",
    ),
    "corners of nearest": (
        lambda x: F.interpolate(x, 3, align_corners=True),
        errors.ArgumentError,
        "interpolate: align_corners means nothing in the mode 'nearest'",
    ),
    "antialias of nearest": (
        lambda x: F.interpolate(x, 3, antialias=True),
        errors.ArgumentError,
        "interpolate: there is no antialias in the mode 'nearest'",
    ),
    "integers": (
        lambda x: F.interpolate(x.astype("int32"), 3, mode="linear"),
        errors.DTypeError,
        "interpolate: the mode 'linear' does not take int32",
    ),
    "odd widths": (lambda x: F.pad(x, (1, 2, 3)), errors.ShapeError, "pad: 3 widths for a tensor of 3 axes"),
    "pad's mode": (lambda x: F.pad(x, (1, 1), "wrap"), errors.InvalidValueError, "pad has no mode 'wrap'"),
    "pad's value": (
        lambda x: F.pad(x, (1, 1), "reflect", 1.0),
        errors.ArgumentError,
        "pad: there is no value to fill with in the mode 'reflect'",
    ),
    "mirror": (
        lambda x: F.pad(x, (4, 0), "reflect"),
        errors.ShapeError,
        "pad: axis 2 has 4 elements, too few to pad it by 4 in the mode 'reflect'",
    ),
    "cut": (lambda x: F.pad(x, (-3, -2)), errors.ShapeError, "pad: more is cut off axis 2 than it has"),
    "channels": (
        lambda x: F.pixel_shuffle(x, 2),
        errors.ShapeError,
        "pixel_shuffle: the number of channels cannot be divided by 4",
    ),
    "groups": (
        lambda x: F.channel_shuffle(x, 2),
        errors.ShapeError,
        "channel_shuffle: the number of channels cannot be divided by 2",
    ),
    "grid": (
        lambda x: F.grid_sample(x[None], zk.zeros((2, 1, 1, 2))),
        errors.ShapeError,
        "grid_sample: the input and the grid do not go together",
    ),
    "theta": (
        lambda x: F.affine_grid(zk.zeros((1, 2, 2)), (1, 1, 2, 2)),
        errors.ShapeError,
        "affine_grid: theta and size do not go together",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_resized_is_refused(case: str) -> None:
    call, kind, headline = WRONG[case]
    assert error_of(lambda: call(zk.ones((2, 3, 4))), kind).startswith(headline)
