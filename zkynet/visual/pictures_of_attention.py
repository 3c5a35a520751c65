"""Where a model looked: attention as a map of target by source, for one head or for all layers and heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.errors import ArgumentError, ShapeError, described
from zkynet.visual.drawing import INK, LABEL, SMALL, names_of, new_figure, of_axes, readable, tidy, token, values_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["attention_grid", "attention_map"]

COLOURS = "Blues"
MOST_TOKENS = 60


def attention_map(
    weights: Any, source: Sequence[Any] | None = None, target: Sequence[Any] | None = None, *, title: str = ""
) -> Figure:
    """How much each token that was written (rows) looked at each token that was read (columns).

    Args:
        weights: of shape (targets, sources); each row sums to one.
        source: the tokens that were read, as words or characters; a string is its characters.
        target: the tokens that were written.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.attention_map(zk.ones((2, 3)) / 3, source="abc", target=["x", "y"])
        >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
        ['a', 'b', 'c']
    """
    values = of_axes("attention_map", "weights", weights, 2, "(targets, sources)")
    if 0 in values.shape:
        raise ShapeError("attention_map: there are no weights", facts=[f"shape  {values.shape}"], fix="pass some")
    rows, columns = values.shape
    from_names = [token(t) for t in names_of("attention_map", "source", source, columns)[:columns]]
    to_names = [token(t) for t in names_of("attention_map", "target", target, rows)[:rows]]
    cell = 0.3 if max(rows, columns) <= 30 else 9 / max(rows, columns)
    longest_x, longest_y = max(map(len, from_names)), max(map(len, to_names))
    upright = longest_x > 2
    width = columns * cell + 0.09 * longest_y + 1.5
    height = rows * cell + (0.09 * longest_x if upright else 0.2) + 0.6 + 0.35 * bool(title)
    figure = new_figure(max(width, 3.2), max(height, 2.2), title)
    axes = figure.subplots()
    image = axes.imshow(values, cmap=COLOURS, vmin=0, vmax=max(1e-9, float(np.nanmax(values))), aspect="equal")
    font = SMALL + 0.5 if max(rows, columns) <= 30 else max(4.5, 270 / max(rows, columns))
    axes.set_xticks(range(columns), from_names, rotation=90 if upright else 0, fontsize=font)
    axes.set_yticks(range(rows), to_names, fontsize=font)
    _plain(axes)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("read", fontsize=LABEL, color=INK)
    axes.set_ylabel("written", fontsize=LABEL, color=INK)
    scale = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    scale.ax.tick_params(labelsize=SMALL, colors=INK)
    scale.outline.set_visible(False)
    return figure


def attention_grid(
    weights: Any, source: Sequence[Any] | None = None, target: Sequence[Any] | None = None, *, title: str = ""
) -> Figure:
    """The attention of every layer (rows) and head (columns), for one example.

    Args:
        weights: of shape (layers, heads, targets, sources), or a list of (heads, targets, sources), one for each layer,
            or a dict from the name of a layer to that, as `nn.record_attention` gives it; (1, heads, targets, sources)
            will do, too.
        source: the tokens that were read; a string is its characters.
        target: the tokens that were written.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.TransformerEncoderLayer(8, 2)
        >>> with zk.nn.record_attention(layer) as weights:
        ...     y = layer(zk.ones((3, 1, 8)))
        >>> figure = zk.visual.attention_grid(weights, source="abc", target="abc")
        >>> [axes.get_title() for axes in figure.axes]
        ['head 1', 'head 2']
    """
    layers = _layers(weights)
    heads = max(len(maps) for _, maps in layers)
    rows, columns = layers[0][1].shape[-2:]
    cell = min(0.17, 2.6 / max(rows, columns), 13 / (heads * columns))
    show_names = max(rows, columns) <= 32
    from_names = _tokens("source", source, columns) if show_names else []
    to_names = _tokens("target", target, rows) if show_names else []
    layers = [(readable(name if len(name) <= 28 else f"…{name[-27:]}"), maps) for name, maps in layers]
    longest = [max(map(len, names), default=0) for names in (from_names, to_names, [name for name, _ in layers])]
    each_w = max(1.15, columns * cell + 0.25)
    each_h = max(1.0, rows * cell + 0.35, 0.075 * longest[2])
    width, height = heads * each_w + 0.6 + 0.08 * longest[1], len(layers) * each_h + 0.5 + 0.08 * longest[0]
    figure = new_figure(width, height + 0.35 * bool(title), title)
    panels = figure.subplots(len(layers), heads, squeeze=False, sharex=False)
    font = max(4.5, min(SMALL, cell * 62))
    for number, ((name, maps), line) in enumerate(zip(layers, panels, strict=True)):
        for k, axes in enumerate(line):
            if k >= len(maps):
                axes.axis("off")
                continue
            values = maps[k]
            axes.imshow(values, cmap=COLOURS, vmin=0, vmax=max(1e-9, float(np.nanmax(values))), aspect="equal")
            _plain(axes)
            axes.set_xticks([])
            axes.set_yticks([])
            if from_names and values.shape[1] == columns and number == len(layers) - 1:
                axes.set_xticks(range(columns), from_names, fontsize=font, rotation=90 if longest[0] > 1 else 0)
            if to_names and values.shape[0] == rows and k == 0:
                axes.set_yticks(range(rows), to_names, fontsize=font)
            if number == 0:
                axes.set_title(f"head {k + 1}", fontsize=SMALL + 0.5, color=INK)
            if k == 0:
                axes.set_ylabel(name, fontsize=SMALL + 0.5, color=INK, parse_math=False)
    return figure


def _layers(weights: Any) -> list[tuple[str, NDArray[Any]]]:
    """The name of each layer, and its maps of shape (heads, targets, sources)."""
    if isinstance(weights, Mapping):
        named = [(str(key), value) for key, value in weights.items()]
    elif isinstance(weights, (list, tuple)):
        named = [(f"layer {k}", value) for k, value in enumerate(weights, start=1)]
    else:
        whole = of_axes("attention_grid", "weights", weights, 4, "(layers, heads, targets, sources)")
        named = [(f"layer {k}", value) for k, value in enumerate(whole, start=1)]
    if not named:
        raise ArgumentError(f"attention_grid: there are no weights: {described(weights)}", fix="pass those of a layer")
    out = []
    for name, value in named:
        maps = values_of("attention_grid", f"the weights of {name}", value)
        if maps.ndim == 4 and len(maps) == 1:
            maps = maps[0]
        if maps.ndim == 2:
            maps = maps[None]
        if maps.ndim != 3 or 0 in maps.shape:
            raise ShapeError(
                f"attention_grid: the weights of {name} have the shape (heads, targets, sources)",
                facts=[f"received  {maps.shape}"],
                fix="pass the weights of one example: weights[0]",
            )
        out.append((name, maps))
    return out


def _tokens(argument: str, names: Sequence[Any] | None, count: int) -> list[str]:
    return [] if names is None else [token(t) for t in names_of("attention_grid", argument, names, count)[:count]]


def _plain(axes: Any) -> None:
    tidy(axes, grid=False)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
