"""Tensors as sets: their different values, and membership. Shapes of results depend on values."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from zkynet import dtypes as dt
from zkynet._typing import Array
from zkynet.ops.arguments import flag
from zkynet.ops.define import op
from zkynet.ops.kinds import is_complex, place_of
from zkynet.ops.searching import to_common
from zkynet.ops.sorting import orderable, spread
from zkynet.tensor import Tensor


class UniqueAll(NamedTuple):
    """What `unique_all` returns."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What `unique_counts` returns."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What `unique_inverse` returns."""

    values: Tensor
    inverse_indices: Tensor


@op(name="unique")
def _unique(xp: Any, x: Array, inverse: bool, counts: bool) -> tuple[Array, ...]:
    """The different values in order, the position of the first of each, and on demand two more."""
    flat = xp.reshape(x, (-1,))
    order = _order(xp, flat)
    ordered = xp.take(flat, order, axis=0)
    here = xp.arange(flat.shape[0], dtype=dt.int64, device=place_of(xp, flat))
    starts = (here == 0) | (ordered != xp.roll(ordered, 1))  # NaN differs from NaN, as the standard wants it
    begin = here[starts]
    found = [ordered[starts], order[starts]]
    if inverse:
        rank = xp.cumulative_sum(xp.astype(starts, dt.int64), axis=0) - 1
        found.append(xp.reshape(xp.take(rank, xp.argsort(order), axis=0), x.shape))
    if counts:
        total = xp.sum(xp.ones_like(here), keepdims=True)
        found.append(xp.diff(xp.concat([begin, total])))
    return tuple(found)


@_unique.gradient("x")
def _(xp: Any, g: Any, ans: Any, x_shape: Any) -> Any:
    return xp.reshape(spread(xp, g[0], ans[1], 0, (prod(x_shape),)), x_shape)


def _order(xp: Any, flat: Any) -> Any:
    """Positions that put equal elements next to each other, in the order in which they came."""
    if not is_complex(flat):
        return xp.argsort(orderable(xp, flat), stable=True)
    by_imag = xp.argsort(xp.imag(flat), stable=True)
    by_real = xp.argsort(xp.take(xp.real(flat), by_imag, axis=0), stable=True)
    return xp.take(by_imag, by_real, axis=0)


def unique_all(x: Array) -> UniqueAll:
    """The different values of a tensor, where each stands first, how to rebuild the tensor, and how often each occurs.

    Args:
        x: a tensor of any shape.

    Returns:
        A named tuple: ``values`` in ascending order, ``indices`` of their first occurrence in the flattened tensor,
        ``inverse_indices`` of the shape of `x` with ``values[inverse_indices]`` equal to `x`, and ``counts``. Every
        NaN counts as a value of its own.

    Gradient: of each value goes to its first occurrence.

    Example:
        >>> import zkynet as zk
        >>> zk.unique_all(zk.tensor([3, 1, 3])).indices
        Tensor([1, 0])
    """
    return UniqueAll(*_unique(x, True, True))


def unique_counts(x: Array) -> UniqueCounts:
    """The different values of a tensor, and how often each occurs.

    Args:
        x: a tensor of any shape.

    Returns:
        A named tuple ``(values, counts)``, see `unique_all`.

    Example:
        >>> import zkynet as zk
        >>> zk.unique_counts(zk.tensor([3, 1, 3]))
        UniqueCounts(values=Tensor([1, 3]), counts=Tensor([1, 2]))
    """
    values, _, counts = _unique(x, False, True)
    return UniqueCounts(values, counts)


def unique_inverse(x: Array) -> UniqueInverse:
    """The different values of a tensor, and the positions among them that rebuild the tensor.

    Args:
        x: a tensor of any shape.

    Returns:
        A named tuple ``(values, inverse_indices)``, see `unique_all`.

    Example:
        >>> import zkynet as zk
        >>> zk.unique_inverse(zk.tensor([3, 1, 3])).inverse_indices
        Tensor([1, 0, 1])
    """
    values, _, inverse = _unique(x, True, False)
    return UniqueInverse(values, inverse)


def unique_values(x: Array) -> Tensor:
    """The different values of a tensor, in ascending order.

    Args:
        x: a tensor of any shape.

    Gradient: of each value goes to its first occurrence.

    Example:
        >>> import zkynet as zk
        >>> zk.unique_values(zk.tensor([3, 1, 3]))
        Tensor([1, 3])
    """
    return _unique(x, False, False)[0]


def unique(x: Array, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The different values in order, and what is asked for of `unique_all`, as in NumPy.

    Args:
        x: a tensor of any shape.
        return_index: also the position of the first of each value in the flattened tensor.
        return_inverse: also, for each element, the position of its value.
        return_counts: also how often each value occurs.

    Example:
        >>> import zkynet as zk
        >>> zk.unique(zk.tensor([3, 1, 3])), zk.unique(zk.tensor([3, 1, 3]), return_counts=True)
        (Tensor([1, 3]), (Tensor([1, 3]), Tensor([1, 2])))
    """
    asked = (("return_index", return_index), ("return_inverse", return_inverse), ("return_counts", return_counts))
    wanted = (True, *[flag("unique", name, value) for name, value in asked])
    if not any(wanted[1:]):
        return unique_values(x)
    found = unique_all(x)
    return tuple([part for part, want in zip(found, wanted, strict=True) if want])


@op(name="isin", differentiable=False)
def _isin(xp: Any, x1: Array, x2: Array, invert: bool) -> Array:
    listed = xp.reshape(x2, (-1,))
    n = listed.shape[0]
    if is_complex(x1) or n == 0:  # complex numbers have no order to search in
        found = xp.any(x1[..., None] == listed, axis=-1)
    else:
        listed = xp.sort(orderable(xp, listed), stable=False)
        wanted = xp.reshape(orderable(xp, x1), (-1,))
        place = xp.searchsorted(listed, wanted)
        place = xp.where(place == n, xp.zeros_like(place), place)
        found = xp.reshape(xp.take(listed, place, axis=0) == wanted, x1.shape)
    return xp.logical_not(found) if invert else found


def isin(x1: Array, x2: Array, invert: bool = False) -> Tensor:
    """For each element, whether it is among the elements of another tensor.

    Args:
        x1: the elements asked for, a tensor of any shape or a number.
        x2: the elements there are, a tensor of any shape or a number.
        invert: ask whether it is not.

    Example:
        >>> import zkynet as zk
        >>> zk.isin(zk.tensor([1, 2, 3]), zk.tensor([3, 1]))
        Tensor([ True, False,  True])
    """
    return _isin(*to_common("isin", x1, x2), invert)


__all__ = ["isin", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"]
