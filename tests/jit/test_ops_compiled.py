"""Every op in a compiled function: its values, first and second derivatives, beside the eager ones."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from table import Row, all_rows

import zkynet as zk
from zkynet.errors import TracedValueError

pytestmark = pytest.mark.only("jax")


def flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def everything(row: Row, tensors: tuple[zk.Tensor, ...]) -> list[Any]:
    """Results, gradients of the sum of their sines, and those of the sum of the squared gradients."""
    results = flat(row(zk, *tensors))
    out, xs = list(results), [t for t in tensors if t.requires_grad]
    smooth = [r for r in results if isinstance(r, zk.Tensor) and r.requires_grad]
    if row.order < 1 or not smooth or not xs:
        return out
    loss = sum(zk.real(zk.sum(zk.sin(r))) for r in smooth)
    firsts = [g for g in zk.gradients(loss, xs, create_graph=row.order > 1, allow_unused=True) if g is not None]
    out += firsts
    penalty = [zk.sum(zk.abs(g) ** 2) for g in firsts if g.requires_grad]
    if penalty:
        out += zk.gradients(sum(penalty), xs, allow_unused=True)
    return out


OF_VALUES = [
    "getitem:mask",
    "getitem:mask_of_rows",
    "getitem:mask_and_number",
    "getitem:mask_and_list",
    "getitem:slice_and_mask",
    "getitem:true",
    "getitem:tensor_mask",
    "index_set:mask",
    "masked_select",
    "masked_select:broadcast",
    "where:positions",
    "repeat:each",
    "nonzero",
    "argwhere",
    "unique",
    "unique:all_of_it",
    "unique_values",
    "unique_values:floats",
    "unique_values:complex",
    "unique_values:booleans",
    "unique_all",
    "unique_all:floats",
    "unique_all:complex",
    "unique_counts",
    "unique_counts:floats",
    "unique_inverse",
    "unique_inverse:floats",
    "histogram",
    "histogram:edges",
    "bincount",
    "bincount:weights",
]
"""Ops, and ways to call them, whose results have a shape that depends on values."""


@pytest.mark.parametrize("row", all_rows(), ids=lambda row: row.name)
def test_an_op_is_compiled_with_its_derivatives(row: Row, backend: Any) -> None:
    if backend.name in row.skip:
        pytest.skip(row.skip[backend.name])
    rng = np.random.default_rng(zlib.crc32(row.name.encode()))
    tensors = [zk.tensor(a, requires_grad=a.dtype.kind in "fc") for a in (sample(rng) for sample in row.inputs)]
    run = zk.jit(lambda *xs: everything(row, xs))
    if row.name.replace(" ", "_") in OF_VALUES:
        with pytest.raises(TracedValueError):
            run(*tensors)
        return
    ours, theirs = run(*tensors), everything(row, tuple(tensors))
    assert len(ours) == len(theirs)
    for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if b is None:
            assert a is None
            continue
        a, b = a.numpy(), b.numpy()
        size = np.max(np.abs(b[np.isfinite(b)]), initial=1.0) if b.dtype.kind in "fc" else 0
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8 * size, err_msg=f"value {k}")
