"""Points in the plane, in classes that no straight line, or hardly any, tells apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.data.sets.bundled import at_least, no_less_than_zero, numbers
from zkynet.data.sets.collection import Collection

__all__ = ["blobs", "circles", "moons", "spirals", "xor"]

Array = np.ndarray[Any, Any]


def spirals(n: int = 1000, *, classes: int = 2, noise: float = 0.02, turns: float = 1.0, seed: int = 0) -> Collection:
    """Arms of a spiral around the origin, one for each class: r = t, φ = 2π (turns t + class / classes), 0.05 ≤ t ≤ 1.

    Args:
        n: how many points; the last fifth is for testing.
        classes: how many arms.
        noise: deviation of the normal noise on both coordinates.
        turns: how often an arm goes round.
        seed: which random numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.data.spirals(100, classes=3).classes
        ('arm 1', 'arm 2', 'arm 3')
    """
    rng = numbers("spirals", seed)
    label = _labels("spirals", n, at_least("spirals", "classes", classes, 2))
    t = 0.05 + 0.95 * np.sqrt(rng.random(n))  # the root: as many points on each length of the arm
    angle = 2 * np.pi * (no_less_than_zero("spirals", "turns", turns) * t + label / classes)
    points = np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1)
    return _collection("spirals", points, label, noise, rng, [f"arm {i + 1}" for i in range(classes)])


def moons(n: int = 1000, *, noise: float = 0.1, seed: int = 0) -> Collection:
    """Two half circles of radius 1 that reach into each other.

    Args:
        n: how many points; the last fifth is for testing.
        noise: deviation of the normal noise on both coordinates.
        seed: which random numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.data.moons(100)
        moons: 80 samples to train on, 20 to test with
    """
    rng = numbers("moons", seed)
    label = _labels("moons", n, 2)
    angle = np.pi * rng.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.where(label[:, None] == 0, upper, [1.0, 0.5] - upper)
    return _collection("moons", points - [0.5, 0.25], label, noise, rng, ["upper", "lower"])


def circles(n: int = 1000, *, noise: float = 0.05, inner: float = 0.5, seed: int = 0) -> Collection:
    """Two circles around the origin, the outer one with radius 1.

    Args:
        n: how many points; the last fifth is for testing.
        noise: deviation of the normal noise on both coordinates.
        inner: radius of the inner circle.
        seed: which random numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.data.circles(100).classes
        ('outer', 'inner')
    """
    rng = numbers("circles", seed)
    label = _labels("circles", n, 2)
    angle = 2 * np.pi * rng.random(n)
    radius = np.where(label == 0, 1.0, no_less_than_zero("circles", "inner", inner))[:, None]
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _collection("circles", points, label, noise, rng, ["outer", "inner"])


def blobs(n: int = 1000, *, classes: int = 3, noise: float = 0.2, seed: int = 0) -> Collection:
    """Round clouds, one for each class, with their centres at equal distances on a circle of radius 1.

    Args:
        n: how many points; the last fifth is for testing.
        classes: how many clouds.
        noise: deviation of the points from their centre, in both coordinates.
        seed: which random numbers.

    Example:
        >>> import zkynet as zk
        >>> len(zk.data.blobs(100, classes=4).classes)
        4
    """
    rng = numbers("blobs", seed)
    label = _labels("blobs", n, at_least("blobs", "classes", classes, 2))
    angle = 2 * np.pi * label / classes
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _collection("blobs", points, label, noise, rng, [f"cloud {i + 1}" for i in range(classes)])


def xor(n: int = 400, *, noise: float = 0.15, seed: int = 0) -> Collection:
    """The exclusive or: clouds around (±1, ±1), labelled by whether the two signs differ.

    With ``noise=0`` all points are the four corners.

    Args:
        n: how many points; the last fifth is for testing.
        noise: deviation of the points from their corner, in both coordinates.
        seed: which random numbers.

    Example:
        >>> import zkynet as zk
        >>> x, y = zk.data.xor(5, noise=0).train_arrays
        >>> x.tolist(), y.tolist()
        ([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]], [0, 1, 0, 1])
    """
    rng = numbers("xor", seed)
    corner = _labels("xor", n, 4)
    points = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])[corner]
    return _collection("xor", points, corner % 2, noise, rng, ["same", "different"])


def _labels(name: str, n: int, classes: int) -> Array:
    """The classes in turn, so that each part of the set has as many of each."""
    return np.arange(at_least(name, "n", n, 5), dtype=np.int64) % classes


def _collection(
    name: str, points: Array, labels: Array, noise: float, rng: np.random.Generator, classes: list[str]
) -> Collection:
    points = points + no_less_than_zero(name, "noise", noise) * rng.standard_normal(points.shape)
    points = points.astype(np.float32)
    cut = len(points) - len(points) // 5
    return Collection(
        name=name,
        train_arrays=(points[:cut], labels[:cut]),
        test_arrays=(points[cut:], labels[cut:]),
        source="made by zkynet from random numbers",
        licence="Apache-2.0",
        classes=tuple(classes),
        columns=("x", "y"),
        units=("", ""),
    )
