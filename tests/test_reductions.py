"""What the op table does not ask of reductions, statistics and running sums: dtypes, edges, errors, ties."""

from __future__ import annotations

import math

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, AxisError, DTypeError, GradientError, InvalidValueError, ShapeError

inf, nan = math.inf, math.nan


def gradient(f, values, dtype="float64"):
    """The gradient of a number, as a NumPy array."""
    x = zk.tensor(values, dtype=dtype, requires_grad=True)
    f(x).backward()
    return x.grad.numpy()


# -- dtypes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("bool", "int64"),
        ("int8", "int64"),
        ("int32", "int64"),
        ("int64", "int64"),
        ("uint8", "uint64"),
        ("float32", "float32"),
        ("float64", "float64"),
        ("complex64", "complex64"),
    ],
)
def test_integers_are_added_up_wide_and_floats_in_their_own_dtype(name, dtype, expected, backend):
    if backend.name == "torch" and expected == "uint64":
        pytest.skip("PyTorch computes nothing in uint64")
    x = zk.ones(3, dtype=dtype)
    assert getattr(zk, name)(x).dtype == expected


def test_a_sum_of_small_integers_does_not_overflow():
    assert zk.sum(zk.full(1000, 100, dtype="int8")).item() == 100_000
    assert zk.sum(zk.ones(1000, dtype="bool")).item() == 1000
    assert zk.cumulative_sum(zk.full(1000, 100, dtype="int8"))[-1].item() == 100_000


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_a_dtype_can_be_asked_for_and_the_gradient_comes_back_in_that_of_the_input(name):
    x = zk.tensor([1.0, 2.0, 3.0], dtype="float32", requires_grad=True)
    y = getattr(zk, name)(x, dtype="float64")
    assert y.dtype == "float64"
    zk.sum(y).backward()
    assert x.grad.dtype == "float32"
    assert getattr(zk, name)(zk.tensor([1, 2]), dtype=zk.float32).dtype == "float32"
    assert getattr(zk, name)(zk.tensor([1, 2]), dtype=zk.int32).dtype == "int32"


@pytest.mark.parametrize("name", ["mean", "var", "std", "median", "average", "nanmean"])
def test_statistics_of_integers_are_float32(name):
    assert getattr(zk, name)(zk.tensor([1, 2, 4])).dtype == "float32"


def test_the_variance_of_complex_numbers_is_real():
    assert zk.var(zk.tensor([1j, 2.0])).dtype == "float32"
    assert zk.std(zk.tensor([1j, 2.0])).dtype == "float32"


def test_booleans_have_extremes_but_complex_numbers_do_not():
    x = zk.tensor([[True, False], [True, True]])
    assert zk.max(x, axis=1).tolist() == [True, True]
    assert zk.min(x, axis=1).tolist() == [False, True]
    with pytest.raises(DTypeError, match="max does not take complex64"):
        zk.max(zk.tensor([1j]))


def test_numbers_and_lists_are_taken():
    assert zk.sum([1.0, 2.0]).item() == 3
    assert zk.max(3).item() == 3
    assert zk.mean([[1, 2], [3, 4]], axis=0).tolist() == [2.0, 3.0]


# -- axes -------------------------------------------------------------------------------------------------------------

REDUCTIONS = ["sum", "prod", "mean", "var", "std", "max", "min", "all", "any", "count_nonzero", "median", "ptp"]


@pytest.mark.parametrize("name", REDUCTIONS)
def test_axes_are_named_in_every_usual_way(name):
    x = zk.asarray(np.random.default_rng(0).standard_normal((2, 3, 4)))
    f = getattr(zk, name)
    for axis in (1, -2, np.int64(1), (1,), [1]):
        assert f(x, axis).shape == (2, 4)
        assert f(x, axis, keepdims=True).shape == (2, 1, 4)
    for axis in ((0, 2), (-1, 0), [0, -1]):
        assert f(x, axis=axis).shape == (3,)
    assert f(x).shape == ()
    assert f(x, None, keepdims=True).shape == (1, 1, 1)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "std", "max", "median"])
def test_gradients_follow_axes_named_in_every_usual_way(name):
    values = np.random.default_rng(0).standard_normal((2, 3, 4))
    f = getattr(zk, name)
    expected = gradient(lambda x: zk.sum(f(x, (0, 2))), values)
    for axis in ((-1, 0), [2, 0], [np.int64(0), -1]):
        np.testing.assert_allclose(gradient(lambda x, axis=axis: zk.sum(f(x, axis)), values), expected)


@pytest.mark.parametrize("name", [*REDUCTIONS, "argmax", "argmin", "cumulative_sum", "logcumsumexp", "diff"])
def test_an_axis_that_is_not_there_is_refused_in_the_same_words(name):
    f = getattr(zk, name)
    with pytest.raises(AxisError) as caught:
        f(zk.ones((2, 3)), axis=2)
    assert str(caught.value) == (
        f"{name}: there is no axis 2 in a tensor of 2 axes\n"
        "  axis must be from -2 to 1\n"
        "  Fix: name an axis the tensor has"
    )
    assert caught.value.axis == 2
    with pytest.raises(AxisError, match=f"{name}: there is no axis -1 in a tensor of 0 axes"):
        f(zk.ones(()), axis=-1)
    with pytest.raises(ArgumentError, match=f"{name}: axis must be an integer, received float"):
        f(zk.ones((2, 3)), axis=1.0)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_an_axis_named_twice_is_refused(name):
    with pytest.raises(AxisError, match=f"{name}: an axis is named twice"):
        getattr(zk, name)(zk.ones((2, 3)), axis=(0, -2))


def test_running_sums_need_an_axis_unless_there_is_one():
    for f in (zk.cumulative_sum, zk.cumulative_prod):
        with pytest.raises(ShapeError, match="needs to know which axis"):
            f(zk.ones((2, 3)))
    assert zk.cumsum is zk.cumulative_sum
    assert zk.cumprod is zk.cumulative_prod


# -- no elements ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("include_initial", [False, True])
def test_a_running_product_of_nothing_has_a_gradient(include_initial):
    x = zk.tensor(np.zeros((2, 0)), requires_grad=True)
    zk.sum(zk.cumulative_prod(x, axis=1, include_initial=include_initial)).backward()
    assert x.grad.shape == (2, 0)


@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin", "median", "ptp"])
def test_extremes_of_nothing_are_refused(name):
    f = getattr(zk, name)
    with pytest.raises(ShapeError) as caught:
        f(zk.zeros((3, 0)), axis=1)
    assert str(caught.value).startswith(f"{name} of no elements: axis 1 has length 0\n  x  (3, 0)\n  axis  1\n")
    with pytest.raises(ShapeError, match="of no elements"):
        f(zk.zeros((0,)))
    assert f(zk.zeros((3, 0)), axis=0).shape == (0,)


def test_sums_and_means_of_nothing():
    empty = zk.zeros((2, 0))
    assert zk.sum(empty, axis=1).tolist() == [0, 0]
    assert zk.prod(empty, axis=1).tolist() == [1, 1]
    assert zk.all(empty, axis=1).tolist() == [True, True]
    assert zk.any(empty, axis=1).tolist() == [False, False]
    assert zk.count_nonzero(empty).item() == 0
    for f in (zk.mean, zk.var, zk.std, zk.nanmean):
        np.testing.assert_array_equal(f(empty, axis=1).numpy(), [nan, nan])
    assert zk.mean(empty, axis=0).shape == (0,)
    for f in (zk.sum, zk.prod, zk.mean, zk.var, zk.std):
        assert gradient(lambda x, f=f: zk.sum(f(x, axis=-1)), np.zeros((2, 0))).shape == (2, 0)
    for f in (zk.cumulative_sum, zk.cumulative_prod, zk.diff, zk.logcumsumexp):
        assert gradient(lambda x, f=f: zk.sum(f(x, axis=-1)), np.zeros((2, 0))).shape == (2, 0)


def test_a_correction_that_leaves_no_degrees_of_freedom_gives_nan():
    for correction in (3, 4, 3.5):
        assert math.isnan(zk.var(zk.ones(3), correction=correction).item())
        assert math.isnan(zk.std(zk.ones(3), correction=correction).item())
    assert math.isnan(zk.var(zk.tensor([1.0]), correction=1).item())


# -- values and gradients at special places ---------------------------------------------------------------------------


def test_nan_wins_in_extremes():
    x = zk.tensor([1.0, nan, 3.0])
    for f in (zk.max, zk.min, zk.median, zk.ptp, zk.mean, zk.sum):
        assert math.isnan(f(x).item())
    assert zk.argmax(x).item() == zk.argmin(x).item() == 1


def test_ties_share_the_gradient_of_an_extreme_evenly():
    np.testing.assert_allclose(gradient(zk.max, [1.0, 3.0, 3.0, 2.0]), [0, 0.5, 0.5, 0])
    np.testing.assert_allclose(gradient(zk.min, [[1.0, 3.0], [1.0, 1.0]]), [[1 / 3, 0], [1 / 3, 1 / 3]])


def test_the_deviation_of_equal_numbers_has_gradient_zero():
    x = [[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]]
    g = gradient(lambda x: zk.sum(zk.std(x, axis=1)), x)
    np.testing.assert_array_equal(g[0], 0)
    assert np.all(g[1] != 0)


def test_products_with_zeros_have_right_gradients():
    np.testing.assert_array_equal(gradient(zk.prod, [2.0, 0.0, 3.0]), [0, 6, 0])
    np.testing.assert_array_equal(gradient(zk.prod, [0.0, 0.0, 3.0]), [0, 0, 0])


def test_logcumsumexp_is_stable():
    x = np.array([-1e4, 0.0, 1e4, -inf, 1e4])
    out = zk.logcumsumexp(zk.tensor(x)).numpy()
    np.testing.assert_allclose(out, [-1e4, 0, 1e4, 1e4, 1e4 + math.log(2)])
    np.testing.assert_allclose(gradient(lambda x: zk.logcumsumexp(x)[-1], x), [0, 0, 0.5, 0, 0.5])
    g = gradient(lambda x: zk.sum(zk.logcumsumexp(x)), [-inf, -inf, 0.0, 0.0])
    np.testing.assert_allclose(g, [0, 0, 1.5, 0.5])


def test_nans_are_left_out_and_get_no_gradient():
    x = [[1.0, nan, 3.0], [nan, nan, nan]]
    assert zk.nansum(zk.tensor(x), axis=1).tolist() == [4, 0]
    np.testing.assert_array_equal(zk.nanmean(zk.tensor(x), axis=1).numpy(), [2, nan])
    np.testing.assert_array_equal(gradient(zk.nansum, x), [[1, 0, 1], [0, 0, 0]])
    np.testing.assert_allclose(gradient(zk.nanmean, x), [[0.5, 0, 0.5], [0, 0, 0]])
    assert zk.nansum(zk.tensor([1, 2])).dtype == "int64"


def test_the_gradient_of_a_median_goes_to_the_middle():
    np.testing.assert_array_equal(gradient(zk.median, [5.0, 1.0, 3.0]), [0, 0, 1])
    np.testing.assert_array_equal(gradient(zk.median, [5.0, 1.0, 3.0, 2.0]), [0, 0, 0.5, 0.5])


def test_quantiles_between_infinities():
    assert zk.quantile(zk.tensor([inf, inf, inf]), 0.3).item() == inf
    assert zk.quantile(zk.tensor([-inf, 0.0, inf]), 0.5).item() == 0
    assert zk.quantile(zk.tensor([1.0, 2.0]), zk.tensor([0.0, 1.0])).tolist() == [1, 2]


def test_second_derivatives_of_a_product_with_zeros():
    x = zk.tensor([2.0, 0.0, 3.0], requires_grad=True)
    zk.prod(x).backward(create_graph=True)
    (g,) = (x.grad,)
    x.grad = None
    g[0].backward()
    assert x.grad.tolist() == [0, 3, 0]


# -- what has no gradient, and other refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["argmax", "argmin", "argsort", "count_nonzero", "any", "all"])
def test_what_has_no_gradient_says_so(name):
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    y = getattr(zk, name)(x)
    assert not y.requires_grad
    with pytest.raises(GradientError, match=name):
        y.backward(zk.ones_like(y))


def test_quantile_levels_are_fractions():
    with pytest.raises(InvalidValueError, match="quantile: q must be from 0 to 1, received 50"):
        zk.quantile(zk.ones(3), 50)


def test_differences():
    x = zk.tensor([1.0, 4.0, 9.0])
    assert zk.diff(x, n=0) is x
    assert zk.diff(x, n=3).shape == (0,)
    assert zk.diff(x, n=7).shape == (0,)
    assert zk.diff(x, prepend=zk.tensor([0.0])).tolist() == [1, 3, 5]
    np.testing.assert_array_equal(gradient(lambda x: zk.sum(zk.diff(x, n=7)) + zk.sum(x), [1.0, 2.0]), [1, 1])
    with pytest.raises(InvalidValueError, match="n must be at least 0"):
        zk.diff(x, n=-1)


def test_weights_have_to_fit():
    with pytest.raises(ShapeError, match="average: the weights do not fit"):
        zk.average(zk.ones((2, 3)), 0, zk.ones(3))
    weights = zk.tensor([[1.0, 2.0], [0.0, 1.0], [2.0, 2.0]])
    x = np.arange(12.0).reshape(2, 3, 2)
    expected = np.average(x, axis=(1, 0), weights=weights.numpy())
    got = zk.average(zk.tensor(x), (1, 0), weights)
    np.testing.assert_allclose(got.numpy(), expected)


def test_covariances():
    with pytest.raises(ShapeError, match="cov needs variables"):
        zk.cov(zk.ones((2, 3, 4)))
    assert zk.cov(zk.tensor([1.0, 2.0, 3.0]), correction=0).item() == pytest.approx(2 / 3)


def test_histograms_and_counts():
    assert zk.bincount(zk.zeros(0, dtype="int64")).shape == (0,)
    assert zk.bincount(zk.tensor([1, 1], dtype="uint8"), minlength=4).tolist() == [0, 2, 0, 0]
    with pytest.raises(InvalidValueError, match="from 0 on, received -2"):
        zk.bincount(zk.tensor([1, -2]))
    with pytest.raises(DTypeError, match="bincount counts integers"):
        zk.bincount(zk.ones(2))
    with pytest.raises(ShapeError, match="bincount takes a list"):
        zk.bincount(zk.tensor([1, 2]), weights=zk.ones(3))
    counts, edges = zk.histogram(zk.tensor([1.0, nan, 9.0, 2.0]), bins=2, range=(0, 4))
    assert counts.tolist() == [1, 1]
    assert edges.tolist() == [0, 2, 4]
    assert zk.histogram(zk.tensor([3.0, 3.0]), bins=1).counts.tolist() == [2]
    assert zk.histogram(zk.zeros(0), bins=2).counts.tolist() == [0, 0]
    with pytest.raises(InvalidValueError, match="ascending"):
        zk.histogram(zk.ones(3), bins=[2.0, 1.0])
    with pytest.raises(InvalidValueError, match="at least one"):
        zk.histogram(zk.ones(3), bins=0)
    with pytest.raises(InvalidValueError, match="range"):
        zk.histogram(zk.ones(3), range=(2, 1))


def test_methods_take_axes_by_position():
    x = zk.tensor([[1.0, 2.0], [3.0, 5.0]])
    assert x.sum(0).tolist() == [4, 7]
    assert x.mean(1, True).tolist() == [[1.5], [4]]
    assert x.std(0, 1).shape == (2,)
    assert x.max().item() == 5
    assert x.argmax(1).tolist() == [1, 1]
    assert x.cumsum(0).tolist() == [[1, 2], [4, 7]]
    assert x.cumprod(-1).tolist() == [[1, 2], [3, 15]]
    assert (x > 1).sum().item() == 3


def test_infinities_and_overflow_show_in_the_value_and_nowhere_else():
    mixed, huge = zk.tensor([inf, -inf, 1.0]), zk.full(10, 1e38)
    for f in (zk.sum, zk.mean, zk.var, zk.std, zk.nansum):
        assert math.isnan(f(mixed).item())
    for f in (zk.sum, zk.prod):
        assert f(huge).item() == inf
    assert zk.cumulative_sum(huge)[-1].item() == inf
    assert zk.cumulative_prod(huge)[-1].item() == inf
    assert math.isnan(zk.cumulative_sum(mixed)[-1].item())
    assert zk.diff(zk.tensor([inf, inf])).isnan().all()


@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_half_precision_is_averaged_in_single_precision(name, backend):
    if not backend.supports(np.dtype("float16")):
        pytest.skip(f"{backend.name} has no float16")
    x = zk.tensor(np.linspace(0, 3, 100_000), dtype="float16")
    got = getattr(zk, name)(x)
    assert got.dtype == "float16"
    assert got.item() == pytest.approx(getattr(np, name)(np.linspace(0, 3, 100_000)), rel=2e-3)


def test_reductions_without_nan_of_nothing_but_nan() -> None:
    x = zk.tensor([[float("nan")] * 3, [1.0, float("nan"), 1.0]], requires_grad=True)
    for f in (zk.nanmax, zk.nanmin, zk.nanmean, zk.nanvar, zk.nanmedian):
        out = f(x, axis=1)
        assert np.isnan(out[0].item())
        assert np.isfinite(out[1].item())
    zk.nanstd(x, axis=1)[1].backward()
    assert x.grad.tolist() == [[0.0] * 3] * 2
    assert zk.nanmax(zk.tensor([1, 2])).dtype == zk.int64
