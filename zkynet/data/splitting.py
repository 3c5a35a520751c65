"""Parts of a dataset: to train on, to validate with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from zkynet.data.dataset import Subset, has_numbers
from zkynet.data.samplers import checked_generator
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import number
from zkynet.random import Generator, default_generator

__all__ = ["random_split"]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = None, stratify: Any = None
) -> list[Subset]:
    """Parts of a dataset that have no sample in common, chosen at random.

    Args:
        dataset: the dataset.
        lengths: how many samples go into each part, all in all as many as there are; or fractions that add up to 1.
        generator: where the random numbers come from, by default the default generator.
        stratify: the class of each sample, shape ``(samples,)``: every part gets the same share of each class.

    Example:
        >>> import zkynet as zk
        >>> train, validation = zk.data.random_split(zk.data.digits().train, [0.9, 0.1])
        >>> len(train), len(validation)
        (1294, 143)
    """
    has_numbers("random_split", dataset)
    n = len(dataset)
    if isinstance(lengths, (str, bytes)) or not isinstance(lengths, Iterable):
        raise ArgumentError(
            f"random_split: lengths has one number for each part, received {described(lengths)}",
            fix="pass e.g. [0.8, 0.2]",
        )
    values = [number("random_split", "lengths", part) for part in lengths]
    generator = checked_generator(generator) or default_generator()
    if not values or any(v < 0 or not math.isfinite(v) for v in values):
        raise InvalidValueError(f"random_split: lengths are 0 or more, received {values}", fix="pass e.g. [0.8, 0.2]")
    fractions = math.isclose(math.fsum(values), 1.0) and not (n == 1 and all(float(v).is_integer() for v in values))
    if not fractions and (any(not float(v).is_integer() for v in values) or sum(values) != n):
        raise InvalidValueError(
            "random_split: the lengths of the parts do not fit the dataset",
            facts=[f"samples  {n}", f"lengths  {values}, together {sum(values):g}"],
            fix=f"pass whole numbers that add up to {n}, or fractions that add up to 1",
        )
    shares = values if fractions else [v / n if n else 0.0 for v in values]
    order = np.asarray(generator.permutation(n).tolist(), dtype=np.intp)
    if stratify is None:
        groups = [order]
    else:
        labels = np.asarray(stratify.numpy() if hasattr(stratify, "numpy") else stratify)
        if labels.shape != (n,):
            raise InvalidValueError(
                "random_split: stratify has one class for each sample",
                facts=[f"samples  {n}", f"stratify has shape {labels.shape}"],
                fix="pass the labels of the dataset",
            )
        groups = [order[labels[order] == label] for label in np.unique(labels)]
    wanted = _whole_parts(n, shares) if fractions else [int(v) for v in values]
    if len(groups) > 1:  # samples of all classes spread evenly, so that any stretch has the same share of each
        places = np.concatenate([(np.arange(len(g)) + 0.5) / len(g) for g in groups])
        order = np.concatenate(groups)[np.argsort(places, kind="stable")]
    ends = np.cumsum([0, *wanted])
    parts = [order[a:b] for a, b in pairwise(ends)]
    return [Subset(dataset, sorted(part.tolist()) if stratify is not None else part.tolist()) for part in parts]


def _whole_parts(n: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to n, rounded down, and the rest given to the first parts."""
    parts = [math.floor(n * share + 1e-9) for share in shares]
    for k in range(n - sum(parts)):
        parts[k % len(parts)] += 1
    return parts
