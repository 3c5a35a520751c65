"""Losses as modules, functions of `zkynet.nn.functional` with their settings: the base, and those of distances."""

from __future__ import annotations

from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.nn import functional as F
from zkynet.nn.functional.loss_arguments import reduction_of
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag, number
from zkynet.tensor import Tensor

__all__ = [
    "GaussianNLLLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]


class Loss(Module):
    """A loss of predictions and targets.

    Args:
        reduction: "mean", "sum" or "none": how the losses of the examples become one number.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MSELoss()
        MSELoss(reduction='mean')
    """

    reductions: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction_of(type(self).__name__, reduction, self.reductions)

    def forward(self, input: Tensor, target: Any) -> Tensor:
        """The loss.

        Args:
            input: the predictions.
            target: what they should have been.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MSELoss()(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
            Tensor(2.)
        """
        return self._loss(input, target)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Its settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.HuberLoss(delta=2.0).extra_repr()
            "delta=2.0, reduction='mean'"
        """
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in (*self.settings, "reduction"))


class MSELoss(Loss):
    """The squared distance, ``(x - t)**2``; see `functional.mse_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MSELoss()(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        Tensor(2.)
    """

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The absolute distance, ``|x - t|``; see `functional.l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.L1Loss()(zk.tensor([1.0, 2.0]), zk.tensor([1.0, 4.0]))
        Tensor(1.)
    """

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction)


class HuberLoss(Loss):
    """Half the squared distance up to `delta`, then linear; see `functional.huber_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        delta: where it becomes linear, above 0.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.HuberLoss("none")(zk.tensor([1.0, 2.0]), zk.tensor([1.5, 4.0]))
        Tensor([0.125, 1.5  ])
    """

    settings = ("delta",)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = above_zero("HuberLoss", "delta", delta)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """The absolute distance with a round tip; see `functional.smooth_l1_loss`.

    Args:
        reduction: "mean", "sum" or "none".
        beta: where it becomes linear; 0 for the absolute distance.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.SmoothL1Loss("none", beta=2.0)(zk.tensor([1.0, 2.0]), zk.tensor([1.5, 4.0]))
        Tensor([0.0625, 1.    ])
    """

    settings = ("beta",)

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = float(number("SmoothL1Loss", "beta", beta))

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence of logarithms of probabilities from probabilities; see `functional.kl_div`.

    Args:
        reduction: "batchmean" for the divergence as it is defined, averaged over the batch; "mean" divides by the
            number of elements instead; "sum" or "none".
        log_target: whether the targets are logarithms too.

    Example:
        >>> import zkynet as zk
        >>> p, q = zk.tensor([[0.5, 0.5]]), zk.tensor([[1.0, 0.0]])
        >>> round(zk.nn.KLDivLoss("batchmean")(zk.log(p), q).item(), 6)
        0.693147
    """

    reductions = ("batchmean",)
    settings = ("log_target",)

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = flag("KLDivLoss", "log_target", log_target)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of counts; see `functional.poisson_nll_loss`.

    Args:
        log_input: whether the predictions are logarithms of the rates.
        full: whether to add Stirling's term, which does not depend on the predictions.
        eps: keeps the logarithm of a rate of 0 finite.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.PoissonNLLLoss()(zk.tensor([0.0, 0.0]), zk.tensor([2, 0]))
        Tensor(1.)
    """

    settings = ("log_input", "full", "eps")

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input = flag("PoissonNLLLoss", "log_input", log_input)
        self.full = flag("PoissonNLLLoss", "full", full)
        self.eps = float(number("PoissonNLLLoss", "eps", eps))

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.poisson_nll_loss(input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction)


class GaussianNLLLoss(Loss):
    """The negative log-likelihood of numbers with normal distributions; see `functional.gaussian_nll_loss`.

    Args:
        full: whether to add the constant ``log(2 pi) / 2``.
        eps: the smallest variance that is used.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.GaussianNLLLoss()(zk.tensor([0.0, 0.0]), zk.tensor([0.0, 2.0]), zk.ones(2))
        Tensor(1.)
    """

    settings = ("full", "eps")

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full = flag("GaussianNLLLoss", "full", full)
        self.eps = above_zero("GaussianNLLLoss", "eps", eps)

    def forward(self, input: Tensor, target: Any, var: Any) -> Tensor:  # type: ignore[override]
        """The loss.

        Args:
            input: the means.
            target: numbers of the same shape.
            var: the variances.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GaussianNLLLoss()(zk.tensor([0.0]), zk.tensor([2.0]), zk.tensor([1.0]))
            Tensor(2.)
        """
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


def above_zero(name: str, what: str, value: Any) -> float:
    """A number above 0.

    Args:
        name: the module, for the error.
        what: what it calls the number.
        value: what the user passed.
    """
    given = float(number(name, what, value))
    if not given > 0:
        raise InvalidValueError(f"{name}: {what} is above 0, received {given}", fix="1.0 is a usual value", op=name)
    return given
