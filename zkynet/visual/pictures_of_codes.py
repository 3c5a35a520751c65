"""What lies in a latent plane: the codes of examples, and what a decoder makes of every point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.creation import asarray
from zkynet.visual.drawing import (
    BLUE,
    GREY,
    SMALL,
    colours,
    evaluating,
    names_of,
    new_figure,
    of_axes,
    tidy,
    values_of,
)
from zkynet.visual.tiles import as_pictures, limits_of, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["latent_grid", "latent_plane"]


def latent_plane(
    codes: Any,
    labels: Any = None,
    *,
    classes: Sequence[Any] | None = None,
    title: str = "",
    x_label: str = "z₁",
    y_label: str = "z₂",
) -> Figure:
    """Where examples lie in a plane, such as the codes of an auto-encoder, coloured by class.

    Args:
        codes: of shape (N, 2); of more columns the first two are drawn.
        labels: the class of each, of shape (N,), or None.
        classes: the names of the classes.
        title: the headline.
        x_label: what the horizontal axis shows.
        y_label: what the vertical axis shows.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.latent_plane([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1], classes=["a", "b"])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['a', 'b']
    """
    points = of_axes("latent_plane", "codes", codes, 2, "(examples, 2)").astype(np.float64)
    if points.shape[1] < 2 or not len(points):
        raise ShapeError(
            "latent_plane: codes has two columns", facts=[f"received  {points.shape}"], fix="pass two of each code"
        )
    figure = new_figure(5.8, 5.2, title)
    axes: Any = figure.subplots()
    dot = float(np.clip(9000 / len(points), 6, 30))
    if labels is None:
        axes.scatter(points[:, 0], points[:, 1], s=dot, color=BLUE, alpha=0.7, linewidths=0)
    else:
        of = values_of("latent_plane", "labels", labels).reshape(-1).astype(np.int64)
        if len(of) != len(points):
            raise ShapeError(
                "latent_plane: there is a label for each code",
                facts=[f"codes   {points.shape}", f"labels  {of.shape}"],
                fix="pass as many labels as codes",
            )
        if of.min() < 0:
            raise InvalidValueError("latent_plane: a label is negative", fix="number the classes from 0")
        present = np.unique(of)
        names = names_of("latent_plane", "classes", classes, int(of.max()) + 1)
        shades = colours(len(names))
        for k in present:
            own = points[of == k]
            axes.scatter(own[:, 0], own[:, 1], s=dot, color=shades[k], alpha=0.65, linewidths=0)
        for k in present:
            middle = np.median(points[of == k][:, :2], axis=0)
            box = {
                "boxstyle": "round,pad=0.2",
                "facecolor": "white",
                "edgecolor": GREY,
                "alpha": 0.85,
                "linewidth": 0.5,
            }
            write(axes, middle[0], middle[1], names[k], SMALL + 0.5, ha="center", va="center", bbox=box)
    tidy(axes, x=x_label, y=y_label)
    return figure


def latent_grid(
    decode: Callable[..., Any], *, extent: float = 2.5, count: int = 12, colormap: str = "gray", title: str = ""
) -> Figure:
    """What a decoder makes of the points of a grid in the latent plane (Kingma and Welling, 2014, figure 4).

    Args:
        decode: from codes of shape (N, 2) to pictures of shape (N, H, W), (N, 1, H, W) or (N, 3, H, W).
        extent: the grid goes from minus this to this along both axes.
        count: how many points along each axis.
        colormap: matplotlib's name of the colours of pictures in grey.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> decode = zk.nn.Sequential(zk.nn.Linear(2, 64), zk.nn.Sigmoid(), zk.nn.Unflatten(1, (1, 8, 8)))
        >>> len(zk.visual.latent_grid(decode, count=4).axes[0].images)
        1
    """
    side = np.linspace(-extent, extent, count, dtype=np.float32)
    codes = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
    with no_grad(), evaluating(decode):
        pictures = as_pictures("latent_grid", "what decode gives", decode(asarray(codes)))
    if len(pictures) != len(codes):
        raise ShapeError(
            "latent_grid: decode gives a picture for each code",
            facts=[f"codes     {codes.shape}", f"pictures  {pictures.shape}"],
            fix="pass a function that takes (N, 2)",
        )
    low, high = limits_of(pictures)
    h, w, *colour = pictures.shape[1:]
    sheet = pictures.reshape(count, count, h, w, *colour).swapaxes(1, 2).reshape(count * h, count * w, *colour)
    figure = new_figure(5.4, 5.4 * h / w + 0.2, title)
    axes: Any = figure.subplots()
    around = extent + extent / max(count - 1, 1)
    axes.imshow(
        np.clip((sheet - low) / (high - low), 0, 1), cmap=colormap, vmin=0, vmax=1, interpolation="nearest",
        extent=(-around, around, -around, around), aspect=h / w,
    )  # fmt: skip
    tidy(axes, x="z₁", y="z₂", grid=False)
    return figure
