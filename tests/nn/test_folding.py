"""Unfolding and folding: against the definition, as transposes of each other, their kernels, mistakes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError

F = zk.nn.functional
RNG = np.random.default_rng(2)

WINDOWS = [
    # kernel, dilation, padding, stride
    ((2, 3), 1, 0, 1),
    ((2, 2), (2, 1), (1, 2), (1, 2)),
    (3, 1, 1, 2),
]


def by_definition(x: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    kernel, dilation, padding, stride = (
        (v, v) if isinstance(v, int) else v for v in (kernel, dilation, padding, stride)
    )
    frame = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    rows = range(0, frame.shape[2] - dilation[0] * (kernel[0] - 1), stride[0])
    columns = range(0, frame.shape[3] - dilation[1] * (kernel[1] - 1), stride[1])
    found = [
        frame[
            :,
            :,
            r : r + dilation[0] * (kernel[0] - 1) + 1 : dilation[0],
            c : c + dilation[1] * (kernel[1] - 1) + 1 : dilation[1],
        ]
        for r in rows
        for c in columns
    ]
    return np.stack([w.reshape(len(x), -1) for w in found], axis=-1)


@pytest.mark.parametrize("window", WINDOWS)
def test_columns_are_the_windows_and_folding_is_the_transpose(window: Any, backend: Any) -> None:
    x = RNG.standard_normal((2, 3, 5, 6))
    t = zk.tensor(x, requires_grad=True)
    columns = F.unfold(t, *window)
    np.testing.assert_allclose(columns.numpy(), by_definition(x, *window), rtol=1e-14)
    y = RNG.standard_normal(columns.shape)
    folded = F.fold(zk.tensor(y), (5, 6), *window)
    assert folded.shape == x.shape
    np.testing.assert_allclose(np.sum(folded.numpy() * x), np.sum(columns.numpy() * y), rtol=1e-12)
    columns.backward(zk.tensor(y))
    np.testing.assert_allclose(t.grad.numpy(), folded.numpy(), rtol=1e-14)


@pytest.mark.parametrize("window", WINDOWS[:2])
def test_kernels_agree_with_the_generic_bodies(window: Any, backend: Any) -> None:
    x = RNG.standard_normal((2, 3, 5, 6))
    kernel, dilation, padding, stride = ((v, v) if isinstance(v, int) else v for v in window)
    plain = (kernel, stride, tuple((p, p) for p in padding), dilation)
    raw = backend.from_numpy(x)
    columns = backend.xp.nn.columns(raw, *plain)
    np.testing.assert_array_equal(
        backend.to_numpy(columns), backend.to_numpy(partial(BODIES["nn.columns"], backend.xp)(raw, *plain))
    )
    back = backend.xp.nn.add_columns(columns, (5, 6), *plain)
    expected = partial(BODIES["nn.add_columns"], backend.xp)(columns, (5, 6), *plain)
    np.testing.assert_allclose(backend.to_numpy(back), backend.to_numpy(expected), rtol=1e-14)


def test_a_single_example_and_integers(backend: Any) -> None:
    x = zk.reshape(zk.arange(12), (1, 3, 4))
    columns = F.unfold(x, 2)
    assert columns.shape == (4, 6)
    assert columns.dtype == x.dtype
    assert F.fold(columns, (3, 4), 2).tolist() == [[[0, 2, 4, 3], [8, 20, 24, 14], [8, 18, 20, 11]]]


def test_a_product_with_columns_is_a_convolution(backend: Any) -> None:
    x, w = zk.tensor(RNG.standard_normal((2, 3, 5, 6))), zk.tensor(RNG.standard_normal((4, 3, 2, 3)))
    y = zk.matmul(w.reshape((4, 18)), F.unfold(x, (2, 3), padding=1))
    np.testing.assert_allclose(y.numpy(), F.conv2d(x, w, padding=1).numpy().reshape(2, 4, -1), rtol=1e-12, atol=1e-12)


def test_an_empty_batch(backend: Any) -> None:
    assert F.unfold(zk.ones((0, 3, 4, 4)), 2).shape == (0, 12, 9)
    assert F.fold(zk.ones((0, 12, 9)), 4, 2).shape == (0, 3, 4, 4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.unfold(zk.ones((4, 4)), 2), ShapeError, "4 axes .*received 2"),
        (lambda: F.unfold(zk.ones((1, 1, 2, 4)), 3), ShapeError, "along the height: 3 against 2"),
        (lambda: F.unfold(zk.ones((1, 1, 4, 4)), (2, 2, 2)), ArgumentError, "kernel_size has 3 numbers for 2 axes"),
        (lambda: F.unfold(zk.ones((1, 1, 4, 4)), 2, stride=0), InvalidValueError, "stride is less than 1"),
        (lambda: F.unfold(zk.ones((1, 1, 4, 4)), 2, padding=-1), InvalidValueError, "padding is negative"),
        (lambda: F.fold(zk.ones(4), 3, 2), ShapeError, "3 axes .*received 1"),
        (lambda: F.fold(zk.ones((1, 6, 4)), 3, 2), ShapeError, "6 rows .* windows of 4 elements"),
        (lambda: F.fold(zk.ones((1, 4, 5)), 3, 2), ShapeError, "5 columns for 2 x 2 = 4 windows"),
        (lambda: F.fold(zk.ones((1, 4, 5)), 1, 2), ShapeError, "2 against 1"),
        (lambda: zk.nn.Unfold(0), InvalidValueError, "kernel_size is less than 1"),
    ],
)
def test_mistakes(call: Any, error: type[Exception], words: str, backend: Any) -> None:
    with pytest.raises(error, match=words):
        call()
