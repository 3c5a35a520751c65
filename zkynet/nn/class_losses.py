"""Losses of classes, labels and texts as modules."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike
from zkynet.nn import functional as F
from zkynet.nn.functional.class_labels import check_weights
from zkynet.nn.functional.classification_losses import share
from zkynet.nn.losses import Loss
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.casting import cast
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CrossEntropyLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SoftMarginLoss",
]


class WeightedLoss(Loss):
    """A loss with weights, a buffer that moves with the module and is saved with it.

    Args:
        weight: the weights, or None.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> list(zk.nn.CrossEntropyLoss(weight=zk.ones(3)).state_dict())
        ['weight']
    """

    weight: Tensor | None

    def __init__(self, weight: ArrayLike | None = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._hold("weight", weight)

    def _hold(self, name: str, weight: ArrayLike | None) -> None:
        """Make weights a buffer."""
        if weight is None:
            self.register_buffer(name, None)
            return
        w = asarray(weight).detach()
        check_weights(type(self).__name__, w, name)
        self.register_buffer(name, cast(w, dt.default_float) if dt.kind_rank(w.dtype) < 2 else w)


class CrossEntropyLoss(WeightedLoss):
    """The cross-entropy between the softmax of logits and labels or probabilities; see `functional.cross_entropy`.

    Args:
        weight: how much each class counts, (C,).
        ignore_index: a label whose examples do not count.
        reduction: "mean", "sum" or "none".
        label_smoothing: which part of each target is spread evenly over the classes.

    Example:
        >>> import zkynet as zk
        >>> loss = zk.nn.CrossEntropyLoss()
        >>> round(loss(zk.zeros((2, 4)), zk.tensor([0, 3])).item(), 6)
        1.386294
    """

    settings = ("ignore_index", "label_smoothing")

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index = whole("CrossEntropyLoss", "ignore_index", ignore_index)
        self.label_smoothing = share("CrossEntropyLoss", label_smoothing)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(WeightedLoss):
    """The negative log-likelihood of labels, given logarithms of probabilities; see `functional.nll_loss`.

    Args:
        weight: how much each class counts, (C,).
        ignore_index: a label whose examples do not count.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.NLLLoss()(zk.tensor([[-1.0, -2.0], [-3.0, -4.0]]), zk.tensor([0, 1]))
        Tensor(2.5)
    """

    settings = ("ignore_index",)

    def __init__(self, weight: ArrayLike | None = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight, reduction)
        self.ignore_index = whole("NLLLoss", "ignore_index", ignore_index)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(WeightedLoss):
    """The cross-entropy between probabilities and answers of yes or no; see `functional.binary_cross_entropy`.

    Args:
        weight: what to multiply the losses by.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> round(zk.nn.BCELoss()(zk.tensor([0.5, 0.5]), zk.tensor([1, 0])).item(), 6)
        0.693147
    """

    def __init__(self, weight: ArrayLike | None = None, *, reduction: str = "mean") -> None:
        super().__init__(weight, reduction)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """The cross-entropy between the sigmoid of logits and answers of yes or no.

    See `functional.binary_cross_entropy_with_logits`.

    Args:
        weight: what to multiply the losses by.
        reduction: "mean", "sum" or "none".
        pos_weight: the weight of the answer yes, by label along the last axis.

    Example:
        >>> import zkynet as zk
        >>> round(zk.nn.BCEWithLogitsLoss()(zk.zeros(2), zk.tensor([1, 0])).item(), 6)
        0.693147
    """

    pos_weight: Tensor | None

    def __init__(
        self, weight: ArrayLike | None = None, *, reduction: str = "mean", pos_weight: ArrayLike | None = None
    ) -> None:
        super().__init__(weight, reduction)
        self._hold("pos_weight", pos_weight)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(Loss):
    """The logistic loss for answers of 1 and -1; see `functional.soft_margin_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> round(zk.nn.SoftMarginLoss()(zk.zeros(2), zk.tensor([1, -1])).item(), 6)
        0.693147
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__(reduction)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean cross-entropy of examples that may have several labels; see `functional.multilabel_soft_margin_loss`.

    Args:
        weight: how much each label counts, (C,).
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> round(zk.nn.MultiLabelSoftMarginLoss()(zk.zeros((1, 3)), zk.tensor([[1, 0, 1]])).item(), 6)
        0.693147
    """

    def __init__(self, weight: ArrayLike | None = None, *, reduction: str = "mean") -> None:
        super().__init__(weight, reduction)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class MultiMarginLoss(WeightedLoss):
    """The hinge loss of several classes; see `functional.multi_margin_loss`.

    Args:
        p: 1, or 2 for squares.
        margin: how much higher the score of the right class is to be.
        weight: how much each class counts, (C,).
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MultiMarginLoss()(zk.tensor([[0.0, 0.5]]), zk.tensor([0]))
        Tensor(0.75)
    """

    settings = ("p", "margin")

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: ArrayLike | None = None, *, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction)
        self.p = whole("MultiMarginLoss", "p", p)
        self.margin = float(number("MultiMarginLoss", "margin", margin))

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class MultiLabelMarginLoss(Loss):
    """The hinge loss of examples with several labels each; see `functional.multilabel_margin_loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MultiLabelMarginLoss()(zk.tensor([[0.0, 0.5]]), zk.tensor([[0, -1]]))
        Tensor(0.75)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__(reduction)

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class CTCLoss(Loss):
    """Connectionist temporal classification: texts, whatever the time of each letter; see `functional.ctc_loss`.

    Args:
        blank: the letter that says nothing.
        reduction: "mean" (each loss divided by the length of its text), "sum" or "none".
        zero_infinity: give texts that are too long for their time the loss 0, not infinity.

    Example:
        >>> import zkynet as zk
        >>> x = zk.log(zk.full((2, 1, 2), 0.5))
        >>> round(zk.exp(-zk.nn.CTCLoss()(x, zk.tensor([[1]]), [2], [1])).item(), 4)
        0.75
    """

    settings = ("blank", "zero_infinity")

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank = whole("CTCLoss", "blank", blank)
        self.zero_infinity = flag("CTCLoss", "zero_infinity", zero_infinity)

    def forward(  # type: ignore[override]
        self, log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """The loss.

        Args:
            log_probs: logarithms of the probabilities of letters, (T, N, C).
            targets: the letters of each text, (N, S).
            input_lengths: how many times each example has, (N,).
            target_lengths: how many letters each text has, (N,).

        Example:
            >>> import zkynet as zk
            >>> x = zk.log(zk.full((1, 1, 2), 0.5))
            >>> round(zk.exp(-zk.nn.CTCLoss()(x, zk.tensor([[1]]), [1], [1])).item(), 4)
            0.5
        """
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
