"""Losses for answers of yes or no: cross-entropy of one number against 0 or 1, and of several labels at once.

With logits, cross-entropy is one op with a gradient of its own. For the weight p of the positive answers its terms are
``(1 - t) x + (1 + (p - 1) t) softplus(-x)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet._typing import Array, ArrayLike
from zkynet.errors import InvalidValueError
from zkynet.nn.functional.class_labels import check_weights
from zkynet.nn.functional.loss_arguments import (
    beside,
    needs_examples,
    prediction,
    reduced,
    reduction_of,
    same_shapes,
    spreads_over,
)
from zkynet.ops.casting import cast
from zkynet.ops.define import op
from zkynet.ops.logspace import softplus
from zkynet.ops.precision import widened_all
from zkynet.ops.statistics import mean
from zkynet.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]

NO_ANSWER = "answers are 1 for yes and 0 for no: (target + 1) / 2 makes them of 1 and -1, target / 255 of pixels"


def refuse_outside(name: str, what: str, x: Tensor, fix: str) -> None:
    """Refuse what is no probability, where values may be looked at.

    Args:
        name: the loss, for the error.
        what: what the loss calls the numbers.
        x: the numbers.
        fix: what to do about it.
    """
    if x.size == 0 or not x.backend.can_look(x._raw):
        return
    host = x.backend.to_numpy(x._raw)
    if host.min() >= 0 and host.max() <= 1:
        return
    place = tuple([int(i) for i in np.argwhere(~((host >= 0) & (host <= 1)))[0]]) if host.shape else ()
    raise InvalidValueError(
        f"{name}: {what} has the value {float(host[place])}, which is no probability",
        facts=[f"found at position {place[0] if len(place) == 1 else place}"] if place else [],
        fix=fix,
        op=name,
        position=place,
    )


# -- with logits --------------------------------------------------------------------------------------------------


@op(name="nn.logistic_cross_entropy", kinds="real float", elementwise=True)
def _logistic(xp: Any, x: Array, t: Array) -> Array:
    """``softplus(-x) + (1 - t) x``, element by element: `x` is a logit, `t` the probability of yes."""
    return widened_all(lambda xp, x, t: xp.maximum(x, 0.0) - x * t + xp.log1p(xp.exp(-xp.abs(x))), xp, x, t)


@_logistic.gradient("x")
def _(xp: Any, g: Any, x: Any, t: Any) -> Any:
    return g * (xp.sigmoid(x) - t)


@_logistic.gradient("t")
def _(xp: Any, g: Any, x: Any) -> Any:
    return -g * x


@op(name="nn.mean_logistic_cross_entropy", kinds="real float")
def _mean_logistic(xp: Any, x: Array, t: Array) -> Array:
    """The mean of `nn.logistic_cross_entropy` over all elements, of which there are some."""
    return widened_all(_mean_of_logistic, xp, x, t)


def _mean_of_logistic(xp: Any, x: Any, t: Any) -> Any:
    return xp.mean(xp.maximum(x, 0.0) - x * t + xp.log1p(xp.exp(-xp.abs(x))))


@_mean_logistic.gradient("x")
def _(xp: Any, g: Any, x: Any, t: Any) -> Any:
    return xp.nn.mean_logistic_slope(g, x, t)


@_mean_logistic.gradient("t")
def _(xp: Any, g: Any, x: Any) -> Any:
    return x * (g / -_size(x.shape))


@op(name="nn.mean_logistic_slope", kinds="real float")
def _mean_slope(xp: Any, g: Array, x: Array, t: Array) -> Array:
    """The gradient of the mean by the logits: the probability of yes less the target, shared out evenly."""
    return widened_all(lambda xp, g, x, t: (xp.sigmoid(x) - t) * (g / _size(x.shape)), xp, g, x, t)


@_mean_slope.gradient("g")
def _(xp: Any, h: Any, x: Any, t: Any) -> Any:
    return xp.sum(h * (xp.sigmoid(x) - t)) / _size(x.shape)


@_mean_slope.gradient("x")
def _(xp: Any, h: Any, g: Any, x: Any) -> Any:
    s = xp.sigmoid(x)
    return h * (s - s * s) * (g / _size(x.shape))


@_mean_slope.gradient("t")
def _(xp: Any, h: Any, g: Any, t_shape: Any) -> Any:
    return h * (g / -_size(t_shape))


def _size(shape: Any) -> int:
    n = 1
    for length in shape:
        n *= length
    return n


def binary_cross_entropy_with_logits(
    input: Array,
    target: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: str = "mean",
    pos_weight: ArrayLike | None = None,
) -> Tensor:
    """The cross-entropy between the sigmoid of logits and answers of yes (1) or no (0).

    ``-(p t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x)))``. The sigmoid is part of the loss: pass what the last linear
    layer gives.

    Args:
        input: logits of any shape.
        target: numbers from 0 to 1 of the same shape; integers and truth values are taken as floats.
        weight: what to multiply the losses by; spreads over the shape of `input`.
        reduction: "mean", "sum" or "none".
        pos_weight: the weight p of the answer yes, by label along the last axis; spreads over the shape of `input`.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x = zk.tensor([0.0, 1000.0], requires_grad=True)
        >>> loss = F.binary_cross_entropy_with_logits(x, zk.tensor([1, 1]), reduction="sum")
        >>> round(loss.item(), 6)
        0.693147
        >>> loss.backward(); x.grad
        Tensor([-0.5,  0. ])
    """
    name = "binary_cross_entropy_with_logits"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    reduction = reduction_of(name, reduction)
    refuse_outside(name, "target", t, NO_ANSWER)
    if weight is None and pos_weight is None:
        if reduction != "mean":
            return reduced(name, _logistic(x, t), reduction)
        needs_examples(name, x._raw.shape)
        return _mean_logistic(x, t)
    losses = _logistic(x, t) if pos_weight is None else _with_positive(x, t, _weight(name, "pos_weight", pos_weight, x))
    if weight is not None:
        losses = losses * _weight(name, "weight", weight, x)
    return reduced(name, losses, reduction)


def _with_positive(x: Tensor, t: Tensor, p: Tensor) -> Tensor:
    return (1 - t) * x + (1 + (p - 1) * t) * softplus(-x)


def _weight(name: str, what: str, weight: Any, x: Tensor) -> Tensor:
    """Weights that spread over the shape of `x`, in its dtype."""
    w = beside(name, what, weight, x)
    spreads_over(name, what, w.shape, x.shape)
    check_weights(name, w, what)
    return cast(w, x.dtype)


# -- with probabilities -------------------------------------------------------------------------------------------

LOWEST = -100.0
"""Logarithms are cut here, so that a probability of 0 for what happened costs 100, not infinity, as in PyTorch."""


@op(name="nn.binary_cross_entropy", kinds="real float", elementwise=True)
def _binary(xp: Any, x: Array, t: Array) -> Array:
    return widened_all(_of_probabilities, xp, x, t)


def _of_probabilities(xp: Any, x: Any, t: Any) -> Any:
    return (t - 1.0) * xp.maximum(xp.log1p(-x), LOWEST) - t * xp.maximum(xp.log(x), LOWEST)


@_binary.gradient("x")
def _(xp: Any, g: Any, x: Any, t: Any) -> Any:
    return g * widened_all(lambda xp, x, t: (x - t) / xp.maximum(x - x * x, 1e-12), xp, x, t)


@_binary.gradient("t")
def _(xp: Any, g: Any, x: Any) -> Any:
    return g * (xp.maximum(xp.log1p(-x), LOWEST) - xp.maximum(xp.log(x), LOWEST))


def binary_cross_entropy(
    input: Array, target: ArrayLike, weight: ArrayLike | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The cross-entropy between probabilities and answers of yes (1) or no (0).

    ``-(t log(x) + (1 - t) log(1 - x))``, with logarithms no lower than -100. From logits
    `binary_cross_entropy_with_logits` is exact also where the sigmoid is 0 or 1.

    Args:
        input: probabilities from 0 to 1, of any shape.
        target: numbers from 0 to 1 of the same shape; integers and truth values are taken as floats.
        weight: what to multiply the losses by; spreads over the shape of `input`.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.binary_cross_entropy(zk.tensor([0.5, 0.0]), zk.tensor([1.0, 1.0]), reduction="none")
        Tensor([  0.6931472, 100.       ])
    """
    name = "binary_cross_entropy"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    reduction = reduction_of(name, reduction)
    refuse_outside(name, "input", x, "logits go into binary_cross_entropy_with_logits; or take their sigmoid first")
    refuse_outside(name, "target", t, NO_ANSWER)
    losses = _binary(x, t)
    if weight is not None:
        losses = losses * _weight(name, "weight", weight, x)
    return reduced(name, losses, reduction)


# -- several labels, and answers of 1 and -1 ----------------------------------------------------------------------


def multilabel_soft_margin_loss(
    input: Array, target: ArrayLike, weight: ArrayLike | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The mean over labels of the cross-entropy with logits: one loss for each example that may have several labels.

    ``-mean(t log(sigmoid(x)) + (1 - t) log(sigmoid(-x)))`` over the last axis.

    Args:
        input: logits (N, C) or (C,).
        target: 1 for each label that holds and 0 for the others, of the same shape.
        weight: how much each label counts, (C,).
        reduction: "mean", "sum" or "none", which gives (N,).

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.multilabel_soft_margin_loss(zk.zeros((2, 3)), zk.tensor([[1, 0, 1], [0, 0, 0]]), reduction="none")
        Tensor([0.6931472, 0.6931472])
    """
    name = "multilabel_soft_margin_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    reduction = reduction_of(name, reduction)
    refuse_outside(name, "target", t, NO_ANSWER)
    losses = _logistic(x, t)
    if weight is not None:
        losses = losses * _weight(name, "weight", weight, x)
    return reduced(name, mean(losses, axis=-1) if x.ndim else losses, reduction)


def soft_margin_loss(input: Array, target: ArrayLike, *, reduction: str = "mean") -> Tensor:
    """The logistic loss for answers of 1 and -1, ``log(1 + exp(-t x))``.

    Args:
        input: scores of any shape.
        target: 1 or -1 for each of them.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.soft_margin_loss(zk.tensor([0.0, 1000.0]), zk.tensor([1, 1]), reduction="none")
        Tensor([0.6931472, 0.       ])
    """
    name = "soft_margin_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    return reduced(name, softplus(-t * x), reduction_of(name, reduction))
