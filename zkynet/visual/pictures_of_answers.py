"""What a model answers: boundaries in the plane, classes taken for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.autodiff.modes import no_grad
from zkynet.errors import ShapeError
from zkynet.ops.creation import asarray
from zkynet.visual.drawing import (
    INK,
    MARKERS,
    SMALL,
    colours,
    evaluating,
    legend,
    names_of,
    new_figure,
    of_axes,
    readable,
    tidy,
    values_of,
)
from zkynet.visual.tiles import write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "confusion_matrix",
    "decision_boundary",
]


def decision_boundary(
    model: Callable[..., Any],
    x: Any,
    y: Any,
    *,
    classes: Sequence[str] | None = None,
    resolution: int = 160,
    probabilities: bool = False,
    title: str = "",
) -> Figure:
    """How a model divides the plane into classes, with the points it was trained or tested on.

    The stronger the colour, the surer the model; the line is where it changes its mind. A model is called in evaluation
    mode and without gradients.

    Args:
        model: from points of shape (N, 2) to logits of shape (N, C), or (N, 1) or (N,) for two classes.
        x: points, of shape (N, 2).
        y: the class of each, of shape (N,).
        classes: the names of the classes.
        resolution: how many points the model is asked for along each side.
        probabilities: whether the model gives probabilities rather than logits.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        >>> figure = zk.visual.decision_boundary(lambda points: points, x, [0, 1, 1], resolution=20)
        >>> len(figure.axes[0].collections) > 2
        True
    """
    points = of_axes("decision_boundary", "x", x, 2, "(points, 2)").astype(np.float32)
    labels = values_of("decision_boundary", "y", y).reshape(-1).astype(np.int64)
    if points.shape[1] != 2 or len(points) != len(labels) or not len(points):
        raise ShapeError(
            "decision_boundary: x has the shape (points, 2), and y a class for each",
            facts=[f"x  {points.shape}", f"y  {labels.shape}"],
            fix="pass points in the plane; of more columns choose two",
        )
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.12 * np.maximum(high - low, 1e-3)
    sides = [np.linspace(a, b, resolution, dtype=np.float32) for a, b in zip(low - margin, high + margin, strict=True)]
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    shares = _shares(model, grid.reshape(-1, 2), probabilities).reshape(resolution, resolution, -1)
    count = max(shares.shape[-1], int(labels.max()) + 1)
    names = names_of("decision_boundary", "classes", classes, count)
    shades = colours(count)
    chosen, sure = shares.argmax(axis=-1), shares.max(axis=-1)
    least = 1 / shares.shape[-1]
    strength = (0.12 + 0.33 * np.clip((sure - least) / (1 - least), 0, 1))[..., None]
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in shades])
    figure = new_figure(5.4, 4.8, title)
    axes: Any = figure.subplots()
    axes.imshow(
        1 - strength * (1 - rgb[chosen]),
        extent=(sides[0][0], sides[0][-1], sides[1][0], sides[1][-1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    for k in range(shares.shape[-1]):  # where a class is as likely as the best of the others
        lead = shares[..., k] - np.delete(shares, k, axis=-1).max(axis=-1)
        if (lead > 0).any() and (lead < 0).any():
            axes.contour(*sides, lead, levels=[0.0], colors=INK, linewidths=1.1)
    for k in range(count):
        own = points[labels == k]
        if len(own):
            axes.scatter(
                *own.T, s=22, color=shades[k], edgecolors="white", linewidths=0.7, marker=MARKERS[k % 10],
                label=readable(names[k]), zorder=3,
            )  # fmt: skip
    tidy(axes, x="x₁", y="x₂", grid=False)
    legend(axes)
    return figure


def _shares(model: Callable[..., Any], points: NDArray[Any], probabilities: bool) -> NDArray[Any]:
    """The probability of each class at each point, of shape (N, C)."""
    with no_grad(), evaluating(model):
        out = values_of("decision_boundary", "what the model gives", model(asarray(points))).astype(np.float64)
    out = out.reshape(len(points), -1) if out.size and out.shape[0] == len(points) else out
    if out.ndim != 2 or out.shape[0] != len(points) or not out.shape[1]:
        raise ShapeError(
            "decision_boundary: the model gives no logits of shape (points, classes)",
            facts=[f"received  {out.shape}, for {len(points)} points"],
            fix="pass a function that takes (points, 2)",
        )
    if out.shape[1] == 1:
        yes = out if probabilities else 1 / (1 + np.exp(-np.clip(out, -500, 500)))
        return np.concatenate([1 - yes, yes], axis=1)
    if probabilities:
        return out
    out = np.exp(out - out.max(axis=1, keepdims=True))
    return out / out.sum(axis=1, keepdims=True)


def confusion_matrix(matrix: Any, classes: Sequence[Any] | None = None, *, title: str = "") -> Figure:
    """How often each class (row) was taken for each (column); the colour is the share of the row.

    Args:
        matrix: of shape (C, C), as `zk.metrics.ConfusionMatrix` counts it.
        classes: the names of the classes.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.confusion_matrix([[9, 1], [2, 8]], classes=["cat", "dog"])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['9', '1', '2', '8']
    """
    counts = of_axes("confusion_matrix", "matrix", matrix, 2, "(classes, classes)")
    if counts.shape[0] != counts.shape[1] or not counts.size:
        raise ShapeError(
            "confusion_matrix: matrix has a row and a column for each class",
            facts=[f"received  {counts.shape}"],
            fix="count with zk.metrics.ConfusionMatrix",
        )
    count = len(counts)
    names = [readable(n) for n in names_of("confusion_matrix", "classes", classes, count)]
    total = counts.sum(axis=1, keepdims=True)
    share = counts / np.where(total > 0, total, 1)
    side = max(0.42 * count, 1.6) if count <= 20 else 8.4
    longest = max(map(len, names))
    figure = new_figure(side + 1.3 + 0.07 * longest, side + 0.7 + 0.05 * longest + 0.3 * bool(title), title)
    axes: Any = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    font = SMALL + 0.5 if count <= 20 else max(4.0, 170 / count)
    if count <= 20:
        for r in range(count):
            for c in range(count):
                if counts[r, c]:
                    text = (
                        f"{counts[r, c]:.2g}" if counts.dtype.kind == "f" and counts.max() <= 1 else f"{counts[r, c]:g}"
                    )
                    ink = "white" if share[r, c] > 0.55 else INK
                    write(axes, c, r, text, SMALL, ha="center", va="center", color=ink)
    axes.set_xticks(range(count), names, fontsize=font, rotation=90 if longest > 3 else 0)
    axes.set_yticks(range(count), names, fontsize=font)
    tidy(axes, x="answered", y="true", grid=False)
    axes.tick_params(length=0, labelsize=font)
    return figure
