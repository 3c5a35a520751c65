"""Losses over classes, of which each example has one: cross-entropy and what it is made of.

Cross-entropy is one op with a gradient of its own, softmax minus target. For weights w, labels y and label smoothing e
over C classes the loss of an example is the sum of ``q[c] * (logsumexp(x) - x[c])`` with the targets
``q[c] = (1 - e) * w[y] * (c == y) + e / C * w[c]``.
"""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import Array, ArrayLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.nn.functional.class_labels import NOTICE, class_weights, labels_of
from zkynet.nn.functional.loss_arguments import (
    as_raw,
    narrow,
    needs_examples,
    on_raw,
    operand,
    prediction,
    reduced,
    reduction_of,
    widen,
)
from zkynet.ops.arguments import number, whole
from zkynet.ops.define import op
from zkynet.ops.direct import direct
from zkynet.ops.exponential import exp
from zkynet.ops.logspace import bound_of
from zkynet.ops.precision import widened_all
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["cross_entropy", "nll_loss", "perplexity"]

NO_SOFTMAX = "Leave out the softmax in front of the loss: the loss takes it itself, in a way that cannot overflow."
LOG_SOFTMAX = "Put log_softmax in place of softmax, or use cross_entropy on the logits."


# -- labels -------------------------------------------------------------------------------------------------------


@op(name="nn.label_cross_entropy", kinds="real float")
def _label_cross_entropy(
    xp: Any, x: Array, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> Array:
    """Scores (N, C, ...) and labels (N, ...) to the loss of each example, or their sum or mean."""
    wide = widen(xp, x)
    shifted = wide - xp.maximum(xp.max(wide, axis=1, keepdims=True), -bound_of(xp, wide))
    log_total = xp.log(xp.sum(xp.exp(shifted), axis=1))
    safe, counts = _counts(xp, wide, labels, weight, ignore_index)
    picked = xp.squeeze(xp.take_along_axis(shifted, xp.expand_dims(safe, axis=1), axis=1), axis=1)
    losses = (log_total - picked) * (1.0 - smoothing)
    losses = losses if counts is None else xp.where(counts == 0, 0.0, losses * counts)  # nothing of what is ignored
    if smoothing:
        total = wide.shape[1] if weight is None else xp.sum(weight)
        each = shifted if weight is None else shifted * _over_classes(xp, weight, wide)
        spread = (log_total * total - xp.sum(each, axis=1)) * (smoothing / wide.shape[1])
        losses = losses + (spread if ignore_index is None else xp.where(labels == ignore_index, 0.0, spread))
    if reduction == "none":
        return narrow(xp, losses, x)
    out = xp.sum(losses)
    return narrow(xp, out if reduction == "sum" else out / _divisor(xp, counts, losses.shape), x)


def _counts(xp: Any, like: Any, labels: Any, weight: Any, ignore_index: Any) -> tuple[Any, Any]:
    """Labels with a real class in place of the ignored one, and how much each example counts; None if all count 1."""
    counted = None if ignore_index is None else labels != ignore_index
    safe = labels if counted is None else xp.where(counted, labels, xp.zeros_like(labels))
    if weight is None:
        return safe, None if counted is None else xp.astype(counted, like.dtype)
    weight = xp.astype(weight, like.dtype)
    own = xp.reshape(xp.take(weight, xp.reshape(safe, (-1,)), axis=0), safe.shape)
    return safe, own if counted is None else own * xp.astype(counted, like.dtype)


def _divisor(xp: Any, counts: Any, shape: Any) -> Any:
    """What the sum is divided by for the mean; 1 where nothing counts, so that the mean of nothing is 0."""
    if counts is None:
        n = 1
        for length in shape:
            n *= length
        return n
    total = xp.sum(counts)
    return xp.where(total == 0, 1.0, total)


def _over_classes(xp: Any, weight: Any, like: Any) -> Any:
    """Weights (C,) in a shape that spreads over scores (N, C, ...)."""
    return xp.reshape(xp.astype(weight, like.dtype), (1, -1, *(1,) * (len(like.shape) - 2)))


@_label_cross_entropy.gradient("x")
def _(xp: Any, g: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any) -> Any:
    return xp.nn.label_cross_entropy_slope(g, x, labels, weight, ignore_index, smoothing, reduction)


@op(name="nn.label_cross_entropy_slope", kinds="real float")
def _slope(
    xp: Any, g: Array, x: Array, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> Array:
    """The gradient of `nn.label_cross_entropy` for the cotangent `g` of its result: softmax minus target, times `g`."""
    wide = widen(xp, x)
    own, rest, total = _factors(xp, widen(xp, g), wide, labels, weight, ignore_index, smoothing, reduction)
    safe = _counts(xp, wide, labels, None, ignore_index)[0]
    out = xp.softmax(wide, axis=1) * total - xp.add_along_axis(own, wide.shape, xp.expand_dims(safe, axis=1), 1)
    if rest is not None:
        out = out - (rest if weight is None else rest * _over_classes(xp, weight, wide))
    return narrow(xp, out, x)


def _factors(
    xp: Any, g: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> tuple[Any, Any, Any]:
    """By what the target at the label, the targets at all classes and the softmax are multiplied: (N, 1, ...) each."""
    labels, weight = on_raw(x, labels), on_raw(x, weight)
    counts = _counts(xp, x, labels, weight, ignore_index)[1]
    if reduction == "mean":
        g = g / _divisor(xp, counts, labels.shape)
    g = xp.broadcast_to(g, labels.shape)
    own = g * (1.0 - smoothing)
    own = xp.expand_dims(own if counts is None else own * counts, axis=1)
    if not smoothing:
        return own, None, own
    rest = g * (smoothing / x.shape[1])
    if ignore_index is not None:
        rest = rest * xp.astype(labels != ignore_index, x.dtype)
    rest = xp.expand_dims(rest, axis=1)
    return own, rest, own + rest * (x.shape[1] if weight is None else xp.sum(weight))


@_slope.gradient("g")
def _(
    xp: Any, h: Any, g: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> Any:
    one = xp.nn.label_cross_entropy_slope(xp.ones_like(g), x, labels, weight, ignore_index, smoothing, reduction)
    return xp.sum(h * one, axis=1 if reduction == "none" else None)


@_slope.gradient("x")
def _(
    xp: Any, h: Any, g: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> Any:
    total = _factors(xp, g, x, labels, weight, ignore_index, smoothing, reduction)[2]
    p = xp.softmax(x, axis=1)
    part = h * p
    return (part - p * xp.sum(part, axis=1, keepdims=True)) * total


_label_losses = direct(_label_cross_entropy.op)


# -- probabilities ------------------------------------------------------------------------------------------------


@op(name="nn.soft_cross_entropy", kinds="real float")
def _soft_cross_entropy(xp: Any, x: Array, q: Array) -> Array:
    """Scores and targets (N, C, ...) to the loss of each example; where a target is 0 its score does not matter."""
    return widened_all(_soft, xp, x, q)


def _soft(xp: Any, x: Any, q: Any) -> Any:
    return -xp.sum(xp.where(q == 0, 0.0, q * xp.log_softmax(x, axis=1)), axis=1)


@_soft_cross_entropy.gradient("x")
def _(xp: Any, g: Any, x: Any, q: Any) -> Any:
    return xp.expand_dims(g, axis=1) * (xp.softmax(x, axis=1) * xp.sum(q, axis=1, keepdims=True) - q)


@_soft_cross_entropy.gradient("q")
def _(xp: Any, g: Any, x: Any) -> Any:
    return -xp.expand_dims(g, axis=1) * xp.log_softmax(x, axis=1)


# -- what users call ----------------------------------------------------------------------------------------------


def cross_entropy(
    input: Array,
    target: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross-entropy between the softmax of logits and labels or probabilities.

    ``-log(softmax(x)[y])`` for the label y, ``-sum(q * log(softmax(x)))`` for probabilities q. The softmax is part of
    the loss: pass what the last linear layer gives.

    Args:
        input: logits (N, C), (N, C, d1, ...) or (C,): the classes are axis 1.
        target: labels from 0 to C - 1, integers of shape (N,), (N, d1, ...) or (); or probabilities, floats of the
            shape of `input`.
        weight: how much each class counts, (C,).
        ignore_index: a label whose examples do not count, and get no gradient. It may lie outside of the classes.
        reduction: "mean" (over all examples that count; with labels and weights the weighted mean), "sum" or "none".
        label_smoothing: which part of each target is spread evenly over the classes, from 0 to 1.

    An empty batch has no mean and is refused; if all labels are ignored, the mean and the gradients are 0.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x = zk.tensor([[1000.0, 0.0], [0.0, 0.0]], requires_grad=True)
        >>> loss = F.cross_entropy(x, zk.tensor([0, 1]), reduction="none")
        >>> loss.detach()
        Tensor([0.       , 0.6931472])
        >>> loss.mean().backward(); x.grad
        Tensor([[ 0.  ,  0.  ],
                [ 0.25, -0.25]])
    """
    name = "cross_entropy"
    x = prediction(name, "input", input)
    t = operand(name, target, x)
    reduction = reduction_of(name, reduction)
    smoothing = share(name, label_smoothing)
    ignored = whole(name, "ignore_index", ignore_index)
    if dt.kind_rank(t.dtype) == 2 and t.shape == x.shape:
        if ignored != -100:
            raise ArgumentError(
                f"{name}: ignore_index is a label, and the targets are probabilities",
                fix="give the examples that do not count probabilities of 0",
                op=name,
            )
        return _with_probabilities(name, x, t, weight, reduction, smoothing)
    x, t, single = batched(name, x, t)
    NOTICE.look(name, x, "logits", NO_SOFTMAX)
    labels, weights, ignoring = _settled(name, x, t, weight, ignored, reduction)
    out = _label_losses(x, labels, weights, ignoring, smoothing, reduction)
    return reshape(out, ()) if single else out


def _with_probabilities(name: str, x: Tensor, t: Tensor, weight: Any, reduction: str, smoothing: float) -> Tensor:
    x, t, single = batched(name, x, t)
    NOTICE.look(name, x, "logits", NO_SOFTMAX)
    classes = x.shape[1]
    if smoothing:
        t = t * (1 - smoothing) + smoothing / classes
    weights = class_weights(name, weight, x, classes)
    if weights is not None:
        t = t * reshape(on_raw(x, weights), (1, -1, *(1,) * (x.ndim - 2)))
    out = reduced(name, _soft_cross_entropy(x, t), reduction)
    return reshape(out, ()) if single else out


def share(name: str, smoothing: Any) -> float:
    """A number from 0 to 1, the part of each target that is spread evenly."""
    value = float(number(name, "label_smoothing", smoothing))
    if not 0 <= value <= 1:
        raise InvalidValueError(
            f"{name}: label_smoothing is a share from 0 to 1, received {value}",
            fix="0.1 is a usual value",
            op=name,
        )
    return value


def batched(name: str, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor, bool]:
    """Scores and targets with a first axis for the examples, and whether it had to be put in front."""
    shape = x.shape
    if not shape or shape[min(len(shape) - 1, 1)] == 0:
        raise ShapeError(
            f"{name}: input has the classes along axis 1, received the shape {shape}",
            fix="pass one score for each class: shape (examples, classes)",
            op=name,
            shape=shape,
        )
    if len(shape) > 1:
        return x, t, False
    return reshape(x, (1, *shape)), reshape(t, (1, *t.shape)), True


def _settled(name: str, x: Tensor, t: Tensor, weight: Any, ignored: int, reduction: str) -> tuple[Any, Any, int | None]:
    """Raw labels, raw weights of classes, and which label to ignore, all of them looked at."""
    labels, ignoring = labels_of(name, x, t, ignored)
    if reduction == "mean":
        needs_examples(name, labels.shape)
    return labels, class_weights(name, weight, x, x.shape[1]), ignoring


def nll_loss(
    input: Array,
    target: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The negative log-likelihood of labels, ``-x[y]``, given logarithms of probabilities.

    Args:
        input: what `log_softmax` gives, of shape (N, C), (N, C, d1, ...) or (C,): the classes are axis 1.
        target: labels from 0 to C - 1, integers of shape (N,), (N, d1, ...) or ().
        weight: how much each class counts, (C,).
        ignore_index: a label whose examples do not count, and get no gradient.
        reduction: "mean" (weighted, over all examples that count), "sum" or "none".

    An empty batch has no mean and is refused; if all labels are ignored, the mean and the gradients are 0.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x = zk.log(zk.tensor([[0.25, 0.75], [0.5, 0.5]]))
        >>> F.nll_loss(x, zk.tensor([0, 1]), reduction="none")
        Tensor([1.3862944, 0.6931472])
    """
    name = "nll_loss"
    x = prediction(name, "input", input)
    reduction = reduction_of(name, reduction)
    x, t, single = batched(name, x, operand(name, target, x))
    NOTICE.look(name, x, "logarithms of probabilities", LOG_SOFTMAX)
    labels, weights, ignoring = _settled(name, x, t, weight, whole(name, "ignore_index", ignore_index), reduction)
    out = _label_likelihood(x, labels, weights, ignoring, reduction)
    return reshape(out, ()) if single else out


@op(name="nn.label_likelihood", kinds="real float")
def _likelihood(xp: Any, x: Array, labels: Any, weight: Any, ignore_index: Any, reduction: Any) -> Array:
    """Log-probabilities (N, C, ...) and labels (N, ...) to minus those at the labels, or their sum or mean."""
    wide = widen(xp, x)
    safe, counts = _counts(xp, wide, labels, weight, ignore_index)
    losses = -xp.squeeze(xp.take_along_axis(wide, xp.expand_dims(safe, axis=1), axis=1), axis=1)
    losses = losses if counts is None else xp.where(counts == 0, 0.0, losses * counts)
    if reduction == "none":
        return narrow(xp, losses, x)
    out = xp.sum(losses)
    return narrow(xp, out if reduction == "sum" else out / _divisor(xp, counts, losses.shape), x)


@_likelihood.gradient("x")
def _(xp: Any, g: Any, x_shape: Any, labels: Any, weight: Any, ignore_index: Any, reduction: Any) -> Any:
    labels, weight = on_raw(g, labels), on_raw(g, weight)
    safe, counts = _counts(xp, g, labels, weight, ignore_index)
    if reduction == "mean":
        g = g / _divisor(xp, counts, labels.shape)
    g = xp.broadcast_to(g, labels.shape)
    own = xp.expand_dims(g if counts is None else g * counts, axis=1)
    return -xp.add_along_axis(own, x_shape, as_raw(xp.expand_dims(safe, axis=1)), 1)


_label_likelihood = direct(_likelihood.op)


def perplexity(input: Array, target: ArrayLike, *, ignore_index: int = -100) -> Tensor:
    """The exponential of the mean cross-entropy: among how many equally likely classes the model seems to choose.

    Args:
        input: logits of shape (N, C) or (N, C, d1, ...): the classes are axis 1.
        target: labels, integers of shape (N,) or (N, d1, ...).
        ignore_index: a label whose examples do not count.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> round(F.perplexity(zk.zeros((2, 8)), zk.tensor([3, 5])).item(), 4)
        8.0
    """
    return exp(cross_entropy(input, target, ignore_index=ignore_index))
