"""Running sums and products along an axis, differences of neighbours, and the integral of sampled values."""

from __future__ import annotations

import functools
from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, DTypeLike
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.ops.arguments import number, whole
from zkynet.ops.axes import along, normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import op
from zkynet.ops.kinds import place_of
from zkynet.ops.logspace import bound_of
from zkynet.ops.precision import widened, widened_all
from zkynet.ops.reduction import accumulator, sum
from zkynet.ops.searching import to_common
from zkynet.ops.sorting import orderable
from zkynet.ops.statistics import floating
from zkynet.tensor import Tensor


def _running_axis(name: str, x: Tensor, axis: int | None) -> int:
    """The axis to run along; a tensor of one axis need not name it."""
    if axis is None and x.ndim != 1:
        raise ShapeError(
            f"{name} needs to know which axis to run along",
            facts=[f"x  {x.shape}"],
            fix=f"pass axis=, or reshape to one axis: {name}(x.reshape(-1))",
            op=name,
        )
    return normalize_axis(name, 0 if axis is None else axis, x.ndim)


def _reversed_sum(xp: Any, g: Any, axis: int) -> Any:
    """For each place the sum of all `g` from there on."""
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


def _reversed_recurrence(xp: Any, decay: Any, g: Any, axis: int) -> Any:
    """``s[j] = g[j] + decay[j] s[j + 1]`` along `axis`; `decay` is one shorter than `g`.

    By doubling: after a step, each place has gathered from twice as far. That is log2(n) passes without a division, and
    in ops that can be differentiated again.
    """
    step, n = 1, g.shape[axis]
    while step < n:
        reach = g[along(axis, None, n - step)] + decay * g[along(axis, step, None)]
        g = xp.concat([reach, g[along(axis, n - step, None)]], axis=axis)
        if 2 * step < n:
            decay = decay[along(axis, None, n - 2 * step)] * decay[along(axis, step, None)]
        step *= 2
    return g


@op(name="cumulative_sum", kinds="number")
def _cumulative_sum(xp: Any, x: Array, axis: int, dtype: Any, include_initial: bool) -> Array:
    return xp.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


@_cumulative_sum.gradient("x")
def _(xp: Any, g: Any, axis: Any, include_initial: Any) -> Any:
    return _reversed_sum(xp, g[along(axis, 1, None)] if include_initial else g, axis)


def cumulative_sum(x: Array, axis: int | None = None, dtype: DTypeLike = None, include_initial: bool = False) -> Tensor:
    """The running sum along an axis.

    Args:
        x: a tensor with at least one axis.
        axis: the axis to run along; may be left out if there is only one.
        dtype: what to convert to before adding, by default as for `sum`.
        include_initial: start with a 0, so that the axis gets longer by one.

    Example:
        >>> import zkynet as zk
        >>> zk.cumulative_sum(zk.tensor([1.0, 2.0, 3.0]))
        Tensor([1., 3., 6.])
    """
    x, dtype = accumulator("cumulative_sum", x, dtype)
    return _cumulative_sum(x, _running_axis("cumulative_sum", x, axis), dtype, include_initial)


@op(name="cumulative_prod", kinds="number")
def _cumulative_prod(xp: Any, x: Array, axis: int, dtype: Any, include_initial: bool) -> Array:
    return xp.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


@_cumulative_prod.gradient("x")
def _(xp: Any, g: Any, x: Any, ans: Any, axis: Any, include_initial: Any) -> Any:
    # d ans[k] / d x[j] = (product before j) (product from j + 1 to k), so no division and zeros do no harm
    n = x.shape[axis]
    if n == 0:
        return xp.zeros_like(x)
    if include_initial:
        g, before = g[along(axis, 1, None)], ans[along(axis, None, n)]
    else:
        before = xp.concat([xp.ones_like(x[along(axis, None, 1)]), ans[along(axis, None, n - 1)]], axis=axis)
    return before * _reversed_recurrence(xp, x[along(axis, 1, None)], g, axis)


def cumulative_prod(
    x: Array, axis: int | None = None, dtype: DTypeLike = None, include_initial: bool = False
) -> Tensor:
    """The running product along an axis.

    Args:
        x: a tensor with at least one axis.
        axis: the axis to run along; may be left out if there is only one.
        dtype: what to convert to before multiplying, by default as for `sum`.
        include_initial: start with a 1, so that the axis gets longer by one.

    Gradient: right where some elements are zero.

    Example:
        >>> import zkynet as zk
        >>> zk.cumulative_prod(zk.tensor([1.0, 2.0, 3.0]))
        Tensor([1., 2., 6.])
    """
    x, dtype = accumulator("cumulative_prod", x, dtype)
    return _cumulative_prod(x, _running_axis("cumulative_prod", x, axis), dtype, include_initial)


cumsum, cumprod = cumulative_sum, cumulative_prod


@op(name="cummax", kinds="real", differentiable=False)
def _running_extreme(xp: Any, x: Array, axis: int, smallest: bool) -> Array:
    """The position of the largest (or smallest) element so far; of the last among equal ones; NaN beats all."""
    x = orderable(xp, x)
    step, n = 1, x.shape[axis]
    shape = tuple([n if a == axis else 1 for a in range(len(x.shape))])
    place = xp.broadcast_to(xp.reshape(xp.arange(n, dtype=dt.int64, device=place_of(xp, x)), shape), x.shape)
    while step < n:  # by doubling, as in `_reversed_recurrence`
        before, after = along(axis, None, n - step), along(axis, step, None)
        a, b = x[before], x[after]
        later = ((b <= a) if smallest else (b >= a)) | (b != b)
        x = xp.concat([x[along(axis, None, step)], xp.where(later, b, a)], axis=axis)
        place = xp.concat([place[along(axis, None, step)], xp.where(later, place[after], place[before])], axis=axis)
        step *= 2
    return place


def cummax(x: Array, axis: int | None = None) -> Tensor:
    """The largest element so far along an axis; NaN from the first NaN on.

    Args:
        x: a tensor of real numbers with at least one axis.
        axis: the axis to run along; may be left out if there is only one.

    Gradient: to the element that is the largest; among equal ones to the last, as in PyTorch.

    Example:
        >>> import zkynet as zk
        >>> zk.cummax(zk.tensor([1.0, 3.0, 2.0]))
        Tensor([1., 3., 3.])
    """
    return _extreme_so_far("cummax", x, axis, False)


def cummin(x: Array, axis: int | None = None) -> Tensor:
    """The smallest element so far along an axis; NaN from the first NaN on.

    Args:
        x: a tensor of real numbers with at least one axis.
        axis: the axis to run along; may be left out if there is only one.

    Gradient: to the element that is the smallest; among equal ones to the last, as in PyTorch.

    Example:
        >>> import zkynet as zk
        >>> zk.cummin(zk.tensor([2.0, 3.0, 1.0]))
        Tensor([2., 2., 1.])
    """
    return _extreme_so_far("cummin", x, axis, True)


def _extreme_so_far(name: str, x: Array, axis: int | None, smallest: bool) -> Tensor:
    x = as_tensor(name, x)
    at = _running_axis(name, x, axis)
    return Recording.namespace.take_along_axis(x, _running_extreme(x.detach(), at, smallest), axis=at)


@op(kinds="real float")
def logcumsumexp(xp: Any, x: Array, axis: int = -1) -> Array:
    """The logarithm of the running sum of exponentials, ``log(cumsum(exp(x)))``, without overflow.

    Args:
        x: a tensor of real numbers.
        axis: the axis to run along.

    Gradient: 0 at places where the result is still -inf.

    Example:
        >>> import zkynet as zk
        >>> zk.logcumsumexp(zk.tensor([0.0, 1000.0, 1000.0]))
        Tensor([   0.    , 1000.    , 1000.6932])
    """
    axis = normalize_axis("logcumsumexp", axis, len(x.shape))
    return widened(functools.partial(_logcumsumexp, axis=axis), xp, x)


def _logcumsumexp(xp: Any, x: Any, axis: int) -> Any:
    largest, total = _running_exponentials(xp, x, axis)
    return xp.log(total) + largest


def _running_exponentials(xp: Any, x: Any, axis: int) -> tuple[Any, Any]:
    """``cumsum(exp(x))`` as ``exp(largest) * total``, which neither overflows nor loses the digits of `total`."""
    bound = bound_of(xp, x)
    largest = xp.clip(x, -bound, bound)
    total = xp.exp(x - largest)
    step, n = 1, x.shape[axis]
    while step < n:  # by doubling, as in `_reversed_recurrence`
        early, late = along(axis, None, n - step), along(axis, step, None)
        longer = xp.maximum(largest[early], largest[late])
        sums = total[early] * xp.exp(largest[early] - longer) + total[late] * xp.exp(largest[late] - longer)
        first = along(axis, None, step)
        largest = xp.concat([largest[first], longer], axis=axis)
        total = xp.concat([total[first], sums], axis=axis)
        step *= 2
    return largest, total


@logcumsumexp.gradient("x")
def _(xp: Any, g: Any, x: Any, axis: Any) -> Any:
    axis = normalize_axis("logcumsumexp", axis, len(x.shape))
    return widened_all(functools.partial(_logcumsumexp_pull, axis=axis), xp, x, g) if x.shape[axis] else g


def _logcumsumexp_pull(xp: Any, x: Any, g: Any, axis: int) -> Any:
    """``sum over k >= j of g[k] exp(x[j] - ans[k])``; `ans` itself would be too coarse for large `x`."""
    largest, total = _running_exponentials(xp, x, axis)
    inverse = 1.0 / xp.where(total == 0, 1.0, total)  # nothing but -inf so far
    before, after = along(axis, None, x.shape[axis] - 1), along(axis, 1, None)
    decay = total[before] * xp.exp(largest[before] - largest[after]) * inverse[after]
    return xp.exp(x - largest) * inverse * _reversed_recurrence(xp, decay, g, axis)


@op(name="diff", kinds="number")
def _diff(xp: Any, x: Array, axis: int, n: int) -> Array:
    return xp.diff(x, axis=axis, n=n)


@_diff.gradient("x")
def _(xp: Any, g: Any, axis: Any, n: Any) -> Any:
    if g.shape[axis] == 0:
        return xp.sum(g, axis=axis, keepdims=True)  # zeros
    for _ in range(n):  # each element was added once and subtracted once, but for those at the ends
        ends = -g[along(axis, None, 1)], g[along(axis, -1, None)]
        g = xp.concat([ends[0], -xp.diff(g, axis=axis), ends[1]], axis=axis)
    return g


def diff(x: Array, axis: int = -1, n: int = 1, prepend: Array | None = None, append: Array | None = None) -> Tensor:
    """The differences of neighbours along an axis, ``x[i + 1] - x[i]``, taken `n` times.

    Args:
        x: a tensor with at least one axis.
        axis: the axis.
        n: how often.
        prepend: what to put before `x` first, of its shape but for the length of the axis, or a number.
        append: what to put behind `x` first, likewise.

    Example:
        >>> import zkynet as zk
        >>> zk.diff(zk.tensor([1.0, 2.0, 4.0, 7.0]))
        Tensor([1., 2., 3.])
    """
    x = as_tensor("diff", x)
    axis, n = normalize_axis("diff", axis, x.ndim), whole("diff", "n", n)
    if n < 0:
        raise InvalidValueError(f"diff: n must be at least 0, received {n}", fix="pass n=1 or more", op="diff", n=n)
    if prepend is not None or append is not None:
        edge = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        ends = [None if e is None else to_common("diff", x, e)[1] for e in (prepend, append)]
        ends = [Recording.namespace.broadcast_to(e, edge) if e is not None and not e.ndim else e for e in ends]
        x = Recording.namespace.concat([e for e in (ends[0], x, ends[1]) if e is not None], axis=axis)
    return _diff(x, axis, min(n, x.shape[axis])) if n else x


def trapezoid(y: Array, x: Array | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral of `y` along an axis by the trapezoidal rule.

    Args:
        y: the values of the function.
        x: where they were taken, of the shape of `y` or of the length of the axis.
        dx: the distance between neighbours, if `x` is not given.
        axis: the axis to integrate along.

    Example:
        >>> import zkynet as zk
        >>> zk.trapezoid(zk.tensor([1.0, 2.0, 3.0]), x=zk.tensor([0.0, 1.0, 3.0])).item()
        6.5
    """
    y = floating("trapezoid", y)
    axis = normalize_axis("trapezoid", axis, y.ndim)
    if y.shape[axis] < 2:
        return sum(y[along(axis, 0, 0)], axis)
    middle = (y[along(axis, 1, None)] + y[along(axis, None, -1)]) * 0.5
    if x is None:
        return sum(middle, axis) * (dx if isinstance(dx, Tensor) else number("trapezoid", "dx", dx))
    x = as_tensor("trapezoid", x)
    if x.ndim == 1:
        x = Recording.namespace.reshape(x, tuple(-1 if a == axis else 1 for a in range(y.ndim)))
    return sum(middle * diff(x, axis=axis), axis)


__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "logcumsumexp",
    "trapezoid",
]
