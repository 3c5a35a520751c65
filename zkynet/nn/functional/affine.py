"""Affine maps: linear, bilinear, embedding."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.errors import DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.linalg.norms import vector_norm
from zkynet.nn.functional.checks import floats
from zkynet.ops.arguments import number, whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.selecting import take, where
from zkynet.tensor import Tensor

__all__ = ["bilinear", "embedding", "linear"]


@op(name="nn.linear", kinds="float")
def _linear(xp: Any, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x @ weight.T + bias over the last axis, as one product of matrices."""
    rows = x if len(x.shape) < 3 else _as_rows(xp, x)
    out = xp.matmul(rows, weight.T)
    if bias is not None:
        out = out + bias
    return out if len(x.shape) < 3 else xp.reshape(out, (*x.shape[:-1], weight.shape[0]))


def _as_rows(xp: Any, x: Any) -> Any:
    """All axes but the last as one."""
    return x if len(x.shape) == 2 else xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


@_linear.gradient("x")
def _(xp: Any, g: Any, weight: Any) -> Any:
    rows = g if len(g.shape) < 3 else _as_rows(xp, g)
    out = xp.matmul(rows, weight)
    return out if len(g.shape) < 3 else xp.reshape(out, (*g.shape[:-1], weight.shape[1]))


@_linear.gradient("weight")
def _(xp: Any, g: Any, x: Any) -> Any:
    return xp.matmul(_as_rows(xp, g).T, _as_rows(xp, x))


@_linear.gradient("bias")
def _(xp: Any, g: Any, bias: Any) -> Any:
    rows = _as_rows(xp, g)
    return xp.sum(rows, axis=0) if g.dtype != bias.dtype else xp.nn.column_sums(rows)


@op(name="nn.column_sums", kinds="float")
def _column_sums(xp: Any, x: Array) -> Array:
    """The sums of the columns of a matrix: what the gradient of a bias is."""
    return xp.sum(x, axis=0)


@_column_sums.gradient("x")
def _(xp: Any, g: Any, x_shape: Any) -> Any:
    return xp.broadcast_to(g, x_shape)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The affine map ``input @ weight.T + bias`` over the last axis.

    Args:
        input: (..., in features).
        weight: (out features, in features).
        bias: (out features,), or None.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.linear(zk.ones((2, 3)), zk.ones((4, 3)), zk.ones(4)).shape
        (2, 4)
    """
    backend = floats("linear", input=input, weight=weight, bias=bias)
    x, w, b = input._raw.shape, weight._raw.shape, None if bias is None else bias._raw.shape
    if len(w) != 2 or not x or x[-1] != w[1] or not (b is None or b == (w[0],) or tuple(b) == (w[0],)):
        raise _misfit(tuple(x), tuple(w), None if b is None else tuple(b))
    return _linear.op.run_prepared(backend, [input, weight, bias])


def _misfit(x: tuple[int, ...], w: tuple[int, ...], b: tuple[int, ...] | None) -> ShapeError:
    facts = [f"input   {x}", f"weight  {w}", *([] if b is None else [f"bias    {b}"])]
    if len(w) != 2:
        return ShapeError(
            "linear: the weight is a matrix (out features, in features)", facts, fix="give it two axes", op="linear"
        )
    if not x:
        return ShapeError(
            "linear takes inputs with at least one axis, this one is a single number",
            facts,
            fix="pass a batch of rows, or add an axis: x[None]",
            op="linear",
        )
    if x[-1] != w[1]:
        fix = f"use a layer of {x[-1]} inputs: Linear({x[-1]}, {w[0]}), or Linear(None, {w[0]}) to infer it"
        if len(x) > 2 and math.prod(x[1:]) == w[1]:
            fix = "flatten the input first: nn.Flatten() or x.flatten(1)"
        return ShapeError(
            f"linear takes inputs of {w[1]} features, the last axis of this one has {x[-1]}",
            facts,
            fix=fix,
            op="linear",
            input_shape=x,
            weight_shape=w,
        )
    return ShapeError(
        f"linear: the bias has one number for each of the {w[0]} outputs",
        facts,
        fix=f"pass a bias of shape ({w[0]},)",
        op="linear",
    )


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The bilinear map ``y_k = input1 @ weight[k] @ input2 + bias_k`` over the last axes.

    Args:
        input1: (..., in1 features).
        input2: (..., in2 features), the same leading axes.
        weight: (out features, in1 features, in2 features).
        bias: (out features,), or None.

    Example:
        >>> import zkynet as zk
        >>> F = zk.nn.functional
        >>> F.bilinear(zk.ones((5, 2)), zk.ones((5, 3)), zk.ones((4, 2, 3))).shape
        (5, 4)
    """
    floats("bilinear", input1=input1, input2=input2, weight=weight, bias=bias)
    a, b, w = input1.shape, input2.shape, weight.shape
    facts = [f"input1  {a}", f"input2  {b}", f"weight  {w}"]
    if len(w) != 3 or not a or not b or a[-1] != w[1] or b[-1] != w[2]:
        raise ShapeError(
            "bilinear: the last axes of the inputs are the last two of the weight (out, in1, in2)",
            facts,
            fix="make the layer for these inputs"
            + (f": Bilinear({a[-1]}, {b[-1]}, {w[0]})" if a and b and len(w) == 3 else ""),
            op="bilinear",
        )
    if a[:-1] != b[:-1]:
        raise ShapeError(
            "bilinear: the leading axes of the two inputs differ",
            facts,
            fix="pass as many examples in one input as in the other",
            op="bilinear",
        )
    if bias is not None and bias.shape != (w[0],):
        raise ShapeError(
            f"bilinear: the bias has one number for each of the {w[0]} outputs",
            facts,
            fix=f"pass a bias of shape ({w[0]},)",
            op="bilinear",
        )
    left = input1.reshape((math.prod(a[:-1]), a[-1]))
    right = input2.reshape((math.prod(b[:-1]), b[-1]))
    # (n, i) and (o, i, j) -> (n, o, j), then with (n, j) -> (n, o)
    half = (left @ weight.permute((1, 0, 2)).reshape((w[1], w[0] * w[2]))).reshape((left.shape[0], w[0], w[2]))
    out = (half @ right[:, :, None])[:, :, 0]
    if bias is not None:
        out = out + bias
    return out.reshape((*a[:-1], w[0]))


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """The rows of a table: ``weight[input]``.

    Args:
        input: integers, (...).
        weight: the table, (number of rows, row length).
        padding_idx: a row that gets no gradient.
        max_norm: rows of a larger norm are scaled down to it before they are used. (PyTorch writes them back into
            the table; here the table is changed by an optimiser alone.) The scaling has no gradient of its own.
        norm_type: of which norm `max_norm` speaks.

    Example:
        >>> import zkynet as zk
        >>> table = zk.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
        >>> zk.nn.functional.embedding(zk.tensor([2, 1]), table)
        Tensor([[3., 4.],
                [1., 2.]])
    """
    input = as_tensor("embedding", input)
    floats("embedding", weight=weight)
    if input.dtype.kind not in "iu":
        raise DTypeError(
            f"embedding looks rows up by integers, received {input.dtype}",
            fix="convert them: input.astype(zk.int64)",
            op="embedding",
        )
    if len(weight.shape) != 2:
        raise ShapeError(
            f"embedding: the weight is a table (rows, length), received shape {weight.shape}", fix="give it two axes"
        )
    n = weight.shape[0]
    _check_rows(input, n)
    if padding_idx is not None:
        place = whole("embedding", "padding_idx", padding_idx)
        if not -n <= place < n:
            raise InvalidValueError(
                f"embedding: padding_idx is a row of the table, there is no row {place} of {n}", op="embedding"
            )
    out = take(weight, input.reshape((input.size,)), axis=0).reshape((*input.shape, weight.shape[1]))
    if max_norm is not None:
        bound, p = number("embedding", "max_norm", max_norm), number("embedding", "norm_type", norm_type)
        rows = out.detach()
        norms = vector_norm(rows, axis=-1, keepdims=True, ord=p)
        out = out + where(norms > bound, rows * (bound / (norms + 1e-7)) - rows, 0.0 * rows)
    if padding_idx is not None:
        padded = (input == place % n)[..., None]
        out = where(padded, out.detach(), out)
    return out


def _check_rows(input: Tensor, n: int) -> None:
    """Refuse indices that the table has no row for, where the values can be looked at."""
    raw, backend = input._raw, input.backend
    if not input.size or not backend.can_look(raw):
        return
    values = backend.to_numpy(raw)
    low, high = int(values.min()), int(values.max())
    if low >= 0 and high < n:
        return
    import numpy as np

    wrong = (values < 0) | (values >= n)
    place = tuple(int(i) for i in np.argwhere(wrong)[0]) if values.shape else ()
    raise IndexOutOfRangeError(
        f"embedding: the index {int(values[place])} at {place} is no row of a table of {n}",
        facts=[f"rows     0 to {n - 1}", f"indices  {low} to {high}"],
        fix="make the table larger (num_embeddings), or check how the indices are made",
        op="embedding",
        index=int(values[place]),
        position=place,
    )
