"""Mistakes in what is passed to linear, bilinear and embedding layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, ShapeError

pytestmark = pytest.mark.once
nn = zk.nn
X = np.ones((5, 4), "float32")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.Linear(0, 3), ValueError, "in_features is at least 1"),
        (lambda: nn.Linear(2.5, 3), TypeError, "in_features is a whole number"),
        (lambda: nn.Linear(4, 3)(zk.ones((2, 4), dtype="int64")), DTypeError, "computes with floats"),
        (
            lambda: nn.Linear(4, 3)(zk.ones((2, 4), dtype="float64")),
            DTypeError,
            "input is float64 and weight is float32",
        ),
        (lambda: nn.Linear(4, 3)(zk.ones(())), ShapeError, "single number"),
        (lambda: nn.Linear(4, 3)(X), ArgumentError, "input is a tensor"),
        (lambda: nn.Linear(12, 3)(zk.ones((2, 3, 4))), ShapeError, "flatten the input first"),
        (lambda: nn.Bilinear(2, 3, 4)(zk.ones((5, 3)), zk.ones((5, 2))), ShapeError, "last axes of the inputs"),
        (lambda: nn.Bilinear(2, 3, 4)(zk.ones((5, 2)), zk.ones((4, 3))), ShapeError, "leading axes"),
        (lambda: nn.Embedding(5, 2)(zk.tensor([0, 5])), IndexError, r"index 5 at \(1,\) is no row of a table of 5"),
        (lambda: nn.Embedding(5, 2)(zk.tensor([0.0])), DTypeError, "by integers"),
        (lambda: nn.Embedding(5, 2, padding_idx=5), ValueError, "there is no row 5 of 5"),
        (lambda: nn.Flatten(2, 1)(zk.ones((2, 3, 4))), ShapeError, "comes after"),
        (lambda: nn.Unflatten(1, (5, -1))(zk.ones((2, 12))), ShapeError, "cannot become"),
        (lambda: nn.Flatten(0, 5)(zk.ones((2, 3))), IndexError, "no axis 5"),
    ],
)
def test_mistakes(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_embedding_rows_beyond_a_norm_are_scaled() -> None:
    table = zk.tensor([[3.0, 4.0], [0.3, 0.4]])
    out = nn.functional.embedding(zk.tensor([0, 1]), table, max_norm=1.0)
    np.testing.assert_allclose(out.numpy(), [[0.6, 0.8], [0.3, 0.4]], rtol=1e-5)
