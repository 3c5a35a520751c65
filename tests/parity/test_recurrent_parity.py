"""Recurrent layers against PyTorch, over the arguments that users meet."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

import zkynet as zk  # noqa: E402
from zkynet import nn  # noqa: E402

pytestmark = pytest.mark.slow
rnn = torch.nn.utils.rnn

STEPS, BATCH, FEATURES, HIDDEN = 5, 4, 3, 6
UNSORTED, SORTED = [3, 5, 1, 5], [5, 4, 4, 1]
GRID = [
    case
    for case in product(
        ("RNN", "GRU", "LSTM"),  # kind
        (1, 3),  # layers
        (False, True),  # bidirectional
        (0, 2),  # projection
        (False, True),  # batch_first
        ("none", "lengths", "packed", "single"),  # lengths
        (False, True),  # initial states
    )
    if case[3] == 0 or case[0] == "LSTM"
]


def pair(kind: str, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Our layer and PyTorch's, with the parameters that PyTorch drew."""
    theirs = getattr(torch.nn, kind)(*args, **kwargs).double()
    ours = getattr(nn, kind)(*args, **kwargs, dtype="float64")
    ours.load_state_dict({name: zk.tensor(p.detach().numpy()) for name, p in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    return ours, theirs


def both(array: Any) -> tuple[Any, Any]:
    return zk.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def close(ours: Any, theirs: Any, what: str) -> None:
    ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
    assert ours.shape == theirs.shape, what
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12, err_msg=what)


def same_results_and_gradients(ours: Any, theirs: Any, results: Any, inputs: Any) -> None:
    """Results that are pairs, and after a weighted sum of all of them the gradients of inputs and parameters."""
    rng = np.random.default_rng(3)
    mine = other = 0
    for i, (a, b) in enumerate(results):
        close(a, b, f"result {i}")
        weight = rng.standard_normal(a.shape)
        mine, other = mine + (a * zk.asarray(weight)).sum(), other + (b * torch.tensor(weight)).sum()
    mine.backward()  # type: ignore[attr-defined]
    other.backward()  # type: ignore[attr-defined]
    for i, (a, b) in enumerate(inputs):
        close(a.grad, b.grad, f"gradient of input {i}")
    gradients = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        close(p.grad, gradients[name].grad, f"gradient of {name}")


@pytest.mark.parametrize(
    ("kind", "layers", "bidirectional", "projection", "batch_first", "how", "given"),
    GRID,
    ids=["-".join(map(str, case)) for case in GRID],
)
def test_results_and_all_gradients(
    kind: str, layers: int, bidirectional: bool, projection: int, batch_first: bool, how: str, given: bool
) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    options: dict[str, Any] = {"num_layers": layers, "bidirectional": bidirectional, "batch_first": batch_first}
    if projection:
        options["proj_size"] = projection
    ours, theirs = pair(kind, FEATURES, HIDDEN, **options)
    shape: tuple[int, ...] = (BATCH, STEPS, FEATURES) if batch_first else (STEPS, BATCH, FEATURES)
    inner: tuple[int, ...] = (BATCH,)
    if how == "single":
        shape, inner = (STEPS, FEATURES), ()
    inputs = [both(rng.standard_normal(shape))]
    rows = layers * (1 + bidirectional)
    if given:
        inputs.append(both(rng.standard_normal((rows, *inner, projection or HIDDEN))))
        if kind == "LSTM":
            inputs.append(both(rng.standard_normal((rows, *inner, HIDDEN))))
    hx, torch_hx = ([i[k] for i in inputs[1:]] for k in (0, 1))
    if kind != "LSTM":
        hx, torch_hx = hx[0] if hx else None, torch_hx[0] if torch_hx else None
    else:
        hx, torch_hx = tuple(hx) or None, tuple(torch_hx) or None
    (x, torch_x) = inputs[0]
    if how in ("lengths", "packed"):
        lengths = UNSORTED if how == "lengths" else SORTED
        packed = rnn.pack_padded_sequence(torch_x, lengths, batch_first=batch_first, enforce_sorted=how == "packed")
        torch_out, torch_last = theirs(packed, torch_hx)
        torch_out, torch_lengths = rnn.pad_packed_sequence(torch_out, batch_first=batch_first)
        if how == "lengths":
            out, last = ours(x, hx, lengths=lengths)
        else:
            packed = nn.pack_padded_sequence(x, lengths, batch_first=batch_first)
            out, last = ours(packed, hx)
            out, found = nn.pad_packed_sequence(out, batch_first=batch_first)
            assert found.numpy().tolist() == torch_lengths.tolist()
    else:
        out, last = ours(x, hx)
        torch_out, torch_last = theirs(torch_x, torch_hx)
    if kind == "LSTM":
        results = [(out, torch_out), *zip(last, torch_last, strict=True)]
    else:
        results = [(out, torch_out), (last, torch_last)]
    same_results_and_gradients(ours, theirs, results, inputs)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("options", [{"bias": False}, {"nonlinearity": "relu"}], ids=str)
def test_further_arguments(kind: str, options: dict[str, Any]) -> None:
    if kind != "RNN" and "nonlinearity" in options:
        pytest.skip("only the RNN has it")
    ours, theirs = pair(kind, FEATURES, HIDDEN, **options)
    x = both(np.random.default_rng(0).standard_normal((STEPS, BATCH, FEATURES)))
    out, torch_out = ours(x[0])[0], theirs(x[1])[0]
    same_results_and_gradients(ours, theirs, [(out, torch_out)], [x])


@pytest.mark.parametrize("kind", ["RNNCell", "GRUCell", "LSTMCell"])
@pytest.mark.parametrize("batch", [(BATCH,), ()], ids=["batch", "single"])
@pytest.mark.parametrize("bias", [True, False])
def test_cells_over_some_steps(kind: str, batch: tuple[int, ...], bias: bool) -> None:
    rng = np.random.default_rng(0)
    ours, theirs = pair(kind, FEATURES, HIDDEN, bias=bias)
    xs = [both(rng.standard_normal((*batch, FEATURES))) for _ in range(3)]
    mine = other = None
    for x, torch_x in xs:
        mine, other = ours(x, mine), theirs(torch_x, other)
    results = list(zip(mine, other, strict=True)) if kind == "LSTMCell" else [(mine, other)]  # type: ignore[call-overload]
    same_results_and_gradients(ours, theirs, results, xs)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(("lengths", "enforce_sorted"), [(SORTED, True), (UNSORTED, False), (SORTED, False)])
def test_packing(batch_first: bool, lengths: list[int], enforce_sorted: bool) -> None:
    shape = (BATCH, STEPS, 2, 3) if batch_first else (STEPS, BATCH, 2, 3)
    x, torch_x = both(np.random.default_rng(0).standard_normal(shape))
    options = {"batch_first": batch_first, "enforce_sorted": enforce_sorted}
    ours = nn.pack_padded_sequence(x, lengths, **options)
    theirs = rnn.pack_padded_sequence(torch_x, lengths, **options)
    close(ours.data, theirs.data, "data")
    assert list(ours.batch_sizes) == theirs.batch_sizes.tolist()
    if enforce_sorted:
        assert ours.sorted_indices is None
        assert theirs.sorted_indices is None
    else:
        assert ours.sorted_indices is not None
        assert ours.unsorted_indices is not None
        # sequences of equal length may stand in any order
        order = ours.sorted_indices.numpy()
        assert [lengths[i] for i in order] == sorted(lengths, reverse=True)
        assert order[ours.unsorted_indices.numpy()].tolist() == list(range(BATCH))
    for options in ({"total_length": 7, "padding_value": -1.5}, {}):
        back, found = nn.pad_packed_sequence(ours, batch_first=batch_first, **options)
        torch_back, torch_found = rnn.pad_packed_sequence(theirs, batch_first=batch_first, **options)
        close(back, torch_back, "padded again")
        assert found.numpy().tolist() == torch_found.tolist() == lengths
    weight = np.random.default_rng(1).standard_normal(back.shape)
    (back * zk.asarray(weight)).sum().backward()
    (torch_back * torch.tensor(weight)).sum().backward()
    close(x.grad, torch_x.grad, "gradient")


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("side", ["right", "left"])
def test_padding_lists_of_sequences(batch_first: bool, side: str) -> None:
    rng = np.random.default_rng(0)
    pairs = [both(rng.standard_normal((n, 2))) for n in (3, 5, 1)]
    ours, theirs = [p[0] for p in pairs], [p[1] for p in pairs]
    options: dict[str, Any] = {"batch_first": batch_first, "padding_value": 2.0, "padding_side": side}
    close(nn.pad_sequence(ours, **options), rnn.pad_sequence(theirs, **options), "padded")
    padded = nn.pad_sequence(ours, batch_first)
    torch_padded = rnn.pad_sequence(theirs, batch_first)
    lengths = [3, 5, 1]
    again = nn.unpad_sequence(padded, lengths, batch_first)
    torch_again = rnn.unpad_sequence(torch_padded, torch.tensor(lengths), batch_first)
    for a, b in zip(again, torch_again, strict=True):
        close(a, b, "unpadded")
    packed = nn.pack_sequence(ours, enforce_sorted=False)
    close(packed.data, rnn.pack_sequence(theirs, enforce_sorted=False).data, "packed")


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"])
def test_initial_parameters_have_pytorchs_distribution(kind: str) -> None:
    zk.random.seed(0)
    torch.manual_seed(0)
    ours, theirs = getattr(nn, kind)(50, 100), getattr(torch.nn, kind)(50, 100)
    expected = dict(theirs.named_parameters())
    for name, p in ours.named_parameters():
        values, other = p.detach().numpy(), expected[name].detach().numpy()
        assert abs(values).max() <= 0.1
        assert abs(values).max() > 0.09
        assert abs(values.std() - other.std()) < 6 * 0.1 / np.sqrt(values.size)


def test_dropout_is_between_layers_and_in_training_alone() -> None:
    ours, theirs = pair("LSTM", FEATURES, HIDDEN, num_layers=3, dropout=0.5)
    x = both(np.random.default_rng(0).standard_normal((STEPS, BATCH, FEATURES)))
    ours.eval()
    theirs.eval()
    close(ours(x[0])[0], theirs(x[1])[0], "evaluation")
    all_dropped, torch_all_dropped = pair("LSTM", FEATURES, HIDDEN, num_layers=2, dropout=1.0)
    results = [(all_dropped(x[0])[0], torch_all_dropped(x[1])[0])]
    same_results_and_gradients(all_dropped, torch_all_dropped, results, [x])
