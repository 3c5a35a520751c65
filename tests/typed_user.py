"""What a user's type checker sees. `mypy` reads this file (pyproject.toml); nothing runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_type

import numpy as np

import zkynet as zk
from zkynet import Tensor
from zkynet.framework import cg, op

x = zk.tensor([1.0, 2.0], requires_grad=True)

assert_type(x, Tensor)
assert_type(2 ** (1 + x * x) @ x, Tensor)
assert_type(x > 0, Tensor)
assert_type(x[..., None], Tensor)
assert_type(x.sum(0).reshape(2, -1).T, Tensor)
assert_type(x.grad, Tensor | None)
assert_type(x.shape, tuple[int, ...])
assert_type(x.numpy(), np.ndarray[Any, Any])

# functions, ops and their results
assert_type(zk.tanh(x), Tensor)
assert_type(zk.sum(x, axis=0), Tensor)
assert_type(zk.einsum("i,i->", x, x), Tensor)
assert_type(zk.split(x, 2), tuple[Tensor, ...])
assert_type(zk.nonzero(x), tuple[Tensor, ...])
assert_type(zk.topk(x, 1).indices, Tensor)
assert_type(zk.linalg.inv(x), Tensor)
assert_type(zk.linalg.svd(x).Vh, Tensor)
assert_type(zk.linalg.eigh(x).eigenvalues, Tensor)
assert_type(zk.linalg.qr(x).Q, Tensor)
assert_type(zk.linalg.slogdet(x).sign, Tensor)
assert_type(zk.fft.rfft(x), Tensor)
assert_type(zk.special.erf(x), Tensor)
assert_type(zk.bfloat16, np.dtype[Any])
assert_type(zk.finfo(zk.float32).eps, float)
assert_type(zk.__version__, str)

# mistakes are seen
zk.sofmax(x)  # type: ignore[attr-defined]
zk.sum(x, axes=0)  # type: ignore[call-arg]
zk.tanh(xp=x)  # type: ignore[call-arg]
x.summ()  # type: ignore[attr-defined]


@zk.no_grad()
def double(v: Tensor) -> Tensor:
    return v * 2


@zk.checkpoint
def triple(v: Tensor) -> Tensor:
    return v * 3


@zk.custom_gradient(backward=lambda g: g)
def rounded(v: Tensor) -> Tensor:
    return zk.round(v)


@zk.custom_gradient
def halved(v: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    return v, lambda g: g * 0.5


assert_type(double(x), Tensor)
assert_type(triple(x), Tensor)
assert_type(rounded(x), Tensor)
assert_type(halved(x), Tensor)


class SimpleModel(cg.Module):
    def __init__(self, w0: float = 1) -> None:
        super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", w0),))

    def call(self, x: cg.Node) -> cg.Node:
        return op.mult(op.add(x, self.param("w")), op.square(x))


class Cube(cg.Operator):
    def __init__(self) -> None:
        super().__init__(inputs=(cg.Variable("x"),))

    def _op_impl(self, x: Tensor) -> Tensor:
        return x * x * x


assert_type(Cube()(2.0), cg.OperatorNode)
assert_type(zk.visual.plot_cg(SimpleModel()(3).root).svg, str)
