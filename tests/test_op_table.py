"""Every row of the op table, checked in the same ways."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from table import Row, all_rows

import zkynet as zk
from zkynet.errors import GradientError
from zkynet.graph import walk_back
from zkynet.ops.define import OPS

ROWS = all_rows()
DIFFERENTIABLE = [row for row in ROWS if row.order >= 1]
TWICE = [row for row in ROWS if row.order >= 2]


def by_name(row: Row) -> str:
    return row.name


def rng_for(row: Row) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(row.name.encode()))


def draw(row: Row, rng: np.random.Generator) -> list[Any]:
    return [sample(rng) for sample in row.inputs]


def flat(result: Any) -> list[Any]:
    """The results of an op as a list, whatever it returns."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def skip_if_told(row: Row, backend: Any) -> None:
    if backend.name in row.skip:
        pytest.skip(row.skip[backend.name])


def close(got: Any, expected: Any, rtol: float, what: str) -> None:
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{what}: shape {got.shape}, expected {expected.shape}"
    scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=1.0) if expected.dtype.kind in "fc" else 0
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale, err_msg=what)


def loss_weights(results: list[Any], rng: np.random.Generator) -> list[Any]:
    """Fixed random weights that make one number of all floating results."""
    return [
        rng.standard_normal(r.shape) + (1j * rng.standard_normal(r.shape) if r.dtype.kind == "c" else 0)
        if r.dtype.kind in "fc"
        else None
        for r in map(np.asarray, results)
    ]


def reference_loss(row: Row, arrays: list[Any], weights: list[Any]) -> float:
    results = flat(row.expected(*arrays))
    total = sum(np.sum(np.asarray(r) * w) for r, w in zip(results, weights, strict=True) if w is not None)
    return float(np.real(total))


def tensors_of(arrays: list[Any]) -> list[Any]:
    return [zk.tensor(a, requires_grad=a.dtype.kind in "fc") for a in arrays]


def gradients(row: Row, tensors: list[Any], weights: list[Any], record: bool = False) -> list[Any]:
    """Gradients of the weighted sum of all results with respect to each floating input."""
    results = flat(row(zk, *tensors))
    roots = []
    for r, w in zip(results, weights, strict=True):
        if w is not None and r.node is not None:
            w = zk.asarray(w, dtype=r.dtype)
            roots.append((r.node, w if record else w._raw))
    with tensors[0].backend.quiet():
        found = walk_back(roots, retain=record, record=record)
    return [None if t.node is None else found.get(t.node) for t in tensors]


def numeric_gradient(loss: Any, arrays: list[Any], i: int) -> Any:
    """Central differences of order four of a real loss; for complex inputs dL/dx - i dL/dy."""
    out = np.zeros(arrays[i].shape, arrays[i].dtype)
    steps = [(1.0, 1.0), (1j, -1j)] if out.dtype.kind == "c" else [(1.0, 1.0)]
    h = 1e-3
    for at in np.ndindex(out.shape):
        for direction, factor in steps:
            values = []
            for k in (-2, -1, 1, 2):
                moved = [a.copy() for a in arrays]
                moved[i][at] += k * h * direction
                values.append(loss(moved))
            slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
            out[at] += factor * slope
    return out


@pytest.mark.parametrize("row", ROWS, ids=by_name)
def test_values_agree_with_the_reference(row: Row, backend: Any) -> None:
    skip_if_told(row, backend)
    arrays = draw(row, rng_for(row))
    got = flat(row(zk, *[zk.tensor(a) for a in arrays]))
    expected = flat(row.expected(*arrays))
    assert len(got) == len(expected)
    for k, (a, b) in enumerate(zip(got, expected, strict=True)):
        close(a.numpy(), b, row.rtol, f"result {k}")


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=by_name)
def test_gradients_agree_with_finite_differences_of_the_reference(row: Row, backend: Any) -> None:
    skip_if_told(row, backend)
    rng = rng_for(row)
    arrays = draw(row, rng)
    weights = loss_weights(flat(row.expected(*arrays)), rng)
    got = gradients(row, tensors_of(arrays), weights)
    assert any(g is not None for g in got), "no input received a gradient"
    for i, a in enumerate(arrays):
        if a.dtype.kind not in "fc":
            continue
        expected = numeric_gradient(lambda moved: reference_loss(row, moved, weights), arrays, i)
        g = np.zeros_like(a) if got[i] is None else backend.to_numpy(got[i])
        assert g.dtype == a.dtype
        close(g, expected, max(1e-7, row.rtol), f"gradient of input {i}")


@pytest.mark.parametrize("row", TWICE, ids=by_name)
def test_second_derivatives_agree_with_finite_differences_of_the_first(row: Row, backend: Any) -> None:
    skip_if_told(row, backend)
    rng = rng_for(row)
    arrays = draw(row, rng)
    weights = loss_weights(flat(row.expected(*arrays)), rng)
    directions = [rng.standard_normal(a.shape).astype(a.dtype) if a.dtype.kind in "fc" else None for a in arrays]

    def directional(moved: list[Any]) -> float:
        """The first derivative along fixed directions, itself a real number; on NumPy, which is quick at it."""
        total = 0.0
        with zk.use_backend("numpy") as numpy:
            for g, d in zip(gradients(row, tensors_of(moved), weights), directions, strict=True):
                if g is not None:
                    total += float(np.real(np.sum(numpy.to_numpy(g) * d)))
        return total

    tensors = tensors_of(arrays)
    first = gradients(row, tensors, weights, record=True)
    roots = []
    for g, d in zip(first, directions, strict=True):
        if g is not None and g.node is not None:
            roots.append((g.node, zk.asarray(d, dtype=g.dtype)._raw))
    with backend.quiet():
        found = walk_back(roots)
    for i, t in enumerate(tensors):
        if t.node is None:
            continue
        expected = numeric_gradient(directional, arrays, i)
        second = found.get(t.node)
        got = np.zeros_like(arrays[i]) if second is None else backend.to_numpy(second)
        close(got, expected, max(1e-6, row.rtol), f"second derivative by input {i}")


@pytest.mark.parametrize("row", [r for r in ROWS if r.batch is True], ids=by_name)
def test_a_batch_is_the_stacked_single_examples(row: Row, backend: Any) -> None:
    skip_if_told(row, backend)
    rng = rng_for(row)
    examples = [draw(row, rng) for _ in range(3)]
    together = [np.stack(parts) for parts in zip(*examples, strict=True)]
    singles = [[zk.tensor(a, requires_grad=a.dtype.kind in "fc" and row.order > 0) for a in e] for e in examples]
    batch = [zk.tensor(a, requires_grad=a.dtype.kind in "fc" and row.order > 0) for a in together]
    one_by_one = [flat(row(zk, *e)) for e in singles]
    at_once = flat(row(zk, *batch))
    for k, result in enumerate(at_once):
        close(result.numpy(), np.stack([r[k].numpy() for r in one_by_one]), row.rtol, f"result {k}")
    if row.order == 0:
        return
    weights = [loss_weights([r.numpy() for r in results], rng) for results in one_by_one]
    joined = [None if parts[0] is None else np.stack(parts) for parts in zip(*weights, strict=True)]
    expected = [gradients(row, e, w) for e, w in zip(singles, weights, strict=True)]
    for i, g in enumerate(gradients(row, batch, joined)):
        if g is not None:
            each = np.stack([backend.to_numpy(e[i]) for e in expected])
            close(backend.to_numpy(g), each, max(1e-9, row.rtol), f"gradient of input {i}")


@pytest.mark.parametrize("row", ROWS, ids=by_name)
def test_float32_stays_float32_and_inputs_are_not_written_to(row: Row, backend: Any) -> None:
    skip_if_told(row, backend)
    single = {"float64": "float32", "complex128": "complex64"}
    arrays = [a.astype(single.get(a.dtype.name, a.dtype.name)) for a in draw(row, rng_for(row))]
    before = [a.copy() for a in arrays]
    tensors = [zk.asarray(a) for a in arrays]
    for t, a in zip(tensors, before, strict=True):
        if a.dtype.kind in "fc" and row.order > 0:
            t.requires_grad_()
    results = flat(row(zk, *tensors))
    wide = ("float64", "complex128")
    assert not [r.dtype for r in results if r.dtype.name in wide], "a float32 input gave a float64 result"
    if row.order > 0:
        weights = loss_weights([r.numpy() for r in results], np.random.default_rng(0))
        for g in gradients(row, tensors, weights):
            assert g is None or backend.dtype_of(g).name not in wide, "a float32 input got a float64 gradient"
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


# -- the table is complete ----------------------------------------------------------------------------------------


def test_every_op_with_a_gradient_has_a_row() -> None:
    tested = {row.name.partition(":")[0] for row in ROWS} | set(INTERNAL)
    missing = [name for name, op in OPS.items() if op.has_rule() and name not in tested and name[:3] != "nn."]
    assert not missing, f"ops without a row in tests/rows/: {missing}"


def test_every_op_has_a_gradient_or_says_that_it_has_none() -> None:
    silent = [
        name for name, op in OPS.items() if op.differentiable and not op.has_rule() and name not in NEVER_RECORDED
    ]
    assert not silent, f"ops that would lose gradients: give them a rule, or differentiable=False: {silent}"


def test_every_function_of_the_namespace_has_a_row() -> None:
    others = set(NO_FUNCTION_OF_ARRAYS.split())
    assert zk.jit  # which is in the namespace once it was asked for
    spaces = {"": zk, "linalg.": zk.linalg, "fft.": zk.fft, "special.": zk.special}
    public = {
        prefix + name: function
        for prefix, space in spaces.items()
        for name, function in vars(space).items()
        if not name.startswith("_") and callable(function) and not isinstance(function, type)
    }
    tested = {public.get(row.name.partition(":")[0]) for row in ROWS}  # by identity: an alias needs no row of its own
    missing = [
        name for name, function in public.items() if function not in tested and name not in NO_FUNCTION_OF_ARRAYS
    ]
    assert not missing, f"public functions without a row in tests/rows/: {missing}"
    unknown = others - set(public)
    assert not unknown, f"no such functions: {unknown}"


def test_rows_without_derivatives_are_of_functions_that_say_so() -> None:
    smooth = {row.name.partition(":")[0] for row in DIFFERENTIABLE}
    for row in ROWS:
        name = row.name.partition(":")[0]
        if name in smooth or name in NO_FLOAT_INPUT:
            continue
        x = [zk.tensor(a, requires_grad=a.dtype.kind in "fc") for a in draw(row, rng_for(row))]
        for result in flat(row(zk, *x)):
            assert not result.requires_grad, f"{row.name} carries a graph, so it needs a row with order=1 or 2"
            if any(t.requires_grad for t in x):
                with pytest.raises(GradientError, match="has no gradient"):
                    result.backward(zk.ones(result.shape))


INTERNAL: dict[str, str] = {
    "cast": "what astype is made of",
    "unique": "what unique_values and its like are made of",
    "move": "tested in test_devices.py",
    "copy": "tested through asarray(copy=True)",
    "index_add": "what getitem becomes on the way back; tested by the second derivatives of its rows",
    "add_along_axis": "the gradient of take_along_axis; tested by its second derivatives",
}
"""Ops that users do not call by name, and where they are tested."""

NEVER_RECORDED = {"linalg.eigvals": "with a graph it is the first result of linalg.eig"}
"""Ops that stand for another one where no gradient is wanted."""

NO_FLOAT_INPUT = {"one_hot": "takes integers"}

NO_FUNCTION_OF_ARRAYS = """
arange empty empty_like eye full full_like linspace logspace ones ones_like zeros zeros_like fft.fftfreq fft.rfftfreq
allclose array_equal array_namespace broadcast_shapes can_cast finfo iinfo isdtype result_type
asarray convert from_dlpack stop_gradient tensor to_device
backend_names backends device get_backend register_backend set_backend transfer use_backend
backward checkpoint custom_gradient enable_grad grad gradcheck gradients hessian hvp is_grad_enabled jacobian jvp
no_grad value_and_grad vjp
cond jit scan while_loop
"""
"""What makes arrays, asks about them or moves them, and what differentiates: tested in files of their own."""
