"""Every layer in a compiled step: forward, backward and buffers as in PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
from layers import LayerRow, all_layer_rows, assert_alike, our_answers

import zkynet as zk

pytestmark = pytest.mark.only("jax")
ROWS = all_layer_rows()


@pytest.mark.parametrize(
    ("row", "training"),
    [pytest.param(r, t, id=f"{r.name}-{'train' if t else 'eval'}") for r in ROWS for t in r.training],
)
def test_a_compiled_step_has_the_values_gradients_and_buffers_of_an_eager_one(
    row: LayerRow, training: bool, backend: Any
) -> None:
    if backend.name in row.skip:
        pytest.skip(row.skip[backend.name])
    eager = our_answers(row, zk, training)
    assert_alike(our_answers(row, zk, training, compiled=zk.jit), eager, max(row.rtol, 1e-9))
