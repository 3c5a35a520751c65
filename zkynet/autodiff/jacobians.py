"""Whole matrices of derivatives: `jacobian` and `hessian`, row by row or column by column, whichever are fewer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.arguments import Inputs, check_argnums, check_callable
from zkynet.autodiff.trace import Trace
from zkynet.autodiff.transforms import LinearMap, Outputs, grad, split_aux
from zkynet.graph import Recording
from zkynet.ops.creation import asarray
from zkynet.ops.filled import zeros_like
from zkynet.tensor import Tensor, wrap


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes all derivatives of all results of `f`.

    ``J[i..., j...] = ∂f[i...] / ∂x[j...]``. It takes as many backward passes as there are results, or, if that is
    less, as many forward derivatives as there are inputs.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them, that returns such.
        argnums: the position of the argument to differentiate by, or several.
        has_aux: whether `f` returns a pair of its result and something else that is passed through: the function then
            returns a pair of the derivatives and that.

    Returns:
        A function of the same arguments. In place of each tensor of the result stands the structure of the argument (a
        tuple of them for several `argnums`), with tensors of shape ``result.shape + input.shape``. A complex
        function of complex inputs is taken to be holomorphic; of a real function of complex inputs each row is the
        gradient of one result, dL/dx - i dL/dy.

    Example:
        >>> import zkynet as zk
        >>> zk.jacobian(lambda x: x * x)(zk.tensor([1.0, 2.0]))
        Tensor([[2., 0.],
                [0., 4.]])
    """
    check_callable("jacobian", f)

    @functools.wraps(f, updated=())
    def all_derivatives(*args: Any, **kwargs: Any) -> Any:
        inputs = Inputs("jacobian", f, args, check_argnums("jacobian", argnums, len(args)))
        several = isinstance(argnums, (tuple, list))
        trace = Trace(inputs.tensors)
        out, aux = split_aux("jacobian", f, trace.run(f, *inputs.replaced(trace.aliases), **kwargs), has_aux, trace)
        outputs = Outputs("jacobian", f, out, trace)
        ys = [y for y in outputs.leaves if y is not None and dt.is_differentiable(y.dtype)]
        blocks = _blocks(trace, outputs, inputs.tensors, ys)
        trees = [None if row is None else inputs.rebuilt(row) for row in blocks]
        derivatives = outputs.tree([tree if tree is None or several else tree[0] for tree in trees])
        return (derivatives, aux) if has_aux else derivatives

    return all_derivatives


def _blocks(trace: Trace, outputs: Outputs, inputs: list[Tensor], ys: list[Tensor]) -> list[list[Tensor] | None]:
    """The derivatives of each result by each input.

    By a complex input a real result has the gradient dL/dx - i dL/dy, which is a row; a complex result has a derivative
    along a real input, which is a column.
    """
    kinds = {(y.dtype.kind == "c", x.dtype.kind == "c") for y in ys for x in inputs}
    from_complex, to_complex = (False, True) in kinds, (True, False) in kinds
    if not (from_complex and to_complex):
        few_inputs = sum(x.size for x in inputs) < sum(y.size for y in ys)
        if to_complex or (few_inputs and not from_complex):
            return _by_columns(LinearMap(trace, outputs), inputs)
        return _by_rows(trace, outputs, inputs)
    rows = _by_rows(trace, outputs, inputs)
    columns = _by_columns(LinearMap(trace, outputs), inputs)
    return [
        above and [c if y.dtype.kind == "c" else r for r, c in zip(above, below or (), strict=True)]
        for y, above, below in zip(outputs.leaves, rows, columns, strict=True)
    ]


def _by_rows(trace: Trace, outputs: Outputs, inputs: list[Tensor]) -> list[list[Tensor] | None]:
    """One pull for each element of each result."""
    blocks: list[list[Tensor] | None] = []
    for y, node in zip(outputs.leaves, outputs.nodes, strict=True):
        if y is None or not dt.is_differentiable(y.dtype):
            blocks.append(None)
            continue
        rows: list[list[Tensor]] = []
        for unit in _units(y):
            grads = trace.pull([] if node is None else [(node, unit)], retain=True)
            rows.append([zeros_like(x) if g is None else g for g, x in zip(grads, inputs, strict=True)])
        blocks.append([_joined([r[k] for r in rows], (*y.shape, *x.shape), y, 0) for k, x in enumerate(inputs)])
    return blocks


def _by_columns(push: LinearMap, inputs: list[Tensor]) -> list[list[Tensor] | None]:
    """One derivative along the direction of each element of each input."""
    ys = push.outputs.leaves
    blocks: list[list[Tensor] | None] = [None if y is None or not dt.is_differentiable(y.dtype) else [] for y in ys]
    for k, x in enumerate(inputs):
        columns = [push([unit if i == k else None for i in range(len(inputs))], retain=True) for unit in _units(x)]
        for j, (y, block) in enumerate(zip(ys, blocks, strict=True)):
            if block is not None:
                block.append(_joined([c[j] for c in columns], (*y.shape, *x.shape), y, -1))
    return blocks


def _units(x: Tensor) -> list[Tensor]:
    """A one at each place of `x` in turn, zeros elsewhere."""
    eye = asarray(np.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape), device=x.device, backend=x.backend)
    return [wrap(eye._raw[k, ...], eye.backend, None) for k in range(x.size)]


def _joined(parts: list[Any], shape: tuple[int, ...], y: Tensor, axis: int) -> Tensor:
    if not parts:
        return asarray(np.zeros(shape, y.dtype), device=y.device, backend=y.backend)
    xp = Recording.namespace
    return xp.reshape(xp.stack(parts, axis=axis), shape)


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that computes all second derivatives of `f`, which returns a single real number.

    ``H[i..., j...] = ∂²f / ∂x[i...] ∂x[j...]``.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them.
        argnums: the position of the argument to differentiate by, or several.
        has_aux: whether `f` returns a pair of the number and something else that is passed through.

    Returns:
        A function of the same arguments: the structure of the argument with itself in place of each tensor, as
        `jacobian` of `grad` gives it. A single tensor x gives a tensor of shape ``x.shape + x.shape``.

    Example:
        >>> import zkynet as zk
        >>> zk.hessian(lambda x: zk.sum(x * x * x))(zk.tensor([1.0, 2.0]))
        Tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    check_callable("hessian", f)
    return jacobian(grad(f, argnums, has_aux), argnums, has_aux)


__all__ = ["hessian", "jacobian"]
