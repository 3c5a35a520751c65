"""How a batched matrix product is put to cuBLAS: layouts, leading dimensions, batch strides. Numbers only.

cuBLAS computes ``C = op(A) op(B)`` on matrices whose columns are contiguous. A C-contiguous result is, read that way,
its own transpose, so what is computed is ``z^T = y^T x^T``: the operands change places and the flags say how each lies
in memory. Nothing is copied if one axis of each matrix has stride 1; axes that are broadcast get a batch stride of 0.

References:
    NVIDIA, cuBLAS library documentation, cublasGemmStridedBatchedEx().
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

Shape = tuple[int, ...]

MOST_CALLS = 32
"""With more calls than that, one copy of an operand and a single call is the better deal."""

INT32 = 2**31 - 1


class NeedsCopy(Exception):
    """Operands lie in memory as cuBLAS cannot take them.

    Attributes:
        which: which of the two is to be made contiguous.
        spread: whether its broadcast batch axes are to be filled in as well.
    """

    def __init__(self, which: tuple[bool, bool], spread: bool) -> None:
        super().__init__(which, spread)
        self.which = which
        self.spread = spread


@dataclass(frozen=True)
class Plan:
    """The arguments of one cuBLAS call, to be made once for each of `offsets`; all lengths in elements.

    Attributes:
        transpose: cuBLAS's flags for its first and second operand, which are our second and first.
        m, n, k: the sizes as cuBLAS calls them: rows and columns of its result, length of the sums.
        leading: the leading dimensions of its first, second and third matrix.
        strides: the batch strides of the same.
        batch: how many products there are in one call.
        offsets: where the matrices (first, second, third) of each call begin.
    """

    transpose: tuple[bool, bool]
    m: int
    n: int
    k: int
    leading: tuple[int, int, int]
    strides: tuple[int, int, int]
    batch: int
    offsets: tuple[tuple[int, int, int], ...]


def result_shape(x: Shape, y: Shape) -> Shape:
    """The shape of the product of stacks of matrices; `ValueError` if they do not fit."""
    if x[-1] != y[-2]:
        raise ValueError(f"matrices of shapes {x} and {y} cannot be multiplied: {x[-1]} != {y[-2]}")
    return (*broadcast(x[:-2], y[:-2]), x[-2], y[-1])


def broadcast(x: Shape, y: Shape) -> Shape:
    """The common shape of two shapes."""
    ndim = max(len(x), len(y))
    x, y = (1,) * (ndim - len(x)) + x, (1,) * (ndim - len(y)) + y
    for a, b in zip(x, y, strict=True):
        if a != b and 1 not in (a, b):
            raise ValueError(f"the batch axes {x} and {y} do not broadcast")
    return tuple(b if a == 1 else a for a, b in zip(x, y, strict=True))


def layout(rows: int, columns: int, row_stride: int, column_stride: int) -> tuple[bool, int] | None:
    """Whether a matrix lies with contiguous columns, and its leading dimension; None if neither axis is contiguous.

    False, with the distance of rows, means contiguous rows; to cuBLAS that is the matrix's transpose as it is.
    """
    if column_stride == 1 or columns == 1:
        leading = row_stride if rows > 1 else columns
        if max(1, columns) <= leading <= INT32:
            return False, leading
    if row_stride == 1 or rows == 1:
        leading = column_stride if columns > 1 else rows
        if max(1, rows) <= leading <= INT32:
            return True, leading
    return None


@lru_cache(maxsize=4096)
def plan(x_shape: Shape, x_strides: Shape, y_shape: Shape, y_strides: Shape) -> Plan:
    """The cuBLAS call for ``z = x @ y``, with `z` C-contiguous, none of the sizes 0 and strides in elements.

    Raises:
        NeedsCopy: an operand has to be made contiguous first.
        ValueError: the shapes do not fit.
    """
    shape = result_shape(x_shape, y_shape)
    rows, inner, columns = x_shape[-2], x_shape[-1], y_shape[-1]
    by_x, by_y = batch_strides(x_shape, x_strides, shape), batch_strides(y_shape, y_strides, shape)
    batch, by_x, by_y = merged(shape[:-2], by_x, by_y)
    row_stride = x_strides[-2]
    if len(batch) == 1 and by_y == (0,) and (rows == 1 or by_x[0] == rows * row_stride):
        # one matrix y for a stack of x, as in a linear layer: the stack is one tall matrix
        row_stride = by_x[0] if rows == 1 else row_stride
        rows *= batch[0]
        batch, by_x, by_y = (), (), ()
    x_lies, y_lies = layout(rows, inner, row_stride, x_strides[-1]), layout(inner, columns, *y_strides[-2:])
    if x_lies is None or y_lies is None:
        raise NeedsCopy((x_lies is None, y_lies is None), spread=False)
    by_z = contiguous_strides(batch, rows * columns)
    chosen = max(range(len(batch)), key=lambda i: batch[i], default=-1)
    others = [i for i in range(len(batch)) if i != chosen]
    calls = [
        tuple(sum(at * s[i] for at, i in zip(place, others, strict=True)) for s in (by_y, by_x, by_z))
        for place in product(*(range(batch[i]) for i in others))
    ]
    if len(calls) > MOST_CALLS:
        scattered = (len(merged(batch, by_x, by_x)[0]) > 1, len(merged(batch, by_y, by_y)[0]) > 1)
        raise NeedsCopy(scattered, spread=True)
    strides = (by_y[chosen], by_x[chosen], by_z[chosen]) if batch else (0, 0, 0)
    return Plan(
        transpose=(y_lies[0], x_lies[0]),
        m=columns,
        n=rows,
        k=inner,
        leading=(y_lies[1], x_lies[1], columns),
        strides=strides,
        batch=batch[chosen] if batch else 1,
        offsets=tuple((a, b, c) for a, b, c in calls),
    )


def batch_strides(shape: Shape, strides: Shape, out: Shape) -> Shape:
    """The strides of the batch axes of an operand, 0 where it is broadcast."""
    own = [0 if n == 1 else s for n, s in zip(shape[:-2], strides[:-2], strict=True)]
    return (0,) * (len(out) - len(shape)) + tuple(own)


def merged(batch: Shape, by_x: Shape, by_y: Shape) -> tuple[Shape, Shape, Shape]:
    """The batch axes without those of length 1, neighbours made one where both operands allow it."""
    out: list[tuple[int, int, int]] = []
    for n, a, b in zip(batch, by_x, by_y, strict=True):
        if n == 1:
            continue
        if out and out[-1][1] == a * n and out[-1][2] == b * n:
            out[-1] = (out[-1][0] * n, a, b)
        else:
            out.append((n, a, b))
    return tuple(o[0] for o in out), tuple(o[1] for o in out), tuple(o[2] for o in out)


def contiguous_strides(batch: Shape, size: int) -> Shape:
    """The strides of the batch axes of a C-contiguous result with `size` elements a matrix."""
    out: list[int] = []
    for n in reversed(batch):
        out.insert(0, size)
        size *= n
    return tuple(out)
