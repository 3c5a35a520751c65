"""Methods of tensors: each does what the function of the same meaning does, under NumPy's or PyTorch's name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ShapeError

A = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75], [1.0, 4.0, -2.5]])
B = np.array([[1.0, -1.5, 0.5], [2.0, 0.25, 3.0], [1.5, 4.0, -1.0]])
EYE = np.eye(3, dtype=bool)

CASES: dict[str, tuple[Any, Any]] = {
    # method: (what it does to a tensor, what NumPy says)
    "exp2": (lambda x: x.exp2(), lambda: np.exp2(A)),
    "asinh": (lambda x: x.asinh(), lambda: np.arcsinh(A)),
    "neg": (lambda x: x.neg(), lambda: -A),
    "pow": (lambda x: x.pow(2), lambda: A**2),
    "add": (lambda x: x.add(B), lambda: A + B),
    "sub": (lambda x: x.sub(B), lambda: A - B),
    "mul": (lambda x: x.mul(2.0), lambda: A * 2),
    "div": (lambda x: x.div(B), lambda: A / B),
    "remainder": (lambda x: x.remainder(0.4), lambda: A % 0.4),
    "maximum": (lambda x: x.maximum(B), lambda: np.maximum(A, B)),
    "atan2": (lambda x: x.atan2(B), lambda: np.arctan2(A, B)),
    "eq": (lambda x: x.eq(B), lambda: A == B),
    "ne": (lambda x: x.ne(B), lambda: A != B),
    "lt": (lambda x: x.lt(B), lambda: A < B),
    "le": (lambda x: x.le(B), lambda: A <= B),
    "gt": (lambda x: x.gt(B), lambda: A > B),
    "ge": (lambda x: x.ge(B), lambda: A >= B),
    "isclose": (lambda x: x.isclose(B), lambda: np.isclose(A, B)),
    "lerp": (lambda x: x.lerp(B, 0.25), lambda: A + 0.25 * (B - A)),
    "round": (lambda x: x.round(1), lambda: np.round(A, 1)),
    "round()": (lambda x: round(x, 1), lambda: np.round(A, 1)),
    "divmod": (lambda x: divmod(x, 0.4)[0], lambda: A // 0.4),
    "reflected divmod": (lambda x: divmod(5.0, x)[1], lambda: 5.0 % A),
    "where": (lambda x: x.where(x > 0, 0.0), lambda: np.where(A > 0, A, 0)),
    "masked_fill": (lambda x: x.masked_fill(EYE, 9.0), lambda: np.where(EYE, 9, A)),
    "masked_select": (lambda x: x.masked_select(EYE), lambda: A[EYE]),
    "median": (lambda x: x.median(0), lambda: np.median(A, 0)),
    "quantile": (lambda x: x.quantile(0.3, axis=1), lambda: np.quantile(A, 0.3, axis=1)),
    "nansum": (lambda x: x.nansum(0), lambda: A.sum(0)),
    "count_nonzero": (lambda x: x.count_nonzero(), lambda: 9),
    "diff": (lambda x: x.diff(), lambda: np.diff(A)),
    "cumsum": (lambda x: x.cumsum(0), lambda: A.cumsum(0)),
    "unflatten": (lambda x: x.unflatten(1, (1, 3)), lambda: A[:, None]),
    "moveaxis": (lambda x: x.moveaxis(0, 1), lambda: A.T),
    "flip": (lambda x: x.flip(0), lambda: A[::-1]),
    "roll": (lambda x: x.roll(1, 0), lambda: np.roll(A, 1, 0)),
    "tile": (lambda x: x.tile(2, 1), lambda: np.tile(A, (2, 1))),
    "tile by a tuple": (lambda x: x.tile((2, 1)), lambda: np.tile(A, (2, 1))),
    "expand_as": (lambda x: x[0].expand_as(x), lambda: np.broadcast_to(A[0], (3, 3))),
    "view_as": (lambda x: x.flatten().view_as(x), lambda: A),
    "chunk": (lambda x: x.chunk(2)[1], lambda: A[2:]),
    "unbind": (lambda x: x.unbind(1)[2], lambda: A[:, 2]),
    "diag": (lambda x: x.diag(1), lambda: np.diag(A, 1)),
    "tril": (lambda x: x.tril(-1), lambda: np.tril(A, -1)),
    "triu": (lambda x: x.triu(), lambda: np.triu(A)),
    "diagonal": (lambda x: x.diagonal(), lambda: A.diagonal()),
    "trace": (lambda x: x.trace(), lambda: A.trace()),
    "mm": (lambda x: x.mm(B), lambda: A @ B),
    "bmm": (lambda x: x[None].bmm(x[None]), lambda: (A @ A)[None]),
    "outer": (lambda x: x[0].outer(x[1]), lambda: np.outer(A[0], A[1])),
    "scatter": (lambda x: x.scatter(np.array([[0], [1], [2]]), 9.0), lambda: np.where(EYE, 9, A)),
    "take_along_axis": (lambda x: x.take_along_axis(np.array([[0], [1], [2]])), lambda: A.diagonal()[:, None]),
    "topk": (lambda x: x.topk(1).values, lambda: A.max(1, keepdims=True)),
    "unique": (lambda x: x.unique(), lambda: np.unique(A)),
    "contiguous": (lambda x: x.contiguous(), lambda: A),
}


@pytest.mark.parametrize("name", CASES)
def test_methods(name: str) -> None:
    call, expected = CASES[name]
    out, want = call(zk.tensor(A)), np.asarray(expected())
    assert out.shape == want.shape
    np.testing.assert_allclose(out.numpy(), want, rtol=1e-12)


def test_facts() -> None:
    x = zk.tensor(A)
    assert (x.dim(), x.numel(), x.itemsize) == (2, 9, 8)
    assert x.is_floating_point()
    assert not x.is_complex()
    assert x.allclose(A + 1e-12)
    assert 4.0 in x
    assert 7 not in x
    assert zk.ones(2).bfloat16().dtype == "bfloat16" if zk.get_backend().supports(zk.bfloat16) else True


def test_methods_in_place_make_the_tensor_stand_for_a_new_value() -> None:
    mine = np.array([1.0, 2.0])
    x = zk.asarray(mine)
    assert x.add_(1.0).mul_(3.0).sub_(1.0).div_(2.0) is x
    assert x.tolist() == [2.5, 4.0]
    assert x.fill_(7.0).tolist() == [7.0, 7.0]
    assert x.copy_(zk.tensor([1, 2])).tolist() == [1.0, 2.0]
    assert x.dtype == zk.float64
    assert x.zero_().tolist() == [0.0, 0.0]
    assert mine.tolist() == [1.0, 2.0]


def test_a_training_step_as_written_for_pytorch() -> None:
    w = zk.tensor([1.0, 2.0], requires_grad=True)
    for expected in ([0.8, 1.6], [0.64, 1.28]):
        (w * w).sum().backward()
        with zk.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad.zero_()
        np.testing.assert_allclose(w.tolist(), expected, rtol=1e-6)
        assert w.grad.tolist() == [0.0, 0.0]


def test_running_methods_want_an_axis_like_the_functions() -> None:
    with pytest.raises(ShapeError, match="which axis"):
        zk.ones(2, 2).cumsum()
    assert zk.ones(3).cumsum().tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(TypeError):
        divmod(zk.ones(2), "a")
