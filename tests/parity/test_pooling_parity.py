"""Pooling, padding and resizing beside PyTorch over the arguments that users meet: values, indices and gradients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import zkynet as zk
import zkynet.nn.functional as F

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*(grid_sample|affine_grid):UserWarning"),  # of what align_corners once was
]

SHAPES = {1: [(2, 3, 11), (3, 8)], 2: [(2, 3, 9, 7), (3, 6, 5)], 3: [(2, 2, 6, 5, 7)]}
DIMENSIONS = pytest.mark.parametrize("n", [1, 2, 3])


def beside(name: str, arrays: list[Any], *args: Any, **kwargs: Any) -> bool:
    """Compare a function with PyTorch's of that name; False where PyTorch refuses the arguments and so do we."""
    what = f"{name} of {[a.shape for a in arrays]} with {args} {kwargs}"
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    ours = [zk.tensor(a, requires_grad=True) for a in arrays]
    try:
        expected = getattr(torch.nn.functional, name)(*theirs, *args, **kwargs)
    except (RuntimeError, ValueError, NotImplementedError):
        with pytest.raises(zk.errors.ZkynetError):
            getattr(F, name)(*ours, *args, **kwargs)
        return False
    got = getattr(F, name)(*ours, *args, **kwargs)
    if isinstance(expected, tuple):
        np.testing.assert_array_equal(got[1].numpy(), expected[1].numpy(), err_msg=what)
        got, expected = got[0], expected[0]
    assert got.shape == tuple(expected.shape), what
    np.testing.assert_allclose(got.numpy(), expected.detach().numpy(), rtol=1e-11, atol=1e-12, err_msg=what)
    g = np.random.default_rng(1).standard_normal(got.shape)
    expected.backward(torch.tensor(g))
    if got.node is not None:
        got.backward(zk.tensor(g))
    for mine, other in zip(ours, theirs, strict=True):
        grad = np.zeros(mine.shape) if mine.grad is None else mine.grad.numpy()
        np.testing.assert_allclose(grad, other.grad.numpy(), rtol=1e-10, atol=1e-11, err_msg=what)
    return True


def normal(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def several(backend: Any, cases: Any, step: int = 40) -> Iterator[Any]:
    """All cases; on JAX, which compiles for each, one of many."""
    for i, case in enumerate(cases):
        if backend.name != "jax" or i % step == 0:
            yield case


@DIMENSIONS
def test_max_pooling(n: int, backend: Any) -> None:
    grid = product(SHAPES[n], [1, 2, 3], [None, 1, 2, 3], [0, 1], [1, 2], [False, True])
    compared = [
        beside(f"max_pool{n}d", [np.round(normal(*shape))], *rest, return_indices=True)  # rounded: with ties
        for shape, *rest in several(backend, grid)
    ]
    assert sum(compared) > len(compared) / 2


def test_max_pooling_of_uneven_windows() -> None:
    assert beside("max_pool2d", [normal(2, 3, 9, 7)], (3, 2), (2, 1), (1, 0), (1, 2), return_indices=True)


@DIMENSIONS
def test_nan_in_max_pooling(n: int) -> None:
    x = np.round(normal(*SHAPES[n][0]))
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    x[0] = -np.inf
    assert beside(f"max_pool{n}d", [x], 3, 2, 1, return_indices=True)


@DIMENSIONS
def test_mean_pooling(n: int, backend: Any) -> None:
    grid = product(SHAPES[n], [1, 2, 3, 5], [None, 1, 2, 3], [0, 1, 2], [False, True], [False, True])
    compared = [beside(f"avg_pool{n}d", [normal(*shape)], *rest) for shape, *rest in several(backend, grid)]
    assert sum(compared) > len(compared) / 2


def test_mean_pooling_with_a_divisor() -> None:
    assert beside("avg_pool2d", [normal(2, 3, 9, 7)], (3, 2), (2, 1), (1, 0), divisor_override=5)
    assert beside("avg_pool3d", [normal(2, 2, 6, 5, 7)], (3, 2, 2), 1, (1, 0, 1), divisor_override=-3)


@DIMENSIONS
def test_norm_pooling(n: int, backend: Any) -> None:
    for shape, *rest in several(backend, product(SHAPES[n], [1, 2, 4, 1.5], [2, 3], [None, 1], [False, True]), 16):
        assert beside(f"lp_pool{n}d", [np.abs(normal(*shape)) + 0.1], *rest)


@DIMENSIONS
def test_adaptive_pooling(n: int, backend: Any) -> None:
    for shape, size in several(backend, product(SHAPES[n], [1, 2, 3, 5]), 4):
        assert beside(f"adaptive_avg_pool{n}d", [normal(*shape)], size)
        assert beside(f"adaptive_max_pool{n}d", [np.round(normal(*shape))], size, return_indices=True)


@DIMENSIONS
def test_unpooling(n: int) -> None:
    x = normal(*SHAPES[n][0])
    _, places = getattr(F, f"max_pool{n}d")(zk.tensor(x), 2, return_indices=True)
    y = normal(*places.shape)
    theirs, ours = torch.tensor(y, requires_grad=True), zk.tensor(y, requires_grad=True)
    expected = getattr(torch.nn.functional, f"max_unpool{n}d")(
        theirs, torch.tensor(places.numpy()), 2, output_size=x.shape
    )
    got = getattr(F, f"max_unpool{n}d")(ours, places, 2, output_size=x.shape)
    np.testing.assert_array_equal(got.numpy(), expected.detach().numpy())
    (expected**2).sum().backward()
    (got**2).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-14)  # type: ignore[union-attr]


# -- padding and shuffling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding(mode: str) -> None:
    for shape, widths in (
        ((2, 3, 6), (2, 1)),
        ((2, 3, 6), (2, -1)),
        ((2, 3, 6, 5), (2, 1, 0, 3)),
        ((2, 3, 6, 5, 4), (2, 1, 0, 3, 1, 1)),
    ):
        assert beside("pad", [normal(*shape)], widths, mode)
    assert not beside("pad", [normal(2, 3, 6)], (1, 2, 3), mode)
    assert beside("pad", [normal(2, 3, 6)], (7, 0), mode) == (mode in ("constant", "replicate"))


def test_padding_with_a_value() -> None:
    assert beside("pad", [normal(2, 3, 6)], (2, 1, 1, 1, 0, -1), "constant", 2.5)


def test_shuffling() -> None:
    assert beside("pixel_shuffle", [normal(2, 12, 3, 4)], 2)
    assert beside("pixel_shuffle", [normal(18, 3, 4)], 3)
    assert beside("pixel_unshuffle", [normal(2, 2, 6, 4)], 2)
    x = normal(2, 6, 3, 4)
    np.testing.assert_array_equal(
        F.channel_shuffle(zk.tensor(x), 3).numpy(), torch.channel_shuffle(torch.tensor(x), 3).numpy()
    )


# -- interpolation and sampling ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area"])
def test_interpolation_to_a_size_by_nearest_and_area(mode: str, backend: Any) -> None:
    for n, m in several(backend, product(range(1, 20), range(1, 20)), 60):
        assert beside("interpolate", [normal(1, 1, n)], m, mode=mode)


def test_what_is_nearest_is_so_in_every_precision() -> None:
    for dtype, mode in product(("float32", "float64"), ("nearest", "nearest-exact")):
        for n, factor in product(range(4, 40, 3), (0.3, 0.5, 0.7, 1.3, 2.0, 2.3, 3.0, 3.7)):
            x = np.arange(n, dtype=dtype)[None, None]
            expected = torch.nn.functional.interpolate(torch.tensor(x), scale_factor=factor, mode=mode).numpy()
            got = F.interpolate(zk.tensor(x), scale_factor=factor, mode=mode).numpy()
            np.testing.assert_array_equal(got, expected, err_msg=f"{mode} of {n} {dtype} by {factor}")


@pytest.mark.parametrize("aligned", [None, True, False])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_interpolation_of_images(mode: str, aligned: bool | None, backend: Any) -> None:
    for n, m, antialias in several(backend, product(range(1, 14), range(1, 14), [False, True]), 120):
        assert beside("interpolate", [normal(1, 1, n, 5)], (m, 7), None, mode, aligned, antialias=antialias)
    for n, factor, antialias, renewed in several(
        backend, product(range(4, 14), (0.5, 0.75, 1.5, 2.0, 2.3, 3), [False, True], [None, True, False]), 120
    ):
        assert beside("interpolate", [normal(1, 1, n, 5)], None, factor, mode, aligned, renewed, antialias)


@pytest.mark.parametrize("aligned", [None, True, False])
def test_interpolation_of_sequences_and_volumes(aligned: bool | None) -> None:
    assert beside("interpolate", [normal(2, 3, 5)], 8, mode="linear", align_corners=aligned)
    for mode, more in (("trilinear", {"align_corners": aligned}), ("nearest", {}), ("area", {})):
        assert beside("interpolate", [normal(2, 3, 4, 5, 3)], (6, 3, 3), mode=mode, **more)
        assert beside("interpolate", [normal(2, 3, 4, 5, 3)], None, (1.5, 2, 0.7), mode=mode, **more)


@pytest.mark.parametrize("aligned", [None, True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_sampling(mode: str, padding: str, aligned: bool | None, backend: Any) -> None:
    for shape, far in several(backend, product([(5, 4), (1, 3), (1, 1)], [1.2, 5.0]), 6):
        assert beside("grid_sample", [normal(2, 3, *shape), normal(2, 4, 6, 2) * far], mode, padding, aligned)
    if backend.name != "jax":
        volume = beside("grid_sample", [normal(2, 3, 4, 5, 3), normal(2, 2, 4, 6, 3)], mode, padding, aligned)
        assert volume == (mode != "bicubic")
        theta = torch.eye(2, 3, dtype=torch.float64)[None]
        identity = torch.nn.functional.affine_grid(theta, (1, 1, 4, 5), align_corners=bool(aligned)).numpy()
        assert beside("grid_sample", [normal(1, 3, 4, 5), identity], mode, padding, aligned)


@pytest.mark.parametrize("aligned", [None, True, False])
def test_affine_grids(aligned: bool | None) -> None:
    assert beside("affine_grid", [normal(2, 2, 3)], (2, 3, 4, 5), aligned)
    assert beside("affine_grid", [normal(2, 3, 4)], (2, 3, 4, 1, 5), aligned)
