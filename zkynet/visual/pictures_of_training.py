"""Pictures of trainings: losses and metrics over epochs, several trainings beside each other, gradients per layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.visual.drawing import (
    BLUE,
    GREY,
    ORANGE,
    colours,
    legend,
    lines_of,
    new_figure,
    ramp,
    readable,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["compare_histories", "gradient_norms", "plot_history", "plot_lines", "plot_losses"]

BEST_IS_LEAST = ("loss", "error", "perplexity", "distance", "mse", "mae", "rmse")
"""Words in the names of figures that are better when they are smaller."""

NOT_DRAWN = {"epoch", "step", "seconds", "time", "kind"}


def plot_losses(history: Any, *, log: bool = False, title: str = "Loss") -> Figure:
    """The loss over the epochs, on the training data and, where there is one, on the validation data.

    Args:
        history: what `Trainer.fit` returned, or a dict from name to numbers, or a list of dicts, one for each epoch.
        log: whether the axis of the loss is logarithmic.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.plot_losses({"loss": [1.0, 0.5, 0.3], "val_loss": [1.1, 0.6, 0.7]})
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['training', 'validation', 'best: 0.6, epoch 2']
    """
    columns = columns_of("plot_losses", history)
    if not {"loss", "val_loss"} & columns.keys():
        raise ArgumentError(
            "plot_losses: the history has no loss",
            facts=[f"it has  {', '.join(columns) or 'nothing'}"],
            fix='pass what trainer.fit returned, or {"loss": […]}',
        )
    figure = new_figure(6.2, 3.8, title)
    axes = figure.subplots()
    _draw_pair(axes, columns, "loss", log)
    tidy(axes, y="loss")
    return figure


def plot_history(history: Any, names: Sequence[str] | None = None, *, title: str = "") -> Figure:
    """All that a training was measured by, a panel for each: training and validation, the best epoch marked.

    Args:
        history: what `Trainer.fit` returned, or a dict from name to numbers, or a list of dicts, one for each epoch.
        names: what is drawn, without ``val_``; None for all.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.plot_history({"loss": [1.0, 0.5], "accuracy": [0.4, 0.8], "val_accuracy": [0.5, 0.7]})
        >>> [axes.get_title() for axes in figure.axes]
        ['loss', 'accuracy']
    """
    columns = columns_of("plot_history", history)
    drawn = list(dict.fromkeys(name.removeprefix("val_") for name in columns)) if names is None else list(names)
    missing = [name for name in drawn if name not in columns and f"val_{name}" not in columns]
    if missing or not drawn:
        raise ArgumentError(
            f"plot_history: the history has no {', '.join(map(repr, missing)) or 'figures'}",
            facts=[f"it has  {', '.join(columns) or 'nothing'}"],
            fix="name some of these",
        )
    across = min(len(drawn), 3 if len(drawn) != 4 else 2)
    down = -(-len(drawn) // across)
    figure = new_figure(4.2 * across if across > 1 else 6.2, 3.2 * down + 0.3, title)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, name in zip(panels, drawn, strict=False):
        _draw_pair(axes, columns, name, log=False)
        axes.set_title(readable(name.replace("_", " ") if name != "lr" else "learning rate"), fontsize=11)
    for axes in panels[len(drawn) :]:
        axes.axis("off")
    return figure


def compare_histories(
    histories: Mapping[str, Any], name: str = "val_loss", *, log: bool = False, title: str = ""
) -> Figure:
    """One figure over the epochs for several trainings.

    Args:
        histories: a dict from the name of a training to its history.
        name: what is drawn, such as ``val_loss`` or ``accuracy``.
        log: whether the axis is logarithmic.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> runs = {"GRU": {"val_loss": [2.0, 1.5]}, "LSTM": {"val_loss": [2.1, 1.4]}}
        >>> [line.get_label() for line in zk.visual.compare_histories(runs).axes[0].lines]
        ['GRU', 'LSTM']
    """
    if not isinstance(histories, Mapping) or not histories:
        raise ArgumentError(
            f"compare_histories: histories is a dict from name to history, received {described(histories)}",
            fix='pass {"GRU": history, "LSTM": history}',
        )
    lines = {}
    for key, history in histories.items():
        columns = columns_of("compare_histories", history)
        if name not in columns:
            raise ArgumentError(
                f"compare_histories: the history of {key} has no {name!r}",
                facts=[f"it has  {', '.join(columns) or 'nothing'}"],
                fix="name one that all have",
            )
        lines[str(key)] = columns[name][1]
    kind, _, rest = name.rpartition("val_")
    label = f"{rest.replace('_', ' ')} ({'validation' if 'val_' in name else 'training'})" if not kind else name
    return plot_lines(lines, x_label="epoch", y_label=label, log=log, title=title, first=1)


def plot_lines(
    lines: Mapping[str, Any],
    *,
    x: Any = None,
    x_label: str = "",
    y_label: str = "",
    log: bool = False,
    title: str = "",
    first: int = 0,
) -> Figure:
    """Named sequences of numbers as lines, each with its name at its end or in a legend.

    Args:
        lines: a dict from name to numbers.
        x: where the numbers are along the axis; None for `first`, `first` + 1, ….
        x_label: what the horizontal axis shows.
        y_label: what the vertical axis shows.
        log: whether the vertical axis is logarithmic.
        title: the headline.
        first: where the horizontal axis begins, if `x` is not given.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.plot_lines({"warm-up": [0.1, 0.2, 0.3], "cosine": [0.3, 0.2, 0.1]}, x_label="step")
        >>> figure.axes[0].get_xlabel()
        'step'
    """
    values = lines_of("plot_lines", "lines", lines)
    figure = new_figure(6.4, 3.9, title)
    axes = figure.subplots()
    given = None if x is None else np.asarray(x)
    longest = 0
    for (name, each), colour in zip(values.items(), colours(len(values)), strict=True):
        if given is not None and len(given) < len(each):
            raise InvalidValueError(
                f"plot_lines: {name} has {len(each)} numbers and x only {len(given)}", fix="pass x for each number"
            )
        at = np.arange(first, first + len(each)) if given is None else given[: len(each)]
        longest = max(longest, len(each))
        axes.plot(at, _drawable(each, log), color=colour, label=readable(name), **_points(len(each)))
    if log:
        axes.set_yscale("log")
    _whole_ticks(axes, given)
    tidy(axes, x=x_label, y=y_label)
    legend(axes)
    return figure


def gradient_norms(
    norms: Mapping[str, Any],
    *,
    over: str = "layer",
    at: Sequence[float] | None = None,
    y_label: str = "norm of the gradient",
    title: str = "",
) -> Figure:
    """How large the gradients are, on a logarithmic axis: layer by layer, or step by step.

    Gradients that vanish fall towards the first layer, those that explode grow towards it (Bengio et al., 1994; Glorot
    and Bengio, 2010). A norm of exactly zero cannot be drawn on such an axis: it is a triangle at the bottom.

    Args:
        norms: for ``over="layer"`` a dict from the name of a network to the norms of its layers, the first layer first;
            for ``over="step"`` a dict from the name of a layer to its norms, step by step.
        over: "layer" or "step": what the horizontal axis is.
        at: the steps at which the norms were taken, or None for each step. What a callback has recorded is drawn by
            ``gradient_norms(statistics.norms, over="step", at=statistics.steps)``.
        y_label: what the vertical axis shows.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> norms = {"sigmoid": [1e-6, 1e-4, 1e-2], "ReLU": [0.8, 0.9, 1.0]}
        >>> figure = zk.visual.gradient_norms(norms)
        >>> figure.axes[0].get_yscale(), figure.axes[0].get_xlabel()
        ('log', 'layer (1 is next to the input)')
    """
    if over not in ("layer", "step"):
        raise InvalidValueError(f'gradient_norms: over is "layer" or "step", received {over!r}', fix="pass one of them")
    lines = lines_of("gradient_norms", "norms", norms)
    positive = [each[np.isfinite(each) & (each > 0)] for each in lines.values()]
    lowest = min((float(p.min()) for p in positive if p.size), default=1e-8)
    floor = 10.0 ** (np.floor(np.log10(lowest)) - 0.5)
    figure = new_figure(6.8, 4.0, title)
    axes = figure.subplots()
    shades = colours(len(lines)) if over == "layer" else ramp(len(lines))
    for (name, each), colour in zip(lines.items(), shades, strict=True):
        x = np.arange(1, len(each) + 1) if at is None else np.asarray(at)
        if len(x) != len(each):
            raise InvalidValueError(
                f"gradient_norms: {name} has {len(each)} norms, and at has {len(x)} steps", fix="pass a step for each"
            )
        axes.plot(x, _drawable(each, log=True), color=colour, label=readable(name), **_points(len(each)))
        zero = each == 0
        if zero.any():
            axes.plot(x[zero], np.full(int(zero.sum()), floor), "v", color=colour, markersize=5, clip_on=False)
    axes.set_yscale("log")
    if any((each == 0).any() for each in lines.values()):
        axes.set_ylim(bottom=floor)
        axes.plot([], [], "v", color=GREY, markersize=5, label="exactly zero")
    _whole_ticks(axes, None)
    tidy(axes, x="layer (1 is next to the input)" if over == "layer" else "step", y=y_label)
    many = len(lines) > 6
    legend(axes, **({"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if many else {}))
    return figure


# -- parts of these ---------------------------------------------------------------------------------------------------


def columns_of(name: str, history: Any) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """From the name of each figure to the epochs in which it was measured, and its values.

    Args:
        name: of the function that was called, for the error.
        history: an object with ``rows``, a list of dicts, or a dict of lists.
    """
    rows = getattr(history, "rows", history)
    if isinstance(rows, Mapping):
        lists = {str(key): np.atleast_1d(np.asarray(value, dtype=np.float64)) for key, value in rows.items()}
        return {key: (np.arange(1, len(v) + 1), v) for key, v in lists.items() if key not in NOT_DRAWN and len(v)}
    if (
        isinstance(rows, (str, bytes))
        or not isinstance(rows, Sequence)
        or not all(isinstance(r, Mapping) for r in rows)
    ):
        raise ArgumentError(
            f"{name}: history is what trainer.fit returned, received {described(history)}",
            fix='pass it, or {"loss": [1.0, 0.5], "val_loss": [1.1, 0.7]}',
        )
    found: dict[str, tuple[list[float], list[float]]] = {}
    for number, row in enumerate(rows, start=1):
        for key, value in row.items():
            if key not in NOT_DRAWN and isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
                epochs, values = found.setdefault(str(key), ([], []))
                epochs.append(number)
                values.append(float(value))
    return {key: (np.asarray(epochs), np.asarray(values)) for key, (epochs, values) in found.items()}


def _draw_pair(axes: Any, columns: Mapping[str, tuple[NDArray[Any], NDArray[Any]]], name: str, log: bool) -> None:
    """Training and validation of one figure."""
    best_of = f"val_{name}" if f"val_{name}" in columns else name
    for key, colour, label in ((name, BLUE, "training"), (f"val_{name}", ORANGE, "validation")):
        if key in columns:
            at, values = columns[key]
            axes.plot(at, _drawable(values, log), color=colour, label=label, **_points(len(values)))
    at, values = columns[best_of]
    if np.isfinite(values).any() and len(values) > 1 and name != "lr":
        least = any(word in name.lower() for word in BEST_IS_LEAST)
        k = (
            int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))
            if least
            else int(np.nanargmax(np.where(np.isfinite(values), values, np.nan)))
        )
        axes.plot(
            at[k : k + 1],
            values[k : k + 1],
            "o",
            markersize=9,
            markerfacecolor="none",
            markeredgewidth=1.8,
            color=ORANGE if best_of != name else BLUE,
            label=f"best: {values[k]:.4g}, epoch {at[k]}",
        )
    if log:
        axes.set_yscale("log")
    _whole_ticks(axes, None)
    tidy(axes, x="epoch")
    if name != "lr":
        legend(axes)


def _drawable(values: NDArray[Any], log: bool) -> NDArray[Any]:
    """With gaps where there is nothing that could be drawn."""
    values = np.asarray(values, dtype=np.float64)
    good = np.isfinite(values) & ((values > 0) if log else True)
    return np.where(good, values, np.nan)


def _points(count: int) -> dict[str, Any]:
    """Few numbers are points on the line, many are a line alone."""
    return {"linewidth": 1.7} if count > 30 else {"linewidth": 1.7, "marker": "o", "markersize": 3.5}


def _whole_ticks(axes: Any, x: NDArray[Any] | None) -> None:
    from matplotlib.ticker import MaxNLocator

    if x is None:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True))
