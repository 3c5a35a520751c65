"""Rows for zkynet/ops/padding.py and patterns.py."""

import numpy as np
from table import Row, complex_normal, normal

FRONT = "counts axes from the front"
WIDTHS = "every axis has its widths"
VECTOR = "a batch of vectors is a matrix, which means something else"


def padded(mode, theirs, widths, *shape):
    return Row(
        f"pad:{mode} {shape}",
        (normal(*shape),),
        lambda x: np.pad(x, widths, mode=theirs),
        lambda zk, x: zk.pad(x, widths, mode=mode),
        batch=WIDTHS,
    )


def diag_embedded(x, offset=0):
    return np.apply_along_axis(np.diag, -1, x, k=offset)


ROWS = [
    Row(
        "pad",
        (normal(3, 4),),
        lambda x: np.pad(x, ((1, 2), (0, 3))),
        lambda zk, x: zk.pad(x, ((1, 2), (0, 3))),
        batch=WIDTHS,
    ),
    Row(
        "pad:value",
        (complex_normal(3, 4),),
        lambda x: np.pad(x, 1, constant_values=2.5),
        lambda zk, x: zk.pad(x, 1, value=2.5),
        batch=WIDTHS,
    ),
    padded("reflect", "reflect", ((2, 1), (3, 0)), 3, 4),
    padded("edge", "edge", ((2, 1), (3, 0)), 3, 4),
    padded("replicate", "edge", 2, 2, 2),
    padded("wrap", "wrap", (1, 2), 3, 4),
    padded("circular", "wrap", ((0, 0), (4, 0)), 2, 4),
    padded("reflect", "reflect", (7, 8), 3),
    padded("reflect", "reflect", (2, 3), 1),
    padded("wrap", "wrap", (7, 8), 3),
    padded("edge", "edge", (7, 8), 1),
    padded("symmetric", "symmetric", ((2, 1), (4, 0)), 3, 4),
    padded("symmetric", "symmetric", (7, 8), 3),
    Row(
        "pad:constant_values",
        (normal(3, 4),),
        lambda x: np.pad(x, 1, constant_values=2.5),
        lambda zk, x: zk.pad(x, 1, constant_values=2.5),
        batch=WIDTHS,
    ),
    Row("tril", (normal(2, 3, 4),), np.tril),
    Row("tril:above", (normal(3, 4),), np.tril, kwargs={"k": 1}),
    Row("triu", (complex_normal(3, 4),), np.triu),
    Row("triu:below", (normal(3, 4),), np.triu, kwargs={"k": -1}),
    Row("diagonal", (normal(3, 4),), np.diagonal, batch=FRONT),
    Row("trace", (normal(3, 4),), np.trace, batch=FRONT),
    Row(
        "trace:axes",
        (normal(2, 3, 4),),
        lambda x: np.trace(x, 1, 2, 0),
        lambda zk, x: zk.trace(x, 1, 2, 0),
        batch=FRONT,
    ),
    Row(
        "diagonal:last axes",
        (normal(2, 3, 4),),
        lambda x: np.diagonal(x, 1, -2, -1),
        lambda zk, x: zk.diagonal(x, 1, -2, -1),
    ),
    Row(
        "diagonal:axes apart",
        (normal(2, 3, 4),),
        lambda x: np.diagonal(x, -1, 2, 0),
        lambda zk, x: zk.diagonal(x, -1, 2, 0),
        batch=FRONT,
    ),
    Row("diag", (normal(3),), lambda x: np.diag(x, -1), lambda zk, x: zk.diag(x, -1), batch=VECTOR),
    Row("diag:matrix", (normal(3, 3),), np.diag, batch=VECTOR),
    Row("diag_embed", (normal(2, 3),), diag_embedded),
    Row("diag_embed:offset", (normal(2, 3),), diag_embedded, kwargs={"offset": 1}),
    Row("meshgrid", (normal(3), normal(2)), np.meshgrid, batch="takes vectors"),
    Row(
        "meshgrid:ij", (normal(3), normal(2), normal(2)), np.meshgrid, kwargs={"indexing": "ij"}, batch="takes vectors"
    ),
    Row(
        "sliding_window",
        (normal(2, 6),),
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 3, -1)[..., ::2, :],
        lambda zk, x: zk.sliding_window(x, 3, step=2),
    ),
    Row(
        "sliding_window:wide",
        (normal(2, 6),),
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 5, -1),
        lambda zk, x: zk.sliding_window(x, 5),
    ),
    Row(
        "sliding_window:axis",
        (normal(5, 2),),
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, -2),
        lambda zk, x: zk.sliding_window(x, 2, axis=-2),
    ),
]
