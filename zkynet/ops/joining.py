"""Tensors put together, taken apart, and repeated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import whole, whole_numbers
from zkynet.ops.axes import along, normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.ops.define import OPS, multiple, op
from zkynet.ops.direct import direct
from zkynet.ops.selecting import take
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = [
    "array_split", "cat", "chunk", "concat", "concatenate", "hstack", "repeat", "split", "stack", "tile", "unstack",
    "vstack",
]  # fmt: skip


# -- together -----------------------------------------------------------------------------------------------------


@op(name="concat")
def _concat(xp: Any, arrays: Sequence[Array], axis: Any) -> Array:
    return xp.concat(arrays, axis=axis)


@_concat.gradient("arrays")
def _(xp: Any, g: Any, axis: Any, shapes: Any, needs: Any) -> Any:
    stops = list(accumulate(shape[axis] for shape in shapes))
    return [
        g[along(axis, stop - shape[axis], stop)] if needed else None
        for shape, stop, needed in zip(shapes, stops, needs, strict=True)
    ]


@op(name="stack")
def _stack(xp: Any, arrays: Sequence[Array], axis: Any) -> Array:
    return xp.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def _(xp: Any, g: Any, axis: Any, needs: Any) -> Any:
    before = (slice(None),) * axis
    return [g[(*before, i, ...)] if needed else None for i, needed in enumerate(needs)]


def concat(arrays: Sequence[Array], /, axis: int | None = 0) -> Tensor:
    """Tensors one after the other along an axis.

    Args:
        arrays: tensors of the same shape but for that axis; their dtypes are promoted.
        axis: which axis; None for all elements of all tensors in one row.

    Example:
        >>> import zkynet as zk
        >>> zk.concat([zk.tensor([1, 2]), zk.tensor([3])])
        Tensor([1, 2, 3])
    """
    tensors = _listed("concat", arrays)
    if axis is None:
        tensors, axis = [reshape(t, (-1,)) for t in tensors], 0
    first = tensors[0]._raw.shape
    at = normalize_axis("concat", axis, len(first))
    for i, t in enumerate(tensors):
        shape = t._raw.shape
        if len(shape) != len(first) or shape[:at] != first[:at] or shape[at + 1 :] != first[at + 1 :]:
            raise ShapeError(
                "concat: the shapes differ in more than the axis they are joined along",
                facts=[f"arrays[0]  {tuple(first)}", f"arrays[{i}]  {tuple(shape)}", f"joined along axis {at}"],
                fix="make all other lengths the same, or use zk.stack for a new axis",
                op="concat",
                shapes=tuple(t.shape for t in tensors),
                axis=at,
            )
    return _run("concat", tensors, at)


cat = concatenate = concat


def stack(arrays: Sequence[Array], /, axis: int = 0) -> Tensor:
    """Tensors of one shape along a new axis.

    Args:
        arrays: tensors of the same shape; their dtypes are promoted.
        axis: where the new axis stands in the result.

    Example:
        >>> import zkynet as zk
        >>> zk.stack([zk.tensor([1, 2]), zk.tensor([3, 4])])
        Tensor([[1, 2],
                [3, 4]])
    """
    tensors = _listed("stack", arrays)
    first = tensors[0]._raw.shape
    at = normalize_axis("stack", axis, len(first) + 1)
    for i, t in enumerate(tensors):
        if t._raw.shape != first:
            raise ShapeError(
                "stack: the shapes differ",
                facts=[f"arrays[0]  {tuple(first)}", f"arrays[{i}]  {t.shape}"],
                fix="stack tensors of one shape, or join them with zk.concat",
                op="stack",
                shapes=tuple(t.shape for t in tensors),
            )
    return _run("stack", tensors, at)


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
    tensors = [reshape(t, (1,)) if t.ndim == 0 else t for t in _listed("hstack", arrays)]
    return concat(tensors, axis=0 if tensors[0].ndim == 1 else 1)


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
    return concat([reshape(t, (1, t.size)) if t.ndim < 2 else t for t in _listed("vstack", arrays)], axis=0)


def _listed(name: str, arrays: Any) -> list[Tensor]:
    """The tensors of a list, of which there has to be one; numbers and NumPy arrays follow the tensors among them."""
    if isinstance(arrays, Tensor):
        arrays = unstack(arrays)
    try:
        values = list(arrays)
    except TypeError:
        raise ArgumentError(
            f"{name} takes a list of tensors, received {described(arrays)}", fix=f"pass a list: {name}([x, y])", op=name
        ) from None
    if not values:
        raise InvalidValueError(f"{name} received an empty list", fix="pass at least one tensor", op=name)
    like = next((v for v in values if isinstance(v, Tensor)), None)
    if like is None:
        return [as_tensor(name, v) for v in values]
    return [v if isinstance(v, Tensor) else asarray(v, device=like.device, backend=like.backend) for v in values]


def _run(name: str, tensors: list[Tensor], axis: int) -> Tensor:
    """Run an op on a list; if backends and dtypes are one already, without settling them."""
    backend, dtype = tensors[0].backend, tensors[0]._raw.dtype
    if all([t.backend is backend and t._raw.dtype == dtype for t in tensors]):  # noqa: C419  # the faster way
        return OPS[name].run_prepared(backend, [tensors, axis])
    return OPS[name].run([tensors, axis])


# -- apart --------------------------------------------------------------------------------------------------------


@multiple()
@op(name="split")
def _split(xp: Any, x: Array, stops: Any, axis: Any) -> tuple[Array, ...]:
    return tuple([x[along(axis, start, stop)] for start, stop in zip((0, *stops), stops, strict=False)])


@_split.gradient("x")
def _(xp: Any, g: Any, axis: Any) -> Any:
    return xp.concat(g, axis=axis)


@multiple()
@op(name="unstack")
def _unstack(xp: Any, x: Array, axis: Any) -> tuple[Array, ...]:
    return tuple(xp.unstack(x, axis=axis))


@_unstack.gradient("x")
def _(xp: Any, g: Any, axis: Any) -> Any:
    return xp.stack(g, axis=axis)


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
    at = normalize_axis("unstack", axis, x.ndim)
    if x.shape[at] == 0:
        return ()
    return OPS["unstack"].run_prepared(x.backend, [x, at])


def split(x: Array, sizes: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis: a number of equal ones (as in NumPy), or a list of their lengths (as in PyTorch).

    Args:
        x: a tensor of any shape.
        sizes: how many equal pieces, or a list of the length of each.
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
        lengths = list(whole_numbers("split", "sizes", sizes))
        if sum(lengths) != length or min(lengths, default=0) < 0:
            raise InvalidValueError(
                f"split: the sizes {lengths} add up to {sum(lengths)}, axis {at} has length {length}",
                fix="pass lengths that add up to that of the axis; places to cut at are for zk.array_split",
                op="split",
            )
        return _pieces(x, lengths, at)
    n = whole("split", "sizes", sizes)
    if n < 1 or length % n:
        raise InvalidValueError(
            f"split: axis {at} of length {length} cannot be cut into {n} equal pieces",
            fix="pass the length of each piece as a list, or use zk.array_split",
            op="split",
        )
    return _pieces(x, [length // n] * n, at)


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
    n = whole("chunk", "n", n)
    if n < 1:
        raise InvalidValueError(f"chunk: {n} pieces were asked for", fix="ask for at least one", op="chunk")
    length = x.shape[at]
    each = max(-(-length // n), 1)
    return _pieces(x, [min(each, length - start) for start in range(0, max(length, 1), each)], at)


def array_split(x: Array, cuts: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """Pieces along an axis: a number of nearly equal ones, the longer ones first, or those between places to cut at.

    Args:
        x: a tensor of any shape.
        cuts: how many pieces, or the ascending positions at which new ones begin.
        axis: which axis.

    Example:
        >>> import zkynet as zk
        >>> zk.array_split(zk.arange(5), 2), zk.array_split(zk.arange(5), [1, 3])
        ((Tensor([0, 1, 2]), Tensor([3, 4])), (Tensor([0]), Tensor([1, 2]), Tensor([3, 4])))
    """
    x = as_tensor("array_split", x)
    at = normalize_axis("array_split", axis, x.ndim)
    length = x.shape[at]
    if isinstance(cuts, Sequence):
        stops = [*(slice(n).indices(length)[1] for n in whole_numbers("array_split", "cuts", cuts)), length]
    else:
        n = whole("array_split", "cuts", cuts)
        if n < 1:
            raise InvalidValueError(
                f"array_split: {n} pieces were asked for, at least one is needed",
                fix="pass 1 or more, or a list of places to cut at",
                op="array_split",
            )
        stops = [k * (length // n) + min(k, length % n) for k in range(1, n + 1)]
    lengths = [max(stop - start, 0) for start, stop in zip([0, *stops], stops, strict=False)]
    if sum(lengths) != length:
        raise InvalidValueError(
            f"array_split: the places to cut at are not in order: {list(cuts) if isinstance(cuts, Sequence) else cuts}",
            fix="sort them",
            op="array_split",
        )
    return _pieces(x, lengths, at)


def _pieces(x: Tensor, lengths: list[int], axis: int) -> tuple[Tensor, ...]:
    if not lengths:
        return ()
    return OPS["split"].run_prepared(x.backend, [x, tuple(accumulate(lengths)), axis])


# -- repeated -----------------------------------------------------------------------------------------------------


@op(name="repeat")
def _repeat(xp: Any, x: Array, times: Any, axis: Any) -> Array:
    return xp.repeat(x, times, axis=axis)


@_repeat.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, times: Any, axis: Any) -> Any:
    return xp.sum(xp.reshape(g, (*x_shape[: axis + 1], times, *x_shape[axis + 1 :])), axis=axis + 1)


@op(name="tile")
def _tile(xp: Any, x: Array, times: Any) -> Array:
    return xp.tile(x, times)


@_tile.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, times: Any) -> Any:
    lead = len(times) - len(x_shape)
    shape = (*times[:lead], *(n for pair in zip(times[lead:], x_shape, strict=True) for n in pair))
    return xp.sum(xp.reshape(g, shape), axis=(*range(lead), *range(lead, len(shape), 2)))


_repeated, _tiled = direct(_repeat.op), direct(_tile.op)


def repeat(x: Array, repeats: Any, /, axis: int | None = None) -> Tensor:
    """Each element repeated on the spot.

    Args:
        x: a tensor of any shape.
        repeats: how often; a tensor or list says it for each element along the axis.
        axis: which axis; by default the tensor is taken as one long row.

    Example:
        >>> import zkynet as zk
        >>> zk.repeat(zk.tensor([1, 2]), 2), zk.repeat(zk.tensor([1, 2]), [3, 1])
        (Tensor([1, 1, 2, 2]), Tensor([1, 1, 1, 2]))
    """
    x = as_tensor("repeat", x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    at = normalize_axis("repeat", axis, x.ndim)
    if isinstance(repeats, (Tensor, np.ndarray)):
        counts = np.asarray(repeats.numpy() if isinstance(repeats, Tensor) else repeats)
        if counts.dtype.kind not in "iu" and counts.size:
            raise ArgumentError(
                f"repeat: repeats are whole numbers, received {described(repeats)}",
                fix="convert them: repeats.astype(zk.int64)",
                op="repeat",
            )
    else:
        several = isinstance(repeats, (list, tuple))
        numbers = whole_numbers("repeat", "repeats", repeats)
        counts = np.asarray(numbers if several else numbers[0], dtype=np.int64)
    if counts.size and counts.min() < 0:
        raise InvalidValueError(
            "repeat: nothing can be repeated a negative number of times", fix="pass numbers from 0 on", op="repeat"
        )
    if counts.size == 1 and counts.ndim < 2:
        return _repeated(x, int(counts.reshape(())), at)
    n = x.shape[at]
    if counts.shape != (n,):
        raise ShapeError(
            f"repeat: {counts.size} numbers of repeats for {n} elements along axis {at}",
            fix="pass one number, or one for each element",
            op="repeat",
        )
    return take(x, np.repeat(np.arange(n), counts), axis=at)


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
    x = as_tensor("tile", x)
    times = whole_numbers("tile", "repetitions", repetitions)
    if min(times, default=0) < 0:
        raise InvalidValueError(
            "tile: nothing can be repeated a negative number of times", fix="pass numbers from 0 on", op="tile"
        )
    return _tiled(x, (1,) * (x.ndim - len(times)) + times)
