"""Every row of the layer table beside PyTorch itself: results, gradients, buffers, and the names of the state."""

from __future__ import annotations

from typing import Any

import pytest
from layers import LayerRow, all_layer_rows, assert_alike, our_answers, torch_answers

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),  # what PyTorch says of its own fast path
]

ROWS = [row for row in all_layer_rows() if row.torch is not None]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_layers_answer_as_those_of_pytorch(row: LayerRow, backend: Any) -> None:
    if backend.name in row.skip:
        pytest.skip(row.skip[backend.name])
    for training in row.training:
        assert_alike(our_answers(row, zk, training), torch_answers(row, torch, training), row.rtol)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_state_has_the_names_and_shapes_of_pytorch(row: LayerRow, backend: Any) -> None:
    ours = {name: t.shape for name, t in row.make(zk).state_dict().items()}
    theirs = {name: tuple(t.shape) for name, t in row.make_torch(torch).state_dict().items()}
    assert list(ours.items()) == list(theirs.items())
