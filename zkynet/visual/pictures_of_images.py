"""Pictures of pictures: grids, what was put in beside what came out, filters, feature maps, saliency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.visual.drawing import names_of, values_of
from zkynet.visual.tiles import around_zero, as_pictures, check_scale, draw_rows, in_rows, limits_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["before_after", "feature_maps", "filters", "image_grid", "saliency_overlay"]


def image_grid(
    images: Any,
    titles: Sequence[Any] | None = None,
    *,
    columns: int | None = None,
    marked: Sequence[int] = (),
    scale: str = "shared",
    most: int = 64,
    colormap: str = "gray",
    title: str = "",
) -> Figure:
    """Pictures in rows.

    Args:
        images: of shape (N, H, W), (N, 1, H, W) or (N, 3, H, W), or a list of pictures.
        titles: a few words above each, such as the class.
        columns: how many in a row; None for as many as make a page.
        marked: the numbers of pictures with a coloured frame, such as mistakes.
        scale: "shared" if one value is the same grey in all of them, "each" if every picture goes from black to white.
        most: how many are drawn; the rest is left out.
        colormap: matplotlib's name of the colours of pictures in grey.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> figure = zk.visual.image_grid(zk.ones((6, 1, 8, 8)), titles="abcdef")
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['a', 'b', 'c', 'd', 'e', 'f']
    """
    check_scale("image_grid", scale)
    pictures = as_pictures("image_grid", "images", images)
    words = None if titles is None else names_of("image_grid", "titles", titles, min(len(pictures), most))
    limits = limits_of(pictures) if scale == "shared" else None
    pictures = pictures[:most]
    across = in_rows(len(pictures), columns, 10 if titles is None else 8)
    starts = range(0, len(pictures), across)
    return draw_rows(
        [list(pictures[k : k + across]) for k in starts],
        limits=limits,
        colormap=colormap,
        titles=None if words is None else [words[k : k + across] for k in starts],
        marked=frozenset(divmod(int(k), across) for k in marked),
        title=title,
        size=0.75 if titles is None else 0.95,
    )


def before_after(rows: Mapping[str, Any], *, most: int = 10, colormap: str = "gray", title: str = "") -> Figure:
    """Rows of pictures below each other, column by column of the same example: original, noisy, reconstructed.

    Args:
        rows: a dict from the name of a row to its pictures, (N, H, W), (N, 1, H, W) or (N, 3, H, W).
        most: how many columns are drawn.
        colormap: matplotlib's name of the colours of pictures in grey.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> x = zk.zeros((5, 1, 8, 8))
        >>> figure = zk.visual.before_after({"original": x, "reconstructed": x + 0.1})
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['original', 'reconstructed']
    """
    if not isinstance(rows, Mapping) or not rows:
        raise ArgumentError(
            f"before_after: rows is a dict from name to pictures, received {described(rows)}",
            fix='pass {"original": x, "reconstructed": y}',
        )
    pictures = {str(key): as_pictures("before_after", f"rows[{key!r}]", value)[:most] for key, value in rows.items()}
    if len({p.shape[1:3] for p in pictures.values()}) > 1:
        raise ShapeError(
            "before_after: the rows hold pictures of different sizes",
            facts=[f"{key}  {p.shape[1:3]}" for key, p in pictures.items()],
            fix="resize them first: nn.functional.interpolate",
        )
    low, high = limits_of(next(iter(pictures.values())))  # of the originals: what lies beyond is cut off
    return draw_rows(
        [list(p) for p in pictures.values()],
        limits=(low, high),
        colormap=colormap,
        row_names=list(pictures),
        title=title,
        size=0.75,
    )


def filters(weight: Any, *, columns: int | None = None, most: int = 64, title: str = "Learned filters") -> Figure:
    """The filters of a convolution, or the rows of a linear layer whose inputs are pictures.

    Blue is negative, red positive, white zero; filters of three channels are drawn in colour, of others channel by
    channel: a row for each filter.

    Args:
        weight: of shape (filters, channels, H, W), or (filters, H, W).
        columns: how many in a row.
        most: how many filters are drawn.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.Conv2d(1, 6, 5)
        >>> len(zk.visual.filters(layer.weight).axes[0].images)
        6
    """
    kernels = values_of("filters", "weight", weight).astype(np.float32)
    if kernels.ndim == 3:
        kernels = kernels[:, None]
    if kernels.ndim != 4 or 0 in kernels.shape:
        raise ShapeError(
            "filters: weight has the shape (filters, channels, height, width)",
            facts=[f"received  {kernels.shape}"],
            fix="pass the weight of a Conv2d, or reshape that of a Linear",
        )
    kernels = kernels[:most]
    channels = kernels.shape[1]
    if channels == 3:
        most_each = np.abs(kernels).max(axis=(1, 2, 3), keepdims=True)
        shown = kernels / np.where(most_each > 0, most_each, 1) / 2 + 0.5
        return image_grid(shown, columns=columns, most=most, title=title)
    if channels == 1:
        across = in_rows(len(kernels), columns, 10)
        rows = [list(kernels[k : k + across, 0]) for k in range(0, len(kernels), across)]
        return _signed(rows, kernels, title=title, size=0.75)
    rows = [list(kernel[:16]) for kernel in kernels[:16]]
    return _signed(
        rows,
        kernels,
        title=title,
        size=0.5,
        row_names=[f"filter {k}" for k in range(len(rows))],
        column_names=[f"in {k}" for k in range(len(rows[0]))],
    )


def _signed(rows: list[list[NDArray[Any]]], values: NDArray[Any], **options: Any) -> Figure:
    return draw_rows(rows, limits=around_zero(values), colormap="RdBu_r", bar="weight", **options)


def feature_maps(
    maps: Any, *, columns: int | None = None, most: int = 32, colormap: str = "viridis", title: str = "Feature maps"
) -> Figure:
    """What each channel of a layer answers to one picture.

    Args:
        maps: of shape (channels, H, W), or (1, channels, H, W).
        columns: how many in a row.
        most: how many channels are drawn.
        colormap: matplotlib's name of the colours.
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> maps = zk.nn.Conv2d(1, 6, 3)(zk.ones((1, 1, 8, 8)))
        >>> len(zk.visual.feature_maps(maps).axes[0].images)
        6
    """
    values = values_of("feature_maps", "maps", maps).astype(np.float32)
    if values.ndim == 4 and len(values) == 1:
        values = values[0]
    if values.ndim != 3 or 0 in values.shape:
        raise ShapeError(
            "feature_maps: maps has the shape (channels, height, width)",
            facts=[f"received  {values.shape}"],
            fix="pass the maps of one picture: maps[0]",
        )
    limits = limits_of(values)
    values = values[:most]
    across = in_rows(len(values), columns, 8)
    starts = range(0, len(values), across)
    rows = [list(values[k : k + across]) for k in starts]
    words = [[str(k + i) for i in range(len(row))] for k, row in zip(starts, rows, strict=True)]
    return draw_rows(rows, limits=limits, colormap=colormap, titles=words, title=title, size=0.8, bar="activation")


def saliency_overlay(
    images: Any,
    saliency: Any,
    titles: Sequence[Any] | None = None,
    *,
    most: int = 8,
    signed: bool = False,
    title: str = "",
) -> Figure:
    r"""Which parts of pictures an answer hangs on: the picture, the map, and the map laid over the picture.

    Of a map with channels the greatest size counts, :math:`\max_c |s_c|` (Simonyan et al., 2014); each map is scaled to
    its own maximum. Occlusion maps, gradients and projections back into the picture (Zeiler and Fergus, 2014) are all
    drawn this way.

    Args:
        images: of shape (N, H, W), (N, 1, H, W) or (N, 3, H, W).
        saliency: how much each pixel matters, of the same shape, or (N, H, W).
        titles: a few words above each column, such as the class that is explained.
        most: how many pictures are drawn.
        signed: whether the map has a sign that counts: against (blue) and for (red).
        title: the headline.

    Example:
        >>> import zkynet as zk
        >>> x = zk.ones((4, 1, 8, 8))
        >>> figure = zk.visual.saliency_overlay(x, x * x, titles=["cat", "dog", "cat", "cat"])
        >>> len(figure.axes[0].images)
        12
    """
    pictures = as_pictures("saliency_overlay", "images", images)[:most]
    maps = values_of("saliency_overlay", "saliency", saliency).astype(np.float32)[:most]
    if maps.ndim == 4:
        maps = maps[:, 0] if signed and maps.shape[1] == 1 else np.abs(maps).max(axis=1)
    if maps.shape != pictures.shape[:3]:
        raise ShapeError(
            "saliency_overlay: the maps do not fit the pictures",
            facts=[f"pictures  {pictures.shape[:3]}", f"maps      {maps.shape}"],
            fix="pass one map for each picture, of its height and width",
        )
    if not np.isfinite(maps).all():
        raise InvalidValueError("saliency_overlay: a map holds NaN or infinity", fix="look at it with zk.isfinite")
    from matplotlib import colormaps

    low, high = limits_of(pictures)
    grey = np.clip((pictures.astype(np.float32) - low) / (high - low), 0, 1)
    if grey.ndim == 4:
        grey = grey.mean(axis=3)
    size = np.abs(maps).max(axis=(1, 2), keepdims=True)
    share = maps / np.where(size > 0, size, 1)
    if signed:
        coloured = colormaps["RdBu_r"](share / 2 + 0.5)[..., :3]
    else:
        share = np.maximum(share, 0)
        coloured = colormaps["magma"](share)[..., :3]
    strength = np.abs(share)[..., None] ** 0.7 * 0.9
    glow = coloured if signed else colormaps["autumn"](1 - share)[..., :3]
    over = (0.25 + 0.5 * grey[..., None]) * (1 - strength) + glow * strength
    words = names_of("saliency_overlay", "titles", titles, len(pictures))
    if pictures.ndim == 3:
        pictures = np.repeat(grey[..., None], 3, axis=3)
    else:
        pictures = np.clip((pictures.astype(np.float32) - low) / (high - low), 0, 1)
    return draw_rows(
        [list(pictures), list(coloured), list(over)],
        limits=(0.0, 1.0),
        row_names=["picture", "what matters", "both"],
        column_names=() if titles is None else words,
        title=title,
        size=0.95,
    )
