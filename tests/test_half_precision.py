"""float16 and bfloat16: every row of the op table keeps them, or says that it computes in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from table import Row
from test_op_table import ROWS, by_name, draw, flat, rng_for, skip_if_told

import zkynet as zk

HALVES = ("float16", "bfloat16")
WIDE = ("linalg.", "fft.")
"""Where results may be float32 (or complex64): decompositions, solving and transforms do not exist in 16 bits."""

FLOATING = [
    row
    for row in ROWS
    if {"f"} <= {a.dtype.kind for a in draw(row, rng_for(row))} <= set("fiub") and not row.name.startswith("astype")
]


def half_precision(backend: Any, dtype: str) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    if backend.name == "jax":
        pytest.skip("compiles every row anew for each dtype")


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("row", FLOATING, ids=by_name)
def test_sixteen_bits_in_are_sixteen_bits_out(row: Row, dtype: str, backend: Any) -> None:
    half_precision(backend, dtype)
    skip_if_told(row, backend)
    tensors = [zk.asarray(a).astype(dtype) if a.dtype.kind == "f" else zk.asarray(a) for a in draw(row, rng_for(row))]
    exact = [t.numpy().astype("float64") if t.dtype == dtype else t.numpy() for t in tensors]
    for t in tensors:
        if row.order and t.dtype == dtype:
            t.requires_grad_()
    with backend.quiet():  # ml_dtypes warns of NaN in comparisons
        results, references = flat(row(zk, *tensors)), [np.asarray(r) for r in flat(row.expected(*exact))]
        recorded = [zk.real(r) if r.dtype.kind == "c" else r for r in results if r.node is not None]
        if recorded:
            sum((zk.sum(r) for r in recorded), start=zk.tensor(0.0)).backward()
    for got, expected in zip(results, references, strict=True):
        wide = row.name.startswith(WIDE) and got.dtype in ("float32", "complex64")
        assert wide or got.dtype in (dtype, "int64", "bool"), f"{dtype} gave {got.dtype}"
        if expected.dtype.kind == "f" and "rank" not in row.name:  # which rounding changes
            error = np.max(np.abs(got.numpy().astype("float64") - expected), initial=0)
            assert error <= np.max(np.abs(expected), initial=1e-3) * (0.01 if dtype == "float16" else 0.06)
    for t in tensors:
        assert t.node is None or t.grad is None or t.grad.dtype == t.dtype


@pytest.mark.parametrize("dtype", HALVES)
def test_what_does_not_exist_in_sixteen_bits_is_computed_in_float32(dtype: str, backend: Any) -> None:
    half_precision(backend, dtype)
    x = zk.tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
    half = x.astype(dtype)
    inverse = zk.linalg.inv(half)
    assert inverse.dtype == zk.float32
    assert zk.fft.rfft(half).dtype == zk.complex64
    inverse.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [[-0.25, -0.125], [-0.125, -0.0625]])


@pytest.mark.parametrize("dtype", HALVES)
def test_nan_among_sixteen_bits_comes_last(dtype: str, backend: Any) -> None:
    half_precision(backend, dtype)
    x = zk.tensor([2.0, float("nan"), 1.0], dtype=dtype)
    assert zk.sort(x)[:2].tolist() == [1.0, 2.0]
    assert zk.argsort(x).tolist() == [2, 0, 1]
    assert zk.argmax(x).item() == 1
    assert np.isnan(zk.max(x).item())
    assert zk.topk(x, 2).indices.tolist() == [1, 0]
    assert zk.nanmedian(x).item() == 1.5
