"""Every row of the layer table, against golden values from PyTorch and finite differences."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layers import Arrays, LayerRow, all_layer_rows, assert_alike, flat, golden_key, our_answers

import zkynet as zk

ROWS = all_layer_rows()
GOLDEN = Path(__file__).parent.parent / "golden"
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@cache
def golden(topic: str) -> dict[str, Any]:
    with np.load(GOLDEN / f"layers_{topic}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def from_torch(row: LayerRow, training: bool) -> Arrays:
    start = golden_key(row, training, "")
    found = {key.removeprefix(start): a for key, a in golden(row.topic).items() if key.startswith(start)}
    assert found, f"no golden values of {row.name}: run python -m golden.make_layers {row.topic} in tests/"
    return found


def skip_where_it_cannot(row: LayerRow, backend: Any) -> None:
    if backend.name in row.skip:
        pytest.skip(row.skip[backend.name])


@pytest.mark.parametrize(
    ("row", "training"),
    [pytest.param(r, t, id=f"{r.name}-{'train' if t else 'eval'}") for r in ROWS if r.torch for t in r.training],
)
def test_values_gradients_and_buffers_are_those_of_pytorch(row: LayerRow, training: bool, backend: Any) -> None:
    skip_where_it_cannot(row, backend)
    assert_alike(our_answers(row, zk, training), from_torch(row, training), row.rtol)


def second_derivatives(row: LayerRow) -> list[Any]:
    """The gradient, by every input and parameter, of the squared gradients of the layer's results."""
    module = row.make(zk).train(row.training[0])
    module.load_state_dict(row.state({name: t.shape for name, t in module.state_dict().items()}))
    xs = [zk.tensor(a, requires_grad=a.dtype.kind == "f") for a in row.arrays()]
    leaves = [t for t in (*xs, *module.parameters()) if t.requires_grad]
    call = row.keywords(zk)
    outs = [t for t in flat(module(*xs, **call)) if isinstance(t, zk.Tensor) and t.requires_grad]
    loss = sum((t * zk.tensor(row.cotangent(i, t.shape))).sum() for i, t in enumerate(outs))
    firsts = zk.gradients(loss, leaves, create_graph=True, allow_unused=True)
    used = [g for g in firsts if g is not None]
    penalty = sum((g * g).sum() for g in used)
    if not isinstance(penalty, zk.Tensor) or not penalty.requires_grad:
        return []
    return zk.gradients(penalty, leaves, allow_unused=True)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=[pytest.mark.slow] if row.topic == "transformer" else [])
        for row in ROWS
        if row.order
    ],
)
def test_first_and_second_derivatives(row: LayerRow, backend: Any) -> None:
    """Against finite differences on NumPy; elsewhere the second ones against those on NumPy."""
    skip_where_it_cannot(row, backend)
    if backend.name != "numpy":
        if row.order < 2:
            pytest.skip("second derivatives are not promised here")
        mine = second_derivatives(row)
        with zk.use_backend("numpy"):
            theirs = second_derivatives(row)
        for a, b in zip(mine, theirs, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-8, atol=1e-8 * max(abs(b.numpy()).max(), 1e-3))
        return
    module = row.make(zk).train(row.training[0])
    module.load_state_dict(row.state({name: t.shape for name, t in module.state_dict().items()}))
    names = [name for name, p in module.named_parameters() if p.requires_grad]
    values = [module.get_parameter(name).detach() for name in names]
    xs = [zk.tensor(a) for a in row.arrays()]
    call = row.keywords(zk)
    smooth = [i for i, x in enumerate(xs) if x.dtype.kind == "f"]

    def run(*tensors: Any) -> Any:
        inputs = list(xs)
        for i, t in zip(smooth, tensors, strict=False):
            inputs[i] = t
        weights = dict(zip(names, tensors[len(smooth) :], strict=True))
        outs = flat(zk.nn.functional_call(module, weights, tuple(inputs), call))
        return [t for t in outs if isinstance(t, zk.Tensor) and t.dtype.kind == "f"]

    given = (*(xs[i] for i in smooth), *values)
    if given:
        zk.gradcheck(run, given, order=row.order)


@every_row
def test_float32_stays_float32_and_nothing_is_written_to(row: LayerRow, backend: Any) -> None:
    skip_where_it_cannot(row, backend)
    module = row.make(zk, "float32").train(row.training[0])
    before = module.state_dict()
    arrays = [a.astype("float32") if a.dtype.kind == "f" else a for a in row.arrays()]
    xs = [zk.tensor(a) for a in arrays]
    call = row.keywords(zk, "float32")
    for t in flat(module(*xs, **call)):
        if isinstance(t, zk.Tensor) and t.dtype.kind == "f":
            assert t.dtype == "float32"
    for a, x in zip(arrays, xs, strict=True):
        assert np.array_equal(a, x.numpy())
    for name, p in module.named_parameters():
        assert np.array_equal(before[name].numpy(), p.numpy()), name


@pytest.mark.parametrize("row", [row for row in ROWS if row.empty is True], ids=lambda row: row.name)
def test_an_empty_batch_gives_an_empty_result_and_no_gradient(row: LayerRow, backend: Any) -> None:
    skip_where_it_cannot(row, backend)
    module = row.make(zk).eval()
    xs = [zk.tensor(a[:0], requires_grad=a.dtype.kind == "f") for a in row.arrays()]
    call = row.keywords(zk)
    outs = [t for t in flat(module(*xs, **call)) if isinstance(t, zk.Tensor)]
    assert all(0 in t.shape for t in outs)
    smooth = [t for t in outs if t.requires_grad]
    if smooth:
        sum(t.sum() for t in smooth).backward()  # type: ignore[union-attr]
        for name, p in module.named_parameters():
            assert p.grad is None or not np.any(p.grad.numpy()), name


@every_row
@pytest.mark.once
def test_a_copy_with_the_same_state_gives_the_same_results(row: LayerRow, backend: Any) -> None:
    skip_where_it_cannot(row, backend)
    one, other = row.make(zk).eval(), row.make(zk).eval()
    other.load_state_dict(one.state_dict())
    xs = [zk.tensor(a) for a in row.arrays()]
    call = row.keywords(zk)
    for a, b in zip(flat(one(*xs, **call)), flat(other(*xs, **call)), strict=True):
        if isinstance(a, zk.Tensor):
            assert np.array_equal(a.numpy(), b.numpy(), equal_nan=True)


@every_row
@pytest.mark.only("strict")
def test_nothing_moves_between_devices(row: LayerRow, backend: Any) -> None:
    """The stand-in for a GPU refuses every hidden transfer."""
    skip_where_it_cannot(row, backend)
    for name, a in our_answers(row, zk, row.training[0], device="device1").items():
        assert np.all(np.isfinite(a)) or a.dtype.kind != "f", name


WITHOUT_ROW = {
    "Module": "what layers are made of",
    "Sequential": "holds modules; tested in test_containers.py",
    "ModuleList": "holds modules; tested in test_containers.py",
    "ModuleDict": "holds modules; tested in test_containers.py",
    "ParameterList": "holds parameters; tested in test_containers.py",
    "ParameterDict": "holds parameters; tested in test_containers.py",
    "ParametrizationList": "holds parametrizations; tested in test_parametrizations.py",
    "ALiBi": "takes lengths, not tensors; tested in test_positions.py",
}


def test_every_layer_has_a_row() -> None:
    kinds = {name: kind for name, kind in vars(zk.nn).items() if isinstance(kind, type)}
    layers = {name for name, kind in kinds.items() if issubclass(kind, zk.nn.Module)}
    tested = {kinds.get(row.kind) for row in ROWS}  # by identity: an alias needs no row of its own
    missing = [name for name in layers - set(WITHOUT_ROW) if kinds[name] not in tested]
    assert not missing, f"layers without a row in tests/layer_rows/: {sorted(missing)}"
    assert set(WITHOUT_ROW) <= layers
