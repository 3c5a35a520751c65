"""Small pictures side by side in rows, drawn into one pair of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.visual.drawing import GREY, INK, ORANGE, SMALL, new_figure, readable, values_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Limits = tuple[float, float]
GAP = 0.08  # between tiles, in widths of a tile
SCALES = ("shared", "each")


def as_pictures(name: str, argument: str, value: Any) -> NDArray[Any]:
    """Pictures of shape (N, H, W) in grey or (N, H, W, 3) in colour.

    Args:
        name: of the function that was called, for the error.
        argument: which of its arguments this is.
        value: (N, H, W), (N, 1, H, W), (N, 3, H, W), or one picture of them.
    """
    out = values_of(name, argument, value)
    if out.ndim == 2:
        out = out[None]
    if out.ndim == 4 and out.shape[1] == 1:
        out = out[:, 0]
    elif out.ndim == 4 and out.shape[1] == 3:
        out = out.transpose(0, 2, 3, 1)
    elif out.ndim == 4 and out.shape[3] == 1:
        out = out[..., 0]
    elif out.ndim != 3 and not (out.ndim == 4 and out.shape[3] == 3):
        raise ShapeError(
            f"{name}: {argument} is pictures of shape (N, H, W), (N, 1, H, W) or (N, 3, H, W)",
            facts=[f"received  {out.shape}"],
            fix="index or reshape it; pictures of other numbers of channels are drawn by feature_maps",
        )
    if out.size == 0:
        raise ShapeError(f"{name}: {argument} holds no picture", facts=[f"shape  {out.shape}"], fix="pass one or more")
    return out.astype(np.float32) if out.dtype != np.uint8 else out


def limits_of(pictures: NDArray[Any]) -> Limits:
    """The values that are drawn black and white: 0 and 1, or 0 and 255, or the least and the greatest.

    Args:
        pictures: of any shape.
    """
    if pictures.dtype == np.uint8:
        return 0.0, 255.0
    finite = pictures[np.isfinite(pictures)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 1 and high > 0.5:
        return 0.0, 1.0
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def around_zero(pictures: NDArray[Any]) -> Limits:
    """Limits that put zero in the middle of the colours.

    Args:
        pictures: of any shape.
    """
    finite = pictures[np.isfinite(pictures)]
    most = float(np.abs(finite).max()) if finite.size else 0.0
    return (-most, most) if most else (-1.0, 1.0)


def check_scale(name: str, scale: str) -> None:
    """Refuse what is no scale.

    Args:
        name: of the function that was called, for the error.
        scale: "shared" or "each".
    """
    if scale not in SCALES:
        raise InvalidValueError(f'{name}: scale is "shared" or "each", received {scale!r}', fix="pass one of them")


def in_rows(count: int, columns: int | None, wide: int = 8) -> int:
    """How many columns a grid of so many pictures has.

    Args:
        count: how many pictures.
        columns: as the caller wants it; None for a grid that is about as wide as a page.
        wide: the most columns where the caller does not say.
    """
    if columns is not None:
        if columns < 1:
            raise ArgumentError(f"a grid has one column or more, received {columns}", fix="pass columns=8")
        return min(columns, count)
    if count <= wide:
        return count
    return min(range(wide, wide // 2, -1), key=lambda across: -count % across)  # as few empty places as can be


def draw_rows(
    rows: Sequence[Sequence[NDArray[Any] | None]],
    *,
    limits: Limits | None,
    colormap: str = "gray",
    titles: Sequence[Sequence[str]] | None = None,
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    marked: frozenset[tuple[int, int]] = frozenset(),
    title: str = "",
    size: float = 0.9,
    bar: str = "",
) -> Figure:
    """A figure of rows of pictures.

    Args:
        rows: the pictures, (H, W) or (H, W, 3); None leaves a place empty.
        limits: the values that are drawn darkest and lightest; None for each picture's own.
        colormap: matplotlib's name of the colours.
        titles: a few words above each.
        row_names: left of the rows.
        column_names: above the columns.
        marked: (row, column) of pictures with a frame.
        title: the headline.
        size: how wide a picture is, in inches.
        bar: what the scale of colours shows; empty for none.
    """
    first = next(p for row in rows for p in row if p is not None)
    tall = first.shape[0] / first.shape[1]  # in widths of a tile
    lines = max((text.count("\n") + 1 for row in titles for text in row if text), default=0) if titles else 0
    font = SMALL if size >= 0.8 else SMALL - 1
    room = lines * font * 1.3 / 72 / size  # for the words above, in widths of a tile
    across = max(map(len, rows))
    step_x, step_y = 1 + GAP, tall + GAP + room
    names = max((len(readable(n)) for n in row_names), default=0) * 0.075
    width, height = across * step_x * size + names + (0.7 if bar else 0), len(rows) * step_y * size
    head = 0.35 * bool(title) + 0.25 * bool(column_names)
    figure = new_figure(max(width + 0.1, 0.085 * len(title), 1.6), height + head + 0.1, title)
    axes = figure.subplots()
    axes.set(xlim=(0, across * step_x - GAP), ylim=(len(rows) * step_y - GAP, 0), aspect="equal")
    axes.axis("off")
    image = None
    for r, row in enumerate(rows):
        top = r * step_y + room
        for c, picture in enumerate(row):
            left = c * step_x
            if titles and c < len(titles[r]) and titles[r][c]:
                write(axes, left + 0.5, top - 0.03, titles[r][c], font, ha="center", va="bottom")
            if picture is None:
                continue
            low, high = limits_of(picture) if limits is None else limits
            extent = (left, left + 1, top + tall, top)
            if picture.ndim == 3:
                picture = np.clip((np.nan_to_num(picture.astype(np.float32)) - low) / (high - low), 0, 1)
            image = axes.imshow(picture, cmap=colormap, vmin=low, vmax=high, extent=extent, interpolation="nearest")
            is_marked = (r, c) in marked
            edge, line = (ORANGE, 2.0) if is_marked else (GREY, 0.5)
            axes.add_patch(_box(left, top, tall, edge, line))
    axes.set(xlim=(0, across * step_x - GAP), ylim=(len(rows) * step_y - GAP, 0), aspect="equal")
    for r, name in enumerate(row_names):
        write(axes, -0.08, r * step_y + room + tall / 2, name, SMALL + 0.5, ha="right", va="center")
    for c, name in enumerate(column_names):
        write(axes, c * step_x + 0.5, room - 0.06, name, SMALL + 0.5, ha="center", va="bottom")
    if bar and image is not None and limits is not None:
        scale = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
        scale.ax.tick_params(labelsize=SMALL, colors=INK)
        scale.outline.set_visible(False)
        scale.set_label(bar, fontsize=SMALL + 0.5, color=INK)
    return figure


def write(axes: Any, x: float, y: float, text: str, size: float, **where: Any) -> None:
    """Words in a picture.

    Args:
        axes: matplotlib's.
        x: where, in the units of the axes.
        y: where, in the units of the axes.
        text: the words.
        size: in points.
        **where: as matplotlib takes it.
    """
    where.setdefault("color", INK)
    axes.text(x, y, readable(text), fontsize=size, clip_on=False, parse_math=False, **where)


def _box(left: float, top: float, tall: float, colour: str, line: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((left, top), 1, tall, fill=False, edgecolor=colour, linewidth=line, clip_on=False)
