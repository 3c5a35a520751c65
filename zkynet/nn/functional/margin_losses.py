"""Losses of several classes with a margin: the score of the right one is to be the highest, by so much."""

from __future__ import annotations

from zkynet import dtypes as dt
from zkynet._typing import Array, ArrayLike
from zkynet.errors import DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.nn.functional.class_labels import class_weights, labels_of
from zkynet.nn.functional.classification_losses import batched
from zkynet.nn.functional.loss_arguments import on_raw, operand, prediction, reduced, reduction_of
from zkynet.ops.along_axis import take_along_axis
from zkynet.ops.arguments import number
from zkynet.ops.casting import cast
from zkynet.ops.piecewise import relu
from zkynet.ops.reduction import sum
from zkynet.ops.selecting import one_hot as of_labels
from zkynet.ops.selecting import take
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["multi_margin_loss", "multilabel_margin_loss", "one_hot"]


def one_hot(tensor: Array, num_classes: int = -1) -> Tensor:
    """A one at the place that each label names, zeros elsewhere, along a new last axis; integers, as in PyTorch.

    `zkynet.one_hot` is the same in float32.

    Args:
        tensor: labels, integers from 0 on, of any shape.
        num_classes: the length of the new axis; -1 for one more than the largest label.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.one_hot(zk.tensor([0, 2]), 3)
        Tensor([[1, 0, 0],
                [0, 0, 1]])
    """
    return of_labels(tensor, None if num_classes == -1 else num_classes, dtype=dt.int64)


def multi_margin_loss(
    input: Array,
    target: ArrayLike,
    p: int = 1,
    margin: float = 1.0,
    weight: ArrayLike | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """The hinge loss of several classes, ``sum(max(0, margin - x[y] + x[i])**p) / C`` over the other classes i.

    Args:
        input: scores (N, C) or (C,).
        target: labels, integers of shape (N,) or ().
        p: 1, or 2 for squares.
        margin: how much higher the score of the right class is to be.
        weight: how much each class counts, (C,).
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.multi_margin_loss(zk.tensor([[0.1, 0.2, 0.8]]), zk.tensor([2]), reduction="none").numpy().round(4)
        array([0.2333], dtype=float32)
    """
    name = "multi_margin_loss"
    x = prediction(name, "input", input)
    reduction = reduction_of(name, reduction)
    p = number(name, "p", p)
    if p not in (1, 2):
        raise InvalidValueError(f"{name}: p is 1 or 2, received {p}", fix="1 is the usual value", op=name)
    margin = float(number(name, "margin", margin))
    x, t, single = batched(name, x, operand(name, target, x))
    _two_axes(name, x)
    labels = on_raw(x, labels_of(name, x, t, None)[0])
    classes = x.shape[1]
    weights = class_weights(name, weight, x, classes)
    own = reshape(labels, (-1, 1))
    slack = relu(margin - take_along_axis(x, own, axis=1) + x)
    slack = slack * (1 - of_labels(labels, classes, dtype=x.dtype))
    losses = sum(slack if p == 1 else slack * slack, axis=1) / classes
    if weights is not None:
        losses = losses * take(on_raw(x, weights), labels, axis=0)
    out = reduced(name, losses, reduction)
    return reshape(out, ()) if single else out


def _two_axes(name: str, x: Tensor) -> None:
    if x.ndim > 2:
        raise ShapeError(
            f"{name} takes scores of shape (N, C) or (C,), received {x.shape}",
            fix="make one axis of all but the classes: reshape(-1, C)",
            op=name,
            shape=x.shape,
        )


def multilabel_margin_loss(input: Array, target: ArrayLike, *, reduction: str = "mean") -> Tensor:
    """The hinge loss of examples with several labels each, ``sum(max(0, 1 - x[y] + x[i])) / C``.

    The sum is over all labels y of the example and all classes i that are none of them.

    Args:
        input: scores (N, C) or (C,).
        target: integers of the same shape: the labels of each example, then -1; what stands behind does not count.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x, y = zk.tensor([[0.1, 0.2, 0.4, 0.8]]), zk.tensor([[3, 0, -1, 1]])
        >>> round(F.multilabel_margin_loss(x, y).item(), 4)
        0.85
    """
    name = "multilabel_margin_loss"
    x = prediction(name, "input", input)
    reduction = reduction_of(name, reduction)
    x, t, single = batched(name, x, operand(name, target, x))
    _two_axes(name, x)
    labels = _label_lists(name, x, t)
    classes = x.shape[1]
    before_end = cast((cast(labels < 0, dt.int64).cumsum(axis=1) == 0), x.dtype)  # (N, C): which entries are labels
    safe = cast(before_end, dt.int64) * labels
    hot = of_labels(safe, classes, dtype=x.dtype) * before_end[..., None]  # (N, labels, C)
    others = 1 - cast(sum(hot, axis=1) > 0, x.dtype)  # (N, C)
    right = take_along_axis(x, safe, axis=1)
    slack = relu(1 - right[..., None] + x[:, None, :]) * before_end[..., None] * others[:, None, :]
    out = reduced(name, sum(slack, axis=(1, 2)) / classes, reduction)
    return reshape(out, ()) if single else out


def _label_lists(name: str, x: Tensor, t: Tensor) -> Tensor:
    if dt.kind_rank(t.dtype) != 1 or t.dtype.kind == "u":
        raise DTypeError(
            f"{name}: the labels are {t.dtype}; they are signed integers, with -1 behind the last",
            fix="target.astype(zk.int64)",
            op=name,
            dtype=t.dtype,
        )
    if t.shape != x.shape:
        raise ShapeError(
            f"{name}: input and target have different shapes",
            facts=[f"input   {x.shape}", f"target  {t.shape}"],
            fix="fill the labels of each example up with -1, to as many as there are classes",
            op=name,
            shapes=(x.shape, t.shape),
        )
    t = cast(t, dt.int64)
    if t.size and t.backend.can_look(t._raw):
        host = t.backend.to_numpy(t._raw)
        if host.max() >= x.shape[1] or host.min() < -1:
            wrong = (host >= x.shape[1]) | (host < -1)
            i, j = map(int, next(zip(*wrong.nonzero(), strict=True)))
            raise IndexOutOfRangeError(
                f"{name}: the label {int(host[i, j])} is not one of {x.shape[1]} classes",
                facts=[f"found at position {(i, j)}", f"labels go from 0 to {x.shape[1] - 1}; -1 ends them"],
                fix="correct the label",
                op=name,
                index=int(host[i, j]),
                position=(i, j),
            )
    return t
