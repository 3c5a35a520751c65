"""Convolutions: kernels against the generic bodies, derivatives, memory orders, empty batches, mistakes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn.functional import sliding

F = zk.nn.functional
nn = zk.nn

CASES = {
    # name: batch, channels, results, sizes, kernel, stride, padding, dilation, groups
    "small batch": (2, 3, 4, (5, 6), (3, 2), (1, 1), ((1, 1), (0, 0)), (1, 1), 1),
    "small batch in groups": (3, 32, 64, (4, 4), (2, 2), (2, 1), ((0, 1), (1, 0)), (1, 2), 2),
    "one place": (2, 4, 5, (3, 4), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1),
    "large batch": (17, 12, 5, (5, 6), (3, 2), (1, 1), ((1, 1), (2, 0)), (1, 1), 1),
    "large batch, few channels": (16, 2, 5, (7, 6), (3, 3), (2, 1), ((1, 1), (0, 0)), (2, 1), 1),
    "large batch, strided": (16, 13, 6, (7, 9), (3, 2), (3, 2), ((0, 0), (1, 0)), (1, 1), 1),
    "large batch, dilated": (16, 40, 3, (6, 7), (2, 3), (1, 2), ((0, 0), (2, 2)), (1, 2), 1),
    "large batch in groups": (16, 32, 48, (4, 5), (2, 2), (1, 1), ((0, 0), (1, 1)), (1, 1), 2),
    "large batch, sequences": (18, 24, 3, (9,), (3,), (2,), ((1, 1),), (1,), 1),
    "large batch, volumes": (16, 9, 4, (3, 4, 3), (2, 1, 3), (1, 2, 1), ((0, 0), (0, 0), (1, 1)), (1, 1, 1), 1),
    "depthwise": (5, 6, 6, (6, 40), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 6),
    "depthwise, strided": (2, 4, 8, (7, 37), (3, 3), (2, 2), ((1, 1), (1, 1)), (1, 2), 4),
    "groups of few channels": (2, 12, 8, (5, 19), (2, 3), (1, 1), ((0, 0), (0, 2)), (2, 1), 4),
    "groups of few channels, volumes": (
        2,
        4,
        6,
        (3, 4, 5),
        (2, 2, 2),
        (1, 2, 1),
        ((0, 0), (1, 0), (0, 1)),
        (1, 1, 2),
        2,
    ),
    "cut": (2, 3, 3, (6, 7), (2, 2), (1, 1), ((-1, -2), (1, -1)), (1, 1), 1),
    "cut, large batch": (16, 25, 3, (6, 7), (2, 2), (1, 1), ((-1, -2), (1, -1)), (1, 1), 1),
    "cut, depthwise": (2, 3, 3, (6, 7), (2, 2), (1, 2), ((-1, -2), (1, -1)), (1, 1), 3),
    "more stride than kernel": (17, 30, 2, (7, 8), (1, 2), (3, 3), ((0, 0), (0, 0)), (1, 1), 1),
}
ON_JAX = ("small batch in groups", "cut", "depthwise, strided")  # each is compiled for itself

every_case = pytest.mark.parametrize("case", CASES)


def drawn(case: str, dtype: str = "float64") -> Any:
    n, channels, results, sizes, kernel, *rest, groups = CASES[case]
    rng = np.random.default_rng(len(case))
    lengths = sliding.counts(sizes, kernel, *rest)
    x = rng.standard_normal((n, channels, *sizes)).astype(dtype)
    w = rng.standard_normal((results, channels // groups, *kernel)).astype(dtype)
    y = rng.standard_normal((n, results, *lengths)).astype(dtype)
    return x, w, y, (*rest, groups)


def three_ways(run: Any, backend: Any, case: str, order: Any = None, dtype: str = "float64") -> list[Any]:
    """The convolution and its two gradients, with biases; `order` puts raw arrays into another memory order."""
    x, w, y, rest = drawn(case, dtype)
    a, k, c = (backend.from_numpy(v if order is None else order(v)) for v in (x, w, y))
    bias_y, bias_x = (backend.from_numpy(np.linspace(0, 1, v.shape[1]).astype(dtype)) for v in (y, x))
    found = [
        run("nn.conv")(a, k, bias_y, *rest),
        run("nn.conv_input")(c, k, bias_x, x.shape[2:], *rest),
        run("nn.conv_weight")(a, c, w.shape[2:], *rest),
        run("nn.channel_sum")(c),
    ]
    return [backend.to_numpy(v) for v in found]


def body(backend: Any) -> Any:
    return lambda name: partial(BODIES[name], backend.xp)


def kernel(backend: Any) -> Any:
    return lambda name: getattr(backend.xp.nn, name.removeprefix("nn."))


def agree(got: Any, expected: Any, rtol: float = 1e-11) -> None:
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * 10)


@every_case
def test_kernels_agree_with_the_generic_bodies(case: str, backend: Any) -> None:
    if backend.name == "jax" and case not in ON_JAX:
        pytest.skip("one case a kind is enough where each is compiled")
    with backend.quiet():
        agree(three_ways(kernel(backend), backend, case), three_ways(body(backend), backend, case))


def by_definition(x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """The sum written out, place by place of the kernel."""
    lengths = sliding.counts(x.shape[2:], w.shape[2:], stride, padding, dilation)
    frame = np.zeros((*x.shape[:2], *[n + abs(a) + abs(b) + 2 for n, (a, b) in zip(x.shape[2:], padding, strict=True)]))
    inside = tuple(slice(max(a, 0), max(a, 0) + n) for n, (a, _) in zip(x.shape[2:], padding, strict=True))
    frame[(slice(None), slice(None), *inside)] = x
    out = np.zeros((len(x), len(w), *lengths))
    share, results = w.shape[1], len(w) // groups
    for place in np.ndindex(*lengths):
        for k in np.ndindex(*w.shape[2:]):
            at = tuple(
                p * s + i * d + max(-a, 0)
                for p, s, i, d, (a, _) in zip(place, stride, k, dilation, padding, strict=True)
            )
            for o in range(len(w)):
                first = o // results * share
                part = frame[(slice(None), slice(first, first + share), *at)]
                out[(slice(None), o, *place)] += part @ w[(o, slice(None), *k)]
    return out


@pytest.mark.parametrize("case", ["small batch", "groups of few channels, volumes", "more stride than kernel"])
def test_the_generic_body_is_the_sum_of_the_definition(case: str, backend: Any) -> None:
    x, w, y, rest = drawn(case)
    raw = [backend.from_numpy(v) for v in (x, w, y)]
    got = backend.to_numpy(BODIES["nn.conv"](backend.xp, raw[0], raw[1], None, *rest))
    np.testing.assert_allclose(got, by_definition(x, w, *rest), rtol=1e-12, atol=1e-12)
    # the other two by the identity that defines them
    total = np.sum(got * y)
    x2 = backend.to_numpy(BODIES["nn.conv_input"](backend.xp, raw[2], raw[1], None, x.shape[2:], *rest))
    w2 = backend.to_numpy(BODIES["nn.conv_weight"](backend.xp, raw[0], raw[2], w.shape[2:], *rest))
    np.testing.assert_allclose([np.sum(x2 * x), np.sum(w2 * w)], total, rtol=1e-12)


def channels_last(a: Any) -> Any:
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 1, -1)), -1, 1)


def batch_last(a: Any) -> Any:
    return np.ascontiguousarray(a.T).T


@pytest.mark.parametrize("order", [channels_last, batch_last, lambda a: a[::-1].copy()[::-1]])
@pytest.mark.parametrize(
    "case", ["small batch", "large batch", "large batch in groups", "depthwise", "groups of few channels"]
)
def test_any_order_in_memory_gives_the_same(case: str, order: Any, backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("arrays have one order in memory there")
    agree(three_ways(kernel(backend), backend, case, order), three_ways(kernel(backend), backend, case))


@pytest.mark.parametrize("case", ["small batch", "large batch", "depthwise"])
def test_sixteen_bits_are_added_in_float32(case: str, backend: Any) -> None:
    if "float16" not in map(str, zk.__array_namespace_info__().dtypes().values()) and backend.name == "strict":
        pytest.skip("no float16 there")
    if backend.name == "jax" and case != "small batch":
        pytest.skip("one case a kind is enough where each is compiled")
    got = three_ways(kernel(backend), backend, case, dtype="float16")
    exact = three_ways(body(backend), backend, case)
    for a, b in zip(got, exact, strict=True):
        assert a.dtype == np.float16
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-2)


@every_case
def test_the_arithmetic_of_the_cupy_kernels_on_numpy(case: str, backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("NumPy stands in for CuPy")
    from zkynet_cupy.nn import convolution as cupy_kernels

    def run(name: str) -> Any:
        if name == "nn.channel_sum":
            return body(backend)(name)
        return partial(getattr(cupy_kernels, name.removeprefix("nn.")), np, backend.xp)

    agree(three_ways(run, backend, case), three_ways(body(backend), backend, case))


@pytest.mark.parametrize(("n", "groups"), [(1, 1), (16, 1), (2, 2)])
def test_second_derivatives(n: int, groups: int, backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("the layer table compares them with those on NumPy")
    rng = np.random.default_rng(3)
    x, w, b = (zk.tensor(rng.standard_normal(s)) for s in ((n, 2, 3, 3), (2, 2 // groups, 2, 2), (2,)))
    if n > 1:  # a few of many examples: the others are constants
        rest = zk.tensor(rng.standard_normal((n - 1, 2, 3, 3)))
        make = lambda x: zk.concat([x, rest])[:, :, :, :]  # noqa: E731
        x = x[:1].detach()
    else:
        make = lambda x: x  # noqa: E731
    assert zk.gradcheck(
        lambda x, w, b: zk.tanh(F.conv2d(make(x), w, b, padding=1, stride=2, groups=groups)), (x, w, b), order=2
    )
    assert zk.gradcheck(
        lambda x, w, b: zk.tanh(F.conv_transpose2d(make(x)[:, :, :2], w, b, 2, 1, 1, groups)),
        (x, w, zk.zeros(2 // groups * groups, dtype="float64") if groups == 1 else b),
        order=2,
    )


@pytest.mark.parametrize("groups", [1, 4])
def test_an_empty_batch_gives_empty_results_and_no_gradient(groups: int, backend: Any) -> None:
    x = zk.zeros((0, 4, 5, 5), requires_grad=True)
    w = zk.ones((8, 4 // groups, 3, 3), requires_grad=True)
    b = zk.ones(8, requires_grad=True)
    y = F.conv2d(x, w, b, stride=2, groups=groups)
    assert y.shape == (0, 8, 2, 2)
    z = F.conv_transpose2d(y, w, None, stride=2, groups=groups)
    assert z.shape == (0, 4, 5, 5)
    z.sum().backward()
    y2 = F.conv2d(x, w, b, stride=2, groups=groups)
    y2.sum().backward()
    assert x.grad.shape == x.shape
    assert not np.any(w.grad.numpy())
    assert not np.any(b.grad.numpy())


def test_a_single_example_is_the_first_of_a_batch_of_one(backend: Any) -> None:
    rng = np.random.default_rng(0)
    x, w, b = (zk.tensor(rng.standard_normal(s)) for s in ((2, 5, 6), (3, 2, 2, 2), (3,)))
    agree([F.conv2d(x, w, b).numpy()], [F.conv2d(x[None], w, b)[0].numpy()])
    v = zk.tensor(rng.standard_normal((2, 3, 2, 2)))
    agree([F.conv_transpose2d(x, v, b).numpy()], [F.conv_transpose2d(x[None], v, b)[0].numpy()])


def test_lists_and_arrays_are_taken_like_tensors(backend: Any) -> None:
    y = F.conv1d([[[1.0, 2.0, 4.0]]], np.array([[[1.0, -1.0]]], "float32"))
    assert y.tolist() == [[[-1.0, -2.0]]]


def test_same_padding_keeps_the_size_and_puts_the_odd_zero_behind(backend: Any) -> None:
    y = F.conv1d(zk.tensor([[[1.0, 2.0, 3.0]]]), zk.tensor([[[10.0, 1.0]]]), padding="same")
    assert y.tolist() == [[[12.0, 23.0, 30.0]]]


def test_channels_are_inferred_and_groups_with_them(backend: Any) -> None:
    layer = nn.Conv2d(None, 4, 3, groups=2)
    assert layer(zk.ones((1, 6, 5, 5))).shape == (1, 4, 3, 3)
    assert layer.weight.shape == (4, 3, 3, 3)
    assert layer.in_channels == 6
    fresh = nn.Conv2d(None, 4, 3, groups=2)
    fresh.load_state_dict(layer.state_dict())
    assert fresh.in_channels == 6
    up = nn.ConvTranspose2d(None, 4, 3, groups=2)
    assert up(zk.ones((6, 5, 5))).shape == (4, 7, 7)
    with pytest.raises(InvalidValueError, match="in_channels 5 cannot be split into 2 groups"):
        nn.Conv2d(None, 4, 3, groups=2)(zk.ones((1, 5, 5, 5)))


def test_initial_values_are_within_their_bound_and_fill_it(backend: Any) -> None:
    zk.random.seed(0)
    for layer, fan in ((nn.Conv2d(8, 16, 3, groups=2), 36), (nn.ConvTranspose2d(8, 16, 3), 144)):
        w = layer.weight.numpy() * fan**0.5
        assert 0.99 < np.max(np.abs(w)) <= 1.0 + 1e-6
        assert abs(np.mean(w)) < 0.1
        assert abs(np.var(w) - 1 / 3) < 0.05
        assert np.max(np.abs(layer.bias.numpy())) <= fan**-0.5


X = zk.ones
W = (4, 3, 3, 3)

MISTAKES: list[Any] = [
    (lambda: F.conv2d(X((5, 5)), X(W)), ShapeError, r"4 axes \(batch, channels, height, width\).*received 2"),
    (lambda: F.conv2d(X((1, 3, 5, 5)), X((4, 3, 3))), ShapeError, "weight of 4 axes .*received 3"),
    (lambda: F.conv2d(X((1, 5, 7, 7)), X(W)), ShapeError, "the input has 5 channels, the weight is made for 3"),
    (lambda: F.conv2d(X((1, 5, 7, 7)), X(W), groups=2), ShapeError, "5 input channels cannot be split into 2 groups"),
    (lambda: F.conv2d(X((1, 6, 7, 7)), X((3, 3, 3, 3)), groups=2), ShapeError, "3 output channels .* 2 groups"),
    (lambda: F.conv2d(X((1, 8, 7, 7)), X(W), groups=2), ShapeError, r"made for 6 \(3 in each of 2 groups\)"),
    (lambda: F.conv2d(X((1, 3, 2, 7)), X(W)), ShapeError, "larger than the input along the height: 3 against 2"),
    (lambda: F.conv2d(X((1, 3, 7, 4)), X(W), dilation=2), ShapeError, r"width: 5 \(3 places, 2 apart\) against 4"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), padding=-1), InvalidValueError, "padding is negative: -1"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), stride=0), InvalidValueError, "stride is less than 1: 0"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), stride=(1, 1, 1)), ArgumentError, "stride has 3 numbers for 2 axes"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), stride=1.5), ArgumentError, "stride is a whole number"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), groups=0), InvalidValueError, "groups is less than 1: 0"),
    (
        lambda: F.conv2d(X((1, 3, 7, 7)), X(W), stride=2, padding="same"),
        InvalidValueError,
        r"stride of 1, received \(2, 2\)",
    ),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), padding="full"), InvalidValueError, "received 'full'"),
    (lambda: F.conv2d(X((1, 3, 7, 7), dtype="int64"), X(W)), DTypeError, "the input is int64"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W, dtype="int32")), DTypeError, "the weight is int32"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W, dtype="float64")), DTypeError, "input is float32, the weight is float64"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X(W), X(3)), ShapeError, r"bias has shape \(3,\), .* 4 output channels"),
    (lambda: F.conv2d(X((1, 3, 7, 7)), X((4, 3, 0, 3))), ShapeError, "kernel without elements"),
    (lambda: F.conv2d("image", X(W)), TypeError, "received str: 'image'"),
    (lambda: F.conv_transpose2d(X((1, 3, 7, 7)), X(W)), ShapeError, "has 3 channels, the weight is made for 4"),
    (
        lambda: F.conv_transpose2d(X((1, 4, 7, 7)), X(W), output_padding=1),
        InvalidValueError,
        "received 1 for the height",
    ),
    (lambda: F.conv_transpose2d(X((1, 4, 1, 7)), X(W), padding=2), ShapeError, "height of the result would be -1"),
    (lambda: F.conv_transpose2d(X((1, 4, 7, 7)), X(W), padding="same"), ArgumentError, "padding is a whole number"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), InvalidValueError, "in_channels 3 cannot be split into 2 groups"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), InvalidValueError, "out_channels 3 cannot be split into 2 groups"),
    (lambda: nn.Conv2d(3, 4, 0), InvalidValueError, "kernel_size is less than 1: 0"),
    (lambda: nn.Conv2d(0, 4, 3), InvalidValueError, "in_channels is at least 1, received 0"),
    (lambda: nn.Conv2d(3, 4, 3, padding=(1, -1)), InvalidValueError, r"padding is negative: \(1, -1\)"),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), InvalidValueError, "received 'mirror'"),
    (lambda: nn.Conv2d(3, 4, 3, stride=2, padding="same"), InvalidValueError, "needs a stride of 1"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="circular"), InvalidValueError, "received 'circular'"),
    (
        lambda: nn.ConvTranspose1d(3, 4, 3, stride=2)(X((1, 3, 4)), output_size=(11,)),
        ShapeError,
        r"no input of this size makes a result of \(11,\)",
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), MISTAKES)
def test_mistakes(call: Any, error: type[Exception], words: str, backend: Any) -> None:
    with pytest.raises(error, match=words) as caught:
        call()
    assert "Fix: " in str(caught.value) or isinstance(caught.value, ArgumentError)


def test_a_mistake_names_the_layer_and_leaves_it_as_it_was(backend: Any) -> None:
    model = (
        nn.Sequential(nn.Conv2d(None, 4, 3, groups=2), nn.ReLU())
        if hasattr(nn, "ReLU")
        else nn.Sequential(nn.Conv2d(None, 4, 3, groups=2))
    )
    with pytest.raises(InvalidValueError, match="cannot be split"):
        model(zk.ones((1, 5, 5, 5)))
    assert model[0].in_channels is None
