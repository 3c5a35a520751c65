"""Pooling as functions: values against loops over windows, gradients against finite differences, what is refused."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from wording import error_of

import zkynet as zk
import zkynet.nn.functional as F
from zkynet import errors
from zkynet.backend.namespace import BODIES
from zkynet.nn.functional.windows import sliding

RNG = np.random.default_rng(0)

CASES: list[tuple[tuple[int, ...], tuple[Any, ...]]] = [
    # shape of the input, (kernel, stride, padding, dilation, ceil_mode)
    ((2, 3, 9), (3, 2, 1, 1, False)),
    ((3, 8), (2, None, 0, 2, False)),
    ((2, 2, 6, 6), (2, None, 0, 1, False)),
    ((2, 2, 7, 5), (3, 2, 1, 1, True)),
    ((2, 7, 8), ((3, 2), (1, 3), (1, 0), (2, 1), True)),
    ((1, 2, 5, 4, 5), ((2, 1, 3), 2, (1, 0, 1), 1, True)),
]


def dimensions(shape: tuple[int, ...], case: tuple[Any, ...]) -> int:
    """How many axes are pooled over in one of the cases."""
    return {(2, 3, 9): 1, (3, 8): 1, (2, 7, 8): 2, (1, 2, 5, 4, 5): 3}.get(shape, 2)


def window_of(x: Any, n: int, case: tuple[Any, ...]) -> Any:
    kernel, stride, padding, dilation, ceil_mode = case
    return sliding("test", x, n, kernel, stride, padding, dilation, ceil_mode)


def elements(x: Any, n: int, window: Any) -> Any:
    """By loops: for each window its elements in order, as pairs of a place and a value, and how many have room."""
    lead = x.shape[:-n]
    for at in product(*[range(m) for m in (*lead, *window.out)]):
        spots = []
        for offset in product(*[range(k) for k in window.size]):
            place = tuple(
                o * s - p + k * d
                for o, s, p, k, d in zip(at[-n:], window.stride, window.padding, offset, window.dilation, strict=True)
            )
            if all(0 <= i < m for i, m in zip(place, x.shape[-n:], strict=True)):
                spots.append((int(np.ravel_multi_index(place, x.shape[-n:])), x[at[:-n]][place]))
        yield at, spots


def dims(case: Any) -> str:
    return f"{case[0]}-{case[1]}"


@pytest.mark.parametrize("case", CASES, ids=dims)
def test_maxima_and_places_are_those_of_loops(case: Any) -> None:
    shape, arguments = case
    n = dimensions(*case)
    x = np.round(RNG.standard_normal(shape) * 2)  # with ties
    window = window_of(zk.tensor(x), n, arguments)
    y, places = getattr(F, f"max_pool{n}d")(zk.tensor(x), *arguments, return_indices=True)
    assert places.dtype == "int64"
    y, places = y.numpy(), places.numpy()
    for at, spots in elements(x, n, window):
        best = max(v for _, v in spots)
        assert y[at] == best
        assert places[at] == next(p for p, v in spots if v == best)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("case", [c for c in CASES if c[1][3] == 1], ids=dims)
def test_means_are_those_of_loops(case: Any, include: bool) -> None:
    shape, (kernel, stride, padding, _, ceil_mode) = case
    n = dimensions(*case)
    x = RNG.standard_normal(shape)
    window = window_of(zk.tensor(x), n, case[1])
    y = getattr(F, f"avg_pool{n}d")(zk.tensor(x), kernel, stride, padding, ceil_mode, include).numpy()
    for at, spots in elements(x, n, window):
        room = 1
        for o, s, p, k, m in zip(at[-n:], window.stride, window.padding, window.size, shape[-n:], strict=True):
            room *= min(o * s - p + k, m + p) - (o * s - p)
        expected = sum(v for _, v in spots) / (room if include else len(spots))
        np.testing.assert_allclose(y[at], expected, rtol=1e-12)


FUNCTIONS = {
    "max 1d": (lambda x: F.max_pool1d(x, 3, 2, 1), (2, 2, 7)),
    "max 2d": (lambda x: F.max_pool2d(x, 2), (1, 2, 4, 4)),
    "max 2d overlapping": (lambda x: F.max_pool2d(x, (3, 2), (2, 1), 1, 1, True), (2, 5, 4)),
    "max 2d dilated": (lambda x: F.max_pool2d(x, 2, 1, 1, 2), (1, 5, 4)),
    "max 3d": (lambda x: F.max_pool3d(x, 2), (1, 2, 2, 4)),
    "mean 1d": (lambda x: F.avg_pool1d(x, 3, 2, 1), (2, 2, 7)),
    "mean 2d": (lambda x: F.avg_pool2d(x, (3, 2), 2, 1, True, False), (1, 2, 4, 5)),
    "mean 2d divided by 3": (lambda x: F.avg_pool2d(x, 2, divisor_override=3), (1, 4, 5)),
    "mean 3d": (lambda x: F.avg_pool3d(x, 2), (1, 2, 2, 4)),
    "norm 2d": (lambda x: F.lp_pool2d(x, 2, 2, 1), (1, 2, 3, 3)),
    "adaptive mean": (lambda x: F.adaptive_avg_pool2d(x, (2, 3)), (1, 5, 4)),
    "adaptive maximum": (lambda x: F.adaptive_max_pool2d(x, (2, 3)), (1, 5, 4)),
    "maximum of all": (lambda x: F.adaptive_max_pool2d(x, 1), (2, 3, 4)),
}


def distinct(shape: tuple[int, ...]) -> Any:
    """Numbers far enough apart for finite differences, none of them near zero."""
    return 0.5 + 0.1 * RNG.permutation(int(np.prod(shape))).reshape(shape)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_first_and_second_derivatives(name: str, backend: Any) -> None:
    function, shape = FUNCTIONS[name]
    order = 1 if backend.name == "jax" and "2d" not in name else 2  # it compiles for a second each
    assert zk.gradcheck(lambda x: function(x) ** 2, zk.tensor(distinct(shape)), order=order)


def test_the_way_back_from_maxima_is_differentiable_twice() -> None:
    places = zk.tensor([[3, 0, 4]])
    assert zk.gradcheck(
        lambda x: F.max_unpool1d(x, places, 2) ** 2, zk.tensor([[1.0, 2.0, 3.0]], dtype="float64"), order=2
    )


@pytest.mark.parametrize(
    ("case", "values"),
    [
        *zip(CASES, ["ties", "nan", "infinite"] * 2, strict=True),
        (CASES[3], "plain"),
        (CASES[3], "nan"),
        (CASES[4], "ties"),
    ],
    ids=lambda v: v if isinstance(v, str) else dims(v),
)
def test_kernels_agree_with_the_bodies(case: Any, values: str, backend: Any) -> None:
    shape, arguments = case
    n = dimensions(*case)
    x = RNG.standard_normal(shape)
    if values == "ties":
        x = np.round(x)
    if values != "plain":
        x[RNG.random(shape) < 0.3] = {"ties": 0.0, "nan": np.nan, "infinite": -np.inf}[values]
    window = window_of(zk.tensor(x), n, arguments)
    y = same("max_pool", backend, (x,), window)
    g = RNG.standard_normal(y.shape)
    same("max_pool_back", backend, (g, x, y), window)
    for divisor in (4, tuple(tuple(range(1, m + 1)) for m in window.out)):
        same("avg_pool", backend, (x,), window, divisor)
        same("avg_pool_back", backend, (g,), window, divisor)


def same(name: str, backend: Any, arrays: Any, *plain: Any) -> Any:
    """What the generic body gives on NumPy, once the backend's own way agrees with it."""
    with zk.use_backend("numpy") as numpy, numpy.quiet():
        expected = BODIES[f"nn.{name}"](numpy.xp, *arrays, *plain)
    with backend.quiet():
        got = getattr(backend.xp.nn, name)(*map(backend.from_numpy, arrays), *plain)
    np.testing.assert_allclose(backend.to_numpy(got), expected, rtol=1e-13, atol=1e-14)
    return expected


def slope(f: Any, x: Any) -> Any:
    return zk.grad(lambda x: zk.sum(f(x)))(x).numpy()


def test_nan_is_the_maximum_and_takes_the_gradient() -> None:
    x = zk.tensor([[1.0, float("nan"), 3.0, 2.0]])
    y, places = F.max_pool1d(x, 2, return_indices=True)
    np.testing.assert_array_equal(y.numpy(), [[np.nan, 3.0]])
    np.testing.assert_array_equal(places.numpy(), [[1, 2]])
    np.testing.assert_array_equal(slope(lambda x: F.max_pool1d(x, 2), x), [[0, 1, 1, 0]])


def test_of_equal_elements_the_first_takes_the_gradient() -> None:
    np.testing.assert_array_equal(
        slope(lambda x: F.max_pool2d(x, 2), zk.tensor([[[0.0, 5.0], [5.0, 5.0]]])), [[[0, 1], [0, 0]]]
    )


def test_padding_is_never_the_maximum() -> None:
    low = zk.full((1, 3, 3), float("-inf"))
    y, places = F.max_pool2d(low, 3, 2, 1, return_indices=True)
    np.testing.assert_array_equal(y.numpy(), np.full((1, 2, 2), -np.inf))
    np.testing.assert_array_equal(places.numpy(), [[[0, 1], [3, 4]]])
    np.testing.assert_array_equal(slope(lambda x: F.max_pool2d(x, 3, 2, 1), low), [[[1, 1, 0], [1, 1, 0], [0, 0, 0]]])
    numbers = zk.full((1, 2, 2), -(2**31), dtype="int32")
    np.testing.assert_array_equal(F.max_pool2d(numbers, 2, 1, 1).numpy(), np.full((1, 3, 3), -(2**31)))


def test_an_infinite_cotangent_stays_at_its_element() -> None:
    x = zk.tensor([[1.0, 2.0, 4.0, 3.0]], requires_grad=True)
    F.max_pool1d(x, 2).backward(zk.tensor([[float("inf"), 1.0]]))
    np.testing.assert_array_equal(x.grad.numpy(), [[0, np.inf, 1, 0]])


def test_an_infinity_does_not_spread_to_windows_it_is_not_in() -> None:
    x = zk.tensor([[float("inf"), 1.0, 2.0, 3.0, 4.0]])
    np.testing.assert_allclose(F.adaptive_avg_pool1d(x, 3).numpy(), [[np.inf, 2.0, 3.5]])


def test_the_gradient_of_a_norm_of_zeros_is_zero() -> None:
    np.testing.assert_array_equal(slope(lambda x: F.lp_pool1d(x, 2, 2), zk.zeros((1, 4))), np.zeros((1, 4)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_keep_their_dtype(dtype: str, backend: Any) -> None:
    if not backend.supports(np.dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    x = zk.ones((1, 2, 6, 6), dtype=dtype, requires_grad=True)
    for f in (
        partial(F.max_pool2d, kernel_size=3),
        partial(F.avg_pool2d, kernel_size=3),
        partial(F.adaptive_avg_pool2d, output_size=4),
    ):
        y = f(x)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.numpy(), np.ones(y.shape))
        assert zk.grad(lambda x, f=f: zk.sum(f(x)))(x).dtype == dtype


def test_sums_of_16_bits_are_made_in_32(backend: Any) -> None:
    if not backend.supports(np.dtype("float16")):
        pytest.skip(f"{backend.name} has no float16")
    x = zk.full((1, 64, 64), 100.0, dtype="float16")  # the sum overflows
    np.testing.assert_array_equal(F.avg_pool2d(x, 64).numpy(), [[[100.0]]])


def test_integers_are_averaged_as_floats_and_their_maximum_stays_whole() -> None:
    x = zk.tensor([[1, 2, 5, 7]])
    assert F.avg_pool1d(x, 2).tolist() == [[1.5, 6.0]]
    assert F.adaptive_avg_pool1d(x, 3).dtype == "float32"
    assert F.max_pool1d(x, 2).dtype == x.dtype


@pytest.mark.parametrize(
    "f",
    [
        partial(F.max_pool2d, kernel_size=2),
        partial(F.avg_pool2d, kernel_size=3, stride=2, padding=1),
        partial(F.adaptive_avg_pool2d, output_size=3),
        partial(F.adaptive_max_pool2d, output_size=3),
        partial(F.lp_pool2d, norm_type=2, kernel_size=2),
    ],
)
def test_an_empty_batch_gives_an_empty_batch(f: Any) -> None:
    x = zk.zeros((0, 3, 4, 4), requires_grad=True)
    y = f(x)
    assert y.shape[:2] == (0, 3)
    zk.sum(y).backward()
    assert x.grad.shape == x.shape


def test_maxima_go_back_where_they_were() -> None:
    x = RNG.standard_normal((2, 3, 6, 7))
    y, places = F.max_pool2d(zk.tensor(x), 2, 3, return_indices=True)
    back = F.max_unpool2d(y, places, 2, 3, output_size=(2, 3, 6, 7)).numpy()
    kept = back != 0
    assert kept.sum() == y.size
    np.testing.assert_array_equal(back[kept], x[kept])


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "rank": (
        lambda x: F.max_pool2d(x[0, 0], 2),
        errors.ShapeError,
        "max_pool2d: the input has 2 axes, it has to have 3 or 4",
    ),
    "larger than the input": (
        lambda x: F.max_pool2d(x, 5),
        errors.ShapeError,
        "max_pool2d: the kernel is larger than the input with its padding",
    ),
    "dilated beyond the input": (
        lambda x: F.max_pool2d(x, 3, dilation=2),
        errors.ShapeError,
        "max_pool2d: the kernel is larger than the input with its padding",
    ),
    "padding": (
        lambda x: F.avg_pool2d(x, 3, padding=2),
        errors.InvalidValueError,
        "avg_pool2d: padding is more than half of the kernel",
    ),
    "stride": (
        lambda x: F.max_pool2d(x, 2, 0),
        errors.InvalidValueError,
        "max_pool2d: stride is at least 1, received 0",
    ),
    "negative padding": (
        lambda x: F.max_pool2d(x, 2, padding=-1),
        errors.InvalidValueError,
        "max_pool2d: padding is at least 0, received -1",
    ),
    "numbers": (
        lambda x: F.max_pool2d(x, (2, 2, 2)),
        errors.InvalidValueError,
        "max_pool2d: kernel_size has 3 numbers for 2 axes",
    ),
    "fraction": (lambda x: F.max_pool2d(x, 2.5), errors.ArgumentError, "max_pool2d: kernel_size is a whole number"),
    "divisor": (
        lambda x: F.avg_pool2d(x, 2, divisor_override=0),
        errors.InvalidValueError,
        "avg_pool2d: divisor_override is not 0",
    ),
    "size 0": (
        lambda x: F.adaptive_avg_pool2d(x, 0),
        errors.InvalidValueError,
        "adaptive_avg_pool2d: output_size is at least 1, received 0",
    ),
    "empty axis": (
        lambda x: F.adaptive_max_pool2d(x[:, :, :0], 1),
        errors.ShapeError,
        "adaptive_max_pool2d: an axis to pool over is empty",
    ),
    "power": (lambda x: F.lp_pool2d(x, 0, 2), errors.InvalidValueError, "lp_pool2d: norm_type is not 0"),
    "indices' shape": (
        lambda x: F.max_unpool2d(x, zk.zeros((2, 2), dtype="int64"), 2),
        errors.ShapeError,
        "max_unpool2d: the input and its indices differ in shape",
    ),
    "indices' dtype": (
        lambda x: F.max_unpool2d(x, x, 2),
        errors.DTypeError,
        "max_unpool2d: indices are integers, received float32",
    ),
    "index": (
        lambda x: F.max_unpool2d(x, zk.full(x.shape, 64, dtype="int64"), 2),
        errors.IndexOutOfRangeError,
        "max_unpool2d: the index 64 lies outside the result",
    ),
    "output size": (
        lambda x: F.max_unpool2d(x, zk.zeros(x.shape, dtype="int64"), 2, output_size=(12, 8)),
        errors.ShapeError,
        "max_unpool2d: max pooling does not make this input out of output_size",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_pooled_is_refused(case: str) -> None:
    call, kind, headline = WRONG[case]
    assert error_of(lambda: call(zk.ones((1, 2, 4, 4))), kind).startswith(headline)


def test_lists_are_taken_for_tuples() -> None:
    x = zk.ones((1, 2, 4, 4))
    assert F.max_pool2d(x, [2, 1], stride=np.array([1, 2])).shape == F.max_pool2d(x, (2, 1), stride=(1, 2)).shape
