"""Rows for zkynet/ops/shaping.py, joining.py, padding.py and patterns.py."""

import numpy as np
from table import Row, normal

AXES = "its axes are named from the front"
LISTED = "a list of tensors is put together"

ROWS = [
    Row("reshape", (normal(3, 4),), lambda x: x.reshape(2, 6), lambda zk, x: zk.reshape(x, (2, -1)), batch=AXES),
    Row("flatten", (normal(2, 3, 4),), lambda x: x.reshape(2, 12), lambda zk, x: zk.flatten(x, -2)),
    Row("unflatten", (normal(2, 12),), lambda x: x.reshape(2, 3, 4), lambda zk, x: zk.unflatten(x, -1, (3, -1))),
    Row(
        "expand_dims",
        (normal(2, 3),),
        lambda x: x[:, :, None],
        kwargs={},
        call=lambda zk, x: zk.expand_dims(x, axis=-1),
    ),
    Row("squeeze", (normal(2, 1, 3),), lambda x: x[:, 0], lambda zk, x: zk.squeeze(x, axis=-2)),
    Row(
        "permute_dims",
        (normal(2, 3, 4),),
        lambda x: x.transpose(2, 0, 1),
        lambda zk, x: zk.permute_dims(x, (2, 0, 1)),
        batch=AXES,
    ),
    Row("matrix_transpose", (normal(2, 3, 4),), lambda x: np.swapaxes(x, -1, -2)),
    Row("moveaxis", (normal(2, 3, 4),), lambda x: np.moveaxis(x, -1, -3), lambda zk, x: zk.moveaxis(x, -1, -3)),
    Row("transpose", (normal(2, 3, 4),), np.transpose, batch=AXES),
    Row("swapaxes", (normal(2, 3, 4),), lambda x: np.swapaxes(x, -3, -1), lambda zk, x: zk.swapaxes(x, -3, -1)),
    Row("flip", (normal(2, 3),), lambda x: np.flip(x, -1), lambda zk, x: zk.flip(x, axis=-1)),
    Row("flip:all", (normal(2, 3),), np.flip, batch="all axes are reversed"),
    Row("roll", (normal(2, 3),), lambda x: np.roll(x, 2, -1), lambda zk, x: zk.roll(x, 2, axis=-1)),
    Row("roll:flat", (normal(2, 3),), lambda x: np.roll(x, -2), lambda zk, x: zk.roll(x, -2), batch="all axes are one"),
    Row(
        "roll:two axes",
        (normal(2, 3),),
        lambda x: np.roll(x, (1, -1), (-1, -2)),
        lambda zk, x: zk.roll(x, (1, -1), axis=(-1, -2)),
    ),
    Row(
        "broadcast_to",
        (normal(2, 1, 3),),
        lambda x: np.broadcast_to(x, (4, 2, 5, 3)),
        lambda zk, x: zk.broadcast_to(x, (4, 2, 5, 3)),
        batch="axes are added in front",
    ),
    Row(
        "broadcast_arrays",
        (normal(2, 1), normal(3)),
        lambda x, y: list(np.broadcast_arrays(x, y)),
        batch="broadcasting is aligned at the last axis",
    ),
    Row(
        "stack:same twice",
        (normal(3),),
        lambda x: np.stack([x, x * 2, x]),
        lambda zk, x: zk.stack([x, x * 2, x]),
        batch=LISTED,
    ),
    Row(
        "pad_zeros",
        (normal(2, 3),),
        lambda x: np.pad(x, ((1, 2), (0, 1))),
        lambda zk, x: zk.pad(x, ((1, 2), (0, 1))),
        batch="every axis has its widths",
    ),
    Row(
        "pad:value",
        (normal(2, 3),),
        lambda x: np.pad(x, 1, constant_values=2.5),
        lambda zk, x: zk.pad(x, 1, value=2.5),
        batch="every axis has its widths",
    ),
    Row(
        "pad:reflect",
        (normal(3, 4),),
        lambda x: np.pad(x, ((2, 1), (0, 5)), mode="reflect"),
        lambda zk, x: zk.pad(x, ((2, 1), (0, 5)), mode="reflect"),
        batch="every axis has its widths",
    ),
    Row(
        "pad:edge",
        (normal(3, 4),),
        lambda x: np.pad(x, 2, mode="edge"),
        lambda zk, x: zk.pad(x, 2, mode="replicate"),
        batch="every axis has its widths",
    ),
    Row(
        "pad:wrap",
        (normal(3, 2),),
        lambda x: np.pad(x, (3, 1), mode="wrap"),
        lambda zk, x: zk.pad(x, (3, 1), mode="circular"),
        batch="every axis has its widths",
    ),
    Row("tril", (normal(3, 4),), np.tril),
    Row("triu", (normal(3, 4),), lambda x: np.triu(x, 1), lambda zk, x: zk.triu(x, k=1)),
    Row("diagonal", (normal(3, 4),), lambda x: np.diagonal(x, 1, -2, -1), lambda zk, x: zk.diagonal(x, 1, -2, -1)),
    Row(
        "diag",
        (normal(3),),
        lambda x: np.diag(x, -1),
        lambda zk, x: zk.diag(x, -1),
        batch="a matrix means something else",
    ),
    Row("diag:of a matrix", (normal(3, 3),), np.diag, batch="for vectors and matrices only"),
    Row("diag_embed", (normal(3),), np.diag),
    Row("meshgrid", (normal(2), normal(3)), lambda x, y: list(np.meshgrid(x, y)), batch="takes vectors"),
    Row(
        "meshgrid:ij",
        (normal(2), normal(3), normal(2)),
        lambda *a: list(np.meshgrid(*a, indexing="ij")),
        lambda zk, *a: zk.meshgrid(*a, indexing="ij"),
        batch="takes vectors",
    ),
    Row(
        "sliding_window",
        (normal(2, 5),),
        lambda x: np.lib.stride_tricks.sliding_window_view(x, 3, -1)[:, ::2],
        lambda zk, x: zk.sliding_window(x, 3, step=2),
    ),
]
