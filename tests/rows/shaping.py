"""Rows for zkynet/ops/shaping.py."""

import numpy as np
from table import Row, complex_normal, normal

FRONT = "counts axes from the front"
WHOLE = "names the whole shape, or works on all axes"


def row(name, sampler, reference, call=None, **options):
    """A row for an op of one tensor."""
    return Row(name, (sampler,), reference, call, **options)


ROWS = [
    row("reshape", normal(2, 6), lambda x: x.reshape(3, 4), lambda zk, x: zk.reshape(x, (3, 4)), batch=WHOLE),
    row("reshape:-1", normal(2, 6), lambda x: x.reshape(3, -1), lambda zk, x: zk.reshape(x, [3, -1]), batch=WHOLE),
    row("reshape:number", complex_normal(2, 3), np.ravel, lambda zk, x: zk.reshape(x, 6), batch=WHOLE),
    row("flatten", normal(2, 3, 4), lambda x: x.reshape(2, 12), lambda zk, x: zk.flatten(x, -2, -1)),
    row("flatten:all", normal(2, 3, 4), np.ravel, lambda zk, x: zk.flatten(x), batch=WHOLE),
    row("unflatten", normal(3, 8), lambda x: x.reshape(3, 2, 4), lambda zk, x: zk.unflatten(x, -1, (2, -1))),
    row("expand_dims", normal(3, 4), lambda x: x[:, :, None], lambda zk, x: zk.expand_dims(x, axis=-1)),
    row(
        "expand_dims:several",
        normal(3, 4),
        lambda x: np.expand_dims(x, (-1, -3)),
        lambda zk, x: zk.expand_dims(x, axis=(-1, -3)),
    ),
    row("unsqueeze", normal(3, 4), lambda x: np.expand_dims(x, -2), lambda zk, x: zk.unsqueeze(x, -2)),
    row("squeeze", normal(3, 1, 4, 1), lambda x: np.squeeze(x, (-1, -3)), lambda zk, x: zk.squeeze(x, (-1, -3))),
    row("squeeze:all", normal(3, 1, 4, 1), np.squeeze),
    row(
        "permute_dims",
        normal(2, 3, 4),
        lambda x: np.transpose(x, (2, 0, 1)),
        lambda zk, x: zk.permute_dims(x, (2, 0, -2)),
        batch=WHOLE,
    ),
    row("matrix_transpose", complex_normal(2, 3, 4), np.matrix_transpose),
    row("transpose", normal(2, 3, 4), np.transpose, batch=WHOLE),
    row("transpose:two", normal(2, 3, 4), lambda x: np.swapaxes(x, -1, -3), lambda zk, x: zk.transpose(x, -1, -3)),
    row(
        "transpose:order",
        normal(2, 3, 4),
        lambda x: np.transpose(x, (1, 2, 0)),
        lambda zk, x: zk.transpose(x, 1, 2, 0),
        batch=WHOLE,
    ),
    row("transpose:T", normal(3, 4), lambda x: x.T, lambda zk, x: x.T, batch=WHOLE),
    row("swapaxes", normal(2, 3, 4), lambda x: np.swapaxes(x, -1, -3), lambda zk, x: zk.swapaxes(x, -1, -3)),
    row("moveaxis", normal(2, 3, 4), lambda x: np.moveaxis(x, -1, -3), lambda zk, x: zk.moveaxis(x, -1, -3)),
    row(
        "moveaxis:several",
        normal(2, 3, 4),
        lambda x: np.moveaxis(x, (0, 1), (2, 0)),
        lambda zk, x: zk.moveaxis(x, (0, 1), (2, 0)),
        batch=FRONT,
    ),
    row("flip", normal(3, 4), np.flip, batch=WHOLE),
    row("flip:axis", normal(2, 3, 4), lambda x: np.flip(x, -1), lambda zk, x: zk.flip(x, axis=-1)),
    row("flip:axes", normal(2, 3, 4), lambda x: np.flip(x, (-1, -3)), lambda zk, x: zk.flip(x, axis=(-1, -3))),
    row("roll", normal(3, 4), lambda x: np.roll(x, 5), lambda zk, x: zk.roll(x, 5), batch=WHOLE),
    row("roll:axis", normal(3, 4), lambda x: np.roll(x, -1, -1), lambda zk, x: zk.roll(x, -1, axis=-1)),
    row(
        "roll:axes",
        normal(3, 4),
        lambda x: np.roll(x, (1, -2), (-1, -2)),
        lambda zk, x: zk.roll(x, (1, -2), axis=(-1, -2)),
    ),
    row(
        "broadcast_to",
        normal(3, 1),
        lambda x: np.broadcast_to(x, (2, 3, 4)),
        lambda zk, x: zk.broadcast_to(x, (2, 3, 4)),
        batch=WHOLE,
    ),
    Row("broadcast_arrays", (normal(3, 1), normal(2, 1, 4)), np.broadcast_arrays, batch="aligned at the last axis"),
    *(
        row(f"rot90:{k}", normal(3, 4), lambda x, k=k: np.rot90(x, k), lambda zk, x, k=k: zk.rot90(x, k), batch=WHOLE)
        for k in (1, 2, 3, -1, 4)
    ),
    row("rot90:axes", normal(2, 3, 4), lambda x: np.rot90(x, axes=(-1, -3)), lambda zk, x: zk.rot90(x, axes=(-1, -3))),
]
