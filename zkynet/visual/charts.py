"""Lines through points, predictions beside the truth, figures of several models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.autodiff.modes import no_grad
from zkynet.errors import ShapeError
from zkynet.ops.creation import asarray
from zkynet.visual.drawing import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALETTE,
    SMALL,
    evaluating,
    legend,
    lines_of,
    new_figure,
    readable,
    tidy,
    values_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["bar_comparison", "line_fit", "predicted_against_true"]


def line_fit(
    x: Any, y: Any, lines: Mapping[str, Any] | None = None, *, x_label: str = "x", y_label: str = "y", title: str = ""
) -> Figure:
    """Points, and the lines or curves that were fitted to them.

    Args:
        x: of shape (N,) or (N, 1).
        y: of shape (N,) or (N, 1).
        lines: a dict from name to a model, which is called with a tensor of shape (M, 1), or to values at each `x`.
        x_label: what the horizontal axis shows.
        y_label: what the vertical axis shows.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.line_fit([0.0, 1.0, 2.0], [1.0, 3.1, 4.9], {"2x + 1": lambda x: 2 * x + 1})
        >>> figure.axes[0].lines[0].get_ydata().tolist()[::199]
        [1.0, 5.0]
    """
    at = values_of("line_fit", "x", x).reshape(-1)
    points = values_of("line_fit", "y", y).reshape(-1)
    if at.shape != points.shape or not at.size:
        raise ShapeError(
            "line_fit: there is a y for each x", facts=[f"x  {at.shape}", f"y  {points.shape}"], fix="pass as many"
        )
    figure = new_figure(6.0, 4.2, title)
    axes: Any = figure.subplots()
    axes.scatter(
        at, points, s=float(np.clip(3000 / at.size, 6, 26)), color=GREY, alpha=0.65, linewidths=0, label="data"
    )
    for k, (name, line) in enumerate((lines or {}).items()):
        if callable(line):
            where = np.linspace(at.min(), at.max(), 200, dtype=np.float32)
            with no_grad(), evaluating(line):
                values = values_of("line_fit", f"what {name} gives", line(asarray(where[:, None]))).reshape(-1)
        else:
            order = np.argsort(at)
            where, values = at[order], values_of("line_fit", f"lines[{name!r}]", line).reshape(-1)[order]
        style = ("-", "--", ":", "-.")[k % 4]  # lines that lie on each other are all seen
        axes.plot(where, values, style, linewidth=2.2, color=PALETTE[k % len(PALETTE)], label=readable(name))
    tidy(axes, x=x_label, y=y_label)
    legend(axes)
    return figure


def predicted_against_true(true: Any, predicted: Any, *, unit: str = "", title: str = "") -> Figure:
    """Each prediction over the true value; the nearer to the diagonal, the better.

    Args:
        true: of shape (N,) or (N, 1).
        predicted: of the same shape.
        unit: in what they are measured.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> zk.visual.predicted_against_true([1.0, 2.0], [1.1, 1.9], unit="mpg").axes[0].get_xlabel()
        'true (mpg)'
    """
    of, to = (
        values_of("predicted_against_true", n, v).reshape(-1) for n, v in (("true", true), ("predicted", predicted))
    )
    if of.shape != to.shape or not of.size:
        raise ShapeError(
            "predicted_against_true: there is a prediction for each value",
            facts=[f"true       {of.shape}", f"predicted  {to.shape}"],
            fix="pass as many",
        )
    figure = new_figure(4.8, 4.6, title)
    axes: Any = figure.subplots()
    ends = [float(min(of.min(), to.min())), float(max(of.max(), to.max()))]
    axes.plot(ends, ends, "--", color=GREY, linewidth=1.2, label="exact")
    axes.scatter(of, to, s=float(np.clip(4000 / of.size, 6, 26)), color=BLUE, alpha=0.7, linewidths=0)
    shown = f" ({unit})" if unit else ""
    tidy(axes, x=f"true{shown}", y=f"predicted{shown}")
    legend(axes)
    axes.set_aspect("equal", adjustable="datalim")
    return figure


def bar_comparison(
    values: Mapping[str, Any],
    *,
    goal: float | None = None,
    label: str = "",
    from_zero: bool = True,
    form: str = ".4g",
    title: str = "",
) -> Figure:
    """A figure for each of several models or settings; where a name has several (one for each seed), their mean.

    Args:
        values: a dict from name to a number, or to several.
        goal: a figure to compare with, as a line.
        label: what is compared.
        from_zero: whether bars start at zero; False shows points on an axis that need not, for figures close together.
        form: how the numbers are written, as `format` takes it.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.bar_comparison({"sigmoid": 0.95, "ReLU": [0.97, 0.99]}, goal=0.97, label="accuracy")
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['0.95', '0.98']
    """
    given = lines_of("bar_comparison", "values", values)
    means = [float(np.mean(each)) for each in given.values()]
    at = np.arange(len(given))
    names = [readable(name) for name in given]
    figure = new_figure(4.6 + 0.075 * max(map(len, names)), 0.42 * len(given) + 1.1 + 0.3 * bool(title), title)
    axes: Any = figure.subplots()
    if from_zero:
        axes.barh(at, means, height=0.62, color=BLUE)
    else:
        axes.plot(means, at, "o", color=BLUE, markersize=8)
    for k, each in zip(at, given.values(), strict=True):
        if len(each) > 1:
            axes.plot(each, np.full(len(each), k), "o", color=INK, markersize=3.5, alpha=0.8)
    if goal is not None:
        axes.axvline(goal, color=ORANGE, linewidth=1.6, linestyle="--", label=f"goal {goal:{form}}")
    for row, (mean, each) in enumerate(zip(means, given.values(), strict=True)):
        end = float(np.max(each) if mean >= 0 else np.min(each))
        axes.annotate(
            f"{mean:{form}}", (end if np.isfinite(end) else 0, row), xytext=(6 if mean >= 0 or mean != mean else -6, 0),
            textcoords="offset points", va="center", ha="left" if mean >= 0 or mean != mean else "right",
            fontsize=SMALL + 0.5, color=INK,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
        )  # fmt: skip
    axes.set_yticks(at, names)
    axes.invert_yaxis()
    axes.margins(x=0.14, y=0.05 if from_zero else 0.15)
    tidy(axes, x=label)
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    if goal is not None:
        legend(axes, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
