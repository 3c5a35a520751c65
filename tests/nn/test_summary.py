"""`nn.summary`: counts checked against formulas written by hand, and a model that is left as it was."""

from __future__ import annotations

import pytest

import zkynet as zk
from zkynet.errors import ArgumentError

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("layer", "shape", "products"),
    [
        (zk.nn.Linear(7, 5), (3, 4, 7), 3 * 4 * 7 * 5),
        (zk.nn.Conv1d(4, 6, 3, stride=2, groups=2), (2, 4, 11), 2 * 6 * 5 * 2 * 3),
        (zk.nn.Conv2d(3, 8, (3, 5), padding=1), (2, 3, 9, 9), 2 * 8 * 9 * 7 * 3 * 15),
        (zk.nn.ConvTranspose2d(3, 8, 3), (2, 3, 4, 4), 2 * 3 * 16 * 8 * 9),
        (zk.nn.RNN(4, 6), (5, 2, 4), 5 * 2 * 6 * (4 + 6)),
        (zk.nn.GRU(4, 6, bidirectional=True), (5, 2, 4), 2 * 5 * 2 * 18 * (4 + 6)),
        (zk.nn.LSTM(4, 6, num_layers=2), (5, 2, 4), 5 * 2 * 24 * (4 + 6 + 6 + 6)),
        (zk.nn.LSTM(4, 6, proj_size=3), (5, 2, 4), 5 * 2 * (24 * (4 + 3) + 3 * 6)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, zk.nn.Module) else None,
)
def test_multiply_adds_of_a_layer(layer: zk.nn.Module, shape: tuple[int, ...], products: int) -> None:
    found = zk.nn.summary(layer, zk.zeros(shape))
    assert found.multiply_adds == products
    assert found.parameters == sum(p.size for p in layer.parameters())


def test_attention_counts_projections_scores_and_sums() -> None:
    n, steps, width = 2, 5, 8
    x = zk.ones((n, steps, width))
    found = zk.nn.summary(zk.nn.MultiheadAttention(width, 2, batch_first=True), x, x, x)
    assert found.multiply_adds == n * (4 * steps * width * width + 2 * steps * steps * width)


class Tied(zk.nn.Module):
    def __init__(self) -> None:
        self.first = zk.nn.Linear(3, 3)
        self.blocks = [zk.nn.Sequential(zk.nn.Linear(3, 3), zk.nn.BatchNorm1d(3)) for _ in range(2)]
        self.unused = zk.nn.Dropout()
        self.last = zk.nn.Linear(3, 3)
        self.last.weight = self.first.weight
        self.first.bias.requires_grad_(False)

    def forward(self, x: zk.Tensor) -> dict[str, zk.Tensor]:
        x = self.first(self.first(x))
        for block in self.blocks:
            x = block(x)
        return {"out": self.last(x), "before": x}


def test_shared_frozen_uncalled_and_repeated_parts_are_told_apart() -> None:
    found = zk.nn.summary(Tied(), zk.ones((4, 3)))
    rows = {row.name: row for row in found.rows}
    assert list(rows) == ["", "first", "blocks.0", "0", "1", "blocks.1", "unused", "last"]
    assert [row.depth for row in found.rows] == [0, 1, 1, 2, 2, 1, 2, 2, 1, 1]
    assert rows[""].shapes == [(4, 3), (4, 3)]
    assert (rows["first"].calls, rows["first"].parameters, rows["first"].multiply_adds) == (2, 12, 72)
    assert rows["last"].parameters == 3, "the weight is that of the first layer"
    assert (rows["unused"].calls, rows["unused"].shapes) == (0, [])
    assert "not called" in str(found)
    assert "2 times" in str(found)
    assert found.parameters == 12 + 2 * (12 + 6) + 3
    assert found.parameters - found.trainable == 3
    assert found.buffers == 2 * (3 + 3 + 1)


def test_deeper_rows_are_counted_for_the_one_above() -> None:
    model = Tied()
    whole, short = zk.nn.summary(model, zk.ones((4, 3))), zk.nn.summary(model, zk.ones((4, 3)), depth=1)
    assert [row.name for row in short.rows] == ["", "first", "blocks.0", "blocks.1", "unused", "last"]
    assert short.totals() == whole.totals()
    assert short.rows[2].multiply_adds == 36
    assert sum(row.multiply_adds for row in zk.nn.summary(model, zk.ones((4, 3)), depth=0).rows) == whole.multiply_adds


def test_a_model_is_afterwards_as_it_was() -> None:
    model = zk.nn.Sequential(zk.nn.Linear(3, 3), zk.nn.BatchNorm1d(3), zk.nn.Dropout(0.5))
    model[2].eval()
    before, random = {k: v.numpy().copy() for k, v in model.state_dict().items()}, zk.random.get_state()
    zk.nn.summary(model, zk.ones((1, 3)))
    assert [m.training for m in model.modules()] == [True, True, True, False]
    assert zk.random.get_state() == random
    assert all((v.numpy() == before[k]).all() for k, v in model.state_dict().items())
    with pytest.raises(ValueError):
        zk.nn.summary(model, zk.ones((1, 4)))
    assert [m.training for m in model.modules()] == [True, True, True, False]
    assert not model[0]._held.hooks or not (model[0]._held.hooks.before or model[0]._held.hooks.after)


def test_layers_sized_by_their_first_input_are_sized() -> None:
    assert zk.nn.summary(zk.nn.Linear(None, 4), zk.zeros((1, 5))).parameters == 24


def test_memory_of_the_graph_is_what_the_way_back_needs() -> None:
    found = zk.nn.summary(zk.nn.Sequential(zk.nn.Linear(10, 100), zk.nn.Tanh(), zk.nn.Linear(100, 1)), zk.ones((8, 10)))
    assert found.graph_bytes == 8 * 100 * 4  # the result of tanh, used twice; inputs and weights are there anyway


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"the model is an nn\.Module"):
        zk.nn.summary(zk.tanh, zk.ones(3))  # type: ignore[arg-type]
