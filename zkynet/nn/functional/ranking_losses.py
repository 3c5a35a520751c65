"""Losses that compare: scores with a margin between them, vectors that are to be close or far apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet._typing import Array, ArrayLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.nn.functional.loss_arguments import beside, operand, prediction, reduced, reduction_of, same_shapes
from zkynet.ops.arguments import flag, number
from zkynet.ops.axes import normalize_axis
from zkynet.ops.define import op
from zkynet.ops.explain import broadcast_check
from zkynet.ops.extrema import maximum, minimum
from zkynet.ops.powers import sqrt
from zkynet.ops.reduction import sum
from zkynet.ops.selecting import where
from zkynet.tensor import Tensor

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "hinge_embedding_loss",
    "hinge_loss",
    "margin_ranking_loss",
    "pairwise_distance",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


@op(name="nn.hinge", kinds="real float", elementwise=True)
def hinge(xp: Any, x: Array) -> Array:
    """``max(x, 0)`` with the slope 1 at 0, so that a model which scores everything the same begins to learn."""
    return xp.maximum(x, 0.0)


@hinge.gradient("x")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * xp.astype(x >= 0, g.dtype)


def _signs(name: str, t: Tensor) -> Tensor:
    """Answers of 1 and -1, looked at where that can be."""
    if t.size and t.backend.can_look(t._raw):
        host = t.backend.to_numpy(t._raw)
        wrong = abs(host) != 1
        if wrong.any():
            place = tuple([int(i) for i in np.argwhere(wrong)[0]])
            raise InvalidValueError(
                f"{name}: target has the value {float(host[place])}; it is 1 or -1",
                facts=[f"found at position {place[0] if len(place) == 1 else place}"] if place else [],
                fix="of 1 and 0 it is made by 2 * target - 1",
                op=name,
                position=place,
            )
    return t


def hinge_loss(input: Array, target: ArrayLike, *, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """The loss of a support vector machine with two classes, ``max(0, margin - t x)``.

    For several classes there is `multi_margin_loss`.

    Args:
        input: scores of any shape, positive for the class 1.
        target: 1 or -1 for each of them.
        margin: the score from which on nothing is to be paid.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.hinge_loss(zk.tensor([2.0, 0.5, 0.5]), zk.tensor([1, 1, -1]), reduction="none")
        Tensor([0. , 0.5, 1.5])
    """
    name = "hinge_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    losses = hinge(number(name, "margin", margin) - _signs(name, t) * x)
    return reduced(name, losses, reduction_of(name, reduction))


def hinge_embedding_loss(input: Array, target: ArrayLike, *, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """Distances that are to be small where the target is 1, and at least `margin` where it is -1.

    ``x`` where t is 1, ``max(0, margin - x)`` where t is -1.

    Args:
        input: distances of any shape.
        target: 1 or -1 for each of them.
        margin: how far apart is far enough.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.hinge_embedding_loss(zk.tensor([0.2, 0.25]), zk.tensor([1, -1]), reduction="none")
        Tensor([0.2 , 0.75])
    """
    name = "hinge_embedding_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    losses = where(_signs(name, t).detach() > 0, x, hinge(number(name, "margin", margin) - x))
    return reduced(name, losses, reduction_of(name, reduction))


def margin_ranking_loss(
    input1: Array, input2: Array, target: ArrayLike, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Which of two scores is to be the larger, ``max(0, margin - t (x1 - x2))``.

    Args:
        input1: scores of any shape.
        input2: scores of the same shape.
        target: 1 where the first is to be larger, -1 where the second is.
        margin: by how much.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.margin_ranking_loss(zk.tensor([2.0, 2.0]), zk.tensor([1.0, 1.0]), zk.tensor([1, -1]), reduction="none")
        Tensor([0., 1.])
    """
    name = "margin_ranking_loss"
    x1 = prediction(name, "input1", input1)
    x2 = prediction(name, "input2", operand(name, input2, x1))
    t = beside(name, "target", target, x1)
    same_shapes(name, input1=x1, input2=x2, target=t)
    losses = hinge(number(name, "margin", margin) - _signs(name, t) * (x1 - x2))
    return reduced(name, losses, reduction_of(name, reduction))


# -- vectors ------------------------------------------------------------------------------------------------------


def cosine_similarity(x1: Array, x2: Array, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors, ``x1 · x2 / (max(|x1|, eps) max(|x2|, eps))``.

    Args:
        x1: vectors along the axis `dim`.
        x2: vectors that broadcast with them.
        dim: the axis of the coordinates.
        eps: the shortest length that is divided by.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.cosine_similarity(zk.tensor([[3.0, 4.0]]), zk.tensor([[1.0, 0.0]]))
        Tensor([0.6])
    """
    name = "cosine_similarity"
    a = prediction(name, "x1", x1)
    b = prediction(name, "x2", operand(name, x2, a))
    shape = broadcast_check(name, ["x1", "x2"], [a.shape, b.shape])
    axis = normalize_axis(name, dim, len(shape)) - len(shape)
    eps = float(number(name, "eps", eps))
    return sum(a * b, axis=axis) / (_length(a, axis, eps) * _length(b, axis, eps))


def _length(x: Tensor, axis: int, eps: float) -> Tensor:
    """The length of vectors, at least `eps`; with gradient 0 where it is less, also at the origin."""
    return sqrt(maximum(sum(x * x, axis=axis), eps * eps))


def cosine_embedding_loss(
    input1: Array, input2: Array, target: ArrayLike, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Vectors that are to point the same way where the target is 1, and apart where it is -1.

    ``1 - cos`` where t is 1, ``max(0, cos - margin)`` where t is -1.

    Args:
        input1: vectors (N, D) or (D,).
        input2: vectors of the same shape.
        target: 1 or -1 for each pair, (N,) or ().
        margin: the cosine that is small enough, from -1 to 1.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x, y = zk.tensor([[3.0, 4.0], [1.0, 0.0]]), zk.tensor([[3.0, 4.0], [1.0, 0.0]])
        >>> F.cosine_embedding_loss(x, y, zk.tensor([1, -1]), reduction="none")
        Tensor([0., 1.])
    """
    name = "cosine_embedding_loss"
    a = prediction(name, "input1", input1)
    b = prediction(name, "input2", operand(name, input2, a))
    t = beside(name, "target", target, a)
    same_shapes(name, input1=a, input2=b)
    if not 1 <= a.ndim <= 2 or t.shape != a.shape[:-1]:
        raise ShapeError(
            f"{name}: vectors of shape (N, D) take targets of shape (N,), vectors of shape (D,) one of shape ()",
            facts=[f"input1  {a.shape}", f"target  {t.shape}"],
            fix="pass one target for each pair of vectors",
            op=name,
            shapes=(a.shape, t.shape),
        )
    lengths = sqrt((sum(a * a, axis=-1) + TINY) * (sum(b * b, axis=-1) + TINY))
    cosine = sum(a * b, axis=-1) / lengths
    losses = where(_signs(name, t).detach() > 0, 1 - cosine, hinge(cosine - number(name, "margin", margin)))
    return reduced(name, losses, reduction_of(name, reduction))


TINY = 1e-12
"""Keeps the cosine with a vector of zeros finite, as in PyTorch."""


@op(name="nn.p_norm", kinds="real float")
def p_norm(xp: Any, x: Array, p: float) -> Array:
    """``sum(|x|**p) ** (1 / p)`` along the last axis; with gradient 0 at the origin."""
    size = xp.abs(x)
    if p == 0:
        return xp.sum(xp.astype(size > 0, x.dtype), axis=-1)
    if p == 1:
        return xp.sum(size, axis=-1)
    if p == float("inf"):
        return xp.max(size, axis=-1)
    return xp.sqrt(xp.sum(x * x, axis=-1)) if p == 2 else xp.pow(xp.sum(xp.pow(size, p), axis=-1), 1 / p)


@p_norm.gradient("x")
def _(xp: Any, g: Any, x: Any, p: Any, ans: Any) -> Any:
    g, ans = xp.expand_dims(g, axis=-1), xp.expand_dims(ans, axis=-1)
    if p == 0:
        return xp.zeros_like(x)
    if p == 1:
        return g * xp.sign(x)
    if p == float("inf"):
        largest = xp.astype(xp.abs(x) == ans, x.dtype) * xp.sign(x)
        return g * largest / xp.maximum(xp.sum(xp.abs(largest), axis=-1, keepdims=True), 1.0)
    safe = xp.where(ans == 0, 1.0, ans)
    share = x / safe
    return g * (share if p == 2 else xp.sign(x) * xp.pow(xp.abs(share), p - 1))


def pairwise_distance(x1: Array, x2: Array, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The distances between vectors, ``sum(|x1 - x2 + eps|**p) ** (1 / p)`` along the last axis.

    Args:
        x1: vectors along the last axis.
        x2: vectors that broadcast with them.
        p: the norm: 2 for the Euclidean one, 1, or infinity.
        eps: added to every difference, as in PyTorch: away from 0 the gradient is smooth.
        keepdim: whether to keep the last axis with length one.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.pairwise_distance(zk.tensor([[3.0, 4.0]]), zk.zeros((1, 2)), eps=0.0)
        Tensor([5.])
    """
    name = "pairwise_distance"
    a = prediction(name, "x1", x1)
    b = prediction(name, "x2", operand(name, x2, a))
    shape = broadcast_check(name, ["x1", "x2"], [a.shape, b.shape])
    if not shape:
        raise ShapeError(
            f"{name}: vectors have an axis for their coordinates, received numbers", fix="pass x[None]", op=name
        )
    p = float(number(name, "p", p))
    if not p >= 0:
        raise InvalidValueError(f"{name}: p is 0 or above, received {p}", fix="2 is the Euclidean distance", op=name)
    out = p_norm(a - b + float(number(name, "eps", eps)), p)
    return out[..., None] if flag(name, "keepdim", keepdim) else out


# -- triplets -----------------------------------------------------------------------------------------------------


def triplet_margin_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """An anchor that is to be nearer to its like than to another, ``max(0, d(a, p) - d(a, n) + margin)``.

    Args:
        anchor: vectors (N, D) or (D,).
        positive: of the same shape, what is to be near.
        negative: of the same shape, what is to be far.
        margin: by how much nearer.
        p: the norm of `pairwise_distance`, which d is.
        eps: added to every difference.
        swap: whether to take d(p, n) for d(a, n) where it is smaller (Balntas et al., 2016).
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> a, p, n = zk.tensor([[0.0, 0.0]]), zk.tensor([[3.0, 0.0]]), zk.tensor([[0.0, 2.0]])
        >>> F.triplet_margin_loss(a, p, n, eps=0.0)
        Tensor(2.)
    """
    name = "triplet_margin_loss"

    def distance(x: Tensor, y: Tensor) -> Tensor:
        return pairwise_distance(x, y, p, eps)

    return _triplets(name, anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own.

    Args:
        anchor: of any shape.
        positive: of the same shape, what is to be near.
        negative: of the same shape, what is to be far.
        distance_function: takes two of them to their distances; by default `pairwise_distance`.
        margin: by how much nearer.
        swap: whether to take d(p, n) for d(a, n) where it is smaller.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> far = lambda x, y: 1 - F.cosine_similarity(x, y)
        >>> a, p, n = zk.tensor([[1.0, 0.0]]), zk.tensor([[0.0, 1.0]]), zk.tensor([[1.0, 0.0]])
        >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=far)
        Tensor(2.)
    """
    name = "triplet_margin_with_distance_loss"
    if distance_function is not None and not callable(distance_function):
        raise ArgumentError(
            f"{name}: distance_function is a function of two tensors, received {type(distance_function).__name__}",
            fix="leave it out for the Euclidean distance",
            op=name,
        )
    distance = pairwise_distance if distance_function is None else distance_function
    return _triplets(name, anchor, positive, negative, distance, margin, swap, reduction)


def _triplets(
    name: str, anchor: Any, positive: Any, negative: Any, distance: Any, margin: Any, swap: Any, reduction: Any
) -> Tensor:
    a = prediction(name, "anchor", anchor)
    p = prediction(name, "positive", operand(name, positive, a))
    n = prediction(name, "negative", operand(name, negative, a))
    same_shapes(name, anchor=a, positive=p, negative=n)
    reduction = reduction_of(name, reduction)
    margin = float(number(name, "margin", margin))
    if not margin > 0:
        raise InvalidValueError(f"{name}: margin is above 0, received {margin}", fix="1.0 is the usual value", op=name)
    near, far = distance(a, p), distance(a, n)
    if flag(name, "swap", swap):
        far = minimum(far, distance(p, n))
    return reduced(name, hinge(near - far + margin), reduction)
