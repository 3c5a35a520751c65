"""What all pictures have in common: figures without a window, colours, fonts, values as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.errors import ArgumentError, BackendUnavailableError, DTypeError, ShapeError, described
from zkynet.nn import modes
from zkynet.nn.module import Module
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY, BLACK = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"
)  # fmt: skip
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY, BLACK)
"""Told apart by colour-blind eyes, too (Okabe and Ito, 2008)."""

MANY = (
    "#332288", "#cc6677", "#117733", "#88ccee", "#ddaa33", "#aa4499", "#44aa99", "#882255", "#999933", "#000000"
)  # fmt: skip
"""For up to ten classes (after Paul Tol's "muted" scheme)."""

MARKERS = "osD^vPX*<>"
INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"
TITLE, LABEL, SMALL = 12, 10, 8.5  # points


def new_figure(width: float, height: float, title: str = "") -> Figure:
    """An empty figure that no window and no list of pyplot's knows of, so that it goes when nobody holds it.

    Args:
        width: in inches.
        height: in inches.
        title: the headline.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as e:
        raise BackendUnavailableError(
            "a picture needs matplotlib, which is not installed", fix='pip install "zkynet[plot]"'
        ) from e
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white", dpi=110)
    if title:
        figure.suptitle(readable(title), fontsize=TITLE, color=INK, parse_math=False)
    return figure


def tidy(axes: Any, title: str = "", x: str = "", y: str = "", grid: bool = True) -> None:
    """The look of all axes: no box, a pale grid, labels of a size that can be read.

    Args:
        axes: matplotlib's.
        title: above them.
        x: below the horizontal axis.
        y: beside the vertical axis.
        grid: whether lines are drawn behind.
    """
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.tick_params(labelsize=SMALL + 0.5, colors=INK, color=GREY)
    if grid:
        axes.grid(True, color=PALE, linewidth=0.7)
        axes.set_axisbelow(True)
    if title:
        axes.set_title(readable(title), fontsize=TITLE - 1, color=INK, parse_math=False)
    if x:
        axes.set_xlabel(readable(x), fontsize=LABEL, color=INK, parse_math=False)
    if y:
        axes.set_ylabel(readable(y), fontsize=LABEL, color=INK, parse_math=False)


def legend(axes: Any, **where: Any) -> None:
    """The names of lines, where there are any.

    Args:
        axes: matplotlib's.
        **where: as matplotlib takes it.
    """
    handles, names = axes.get_legend_handles_labels()
    if handles:
        drawn = axes.legend(
            handles, names, fontsize=SMALL + 0.5, frameon=True, framealpha=0.85, edgecolor=PALE, **where
        )
        for text in drawn.get_texts():
            text.set_parse_math(False)


def colours(count: int) -> list[str]:
    """As many colours as there are classes or lines; beyond ten they come again.

    Args:
        count: how many.
    """
    palette = PALETTE if count <= len(PALETTE) else MANY
    return [palette[k % len(palette)] for k in range(count)]


def ramp(count: int) -> list[Any]:
    """Colours from dark to light for things in an order, such as layers.

    Args:
        count: how many.
    """
    from matplotlib import colormaps

    return [colormaps["viridis"](v) for v in np.linspace(0.0, 0.88, count)]


def readable(text: Any) -> str:
    """A text as it can be drawn: signs that the font has not are boxes, and so are control signs.

    Args:
        text: whatever is to be written in a picture.
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return text
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties())).get_charmap()
    return "".join(c if c == "\n" or (ord(c) in known and (c.isprintable() or c == " ")) else "□" for c in text)


def token(text: Any) -> str:
    """A token as a label: blanks and line ends can be seen.

    Args:
        text: the token.
    """
    shown = str(text).replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥")
    return readable(shown if len(shown) <= 24 else shown[:23] + "…")


def values_of(name: str, argument: str, value: Any) -> NDArray[Any]:
    """Numbers as an array in the host's memory: of a tensor, an array, or a list of them.

    Args:
        name: of the function that was called, for the error.
        argument: which of its arguments this is.
        value: what was passed.
    """
    if isinstance(value, Tensor):
        out = value.numpy()
    elif isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) for v in value):
        out = _stacked(name, argument, [v.numpy() if isinstance(v, Tensor) else np.asarray(v) for v in value])
    else:
        try:
            out = np.asarray(value)
        except (ValueError, TypeError):
            out = _stacked(name, argument, [np.asarray(v) for v in value])
    if out.dtype.name == "bfloat16":
        out = out.astype(np.float32)
    if out.dtype.kind not in "biuf":
        raise DTypeError(
            f"{name}: {argument} is numbers, received {described(value)}",
            fix=f"pass a tensor or an array as {argument}",
        )
    return out


def _stacked(name: str, argument: str, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    shapes = sorted({part.shape for part in parts})
    if len(shapes) > 1:
        raise ShapeError(
            f"{name}: {argument} is of different shapes",
            facts=[f"found  {', '.join(map(str, shapes[:4]))}"],
            fix="pass them with one shape",
        )
    return np.stack(parts)


def of_axes(name: str, argument: str, value: Any, axes: int, meaning: str) -> NDArray[Any]:
    """Numbers with as many axes as are needed.

    Args:
        name: of the function that was called, for the error.
        argument: which of its arguments this is.
        value: what was passed.
        axes: how many.
        meaning: what the axes are, for the error.
    """
    out = values_of(name, argument, value)
    if out.ndim != axes:
        raise ShapeError(
            f"{name}: {argument} has the shape {meaning}",
            facts=[f"received  {out.shape}"],
            fix="index or reshape it",
        )
    return out


def lines_of(name: str, argument: str, value: Any) -> dict[str, NDArray[Any]]:
    """Named sequences of numbers.

    Args:
        name: of the function that was called, for the error.
        argument: which of its arguments this is.
        value: a dict from name to numbers.
    """
    if not isinstance(value, Mapping) or not value:
        raise ArgumentError(
            f"{name}: {argument} is a dict from name to numbers, received {described(value)}",
            fix=f'pass for instance {{"first": [1.0, 2.0]}} as {argument}',
        )
    return {str(key): np.atleast_1d(values_of(name, f"{argument}[{key!r}]", each)) for key, each in value.items()}


def names_of(name: str, argument: str, value: Iterable[Any] | None, count: int) -> list[str]:
    """Names for classes or pictures, or their numbers where there are none.

    Args:
        name: of the function that was called, for the error.
        argument: which of its arguments this is.
        value: the names, or None.
        count: how many there have to be.
    """
    out = [str(k) for k in range(count)] if value is None else [str(v) for v in _each(value)]
    if len(out) < count:
        raise ArgumentError(
            f"{name}: {argument} names {len(out)}, and there are {count}", fix=f"name each of them in {argument}"
        )
    return out


def _each(value: Iterable[Any]) -> Iterable[Any]:
    return value.numpy().tolist() if isinstance(value, Tensor) else value


def evaluating(model: Any) -> AbstractContextManager[None]:
    """A block in which a model is in evaluation mode.

    Args:
        model: a module; anything else is left as it is.
    """
    return modes.evaluating(model) if isinstance(model, Module) else nullcontext()
