"""Losses between distributions: divergences, likelihoods of counts and of normal variables, the variational bound."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet._typing import Array, ArrayLike
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.functional.binary_losses import binary_cross_entropy_with_logits
from zkynet.nn.functional.class_labels import NOTICE
from zkynet.nn.functional.classification_losses import LOG_SOFTMAX
from zkynet.nn.functional.loss_arguments import (
    beside,
    needs_examples,
    operand,
    prediction,
    reduced,
    reduction_of,
    same_shapes,
    spreads_over,
)
from zkynet.nn.functional.regression_losses import quadratic_cost
from zkynet.ops.arguments import flag, number, word
from zkynet.ops.casting import stop_gradient
from zkynet.ops.exponential import exp, expm1, log
from zkynet.ops.extrema import maximum
from zkynet.ops.reduction import sum
from zkynet.ops.selecting import where
from zkynet.ops.shaping import reshape
from zkynet.special.entropies import xlogy
from zkynet.tensor import Tensor

__all__ = ["gaussian_kl", "gaussian_nll_loss", "kl_div", "poisson_nll_loss", "vae_loss"]


def kl_div(input: Array, target: ArrayLike, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """The terms of the Kullback-Leibler divergence of `input` from `target`, ``t * (log(t) - x)``; 0 where t is 0.

    Args:
        input: logarithms of probabilities, of any shape: what `log_softmax` gives.
        target: probabilities of the same shape, or their logarithms.
        reduction: "batchmean" for the sum divided by the length of the first axis, which is the divergence; "mean"
            divides by the number of elements; "sum" or "none".
        log_target: whether `target` holds logarithms.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> p, q = zk.tensor([[0.5, 0.5]]), zk.tensor([[1.0, 0.0]])
        >>> round(F.kl_div(zk.log(p), q, reduction="batchmean").item(), 6)
        0.693147
    """
    name = "kl_div"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    reduction = reduction_of(name, reduction, ("batchmean",))
    if x.ndim > 1:
        NOTICE.look(name, x, "logarithms of probabilities", LOG_SOFTMAX)
    losses = exp(t) * (t - x) if flag(name, "log_target", log_target) else xlogy(t, t) - _times(t, x)
    if reduction != "batchmean":
        return reduced(name, losses, reduction)
    if not x.ndim:
        return losses
    needs_examples(name, x.shape[:1])
    return sum(losses) / x.shape[0]


def _times(t: Tensor, x: Tensor) -> Tensor:
    """``t * x``, and 0 where `t` is, though `x` may be minus infinity there."""
    return t * where(t.detach() == 0, 0.0, x)


def poisson_nll_loss(
    input: Array,
    target: ArrayLike,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """The negative log-likelihood of counts with Poisson distributions, ``exp(x) - t x``.

    Args:
        input: the logarithms x of the rates, of any shape; the rates themselves if `log_input` is False.
        target: counts of the same shape.
        log_input: whether `input` holds logarithms. If not, the loss is ``x - t log(x + eps)``.
        full: whether to add Stirling's ``t log(t) - t + log(2 pi t) / 2`` where the count is above 1, which does not
            depend on the input.
        eps: keeps the logarithm of a rate of 0 finite.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.poisson_nll_loss(zk.tensor([0.0, 0.0]), zk.tensor([2, 0]), reduction="none")
        Tensor([1., 1.])
    """
    name = "poisson_nll_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    eps = float(number(name, "eps", eps))
    losses = exp(x) - t * x if flag(name, "log_input", log_input) else x - t * log(x + eps)
    if flag(name, "full", full):
        large = maximum(t, 1.0)
        stirling = large * log(large) - large + 0.5 * log(2 * math.pi * large)
        losses = losses + where(t.detach() > 1, stirling, 0.0)
    return reduced(name, losses, reduction_of(name, reduction))


def gaussian_nll_loss(
    input: Array,
    target: ArrayLike,
    var: ArrayLike,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """The negative log-likelihood of numbers with normal distributions, ``(log(v) + (x - t)**2 / v) / 2``.

    Args:
        input: the means x, of any shape.
        target: numbers of the same shape.
        var: the variances v, not negative, of the same shape, of that shape without its last axis, or a number.
        full: whether to add ``log(2 pi) / 2``.
        eps: the smallest variance that is used; the gradient takes no notice of that bound.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.gaussian_nll_loss(zk.tensor([0.0, 0.0]), zk.tensor([0.0, 2.0]), zk.tensor([1.0, 1.0]))
        Tensor(1.)
    """
    name = "gaussian_nll_loss"
    x = prediction(name, "input", input)
    t = beside(name, "target", target, x)
    same_shapes(name, input=x, target=t)
    reduction = reduction_of(name, reduction)
    v = _variances(name, x, beside(name, "var", var, x))
    eps = float(number(name, "eps", eps))
    if not eps > 0:
        raise InvalidValueError(f"{name}: eps is above 0, received {eps}", fix="1e-6 is the usual value", op=name)
    v = v + stop_gradient(maximum(v, eps) - v)
    d = x - t
    losses = 0.5 * (log(v) + d * d / v)
    if flag(name, "full", full):
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(name, losses, reduction)


def _variances(name: str, x: Tensor, v: Tensor) -> Tensor:
    if v.ndim and v.shape == x.shape[:-1]:
        v = reshape(v, (*v.shape, 1))
    if v.ndim and v.ndim != x.ndim:
        raise ShapeError(
            f"{name}: var fits neither the shape of input nor that without the last axis",
            facts=[f"input  {x.shape}", f"var    {v.shape}"],
            fix="give var the shape of input, with length 1 along the axes where it is the same",
            op=name,
            shapes=(x.shape, v.shape),
        )
    spreads_over(name, "var", v.shape, x.shape)
    if v.size and v.backend.can_look(v._raw):
        host = v.backend.to_numpy(v._raw)
        if host.min() < 0:
            place = tuple([int(i) for i in np.argwhere(host < 0)[0]])
            raise InvalidValueError(
                f"{name}: the variance {float(host[place])} is negative",
                facts=[f"found at position {place}"] if place else [],
                fix="let the model give its logarithm, and pass zk.exp of that",
                op=name,
                position=place,
            )
    return v


def gaussian_kl(mean: Array, log_variance: Array, *, reduction: str = "mean") -> Tensor:
    """The divergence of normal distributions from the standard one, ``sum(m**2 + exp(s) - 1 - s) / 2``.

    The sum is over the coordinates of each example: what a variational autoencoder pays for its code.

    Args:
        mean: the means m, the first axis for the examples.
        log_variance: the logarithms s of the variances, of the same shape.
        reduction: "mean" over the examples, "sum", or "none", which gives (N,).

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.gaussian_kl(zk.tensor([[0.0, 0.0], [2.0, 0.0]]), zk.zeros((2, 2)), reduction="none")
        Tensor([0., 2.])
    """
    name = "gaussian_kl"
    m = prediction(name, "mean", mean)
    s = prediction(name, "log_variance", operand(name, log_variance, m))
    same_shapes(name, mean=m, log_variance=s)
    losses = 0.5 * _by_example(m * m + (expm1(s) - s))
    return reduced(name, losses, reduction_of(name, reduction))


def _by_example(terms: Tensor) -> Tensor:
    """The sums over all axes but the first."""
    return sum(terms, axis=tuple(range(1, terms.ndim))) if terms.ndim > 1 else terms


def vae_loss(
    reconstruction: Array,
    target: ArrayLike,
    mean: Array,
    log_variance: Array,
    *,
    likelihood: str = "bernoulli",
    beta: float = 1.0,
    reduction: str = "mean",
) -> Tensor:
    """The loss of a variational autoencoder, reconstruction plus divergence: minus the evidence lower bound.

    It is the sum over all elements of an example, as the bound wants it, not their mean, which would leave the
    divergence far too heavy.

    Args:
        reconstruction: what the decoder gives, (N, ...): logits for "bernoulli", means for "normal".
        target: what was to be reconstructed, of the same shape; from 0 to 1 for "bernoulli".
        mean: the means of the codes, (N, D).
        log_variance: the logarithms of their variances, (N, D).
        likelihood: "bernoulli" for `binary_cross_entropy_with_logits`, "normal" for half the squared distance (a
            variance of 1, without the constant).
        beta: the weight of the divergence; above 1 in a beta-VAE.
        reduction: "mean" over the examples, "sum", or "none", which gives (N,).

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> m, s = zk.tensor([[2.0, 0.0]]), zk.zeros((1, 2))
        >>> F.vae_loss(zk.tensor([[1.0, 3.0]]), zk.tensor([[1.0, 1.0]]), m, s, likelihood="normal")
        Tensor(4.)
    """
    name = "vae_loss"
    x = prediction(name, "reconstruction", reconstruction)
    t = beside(name, "target", target, x)
    same_shapes(name, reconstruction=x, target=t)
    reduction = reduction_of(name, reduction)
    divergence = gaussian_kl(mean, log_variance, reduction="none")
    if divergence.shape != x.shape[:1]:
        raise ShapeError(
            f"{name}: there are codes for {divergence.shape[:1]} examples, and reconstructions of {x.shape[:1]}",
            facts=[f"reconstruction  {x.shape}", f"mean            {operand(name, mean, x).shape}"],
            fix="give all of them the examples as the first axis",
            op=name,
        )
    if word(name, "likelihood", likelihood) not in LIKELIHOODS:
        raise InvalidValueError(
            f"{name}: likelihood is {' or '.join(map(repr, LIKELIHOODS))}, received {likelihood!r}",
            fix="bernoulli for what lies between 0 and 1, normal for other numbers",
            op=name,
        )
    losses = LIKELIHOODS[likelihood](x, t) + float(number(name, "beta", beta)) * divergence
    return reduced(name, losses, reduction)


LIKELIHOODS: dict[str, Any] = {
    "bernoulli": lambda x, t: _by_example(binary_cross_entropy_with_logits(x, t, reduction="none")),
    "normal": lambda x, t: quadratic_cost(x, t, reduction="none"),
}
