"""Losses as modules. What their functions take besides is compared in parity/test_loss_parity.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from layers import LayerRow
from table import Sampler, integers, normal, uniform

NUMBER = "the mean of nothing is refused; tested in test_losses.py"


def signs(*shape: int) -> Sampler:
    """Integers 1 and -1, which get no gradient."""
    return lambda rng: rng.integers(0, 2, shape) * 2 - 1


def log_distributions(*shape: int) -> Sampler:
    """Logarithms of positive numbers with sum 1 along the last axis."""
    return lambda rng: np.log(rng.dirichlet(np.ones(shape[-1]), shape[:-1]))


def positive(rng: np.random.Generator, name: str, shape: Any) -> Any:
    """Weights are positive, on both sides."""
    return rng.uniform(0.5, 2.0, shape)


def weighted(kind: str, names: dict[str, int], **kwargs: Any) -> dict[str, Callable[..., Any]]:
    """How both sides make a module with weights of some lengths, whose values are loaded later."""

    def torch(nn: Any) -> Any:
        from torch import ones

        return getattr(nn, kind)(**{n: ones(k) for n, k in names.items()}, **kwargs)

    def ours(nn: Any) -> Any:
        return getattr(nn, kind)(**{n: np.ones(k) for n, k in names.items()}, **kwargs)

    return {"torch": torch, "made": ours}


def row(name: str, *inputs: Sampler, empty: Any = NUMBER, order: int = 2, **kwargs: Any) -> LayerRow:
    empty = True if kwargs.get("reduction") == "none" else empty
    return LayerRow(name, inputs, kwargs=kwargs, empty=empty, order=order)


def composed(name: str, *inputs: Sampler, empty: Any = NUMBER, **kwargs: Any) -> LayerRow:
    """One that is made of ops of the core: its second derivatives are checked on NumPy alone, in test_losses.py."""
    return row(name, *inputs, empty=empty, order=1, **kwargs)


LABELS = integers(0, 4, 5)
NONE = {"reduction": "none"}

ROWS = [
    row("CrossEntropyLoss", normal(5, 4), LABELS),
    row("CrossEntropyLoss:none", normal(5, 4, 3), integers(0, 4, 5, 3), ignore_index=1, label_smoothing=0.1, **NONE),
    LayerRow(
        "CrossEntropyLoss:weight",
        (normal(5, 4), LABELS),
        weights=positive,
        empty=NUMBER,
        **weighted("CrossEntropyLoss", {"weight": 4}, label_smoothing=0.2),
    ),
    LayerRow("NLLLoss", (normal(5, 4), LABELS), weights=positive, empty=NUMBER, **weighted("NLLLoss", {"weight": 4})),
    composed("NLLLoss:none", normal(5, 4), LABELS, **NONE),
    LayerRow(
        "BCEWithLogitsLoss",
        (normal(5, 4), uniform(0, 1, 5, 4)),
        weights=positive,
        empty=NUMBER,
        **weighted("BCEWithLogitsLoss", {"weight": 4, "pos_weight": 4}),
    ),
    composed("BCEWithLogitsLoss:none", normal(5, 4), uniform(0, 1, 5, 4), **NONE),
    row("BCEWithLogitsLoss:plain", normal(5, 4), uniform(0, 1, 5, 4)),
    row("BCELoss", uniform(0.1, 0.9, 5, 4), uniform(0, 1, 5, 4), **NONE),
    row("MSELoss", normal(5, 4), normal(5, 4)),
    composed("MSELoss:none", normal(5, 4), normal(5, 4), **NONE),
    composed("L1Loss", normal(5, 4), normal(5, 4), **NONE),
    row("HuberLoss", normal(5, 4), normal(5, 4), delta=0.7, **NONE),
    composed("SmoothL1Loss", normal(5, 4), normal(5, 4), beta=0.7, **NONE),
    composed("KLDivLoss", log_distributions(5, 4), uniform(0.1, 1, 5, 4), **NONE),
    composed(
        "KLDivLoss:batch", log_distributions(5, 4), log_distributions(5, 4), reduction="batchmean", log_target=True
    ),
    composed("PoissonNLLLoss", normal(5, 4), uniform(0, 5, 5, 4), full=True, **NONE),
    composed("GaussianNLLLoss", normal(5, 4), normal(5, 4), uniform(0.5, 2, 5, 4), **NONE),
    composed("HingeEmbeddingLoss", uniform(0, 0.8, 5), signs(5), **NONE),
    composed("MarginRankingLoss", normal(5), normal(5), signs(5), margin=0.3, **NONE),
    composed("CosineEmbeddingLoss", normal(5, 3), normal(5, 3), signs(5), margin=-0.9, **NONE),
    composed("SoftMarginLoss", normal(5), signs(5), **NONE),
    composed("MultiLabelSoftMarginLoss", normal(5, 4), uniform(0, 1, 5, 4), **NONE),
    composed("MultiMarginLoss", normal(5, 4), LABELS, p=2, **NONE),
    composed("MultiLabelMarginLoss", normal(5, 4), integers(-1, 4, 5, 4), **NONE),
    composed("TripletMarginLoss", normal(5, 3), normal(5, 3), normal(5, 3), swap=True, **NONE),
    composed("TripletMarginWithDistanceLoss", normal(5, 3), normal(5, 3), normal(5, 3), **NONE),
    composed("CosineSimilarity", normal(5, 3), normal(5, 3), empty=True),
    composed("PairwiseDistance", normal(5, 3), normal(5, 3), empty=True, p=3.0),
    LayerRow(
        "CTCLoss",
        (
            log_distributions(6, 3, 4),
            integers(1, 4, 3, 2),
            lambda _: np.array([6, 5, 6]),
            lambda _: np.array([2, 2, 1]),
        ),
        torch=None,
        order=1,
        empty="a time is needed; tested in test_ctc.py",
    ),
]
