"""Tensors put together, and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import OPS, op
from zkynet.ops.shaping import expand_dims, reshape
from zkynet.tensor import Tensor

__all__ = ["chunk", "concat", "hstack", "repeat", "split", "stack", "tile", "unstack", "vstack"]


@op(name="concat")
def _concat(xp: Any, arrays: Sequence[Array], axis: Any) -> Array:
    return xp.concat(arrays, axis=axis)


@_concat.gradient("arrays")
def _(xp: Any, g: Any, axis: Any, shapes: Any, needs: Any) -> Any:
    parts, start = [], 0
    before = (slice(None),) * axis
    for shape, needed in zip(shapes, needs, strict=True):
        stop = start + shape[axis]
        parts.append(g[(*before, slice(start, stop), ...)] if needed else None)
        start = stop
    return parts


def concat(arrays: Sequence[Array], /, axis: int | None = 0) -> Tensor:
    """Tensors one after the other along an axis.

    Args:
        arrays: tensors of the same shape but for that axis.
        axis: which axis; None for all elements of all tensors in one row.

    Example:
        >>> import zkynet as zk
        >>> zk.concat([zk.tensor([1, 2]), zk.tensor([3])])
        Tensor([1, 2, 3])
    """
    values = _listed("concat", arrays)
    if axis is None:
        values, axis = [reshape(v, (-1,)) for v in values], 0
    at = normalize_axis("concat", axis, values[0].ndim)
    first = values[0].shape
    for i, v in enumerate(values):
        if v.ndim != len(first) or any(a != b for k, (a, b) in enumerate(zip(v.shape, first, strict=True)) if k != at):
            raise ShapeError(
                "concat: the shapes differ in more than the axis they are joined along",
                facts=[f"arrays[0]  {first}", f"arrays[{i}]  {v.shape}", f"joined along axis {at}"],
                fix="make all other lengths the same, or use zk.stack for a new axis",
                op="concat",
                shapes=tuple(v.shape for v in values),
            )
    return OPS["concat"].run([values, at])


def stack(arrays: Sequence[Array], /, axis: int = 0) -> Tensor:
    """Tensors of one shape along a new axis.

    Args:
        arrays: tensors of the same shape.
        axis: where the new axis stands in the result.

    Example:
        >>> import zkynet as zk
        >>> zk.stack([zk.tensor([1, 2]), zk.tensor([3, 4])])
        Tensor([[1, 2],
                [3, 4]])
    """
    values = _listed("stack", arrays)
    at = normalize_axis("stack", axis, values[0].ndim + 1)
    for i, v in enumerate(values):
        if v.shape != values[0].shape:
            raise ShapeError(
                "stack: the shapes differ",
                facts=[f"arrays[0]  {values[0].shape}", f"arrays[{i}]  {v.shape}"],
                fix="stack tensors of one shape, or join them with zk.concat",
                op="stack",
                shapes=tuple(v.shape for v in values),
            )
    return OPS["stack"].run([values, at])


@op(name="stack")
def _stack(xp: Any, arrays: Sequence[Array], axis: Any) -> Array:
    return xp.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def _(xp: Any, g: Any, axis: Any, needs: Any) -> Any:
    before = (slice(None),) * axis
    return [g[(*before, i, ...)] if needed else None for i, needed in enumerate(needs)]


def _listed(name: str, arrays: Any) -> list[Tensor]:
    """The tensors of a list that must not be empty."""
    if isinstance(arrays, Tensor):
        arrays = list(arrays)
    values = [as_tensor(name, a) for a in arrays]
    if not values:
        raise InvalidValueError(f"{name} received an empty list", fix="pass at least one tensor", op=name)
    return values


def hstack(arrays: Sequence[Array], /) -> Tensor:
    """Tensors side by side: along the second axis, vectors along their only one.

    Args:
        arrays: tensors of the same shape but for that axis.

    Example:
        >>> import zkynet as zk
        >>> zk.hstack([zk.zeros(2, 1), zk.ones(2, 1)])
        Tensor([[0., 1.],
                [0., 1.]])
    """
    values = _listed("hstack", arrays)
    values = [reshape(v, (1,)) if v.ndim == 0 else v for v in values]
    return concat(values, axis=0 if values[0].ndim == 1 else 1)


def vstack(arrays: Sequence[Array], /) -> Tensor:
    """Tensors on top of each other: along the first axis, vectors as rows.

    Args:
        arrays: tensors of the same shape but for that axis.

    Example:
        >>> import zkynet as zk
        >>> zk.vstack([zk.zeros(2), zk.ones(2)])
        Tensor([[0., 0.],
                [1., 1.]])
    """
    return concat([reshape(v, (1, -1)) if v.ndim < 2 else v for v in _listed("vstack", arrays)], axis=0)


# -- apart --------------------------------------------------------------------------------------------------------


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis.

    Args:
        x: a tensor of any shape.
        axis: which axis; it is gone in the results.

    Example:
        >>> import zkynet as zk
        >>> zk.unstack(zk.tensor([[1, 2], [3, 4]]))
        (Tensor([1, 2]), Tensor([3, 4]))
    """
    x = as_tensor("unstack", x)
    before = (slice(None),) * normalize_axis("unstack", axis, x.ndim)
    return tuple(x[(*before, i)] for i in range(x.shape[len(before)]))


def split(x: Array, sizes: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis: a number of equal ones (as in NumPy), or of the given sizes (as in PyTorch).

    Args:
        x: a tensor of any shape.
        sizes: how many equal pieces, or the length of each.
        axis: which axis.

    Example:
        >>> import zkynet as zk
        >>> [t.shape for t in zk.split(zk.zeros(6), 2)], [t.shape for t in zk.split(zk.zeros(6), [1, 5])]
        ([(3,), (3,)], [(1,), (5,)])
    """
    x = as_tensor("split", x)
    at = normalize_axis("split", axis, x.ndim)
    length = x.shape[at]
    if isinstance(sizes, (list, tuple)):
        lengths = [index(n) for n in sizes]
        if sum(lengths) != length or min(lengths, default=0) < 0:
            raise InvalidValueError(
                f"split: the sizes {lengths} add up to {sum(lengths)}, axis {at} has length {length}",
                fix="pass sizes that add up to the length of the axis",
                op="split",
            )
    else:
        n = index(sizes)  # type: ignore[arg-type]
        if n < 1 or length % n:
            raise InvalidValueError(
                f"split: axis {at} of length {length} cannot be cut into {n} equal pieces",
                fix="pass the size of each piece as a list, or use zk.chunk",
                op="split",
            )
        lengths = [length // n] * n
    return _pieces(x, lengths, at)


def chunk(x: Array, n: int, axis: int = 0) -> tuple[Tensor, ...]:
    """At most `n` pieces along an axis, equal but for a shorter last one.

    Args:
        x: a tensor of any shape.
        n: how many pieces at most.
        axis: which axis.

    Example:
        >>> import zkynet as zk
        >>> [t.shape for t in zk.chunk(zk.zeros(5), 2)]
        [(3,), (2,)]
    """
    x = as_tensor("chunk", x)
    at = normalize_axis("chunk", axis, x.ndim)
    if n < 1:
        raise InvalidValueError(f"chunk: {n} pieces were asked for, at least one is needed")
    each = max(-(-x.shape[at] // n), 1)
    starts = range(0, max(x.shape[at], 1), each)
    return _pieces(x, [min(each, x.shape[at] - s) for s in starts], at)


def _pieces(x: Tensor, lengths: list[int], axis: int) -> tuple[Tensor, ...]:
    before = (slice(None),) * axis
    stops = np.cumsum(lengths).tolist()
    return tuple(x[(*before, slice(stop - n, stop))] for n, stop in zip(lengths, stops, strict=True))


# -- repeated -----------------------------------------------------------------------------------------------------


def repeat(x: Array, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Each element repeated on the spot.

    Args:
        x: a tensor of any shape.
        repeats: how often; a tensor or list says it for each element along the axis.
        axis: which axis; by default the tensor is taken as one long row.

    Example:
        >>> import zkynet as zk
        >>> zk.repeat(zk.tensor([1, 2]), 2)
        Tensor([1, 1, 2, 2])
    """
    from zkynet.ops.selecting import take

    x = as_tensor("repeat", x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis("repeat", axis, x.ndim)
    n = x.shape[at]
    counts = np.asarray(repeats.numpy() if isinstance(repeats, Tensor) else repeats)
    if counts.dtype.kind not in "iu" and counts.size:
        raise InvalidValueError(f"repeat: the number of repeats is an integer, received {counts.dtype}", op="repeat")
    if counts.size and counts.min() < 0:
        raise InvalidValueError("repeat: nothing can be repeated a negative number of times", op="repeat")
    if counts.ndim == 0 or counts.shape == (1,):
        return _repeat_each(x, int(counts.reshape(())), at)
    if counts.shape != (n,):
        raise ShapeError(
            f"repeat: {counts.size} numbers of repeats for {n} elements along axis {at}",
            fix="pass one number, or one for each element",
            op="repeat",
        )
    places = np.repeat(np.arange(n), counts)
    return take(x, places, axis=at)


def _repeat_each(x: Tensor, times: int, axis: int) -> Tensor:
    from zkynet.ops.shaping import broadcast_to

    shape = x.shape
    wide = broadcast_to(expand_dims(x, axis=axis + 1), (*shape[: axis + 1], times, *shape[axis + 1 :]))
    return reshape(wide, (*shape[:axis], shape[axis] * times, *shape[axis + 1 :]))


def tile(x: Array, repetitions: Any, /) -> Tensor:
    """The whole tensor repeated along its axes.

    Args:
        x: a tensor of any shape.
        repetitions: how often along each axis, aligned at the last one.

    Example:
        >>> import zkynet as zk
        >>> zk.tile(zk.tensor([1, 2]), (2, 2))
        Tensor([[1, 2, 1, 2],
                [1, 2, 1, 2]])
    """
    from zkynet.ops.shaping import broadcast_to

    x = as_tensor("tile", x)
    times = tuple(index(n) for n in (repetitions if isinstance(repetitions, (tuple, list)) else (repetitions,)))
    ndim = max(x.ndim, len(times))
    shape = (1,) * (ndim - x.ndim) + x.shape
    times = (1,) * (ndim - len(times)) + times
    paired = tuple(n for t, s in zip(times, shape, strict=True) for n in (1, s))
    wide = tuple(n for t, s in zip(times, shape, strict=True) for n in (t, s))
    return reshape(broadcast_to(reshape(x, paired), wide), tuple(t * s for t, s in zip(times, shape, strict=True)))
