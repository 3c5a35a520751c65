"""Losses that compare scores or vectors, as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.nn import functional as F
from zkynet.nn.losses import Loss, above_zero
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag, number, whole
from zkynet.tensor import Tensor

__all__ = [
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "PairwiseDistance",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class HingeEmbeddingLoss(Loss):
    """Distances that are to be small where the target is 1 and large where it is -1.

    See `functional.hinge_embedding_loss`.

    Args:
        margin: how far apart is far enough.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.HingeEmbeddingLoss(reduction="none")(zk.tensor([0.25, 0.25]), zk.tensor([1, -1]))
        Tensor([0.25, 0.75])
    """

    settings = ("margin",)

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = float(number("HingeEmbeddingLoss", "margin", margin))

    def _loss(self, input: Tensor, target: Any) -> Tensor:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class MarginRankingLoss(Loss):
    """Which of two scores is to be the larger; see `functional.margin_ranking_loss`.

    Args:
        margin: by how much.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.MarginRankingLoss()(zk.tensor([2.0]), zk.tensor([1.0]), zk.tensor([-1]))
        Tensor(1.)
    """

    settings = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = float(number("MarginRankingLoss", "margin", margin))

    def forward(self, input1: Tensor, input2: Tensor, target: Any) -> Tensor:  # type: ignore[override]
        """The loss.

        Args:
            input1: scores of any shape.
            input2: scores of the same shape.
            target: 1 where the first is to be larger, -1 where the second is.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.MarginRankingLoss()(zk.tensor([2.0]), zk.tensor([1.0]), zk.tensor([1]))
            Tensor(0.)
        """
        return F.margin_ranking_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(Loss):
    """Vectors that are to point the same way where the target is 1; see `functional.cosine_embedding_loss`.

    Args:
        margin: the cosine that is small enough where the target is -1.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CosineEmbeddingLoss()(zk.tensor([[1.0, 0.0]]), zk.tensor([[0.0, 1.0]]), zk.tensor([1]))
        Tensor(1.)
    """

    settings = ("margin",)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = float(number("CosineEmbeddingLoss", "margin", margin))

    def forward(self, input1: Tensor, input2: Tensor, target: Any) -> Tensor:  # type: ignore[override]
        """The loss.

        Args:
            input1: vectors (N, D) or (D,).
            input2: vectors of the same shape.
            target: 1 or -1 for each pair.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.CosineEmbeddingLoss()(zk.tensor([1.0, 0.0]), zk.tensor([0.0, 1.0]), zk.tensor(-1))
            Tensor(0.)
        """
        return F.cosine_embedding_loss(input1, input2, target, margin=self.margin, reduction=self.reduction)


class TripletMarginLoss(Loss):
    """An anchor that is to be nearer to its like than to another; see `functional.triplet_margin_loss`.

    Args:
        margin: by how much nearer.
        p: the norm of the distance.
        eps: added to every difference.
        swap: whether the other may be compared with the like instead, where that is nearer.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> a, p, n = zk.tensor([[0.0, 0.0]]), zk.tensor([[3.0, 0.0]]), zk.tensor([[0.0, 2.0]])
        >>> zk.nn.TripletMarginLoss(eps=0.0)(a, p, n)
        Tensor(2.)
    """

    settings = ("margin", "p", "eps", "swap")

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, *, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.margin = above_zero("TripletMarginLoss", "margin", margin)
        self.p = float(number("TripletMarginLoss", "p", p))
        self.eps = float(number("TripletMarginLoss", "eps", eps))
        self.swap = flag("TripletMarginLoss", "swap", swap)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:  # type: ignore[override]
        """The loss.

        Args:
            anchor: vectors (N, D) or (D,).
            positive: of the same shape, what is to be near.
            negative: of the same shape, what is to be far.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TripletMarginLoss()(zk.zeros((1, 2)), zk.zeros((1, 2)), zk.ones((1, 2)) * 9)
            Tensor(0.)
        """
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )


class TripletMarginWithDistanceLoss(Loss):
    """`TripletMarginLoss` with a distance of one's own.

    Args:
        distance_function: takes two of the tensors to their distances; by default `functional.pairwise_distance`.
        margin: by how much nearer.
        swap: whether the other may be compared with the like instead, where that is nearer.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import zkynet as zk
        >>> loss = zk.nn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: abs(x - y).sum(axis=-1))
        >>> loss(zk.zeros((1, 2)), zk.ones((1, 2)), zk.ones((1, 2)))
        Tensor(1.)
    """

    settings = ("margin", "swap")

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.distance_function = F.pairwise_distance if distance_function is None else distance_function
        self.margin = above_zero("TripletMarginWithDistanceLoss", "margin", margin)
        self.swap = flag("TripletMarginWithDistanceLoss", "swap", swap)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:  # type: ignore[override]
        """The loss.

        Args:
            anchor: of any shape.
            positive: of the same shape, what is to be near.
            negative: of the same shape, what is to be far.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.TripletMarginWithDistanceLoss()(zk.zeros((1, 2)), zk.zeros((1, 2)), zk.ones((1, 2)) * 9)
            Tensor(0.)
        """
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class CosineSimilarity(Module):
    """The cosine of the angle between vectors; see `functional.cosine_similarity`.

    Args:
        dim: the axis of the coordinates.
        eps: the shortest length that is divided by.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CosineSimilarity()(zk.tensor([[3.0, 4.0]]), zk.tensor([[1.0, 0.0]]))
        Tensor([0.6])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim = whole("CosineSimilarity", "dim", dim)
        self.eps = float(number("CosineSimilarity", "eps", eps))

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The cosines.

        Args:
            x1: vectors along the axis `dim`.
            x2: vectors that broadcast with them.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.CosineSimilarity(dim=0)(zk.tensor([3.0, 4.0]), zk.tensor([0.0, 1.0]))
            Tensor(0.8)
        """
        return F.cosine_similarity(x1, x2, self.dim, self.eps)

    def extra_repr(self) -> str:
        """Its settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.CosineSimilarity().extra_repr()
            'dim=1, eps=1e-08'
        """
        return f"dim={self.dim}, eps={self.eps}"


class PairwiseDistance(Module):
    """The distances between vectors along the last axis; see `functional.pairwise_distance`.

    Args:
        p: the norm.
        eps: added to every difference.
        keepdim: whether to keep the last axis with length one.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.PairwiseDistance(eps=0.0)(zk.tensor([[3.0, 4.0]]), zk.zeros((1, 2)))
        Tensor([5.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm = float(number("PairwiseDistance", "p", p))
        self.eps = float(number("PairwiseDistance", "eps", eps))
        self.keepdim = flag("PairwiseDistance", "keepdim", keepdim)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The distances.

        Args:
            x1: vectors along the last axis.
            x2: vectors that broadcast with them.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PairwiseDistance(p=1, eps=0.0)(zk.tensor([[3.0, 4.0]]), zk.zeros((1, 2)))
            Tensor([7.])
        """
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        """Its settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PairwiseDistance().extra_repr()
            'p=2.0, eps=1e-06, keepdim=False'
        """
        return f"p={self.norm}, eps={self.eps}, keepdim={self.keepdim}"
