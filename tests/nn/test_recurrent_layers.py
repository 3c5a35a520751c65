"""Recurrent layers: lengths, dropout, sizes taken from the input, and answers to bad input."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError

KINDS = ("RNN", "GRU", "LSTM")


def one_kind_on_jax(kind: str, backend: Any) -> None:
    """What holds for every kind on the others, JAX, which compiles each anew, shows on one."""
    if backend.name == "jax" and kind != "RNN":
        pytest.skip("compiles for long; another kind stands for this one")


def flat(result: Any) -> list[Any]:
    """Outputs and states in one list."""
    out, last = result
    return [out, *last] if isinstance(last, tuple) else [out, last]


# -- lengths and packing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_and_packing_agree(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    zk.random.seed(0)
    layer = getattr(nn, kind)(3, 4, 2, bidirectional=True)
    x, lengths = zk.random.normal(0.0, 1.0, (5, 3, 3)), [2, 5, 3]
    out, *last = flat(layer(x, lengths=lengths))
    packed = nn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    packed_out, *packed_last = flat(layer(packed))
    assert isinstance(packed_out, nn.PackedSequence)
    assert packed_out.batch_sizes == packed.batch_sizes
    again, found = nn.pad_packed_sequence(packed_out)
    assert found.numpy().tolist() == lengths
    for a, b in zip([out, *last], [again, *packed_last], strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6, atol=1e-7)


def test_packing_shortens_the_output_to_the_longest_sequence() -> None:
    layer = nn.RNN(3, 4)
    x = zk.ones((5, 2, 3))
    assert layer(x, lengths=[2, 3])[0].shape == (5, 2, 4)
    packed = nn.pack_padded_sequence(x, [3, 2])
    assert nn.pad_packed_sequence(layer(packed)[0])[0].shape == (3, 2, 4)
    assert nn.pad_packed_sequence(layer(packed)[0], total_length=5)[0].shape == (5, 2, 4)


def test_integers_can_be_packed_and_padded() -> None:
    packed = nn.pack_sequence([zk.tensor([1, 2, 3]), zk.tensor([4])])
    assert packed.data.numpy().tolist() == [1, 4, 2, 3]
    padded, lengths = nn.pad_packed_sequence(packed, batch_first=True, padding_value=-1)
    assert padded.dtype == "int64"
    assert padded.numpy().tolist() == [[1, 2, 3], [4, -1, -1]]
    assert lengths.numpy().tolist() == [3, 1]


def test_lengths_on_a_device_are_not_looked_at(backend: Any) -> None:
    """They go into a mask there; what lies beyond the padding counts as its end."""
    if backend.name != "strict":
        pytest.skip("the stand-in for a GPU refuses hidden transfers")
    layer = nn.LSTM(3, 4).to(device="device1")
    x = zk.ones((5, 2, 3), device="device1")
    out, _ = layer(x, lengths=zk.tensor([2, 9], device="device1"))
    expected, _ = layer(x, lengths=[2, 5])
    np.testing.assert_array_equal(out.numpy(), expected.numpy())


# -- dropout, sizes, names ----------------------------------------------------------------------------------------


def test_dropout_acts_between_layers_in_training_alone() -> None:
    zk.random.seed(0)
    layer = nn.GRU(3, 50, 2, dropout=0.5)
    x = zk.ones((4, 2, 3))
    one, other = layer(x)[0].numpy(), layer(x)[0].numpy()
    assert np.abs(one - other).max() > 1e-3
    assert np.all(one != 0), "the outputs of the last layer are whole"
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    first = layer(x)[1].numpy()[0]
    layer.train()
    np.testing.assert_array_equal(layer(x)[1].numpy()[0], first)  # so does the first layer


def test_the_mean_of_many_dropped_inputs_is_the_input() -> None:
    zk.random.seed(0)
    layer = nn.RNN(1, 1, 2, nonlinearity="relu", bias=False, dropout=0.25)
    layer.load_state_dict({name: zk.ones(p.shape) * ("ih" in name) for name, p in layer.named_parameters()})
    out = layer(zk.ones((1, 4000, 1)))[0].numpy()
    assert set(np.unique(out).astype(float).round(5)) == {0.0, 1.33333}
    assert abs(out.mean() - 1) < 5 * (1 / 3 / 4000) ** 0.5


def test_dropout_with_a_single_layer_is_noticed() -> None:
    with pytest.warns(UserWarning, match="has no effect"):
        nn.LSTM(3, 4, dropout=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.LSTM(3, 4, 2, dropout=0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_of_the_input_can_be_left_open(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    layer = getattr(nn, kind)(None, 4, 2, bidirectional=True)
    assert layer(zk.ones((5, 2, 3)))[0].shape == (5, 2, 8)
    assert layer.input_size == 3
    assert layer.weight_ih_l0_reverse.shape == (4 * layer.gates, 3)
    assert np.ptp(layer.weight_ih_l0.numpy()) > 0, "it is initialised"
    again = getattr(nn, kind)(None, 4, 2, bidirectional=True)
    again.load_state_dict(layer.state_dict())
    assert again.input_size == 3
    cell = getattr(nn, f"{kind}Cell")(None, 4)
    cell(zk.ones((2, 3)))
    assert cell.input_size == 3


def test_parameters_have_pytorchs_names() -> None:
    layer = nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    names = [name for name, _ in layer.named_parameters()]
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    assert names == [f"{k}_l{i}{r}" for i in (0, 1) for r in ("", "_reverse") for k in kinds]
    assert layer.weight_ih_l1.shape == (16, 4)
    assert [name for name, _ in nn.GRUCell(3, 4, bias=False).named_parameters()] == ["weight_ih", "weight_hh"]
    assert repr(layer) == "LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)"
    assert repr(nn.RNNCell(3, 4, nonlinearity="relu")) == "RNNCell(3, 4, nonlinearity='relu')"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_of_sequences(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    layer = getattr(nn, kind)(3, 4, 2, bidirectional=True, batch_first=True)
    out, *last = flat(layer(zk.ones((0, 5, 3))))
    assert out.shape == (0, 5, 8)
    assert all(s.shape == (4, 0, 4) for s in last)
    out.sum().backward()
    assert not any(p.grad.numpy().any() for p in layer.parameters())


# -- bad input ----------------------------------------------------------------------------------------------------

X = (5, 2, 3)  # steps, batch, features
BAD: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "too many axes": (lambda: nn.LSTM(3, 4)(zk.ones((1, 5, 2, 3))), ShapeError, "2 or 3 axes, received one of 4"),
    "too few axes": (lambda: nn.GRU(3, 4)(zk.ones(3)), ShapeError, "2 or 3 axes, received one of 1"),
    "features": (lambda: nn.GRU(4, 4)(zk.ones(X)), ShapeError, "the input has 3 features, input_size is 4"),
    "integers": (lambda: nn.RNN(3, 4)(zk.ones(X, dtype="int64")), DTypeError, "takes floats, received input of dtype"),
    "no steps": (lambda: nn.RNN(3, 4)(zk.ones((0, 2, 3))), ShapeError, "the sequences have no steps"),
    "state of another batch": (
        lambda: nn.GRU(3, 4, 3, bidirectional=True)(zk.ones(X), zk.ones((6, 3, 4))),
        ShapeError,
        "h_0 has the shape (6, 3, 4), expected (6, 2, 4)",
    ),
    "state of another number of layers": (
        lambda: nn.GRU(3, 4, 3, bidirectional=True)(zk.ones(X), zk.ones((3, 2, 4))),
        ShapeError,
        "6 = 3 layers x 2 directions",
    ),
    "state with the batch first": (
        lambda: nn.GRU(3, 4, batch_first=True)(zk.ones((2, 5, 3)), zk.ones((2, 1, 4))),
        ShapeError,
        "batch_first changes input and output, but not the states",
    ),
    "cell of another size": (
        lambda: nn.LSTM(3, 4, proj_size=2)(zk.ones(X), (zk.ones((1, 2, 2)), zk.ones((1, 2, 2)))),
        ShapeError,
        "c_0 has the shape (1, 2, 2), expected (1, 2, 4)",
    ),
    "state of integers": (
        lambda: nn.GRU(3, 4)(zk.ones(X), zk.ones((1, 2, 4), dtype="int64")),
        DTypeError,
        "received h_0 of dtype int64",
    ),
    "one state for two": (lambda: nn.LSTM(3, 4)(zk.ones(X), zk.ones((1, 2, 4))), ArgumentError, "a pair (h_0, c_0)"),
    "two states for one": (
        lambda: nn.GRU(3, 4)(zk.ones(X), (zk.ones((1, 2, 4)), zk.ones((1, 2, 4)))),
        ArgumentError,
        "one tensor, h_0, received a tuple of 2",
    ),
    "length beyond the padding": (
        lambda: nn.GRU(3, 4)(zk.ones(X), lengths=[5, 6]),
        InvalidValueError,
        "lengths[1] is 6, but the padded sequences have 5 steps",
    ),
    "length of zero": (lambda: nn.GRU(3, 4)(zk.ones(X), lengths=[0, 5]), InvalidValueError, "lengths[0] is 0"),
    "negative length": (
        lambda: nn.pack_padded_sequence(zk.ones(X), [5, -1]),
        InvalidValueError,
        "at least one step, but lengths[1] is -1",
    ),
    "too few lengths": (lambda: nn.GRU(3, 4)(zk.ones(X), lengths=[5]), ShapeError, "1 lengths for a batch of 2"),
    "float lengths": (
        lambda: nn.GRU(3, 4)(zk.ones(X), lengths=[5.0, 4.0]),
        ArgumentError,
        "lengths are whole numbers, received float: 5.0",
    ),
    "a tensor of float lengths": (
        lambda: nn.pack_padded_sequence(zk.ones(X), zk.tensor([5.0, 4.0])),
        DTypeError,
        "lengths are whole numbers, received float32",
    ),
    "a number for lengths": (lambda: nn.GRU(3, 4)(zk.ones(X), lengths=5), ArgumentError, "a list of whole numbers"),
    "lengths of a single sequence": (
        lambda: nn.GRU(3, 4)(zk.ones((5, 3)), lengths=[5]),
        ArgumentError,
        "lengths were passed for a single sequence",
    ),
    "lengths of packed sequences": (
        lambda: nn.GRU(3, 4)(nn.pack_padded_sequence(zk.ones(X), [5, 4]), lengths=[5, 4]),
        ArgumentError,
        "has its lengths in it",
    ),
    "lengths out of order": (
        lambda: nn.pack_padded_sequence(zk.ones(X), [4, 5]),
        InvalidValueError,
        "lengths[1] is 5, more than lengths[0], which is 4",
    ),
    "sequences out of order": (
        lambda: nn.pack_sequence([zk.ones(2), zk.ones(3)]),
        InvalidValueError,
        "enforce_sorted=False",
    ),
    "nothing to pack": (
        lambda: nn.pack_padded_sequence(zk.ones((5, 0, 3)), []),
        ShapeError,
        "there are no sequences to pack",
    ),
    "no list to pad": (lambda: nn.pad_sequence([]), ArgumentError, "an empty list"),
    "sequences that do not fit": (
        lambda: nn.pad_sequence([zk.ones((2, 3)), zk.ones((3, 4))]),
        ShapeError,
        "sequence 1 does not fit the first one",
    ),
    "padding that is too short": (
        lambda: nn.pad_packed_sequence(nn.pack_sequence([zk.ones(3)]), total_length=2),
        InvalidValueError,
        "total_length is 2, but the longest sequence has 3 steps",
    ),
    "no packed sequence": (lambda: nn.pad_packed_sequence(zk.ones(X)), ArgumentError, "takes a PackedSequence"),  # type: ignore
    "a side": (
        lambda: nn.pad_sequence([zk.ones(3)], padding_side="up"),
        InvalidValueError,
        "padding_side is 'right' or 'left', received 'up'",
    ),
    "dropout above one": (lambda: nn.LSTM(3, 4, 2, dropout=1.5), InvalidValueError, "received 1.5"),
    "dropout below zero": (lambda: nn.GRU(3, 4, 2, dropout=-0.1), InvalidValueError, "between 0 and 1"),
    "projection too large": (
        lambda: nn.LSTM(3, 4, proj_size=4),
        InvalidValueError,
        "proj_size is less than hidden_size, received 4 and 4",
    ),
    "negative projection": (lambda: nn.LSTM(3, 4, proj_size=-1), InvalidValueError, "at least 0, received -1"),
    "no layers": (lambda: nn.RNN(3, 4, 0), InvalidValueError, "num_layers is at least 1, received 0"),
    "a size that is no number": (lambda: nn.RNN(3, 4.5), ArgumentError, "hidden_size is a whole number"),  # type: ignore
    "a nonlinearity": (
        lambda: nn.RNN(3, 4, nonlinearity="gelu"),
        InvalidValueError,
        "'tanh' or 'relu', received 'gelu'",
    ),
    "a cell's nonlinearity": (lambda: nn.RNNCell(3, 4, nonlinearity="selu"), InvalidValueError, "'tanh' or 'relu'"),
    "a cell's features": (lambda: nn.GRUCell(4, 4)(zk.ones((2, 3))), ShapeError, "3 features, input_size is 4"),
    "a cell's axes": (lambda: nn.GRUCell(3, 4)(zk.ones(X)), ShapeError, "1 or 2 axes, received one of 3"),
    "a cell's state": (
        lambda: nn.LSTMCell(3, 4)(zk.ones((2, 3)), (zk.ones((2, 4)), zk.ones((3, 4)))),
        ShapeError,
        "c has the shape (3, 4), expected (2, 4)",
    ),
    "weights of another layer": (
        lambda: nn.functional.gru_layer(zk.ones(X), None, zk.ones((12, 3)), zk.ones((16, 4))),
        ShapeError,
        "w_hh has 16 rows, which is no multiple of 3",
    ),
    "weights that do not fit the input": (
        lambda: nn.functional.lstm_layer(zk.ones(X), None, zk.ones((16, 2)), zk.ones((16, 4))),
        ShapeError,
        "w_ih has the shape (16, 2), expected (16, 3)",
    ),
}


@pytest.mark.parametrize(("call", "kind", "text"), BAD.values(), ids=BAD)
def test_bad_input_is_answered(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=re.escape(text)):
        call()
